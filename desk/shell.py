"""The frame around every page: ways by role, the bell, banners, the one action."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.utils.translation import gettext as _

from core import clock
from core.actors import Actor
from core.pages import Banner, FootAction, NavItem, Shell, Text, put_away_keys
from core.periods import Week, local_date
from desk.queries import unconfirmed_weeks
from desk.ways import (
    ACCOUNT,
    MORE,
    Way,
    address,
    ways_of,
)
from duties.permissions import can_edit_calendar
from duties.queries import unread_count, years_wanting
from organization.choices import Role
from organization.models import Branch, Person

TABS_AT_MOST: Final = 5


def shell_of(request: HttpRequest) -> Shell:
    """The frame for whoever is signed in; an empty one for everybody else."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or actor.person_id is None:
        return Shell()
    at = clock.now()
    ways = ways_of(actor)
    here = _current(request.path, ways)
    tabs, more = _tabs(ways)
    lit = MORE.route if any(way.route == here for way in more) else here
    away = put_away_keys(request)
    return Shell(
        nav=[_item(way, way.label, here) for way in ways],
        tabs=[_item(way, way.short or way.label, lit) for way in tabs],
        more=[_item(way, way.label, here) for way in more],
        person_name=actor.name,
        role_label=_("、").join(str(role.label) for role in Role if actor.has_role(role)),
        branch_name=_branch_name(request, actor),
        unread=unread_count(actor.person_id),
        banners=[
            one
            for one in _banners(actor, at)
            if one.url != request.get_full_path() and one.key not in away
        ],
        foot_action=_foot_action(actor),
    )


def _tabs(ways: list[Way]) -> tuple[list[Way], list[Way]]:
    """The phone's five, and what has no room there.

    The own account, where the frame's menu stands, is the last of all; what is beyond four stands
    behind 更多.
    """
    every = [*ways, ACCOUNT]
    if len(every) <= TABS_AT_MOST:
        return every, []
    return [*every[: TABS_AT_MOST - 1], MORE], every[TABS_AT_MOST - 1 :]


def _item(way: Way, label: Text, here: str) -> NavItem:
    return NavItem(
        way.route,
        label,
        way.icon,
        address(way.route),
        way.route == here,
    )


def _current(path: str, ways: list[Way]) -> str:
    """The way under which the page stands: the longest address that the path begins with."""
    found = [
        way
        for way in (*ways, ACCOUNT, MORE)
        if (url := address(way.route))
        and (path == url or (url != "/" and path.startswith((url, *way.also))))
    ]
    if not found and path == "/" and ways:
        return ways[0].route
    return max(found, key=lambda way: len(address(way.route))).route if found else ""


def _branch_name(request: HttpRequest, actor: Actor) -> str:
    person = request.user
    if isinstance(person, Person):
        return person.branch.name
    known = Branch.objects.filter(pk=actor.branch_id or 0).values_list("name", flat=True)
    return known.first() or ""


def _banners(actor: Actor, at: datetime) -> Iterator[Banner]:
    """What those should know who can mend it."""
    if can_edit_calendar(actor):
        for year in years_wanting(at):
            is_running = year == local_date(at).year
            yield Banner(
                "late",
                _("%(year)s 年节假日未载入，截止按周一至周五算") % {"year": year},
                f"{address('calendar')}?year={year}",
                _("去载入"),
                f"calendar:{year}:{'running' if is_running else 'ahead'}",
            )
    if actor.has_role(Role.MANAGER):
        for week, name in unconfirmed_weeks(actor):
            yield Banner(
                "accent",
                _("%(name)s 代您交了第 %(n)d 周周报，请确认")
                % {"name": name, "n": Week.parse(week).number},
                address("summary", week),
                _("去确认"),
            )


def _foot_action(actor: Actor) -> FootAction | None:
    url = address("log-new")
    if actor.has_role(Role.MANAGER) and url:
        return FootAction(_("记一笔服务"), "pencil-plus", url)
    return None

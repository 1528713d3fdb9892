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
from desk.queries import open_summaries, unconfirmed_weeks
from desk.ways import (
    ACCOUNT,
    BULLETINS,
    CASES,
    FINDINGS,
    MORE,
    SCHEMES,
    SCORES,
    SUMMARIES,
    TARGETS,
    TODOS,
    Way,
    address,
    ways_of,
)
from duties.due_queries import is_pressing, owed_items
from duties.permissions import can_edit_calendar
from duties.queries import unread_count, years_wanting
from duties.todo_queries import due_count
from inspections.queries import waiting_count
from kpi.queries import sheet_waiting
from organization.choices import BRANCH_ROLES, LEADERS, Role
from organization.models import Branch, Person

TABS_AT_MOST: Final = 5
# Kinds of what rules imply, by the way that leads to them; sheets and findings are counted one by
# one instead.
_KINDS: Final = {
    CASES: ("case", "complaint"),
    TARGETS: ("targets", "result"),
    SCHEMES: ("scheme",),
    BULLETINS: ("bulletin",),
}


def shell_of(request: HttpRequest) -> Shell:
    """The frame for whoever is signed in; an empty one for everybody else."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or actor.person_id is None:
        return Shell()
    at = clock.now()
    ways = ways_of(actor)
    counts = _waiting(actor, at)
    here = _current(request.path, ways)
    tabs, more = _tabs(ways)
    lit = MORE.route if any(way.route == here for way in more) else here
    away = put_away_keys(request)
    return Shell(
        nav=[_item(way, way.label, counts, here) for way in ways],
        tabs=[_item(way, way.short or way.label, counts, lit) for way in tabs],
        more=[_item(way, way.label, counts, here) for way in more],
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


def _item(way: Way, label: Text, counts: dict[str, int], here: str) -> NavItem:
    return NavItem(
        way.route,
        label,
        way.icon,
        address(way.route),
        counts.get(way.route) or None,
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


def _waiting(actor: Actor, at: datetime) -> dict[str, int]:
    """What waits at each way, by route."""
    counts = {}
    if actor.has_role(Role.MANAGER):
        counts[SUMMARIES.route] = len(open_summaries(actor, at))
    if actor.has_role(Role.MARKET, *LEADERS):
        counts[FINDINGS.route] = waiting_count(actor)
    if actor.has_role(Role.MARKET, *BRANCH_ROLES):
        pressing = [one for one in owed_items(actor.somebody, at) if is_pressing(one, at)]
        counts[TODOS.route] = due_count(actor.somebody, at) + len(pressing)
        for way, kinds in _KINDS.items():
            counts[way.route] = sum(one.kind in kinds for one in pressing)
        counts[SCORES.route] = sheet_waiting.waiting_count(actor, at)
    return counts


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

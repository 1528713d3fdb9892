"""Reads over the inspection sheet and findings: what holds, what waits, what falls due."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotFound
from core.lists import matching
from core.parts import Hit
from core.periods import Month, instant, local_date
from duties.rules import DueItem
from inspections.choices import FINDING_OPEN, FindingState
from inspections.models import CheckItem, Finding, FindingQuerySet
from organization.choices import HEADS, LEADERS, Role
from organization.in_force import settings_on
from organization.models import Person, RoleGrant

# Whose turn it is in which state.
FOR_BRANCH = (FindingState.OPEN, FindingState.CONFIRMED, FindingState.CARRIED)
FOR_MARKET = (FindingState.OBJECTED, FindingState.ANSWERED)
TO_RECTIFY = (FindingState.CONFIRMED, FindingState.CARRIED)


# The inspection sheet


def sheet_rows() -> list[CheckItem]:
    """Every row of the inspection sheet, of all months; one query."""
    return list(CheckItem.objects.all())


def items_in_force(rows: Iterable[CheckItem], month: Month) -> list[CheckItem]:
    """The items of a month among the rows, in the sheet's order: the newest row of each code."""
    newest: dict[str, CheckItem] = {}
    for row in sorted(rows, key=lambda row: row.valid_from):
        if row.valid_from <= month.key:
            newest[row.code] = row
    found = [row for row in newest.values() if not row.is_dropped]
    return sorted(found, key=lambda row: (row.rank, row.code))


def check_items(month: Month) -> list[CheckItem]:
    """The inspection sheet of a month (annex 3.8); one query."""
    return items_in_force(sheet_rows(), month)


# Findings


def findings_for(actor: Actor) -> FindingQuerySet:
    """The findings the actor may see, with what showing them needs."""
    found: FindingQuerySet = Finding.objects.visible_to(actor)
    return found.select_related("branch", "owner")


def finding_for(actor: Actor, finding_id: int) -> Finding:
    """One finding; NotFound where there is none for this actor."""
    found = findings_for(actor).filter(pk=finding_id).first()
    if found is None:
        raise NotFound
    return found


def findings_of_lines(origins: Collection[str]) -> dict[str, Finding]:
    """The findings that were made of these lines of reports, by the line; one query."""
    if not origins:
        return {}
    found = Finding.objects.filter(origin__in=origins).select_related("owner")
    return {str(finding.origin): finding for finding in found}


@dataclass(frozen=True)
class Asked:
    """What is asked of the list of findings; "" asks for nothing."""

    words: str = ""
    state: str = ""
    month: str = ""
    branch: str = ""
    owner: str = ""


# What a filter by state may say besides a state itself.
STATES_ASKED: Final[dict[str, tuple[FindingState, ...]]] = {
    "unclosed": tuple(FINDING_OPEN),
    "branch": FOR_BRANCH,
    "market": FOR_MARKET,
    "rectify": TO_RECTIFY,
}


def find_findings(actor: Actor, asked: Asked, at: datetime) -> QuerySet[Finding]:
    """The findings that the filters leave; ``overdue`` are those past their day."""
    seen: QuerySet[Finding] = findings_for(actor)
    found = matching(
        seen, asked.words, "number__icontains", "title__icontains", "owner__name__icontains"
    )
    if asked.state == "overdue":
        found = found.filter(is_overdue(at))
    elif asked.state in STATES_ASKED:
        found = found.filter(state__in=STATES_ASKED[asked.state])
    elif asked.state:
        found = found.filter(state=asked.state)
    if asked.month:
        found = found.filter(month=asked.month)
    if asked.branch.isdecimal():
        found = found.filter(branch_id=int(asked.branch))
    if asked.owner == "me":
        found = found.filter(owner_id=actor.person_id or 0)
    return found


def is_overdue(at: datetime) -> Q:
    """Past the moment of confirming, or past the day of rectifying."""
    return Q(state=FindingState.OPEN, respond_by__lt=at) | Q(
        state__in=TO_RECTIFY, due_on__lt=local_date(at)
    )


def waiting_count(actor: Actor) -> int:
    """How many findings wait for the actor's own next step."""
    mine = Q(pk=None)
    if actor.has_role(Role.MARKET):
        mine |= Q(state__in=FOR_MARKET)
    if actor.led_branches:
        mine |= Q(state__in=FOR_BRANCH, branch_id__in=actor.led_branches)
    if actor.person_id is not None:
        mine |= Q(state__in=TO_RECTIFY, owner_id=actor.person_id)
    return Finding.objects.visible_to(actor).filter(mine).count()


def responsible_for(branch_id: int, on: date) -> Person | None:
    """Who answers for a branch: its supervisor, else its general manager, else the deputy."""
    grants = RoleGrant.objects.in_force_on(on).filter(
        branch_id=branch_id, role__in=LEADERS, person__in=Person.objects.in_post_on(on)
    )
    order = {role: place for place, role in enumerate((Role.SUPERVISOR, *HEADS))}
    found = sorted(
        grants.select_related("person"),
        key=lambda grant: (order[Role(grant.role)], grant.is_acting, grant.pk),
    )
    return found[0].person if found else None


def people_of(branch_id: int, on: date) -> list[Person]:
    """Who can be made responsible: everybody in post in the branch, by name."""
    held = RoleGrant.objects.in_force_on(on).filter(branch_id=branch_id)
    return list(Person.objects.in_post_on(on).filter(pk__in=held.values("person_id")))


# What falls due


def due_items(
    person_ids: Collection[int], first: datetime, last: datetime, at: datetime | None = None
) -> list[DueItem]:
    """Findings to confirm and to put right in the span (config.tables.DUE_SOURCES).

    To confirm is the leaders', to put right the owner's; four queries.
    """
    leading: dict[int, set[int]] = {}
    grants = RoleGrant.objects.in_force_on(local_date(at or last)).filter(
        person_id__in=person_ids, role__in=LEADERS
    )
    for person_id, branch_id in grants.values_list("person_id", "branch_id"):
        leading.setdefault(branch_id, set()).add(person_id)
    to_confirm = Finding.objects.filter(
        state=FindingState.OPEN,
        branch_id__in=list(leading),
        respond_by__gte=first,
        respond_by__lte=last,
    ).select_related("branch")
    to_rectify = list(
        Finding.objects.filter(
            state__in=TO_RECTIFY,
            owner_id__in=person_ids,
            due_on__gte=local_date(first),
            due_on__lte=local_date(last),
        ).select_related("branch")
    )
    items = [
        _due(person_id, _("确认问题：%(title)s"), finding, finding.respond_by)
        for finding in to_confirm
        for person_id in sorted(leading[finding.branch_id])
    ]
    settings = settings_on(local_date(last), {finding.branch_id for finding in to_rectify})
    for finding in to_rectify:
        due_at = instant(finding.due_on, settings[finding.branch_id].close_of_business)
        if first <= due_at <= last:
            items.append(_due(finding.owner_id, _("整改：%(title)s"), finding, due_at))
    return sorted(items, key=lambda item: (item.due_at, item.url, item.person_id))


def _due(person_id: int, title: str, finding: Finding, due_at: datetime) -> DueItem:
    return DueItem(
        person_id=person_id,
        kind="finding",
        title=title % {"title": finding.title},
        context=f"{finding.branch.name} {finding.number}",
        due_at=due_at,
        url=reverse("finding", args=[finding.pk]),
        waits=True,
    )


# Go-anywhere


def search(actor: Actor, words: str, limit: int) -> list[Hit]:
    """Findings by number, title and owner, for go-anywhere (config.tables.SEARCHES)."""
    found = matching(
        findings_for(actor),
        words,
        "number__icontains",
        "title__icontains",
        "owner__search_text__contains",
    )
    return [
        Hit(
            f"{finding.number} {finding.title}",
            f"{finding.branch.name} {finding.get_state_display()}",
            reverse("finding", args=[finding.pk]),
        )
        for finding in found[:limit]
    ]

"""What targets imply for people: to be issued by the heads, acknowledged by the managers (T).

``config.tables.DUE_SOURCES`` names ``due_items``; nothing of it is ever stored.
"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from core.calendar import Calendar
from core.formats import month_name
from core.periods import Month, local_date
from core.queries import calendar
from duties.rules import DueItem
from kpi.models import Acknowledgement, TargetSheet, TargetVersion
from kpi.queries.targets import managers_in
from kpi.targets_rules import acknowledge_due_at, targets_due_at
from organization.choices import HEADS, BranchKind
from organization.in_force import SettingsHistory, settings_through
from organization.models import Branch, RoleGrant


def months_between(first: Month, last: Month) -> list[Month]:
    """The months from ``first`` to ``last``, both included."""
    months = []
    while first <= last:
        months.append(first)
        first = first.next
    return months


def unissued(
    first: datetime, last: datetime, branch_ids: Collection[int] | None = None
) -> list[tuple[Branch, Month, datetime]]:
    """Branches whose targets of a month are not issued though due in the span, with the moment.

    Five queries, however many branches and months.
    """
    months = months_between(
        Month.containing(local_date(first)).previous, Month.containing(local_date(last))
    )
    branches = Branch.objects.filter(kind=BranchKind.BRANCH)
    if branch_ids is not None:
        branches = branches.filter(pk__in=branch_ids)
    issued = set(
        TargetSheet.objects.filter(
            month__gte=months[0].key, month__lte=months[-1].key, newest__gt=0
        ).values_list("branch_id", "month")
    )
    days = calendar(months[0].year, months[-1].next.year)
    settings = settings_through(months[-1].last)
    found = [
        (branch, month, due_at)
        for branch in branches
        for month in months
        if _is_open_in(branch, month) and (branch.pk, month.key) not in issued
        for due_at in [_due_at(branch, month, days, settings)]
        if first <= due_at <= last
    ]
    return sorted(found, key=lambda one: (one[2], one[0].code))


def _is_open_in(branch: Branch, month: Month) -> bool:
    has_opened = branch.opened_on is None or branch.opened_on <= month.first
    return has_opened and (branch.closed_on is None or branch.closed_on > month.last)


def _due_at(branch: Branch, month: Month, days: Calendar, settings: SettingsHistory) -> datetime:
    own = settings.of(branch.pk, month.first)
    return targets_due_at(month, days, own.targets_day, own.close_of_business)


def due_items(
    person_ids: Collection[int], first: datetime, last: datetime, at: datetime | None = None
) -> list[DueItem]:
    """Targets that heads have to issue, and managers to acknowledge, by moments in the span."""
    heads = list(
        RoleGrant.objects.in_force_on(local_date(at or last))
        .filter(person_id__in=person_ids, role__in=HEADS)
        .values_list("person_id", "branch_id")
        .distinct()
    )
    items = [
        DueItem(
            person_id=person_id,
            kind="targets",
            title=_("下达%(month)s目标") % {"month": month_name(month)},
            context=branch.name,
            due_at=due_at,
            url=reverse("targets", args=[month.key, branch.pk]),
        )
        for branch, month, due_at in (
            unissued(first, last, {branch_id for _person, branch_id in heads}) if heads else []
        )
        for person_id, branch_id in heads
        if branch_id == branch.pk
    ]
    return items + _to_acknowledge(person_ids, first, last)


def _to_acknowledge(person_ids: Collection[int], first: datetime, last: datetime) -> list[DueItem]:
    """Newest versions that somebody has not acknowledged; four queries."""
    earliest = Month.containing(local_date(first)).previous
    versions = list(
        TargetVersion.objects.filter(
            number=F("sheet__newest"), sheet__month__gte=earliest.key, issued_at__lte=last
        ).select_related("sheet__branch")
    )
    if not versions:
        return []
    done = set(
        Acknowledgement.objects.filter(issued__in=versions, manager_id__in=person_ids).values_list(
            "issued_id", "manager_id"
        )
    )
    days = calendar(earliest.year, local_date(last).year + 1)
    wanted = set(person_ids)
    settings = settings_through(local_date(last))
    return [
        DueItem(
            person_id=manager_id,
            kind="targets",
            title=_("确认%(month)s目标") % {"month": month_name(Month.parse(version.sheet.month))},
            context=version.sheet.branch.name,
            due_at=due_at,
            url=reverse("target-of", args=[version.sheet.month, manager_id]),
            waits=True,
        )
        for version in versions
        for due_at in [_acknowledge_due_at(version, days, settings)]
        if first <= due_at <= last
        for manager_id in managers_in(version.content)
        if manager_id in wanted and (version.pk, manager_id) not in done
    ]


def _acknowledge_due_at(
    version: TargetVersion, days: Calendar, settings: SettingsHistory
) -> datetime:
    own = settings.of(version.sheet.branch_id, local_date(version.issued_at))
    return acknowledge_due_at(version.issued_at, days, own.close_of_business)

"""What waits for a second person or a head after the lock (annex 5, 11.13): corrections, proposals.

``config.tables.DUE_SOURCES`` names ``due_items``; nothing of it is ever stored.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.calendar import Calendar
from core.formats import month_name
from core.periods import Month, instant, local_date
from core.queries import calendar
from duties.rules import DueItem
from kpi.choices import ConsequenceState, CorrectionState
from kpi.models import Consequence, Correction
from organization.choices import HEADS, Role
from organization.in_force import SettingsHistory, settings_through
from organization.models import RoleGrant

_KIND = "score"


@dataclass
class _Deciders:
    """Of the people asked for: who heads which branch, who is of the market department."""

    heads: dict[int, list[int]] = field(default_factory=dict)
    market: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class StepTimes:
    """Working days and settings by date of effect."""

    days: Calendar
    settings: SettingsHistory

    def due_at(self, branch_id: int, since: datetime) -> datetime:
        """As long as each step of a case takes (annex 3.13), the annexes naming no time."""
        own = self.settings.of(branch_id, local_date(since))
        on = self.days.next_working_day(local_date(since), own.case_step_days)
        return instant(on, own.close_of_business)


def due_items(
    person_ids: Collection[int], first: datetime, last: datetime, at: datetime | None = None
) -> list[DueItem]:
    """Corrections to decide as the second person, and proposals, with a deadline in the span.

    Six queries, however many people, corrections and proposals.
    """
    deciders = _deciders(person_ids, at or last)
    if not (deciders.heads or deciders.market):
        return []
    times = step_times(first, last)
    items = [*_corrections(deciders, times), *_proposals(deciders, times)]
    return [item for item in items if first <= item.due_at <= last]


def step_times(first: datetime, last: datetime) -> StepTimes:
    """Those by which steps with a deadline in the span are timed; two queries."""
    on = local_date(last)
    return StepTimes(calendar(local_date(first).year - 1, on.year + 1), settings_through(on))


def _deciders(person_ids: Collection[int], at: datetime) -> _Deciders:
    found = _Deciders()
    grants = RoleGrant.objects.in_force_on(local_date(at)).filter(
        person_id__in=person_ids, role__in=(*HEADS, Role.MARKET)
    )
    rows = grants.order_by("pk").values_list("person_id", "role", "branch_id")
    for person_id, role, branch_id in rows:
        held = found.market if role == Role.MARKET else found.heads.setdefault(branch_id, [])
        if person_id not in held:
            held.append(person_id)
    return found


def _corrections(deciders: _Deciders, times: StepTimes) -> Iterator[DueItem]:
    """See kpi.permissions.can_decide_correction."""
    waiting = Correction.objects.filter(state=CorrectionState.PROPOSED)
    if not deciders.market:
        waiting = waiting.filter(sheet__branch_id__in=deciders.heads)
    for one in waiting.select_related("sheet__manager", "sheet__branch"):
        sheet = one.sheet
        heads = deciders.heads.get(sheet.branch_id, ())
        for person_id in dict.fromkeys([*heads, *deciders.market]):
            if person_id in (one.proposed_by_id, sheet.manager_id):
                continue
            yield DueItem(
                person_id=person_id,
                kind=_KIND,
                title=_("复核更正：%(name)s %(item)s")
                % {"name": sheet.manager.name, "item": one.item},
                context=f"{sheet.branch.name} {month_name(Month.parse(sheet.month))}",
                due_at=times.due_at(sheet.branch_id, one.proposed_at),
                url=f"{reverse('sheet', args=[sheet.month, sheet.manager_id])}?line={one.item}",
                waits=True,
            )


def _proposals(deciders: _Deciders, times: StepTimes) -> Iterator[DueItem]:
    """What the bands suggest, one item a branch and month; not to whom it is about."""
    waiting = Consequence.objects.filter(branch_id__in=deciders.heads, state=ConsequenceState.OPEN)
    found: dict[tuple[int, int, str], list[Consequence]] = {}
    for one in waiting.select_related("branch").order_by("month", "branch_id", "proposed_at", "pk"):
        for person_id in deciders.heads[one.branch_id]:
            if person_id != one.manager_id:
                found.setdefault((person_id, one.branch_id, one.month), []).append(one)
    for (person_id, branch_id, month), rows in found.items():
        title = ngettext("决定考核建议 %(n)d 条", "决定考核建议 %(n)d 条", len(rows))
        yield DueItem(
            person_id=person_id,
            kind=_KIND,
            title=title % {"n": len(rows)},
            context=f"{rows[0].branch.name} {month_name(Month.parse(month))}",
            due_at=times.due_at(branch_id, rows[0].proposed_at),
            url=reverse("consequences"),
            waits=True,
        )

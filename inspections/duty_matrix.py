"""A month of duties, branch by branch (M1–M3, A1, W5, W6): what was owed, done, and is missing.

As it stands, or as it stood when the month's inputs were frozen (annex 2).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core.actors import Actor
from core.errors import NotFound
from core.formats import span, week_name
from core.periods import Month, Week, local_date
from duties.models import DutyPeriod
from duties.month_queries import month_end_of
from inspections.sources.counts import rollups_sent
from inspections.sources.weeks import month_span, owed_in, received
from inspections.words import of_meeting
from meetings.completeness import HINT, MISSING
from meetings.queries.completeness import Duty, duties_of
from organization.models import Branch
from organization.queries import branches_open_in

# The duties in the matrix's order, what its heads call them, and the clause of each.
DUTIES: Final[Mapping[str, tuple[str | Promise, str]]] = {
    "standup": (pgettext_lazy("职责", "晨会"), "M1"),
    "weekly": (pgettext_lazy("职责", "例会"), "M2"),
    "gm": (pgettext_lazy("职责", "沟通会"), "M3"),
    "analysis": (pgettext_lazy("职责", "分析会"), "A1"),
    "summary": (pgettext_lazy("职责", "周报"), "W5"),
    "rollup": (pgettext_lazy("职责", "周汇总"), "W6"),
}
# What judges the inspection sheet's item of a duty (config.tables.CHECKS), where one does.
JUDGED_BY: Final[Mapping[str, str]] = {
    "weekly": "meetings.records",
    "gm": "meetings.records",
    "analysis": "meetings.records",
    "summary": "summaries.punctuality",
}
# What came, but too late, of a record that lacks nothing else.
_LATE: Final = frozenset({"late_start", "early_end", "late_end", "minutes_late", "approved_late"})


@dataclass(frozen=True)
class Deviation:
    """One thing that was not done, or not as it should be: its kind, a sentence, its page.

    ``kind`` is that of inspections.words.FAULTS: missing, late or incomplete.
    """

    kind: str
    text: str
    url: str


@dataclass(frozen=True)
class DutyCell:
    """A branch's duty in the month: how often it was due so far, and is still to come."""

    due: int = 0
    coming: int = 0
    deviations: tuple[Deviation, ...] = ()

    @property
    def done(self) -> int:
        """How often it was done as it should be."""
        return self.due - len(self.deviations)

    @property
    def kinds(self) -> dict[str, int]:
        """How many deviations of each kind, the worst first."""
        counts = dict.fromkeys(("missing", "late", "incomplete"), 0)
        for one in self.deviations:
            counts[one.kind] += 1
        return {kind: count for kind, count in counts.items() if count}


@dataclass(frozen=True)
class BranchDuties:
    """A branch's line of the matrix."""

    branch: Branch
    cells: Mapping[str, DutyCell]

    @property
    def missing(self) -> int:
        """How many things were not done at all."""
        return sum(cell.kinds.get("missing", 0) for cell in self.cells.values())

    @property
    def deviating(self) -> int:
        """How many things were not done, or not as they should be."""
        return sum(len(cell.deviations) for cell in self.cells.values())


@dataclass(frozen=True)
class DutyMatrix:
    """The month of all branches, those with most missing first; ``is_frozen`` as it was then."""

    month: Month
    cut_at: datetime
    is_frozen: bool
    lines: tuple[BranchDuties, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Over all branches: missing, late or not whole, still to come, done."""
        cells = [cell for line in self.lines for cell in line.cells.values()]
        missing = sum(cell.kinds.get("missing", 0) for cell in cells)
        return {
            "missing": missing,
            "late": sum(len(cell.deviations) for cell in cells) - missing,
            "coming": sum(cell.coming for cell in cells),
            "done": sum(cell.done for cell in cells),
        }


def duty_matrix(month: Month, at: datetime, branches: Sequence[Branch] | None = None) -> DutyMatrix:
    """The month's duties of all branches that existed in it, or of some; the number of queries
    grows neither with branches nor with people."""
    frozen_at = month_end_of(month).frozen_at
    cut = min(at, frozen_at)
    shown = branches_open_in(month.first, month.last) if branches is None else branches
    ids = [branch.pk for branch in shown]
    found: dict[tuple[int, str], list[Deviation]] = defaultdict(list)
    due: dict[tuple[int, str], int] = defaultdict(int)
    coming: dict[tuple[int, str], int] = defaultdict(int)
    _count_meetings(duties_of(month, ids, cut), due, coming, found)
    _count_summaries(month, ids, cut, due, found)
    _count_periods(month, ids, cut, due, coming, found)
    lines = [
        BranchDuties(
            branch,
            {
                kind: DutyCell(
                    due[branch.pk, kind],
                    coming[branch.pk, kind],
                    tuple(found[branch.pk, kind]),
                )
                for kind in DUTIES
            },
        )
        for branch in shown
    ]
    lines.sort(key=lambda line: (-line.missing, -line.deviating, line.branch.code))
    return DutyMatrix(month, cut, at >= frozen_at, tuple(lines))


def matrix_for(actor: Actor, month: Month, at: datetime) -> DutyMatrix:
    """The month's duties; NotFound for who does not see every branch, and of months to come."""
    if not actor.reads_all or month > Month.containing(local_date(at)):
        raise NotFound
    return duty_matrix(month, at)


_Counts = dict[tuple[int, str], int]
_Found = dict[tuple[int, str], list[Deviation]]


def _count_meetings(duties: Sequence[Duty], due: _Counts, coming: _Counts, found: _Found) -> None:
    for duty in duties:
        key = (duty.meeting.branch_id, duty.meeting.kind)
        if not duty.is_over:
            coming[key] += 1
            continue
        due[key] += 1
        if deviation := _of_meeting(duty):
            found[key].append(deviation)


def _of_meeting(duty: Duty) -> Deviation | None:
    """What is wrong with a duty to meet; the record of a sitting counts at its own duty alone."""
    lacks = duty.lacks
    if not lacks and duty.is_lead:
        lacks = tuple(lack for lack in duty.record if lack.weight != HINT)
    if not lacks:
        return None
    codes = {lack.code for lack in lacks}
    kind = MISSING if duty.lacks else ("late" if codes <= _LATE else "incomplete")
    url = reverse("meeting", args=[duty.meeting.pk])
    return Deviation(kind, of_meeting([duty.meeting.kind], duty.meeting.on, lacks), url)


def _count_summaries(
    month: Month, ids: Sequence[int], cut: datetime, due: _Counts, found: _Found
) -> None:
    """A week is owed by each manager of the branch on the day of its deadline (W5)."""
    owed = owed_in(month, ids, cut)
    filed = received(owed, cut)
    for one in owed:
        key = (one.branch_id, "summary")
        due[key] += 1
        summary = filed.get((one.person.pk, one.week))
        if summary is not None and not summary.minutes_late:
            continue
        week = Week.parse(one.week)
        who = {"name": one.called.name, "week": week_name(week)}
        if summary is None:
            kind, text = "missing", _("%(name)s：%(week)s周报未交") % who
        else:
            who["late"] = span(summary.minutes_late * 60)
            kind, text = "late", _("%(name)s：%(week)s周报迟交 %(late)s") % who
        url = reverse("summary-of", args=[week, one.person.pk])
        found[key].append(Deviation(kind, text, url))


def _count_periods(
    month: Month,
    ids: Sequence[int],
    cut: datetime,
    due: _Counts,
    coming: _Counts,
    found: _Found,
) -> None:
    """Roll-ups owed (W6), and the weeks that are still to come of both."""
    begin, end = month_span(month)
    periods = list(
        DutyPeriod.objects.filter(
            kind__in=("summary", "rollup"),
            branch_id__in=ids,
            deadline_at__gte=begin,
            deadline_at__lt=end,
        ).order_by("deadline_at", "branch_id")
    )
    for period in periods:
        if period.deadline_at >= cut:
            coming[period.branch_id, period.kind] += 1
    owed = [one for one in periods if one.kind == "rollup" and one.deadline_at < cut]
    sent = rollups_sent(owed, cut)
    for period in owed:
        key = (period.branch_id, "rollup")
        due[key] += 1
        late = sent.get((period.branch_id, period.key))
        if late == 0:
            continue
        week = Week.parse(period.key)
        if late is None:
            kind, text = "missing", _("%(week)s周汇总未发") % {"week": week_name(week)}
        else:
            said = {"week": week_name(week), "late": span(late * 60)}
            kind, text = "late", _("%(week)s周汇总迟发 %(late)s") % said
        url = reverse("rollup", args=[week, period.branch_id])
        found[key].append(Deviation(kind, text, url))

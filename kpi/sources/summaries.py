"""Weekly summaries on time (W5, annex 5.3 P3c): a week counts in the month of its deadline.

Each week is owed to the branch where the manager stood on the deadline's day; the first receipt
decides between on time and late, whatever followed a return.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formats import moment
from core.periods import Month, Week, local_date
from duties.queries import PeriodLine, periods_due
from kpi.inputs import Inputs
from kpi.metrics import ByItem, CountedRow, Metric, OpenDuty
from kpi.roster import posts_of
from organization.models import Branch
from worklogs.models import Summary


@dataclass(frozen=True)
class OwedWeek:
    """A manager's week whose deadline lies in the month, and when its summary first came."""

    manager_id: int
    period: PeriodLine
    received_at: datetime | None
    minutes_late: int

    @property
    def is_met(self) -> bool:
        """Whether it came, and on time."""
        return self.received_at is not None and not self.minutes_late

    def is_counted(self, cut: datetime) -> bool:
        """Whether it can be judged at the cut: its deadline has passed, or it is there."""
        return self.received_at is not None or self.period.times.deadline_at <= cut


def owed_weeks(month: Month, manager_ids: Collection[int], cut: datetime) -> list[OwedWeek]:
    """The weeks that these managers owe in the month, as known at the cut; six queries."""
    posts = posts_of(month, manager_ids)
    branches = list(Branch.objects.filter(pk__in={post.branch_id for post in posts}))
    periods: dict[int, list[PeriodLine]] = {}
    for line in periods_due(month.first, month.last, branches, ["summary"]):
        periods.setdefault(line.branch.pk, []).append(line)
    weeks = {line.week.key for lines in periods.values() for line in lines}
    received = {
        (manager_id, week): (received_at, minutes_late)
        for manager_id, week, received_at, minutes_late in Summary.objects.filter(
            manager_id__in=manager_ids, week__in=weeks, received_at__lte=cut
        ).values_list("manager_id", "week", "received_at", "minutes_late")
    }
    return [
        OwedWeek(post.manager_id, line, *received.get((post.manager_id, line.week.key), (None, 0)))
        for post in posts
        for line in periods.get(post.branch_id, ())
        if post.first <= local_date(line.times.deadline_at) <= post.last
    ]


def _inputs(met: int, total: int) -> Inputs | None:
    return {"met": str(met), "total": str(total)} if total else None


def compute(
    month: Month, manager_ids: Collection[int], cut: datetime, items: Collection[str]
) -> ByItem:
    """Summaries on time of those owed, by manager; None where none was owed."""
    met: dict[int, int] = dict.fromkeys(manager_ids, 0)
    total: dict[int, int] = dict.fromkeys(manager_ids, 0)
    for week in owed_weeks(month, manager_ids, cut):
        if week.is_counted(cut):
            total[week.manager_id] += 1
            met[week.manager_id] += week.is_met
    found = {manager_id: _inputs(met[manager_id], total[manager_id]) for manager_id in manager_ids}
    return dict.fromkeys(items, found)


def rows(month: Month, manager_id: int, cut: datetime, item: str) -> Sequence[CountedRow]:
    """The weeks counted for one manager, in order."""
    return [_row(week) for week in owed_weeks(month, [manager_id], cut) if week.is_counted(cut)]


def _row(owed: OwedWeek) -> CountedRow:
    if owed.received_at is None:
        state, text = "missing", _("未交")
        note = _("截止 %(when)s") % {"when": moment(owed.period.times.deadline_at)}
    else:
        note = _("收到 %(when)s") % {"when": moment(owed.received_at)}
        state = "late" if owed.minutes_late else "on_time"
        text = _("迟交 %(n)d 分") % {"n": owed.minutes_late} if owed.minutes_late else _("按时")
    return CountedRow(
        label=_title(owed.period.week),
        note=note,
        state=state,
        state_text=text,
        url=reverse("summary-of", args=[owed.period.week.key, owed.manager_id]),
    )


def open_duties(
    month: Month, manager_id: int, at: datetime, items: Collection[str]
) -> Sequence[OpenDuty]:
    """The weeks that have begun, are not filed and can still come on time."""
    weeks = owed_weeks(month, [manager_id], at)
    counted = [week for week in weeks if week.is_counted(at)]
    met, total = sum(week.is_met for week in counted), len(counted)
    return [
        OpenDuty(
            manager_id=manager_id,
            item=item,
            label=_title(week.period.week),
            due_at=week.period.times.deadline_at,
            url=reverse("summary", args=[week.period.week.key]),
            inputs={"met": str(met + 1), "total": str(total + 1)},
            otherwise={"met": str(met), "total": str(total + 1)},
        )
        for item in items
        for week in weeks
        if not week.is_counted(at) and week.period.times.opens_at <= at
    ]


def _title(week: Week) -> str:
    return _("第 %(n)d 周周报") % {"n": week.number}


METRIC: Final = Metric(
    key="summaries.on_time",
    label=gettext_lazy("周汇总按时"),
    formulas=frozenset({"RATIO"}),
    compute=compute,
    rows=rows,
    open_duties=open_duties,
)

"""What else a month's overview counts of a branch, without points: roll-ups, logs in time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from core.periods import Month
from duties.models import DutyPeriod
from inspections.sources.weeks import periods_closed
from worklogs.models import RollUpVersion, ServiceLog


@dataclass(frozen=True)
class Counted:
    """How many were owed (or made), how many of them late, how many missing."""

    owed: int = 0
    late: int = 0
    missing: int = 0

    @property
    def done(self) -> int:
        """Those that came in time."""
        return self.owed - self.late - self.missing


def rollups_counted(
    month: Month, branch_ids: Collection[int], cut: datetime
) -> Mapping[int, Counted]:
    """Roll-ups whose deadline in the month has passed by the cut (W6); two queries."""
    periods = periods_closed("rollup", month, branch_ids, cut)
    sent = rollups_sent(periods, cut)
    found: dict[int, Counted] = {}
    for period in periods:
        known = found.get(period.branch_id, Counted())
        late = sent.get((period.branch_id, period.key))
        found[period.branch_id] = Counted(
            known.owed + 1,
            known.late + (1 if late else 0),
            known.missing + (1 if late is None else 0),
        )
    return found


def rollups_sent(periods: Collection[DutyPeriod], cut: datetime) -> dict[tuple[int, str], int]:
    """The roll-ups of these periods that were sent by the cut, by branch and week: by how many
    minutes too late; one query."""
    return {
        (branch_id, week): late
        for branch_id, week, late in RollUpVersion.objects.filter(
            number=1,
            sent_at__lte=cut,
            rollup__branch_id__in={period.branch_id for period in periods},
            rollup__week__in={period.key for period in periods},
        ).values_list("rollup__branch_id", "rollup__week", "minutes_late")
    }


def logs_counted(month: Month, branch_ids: Collection[int], cut: datetime) -> Mapping[int, Counted]:
    """Service logs of the month as they stood at the cut, and those written late; one query."""
    rows = (
        ServiceLog.objects.counted_at(cut)
        .filter(
            branch_id__in=branch_ids,
            occurred_on__gte=month.first,
            occurred_on__lte=month.last,
        )
        .order_by()
        .values_list("branch_id")
        .annotate(owed=Count("pk"), late=Count("pk", filter=Q(is_late=True)))
    )
    return {branch_id: Counted(owed, late) for branch_id, owed, late in rows}

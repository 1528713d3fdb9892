"""A branch's last weeks as its head sees them: filed, late, missing, services, the roll-up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from core.parts import ShareSlice, Tally, shares
from core.periods import Week, local_date
from duties.models import DutyPeriod
from organization.models import Branch
from worklogs.belonging import owing_managers
from worklogs.models import RollUpVersion, ServiceLog, Summary


@dataclass(frozen=True)
class TrendWeek:
    """A week of the branch; ``owing`` is 0 where the week brings no duty."""

    week: Week
    owing: int
    on_time: int
    late: int
    returned: int
    is_closed: bool
    services: int
    rollup_sent_at: datetime | None
    rollup_minutes_late: int
    is_rollup_overdue: bool

    @property
    def unfiled(self) -> int:
        """Who has not filed (yet)."""
        return max(0, self.owing - self.on_time - self.late - self.returned)

    @property
    def filed(self) -> int:
        """Summaries that came in, late or not."""
        return self.on_time + self.late

    @property
    def slices(self) -> list[ShareSlice]:
        """The week as a bar: filed, late, returned, missing."""
        return shares(
            [
                Tally("filed", self.on_time),
                Tally("late", self.late),
                Tally("returned", self.returned),
                Tally("missing" if self.is_closed else "waiting", self.unfiled),
            ]
        )


def branch_trend(branch: Branch, last: Week, weeks: int, at: datetime) -> list[TrendWeek]:
    """The branch's newest ``weeks`` up to ``last``, newest first.

    A fixed number of queries for any number of managers: one for each week's people in post,
    four for all the rest.
    """
    wanted = [last.plus(-n) for n in range(weeks)]
    keys = [week.key for week in wanted]
    periods = {
        (period.kind, period.key): period
        for period in DutyPeriod.objects.filter(branch=branch, key__in=keys)
    }
    filed = {
        row["week"]: row
        for row in Summary.objects.belonging_to([branch.pk])
        .filter(week__in=keys)
        .order_by()
        .values("week")
        .annotate(
            on_time=Count("pk", filter=Q(state="submitted", minutes_late=0)),
            late=Count("pk", filter=Q(state="submitted", minutes_late__gt=0)),
            returned=Count("pk", filter=Q(state="returned")),
        )
    }
    sent = {
        version.rollup.week: version
        for version in RollUpVersion.objects.filter(
            rollup__branch=branch, rollup__week__in=keys, number=1
        ).select_related("rollup")
    }
    services = _services(branch, wanted)
    return [
        _week(branch, week, periods, filed.get(week.key, {}), sent.get(week.key), services, at)
        for week in wanted
    ]


def _services(branch: Branch, weeks: list[Week]) -> dict[str, int]:
    """How many services of each week stand in the logs."""
    rows = (
        ServiceLog.objects.standing()
        .filter(
            branch=branch,
            occurred_on__gte=weeks[-1].monday,
            occurred_on__lte=weeks[0].sunday,
        )
        .order_by()
        .values_list("occurred_on")
        .annotate(n=Count("pk"))
    )
    found = {week.key: 0 for week in weeks}
    for on, n in rows:
        found[Week.containing(on).key] += n
    return found


def _week(
    branch: Branch,
    week: Week,
    periods: dict[tuple[str, str], DutyPeriod],
    filed: dict[str, Any],
    sent: RollUpVersion | None,
    services: dict[str, int],
    at: datetime,
) -> TrendWeek:
    summary, rollup = periods.get(("summary", week.key)), periods.get(("rollup", week.key))
    owing = owing_managers(
        [branch.pk], local_date(summary.deadline_at) if summary else week.friday
    ).count()
    return TrendWeek(
        week=week,
        owing=owing if summary else 0,
        on_time=filed.get("on_time", 0),
        late=filed.get("late", 0),
        returned=filed.get("returned", 0),
        is_closed=summary is not None and at > summary.deadline_at,
        services=services[week.key],
        rollup_sent_at=sent.sent_at if sent else None,
        rollup_minutes_late=sent.minutes_late if sent else 0,
        is_rollup_overdue=sent is None and rollup is not None and at > rollup.deadline_at,
    )

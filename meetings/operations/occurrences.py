"""The only writer of occurrences: made from the duties' periods (M1, M2, M3, A1, annex 7)."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Exists, OuterRef

from core.periods import Week, local_date
from duties.models import DutyPeriod
from duties.operations import ensure_periods
from duties.queries import periods_of, rows_of
from meetings.choices import MeetingKind
from meetings.models import Meeting
from organization.in_force import settings_through
from organization.models import Branch


def ensure_meetings(
    first: date,
    last: date,
    *,
    branches: Sequence[Branch] | None = None,
    at: datetime | None = None,
) -> int:
    """Make the missing meetings whose period touches these days, of some branches or all.

    Their duties' periods are made, too (``duties.operations.ensure_periods``). How many were made.
    """
    ensure_periods(Week.containing(first), Week.containing(last), branches=branches, at=at)
    return meetings_of_periods(first, last, branches=branches, at=at)


def meetings_of_periods(
    first: date,
    last: date,
    *,
    branches: Sequence[Branch] | None = None,
    at: datetime | None = None,
) -> int:
    """Make the missing meetings of duty periods that stand; how many. Three statements."""
    of_period = Meeting.objects.filter(
        kind=OuterRef("kind"), branch_id=OuterRef("branch_id"), key=OuterRef("key")
    )
    periods = rows_of(periods_of(first, last, MeetingKind.values)).exclude(Exists(of_period))
    if branches is not None:
        periods = periods.filter(branch__in=branches)
    wanted = list(periods)
    if not wanted:
        return 0
    history = settings_through(max(local_date(period.opens_at) for period in wanted))
    made = [
        _meeting_of(
            period,
            history.of(period.branch_id, local_date(period.opens_at)).meeting_place,
            at or period.updated_at,
        )
        for period in wanted
    ]
    Meeting.objects.bulk_create(made, ignore_conflicts=True, batch_size=200)
    return len(made)


def _meeting_of(period: DutyPeriod, place: str, at: datetime) -> Meeting:
    on = local_date(period.opens_at)
    return Meeting(
        kind=period.kind,
        branch_id=period.branch_id,
        key=period.key,
        planned_on=on,
        on=on,
        starts_at=period.opens_at,
        ends_at=period.deadline_at,
        place=place,
        updated_at=at,
    )

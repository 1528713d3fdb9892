"""What becomes of meetings that people arranged on a day that is off now (annexes 7.1, 7.2)."""

from collections.abc import Collection, Iterable
from datetime import datetime

from core.periods import local_date
from core.queries import calendar
from duties.models import DutyPeriod
from meetings.choices import MeetingState
from meetings.models import Meeting
from meetings.notices import tell_holders
from meetings.operations.absences import keep_notices
from meetings.queries.occurrences import is_in_period, with_sittings
from meetings.words import BY_RULE

_CHANGED = (
    "on",
    "starts_at",
    "ends_at",
    "state",
    "reason",
    "is_by_hand",
    "sitting",
    "sitting_since",
    "sequence",
    "version",
    "updated_at",
)


def leave_days_off(
    rows: Iterable[Meeting], moved: Iterable[DutyPeriod], gone: Iterable[DutyPeriod], at: datetime
) -> set[int]:
    """Have those of the meetings that people arranged on what is now a day off follow their
    periods, or go with them; whoever holds one is told.

    What is held together goes along where its own period allows (A1), and stands alone again
    where not. Branch ids of what went along: its periods are to say so. Part of the calendar's
    edit; a fixed number of statements, and a few for each that is told.
    """
    leads = {row.pk: row for row in _on_days_off(rows, at)}
    if not leads:
        return set()
    periods = {_key(one): one for one in moved if one.opens_at > at}
    lost = {_key(one) for one in gone}
    left = [row for row in leads.values() if _placed(row, periods.get(_key(row)), lost)]
    went, along = {row.pk for row in left}, set()
    for row in Meeting.objects.filter(sitting__in=went):
        lead = leads[row.sitting_id or 0]
        if lead.state == MeetingState.PLANNED and is_in_period(lead.on, row):
            # The sitting keeps its length: that of the longest of its parts.
            lasts = row.ends_at - row.starts_at
            lead.ends_at = max(lead.ends_at, lead.starts_at + lasts)
            row.on, row.starts_at, row.ends_at = lead.on, lead.starts_at, lead.ends_at
            lead.is_by_hand = True
            along.add(row.branch_id)
        else:
            keep_notices(row, at)
            row.sitting, row.sitting_since = None, None
            _placed(row, periods.get(_key(row)), lost)
        left.append(row)
    for row in left:
        row.sequence += 1
        row.version += 1
        row.updated_at = at
    Meeting.objects.bulk_update(left, _CHANGED, batch_size=200)
    told = with_sittings(Meeting.objects.filter(pk__in=[row.pk for row in left]))
    tell_holders(told.filter(reason=BY_RULE, sitting__isnull=True), at)
    return along


def _on_days_off(rows: Iterable[Meeting], at: datetime) -> list[Meeting]:
    """Those arranged by a person, still to come, each with a sitting of its own."""
    arranged = [
        row
        for row in rows
        if row.is_by_hand
        and row.sitting_id is None
        and row.room_at is None
        and row.starts_at > at
        and row.state in (MeetingState.PLANNED, MeetingState.CANCELLED)
    ]
    if not arranged:
        return []
    days = [row.on for row in arranged]
    known = calendar(min(days).year, max(days).year)
    return [row for row in arranged if not known.is_workday(row.on)]


def _placed(
    row: Meeting, period: DutyPeriod | None, lost: Collection[tuple[str, int, str]]
) -> bool:
    """Put a meeting where its period now is, or take it away with it; False where it stays.

    One that was cancelled stays so, for when it would be.
    """
    if period is not None:
        row.on = local_date(period.opens_at)
        row.starts_at, row.ends_at = period.opens_at, period.deadline_at
        if row.state == MeetingState.PLANNED:
            row.is_by_hand, row.reason = False, BY_RULE
        return True
    if _key(row) not in lost:
        return False
    row.state, row.is_by_hand, row.reason = MeetingState.CANCELLED, False, BY_RULE
    return True


def _key(one: Meeting | DutyPeriod) -> tuple[str, int, str]:
    return one.kind, one.branch_id, one.key

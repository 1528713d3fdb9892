"""When the duties to meet really are: where people arranged them, and what that does to stand-ups.

``config.tables.PERIOD_TIMES`` names ``times_arranged``: rows of duty periods, the command and the
API that list them say these times instead of the rule's.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from core.periods import Day, Week, local_date, parse_period
from duties.queries import PeriodKey, Timetable, timetable
from duties.rules import DutyTimes
from meetings.choices import MeetingKind
from meetings.models import Meeting
from meetings.rules import standup_beside

# A meeting is moved within its month at most.
_AROUND: Final = timedelta(days=31)


def times_arranged(table: Timetable, first: date, last: date) -> dict[PeriodKey, DutyTimes | None]:
    """The times of these days' duties to meet, as far as people arranged them; one query.

    None for a stand-up that the weekly meeting replaces. What the rule owes no more (annex 7.2)
    keeps the rule's answer, and so does what was arranged on what is a day off now; one cancelled
    by hand is still owed, for when it was arranged.
    """
    rows = _on_working_days(table, _by_hand(first - _AROUND, last + _AROUND))
    found = _beside(table, rows)
    for row in rows:
        key = (row.kind, row.branch_id, row.key)
        ruled = found[key] if key in found else _ruled(table, row)
        if ruled is not None:
            found[key] = DutyTimes(row.starts_at, row.ends_at)
    return found


def times_by_rule(meeting: Meeting) -> DutyTimes | None:
    """When a meeting is if nobody arranges it: by the rule, and beside the week's meeting where
    that now is (annex 2); None where it is not owed."""
    week = Week.containing(meeting.planned_on)
    period = parse_period(meeting.key)
    table = timetable(min(week.monday, period.first), max(week.sunday, period.last))
    by_hand = _by_hand(week.monday, week.sunday).filter(branch=meeting.branch_id)
    rows = _on_working_days(table, by_hand)
    key = (meeting.kind, meeting.branch_id, meeting.key)
    beside = _beside(table, rows)
    return beside[key] if key in beside else _ruled(table, meeting)


def giving_way(branch_id: int, on: date, at: datetime) -> QuerySet[Meeting]:
    """The stand-up of a day that the weekly meeting replaces (annex 2) while it is to come; not
    one that is held together with another meeting."""
    return Meeting.objects.filter(
        kind=MeetingKind.STANDUP,
        branch_id=branch_id,
        key=Day(on).key,
        sitting__isnull=True,
        joined__isnull=True,
        room_at__isnull=True,
        starts_at__gt=at,
    )


def _by_hand(first: date, last: date) -> QuerySet[Meeting]:
    return Meeting.objects.filter(is_by_hand=True, on__gte=first, on__lte=last).order_by("pk")


def _on_working_days(table: Timetable, rows: Iterable[Meeting]) -> list[Meeting]:
    return [row for row in rows if table.calendar.is_workday(row.on)]


def _ruled(table: Timetable, meeting: Meeting) -> DutyTimes | None:
    return table.ruled(meeting.kind, meeting.branch_id, parse_period(meeting.key))


def _beside(table: Timetable, rows: Collection[Meeting]) -> dict[PeriodKey, DutyTimes | None]:
    """The stand-ups of the days to which a weekly meeting was moved, and from which (annex 2)."""
    kept = set(_held_together(rows))
    found: dict[PeriodKey, DutyTimes | None] = {}
    for row in rows:
        ruled = _ruled(table, row) if row.kind == MeetingKind.WEEKLY else None
        if ruled is None:
            continue
        for on in {local_date(ruled.opens_at), row.on}:
            key = (MeetingKind.STANDUP.value, row.branch_id, Day(on).key)
            own = table.settings.of(row.branch_id, on)
            if key not in kept:
                found[key] = standup_beside(Day(on), row.on, table.calendar, own)
    return found


def _held_together(rows: Iterable[Meeting]) -> Iterable[PeriodKey]:
    """Those of the meetings that share a sitting: they are held with it, whatever day it is."""
    leads = {row.sitting_id for row in rows}
    return [
        (row.kind, row.branch_id, row.key)
        for row in rows
        if row.sitting_id is not None or row.pk in leads
    ]

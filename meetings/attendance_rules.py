"""Notices of absence, lateness, sign-in by code: pure functions (M1.2, annexes 3.5, 7.6)."""

from datetime import date, datetime, time, timedelta
from typing import Final

from core.calendar import Calendar
from core.periods import instant, local_date
from meetings.rules import CODE_LIVES, ROOM_OPENS_BEFORE

# Beside the code stands a number, for so long.
NUMBER_LIVES: Final = timedelta(seconds=10)
# A phone that opened a code in time has so long to give the number beside it; where a password
# had to be typed first, longer.
GIVING_TAKES: Final = timedelta(seconds=60)
SIGNING_IN_TAKES: Final = timedelta(minutes=5)


def absence_due_before(on: date, calendar: Calendar, leave_cutoff: str) -> datetime:
    """The first moment at which a notice for a meeting ``on`` comes too late (M1.2).

    It must be given no later than the day before: the previous calendar day (annex 7.6), or,
    where the branch has it so, the previous working day.
    """
    day_before = on - timedelta(days=1)
    if leave_cutoff == "working_day":
        day_before = calendar.previous_working_day(on)
    return instant(day_before + timedelta(days=1), time.min)


def is_absence_in_time(given_at: datetime, due_before: datetime) -> bool:
    """Whether a notice was given in time: at 23:59:59 of the day before, not at 00:00:00."""
    return given_at < due_before


def is_excused(*, is_in_time: bool, state: str) -> bool:
    """Whether the notice excuses (M1.2): given in time unless refused; late only if accepted."""
    return state == "accepted" or (is_in_time and state == "given")


def needs_reason_here(state: str, *, has_notice: bool) -> bool:
    """Whether a roll call must say why somebody is away: excused or on a trip without having told
    the supervisor (M1.2)."""
    return state in ("excused", "trip") and not has_notice


def is_late(signed_at: datetime, starts_at: datetime, opened_at: datetime | None) -> bool:
    """Whether somebody came late: after the time arranged, and after it really began."""
    return opened_at is not None and signed_at > max(starts_at, opened_at)


def is_code_valid(made_at: datetime, at: datetime) -> bool:
    """Whether a sign-in code still counts: up to and including its sixtieth second."""
    return timedelta(0) <= at - made_at <= CODE_LIVES


def may_room_open(starts_at: datetime, at: datetime) -> bool:
    """Whether the sign-in may be opened: from an hour before the time arranged, that day only.

    A meeting that begins late is one that was held late; on the next day it was not held.
    """
    return starts_at - ROOM_OPENS_BEFORE <= at and local_date(at) <= local_date(starts_at)


def is_scan_fresh(scanned_at: datetime, at: datetime, *, asked_password: bool) -> bool:
    """Whether a code that a phone opened in time still counts: until its owner has signed in."""
    takes = SIGNING_IN_TAKES if asked_password else GIVING_TAKES
    return timedelta(0) <= at - scanned_at <= takes

"""The month's end as pure functions: what happens on which working day (annex 2)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.calendar import Calendar
from core.periods import Month, instant
from organization.settings import BranchSettings


@dataclass(frozen=True)
class MonthEnd:
    """The moments of a month's end, UTC; those of a day are its end (24:00) unless said."""

    # Last working day 20:00: the provisional spot-check report.
    provisional_at: datetime
    # 24:00 of the last calendar day.
    closes_at: datetime
    # WD2 12:00: what is recorded later does not count.
    frozen_at: datetime
    # WD3, the first moment of its working hours: sheets are computed, objections open.
    sheets_at: datetime
    objections_until: datetime
    # WD5: the bulletin's draft goes to the branches for comment.
    draft_at: datetime
    comments_until: datetime
    # WD9: sheets are locked at the end of this day.
    locks_at: datetime
    # WD10: the bulletin is due.
    bulletin_due_at: datetime


def month_end(month: Month, calendar: Calendar, settings: BranchSettings) -> MonthEnd:
    """The month's end by the settings (annex 2); WD n is a working day of the next month.

    A month that follows with fewer working days goes on into the one after it.
    """
    last = calendar.on_or_before(month.last)

    def working_day(n: int) -> date:
        return calendar.next_working_day(month.last, n)

    draft_on = working_day(settings.draft_day)
    return MonthEnd(
        provisional_at=instant(last, settings.provisional_time),
        closes_at=_end_of(month.last),
        frozen_at=instant(working_day(settings.freeze_day), settings.freeze_time),
        sheets_at=instant(working_day(settings.sheet_day), settings.work_hours[0][0]),
        objections_until=_end_of(working_day(settings.objection_end_day)),
        draft_at=instant(draft_on, settings.work_hours[0][0]),
        comments_until=_end_of(calendar.next_working_day(draft_on, settings.comment_days)),
        locks_at=_end_of(working_day(settings.lock_day)),
        bulletin_due_at=_end_of(working_day(settings.bulletin_day)),
    )


def _end_of(on: date) -> datetime:
    """The first second of the day after."""
    return instant(on + timedelta(days=1), time.min)

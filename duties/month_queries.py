"""When a month ends in this company: working days and settings brought to the rule."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from core.periods import Month, local_date
from core.queries import calendar
from duties.month_end import MonthEnd, month_end
from organization.in_force import COMPANY, settings_of, settings_through
from organization.settings import BranchSettings

# A month's end lies in the month after it; settings and holidays may carry it one further.
_MONTHS_ON: Final = 2


def company_settings(month: Month) -> BranchSettings:
    """The company's settings in force on a month's last day."""
    return settings_of(COMPANY, month.last)


def month_end_of(month: Month) -> MonthEnd:
    """The moments of a month's end (annex 2); two queries."""
    days = calendar(month.first.year, month.plus(_MONTHS_ON).last.year)
    return month_end(month, days, company_settings(month))


def month_ends(since: datetime, until: datetime) -> Iterator[tuple[Month, MonthEnd]]:
    """The months whose end may lie in the window, oldest first; two queries."""
    month = Month.containing(local_date(since)).plus(-_MONTHS_ON)
    last = Month.containing(local_date(until))
    days = calendar(month.first.year, last.plus(_MONTHS_ON).last.year)
    history = settings_through(last.last)
    while month <= last:
        yield month, month_end(month, days, history.of(COMPANY, month.last))
        month = month.next

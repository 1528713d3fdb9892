"""When a month ends in this company: working days and settings brought to the rule."""

from core.periods import Month
from core.queries import calendar
from duties.month_end import MonthEnd, month_end
from organization.in_force import settings_of
from organization.settings import BranchSettings

# Settings of the company itself hold for no branch in particular.
_COMPANY = 0


def company_settings(month: Month) -> BranchSettings:
    """The company's settings in force on a month's last day."""
    return settings_of(_COMPANY, month.last)


def month_end_of(month: Month) -> MonthEnd:
    """The moments of a month's end (annex 2); two queries."""
    following = month.plus(2)
    days = calendar(month.first.year, following.last.year)
    return month_end(month, days, company_settings(month))

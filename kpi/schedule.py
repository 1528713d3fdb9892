"""The month's clock (annex 2): when sheets are computed and when they are locked."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from core import jobs
from core.periods import Month, local_date
from core.queries import calendar
from duties.month_end import MonthEnd, month_end
from organization.in_force import settings_through

# A month's end lies in the month after it; settings and holidays may carry it one further.
_MONTHS_BACK: Final = 2
# Settings of the company itself hold for no branch in particular.
_COMPANY: Final = 0


def month_ends(since: datetime, until: datetime) -> Iterator[tuple[Month, MonthEnd]]:
    """The months whose end may lie in the window, in order; two queries."""
    month = Month.containing(local_date(since)).plus(-_MONTHS_BACK)
    last = Month.containing(local_date(until))
    days = calendar(month.first.year, last.plus(_MONTHS_BACK).last.year)
    history = settings_through(last.last)
    while month <= last:
        yield month, month_end(month, days, history.of(_COMPANY, month.last))
        month = month.next


def plan_sheets(since: datetime, until: datetime) -> None:
    """One job computes a month's sheets, one locks them, each at its moment.

    The cut travels with the job: however late it runs, it counts what held at the freeze.
    """
    for month, end in month_ends(since, until):
        if since < end.sheets_at <= until:
            jobs.enqueue(
                kind="kpi.compute_sheets",
                key=month.key,
                args={"month": month.key, "cut": end.frozen_at.isoformat()},
                at=end.sheets_at,
            )
        if since < end.locks_at <= until:
            jobs.enqueue(
                kind="kpi.lock_sheets",
                key=month.key,
                args={"month": month.key},
                at=end.locks_at,
            )

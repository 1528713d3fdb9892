"""When a month's reports fall due (annex 2, the month's end): planned ahead by the clock."""

from collections.abc import Iterator
from datetime import datetime

from core import jobs
from core.periods import Month, local_date
from core.queries import calendar
from duties.month_end import MonthEnd, month_end
from organization.in_force import settings_through
from reports.choices import Phase

# A long holiday moves a month's end into the month after the next.
_MONTHS_BACK = 2
_COMPANY = 0


def month_ends(since: datetime, until: datetime) -> Iterator[tuple[Month, MonthEnd]]:
    """The months whose end may touch the window, oldest first; two queries."""
    month = Month.containing(local_date(since)).plus(-_MONTHS_BACK)
    last = Month.containing(local_date(until))
    days = calendar(month.year, last.year + 1)
    history = settings_through(last.last)
    while month <= last:
        yield month, month_end(month, days, history.of(_COMPANY, month.last))
        month = month.next


def plan_spot_checks(since: datetime, until: datetime) -> None:
    """One job per month and phase, for all branches at once (P3)."""
    for month, end in month_ends(since, until):
        for phase, due_at in (
            (Phase.PROVISIONAL, end.provisional_at),
            (Phase.FROZEN, end.frozen_at),
        ):
            if since < due_at <= until:
                jobs.enqueue(
                    kind="reports.spot_check",
                    key=f"{month.key}:{phase.value}",
                    args={
                        "month": month.key,
                        "phase": phase.value,
                        "due_at": due_at.isoformat(),
                    },
                    at=due_at,
                )


def plan_bulletins(since: datetime, until: datetime) -> None:
    """One job per month: the bulletin's draft for the branches to comment on (annex 2: WD5)."""
    for month, end in month_ends(since, until):
        if since < end.draft_at <= until:
            jobs.enqueue(
                kind="reports.draft_bulletin",
                key=month.key,
                args={"month": month.key, "due_at": end.draft_at.isoformat()},
                at=end.draft_at,
            )

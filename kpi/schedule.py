"""The month's clock (annex 2): when sheets are computed and when they are locked."""

from datetime import datetime

from core import jobs
from duties.month_queries import month_ends


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

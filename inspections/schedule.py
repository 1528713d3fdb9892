"""What the clock makes of findings: at a month's end the open ones go on into the next."""

from datetime import datetime

from core import jobs
from core.periods import Month, local_date
from inspections.sources.weeks import month_span


def plan_carrying(since: datetime, until: datetime) -> None:
    """One job at the end of each month whose end lies in the window (P3.5)."""
    month = Month.containing(local_date(since))
    while (closes_at := month_span(month)[1]) <= until:
        if since < closes_at:
            jobs.enqueue(
                kind="inspections.carry_findings",
                key=month.key,
                args={"month": month.key},
                at=closes_at,
            )
        month = month.next

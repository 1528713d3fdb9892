"""When a month's reports fall due (annex 2, the month's end): planned ahead by the clock."""

from datetime import datetime

from core import jobs
from duties.month_queries import month_ends
from reports.choices import Phase


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

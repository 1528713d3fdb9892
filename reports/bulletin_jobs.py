"""What the worker does for bulletins: the month's draft, of the moment it fell due (annex 2)."""

from datetime import datetime
from typing import Any

from core.jobs import Effect, Progress
from core.periods import Month
from reports.figures import month_figures
from reports.operations.bulletins import keep_draft


def draft_bulletin(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Begin the month's bulletin on WD5, unless somebody has; three days late it is the same."""
    month, due_at = Month.parse(args["month"]), datetime.fromisoformat(args["due_at"])
    figures = month_figures(month, due_at)

    def write() -> dict[str, Any]:
        bulletin = keep_draft(month=month, figures=figures, drafted_at=due_at, at=at)
        return {"bulletin": bulletin.pk if bulletin else None}

    return write

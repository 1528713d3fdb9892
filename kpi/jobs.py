"""What the worker does at a month's end (annex 2): compute the sheets, lock them, suggest."""

from datetime import datetime
from typing import Any

from core import jobs
from core.jobs import Effect, Progress
from core.periods import Month, local_date
from duties.operations import notify_all
from kpi.computing import Computed, computed_sheets, scheme_for
from kpi.history import suggested
from kpi.operations.consequences import keep_proposals
from kpi.operations.sheets import keep_sheets, lock_month
from kpi.scheme import parsed
from kpi.sheet_notices import sheets_wrong
from organization.choices import Role
from organization.queries import holders_of


def compute_sheets(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Every manager's sheet of a month, from what held at the freeze (K4)."""
    month, cut = Month.parse(args["month"]), datetime.fromisoformat(args["cut"])
    scheme = scheme_for(month, at)
    if scheme is None:
        return lambda: {"sheets": 0, "why": "no scheme"}
    computed = list(computed_sheets(scheme, month, cut))
    wrong = [line for one in computed for line in _wrong_lines(one)]

    def write() -> dict[str, Any]:
        made = keep_sheets(month=month, scheme=scheme, computed=computed, cut=cut, at=at)
        if wrong:
            market = holders_of([Role.MARKET], local_date(at))
            notify_all(sheets_wrong(market, month, wrong, at=at))
        return {"sheets": made, "wrong": len(wrong)}

    return write


def _wrong_lines(one: Computed) -> list[str]:
    return [f"{one.member.job_number} {one.member.name} {code}" for code in one.wrong]


def lock_sheets(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Lock a month's sheets on the timetable; what follows from them is suggested after."""
    month = Month.parse(args["month"])

    def write() -> dict[str, Any]:
        locked = lock_month(month=month, at=at)
        jobs.enqueue(
            kind="kpi.propose_consequences",
            key=month.key,
            args={"month": month.key},
            at=at,
        )
        return {"locked": locked}

    return write


def propose_consequences(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """What the bands of a locked month suggest; a person decides on every one (annex 5)."""
    month = Month.parse(args["month"])
    scheme = scheme_for(month, at)
    found = suggested(month, parsed(scheme.content)) if scheme else []

    def write() -> dict[str, Any]:
        return {"proposals": keep_proposals(month=month, suggested=found, at=at)}

    return write

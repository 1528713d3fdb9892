"""Short ways to a story's week: a service, a summary, a branch that has filed."""

from datetime import datetime

from core.actors import Actor
from core.periods import Week
from tests.cast import FRIDAY, Cast, at
from worklogs.choices import TextPart
from worklogs.entries import SummaryEntry
from worklogs.models import RollUpVersion, ServiceLog, SummaryVersion
from worklogs.operations.logs import LogEntry, record_log
from worklogs.operations.rollups import rollup_of, send_rollup
from worklogs.operations.summaries import submit_summary

WEEK = Week.containing(FRIDAY)
TEXTS = {part: f"{part}：一句实在话" for part in TextPart.values}


def entry(cast: Cast, customer: str, occurred: str, **more: object) -> LogEntry:
    """A service as somebody writes it; on the phone and of the manager's own accord."""
    values: dict[str, object] = {
        "initiator": "active",
        "channel": "phone",
        "category": "routine",
        "content": "电话回访，客户对专线满意。",
        **more,
    }
    return LogEntry(
        customer_id=cast.customer(customer).pk,
        occurred_at=at(occurred),
        **values,  # type: ignore[arg-type]
    )


def logged(
    cast: Cast, who: str, customer: str, occurred: str, *, recorded: str = "", **more: object
) -> ServiceLog:
    """A service recorded by its manager, at once unless said otherwise."""
    moment = at(recorded or occurred)
    return record_log(
        entry=entry(cast, customer, occurred, **more),
        actor=cast.actor(who, on=moment),
        at=moment,
    )


def filed(
    cast: Cast, who: str, moment: str, *, week: Week = WEEK, version: int = 0, **more: object
) -> SummaryVersion:
    """A summary filed by its manager with a text in every part."""
    values: dict[str, object] = {"texts": TEXTS, **more}
    return submit_summary(
        manager_id=cast[who].pk,
        week=week,
        entry=SummaryEntry(**values),  # type: ignore[arg-type]
        expected_version=version,
        actor=cast.actor(who, on=at(moment)),
        at=at(moment),
    )


def sent(
    cast: Cast, moment: str, *, who: str = "周建平", week: Week = WEEK, why: str = ""
) -> RollUpVersion:
    """The roll-up of the supervisor's branch, sent."""
    branch = cast[who].branch
    return send_rollup(
        branch_id=branch.pk,
        week=week,
        expected_version=rollup_of(branch, week, at(moment)).version,
        actor=cast.actor(who, on=at(moment)),
        at=at(moment),
        why_corrected=why,
    )


def acting(cast: Cast, who: str, moment: datetime) -> Actor:
    """Somebody as an actor at a moment."""
    return cast.actor(who, on=moment)

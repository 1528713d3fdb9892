"""Short ways to a story's month: requirements, a branch's targets, results, a file."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.imports.direct import import_now
from core.imports.plan import Plan
from core.periods import Month
from kpi.models import TargetSheet, TargetVersion, WorkItem
from kpi.operations.requirements import grid_version as requirement_version
from kpi.operations.requirements import set_requirements
from kpi.operations.results import record_results
from kpi.operations.targets import issue_targets, write_targets
from kpi.operations.work_items import add_work_items
from kpi.queries.results import grid_version
from kpi.queries.targets import sheet_of
from kpi.target_entries import Cell, LineEntry, TargetEntry, WorkEntry
from tests.cast import Cast, at

MONTH = Month(2026, 12)
# The second working day of December: targets are due by the third.
MORNING = at("2026-12-02 09:00:00")
D = Decimal


def required(cast: Cast, month: Month = MONTH, who: str = "韩静", **values: str) -> None:
    """What the company asks of 城东 for the month."""
    set_requirements(
        month=month,
        cells=[Cell(cast.east.pk, code, D(value)) for code, value in values.items()],
        expected_version=requirement_version(month),
        actor=cast.actor(who, on=MORNING),
        at=MORNING,
    )


def line(value: str, **more: Any) -> LineEntry:
    """A line shared out equally unless said otherwise."""
    return LineEntry(value=D(value), **more)


def written(
    cast: Cast,
    lines: Mapping[str, LineEntry],
    *,
    who: str = "周建平",
    moment: str = "2026-12-02 09:00:00",
    version: int | None = None,
    month: Month = MONTH,
    **texts: str,
) -> TargetSheet:
    """The branch's sheet as its supervisor writes it."""
    branch = cast[who].branch
    return write_targets(
        branch_id=branch.pk,
        month=month,
        entry=TargetEntry(lines=lines, **texts),
        expected_version=sheet_of(branch, month).version if version is None else version,
        actor=cast.actor(who, on=at(moment)),
        at=at(moment),
    )


def given_work(
    cast: Cast,
    *names: str,
    what: str = "走访重点集团",
    quantity: int = 5,
    due: str = "2026-12-18",
    unit: str = "家",
    who: str = "周建平",
    moment: str = "2026-12-02 09:30:00",
    **more: str,
) -> list[WorkItem]:
    """The same work for some managers."""
    branch = cast[who].branch
    return add_work_items(
        branch_id=branch.pk,
        month=MONTH,
        manager_ids=[cast[name].pk for name in names],
        entry=WorkEntry(
            what=what, quantity=quantity, due_on=date.fromisoformat(due), unit=unit, **more
        ),
        expected_version=sheet_of(branch, MONTH).version,
        actor=cast.actor(who, on=at(moment)),
        at=at(moment),
    )


def issued(
    cast: Cast,
    *,
    who: str = "赵国梁",
    moment: str = "2026-12-02 10:00:00",
    why: str = "",
    month: Month = MONTH,
) -> TargetVersion:
    """The sheet issued by the branch's head."""
    branch = cast[who].branch
    return issue_targets(
        branch_id=branch.pk,
        month=month,
        expected_version=sheet_of(branch, month).version,
        actor=cast.actor(who, on=at(moment)),
        at=at(moment),
        why=why,
    )


def recorded(
    cast: Cast,
    values: Mapping[tuple[str, str], str | None],
    *,
    who: str = "周建平",
    moment: str = "2026-12-15 16:00:00",
    version: int | None = None,
    month: Month = MONTH,
) -> int:
    """Results of 城东 typed on the grid: (name, code) → number."""
    cells = [
        Cell(cast[name].pk, code, None if value is None else D(value))
        for (name, code), value in values.items()
    ]
    return record_results(
        branch_id=cast.east.pk,
        month=month,
        cells=cells,
        expected_version=grid_version(cast.east.pk, month) if version is None else version,
        actor=cast.actor(who, on=at(moment)),
        at=at(moment),
    )


def imported(
    cast: Cast,
    table: str,
    content: bytes,
    *,
    who: str = "韩静",
    month: Month | None = MONTH,
    moment: str = "2026-12-15 16:00:00",
    filename: str = "导出.csv",
) -> Plan:
    """A file imported in one go."""
    plan, _layout = import_now(
        table_key=table,
        content=content,
        filename=filename,
        month=month,
        actor=cast.actor(who, on=at(moment)),
        at=at(moment),
    )
    return plan

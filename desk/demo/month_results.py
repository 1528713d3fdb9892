"""What came of a month's targets: typed, billed, checked; and what only people can mark."""

import csv
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial
from io import StringIO
from typing import Final

from core.imports.direct import import_now
from core.numbers import rounded
from customers.choices import CustomerKind, CustomerState
from customers.models import Customer
from desk.demo import month_words as words
from desk.demo.chance import chance
from desk.demo.people import Crew, Member
from desk.demo.players import Event, MonthStage
from kpi.computing import scheme_for
from kpi.marking import highest, marked_items, questions_of
from kpi.operations.marks import Cell as MarkCell
from kpi.operations.marks import record_marks
from kpi.operations.results import check_results, record_results
from kpi.queries.results import grid_version
from kpi.queries.targets import targets_at
from kpi.scheme import Item, parsed
from kpi.target_entries import Cell

# What is counted up by and by, and what is measured once; the share reached at each typing.
_COUNTED: Final = ("M2", "M3", "M5")
_MEASURED: Final = ("M4", "S1")
_TYPED: Final = ((0.35, Decimal("0.4")), (0.7, Decimal("0.8")))
_BILLING: Final = (
    "账期",
    "集团编码",
    "集团名称",
    "应收金额",
    "实收金额",
    "欠费金额",
    "最长欠费账龄（天）",
)
# Who owes since when, by the place among the first manager's groups: months back from now.
_OWING: Final = {(0, 1): 72, (1, 1): 41, (1, 2): 36}


def skill_of(stage: MonthStage, manager: Member) -> float:
    """How well somebody does: his own level, this month's luck, a little better every month."""
    level = chance(stage.seed, "skill", manager.job_number).triangular(0.6, 0.97, 0.77)
    return (
        level
        - 0.015 * stage.months_ago
        + stage.chance("luck", manager.job_number).uniform(-0.05, 0.05)
    )


def result_events(stage: MonthStage) -> Iterator[Event]:
    """Results, bills and marks of the month."""
    closing = stage.day_after(1)
    for place, crew in stage.crews:
        for share, reached in _TYPED:
            day = stage.share(share)
            typed_at = stage.on(day, 16, 20, minutes=place * 9)
            yield typed_at, partial(_type, stage, crew, reached)
            checked_at = stage.on(stage.calendar.next_working_day(day), 9, 50, minutes=place * 3)
            yield checked_at, partial(_check, stage, crew)
        yield stage.on(closing, 10, 20, minutes=place * 6), partial(_type, stage, crew, Decimal(1))
        yield stage.on(closing, 15, 30, minutes=place * 4), partial(_check, stage, crew)
        yield stage.on(stage.about(20), 15, minutes=place * 13), partial(_rate, stage, crew)
        yield stage.on(stage.about(25), 16, minutes=place * 5), partial(_examine, stage, crew)
    yield stage.on(closing, 9, 35), partial(_bill, stage)


def _type(stage: MonthStage, crew: Crew, reached: Decimal, at: datetime) -> None:
    """The supervisor's grid as far as the month has come."""
    ids = [manager.pk for manager in crew.managers]
    targets = targets_at(stage.month, ids, at)
    cells = []
    for manager in crew.managers:
        skill = skill_of(stage, manager)
        rng = stage.chance("results", manager.job_number)
        for code in _COUNTED:
            whole = Decimal(str(skill * rng.uniform(0.92, 1.12)))
            target = targets.get((manager.pk, code), Decimal(0))
            cells.append(Cell(manager.pk, code, Decimal(round(target * whole * reached))))
        kept = Decimal(str(min(100.0, 97.2 + 3.4 * (skill - 0.7) + rng.uniform(-0.6, 1.6))))
        pleased = Decimal(str(min(99.0, 80.0 + 32 * (skill - 0.6) + rng.uniform(-2, 3))))
        if reached > _TYPED[0][1]:
            cells += [
                Cell(manager.pk, code, rounded(value, places))
                for code, value, places in zip(_MEASURED, (kept, pleased), (2, 1), strict=True)
            ]
    record_results(
        branch_id=crew.branch_id,
        month=stage.month,
        cells=cells,
        expected_version=grid_version(crew.branch_id, stage.month),
        actor=stage.players.actor(crew.supervisor, at),
        at=at,
    )


def _check(stage: MonthStage, crew: Crew, at: datetime) -> None:
    check_results(
        branch_id=crew.branch_id,
        month=stage.month,
        expected_version=grid_version(crew.branch_id, stage.month),
        actor=stage.players.actor(stage.market, at),
        at=at,
    )


# Bills


def _bill(stage: MonthStage, at: datetime) -> None:
    """The billing system's export of the month, imported as it comes."""
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(_BILLING)
    groups = Customer.objects.filter(kind=CustomerKind.GROUP).exclude(state=CustomerState.LOST)
    owing = _owing(stage)
    for pk, code, name, revenue in groups.order_by("pk").values_list(
        "pk", "code", "name", "monthly_revenue"
    ):
        rng = stage.chance("bill", code)
        due = rounded((revenue or Decimal(0)) * Decimal(str(rng.uniform(0.86, 1.1))))
        days = owing.get(pk, 0)
        if pk not in owing and rng.random() < 0.04:
            days = rng.choice((12, 24, 36, 45, 66, 97))
        arrears = rounded(due * Decimal("0.6")) if days else Decimal("0.00")
        writer.writerow(
            (
                f"{stage.month.year}{stage.month.number:02d}",
                code,
                name,
                due,
                due - arrears,
                arrears,
                days,
            )
        )
    import_now(
        table_key="billing",
        content=file.getvalue().encode("utf-8-sig"),
        filename=f"计费导出_{stage.month.key}.csv",
        month=stage.month,
        actor=stage.players.actor(stage.market, at),
        at=at,
    )


def _owing(stage: MonthStage) -> dict[int, int]:
    """Days of arrears of the first manager's first groups, worse from month to month."""
    groups = groups_of(stage.staff.crews[0].managers[0])
    return {
        groups[place].pk: days
        for (place, months_ago), days in _OWING.items()
        if months_ago == stage.months_ago
    }


def groups_of(manager: Member) -> list[Customer]:
    """A manager's groups that pay, in the order in which they came."""
    held = Customer.objects.filter(manager_id=manager.pk, kind=CustomerKind.GROUP)
    return list(held.exclude(state=CustomerState.LOST).select_related("tier").order_by("pk"))


# Marks


def _marks(stage: MonthStage, at: datetime, *, exams: bool) -> list[Item]:
    scheme = scheme_for(stage.month, at)
    if scheme is None:
        return []
    items = marked_items(parsed(scheme.content))
    return [item for item in items if (item.formula.kind == "EXAM") == exams]


def _rate(stage: MonthStage, crew: Crew, at: datetime) -> None:
    """The supervisor's answers to every question about every manager."""
    cells = []
    for item in _marks(stage, at, exams=False):
        for manager in crew.managers:
            rng = stage.chance("rated", item.code, manager.job_number)
            usual = 4.8 * skill_of(stage, manager)
            basis = rng.choice(words.MARK_BASIS.get(item.code, ("",)))
            for question in questions_of(item):
                value = min(float(highest(item)), max(1.0, usual + rng.uniform(-0.7, 0.9)))
                given = f"{round(value * 2) / 2:.1f}"
                cells.append(MarkCell(manager.pk, item.code, question, given, basis=basis))
    _record_marks(stage, cells, crew.supervisor, at)


def _examine(stage: MonthStage, crew: Crew, at: datetime) -> None:
    """The market department enters the exams' marks, branch by branch."""
    cells = []
    for item in _marks(stage, at, exams=True):
        basis = words.MARK_BASIS.get(item.code, ("",))[0]
        for manager in crew.managers:
            rng = stage.chance("examined", item.code, manager.job_number)
            value = min(100, max(48, round(96 * skill_of(stage, manager) + rng.uniform(-6, 10))))
            cells.append(MarkCell(manager.pk, item.code, "", str(value), basis=basis))
    _record_marks(stage, cells, stage.market, at)


def _record_marks(stage: MonthStage, cells: list[MarkCell], who: Member, at: datetime) -> None:
    record_marks(month=stage.month, cells=cells, actor=stage.players.actor(who, at), at=at)

"""A month's targets (T1-T4): asked by the company, set and given out, revised, worked at."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from django.db.models import Sum

from core.numbers import rounded
from core.periods import local_date
from customers.choices import CustomerKind
from customers.models import Customer
from desk.demo import month_words as words
from desk.demo.people import Crew, Member
from desk.demo.players import Event, MonthStage
from kpi.choices import Method
from kpi.models import Acknowledgement, WorkItem
from kpi.operations.requirements import grid_version, set_requirements
from kpi.operations.targets import acknowledge_targets, issue_targets, write_targets
from kpi.operations.work_items import add_work_items, report_work
from kpi.queries.bases import managers_of
from kpi.queries.targets import entry_of, issued_version, lines_of, requirements_of, sheet_of
from kpi.target_entries import Cell, LineEntry, TargetEntry, WorkEntry
from kpi.targets_rules import shared_out

_TEN_THOUSAND: Final = Decimal(10_000)
# What is asked for each manager; rates and marks are the same for all.
_EACH: Final = {"M2": (7, 11), "M3": (2, 4), "M5": (2, 2)}
_SAME: Final = {"M4": Decimal("98.00"), "S1": Decimal("90.0")}
_METHODS: Final = {"M1": Method.REVENUE, "M2": Method.CUSTOMERS, "M5": Method.DAYS}
# Branches by their place: one says why it sets less, one revises, one gives out by hand, one
# is late.
_DEVIATES, _REVISES, _BY_HAND, _LATE = 0, 1, 2, 3


def target_events(stage: MonthStage) -> Iterator[Event]:
    """Everything about the month's targets, in no order."""
    yield stage.on(stage.working_day(0), 15, 20), partial(_require, stage)
    for place, crew in stage.crews:
        yield from _of_branch(stage, place, crew)


def _require(stage: MonthStage, at: datetime) -> None:
    """The market department's grid: every branch, every indicator."""
    revenue = dict(
        Customer.objects.filter(kind=CustomerKind.GROUP)
        .order_by()
        .values_list("branch_id")
        .annotate(total=Sum("monthly_revenue"))
    )
    cells = []
    for _place, crew in stage.crews:
        rng = stage.chance("required", crew.code)
        asked = {
            "M1": rounded(revenue[crew.branch_id] / _TEN_THOUSAND),
            **{
                code: Decimal(rng.randint(*each) * len(crew.managers))
                for code, each in _EACH.items()
            },
            **_SAME,
        }
        cells += [Cell(crew.branch_id, code, value) for code, value in sorted(asked.items())]
    set_requirements(
        month=stage.month,
        cells=cells,
        expected_version=grid_version(stage.month),
        actor=stage.players.actor(stage.market, at),
        at=at,
    )


def _of_branch(stage: MonthStage, place: int, crew: Crew) -> Iterator[Event]:
    written_on = stage.working_day(1)
    yield stage.on(written_on, 14, minutes=place * 7), partial(_write, stage, place, crew)
    for number, work in enumerate(_works(stage, place)):
        moment = stage.on(written_on, 15, minutes=place * 7 + number)
        yield moment, partial(_set_work, stage, crew, number, work)
    issued_on = stage.working_day(4 if place == _LATE else 2)
    issued_at = stage.on(issued_on, 9, 40, minutes=place * 11)
    yield issued_at, partial(_issue, stage, crew, "")
    yield from _acknowledged(stage, crew, issued_at, "first")
    if place == _REVISES:
        revised_at = stage.on(stage.share(0.5), 10, 30)
        yield revised_at - timedelta(minutes=25), partial(_revise, stage, crew)
        yield revised_at, partial(_issue, stage, crew, words.WHY_REVISED)
        yield from _acknowledged(stage, crew, revised_at, "again")
    for manager in crew.on(written_on).managers:
        yield from _worked(stage, crew, manager)


def _works(stage: MonthStage, place: int) -> tuple[words.Work, ...]:
    return words.WORKS[(place + stage.month.number) % len(words.WORKS)]


def _write(stage: MonthStage, place: int, crew: Crew, at: datetime) -> None:
    """The supervisor's sheet: what was asked, given out by several methods."""
    asked = requirements_of(crew.branch_id, stage.month)
    lines = {
        code: LineEntry(value=value, method=_METHODS.get(code, Method.EQUAL))
        for code, value in asked.items()
    }
    if place == _DEVIATES:
        less = lines["M2"].value or Decimal(0)
        lines["M2"] = LineEntry(
            value=less - 4,
            method=Method.CUSTOMERS,
            why_not_required=words.WHY_NOT_REQUIRED,
        )
    if place == _BY_HAND:
        value = lines["M3"].value or Decimal(0)
        rng = stage.chance("by hand", crew.code)
        weights = {
            person.pk: rng.choice((1, 1, 2)) for person in managers_of(crew.branch_id, stage.month)
        }
        lines["M3"] = LineEntry(
            value=value, method=Method.HAND, parts=shared_out(value, weights, 0)
        )
    entry = TargetEntry(
        priorities=words.PRIORITIES[(place + stage.month.number) % len(words.PRIORITIES)],
        resources=words.RESOURCES[place % len(words.RESOURCES)],
        lines=lines,
    )
    _write_entry(stage, crew, entry, at)


def _write_entry(stage: MonthStage, crew: Crew, entry: TargetEntry, at: datetime) -> None:
    branch = stage.players.branches[crew.branch_id]
    write_targets(
        branch_id=crew.branch_id,
        month=stage.month,
        entry=entry,
        expected_version=sheet_of(branch, stage.month).version,
        actor=stage.players.actor(crew.supervisor, at),
        at=at,
    )


def _set_work(stage: MonthStage, crew: Crew, number: int, work: words.Work, at: datetime) -> None:
    branch = stage.players.branches[crew.branch_id]
    add_work_items(
        branch_id=crew.branch_id,
        month=stage.month,
        manager_ids=[manager.pk for manager in crew.on(local_date(at)).managers],
        entry=WorkEntry(
            what=work.what,
            quantity=work.quantity,
            due_on=stage.share((0.7, 0.95)[number]),
            unit=work.unit,
            resource=work.resource,
            code=work.code,
        ),
        expected_version=sheet_of(branch, stage.month).version,
        actor=stage.players.actor(crew.supervisor, at),
        at=at,
    )


def _issue(stage: MonthStage, crew: Crew, why: str, at: datetime) -> None:
    branch = stage.players.branches[crew.branch_id]
    issue_targets(
        branch_id=crew.branch_id,
        month=stage.month,
        expected_version=sheet_of(branch, stage.month).version,
        actor=stage.players.actor(crew.gm, at),
        at=at,
        why=why,
    )


def _revise(stage: MonthStage, crew: Crew, at: datetime) -> None:
    """More is sold than was thought: one line goes up."""
    sheet = sheet_of(stage.players.branches[crew.branch_id], stage.month)
    entry = entry_of(sheet, lines_of(sheet))
    line = entry.lines["M2"]
    more = LineEntry(
        value=(line.value or Decimal(0)) + 6,
        method=line.method,
        why_not_required="园区新增两家企业，主动上调。",
    )
    revised = TargetEntry(
        priorities=entry.priorities,
        resources=entry.resources,
        lines={**entry.lines, "M2": more},
    )
    _write_entry(stage, crew, revised, at)


def _acknowledged(
    stage: MonthStage, crew: Crew, issued_at: datetime, which: str
) -> Iterator[Event]:
    """Most look at once or by the next noon, a few never."""
    for manager in crew.managers:
        rng = stage.chance("acknowledged", which, manager.job_number)
        hours = rng.choice((0.5, 1, 2, 4, 6, 23, 25, 26))
        moment = issued_at + timedelta(hours=hours, minutes=rng.randint(1, 29))
        if rng.random() < 0.93 and manager.joined_on <= local_date(moment):
            yield moment, partial(_acknowledge, stage, crew, manager)


def _acknowledge(stage: MonthStage, crew: Crew, manager: Member, at: datetime) -> None:
    version = issued_version(sheet_of(stage.players.branches[crew.branch_id], stage.month))
    if not Acknowledgement.objects.filter(issued=version, manager_id=manager.pk).exists():
        acknowledge_targets(version_id=version.pk, actor=stage.players.actor(manager, at), at=at)


def _worked(stage: MonthStage, crew: Crew, manager: Member) -> Iterator[Event]:
    """The first item is done by two thirds of the month in most cases, the second near its end;
    in the present month they also say how far they are. What is past is done."""
    rng = stage.chance("work", manager.job_number)
    half_way = () if stage.months_ago else ((0, 0.45, 0.5),)
    for number, share, part in (*half_way, (0, 0.7, 1.0), (1, 0.85, 1.0)):
        reached = part * rng.choice((0.7, 1, 1, 1, 1.2))
        moment = stage.on(stage.share(share), 16, 40, minutes=rng.randint(0, 70))
        if stage.months_ago or rng.random() < 0.85:
            reached = max(reached, 1.0) if stage.months_ago else reached
            yield moment, partial(_report, stage, crew, manager, number, reached)


def _report(
    stage: MonthStage, crew: Crew, manager: Member, number: int, reached: float, at: datetime
) -> None:
    item = WorkItem.objects.filter(
        sheet__branch_id=crew.branch_id, sheet__month=stage.month.key, manager_id=manager.pk
    ).order_by("pk")[number]
    report_work(
        item_id=item.pk,
        done=max(item.done, round(item.quantity * reached)),
        expected_version=item.version,
        actor=stage.players.actor(manager, at),
        at=at,
    )

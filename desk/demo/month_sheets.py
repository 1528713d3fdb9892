"""A month's score sheets (K4): computed, objected to, confirmed, signed, approved, locked."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from desk.demo import month_words as words
from desk.demo.people import Crew, Member
from desk.demo.players import Event, MonthStage, by_clock
from kpi import jobs
from kpi.choices import OBJECTION_OPEN, ConsequenceState, SheetState
from kpi.models import Consequence, ScoreSheet
from kpi.operations.consequences import decide_consequence
from kpi.operations.corrections import decide_correction, propose_correction
from kpi.operations.objections import decide_objection, object_to_line, review_objection
from kpi.operations.sheets import approve_sheet, confirm_sheet, supervise_sheet

# Lines in which a few summaries or logs of a month come late, the better known first.
_LATE_LINES: Final = ("P3c", "P2b")
_SALES: Final = "M2"
_EXAM: Final = "P4"
_FULL: Final = Decimal(100)


def sheet_events(stage: MonthStage) -> Iterator[Event]:
    """The clock's part and the people's; last month two object, the month before one is
    corrected after the lock."""
    month, end = stage.month.key, stage.end
    yield by_clock(end.sheets_at, jobs.compute_sheets, month=month, cut=end.frozen_at.isoformat())
    yield by_clock(end.locks_at, jobs.lock_sheets, month=month)
    yield by_clock(end.locks_at, jobs.propose_consequences, month=month)
    for _place, crew in stage.crews:
        for manager in crew.managers:
            yield from _one(stage, crew, manager)
    if stage.months_ago == 1:
        yield from _objections(stage)
    if stage.months_ago == 2:
        yield from _correction(stage)
        for _place, crew in stage.crews:
            yield stage.on(stage.day_after(11), 16, 10), partial(_follow, stage, crew)


def _one(stage: MonthStage, crew: Crew, manager: Member) -> Iterator[Event]:
    """Nine of ten confirm; the supervisor signs what is confirmed, the rest once time is up."""
    rng = stage.chance("sheet", manager.job_number)
    confirmed_on = stage.day_after(rng.choice((3, 3, 4, 4, 5, 6)))
    is_confirmed = rng.random() < 0.92
    if is_confirmed:
        moment = stage.on(confirmed_on, 13, 40, minutes=rng.randint(0, 230))
        yield moment, partial(_confirm, stage, manager)
    opinion, head_opinion = rng.choice(words.OPINIONS), rng.choice(words.HEAD_OPINIONS)
    signed_on = stage.day_after(7 if is_confirmed else 9)
    signed_at = stage.on(signed_on, 9, 5, minutes=rng.randint(0, 150))
    yield signed_at, partial(_supervise, stage, crew, manager, opinion)
    approved_at = stage.on(stage.day_after(9), 14, minutes=rng.randint(0, 180))
    yield approved_at, partial(_approve, stage, crew, manager, head_opinion)


def _sheet(stage: MonthStage, manager: Member) -> ScoreSheet:
    return ScoreSheet.objects.get(manager_id=manager.pk, month=stage.month.key)


def _confirm(stage: MonthStage, manager: Member, at: datetime) -> None:
    sheet = _sheet(stage, manager)
    confirm_sheet(
        sheet_id=sheet.pk,
        expected_version=sheet.version,
        actor=stage.players.actor(manager, at),
        at=at,
    )


def _supervise(stage: MonthStage, crew: Crew, manager: Member, opinion: str, at: datetime) -> None:
    sheet = _sheet(stage, manager)
    supervise_sheet(
        sheet_id=sheet.pk,
        opinion=opinion,
        expected_version=sheet.version,
        actor=stage.players.actor(crew.supervisor, at),
        at=at,
    )


def _approve(stage: MonthStage, crew: Crew, manager: Member, opinion: str, at: datetime) -> None:
    sheet = _sheet(stage, manager)
    approve_sheet(
        sheet_id=sheet.pk,
        opinion=opinion,
        expected_version=sheet.version,
        actor=stage.players.actor(crew.gm, at),
        at=at,
    )


# Objections


def _objections(stage: MonthStage) -> Iterator[Event]:
    """The first manager's is upheld, the second's is not."""
    crew = stage.staff.crews[0]
    for number, manager in enumerate(crew.managers[:2]):
        raised_at = stage.on(stage.day_after(4), 9, 30, minutes=number * 25)
        yield raised_at, partial(_object, stage, manager, is_upheld=number == 0)
        reviewed_at = stage.on(stage.day_after(5), 10, minutes=number * 20)
        yield reviewed_at, partial(_review, stage, crew, manager, is_upheld=number == 0)
        decided_at = stage.on(stage.day_after(6), 15, minutes=number * 20)
        yield decided_at, partial(_decide, stage, crew, manager, is_upheld=number == 0)


def _lines(sheet: ScoreSheet) -> dict[str, dict[str, Any]]:
    content = sheet.versions.get(number=sheet.newest).content
    return {line["code"]: line for group in content["groups"] for line in group["items"]}


def _lacking(inputs: Mapping[str, str] | None) -> bool:
    return bool(inputs) and int(inputs["met"]) < int(inputs["total"])  # type: ignore[index]


def _object(stage: MonthStage, manager: Member, at: datetime, *, is_upheld: bool) -> None:
    """To a line that lost points; a month without a late log or summary has no objection."""
    sheet = _sheet(stage, manager)
    lines = _lines(sheet)
    late = [code for code in _LATE_LINES if code in lines and _lacking(lines[code]["inputs"])]
    if is_upheld and not late:
        return
    object_to_line(
        sheet_id=sheet.pk,
        item=late[-1] if is_upheld else _SALES,
        text=words.OBJECTION if is_upheld else words.SALES_OBJECTION,
        expected_version=sheet.version,
        actor=stage.players.actor(manager, at),
        at=at,
    )


def _review(
    stage: MonthStage, crew: Crew, manager: Member, at: datetime, *, is_upheld: bool
) -> None:
    sheet = _sheet(stage, manager)
    for objection in sheet.objections.filter(state__in=OBJECTION_OPEN):
        review_objection(
            objection_id=objection.pk,
            opinion=words.OBJECTION_OPINION if is_upheld else words.SALES_OPINION,
            expected_version=sheet.version,
            actor=stage.players.actor(crew.supervisor, at),
            at=at,
        )


def _decide(
    stage: MonthStage, crew: Crew, manager: Member, at: datetime, *, is_upheld: bool
) -> None:
    sheet = _sheet(stage, manager)
    for objection in sheet.objections.filter(state__in=OBJECTION_OPEN):
        counted = _lines(sheet)[objection.item]["inputs"]
        decide_objection(
            objection_id=objection.pk,
            is_upheld=is_upheld,
            answer=words.OBJECTION_UPHELD if is_upheld else words.SALES_REJECTED,
            inputs={**counted, "met": str(int(counted["met"]) + 1)} if is_upheld else None,
            expected_version=sheet.version,
            actor=stage.players.actor(crew.gm, at),
            at=at,
        )


# What follows


def _follow(stage: MonthStage, crew: Crew, at: datetime) -> None:
    """The general manager takes up what is proposed."""
    for proposal in Consequence.objects.filter(
        branch_id=crew.branch_id, month=stage.month.key, state=ConsequenceState.OPEN
    ):
        decide_consequence(
            consequence_id=proposal.pk,
            is_accepted=True,
            decision=words.FOLLOWED,
            actor=stage.players.actor(crew.gm, at),
            at=at,
        )


# Corrections


def _correction(stage: MonthStage) -> Iterator[Event]:
    """In the second branch a mark was added up wrong, which is found after the lock."""
    crew = stage.staff.crews[1]
    manager = crew.managers[0]
    yield stage.on(stage.day_after(12), 10, 15), partial(_propose, stage, crew, manager)
    yield stage.on(stage.day_after(13), 11, 5), partial(_correct, stage, manager)


def _propose(stage: MonthStage, crew: Crew, manager: Member, at: datetime) -> None:
    sheet = _sheet(stage, manager)
    mark, why = _recounted(sheet, 4)
    propose_correction(
        sheet_id=sheet.pk,
        item=_EXAM,
        inputs={"mark": f"{mark:f}"},
        why=why,
        expected_version=sheet.version,
        actor=stage.players.actor(crew.supervisor, at),
        at=at,
    )


def _recounted(sheet: ScoreSheet, points: int) -> tuple[Decimal, str]:
    """The exam's mark so many points higher, at most full, or lower where it was; and why."""
    mark = Decimal(_lines(sheet)[_EXAM]["inputs"]["mark"])
    if mark >= _FULL:
        return mark - points, words.CORRECTION_DOWN.format(points=points)
    recounted = min(mark + points, _FULL)
    return recounted, words.CORRECTION.format(points=f"{recounted - mark:f}")


def _correct(stage: MonthStage, manager: Member, at: datetime) -> None:
    sheet = _sheet(stage, manager)
    decide_correction(
        correction_id=sheet.corrections.get().pk,
        is_approved=True,
        decision=words.CORRECTION_DECISION,
        expected_version=sheet.version,
        actor=stage.players.actor(stage.second, at),
        at=at,
    )


def correction_waiting(stage: MonthStage, moment: datetime) -> Event:
    """A correction of the first branch that nobody has decided yet, of the newest locked month."""
    crew = stage.staff.crews[0]
    manager = crew.managers[3]

    def happen(at: datetime) -> None:
        sheet = (
            ScoreSheet.objects.filter(manager_id=manager.pk, state=SheetState.LOCKED)
            .order_by("-month")
            .first()
        )
        if sheet is None:
            return
        mark, why = _recounted(sheet, 3)
        propose_correction(
            sheet_id=sheet.pk,
            item=_EXAM,
            inputs={"mark": f"{mark:f}"},
            why=why,
            expected_version=sheet.version,
            actor=stage.players.actor(crew.supervisor, at),
            at=at,
        )

    return moment, happen

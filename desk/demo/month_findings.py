"""Findings of a month's report (P3.5): raised, confirmed or objected to, answered, closed."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Final

from core.errors import Refused
from core.periods import Month, local_date
from desk.demo import month_words as words
from desk.demo.people import Crew
from desk.demo.players import Event, MonthStage, by_clock
from inspections.choices import FindingSource, FindingState
from inspections.jobs import carry_findings
from inspections.models import Finding
from inspections.operations.findings import (
    answer_finding,
    carry_over,
    confirm_finding,
    decide_objection,
    object_to_finding,
    raise_finding,
    recheck_finding,
)
from reports.raising import raise_of_line

# Lines of the report that become findings, by the branch's place.
_ITEMS: Final = {0: ("punctual", "agree"), 4: ("punctual", "agree")}
_ALWAYS: Final = ("punctual",)
_OBJECTS, _SILENT, _UNCHECKED, _CARRIED = 2, 3, 4, 5


def finding_events(stage: MonthStage) -> Iterator[Event]:
    """The life of the findings of a month's report, and what the clock carries over."""
    yield by_clock(stage.end.closes_at, carry_findings, month=stage.month.key)
    for place, crew in stage.crews:
        raised_at = stage.on(stage.day_after(3), 9, 30, minutes=place * 6)
        yield raised_at, partial(_raise, stage, place, crew)
        responded_at = stage.on(stage.day_after(4), 14, 10, minutes=place * 9)
        yield responded_at, partial(_respond, stage, place, crew)
        if place == _OBJECTS:
            yield stage.on(stage.day_after(6), 10), partial(_decide, stage, crew)
        if place not in (_SILENT, _CARRIED):
            answered_on = stage.day_after(8 if place == _OBJECTS else 6)
            yield stage.on(answered_on, 16, minutes=place * 8), partial(_answer, stage, crew)
            checked_on = stage.day_after(9 if place == _OBJECTS else 8)
            if stage.months_ago != 1 or place != _UNCHECKED:
                yield stage.on(checked_on, 14, minutes=place * 5), partial(_recheck, stage, crew)
        if place == _CARRIED:
            yield stage.on(stage.day_after(8), 15, 30), partial(_carry, stage, crew)


def _raise(stage: MonthStage, place: int, crew: Crew, at: datetime) -> None:
    """Every line that has a fault; one without is none."""
    for item in _ITEMS.get(place, _ALWAYS):
        with suppress(Refused):
            raise_of_line(
                month=stage.month,
                branch_id=crew.branch_id,
                item=item,
                actor=stage.players.actor(stage.market, at),
                at=at,
            )


def _findings(stage: MonthStage, crew: Crew, *states: FindingState) -> list[Finding]:
    return list(
        Finding.objects.filter(
            branch_id=crew.branch_id,
            month=stage.month.key,
            source=FindingSource.REPORT,
            state__in=states,
        ).order_by("number")
    )


def _respond(stage: MonthStage, place: int, crew: Crew, at: datetime) -> None:
    actor = stage.players.actor(crew.supervisor, at)
    for number, finding in enumerate(_findings(stage, crew, FindingState.OPEN)):
        if place == _OBJECTS:
            object_to_finding(
                finding_id=finding.pk,
                text=words.OBJECTED,
                expected_version=finding.version,
                actor=actor,
                at=at,
            )
        else:
            confirm_finding(
                finding_id=finding.pk,
                text=words.CONFIRMED[(place + number) % len(words.CONFIRMED)],
                expected_version=finding.version,
                actor=actor,
                at=at,
            )


def _decide(stage: MonthStage, crew: Crew, at: datetime) -> None:
    """The month before last it was overruled, last month upheld."""
    is_upheld = stage.months_ago == 1
    for finding in _findings(stage, crew, FindingState.OBJECTED):
        decide_objection(
            finding_id=finding.pk,
            is_upheld=is_upheld,
            text=words.UPHELD if is_upheld else words.OVERRULED,
            expected_version=finding.version,
            actor=stage.players.actor(stage.market, at),
            at=at,
        )


def _answer(stage: MonthStage, crew: Crew, at: datetime) -> None:
    for finding in _findings(stage, crew, FindingState.CONFIRMED):
        answer_finding(
            finding_id=finding.pk,
            text=words.ANSWERED[finding.item == "agree"],
            evidence=None,
            expected_version=finding.version,
            actor=stage.players.actor(crew.supervisor, at),
            at=at,
        )


def _recheck(stage: MonthStage, crew: Crew, at: datetime) -> None:
    for finding in _findings(stage, crew, FindingState.ANSWERED):
        recheck_finding(
            finding_id=finding.pk,
            is_closed=True,
            text=words.RECHECKED,
            expected_version=finding.version,
            actor=stage.players.actor(stage.second, at),
            at=at,
        )


def _carry(stage: MonthStage, crew: Crew, at: datetime) -> None:
    for finding in _findings(stage, crew, FindingState.CONFIRMED):
        carry_over(
            finding_id=finding.pk,
            due_on=stage.day_after(28),
            text=words.CARRIED,
            expected_version=finding.version,
            actor=stage.players.actor(stage.market, at),
            at=at,
        )


def finding_waiting(stage: MonthStage, moment: datetime) -> Event:
    """Raised by hand in the first branch, which has not answered yet."""
    crew = stage.staff.crews[0]

    def happen(at: datetime) -> None:
        title, facts = words.BY_HAND
        raise_finding(
            branch_id=crew.branch_id,
            month=Month.containing(local_date(at)),
            title=title,
            facts=facts,
            owner_id=crew.managers[1].pk,
            item="frequency",
            clause="P3.3",
            actor=stage.players.actor(stage.market, at),
            at=at,
        )

    return moment, happen

"""Bonus and penalty cases and complaints of a month (K3), on every step of their way."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial

from core.evidence import Evidence
from core.periods import Month
from desk.demo import month_words as words
from desk.demo.month_results import groups_of
from desk.demo.people import Crew, Member
from desk.demo.players import DaysBefore, Event, MonthStage
from kpi.choices import CASE_OPEN, Complainant
from kpi.models import Case, Complaint
from kpi.operations.cases import decide_case, file_case, review_case, state_case
from kpi.operations.complaints import answer_complaint, decide_complaint, receive_complaint
from kpi.queries.case_proof import suggested_arrears

_WON, _ARREARS, _PRIZE, _COMPLAINT = "B3", "D1", "B2", "D3"


def case_events(stage: MonthStage) -> Iterator[Event]:
    """Cases that are decided within their month's time."""
    first, second = stage.staff.crews[:2]
    if stage.months_ago == 1:
        yield from _won(stage, first, first.managers[0], 2)
        yield from _arrears(stage, first, first.managers[0])
        yield from _prize(stage, second, second.managers[0])
        yield from _complaint(stage, first, first.managers[2])
    if stage.months_ago == 2:
        crew = stage.staff.crews[3]
        yield from _won(stage, crew, crew.managers[1], 0)


def _won(stage: MonthStage, crew: Crew, manager: Member, place: int) -> Iterator[Event]:
    """A customer won over: proposed by the manager, decided once the first bill is there."""

    def propose(at: datetime) -> None:
        file_case(
            manager_id=manager.pk,
            item=_WON,
            happened_on=stage.share(0.2),
            facts=words.WON_FACTS,
            customer_id=groups_of(manager)[place].pk,
            files=[_file("专线业务受理单.txt", words.WON_FACTS)],
            actor=stage.players.actor(manager, at),
            at=at,
        )

    yield stage.on(stage.share(0.25), 16, 10), propose
    yield from _heard(
        stage,
        crew,
        manager,
        words.WON_FACTS,
        reviewed_at=stage.on(stage.share(0.35), 10, 20),
        decided_at=stage.on(stage.day_after(1), 16, 30),
        opinion=words.WON_OPINION,
        decision=words.WON_DECISION,
    )


def _arrears(stage: MonthStage, crew: Crew, manager: Member) -> Iterator[Event]:
    """Arrears that the bills show: filed, stated and decided before the freeze."""
    day = stage.day_after(1)
    customer = partial(groups_of, manager)

    def file(at: datetime) -> None:
        file_case(
            manager_id=manager.pk,
            item=_ARREARS,
            happened_on=stage.month.last,
            facts=words.ARREARS_FACTS,
            customer_id=customer()[0].pk,
            actor=stage.players.actor(crew.supervisor, at),
            at=at,
        )

    yield stage.on(day, 10, 50), file
    yield (
        stage.on(day, 13, 45),
        partial(_state, stage, manager, words.ARREARS_FACTS, words.ARREARS_STATEMENT),
    )
    yield from _heard(
        stage,
        crew,
        manager,
        words.ARREARS_FACTS,
        reviewed_at=stage.on(day, 14, 50),
        decided_at=stage.on(stage.day_after(2), 9, 30),
        opinion=words.ARREARS_OPINION,
        decision=words.ARREARS_DECISION,
    )


def _prize(stage: MonthStage, crew: Crew, manager: Member) -> Iterator[Event]:
    def propose(at: datetime) -> None:
        file_case(
            manager_id=manager.pk,
            item=_PRIZE,
            option="city",
            happened_on=stage.share(0.4),
            facts=words.PRIZE_FACTS,
            subject=words.PRIZE,
            files=[_file("表彰通报.txt", words.PRIZE_FILE)],
            actor=stage.players.actor(manager, at),
            at=at,
        )

    yield stage.on(stage.share(0.45), 9, 30), propose
    yield from _heard(
        stage,
        crew,
        manager,
        words.PRIZE_FACTS,
        reviewed_at=stage.on(stage.share(0.5), 11),
        decided_at=stage.on(stage.share(0.6), 15, 10),
        opinion=words.PRIZE_OPINION,
        decision=words.PRIZE_DECISION,
    )


def _complaint(stage: MonthStage, crew: Crew, manager: Member) -> Iterator[Event]:
    """A customer's complaint: answered on the day, found justified, and it costs points."""
    received_on = stage.share(0.2)
    day = partial(stage.calendar.next_working_day, received_on)
    yield (
        stage.on(received_on, 9, 40),
        partial(_receive, stage, crew, manager, words.COMPLAINT_FACTS, words.COMPLAINT_BY[0]),
    )

    def found(at: datetime) -> Complaint:
        return Complaint.objects.get(manager_id=manager.pk, complainant=Complainant.CUSTOMER)

    def answer(at: datetime) -> None:
        complaint = found(at)
        answer_complaint(
            complaint_id=complaint.pk,
            answer=words.COMPLAINT_ANSWER,
            expected_version=complaint.version,
            actor=stage.players.actor(crew.supervisor, at),
            at=at,
        )

    def decide(at: datetime) -> None:
        complaint = found(at)
        decide_complaint(
            complaint_id=complaint.pk,
            is_upheld=True,
            finding=words.COMPLAINT_FINDING,
            expected_version=complaint.version,
            actor=stage.players.actor(crew.supervisor, at),
            at=at,
        )

    def file(at: datetime) -> None:
        file_case(
            manager_id=manager.pk,
            item=_COMPLAINT,
            happened_on=received_on,
            facts=words.COMPLAINT_CASE,
            complaint_id=found(at).pk,
            actor=stage.players.actor(crew.supervisor, at),
            at=at,
        )

    yield stage.on(received_on, 16, 10), answer
    yield stage.on(day(1), 11), decide
    yield stage.on(day(1), 14, 30), file
    yield (
        stage.on(day(2), 10, 15),
        partial(_state, stage, manager, words.COMPLAINT_CASE, words.COMPLAINT_STATEMENT),
    )
    yield from _heard(
        stage,
        crew,
        manager,
        words.COMPLAINT_CASE,
        reviewed_at=stage.on(day(2), 15),
        decided_at=stage.on(day(4), 9, 50),
        opinion=words.COMPLAINT_OPINION,
        decision=words.COMPLAINT_DECISION,
    )


# What is open now


def open_case_events(stage: MonthStage, days: DaysBefore) -> Iterator[Event]:
    """In the first branch: a prize that waits for the general manager, arrears that wait for
    the manager, a customer's and an employee's complaint under investigation."""
    crew = stage.staff.crews[0]
    first, second, _third, fourth, fifth = crew.managers[:5]
    yield days.at(4, 10), partial(_file_speech, stage, second, days.day(6))
    reviewed_at = days.at(2, 15, 20)
    yield (
        reviewed_at,
        partial(_review, stage, crew, second, words.SPEECH_FACTS, words.SPEECH_OPINION),
    )
    yield days.at(1, 16), partial(_file_suggested, stage, crew, first)
    yield (
        days.at(1, 14, 20),
        partial(_receive, stage, crew, fourth, words.COMPLAINT_OPEN, words.COMPLAINT_BY[1]),
    )
    yield days.at(2, 10, 30), partial(_receive_of_employee, stage, crew, fifth)


def _file_speech(stage: MonthStage, manager: Member, happened_on: date, at: datetime) -> None:
    file_case(
        manager_id=manager.pk,
        item=_PRIZE,
        option="branch",
        happened_on=happened_on,
        facts=words.SPEECH_FACTS,
        subject=words.SPEECH,
        files=[_file("名次公示.txt", words.SPEECH_FILE)],
        actor=stage.players.actor(manager, at),
        at=at,
    )


def _file_suggested(stage: MonthStage, crew: Crew, manager: Member, at: datetime) -> None:
    """What the newest bills show of the manager's customers and nobody has filed yet."""
    for one in suggested_arrears([crew.branch_id], [_ARREARS], at):
        if one.bill.manager_id == manager.pk:
            file_case(
                manager_id=manager.pk,
                item=_ARREARS,
                happened_on=Month.parse(one.bill.month).last,
                facts=words.ARREARS_LATE,
                customer_id=one.bill.customer_id,
                actor=stage.players.actor(crew.supervisor, at),
                at=at,
            )
            return


def _receive_of_employee(stage: MonthStage, crew: Crew, manager: Member, at: datetime) -> None:
    receive_complaint(
        complainant=Complainant.EMPLOYEE,
        manager_id=manager.pk,
        facts=words.EMPLOYEE_FACTS,
        investigator_id=crew.deputy.pk,
        received_at=at,
        by=words.EMPLOYEE_BY,
        actor=stage.players.actor(crew.gm, at),
        at=at,
    )


# Steps


def _receive(
    stage: MonthStage, crew: Crew, manager: Member, facts: str, by: str, at: datetime
) -> None:
    receive_complaint(
        complainant=Complainant.CUSTOMER,
        manager_id=manager.pk,
        facts=facts,
        investigator_id=crew.supervisor.pk,
        received_at=at,
        customer_id=groups_of(manager)[0].pk,
        by=by,
        actor=stage.players.actor(crew.supervisor, at),
        at=at,
    )


def _heard(
    stage: MonthStage,
    crew: Crew,
    manager: Member,
    facts: str,
    *,
    reviewed_at: datetime,
    decided_at: datetime,
    opinion: str,
    decision: str,
) -> Iterator[Event]:
    yield reviewed_at, partial(_review, stage, crew, manager, facts, opinion)
    yield decided_at, partial(_decide, stage, crew, manager, facts, decision)


def _open(manager: Member, facts: str) -> Case:
    """The manager's open case that was filed with these words."""
    return Case.objects.get(manager_id=manager.pk, facts=facts, state__in=CASE_OPEN)


def _state(stage: MonthStage, manager: Member, facts: str, text: str, at: datetime) -> None:
    case = _open(manager, facts)
    state_case(
        case_id=case.pk,
        statement=text,
        expected_version=case.version,
        actor=stage.players.actor(manager, at),
        at=at,
    )


def _review(
    stage: MonthStage, crew: Crew, manager: Member, facts: str, opinion: str, at: datetime
) -> None:
    case = _open(manager, facts)
    review_case(
        case_id=case.pk,
        opinion=opinion,
        expected_version=case.version,
        actor=stage.players.actor(crew.supervisor, at),
        at=at,
    )


def _decide(
    stage: MonthStage, crew: Crew, manager: Member, facts: str, decision: str, at: datetime
) -> None:
    case = _open(manager, facts)
    decide_case(
        case_id=case.pk,
        is_approved=True,
        decision=decision,
        expected_version=case.version,
        actor=stage.players.actor(crew.gm, at),
        at=at,
    )


def _file(name: str, text: str) -> Evidence:
    return Evidence(name, f"{text}\n".encode())

"""Complaints of customers and of employees (K3.6): received, investigated, answered, found.

An employee's complaint is its investigator's and the general manager's alone: notices go to
nobody else, and the trail keeps neither its words nor whom it is about. Who complained is sealed;
opening the name is an operation of its own.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from core.formats import moment, plain_day
from core.periods import local_date
from core.queries import calendar
from core.sealing import open_sealed, seal
from customers.models import Customer
from duties.choices import NoticeKind
from duties.notices import notice_to
from duties.operations import notify_all
from kpi.case_rules import answer_due_at, earliest_day
from kpi.choices import Complainant, ComplaintState
from kpi.models import Complaint
from kpi.operations import case_steps
from kpi.permissions import can_handle_complaint, can_receive_complaint, receives_complaints
from kpi.queries.cases import post_of
from kpi.queries.complaints import complaint_for, investigators
from organization.choices import Role
from organization.in_force import settings_of
from organization.models import Branch, Person
from organization.queries import holders_of

NAME_AT_MOST = 60
# Two series, so that gaps in the customers' numbers tell nothing of the employees'.
_SERIES = {Complainant.CUSTOMER: "TS", Complainant.EMPLOYEE: "YT"}


@transaction.atomic
def receive_complaint(
    *,
    complainant: str,
    manager_id: int,
    facts: str,
    investigator_id: int,
    received_at: datetime,
    actor: Actor,
    at: datetime,
    customer_id: int | None = None,
    by: str = "",
) -> Complaint:
    """Take a complaint about a manager in, and name who investigates it (K3.6).

    ``by`` is who complained: it is sealed. The answer is due some working days after
    ``received_at``. An employee's complaint is taken in by the general manager alone.
    """
    if not receives_complaints(actor):
        raise NotAllowed(_("投诉由主管、总经理和市场部受理。"))
    if complainant not in Complainant.values:
        raise Refused(_("选谁投诉。"), field="complainant")
    manager, branch = _about(manager_id, complainant, actor, at)
    if received_at > at:
        raise Refused(_("收到的时间不能晚于现在。"), field="received_at")
    earliest = earliest_day(local_date(at))
    if local_date(received_at) < earliest:
        raise Refused(
            _("一年以前收到的投诉不再受理，最早 %(day)s。") % {"day": plain_day(earliest)},
            field="received_at",
        )
    facts = case_steps.written(facts, field="facts", missing=_("写明投诉的内容。"))
    if len(by.strip()) > NAME_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": NAME_AT_MOST}, field="by")
    customer = _customer(customer_id, complainant, actor)
    investigator = _investigator(branch.pk, investigator_id, manager.pk, at)
    on = local_date(received_at)
    due_at = answer_due_at(received_at, calendar(on.year, on.year + 1), settings_of(branch.pk, on))
    sealed = seal(by.strip())
    complaint = case_steps.numbered(
        lambda number: Complaint(
            number=number,
            complainant=complainant,
            manager=manager,
            branch=branch,
            customer=customer,
            by_sealed=sealed,
            facts=facts,
            received_at=received_at,
            answer_due_at=due_at,
            investigator=investigator,
            raised_at=at,
            raised_by_id=actor.somebody,
            updated_at=at,
        ),
        _SERIES[Complainant(complainant)],
        at,
        lambda: None,
    )
    _tell_investigator(complaint, actor, at)
    _record(
        "kpi.receive_complaint",
        complaint,
        actor,
        at,
        after={"investigator": investigator.name, "answer_due_at": due_at.isoformat()},
    )
    return complaint


def _about(manager_id: int, complainant: str, actor: Actor, at: datetime) -> tuple[Person, Branch]:
    """The manager and the branch in which he is, or was last, one; within the actor's reach."""
    grant = post_of(manager_id, at)
    if grant is None or not can_receive_complaint(actor, grant.branch_id, Complainant.CUSTOMER):
        raise Refused(_("选一名本分公司的客户经理。"), field="manager")
    if not can_receive_complaint(actor, grant.branch_id, complainant):
        raise NotAllowed(_("员工的投诉由总经理受理。"))
    if grant.person_id == actor.person_id:
        raise NotAllowed(_("关于自己的投诉由别人受理。"))
    return grant.person, grant.branch


def _customer(customer_id: int | None, complainant: str, actor: Actor) -> Customer | None:
    if customer_id is None or complainant != Complainant.CUSTOMER:
        return None
    found = Customer.objects.visible_to(actor).filter(pk=customer_id).first()
    if found is None:
        raise Refused(_("没有这户客户。"), field="customer")
    return found


def _investigator(branch_id: int, investigator_id: int, manager_id: int, at: datetime) -> Person:
    """Somebody who leads the branch or is of the market department; not whom it is about."""
    offered = {person.pk: person for person in investigators(branch_id, at)}
    found = offered.get(investigator_id)
    if found is None or found.pk == manager_id:
        raise Refused(_("调查人选本分公司负责人或市场部的人，被投诉人除外。"), field="investigator")
    return found


def _handled(actor: Actor, complaint_id: int, expected_version: int) -> Complaint:
    """The complaint, for whoever investigates it or may receive such a one."""
    complaint = complaint_for(actor, complaint_id)
    if not can_handle_complaint(actor, complaint):
        raise NotAllowed(_("投诉由调查人和受理的负责人处理。"))
    if complaint.version != expected_version:
        raise Stale(complaint_state(complaint))
    return complaint


def _check_open(complaint: Complaint) -> None:
    if complaint.state != ComplaintState.OPEN:
        raise Refused(_("这件投诉已有结论。"))


@transaction.atomic
def assign_investigator(
    *, complaint_id: int, investigator_id: int, expected_version: int, actor: Actor, at: datetime
) -> Complaint:
    """Give the investigation to somebody else; the former no longer sees an employee's."""
    complaint = complaint_for(actor, complaint_id)
    if not can_receive_complaint(actor, complaint.branch_id, complaint.complainant):
        raise NotAllowed(_("调查人由受理的负责人指定。"))
    complaint = _handled(actor, complaint_id, expected_version)
    _check_open(complaint)
    person = _investigator(complaint.branch_id, investigator_id, complaint.manager_id, at)
    if person.pk == complaint.investigator_id:
        raise Refused(_("现在就是他在调查。"), field="investigator")
    before = {"investigator": complaint.investigator.name}
    complaint = _moved(complaint, at, investigator=person)
    _tell_investigator(complaint, actor, at)
    _record(
        "kpi.assign_investigator",
        complaint,
        actor,
        at,
        before=before,
        after={"investigator": person.name},
    )
    return complaint


@transaction.atomic
def answer_complaint(
    *, complaint_id: int, answer: str, expected_version: int, actor: Actor, at: datetime
) -> Complaint:
    """Write down what whoever complained was answered; from now on it counts as answered."""
    complaint = _handled(actor, complaint_id, expected_version)
    if complaint.state == ComplaintState.WITHDRAWN:
        raise Refused(_("这件投诉已有结论。"))
    if complaint.answered_at:
        raise Refused(_("已答复过。"))
    answer = case_steps.written(answer, field="answer", missing=_("写明怎样答复的。"))
    complaint = _moved(complaint, at, answer=answer, answered_at=at)
    _record(
        "kpi.answer_complaint",
        complaint,
        actor,
        at,
        after={"answered_at": at.isoformat(), "is_late": at > complaint.answer_due_at},
        why=answer,
    )
    return complaint


@transaction.atomic
def decide_complaint(
    *,
    complaint_id: int,
    is_upheld: bool,
    finding: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Complaint:
    """The result of the investigation: justified or not (K3.6), and what was found."""
    complaint = _handled(actor, complaint_id, expected_version)
    _check_open(complaint)
    finding = case_steps.written(finding, field="finding", missing=_("写明查到了什么。"))
    complaint = _moved(
        complaint,
        at,
        state=ComplaintState.UPHELD if is_upheld else ComplaintState.REJECTED,
        finding=finding,
        decided_at=at,
        decided_by_id=actor.somebody,
    )
    _tell_receiver(complaint, actor, at)
    _record(
        "kpi.decide_complaint",
        complaint,
        actor,
        at,
        before={"state": ComplaintState.OPEN.value},
        why=finding,
    )
    return complaint


@transaction.atomic
def escalate_complaint(
    *, complaint_id: int, why: str, expected_version: int, actor: Actor, at: datetime
) -> Complaint:
    """Note that it went up to a regulator: upheld, it then costs more (annex 5.4, D3)."""
    complaint = _handled(actor, complaint_id, expected_version)
    if complaint.is_escalated:
        raise Refused(_("已记为升级到监管部门。"))
    if complaint.state == ComplaintState.WITHDRAWN:
        raise Refused(_("这件投诉已有结论。"))
    why = case_steps.written(why, field="why", missing=_("写明升级到哪里、什么时候。"))
    complaint = _moved(complaint, at, is_escalated=True)
    _record(
        "kpi.escalate_complaint",
        complaint,
        actor,
        at,
        before={"is_escalated": False},
        after={"is_escalated": True},
        why=why,
    )
    return complaint


@transaction.atomic
def withdraw_complaint(
    *, complaint_id: int, why: str, expected_version: int, actor: Actor, at: datetime
) -> Complaint:
    """Note that whoever complained took it back, before there was a result."""
    complaint = _handled(actor, complaint_id, expected_version)
    _check_open(complaint)
    why = case_steps.written(why, field="why", missing=_("写明为什么撤回。"))
    complaint = _moved(
        complaint,
        at,
        state=ComplaintState.WITHDRAWN,
        finding=why,
        decided_at=at,
        decided_by_id=actor.somebody,
    )
    _record(
        "kpi.withdraw_complaint",
        complaint,
        actor,
        at,
        before={"state": ComplaintState.OPEN.value},
        why=why,
    )
    return complaint


@transaction.atomic
def open_complainant(
    *, complaint_id: int, reason: str, actor: Actor, at: datetime
) -> tuple[Complaint, str]:
    """Who complained, for a stated reason; the look is written down (E7)."""
    complaint = complaint_for(actor, complaint_id)
    if not can_handle_complaint(actor, complaint):
        raise NotAllowed(_("投诉人的姓名只给调查人和受理的负责人看。"))
    reason = case_steps.written(reason, field="reason", missing=_("写明为什么要看。"))
    _record("kpi.open_complainant", complaint, actor, at, why=reason)
    return complaint, open_sealed(complaint.by_sealed)


# What the steps share


def complaint_state(complaint: Complaint) -> dict[str, Any]:
    """The complaint as it stands, for whoever came too late."""
    return {"version": complaint.version, "state": str(complaint.state)}


def _moved(complaint: Complaint, at: datetime, **values: Any) -> Complaint:
    """One step on, by compare-and-set; Stale when somebody was first."""
    updated = Complaint.objects.filter(pk=complaint.pk, version=complaint.version).update(
        version=F("version") + 1, updated_at=at, **values
    )
    found = Complaint.objects.select_related(
        "manager", "branch", "customer", "investigator", "decided_by", "raised_by"
    ).get(pk=complaint.pk)
    if not updated:
        raise Stale(complaint_state(found))
    return found


def _tell_investigator(complaint: Complaint, actor: Actor, at: datetime) -> None:
    _tell(
        complaint,
        [complaint.investigator],
        "investigate",
        lambda: (
            _("%(number)s 请您调查，%(by)s 前答复")
            % {"number": complaint.number, "by": moment(complaint.answer_due_at, at)}
        ),
        actor,
        at,
    )


def _tell_receiver(complaint: Complaint, actor: Actor, at: datetime) -> None:
    """Whoever took it in and the general manager hear the result; of an employee's he alone."""
    heads = holders_of([Role.GM], local_date(at), complaint.branch_id)
    people = heads if is_of_employee(complaint) else [*heads, complaint.raised_by]

    def title() -> str:
        words = (
            _("%(number)s 认定有理，可申报扣分")
            if complaint.state == ComplaintState.UPHELD
            else _("%(number)s 认定无理")
        )
        return words % {"number": complaint.number}

    _tell(complaint, people, "decided", title, actor, at)


def _tell(
    complaint: Complaint,
    people: list[Person],
    step: str,
    title: Callable[[], str],
    actor: Actor,
    at: datetime,
) -> None:
    notify_all(
        [
            notice_to(
                person,
                kind=NoticeKind.CASE,
                group=f"complaint:{complaint.pk}",
                key=f"complaint:{complaint.pk}:{complaint.version}:{step}",
                title=title,
                url=reverse("complaint", args=[complaint.pk]),
                at=at,
            )
            for person in {one.pk: one for one in people}.values()
            if person.pk not in (actor.person_id, complaint.manager_id)
        ]
    )


def is_of_employee(complaint: Complaint) -> bool:
    """Whether it is an employee's, which hardly anybody may know of."""
    return complaint.complainant == Complainant.EMPLOYEE


def _record(
    what: str,
    complaint: Complaint,
    actor: Actor,
    at: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str = "",
) -> None:
    """The step's row in the trail; of an employee's complaint without words, names and branch."""
    is_masked = is_of_employee(complaint)
    label = complaint.number if is_masked else f"{complaint.number} {complaint.manager.name}"
    shown = {"state": str(complaint.state), **(after or {})}
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="complaint",
        target_id=complaint.pk,
        target_label=label,
        branch_id=None if is_masked else complaint.branch_id,
        before=_masked(before or {}) if is_masked else before,
        after=_masked(shown) if is_masked else shown,
        why=MASK if is_masked and why else why,
    )


MASK = "***"


def _masked(values: Mapping[str, Any]) -> dict[str, Any]:
    """States and moments stay; names do not."""
    return {name: MASK if name == "investigator" else value for name, value in values.items()}

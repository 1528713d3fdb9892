"""A complaint's page: what was said, what was found, and what the reader can do next."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.actions import Again, action_context, perform, status_of
from core.actors import Acting
from core.errors import NotFound
from core.formats import moment
from core.pages import toast
from core.parts import Fact, Step
from core.periods import Month, local_date
from core.requests import SignedInRequest
from kpi import case_rules as rules
from kpi.case_forms import (
    AnswerForm,
    AssignForm,
    ComplaintCaseForm,
    EscalateForm,
    FindingForm,
    OpenForm,
    TakeBackForm,
)
from kpi.case_rules import Kind
from kpi.case_table import complaint_chip, is_answer_late
from kpi.choices import Complainant, ComplaintState
from kpi.models import Case, Complaint
from kpi.operations import complaints as operations
from kpi.operations.case_filing import AlreadyFiled
from kpi.operations.cases import file_case
from kpi.permissions import can_file_case, can_handle_complaint, can_receive_complaint
from kpi.queries.cases import items_of, scheme_of_month
from kpi.queries.complaints import complaint_for, investigators
from kpi.scheme import Item


@require_safe
def complaint(request: SignedInRequest, pk: int) -> HttpResponse:
    """One complaint; in the list's panel when the list asks."""
    return _page(request, complaint_for(request.actor, pk), clock.now())


def _page(
    request: SignedInRequest,
    complaint: Complaint,
    at: datetime,
    again: Again | None = None,
    *,
    opened: str | None = None,
) -> HttpResponse:
    context = {
        "complaint": complaint,
        "is_employee": operations.is_of_employee(complaint),
        "chip": complaint_chip(complaint, at),
        "facts": _facts(complaint),
        "steps": _steps(complaint, at),
        "case": _case(request, complaint),
        "waits": complaint.state != ComplaintState.WITHDRAWN and not complaint.answered_at,
        "has_name": bool(complaint.by_sealed),
        "opened": opened,
        "at": at,
        **action_context(
            request, _forms(request, complaint, at), again, list_url=reverse("complaints")
        ),
    }
    return render(request, "kpi/complaint.html", context, status=status_of(again))


def _facts(complaint: Complaint) -> list[Fact]:
    customer = complaint.customer
    found = [
        (_("被投诉人"), f"{complaint.manager.name} {complaint.manager.job_number}", ""),
        (_("谁投诉"), str(Complainant(complaint.complainant).label), ""),
        (
            pgettext("一户", "客户"),
            customer.name if customer else "",
            reverse("customer", args=[customer.pk]) if customer else "",
        ),
        (_("收到"), moment(complaint.received_at), ""),
        (_("调查人"), f"{complaint.investigator.name} {complaint.investigator.post}".strip(), ""),
        (_("升级"), _("已到监管部门") if complaint.is_escalated else "", ""),
        (_("分公司"), complaint.branch.name, ""),
        (_("编号"), complaint.number, ""),
    ]
    return [Fact(label, value, url) for label, value, url in found if value]


def _case(request: SignedInRequest, complaint: Complaint) -> Case | None:
    """The case that came of it, for who may see that one."""
    return Case.objects.visible_to(request.actor).filter(complaint=complaint).first()


def _steps(complaint: Complaint, at: datetime) -> list[Step]:
    """Its way so far, oldest first."""
    found = [Step("received", _("已受理"), complaint.raised_by.name, complaint.raised_at)]
    if complaint.answered_at:
        is_late = is_answer_late(complaint, at)
        found.append(
            Step(
                "late" if is_late else "sent",
                _("逾期答复") if is_late else _("已答复"),
                complaint.investigator.name,
                complaint.answered_at,
                complaint.answer,
            )
        )
    if complaint.decided_at and complaint.decided_by:
        state = ComplaintState(complaint.state)
        chip = {ComplaintState.UPHELD: "check", ComplaintState.REJECTED: "done"}
        found.append(
            Step(
                chip.get(state, "stopped"),
                str(state.label),
                complaint.decided_by.name,
                complaint.decided_at,
                complaint.finding,
            )
        )
    return sorted(found, key=lambda step: step.at)


def complaint_item(at: datetime) -> Item | None:
    """The item under which justified complaints are filed."""
    content = scheme_of_month(Month.containing(local_date(at)), at)
    items = items_of(content) if content else []
    return next((one for one in items if rules.kind_of(one) == Kind.COMPLAINT), None)


def _forms(request: SignedInRequest, complaint: Complaint, at: datetime) -> dict[str, forms.Form]:
    """What the reader can do to the complaint as it stands, by name."""
    actor = request.actor
    found: dict[str, forms.Form] = {}
    if not can_handle_complaint(actor, complaint):
        return found
    begin = {"version": complaint.version}
    is_open = complaint.state == ComplaintState.OPEN
    is_alive = complaint.state != ComplaintState.WITHDRAWN
    if is_alive and not complaint.answered_at:
        found["answer"] = AnswerForm(initial=begin)
    if is_open:
        found["decide"] = FindingForm(initial=begin)
    if is_alive and not complaint.is_escalated:
        found["escalate"] = EscalateForm(initial=begin)
    if is_open and can_receive_complaint(actor, complaint.branch_id, complaint.complainant):
        people = [
            one
            for one in investigators(complaint.branch_id, at)
            if one.pk not in (complaint.manager_id, complaint.investigator_id)
        ]
        found["assign"] = AssignForm(initial=begin).offer(people)
    if is_open:
        found["withdraw"] = TakeBackForm(initial=begin)
    if complaint.by_sealed:
        found["name"] = OpenForm()
    if _may_propose(request, complaint):
        found["case"] = ComplaintCaseForm(initial={"facts": case_facts(complaint)})
    return found


def _may_propose(request: SignedInRequest, complaint: Complaint) -> bool:
    return (
        complaint.state == ComplaintState.UPHELD
        and can_file_case(request.actor, complaint.branch_id)
        and not Case.objects.filter(complaint=complaint).exists()
    )


def case_facts(complaint: Complaint) -> str:
    """What the case says at first; of an employee's complaint nothing that tells of it."""
    if operations.is_of_employee(complaint):
        return _("员工的投诉经调查认定有理（投诉内容保密）。")
    return _("客户投诉 %(number)s 经调查认定有理：%(finding)s") % {
        "number": complaint.number,
        "finding": complaint.finding,
    }


# What can be done


Result = TypeVar("Result")


def _act(
    request: SignedInRequest,
    pk: int,
    name: str,
    form: forms.Form,
    act: Callable[[dict[str, Any], Acting], Result],
    done: Callable[[Result], HttpResponse],
    at: datetime,
) -> HttpResponse:
    """Do what a form asks; see core.actions."""

    def meanwhile(now: Complaint) -> str:
        return _("别处刚动过这件投诉，现在是“%(state)s”。您写的都在，看过后再提交。") % {
            "state": now.get_state_display()
        }

    return perform(
        request,
        name,
        form,
        act,
        at=at,
        find=lambda: complaint_for(request.actor, pk),
        show=lambda now, again: _page(request, now, at, again),
        meanwhile=meanwhile,
        done=done,
    )


def _change(
    request: SignedInRequest,
    pk: int,
    name: str,
    form: forms.Form,
    said: str,
    act: Callable[[dict[str, Any], Acting], Complaint],
) -> HttpResponse:
    """Do what changes the complaint; back to it, or to the list where it is out of sight now."""

    def done(changed: Complaint) -> HttpResponse:
        toast(request, said, detail=changed.number)
        is_seen = Complaint.objects.visible_to(request.actor).filter(pk=pk).exists()
        url = reverse("complaint", args=[pk]) if is_seen else reverse("complaints")
        return HttpResponseRedirect(url)

    return _act(request, pk, name, form, act, done, clock.now())


@require_POST
def complaint_assign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Somebody else investigates."""
    found = complaint_for(request.actor, pk)
    form = AssignForm(request.POST).offer(investigators(found.branch_id, clock.now()))

    def act(given: dict[str, Any], acting: Acting) -> Complaint:
        return operations.assign_investigator(
            complaint_id=pk, investigator_id=given["investigator"], **acting
        )

    return _change(request, pk, "assign", form, _("已改由他调查"), act)


@require_POST
def complaint_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """What whoever complained was answered."""

    def act(given: dict[str, Any], acting: Acting) -> Complaint:
        return operations.answer_complaint(complaint_id=pk, answer=given["answer"], **acting)

    return _change(request, pk, "answer", AnswerForm(request.POST), _("答复已记下"), act)


@require_POST
def complaint_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """The result of the investigation."""

    def act(given: dict[str, Any], acting: Acting) -> Complaint:
        is_upheld = given["verdict"] == "upheld"
        return operations.decide_complaint(
            complaint_id=pk, is_upheld=is_upheld, finding=given["finding"], **acting
        )

    return _change(request, pk, "decide", FindingForm(request.POST), _("结论已记下"), act)


@require_POST
def complaint_escalate(request: SignedInRequest, pk: int) -> HttpResponse:
    """It went up to a regulator."""

    def act(given: dict[str, Any], acting: Acting) -> Complaint:
        return operations.escalate_complaint(complaint_id=pk, why=given["why"], **acting)

    return _change(request, pk, "escalate", EscalateForm(request.POST), _("已记为升级"), act)


@require_POST
def complaint_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whoever complained took it back."""

    def act(given: dict[str, Any], acting: Acting) -> Complaint:
        return operations.withdraw_complaint(complaint_id=pk, why=given["why"], **acting)

    return _change(request, pk, "withdraw", TakeBackForm(request.POST), _("已记为撤回"), act)


@require_POST
def complaint_open(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who complained, for a reason; the look is written down."""
    at = clock.now()

    def act(given: dict[str, Any], acting: Acting) -> tuple[Complaint, str]:
        return operations.open_complainant(
            complaint_id=pk, reason=given["reason"], actor=acting["actor"], at=at
        )

    def done(opened: tuple[Complaint, str]) -> HttpResponse:
        return _page(request, opened[0], at, opened=opened[1])

    return _act(request, pk, "name", OpenForm(request.POST), act, done, at)


@require_POST
def complaint_case(request: SignedInRequest, pk: int) -> HttpResponse:
    """The case that follows from a justified complaint (D3), filed with one tap."""
    at = clock.now()
    found = complaint_for(request.actor, pk)
    item = complaint_item(at)
    if item is None:
        raise NotFound

    def act(given: dict[str, Any], acting: Acting) -> Case | AlreadyFiled:
        try:
            return file_case(
                manager_id=found.manager_id,
                item=item.code,
                complaint_id=found.pk,
                customer_id=found.customer_id,
                happened_on=local_date(found.received_at),
                facts=given["facts"],
                actor=acting["actor"],
                at=at,
            )
        except AlreadyFiled as first:
            return first

    def done(filed: Case | AlreadyFiled) -> HttpResponse:
        if isinstance(filed, AlreadyFiled):
            toast(request, str(filed.message))
            return HttpResponseRedirect(reverse("case", args=[filed.case_id]))
        toast(request, _("已申报，等本人说明"), detail=filed.number)
        return HttpResponseRedirect(reverse("case", args=[filed.pk]))

    return _act(request, pk, "case", ComplaintCaseForm(request.POST), act, done, at)


_COMPLAINT = "complaints/<int:pk>/"
urlpatterns = [
    path(_COMPLAINT, complaint, name="complaint"),
    path(f"{_COMPLAINT}assign/", complaint_assign, name="complaint-assign"),
    path(f"{_COMPLAINT}answer/", complaint_answer, name="complaint-answer"),
    path(f"{_COMPLAINT}decide/", complaint_decide, name="complaint-decide"),
    path(f"{_COMPLAINT}escalate/", complaint_escalate, name="complaint-escalate"),
    path(f"{_COMPLAINT}withdraw/", complaint_withdraw, name="complaint-withdraw"),
    path(f"{_COMPLAINT}open/", complaint_open, name="complaint-open"),
    path(f"{_COMPLAINT}case/", complaint_case, name="complaint-case"),
]

"""A finding's page: the facts and their rows, its steps, and what the reader can do next."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.actions import Again, action_context, perform, status_of
from core.actors import Acting
from core.errors import NotFound
from core.formats import month_name, number, short_day
from core.forms import one_file
from core.pages import toast
from core.parts import Fact, Step
from core.periods import Month, local_date
from core.queries import calendar
from core.requests import SignedInRequest
from inspections import rules
from inspections.choices import FindingState, StepKind
from inspections.forms import (
    AnswerForm,
    CarryForm,
    ConfirmForm,
    DecideForm,
    ObjectForm,
    RecheckForm,
)
from inspections.models import Finding, FindingStep
from inspections.operations import findings as operations
from inspections.permissions import can_answer, can_inspect, can_respond
from inspections.queries import TO_RECTIFY, check_items, finding_for
from inspections.table import state_chip
from inspections.words import in_language
from organization.in_force import settings_of
from worklogs.views.downloads import archived

STEP_CHIPS: Final = {
    StepKind.RAISED: "new",
    StepKind.CONFIRMED: "confirmed",
    StepKind.OBJECTED: "objected",
    StepKind.UPHELD: "stopped",
    StepKind.OVERRULED: "returned",
    StepKind.ANSWERED: "sent",
    StepKind.CLOSED: "done",
    StepKind.REOPENED: "returned",
    StepKind.CARRIED: "late",
}


@require_safe
def finding(request: SignedInRequest, pk: int) -> HttpResponse:
    """One finding; in the list's panel when the list asks."""
    return _page(request, finding_for(request.actor, pk), clock.now())


def _page(
    request: SignedInRequest, finding: Finding, at: datetime, again: Again | None = None
) -> HttpResponse:
    context = {
        "finding": finding,
        "state": state_chip(finding, at),
        "facts": _facts(finding, at),
        "steps": _steps(finding),
        "waits": _waits(finding),
        "at": at,
        **action_context(
            request, _forms(request, finding, at), again, list_url=reverse("findings")
        ),
    }
    return render(request, "inspections/finding.html", context, status=status_of(again))


def _steps(finding: Finding) -> list[Step]:
    """Its way so far, oldest first; the facts it began with stand above."""
    found = []
    for place, step in enumerate(finding.steps.select_related("by", "file")):
        state, word = _step_chip(step, finding)
        who = step.by.name if step.by else _("系统")
        shown = Step(state, word, who, step.at, step.text if place else "")
        if step.file is not None:
            url = reverse("finding-file", args=[finding.pk, step.pk])
            shown = replace(shown, file_url=url, file_name=step.file.name, file_size=step.file.size)
        found.append(shown)
    return found


def _step_chip(step: FindingStep, finding: Finding) -> tuple[str, str]:
    """The state of a step's chip, and its word: a late confirmation says so."""
    kind = StepKind(step.kind)
    if kind == StepKind.CONFIRMED and rules.is_response_late(step.at, finding.respond_by):
        return "late", _("逾期确认")
    return STEP_CHIPS[kind], str(kind.label)


def _facts(finding: Finding, at: datetime) -> list[Fact]:
    month = Month.parse(finding.month)
    names = {item.code: item.names for item in check_items(month)} if finding.item else {}
    item = names.get(finding.item)
    found = [
        (_("分公司"), finding.branch.name, ""),
        (_("月份"), month_name(month), ""),
        (_("检查项目"), in_language(item) if item else "", _report_url(finding)),
        (_("扣分"), f"−{number(finding.deduction, 2)}" if finding.deduction else "", ""),
        (_("依据"), finding.clause, ""),
        (_("责任人"), f"{finding.owner.name} {finding.owner.post}".strip(), ""),
        (_("整改期限"), short_day(finding.due_on), ""),
        (_("编号"), finding.number, ""),
    ]
    return [Fact(label, value, url) for label, value, url in found if value]


def _report_url(finding: Finding) -> str:
    """The line of the report a finding came from: the report's page knows its address."""
    rows = [row for row in finding.rows if row.get("kind") == "report"]
    return rows[0]["url"] if rows else ""


def _waits(finding: Finding) -> dict[str, Any] | None:
    """By when somebody has to act: what is waited for, and its end."""
    if finding.state == FindingState.OPEN:
        return {"for": _("确认"), "by": finding.respond_by}
    return None


def _forms(request: SignedInRequest, finding: Finding, at: datetime) -> dict[str, forms.Form]:
    """What the reader can do to the finding as it stands, by name."""
    actor = request.actor
    begin = {"version": finding.version}
    found: dict[str, forms.Form] = {}
    if can_respond(actor, finding) and finding.state == FindingState.OPEN:
        found["confirm"] = ConfirmForm(initial=begin)
        if not rules.is_response_late(at, finding.respond_by):
            found["object"] = ObjectForm(initial=begin)
    if can_answer(actor, finding) and finding.state in TO_RECTIFY:
        found["answer"] = AnswerForm(initial=begin)
    if can_inspect(actor, finding.branch_id):
        if finding.state == FindingState.OBJECTED:
            found["decide"] = DecideForm(initial=begin)
        elif finding.state == FindingState.ANSWERED:
            due_on = _next_due(finding, at)
            found["recheck"] = RecheckForm(initial={**begin, "due_on": due_on})
        elif finding.state in TO_RECTIFY:
            found["carry"] = CarryForm(initial={**begin, "due_on": _next_due(finding, at)})
    return found


def _next_due(finding: Finding, at: datetime) -> str:
    settings = settings_of(finding.branch_id, local_date(at))
    return f"{rules.rectify_by(at, calendar(at.year), settings):%Y-%m-%d}"


# What can be done


def _act(
    request: SignedInRequest,
    pk: int,
    name: str,
    form: forms.Form,
    said: str,
    act: Callable[[dict[str, Any], Acting], Finding],
) -> HttpResponse:
    """Do what a form asks; see core.actions."""
    at = clock.now()

    def meanwhile(now: Finding) -> str:
        return _("别处刚动过这个问题，现在是“%(state)s”。您写的都在，看过后再提交。") % {
            "state": now.get_state_display()
        }

    def done(changed: Finding) -> HttpResponse:
        toast(request, said, detail=changed.number)
        return HttpResponseRedirect(reverse("finding", args=[pk]))

    return perform(
        request,
        name,
        form,
        act,
        at=at,
        find=lambda: finding_for(request.actor, pk),
        show=lambda now, again: _page(request, now, at, again),
        meanwhile=meanwhile,
        done=done,
    )


@require_POST
def finding_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """The branch confirms."""

    def act(given: dict[str, Any], acting: Acting) -> Finding:
        return operations.confirm_finding(finding_id=pk, text=given["text"], **acting)

    return _act(request, pk, "confirm", ConfirmForm(request.POST), _("已确认"), act)


@require_POST
def finding_object(request: SignedInRequest, pk: int) -> HttpResponse:
    """The branch objects."""

    def act(given: dict[str, Any], acting: Acting) -> Finding:
        return operations.object_to_finding(finding_id=pk, text=given["text"], **acting)

    return _act(request, pk, "object", ObjectForm(request.POST), _("已提出异议"), act)


@require_POST
def finding_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """The market department decides an objection."""

    def act(given: dict[str, Any], acting: Acting) -> Finding:
        is_upheld = given["decision"] == "upheld"
        return operations.decide_objection(
            finding_id=pk, is_upheld=is_upheld, text=given["text"], **acting
        )

    return _act(request, pk, "decide", DecideForm(request.POST), _("异议已定"), act)


@require_POST
def finding_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """The branch answers, with evidence."""

    def act(given: dict[str, Any], acting: Acting) -> Finding:
        return operations.answer_finding(
            finding_id=pk, text=given["text"], evidence=one_file(given["file"]), **acting
        )

    form = AnswerForm(request.POST, request.FILES)
    return _act(request, pk, "answer", form, _("已答复，等复查"), act)


@require_POST
def finding_recheck(request: SignedInRequest, pk: int) -> HttpResponse:
    """The market department looks again."""

    def act(given: dict[str, Any], acting: Acting) -> Finding:
        return operations.recheck_finding(
            finding_id=pk,
            is_closed=given["result"] == "closed",
            text=given["text"],
            due_on=given["due_on"],
            **acting,
        )

    return _act(request, pk, "recheck", RecheckForm(request.POST), _("复查已记下"), act)


@require_POST
def finding_carry(request: SignedInRequest, pk: int) -> HttpResponse:
    """The market department carries it into the next month."""

    def act(given: dict[str, Any], acting: Acting) -> Finding:
        return operations.carry_over(
            finding_id=pk, due_on=given["due_on"], text=given["text"], **acting
        )

    return _act(request, pk, "carry", CarryForm(request.POST), _("已转入下月"), act)


@require_safe
def finding_file(request: SignedInRequest, pk: int, step: int) -> HttpResponse:
    """The file of a step, by the gate."""
    finding = finding_for(request.actor, pk)
    found = finding.steps.filter(pk=step).select_related("file").first()
    if found is None:
        raise NotFound
    return archived(request, found.file, rows=1)


_FINDING = "findings/<int:pk>/"
urlpatterns = [
    path(_FINDING, finding, name="finding"),
    path(f"{_FINDING}confirm/", finding_confirm, name="finding-confirm"),
    path(f"{_FINDING}object/", finding_object, name="finding-object"),
    path(f"{_FINDING}decide/", finding_decide, name="finding-decide"),
    path(f"{_FINDING}answer/", finding_answer, name="finding-answer"),
    path(f"{_FINDING}recheck/", finding_recheck, name="finding-recheck"),
    path(f"{_FINDING}carry/", finding_carry, name="finding-carry"),
    path(f"{_FINDING}steps/<int:step>/file/", finding_file, name="finding-file"),
]

"""A case's page: its facts and records, who said what when, and what the reader can do next."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

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
from core.formats import month_name, plain_day, signed
from core.forms import evidence_of
from core.pages import toast
from core.parts import Fact, Step
from core.periods import Month
from core.requests import SignedInRequest
from kpi import case_rules as rules
from kpi.case_forms import DecideForm, FileForm, ReviewForm, StateForm, WithdrawForm
from kpi.case_rules import Kind
from kpi.case_table import case_chip
from kpi.case_words import DAYS, cause_text, lacking_text, subject_label
from kpi.choices import CASE_OPEN, CaseState
from kpi.labels import label_set_of, name_of
from kpi.models import Case, Complaint, Correction, ScoreSheet
from kpi.operations import cases as operations
from kpi.operations.case_steps import step_due
from kpi.permissions import can_add_case_file
from kpi.queries.case_proof import facts_of, proof_of, records_of
from kpi.queries.cases import (
    acts_of,
    case_for,
    counted_so_far,
    has_reviewer,
    names_in,
    open_month,
    scheme_of_month,
)
from kpi.scheme import Item
from kpi.views.case_new import option_points
from worklogs.views.downloads import archived


@require_safe
def case(request: SignedInRequest, pk: int) -> HttpResponse:
    """One case; in the list's panel when the list asks."""
    return _page(request, case_for(request.actor, pk), clock.now())


def _page(
    request: SignedInRequest,
    case: Case,
    at: datetime,
    again: Again | None = None,
) -> HttpResponse:
    month = Month.parse(case.month)
    content = scheme_of_month(month, at)
    item = content.by_code.get(case.item) if content else None
    label_set = label_set_of(month)
    names = names_in(content, label_set)
    kind = rules.kind_of(item) if item else Kind.OTHER
    facts = facts_of(kind, case)
    files = list(case.files.select_related("file", "added_by").order_by("added_at", "pk"))
    gap = ""
    if case.state in CASE_OPEN and item is not None:
        gap = lacking_text(rules.lacking(kind, proof_of(facts, at, files=len(files))))
    correction = _correction(case)
    context = {
        "case": case,
        "name": names.item(case.item),
        "chip": case_chip(case),
        "facts": _facts(request, case, kind, item, label_set, at),
        "steps": _steps(case),
        "files": files,
        "records": records_of(facts, request.actor),
        "gap": gap,
        "moves_from": month_name(month),
        "moves_to": _moves_to(case, at),
        "correction_url": reverse("sheet", args=[correction.sheet.month, case.manager_id])
        if correction
        else "",
        "waits": _waits(case, at),
        "at": at,
        **action_context(
            request,
            _forms(request, case, item, label_set, at),
            again,
            list_url=reverse("cases"),
        ),
    }
    return render(request, "kpi/case.html", context, status=status_of(again))


def _waits(case: Case, at: datetime) -> dict[str, Any] | None:
    """What comes next on an open case, and by when."""
    if case.state not in CASE_OPEN:
        return None
    since = case.reviewed_at or case.stated_at or case.raised_at
    name = _("总经理决定")
    if case.state == CaseState.FILED:
        name = _("本人说明")
    elif case.state == CaseState.STATED and has_reviewer(case, at):
        name = _("主管意见")
    return {"for": name, "by": step_due(case, since)}


def _facts(
    request: SignedInRequest,
    case: Case,
    kind: Kind,
    item: Item | None,
    label_set: str,
    at: datetime,
) -> list[Fact]:
    option = (
        next((one for one in item.options if one["code"] == case.option), None) if item else None
    )
    so_far = counted_so_far(case, item)
    cap = "" if so_far.cap is None else f"{so_far.cap.normalize():f}"
    complaint_url, complaint = _complaint(request, case)
    found = [
        (_("建议分数"), "" if kind == Kind.VETO else signed(case.proposed, 2), ""),
        (_("认定分数"), _counted(case, kind), ""),
        (_("种类"), name_of(option["names"], label_set) if option else case.option, ""),
        (_("计入月份"), month_name(Month.parse(case.month)), ""),
        (
            _("本月这一项"),
            _("另已认定 %(n)s 分，上限 %(cap)s 分") % {"n": signed(so_far.points, 2), "cap": cap}
            if so_far.points and cap
            else "",
            "",
        ),
        (pgettext("一户", "客户"), *_customer(case)),
        (subject_label(kind), str(case.particulars.get("subject", "")), ""),
        (_("流失原因"), cause_text(str(case.particulars.get("cause", ""))), ""),
        (str(DAYS[kind]), plain_day(case.happened_on), ""),
        (_("有理投诉"), complaint, complaint_url),
        (_("客户经理"), f"{case.manager.name} {case.manager.job_number}", ""),
        (_("申报人"), case.raised_by.name, ""),
        (_("依据"), item.clause if item else "", ""),
        (_("编号"), case.number, ""),
    ]
    return [Fact(label, value, url) for label, value, url in found if value]


def _counted(case: Case, kind: Kind) -> str:
    """The points that count; those of a correction once it is approved."""
    if case.points is None or kind == Kind.VETO:
        return ""
    points = signed(case.points, 2)
    if case.state == CaseState.CORRECTING:
        return _("%(n)s，更正复核通过后计入") % {"n": points}
    return points


def _customer(case: Case) -> tuple[str, str]:
    if case.customer is None:
        return "", ""
    return case.customer.name, reverse("customer", args=[case.customer.pk])


def _complaint(request: SignedInRequest, case: Case) -> tuple[str, str]:
    """The address and number of the complaint behind it, for who may see that one."""
    if case.complaint_id is None:
        return "", ""
    seen = Complaint.objects.visible_to(request.actor).filter(pk=case.complaint_id).first()
    if seen is None:
        return "", _("调查认定有理（内容保密）")
    return reverse("complaint", args=[seen.pk]), seen.number


def _correction(case: Case) -> Correction | None:
    """The correction that a case decided after its month proposed."""
    if case.state not in (CaseState.APPROVED, CaseState.CORRECTING):
        return None
    return (
        Correction.objects.filter(
            sheet__manager_id=case.manager_id, item=case.item, why__startswith=f"{case.number} "
        )
        .select_related("sheet")
        .order_by("-proposed_at", "-pk")
        .first()
    )


def _moves_to(case: Case, at: datetime) -> str:
    """In which month it would count if it were decided now, where that is another."""
    if case.state not in CASE_OPEN:
        return ""
    month = Month.parse(case.month)
    counts_in = open_month(month, at)
    return month_name(counts_in) if counts_in != month else ""


def _steps(case: Case) -> list[Step]:
    """The case's way so far, oldest first; the facts it began with stand above."""
    found = [Step("new", _("已申报"), case.raised_by.name, case.raised_at)]
    if case.stated_at and case.statement:
        found.append(Step("sent", _("本人说明"), case.manager.name, case.stated_at, case.statement))
    if case.reviewed_at and case.reviewed_by:
        found.append(
            Step("sent", _("主管意见"), case.reviewed_by.name, case.reviewed_at, case.opinion)
        )
    if case.decided_at and case.state == CaseState.WITHDRAWN:
        found.append(Step("stopped", _("已撤回"), case.raised_by.name, case.decided_at))
    elif case.decided_at and case.decided_by:
        words = {
            CaseState.APPROVED: ("done", _("已认定")),
            CaseState.CORRECTING: ("check", _("认定，待第二人复核更正")),
        }
        state, word = words.get(CaseState(case.state), ("stopped", _("不认定")))
        found.append(
            Step(
                state,
                word,
                case.decided_by.name,
                case.decided_at,
                case.decision,
            )
        )
    return sorted(found, key=lambda step: step.at)


def _forms(
    request: SignedInRequest, case: Case, item: Item | None, label_set: str, at: datetime
) -> dict[str, forms.Form]:
    """What the reader can do to the case as it stands, by name."""
    begin = {"version": case.version}
    acts = acts_of(request.actor, case, at)
    found: dict[str, forms.Form] = {}
    if "state" in acts:
        found["state"] = StateForm(initial=begin)
    if "review" in acts:
        found["review"] = ReviewForm(initial=begin)
    if "decide" in acts and item is not None:
        found["decide"] = _offered(
            DecideForm(initial=_decided(case, begin)), case, item, label_set, at
        )
    if can_add_case_file(request.actor, case) and case.state in CASE_OPEN:
        found["file"] = FileForm(initial={**begin})
    if "withdraw" in acts:
        found["withdraw"] = WithdrawForm(initial=begin)
    return found


def _decided(case: Case, begin: dict[str, int]) -> dict[str, Any]:
    return {**begin, "option": case.option, "points": abs(case.proposed)}


def _offered(form: DecideForm, case: Case, item: Item, label_set: str, at: datetime) -> DecideForm:
    """The options of the scheme, and a correction where the month it happened in is locked."""
    happened = Month.containing(case.happened_on)
    may_correct = (
        open_month(happened, at) != happened
        and ScoreSheet.objects.filter(manager_id=case.manager_id, month=happened.key).exists()
    )
    options = [
        (
            str(option["code"]),
            f"{name_of(option['names'], label_set)} {option_points(item, str(option['code']))}",
        )
        for option in item.options
    ]
    has_range = any(rules.is_range(item, str(option["code"])) for option in item.options)
    return form.offer(options, has_range=has_range, may_correct=may_correct)


# What can be done


def _act(
    request: SignedInRequest,
    pk: int,
    name: str,
    form: forms.Form,
    said: str,
    act: Callable[[dict[str, Any], Acting], Case],
) -> HttpResponse:
    """Do what a form asks; see core.actions."""
    at = clock.now()

    def meanwhile(now: Case) -> str:
        return _("别处刚动过这项申报，现在是“%(state)s”。您写的都在，看过后再提交。") % {
            "state": now.get_state_display()
        }

    def done(changed: Case) -> HttpResponse:
        toast(request, said, detail=changed.number)
        return HttpResponseRedirect(reverse("case", args=[pk]))

    return perform(
        request,
        name,
        form,
        act,
        at=at,
        find=lambda: case_for(request.actor, pk),
        show=lambda now, again: _page(request, now, at, again),
        meanwhile=meanwhile,
        done=done,
    )


@require_POST
def case_state(request: SignedInRequest, pk: int) -> HttpResponse:
    """The manager's statement."""

    def act(given: dict[str, Any], acting: Acting) -> Case:
        files = evidence_of(given["file"])
        return operations.state_case(
            case_id=pk, statement=given["statement"], files=files, **acting
        )

    form = StateForm(request.POST, request.FILES)
    return _act(request, pk, "state", form, _("说明已交"), act)


@require_POST
def case_review(request: SignedInRequest, pk: int) -> HttpResponse:
    """The supervisor's opinion."""

    def act(given: dict[str, Any], acting: Acting) -> Case:
        return operations.review_case(case_id=pk, opinion=given["opinion"], **acting)

    return _act(request, pk, "review", ReviewForm(request.POST), _("意见已交"), act)


@require_POST
def case_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """The general manager's decision."""
    at = clock.now()
    found = case_for(request.actor, pk)
    month = Month.parse(found.month)
    content = scheme_of_month(month, at)
    item = content.by_code.get(found.item) if content else None
    form = DecideForm(request.POST)
    if item is not None:
        form = _offered(form, found, item, label_set_of(month), at)

    def act(given: dict[str, Any], acting: Acting) -> Case:
        return operations.decide_case(
            case_id=pk,
            is_approved=given["verdict"] == "approved",
            option=given["option"],
            points=given.get("points"),
            decision=given["decision"],
            as_correction=given.get("as_correction", False),
            **acting,
        )

    return _act(request, pk, "decide", form, _("已决定"), act)


@require_POST
def case_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whoever filed it takes it back."""

    def act(given: dict[str, Any], acting: Acting) -> Case:
        return operations.withdraw_case(case_id=pk, why=given["why"], **acting)

    return _act(request, pk, "withdraw", WithdrawForm(request.POST), _("已撤回"), act)


@require_POST
def case_file_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """More files as evidence."""

    def act(given: dict[str, Any], acting: Acting) -> Case:
        return operations.add_case_files(
            case_id=pk, files=evidence_of(given["file"]), level=given["level"], **acting
        )

    form = FileForm(request.POST, request.FILES)
    return _act(request, pk, "file", form, _("材料已补充"), act)


@require_safe
def case_file(request: SignedInRequest, pk: int, file: int) -> HttpResponse:
    """A file of the case, by the gate."""
    found = case_for(request.actor, pk).files.filter(pk=file).select_related("file").first()
    if found is None:
        raise NotFound
    return archived(request, found.file, rows=1)


_CASE = "cases/<int:pk>/"
urlpatterns = [
    path(_CASE, case, name="case"),
    path(f"{_CASE}state/", case_state, name="case-state"),
    path(f"{_CASE}review/", case_review, name="case-review"),
    path(f"{_CASE}decide/", case_decide, name="case-decide"),
    path(f"{_CASE}withdraw/", case_withdraw, name="case-withdraw"),
    path(f"{_CASE}files/", case_file_add, name="case-file-add"),
    path(f"{_CASE}files/<int:file>/", case_file, name="case-file"),
]

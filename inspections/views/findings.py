"""The list of findings: filters in the address, a work table, a new one by hand."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.exports import list_workbook
from core.formats import month_name
from core.forms import add_problems
from core.lists import RowLinks, keyset_page, tallies_of, work_table
from core.pages import toast
from core.parts import Tally
from core.periods import YEARS, Month, local_date
from core.queries import calendar
from core.requests import SignedInRequest, whole_number
from inspections import rules
from inspections.choices import FindingState
from inspections.duty_matrix import DUTIES, JUDGED_BY, duty_matrix
from inspections.forms import FilterForm, RaiseForm
from inspections.models import CheckItem, Finding
from inspections.operations.findings import raise_finding
from inspections.permissions import can_inspect, can_see_findings, can_set_items
from inspections.queries import (
    FOR_BRANCH,
    FOR_MARKET,
    Asked,
    check_items,
    find_findings,
    findings_for,
    is_overdue,
    people_of,
    responsible_for,
)
from inspections.steps import TEXT_AT_MOST
from inspections.table import finding_columns
from inspections.words import in_language
from organization.choices import Role
from organization.in_force import settings_of
from organization.models import Branch
from organization.queries import branches_seen

KEY: Final = "findings"
ORDER: Final = ("-raised_at", "-pk")


def _guard(actor: Actor) -> None:
    if not can_see_findings(actor):
        raise NotAllowed(_("问题与整改由市场部和分公司处理。"))


def asked_of(form: FilterForm) -> Asked:
    """What the filter asks for: without a state, what is not closed."""
    given = form.asked()
    state = given.get("state", "") or "unclosed"
    return Asked(
        words=given.get("q", ""),
        state="" if state == "all" else state,
        month=given.get("month", ""),
        branch=given.get("branch", ""),
    )


def _filter(request: SignedInRequest) -> FilterForm:
    months = findings_for(request.actor).order_by("-month").values_list("month", flat=True)
    return FilterForm(request.GET, branches_seen(request.actor), list(months.distinct()))


@require_safe
def findings(request: SignedInRequest) -> HttpResponse:
    """Findings as far as the reader sees them, newest first."""
    actor, at = request.actor, clock.now()
    _guard(actor)
    form = _filter(request)
    asked = asked_of(form)
    rows = find_findings(actor, asked, at)
    counts = _counts(actor, at)
    table = work_table(
        request,
        keyset_page(rows, order=ORDER, cursor=request.GET.get("cursor", "")),
        finding_columns(at),
        RowLinks[Finding](
            key=lambda row: row.pk, url=lambda row: reverse("finding", args=[row.pk])
        ),
        key=KEY,
        caption=_("问题与整改"),
        exports=((_("导出 XLSX"), reverse("findings-export")),),
    )
    context = {
        "table": table,
        "form": form,
        "headline": _headline(counts),
        "tallies": _tallies(request, counts),
        "is_filtered": set(form.asked()) & {"q", "month", "branch"},
        "has_more": set(form.asked()) & {"month", "branch"},
        "may_raise": actor.has_role(Role.MARKET),
        "may_set_items": can_set_items(actor),
        "at": at,
    }
    return render(request, "inspections/findings.html", context)


@require_safe
def findings_export(request: SignedInRequest) -> HttpResponse:
    """The list as a workbook: the columns and filters of the page."""
    actor, at = request.actor, clock.now()
    _guard(actor)
    rows = find_findings(actor, asked_of(_filter(request)), at)
    return list_workbook(
        request, rows.order_by(*ORDER), finding_columns(at), key=KEY, name=_("问题与整改")
    )


def _counts(actor: Actor, at: datetime) -> dict[str, int]:
    """How many wait for whom, and how many are past their time; one query."""
    return findings_for(actor).aggregate(
        overdue=Count("pk", filter=is_overdue(at)),
        branch=Count("pk", filter=Q(state__in=FOR_BRANCH)),
        market=Count("pk", filter=Q(state__in=FOR_MARKET)),
        closed=Count("pk", filter=Q(state=FindingState.CLOSED)),
    )


def _headline(counts: dict[str, int]) -> str:
    unclosed = counts["branch"] + counts["market"]
    if not unclosed:
        return _("没有未关闭的问题")
    words = ngettext("%(n)d 个问题没有关闭", "%(n)d 个问题没有关闭", unclosed) % {"n": unclosed}
    if counts["overdue"]:
        late = ngettext("%(n)d 个逾期", "%(n)d 个逾期", counts["overdue"])
        words = _("，").join((words, late % {"n": counts["overdue"]}))
    return words


def _tallies(request: SignedInRequest, counts: dict[str, int]) -> list[Tally]:
    kinds = (
        ("overdue", "overdue", _("逾期")),
        ("branch", "running", _("等分公司")),
        ("market", "check", _("等市场部")),
        ("closed", "done", _("已关闭")),
    )
    return tallies_of(request, counts, kinds)


# By hand


@require_http_methods(["GET", "HEAD", "POST"])
def finding_new(request: SignedInRequest) -> HttpResponse:
    """A finding by hand: the branch first, then what, whose, until when.

    From the matrix of duties it comes with month and duty: what deviates stands there already.
    """
    actor, at = request.actor, clock.now()
    if not actor.has_role(Role.MARKET):
        raise NotAllowed(_("问题由市场部提出。"))
    today = local_date(at)
    offered = [one for one in branches_seen(actor) if can_inspect(actor, one.pk)]
    branch_id = whole_number(request.GET.get("branch"))
    branch = next((one for one in offered if one.pk == branch_id), None)
    if branch is None:
        if branch_id is not None or request.method == "POST":
            raise NotFound
        return render(request, "inspections/finding_new.html", {"branches": offered})
    month = _month_asked(request, today)
    items = check_items(month)
    form = RaiseForm(
        request.POST or None,
        people=people_of(branch.pk, today),
        items=[(item.code, in_language(item.names)) for item in items],
        initial=_initial(branch, at) | _of_duties(request, branch, month, items, at),
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        clauses = {item.code: item.clause for item in items}
        try:
            finding = raise_finding(
                branch_id=branch.pk,
                month=month,
                title=given["title"],
                facts=given["facts"],
                owner_id=given["owner"],
                due_on=given["due_on"],
                item=given["item"],
                clause=given["clause"] or clauses.get(given["item"], ""),
                actor=actor,
                at=at,
            )
        except Refused as refused:
            add_problems(form, refused)
        else:
            toast(request, _("已立为问题"), detail=finding.number)
            return HttpResponseRedirect(reverse("finding", args=[finding.pk]))
    context = {"form": form, "branch": branch, "branches": offered}
    return render(
        request, "inspections/finding_new.html", context, status=422 if form.is_bound else 200
    )


def _initial(branch: Branch, at: datetime) -> dict[str, Any]:
    owner = responsible_for(branch.pk, local_date(at))
    settings = settings_of(branch.pk, local_date(at))
    return {
        "owner": owner.pk if owner else "",
        "due_on": rules.rectify_by(at, calendar(at.year), settings),
    }


def _month_asked(request: SignedInRequest, today: date) -> Month:
    """The month of which the finding is: the one that runs, unless an earlier one is asked for."""
    current = Month.containing(today)
    try:
        month = Month.parse(request.GET.get("month", current.key))
    except ValueError as error:
        raise NotFound from error
    if month > current or month.year not in YEARS:
        raise NotFound
    return month


def _of_duties(
    request: SignedInRequest,
    branch: Branch,
    month: Month,
    items: Sequence[CheckItem],
    at: datetime,
) -> dict[str, Any]:
    """Title, facts, clause and item of what deviates in a duty of the month, or in all of them;
    nothing unless the matrix was asked from."""
    duty = request.GET.get("duty", "")
    if duty and duty not in DUTIES:
        raise NotFound
    if "month" not in request.GET:
        return {}
    (line,) = duty_matrix(month, at, [branch]).lines
    told = [
        one.text for kind in ([duty] if duty else DUTIES) for one in line.cells[kind].deviations
    ]
    if not told:
        return {}
    counted = ngettext("%(n)d 处没有做到", "%(n)d 处没有做到", len(told)) % {"n": len(told)}
    name = DUTIES[duty][0] if duty else _("履职")
    title = _("%(month)s%(duty)s：%(found)s") % {
        "month": month_name(month),
        "duty": name,
        "found": counted,
    }
    judged_by = JUDGED_BY.get(duty)
    return {
        "title": title,
        "facts": "\n".join(told)[:TEXT_AT_MOST],
        "clause": DUTIES[duty][1] if duty else "",
        "item": next((one.code for one in items if judged_by and one.judged_by == judged_by), ""),
    }


urlpatterns = [
    path("findings/", findings, name="findings"),
    path("findings/new/", finding_new, name="finding-new"),
    path("findings/workbook/", findings_export, name="findings-export"),
]

"""The list of bonus and penalty cases (K3), and what the bills suggest to file with one tap."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.actors import Actor
from core.errors import NotAllowed, Refused
from core.exports import list_workbook
from core.formats import signed
from core.lists import RowLinks, keyset_page, tallies_of, work_table
from core.pages import toast
from core.parts import Segment, Tally
from core.periods import Month, local_date
from core.requests import SignedInRequest
from kpi import case_rules as rules
from kpi.case_forms import CaseFilter
from kpi.case_rules import CaseFault
from kpi.case_table import case_columns
from kpi.filing_arrears import arrears_item, arrears_text, file_arrears
from kpi.labels import label_set_of
from kpi.models import Bill, Case
from kpi.operations.case_filing import AlreadyFiled
from kpi.permissions import files_cases, sees_cases, sees_complaints
from kpi.queries.bills import Arrears
from kpi.queries.case_proof import suggested_arrears
from kpi.queries.cases import (
    Asked,
    find_cases,
    names_in,
    scheme_of_month,
    state_counts,
)
from kpi.scheme import Item, SchemeContent
from organization.choices import LEADERS, Role
from organization.queries import branches_seen

KEY: Final = "cases"
ORDER: Final = ("-raised_at", "-pk")
SUGGESTED_AT_MOST: Final = 20


def guard(actor: Actor) -> None:
    """Whoever has nothing to do with managers has nothing to do with their cases."""
    if not sees_cases(actor):
        raise NotAllowed(_("加减分由客户经理、主管、总经理和市场部处理。"))


@require_safe
def cases(request: SignedInRequest) -> HttpResponse:
    """Cases as far as the reader sees them, newest first."""
    actor, at = request.actor, clock.now()
    guard(actor)
    month = Month.containing(local_date(at))
    content = scheme_of_month(month, at)
    names = names_in(content, label_set_of(month))
    form = CaseFilter(request.GET, branches_seen(actor), list(names.items.items()))
    given = form.asked()
    rows = find_cases(actor, _asked(given), at)
    counts = state_counts(actor, at)
    table = work_table(
        request,
        keyset_page(rows, order=ORDER, cursor=request.GET.get("cursor", "")),
        case_columns(names, at),
        RowLinks[Case](key=lambda row: row.pk, url=lambda row: reverse("case", args=[row.pk])),
        key=KEY,
        caption=_("加减分"),
        exports=((_("导出 XLSX"), reverse("cases-export")),),
    )
    suggestions = _suggestions(actor, content, at)
    context = {
        "table": table,
        "form": form,
        "headline": _headline(counts),
        "tallies": _tallies(request, counts),
        "views": areas(request, actor, "cases"),
        "suggestions": suggestions[:SUGGESTED_AT_MOST],
        "suggested": len(suggestions),
        "is_filtered": bool(given),
        "has_more": set(given) - {"q"},
        "may_file": content is not None and files_cases(actor),
        "at": at,
    }
    return render(request, "kpi/cases.html", context)


@require_safe
def cases_export(request: SignedInRequest) -> HttpResponse:
    """The list as a workbook: the columns and filters of the page."""
    actor, at = request.actor, clock.now()
    guard(actor)
    month = Month.containing(local_date(at))
    names = names_in(scheme_of_month(month, at), label_set_of(month))
    form = CaseFilter(request.GET, branches_seen(actor), list(names.items.items()))
    rows = find_cases(actor, _asked(form.asked()), at)
    return list_workbook(
        request, rows.order_by(*ORDER), case_columns(names, at), key=KEY, name=_("加减分")
    )


def _asked(given: dict[str, str]) -> Asked:
    return Asked(
        words=given.get("q", ""),
        state=given.get("state", ""),
        month=given.get("month", ""),
        branch=given.get("branch", ""),
        item=given.get("item", ""),
    )


def areas(request: HttpRequest, actor: Actor, current: str) -> list[Segment]:
    """Cases and complaints side by side, for those who see both."""
    if not sees_complaints(actor):
        return []
    return [
        Segment(_("加减分"), reverse("cases"), current == "cases"),
        Segment(pgettext("列表", "投诉"), reverse("complaints"), current == "complaints"),
    ]


def _headline(counts: dict[str, int]) -> str:
    if counts["mine"]:
        n = counts["mine"]
        return ngettext("%(n)d 项加减分等您处理", "%(n)d 项加减分等您处理", n) % {"n": n}
    if counts["open"]:
        n = counts["open"]
        return ngettext("%(n)d 项加减分没有决定", "%(n)d 项加减分没有决定", n) % {"n": n}
    return _("没有等决定的加减分")


def _tallies(request: SignedInRequest, counts: dict[str, int]) -> list[Tally]:
    kinds = (
        ("mine", "check", _("等我")),
        ("open", "running", _("未决定")),
        ("approved", "done", _("已认定")),
        ("rejected", "stopped", _("不认定")),
    )
    return tallies_of(request, counts, kinds)


# What the bills suggest (D1)


@dataclass(frozen=True)
class Suggestion:
    """Arrears of a customer, ready to be filed: whose, how long, for how many points."""

    bill: Bill
    about: str
    points: str


def _suggestions(actor: Actor, content: SchemeContent | None, at: datetime) -> list[Suggestion]:
    """Arrears that ask for a case, for those who file it."""
    item = arrears_item(content)
    led = {branch for branch in actor.led_branches if actor.is_at(branch, *LEADERS)}
    is_all = actor.has_role(Role.MARKET) and actor.reads_all
    if item is None or not (led or is_all):
        return []
    found = suggested_arrears(None if is_all else led, [item.code], at)
    return [made for one in found if (made := _suggestion(one, item)) is not None]


def _suggestion(one: Arrears, item: Item) -> Suggestion | None:
    try:
        points = rules.points_for(item, rules.arrears_option(item, one.bill.arrears_days))
    except CaseFault:
        return None
    return Suggestion(one.bill, arrears_text(one.bill), signed(points, 2))


@require_POST
def case_arrears(request: SignedInRequest, bill: int) -> HttpResponse:
    """File what a bill suggests, as it stands, with one tap."""
    try:
        case = file_arrears(bill_id=bill, actor=request.actor, at=clock.now())
    except AlreadyFiled as first:
        toast(request, str(first.message))
        return HttpResponseRedirect(reverse("case", args=[first.case_id]))
    except Refused as refused:
        toast(request, str(refused.message))
        return HttpResponseRedirect(reverse("cases"))
    toast(request, _("已申报，等本人说明"), detail=case.number)
    return HttpResponseRedirect(reverse("case", args=[case.pk]))


urlpatterns = [
    path("cases/", cases, name="cases"),
    path("cases/workbook/", cases_export, name="cases-export"),
    path("cases/arrears/<int:bill>/", case_arrears, name="case-arrears"),
]

"""A month's bills: the rows behind the computed revenue, and what is owed (M1, D1)."""

from collections.abc import Sequence
from typing import Final

from django.db.models import QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core.exports import list_workbook
from core.formats import month_name, number
from core.lists import Column, RowLinks, keyset_page, work_table
from core.parts import Segment
from core.periods import Month
from core.requests import SignedInRequest, whole_number
from kpi.models import Bill
from kpi.queries.bills import BANDS, bills_for
from kpi.views.shared import neighbours

COLUMNS: Final[Sequence[Column[Bill]]] = (
    Column(
        "customer",
        gettext_lazy("客户"),
        lambda bill: bill.customer.name,
        lambda bill: format_html(
            '<a href="{}">{}</a>', reverse("customer", args=[bill.customer_id]), bill.customer.name
        ),
    ),
    Column("code", gettext_lazy("集团编码"), lambda bill: bill.customer.code),
    Column(
        "manager",
        gettext_lazy("客户经理"),
        lambda bill: bill.manager.name if bill.manager else "",
    ),
    Column("branch", gettext_lazy("分公司"), lambda bill: bill.branch.name, is_shown=False),
    Column(
        "due",
        gettext_lazy("应收金额"),
        lambda bill: bill.due,
        lambda bill: number(bill.due, 2),
        is_number=True,
    ),
    Column(
        "paid",
        gettext_lazy("实收金额"),
        lambda bill: bill.paid,
        lambda bill: number(bill.paid, 2),
        is_number=True,
    ),
    Column(
        "arrears",
        gettext_lazy("欠费金额"),
        lambda bill: bill.arrears,
        lambda bill: number(bill.arrears, 2) if bill.arrears else "",
        is_number=True,
    ),
    Column(
        "days",
        gettext_lazy("账龄（天）"),
        lambda bill: bill.arrears_days,
        lambda bill: _days(bill),
        is_number=True,
    ),
    Column("origin", gettext_lazy("来源"), lambda bill: bill.origin, is_shown=False),
)


def _days(bill: Bill) -> str:
    """The days, marked where a case is to be thought of."""
    if not bill.arrears_days:
        return ""
    if bill.arrears_days > min(BANDS):
        return format_html('<b class="late">{}</b>', bill.arrears_days)
    return str(bill.arrears_days)


def _asked(request: SignedInRequest, month: Month) -> QuerySet[Bill]:
    """The bills that the actor sees, of a manager and in arrears where the address asks so."""
    bills = bills_for(request.actor, month)
    if "manager" in request.GET:
        bills = bills.filter(manager_id=whole_number(request.GET["manager"]) or 0)
    if request.GET.get("show") == "arrears":
        bills = bills.filter(arrears_days__gt=min(BANDS))
    return bills


@require_safe
def bills(request: SignedInRequest, month: Month) -> HttpResponse:
    """The list, those owed longest first."""
    found = _asked(request, month)
    sums = found.order_by().aggregate(due=Sum("due"), arrears=Sum("arrears"))
    page = keyset_page(found, order=("-arrears_days", "pk"), cursor=request.GET.get("cursor", ""))
    here = reverse("bills", args=[month.key])
    owed_only = request.GET.get("show") == "arrears"
    manager = request.GET.get("manager", "")
    kept = f"manager={manager}&" if manager.isdecimal() else ""
    previous_url, next_url = neighbours("bills", month)
    table = work_table(
        request,
        page,
        COLUMNS,
        RowLinks(key=lambda bill: bill.pk),
        key="bills",
        caption=_("账单"),
        exports=((_("导出 XLSX"), reverse("bills-export", args=[month.key])),),
    )
    context = {
        "month": month,
        "title": _("%(month)s账单：应收 %(due)s 元，欠费 %(arrears)s 元")
        % {
            "month": month_name(month),
            "due": number(sums["due"], 2),
            "arrears": number(sums["arrears"] or 0, 2),
        }
        if sums["due"] is not None
        else _("%(month)s没有账单") % {"month": month_name(month)},
        "views": [
            Segment(_("全部"), f"{here}?{kept}", not owed_only),
            Segment(_("欠费超过 30 天"), f"{here}?{kept}show=arrears", owed_only),
        ],
        "table": table,
        "may_import": request.actor.reads_all or bool(request.actor.led_branches),
        "import_url": f"{reverse('imports')}?table=billing&month={month.key}",
        "previous_url": previous_url,
        "next_url": next_url,
    }
    return render(request, "kpi/bills.html", context)


@require_safe
def bills_export(request: SignedInRequest, month: Month) -> HttpResponse:
    """The list as a workbook, with the columns and filters of the page."""
    return list_workbook(
        request,
        _asked(request, month).order_by("-arrears_days", "pk"),
        COLUMNS,
        key="bills",
        name=_("%(month)s账单") % {"month": month_name(month)},
    )


urlpatterns = [
    path("bills/<month:month>/", bills, name="bills"),
    path("bills/<month:month>/export/", bills_export, name="bills-export"),
]

"""The inspection sheet as its keepers see it: what holds in a month, and what comes."""

from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from core.errors import NotAllowed, NotFound, Refused
from core.formats import month_name
from core.forms import add_problems, month_key
from core.pages import toast
from core.periods import Month, local_date
from core.requests import SignedInRequest, whole_number
from inspections.checks import checks
from inspections.choices import Taking
from inspections.forms import ItemForm, item_values
from inspections.models import CheckItem
from inspections.operations import items as operations
from inspections.permissions import can_see_findings, can_set_items
from inspections.queries import items_in_force, sheet_rows
from inspections.words import FAULTS, in_language

NEW: Final = "new"


@require_http_methods(["GET", "HEAD", "POST"])
def check_items(request: SignedInRequest) -> HttpResponse:
    """The sheet of a month, this one unless asked; an item is changed from a later one on."""
    if not can_see_findings(request.actor):
        raise NotAllowed(_("检查项目由市场部维护。"))
    at = clock.now()
    rows = sheet_rows()
    sources = sorted({row.judged_by for row in rows})
    if request.method != "POST":
        return _page(request, rows, None)
    if not can_set_items(request.actor):
        raise NotAllowed(_("检查项目由市场部维护。"))
    form = ItemForm(request.POST, sources=sources)
    if form.is_valid():
        try:
            item = operations.set_check_item(**form.values(), actor=request.actor, at=at)
        except Refused as refused:
            add_problems(form, refused)
        else:
            toast(request, _("已保存，到期生效"), detail=in_language(item.names))
            return HttpResponseRedirect(f"{reverse('check-items')}?month={item.valid_from}")
    return _page(request, rows, form, status=422)


def _page(
    request: SignedInRequest, rows: list[CheckItem], form: ItemForm | None, status: int = 200
) -> HttpResponse:
    today = Month.containing(local_date(clock.now()))
    asked = month_key(request.GET.get("month", ""))
    month = Month.parse(asked) if asked else today
    items = items_in_force(rows, month)
    may_set = can_set_items(request.actor)
    code = request.GET.get("item", "")
    sources = sorted({row.judged_by for row in rows})
    from_month = max(month, today.next)
    if form is None and may_set and code:
        form = _form(code, items, sources, from_month)
    context = {
        "month": month,
        "previous_url": f"?month={month.previous.key}",
        "next_url": f"?month={month.next.key}",
        "lines": [_line(item) for item in items],
        "total": sum(item.points for item in items),
        "coming": [
            (row, in_language(row.names), month_name(Month.parse(row.valid_from)))
            for row in sorted(rows, key=lambda row: (row.valid_from, row.rank))
            if row.valid_from > today.key
        ],
        "form": form,
        "is_new": code == NEW,
        "may_set": may_set,
        "from_month": from_month,
    }
    return render(request, "inspections/check_items.html", context, status=status)


def _line(item: CheckItem) -> dict[str, Any]:
    known = checks().get(item.judged_by)
    return {
        "item": item,
        "name": in_language(item.names),
        "taking": Taking(item.taking).label,
        "faults": [
            (FAULTS[kind].name if kind in FAULTS else kind, off)
            for kind, off in item.faults.items()
        ],
        "source": known.label if known else "",
    }


def _form(code: str, items: list[CheckItem], sources: list[str], from_month: Month) -> ItemForm:
    if code == NEW:
        rank = max((item.rank for item in items), default=0) + 1
        initial = {"rank": rank, "valid_from": from_month.key, "taking": Taking.PER_FAULT}
        return ItemForm(sources=sources, initial=initial)
    item = next((item for item in items if item.code == code), None)
    if item is None:
        raise NotFound
    return ItemForm(sources=sources, initial=item_values(item, from_month))


@require_POST
def check_item_drop(request: SignedInRequest, code: str) -> HttpResponse:
    """Leave an item out from a month on."""
    key = month_key(request.POST.get("valid_from", ""))
    if not key:
        raise Refused(_("写成 2026-12 这样的月份。"), field="valid_from")
    operations.drop_check_item(
        code=code, valid_from=Month.parse(key), actor=request.actor, at=clock.now()
    )
    toast(request, _("从那个月起不再检查"))
    return HttpResponseRedirect(f"{reverse('check-items')}?month={key}")


@require_POST
def check_item_withdraw(request: SignedInRequest) -> HttpResponse:
    """Take back a change that has not begun."""
    item_id = whole_number(request.POST.get("id"))
    if item_id is None:
        raise NotFound
    operations.withdraw_check_item(item_id=item_id, actor=request.actor, at=clock.now())
    toast(request, _("已撤回"))
    return HttpResponseRedirect(reverse("check-items"))


urlpatterns = [
    path("check-items/", check_items, name="check-items"),
    path("check-items/withdraw/", check_item_withdraw, name="check-item-withdraw"),
    path("check-items/<slug:code>/drop/", check_item_drop, name="check-item-drop"),
]

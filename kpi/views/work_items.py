"""Work items in the browser (T4): given out beside the sheet, reported by the manager."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from core.errors import NotFound, Refused, Stale
from core.forms import add_problems
from core.pages import toast
from core.periods import Month
from core.queries import calendar
from core.requests import SignedInRequest, whole_number
from kpi.labels import indicator_name, label_set_of
from kpi.models import TargetSheet, WorkItem
from kpi.operations.targets import branch_to_prepare
from kpi.operations.work_items import (
    add_work_items,
    change_work_item,
    remove_work_item,
    report_work,
)
from kpi.queries.bases import managers_of
from kpi.queries.indicators import open_indicators
from kpi.queries.targets import sheet_of
from kpi.target_entries import WorkEntry


class WorkForm(forms.Form):
    """What is to be done, how many, by when, with what, by whom."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    what = forms.CharField(label=gettext_lazy("做什么"), max_length=120)
    quantity = forms.IntegerField(label=gettext_lazy("数量"), min_value=1, max_value=1_000_000)
    unit = forms.CharField(label=gettext_lazy("单位"), max_length=12, required=False)
    due_on = forms.DateField(
        label=gettext_lazy("期限"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"data-date": ""}),
    )
    resource = forms.CharField(label=gettext_lazy("可利用资源"), max_length=200, required=False)
    code = forms.ChoiceField(label=gettext_lazy("所属指标"), required=False)
    managers = forms.TypedMultipleChoiceField(
        label=gettext_lazy("谁来做"), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def offer(self, month: Month, branch_id: int, *, asks_who: bool) -> None:
        """The indicators and managers there are to choose from."""
        label_set = label_set_of(month)
        code: Any = self.fields["code"]
        code.choices = [
            ("", _("不属于哪个指标")),
            *((each.code, indicator_name(each, label_set)) for each in open_indicators()),
        ]
        if not asks_who:
            del self.fields["managers"]
            return
        managers: Any = self.fields["managers"]
        managers.choices = [(one.pk, one.name) for one in managers_of(branch_id, month)]

    def entry(self) -> WorkEntry:
        """What was typed, as the operation takes it."""
        given = self.cleaned_data
        return WorkEntry(
            what=given["what"],
            quantity=given["quantity"],
            unit=given["unit"],
            due_on=given["due_on"],
            resource=given["resource"],
            code=given["code"],
        )


def last_working_day(month: Month) -> date:
    """The month's last working day: by when something is due unless said otherwise."""
    return calendar(month.year, month.year).on_or_before(month.last)


def _sheet_url(month: Month, branch_id: int) -> str:
    return f"{reverse('targets', args=[month.key, branch_id])}?edit=1#work"


@require_http_methods(["GET", "HEAD", "POST"])
def work_new(request: SignedInRequest, month: Month, branch: int) -> HttpResponse:
    """Give work to one manager or several."""
    at = clock.now()
    found = branch_to_prepare(request.actor, branch, month, at)
    form = WorkForm(
        request.POST or None,
        initial={
            "version": sheet_of(found, month).version,
            "quantity": 1,
            "due_on": last_working_day(month).isoformat(),
        },
    )
    form.offer(month, found.pk, asks_who=True)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            status = _try(form, lambda: _add(request, form, month, found.pk, at))
            if status == 302:
                count = len(form.cleaned_data["managers"])
                toast(request, _("已布置给 %(n)d 人，下达后成为待办") % {"n": count})
                return HttpResponseRedirect(_sheet_url(month, found.pk))
    context = {
        "form": form,
        "title": _("布置工作"),
        "month": month,
        "action": reverse("work-new", args=[month.key, found.pk]),
        "close_url": _sheet_url(month, found.pk),
    }
    return render(request, "kpi/work_form.html", context, status=status)


def _add(
    request: SignedInRequest, form: WorkForm, month: Month, branch_id: int, at: datetime
) -> None:
    add_work_items(
        branch_id=branch_id,
        month=month,
        manager_ids=form.cleaned_data["managers"],
        entry=form.entry(),
        expected_version=form.cleaned_data["version"],
        actor=request.actor,
        at=at,
    )


def _try(form: WorkForm, do: Any) -> int:
    """Do it: 302 when it came off; else the form says why, and knows the newest version."""
    try:
        do()
    except Refused as refused:
        add_problems(form, refused)
        return 422
    except Stale as stale:
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["version"] = stale.current["version"]  # type: ignore[index]
        form.add_error(None, _("别处刚改过这张目标表；再按一次，就以这里写的为准。"))
        return 409
    return 302


def _item(item_id: int) -> WorkItem:
    item = (
        WorkItem.objects.select_related("sheet", "manager", "indicator").filter(pk=item_id).first()
    )
    if item is None:
        raise NotFound
    return item


@require_http_methods(["GET", "HEAD", "POST"])
def work_change(request: SignedInRequest, item_id: int) -> HttpResponse:
    """Write an item anew."""
    at = clock.now()
    item = _item(item_id)
    month = Month.parse(item.sheet.month)
    branch = branch_to_prepare(request.actor, item.sheet.branch_id, month, at)
    form = WorkForm(
        request.POST or None,
        initial={
            "version": item.sheet.version,
            "what": item.what,
            "quantity": item.quantity,
            "unit": item.unit,
            "due_on": item.due_on.isoformat(),
            "resource": item.resource,
            "code": item.indicator.code if item.indicator else "",
        },
    )
    form.offer(month, branch.pk, asks_who=False)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            status = _try(
                form,
                lambda: change_work_item(
                    item_id=item.pk,
                    entry=form.entry(),
                    expected_version=form.cleaned_data["version"],
                    actor=request.actor,
                    at=at,
                ),
            )
            if status == 302:
                toast(request, _("已改，重新下达后生效"))
                return HttpResponseRedirect(_sheet_url(month, branch.pk))
    context = {
        "form": form,
        "title": item.manager.name,
        "month": month,
        "item": item,
        "action": reverse("work-change", args=[item.pk]),
        "close_url": _sheet_url(month, branch.pk),
    }
    return render(request, "kpi/work_form.html", context, status=status)


@require_POST
def work_remove(request: SignedInRequest, item_id: int) -> HttpResponse:
    """Take an item off the sheet."""
    item = _item(item_id)
    removed: TargetSheet = remove_work_item(
        item_id=item.pk,
        expected_version=whole_number(request.POST.get("version")) or 0,
        actor=request.actor,
        at=clock.now(),
    )
    toast(request, _("已删去"), detail=item.what)
    return HttpResponseRedirect(_sheet_url(Month.parse(removed.month), removed.branch_id))


@require_POST
def work_report(request: SignedInRequest, item_id: int) -> HttpResponse:
    """The manager says how many are done."""
    at = clock.now()
    done = whole_number(request.POST.get("done"))
    if done is None:
        raise Refused(_("完成数应是不小于 0 的整数。"), field="done")
    item = report_work(
        item_id=item_id,
        done=done,
        expected_version=whole_number(request.POST.get("version")) or 0,
        actor=request.actor,
        at=at,
    )
    if item.done >= item.quantity:
        toast(request, _("这件工作完成了，待办已办结"), detail=item.what)
    else:
        toast(
            request,
            _("已记完成 %(done)d / %(all)d") % {"done": item.done, "all": item.quantity},
        )
    return HttpResponseRedirect(reverse("target-of", args=[item.sheet.month, item.manager_id]))


urlpatterns = [
    path("targets/<month:month>/<int:branch>/work-items/", work_new, name="work-new"),
    path("work-items/<int:item_id>/", work_change, name="work-change"),
    path("work-items/<int:item_id>/remove/", work_remove, name="work-remove"),
    path("work-items/<int:item_id>/report/", work_report, name="work-report"),
]

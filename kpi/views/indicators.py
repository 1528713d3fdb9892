"""The market department's indicators: add, change, close (T1)."""

from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config import tables
from core import clock
from core.chips import chip
from core.errors import NotAllowed, Refused, Stale
from core.exports import hand_out
from core.pages import toast
from core.periods import Month, local_date
from core.requests import SignedInRequest, whole_number
from kpi.choices import Adding, Direction, ResultSource
from kpi.company_tables import indicators_workbook
from kpi.labels import indicator_name, label_set_of, unit_name
from kpi.models import Indicator
from kpi.operations.indicators import (
    IndicatorEntry,
    add_indicator,
    change_indicator,
    close_indicator,
    reopen_indicator,
)
from kpi.queries.indicators import indicator_to_keep, indicators_listed
from kpi.target_permissions import can_keep_indicators, has_targets

COMPUTED_BY: Final = {"bills.due": gettext_lazy("月末所管集团的应收（账单，万元）")}


class IndicatorForm(forms.Form):
    """An indicator: what it is called, its unit, how it is counted."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
    code = forms.CharField(label=gettext_lazy("编码"), max_length=12)
    telecom_zh = forms.CharField(label=gettext_lazy("名称（电信）"), max_length=30)
    telecom_en = forms.CharField(
        label=gettext_lazy("英文名称（电信）"), max_length=30, required=False
    )
    bank_zh = forms.CharField(label=gettext_lazy("名称（银行）"), max_length=30, required=False)
    bank_en = forms.CharField(label=gettext_lazy("英文名称（银行）"), max_length=30, required=False)
    unit = forms.CharField(label=gettext_lazy("单位"), max_length=12)
    places = forms.TypedChoiceField(
        label=gettext_lazy("小数位数"), coerce=int, choices=[(n, str(n)) for n in range(3)]
    )
    direction = forms.ChoiceField(label=gettext_lazy("方向"), choices=Direction.choices)
    adding = forms.ChoiceField(label=gettext_lazy("分公司的数"), choices=Adding.choices)
    source = forms.ChoiceField(label=gettext_lazy("来源"), choices=ResultSource.choices)
    computed_by = forms.ChoiceField(label=gettext_lazy("由什么计算"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["computed_by"]
        field.choices = [
            ("", _("不由系统计算")),
            *((key, COMPUTED_BY.get(key, key)) for key in tables.RESULT_SOURCES),
        ]

    def entry(self) -> IndicatorEntry:
        """What was typed, as the operation takes it."""
        given = self.cleaned_data
        return IndicatorEntry(
            labels={
                label_set: {
                    "zh-hans": given[f"{label_set}_zh"],
                    "en": given[f"{label_set}_en"],
                }
                for label_set in ("telecom", "bank")
            },
            unit=given["unit"],
            places=given["places"],
            direction=given["direction"],
            adding=given["adding"],
            source=given["source"],
            computed_by=given["computed_by"],
        )


@require_safe
def indicators(request: SignedInRequest) -> HttpResponse:
    """All of them, those in use first."""
    _guard(request)
    label_set = label_set_of(Month.containing(local_date(clock.now())))
    found = indicators_listed()
    in_use = sum(1 for each in found if not each.is_closed)
    context = {
        "title": _("%(n)d 个指标在用") % {"n": in_use},
        "rows": [
            (
                each,
                indicator_name(each, label_set),
                unit_name(each.unit),
                Direction(each.direction).label,
                Adding(each.adding).label,
                ResultSource(each.source).label,
                chip("closed") if each.is_closed else chip("active"),
            )
            for each in found
        ],
        "may_write": can_keep_indicators(request.actor),
    }
    return render(request, "kpi/indicators.html", context)


def _guard(request: SignedInRequest) -> None:
    if not has_targets(request.actor):
        raise NotAllowed(_("指标由客户经理、主管、总经理和市场部看。"))


@require_safe
def indicators_export(request: SignedInRequest) -> HttpResponse:
    """The list as a workbook."""
    _guard(request)
    made = indicators_workbook(clock.now())
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=None)


@require_http_methods(["GET", "HEAD", "POST"])
def indicator_new(request: SignedInRequest) -> HttpResponse:
    """Add one."""
    if not can_keep_indicators(request.actor):
        raise NotAllowed(_("指标由市场部维护。"))
    form = IndicatorForm(request.POST or None, initial={"places": 2})
    if request.method == "POST" and form.is_valid():
        try:
            made = add_indicator(
                code=form.cleaned_data["code"],
                entry=form.entry(),
                actor=request.actor,
                at=clock.now(),
            )
        except Refused as refused:
            for problem in refused.problems:
                form.add_error(problem.field or None, str(problem.message))
        else:
            toast(request, _("已新增指标"), detail=made.code)
            return HttpResponseRedirect(reverse("indicators"))
    return _form_page(request, form, _("新增指标"), reverse("indicator-new"))


def _form_page(
    request: SignedInRequest,
    form: IndicatorForm,
    title: str,
    action: str,
    indicator: Indicator | None = None,
    status: int = 0,
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "action": action,
        "indicator": indicator,
        "close_url": reverse("indicators"),
    }
    status = status or (422 if form.is_bound else 200)
    return render(request, "kpi/indicator_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def indicator_change(request: SignedInRequest, indicator_id: int) -> HttpResponse:
    """Change one; what was issued stays as it is."""
    indicator = indicator_to_keep(request.actor, indicator_id)
    title, action = indicator.code, reverse("indicator-change", args=[indicator.pk])
    form = IndicatorForm(request.POST or None, initial=_initial(indicator))
    form.fields["code"].disabled = True
    if request.method == "POST" and form.is_valid():
        try:
            change_indicator(
                indicator_id=indicator.pk,
                entry=form.entry(),
                expected_version=form.cleaned_data["version"] or 0,
                actor=request.actor,
                at=clock.now(),
            )
        except Refused as refused:
            for problem in refused.problems:
                form.add_error(problem.field or None, str(problem.message))
        except Stale as stale:
            form.data = form.data.copy()  # type: ignore[attr-defined]
            form.data["version"] = stale.current["version"]  # type: ignore[index]
            form.add_error(None, _("别处刚改过这个指标；再保存一次就以这里写的为准。"))
            return _form_page(request, form, title, action, indicator, 409)
        else:
            toast(request, _("已修改指标"), detail=indicator.code)
            return HttpResponseRedirect(reverse("indicators"))
    return _form_page(request, form, title, action, indicator)


def _initial(indicator: Indicator) -> dict[str, Any]:
    labels = indicator.labels
    return {
        "version": indicator.version,
        "code": indicator.code,
        "telecom_zh": labels.get("telecom", {}).get("zh-hans", ""),
        "telecom_en": labels.get("telecom", {}).get("en", ""),
        "bank_zh": labels.get("bank", {}).get("zh-hans", ""),
        "bank_en": labels.get("bank", {}).get("en", ""),
        "unit": indicator.unit,
        "places": indicator.places,
        "direction": indicator.direction,
        "adding": indicator.adding,
        "source": indicator.source,
        "computed_by": indicator.computed_by,
    }


@require_POST
def indicator_close(request: SignedInRequest, indicator_id: int) -> HttpResponse:
    """Take one out of use."""
    closed = close_indicator(
        indicator_id=indicator_id,
        expected_version=whole_number(request.POST.get("version")) or 0,
        actor=request.actor,
        at=clock.now(),
    )
    toast(request, _("已停用指标"), detail=closed.code)
    return HttpResponseRedirect(reverse("indicators"))


@require_POST
def indicator_reopen(request: SignedInRequest, indicator_id: int) -> HttpResponse:
    """Take one into use again."""
    opened = reopen_indicator(
        indicator_id=indicator_id,
        expected_version=whole_number(request.POST.get("version")) or 0,
        actor=request.actor,
        at=clock.now(),
    )
    toast(request, _("已启用指标"), detail=opened.code)
    return HttpResponseRedirect(reverse("indicators"))


urlpatterns = [
    path("indicators/", indicators, name="indicators"),
    path("indicators/workbook/", indicators_export, name="indicators-workbook"),
    path("indicators/new/", indicator_new, name="indicator-new"),
    path("indicators/<int:indicator_id>/", indicator_change, name="indicator-change"),
    path("indicators/<int:indicator_id>/close/", indicator_close, name="indicator-close"),
    path("indicators/<int:indicator_id>/reopen/", indicator_reopen, name="indicator-reopen"),
]

"""The scheme's versions: the list, a new draft, a file handed in; and every address of theirs."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.chips import chip
from core.errors import NotAllowed, Refused
from core.formats import moment, month_name
from core.forms import add_problems
from core.lists import Column, RowLinks, keyset_page, work_table
from core.pages import toast
from core.parts import ErrorLink
from core.periods import Month, local_date
from core.requests import SignedInRequest, whole_number
from kpi.choices import SchemeState
from kpi.labels import scheme_name
from kpi.models import Scheme
from kpi.operations.schemes import draft_scheme, import_scheme
from kpi.permissions import can_keep_schemes
from kpi.queries.schemes import newest_approved, scheme_seen, schemes_for
from kpi.scheme_cells import Cells
from kpi.views.schemes_acts import (
    scheme_approve,
    scheme_propose,
    scheme_withdraw,
)
from kpi.views.schemes_editor import scheme_autosave, scheme_edit
from kpi.views.schemes_read import scheme, scheme_differences, scheme_file, state_chip
from kpi.views.schemes_rehearsal import (
    scheme_rehearsal,
    scheme_rehearsal_export,
    scheme_rehearsal_progress,
)

_FILE_BYTES: Final = 2 * 1024 * 1024


def departs_chip(scheme: Scheme) -> SafeString | str:
    """Whether a version departs from the regulation's frame; "" if it does not."""
    return chip("check", _("与 K1–K3 不同")) if scheme.departs else ""


def _who(person: Any, at: datetime | None) -> str:
    return f"{person.name} {moment(at)}" if person and at else ""


COLUMNS: Final[tuple[Column[Scheme], ...]] = (
    Column("number", gettext_lazy("版本"), lambda one: one.number),
    Column("name", gettext_lazy("名称"), scheme_name, is_bare=True),
    Column("from", gettext_lazy("从哪个月起"), lambda one: month_name(Month.parse(one.valid_from))),
    Column(
        "state",
        gettext_lazy("状态"),
        lambda one: one.get_state_display(),
        cell=state_chip,
        is_bare=True,
    ),
    Column(
        "frame",
        gettext_lazy("框架"),
        lambda one: _("与 K1–K3 不同") if one.departs else _("与 K1–K3 一致"),
        cell=lambda one: departs_chip(one) or _("与 K1–K3 一致"),
        is_bare=True,
    ),
    Column(
        "drafted",
        gettext_lazy("起草人"),
        lambda one: _who(one.drafted_by, one.drafted_at) or _("随产品提供"),
    ),
    Column("approved", gettext_lazy("批准人"), lambda one: _who(one.approved_by, one.approved_at)),
)


@require_safe
def schemes(request: SignedInRequest) -> HttpResponse:
    """All versions that the actor sees, newest first."""
    actor = request.actor
    page = keyset_page(schemes_for(actor), order=("-number",), cursor=request.GET.get("cursor", ""))
    table = work_table(
        request,
        page,
        COLUMNS,
        RowLinks(
            key=lambda one: one.number,
            url=lambda one: reverse("scheme", args=[one.number]),
            action=_action,
        ),
        key="schemes",
        caption=_("考核方案的版本"),
    )
    current = _in_force(clock.now())
    waiting = schemes_for(actor).filter(state=SchemeState.PROPOSED).count()
    context = {
        "table": table,
        "title": _headline(current, waiting),
        "current": current,
        "is_keeper": can_keep_schemes(actor),
    }
    return render(request, "kpi/schemes.html", context)


def _action(one: Scheme) -> SafeString:
    url = reverse("scheme", args=[one.number])
    return format_html('<a href="{}">{}<span class="sr"> {}</span></a>', url, _("打开"), one.number)


def _in_force(at: datetime) -> Scheme | None:
    """The version that scores the present month."""
    month = Month.containing(local_date(at)).key
    found = Scheme.objects.filter(state=SchemeState.APPROVED, valid_from__lte=month)
    return found.order_by("-valid_from", "-number").first()


def _headline(current: Scheme | None, waiting: int) -> str:
    if waiting:
        return ngettext("%(n)d 个考核方案等人批准", "%(n)d 个考核方案等人批准", waiting) % {
            "n": waiting
        }
    if current is None:
        return _("还没有生效的考核方案")
    return _("本月按第 %(n)d 版 %(name)s 考核") % {
        "n": current.number,
        "name": scheme_name(current),
    }


class DraftForm(forms.Form):
    """A version to begin with: from which, what it is called, from which month on."""

    based_on = forms.TypedChoiceField(label=gettext_lazy("以哪一版为基础"), coerce=int)
    name = forms.CharField(label=gettext_lazy("名称"), max_length=80)
    valid_from = forms.CharField(
        label=gettext_lazy("从哪个月起"),
        max_length=7,
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-12"}),
    )
    why = forms.CharField(label=gettext_lazy("为什么改"), max_length=200, required=False)

    def __init__(self, *args: Any, versions: list[Scheme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["based_on"]
        field.choices = [
            (one.number, f"{one.number} {scheme_name(one)}（{one.get_state_display()}）")
            for one in versions
        ]


class FileForm(forms.Form):
    """A scheme's file, and what else is to be said of the draft that is made of it."""

    file = forms.FileField(
        label=gettext_lazy("文件"),
        error_messages={
            "required": gettext_lazy("选一个 .json 或 .xlsx 文件。"),
            "empty": gettext_lazy("文件是空的。请选择导出的 .json 或 .xlsx。"),
        },
        widget=forms.FileInput(attrs={"accept": ".json,.xlsx"}),
    )
    name = forms.CharField(label=gettext_lazy("名称"), max_length=80, required=False)
    valid_from = forms.CharField(
        label=gettext_lazy("从哪个月起"),
        max_length=7,
        required=False,
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-12"}),
    )
    why = forms.CharField(label=gettext_lazy("为什么改"), max_length=200, required=False)


def _next_month() -> str:
    return Month.containing(local_date(clock.now())).next.key


@require_http_methods(["GET", "HEAD", "POST"])
def scheme_new(request: SignedInRequest) -> HttpResponse:
    """Begin a draft as a copy of a version."""
    if not can_keep_schemes(request.actor):
        raise NotAllowed(_("考核方案由市场部维护。"))
    versions = list(schemes_for(request.actor).order_by("-number"))
    asked = whole_number(request.GET.get("from"))
    base = newest_approved() if asked is None else scheme_seen(request.actor, asked)
    month = _next_month()
    initial = {
        "based_on": base.number if base else None,
        "name": _("%(month)s起的考核方案") % {"month": month_name(Month.parse(month))},
        "valid_from": month,
    }
    form = DraftForm(request.POST or None, versions=versions, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = draft_scheme(**form.cleaned_data, actor=request.actor, at=clock.now())
        except Refused as refused:
            add_problems(form, refused)
        else:
            return HttpResponseRedirect(reverse("scheme-edit", args=[made.number]))
    status = 422 if form.is_bound else 200
    return render(request, "kpi/scheme_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def scheme_import(request: SignedInRequest) -> HttpResponse:
    """Make a draft of a JSON or XLSX file; what is wrong in it is told by its cell or path."""
    if not can_keep_schemes(request.actor):
        raise NotAllowed(_("考核方案由市场部维护。"))
    if request.method != "POST":
        form = FileForm(initial={"valid_from": _next_month()})
        return render(request, "kpi/scheme_import.html", {"form": form})
    form = FileForm(request.POST, request.FILES)
    links: list[ErrorLink] = []
    if form.is_valid():
        given = form.cleaned_data.pop("file")
        data = given.read(_FILE_BYTES + 1)
        try:
            made = import_scheme(
                data=data,
                filename=given.name,
                **form.cleaned_data,
                actor=request.actor,
                at=clock.now(),
            )
        except Refused as refused:
            links = _problems(form, refused, data, given.name)
        else:
            toast(request, _("已读入，成为草稿"), detail=made.name)
            return HttpResponseRedirect(reverse("scheme-edit", args=[made.number]))
    context = {"form": form, "links": links}
    return render(request, "kpi/scheme_import.html", context, status=422)


def _problems(form: FileForm, refused: Refused, data: bytes, name: str) -> list[ErrorLink]:
    """What is wrong in the file, each with its place; what is wrong in the form, at its field."""
    cells = _cells(data, name)
    links = []
    for problem in refused.problems:
        first, _dot, rest = problem.field.partition(".")
        if first == "content":
            place = (cells.at(rest) if cells else "") or rest
            links.append(
                ErrorLink(
                    _("%(place)s：%(message)s") % {"place": place, "message": problem.message},
                    "id_file",
                )
            )
        else:
            form.add_error(first if first in form.fields else None, str(problem.message))
    return links


def _cells(data: bytes, name: str) -> Cells | None:
    """The cells of a workbook; None for another file."""
    if not data.startswith(b"PK"):
        return None
    try:
        return Cells(data, name)
    except Refused:
        return None


_ONE: Final = "schemes/<int:number>/"
urlpatterns = [
    path("schemes/", schemes, name="schemes"),
    path("schemes/new/", scheme_new, name="scheme-new"),
    path("schemes/import/", scheme_import, name="scheme-import"),
    path(_ONE, scheme, name="scheme"),
    path(f"{_ONE}edit/", scheme_edit, name="scheme-edit"),
    path(f"{_ONE}typed/", scheme_autosave, name="scheme-autosave"),
    path(f"{_ONE}differences/", scheme_differences, name="scheme-differences"),
    path(f"{_ONE}file.<slug:ending>", scheme_file, name="scheme-file"),
    path(f"{_ONE}rehearsal/", scheme_rehearsal, name="scheme-rehearsal"),
    path(f"{_ONE}rehearsal/workbook/", scheme_rehearsal_export, name="scheme-rehearsal-workbook"),
    path(
        f"{_ONE}rehearsal/progress/",
        scheme_rehearsal_progress,
        name="scheme-rehearsal-progress",
    ),
    path(f"{_ONE}propose/", scheme_propose, name="scheme-propose"),
    path(f"{_ONE}approve/", scheme_approve, name="scheme-approve"),
    path(f"{_ONE}withdraw/", scheme_withdraw, name="scheme-withdraw"),
]

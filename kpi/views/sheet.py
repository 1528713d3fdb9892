"""One manager's score sheet (K4): every point opens, every line can be objected to (look 5)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.actions import Again, perform, status_of, with_again
from core.actors import Acting
from core.errors import NotAllowed, NotFound
from core.formats import number
from core.forms import Versioned, one_file
from core.pages import toast
from core.parts import Fact
from core.periods import Month, local_date
from core.requests import SignedInRequest, whole_number, with_query
from kpi import amending
from kpi.choices import OBJECTION_OPEN
from kpi.models import ScoreSheet
from kpi.operations import corrections, objections, sheets
from kpi.permissions import is_locked, is_own
from kpi.queries.sheet_views import SheetView, sheet_view
from kpi.queries.sheets import counted_rows, sheet_seen
from kpi.sheet_forms import CorrectForm, ObjectForm, OpinionForm
from kpi.views import provisional
from kpi.views.line_forms import fields_of, line_now, typed_inputs
from kpi.views.line_panel import line_panel
from kpi.views.sheet_shown import (
    last_day,
    miles,
    parts_of,
    shown_groups,
    shown_versions,
    step_times,
)
from kpi.views.sheet_ways import (
    exports,
    month_ways,
    sheet_url,
    table_url,
    title_of,
)
from kpi.views.what_if import Ground, answer

_NAMES_OF_MEANS: Final = 2


@require_safe
def sheet(request: SignedInRequest, month: Month, manager: int) -> HttpResponse:
    """Somebody's month: the sheet, or before there is one what stands so far."""
    return sheet_page(request, month, manager, clock.now())


@require_safe
def my_sheet(request: SignedInRequest) -> HttpResponse:
    """To the own sheet that waits, else to the month that runs."""
    if not request.actor.has_role("manager"):
        raise NotAllowed(_("客户经理才有自己的考核表。"))
    return HttpResponseRedirect(own_url(request, clock.now()))


def own_url(request: SignedInRequest, at: datetime) -> str:
    """The own sheet that is not locked yet, the newest; else the running month."""
    me = request.actor.somebody
    waiting = (
        ScoreSheet.objects.filter(manager_id=me, locked_at__isnull=True)
        .order_by("-month")
        .values_list("month", flat=True)
        .first()
    )
    return sheet_url(waiting or Month.containing(local_date(at)), me)


def sheet_page(
    request: SignedInRequest,
    month: Month,
    manager_id: int,
    at: datetime,
    again: Again | None = None,
) -> HttpResponse:
    """The page, with the panel of the line that the address names."""
    asked = request.GET.get("version", "")
    try:
        view = sheet_view(request.actor, month, manager_id, at, number=whole_number(asked))
    except NotFound:
        if asked or ScoreSheet.objects.filter(manager_id=manager_id, month=month.key).exists():
            raise
        return provisional.month_page(request, month, manager_id, at)
    code = request.GET.get("line", "")
    if code and code not in view.lines:
        raise NotFound
    version = None if view.is_newest else view.version.number

    def link(line: str) -> str:
        return sheet_url(month, manager_id, line=line, version=version)

    manager = view.sheet.manager
    mine = is_own(request.actor, view.sheet)
    is_over = is_locked(view.sheet, view.end, at)
    context = {
        "view": view,
        "sheet": view.sheet,
        "month": month,
        "manager": manager,
        "is_mine": mine,
        "title": title_of(month, manager.name, mine),
        "groups": shown_groups(view.groups, view.label_set, link, code),
        "parts": parts_of(view.groups),
        "total": number(view.total, 2),
        "miles": miles(view.sheet, view.objections, view.end, is_over),
        "is_over": is_over,
        "confirm_text": _confirm_text(view),
        "means": _means(view),
        "steps": step_times(view.steps, at, is_over),
        "until": last_day(view.end.objections_until),
        "versions": _versions(view),
        "exports": exports(month, manager_id),
        "scheme_url": reverse("scheme", args=[view.sheet.scheme.number]),
        "scheme_number": view.sheet.scheme.number,
        "forms": with_again(_page_forms(view), again),
        "note": again.note if again else "",
        "at": at,
        "own_path": sheet_url(month, manager_id),
        "table_url": "" if mine else table_url(month, branch=view.sheet.branch_id),
        **month_ways(request, month, manager_id, at),
    }
    if code:
        context |= line_panel(
            view,
            view.lines[code],
            rows=counted_rows(
                request.actor, month, manager_id, view.sheet.cut_at, view.lines[code].line
            ),
            answer=answer(ground_of(view), code, request.GET) if view.is_newest else None,
            close_url=sheet_url(month, manager_id, version=version),
            link=link,
            actor=request.actor,
            at=at,
            again=again,
        )
    return render(request, "kpi/sheet.html", context, status=status_of(again))


def ground_of(view: SheetView) -> Ground:
    """The sheet as what is asked about."""
    sheet = view.sheet
    return Ground(
        view.lines,
        view.total,
        view.band,
        view.label_set,
        lambda changes: amending.what_if(sheet, changes),
    )


def _confirm_text(view: SheetView) -> str:
    objected = sum(one.state in OBJECTION_OPEN for one in view.objections)
    left = len(view.lines) - objected
    if objected:
        return ngettext("确认其余 %(n)d 项", "确认其余 %(n)d 项", left) % {"n": left}
    return ngettext("确认全部 %(n)d 项", "确认全部 %(n)d 项", left) % {"n": left}


def _means(view: SheetView) -> list[Fact]:
    """The quarter and the year, of what is locked."""
    found = []
    for mean, label in (
        (view.quarter, _("%(key)s 季度平均")),
        (view.year, _("%(key)s 年度平均")),
    ):
        if mean is not None and mean.score is not None:
            text = f"{number(mean.score, 2)} {view.mean_names.get(mean.band, '')}".strip()
            found.append(Fact(label % {"key": mean.key}, text))
    return found


def _versions(view: SheetView) -> Any:
    """The versions side by side, where there is more than one."""
    if len(view.versions) < _NAMES_OF_MEANS:
        return []
    return shown_versions(
        view.versions,
        {code: line.name for code, line in view.lines.items()},
        lambda n: sheet_url(view.month, view.sheet.manager_id, version=n),
        view.version.number,
        view.label_set,
    )


def _page_forms(view: SheetView) -> dict[str, forms.Form]:
    """What the reader can do with the sheet as a whole."""
    begin = {"version": view.sheet.version}
    found: dict[str, forms.Form] = {}
    if view.allowed.confirm:
        found["confirm"] = Versioned(initial=begin)
    if view.allowed.supervise:
        found["supervise"] = OpinionForm(initial=begin)
    if view.allowed.approve:
        found["approve"] = OpinionForm(initial=begin)
    return found


@require_safe
def sheet_what_if(request: SignedInRequest, month: Month, manager: int) -> HttpResponse:
    """The answer to "what if" alone, for the script; a reader gets the whole page."""
    code = request.GET.get("line", "")
    at = clock.now()
    if not request.headers.get("HX-Request"):
        sheet_seen(request.actor, month, manager)
        return HttpResponseRedirect(f"{sheet_url(month, manager)}?{request.GET.urlencode()}")
    ground = ground_of(sheet_view(request.actor, month, manager, at))
    if code not in ground.lines:
        raise NotFound
    context = {
        "what_if": answer(ground, code, request.GET),
        "code": code,
        "what_if_url": reverse("sheet-what-if", args=[month.key, manager]),
        "own_path": sheet_url(month, manager),
    }
    return render(request, "kpi/what_if.html", context)


# What can be done


def done(
    request: SignedInRequest,
    sheet: ScoreSheet,
    name: str,
    form: Versioned,
    act: Callable[[dict[str, Any], Acting], Any],
    text: str,
    *,
    line: str = "",
) -> HttpResponse:
    """Do what a form asks (core.actions); ``line`` is the line whose panel stays open."""
    at = clock.now()
    month = Month.parse(sheet.month)
    if line:
        with_query(request, line=line)

    def came_off(_nothing: Any) -> HttpResponse:
        toast(request, text)
        return HttpResponseRedirect(sheet_url(month, sheet.manager_id, line=line))

    return perform(
        request,
        name,
        form,
        act,
        at=at,
        find=lambda: sheet,
        show=lambda _sheet, again: sheet_page(request, month, sheet.manager_id, at, again),
        meanwhile=lambda _sheet: _(
            "别处刚动过这张考核表，下面已是最新。您写的都在，看过后再提交。"
        ),
        done=came_off,
    )


@require_POST
def sheet_confirm(request: SignedInRequest, month: Month, manager: int) -> HttpResponse:
    """The manager confirms every line but those objected to."""
    found = sheet_seen(request.actor, month, manager)

    def act(given: dict[str, Any], acting: Acting) -> None:
        sheets.confirm_sheet(sheet_id=found.pk, **acting)

    return done(request, found, "confirm", Versioned(request.POST), act, _("已确认考核表"))


@require_POST
def sheet_supervise(request: SignedInRequest, month: Month, manager: int) -> HttpResponse:
    """The supervisor signs the sheet."""
    found = sheet_seen(request.actor, month, manager)

    def act(given: dict[str, Any], acting: Acting) -> None:
        sheets.supervise_sheet(
            sheet_id=found.pk,
            opinion=given["opinion"],
            **acting,
        )

    return done(request, found, "supervise", OpinionForm(request.POST), act, _("已审"))


@require_POST
def sheet_approve(request: SignedInRequest, month: Month, manager: int) -> HttpResponse:
    """The general manager approves the sheet."""
    found = sheet_seen(request.actor, month, manager)

    def act(given: dict[str, Any], acting: Acting) -> None:
        sheets.approve_sheet(
            sheet_id=found.pk,
            opinion=given["opinion"],
            **acting,
        )

    return done(request, found, "approve", OpinionForm(request.POST), act, _("已审批"))


@require_POST
def sheet_object(request: SignedInRequest, month: Month, manager: int) -> HttpResponse:
    """The manager objects to a line, with a file if there is one."""
    found = sheet_seen(request.actor, month, manager)
    form = ObjectForm(request.POST, request.FILES)
    item = request.POST.get("item", "")
    line = item if line_now(found, item) else ""

    def act(given: dict[str, Any], acting: Acting) -> None:
        objections.object_to_line(
            sheet_id=found.pk,
            item=item,
            text=given["text"],
            file=one_file(given["file"]),
            **acting,
        )

    return done(request, found, "object", form, act, _("已申诉，等主管答复"), line=line)


@require_POST
def sheet_correct(request: SignedInRequest, month: Month, manager: int) -> HttpResponse:
    """A leader or the market department proposes what is right in a line of a locked sheet."""
    found = sheet_seen(request.actor, month, manager)
    item = request.POST.get("item", "")
    line = line_now(found, item)
    form = CorrectForm(request.POST, numbers=fields_of(line, month))

    def act(given: dict[str, Any], acting: Acting) -> None:
        corrections.propose_correction(
            sheet_id=found.pk,
            item=item,
            inputs=typed_inputs(line, form),
            why=given["why"],
            **acting,
        )

    text = _("已提出更正，等第二个人复核")
    return done(request, found, "correct", form, act, text, line=item if line else "")


_SHEET = "scores/<month:month>/<int:manager>/"
urlpatterns = [
    path("scores/mine/", my_sheet, name="my-sheet"),
    path(_SHEET, sheet, name="sheet"),
    path(f"{_SHEET}what-if/", sheet_what_if, name="sheet-what-if"),
    path(f"{_SHEET}confirm/", sheet_confirm, name="sheet-confirm"),
    path(f"{_SHEET}supervise/", sheet_supervise, name="sheet-supervise"),
    path(f"{_SHEET}approve/", sheet_approve, name="sheet-approve"),
    path(f"{_SHEET}object/", sheet_object, name="sheet-object"),
    path(f"{_SHEET}correct/", sheet_correct, name="sheet-correct"),
]

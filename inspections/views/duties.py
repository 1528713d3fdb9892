"""The market department's matrix: branches × duties of a month, with what is missing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from core import clock
from core.actors import Actor
from core.errors import NotFound
from core.exports import hand_out
from core.formats import moment, month_name
from core.lists import KeysetPage, RowLinks, chosen_columns, own_address, work_table
from core.marked_days import filled
from core.parts import Action, Segment, Tally
from core.periods import Month, local_date
from core.requests import SignedInRequest, whole_number
from inspections.duty_matrix import DUTIES, BranchDuties, DutyMatrix, matrix_for
from inspections.duty_table import (
    ALL,
    DEVIATING,
    cell_chips,
    cell_number,
    duty_columns,
    duty_workbook,
    lines_shown,
)
from inspections.permissions import can_inspect

TABLE: Final = "duty-matrix"
# The panel names so many; the rest is behind its links.
_TOLD_AT_MOST: Final = 20


@require_safe
def matrix_now(request: SignedInRequest) -> HttpResponse:
    """The matrix of the month that runs."""
    at = clock.now()
    return _page(request, Month.containing(local_date(at)), at)


@require_safe
def matrix(request: SignedInRequest, month: Month) -> HttpResponse:
    """The matrix of a month."""
    return _page(request, month, clock.now())


def _page(request: SignedInRequest, month: Month, at: datetime) -> HttpResponse:
    found = matrix_for(request.actor, month, at)
    opened, kind = whole_number(request.GET.get("of")), request.GET.get("duty", "")
    line = next((one for one in found.lines if one.branch.pk == opened), None)
    if (opened is not None and line is None) or (kind and kind not in DUTIES):
        raise NotFound
    current = Month.containing(local_date(at))
    context = {
        "month": month,
        "matrix": found,
        "headline": _headline(found),
        "as_of": filled(
            _("定稿，截至 %(when)s") if found.is_frozen else _("截至 %(when)s"),
            when=moment(found.cut_at, at),
        ),
        "tallies": _tallies(request, found),
        "segments": _segments(request),
        "table": _table(request, found, opened or 0, kind),
        "previous_url": reverse("duty-matrix", args=[month.previous]),
        "next_url": reverse("duty-matrix", args=[month.next]) if month < current else "",
        "overview_url": reverse("overview", args=[month]),
        "contents_url": reverse("contents", args=[month]),
        **(_panel(request, found, line, kind) if line else {}),
    }
    return render(request, "inspections/duty_matrix.html", context)


def _headline(found: DutyMatrix) -> str:
    counts = found.counts
    branches = ngettext("%(n)d 家分公司", "%(n)d 家分公司", len(found.lines))
    n = counts["missing"] + counts["late"]
    said = ngettext("%(n)d 处没有做到", "%(n)d 处没有做到", n) % {"n": n}
    return _("%(month)s：%(branches)s，%(found)s") % {
        "month": month_name(found.month),
        "branches": branches % {"n": len(found.lines)},
        "found": said if n else _("没有发现偏差"),
    }


def _tallies(request: SignedInRequest, found: DutyMatrix) -> list[Tally]:
    asked, counts = request.GET.get("only", ""), found.counts
    filters = [
        Tally(
            state,
            counts[key],
            own_address(request, only="" if asked == key else key, of="", duty=""),
            text,
            asked == key,
        )
        for key, state, text in (("missing", "undone", ""), ("late", "lacking", _("迟或不齐")))
    ]
    return [*filters, Tally("not_due", counts["coming"]), Tally("done", counts["done"])]


def _is_deviating(request: SignedInRequest) -> bool:
    return request.GET.get("view", "") == DEVIATING


def _segments(request: SignedInRequest) -> list[Segment]:
    return [
        Segment(
            label,
            own_address(request, view=view, of="", duty=""),
            _is_deviating(request) == (view == DEVIATING),
        )
        for label, view in ((_("只看偏差"), DEVIATING), (_("全部数字"), ALL))
    ]


def _table(request: SignedInRequest, found: DutyMatrix, opened: int, kind: str) -> Any:
    rows = lines_shown(found, only=request.GET.get("only", ""), is_deviating=_is_deviating(request))
    columns = duty_columns(
        linking=lambda branch_id, duty: own_address(request, of=str(branch_id), duty=duty),
        current=(opened, kind),
    )
    return work_table(
        request,
        KeysetPage(rows),
        columns,
        RowLinks[BranchDuties](
            key=lambda line: line.branch.pk,
            url=lambda line: own_address(request, of=str(line.branch.pk), duty=""),
        ),
        key=TABLE,
        caption=_("各分公司履职"),
        current=str(opened) if opened and not kind else "",
        exports=((_("导出 XLSX"), reverse("duty-matrix-workbook", args=[found.month])),),
    )


def _panel(
    request: SignedInRequest, found: DutyMatrix, line: BranchDuties, kind: str
) -> dict[str, Any]:
    """A branch, or one of its duties, beside the matrix: what is missing, each with its page."""
    query = request.GET.copy()
    for name in ("of", "duty"):
        query.pop(name, None)
    asked = [kind] if kind else list(DUTIES)
    return {
        "line": line,
        "panel_title": f"{line.branch.name} {DUTIES[kind][0]}" if kind else line.branch.name,
        "close_url": f"{request.path}?{query.urlencode()}" if query else request.path,
        "parts": [_part(line, one) for one in asked],
        "ways": _ways(request.actor, found.month, line, kind),
    }


def _part(line: BranchDuties, kind: str) -> dict[str, Any]:
    cell = line.cells[kind]
    told = cell.deviations[:_TOLD_AT_MOST]
    return {
        "name": DUTIES[kind][0],
        "clause": DUTIES[kind][1],
        "number": cell_number(cell),
        "chips": cell_chips(cell),
        "deviations": told,
        "more": len(cell.deviations) - len(told),
        "coming": cell.coming,
    }


def _ways(actor: Actor, month: Month, line: BranchDuties, kind: str) -> Sequence[Action]:
    """To the branch's meetings of the month, and to a finding of what is missing, of the duty that
    is shown or of all."""
    branch = line.branch
    found = [Action(_("会议"), reverse("meetings-month", args=[month.key, branch.pk]))]
    found.append(Action(_("出勤"), reverse("attendance-month", args=[month.key, branch.pk])))
    deviating = len(line.cells[kind].deviations) if kind else line.deviating
    if deviating and can_inspect(actor, branch.pk):
        asked = {"branch": branch.pk, "month": month.key, **({"duty": kind} if kind else {})}
        raising = f"{reverse('finding-new')}?{urlencode(asked)}"
        found.insert(0, Action(_("立为问题"), raising, is_primary=True))
    return found


@require_safe
def matrix_workbook(request: SignedInRequest, month: Month) -> HttpResponse:
    """The matrix as a workbook: the columns and filters of the page."""
    found = matrix_for(request.actor, month, clock.now())
    columns, _density = chosen_columns(request, duty_columns(), TABLE)
    made = duty_workbook(
        found,
        columns,
        only=request.GET.get("only", ""),
        is_deviating=_is_deviating(request),
    )
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=None)


_MONTH = "duty-matrix/<month:month>/"
urlpatterns = [
    path("duty-matrix/", matrix_now, name="duty-matrix-now"),
    path(_MONTH, matrix, name="duty-matrix"),
    path(f"{_MONTH}workbook/", matrix_workbook, name="duty-matrix-workbook"),
]

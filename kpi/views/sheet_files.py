"""Score sheets as files (K4): the A4 paper, its print view, the workbooks of one or of many."""

import hashlib
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from confidentiality.operations import disclose
from core import clock
from core.errors import NotAllowed
from core.exports import hand_out
from core.periods import Month
from core.requests import SignedInRequest, whole_number
from kpi import papers
from kpi.choices import SheetState
from kpi.queries.sheet_views import SheetView, sheet_view
from kpi.queries.sheets import led_branch
from kpi.workbooks import sheet_workbook, table_workbook
from organization.models import Branch


def _view(request: SignedInRequest, month: Month, manager: int) -> SheetView:
    """The version that ``?version=`` names, else the newest; NotFound where it is not seen."""
    number = whole_number(request.GET.get("version"))
    return sheet_view(request.actor, month, manager, clock.now(), number=number)


def _absolute(request: SignedInRequest, month: Month, manager: int) -> str:
    """What the sheet's QR code opens."""
    return request.build_absolute_uri(reverse("sheet", args=[month, manager]))


@require_safe
def sheet_paper(request: SignedInRequest, month: Month, manager: int) -> HttpResponse:
    """The A4 sheet with lines to sign; that it was handed out is written down."""
    view = _view(request, month, manager)
    content = papers.score_pdf(view, url=_absolute(request, month, manager))
    number = papers.sheet_number(view.sheet, view.version.content["manager"]["job_number"])
    name = f"{number}_{view.version.number}.pdf"
    disclose(
        actor=request.actor,
        at=clock.now(),
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=1,
        branch_id=view.sheet.branch_id,
    )
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_safe
def sheet_print(request: SignedInRequest, month: Month, manager: int) -> HttpResponse:
    """The same sheet as a page, for the browser's printing."""
    paper = papers.score_paper(
        _view(request, month, manager), url=_absolute(request, month, manager)
    )
    context = {"paper": paper, "title": f"{paper.number} {paper.manager}"}
    return render(request, papers.TEMPLATE, context)


@require_safe
def sheet_workbook_file(request: SignedInRequest, month: Month, manager: int) -> HttpResponse:
    """The sheet as a workbook."""
    view = _view(request, month, manager)
    made = sheet_workbook(view, url=_absolute(request, month, manager))
    return hand_out(
        request, made.content, name=made.name, rows=made.rows, branch_id=view.sheet.branch_id
    )


@require_safe
def sheets_workbook(request: SignedInRequest, month: Month) -> HttpResponse:
    """A month's sheets, filtered as on the page: a branch's (``?branch=``), or the company's."""
    actor = request.actor
    if not (actor.reads_all or actor.led_branches):
        raise NotAllowed
    branch = _asked_branch(request)
    state = request.GET.get("state", "")
    made = table_workbook(
        actor,
        month,
        branch=branch,
        state=state if state in SheetState.values else "",
        band=request.GET.get("band", ""),
        words=request.GET.get("q", "").strip()[:40],
    )
    return hand_out(
        request,
        made.content,
        name=made.name,
        rows=made.rows,
        branch_id=branch.pk if branch else None,
    )


def _asked_branch(request: SignedInRequest) -> Branch | None:
    """The branch in the address; of those who lead one their own, None for the whole company."""
    actor, asked = request.actor, request.GET.get("branch", "")
    if asked:
        return led_branch(actor, whole_number(asked) or 0)
    if actor.reads_all:
        return None
    own = actor.branch_id if actor.branch_id in actor.led_branches else min(actor.led_branches)
    return led_branch(actor, own or 0)


_ONE = "scores/<month:month>/<int:manager>/"
urlpatterns = [
    path(f"{_ONE}paper.pdf", sheet_paper, name="sheet-paper"),
    path(f"{_ONE}print/", sheet_print, name="sheet-print"),
    path(f"{_ONE}workbook/", sheet_workbook_file, name="sheet-workbook"),
    path("scores/<month:month>/workbook/", sheets_workbook, name="sheets-workbook"),
]

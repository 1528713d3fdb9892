"""The company's week (W6): which branch did not do what; archiving it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.errors import NotFound, Refused, Stale
from core.exports import hand_out
from core.lists import KeysetPage, RowLinks, chosen_columns, own_address, work_table
from core.pages import toast
from core.parts import AgendaItem, ErrorLink, Segment, Tally
from core.periods import Week, local_date
from core.requests import SignedInRequest, whole_number
from worklogs import permissions
from worklogs.board_table import SHORT
from worklogs.company_queries import (
    ASKED,
    BranchLine,
    branch_lines,
    consolidations_for,
    items_of,
    written_by_branch,
)
from worklogs.company_table import (
    DEVIATING,
    TALLIES,
    company_columns,
    lines_shown,
    summaries_cell,
)
from worklogs.models import Consolidation
from worklogs.operations.consolidations import issue_consolidation
from worklogs.queries import board
from worklogs.table_workbooks import company_matrix
from worklogs.views import company_issues

TABLE: Final = "company"


@require_safe
def company_now(request: SignedInRequest) -> HttpResponse:
    """All branches in the present week."""
    at = clock.now()
    return company_page(request, Week.containing(local_date(at)), at)


@require_safe
def company_of(request: SignedInRequest, week: Week) -> HttpResponse:
    """All branches in a week."""
    return company_page(request, week, clock.now())


@require_safe
def company_matrix_export(request: SignedInRequest, week: Week) -> HttpResponse:
    """The matrix as a workbook: the columns and the filters of the page."""
    if not permissions.can_see_company(request.actor):
        raise NotFound
    at = clock.now()
    columns, _density = chosen_columns(request, company_columns(at), TABLE)
    made = company_matrix(
        branch_lines(week, at),
        columns,
        week,
        at,
        only=request.GET.get("only", ""),
        view=request.GET.get("view", ""),
    )
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=None)


def company_page(
    request: SignedInRequest,
    week: Week,
    at: datetime,
    *,
    due: Sequence[AgendaItem] = (),
    typed: dict[str, str] | None = None,
    links: list[ErrorLink] | None = None,
    note: str = "",
    status: int = 200,
) -> HttpResponse:
    """The matrix of branches and the archive beside it; NotFound for who sees not all of them.

    ``due`` is what the reader's day wants besides. ``typed``, ``links`` and ``note`` come back
    when archiving was refused. A fixed number of queries for any number of branches.
    """
    if not permissions.can_see_company(request.actor):
        raise NotFound
    lines = branch_lines(week, at)
    issues = list(consolidations_for(request.actor).filter(week=week.key).order_by("-number"))
    opened = whole_number(request.GET.get("of"))
    panel = _panel(request, lines, opened, week, at) if opened is not None else {}
    today = Week.containing(local_date(at))
    table = _table(request, lines, week, at, opened or 0)
    context = {
        "week": week,
        "at": at,
        "lines": lines,
        "headline": _headline(week, lines),
        "deadline_at": _deadline(lines),
        "due": due,
        "tallies": _tallies(request, lines),
        "share": _("%(n)d 家分公司的汇总") % {"n": len(lines)},
        "views": _views(request, lines),
        "table": replace(table, exports=()),
        "exports": table.exports,
        "previous_url": reverse("company-week", args=[week.previous.key]),
        "next_url": reverse("company-week", args=[week.next.key]) if week < today else "",
        "comment": typed["comment"] if typed else issues[0].comment if issues else "",
        "why": typed["why_corrected"] if typed else "",
        "links": links or [],
        "note": note,
        **_archive_context(request, lines, issues),
        **_texts_context(request, lines),
        **panel,
    }
    return render(request, "worklogs/company.html", context, status=status)


def _headline(week: Week, lines: list[BranchLine]) -> str:
    """What was not done, in one sentence."""
    missing = sum(line.week.missing for line in lines)
    not_due = sum(line.week.not_due for line in lines)
    overdue = sum(1 for line in lines if line.is_overdue)
    found = []
    if missing:
        found.append(ngettext("%(n)d 份周报未交", "%(n)d 份周报未交", missing) % {"n": missing})
    if overdue:
        found.append(ngettext("%(n)d 家汇总逾期", "%(n)d 家汇总逾期", overdue) % {"n": overdue})
    if not found and not_due:
        found.append(_("还有 %(n)d 份周报没交，未到截止") % {"n": not_due})
    return _("第 %(week)d 周：%(found)s") % {
        "week": week.number,
        "found": _("，").join(found) if found else _("周报全部交齐"),
    }


def _deadline(lines: list[BranchLine]) -> datetime | None:
    """The latest deadline of a roll-up: until then something may still arrive in time."""
    deadlines = [line.week.rollup_deadline_at for line in lines if line.week.rollup_deadline_at]
    return max(deadlines, default=None)


def _tallies(request: SignedInRequest, lines: list[BranchLine]) -> list[Tally]:
    """What deviates first; each filters the matrix, pressed again it is taken off."""
    asked = request.GET.get("only", "")
    arrived = [line.version for line in lines if line.version]
    received = sum(1 for version in arrived if version.received_at)
    counts = {
        "missing": sum(line.week.missing for line in lines),
        "returned": sum(line.week.returned for line in lines),
        "late": sum(line.week.late for line in lines),
        "overdue": sum(1 for line in lines if line.is_overdue),
        "unsent": len(lines) - len(arrived),
        "sent": len(arrived) - received,
        "received": received,
    }
    return [
        Tally(
            state,
            counts[key],
            own_address(request, only="" if asked == key else key, of=""),
            text,
            asked == key,
        )
        for key, (state, text) in TALLIES.items()
        if counts[key]
    ]


def _views(request: SignedInRequest, lines: list[BranchLine]) -> list[Segment]:
    view = request.GET.get("view", "")
    deviating = sum(1 for line in lines if line.deviates)
    return [
        Segment(
            _("只看偏差"),
            own_address(request, view=DEVIATING, of=""),
            view == DEVIATING,
            deviating,
        ),
        Segment(_("全部"), own_address(request, view="", of=""), view != DEVIATING, len(lines)),
    ]


# The matrix


def _table(
    request: SignedInRequest, lines: list[BranchLine], week: Week, at: datetime, opened: int
) -> Any:
    rows = lines_shown(lines, only=request.GET.get("only", ""), view=request.GET.get("view", ""))
    token = get_token(request)

    def action(line: BranchLine) -> str:
        version = line.version
        if version is None or version.received_at is not None:
            return ""
        if not permissions.can_receive(request.actor, version):
            return ""
        return format_html(
            '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken"'
            ' value="{}"><input type="hidden" name="next" value="{}"><button class="btn-text"'
            ' name="number" value="{}" aria-label="{} {}">{}</button></form>',
            reverse("rollup-receive", args=[week.key, line.week.branch.pk]),
            token,
            request.get_full_path(),
            version.number,
            _("签收"),
            line.week.branch.name,
            _("签收"),
        )

    return work_table(
        request,
        KeysetPage(rows),
        company_columns(at),
        RowLinks[BranchLine](
            key=lambda line: line.week.branch.pk,
            url=lambda line: own_address(request, of=str(line.week.branch.pk)),
            action=action,
        ),
        key=TABLE,
        caption=_("第 %(n)d 周各分公司") % {"n": week.number},
        current=str(opened) if opened else "",
        exports=((_("导出 XLSX"), reverse("company-matrix", args=[week.key])),),
    )


def _panel(
    request: SignedInRequest, lines: list[BranchLine], opened: int, week: Week, at: datetime
) -> dict[str, Any]:
    """One branch in the panel: who is missing, where its roll-up stands, what it brought."""
    line = next((line for line in lines if line.week.branch.pk == opened), None)
    if line is None:
        raise NotFound
    state = board(line.week.branch, week, at)
    query = request.GET.copy()
    query.pop("of", None)
    version = line.version
    return {
        "line": line,
        "close_url": f"{request.path}?{query.urlencode()}" if query else request.path,
        "unfiled": state.unfiled,
        "returned": [row for row in state.rows if row.standing == "returned"],
        "summaries_cell": summaries_cell(line),
        "may_receive": version is not None
        and version.received_at is None
        and permissions.can_receive(request.actor, version),
        "brought": [(part.label, items_of(version.content, part)) for part in ASKED]
        if version
        else [],
        "here": request.get_full_path(),
    }


# The archive


def _archive_context(
    request: SignedInRequest, lines: list[BranchLine], issues: list[Consolidation]
) -> dict[str, Any]:
    newest = issues[0] if issues else None
    return {
        "issues": issues,
        "newest": newest,
        "number": newest.number if newest else 0,
        "arrived": sum(1 for line in lines if line.version),
        "absent": [line.week.branch.name for line in lines if line.version is None],
        "may_issue": permissions.can_consolidate(request.actor),
        "has_news": newest is not None
        and any(line.version and line.version.sent_at > newest.issued_at for line in lines),
    }


def _texts_context(request: SignedInRequest, lines: list[BranchLine]) -> dict[str, Any]:
    wanted = request.GET.get("part", "")
    chosen = next((part for part in ASKED if part.value == wanted), ASKED[0])
    found = {part: written_by_branch(lines, part) for part in ASKED}
    return {
        "chosen": chosen,
        "branch_items": found[chosen],
        "parts": [
            Segment(
                SHORT[part],
                f"{own_address(request, part=part.value)}#texts",
                part == chosen,
                sum(len(items) for _branch, items in found[part]),
            )
            for part in ASKED
        ],
    }


@require_POST
def company_issue(request: SignedInRequest, week: Week) -> HttpResponse:
    """Archive the company's week; what was typed stays when it is refused."""
    at = clock.now()
    typed = {name: request.POST.get(name, "") for name in ("comment", "why_corrected")}
    try:
        issue = issue_consolidation(
            week=week,
            comment=typed["comment"],
            expected_number=whole_number(request.POST.get("number")) or 0,
            why_corrected=typed["why_corrected"],
            actor=request.actor,
            at=at,
        )
    except Refused as refusal:
        links = [
            ErrorLink(problem.message, _ANCHORS.get(problem.field, ""))
            for problem in refusal.problems
        ]
        return company_page(request, week, at, typed=typed, links=links, status=422)
    except Stale as stale:
        note = _("别处刚归档了第 %(n)d 版。您写的都在，看过后再归档就是更正。") % {
            "n": stale.current["number"]
        }
        return company_page(request, week, at, typed=typed, note=note, status=409)
    toast(request, _("已归档"), detail=issue.archive_number, clears=f"company-{week.key}")
    return HttpResponseRedirect(reverse("company-issue-page", args=[week.key, issue.number]))


_ANCHORS: Final = {"why_corrected": "why", "comment": "comment"}
_WEEK = "company/<week:week>/"
urlpatterns = [
    path("company/", company_now, name="company-now"),
    path("company/archive/", company_issues.archive, name="company-archive"),
    path(_WEEK, company_of, name="company-week"),
    path(f"{_WEEK}matrix/", company_matrix_export, name="company-matrix"),
    path(f"{_WEEK}issue/", company_issue, name="company-issue"),
    path(f"{_WEEK}issues/<int:number>/", company_issues.issue_page, name="company-issue-page"),
    path(
        f"{_WEEK}issues/<int:number>/progress/",
        company_issues.issue_progress,
        name="company-progress",
    ),
    path(
        f"{_WEEK}issues/<int:number>/workbook/",
        company_issues.issue_workbook,
        name="company-workbook",
    ),
]

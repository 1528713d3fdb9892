"""A month's score sheets as a table (K4): a branch's to sign, the company's to look over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.formats import month_name, number
from core.pages import toast
from core.panels import page_under
from core.parts import ErrorLink, Segment, Tally
from core.periods import YEARS, Month, local_date
from core.requests import SignedInRequest, whole_number, with_query
from kpi import permissions
from kpi.choices import SheetState
from kpi.labels import label_set_of
from kpi.models import ScoreSheet
from kpi.operations import sheets as operations
from kpi.queries.proposals import proposals_seen
from kpi.queries.sheet_branches import (
    branch_lines,
    branch_so_far,
    item_names,
    open_corrections,
    open_objections,
)
from kpi.queries.sheets import (
    SheetTable,
    led_branch,
    months_with_sheets,
    sheet_table,
    sheets_for,
)
from kpi.sheet_forms import FilterForm
from kpi.views import sheet_rows
from kpi.views.sheet import own_url
from kpi.views.sheet_shown import SHEET_CHIPS, last_day
from kpi.views.sheet_ways import around, installed, labelled, table_url, with_values
from organization.choices import BranchKind
from organization.models import Branch

TALLIED: Final = (
    SheetState.OBJECTED,
    SheetState.COMPUTED,
    SheetState.CONFIRMED,
    SheetState.SUPERVISED,
    SheetState.APPROVED,
    SheetState.LOCKED,
)
SIGNED_AT_ONCE: Final = 100


def _asked_month(request: HttpRequest, months: Sequence[Month], running: Month) -> Month:
    """The month in the address, else the newest with sheets, else the one before this."""
    asked = request.GET.get("month", "")
    if asked:
        try:
            month = Month.parse(asked)
        except ValueError:
            raise NotFound from None
        if month.year not in YEARS or month > running:
            raise NotFound
        return month
    return months[0] if months else running.previous


@require_safe
def sheets(request: SignedInRequest) -> HttpResponse:
    """The table of a month; a manager who leads nobody is taken to the own sheet."""
    actor = request.actor
    if not (actor.reads_all or actor.led_branches):
        if actor.has_role("manager"):
            return HttpResponseRedirect(own_url(request, clock.now()))
        raise NotAllowed(_("考核表由本人、主管、总经理和市场部看。"))
    return _page(request, clock.now())


def _seen_branches(request: SignedInRequest) -> list[Branch]:
    """The branches whose sheets the reader sees as a whole; the own one first."""
    actor = request.actor
    found = Branch.objects.filter(kind=BranchKind.BRANCH)
    if not actor.reads_all:
        found = found.filter(pk__in=actor.led_branches)
    return sorted(found, key=lambda one: one.pk != actor.branch_id)


def _asked_branch(request: SignedInRequest, branches: Sequence[Branch]) -> Branch | None:
    """The branch in the address; of those who lead one the first, None for the whole company."""
    asked = request.GET.get("branch", "")
    if asked:
        return led_branch(request.actor, whole_number(asked) or 0)
    if request.actor.reads_all:
        return None
    return branches[0] if branches else None


def _page(
    request: SignedInRequest,
    at: datetime,
    *,
    trouble: Sequence[ErrorLink] = (),
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    months = months_with_sheets(actor)
    running = Month.containing(local_date(at))
    month = _asked_month(request, months, running)
    branches = _seen_branches(request)
    branch = _asked_branch(request, branches)
    state, words = request.GET.get("state", ""), request.GET.get("q", "").strip()[:40]
    band = request.GET.get("band", "")
    table = sheet_table(
        actor,
        month,
        branch=branch,
        state=state if state in SheetState.values else "",
        band=band,
        words=words,
        cursor=request.GET.get("cursor", ""),
    )
    label_set = label_set_of(month)
    sheets = sheets_for(actor, month, branch.pk if branch else None)
    signing = sheet_rows.signing_for(actor, branch, table.end, at)
    before, after = around([*months, running], month)
    is_by_branch = branch is None and request.GET.get("view") == "branches"
    context: dict[str, Any] = {
        "month": month,
        "branch": branch,
        "table": table,
        "title": _title(table, month, running, at),
        "about": _about(table),
        "tallies": _tallies(request, table),
        "share": ngettext("共 %(n)d 张", "共 %(n)d 张", table.total) % {"n": table.total},
        "branches": _branches(request, branches, branch) if not actor.reads_all else [],
        "views": _views(request, branch) if actor.reads_all else [],
        "form": FilterForm(
            request.GET,
            branches=[(str(one.pk), one.name) for one in branches] if actor.reads_all else (),
            bands=list(table.band_names.items()),
        )
        if table.total and not is_by_branch
        else None,
        "is_mine": actor.has_role("manager"),
        "may_mark": permissions.sees_marks(actor, branch.pk) if branch else actor.reads_all,
        "grid_url": with_values(
            reverse("marks", args=[month.key]), branch=branch.pk if branch else ""
        ),
        "at": at,
        "running": running,
        "previous_url": table_url(before, branch=branch.pk if branch else "") if before else "",
        "next_url": table_url(after, branch=branch.pk if branch else "") if after else "",
        "trouble": trouble,
        "signing": signing,
        "locks_on": last_day(table.end.locks_at),
        "sign_url": sheet_rows.sign_url(request, signing, month) if signing else "",
    }
    if not table.total:
        context |= _before_sheets(request, branch, month, running, table, at, label_set)
    elif is_by_branch:
        context["lines"] = [
            (one, table_url(month, branch=one.branch_id)) for one in branch_lines(actor, month)
        ]
    else:
        context["work"] = sheet_rows.work_of(
            request, table, signing, exports=_exports(month), with_branch=branch is None
        )
        context |= _waiting(request, sheets, label_set)
        context["proposals"] = len(
            [
                one
                for one in proposals_seen(actor, label_set, month=month.key, is_open=True)
                if branch is None or one.consequence.branch_id == branch.pk
            ]
        )
    return render(request, "kpi/sheets.html", context, status=status)


def _title(table: SheetTable, month: Month, running: Month, at: datetime) -> str:
    """The finding: what the month's sheets wait for."""
    name = {"month": month_name(month)}
    if not table.total:
        if month == running:
            return _("%(month)s得分：暂计") % name
        return _("%(month)s考核表") % name
    states = table.states
    is_over = at >= table.end.objections_until
    unanswered = _("%(n)d 张超期未确认，可审核") if is_over else _("%(n)d 张待确认")
    for state, text in (
        (SheetState.OBJECTED, _("%(n)d 张在申诉")),
        (SheetState.COMPUTED, unanswered),
        (SheetState.CONFIRMED, _("%(n)d 张等主管审")),
        (SheetState.SUPERVISED, _("%(n)d 张等总经理审批")),
        (SheetState.APPROVED, _("都审批了，待锁定")),
    ):
        if count := states[state]:
            return _("%(month)s考核表：%(text)s") % {**name, "text": text % {"n": count}}
    return _("%(month)s考核表：已锁定") % name


def _about(table: SheetTable) -> str:
    if table.mean is None:
        return ""
    return _("平均 %(n)s 分") % {"n": number(table.mean, 2)}


def _tallies(request: HttpRequest, table: SheetTable) -> list[Tally]:
    """How many stand where; each filters the list."""
    asked = request.GET.get("state", "")
    return [
        Tally(
            SHEET_CHIPS[state],
            table.states[state],
            _with(request, state="" if asked == state else state.value),
            state.label,
            asked == state,
        )
        for state in TALLIED
        if table.states[state]
    ]


def _with(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    for name, value in {"cursor": "", **changes}.items():
        if value:
            query[name] = value
        else:
            query.pop(name, None)
    return f"?{query.urlencode()}"


def _branches(
    request: HttpRequest, branches: Sequence[Branch], current: Branch | None
) -> list[Segment]:
    """The branches to choose from, where somebody leads several."""
    if len(branches) < 2:
        return []
    return [
        Segment(one.name, _with(request, branch=str(one.pk), state=""), one == current)
        for one in branches
    ]


def _views(request: HttpRequest, branch: Branch | None) -> list[Segment]:
    """The company by people or by branches."""
    if branch is not None:
        return []
    is_by_branch = request.GET.get("view") == "branches"
    return [
        Segment(_("按人"), _with(request, view=""), not is_by_branch),
        Segment(_("按分公司"), _with(request, view="branches", state=""), is_by_branch),
    ]


def _exports(month: Month) -> list[tuple[str, str]]:
    url = installed("sheets-workbook", month.key)
    return [(_("导出 XLSX"), url)] if url else []


def _before_sheets(
    request: SignedInRequest,
    branch: Branch | None,
    month: Month,
    running: Month,
    table: SheetTable,
    at: datetime,
    label_set: str,
) -> dict[str, Any]:
    """What there is before the sheets: a branch's month so far, or why there is nothing."""
    is_early = at < table.end.locks_at
    found = branch_so_far(branch.pk, month, min(at, table.end.frozen_at)) if (
        branch and is_early
    ) else None  # fmt: skip
    return {
        "is_early": is_early,
        "is_running": month == running,
        "so_far": sheet_rows.so_far_of(found, month, label_set) if found else None,
        "so_far_heads": sheet_rows.heads_of(found.scheme, label_set) if found else (),
        "choices": [(one.name, table_url(month, branch=one.pk)) for one in _seen_branches(request)]
        if branch is None and is_early
        else [],
    }


def _waiting(request: SignedInRequest, sheets: Any, label_set: str) -> dict[str, Any]:
    """Objections and corrections that wait, those first that wait for the reader."""
    objections = open_objections(sheets)
    corrections = open_corrections(sheets)
    schemes = {one.sheet.scheme_id for one in objections}
    schemes |= {one.sheet.scheme_id for one in corrections}
    names = item_names(schemes, label_set)
    return {
        "is_turn": any(sheet_rows.is_turn(request.actor, one) for one in objections),
        "objections": sheet_rows.objection_items(request.actor, objections, names),
        "corrections": sheet_rows.correction_items(request.actor, corrections, names),
    }


# Signing, one by one and many at once


@dataclass(frozen=True)
class Signed:
    """What came of signing several: how many, and who not, and why."""

    count: int
    refused: list[ErrorLink]


def _sign(
    request: SignedInRequest, month: Month, act: Callable[[int, int, str, datetime], ScoreSheet]
) -> tuple[Signed, datetime]:
    """Sign every row that was chosen, each by itself; what is refused says why."""
    at = clock.now()
    # The button of a row signs that one alone, whatever else is picked.
    only = request.POST.get("only")
    rows = [only] if only else request.POST.getlist("row")[:SIGNED_AT_ONCE]
    chosen = [row for one in rows if (row := _row_of(one)) is not None]
    names = dict(
        sheets_for(request.actor, month)
        .filter(pk__in=[pk for pk, _version in chosen])
        .values_list("pk", "manager__name")
    )
    opinion = request.POST.get("opinion", "")
    signed, refused = 0, []
    for pk, version in chosen:
        if pk not in names:
            raise NotFound
        try:
            act(pk, version, opinion, at)
            signed += 1
        except Refused as refusal:
            refused.append(labelled(names[pk], str(refusal.message)))
        except Stale:
            refused.append(labelled(names[pk], _("别处刚动过，看过后再签。")))
        except NotAllowed as refusal:
            refused.append(labelled(names[pk], str(refusal)))
    return Signed(signed, refused), at


def _row_of(text: str) -> tuple[int, int] | None:
    """A chosen row: the sheet and its version as it was seen."""
    pk, _dash, version = text.partition("-")
    numbers = whole_number(pk), whole_number(version)
    return (numbers[0], numbers[1]) if numbers[0] and numbers[1] is not None else None


def _signed(
    request: SignedInRequest, month: Month, made: Signed, at: datetime, text: str
) -> HttpResponse:
    """Back to the table; with what was refused on top, where something was."""
    if made.refused:
        with_query(request, month=month.key)
        if made.count:
            toast(request, text)
        return _page(request, at, trouble=made.refused, status=422)
    toast(request, text if made.count else _("先勾选要签的考核表"))
    return HttpResponseRedirect(page_under(request, table_url(month)))


@require_POST
def sheets_supervise(request: SignedInRequest, month: Month) -> HttpResponse:
    """The supervisor signs those that were chosen."""
    if not request.actor.has_role("supervisor"):
        raise NotAllowed(_("考核表由本分公司主管审，自己的除外。"))

    def act(pk: int, version: int, opinion: str, at: datetime) -> ScoreSheet:
        return operations.supervise_sheet(
            sheet_id=pk, opinion=opinion, expected_version=version, actor=request.actor, at=at
        )

    made, at = _sign(request, month, act)
    text = ngettext("已审 %(n)d 张", "已审 %(n)d 张", made.count) % {"n": made.count}
    return _signed(request, month, made, at, text)


@require_POST
def sheets_approve(request: SignedInRequest, month: Month) -> HttpResponse:
    """The general manager approves those that were chosen."""
    if not request.actor.has_role("gm", "deputy"):
        raise NotAllowed(_("考核表由本分公司总经理审批，自己的和自己以主管身份审过的除外。"))

    def act(pk: int, version: int, opinion: str, at: datetime) -> ScoreSheet:
        return operations.approve_sheet(
            sheet_id=pk, opinion=opinion, expected_version=version, actor=request.actor, at=at
        )

    made, at = _sign(request, month, act)
    text = ngettext("已审批 %(n)d 张", "已审批 %(n)d 张", made.count) % {"n": made.count}
    return _signed(request, month, made, at, text)


@require_POST
def sheets_lock(request: SignedInRequest, month: Month, branch: int) -> HttpResponse:
    """A head locks the branch's sheets ahead of the timetable, when all are approved."""
    at = clock.now()
    try:
        locked = operations.lock_branch(
            month=month,
            branch_id=branch,
            expected_version=whole_number(request.POST.get("version")) or 0,
            actor=request.actor,
            at=at,
        )
    except (Refused, Stale) as refusal:
        with_query(request, month=month.key, branch=str(branch))
        said = (
            str(refusal.message)
            if isinstance(refusal, Refused)
            else _("刚才有考核表变了，请看过再锁定。")
        )
        return _page(request, at, trouble=[ErrorLink(said)], status=422)
    toast(request, ngettext("已锁定 %(n)d 张", "已锁定 %(n)d 张", locked) % {"n": locked})
    return HttpResponseRedirect(table_url(month, branch=branch))


urlpatterns = [
    path("scores/", sheets, name="sheets"),
    path("scores/<month:month>/supervise/", sheets_supervise, name="sheets-supervise"),
    path("scores/<month:month>/approve/", sheets_approve, name="sheets-approve"),
    path(
        "scores/<month:month>/branches/<int:branch>/lock/",
        sheets_lock,
        name="sheets-lock",
    ),
]

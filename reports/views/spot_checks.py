"""The month's overview of all branches, and a branch's own report (P3, B1)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.errors import NotFound
from core.exports import hand_out
from core.formats import moment, month_name, number, short_day
from core.lists import KeysetPage, RowLinks, chosen_columns, own_address, work_table
from core.marked_days import filled
from core.pages import toast
from core.parts import Fact, Segment, Tally, checksum
from core.periods import Month, local_date
from core.queries import calendar
from core.requests import SignedInRequest, whole_number
from inspections.models import Finding
from inspections.permissions import can_inspect
from inspections.queries import findings_for
from inspections.table import state_chip
from organization.models import Branch
from reports.choices import Phase
from reports.operations.spot_checks import can_remake, remake_spot_checks
from reports.overview_table import (
    ALL,
    DEVIATING,
    change_text,
    counted_chips,
    overview_columns,
    overview_workbook,
    phase_word,
    shown_lines,
    worst_cell,
)
from reports.raising import prefilled, raise_of_line
from reports.spot_check_queries import (
    NOW,
    BranchMonth,
    MonthView,
    branch_seen,
    can_see_overview,
    findings_of,
    items_judged,
    month_view,
    newest_report,
    totals,
)
from reports.spot_check_table import ReportHead, report_head, report_workbook
from reports.views.bulletins_beside import bulletins_beside
from worklogs.board_queries import board_branch

TABLE: Final = "overview"
# All numbers of more branches than this are no overview.
ALL_AT_MOST: Final = 30
# So many faults of an item stand in the panel; fewer where the bulletins shall be seen below them.
FAULTS_AT_MOST: Final = 12
FAULTS_OFFERED: Final = 3
GRADES: Final = {
    "good": ("done", gettext_lazy("良好")),
    "pass": ("active", gettext_lazy("合格")),
    "rectify": ("undone", gettext_lazy("整改")),
}


@require_safe
def overview_now(request: SignedInRequest) -> HttpResponse:
    """The overview of the month that runs."""
    at = clock.now()
    return _overview(request, Month.containing(local_date(at)), at)


@require_safe
def overview(request: SignedInRequest, month: Month) -> HttpResponse:
    """The overview of a month."""
    return _overview(request, month, clock.now())


def _view_of(request: SignedInRequest, month: Month, at: datetime) -> MonthView:
    """The month as it is asked for; NotFound for who does not see every branch."""
    if not can_see_overview(request.actor) or month > Month.containing(local_date(at)):
        raise NotFound
    return month_view(month, at, asked=request.GET.get("phase", ""))


def _overview(request: SignedInRequest, month: Month, at: datetime) -> HttpResponse:
    view = _view_of(request, month, at)
    counts = totals(view)
    opened = _opened(request, view)
    one = next((one for one in view.lines if one.branch_id == opened.branch_id), None)
    if opened.branch_id and one is None:
        raise NotFound
    today = Month.containing(local_date(at))
    context = {
        "month": month,
        "view": view,
        "headline": _headline(view, counts),
        "as_of": _as_of(view, at),
        "days": _days(view, at),
        "tallies": _tallies(request, counts),
        "segments": _segments(request, view),
        "phases": _phases(request, view),
        "table": _table(request, view, opened),
        "failed": [line for line in view.lines if line.failed],
        "may_remake": view.phase != NOW and can_remake(request.actor),
        "previous_url": reverse("overview", args=[month.previous]),
        "next_url": reverse("overview", args=[month.next]) if month < today else "",
        "provisional_at": view.end.provisional_at if at < view.end.provisional_at else None,
        "at": at,
        "is_offered": opened.is_offered,
        **bulletins_beside(request.actor, at),
        **(_panel(request, view, one, opened, at) if one else {}),
    }
    return render(request, "reports/overview.html", context)


@dataclass(frozen=True)
class Opened:
    """What the panel shows: a branch (0 for none), one of its items ("" for all of them)."""

    branch_id: int
    item: str
    is_offered: bool = False


def _opened(request: SignedInRequest, view: MonthView) -> Opened:
    """What is asked for, else the worst cell of those shown; ``of=0`` asks for none."""
    asked = whole_number(request.GET.get("of"))
    if asked is not None:
        return Opened(asked, request.GET.get("item", ""))
    worst = worst_cell(_rows(request, view))
    if worst is None:
        return Opened(0, "")
    return Opened(worst[0].branch_id, worst[1].code, is_offered=True)


def _rows(request: SignedInRequest, view: MonthView) -> list[BranchMonth]:
    return shown_lines(
        view.lines,
        only=request.GET.get("only", ""),
        is_deviating=_is_deviating(request, view),
    )


def _headline(view: MonthView, counts: dict[str, int]) -> str:
    """What was not done, in one sentence."""
    branches = ngettext("%(n)d 家分公司", "%(n)d 家分公司", len(view.lines))
    found = counts["missing"] + counts["late"]
    if not found:
        said = _("没有发现偏差")
    else:
        said = ngettext("%(n)d 处没有做到", "%(n)d 处没有做到", found) % {"n": found}
    return _("%(month)s：%(branches)s，%(found)s") % {
        "month": month_name(view.month),
        "branches": branches % {"n": len(view.lines)},
        "found": said,
    }


def _as_of(view: MonthView, at: datetime) -> str:
    """Which state of the month this is."""
    if view.phase == NOW:
        return filled(_("截至 %(when)s"), when=moment(view.cut_at, at))
    return filled(
        _("%(phase)s，截至 %(when)s"), phase=phase_word(view.phase), when=moment(view.cut_at, at)
    )


def _days(view: MonthView, at: datetime) -> str:
    """How many working days have gone, while the month runs."""
    today, month = local_date(at), view.month
    if view.phase != NOW or today not in month:
        return ""
    days = calendar(month.year, month.year)
    gone = days.count_working_days(month.first, today)
    left = days.count_working_days(month.first, month.last) - gone
    return _("已过 %(gone)d 个工作日，还剩 %(left)d 个") % {"gone": gone, "left": left}


def _tallies(request: SignedInRequest, counts: dict[str, int]) -> list[Tally]:
    asked = request.GET.get("only", "")
    found = [
        Tally(
            state,
            counts[key],
            own_address(request, only="" if asked == key else key, of="", item=""),
            text,
            asked == key,
        )
        for key, state, text in (
            ("failed", "failed", _("没有做成")),
            ("missing", "undone", _("未做")),
            ("late", "lacking", _("迟或不符")),
        )
        if counts[key] or key != "failed"
    ]
    found.append(Tally("not_applicable", counts["unchecked"], text=_("未查项目")))
    found.append(Tally("done", counts["done"]))
    return found


def _is_deviating(request: SignedInRequest, view: MonthView) -> bool:
    """Whether only what deviates is shown: as asked, else where there are many branches."""
    asked = request.GET.get("view", "")
    if asked in (ALL, DEVIATING):
        return asked == DEVIATING
    return len(view.lines) > ALL_AT_MOST


def _segments(request: SignedInRequest, view: MonthView) -> list[Segment]:
    is_deviating = _is_deviating(request, view)
    return [
        Segment(_("只看偏差"), own_address(request, view=DEVIATING, of="", item=""), is_deviating),
        Segment(_("全部数字"), own_address(request, view=ALL, of="", item=""), not is_deviating),
    ]


def _phases(request: SignedInRequest, view: MonthView) -> list[Segment]:
    """The states of the month that can be looked at; none where there is only one."""
    offered = [*view.kept, *([NOW] if Phase.FROZEN not in view.kept else [])]
    if len(offered) < 2:
        return []
    return [
        Segment(
            phase_word(phase),
            own_address(request, phase=phase, of="", item=""),
            view.phase == phase,
        )
        for phase in offered
    ]


def _table(request: SignedInRequest, view: MonthView, opened: Opened) -> Any:
    columns = overview_columns(
        view,
        linking=lambda branch_id, code: own_address(request, of=str(branch_id), item=code),
        current=(opened.branch_id, opened.item),
    )
    return work_table(
        request,
        KeysetPage(_rows(request, view)),
        columns,
        RowLinks[BranchMonth](
            key=lambda one: one.branch_id,
            url=lambda one: own_address(request, of=str(one.branch_id), item=""),
        ),
        key=TABLE,
        caption=_("各分公司履职"),
        current=str(opened.branch_id) if opened.branch_id and not opened.item else "",
        exports=((_("导出 XLSX"), reverse("overview-workbook", args=[view.month])),),
    )


def _panel(
    request: SignedInRequest, view: MonthView, one: BranchMonth, opened: Opened, at: datetime
) -> dict[str, Any]:
    """A branch, or one of its items, beside the matrix."""
    line = one.line(opened.item) if opened.item else None
    if opened.item and line is None:
        raise NotFound
    found = findings_of(view.month, [one])
    context: dict[str, Any] = {
        "one": one,
        "line": line,
        "close_url": request.path + own_address(request, of="0", item=""),
        "report_url": _report_url(view, one),
        "lines": [
            (each, _finding_state(found.get((one.branch_id, each.code)), at))
            for each in one.lines
            if each.is_checked
        ],
    }
    if line is not None:
        at_most = FAULTS_OFFERED if opened.is_offered else FAULTS_AT_MOST
        branch = Branch.objects.get(pk=one.branch_id)
        finding = found.get((one.branch_id, line.code))
        context |= {
            "finding": finding,
            "finding_state": state_chip(finding, at) if finding else "",
            "may_raise": finding is None
            and bool(line.faults)
            and can_inspect(request.actor, one.branch_id),
            "faults_shown": f":{at_most}",
            "faults_at_most": at_most,
            "panel_facts": _line_facts(view, one, line, branch, finding, at),
            "here": request.get_full_path(),
        }
    return context


def _report_url(view: MonthView, one: BranchMonth) -> str:
    url = reverse("spot-check", args=[view.month, one.branch_id])
    return f"{url}?phase={view.phase}"


def _finding_state(finding: Finding | None, at: datetime) -> dict[str, Any] | None:
    if finding is None:
        return None
    return {"url": reverse("finding", args=[finding.pk]), "chip": state_chip(finding, at)}


def _line_facts(
    view: MonthView,
    one: BranchMonth,
    line: Any,
    branch: Branch,
    finding: Finding | None,
    at: datetime,
) -> list[Fact]:
    facts = [
        Fact(_("扣分"), f"−{number(line.lost, 2)}" if line.lost else "0"),
        Fact(_("得分"), f"{number(line.kept, 2)}/{number(line.points, 2)}"),
        Fact(_("依据"), _("%(clause)s，附表 3.8") % {"clause": line.clause}),
    ]
    if not line.faults:
        return facts
    if finding is not None:
        owner, due_on = finding.owner, finding.due_on
    else:
        words = prefilled(line, branch, view.month, at)
        if words.owner is None:
            return facts
        owner, due_on = words.owner, words.due_on
    return [
        *facts,
        Fact(_("责任人"), f"{owner.name} {owner.post}".strip()),
        Fact(_("整改期限"), short_day(due_on)),
    ]


@require_safe
def overview_export(request: SignedInRequest, month: Month) -> HttpResponse:
    """The matrix as a workbook: the columns and filters of the page."""
    at = clock.now()
    view = _view_of(request, month, at)
    columns, _density = chosen_columns(request, overview_columns(view), TABLE)
    made = overview_workbook(
        view,
        columns,
        month,
        only=request.GET.get("only", ""),
        is_deviating=_is_deviating(request, view),
    )
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=None)


@require_POST
def overview_again(request: SignedInRequest, month: Month) -> HttpResponse:
    """Have the reports that could not be made made again."""
    phase = request.POST.get("phase", "")
    remake_spot_checks(month=month, phase=phase, actor=request.actor, at=clock.now())
    toast(request, _("已排队重做"))
    return HttpResponseRedirect(f"{reverse('overview', args=[month])}?phase={phase}")


# A branch's report


@require_safe
def spot_check_now(request: SignedInRequest) -> HttpResponse:
    """The own branch's newest report, else the month that runs; who sees all, the overview."""
    at = clock.now()
    running = Month.containing(local_date(at))
    if can_see_overview(request.actor):
        month = newest_report(None) or running
        return HttpResponseRedirect(reverse("overview", args=[month]))
    branch, _led = board_branch(request.actor, None)
    month = newest_report(branch.pk) or running
    return HttpResponseRedirect(reverse("spot-check", args=[month, branch.pk]))


@require_safe
def spot_check(request: SignedInRequest, month: Month, branch_id: int) -> HttpResponse:
    """A branch's month: score, rank, each deduction with its rows."""
    at = clock.now()
    today = Month.containing(local_date(at))
    branch = branch_seen(request.actor, branch_id, month)
    if month > today:
        raise NotFound
    view = month_view(month, at, asked=request.GET.get("phase", ""), branch=branch)
    one = view.lines[0] if view.lines else None
    found = findings_of(month, view.lines)
    own = findings_for(request.actor).filter(branch=branch, month=month.key)
    head = report_head(request.actor, branch, month)
    context = {
        "month": month,
        "branch": branch,
        "view": view,
        "one": one,
        "headline": _branch_headline(branch, month, one),
        "as_of": _as_of(view, at),
        "phases": _phases(request, view),
        "branches": _led(request, month, branch),
        "grade": GRADES.get(one.grade) if one else None,
        "change": change_text(one) if one else "",
        "lines": [
            (line, found.get((branch.pk, line.code)), _finding_state_of(found, branch, line, at))
            for line in (one.lines if one else ())
            if line.is_checked
        ],
        **_unchecked(one, month),
        "is_running": view.phase == NOW and at < view.end.frozen_at,
        "counted": _counted(one),
        "head": _head_facts(head),
        "objections": head.objections,
        "export_url": f"{reverse('spot-check-workbook', args=[month, branch.pk])}"
        f"?phase={view.phase}",
        "proofs": [checksum(_("内容校验码"), one.digest)]
        if one and one.digest and view.is_final
        else [],
        "may_raise": can_inspect(request.actor, branch.pk),
        "findings": [(each, state_chip(each, at)) for each in own],
        "previous_url": reverse("spot-check", args=[month.previous, branch.pk]),
        "next_url": reverse("spot-check", args=[month.next, branch.pk]) if month < today else "",
        "parent_url": reverse("overview", args=[month]) if can_see_overview(request.actor) else "",
        "here": request.get_full_path(),
        "at": at,
    }
    return render(request, "reports/spot_check.html", context)


@require_safe
def spot_check_export(request: SignedInRequest, month: Month, branch_id: int) -> HttpResponse:
    """The report as a workbook."""
    at = clock.now()
    branch = branch_seen(request.actor, branch_id, month)
    if month > Month.containing(local_date(at)):
        raise NotFound
    view = month_view(month, at, asked=request.GET.get("phase", ""), branch=branch)
    if not view.lines:
        raise NotFound
    made = report_workbook(view.lines[0], report_head(request.actor, branch, month), month)
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=branch.pk)


def _head_facts(head: ReportHead) -> list[Fact]:
    facts = [
        Fact(_("报告编号"), head.number),
        Fact(_("检查方式"), _("系统检查")),
        Fact(_("检查人"), head.inspectors_text),
    ]
    if head.findings:
        facts.append(Fact(_("分公司确认"), head.answers_text))
    return facts


def _unchecked(one: BranchMonth | None, month: Month) -> dict[str, str]:
    """The items of which nothing counts: those that no source judges, and those that one does."""
    sourced = items_judged(month)
    bare = [line for line in (one.lines if one else ()) if not line.is_checked]
    return {
        "unsourced": _("、").join(line.name for line in bare if line.code not in sourced),
        "waiting": _("、").join(line.name for line in bare if line.code in sourced),
    }


def _finding_state_of(
    found: dict[tuple[int, str], Finding], branch: Branch, line: Any, at: datetime
) -> Any:
    return _finding_state(found.get((branch.pk, line.code)), at)


def _branch_headline(branch: Branch, month: Month, one: BranchMonth | None) -> str:
    values = {"branch": branch.name, "month": month_name(month), "n": one.faults if one else 0}
    if one is None or one.failed:
        return _("%(branch)s %(month)s：报告没有做成") % values
    if not one.checked:
        return _("%(branch)s %(month)s：还没有查的") % values
    if not one.faults:
        return _("%(branch)s %(month)s：没有发现偏差") % values
    return _("%(branch)s %(month)s：%(n)d 处没有做到") % values


def _led(request: SignedInRequest, month: Month, branch: Branch) -> list[Segment]:
    """Other branches that the reader leads."""
    if can_see_overview(request.actor) or len(request.actor.led_branches) < 2:
        return []
    led = Branch.objects.filter(pk__in=request.actor.led_branches)
    return [
        Segment(one.name, reverse("spot-check", args=[month, one.pk]), one == branch) for one in led
    ]


def _counted(one: BranchMonth | None) -> list[Fact]:
    """Roll-ups and logs of the month, which give no points here."""
    if one is None:
        return []
    return [
        Fact(label, _counted_words(one, key))
        for key, label in (
            ("summaries", _("周报")),
            ("rollups", _("周汇总")),
            ("logs", _("日志及时")),
        )
        if one.content[key]["owed"]
    ]


def _counted_words(one: BranchMonth, key: str) -> str:
    found = one.content[key]
    chips = [word for _state, word in counted_chips(one, key)]
    return _("，").join((f"{found['done']}/{found['owed']}", *chips))


@require_POST
def spot_check_raise(
    request: SignedInRequest, month: Month, branch_id: int, item: str
) -> HttpResponse:
    """One press: the line becomes a finding."""
    finding = raise_of_line(
        month=month, branch_id=branch_id, item=item, actor=request.actor, at=clock.now()
    )
    toast(request, _("已立为问题"), detail=finding.number)
    return HttpResponseRedirect(reverse("finding", args=[finding.pk]))


_MONTH = "overview/<month:month>/"
_BRANCH = "spot-checks/<month:month>/<int:branch_id>/"
urlpatterns = [
    path("overview/", overview_now, name="overview-now"),
    path(_MONTH, overview, name="overview"),
    path(f"{_MONTH}workbook/", overview_export, name="overview-workbook"),
    path(f"{_MONTH}again/", overview_again, name="overview-again"),
    path("spot-checks/", spot_check_now, name="spot-check-now"),
    path(_BRANCH, spot_check, name="spot-check"),
    path(f"{_BRANCH}workbook/", spot_check_export, name="spot-check-workbook"),
    path(f"{_BRANCH}items/<slug:item>/raise/", spot_check_raise, name="spot-check-raise"),
]

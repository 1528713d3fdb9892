"""The supervisor's board (P0, W5): who filed, who did not, what the week holds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.chips import chip
from core.errors import NotFound, Refused
from core.exports import hand_out
from core.formats import moment, span
from core.lists import KeysetPage, RowLinks, chosen_columns, own_address, work_table
from core.marked_days import filled
from core.pages import toast
from core.panels import page_under
from core.parts import AgendaItem, NextStep, Segment, Tally
from core.periods import Week, local_date
from core.requests import SignedInRequest, whole_number
from organization.models import Branch
from worklogs import permissions
from worklogs.board_queries import (
    board_branch,
    last_rollup,
    reminders_left,
    text_groups,
)
from worklogs.board_table import CHIPS, SHORT, board_columns, minutes_text, rows_shown
from worklogs.choices import Standing, TextPart
from worklogs.contents import rollup_content
from worklogs.models import RollUp, Summary
from worklogs.operations import reminders
from worklogs.queries import Board, BoardRow, board, branch_for, period_of
from worklogs.table_workbooks import board_workbook
from worklogs.views import board_summary

TABLE = "board"
# The kinds of texts beside the board; the roll-up's page has all of them.
BESIDE = (TextPart.NEEDS, TextPart.PROBLEMS, TextPart.SUGGESTIONS)
TALLIED = (
    Standing.MISSING,
    Standing.RETURNED,
    Standing.LATE,
    Standing.ON_TIME,
    Standing.NOT_DUE,
)


@require_safe
def board_now(request: SignedInRequest) -> HttpResponse:
    """The board of the present week."""
    at = clock.now()
    return board_page(request, Week.containing(local_date(at)), at)


@require_safe
def board_of(request: SignedInRequest, week: Week) -> HttpResponse:
    """The board of a week."""
    return board_page(request, week, clock.now())


@require_safe
def board_export(request: SignedInRequest, week: Week) -> HttpResponse:
    """The board as a workbook: the columns and the filter of the page."""
    at = clock.now()
    branch, __ = board_branch(request.actor, whole_number(request.GET.get("branch")))
    state = board(branch, week, at)
    columns, _density = chosen_columns(request, board_columns(state, local_date(at)), TABLE)
    made = board_workbook(state, columns, at, standing=request.GET.get("state", ""))
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=branch.pk)


@dataclass(frozen=True)
class Headline:
    """What the board found, and what it is about."""

    title: str
    about: str


def headline(state: Board, at: datetime) -> Headline:
    """The finding in one sentence."""
    number = state.week.number
    if state.period is None:
        return Headline(_("第 %(n)d 周没有要交的周报") % {"n": number}, "")
    if not state.rows:
        return Headline(_("第 %(n)d 周还没有客户经理") % {"n": number}, "")
    unfiled, returned = len(state.unfiled), state.counts[Standing.RETURNED]
    if unfiled:
        title = ngettext(
            "第 %(week)d 周周报：还有 %(n)d 人未交",
            "第 %(week)d 周周报：还有 %(n)d 人未交",
            unfiled,
        ) % {"week": number, "n": unfiled}
    elif returned:
        title = _("第 %(week)d 周周报：都交了，%(n)d 份退回待改") % {"week": number, "n": returned}
    else:
        title = _("第 %(week)d 周周报：全部交齐") % {"week": number}
    left = int((state.period.deadline_at - at).total_seconds())
    if left >= 0:
        about = filled(
            _("%(when)s 截止，还剩 %(span)s"),
            when=moment(state.period.deadline_at, at),
            span=span(left),
        )
    else:
        about = filled(
            _("%(now)s，已过截止 %(span)s"), now=moment(at), span=minutes_text(-left // 60)
        )
    return Headline(title, about)


def board_page(
    request: SignedInRequest,
    week: Week,
    at: datetime,
    *,
    panel: dict[str, Any] | None = None,
    trouble: str = "",
    due: Sequence[AgendaItem] = (),
    status: int = 200,
) -> HttpResponse:
    """The board; ``panel`` is a summary that stands open with what was typed into it.

    ``trouble`` is said above the board, ``due`` is what else waits for the reader. A fixed
    number of queries for any number of managers.
    """
    branch, led = board_branch(request.actor, whole_number(request.GET.get("branch")))
    state = board(branch, week, at)
    asked = request.GET.get("state", "")
    opened = whole_number(request.GET.get("of"))
    if panel is None and opened is not None:
        panel = board_summary.panel_of(request, state, opened, at)
    may_write = permissions.can_roll_up(request.actor, branch)
    unfiled = [row.manager.pk for row in state.unfiled]
    left = reminders_left(branch.pk, week, unfiled, at)
    table = _table(request, state, at, asked, panel["row"].manager.pk if panel else 0)
    context = {
        "board": state,
        "branch": branch,
        "branches": _branches(request, led, branch),
        "at": at,
        "headline": headline(state, at),
        "trouble": trouble,
        "due": due,
        "tallies": _tallies(request, state, asked),
        "share": _("应交 %(n)d 人") % {"n": len(state.rows)},
        "table": replace(table, exports=()),
        "exports": table.exports,
        "may_remind": permissions.can_remind(request.actor, branch.pk),
        "reminded": sum(1 for row in state.unfiled if row.may_be_reminded),
        "left": left,
        "may_write": may_write,
        "previous_url": _week_url(week.previous, branch, led),
        "next_url": _week_url(week.next, branch, led) if week.next.monday <= local_date(at) else "",
        "own_url": _week_url(week, branch, led),
        **_rollup_context(request, state, branch, at),
        **(panel or {}),
    }
    return render(request, "worklogs/board.html", context, status=status)


def _week_url(week: Week, branch: Branch, led: list[Branch]) -> str:
    url = reverse("board", args=[week.key])
    return url if led and branch == led[0] else f"{url}?branch={branch.pk}"


def _branches(request: SignedInRequest, led: list[Branch], branch: Branch) -> list[Segment]:
    """The branches to choose from, where there are several."""
    if len(led) < 2:
        return []
    return [
        Segment(one.name, own_address(request, branch=str(one.pk), of="", state=""), one == branch)
        for one in led
    ]


def _tallies(request: SignedInRequest, state: Board, asked: str) -> list[Tally]:
    """Counts that filter the list; what cannot be at this hour has none."""
    return [
        Tally(
            CHIPS[standing],
            state.counts[standing],
            own_address(request, state="" if asked == standing else standing.value, of=""),
            is_current=asked == standing,
        )
        for standing in TALLIED
        if state.counts[standing] or standing == Standing.ON_TIME
    ]


def _table(request: SignedInRequest, state: Board, at: datetime, asked: str, opened: int) -> Any:
    token = get_token(request)
    remind_url = reverse("remind", args=[state.week.key])
    may_remind = permissions.can_remind(request.actor, state.branch.pk)

    def action(row: BoardRow) -> str:
        if row.summary is None:
            if not may_remind or state.period is None:
                return ""
            if not row.may_be_reminded:
                return format_html('<span class="muted">{}</span>', _("已提醒"))
            return format_html(
                '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken"'
                ' value="{}"><input type="hidden" name="branch" value="{}"><button class="btn-text"'
                ' name="manager" value="{}" aria-label="{} {}">{}</button></form>',
                remind_url,
                token,
                state.branch.pk,
                row.manager.pk,
                _("提醒"),
                row.manager.name,
                _("提醒"),
            )
        return _open_link(request, state, row, row.summary)

    return work_table(
        request,
        KeysetPage(rows_shown(state, asked)),
        board_columns(state, local_date(at)),
        RowLinks[BoardRow](
            key=lambda row: row.manager.pk,
            url=lambda row: own_address(request, of=str(row.manager.pk)),
            action=action,
        ),
        key=TABLE,
        caption=_("第 %(n)d 周周报") % {"n": state.week.number},
        current=str(opened) if opened else "",
        exports=((_("导出 XLSX"), reverse("board-workbook", args=[state.week.key])),),
    )


def _open_link(request: SignedInRequest, state: Board, row: BoardRow, summary: Summary) -> str:
    """What is to be done with a filed summary."""
    filed_by_id = row.filed_by_id or row.manager.pk
    if row.standing == Standing.RETURNED:
        word = _("看批注")
    elif summary.reviewed_at:
        word = _("已批阅")
    elif permissions.can_review_summary(request.actor, summary, state.branch.pk, filed_by_id):
        word = _("批阅")
    else:
        word = _("查看")
    url = own_address(request, of=str(row.manager.pk))
    return format_html(
        '<a href="{}" hx-get="{}" hx-target="#panel" hx-push-url="true" aria-label="{} {}">{}</a>',
        url, url, word, row.manager.name, word,
    )  # fmt: skip


def _rollup_context(
    request: SignedInRequest, state: Board, branch: Branch, at: datetime
) -> dict[str, Any]:
    """The side: where the roll-up stands, last week's, and what was written."""
    week = state.week
    rollup = last_rollup(branch.pk, week)
    comment = rollup.comment if rollup else ""
    content = rollup_content(
        branch,
        week,
        comment=comment,
        left_out=rollup.left_out if rollup else (),
        cut=at,
        on_board=state,
    )
    groups = [group for group in text_groups(content) if group.part in BESIDE]
    wanted = request.GET.get("part", "")
    chosen = next((group for group in groups if group.part == wanted), groups[0])
    url = reverse("rollup", args=[week.key, branch.pk])
    return {
        "rollup": rollup,
        "rollup_url": url,
        "rollup_version": rollup.version if rollup else 1,
        "rollup_chip": rollup_chip(rollup, at),
        "rollup_steps": _steps(state, comment, url),
        "last_week": _last_week(branch, week.previous, at),
        "chosen": chosen,
        "parts": [
            Segment(
                SHORT[group.part],
                f"{own_address(request, part=group.part.value)}#texts",
                group is chosen,
                len(group.items),
            )
            for group in groups
        ],
    }


def rollup_chip(rollup: RollUp | None, at: datetime) -> str:
    """Where a roll-up stands, with the time of its last step."""
    if rollup is None or not rollup.newest:
        return chip("unsent")
    newest = list(rollup.versions.all())[-1]
    if newest.received_at:
        return chip("received", filled(_("%(when)s 签收"), when=moment(newest.received_at, at)))
    return chip("sent", filled(_("%(when)s 已发"), when=moment(newest.sent_at, at)))


def _steps(state: Board, comment: str, url: str) -> list[NextStep]:
    """What the roll-up still lacks, and the way there; before the deadline nothing is missing."""
    missing, returned = len(state.missing), state.counts[Standing.RETURNED]
    waiting = state.counts[Standing.NOT_DUE]
    lacking = [
        text
        for count, text in (
            (missing, _("%(n)d 份未交") % {"n": missing}),
            (waiting, _("%(n)d 份还没交") % {"n": waiting}),
            (returned, _("%(n)d 份退回") % {"n": returned}),
        )
        if count
    ]
    if lacking:
        word = "missing" if missing else "returned" if returned else "waiting"
        about = _("未到截止") if waiting else _("发送时写明缺报")
        first = NextStep(word, _("、").join(lacking), about)
    else:
        first = NextStep("confirmed", _("周报齐了"))
    return [
        first,
        NextStep("confirmed", _("数据合计已算好"), "", f"{url}#totals", _("核对")),
        NextStep("confirmed", _("主管意见已写"), "", f"{url}#comment", _("查看"))
        if comment
        else NextStep("late", _("主管意见未写"), "", f"{url}#comment", _("填写")),
    ]


def _last_week(branch: Branch, week: Week, at: datetime) -> dict[str, Any] | None:
    """Last week's roll-up: what is still owed stands there before what is done (W6)."""
    rollup = last_rollup(branch.pk, week)
    period = period_of("rollup", branch.pk, week)
    if rollup is not None and rollup.newest:
        state = rollup_chip(rollup, at)
    elif period is not None:
        due = filled(_("未发送，%(when)s 截止"), when=moment(period.deadline_at, at))
        state = chip("overdue" if at > period.deadline_at else "unsent", due)
    else:
        return None
    return {"week": week, "url": reverse("rollup", args=[week.key, branch.pk]), "chip": state}


@require_POST
def remind(request: SignedInRequest, week: Week) -> HttpResponse:
    """Press the reminder button for one manager, or for all who have not filed."""
    at = clock.now()
    branch, __ = board_branch(request.actor, whole_number(request.POST.get("branch")))
    chosen = whole_number(request.POST.get("manager"))
    if chosen is None:
        state = board(branch_for(request.actor, branch.pk), week, at)
        managers = [row.manager.pk for row in state.unfiled]
    else:
        managers = [chosen]
    try:
        reminded = reminders.remind(
            branch_id=branch.pk, week=week, manager_ids=managers, actor=request.actor, at=at
        )
    except Refused as refusal:
        return board_page(request, week, at, trouble=str(refusal.message), status=422)
    toast(
        request,
        ngettext("已提醒 %(n)d 人", "已提醒 %(n)d 人", len(reminded)) % {"n": len(reminded)},
    )
    otherwise = f"{reverse('board', args=[week.key])}?branch={branch.pk}"
    return HttpResponseRedirect(page_under(request, otherwise))


@require_POST
def summary_decision(request: SignedInRequest, week: Week, manager: int) -> HttpResponse:
    """Read or give back the summary in the panel; what was typed stays when it is refused."""
    at = clock.now()
    branch, __ = board_branch(request.actor, whole_number(request.GET.get("branch")))
    state = board(branch, week, at)
    if all(row.manager.pk != manager for row in state.rows):
        raise NotFound
    return board_summary.decide(request, state, manager, at, board_page)


urlpatterns = [
    path("board/", board_now, name="board-now"),
    path("board/<week:week>/", board_of, name="board"),
    path("board/<week:week>/workbook/", board_export, name="board-workbook"),
    path("board/<week:week>/remind/", remind, name="remind"),
    path("board/<week:week>/of/<int:manager>/", summary_decision, name="board-summary"),
]

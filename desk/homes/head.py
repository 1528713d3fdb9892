"""The GM's and the deputy's day: the branch's week, and the weeks before it."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from core import clock
from core.chips import chip
from core.lists import own_address
from core.parts import Segment, Tally
from core.periods import Week, local_date
from core.requests import SignedInRequest, whole_number
from desk.head_queries import TrendWeek, branch_trend
from desk.meeting_lines import meeting_lines
from duties.due_queries import due_agenda
from duties.todo_queries import open_to_dos
from duties.todo_views import agenda_item as to_do_item
from worklogs.board_queries import board_branch, last_rollup
from worklogs.board_table import CHIPS, minutes_text
from worklogs.queries import board
from worklogs.views.board import TALLIED, headline, rollup_chip

WEEKS: Final = 8


def home(request: SignedInRequest) -> HttpResponse:
    """Who is late now, and whether it is getting better."""
    at = clock.now()
    week = Week.containing(local_date(at))
    branch, led = board_branch(request.actor, whole_number(request.GET.get("branch")))
    state = board(branch, week, at)
    board_url = f"{reverse('board', args=[week.key])}?branch={branch.pk}"
    context = {
        "at": at,
        "week": week,
        "branch": branch,
        "branches": [
            Segment(one.name, own_address(request, branch=str(one.pk)), one == branch)
            for one in led
        ]
        if len(led) > 1
        else [],
        "headline": headline(state, at),
        "board": state,
        "board_url": board_url,
        "share": _("应交 %(n)d 人") % {"n": len(state.rows)},
        "tallies": [
            Tally(CHIPS[standing], state.counts[standing], f"{board_url}&state={standing.value}")
            for standing in TALLIED
            if state.counts[standing]
        ],
        "unfiled": state.unfiled,
        "agenda": [
            *meeting_lines(request.actor, at),
            *due_agenda(request.actor.somebody, at),
            *(to_do_item(one, at) for one in open_to_dos(request.actor.somebody)),
        ],
        "rollup_url": reverse("rollup", args=[week.key, branch.pk]),
        "rollup_chip": rollup_chip(last_rollup(branch.pk, week), at),
        "trend": [
            (one, _rollup_word(one), f"{reverse('board', args=[one.week.key])}?branch={branch.pk}")
            for one in branch_trend(branch, week, WEEKS, at)
        ],
    }
    return render(request, "desk/head.html", context)


def _rollup_word(one: TrendWeek) -> str:
    """Where a week's roll-up stands, as a chip."""
    if one.rollup_sent_at is not None:
        if one.rollup_minutes_late:
            late = _("迟发 %(span)s") % {"span": minutes_text(one.rollup_minutes_late)}
            return chip("late", late)
        return chip("done", _("按时"))
    if not one.owing:
        return ""
    return chip("overdue", _("逾期未发")) if one.is_rollup_overdue else chip("unsent")

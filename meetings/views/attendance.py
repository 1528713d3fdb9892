"""Who was at a month's meetings, person by person; with each one's sittings beside the list."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from core import clock
from core.chips import chip
from core.errors import NotFound
from core.exports import hand_out
from core.formats import hour, short_day
from core.lists import KeysetPage, RowLinks, chosen_columns, own_address, work_table
from core.parts import Fact, Tally
from core.periods import Month, local_date
from core.requests import SignedInRequest, whole_number
from meetings.attendance_table import (
    TALLIED,
    attendance_columns,
    attendance_workbook,
    rows_shown,
)
from meetings.choices import Presence
from meetings.queries.attendance import Attendance, attendance_for, sees_everybody
from meetings.room_words import CHIPS
from meetings.views.months import asked_month, branches_with_meetings
from meetings.words import sitting_name
from organization.models import Branch

TABLE: Final = "attendance"


@require_safe
def attendance_now(request: SignedInRequest) -> HttpResponse:
    """The month of one's own branch, or of the one asked for by ``?branch`` and ``?month``."""
    branches = branches_with_meetings(request.actor)
    asked = whole_number(request.GET.get("branch"))
    if asked is not None and asked not in {branch.pk for branch in branches}:
        raise NotFound
    month = asked_month(request.GET.get("month", ""), clock.now())
    url = reverse("attendance-month", args=[month.key, asked or branches[0].pk])
    return HttpResponseRedirect(url)


@require_safe
def attendance_month(request: SignedInRequest, month: Month, branch: int) -> HttpResponse:
    """A month of a branch."""
    at = clock.now()
    found, rows = attendance_for(request.actor, branch, month, at)
    opened = whole_number(request.GET.get("of"))
    one = next((row for row in rows if row.person.pk == opened), None)
    if opened is not None and one is None:
        raise NotFound
    current = Month.containing(local_date(at))
    only = request.GET.get("only", "")
    context = {
        "branch": found,
        "branches": branches_with_meetings(request.actor),
        "month": month,
        "headline": _headline(rows),
        "tallies": _tallies(request, rows, only),
        "table": work_table(
            request,
            KeysetPage(rows_shown(rows, only)),
            attendance_columns(),
            RowLinks[Attendance](
                key=lambda row: row.person.pk,
                url=lambda row: own_address(request, of=str(row.person.pk)),
            ),
            key=TABLE,
            caption=_("会议出勤"),
            current=str(opened or ""),
            exports=((_("导出 XLSX"), reverse("attendance-workbook", args=[month.key, found.pk])),),
        ),
        "is_own": not sees_everybody(request.actor, found.pk),
        "meetings_url": reverse("meetings-month", args=[month.key, found.pk]),
        "previous_url": _url(month.previous, found),
        "next_url": _url(month.next, found) if month < current else "",
        **(_panel(request, one) if one else {}),
    }
    return render(request, "meetings/attendance.html", context)


def _url(month: Month, branch: Branch) -> str:
    return reverse("attendance-month", args=[month.key, branch.pk])


def _headline(rows: Sequence[Attendance]) -> str:
    absent = sum(row.counts[Presence.ABSENT] for row in rows)
    late = sum(row.counts[Presence.LATE] for row in rows)
    if not rows:
        return _("这个月还没有开过会")
    said = []
    if absent:
        said.append(ngettext("%(n)d 次缺席", "%(n)d 次缺席", absent) % {"n": absent})
    if late:
        said.append(ngettext("%(n)d 次迟到", "%(n)d 次迟到", late) % {"n": late})
    return _("，").join(said) or _("没有缺席和迟到")


def _tallies(request: SignedInRequest, rows: Sequence[Attendance], only: str) -> list[Tally]:
    counts = {state: sum(row.counts[state] for row in rows) for state in TALLIED}
    return [
        Tally(
            CHIPS[state],
            counts[state],
            own_address(request, only="" if only == state else state.value, of=""),
            state.label,
            only == state,
        )
        for state in TALLIED
        if counts[state] or state in (Presence.ABSENT, Presence.LATE)
    ]


def _panel(request: SignedInRequest, one: Attendance) -> dict[str, Any]:
    """A person's sittings of the month, each with its page."""
    query = request.GET.copy()
    query.pop("of", None)
    return {
        "one": one,
        "close_url": f"{request.path}?{query.urlencode()}" if query else request.path,
        "panel_facts": [
            Fact(_("应到"), str(one.expected)),
            Fact(_("实到"), str(one.came)),
            Fact(_("出勤率"), one.rate),
        ],
        "sittings": [
            {
                "url": reverse("meeting", args=[meeting.pk]),
                "label": f"{short_day(meeting.on)} {sitting_name(meeting)}",
                "chip": chip(CHIPS[stood.state], Presence(stood.state).label),
                "note": hour(stood.arrived_at) if stood.arrived_at else "",
            }
            for meeting, stood in one.rows
        ],
    }


@require_safe
def attendance_export(request: SignedInRequest, month: Month, branch: int) -> HttpResponse:
    """The list as a workbook: the columns and filters of the page."""
    at = clock.now()
    found, rows = attendance_for(request.actor, branch, month, at)
    columns, _density = chosen_columns(request, attendance_columns(), TABLE)
    made = attendance_workbook(rows, columns, found, month, at, only=request.GET.get("only", ""))
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=found.pk)


_MONTH = "meetings/attendance/<month:month>/<int:branch>/"
urlpatterns: list[URLPattern] = [
    path("meetings/attendance/", attendance_now, name="attendance"),
    path(_MONTH, attendance_month, name="attendance-month"),
    path(f"{_MONTH}workbook/", attendance_export, name="attendance-workbook"),
]

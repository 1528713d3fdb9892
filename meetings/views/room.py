"""The room's screen: roll call, code, clock, agenda; made for a wall, usable on a phone."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from confidentiality.operations import disclose
from core import clock
from core.actions import Again, perform, status_of, with_again
from core.actors import Acting
from core.errors import Refused, Stale
from core.formats import hour
from core.forms import Versioned
from core.pages import toast
from core.papers import qr
from core.requests import SignedInRequest
from meetings.choices import MeetingState, ScanPart
from meetings.models import Meeting
from meetings.operations import rooms
from meetings.papers import sign_in_pdf
from meetings.permissions import can_amend, can_answer_for, can_hold
from meetings.queries.agendas import agenda_for
from meetings.queries.occurrences import meeting_for, sitting_of, standing
from meetings.queries.rooms import (
    code_of_room,
    is_sign_in_open,
    possible_recorders,
    refusals_of,
    runs_past_its_day,
    seats_of,
)
from meetings.room_forms import EndForm, NotHeldForm, PresenceForm, RecorderForm
from meetings.room_words import LEGEND, SHORT, Mark, Tile, room_headline, tile_of
from meetings.rules import CODE_LIVES, ROOM_OPENS_BEFORE
from meetings.sign_in_codes import ScreenNumber, numbers_of_a_code
from meetings.views.room_agenda import agenda_lines, agenda_parts
from meetings.words import sitting_name

# Beyond so many people the tiles stand closer.
ROOMY: Final = 12


@dataclass(frozen=True)
class ClockLine:
    """Under the clock: what is fixed, and what runs: ``left`` until ``until``, ``past`` after.

    ``{n}`` in both are the minutes; ``since`` begins the bar.
    """

    text: str
    until: datetime | None = None
    since: datetime | None = None
    left: str = ""
    past: str = ""


@dataclass(frozen=True)
class RoomCode:
    """The code on the screen: as a picture, until when it counts, and the numbers beside it."""

    svg: str
    address: str
    made_at: datetime
    expires_at: datetime
    seconds: int
    numbers: Sequence[ScreenNumber]


@require_safe
def meeting_room(request: SignedInRequest, pk: int) -> HttpResponse:
    """The room of a meeting's sitting; ``?live`` is what changes, for the screen that watches."""
    meeting = meeting_for(request.actor, pk)
    if meeting.sitting_id is not None:
        return HttpResponseRedirect(reverse("meeting-room", args=[meeting.sitting_id]))
    at = clock.now()
    if "live" in request.GET:
        return render(request, "meetings/room_live.html", _live(request, meeting, at))
    return page(request, meeting, at)


def page(
    request: SignedInRequest, meeting: Meeting, at: datetime, again: Again | None = None
) -> HttpResponse:
    """The whole screen; shown again where something did not come off."""
    live = _live(request, meeting, at)
    agenda = agenda_for(request.actor, meeting, at)
    context = {
        **live,
        "forms": with_again(_forms(request, meeting, at), again),
        "note": again.note if again else "",
        "lines": agenda_lines(agenda),
        "parts": agenda_parts(agenda, at, in_room=True),
        "legend": [Mark(key, SHORT[key], LEGEND[key], False) for key in SHORT],
        "room_opens_at": meeting.starts_at - ROOM_OPENS_BEFORE,
    }
    if live["may_hold"] and is_sign_in_open(meeting, at):
        context["code"] = _code(request, meeting, at)
    return render(request, "meetings/room.html", context, status=status_of(again))


def _live(request: SignedInRequest, meeting: Meeting, at: datetime) -> dict[str, Any]:
    """What changes while people come: the tiles, the count, whom the code turned away."""
    actor = request.actor
    is_over = meeting.state == MeetingState.HELD
    is_open = is_sign_in_open(meeting, at)
    is_past = runs_past_its_day(meeting, at)
    seats = seats_of(meeting)
    may_hold = can_hold(actor, meeting)
    return {
        "meeting": meeting,
        "name": sitting_name(meeting),
        "standing": standing(meeting, at),
        "may_hold": may_hold,
        "may_call": ((is_open or is_past) and may_hold) or (is_over and can_amend(actor, meeting)),
        "is_open": is_open,
        "is_over": is_over,
        "is_past": is_past,
        "is_dense": len(seats) > ROOMY,
        "headline": room_headline(seats, is_open=is_open or is_past, is_over=is_over),
        "unsigned": sum(seat.is_open for seat in seats),
        "tiles": [tile_of(seat, is_over=is_over or is_past) for seat in seats],
        "refusals": refusals_of(meeting) if may_hold and is_open else [],
        "line": clock_line(meeting, at),
        "at": at,
    }


def clock_line(meeting: Meeting, at: datetime) -> ClockLine:
    """How far the meeting is, as words for the screen's clock."""
    begins, ends = hour(meeting.starts_at), hour(meeting.ends_at)
    if meeting.state == MeetingState.CANCELLED:
        return ClockLine(_("已取消"))
    if meeting.opened_at and meeting.closed_at:
        return ClockLine(
            _("%(from)s–%(to)s 召开")
            % {"from": hour(meeting.opened_at), "to": hour(meeting.closed_at)}
        )
    if meeting.opened_at:
        return ClockLine(
            _("%(from)s 开始，%(to)s 结束") % {"from": hour(meeting.opened_at), "to": ends},
            until=meeting.ends_at,
            since=meeting.opened_at,
            left=_("还剩 {n} 分"),
            past=_("已超 {n} 分"),
        )
    if standing(meeting, at) == "not_held":
        return ClockLine(_("%(from)s–%(to)s，没有召开") % {"from": begins, "to": ends})
    times = _("%(from)s–%(to)s") % {"from": begins, "to": ends}
    if at < meeting.starts_at - ROOM_OPENS_BEFORE:
        return ClockLine(times)
    return ClockLine(
        times,
        until=meeting.starts_at,
        left=_("还有 {n} 分开始"),
        past=_("已过开始 {n} 分"),
    )


def _forms(request: SignedInRequest, meeting: Meeting, at: datetime) -> dict[str, forms.Form]:
    """What the reader can do with the room as it stands."""
    begin = {"version": meeting.version}
    actor = request.actor
    now = standing(meeting, at)
    found: dict[str, forms.Form] = {}
    if now == "not_held" and can_answer_for(actor, meeting):
        found["not_held"] = NotHeldForm(initial=begin | {"reason": meeting.reason})
    if not can_hold(actor, meeting):
        return found
    if meeting.state == MeetingState.PLANNED and meeting.room_at is None:
        found["open"] = Versioned(initial=begin)
    elif meeting.state == MeetingState.PLANNED:
        found["begin"] = RecorderForm(initial=begin, people=_others(meeting, actor.person_id))
    elif meeting.state == MeetingState.RUNNING:
        found["end"] = EndForm(
            initial=begin | {"recorder": meeting.recorder_id},
            people=possible_recorders(meeting),
        )
    return found


def _others(meeting: Meeting, chair_id: int | None) -> list[Any]:
    return [person for person in possible_recorders(meeting) if person.pk != chair_id]


# The code


@require_safe
def meeting_code(request: SignedInRequest, pk: int) -> HttpResponse:
    """A new code for the screen: once a minute."""
    meeting = sitting_of(meeting_for(request.actor, pk))
    code = _code(request, meeting, clock.now())
    return render(request, "meetings/room_code.html", {"code": code, "meeting": meeting})


def _code(request: SignedInRequest, meeting: Meeting, at: datetime) -> RoomCode:
    code = code_of_room(request.actor, meeting.pk, at)
    address = request.build_absolute_uri(reverse("sign-in-here", args=[code]))
    lives: timedelta = CODE_LIVES
    return RoomCode(
        qr(address),
        address,
        at,
        at + lives,
        int(lives.total_seconds()),
        numbers_of_a_code(meeting.pk, at),
    )


# Steps


def _act(
    request: SignedInRequest,
    pk: int,
    name: str,
    form: forms.Form,
    said: str,
    act: Callable[[dict[str, Any], Acting], Meeting],
) -> HttpResponse:
    """Do what a form of the screen asks; see core.actions."""
    at = clock.now()

    def done(changed: Meeting) -> HttpResponse:
        if said:
            toast(request, said)
        return HttpResponseRedirect(reverse("meeting-room", args=[pk]))

    return perform(
        request,
        name,
        form,
        act,
        at=at,
        find=lambda: meeting_for(request.actor, pk),
        show=lambda now, again: page(request, now, at, again),
        meanwhile=lambda now: _("别处刚动过这场会议，请看过现在的样子再按。"),
        done=done,
    )


@require_POST
def meeting_room_open(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open the sign-in."""

    def act(given: dict[str, Any], acting: Acting) -> Meeting:
        return rooms.open_room(meeting_id=pk, **acting)

    return _act(request, pk, "open", Versioned(request.POST), "", act)


@require_POST
def meeting_begin(request: SignedInRequest, pk: int) -> HttpResponse:
    """Begin."""

    def act(given: dict[str, Any], acting: Acting) -> Meeting:
        return rooms.begin_meeting(meeting_id=pk, recorder_id=given["recorder"], **acting)

    people = possible_recorders(meeting_for(request.actor, pk))
    form = RecorderForm(request.POST, people=people)
    return _act(request, pk, "begin", form, "", act)


@require_POST
def meeting_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End and file it."""

    def act(given: dict[str, Any], acting: Acting) -> Meeting:
        return rooms.end_meeting(
            meeting_id=pk,
            head_count=given["head_count"],
            count_why=given["count_why"],
            recorder_id=given["recorder"],
            **acting,
        )

    people = possible_recorders(meeting_for(request.actor, pk))
    form = EndForm(request.POST, people=people)
    return _act(request, pk, "end", form, _("会议已结束，签到已归档"), act)


@require_POST
def meeting_not_held(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say why it was not held."""

    def act(given: dict[str, Any], acting: Acting) -> Meeting:
        return rooms.say_not_held(meeting_id=pk, reason=given["reason"], **acting)

    return _act(request, pk, "not_held", NotHeldForm(request.POST), _("已说明原因"), act)


@require_POST
def meeting_presence(request: SignedInRequest, pk: int) -> HttpResponse:
    """A tap of the roll call; the screen gets the one tile back, a form the whole page."""
    at = clock.now()
    form = PresenceForm(request.POST)
    meeting_for(request.actor, pk)
    if not form.is_valid():
        raise Refused(_("请选到、迟、假、缺、外之一。"), field="state")
    given = form.cleaned_data
    note, status = "", 200
    try:
        rooms.set_presence(
            meeting_id=pk,
            person_id=given["person"],
            state=given["state"],
            note=given["note"],
            why=given["why"],
            seen=given["seen"],
            actor=request.actor,
            at=at,
        )
    except Refused as refused:
        note, status = str(refused.message), 422
    except Stale:
        note, status = _("刚刚已变，请看过再改。"), 409
    meeting = meeting_for(request.actor, pk)
    tile = _tile(request, meeting, given["person"], at)
    if "HX-Request" not in request.headers or tile is None:
        if note:
            return page(request, meeting, at, Again("", form, note, status))
        return HttpResponseRedirect(reverse("meeting-room", args=[pk]))
    context = {
        **_live(request, meeting, at),
        "tile": tile,
        "tile_note": note,
        "given": given if note else {},
    }
    return render(request, "meetings/room_tile.html", context, status=status)


def _tile(request: SignedInRequest, meeting: Meeting, person_id: int, at: datetime) -> Tile | None:
    is_over = meeting.state == MeetingState.HELD or runs_past_its_day(meeting, at)
    seats = [seat for seat in seats_of(meeting) if seat.person.pk == person_id]
    return tile_of(seats[0], is_over=is_over) if seats else None


# Paper


@require_safe
def sign_in_sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """The sign-in sheet as PDF: to be signed before, filled in after; ``?blank`` is to be signed
    whenever it is printed."""
    meeting = sitting_of(meeting_for(request.actor, pk))
    at = clock.now()
    scan = f"{reverse('scan-add', args=[meeting.pk])}?part={ScanPart.SIGN_IN}"
    address = request.build_absolute_uri(scan)
    name, content, rows = sign_in_pdf(meeting, url=address, is_blank="blank" in request.GET)
    disclose(
        actor=request.actor,
        at=at,
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=rows,
        level=meeting.level,
        branch_id=meeting.branch_id,
    )
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
        },
    )


_ROOM = "meetings/<int:pk>/room/"
urlpatterns: list[URLPattern] = [
    path(_ROOM, meeting_room, name="meeting-room"),
    path(f"{_ROOM}open/", meeting_room_open, name="meeting-room-open"),
    path(f"{_ROOM}begin/", meeting_begin, name="meeting-begin"),
    path(f"{_ROOM}presence/", meeting_presence, name="meeting-presence"),
    path(f"{_ROOM}code/", meeting_code, name="meeting-code"),
    path(f"{_ROOM}end/", meeting_end, name="meeting-end"),
    path(f"{_ROOM}not-held/", meeting_not_held, name="meeting-not-held"),
    path("meetings/<int:pk>/sign-in.pdf", sign_in_sheet, name="sign-in-sheet"),
]

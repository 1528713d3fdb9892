"""One meeting's page: when and where, who belongs to it, and what its reader can arrange."""

from collections.abc import Sequence
from datetime import datetime

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from confidentiality.choices import Level
from core import clock
from core.actions import Again, action_context, status_of
from core.actors import Actor
from core.chips import chip
from core.formats import day, hour, short_day
from core.forms import Versioned
from core.parts import Action, Fact
from core.requests import SignedInRequest
from meetings.choices import MeetingKind, MeetingState, Presence
from meetings.completeness_words import CHIPS as LACKING
from meetings.completeness_words import lack_words
from meetings.forms import CancelForm, CombineForm, DelegateForm, MoveForm
from meetings.models import Meeting
from meetings.permissions import can_arrange, can_delegate, can_hold
from meetings.queries.agendas import agenda_for
from meetings.queries.completeness import duties_of_sitting
from meetings.queries.occurrences import (
    Posts,
    delegation_of,
    kinds_of,
    meeting_for,
    partners_of,
    possible_delegates,
    posts_for,
    sitting_of,
    standing,
)
from meetings.queries.rooms import Seat, seats_of
from meetings.room_words import CHIPS
from meetings.views.room_agenda import AgendaPart, agenda_parts
from meetings.words import reason_of, sitting_name, standing_chip
from organization.models import Person


@require_safe
def meeting(request: SignedInRequest, pk: int) -> HttpResponse:
    """One meeting."""
    return page(request, meeting_for(request.actor, pk), clock.now())


def page(
    request: SignedInRequest, meeting: Meeting, at: datetime, again: Again | None = None
) -> HttpResponse:
    """The page of a meeting; shown again where something did not come off."""
    posts = posts_for([meeting])
    seats = seats_of(meeting)
    month_url = reverse("meetings-month", args=[f"{meeting.on:%Y-%m}", meeting.branch_id])
    context = {
        "meeting": meeting,
        "name": sitting_name(meeting),
        "standing": standing(meeting, at),
        "state": standing_chip(meeting, at),
        "lead": meeting.sitting,
        "joined": list(meeting.joined.all()),
        "parts": _parts(request.actor, meeting, at),
        "facts": _facts(meeting, posts, at),
        "reason": reason_of(meeting),
        "lacks": lacks_shown(meeting, at),
        "ways": _ways(request.actor, meeting, seats, at),
        "agenda": _agenda(request.actor, meeting, at),
        "people": _people(seats),
        "people_count": ngettext("应到 %(n)d 人", "应到 %(n)d 人", len(seats)) % {"n": len(seats)},
        "month_url": month_url,
        "at": at,
        **action_context(request, _forms(request, meeting, at), again, list_url=month_url),
    }
    return render(request, "meetings/meeting.html", context, status=status_of(again))


def _facts(meeting: Meeting, posts: Posts, at: datetime) -> list[Fact]:
    """What is fixed about it; what is empty is left out."""
    delegation = posts.delegation(meeting)
    holders = "、".join(person.name for person in posts.holders(meeting))
    found = [
        (pgettext("会议", "日期"), day(meeting.on)),
        (_("时间"), f"{hour(meeting.starts_at)}–{hour(meeting.ends_at)}"),
        (_("原定"), short_day(meeting.planned_on) if meeting.on != meeting.planned_on else ""),
        (_("地点"), meeting.place),
        (_("分公司"), meeting.branch.name),
        (_("抵几项职责"), _discharged(meeting)),
        (_("主持"), meeting.chair.name if meeting.chair else ""),
        (_("可主持"), "" if meeting.chair or delegation else holders),
        (
            _("委托主持"),
            _("%(delegate)s，%(giver)s委托：%(reason)s")
            % {
                "delegate": delegation.delegate.name,
                "giver": delegation.given_by.name,
                "reason": delegation.reason,
            }
            if delegation
            else "",
        ),
        (_("记录"), meeting.recorder.name if meeting.recorder else ""),
        (_("实际"), _as_held(meeting)),
        (_("密级"), str(Level(meeting.level).label)),
    ]
    return [Fact(label, value) for label, value in found if value]


def _discharged(meeting: Meeting) -> str:
    """The duties that one sitting discharges, where there are several (A1)."""
    kinds = kinds_of(meeting)
    return "、".join(str(MeetingKind(kind).label) for kind in kinds) if len(kinds) > 1 else ""


def _as_held(meeting: Meeting) -> str:
    if meeting.opened_at is None:
        return ""
    if meeting.closed_at is None:
        return _("%(from)s 开始") % {"from": hour(meeting.opened_at)}
    return f"{hour(meeting.opened_at)}–{hour(meeting.closed_at)}"


def _people(seats: Sequence[Seat]) -> list[tuple[Person, SafeString, str]]:
    """Whoever is expected, how he stands once something is known of him, and what is noted."""
    return [
        (
            seat.person,
            SafeString("") if seat.is_open else chip(CHIPS[seat.state], Presence(seat.state).label),
            seat.note,
        )
        for seat in seats
    ]


def _agenda(actor: Actor, meeting: Meeting, at: datetime) -> list[AgendaPart]:
    """What it has before it, while it is to come or going on, as far as its reader may see."""
    if standing(sitting_of(meeting), at) not in ("planned", "running"):
        return []
    return agenda_parts(agenda_for(actor, meeting, at), at)


def lacks_shown(meeting: Meeting, at: datetime) -> list[SafeString]:
    """What is missing once it is over, the worst first; whose it is where it was not held."""
    found: list[SafeString] = []
    duties = [duty for duty in duties_of_sitting(meeting, at) if duty.is_over]
    for duty in duties:
        kind = f"{duty.meeting.get_kind_display()}：" if len(duties) > 1 else ""
        owing = "、".join(person.name for person in duty.owing)
        by = f"（{owing}）" if owing else ""
        found += [chip(LACKING[one.weight], f"{kind}{lack_words(one)}{by}") for one in duty.lacks]
    for duty in duties[:1]:
        found += [chip(LACKING[one.weight], lack_words(one)) for one in duty.record]
    return found


def _ways(actor: Actor, meeting: Meeting, seats: Sequence[Seat], at: datetime) -> list[Action]:
    """Where one goes from here: into the room, to the minutes, to a notice of absence, to paper."""
    lead = sitting_of(meeting)
    now = standing(lead, at)
    if now == "cancelled":
        return []
    is_coming = now in ("planned", "running")
    room = reverse("meeting-room", args=[lead.pk])
    found = [Action(_("会议室"), room, is_coming and can_hold(actor, lead), icon="users")]
    if now == "held":
        found.append(Action(_("纪要"), reverse("minutes", args=[lead.pk]), icon="file-text"))
    is_expected = actor.person_id in {seat.person.pk for seat in seats}
    if now == "planned" and is_expected and at < lead.starts_at:
        found.append(Action(_("请假"), reverse("absence-new", args=[lead.pk])))
    return [*found, Action(_("签到表"), reverse("sign-in-sheet", args=[lead.pk]), icon="printer")]


def _forms(request: SignedInRequest, meeting: Meeting, at: datetime) -> dict[str, forms.Form]:
    """What the reader can arrange as it stands, by name; nothing once it was to begin."""
    actor = request.actor
    begin = {"version": meeting.version}
    is_arranger = can_arrange(actor, meeting)
    if at >= meeting.starts_at or meeting.room_at is not None:
        return {}
    if meeting.sitting is not None:
        return {"separate": Versioned(initial=begin)} if is_arranger else {}
    if meeting.state == MeetingState.CANCELLED:
        is_back = is_arranger and meeting.is_by_hand
        return {"restore": Versioned(initial=begin)} if is_back else {}
    found: dict[str, forms.Form] = {}
    if can_delegate(actor, meeting):
        people = [one for one in possible_delegates(meeting) if one.pk != actor.person_id]
        found["delegate"] = DelegateForm(initial=begin, people=people)
        if delegation_of(meeting):
            found["delegate_end"] = Versioned(initial=begin)
    if is_arranger:
        found |= _arranging(request, meeting, at)
    return found


def _arranging(request: SignedInRequest, meeting: Meeting, at: datetime) -> dict[str, forms.Form]:
    """To another time, with another meeting, or not at all."""
    begin = {"version": meeting.version}
    when = {"on": meeting.on, "start": hour(meeting.starts_at)}
    found: dict[str, forms.Form] = {"move": MoveForm(initial={**begin, **when})}
    if others := _others(request, meeting, at):
        found["combine"] = CombineForm(initial=begin, others=others)
    if not meeting.joined.all():
        found["cancel"] = CancelForm(initial=begin)
    return found


def _parts(actor: Actor, meeting: Meeting, at: datetime) -> list[tuple[Meeting, Versioned]]:
    """What is held together with it and can be held on its own again, each with its form."""
    if at >= meeting.starts_at or meeting.room_at is not None:
        return []
    return [
        (one, Versioned(initial={"version": one.version}))
        for one in meeting.joined.all()
        if can_arrange(actor, one)
    ]


def _others(request: SignedInRequest, meeting: Meeting, at: datetime) -> Sequence[Meeting]:
    return [one for one in partners_of(meeting, at) if can_arrange(request.actor, one)]


urlpatterns: list[URLPattern] = [path("meetings/<int:pk>/", meeting, name="meeting")]

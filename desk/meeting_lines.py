"""Today's meetings as lines of somebody's day, each with the way in."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from core.actors import Actor
from core.formats import hour
from core.parts import AgendaItem
from meetings.choices import MeetingState
from meetings.queries.today import OwnMeeting, meetings_today
from meetings.words import sitting_name


def meeting_lines(actor: Actor, at: datetime) -> list[AgendaItem]:
    """What is left of today's meetings; see meetings.queries.today."""
    return [meeting_line(one) for one in meetings_today(actor, at)]


def meeting_line(own: OwnMeeting) -> AgendaItem:
    """Into the room for who holds it; to the meeting, where one asks to be excused, for who
    attends it."""
    meeting = own.meeting
    about = [meeting.place] if meeting.place else []
    if own.is_held_by_him:
        about.append(_("您主持"))
    elif meeting.room_at is not None:
        about.append(_("请扫会议室屏幕上的码签到"))
    return AgendaItem(
        sitting_name(meeting),
        about,
        when=_("进行中") if meeting.state == MeetingState.RUNNING else hour(meeting.starts_at),
        url=reverse("meeting-room" if own.is_held_by_him else "meeting", args=[meeting.pk]),
    )

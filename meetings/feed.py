"""Meetings as an iCalendar file (RFC 5545) to which a calendar subscribes.

Each occurrence has one UID for good, and a SEQUENCE that grows with every move and cancellation.
It says what, when and where: no reasons, no customers, no people.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from icalendar import Calendar, Event, Timezone

from core.formats import moment
from core.marked_days import days_marked
from core.periods import SHANGHAI
from meetings.choices import MeetingKind, MeetingState
from meetings.models import Meeting
from meetings.words import sitting_name
from organization.models import Person

CONTENT_TYPE: Final = "text/calendar; charset=utf-8"
PRODUCT: Final = "-//Bihuan//Meetings//ZH"
REFRESH: Final = timedelta(minutes=30)
# Clocks have not been turned in China since 1991.
ZONE_SINCE: Final = date(1992, 1, 1)
ZONE_UNTIL: Final = date(2100, 1, 1)


def calendar_file(person: Person, meetings: Sequence[Meeting]) -> bytes:
    """The meetings as a calendar in the person's language; the same bytes for the same rows."""
    with override(person.language), days_marked(None):
        calendar = Calendar()
        calendar.add("prodid", PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.calendar_name = _line(_("闭环会议 · %(name)s") % {"name": person.name})
        calendar.refresh_interval = REFRESH
        # Before what names it; without meetings the calendar holds it alone.
        zone = Timezone.from_tzid("Asia/Shanghai", first_date=ZONE_SINCE, last_date=ZONE_UNTIL)
        calendar.add_component(zone)
        for meeting in meetings:
            calendar.add_component(_event(meeting))
        content: bytes = calendar.to_ical()
        return content


def uid_of(meeting: Meeting) -> str:
    """What the occurrence is called in every calendar, wherever it is moved."""
    return f"{meeting.kind}-{meeting.key}-{meeting.branch_id}@bihuan"


def is_off(meeting: Meeting) -> bool:
    """Whether a calendar strikes it out: cancelled, or told by the meeting it is held with."""
    return meeting.state == MeetingState.CANCELLED or meeting.sitting_id is not None


def _event(meeting: Meeting) -> Event:
    event = Event()
    event.add("uid", uid_of(meeting))
    event.add("dtstamp", meeting.updated_at)
    event.add("last-modified", meeting.updated_at)
    event.add("sequence", meeting.sequence)
    event.add("dtstart", _shanghai(meeting.starts_at))
    event.add("dtend", _shanghai(meeting.ends_at))
    event.add("summary", _line(f"{_name(meeting)} · {meeting.branch.name}"))
    if meeting.place:
        event.add("location", _line(meeting.place))
    if about := _about(meeting):
        event.add("description", about)
    event.add("url", f"{settings.BASE_URL}{reverse('meeting', args=[meeting.pk])}")
    event.add("status", "CANCELLED" if is_off(meeting) else "CONFIRMED")
    return event


def _name(meeting: Meeting) -> str:
    is_joined = meeting.sitting_id is not None
    return str(MeetingKind(meeting.kind).label) if is_joined else sitting_name(meeting)


def _about(meeting: Meeting) -> str:
    if meeting.sitting is not None:
        kind = MeetingKind(meeting.sitting.kind).label
        return _("与%(kind)s合并召开：%(when)s") % {"kind": kind, "when": moment(meeting.starts_at)}
    if meeting.on != meeting.planned_on:
        return _("原定 %(day)s") % {"day": meeting.planned_on.isoformat()}
    return ""


def _line(text: str) -> str:
    """A text without line breaks, whatever was kept once: each would begin a property of its own,
    and one alone leaves the file unreadable."""
    return " ".join(text.split())


def _shanghai(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI)

"""Meetings of the eastern branch for stories: a stand-up on Tuesday, 1 December 2026, and more."""

from datetime import date, datetime
from typing import Any

from meetings.choices import CAME
from meetings.models import Attendee, Meeting
from meetings.operations.occurrences import ensure_meetings
from meetings.operations.rooms import begin_meeting, end_meeting, open_room, set_presence
from meetings.operations.sign_ins import sign_in_by_code
from meetings.sign_in_codes import code_for, screen_number
from tests.cast import NOON, Cast, at

TUESDAY = "2026-12-01"
LAST = date(2026, 12, 31)


def meetings_made(cast: Cast) -> None:
    """Everything from today to the year's end, of both branches."""
    ensure_meetings(date(2026, 11, 27), LAST, branches=[cast.east, cast.west], at=NOON)


def the(cast: Cast, kind: str, key: str) -> Meeting:
    """A meeting of the eastern branch as it is now."""
    return Meeting.objects.select_related("branch").get(kind=kind, key=key, branch=cast.east)


def standup(cast: Cast) -> Meeting:
    """Tuesday's stand-up, 08:30–08:50."""
    return the(cast, "standup", TUESDAY)


def acting(cast: Cast, who: str, when: datetime) -> dict[str, Any]:
    """The keywords of who acts when."""
    return {"actor": cast.actor(who, on=when), "at": when}


def opened(cast: Cast, meeting: Meeting, when: str, who: str = "周建平") -> Meeting:
    """The sign-in opened."""
    return open_room(
        meeting_id=meeting.pk, expected_version=meeting.version, **acting(cast, who, at(when))
    )


def begun(cast: Cast, meeting: Meeting, when: str, who: str = "周建平", **more: Any) -> Meeting:
    """The meeting begun."""
    return begin_meeting(
        meeting_id=meeting.pk,
        expected_version=meeting.version,
        **more,
        **acting(cast, who, at(when)),
    )


def ended(cast: Cast, meeting: Meeting, when: str, who: str = "周建平", **more: Any) -> Meeting:
    """The meeting ended; as many are counted as have signed in."""
    signed = Attendee.objects.filter(meeting=meeting, state__in=CAME).count()
    return end_meeting(
        meeting_id=meeting.pk,
        expected_version=meeting.version,
        **{"head_count": signed, **more},
        **acting(cast, who, at(when)),
    )


def called(
    cast: Cast, meeting: Meeting, person: str, state: str, when: str, **more: Any
) -> Attendee:
    """Somebody called over by the supervisor, or by ``who``."""
    who = more.pop("who", "周建平")
    seen = Attendee.objects.get(meeting=meeting, person=cast[person]).state
    return set_presence(
        meeting_id=meeting.pk,
        person_id=cast[person].pk,
        state=state,
        **{"seen": seen, **more},
        **acting(cast, who, at(when)),
    )


def scanned(cast: Cast, meeting: Meeting, person: str, made: str, when: str, **more: Any) -> Any:
    """Somebody signs in with the code that the screen made at a moment, and its number now."""
    return sign_in_by_code(
        code=code_for(meeting.pk, at(made)),
        **{
            "device": f"phone of {person}",
            "number": screen_number(meeting.pk, at(when)).number,
            **more,
        },
        **acting(cast, person, at(when)),
    )


def sheet(meeting: Meeting) -> dict[str, str]:
    """How everybody stands."""
    return {
        row.person.name: row.state
        for row in Attendee.objects.filter(meeting=meeting).select_related("person")
    }

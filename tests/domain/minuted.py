"""Short ways to a meeting that was held, with its sign-in, ready for its minutes."""

from collections.abc import Mapping
from datetime import date, timedelta

from meetings.choices import MeetingState, Presence, SignInWay
from meetings.models import Attendee, Meeting
from meetings.operations.occurrences import ensure_meetings
from meetings.queries.occurrences import expected_people
from tests.cast import NOON, Cast, at

# The week of the stories has its meeting on Monday 23; the month's others follow annex 7.6.
MONDAY = date(2026, 11, 23)
KEYS = {"standup": "2026-11-24", "weekly": "2026-W48", "gm": "2026-11", "analysis": "2026-11"}


def arranged(cast: Cast, kind: str, key: str = "") -> Meeting:
    """The meeting of 城东分公司 as the rule arranges it."""
    ensure_meetings(date(2026, 11, 2), date(2026, 12, 31), branches=[cast.east, cast.west], at=NOON)
    return Meeting.objects.select_related("branch").get(
        kind=kind, key=key or KEYS[kind], branch=cast.east
    )


def held(
    cast: Cast,
    kind: str,
    key: str = "",
    *,
    chair: str = "周建平",
    recorder: str = "林晓岚",
    presence: Mapping[str, str] | None = None,
) -> Meeting:
    """The same, held from one minute after its time to two minutes before its end.

    Everybody expected was there; ``presence`` says how others stood.
    """
    meeting = arranged(cast, kind, key)
    began = meeting.starts_at + timedelta(minutes=1)
    Meeting.objects.filter(pk=meeting.pk).update(
        state=MeetingState.HELD,
        chair=cast[chair],
        recorder=cast[recorder],
        room_at=meeting.starts_at - timedelta(minutes=10),
        opened_at=began,
        closed_at=meeting.ends_at - timedelta(minutes=2),
        version=4,
        updated_at=meeting.ends_at,
    )
    states = dict(presence or {})
    Attendee.objects.bulk_create(
        Attendee(
            meeting=meeting,
            person=person,
            state=(state := states.get(person.name, Presence.PRESENT)),
            arrived_at=began if state == Presence.PRESENT else None,
            way=SignInWay.CODE if state == Presence.PRESENT else SignInWay.HAND,
            recorded_at=began,
        )
        for person in expected_people(meeting)
    )
    return Meeting.objects.select_related("branch", "chair", "recorder").get(pk=meeting.pk)


ENDED = at("2026-11-23 08:58:00")
DUE = at("2026-11-24 17:30:00")

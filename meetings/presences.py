"""How a presence changes: by compare-and-set, with both states kept where it was settled."""

from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from core.errors import Stale
from meetings.choices import CAME, AbsenceKind, MeetingState, Presence, SignInWay
from meetings.models import Absence, Attendee, AttendeeChange

# What a notice that excuses makes of somebody.
OF_ABSENCE: Final[dict[str, Presence]] = {
    AbsenceKind.LEAVE: Presence.EXCUSED,
    AbsenceKind.TRIP: Presence.TRIP,
}


def as_plain(attendee: Attendee) -> dict[str, Any]:
    """A presence as a writer who came too late sees it."""
    return {
        "version": attendee.meeting.version,
        "person": attendee.person_id,
        "state": attendee.state,
        "arrived_at": attendee.arrived_at.isoformat() if attendee.arrived_at else None,
    }


def settled(
    attendee: Attendee,
    state: str,
    *,
    way: str,
    by_id: int,
    at: datetime,
    arrived_at: datetime | None = None,
    note: str = "",
    keeps: bool,
    why: str = "",
    **more: Any,
) -> Attendee:
    """The presence in its new state; with ``keeps`` both states stay on record, who and why.

    Whoever did not come after all frees the phone with which he was signed in. Only from the
    state it was read in: Stale when somebody was faster.
    """
    if state not in CAME:
        more["device"] = ""
    updated = Attendee.objects.filter(pk=attendee.pk, state=attendee.state).update(
        state=state,
        way=way,
        note=note,
        arrived_at=arrived_at,
        recorded_at=at,
        recorded_by_id=by_id,
        **more,
    )
    again = Attendee.objects.select_related("person", "meeting").get(pk=attendee.pk)
    if not updated:
        raise Stale(as_plain(again))
    if keeps and state != attendee.state:
        AttendeeChange.objects.create(
            attendee=attendee,
            before=attendee.state,
            before_at=attendee.arrived_at,
            after=state,
            after_at=arrived_at,
            why=why,
            at=at,
            by_id=by_id,
        )
    return again


def follow_notice(
    attendee: Attendee | None, absence: Absence, is_excused: bool, by_id: int, at: datetime
) -> None:
    """What a notice, once it counts or no longer does, makes of somebody on an open sign-in.

    Whoever came, came. Of a meeting that is over both states stay on record.
    """
    if attendee is None:
        return
    is_over = attendee.meeting.state == MeetingState.HELD
    why = absence.opinion or absence.reason
    is_other = attendee.way == SignInWay.NOTICE and attendee.state != OF_ABSENCE[absence.kind]
    if is_excused and (is_other or attendee.state in (Presence.OPEN, Presence.ABSENT)):
        settled(
            attendee,
            OF_ABSENCE[absence.kind],
            way=SignInWay.NOTICE,
            note=absence.reason,
            by_id=by_id,
            at=at,
            keeps=is_over,
            why=why,
        )
    elif not is_excused and attendee.way == SignInWay.NOTICE:
        settled(
            attendee,
            Presence.ABSENT if is_over else Presence.OPEN,
            way=SignInWay.HAND if is_over else "",
            by_id=by_id,
            at=at,
            keeps=is_over,
            why=why,
        )


def shown(attendee: Attendee) -> dict[str, Any]:
    """A presence as the trail compares it."""
    return {"presence": attendee.state, "note": attendee.note}


def whose(attendee: Attendee) -> str:
    """Whom a step is about, for the trail."""
    return _("%(name)s的签到") % {"name": attendee.person.name}

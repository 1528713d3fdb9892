"""The room of a meeting: who sits there and how, who is excused, whom the code turned away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from meetings.attendance_rules import is_excused, needs_reason_here
from meetings.choices import (
    CAME,
    STANDING_ABSENCES,
    AbsenceState,
    MeetingState,
    Presence,
)
from meetings.models import Absence, Attendee, AttendeeChange, Meeting, RefusedSignIn
from meetings.permissions import can_hold
from meetings.presences import OF_ABSENCE
from meetings.queries.occurrences import expected_people, meeting_for, posts_for, sitting_of
from meetings.rules import is_day_over
from meetings.sign_in_codes import code_for, read_code
from meetings.steps import check_own
from organization.choices import BRANCH_ROLES
from organization.models import Person


@dataclass(frozen=True)
class Seat:
    """Somebody expected: how he stands, since when, what is noted, and his notice if any.

    Before the sign-in is open nobody has signed, and known excuses stand there already.
    """

    person: Person
    state: str
    arrived_at: datetime | None = None
    note: str = ""
    way: str = ""
    absence: Absence | None = None
    changes: Sequence[AttendeeChange] = ()

    @property
    def is_open(self) -> bool:
        """Whether nothing is known of him yet."""
        return self.state == Presence.OPEN

    @property
    def came(self) -> bool:
        """Whether he was there in body."""
        return self.state in CAME

    @property
    def is_excused_here(self) -> bool:
        """Whether he was excused, or sent on a trip, in the room: no notice of his stands."""
        has_notice = self.absence is not None and has_standing(self.absence)
        return needs_reason_here(self.state, has_notice=has_notice)

    @property
    def is_late_notice(self) -> bool:
        """Whether he gave a notice that does not excuse him."""
        return self.absence is not None and not is_excused_by(self.absence)


def is_excused_by(absence: Absence) -> bool:
    """Whether a notice excuses as it stands (M1.2)."""
    return is_excused(is_in_time=absence.is_in_time, state=absence.state)


def has_standing(absence: Absence) -> bool:
    """Whether a notice stands: given, in time or not, and neither refused nor taken back."""
    return absence.state in STANDING_ABSENCES


def seats_of(meeting: Meeting) -> list[Seat]:
    """Everybody expected at the meeting's sitting, by name; three queries when it is open."""
    lead = sitting_of(meeting)
    notices = notices_of(lead)
    if lead.room_at is None:
        return [_seat_ahead(person, notices.get(person.pk)) for person in expected_people(lead)]
    rows = (
        Attendee.objects.filter(meeting=lead)
        .select_related("person")
        .prefetch_related("changes__by")
        .order_by("person__sort_key", "person_id")
    )
    return [
        Seat(
            row.person,
            row.state,
            row.arrived_at,
            row.note,
            row.way,
            notices.get(row.person_id),
            tuple(row.changes.all()),
        )
        for row in rows
    ]


def _seat_ahead(person: Person, absence: Absence | None) -> Seat:
    if absence is None or not is_excused_by(absence):
        return Seat(person, Presence.OPEN, absence=absence)
    return Seat(person, OF_ABSENCE[absence.kind], note=absence.reason, absence=absence)


def notices_of(lead: Meeting) -> dict[int, Absence]:
    """Each person's standing notice for the sitting; of several the one that excuses."""
    found: dict[int, Absence] = {}
    joined = [one.pk for one in lead.joined.all()]
    for absence in Absence.objects.filter(meeting_id__in=[lead.pk, *joined]).exclude(
        state=AbsenceState.WITHDRAWN
    ):
        known = found.get(absence.person_id)
        if known is None or (is_excused_by(absence) and not is_excused_by(known)):
            found[absence.person_id] = absence
    return found


def excuses_of(lead: Meeting) -> dict[int, Absence]:
    """Who is excused from the sitting, by which notice."""
    return {
        person_id: absence
        for person_id, absence in notices_of(lead).items()
        if is_excused_by(absence)
    }


def is_sign_in_open(meeting: Meeting, at: datetime) -> bool:
    """Whether codes are shown and taken: from the opening of the room to the meeting's end, and
    to the end of its day at the latest."""
    is_open = meeting.room_at is not None and not is_day_over(meeting.starts_at, at)
    return is_open and meeting.state in (MeetingState.PLANNED, MeetingState.RUNNING)


def runs_past_its_day(meeting: Meeting, at: datetime) -> bool:
    """Whether nobody has ended the meeting on its day: what is called over is an amendment now."""
    return meeting.state == MeetingState.RUNNING and is_day_over(meeting.starts_at, at)


def code_of_room(actor: Actor, meeting_id: int, at: datetime) -> str:
    """A new code for the screen, for whoever holds the meeting; it counts for a minute."""
    meeting = meeting_for(actor, meeting_id)
    if not can_hold(actor, meeting):
        raise NotAllowed(_("签到码只给主持人。"))
    check_own(meeting)
    if not is_sign_in_open(meeting, at):
        raise Refused(_("签到没有打开。"))
    return code_for(meeting.pk, at)


def own_seat(actor: Actor, code: str) -> Attendee | None:
    """One's own line on the sign-in that a code is of; None for what is no code of ours, or of a
    meeting at which one is not expected."""
    said = read_code(code)
    if said is None or not said.is_ours or actor.person_id is None:
        return None
    return (
        Attendee.objects.select_related("meeting__branch", "meeting__sitting")
        .filter(meeting_id=said.meeting_id, person_id=actor.person_id)
        .first()
    )


def possible_recorders(meeting: Meeting) -> list[Person]:
    """Who can write the minutes down: of the branch that day, not the chair, not away."""
    lead = sitting_of(meeting)
    away = set(
        Attendee.objects.filter(meeting=lead)
        .exclude(state__in=(*CAME, Presence.OPEN))
        .values_list("person_id", flat=True)
    )
    people = posts_for([lead]).people(lead.branch_id, lead.on, BRANCH_ROLES)
    return [person for person in people if person.pk != lead.chair_id and person.pk not in away]


def refusals_of(lead: Meeting) -> list[RefusedSignIn]:
    """Whom the code turned away and who is not in since: each once, the newest first."""
    came = Attendee.objects.filter(meeting=lead, state__in=CAME).values("person_id")
    rows = (
        RefusedSignIn.objects.filter(meeting=lead)
        .exclude(person_id__in=came)
        .select_related("person")
    )
    newest: dict[int, RefusedSignIn] = {}
    for row in rows:
        newest.setdefault(row.person_id, row)
    return list(newest.values())


def absences_for(actor: Actor) -> QuerySet[Absence]:
    """Notices as far as somebody sees them: one's own, and those of the branches one leads."""
    found = Absence.objects.select_related(
        "meeting__branch", "meeting__sitting", "person", "decided_by"
    ).prefetch_related("meeting__joined", "meeting__sitting__joined")
    if actor.reads_all:
        return found
    return found.filter(Q(person_id=actor.person_id) | Q(meeting__branch_id__in=actor.led_branches))


def absence_for(actor: Actor, absence_id: int) -> Absence:
    """The notice as its reader sees it; NotFound for whom it does not exist."""
    found = absences_for(actor).filter(pk=absence_id).first()
    if found is None:
        raise NotFound
    return found

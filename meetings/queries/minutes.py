"""Minutes as they stand: whose they are to write, what is typed, what was submitted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from confidentiality.choices import Level
from core.actors import Actor
from core.drafts import draft_of
from core.errors import NotAllowed, NotFound
from core.models import Draft
from core.periods import local_date
from core.queries import calendar
from duties.rules import minutes_late
from meetings.attendance_rules import needs_reason_here
from meetings.choices import (
    CAME,
    CONTENT,
    MINUTED,
    MeetingState,
    MinutesState,
    Presence,
    TopicKind,
)
from meetings.minutes_entries import MinutesEntry, draft_key
from meetings.minutes_permissions import can_read_minutes
from meetings.minutes_rules import Item, level_borne, minutes_number, unspoken
from meetings.models import (
    Action,
    Attendee,
    Contribution,
    Document,
    Meeting,
    Minutes,
    MinutesVersion,
)
from meetings.queries.agendas import agenda_of
from meetings.queries.occurrences import kinds_of, meeting_for, posts_between, sitting_of
from meetings.queries.rooms import has_standing, notices_of, possible_recorders
from meetings.rules import minutes_due_at
from organization.choices import BRANCH_ROLES
from organization.in_force import settings_of
from organization.models import Person


@dataclass(frozen=True)
class Written:
    """A sitting with its minutes: the draft, the versions so far, the one that stands.

    ``due_at`` is None until the meeting has ended; ``is_readable`` says whether the reader may
    know what the latest version says (C2).
    """

    meeting: Meeting
    at: datetime
    minutes: Minutes | None = None
    versions: tuple[MinutesVersion, ...] = ()
    draft: Draft | None = None
    due_at: datetime | None = None
    is_readable: bool = True

    @property
    def level(self) -> int:
        """The level that the minutes bear now."""
        return level_of(self.meeting, self.latest)

    @property
    def shown(self) -> MinutesVersion | None:
        """What was submitted last, for whoever may read it."""
        return self.latest if self.is_readable else None

    @property
    def latest(self) -> MinutesVersion | None:
        """What was submitted last."""
        return self.versions[-1] if self.versions else None

    @property
    def approved(self) -> MinutesVersion | None:
        """The version that stands: the last that was approved."""
        return next((one for one in reversed(self.versions) if one.approved_at), None)

    @property
    def is_open(self) -> bool:
        """Whether the recorder writes: nothing was submitted yet, or it was given back."""
        return self.minutes is None or self.minutes.state == MinutesState.RETURNED

    @property
    def minutes_late(self) -> int:
        """Whole minutes after the due moment, at the first submission; 0 when in time."""
        return minutes_late(self.minutes.received_at, self.minutes.due_at) if self.minutes else 0

    @property
    def number(self) -> str:
        """The number on paper, also before the first submission."""
        lead = self.meeting
        if self.minutes is not None:
            return self.minutes.number
        return minutes_number(lead.kind, lead.key, lead.branch.code, lead.on)

    @property
    def is_needed(self) -> bool:
        """Whether the sitting must be minuted; of a stand-up notes are optional (annex 2)."""
        return any(kind in MINUTED for kind in kinds_of(self.meeting))


def sitting_for(actor: Actor, meeting_id: int) -> Meeting:
    """The sitting of a meeting as its reader sees it, with chair and recorder; NotFound."""
    lead = sitting_of(meeting_for(actor, meeting_id))
    return meeting_for(actor, lead.pk) if lead.pk != meeting_id else lead


def written_of(actor: Actor, meeting_id: int, at: datetime) -> Written:
    """The minutes of a meeting's sitting; the draft only for its recorder. NotFound."""
    lead = sitting_for(actor, meeting_id)
    minutes = Minutes.objects.filter(meeting=lead).select_related("submitted_by").first()
    versions: tuple[MinutesVersion, ...] = ()
    if minutes is not None:
        versions = tuple(
            minutes.versions.select_related("submitted_by", "approved_by", "returned_by")
        )
    is_recorder = actor.person_id is not None and lead.recorder_id == actor.person_id
    draft = draft_of(lead.recorder_id, draft_key(lead.pk)) if is_recorder else None  # type: ignore[arg-type]
    due = minutes.due_at if minutes else due_at(lead)
    level = level_of(lead, versions[-1] if versions else None)
    is_readable = can_read_minutes(actor, lead, level)
    return Written(lead, at, minutes, versions, draft, due, is_readable)


def level_of(lead: Meeting, version: MinutesVersion | None) -> int:
    """The level that a version of the meeting's minutes bears (annex 9.2)."""
    return level_borne(version.content["level"] if version else lead.level, lead.level)


def due_at(lead: Meeting) -> datetime | None:
    """By when the minutes of a meeting that has ended are due (annex 3.5); None before.

    Counted from the day of the meeting, however late somebody ended it.
    """
    if lead.closed_at is None:
        return None
    known = calendar(lead.on.year, lead.on.year + 1)
    return minutes_due_at(lead.on, known, settings_of(lead.branch_id, lead.on))


def entry_of(found: Written) -> MinutesEntry:
    """What the form holds: the draft, else what was submitted last, else the agenda's rows."""
    if found.draft is not None:
        return MinutesEntry.from_body(found.draft.body)
    if found.latest is not None:
        return MinutesEntry.of_version(found.latest)
    return begun_of(found.meeting, found.at)


def begun_of(lead: Meeting, at: datetime) -> MinutesEntry:
    """The rows with which minutes begin: the agenda's documents, cases and questions, and one
    for each kind that must be talked about (M2.1, M3.1, A2)."""
    agenda = agenda_of(lead, at)
    told = Document.objects.filter(readers__meeting=lead).distinct().order_by("pk")
    waiting = agenda.documents if lead.state == MeetingState.RUNNING else ()
    documents = {one.pk: one for one in (*told, *(each.document for each in waiting))}
    chair = lead.chair.name if lead.chair else ""
    items = [
        Item(f"d{one.pk}", TopicKind.DOCUMENT, _topic_of(one), chair, document=one.pk)
        for one in documents.values()
    ]
    items += [_of_contribution(one) for one in agenda.contributions]
    kinds = kinds_of(lead)
    wanted = [kind for one in kinds for kind in CONTENT.get(one, ())]
    if "weekly" in kinds:
        wanted += [TopicKind.REPORT, TopicKind.INFORMATION]
    spoken = {item.kind for item in items}
    items += [Item(kind, kind) for kind in dict.fromkeys(wanted) if kind not in spoken]
    return MinutesEntry(level=lead.level, items=tuple(items))


def _topic_of(document: Document) -> str:
    """Its title; a secret one, which not every reader is to know of, is named by its level."""
    if document.level <= Level.INTERNAL:
        return document.title
    return _("%(level)s文件") % {"level": Level(document.level).label}


def _of_contribution(one: Contribution) -> Item:
    kind = TopicKind.CASE if one.kind == "case" else TopicKind.ANSWER
    return Item(f"c{one.pk}", kind, one.title, one.author.name, contribution=one.pk)


def lacking_kinds(lead: Meeting, entry: MinutesEntry) -> list[str]:
    """What the regulation wants talked about and the minutes do not mention (M3.1, A2)."""
    wanted = [kind for one in kinds_of(lead) for kind in CONTENT.get(one, ())]
    return unspoken(entry.items, list(dict.fromkeys(wanted)))


def possible_owners(branch_id: int, on: date) -> list[Person]:
    """Who can be given something to do: the people in post in the branch on the day, by name."""
    return posts_between(on, on, [branch_id]).people(branch_id, on, BRANCH_ROLES)


def attendance_of(lead: Meeting) -> list[dict[str, Any]]:
    """The sign-in as it stands, as a version freezes it; ``notice`` is the day it was given,
    ``is_here`` whether he was excused in the room, without one that stands."""
    notices = notices_of(lead)
    found = []
    for row in Attendee.objects.filter(meeting=lead).select_related("person"):
        notice = notices.get(row.person_id)
        found.append(
            {
                "person": row.person_id,
                "name": row.person.name,
                "state": row.state,
                "arrived_at": row.arrived_at.isoformat() if row.arrived_at else None,
                "note": row.note,
                "notice": local_date(notice.given_at).isoformat() if notice else None,
                "is_here": needs_reason_here(
                    row.state, has_notice=notice is not None and has_standing(notice)
                ),
            }
        )
    return found


@dataclass(frozen=True)
class Counted:
    """How many were expected and how they stood."""

    expected: int = 0
    came: int = 0
    late: int = 0
    excused: int = 0
    trip: int = 0
    absent: int = 0
    away: tuple[Mapping[str, Any], ...] = field(default=())


def counted(rows: list[dict[str, Any]]) -> Counted:
    """The counts of a frozen sign-in, and who was not there."""
    states = [row["state"] for row in rows]
    return Counted(
        expected=len(rows),
        came=sum(1 for state in states if state in CAME),
        late=states.count(Presence.LATE),
        excused=states.count(Presence.EXCUSED),
        trip=states.count(Presence.TRIP),
        absent=states.count(Presence.ABSENT),
        away=tuple(row for row in rows if row["state"] not in CAME),
    )


def version_for(actor: Actor, meeting_id: int, number: int) -> MinutesVersion:
    """One version of a meeting's minutes; NotFound, NotAllowed."""
    lead = sitting_for(actor, meeting_id)
    found = (
        MinutesVersion.objects.filter(minutes__meeting=lead, number=number)
        .select_related("minutes", "submitted_by", "approved_by", "returned_by")
        .first()
    )
    if found is None:
        raise NotFound
    if not can_read_minutes(actor, lead, level_of(lead, found)):
        raise NotAllowed(not_to_be_read())
    return found


def not_to_be_read() -> str:
    """What whoever sees a meeting and may not read its minutes is told."""
    return _("这份纪要的密级不允许您看。")


def actions_of(lead: Meeting) -> list[Action]:
    """The actions that the sitting decided, in their order."""
    found = lead.actions.select_related("owner", "closed_by", "file")
    return list(found.prefetch_related("helpers").order_by("pk"))


def can_be_minuted(lead: Meeting) -> bool:
    """Whether there is something to write about: the meeting has begun."""
    return lead.state in (MeetingState.RUNNING, MeetingState.HELD)


def is_chair_gone(lead: Meeting, at: datetime) -> bool:
    """Whether the chair holds no post in the branch any more."""
    return lead.chair_id is not None and _is_gone(lead.chair_id, lead, at)


def may_change_recorder(lead: Meeting, minutes: Minutes | None, at: datetime) -> bool:
    """Whether somebody else can be named to write: until the minutes are submitted, while they
    are given back, and once they are locked where their recorder has gone, to correct them."""
    if minutes is None or minutes.state == MinutesState.RETURNED:
        return True
    is_gone = lead.recorder_id is None or _is_gone(lead.recorder_id, lead, at)
    return minutes.state == MinutesState.APPROVED and is_gone


def recorders_to_name(lead: Meeting, at: datetime) -> list[Person]:
    """Who was there, is not the chair, and holds a post in the branch still."""
    here = {one.pk for one in possible_owners(lead.branch_id, local_date(at))}
    return [person for person in possible_recorders(lead) if person.pk in here]


def _is_gone(person_id: int, lead: Meeting, at: datetime) -> bool:
    here = possible_owners(lead.branch_id, local_date(at))
    return person_id not in {one.pk for one in here}

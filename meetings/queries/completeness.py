"""Meetings judged by their completeness, as things stood at a moment, many branches at once.

A judgement made later is the same: sign-ins are read as they stood before later changes, minutes
by the versions submitted and approved until then, scans by when they were filed and taken out. A
meeting itself is arranged only until it begins.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from core.calendar import Calendar
from core.periods import Month, local_date
from core.queries import calendar
from duties.rules import minutes_late
from meetings.choices import MeetingState, Presence
from meetings.completeness import (
    HINT,
    INCOMPLETE,
    MISSING,
    Facts,
    Lack,
    Record,
    duty_lacks,
    may_discharge,
    record_lacks,
)
from meetings.models import (
    Attendee,
    AttendeeChange,
    Delegation,
    Meeting,
    Minutes,
    MinutesVersion,
    Scan,
)
from meetings.queries.occurrences import Posts, posts_between, sitting_of
from meetings.rules import approval_due_at, minutes_due_at
from organization.choices import Role
from organization.former_names import Called, names_at
from organization.models import Person
from organization.queries import is_in_post

# Neither signed nor excused.
UNSIGNED = (Presence.OPEN, Presence.ABSENT)


@dataclass(frozen=True)
class Duty:
    """One duty of a branch to meet, and what its sitting lacks.

    ``lacks`` are its own (it was not discharged), ``record`` those of the sitting's record, which
    the duties discharged together share. ``owing`` is whose it is when it was not held.
    """

    meeting: Meeting
    lead: Meeting
    facts: Facts
    lacks: tuple[Lack, ...]
    record: tuple[Lack, ...]
    owing: tuple[Person, ...]
    is_over: bool

    @property
    def all_lacks(self) -> tuple[Lack, ...]:
        """Everything that is missing, the worst first."""
        return (*self.lacks, *self.record)

    @property
    def weight(self) -> str:
        """``missing``, ``incomplete``, or "" where nothing is wrong or it is not over yet."""
        if not self.is_over:
            return ""
        weights = {lack.weight for lack in self.all_lacks} - {HINT}
        if MISSING in weights:
            return MISSING
        return INCOMPLETE if weights else ""

    @property
    def is_lead(self) -> bool:
        """Whether the record is its own; one held together with another has none."""
        return self.meeting.pk == self.lead.pk


def duties_of(month: Month, branch_ids: Collection[int], at: datetime) -> list[Duty]:
    """The meetings that these branches owed in the month, as of a moment, earliest first.

    A meeting counts in the month of the day on which it is arranged. What the calendar did away
    with was never owed (annex 7.2). Twelve statements, however many branches.
    """
    return judged(
        Meeting.objects.filter(branch_id__in=branch_ids, on__gte=month.first, on__lte=month.last),
        at,
    )


def duties_of_sitting(meeting: Meeting, at: datetime) -> list[Duty]:
    """The duties that the meeting's sitting discharges, its own first."""
    lead = sitting_of(meeting)
    found = judged(Meeting.objects.filter(Q(pk=lead.pk) | Q(sitting_id=lead.pk)), at)
    return sorted(found, key=lambda duty: (not duty.is_lead, duty.meeting.pk))


def judged(meetings: QuerySet[Meeting], at: datetime) -> list[Duty]:
    """These meetings, each with its sitting among them, as of a moment."""
    rows = list(meetings.select_related("branch").order_by("starts_at", "branch_id", "pk"))
    if not rows:
        return []
    by_pk = {row.pk: row for row in rows}
    kinds: dict[int, list[str]] = {row.pk: [row.kind] for row in rows if row.sitting_id is None}
    for row in sorted(rows, key=lambda one: one.pk):
        if row.sitting_id in kinds:
            kinds[row.sitting_id].append(row.kind)
    known = _Known.of(meetings, rows, at)
    facts = {pk: known.facts(by_pk[pk], tuple(of)) for pk, of in kinds.items()}
    records = {pk: record_lacks(one, at) for pk, one in facts.items()}
    found = []
    for row in rows:
        lead = by_pk.get(row.sitting_id or row.pk)
        if lead is None or lead.pk not in facts or _was_never_owed(lead):
            continue
        of = facts[lead.pk]
        lacks = duty_lacks(of, is_by_right=known.is_by_right(row, lead, of.kinds))
        found.append(
            Duty(
                meeting=row,
                lead=lead,
                facts=of,
                lacks=lacks,
                record=records[lead.pk],
                owing=known.owing(lead, of.kinds) if lacks else (),
                is_over=lead.ends_at <= at,
            )
        )
    return found


def _was_never_owed(lead: Meeting) -> bool:
    return lead.state == MeetingState.CANCELLED and not lead.is_by_hand


@dataclass(frozen=True)
class _Known:
    """What is known of some meetings at a moment, by sitting."""

    at: datetime
    posts: Posts
    calendar: Calendar
    delegates: Mapping[int, Person]
    unsigned: Mapping[int, tuple[str, ...]]
    minutes: Mapping[int, Minutes]
    versions: Mapping[int, Sequence[MinutesVersion]]
    papers: Mapping[int, frozenset[str]]

    @classmethod
    def of(cls, meetings: QuerySet[Meeting], rows: Sequence[Meeting], at: datetime) -> "_Known":
        first, last = min(row.on for row in rows), max(row.on for row in rows)
        pks = meetings.order_by().values("pk")
        minutes = {
            one.meeting_id: one
            for one in Minutes.objects.filter(meeting__in=pks, received_at__lte=at).order_by()
        }
        return cls(
            at=at,
            posts=posts_between(first, last, {row.branch_id for row in rows}),
            calendar=calendar(first.year, last.year + 1),
            delegates={
                one.meeting_id: one.delegate
                for one in Delegation.objects.filter(
                    meeting__in=pks, ended_at__isnull=True
                ).select_related("delegate")
            },
            unsigned=_unsigned(pks, at),
            minutes=minutes,
            versions=_versions(pks, at),
            papers=_papers(pks, at),
        )

    def facts(self, lead: Meeting, kinds: tuple[str, ...]) -> Facts:
        """The sitting as plain facts."""
        minutes = self.minutes.get(lead.pk)
        return Facts(
            kinds=kinds,
            standing=standing_at(lead, self.at),
            starts_at=lead.starts_at,
            ends_at=lead.ends_at,
            opened_at=_until(lead.opened_at, self.at),
            closed_at=_until(lead.closed_at, self.at),
            unsigned=self.unsigned.get(lead.pk, ()),
            minutes_due_at=minutes.due_at if minutes else self._due_at(lead),
            record=self._record(lead, minutes) if minutes else None,
            papers=self.papers.get(lead.pk, frozenset()),
        )

    def _due_at(self, lead: Meeting) -> datetime:
        """By when its minutes are due: counted from its day, however late somebody ended it."""
        own = self.posts.settings_on(lead.branch_id, lead.on)
        return minutes_due_at(lead.on, self.calendar, own)

    def _record(self, lead: Meeting, minutes: Minutes) -> Record:
        """Its minutes: the version approved last by then, else the one submitted last."""
        versions = self.versions.get(minutes.pk, ())
        approved = [one for one in versions if _until(one.approved_at, self.at)]
        stands = (approved or versions or (None,))[-1]
        content = stands.content if stands else {}
        own = self.posts.settings_on(lead.branch_id, lead.on)
        due = {
            one.pk: approval_due_at(local_date(one.submitted_at), self.calendar, own)
            for one in versions
        }
        first = approved[0].number if approved else None
        return Record(
            received_at=minutes.received_at,
            items=tuple(content.get("items", ())),
            actions=tuple(content.get("actions", ())),
            approved_at=approved[0].approved_at if approved else None,
            approval_due_at=due[versions[-1].pk] if versions else None,
            decided_late=max(
                (
                    minutes_late(decided_at, due[one.pk])
                    for one in versions
                    if (first is None or one.number <= first)
                    and (decided_at := _until(one.approved_at or one.returned_at, self.at))
                ),
                default=0,
            ),
        )

    def is_by_right(self, row: Meeting, lead: Meeting, kinds: tuple[str, ...]) -> bool:
        """Whether who chaired the sitting discharges this duty of it (annexes 2, 11.6)."""
        return lead.chair_id is None or may_discharge(
            row.kind,
            kinds,
            _roles_on(self.posts, lead.branch_id, lead.on, lead.chair_id),
            self.posts.settings_on(lead.branch_id, lead.on),
            is_delegated=lead.acts_for_id is not None,
        )

    def owing(self, lead: Meeting, kinds: tuple[str, ...]) -> tuple[Person, ...]:
        """Whose it is when the sitting was not held (M1.3, annex 11.5); a deputy's last."""
        delegate = self.delegates.get(lead.pk)
        if delegate and delegate in self.posts.delegable(lead.branch_id, lead.on, kinds):
            return (delegate,)
        holders = self.posts.holding(lead.branch_id, lead.on, kinds)
        deputies = {
            person.pk for person in self.posts.people(lead.branch_id, lead.on, (Role.DEPUTY,))
        }
        return tuple(sorted(holders, key=lambda person: person.pk in deputies))


def _until(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment is not None and moment <= at else None


def standing_at(lead: Meeting, at: datetime) -> str:
    """How a sitting stood at a moment, as queries.occurrences.standing says it of now."""
    if lead.state == MeetingState.CANCELLED:
        return "cancelled"
    if _until(lead.closed_at, at):
        return "held"
    if _until(lead.opened_at, at):
        return "running"
    return "not_held" if at >= lead.ends_at else "planned"


def _roles_on(posts: Posts, branch_id: int, on: date, person_id: int) -> set[str]:
    return {
        grant.role
        for grant in posts.grants.get(branch_id, ())
        if grant.person_id == person_id
        and grant.valid_from <= on
        and (grant.valid_to is None or on < grant.valid_to)
        and is_in_post(grant.person, on)
    }


# Sign-ins


@dataclass(frozen=True)
class Stood:
    """How somebody expected stood to a meeting at a moment, called as then."""

    meeting_id: int
    person_id: int
    name: str
    state: str
    arrived_at: datetime | None


def stood_at(
    attendees: QuerySet[Attendee], at: datetime, states: Collection[str] | None = None
) -> list[Stood]:
    """How the expected stood at a moment, before what was amended later; three queries.

    Of some ``states`` only, where they are given.
    """
    before: dict[int, tuple[str, datetime | None]] = {}
    changes = AttendeeChange.objects.filter(attendee__in=attendees.order_by().values("pk"))
    for pk, state, arrived_at in changes.filter(at__gt=at).values_list(
        "attendee_id", "before", "before_at"
    ):
        before.setdefault(pk, (state, arrived_at))
    wanted = attendees
    if states is not None:
        wanted = attendees.filter(Q(state__in=states) | Q(pk__in=list(before)))
    rows = wanted.order_by().values_list(
        "pk", "meeting_id", "person_id", "person__name", "person__sort_key", "state", "arrived_at"
    )
    names = names_at(at)
    found: list[tuple[str, Stood]] = []
    for pk, meeting_id, person_id, name, sort_key, state, arrived_at in rows:
        called = names.called(person_id, Called(name, sort_key))
        stood = Stood(meeting_id, person_id, called.name, *before.get(pk, (state, arrived_at)))
        if states is None or stood.state in states:
            found.append((called.sort_key, stood))
    found.sort(key=lambda pair: (pair[1].meeting_id, pair[0], pair[1].person_id))
    return [stood for _sort_key, stood in found]


def _unsigned(pks: QuerySet[Meeting, Any], at: datetime) -> dict[int, tuple[str, ...]]:
    names: dict[int, list[str]] = defaultdict(list)
    for one in stood_at(Attendee.objects.filter(meeting__in=pks), at, UNSIGNED):
        names[one.meeting_id].append(one.name)
    return {meeting_id: tuple(of) for meeting_id, of in names.items()}


# Minutes and scans


def _versions(pks: QuerySet[Meeting, Any], at: datetime) -> dict[int, list[MinutesVersion]]:
    """What was submitted by then, by minutes, the first version first."""
    found: dict[int, list[MinutesVersion]] = defaultdict(list)
    versions = MinutesVersion.objects.filter(minutes__meeting__in=pks, submitted_at__lte=at)
    for version in versions.order_by("minutes_id", "number"):
        found[version.minutes_id].append(version)
    return found


def _papers(pks: QuerySet[Meeting, Any], at: datetime) -> dict[int, frozenset[str]]:
    scans = Scan.objects.filter(meeting__in=pks, added_at__lte=at).filter(
        Q(removed_at__isnull=True) | Q(removed_at__gt=at)
    )
    parts: dict[int, set[str]] = defaultdict(set)
    for meeting_id, part in scans.order_by().values_list("meeting_id", "part"):
        parts[meeting_id].add(part)
    return {meeting_id: frozenset(of) for meeting_id, of in parts.items()}


def leads_of(duties: Iterable[Duty]) -> list[Duty]:
    """One duty for each sitting that took place, so that a record counts once."""
    found: dict[int, Duty] = {}
    for duty in duties:
        if duty.facts.standing in ("running", "held"):
            found.setdefault(duty.lead.pk, duty)
    return list(found.values())

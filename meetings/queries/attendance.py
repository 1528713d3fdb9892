"""Who was at a month's meetings (M1–M3, A1): person by person, sitting by sitting.

A sitting counts once, whatever duties it discharges, in the month of the day on which it was
arranged; one that was not held counts for nobody (annex 11.5).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet

from core.actors import Actor
from core.errors import NotFound
from core.numbers import percent
from core.periods import Month, local_date
from meetings.choices import CAME, MeetingState, Presence
from meetings.models import Attendee, Meeting
from meetings.permissions import can_see_meetings
from meetings.queries.completeness import Stood, stood_at
from meetings.queries.occurrences import with_sittings
from organization.choices import LEADERS, BranchKind
from organization.models import Branch, Person


def sittings_held(month: Month, at: datetime) -> QuerySet[Meeting]:
    """The sittings of the month, of all branches, that had ended by a moment, or had begun and
    whose day was over: nobody signs in after it, whether somebody ends it or not."""
    ended = Q(state=MeetingState.HELD, closed_at__lte=at)
    return Meeting.objects.leading().filter(
        ended | Q(opened_at__lte=at, on__lt=local_date(at)),
        on__gte=month.first,
        on__lte=month.last,
    )


def stood_at_held(attendees: QuerySet[Attendee], at: datetime) -> list[Stood]:
    """How the expected of such sittings stood: who had not signed by then was absent."""
    return [
        replace(one, state=Presence.ABSENT) if one.state == Presence.OPEN else one
        for one in stood_at(attendees, at)
    ]


@dataclass(frozen=True)
class Attendance:
    """A person's month: at which sittings expected, and how he stood to each, earliest first."""

    person: Person
    rows: Sequence[tuple[Meeting, Stood]]

    @property
    def counts(self) -> Counter[str]:
        """How often in which state."""
        return Counter(stood.state for _meeting, stood in self.rows)

    @property
    def expected(self) -> int:
        """At how many sittings he was expected."""
        return len(self.rows)

    @property
    def came(self) -> int:
        """At how many he was, late or not."""
        return sum(self.counts[state] for state in CAME)

    @property
    def rate(self) -> str:
        """How many he attended of those at which he was neither excused nor on a trip: 95%."""
        owed = self.expected - self.counts[Presence.EXCUSED] - self.counts[Presence.TRIP]
        share = percent(self.came, owed, 0)
        return "–" if share is None else f"{share}%"

    @property
    def is_clean(self) -> bool:
        """Whether he was never late, nor away without excuse."""
        return not (self.counts[Presence.ABSENT] or self.counts[Presence.LATE])


def sees_everybody(actor: Actor, branch_id: int) -> bool:
    """Whoever leads the branch, and who sees all branches; others see their own."""
    return actor.reads_all or actor.is_at(branch_id, *LEADERS)


def attendance_of(
    branch: Branch, month: Month, at: datetime, *, person_id: int | None = None
) -> list[Attendance]:
    """The branch's month as it stands, those with most absences first, then by name.

    Of one person only, where ``person_id`` is given. Five queries, however many people.
    """
    sittings = sittings_held(month, at).filter(branch=branch)
    attendees = Attendee.objects.filter(meeting__in=sittings.values("pk"))
    if person_id is not None:
        attendees = attendees.filter(person_id=person_id)
    meetings = {one.pk: one for one in with_sittings(sittings)}
    rows: dict[int, list[tuple[Meeting, Stood]]] = defaultdict(list)
    for stood in stood_at_held(attendees, at):
        rows[stood.person_id].append((meetings[stood.meeting_id], stood))
    people = Person.objects.in_bulk(list(rows))
    found = [
        Attendance(people[pk], sorted(of, key=lambda row: (row[0].starts_at, row[0].pk)))
        for pk, of in rows.items()
    ]
    return sorted(
        found,
        key=lambda one: (
            -one.counts[Presence.ABSENT],
            -one.counts[Presence.LATE],
            one.person.sort_key,
            one.person.pk,
        ),
    )


def attendance_for(
    actor: Actor, branch_id: int, month: Month, at: datetime
) -> tuple[Branch, list[Attendance]]:
    """The branch and its month as somebody sees it: all of it, or himself.

    NotFound for another's branch and for a month that has not begun.
    """
    found = Branch.objects.filter(kind=BranchKind.BRANCH, pk=branch_id)
    if actor.branches is not None:
        found = found.filter(pk__in=actor.branches)
    branch = found.first() if can_see_meetings(actor) else None
    if branch is None or month > Month.containing(local_date(at)):
        raise NotFound
    own = None if sees_everybody(actor, branch_id) else (actor.person_id or 0)
    return branch, attendance_of(branch, month, at, person_id=own)

"""A branch's month of meetings, as rows and, further ahead, as the rule has it."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Q

from core.periods import Month, local_date
from duties.queries import periods_due
from meetings.choices import MeetingKind, MeetingState
from meetings.models import Meeting
from meetings.queries.occurrences import kinds_of, standing, with_sittings
from organization.models import Branch

# Where it was to be by the rule, and is not: the row is counted where it really is.
ELSEWHERE: Final = ("moved", "joined")


@dataclass(frozen=True)
class Occurrence:
    """A meeting as a month shows it; ``meeting`` is None where only the rule knows of it yet.

    On the day of the rule from which it was taken away it stands once more, as "moved" or as
    "joined" to another sitting.
    """

    on: date
    kinds: tuple[str, ...]
    starts_at: datetime
    standing: str
    meeting: Meeting | None = None


def occurrences_of(branch: Branch, month: Month, at: datetime) -> list[Occurrence]:
    """Everything of a branch's month, earliest first; a fixed number of queries.

    What is held together with another stands there once, as that sitting. What is to come and has
    no row yet is said by the rule.
    """
    is_here = Q(on__gte=month.first, on__lte=month.last)
    was_here = Q(planned_on__gte=month.first, planned_on__lte=month.last)
    rows = list(with_sittings(Meeting.objects.filter(is_here | was_here, branch=branch)))
    found = [
        Occurrence(row.on, kinds_of(row), row.starts_at, standing(row, at), row)
        for row in rows
        if row.sitting_id is None and row.on in month
    ]
    found += [
        Occurrence(
            row.planned_on,
            (row.kind,),
            row.starts_at,
            "moved" if row.sitting_id is None else "joined",
            row,
        )
        for row in rows
        if row.planned_on in month and row.on != row.planned_on
    ]
    known = {(row.kind, row.key) for row in rows}
    if month.last >= local_date(at):
        found += [
            Occurrence(
                local_date(line.times.opens_at), (line.kind,), line.times.opens_at, "planned"
            )
            for line in periods_due(month.first, month.last, [branch], MeetingKind.values)
            if line.times.opens_at > at and (line.kind, line.period.key) not in known
        ]
    return sorted(found, key=lambda one: (one.on, one.starts_at, one.kinds))


def counts_of(occurrences: Iterable[Occurrence]) -> dict[str, int]:
    """How many stand how, each counted once."""
    return dict(Counter(one.standing for one in occurrences if one.standing not in ELSEWHERE))


def next_meeting(branch_ids: Collection[int], at: datetime) -> Meeting | None:
    """The sitting of these branches that runs or comes next; None where nothing is laid out."""
    coming = Meeting.objects.leading().filter(
        branch_id__in=branch_ids,
        state__in=[MeetingState.PLANNED, MeetingState.RUNNING],
        ends_at__gt=at,
    )
    return with_sittings(coming).order_by("starts_at", "pk").first()

"""What an inspector marks: the sittings with content to mark, and the marks that stand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.actors import Actor
from core.errors import NotFound
from core.periods import Month, local_date
from inspections.models import ContentMark
from inspections.sources.meetings import marks_at, minuted_in, sittings_of
from meetings.choices import TopicKind
from meetings.completeness import content_kinds
from meetings.models import Meeting, Minutes
from meetings.queries.minutes import sitting_for
from meetings.queries.occurrences import kinds_of
from organization.queries import branches_open_in


@dataclass(frozen=True)
class Marking:
    """A sitting's contents: what is owed of it, what was marked, how often it was written.

    ``is_ready`` once its minutes were handed in. ``version`` counts every mark ever given.
    """

    meeting: Meeting
    topics: tuple[TopicKind, ...]
    marks: Mapping[str, ContentMark]
    is_ready: bool
    version: int


def marking_of(actor: Actor, meeting_id: int, at: datetime) -> Marking:
    """The contents of a meeting's sitting as its reader sees it; NotFound."""
    lead = sitting_for(actor, meeting_id)
    given = ContentMark.objects.filter(meeting=lead).select_related("marked_by")
    rows = list(given.order_by("marked_at", "pk"))
    topics = content_kinds(kinds_of(lead))
    standing = {row.topic: row for row in rows if row.replaced_at is None}
    return Marking(
        meeting=lead,
        topics=topics,
        marks={topic.value: standing[topic] for topic in topics if topic in standing},
        is_ready=Minutes.objects.filter(meeting=lead, received_at__lte=at).exists(),
        version=len(rows),
    )


@dataclass(frozen=True)
class ToMark:
    """A sitting of the month with content to mark, and how far that has come."""

    meeting: Meeting
    kinds: tuple[str, ...]
    topics: tuple[TopicKind, ...]
    marks: Mapping[str, int]
    has_minutes: bool

    @property
    def is_marked(self) -> bool:
        """Whether every kind has its mark."""
        return all(topic in self.marks for topic in self.topics)


def contents_of(month: Month, branch_ids: Collection[int], at: datetime) -> list[ToMark]:
    """The month's sittings whose content is marked, by branch and day; fixed number of queries."""
    sittings = [
        one for one in sittings_of(minuted_in(month, branch_ids, at)) if content_kinds(one.kinds)
    ]
    marks = marks_at({one.lead_id for one in sittings}, at)
    found = [
        ToMark(
            one.duty.lead,
            one.kinds,
            content_kinds(one.kinds),
            {mark.topic: mark.mark for mark in marks.get(one.lead_id, ())},
            one.duty.facts.record is not None,
        )
        for one in sittings
    ]
    return sorted(found, key=lambda one: (one.meeting.branch.code, one.meeting.on, one.meeting.pk))


def contents_for(actor: Actor, month: Month, at: datetime) -> list[ToMark]:
    """The month's sittings to mark, of all branches; NotFound for who does not see every branch,
    and of months to come."""
    if not actor.reads_all or month > Month.containing(local_date(at)):
        raise NotFound
    branches = branches_open_in(month.first, month.last)
    return contents_of(month, [branch.pk for branch in branches], at)

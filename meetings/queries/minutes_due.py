"""What minutes imply for people, by when (M2.2, M3.2, A3): write them, mend them, approve them.

``config.tables.DUE_SOURCES`` names ``due_items``; nothing of it is ever stored.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from core.periods import local_date
from core.queries import calendar
from duties.rules import DueItem
from meetings.choices import MINUTED, MeetingState, MinutesState
from meetings.models import Meeting, Minutes
from meetings.queries.occurrences import with_sittings
from meetings.rules import approval_due_at, minutes_due_at
from meetings.words import sitting_name
from organization.choices import BRANCH_ROLES, HEADS
from organization.in_force import settings_through
from organization.models import Person, RoleGrant

# A meeting's minutes are due on the next working day; no holiday is as long as this.
_LONGEST: Final = timedelta(days=20)


def due_items(
    person_ids: Collection[int], first: datetime, last: datetime, at: datetime | None = None
) -> list[DueItem]:
    """Minutes that these people must write, mend or approve, due in the span; five queries."""
    posts = _posts(person_ids, local_date(at or last))
    found = (*_to_write(person_ids, first, last), *_to_finish(person_ids, posts, first))
    return sorted(
        (item for item in found if first <= item.due_at <= last),
        key=lambda item: (item.due_at, item.url, item.person_id),
    )


def _to_write(person_ids: Collection[int], first: datetime, last: datetime) -> Iterator[DueItem]:
    """Recorders of meetings that ended and must be minuted; of a stand-up notes are optional."""
    own = Meeting.objects.filter(sitting=OuterRef("pk"), kind__in=MINUTED)
    held = with_sittings(
        Meeting.objects.filter(
            Q(kind__in=MINUTED) | Exists(own),
            state=MeetingState.HELD,
            recorder_id__in=person_ids,
            on__gt=local_date(first - _LONGEST),
            closed_at__lte=last,
            minutes__isnull=True,
        )
    )
    rows = list(held)
    if not rows:
        return
    days = [row.on for row in rows]
    known = calendar(min(days).year, max(days).year + 1)
    history = settings_through(max(days))
    for row in rows:
        if row.recorder_id is None:
            continue
        due_at = minutes_due_at(row.on, known, history.of(row.branch_id, row.on))
        yield _item(row, row.recorder_id, _("写会议纪要：%(meeting)s"), due_at)


@dataclass(frozen=True)
class _Posts:
    """Of some people those who head branches now, and who of all holds a post where."""

    heads: Mapping[int, Collection[int]]
    here: Collection[tuple[int, int]]

    def approvers(self, lead: Meeting) -> Collection[int]:
        """Who is to approve: the chair, or where he has gone the heads, never the recorder."""
        if lead.chair_id is None or (lead.chair_id, lead.branch_id) in self.here:
            return {lead.chair_id} if lead.chair_id else set()
        return set(self.heads.get(lead.branch_id, ())) - {lead.recorder_id}


def _posts(person_ids: Collection[int], on: date) -> _Posts:
    grants = RoleGrant.objects.in_force_on(on).filter(
        role__in=BRANCH_ROLES, person__in=Person.objects.in_post_on(on)
    )
    mine = grants.filter(person_id__in=person_ids, role__in=HEADS)
    heads: dict[int, set[int]] = defaultdict(set)
    for branch_id, person_id in mine.values_list("branch_id", "person_id"):
        heads[branch_id].add(person_id)
    waiting = Minutes.objects.filter(state=MinutesState.SUBMITTED)
    chairs = grants.filter(person_id__in=waiting.values("meeting__chair_id"))
    return _Posts(heads, set(chairs.values_list("person_id", "branch_id")))


def _to_finish(person_ids: Collection[int], posts: _Posts, first: datetime) -> Iterator[DueItem]:
    """What was given back to its recorder, by the next working day after that; what waits for its
    chair, or where he has gone for a head, within the days that he has (``approval_days``)."""
    rows = list(
        Minutes.objects.filter(updated_at__gt=first - _LONGEST)
        .filter(
            Q(state=MinutesState.RETURNED, meeting__recorder_id__in=person_ids)
            | Q(state=MinutesState.SUBMITTED, meeting__chair_id__in=person_ids)
            | Q(state=MinutesState.SUBMITTED, meeting__branch_id__in=posts.heads)
        )
        .select_related("meeting__branch")
        .prefetch_related("meeting__joined")
    )
    if not rows:
        return
    days = [local_date(row.updated_at) for row in rows]
    known = calendar(min(days).year, max(days).year + 1)
    history = settings_through(max(days))
    for row in rows:
        lead = row.meeting
        since = row.decided_at or row.submitted_at
        on = local_date(since)
        own = history.of(lead.branch_id, on)
        if row.state == MinutesState.RETURNED and lead.recorder_id is not None:
            due_at = minutes_due_at(on, known, own)
            yield _item(lead, lead.recorder_id, _("改会议纪要：%(meeting)s"), due_at)
        elif row.state == MinutesState.SUBMITTED:
            due_at = approval_due_at(on, known, own)
            for person_id in posts.approvers(lead):
                if person_id in person_ids:
                    yield _item(lead, person_id, _("审批会议纪要：%(meeting)s"), due_at)


def _item(lead: Meeting, person_id: int, title: str, due_at: datetime) -> DueItem:
    return DueItem(
        person_id=person_id,
        kind="minutes",
        title=title % {"meeting": sitting_name(lead)},
        context=lead.branch.name,
        due_at=due_at,
        url=reverse("minutes", args=[lead.pk]),
    )

"""The meetings of somebody's day that are not over: to hold, to attend."""

from dataclasses import dataclass
from datetime import datetime

from core.actors import Actor
from core.periods import local_date
from meetings.choices import MeetingState
from meetings.models import Meeting
from meetings.queries.occurrences import posts_for, with_sittings
from meetings.rules import may_hold


@dataclass(frozen=True)
class OwnMeeting:
    """A sitting to which somebody belongs; ``is_held_by_him`` is whether he may hold it."""

    meeting: Meeting
    is_held_by_him: bool


def meetings_today(actor: Actor, at: datetime) -> list[OwnMeeting]:
    """The sittings of today, to come or going on, that the actor attends or may hold.

    The earliest first; a fixed number of queries.
    """
    if actor.person_id is None:
        return []
    coming = Meeting.objects.leading().filter(
        branch_id__in={branch_id for _role, branch_id in actor.posts},
        on=local_date(at),
        state__in=(MeetingState.PLANNED, MeetingState.RUNNING),
    )
    rows = [
        row
        for row in with_sittings(coming).order_by("starts_at", "pk")
        if row.state == MeetingState.RUNNING or at < row.ends_at
    ]
    posts = posts_for(rows)
    found = []
    for row in rows:
        delegate = posts.delegate(row)
        is_held_by_him = may_hold(
            actor.person_id,
            holders={person.pk for person in posts.holders(row)},
            delegate_id=delegate.pk if delegate else None,
        )
        if is_held_by_him or actor.person_id in {person.pk for person in posts.expected(row)}:
            found.append(OwnMeeting(row, is_held_by_him))
    return found

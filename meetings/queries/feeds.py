"""Whose calendar an address is, and which meetings stand in it."""

from datetime import datetime, timedelta
from typing import Final

from core.periods import local_date
from core.sealing import blind
from meetings.models import CalendarFeed, Meeting
from meetings.queries.occurrences import posts_for, sitting_of, with_sittings
from organization.models import Person, RoleGrant
from organization.queries import is_in_post

BEHIND: Final = timedelta(days=62)
AHEAD: Final = timedelta(days=400)


def hash_of(secret: str) -> str:
    """What is stored of an address: an HMAC under a key outside the database."""
    return blind(f"calendar:{secret}")


def feed_of(person_id: int) -> CalendarFeed | None:
    """The address in use of somebody, None without one."""
    return CalendarFeed.objects.filter(person_id=person_id, ended_at__isnull=True).first()


def feed_by(secret: str, at: datetime) -> CalendarFeed | None:
    """The address in use with this secret, of somebody in post; None for any other."""
    feed = (
        CalendarFeed.objects.filter(key_hash=hash_of(secret), ended_at__isnull=True)
        .select_related("person")
        .first()
    )
    return feed if feed and is_in_post(feed.person, local_date(at)) else None


def meetings_of_person(person: Person, at: datetime) -> list[Meeting]:
    """The meetings that somebody must attend, may hold or is delegated to, from two months ago
    on, earliest first; what is held together with another is among them. A fixed number of
    queries."""
    first, last = local_date(at - BEHIND), local_date(at + AHEAD)
    branches = RoleGrant.objects.filter(person=person).values("branch_id")
    meetings = with_sittings(
        Meeting.objects.filter(branch__in=branches, on__gte=first, on__lte=last)
    ).order_by("starts_at", "pk")
    found = list(meetings)
    posts = posts_for(found)

    def concerns(meeting: Meeting) -> bool:
        people = [*posts.expected(meeting), *posts.holders(meeting), posts.delegate(meeting)]
        return person in people

    mine: dict[int, bool] = {}
    for meeting in found:
        lead = sitting_of(meeting)
        if lead.pk not in mine:
            mine[lead.pk] = concerns(lead)
    return [meeting for meeting in found if mine[sitting_of(meeting).pk]]

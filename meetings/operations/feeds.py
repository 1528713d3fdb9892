"""The secret address under which a person's calendar is subscribed: made, read, revoked."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Refused
from core.unique import unless_taken
from meetings.models import CalendarFeed
from meetings.permissions import can_see_meetings
from meetings.queries.feeds import hash_of
from organization.models import Person

_READ_NOTED: Final = timedelta(minutes=15)


@transaction.atomic
def make_feed(*, actor: Actor, at: datetime) -> tuple[CalendarFeed, str]:
    """An address for one's calendar: the row and its secret, which is shown once and not stored.

    The address before it leads nowhere from now on.
    """
    person = _self(actor)
    ended = _open(person).update(ended_at=at)
    secret = secrets.token_urlsafe(24)
    with unless_taken(lambda: None):
        feed = CalendarFeed.objects.create(person=person, key_hash=hash_of(secret), made_at=at)
    _record("meetings.make_feed", person, actor, at, before=ended, after=1)
    return feed, secret


@transaction.atomic
def end_feed(*, actor: Actor, at: datetime) -> None:
    """Make one's address useless from now on."""
    person = _self(actor)
    if not _open(person).update(ended_at=at):
        raise Refused(_("没有在用的日历地址。"))
    _record("meetings.end_feed", person, actor, at, before=1, after=0)


def note_read(feed: CalendarFeed, at: datetime) -> None:
    """Note that a calendar was fetched; at most once in a quarter of an hour."""
    is_due = Q(read_at__isnull=True) | Q(read_at__lte=at - _READ_NOTED)
    CalendarFeed.objects.filter(is_due, pk=feed.pk).update(read_at=at)


def _open(person: Person) -> QuerySet[CalendarFeed]:
    return CalendarFeed.objects.filter(person=person, ended_at__isnull=True)


def _self(actor: Actor) -> Person:
    if not can_see_meetings(actor):
        raise NotAllowed(_("只有参加会议的人才有会议日历。"))
    return Person.objects.get(pk=actor.somebody)


def _record(
    what: str, person: Person, actor: Actor, at: datetime, *, before: int, after: int
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="calendar_feed",
        target_id=person.pk,
        target_label=person.name,
        branch_id=person.branch_id,
        before={"addresses": before},
        after={"addresses": after},
    )

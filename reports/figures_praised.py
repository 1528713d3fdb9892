"""What a month's meetings show that deserves praise (E6): full attendance, contents marked 5."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from core.periods import Month
from inspections.models import ContentMark
from inspections.rules import CONTENT_BEST
from kpi.roster import Roster
from meetings.choices import CAME, Presence
from meetings.models import Attendee
from meetings.queries.attendance import sittings_held, stood_at_held
from meetings.queries.occurrences import with_sittings
from meetings.words import sitting_name

Figures = dict[str, Any]


def praised_at(month: Month, roster: Roster, frozen_at: datetime) -> Figures:
    """Both (E6) as things stood when the month's reports froze, like the faults; a fixed number of
    statements."""
    return {
        "attendance": _attendance(month, roster, frozen_at),
        "contents": _contents(month, frozen_at),
    }


def _attendance(month: Month, roster: Roster, at: datetime) -> list[Figures]:
    """The managers who came to meetings and were never late, nor away without excuse."""
    attendees = Attendee.objects.filter(meeting__in=sittings_held(month, at).values("pk"))
    states: dict[int, Counter[str]] = defaultdict(Counter)
    for stood in stood_at_held(attendees, at):
        states[stood.person_id][stood.state] += 1
    found = []
    for member in roster.members:
        counts = states[member.manager_id]
        came = sum(counts[state] for state in CAME)
        if came and not (counts[Presence.ABSENT] or counts[Presence.LATE]):
            url = reverse("attendance-month", args=[month.key, member.branch.pk])
            found.append(
                {
                    "manager": member.manager_id,
                    "branch": member.branch.pk,
                    "came": came,
                    "url": f"{url}?of={member.manager_id}",
                }
            )
    return found


def _contents(month: Month, at: datetime) -> list[Figures]:
    """The sittings of which an inspector gave a kind of content the best mark."""
    sittings = sittings_held(month, at)
    topics: dict[int, list[str]] = defaultdict(list)
    stood = Q(replaced_at__isnull=True) | Q(replaced_at__gt=at)
    for mark in ContentMark.objects.filter(
        stood, marked_at__lte=at, mark=CONTENT_BEST, meeting__in=sittings.values("pk")
    ).order_by("meeting_id", "pk"):
        topics[mark.meeting_id].append(str(mark.get_topic_display()))
    return [
        {
            "meeting": one.pk,
            "branch": one.branch_id,
            "name": sitting_name(one),
            "on": one.on.isoformat(),
            "topics": topics[one.pk],
            "url": reverse("meeting", args=[one.pk]),
        }
        for one in with_sittings(sittings.filter(pk__in=topics)).order_by(
            "branch__code", "starts_at", "pk"
        )
    ]

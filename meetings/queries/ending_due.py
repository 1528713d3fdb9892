"""Meetings that somebody began and did not end: to be ended by whoever holds them (annex 3.5).

``config.tables.DUE_SOURCES`` names ``due_items``; nothing of it is ever stored.
"""

from collections.abc import Collection
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from duties.rules import DueItem
from meetings.choices import MeetingState
from meetings.models import Meeting
from meetings.queries.occurrences import posts_for, with_sittings
from meetings.words import sitting_name


def due_items(
    person_ids: Collection[int], first: datetime, last: datetime, at: datetime | None = None
) -> list[DueItem]:
    """The meetings of these people that run past their end: the chair's, else its holders'.

    A fixed number of queries.
    """
    running = Meeting.objects.filter(
        state=MeetingState.RUNNING, ends_at__gte=first, ends_at__lte=min(last, at or last)
    )
    rows = list(with_sittings(running).order_by("ends_at", "pk"))
    posts = posts_for(rows)
    return [
        DueItem(
            person_id=person_id,
            kind="meeting",
            title=_("结束会议：%(meeting)s") % {"meeting": sitting_name(row)},
            context=row.branch.name,
            due_at=row.ends_at,
            url=reverse("meeting-room", args=[row.pk]),
        )
        for row in rows
        for person_id in sorted(_ending(row, {one.pk for one in posts.owing(row)}))
        if person_id in person_ids
    ]


def _ending(meeting: Meeting, owing: set[int]) -> set[int]:
    chair = {meeting.chair_id} if meeting.chair_id is not None else set()
    return chair & owing or owing

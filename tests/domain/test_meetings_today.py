"""What is left of somebody's day of meetings is read in a fixed number of statements."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk.meeting_lines import meeting_lines
from meetings.models import Meeting
from tests.cast import Cast, at
from tests.domain.meetings_at import TUESDAY, meetings_made, standup

pytestmark = pytest.mark.django_db
EIGHT = at(f"{TUESDAY} 08:00:00")


def test_one_meeting_or_fifty_take_the_same_statements(cast: Cast) -> None:
    meetings_made(cast)
    first = standup(cast)

    def lines(name: str) -> tuple[int, int]:
        actor = cast.actor(name, on=EIGHT)
        with CaptureQueriesContext(connection) as queries:
            found = meeting_lines(actor, EIGHT)
        return len(found), len(queries)

    before = {name: lines(name) for name in ("林晓岚", "周建平")}
    Meeting.objects.bulk_create(
        Meeting(
            kind="standup",
            branch=first.branch,
            key=f"more-{n}",
            planned_on=first.on,
            on=first.on,
            starts_at=first.starts_at + timedelta(minutes=n),
            ends_at=first.ends_at + timedelta(minutes=n),
            updated_at=EIGHT,
        )
        for n in range(1, 50)
    )
    for name, (count, statements) in before.items():
        assert (count, lines(name)) == (1, (50, statements))

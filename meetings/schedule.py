"""The meetings' clock: occurrences made ahead, and the two reminders of each (annex 2)."""

from datetime import datetime, timedelta
from typing import Final

from core import jobs
from core.periods import Week, instant, local_date
from duties.operations import WEEKS_AHEAD
from meetings.choices import MeetingState
from meetings.models import Meeting
from meetings.operations.occurrences import meetings_of_periods
from meetings.rules import REMIND_BEFORE
from organization.in_force import settings_through

_AROUND: Final = timedelta(days=2)


def plan_meetings(since: datetime, until: datetime) -> None:
    """The occurrences of the window's weeks and of the next two, of every branch; after their
    periods (duties.schedule.plan_periods)."""
    last = Week.containing(local_date(until)).plus(WEEKS_AHEAD)
    meetings_of_periods(Week.containing(local_date(since)).monday, last.sunday)


def plan_meeting_reminders(since: datetime, until: datetime) -> None:
    """One job for each moment at which somebody is reminded: the evening before and ten minutes
    before; whom of, and whether the meeting still stands, is looked at when it runs."""
    coming = list(
        Meeting.objects.leading().filter(
            state=MeetingState.PLANNED, starts_at__gt=since, starts_at__lte=until + _AROUND
        )
    )
    if not coming:
        return
    history = settings_through(max(meeting.on for meeting in coming))
    evenings: dict[datetime, datetime] = {}
    soon: dict[datetime, datetime] = {}
    for meeting in coming:
        eve = meeting.on - timedelta(days=1)
        evening = instant(eve, history.of(meeting.branch_id, eve).meeting_evening)
        for moments, moment in ((evenings, evening), (soon, meeting.starts_at - REMIND_BEFORE)):
            if since < moment <= until:
                moments[moment] = max(moments.get(moment, meeting.starts_at), meeting.starts_at)
    for kind, moments in (("meetings.remind_evening", evenings), ("meetings.remind_soon", soon)):
        for moment, last in sorted(moments.items()):
            jobs.enqueue(
                kind=kind, key=f"{moment:%Y-%m-%dT%H:%MZ}", args={}, at=moment, drop_after=last
            )

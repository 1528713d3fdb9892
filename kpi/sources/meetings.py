"""Meetings attended (M1–M3, A1, annex 5.3 P3d): 0.2 off per unexcused absence, 0.1 per lateness.

A sitting counts once, whatever duties it discharges, in the month of the day on which it was
arranged, as the sign-in stood at the cut. Who was excused or on a trip loses nothing; of a meeting
that was not held nobody was absent (annex 11.5). Once its day is over whoever has not signed was,
whether somebody has ended it or not.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formats import hour, short_day
from core.periods import Month
from kpi.inputs import Inputs
from kpi.metrics import ByItem, CountedRow, Metric, OpenDuty
from meetings.choices import MeetingState, Presence
from meetings.models import Attendee, Meeting
from meetings.queries.attendance import sittings_held, stood_at_held
from meetings.queries.completeness import Stood
from meetings.queries.occurrences import posts_for, with_sittings
from meetings.words import sitting_name
from organization.models import RoleGrant

# What a sign-in costs: the state -> the option of annex 5's item.
OPTIONS: Final = {Presence.ABSENT: "absent", Presence.LATE: "late"}
# The chip of each state (core.chips) in a sheet.
_CHIPS: Final = {
    Presence.PRESENT: "present",
    Presence.LATE: "late",
    Presence.EXCUSED: "leave",
    Presence.TRIP: "away",
    Presence.ABSENT: "wrong",
}


def _stood(month: Month, manager_ids: Collection[int], cut: datetime) -> list[Stood]:
    attendees = Attendee.objects.filter(
        meeting__in=sittings_held(month, cut).values("pk"), person_id__in=manager_ids
    )
    return stood_at_held(attendees, cut)


def _inputs(states: Counter[str]) -> Inputs:
    return {
        "cases": [
            {"option": option, "count": str(states[state])}
            for state, option in OPTIONS.items()
            if states[state]
        ]
    }


def compute(
    month: Month, manager_ids: Collection[int], cut: datetime, items: Collection[str]
) -> ByItem:
    """Absences and latenesses by manager; None where somebody was expected nowhere. Two queries."""
    states: dict[int, Counter[str]] = defaultdict(Counter)
    for one in _stood(month, manager_ids, cut):
        states[one.person_id][one.state] += 1
    found = {
        manager_id: _inputs(states[manager_id]) if manager_id in states else None
        for manager_id in manager_ids
    }
    return dict.fromkeys(items, found)


def rows(month: Month, manager_id: int, cut: datetime, item: str) -> Sequence[CountedRow]:
    """The sittings at which the manager was expected: what cost points first, then by day."""
    stood = _stood(month, [manager_id], cut)
    pks = [one.meeting_id for one in stood]
    meetings = {one.pk: one for one in with_sittings(Meeting.objects.filter(pk__in=pks))}
    ordered = sorted(
        stood,
        key=lambda one: (one.state not in OPTIONS, meetings[one.meeting_id].starts_at),
    )
    return [_row(meetings[one.meeting_id], one) for one in ordered]


def _row(meeting: Meeting, one: Stood) -> CountedRow:
    arrived = _("签到 %(hour)s") % {"hour": hour(one.arrived_at)} if one.arrived_at else ""
    state = Presence(one.state)
    return CountedRow(
        label=f"{short_day(meeting.on)} {sitting_name(meeting)}",
        note=arrived,
        state=_CHIPS[state],
        state_text=str(state.label),
        url=reverse("meeting", args=[meeting.pk]),
    )


def open_duties(
    month: Month, manager_id: int, at: datetime, items: Collection[str]
) -> Sequence[OpenDuty]:
    """The month's next meeting at which the manager is expected: staying away costs points."""
    branches = RoleGrant.objects.filter(person_id=manager_id).values("branch_id")
    coming = (
        Meeting.objects.leading()
        .filter(
            branch_id__in=branches,
            state=MeetingState.PLANNED,
            starts_at__gt=at,
            on__gte=month.first,
            on__lte=month.last,
        )
        .order_by("starts_at", "pk")
    )
    meeting = with_sittings(coming).first()
    if meeting is None or manager_id not in {
        one.pk for one in posts_for([meeting]).expected(meeting)
    }:
        return []
    states = Counter(one.state for one in _stood(month, [manager_id], at))
    missed = states + Counter({Presence.ABSENT.value: 1})
    label = f"{short_day(meeting.on)} {sitting_name(meeting)}"
    return [
        OpenDuty(
            manager_id=manager_id,
            item=item,
            label=label,
            due_at=meeting.starts_at,
            url=reverse("meeting", args=[meeting.pk]),
            inputs=_inputs(states),
            otherwise=_inputs(missed),
        )
        for item in items
    ]


METRIC: Final = Metric(
    key="meetings.attended",
    label=gettext_lazy("会议出勤"),
    formulas=frozenset({"DEDUCT"}),
    compute=compute,
    rows=rows,
    open_duties=open_duties,
)

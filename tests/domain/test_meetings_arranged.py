"""What follows from an arrangement: duty periods, stand-ups, delegations (M1, M2, A1, annex 2).

The week of 30 November 2026 has its meeting on Monday and a stand-up on every other day.
"""

from datetime import date, time
from typing import Any

import pytest

from core.errors import NotAllowed, Refused
from core.models import AuditRow
from core.periods import Month, local
from duties.models import DutyPeriod, Notice
from duties.queries import periods_due
from meetings.models import Delegation, Meeting
from meetings.operations.combining import combine_meetings, separate_meetings
from meetings.operations.delegations import delegate_holding
from meetings.operations.occurrences import cancel_meeting, move_meeting, restore_meeting
from meetings.operations.rooms import open_room
from meetings.permissions import can_hold
from meetings.queries.completeness import duties_of
from meetings.queries.occurrences import delegate_of, who_owes
from meetings.words import reason_of
from organization.models import Person
from organization.operations.settings import set_setting
from tests.cast import NOON, Cast, at
from tests.domain.meetings_at import meetings_made, the

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2))
WEEK = "2026-W49"


@pytest.fixture
def ahead(cast: Cast) -> Cast:
    meetings_made(cast)
    return cast


def moved(cast: Cast, kind: str, key: str, on: date, start: time, **more: Any) -> Meeting:
    meeting = the(cast, kind, key)
    return move_meeting(
        **{
            "meeting_id": meeting.pk,
            "on": on,
            "start": start,
            "reason": "省公司来人",
            "expected_version": meeting.version,
            "actor": cast.actor("赵国梁"),
            "at": NOON,
            **more,
        }
    )


def combined(cast: Cast, lead: Meeting, joined: Meeting) -> Meeting:
    return combine_meetings(
        lead_id=lead.pk,
        joined_id=joined.pk,
        expected_version=lead.version,
        actor=cast.actor("赵国梁"),
        at=NOON,
    )


def delegated(cast: Cast, meeting: Meeting, to: str, who: str = "周建平") -> Meeting:
    return delegate_holding(
        meeting_id=meeting.pk,
        delegate_id=cast[to].pk,
        reason="去省公司开会",
        expected_version=meeting.version,
        actor=cast.actor(who),
        at=NOON,
    )


def lines(cast: Cast, kind: str, first: date, last: date) -> list[str]:
    """The branch's duties of a kind as the command prints them; rows of periods say the same."""
    found = [
        (one.period.key, local(one.times.opens_at), local(one.times.deadline_at))
        for one in periods_due(first, last, [cast.east], [kind])
    ]
    rows = DutyPeriod.objects.filter(branch=cast.east, kind=kind).order_by("deadline_at")
    assert found == [
        (row.key, local(row.opens_at), local(row.deadline_at))
        for row in rows
        if first <= local(row.deadline_at).date() <= last
    ]
    return [f"{key} {begin:%m-%d %H:%M}-{end:%H:%M}" for key, begin, end in found]


def mornings(cast: Cast) -> dict[str, str]:
    """How Monday's, Tuesday's and Wednesday's stand-ups stand; "-" where there is none."""
    found = {
        one.key[5:]: one.state if not one.is_by_hand else f"{one.state} by hand"
        for one in Meeting.objects.filter(
            branch=cast.east, kind="standup", on__range=(MONDAY, WEDNESDAY)
        )
    }
    return {f"{on:%m-%d}": found.get(f"{on:%m-%d}", "-") for on in (MONDAY, TUESDAY, WEDNESDAY)}


# Duty periods say when their meetings are.


def test_a_duty_says_the_time_to_which_its_meeting_was_moved(ahead: Cast) -> None:
    assert lines(ahead, "weekly", date(2026, 12, 7), date(2026, 12, 8)) == [
        "2026-W50 12-07 08:30-09:00"
    ]
    moved(ahead, "weekly", "2026-W50", date(2026, 12, 8), time(10, 0))
    assert lines(ahead, "weekly", date(2026, 12, 7), date(2026, 12, 7)) == []
    assert lines(ahead, "weekly", date(2026, 12, 8), date(2026, 12, 8)) == [
        "2026-W50 12-08 10:00-10:30"
    ]


def test_of_two_held_together_each_duty_says_the_sittings_time(ahead: Cast) -> None:
    december = (date(2026, 12, 1), date(2026, 12, 31))
    lead = combined(ahead, the(ahead, "weekly", "2026-W52"), the(ahead, "analysis", "2026-12"))
    assert lines(ahead, "analysis", *december) == ["2026-12 12-21 08:30-10:00"]
    moved(ahead, "weekly", "2026-W52", date(2026, 12, 22), time(9, 0))
    assert lines(ahead, "analysis", *december) == ["2026-12 12-22 09:00-10:30"]
    joined = lead.joined.get()
    apart = separate_meetings(
        joined_id=joined.pk, expected_version=joined.version, actor=ahead.actor("赵国梁"), at=NOON
    )
    assert lines(ahead, "analysis", *december) == ["2026-12 12-24 15:00-16:30"]
    assert apart.version == the(ahead, "analysis", "2026-12").version
    # Alone again the weekly meeting lasts as long as its own rule says.
    assert lines(ahead, "weekly", date(2026, 12, 22), date(2026, 12, 22)) == [
        "2026-W52 12-22 09:00-09:30"
    ]


def test_cancelled_by_hand_the_duty_stands_where_it_was_arranged(ahead: Cast) -> None:
    meeting = moved(ahead, "gm", "2026-12", date(2026, 12, 18), time(10, 0))
    meeting = cancel_meeting(
        meeting_id=meeting.pk, reason="总经理出差", expected_version=meeting.version,
        actor=ahead.actor("赵国梁"), at=NOON,
    )  # fmt: skip
    december = (date(2026, 12, 1), date(2026, 12, 31))
    assert lines(ahead, "gm", *december) == ["2026-12 12-18 10:00-11:30"]
    meeting = restore_meeting(
        meeting_id=meeting.pk, expected_version=meeting.version,
        actor=ahead.actor("赵国梁"), at=NOON,
    )  # fmt: skip
    assert meeting.is_by_hand  # it is not when the rule says
    moved(ahead, "gm", "2026-12", date(2026, 12, 16), time(15, 0))
    assert lines(ahead, "gm", *december) == ["2026-12 12-16 15:00-16:30"]


def test_what_was_arranged_stays_when_the_settings_change(ahead: Cast) -> None:
    moved(ahead, "weekly", WEEK, TUESDAY, time(10, 0))
    for key in ("weekly_meeting_time", "standup_time"):
        set_setting(
            branch_id=ahead.east.pk, key=key, value="09:15", valid_from=date(2026, 11, 27),
            actor=ahead.actor("马骏"), at=NOON,
        )  # fmt: skip
    assert lines(ahead, "weekly", MONDAY, WEDNESDAY) == ["2026-W49 12-01 10:00-10:30"]
    assert lines(ahead, "standup", MONDAY, WEDNESDAY) == [
        "2026-11-30 11-30 09:15-09:35",
        "2026-12-02 12-02 09:15-09:35",
    ]


# On the day of the weekly meeting it replaces the stand-up (annex 2).


def test_the_weekly_meeting_replaces_the_stand_up_of_its_new_day_and_back(ahead: Cast) -> None:
    assert mornings(ahead) == {"11-30": "-", "12-01": "planned", "12-02": "planned"}
    # At the stand-up's own hour: it gives way.
    moved(ahead, "weekly", WEEK, TUESDAY, time(8, 30))
    assert mornings(ahead) == {"11-30": "planned", "12-01": "cancelled", "12-02": "planned"}
    assert reason_of(the(ahead, "standup", "2026-12-01")) == "当天开每周例会，不另开晨会"
    assert lines(ahead, "standup", MONDAY, WEDNESDAY) == [
        "2026-11-30 11-30 08:30-08:50",
        "2026-12-02 12-02 08:30-08:50",
    ]
    moved(ahead, "weekly", WEEK, WEDNESDAY, time(8, 30))
    assert mornings(ahead) == {"11-30": "planned", "12-01": "planned", "12-02": "cancelled"}
    moved(ahead, "weekly", WEEK, MONDAY, time(8, 30))
    assert mornings(ahead) == {"11-30": "cancelled", "12-01": "planned", "12-02": "planned"}


def test_each_morning_of_the_week_is_owed_once(ahead: Cast) -> None:
    """As the matrix counts it: the stand-up of Monday, the weekly meeting of Tuesday."""
    moved(ahead, "weekly", WEEK, TUESDAY, time(8, 30))
    later = at("2026-12-02 18:00:00")
    owed = [
        (duty.meeting.kind, f"{duty.meeting.on:%m-%d}")
        for month in (Month(2026, 11), Month(2026, 12))
        for duty in duties_of(month, [ahead.east.pk], later)
        if MONDAY <= duty.meeting.on <= WEDNESDAY
    ]
    assert owed == [("standup", "11-30"), ("weekly", "12-01"), ("standup", "12-02")]


def test_a_stand_up_cancelled_by_hand_is_not_missed_where_the_weekly_meeting_comes(
    ahead: Cast,
) -> None:
    standup = the(ahead, "standup", "2026-12-01")
    cancel_meeting(
        meeting_id=standup.pk, reason="改开例会", expected_version=standup.version,
        actor=ahead.actor("周建平"), at=NOON,
    )  # fmt: skip
    assert mornings(ahead)["12-01"] == "cancelled by hand"
    moved(ahead, "weekly", WEEK, TUESDAY, time(8, 30), actor=ahead.actor("周建平"))
    assert mornings(ahead)["12-01"] == "cancelled"
    found = duties_of(Month(2026, 12), [ahead.east.pk], at("2026-12-02 08:00:00"))
    assert [duty.meeting.kind for duty in found if duty.meeting.on == TUESDAY] == ["weekly"]


def test_held_together_with_the_weekly_meeting_on_another_day_it_is_the_same(ahead: Cast) -> None:
    """The analysis meeting of Thursday, 24 December with the weekly one of Monday 21."""
    lead = the(ahead, "analysis", "2026-12")
    combined(ahead, lead, the(ahead, "weekly", "2026-W52"))
    days = (date(2026, 12, 21), date(2026, 12, 24))
    found = Meeting.objects.filter(branch=ahead.east, kind="standup", on__in=days)
    assert {(one.key, one.state) for one in found} == {
        ("2026-12-21", "planned"),
        ("2026-12-24", "cancelled"),
    }


@pytest.mark.parametrize(
    ("when", "brought_back"), [("2026-11-30 08:49:59", "planned"), ("2026-11-30 08:50:00", "-")]
)
def test_a_morning_that_is_over_does_not_come_back(
    ahead: Cast, when: str, brought_back: str
) -> None:
    """The weekly meeting is in the afternoon of Monday and moved on that day."""
    moved(ahead, "weekly", WEEK, MONDAY, time(15, 0))
    now = at(when)
    moved(ahead, "weekly", WEEK, TUESDAY, time(8, 30), at=now, actor=ahead.actor("赵国梁", on=now))
    assert mornings(ahead)["11-30"] == brought_back


def test_a_stand_up_whose_room_is_open_does_not_give_way(ahead: Cast) -> None:
    standup = the(ahead, "standup", "2026-12-01")
    now = at("2026-12-01 08:10:00")
    moved(ahead, "weekly", WEEK, TUESDAY, time(15, 0))
    assert mornings(ahead)["12-01"] == "cancelled"
    moved(ahead, "weekly", WEEK, WEDNESDAY, time(15, 0))
    standup = the(ahead, "standup", "2026-12-01")
    open_room(
        meeting_id=standup.pk, expected_version=standup.version,
        actor=ahead.actor("周建平", on=now), at=now,
    )  # fmt: skip
    with pytest.raises(Refused, match="时间重叠"):
        moved(ahead, "weekly", WEEK, TUESDAY, time(8, 30), at=now,
              actor=ahead.actor("赵国梁", on=now))  # fmt: skip
    moved(ahead, "weekly", WEEK, TUESDAY, time(15, 0), at=now,
          actor=ahead.actor("赵国梁", on=now))  # fmt: skip
    assert mornings(ahead)["12-01"] == "planned"


# A delegate counts while he can hold it (M1.3).


def told_of(cast: Cast, name: str) -> list[str]:
    return list(
        Notice.objects.filter(person=cast[name], kind="meeting", title__contains="不再由")
        .values_list("title", flat=True)
    )  # fmt: skip


def test_combined_with_what_cannot_be_handed_to_him_his_delegation_ends(ahead: Cast) -> None:
    weekly = delegated(ahead, the(ahead, "weekly", "2026-W52"), "林晓岚")
    lead = combined(ahead, weekly, the(ahead, "analysis", "2026-12"))
    assert delegate_of(lead) is None
    assert Delegation.objects.get(meeting=lead).ended_at == NOON
    assert can_hold(ahead.actor("赵国梁"), lead)
    assert not can_hold(ahead.actor("林晓岚"), lead)
    assert told_of(ahead, "林晓岚") == ["12月21日（周一）08:30的每周例会＋分析会不再由林晓岚主持"]
    assert lead.version == the(ahead, "weekly", "2026-W52").version
    row = AuditRow.objects.get(what="meetings.end_delegation")
    assert (row.before, row.after) == ({"delegate": "林晓岚"}, {"delegate": ""})


def test_of_a_meeting_that_joins_another_the_delegation_ends(ahead: Cast) -> None:
    weekly = delegated(ahead, the(ahead, "weekly", "2026-W52"), "林晓岚")
    lead = combined(ahead, the(ahead, "analysis", "2026-12"), weekly)
    assert not Delegation.objects.filter(ended_at__isnull=True).exists()
    assert can_hold(ahead.actor("赵国梁"), lead)
    assert len(told_of(ahead, "林晓岚")) == 1


def test_handed_to_a_head_it_stays_his_when_it_is_combined(ahead: Cast) -> None:
    weekly = delegated(ahead, the(ahead, "weekly", "2026-W52"), "钱慧敏")
    lead = combined(ahead, weekly, the(ahead, "analysis", "2026-12"))
    assert delegate_of(lead) == ahead["钱慧敏"]
    assert not can_hold(ahead.actor("赵国梁"), lead)


def leaving(cast: Cast, name: str, on: date) -> None:
    Person.objects.filter(pk=cast[name].pk).update(left_on=on)


@pytest.mark.parametrize(("left_on", "holds"), [(WEDNESDAY, "林晓岚"), (TUESDAY, "周建平")])
def test_a_delegate_who_has_left_by_the_day_holds_nothing_and_owes_nothing(
    ahead: Cast, left_on: date, holds: str
) -> None:
    meeting = delegated(ahead, the(ahead, "standup", "2026-12-01"), "林晓岚")
    leaving(ahead, "林晓岚", left_on)
    assert [one.name for one in who_owes(meeting)] == [holds]
    assert can_hold(ahead.actor("周建平"), meeting) is (holds == "周建平")
    later = at("2026-12-01 09:00:00")
    found = duties_of(Month(2026, 12), [ahead.east.pk], later)
    owing = [duty.owing for duty in found if duty.meeting.pk == meeting.pk]
    assert [[person.name for person in one] for one in owing] == [[holds]]


def test_moved_to_a_day_on_which_he_has_left_his_delegation_ends(ahead: Cast) -> None:
    delegated(ahead, the(ahead, "weekly", WEEK), "林晓岚")
    leaving(ahead, "林晓岚", TUESDAY)
    meeting = moved(ahead, "weekly", WEEK, WEDNESDAY, time(10, 0))
    assert not Delegation.objects.filter(ended_at__isnull=True).exists()
    assert delegate_of(meeting) is None
    assert len(told_of(ahead, "林晓岚")) == 1
    with pytest.raises(NotAllowed):
        open_room(
            meeting_id=meeting.pk, expected_version=meeting.version,
            actor=ahead.actor("林晓岚"), at=at("2026-12-02 10:00:00"),
        )  # fmt: skip

"""Notices of absence: by the day before they excuse, later only if accepted (M1.2, annex 7.6)."""

from datetime import datetime
from typing import Any

import pytest

from core.errors import NotAllowed, NotFound, Refused
from core.models import AuditRow
from duties.models import Notice
from meetings.choices import AbsenceState
from meetings.models import Absence, AttendeeChange, Meeting
from meetings.operations.absences import decide_absence, give_absence, withdraw_absence
from meetings.operations.combining import combine_meetings, separate_meetings
from meetings.queries.absences_due import due_items
from meetings.queries.rooms import absences_for, seats_of
from organization.operations.settings import set_setting
from tests.cast import NOON, Cast, at
from tests.domain.meetings_at import (
    TUESDAY,
    acting,
    begun,
    called,
    ended,
    meetings_made,
    opened,
    sheet,
    standup,
    the,
)


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    """Tuesday's stand-up."""
    meetings_made(cast)
    return standup(cast)


def given(
    cast: Cast, meeting: Meeting, who: str = "林晓岚", when: datetime = NOON, **more: Any
) -> Absence:
    return give_absence(
        meeting_id=meeting.pk,
        **{"kind": "leave", "reason": "陪客户去省厅", **more},
        **acting(cast, who, when),
    )


def decided(
    cast: Cast,
    absence: Absence,
    is_accepted: bool,
    opinion: str = "",
    who: str = "周建平",
    when: datetime = NOON,
) -> Absence:
    return decide_absence(
        absence_id=absence.pk,
        is_accepted=is_accepted,
        opinion=opinion,
        **acting(cast, who, when),
    )


# In time or not


@pytest.mark.parametrize(
    ("when", "is_in_time", "stands"),
    [
        ("2026-11-30 23:59:59", True, "excused"),
        (f"{TUESDAY} 00:00:00", False, "open"),
        (f"{TUESDAY} 08:15:00", False, "open"),
    ],
)
def test_a_notice_excuses_up_to_the_last_second_of_the_day_before(
    cast: Cast, meeting: Meeting, when: str, is_in_time: bool, stands: str
) -> None:
    absence = given(cast, meeting, when=at(when))
    assert (absence.is_in_time, absence.state) == (is_in_time, "given")
    meeting = opened(cast, meeting, f"{TUESDAY} 08:20:00")
    assert sheet(meeting)["林晓岚"] == stands
    meeting = begun(cast, meeting, f"{TUESDAY} 08:30:00")
    ended(cast, meeting, f"{TUESDAY} 08:50:00")
    assert sheet(meeting)["林晓岚"] == ("excused" if is_in_time else "absent")


@pytest.mark.parametrize(
    ("cutoff", "when", "is_in_time"),
    [
        ("calendar_day", "2026-11-29 23:59:59", True),
        ("working_day", "2026-11-27 23:59:59", True),
        ("working_day", "2026-11-28 00:00:00", False),
    ],
)
def test_of_a_monday_it_is_sunday_or_where_the_branch_has_it_so_friday(
    cast: Cast, meeting: Meeting, cutoff: str, when: str, is_in_time: bool
) -> None:
    set_setting(
        branch_id=cast.east.pk,
        key="leave_cutoff",
        value=cutoff,
        valid_from=at("2026-11-28 00:00:00").date(),
        actor=cast.actor("马骏"),
        at=NOON,
    )
    weekly = the(cast, "weekly", "2026-W49")
    assert given(cast, weekly, when=at(when)).is_in_time is is_in_time


def test_on_the_day_the_supervisor_accepts_an_emergency(cast: Cast, meeting: Meeting) -> None:
    absence = given(cast, meeting, when=at(f"{TUESDAY} 08:00:00"), reason="孩子发烧")
    meeting = opened(cast, meeting, f"{TUESDAY} 08:20:00")
    seat = next(one for one in seats_of(meeting) if one.person == cast["林晓岚"])
    assert (seat.state, seat.is_late_notice) == ("open", True)
    decided(cast, absence, True, when=at(f"{TUESDAY} 08:25:00"))
    assert sheet(meeting)["林晓岚"] == "excused"
    decided(cast, absence, False, "上周已经三次", when=at(f"{TUESDAY} 08:26:00"))
    assert sheet(meeting)["林晓岚"] == "open"
    assert not AttendeeChange.objects.exists()


def test_after_the_meeting_an_emergency_keeps_both_states(cast: Cast, meeting: Meeting) -> None:
    absence = given(cast, meeting, when=at(f"{TUESDAY} 08:00:00"), reason="车祸")
    running = begun(cast, opened(cast, meeting, f"{TUESDAY} 08:20:00"), f"{TUESDAY} 08:30:00")
    ended(cast, running, f"{TUESDAY} 08:50:00")
    assert sheet(meeting)["林晓岚"] == "absent"
    decided(cast, absence, True, "情况属实", when=at(f"{TUESDAY} 10:00:00"))
    change = AttendeeChange.objects.get()
    assert (change.before, change.after, change.why, change.by) == (
        "absent",
        "excused",
        "情况属实",
        cast["周建平"],
    )


def test_a_notice_in_time_that_is_refused_does_not_excuse(cast: Cast, meeting: Meeting) -> None:
    absence = given(cast, meeting)
    with pytest.raises(Refused, match="不准假时写明理由"):
        decided(cast, absence, False)
    decided(cast, absence, False, "那天要交材料")
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    assert sheet(meeting)["林晓岚"] == "open"


def test_who_came_came_whatever_becomes_of_the_notice(cast: Cast, meeting: Meeting) -> None:
    absence = given(cast, meeting, when=at(f"{TUESDAY} 08:00:00"))
    meeting = opened(cast, meeting, f"{TUESDAY} 08:20:00")
    called(cast, meeting, "林晓岚", "present", f"{TUESDAY} 08:29:00")
    decided(cast, absence, True, when=at(f"{TUESDAY} 08:30:00"))
    assert sheet(meeting)["林晓岚"] == "present"


def test_out_with_a_customer_is_a_kind_of_its_own(cast: Cast, meeting: Meeting) -> None:
    given(cast, meeting, kind="trip", reason="江南精密")
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    assert sheet(meeting)["林晓岚"] == "trip"
    with pytest.raises(Refused, match="请选请假或外出拜访"):
        given(cast, meeting, "陈嘉怡", kind="holiday")


# Given and taken back


def test_one_person_gives_one_notice_and_can_take_it_back(cast: Cast, meeting: Meeting) -> None:
    absence = given(cast, meeting)
    with pytest.raises(Refused, match="这场会议已经请过假"):
        given(cast, meeting)
    with pytest.raises(NotAllowed):
        withdraw_absence(absence_id=absence.pk, **acting(cast, "周建平", NOON))
    assert withdraw_absence(absence_id=absence.pk, **acting(cast, "林晓岚", NOON)).state == (
        "withdrawn"
    )
    with pytest.raises(Refused, match="假单已经撤回"):
        withdraw_absence(absence_id=absence.pk, **acting(cast, "林晓岚", NOON))
    assert given(cast, meeting).pk != absence.pk


def test_taken_back_before_it_begins_the_seat_is_open_again(cast: Cast, meeting: Meeting) -> None:
    absence = given(cast, meeting)
    meeting = opened(cast, meeting, f"{TUESDAY} 08:20:00")
    assert sheet(meeting)["林晓岚"] == "excused"
    moment = at(f"{TUESDAY} 08:25:00")
    withdraw_absence(absence_id=absence.pk, **acting(cast, "林晓岚", moment))
    assert sheet(meeting)["林晓岚"] == "open"
    again = given(cast, meeting, "陈嘉怡", moment)
    begun(cast, meeting, f"{TUESDAY} 08:30:00")
    with pytest.raises(Refused, match="会议已经开始"):
        withdraw_absence(absence_id=again.pk, **acting(cast, "陈嘉怡", at(f"{TUESDAY} 08:30:01")))


def test_only_who_is_expected_gives_notice_and_only_until_the_end(
    cast: Cast, meeting: Meeting
) -> None:
    for who in ("周建平", "赵国梁"):
        with pytest.raises(NotAllowed):
            given(cast, meeting, who)
    with pytest.raises(NotFound):
        given(cast, meeting, "吴志远")
    with pytest.raises(Refused, match="写一句原因"):
        given(cast, meeting, reason=" ")
    assert not given(cast, meeting, when=at(f"{TUESDAY} 08:49:59")).is_in_time
    with pytest.raises(Refused, match="会议已经结束"):
        given(cast, meeting, "陈嘉怡", at(f"{TUESDAY} 08:50:00"))
    Meeting.objects.filter(pk=meeting.pk).update(state="cancelled")
    with pytest.raises(Refused, match="会议已取消"):
        given(cast, meeting, "陈嘉怡")


def test_a_notice_for_a_meeting_that_is_then_combined_still_excuses(cast: Cast) -> None:
    meetings_made(cast)
    weekly, analysis = the(cast, "weekly", "2026-W50"), the(cast, "analysis", "2026-12")
    given(cast, analysis)
    combine_meetings(
        lead_id=weekly.pk,
        joined_id=analysis.pk,
        expected_version=weekly.version,
        **acting(cast, "赵国梁", NOON),
    )
    opened(cast, the(cast, "weekly", "2026-W50"), "2026-12-07 08:00:00", "赵国梁")
    assert sheet(weekly)["林晓岚"] == "excused"
    assert given(cast, the(cast, "analysis", "2026-12"), "陈嘉怡").meeting_id == weekly.pk


@pytest.fixture
def together(cast: Cast) -> tuple[Meeting, Meeting]:
    """The weekly meeting of 7 December and the analysis meeting, held together since Friday."""
    meetings_made(cast)
    weekly, analysis = the(cast, "weekly", "2026-W50"), the(cast, "analysis", "2026-12")
    combine_meetings(
        lead_id=weekly.pk,
        joined_id=analysis.pk,
        expected_version=weekly.version,
        **acting(cast, "赵国梁", NOON),
    )
    return the(cast, "weekly", "2026-W50"), the(cast, "analysis", "2026-12")


def test_of_two_notices_for_one_sitting_the_one_that_excuses_counts(
    cast: Cast, together: tuple[Meeting, Meeting]
) -> None:
    weekly, analysis = together
    Absence.objects.create(
        meeting=analysis, person=cast["林晓岚"], kind="trip", reason="出差", given_at=NOON,
        is_in_time=True, updated_at=NOON,
    )  # fmt: skip
    late = given(cast, weekly, when=at("2026-12-07 08:00:00"))
    opened(cast, weekly, "2026-12-07 08:10:00", "赵国梁")
    assert sheet(weekly)["林晓岚"] == "trip"
    withdraw_absence(absence_id=late.pk, **acting(cast, "林晓岚", at("2026-12-07 08:15:00")))
    assert sheet(weekly)["林晓岚"] == "trip"
    first = Absence.objects.get(meeting=analysis)
    withdraw_absence(absence_id=first.pk, **acting(cast, "林晓岚", at("2026-12-07 08:16:00")))
    assert sheet(weekly)["林晓岚"] == "open"


def test_a_notice_given_to_a_sitting_stays_with_both_meetings_when_they_part(
    cast: Cast, together: tuple[Meeting, Meeting]
) -> None:
    weekly, analysis = together
    before = given(cast, weekly, "陈嘉怡")
    Absence.objects.filter(pk=before.pk).update(given_at=at("2026-11-27 11:00:00"))
    after = given(cast, weekly)
    separate_meetings(
        joined_id=analysis.pk, expected_version=analysis.version, **acting(cast, "赵国梁", NOON)
    )
    kept = Absence.objects.get(meeting=analysis)
    assert (kept.person, kept.reason, kept.is_in_time) == (cast["林晓岚"], after.reason, True)
    assert Absence.objects.filter(meeting=weekly).count() == 2


# Decided


def test_whoever_leads_decides_but_nobody_about_himself(cast: Cast) -> None:
    meetings_made(cast)
    session = the(cast, "gm", "2026-12")
    own = given(cast, session, "周建平")
    with pytest.raises(NotAllowed, match="自己的假单由别人批"):
        decided(cast, own, True)
    with pytest.raises(NotFound):
        decided(cast, own, True, who="陈嘉怡")
    with pytest.raises(NotAllowed):
        decided(cast, own, True, who="韩静")
    with pytest.raises(NotFound):
        decided(cast, own, True, who="郑秋实")
    assert decided(cast, own, True, who="赵国梁").decided_by == cast["赵国梁"]
    with pytest.raises(Refused, match="已经这样批过"):
        decided(cast, own, True, who="钱慧敏")
    withdraw_absence(absence_id=own.pk, **acting(cast, "周建平", NOON))
    with pytest.raises(Refused, match="假单已经撤回"):
        decided(cast, own, True, who="赵国梁")


def test_each_sees_what_is_theirs_to_see(cast: Cast, meeting: Meeting) -> None:
    mine, other = given(cast, meeting), given(cast, meeting, "陈嘉怡")
    assert {
        who: sorted(absences_for(cast.actor(who)).values_list("pk", flat=True))
        for who in ("林晓岚", "何俊峰", "周建平", "赵国梁", "郑秋实", "韩静", "马骏")
    } == {
        "林晓岚": [mine.pk],
        "何俊峰": [],
        "周建平": [mine.pk, other.pk],
        "赵国梁": [mine.pk, other.pk],
        "郑秋实": [],
        "韩静": [mine.pk, other.pk],
        "马骏": [],
    }


def test_the_supervisor_is_told_and_so_is_who_asked(cast: Cast, meeting: Meeting) -> None:
    absence = given(cast, meeting, when=at(f"{TUESDAY} 08:00:00"))
    decided(cast, absence, False, "上周已经三次", when=at(f"{TUESDAY} 08:10:00"))
    told = Notice.objects.filter(key__startswith="absence:").order_by("pk")
    assert [(one.person.name, one.title, one.body) for one in told] == [
        ("周建平", "林晓岚 12月1日（周二）08:30的每日晨会请假，提得晚了", "陪客户去省厅"),
        ("林晓岚", "12月1日（周二）08:30的每日晨会不准假", "上周已经三次"),
    ]


def test_each_step_leaves_one_row_in_the_trail(cast: Cast, meeting: Meeting) -> None:
    absence = given(cast, meeting)
    decided(cast, absence, True)
    withdraw_absence(absence_id=absence.pk, **acting(cast, "林晓岚", NOON))
    rows = AuditRow.objects.filter(target_type="absence").order_by("pk")
    assert [(row.what, row.before, row.after, row.why) for row in rows] == [
        ("meetings.give_absence", {}, {"state": "given", "kind": "leave"}, "陪客户去省厅"),
        ("meetings.decide_absence", {"state": "given"}, {"state": "accepted"}, ""),
        ("meetings.withdraw_absence", {"state": "accepted"}, {"state": "withdrawn"}, ""),
    ]
    assert absence.state == AbsenceState.GIVEN


def test_a_late_notice_is_due_by_the_meetings_beginning(cast: Cast, meeting: Meeting) -> None:
    given(cast, meeting, "陈嘉怡")
    late = given(cast, meeting, when=at(f"{TUESDAY} 08:00:00"), reason="孩子发烧")
    people = [cast[name].pk for name in ("周建平", "赵国梁", "林晓岚")]
    span = at(f"{TUESDAY} 00:00:00"), at(f"{TUESDAY} 23:59:59")
    assert [
        (one.person_id, one.title, one.context, one.due_at) for one in due_items(people, *span)
    ] == [(cast["周建平"].pk, "批林晓岚的假：每日晨会", "孩子发烧", meeting.starts_at)]
    decided(cast, late, True, when=at(f"{TUESDAY} 08:05:00"))
    assert due_items(people, *span) == []


def test_a_supervisors_late_notice_is_a_heads_to_decide(cast: Cast) -> None:
    meetings_made(cast)
    session = the(cast, "gm", "2026-12")
    given(cast, session, "周建平", at("2026-12-16 09:00:00"))
    people = [person.pk for person in cast.people.values()]
    due = due_items(people, at("2026-12-16 00:00:00"), at("2026-12-17 00:00:00"))
    assert {one.person_id for one in due} == {cast["赵国梁"].pk, cast["钱慧敏"].pk}

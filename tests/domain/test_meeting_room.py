"""Holding a meeting: opened, begun, called over, ended, amended (M1-M3, annexes 2, 3.5)."""

from datetime import date
from typing import Any

import pytest

from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow
from core.periods import local
from duties.due_queries import owed_items
from meetings.minutes_papers import absent_words
from meetings.models import AttendeeChange, Meeting, MinutesVersion
from meetings.operations.absences import give_absence
from meetings.operations.combining import combine_meetings
from meetings.operations.delegations import delegate_holding
from meetings.operations.rooms import open_room, say_not_held
from meetings.papers import sign_in_paper
from meetings.queries.minutes import attendance_of
from meetings.queries.occurrences import standing, who_owes
from meetings.queries.rooms import possible_recorders, seats_of
from tests.cast import NOON, Cast, at
from tests.domain.meetings_at import (
    TUESDAY,
    acting,
    begun,
    called,
    ended,
    meetings_made,
    opened,
    scanned,
    sheet,
    standup,
    the,
)

EIGHT = f"{TUESDAY} 08:00:00"
HALF_PAST = f"{TUESDAY} 08:30:00"


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    """Tuesday's stand-up."""
    meetings_made(cast)
    return standup(cast)


def running(cast: Cast, meeting: Meeting) -> Meeting:
    return begun(cast, opened(cast, meeting, EIGHT), f"{TUESDAY} 08:31:00")


def delegated(cast: Cast, meeting: Meeting, who: str = "何俊峰") -> Meeting:
    return delegate_holding(
        meeting_id=meeting.pk,
        delegate_id=cast[who].pk,
        reason="在省公司开会",
        expected_version=meeting.version,
        **acting(cast, "周建平", NOON),
    )


# Opened


def test_everybody_expected_stands_there_and_excuses_are_filled_in(
    cast: Cast, meeting: Meeting
) -> None:
    for who, kind, why in (("陈嘉怡", "leave", "培训"), ("何俊峰", "trip", "江南精密")):
        give_absence(meeting_id=meeting.pk, kind=kind, reason=why, **acting(cast, who, NOON))
    opened(cast, meeting, EIGHT)
    assert sheet(meeting) == {"陈嘉怡": "excused", "何俊峰": "trip", "林晓岚": "open"}
    assert [
        (seat.person.name, seat.state, seat.note, seat.way) for seat in seats_of(standup(cast))
    ] == [
        ("陈嘉怡", "excused", "培训", "notice"),
        ("何俊峰", "trip", "江南精密", "notice"),
        ("林晓岚", "open", "", ""),
    ]


def test_before_the_room_is_open_the_same_people_stand_there(cast: Cast, meeting: Meeting) -> None:
    give_absence(meeting_id=meeting.pk, kind="leave", reason="培训", **acting(cast, "陈嘉怡", NOON))
    assert [(seat.person.name, seat.state) for seat in seats_of(meeting)] == [
        ("陈嘉怡", "excused"),
        ("何俊峰", "open"),
        ("林晓岚", "open"),
    ]


@pytest.mark.parametrize(
    ("when", "comes_off"),
    [
        (f"{TUESDAY} 07:29:59", False),
        (f"{TUESDAY} 07:30:00", True),
        (f"{TUESDAY} 23:59:59", True),
        ("2026-12-02 00:00:00", False),
    ],
)
def test_a_room_opens_from_an_hour_before_to_the_end_of_the_day(
    cast: Cast, meeting: Meeting, when: str, comes_off: bool
) -> None:
    if comes_off:
        assert opened(cast, meeting, when).room_at == at(when)
    else:
        with pytest.raises(Refused):
            opened(cast, meeting, when)
        assert sheet(meeting) == {}


def test_a_room_is_opened_once(cast: Cast, meeting: Meeting) -> None:
    open_now = opened(cast, meeting, EIGHT)
    with pytest.raises(Refused, match="签到已经打开"):
        opened(cast, open_now, EIGHT)
    with pytest.raises(Refused, match="签到已经打开"):
        opened(cast, meeting, EIGHT)
    assert len(sheet(meeting)) == 3


# Who may hold it


@pytest.mark.parametrize("who", ["林晓岚", "何俊峰", "赵国梁", "钱慧敏", "韩静"])
def test_a_standup_is_held_by_its_supervisor_and_by_nobody_else(
    cast: Cast, meeting: Meeting, who: str
) -> None:
    with pytest.raises(NotAllowed, match="由周建平主持。"):
        opened(cast, meeting, EIGHT, who)


def test_of_another_branch_it_does_not_exist(cast: Cast, meeting: Meeting) -> None:
    with pytest.raises(NotFound):
        opened(cast, meeting, EIGHT, "郑秋实")


def test_the_delegate_holds_it_and_nobody_else_may(cast: Cast, meeting: Meeting) -> None:
    meeting = delegated(cast, meeting)
    for who in ("周建平", "赵国梁", "林晓岚"):
        with pytest.raises(NotAllowed, match="由何俊峰主持。"):
            opened(cast, meeting, EIGHT, who)
    meeting = opened(cast, meeting, EIGHT, "何俊峰")
    with pytest.raises(NotAllowed):
        begun(cast, meeting, HALF_PAST)
    meeting = begun(cast, meeting, HALF_PAST, "何俊峰")
    assert (meeting.chair, meeting.acts_for) == (cast["何俊峰"], cast["周建平"])
    assert sheet(meeting) == {"陈嘉怡": "open", "何俊峰": "present", "林晓岚": "open"}


def test_a_gm_session_is_held_by_a_head_and_not_by_the_supervisor(cast: Cast) -> None:
    meetings_made(cast)
    session = the(cast, "gm", "2026-12")
    with pytest.raises(NotAllowed, match="由钱慧敏、赵国梁主持。"):
        opened(cast, session, "2026-12-16 14:30:00")
    assert opened(cast, session, "2026-12-16 14:30:00", "钱慧敏").room_at


def test_a_joined_meeting_is_held_as_the_sitting_it_belongs_to(cast: Cast) -> None:
    meetings_made(cast)
    weekly, analysis = the(cast, "weekly", "2026-W50"), the(cast, "analysis", "2026-12")
    combine_meetings(
        lead_id=weekly.pk,
        joined_id=analysis.pk,
        expected_version=weekly.version,
        **acting(cast, "赵国梁", NOON),
    )
    weekly, analysis = the(cast, "weekly", "2026-W50"), the(cast, "analysis", "2026-12")
    with pytest.raises(Refused, match="已与每周例会合并召开"):
        opened(cast, analysis, "2026-12-07 08:00:00", "赵国梁")
    with pytest.raises(NotAllowed):
        opened(cast, weekly, "2026-12-07 08:00:00")
    opened(cast, weekly, "2026-12-07 08:00:00", "赵国梁")
    assert sheet(weekly) == dict.fromkeys(("陈嘉怡", "何俊峰", "林晓岚", "周建平"), "open")


# Begun and ended, as it was


def test_a_late_start_and_an_early_end_stay_as_they_were(cast: Cast, meeting: Meeting) -> None:
    meeting = running(cast, meeting)
    assert standing(meeting, at(HALF_PAST)) == "running"
    meeting = ended(cast, meeting, f"{TUESDAY} 08:44:10")
    assert meeting.opened_at is not None
    assert meeting.closed_at is not None
    assert (
        f"{local(meeting.opened_at):%H:%M:%S}",
        f"{local(meeting.closed_at):%H:%M:%S}",
        meeting.chair,
        standing(meeting, at(f"{TUESDAY} 09:00:00")),
    ) == ("08:31:00", "08:44:10", cast["周建平"], "held")


def test_a_meeting_without_an_open_room_does_not_begin(cast: Cast, meeting: Meeting) -> None:
    with pytest.raises(Refused, match="先打开签到"):
        begun(cast, meeting, HALF_PAST)


def test_whoever_has_not_signed_by_the_end_was_absent(cast: Cast, meeting: Meeting) -> None:
    meeting = running(cast, meeting)
    called(cast, meeting, "林晓岚", "present", f"{TUESDAY} 08:32:00")
    ended(cast, meeting, f"{TUESDAY} 08:50:00")
    assert sheet(meeting) == {"陈嘉怡": "absent", "何俊峰": "absent", "林晓岚": "present"}


def test_the_heads_counted_at_the_end_are_those_who_signed_or_it_is_said_why(
    cast: Cast, meeting: Meeting
) -> None:
    meeting = running(cast, meeting)
    end = f"{TUESDAY} 08:50:00"
    called(cast, meeting, "林晓岚", "present", f"{TUESDAY} 08:32:00")
    called(cast, meeting, "陈嘉怡", "late", f"{TUESDAY} 08:35:00")
    for why in ("", " "):
        with pytest.raises(Refused, match="清点 1 人，签到 2 人") as refused:
            ended(cast, meeting, end, head_count=1, count_why=why)
        assert refused.value.field == "count_why"
    with pytest.raises(Refused, match="人数应在 0 到 999 之间"):
        ended(cast, meeting, end, head_count=-1)
    meeting = ended(cast, meeting, end, head_count=1, count_why="陈嘉怡提前去接客户")
    assert (meeting.head_count, meeting.count_why) == (1, "陈嘉怡提前去接客户")
    row = AuditRow.objects.get(what="meetings.end_meeting")
    assert (row.after["head_count"], row.why) == (1, "陈嘉怡提前去接客户")


def test_a_count_that_agrees_needs_no_word(cast: Cast, meeting: Meeting) -> None:
    meeting = running(cast, meeting)
    called(cast, meeting, "林晓岚", "present", f"{TUESDAY} 08:32:00")
    meeting = ended(cast, meeting, f"{TUESDAY} 08:50:00", head_count=1, count_why="多写的")
    assert (meeting.head_count, meeting.count_why) == (1, "")


def test_after_its_day_a_meeting_does_not_begin(cast: Cast, meeting: Meeting) -> None:
    meeting = opened(cast, meeting, EIGHT)
    with pytest.raises(Refused, match="已经过去，不能再开始"):
        begun(cast, meeting, "2026-12-02 00:00:00")
    assert begun(cast, meeting, f"{TUESDAY} 23:59:59").state == "running"


def test_after_its_day_a_call_is_an_amendment_with_a_reason(cast: Cast, meeting: Meeting) -> None:
    """The day is over: who was there is put right as after the end, both states kept."""
    meeting = running(cast, meeting)
    next_day = "2026-12-02 09:00:00"
    with pytest.raises(Refused, match="写一句更改的原因"):
        called(cast, meeting, "林晓岚", "present", next_day)
    called(cast, meeting, "林晓岚", "present", next_day, why="忘了点名")
    assert changes() == [("open", "present", "忘了点名", "周建平")]
    assert ended(cast, meeting, next_day).state == "held"
    assert sheet(meeting) == {"陈嘉怡": "absent", "何俊峰": "absent", "林晓岚": "present"}


@pytest.mark.parametrize(
    ("when", "who", "owed"),
    [
        (f"{TUESDAY} 08:49:59", "周建平", []),
        (f"{TUESDAY} 08:50:00", "周建平", ["结束会议：每日晨会"]),
        ("2027-01-20 09:00:00", "周建平", ["结束会议：每日晨会"]),
        ("2027-01-20 09:00:00", "林晓岚", []),
    ],
)
def test_whoever_began_a_meeting_is_to_end_it_once_its_time_is_over(
    cast: Cast, meeting: Meeting, when: str, who: str, owed: list[str]
) -> None:
    running(cast, meeting)
    items = owed_items(cast[who].pk, at(when))
    ending = [item for item in items if item.kind == "meeting"]
    assert [item.title for item in ending] == owed
    assert {item.url for item in ending} <= {f"/meetings/{meeting.pk}/room/"}


def test_two_who_end_it_end_it_once(cast: Cast, meeting: Meeting) -> None:
    meeting = running(cast, meeting)
    ended(cast, meeting, f"{TUESDAY} 08:50:00")
    with pytest.raises(Refused, match="会议没有在进行"):
        ended(cast, meeting, f"{TUESDAY} 08:50:01")


def test_a_weekly_meeting_needs_a_recorder_who_was_there_and_is_not_its_chair(
    cast: Cast,
) -> None:
    meetings_made(cast)
    weekly = begun(
        cast,
        opened(cast, the(cast, "weekly", "2026-W49"), "2026-11-30 08:20:00"),
        "2026-11-30 08:30:00",
    )
    end = "2026-11-30 09:00:00"
    assert [person.name for person in possible_recorders(weekly)] == [
        "陈嘉怡",
        "何俊峰",
        "林晓岚",
        "钱慧敏",
        "赵国梁",
    ]
    for recorder, why in (
        (None, "请指定记录人"),
        (cast["周建平"].pk, "记录人不能是主持人"),
        (cast["吴志远"].pk, "请选到会的人做记录"),
        (cast["林晓岚"].pk, "记录人还没有签到"),
    ):
        with pytest.raises(Refused, match=why):
            ended(cast, weekly, end, recorder_id=recorder)
    called(cast, weekly, "林晓岚", "present", "2026-11-30 08:31:00")
    called(cast, weekly, "陈嘉怡", "trip", "2026-11-30 08:31:00", note="明珠酒店")
    with pytest.raises(Refused, match="请选到会的人做记录"):
        ended(cast, weekly, end, recorder_id=cast["陈嘉怡"].pk)
    weekly = ended(cast, weekly, end, recorder_id=cast["林晓岚"].pk)
    assert (weekly.state, weekly.recorder) == ("held", cast["林晓岚"])


def test_a_recorder_can_be_named_at_the_beginning(cast: Cast, meeting: Meeting) -> None:
    meeting = opened(cast, meeting, EIGHT)
    with pytest.raises(Refused, match="记录人不能是主持人"):
        begun(cast, meeting, HALF_PAST, recorder_id=cast["周建平"].pk)
    meeting = begun(cast, meeting, HALF_PAST, recorder_id=cast["林晓岚"].pk)
    called(cast, meeting, "林晓岚", "present", f"{TUESDAY} 08:32:00")
    assert ended(cast, meeting, f"{TUESDAY} 08:50:00").recorder == cast["林晓岚"]


# Called over


def test_whoever_told_nobody_is_excused_in_the_room_with_a_reason_only(
    cast: Cast, meeting: Meeting
) -> None:
    now = f"{TUESDAY} 08:27:00"
    meeting = opened(cast, meeting, EIGHT)
    give_absence(
        meeting_id=meeting.pk, kind="leave", reason="发烧", **acting(cast, "陈嘉怡", at(now))
    )
    for state in ("excused", "trip"):
        with pytest.raises(Refused, match="没有事先请假，写明原因") as refused:
            called(cast, meeting, "何俊峰", state, now, note=" ")
        assert refused.value.field == "note"
    called(cast, meeting, "何俊峰", "excused", now, note="孩子住院")
    called(cast, meeting, "陈嘉怡", "excused", now)
    assert {seat.person.name: seat.is_excused_here for seat in seats_of(meeting)} == {
        "陈嘉怡": False,
        "何俊峰": True,
        "林晓岚": False,
    }
    meeting = ended(cast, begun(cast, meeting, HALF_PAST), f"{TUESDAY} 08:50:00")
    rows = sign_in_paper(meeting, url="").rows
    assert [line.remark for pair in rows for line in pair if line.name == "何俊峰"] == ["当场请假"]
    frozen = MinutesVersion(content={"attendance": attendance_of(meeting)})
    assert "何俊峰（请假，当场，孩子住院）" in absent_words(frozen)


def test_the_holder_calls_over_with_one_word_each(cast: Cast, meeting: Meeting) -> None:
    meeting = opened(cast, meeting, EIGHT)
    called(cast, meeting, "林晓岚", "present", f"{TUESDAY} 08:27:00")
    called(cast, meeting, "何俊峰", "trip", f"{TUESDAY} 08:27:30", note="江南精密")
    meeting = begun(cast, meeting, f"{TUESDAY} 08:31:00")
    called(cast, meeting, "陈嘉怡", "late", f"{TUESDAY} 08:34:00")
    assert [
        (
            seat.person.name,
            seat.state,
            f"{local(seat.arrived_at):%H:%M}" if seat.arrived_at else "",
            seat.note,
        )
        for seat in seats_of(meeting)
    ] == [
        ("陈嘉怡", "late", "08:34", ""),
        ("何俊峰", "trip", "", "江南精密"),
        ("林晓岚", "present", "08:27", ""),
    ]
    called(cast, meeting, "何俊峰", "open", f"{TUESDAY} 08:35:00")
    assert sheet(meeting)["何俊峰"] == "open"
    assert not AttendeeChange.objects.exists()


def test_only_the_holder_calls_over_and_only_while_it_is_open(cast: Cast, meeting: Meeting) -> None:
    meeting = opened(cast, meeting, EIGHT)
    for who in ("林晓岚", "赵国梁"):
        with pytest.raises(NotAllowed):
            called(cast, meeting, "林晓岚", "present", EIGHT, who=who)
    with pytest.raises(Refused, match="请选到、迟、假、缺、外之一"):
        called(cast, meeting, "林晓岚", "asleep", EIGHT)


def test_on_what_changed_meanwhile_a_tap_is_stale(cast: Cast, meeting: Meeting) -> None:
    meeting = opened(cast, meeting, EIGHT)
    signed = f"{TUESDAY} 08:29:00"
    scanned(cast, meeting, "林晓岚", signed, signed)
    with pytest.raises(Stale) as stale:
        called(cast, meeting, "林晓岚", "absent", signed, seen="open")
    assert stale.value.current["state"] == "present"
    assert sheet(meeting)["林晓岚"] == "present"


# Amended


def changes() -> list[tuple[Any, ...]]:
    return [
        (one.before, one.after, one.why, one.by.name)
        for one in AttendeeChange.objects.select_related("by")
    ]


def test_what_a_code_settled_is_amended_with_both_states_who_and_why(
    cast: Cast, meeting: Meeting
) -> None:
    meeting = opened(cast, meeting, EIGHT)
    signed = f"{TUESDAY} 08:29:00"
    scanned(cast, meeting, "林晓岚", signed, signed)
    with pytest.raises(Refused, match="写一句更改的原因") as refused:
        called(cast, meeting, "林晓岚", "absent", f"{TUESDAY} 08:40:00")
    assert refused.value.field == "why"
    called(cast, meeting, "林晓岚", "absent", f"{TUESDAY} 08:40:00", why="不在会场")
    assert changes() == [("present", "absent", "不在会场", "周建平")]
    assert AttendeeChange.objects.get().before_at == at(signed)


def test_after_the_end_chair_and_heads_amend_and_both_states_stay(
    cast: Cast, meeting: Meeting
) -> None:
    meeting = running(cast, meeting)
    ended(cast, meeting, f"{TUESDAY} 08:50:00")
    with pytest.raises(Refused, match="写一句更改的原因"):
        called(cast, meeting, "林晓岚", "present", f"{TUESDAY} 10:00:00")
    with pytest.raises(NotAllowed):
        called(cast, meeting, "林晓岚", "present", f"{TUESDAY} 10:00:00", who="林晓岚", why="到了")
    with pytest.raises(Refused):
        called(cast, meeting, "林晓岚", "open", f"{TUESDAY} 10:00:00", why="x")
    called(cast, meeting, "林晓岚", "present", f"{TUESDAY} 10:00:00", why="漏点")
    called(cast, meeting, "林晓岚", "late", f"{TUESDAY} 11:00:00", who="赵国梁", why="看了录像")
    assert changes() == [
        ("absent", "present", "漏点", "周建平"),
        ("present", "late", "看了录像", "赵国梁"),
    ]
    seat = next(one for one in seats_of(meeting) if one.person == cast["林晓岚"])
    assert (seat.state, seat.arrived_at, len(seat.changes)) == ("late", None, 2)


# Not held


def test_a_meeting_not_held_is_the_supervisors_who_says_why(cast: Cast, meeting: Meeting) -> None:
    def say(who: str, when: str) -> Meeting:
        return say_not_held(
            meeting_id=meeting.pk,
            reason="全员参加应急演练",
            expected_version=meeting.version,
            **acting(cast, who, at(when)),
        )

    with pytest.raises(Refused, match="只有过了时间还没有召开"):
        say("周建平", f"{TUESDAY} 08:49:59")
    with pytest.raises(NotAllowed):
        say("林晓岚", f"{TUESDAY} 08:50:00")
    assert [person.name for person in who_owes(meeting)] == ["周建平"]
    said = say("周建平", f"{TUESDAY} 08:50:00")
    assert (said.reason, standing(said, at(f"{TUESDAY} 08:50:00"))) == (
        "全员参加应急演练",
        "not_held",
    )


def test_a_delegated_meeting_not_held_is_the_delegates_to_explain(
    cast: Cast, meeting: Meeting
) -> None:
    meeting = delegated(cast, meeting)
    with pytest.raises(NotAllowed):
        say_not_held(
            meeting_id=meeting.pk,
            reason="x",
            expected_version=meeting.version,
            **acting(cast, "周建平", at(f"{TUESDAY} 09:00:00")),
        )
    assert say_not_held(
        meeting_id=meeting.pk,
        reason="x",
        expected_version=meeting.version,
        **acting(cast, "何俊峰", at(f"{TUESDAY} 09:00:00")),
    ).reason


def test_a_cancelled_meeting_is_not_held_at_all(cast: Cast, meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(state="cancelled")
    with pytest.raises(Refused, match="会议已取消"):
        opened(cast, standup(cast), EIGHT)


def test_each_step_leaves_one_row_in_the_trail(cast: Cast, meeting: Meeting) -> None:
    meeting = running(cast, meeting)
    called(cast, meeting, "林晓岚", "present", f"{TUESDAY} 08:32:00")
    ended(cast, meeting, f"{TUESDAY} 08:50:00")
    assert list(AuditRow.objects.order_by("pk").values_list("what", "after")) == [
        ("meetings.open_room", {"people": 3}),
        (
            "meetings.begin_meeting",
            {"chair": "周建平", "recorder": "", "opened_at": "08:31:00", "closed_at": ""},
        ),
        ("meetings.set_presence", {"presence": "present", "person": "林晓岚"}),
        (
            "meetings.end_meeting",
            {
                "chair": "周建平",
                "recorder": "",
                "opened_at": "08:31:00",
                "closed_at": "08:50:00",
                "absent": 2,
                "head_count": 1,
            },
        ),
    ]


def test_a_room_opened_on_a_stale_page_is_stale(cast: Cast, meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(version=7, on=date(2026, 12, 1))
    with pytest.raises(Stale):
        open_room(meeting_id=meeting.pk, expected_version=1, **acting(cast, "周建平", at(EIGHT)))

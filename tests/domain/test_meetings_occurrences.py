"""Occurrences: made from the rule, moved, cancelled, combined, handed on (M1-M3, A1, annex 7)."""

from collections import defaultdict
from datetime import date, time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.calendar import Calendar, days_from_chinesecalendar
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow
from core.periods import Month, Week, local, local_date
from duties.models import DutyPeriod, Notice
from duties.operations import clear_day, ensure_periods, mark_day
from duties.queries import calendar_state
from meetings.models import Delegation, Meeting
from meetings.operations.combining import combine_meetings, separate_meetings
from meetings.operations.delegations import delegate_holding, end_delegation
from meetings.operations.occurrences import (
    cancel_meeting,
    ensure_meetings,
    lay_out_month,
    move_meeting,
    restore_meeting,
)
from meetings.queries.completeness import duties_of_sitting
from meetings.queries.occurrences import (
    delegate_of,
    expected_people,
    holders_of_meeting,
    kinds_of,
    possible_delegates,
    standing,
    who_owes,
)
from meetings.schedule import plan_meetings
from organization.models import Person
from organization.operations.settings import set_setting
from tests.cast import NOON, Cast, at

# The week of the stories: Friday, 27 November 2026 is today; Monday 30 has the next meeting.
SUNDAY = date(2026, 12, 6)


def meetings_ahead(cast: Cast, last: date = date(2026, 12, 31)) -> None:
    ensure_meetings(date(2026, 11, 27), last, branches=[cast.east, cast.west], at=NOON)


def meeting_of(cast: Cast, kind: str, key: str) -> Meeting:
    return Meeting.objects.get(kind=kind, key=key, branch=cast.east)


def times_of(meeting: Meeting) -> str:
    return f"{local(meeting.starts_at):%m-%d %H:%M}-{local(meeting.ends_at):%H:%M}"


def names(people: list[Person]) -> list[str]:
    return [person.name for person in people]


# The whole year 2026 of one branch, as rows.


def year_of(cast: Cast) -> dict[str, list[str]]:
    """Week by week what was made: "Mon 02-09 weekly"; monthly meetings apart."""
    ensure_meetings(date(2025, 12, 29), date(2026, 12, 31), branches=[cast.east])
    weeks: dict[str, list[str]] = defaultdict(list)
    for meeting in Meeting.objects.filter(branch=cast.east, kind__in=["standup", "weekly"]):
        week = Week.containing(meeting.on)
        weeks[f"{week.monday:%m-%d}"].append(f"{meeting.on:%a %m-%d} {meeting.kind}")
    return weeks


def test_the_holiday_weeks_of_2026_have_exactly_the_meetings_of_annex_7(cast: Cast) -> None:
    weeks = year_of(cast)
    expected = {
        "12-29": ["Mon 12-29 weekly", "Tue 12-30", "Wed 12-31", "Sun 01-04"],
        "02-09": ["Mon 02-09 weekly", "Tue 02-10", "Wed 02-11", "Thu 02-12", "Fri 02-13",
                  "Sat 02-14"],
        "02-16": [],
        "02-23": ["Tue 02-24 weekly", "Wed 02-25", "Thu 02-26", "Fri 02-27", "Sat 02-28"],
        "03-30": ["Mon 03-30 weekly", "Tue 03-31", "Wed 04-01", "Thu 04-02", "Fri 04-03"],
        "04-06": ["Tue 04-07 weekly", "Wed 04-08", "Thu 04-09", "Fri 04-10"],
        "04-27": ["Mon 04-27 weekly", "Tue 04-28", "Wed 04-29", "Thu 04-30"],
        "05-04": ["Wed 05-06 weekly", "Thu 05-07", "Fri 05-08", "Sat 05-09"],
        "06-15": ["Mon 06-15 weekly", "Tue 06-16", "Wed 06-17", "Thu 06-18"],
        "09-14": ["Mon 09-14 weekly", "Tue 09-15", "Wed 09-16", "Thu 09-17", "Fri 09-18",
                  "Sun 09-20"],
        "09-21": ["Mon 09-21 weekly", "Tue 09-22", "Wed 09-23", "Thu 09-24"],
        "09-28": ["Mon 09-28 weekly", "Tue 09-29", "Wed 09-30"],
        "10-05": ["Thu 10-08 weekly", "Fri 10-09", "Sat 10-10"],
    }  # fmt: skip
    made = {monday: weeks.get(monday, []) for monday in expected}
    assert made == {
        monday: [line if line.endswith("weekly") else f"{line} standup" for line in lines]
        for monday, lines in expected.items()
    }


def test_every_working_day_of_2026_begins_with_one_meeting_and_no_other_day(cast: Cast) -> None:
    year_of(cast)
    official = Calendar(
        {day.on: day for day in days_from_chinesecalendar([2025, 2026])}, frozenset({2025, 2026})
    )
    mornings = Meeting.objects.filter(
        branch=cast.east, kind__in=["standup", "weekly"], on__year=2026
    )
    assert sorted(meeting.on for meeting in mornings) == list(
        official.working_days(date(2026, 1, 1), date(2026, 12, 31))
    )
    assert {times_of(one)[6:] for one in mornings.filter(kind="standup")} == {"08:30-08:50"}
    assert {times_of(one)[6:] for one in mornings.filter(kind="weekly")} == {"08:30-09:00"}


def test_each_month_of_2026_has_its_two_meetings_on_working_days(cast: Cast) -> None:
    year_of(cast)
    assert [
        f"{meeting.key} {meeting.kind} {times_of(meeting)}"
        for meeting in Meeting.objects.filter(
            branch=cast.east, kind__in=["gm", "analysis"], key__startswith="2026"
        ).order_by("key", "starts_at")
    ] == [
        f"{month} {kind} {day} 15:00-16:30"
        for month, gm, analysis in (
            ("2026-01", "01-19", "01-27"),
            ("2026-02", "02-24", "02-28"),
            ("2026-03", "03-17", "03-25"),
            ("2026-04", "04-17", "04-27"),
            ("2026-05", "05-20", "05-28"),
            ("2026-06", "06-16", "06-25"),
            ("2026-07", "07-16", "07-24"),
            ("2026-08", "08-18", "08-26"),
            ("2026-09", "09-16", "09-23"),
            ("2026-10", "10-22", "10-30"),
            ("2026-11", "11-17", "11-25"),
            ("2026-12", "12-16", "12-24"),
        )
        for kind, day in (("gm", gm), ("analysis", analysis))
    ]


def test_made_twice_there_is_one_row_each_and_a_fixed_number_of_statements(cast: Cast) -> None:
    meetings_ahead(cast, SUNDAY)
    rows = Meeting.objects.count()
    # Of each branch Friday's stand-up, two weekly meetings, four stand-ups, two a month.
    assert rows == 2 * (1 + 2 + 4 + 4)
    with CaptureQueriesContext(connection) as again:
        ensure_meetings(date(2026, 11, 27), SUNDAY, branches=[cast.east, cast.west], at=NOON)
    assert Meeting.objects.count() == rows
    Meeting.objects.all().delete()
    with CaptureQueriesContext(connection) as anew:
        ensure_meetings(date(2026, 11, 27), SUNDAY, branches=[cast.east, cast.west], at=NOON)
    assert (len(again), len(anew)) == (7, 9)


def test_head_office_and_a_closed_branch_have_no_meetings(cast: Cast) -> None:
    cast.west.closed_on = date(2026, 12, 1)
    cast.west.save()
    ensure_meetings(date(2026, 11, 30), SUNDAY, at=NOON)
    assert sorted(Meeting.objects.filter(branch=cast.west).values_list("kind", "key")) == [
        ("analysis", "2026-11"),
        ("gm", "2026-11"),
    ]
    assert Meeting.objects.filter(branch=cast.head).count() == 0


def test_the_clock_makes_them_two_weeks_ahead_and_the_same_rows_when_late(cast: Cast) -> None:
    ensure_periods(Week(2026, 48), Week(2026, 50), since=at("2026-11-23 00:00:00"))
    plan_meetings(at("2026-11-27 11:59:00"), NOON)
    in_time = [(one.kind, one.branch_id, one.key, one.updated_at) for one in Meeting.objects.all()]
    assert max(meeting.on for meeting in Meeting.objects.filter(kind="standup")) == date(
        2026, 12, 11
    )
    Meeting.objects.all().delete()
    plan_meetings(at("2026-11-24 11:59:00"), NOON)
    late = [(one.kind, one.branch_id, one.key, one.updated_at) for one in Meeting.objects.all()]
    assert late == in_time


# The calendar and the settings move what is to come.


def edit(cast: Cast, on: date, is_workday: bool) -> None:
    mark_day(
        on=on, is_workday=is_workday, name="", why="公司安排",
        expected_version=calendar_state(on.year)["version"],
        actor=cast.actor("马骏"), at=NOON,
    )  # fmt: skip


def test_a_day_off_moves_the_weekly_meeting_and_takes_the_stand_up_away(cast: Cast) -> None:
    """Monday 30 November becomes a day off: Tuesday has the weekly meeting in its place."""
    meetings_ahead(cast, SUNDAY)
    edit(cast, date(2026, 11, 30), is_workday=False)
    weekly = meeting_of(cast, "weekly", "2026-W49")
    tuesday = meeting_of(cast, "standup", "2026-12-01")
    assert (times_of(weekly), weekly.planned_on) == ("12-01 08:30-09:00", date(2026, 11, 30))
    assert (weekly.state, weekly.sequence, weekly.reason) == (
        "planned", 1, "工作日历或会议设置有变",
    )  # fmt: skip
    assert (tuesday.state, tuesday.sequence, tuesday.reason) == (
        "cancelled", 1, "工作日历或会议设置有变",
    )  # fmt: skip
    assert standing(tuesday, NOON) == "cancelled"


def test_what_the_calendar_took_it_gives_back(cast: Cast) -> None:
    meetings_ahead(cast, SUNDAY)
    edit(cast, date(2026, 11, 30), is_workday=False)
    clear_day(on=date(2026, 11, 30), why="", expected_version=2, actor=cast.actor("马骏"), at=NOON)
    meetings_ahead(cast, SUNDAY)
    weekly = meeting_of(cast, "weekly", "2026-W49")
    tuesday = meeting_of(cast, "standup", "2026-12-01")
    assert (times_of(weekly), weekly.reason, weekly.sequence) == ("11-30 08:30-09:00", "", 2)
    assert (tuesday.state, tuesday.reason, tuesday.sequence) == ("planned", "", 2)


def test_what_a_person_arranged_the_calendar_leaves_alone(cast: Cast) -> None:
    meetings_ahead(cast, SUNDAY)
    move(cast, "weekly", "2026-W49", on=date(2026, 12, 2), start=time(10, 0))
    edit(cast, date(2026, 11, 30), is_workday=False)
    assert times_of(meeting_of(cast, "weekly", "2026-W49")) == "12-02 10:00-10:30"


def told_to(cast: Cast, person: str) -> list[str]:
    return [one.title for one in Notice.objects.filter(person=cast[person]).order_by("pk")]


def test_what_was_arranged_on_a_day_that_is_off_now_follows_the_rule(cast: Cast) -> None:
    """The weekly meeting of Monday 14 December with the analysis meeting: both go to Tuesday."""
    meetings_ahead(cast, date(2026, 12, 31))
    weekly, analysis = (
        meeting_of(cast, "weekly", "2026-W51"),
        meeting_of(cast, "analysis", "2026-12"),
    )
    combine_meetings(
        lead_id=weekly.pk, joined_id=analysis.pk, expected_version=weekly.version,
        actor=cast.actor("赵国梁"), at=NOON,
    )  # fmt: skip
    edit(cast, date(2026, 12, 14), is_workday=False)
    sitting = [meeting_of(cast, "weekly", "2026-W51"), meeting_of(cast, "analysis", "2026-12")]
    assert [times_of(one) for one in sitting] == ["12-15 08:30-10:00"] * 2
    assert sitting[1].sitting == weekly
    owed = DutyPeriod.objects.filter(branch=cast.east, kind__in=["weekly", "analysis"])
    days = [local_date(one.opens_at) for one in owed.filter(key__in=["2026-W51", "2026-12"])]
    assert days == [date(2026, 12, 15)] * 2
    assert meeting_of(cast, "standup", "2026-12-15").state == "cancelled"
    assert told_to(cast, "钱慧敏")[-1] == "每周例会＋分析会改到 12月15日（周二）08:30"


def test_together_out_of_the_others_month_each_stands_alone_again(cast: Cast) -> None:
    """Monday 30 November is the last of its month: Tuesday is none of the analysis meeting's."""
    meetings_ahead(cast, SUNDAY)
    weekly, analysis = (
        meeting_of(cast, "weekly", "2026-W49"),
        meeting_of(cast, "analysis", "2026-11"),
    )
    Meeting.objects.filter(pk=weekly.pk).update(is_by_hand=True)
    Meeting.objects.filter(pk=analysis.pk).update(
        is_by_hand=True, sitting=weekly, on=weekly.on,
        starts_at=weekly.starts_at, ends_at=weekly.ends_at,
    )  # fmt: skip
    edit(cast, date(2026, 11, 30), is_workday=False)
    analysis.refresh_from_db()
    assert times_of(meeting_of(cast, "weekly", "2026-W49")) == "12-01 08:30-09:00"
    assert analysis.sitting is None


def test_what_was_arranged_goes_with_its_period(cast: Cast) -> None:
    """A stand-up moved to 09:00 and one cancelled: both days are off now, nobody owes them."""
    meetings_ahead(cast, SUNDAY)
    move(cast, "standup", "2026-12-01", on=date(2026, 12, 1), start=time(9))
    cancelled = meeting_of(cast, "standup", "2026-12-02")
    cancel_meeting(
        meeting_id=cancelled.pk, reason="出差", expected_version=cancelled.version,
        actor=cast.actor("周建平"), at=NOON,
    )  # fmt: skip
    for day in (1, 2):
        edit(cast, date(2026, 12, day), is_workday=False)
    rows = [meeting_of(cast, "standup", f"2026-12-0{day}") for day in (1, 2)]
    assert [(one.state, one.is_by_hand, one.reason) for one in rows] == [
        ("cancelled", False, "工作日历或会议设置有变")
    ] * 2
    later = at("2026-12-03 12:00:00")
    assert [duty.lacks for one in rows for duty in duties_of_sitting(one, later)] == []
    assert told_to(cast, "周建平")[-1] == "12月2日（周三）08:30的每日晨会取消"
    with pytest.raises(Refused, match="按工作日历这一期没有会议"):
        restore_meeting(
            meeting_id=rows[1].pk, expected_version=rows[1].version,
            actor=cast.actor("周建平"), at=NOON,
        )  # fmt: skip


def test_settings_touch_meetings_to_come_only(cast: Cast) -> None:
    """From Tuesday, 1 December on the stand-up is at 09:00 in the small hall."""
    meetings_ahead(cast, SUNDAY)
    for key, value in (("standup_time", "09:00"), ("meeting_place", "小礼堂")):
        set_setting(
            branch_id=cast.east.pk, key=key, value=value, valid_from=date(2026, 12, 1),
            actor=cast.actor("马骏"), at=NOON,
        )  # fmt: skip
    today = meeting_of(cast, "standup", "2026-11-27")
    monday = meeting_of(cast, "weekly", "2026-W49")
    tuesday = meeting_of(cast, "standup", "2026-12-01")
    west = Meeting.objects.get(kind="standup", key="2026-12-01", branch=cast.west)
    assert [(times_of(one), one.place) for one in (today, monday, tuesday, west)] == [
        ("11-27 08:30-08:50", "会议室"),
        ("11-30 08:30-09:00", "会议室"),
        ("12-01 09:00-09:20", "小礼堂"),
        ("12-01 08:30-08:50", "会议室"),
    ]


@pytest.mark.parametrize(
    ("key", "value", "valid_from", "kind", "of", "times"),
    [
        ("gm_time", "10:00", "2026-12-10", "gm", "2026-12", "12-16 10:00-11:30"),
        ("gm_time", "10:00", "2026-12-17", "gm", "2026-12", "12-16 15:00-16:30"),
        ("gm_minutes", 120, "2026-12-10", "gm", "2026-12", "12-16 15:00-17:00"),
        ("gm_day", 13, "2026-12-10", "gm", "2026-12", "12-16 15:00-16:30"),
        ("gm_day", 13, "2026-12-01", "gm", "2026-12", "12-17 15:00-16:30"),
        ("weekly_meeting_time", "14:00", "2026-12-08", "weekly", "2026-W50", "12-07 08:30-09:00"),
        ("weekly_meeting_time", "14:00", "2026-12-07", "weekly", "2026-W50", "12-07 14:00-14:30"),
    ],
)
def test_the_hour_is_that_of_the_day_and_the_day_that_of_the_month(
    cast: Cast, key: str, value: object, valid_from: str, kind: str, of: str, times: str
) -> None:
    """Another working day chosen in mid-month touches the months to come; another hour does not
    wait for them."""
    meetings_ahead(cast)
    set_setting(
        branch_id=cast.east.pk, key=key, value=value, valid_from=date.fromisoformat(valid_from),
        actor=cast.actor("马骏"), at=NOON,
    )  # fmt: skip
    assert times_of(meeting_of(cast, kind, of)) == times


# Moved, cancelled, restored by a person.


def move(
    cast: Cast,
    kind: str,
    key: str,
    *,
    on: date,
    start: time = time(8, 30),
    who: str = "周建平",
    **more: Any,
) -> Meeting:
    meeting = meeting_of(cast, kind, key)
    return move_meeting(
        **{
            "meeting_id": meeting.pk, "on": on, "start": start, "reason": "省公司来人",
            "expected_version": meeting.version, "actor": cast.actor(who), "at": NOON, **more,
        }
    )  # fmt: skip


def test_a_moved_meeting_keeps_its_first_day_and_a_reason(cast: Cast) -> None:
    meetings_ahead(cast, SUNDAY)
    moved = move(cast, "weekly", "2026-W49", on=date(2026, 12, 2), start=time(10, 0))
    assert (times_of(moved), moved.planned_on, moved.reason) == (
        "12-02 10:00-10:30", date(2026, 11, 30), "省公司来人",
    )  # fmt: skip
    assert (moved.sequence, moved.version, moved.is_by_hand) == (1, 2, True)
    told = Notice.objects.filter(kind="meeting").order_by("person__job_number")
    assert [(notice.person.name, notice.title, notice.body) for notice in told] == [
        (name, "每周例会改到 12月2日（周三）10:00", "省公司来人")
        for name in ("林晓岚", "陈嘉怡", "何俊峰")
    ]
    row = AuditRow.objects.get(what="meetings.move_meeting")
    assert (row.before["starts_at"], row.after["starts_at"]) == (
        "2026-11-30 08:30", "2026-12-02 10:00",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "key", "on", "start", "words"),
    [
        ("weekly", "2026-W49", "2026-12-07", "08:30", "例会只能在同一周里改期。"),
        ("weekly", "2026-W49", "2026-12-05", "08:30", "这一天休息，请换一个工作日。"),
        ("gm", "2026-12", "2026-12-01", "08:45",
         "与每日晨会（08:30–08:50）时间重叠：换个时间，或者合并召开。"),
        ("standup", "2026-12-01", "2026-12-02", "10:00", "晨会只能改当天的时间。"),
        ("standup", "2026-11-27", "2026-11-27", "13:00", "已到开会时间，不能再改安排。"),
        ("weekly", "2026-W49", "2026-12-01", "23:45", "会议要在当天结束。"),
        ("gm", "2026-12", "2027-01-05", "15:00", "总经理沟通会只能在同一个月里改期。"),
    ],
)  # fmt: skip
def test_a_meeting_stays_in_its_period_and_out_of_others_way(
    cast: Cast, kind: str, key: str, on: str, start: str, words: str
) -> None:
    meetings_ahead(cast)
    with pytest.raises(Refused) as refused:
        move(
            cast,
            kind,
            key,
            on=date.fromisoformat(on),
            start=time.fromisoformat(start),
            who="赵国梁",
        )
    assert refused.value.message == words


@pytest.mark.parametrize(
    ("moment", "is_in_time"),
    [("2026-11-30 08:29:59", True), ("2026-11-30 08:30:00", False)],
)
def test_arranged_until_the_second_of_the_beginning(
    cast: Cast, moment: str, is_in_time: bool
) -> None:
    meetings_ahead(cast, SUNDAY)
    now = at(moment)
    monday: dict[str, Any] = {"on": date(2026, 11, 30), "start": time(10, 0), "at": now}
    if is_in_time:
        assert times_of(move(cast, "weekly", "2026-W49", **monday)) == "11-30 10:00-10:30"
    else:
        with pytest.raises(Refused):
            move(cast, "weekly", "2026-W49", **monday)


def test_not_into_the_past_nor_to_this_second(cast: Cast) -> None:
    meetings_ahead(cast, SUNDAY)
    early: dict[str, Any] = {"on": date(2026, 11, 30), "at": at("2026-11-30 08:00:00")}
    with pytest.raises(Refused):
        move(cast, "weekly", "2026-W49", start=time(8, 0), **early)
    assert times_of(move(cast, "weekly", "2026-W49", start=time(8, 1), **early)) == (
        "11-30 08:01-08:31"
    )


@pytest.mark.parametrize(
    ("who", "kind", "key", "error"),
    [
        ("林晓岚", "weekly", "2026-W49", NotAllowed),
        ("周建平", "gm", "2026-12", NotAllowed),  # called by GM or deputy (annex 2)
        ("韩静", "weekly", "2026-W49", NotAllowed),
        ("郑秋实", "weekly", "2026-W49", NotFound),
        ("马骏", "weekly", "2026-W49", NotFound),
        ("赵国梁", "weekly", "2026-W49", None),
        ("钱慧敏", "gm", "2026-12", None),
    ],
)
def test_who_calls_it_arranges_it(
    cast: Cast, who: str, kind: str, key: str, error: type[Exception] | None
) -> None:
    meetings_ahead(cast)
    meeting = meeting_of(cast, kind, key)
    values: dict[str, Any] = {"on": meeting.on, "start": time(16, 0), "who": who}
    if error is None:
        move(cast, kind, key, **values)
    else:
        with pytest.raises(error):
            move(cast, kind, key, **values)


def cancelled(cast: Cast, key: str, **more: Any) -> Meeting:
    meeting = meeting_of(cast, "standup", key)
    return cancel_meeting(
        **{
            "meeting_id": meeting.pk, "reason": "全员外出培训",
            "expected_version": meeting.version, "actor": cast.actor("周建平"), "at": NOON, **more,
        }
    )  # fmt: skip


def test_a_cancelled_meeting_keeps_its_day_and_comes_back(cast: Cast) -> None:
    meetings_ahead(cast, SUNDAY)
    off = cancelled(cast, "2026-12-01")
    assert (off.state, off.planned_on, off.on, off.reason, off.sequence) == (
        "cancelled", date(2026, 12, 1), date(2026, 12, 1), "全员外出培训", 1,
    )  # fmt: skip
    on = restore_meeting(
        meeting_id=off.pk, expected_version=off.version, actor=cast.actor("周建平"), at=NOON
    )
    assert (on.state, on.reason, on.sequence, on.is_by_hand) == ("planned", "", 2, False)


def test_a_reason_is_needed_and_two_at_once_are_told(cast: Cast) -> None:
    meetings_ahead(cast, SUNDAY)
    with pytest.raises(Refused) as refused:
        cancelled(cast, "2026-12-01", reason="  ")
    assert refused.value.field == "reason"
    cancelled(cast, "2026-12-01", expected_version=1)
    with pytest.raises(Stale):
        restore_meeting(
            meeting_id=meeting_of(cast, "standup", "2026-12-01").pk,
            expected_version=1,
            actor=cast.actor("周建平"),
            at=NOON,
        )


def test_too_late_to_bring_it_back(cast: Cast) -> None:
    meetings_ahead(cast, SUNDAY)
    off = cancelled(cast, "2026-12-01")
    with pytest.raises(Refused):
        restore_meeting(
            meeting_id=off.pk,
            expected_version=off.version,
            actor=cast.actor("周建平"),
            at=at("2026-12-01 08:30:00"),
        )


def test_a_month_is_laid_out_on_demand(cast: Cast) -> None:
    supervisor = cast.actor("周建平")
    made = lay_out_month(branch_id=cast.east.pk, month=Month(2027, 2), actor=supervisor, at=NOON)
    assert made == Meeting.objects.filter(branch=cast.east).count() > 0
    assert Meeting.objects.filter(branch=cast.west).count() == 0
    with pytest.raises(Refused):
        lay_out_month(branch_id=cast.east.pk, month=Month(2026, 10), actor=supervisor, at=NOON)
    with pytest.raises(NotFound):
        lay_out_month(branch_id=cast.west.pk, month=Month(2026, 12), actor=supervisor, at=NOON)
    with pytest.raises(NotAllowed):
        lay_out_month(
            branch_id=cast.east.pk, month=Month(2026, 12), actor=cast.actor("林晓岚"), at=NOON
        )


def test_what_has_passed_is_not_laid_out(cast: Cast) -> None:
    """On Friday noon the week's meetings are over; so is the GM session of the 17th."""
    lay_out_month(
        branch_id=cast.east.pk, month=Month(2026, 11), actor=cast.actor("周建平"), at=NOON
    )
    assert [meeting.key for meeting in Meeting.objects.all()] == ["2026-W49"]


# One sitting, several duties (A1).


def combined(
    cast: Cast, who: str = "赵国梁", lead: str = "weekly", joined: str = "analysis"
) -> Meeting:
    keys = {"weekly": "2026-W52", "analysis": "2026-12", "gm": "2026-12"}
    first, second = (meeting_of(cast, kind, keys[kind]) for kind in (lead, joined))
    return combine_meetings(
        lead_id=first.pk,
        joined_id=second.pk,
        expected_version=first.version,
        actor=cast.actor(who),
        at=NOON,
    )


def test_the_analysis_meeting_joins_the_weekly_one(cast: Cast) -> None:
    meetings_ahead(cast)
    lead = combined(cast)
    analysis = meeting_of(cast, "analysis", "2026-12")
    assert kinds_of(lead) == kinds_of(analysis) == ("weekly", "analysis")
    assert (times_of(analysis), analysis.planned_on) == ("12-21 08:30-10:00", date(2026, 12, 24))
    assert (standing(analysis, NOON), analysis.sequence, lead.sequence) == ("joined", 1, 1)
    # Whoever may hold each of them: the analysis meeting is the heads' (annex 2).
    assert holders_of_meeting(lead) == {cast["赵国梁"].pk, cast["钱慧敏"].pk}
    assert names(expected_people(lead)) == names(expected_people(analysis)) == [
        "陈嘉怡", "何俊峰", "林晓岚", "周建平",
    ]  # fmt: skip


def test_what_is_held_together_goes_along_and_comes_apart(cast: Cast) -> None:
    meetings_ahead(cast)
    combined(cast)
    move(cast, "weekly", "2026-W52", on=date(2026, 12, 22), start=time(9, 0), who="赵国梁")
    assert times_of(meeting_of(cast, "analysis", "2026-12")) == "12-22 09:00-10:30"
    analysis = meeting_of(cast, "analysis", "2026-12")
    apart = separate_meetings(
        joined_id=analysis.pk,
        expected_version=analysis.version,
        actor=cast.actor("赵国梁"),
        at=NOON,
    )
    assert (times_of(apart), apart.sitting, apart.is_by_hand, apart.sequence) == (
        "12-24 15:00-16:30", None, False, 3,
    )  # fmt: skip
    weekly = meeting_of(cast, "weekly", "2026-W52")
    assert (times_of(weekly), weekly.is_by_hand) == ("12-22 09:00-09:30", True)
    assert kinds_of(weekly) == ("weekly",)


@pytest.mark.parametrize(
    ("lead", "joined", "who", "error"),
    [
        ("weekly", "analysis", "钱慧敏", None),
        ("gm", "analysis", "赵国梁", None),
        ("weekly", "gm", "赵国梁", Refused),  # only where the branch has set it
        ("weekly", "analysis", "周建平", NotAllowed),  # he does not call the analysis meeting
    ],
)
def test_which_may_be_combined_and_by_whom(
    cast: Cast, lead: str, joined: str, who: str, error: type[Exception] | None
) -> None:
    meetings_ahead(cast)
    if error is None:
        assert kinds_of(combined(cast, who, lead, joined)) == (lead, joined)
    else:
        with pytest.raises(error):
            combined(cast, who, lead, joined)


def test_another_combination_by_the_branchs_setting(cast: Cast) -> None:
    meetings_ahead(cast)
    set_setting(
        branch_id=cast.east.pk, key="other_combinations", value=["gm+weekly"],
        valid_from=date(2026, 12, 1), actor=cast.actor("马骏"), at=NOON,
    )  # fmt: skip
    assert kinds_of(combined(cast, "赵国梁", "weekly", "gm")) == ("weekly", "gm")


def test_not_with_another_branch_another_month_or_a_third(cast: Cast) -> None:
    meetings_ahead(cast)
    lead = combined(cast)

    def joined(meeting: Meeting) -> None:
        combine_meetings(
            lead_id=lead.pk,
            joined_id=meeting.pk,
            expected_version=lead.version,
            actor=cast.actor("赵国梁"),
            at=NOON,
        )

    for kind, key in (("gm", "2026-12"), ("analysis", "2026-12"), ("weekly", "2026-W51")):
        with pytest.raises(Refused):
            joined(meeting_of(cast, kind, key))
    with pytest.raises(NotFound):
        joined(Meeting.objects.get(kind="analysis", key="2026-12", branch=cast.west))


def test_no_longer_apart_when_its_own_time_is_over(cast: Cast) -> None:
    """The analysis meeting of 24 December joins the weekly one of the 28th; on the 25th it is
    too late to hold it on the 24th."""
    meetings_ahead(cast)
    lead = meeting_of(cast, "weekly", "2026-W53")
    analysis = meeting_of(cast, "analysis", "2026-12")
    combine_meetings(
        lead_id=lead.pk, joined_id=analysis.pk, expected_version=1,
        actor=cast.actor("赵国梁"), at=NOON,
    )  # fmt: skip
    analysis.refresh_from_db()
    with pytest.raises(Refused):
        separate_meetings(
            joined_id=analysis.pk, expected_version=analysis.version,
            actor=cast.actor("赵国梁"), at=at("2026-12-25 09:00:00"),
        )  # fmt: skip


# Handed on (M1.3).


def delegated(cast: Cast, to: str, who: str = "周建平", kind: str = "standup",
              key: str = "2026-12-01", **more: Any) -> Meeting:  # fmt: skip
    meeting = meeting_of(cast, kind, key)
    return delegate_holding(
        **{
            "meeting_id": meeting.pk, "delegate_id": cast[to].pk, "reason": "去省公司开会",
            "expected_version": meeting.version, "actor": cast.actor(who), "at": NOON, **more,
        }
    )  # fmt: skip


def test_the_supervisor_hands_the_stand_up_to_a_manager_and_takes_it_back(cast: Cast) -> None:
    meetings_ahead(cast, SUNDAY)
    meeting = delegated(cast, "林晓岚")
    assert delegate_of(meeting) == cast["林晓岚"]
    assert names(who_owes(meeting)) == ["林晓岚"]
    assert sorted(
        Notice.objects.filter(kind="meeting").values_list("person__name", "title")
    ) == sorted(
        (name, "12月1日（周二）08:30的每日晨会由林晓岚主持")
        for name in ("林晓岚", "陈嘉怡", "何俊峰")
    )
    meeting = delegated(cast, "陈嘉怡")
    assert delegate_of(meeting) == cast["陈嘉怡"]
    assert Delegation.objects.filter(ended_at__isnull=True).count() == 1
    meeting = end_delegation(
        meeting_id=meeting.pk, expected_version=meeting.version,
        actor=cast.actor("周建平"), at=NOON,
    )  # fmt: skip
    assert delegate_of(meeting) is None
    assert names(who_owes(meeting)) == ["周建平"]


@pytest.mark.parametrize(
    ("kind", "key", "who", "to", "error"),
    [
        ("standup", "2026-12-01", "赵国梁", "周建平", None),  # his head
        ("standup", "2026-12-01", "林晓岚", "陈嘉怡", NotAllowed),
        ("standup", "2026-12-01", "周建平", "吴志远", Refused),  # of another branch
        ("standup", "2026-12-01", "周建平", "周建平", Refused),
        ("standup", "2026-12-01", "郑秋实", "吴志远", NotFound),
        ("gm", "2026-12", "赵国梁", "钱慧敏", None),
        ("gm", "2026-12", "赵国梁", "周建平", Refused),  # held by GM or deputy (M3)
        ("gm", "2026-12", "周建平", "林晓岚", NotAllowed),
    ],
)
def test_who_hands_what_to_whom(
    cast: Cast, kind: str, key: str, who: str, to: str, error: type[Exception] | None
) -> None:
    meetings_ahead(cast)
    if error is None:
        assert delegate_of(delegated(cast, to, who, kind, key)) == cast[to]
    else:
        with pytest.raises(error):
            delegated(cast, to, who, kind, key)


@pytest.mark.parametrize(
    ("moment", "is_ahead"), [("2026-12-01 08:29:59", True), ("2026-12-01 08:30:00", False)]
)
def test_only_in_advance(cast: Cast, moment: str, is_ahead: bool) -> None:
    meetings_ahead(cast, SUNDAY)
    if is_ahead:
        assert delegate_of(delegated(cast, "林晓岚", at=at(moment))) == cast["林晓岚"]
    else:
        with pytest.raises(Refused):
            delegated(cast, "林晓岚", at=at(moment))


def test_not_held_is_the_supervisors_and_nobody_elses(cast: Cast) -> None:
    meetings_ahead(cast, SUNDAY)
    meeting = meeting_of(cast, "standup", "2026-12-01")
    end = at("2026-12-01 08:50:00")
    assert standing(meeting, at("2026-12-01 08:49:59")) == "planned"
    assert standing(meeting, end) == "not_held"
    assert names(who_owes(meeting)) == ["周建平"]
    assert names(possible_delegates(meeting)) == [
        "陈嘉怡",
        "何俊峰",
        "林晓岚",
        "钱慧敏",
        "赵国梁",
        "周建平",
    ]

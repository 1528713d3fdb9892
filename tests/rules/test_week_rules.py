"""Chapter five's rules: deadlines to the second, what counts, what must be written."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import Calendar, days_from_chinesecalendar
from core.periods import SHANGHAI, Week, instant
from duties.rules import DutyTimes, is_on_time, minutes_late
from organization.settings import DEFAULTS, BranchSettings
from worklogs import rules

SETTINGS = BranchSettings()
MARKED = days_from_chinesecalendar([2025, 2026])
CALENDAR = Calendar({day.on: day for day in MARKED}, frozenset({2025, 2026}))
FRIDAY = date(2026, 11, 27)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# Annex 7's table for 2026: week from, summary due 17:30, roll-up due 18:00 with a lag of one week.
ANNEX_7 = [
    ("2025-12-29", "2025-12-31", "2026-01-09"),
    ("2026-02-09", "2026-02-13", "2026-02-27"),
    ("2026-02-16", None, None),
    ("2026-02-23", "2026-02-27", "2026-03-06"),
    ("2026-04-06", "2026-04-10", "2026-04-17"),
    ("2026-04-27", "2026-04-30", "2026-05-08"),
    ("2026-05-04", "2026-05-08", "2026-05-15"),
    ("2026-06-15", "2026-06-18", "2026-06-26"),
    ("2026-09-14", "2026-09-18", "2026-09-24"),
    ("2026-09-21", "2026-09-24", "2026-09-30"),
    ("2026-09-28", "2026-09-30", "2026-10-09"),
    ("2026-10-05", "2026-10-09", "2026-10-16"),
]


@pytest.mark.parametrize(("monday", "summary_on", "rollup_on"), ANNEX_7)
def test_every_holiday_week_of_2026_as_annex_7_has_it(
    monday: str, summary_on: str | None, rollup_on: str | None
) -> None:
    week = Week.containing(date.fromisoformat(monday))
    summary = rules.summary_times(week, CALENDAR, SETTINGS)
    rollup = rules.rollup_times(week, CALENDAR, SETTINGS)
    if summary_on is None or rollup_on is None:
        assert (summary, rollup) == (None, None)
        return
    assert summary == DutyTimes(at(f"{monday} 00:00:00"), at(f"{summary_on} 17:30:00"))
    assert rollup == DutyTimes(at(f"{summary_on} 17:30:00"), at(f"{rollup_on} 18:00:00"))


def test_without_a_lag_the_roll_up_is_due_the_same_friday() -> None:
    own = BranchSettings(rollup_lag_weeks=0)
    assert rules.rollup_times(Week(2026, 48), CALENDAR, own) == DutyTimes(
        at("2026-11-27 17:30:00"), at("2026-11-27 18:00:00")
    )


def test_a_branch_that_closes_before_the_summaries_are_due_still_has_a_moment_to_send() -> None:
    own = BranchSettings(rollup_lag_weeks=0, close_of_business=time(17, 0))
    times = rules.rollup_times(Week(2026, 48), CALENDAR, own)
    assert times == DutyTimes(at("2026-11-27 17:30:00"), at("2026-11-27 17:30:00"))


def test_week_53_has_its_friday_on_new_years_day() -> None:
    """2026-W53 runs into 2027, whose holidays are not published: Monday to Friday holds."""
    times = rules.summary_times(Week(2026, 53), CALENDAR, SETTINGS)
    assert times == DutyTimes(at("2026-12-28 00:00:00"), at("2027-01-01 17:30:00"))


@given(st.integers(0, 103))
def test_the_roll_up_opens_with_the_summary_and_never_ends_before_it(weeks: int) -> None:
    week = Week(2025, 1).plus(weeks)
    summary = rules.summary_times(week, CALENDAR, SETTINGS)
    rollup = rules.rollup_times(week, CALENDAR, SETTINGS)
    assert (summary is None) == (rollup is None)
    if summary and rollup:
        assert rollup.opens_at == summary.deadline_at <= rollup.deadline_at


@pytest.mark.parametrize(
    ("moment", "on_time", "late"),
    [("17:29:59", True, 0), ("17:30:00", True, 0), ("17:30:01", False, 1), ("17:38:20", False, 9)],
)
def test_on_time_to_the_second(moment: str, on_time: bool, late: int) -> None:
    deadline = at("2026-11-27 17:30:00")
    received = at(f"2026-11-27 {moment}").astimezone(UTC)
    assert is_on_time(received, deadline) is on_time
    assert minutes_late(received, deadline) == late


@pytest.mark.parametrize(
    ("occurred_on", "due"),
    [
        ("2026-11-27", "2026-11-28"),  # a Friday: by midnight
        ("2026-11-28", "2026-12-01"),  # a Saturday: by Monday's midnight
        ("2026-10-10", "2026-10-11"),  # a make-up Saturday is a working day
        ("2026-02-15", "2026-02-25"),  # the first day of the long holiday
    ],
)
def test_a_log_is_due_by_the_end_of_the_same_working_day(occurred_on: str, due: str) -> None:
    due_at = rules.log_due_at(date.fromisoformat(occurred_on), CALENDAR)
    assert due_at == at(f"{due} 00:00:00")
    assert not rules.is_log_late(due_at - timedelta(seconds=1), due_at)
    assert rules.is_log_late(due_at, due_at)


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-11-27 09:00:00", "2026-11-27 11:00:00"),
        ("2026-11-27 11:30:00", "2026-11-27 15:00:00"),  # over the noon rest
        ("2026-11-27 12:30:00", "2026-11-27 15:30:00"),  # at noon it starts at 13:30
        ("2026-11-27 17:00:00", "2026-11-30 10:00:00"),  # over the weekend
        ("2026-11-28 10:00:00", "2026-11-30 10:30:00"),
        ("2026-11-27 06:00:00", "2026-11-27 10:30:00"),
    ],
)
def test_a_customer_is_answered_within_two_working_hours(asked: str, due: str) -> None:
    assert rules.answer_due_at(at(asked), CALENDAR, SETTINGS) == at(due)


def obvious_answer_due_at(asked_at: datetime) -> datetime:
    """The same by walking minute after minute."""
    left, moment = 120, asked_at
    while left:
        local = moment.astimezone(SHANGHAI)
        if CALENDAR.is_workday(local.date()) and any(
            start <= local.time() < end for start, end in SETTINGS.work_hours
        ):
            left -= 1
        moment += timedelta(minutes=1)
    return moment


@given(st.integers(0, 60 * 24 * 40))
def test_answers_fall_due_as_the_obvious_way_says(minutes: int) -> None:
    asked = at("2026-02-01 00:00:00") + timedelta(minutes=minutes)
    assert rules.answer_due_at(asked, CALENDAR, SETTINGS) == obvious_answer_due_at(asked)


def test_what_happens_after_the_deadline_is_a_supplement() -> None:
    deadline = at("2026-11-27 17:30:00")
    logged = at("2026-11-30 09:00:00")
    assert not rules.is_supplement(at("2026-11-27 17:30:00"), deadline, logged, None)
    assert rules.is_supplement(at("2026-11-27 17:30:01"), deadline, logged, None)
    assert rules.is_supplement(at("2026-11-29 10:00:00"), deadline, logged, None)
    filed = at("2026-11-25 10:00:00")
    for second, is_later in ((-1, False), (0, False), (1, True)):
        recorded = filed + timedelta(seconds=second)
        assert rules.is_supplement(recorded, deadline, recorded, filed) is is_later


FULL = dict.fromkeys(rules.TEXT_PARTS, "一句")


def test_nothing_is_missing_when_every_part_says_something() -> None:
    figures = {"active": rules.Declared("14", "14"), "calls": rules.Declared("7", "8", "漏记")}
    assert rules.summary_gaps(figures, FULL, ()) == []


def test_a_figure_that_differs_wants_its_reason() -> None:
    figures = {"active": rules.Declared("10", "11", " ")}
    gap = rules.Gap("reason:active", "reason", ("11", "10"))
    assert rules.summary_gaps(figures, FULL, ()) == [gap]


@pytest.mark.parametrize("declared", ["", "-1", "三", "1.5"])
def test_a_declared_figure_is_a_whole_number(declared: str) -> None:
    figures = {"active": rules.Declared("10", declared)}
    assert rules.summary_gaps(figures, FULL, ()) == [rules.Gap("figure:active", "number")]


def test_nothing_this_week_is_said_and_not_left_blank() -> None:
    silent = dict.fromkeys(rules.TEXT_PARTS, "")
    gaps = rules.summary_gaps({}, silent, ())
    assert [gap.field for gap in gaps] == [f"text:{part}" for part in rules.TEXT_PARTS]
    nothing = [part for part in rules.TEXT_PARTS if part != "conclusions"]
    only = rules.summary_gaps({}, silent, nothing)
    assert only == [rules.Gap("text:conclusions", "conclusion")]


def test_the_conclusions_cannot_be_nothing() -> None:
    texts = {**FULL, "conclusions": ""}
    gaps = rules.summary_gaps({}, texts, ["conclusions"])
    assert gaps == [rules.Gap("text:conclusions", "conclusion")]


def test_a_text_beside_nothing_this_week_is_a_contradiction() -> None:
    assert rules.summary_gaps({}, FULL, ["help"]) == [rules.Gap("text:help", "both")]


def test_a_text_has_an_end() -> None:
    texts = {**FULL, "help": "长" * 4001}
    assert rules.summary_gaps({}, texts, ()) == [rules.Gap("text:help", "long", ("4000",))]


@pytest.mark.parametrize(
    ("received", "late", "returned", "moment", "standing"),
    [
        (None, 0, False, "17:30:00", "not_due"),
        (None, 0, False, "17:30:01", "missing"),
        ("17:14:26", 0, False, "17:46:00", "on_time"),
        ("17:38:20", 9, False, "17:46:00", "late"),
        ("17:02:11", 0, True, "17:46:00", "returned"),
    ],
)
def test_what_the_board_says(
    received: str | None, late: int, returned: bool, moment: str, standing: str
) -> None:
    found = rules.standing(
        received_at=at(f"2026-11-27 {received}") if received else None,
        minutes_late=late,
        is_returned=returned,
        deadline_at=at("2026-11-27 17:30:00"),
        at=at(f"2026-11-27 {moment}"),
    )
    assert found == standing


def test_the_reminder_button_rests_an_hour_and_three_presses_are_a_day() -> None:
    press = at("2026-11-27 15:00:00")
    assert rules.may_be_reminded([], press, SETTINGS)
    assert not rules.may_be_reminded([press], at("2026-11-27 15:59:59"), SETTINGS)
    assert rules.may_be_reminded([press], at("2026-11-27 16:00:00"), SETTINGS)
    three = [at(f"2026-11-27 {hour}:00:00") for hour in ("09", "11", "13")]
    assert not rules.may_be_reminded(three, press, SETTINGS)
    assert rules.may_be_reminded(three, at("2026-11-28 00:00:00"), SETTINGS)


def test_nobody_is_reminded_at_the_deadline_itself() -> None:
    own = BranchSettings(reminder_times=(time(17, 7), time(17, 30), time(9, 40)))
    assert rules.reminder_moments(instant(FRIDAY, time(17, 30)), own) == [
        at("2026-11-27 09:40:00"),
        at("2026-11-27 17:07:00"),
    ]


def test_the_week_closes_two_minutes_after_the_cut() -> None:
    assert rules.closing_at(at("2026-11-27 17:30:00")) == at("2026-11-27 17:32:00")


def test_the_roll_up_opens_at_the_deadline() -> None:
    opens = at("2026-11-27 17:30:00")
    assert not rules.rollup_can_be_sent(at("2026-11-27 17:29:59"), opens)
    assert rules.rollup_can_be_sent(opens, opens)


def test_undo_correction_and_a_phone_that_runs_ahead() -> None:
    saved = at("2026-11-27 15:14:02")
    assert rules.can_be_undone(saved, at("2026-11-27 15:24:02"))
    assert not rules.can_be_undone(saved, at("2026-11-27 15:24:03"))
    assert rules.log_can_be_corrected(date(2026, 10, 13), FRIDAY, DEFAULTS)
    assert not rules.log_can_be_corrected(date(2026, 10, 12), FRIDAY, DEFAULTS)
    assert rules.log_can_be_written(date(2026, 10, 27), FRIDAY, DEFAULTS)
    assert not rules.log_can_be_written(date(2026, 10, 26), FRIDAY, DEFAULTS)
    assert rules.happened_by_now(at("2026-11-27 15:19:02"), saved)
    assert not rules.happened_by_now(at("2026-11-27 15:19:03"), saved)

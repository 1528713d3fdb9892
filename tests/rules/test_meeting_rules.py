"""Chapter one: when meetings are, who holds them, what is in time (M1–M3, A1, annexes 2, 7)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from core.calendar import Calendar, days_from_chinesecalendar
from core.periods import Day, Month, Week, local
from meetings.attendance_rules import (
    absence_due_before,
    is_absence_in_time,
    is_code_valid,
    is_excused,
    is_late,
    is_scan_fresh,
)
from meetings.rules import (
    analysis_times,
    gm_times,
    holding_roles,
    is_combined_by_rule,
    may_be_combined,
    may_hold,
    minutes_due_at,
    standup_times,
    weekly_times,
)
from organization.settings import DEFAULTS
from tests.cast import at

OFFICIAL = Calendar(
    {day.on: day for day in days_from_chinesecalendar([2025, 2026])}, frozenset({2025, 2026})
)


def weekly(monday: str) -> str | None:
    times = weekly_times(Week.containing(date.fromisoformat(monday)), OFFICIAL, DEFAULTS)
    return f"{local(times.opens_at):%m-%d %H:%M}" if times else None


@pytest.mark.parametrize(
    ("monday", "meeting"),
    [
        ("2025-12-29", "12-29 08:30"),
        ("2026-02-09", "02-09 08:30"),
        ("2026-02-16", None),
        ("2026-02-23", "02-24 08:30"),
        ("2026-04-06", "04-07 08:30"),
        ("2026-04-27", "04-27 08:30"),
        ("2026-05-04", "05-06 08:30"),
        ("2026-06-15", "06-15 08:30"),
        ("2026-09-14", "09-14 08:30"),
        ("2026-09-21", "09-21 08:30"),
        ("2026-09-28", "09-28 08:30"),
        ("2026-10-05", "10-08 08:30"),
    ],
)
def test_the_weekly_meeting_moves_by_annex_7(monday: str, meeting: str | None) -> None:
    assert weekly(monday) == meeting


def standups(first: date, last: date) -> list[str]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [f"{on:%m-%d}" for on in days if standup_times(Day(on), OFFICIAL, DEFAULTS)]


def test_a_stand_up_every_working_day_but_on_that_of_the_weekly_meeting() -> None:
    """Make-up weekends included: 4 January is a Sunday, 14 February a Saturday, 2026."""
    assert standups(date(2025, 12, 29), date(2026, 1, 4)) == ["12-30", "12-31", "01-04"]
    assert standups(date(2026, 2, 9), date(2026, 2, 28)) == [
        *("02-10", "02-11", "02-12", "02-13", "02-14"),
        *("02-25", "02-26", "02-27", "02-28"),
    ]
    assert standups(date(2026, 5, 4), date(2026, 5, 10)) == ["05-07", "05-08", "05-09"]
    assert standups(date(2026, 10, 5), date(2026, 10, 11)) == ["10-09", "10-10"]


def test_every_working_day_of_2026_has_one_meeting_in_the_morning() -> None:
    mornings: dict[date, int] = {}
    for n in range(365):
        on = date(2026, 1, 1) + timedelta(days=n)
        if standup_times(Day(on), OFFICIAL, DEFAULTS):
            mornings[on] = mornings.get(on, 0) + 1
    for week in range(1, 54):
        times = weekly_times(Week(2026, week), OFFICIAL, DEFAULTS)
        if times and (on := local(times.opens_at).date()).year == 2026:
            mornings[on] = mornings.get(on, 0) + 1
    first_week = weekly_times(Week(2026, 1), OFFICIAL, DEFAULTS)
    assert first_week is not None  # Monday, 29 December 2025
    assert mornings == dict.fromkeys(OFFICIAL.working_days(date(2026, 1, 1), date(2026, 12, 31)), 1)


def test_monthly_meetings_are_on_a_working_day_of_the_month() -> None:
    gm = gm_times(Month(2026, 10), OFFICIAL, DEFAULTS)
    analysis = analysis_times(Month(2026, 10), OFFICIAL, DEFAULTS)
    assert gm is not None
    assert analysis is not None
    assert f"{local(gm.opens_at):%m-%d %H:%M}–{local(gm.deadline_at):%H:%M}" == "10-22 15:00–16:30"
    assert f"{local(analysis.opens_at):%m-%d %H:%M}" == "10-30 15:00"
    late = replace(DEFAULTS, gm_day=23)
    short = gm_times(Month(2026, 2), OFFICIAL, late)
    assert short is not None
    assert f"{local(short.opens_at):%m-%d}" == "02-28"  # the month has fewer working days


@pytest.mark.parametrize(
    ("given", "calendar_day", "working_day"),
    [
        # A Monday's meeting: 23 November 2026.
        ("2026-11-20 23:59:59", True, True),
        ("2026-11-21 00:00:00", True, False),
        ("2026-11-22 23:59:59", True, False),
        ("2026-11-23 00:00:00", False, False),
        ("2026-11-23 08:00:00", False, False),
    ],
)
def test_a_notice_comes_no_later_than_the_day_before(
    given: str, calendar_day: bool, working_day: bool
) -> None:
    monday = date(2026, 11, 23)
    for cutoff, expected in (("calendar_day", calendar_day), ("working_day", working_day)):
        due = absence_due_before(monday, OFFICIAL, cutoff)
        assert is_absence_in_time(at(given), due) is expected


@pytest.mark.parametrize(
    ("in_time", "state", "excused"),
    [
        (True, "given", True),
        (True, "accepted", True),
        (True, "refused", False),
        (True, "withdrawn", False),
        (False, "given", False),
        (False, "accepted", True),  # an emergency
        (False, "refused", False),
    ],
)
def test_what_excuses(in_time: bool, state: str, excused: bool) -> None:
    assert is_excused(is_in_time=in_time, state=state) is excused


@pytest.mark.parametrize(
    ("signed", "opened", "late"),
    [
        ("08:29:59", "08:30:00", False),
        ("08:30:00", "08:30:00", False),
        ("08:30:01", "08:30:00", True),
        ("08:30:59", "08:31:00", False),  # the chair was late himself
        ("08:31:00", "08:31:00", False),
        ("08:31:01", "08:31:00", True),
        ("08:29:00", "08:25:00", False),  # begun before its time
        ("08:45:00", None, False),  # not begun at all
    ],
)
def test_late_is_after_the_time_and_after_the_beginning(
    signed: str, opened: str | None, late: bool
) -> None:
    def moment(text: str) -> datetime:
        return at(f"2026-11-27 {text}")

    begun = moment(opened) if opened else None
    assert is_late(moment(signed), moment("08:30:00"), begun) is late


@pytest.mark.parametrize(("seconds", "valid"), [(-1, False), (0, True), (60, True), (61, False)])
def test_a_code_lives_sixty_seconds(seconds: int, valid: bool) -> None:
    made = at("2026-11-27 08:30:00")
    assert is_code_valid(made, made + timedelta(seconds=seconds)) is valid


@pytest.mark.parametrize(
    ("seconds", "asked_password", "fresh"),
    [
        (-1, False, False),
        (60, False, True),
        (61, False, False),
        (61, True, True),
        (300, True, True),
        (301, True, False),
    ],
)
def test_an_opened_code_waits_for_the_number_longer_where_a_password_was_asked_for(
    seconds: int, asked_password: bool, fresh: bool
) -> None:
    opened = at("2026-11-27 08:30:00")
    given = opened + timedelta(seconds=seconds)
    assert is_scan_fresh(opened, given, asked_password=asked_password) is fresh


def test_who_holds_what() -> None:
    assert holding_roles(["standup"], DEFAULTS) == {"supervisor"}
    assert holding_roles(["weekly"], DEFAULTS) == {"supervisor"}
    assert holding_roles(["gm"], DEFAULTS) == {"gm", "deputy"}
    assert holding_roles(["analysis"], DEFAULTS) == {"gm", "deputy"}
    assert holding_roles(["analysis", "weekly"], DEFAULTS) == {"gm", "deputy"}
    assert holding_roles(["analysis", "gm"], DEFAULTS) == {"gm", "deputy"}
    free = replace(DEFAULTS, analysis_chaired_by_convener="no")
    assert holding_roles(["analysis", "weekly"], free) == {"supervisor"}
    assert holding_roles(["analysis"], free) == {"gm", "deputy"}


def test_the_delegate_holds_it_and_nobody_else() -> None:
    assert may_hold(3, holders={3}, delegate_id=None)
    assert not may_hold(4, holders={3}, delegate_id=None)
    assert may_hold(4, holders={3}, delegate_id=4)
    assert not may_hold(3, holders={3}, delegate_id=4)


def test_which_sittings_discharge_two_duties() -> None:
    assert may_be_combined(["analysis", "gm"], DEFAULTS)
    assert may_be_combined(["weekly", "analysis"], DEFAULTS)
    assert not may_be_combined(["gm", "weekly"], DEFAULTS)
    assert not may_be_combined(["analysis", "gm", "weekly"], DEFAULTS)
    ours = replace(DEFAULTS, other_combinations=("gm+weekly",))
    assert may_be_combined(["weekly", "gm"], ours)
    assert not is_combined_by_rule(["weekly", "gm"])
    assert is_combined_by_rule(["weekly", "analysis"])


def test_minutes_are_due_on_the_next_working_day() -> None:
    due = minutes_due_at(date(2026, 9, 30), OFFICIAL, DEFAULTS)
    assert f"{local(due):%m-%d %H:%M}" == "10-08 17:30"

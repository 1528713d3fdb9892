"""Working days after annex 7, with its own table for 2026."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import (
    PLAIN_CALENDAR,
    Calendar,
    DayMark,
    HolidayFileError,
    NotYetPublished,
    days_from_chinesecalendar,
    days_from_holiday_json,
    notice_year,
    years_in_chinesecalendar,
)
from core.periods import Month, Week

HOLIDAYS = Path(__file__).parents[1] / "data" / "holidays"


def calendar_of(days: list[DayMark], *years: int) -> Calendar:
    return Calendar({day.on: day for day in days}, frozenset(years))


OFFICIAL = calendar_of(days_from_chinesecalendar([2025, 2026]), 2025, 2026)


def day(month: int, number: int, year: int = 2026) -> date:
    return date(year, month, number)


# week from, meeting, summary due, roll-up due with a lag of one week
ANNEX_7 = [
    (day(12, 29, 2025), day(12, 29, 2025), day(12, 31, 2025), day(1, 9)),
    (day(2, 9), day(2, 9), day(2, 13), day(2, 27)),
    (day(2, 16), None, None, None),
    (day(2, 23), day(2, 24), day(2, 27), day(3, 6)),
    (day(4, 6), day(4, 7), day(4, 10), day(4, 17)),
    (day(4, 27), day(4, 27), day(4, 30), day(5, 8)),
    (day(5, 4), day(5, 6), day(5, 8), day(5, 15)),
    (day(6, 15), day(6, 15), day(6, 18), day(6, 26)),
    (day(9, 14), day(9, 14), day(9, 18), day(9, 24)),
    (day(9, 21), day(9, 21), day(9, 24), day(9, 30)),
    (day(9, 28), day(9, 28), day(9, 30), day(10, 9)),
    (day(10, 5), day(10, 8), day(10, 9), day(10, 16)),
]


@pytest.mark.parametrize(
    ("monday", "meeting", "summary", "roll_up"), ANNEX_7, ids=[str(row[0]) for row in ANNEX_7]
)
def test_annex_7_of_2026(
    monday: date, meeting: date | None, summary: date | None, roll_up: date | None
) -> None:
    week = Week.containing(monday)
    assert week.monday == monday
    assert OFFICIAL.weekly_meeting_on(week) == meeting
    assert OFFICIAL.weekly_deadline_on(week) == summary
    if summary is None:
        return  # a week without a summary has no roll-up either
    # "A lagged roll-up with no working day in its week falls due by the next week's Friday rule."
    following = OFFICIAL.next_week_with_working_days(week)
    assert OFFICIAL.weekly_deadline_on(following) == roll_up


def test_the_days_off_and_worked_of_2026() -> None:
    def through(first: date, last: date) -> list[date]:
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    off = [
        *through(day(1, 1), day(1, 3)),
        *through(day(2, 15), day(2, 23)),
        *through(day(4, 4), day(4, 6)),
        *through(day(5, 1), day(5, 5)),
        *through(day(6, 19), day(6, 21)),
        *through(day(9, 25), day(9, 27)),
        *through(day(10, 1), day(10, 7)),
    ]
    worked = [day(1, 4), day(2, 14), day(2, 28), day(5, 9), day(9, 20), day(10, 10)]
    year = through(day(1, 1), day(12, 31))
    assert [on for on in year if OFFICIAL.mark(on) == "休"] == off
    assert [on for on in year if OFFICIAL.mark(on) == "班"] == worked
    assert [on for on in year if OFFICIAL.is_workday(on)] == [
        on for on in year if on in worked or (on.weekday() < 5 and on not in off)
    ]
    assert OFFICIAL.name(day(2, 14)) == OFFICIAL.name(day(2, 17)) == "春节"
    assert OFFICIAL.name(day(11, 27)) == ""


def test_a_plain_weekend_bears_no_mark_and_an_edited_one_does() -> None:
    edited = calendar_of(
        [
            DayMark(day(11, 28), False),
            DayMark(day(11, 27), False, "店庆", "手工"),
            DayMark(day(11, 29), True, "店庆", "手工"),
            DayMark(day(11, 26), True),
        ],
        2026,
    )
    assert [edited.mark(day(11, n)) for n in (26, 27, 28, 29)] == ["", "休", "", "班"]


def test_week_53_and_the_turn_of_an_unloaded_year() -> None:
    assert OFFICIAL.is_loaded(2026)
    assert not OFFICIAL.is_loaded(2027)
    # 2027 falls back to plain weeks: its first of January is a Friday.
    assert OFFICIAL.weekly_deadline_on(Week(2026, 53)) == date(2027, 1, 1)
    loaded = calendar_of(
        [*OFFICIAL.days.values(), DayMark(date(2027, 1, 1), False, "元旦", "手工")], 2026, 2027
    )
    assert loaded.weekly_deadline_on(Week(2026, 53)) == date(2026, 12, 31)
    assert loaded.next_week_with_working_days(Week(2026, 53)) == Week(2027, 1)


def test_monthly_duties_count_working_days() -> None:
    october = Month(2026, 10)
    assert OFFICIAL.nth_working_day(october, 1) == day(10, 8)
    assert OFFICIAL.nth_working_day(october, 3) == day(10, 10)  # the Saturday worked
    assert OFFICIAL.nth_working_day(october, -1) == day(10, 30)
    with pytest.raises(ValueError, match="working days"):
        OFFICIAL.nth_working_day(october, 30)
    with pytest.raises(ValueError, match="working days"):
        OFFICIAL.nth_working_day(october, 0)


def test_the_plan_before_a_week_off_covers_the_next_week_worked() -> None:
    assert OFFICIAL.next_week_with_working_days(Week.containing(day(2, 9))) == Week.containing(
        day(2, 23)
    )


def test_a_table_without_any_working_day_is_said_to_be_wrong() -> None:
    first = day(1, 1)
    shut = calendar_of([DayMark(first + timedelta(days=n), False) for n in range(2000)], 2026)
    with pytest.raises(ValueError, match="no working day within a year"):
        shut.next_working_day(first)
    with pytest.raises(ValueError, match="no working day within a year"):
        shut.next_week_with_working_days(Week.containing(first))


DAYS = st.dates(date(2025, 1, 20), date(2026, 12, 10))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any calendar: a few dozen days marked either way."""
    marks = draw(st.dictionaries(DAYS, st.booleans(), max_size=60))
    return Calendar({on: DayMark(on, worked) for on, worked in marks.items()}, frozenset())


def slowly_worked(calendar: Calendar, on: date) -> bool:
    if on in calendar.days:
        return calendar.days[on].is_workday
    return on.strftime("%a") not in ("Sat", "Sun")


@given(calendars(), DAYS)
def test_the_friday_rule_as_one_would_say_it(calendar: Calendar, on: date) -> None:
    week = Week.containing(on)
    expected = None
    for back in range(5):
        candidate = week.friday - timedelta(days=back)
        if slowly_worked(calendar, candidate):
            expected = candidate
            break
    assert calendar.weekly_deadline_on(week) == expected


@given(calendars(), DAYS)
def test_the_meeting_rule_as_one_would_say_it(calendar: Calendar, on: date) -> None:
    week = Week.containing(on)
    expected = None
    for candidate in reversed(week.days):
        if slowly_worked(calendar, candidate):
            expected = candidate
    assert calendar.weekly_meeting_on(week) == expected


@given(calendars(), DAYS, st.integers(1, 9))
def test_steps_over_working_days_as_one_would_count(calendar: Calendar, on: date, n: int) -> None:
    for step, move in ((1, calendar.next_working_day), (-1, calendar.previous_working_day)):
        counted, candidate = 0, on
        while counted < n:
            candidate += timedelta(days=step)
            counted += slowly_worked(calendar, candidate)
        assert move(on, n) == candidate
    if slowly_worked(calendar, on):
        assert calendar.on_or_after(on) == calendar.on_or_before(on) == on
    else:
        assert calendar.on_or_after(on) == calendar.next_working_day(on)
        assert calendar.on_or_before(on) == calendar.previous_working_day(on)


@given(calendars(), DAYS, st.integers(0, 40))
def test_the_days_of_a_span_as_one_would_list_them(
    calendar: Calendar, first: date, length: int
) -> None:
    span = [first + timedelta(days=n) for n in range(length)]
    last = first + timedelta(days=length - 1)
    worked = tuple(on for on in span if slowly_worked(calendar, on))
    assert calendar.working_days(first, last) == worked
    assert calendar.count_working_days(first, last) == len(worked)


@given(DAYS)
def test_without_a_table_monday_to_friday_are_worked(on: date) -> None:
    assert PLAIN_CALENDAR.is_workday(on) == (on.weekday() < 5)
    assert PLAIN_CALENDAR.weekly_deadline_on(Week.containing(on)) == Week.containing(on).friday
    assert PLAIN_CALENDAR.mark(on) == ""


# The two published forms


def holiday_file(year: int) -> object:
    return json.loads((HOLIDAYS / f"{year}.json").read_text())


@pytest.mark.parametrize("year", [2025, 2026])
def test_both_published_forms_agree(year: int) -> None:
    from_file = days_from_holiday_json(holiday_file(year))
    assert isinstance(from_file, list)
    assert [(d.on, d.is_workday) for d in from_file] == [
        (d.on, d.is_workday) for d in days_from_chinesecalendar([year])
    ]


def test_a_day_read_from_a_file_is_complete() -> None:
    days = days_from_holiday_json(holiday_file(2026))
    assert isinstance(days, list)
    assert days[3] == DayMark(day(1, 4), True, "元旦", "holiday-json")


def test_a_file_without_days_is_a_year_not_yet_published() -> None:
    assert days_from_holiday_json(holiday_file(2027)) == NotYetPublished(2027)
    assert notice_year(holiday_file(2027)) == 2027


def test_late_december_may_stand_in_the_next_years_notice() -> None:
    notice = {
        "year": 2027,
        "days": [{"name": "元旦", "date": "2026-12-31", "isOffDay": True}],
    }
    assert days_from_holiday_json(notice) == [
        DayMark(date(2026, 12, 31), False, "元旦", "holiday-json")
    ]


def entry(**changes: object) -> dict[str, object]:
    return {"name": "元旦", "date": "2027-01-01", "isOffDay": True} | changes


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"year": "2027", "days": []},
        {"year": True, "days": []},
        {"year": 2027},
        {"year": 2027, "days": {}},
        {"year": 2027, "days": ["2027-01-01"]},
        {"year": 2027, "days": [entry(date="2027-13-01")]},
        {"year": 2027, "days": [entry(date=None)]},
        {"year": 2027, "days": [entry(isOffDay=1)]},
        {"year": 2027, "days": [entry(name=None)]},
        {"year": 2027, "days": [entry(date="2029-01-01")]},
        {"year": 2027, "days": [entry(), entry(isOffDay=False)]},
    ],
)
def test_anything_else_is_refused(data: object) -> None:
    with pytest.raises(HolidayFileError):
        days_from_holiday_json(data)


def test_a_year_the_package_does_not_know_is_not_a_year_without_holidays() -> None:
    last = years_in_chinesecalendar()[-1]
    with pytest.raises(ValueError, match="not in the package"):
        days_from_chinesecalendar([last, last + 1])

"""Weeks, months and instants in Shanghai, wherever the host stands."""

from __future__ import annotations

import os
import time as host_time
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numbers import percent, rounded
from core.periods import (
    SHANGHAI,
    Day,
    Month,
    Week,
    instant,
    local,
    local_date,
    parse_period,
    periods_between,
)

DAYS = st.dates(date(1990, 1, 8), date(2120, 12, 20))


def test_a_week_is_named_as_iso_names_it() -> None:
    assert Week.containing(date(2026, 11, 27)).key == "2026-W48"
    assert Week(2026, 48).monday == date(2026, 11, 23)
    assert Week(2026, 48).friday == date(2026, 11, 27)
    assert Week(2026, 48).sunday == date(2026, 11, 29)


def test_2026_has_a_week_53_that_reaches_into_2027() -> None:
    assert Week.containing(date(2027, 1, 3)) == Week(2026, 53)
    assert Week(2026, 53).days == (
        date(2026, 12, 28),
        date(2026, 12, 29),
        date(2026, 12, 30),
        date(2026, 12, 31),
        date(2027, 1, 1),
        date(2027, 1, 2),
        date(2027, 1, 3),
    )
    assert Week(2026, 53).next == Week(2027, 1)
    assert Week(2027, 1).previous == Week(2026, 53)
    assert Week(2027, 1).previous.previous == Week(2026, 52)


def test_the_first_days_of_2026_lie_in_a_week_that_began_in_2025() -> None:
    assert Week.containing(date(2025, 12, 29)) == Week(2026, 1)
    assert Week.containing(date(2025, 12, 28)) == Week(2025, 52)


@pytest.mark.parametrize(
    "key", ["2025-W53", "2026-W00", "2026-W54", "2026W48", "2026-48", "2026-W4", " 2026-W48", ""]
)
def test_a_week_that_does_not_exist_is_not_read(key: str) -> None:
    with pytest.raises(ValueError, match="week"):
        Week.parse(key)


@pytest.mark.parametrize("key", ["2026-13", "2026-00", "2026-1", "2026-W11", "2026-11-01", ""])
def test_a_month_that_does_not_exist_is_not_read(key: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Month.parse(key)


def test_months_turn_with_the_year() -> None:
    assert Month(2026, 12).next == Month(2027, 1)
    assert Month(2027, 1).previous == Month(2026, 12)
    assert Month(2026, 11).plus(-23) == Month(2024, 12)
    assert (Month(2028, 2).last, Month(2026, 2).last) == (date(2028, 2, 29), date(2026, 2, 28))
    assert Month.parse("2026-11") == Month(2026, 11)


@given(DAYS)
def test_a_week_holds_its_seven_days_and_no_other(on: date) -> None:
    week = Week.containing(on)
    assert [day for day in week.days if day in week] == list(week.days)
    assert on in week
    assert week.monday.weekday() == 0
    assert week.monday - timedelta(days=1) not in week
    assert week.sunday + timedelta(days=1) not in week
    assert week.next.monday == week.sunday + timedelta(days=1)
    assert week.next.previous == week == Week.parse(week.key)
    assert week.previous < week < week.next
    assert week.previous.key < week.key < week.next.key


@given(DAYS)
def test_a_month_holds_its_days_and_no_other(on: date) -> None:
    month = Month.containing(on)
    assert on in month
    assert [day.month for day in month.days] == [month.number] * len(month.days)
    assert month.days[0] == month.first
    assert month.days[-1] == month.last
    assert month.last + timedelta(days=1) == month.next.first
    assert month.next.previous == month == Month.parse(month.key)
    assert month.previous < month < month.next


def test_half_past_five_on_friday_is_half_past_nine_in_utc() -> None:
    at = instant(date(2026, 11, 27), time(17, 30))
    assert at == datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
    assert local(at) == datetime(2026, 11, 27, 17, 30, tzinfo=SHANGHAI)


def test_the_day_turns_at_midnight_in_shanghai() -> None:
    midnight = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
    second = timedelta(seconds=1)
    assert local_date(midnight - second) == date(2026, 11, 27)
    assert local_date(midnight) == date(2026, 11, 28)
    assert local_date(midnight + second) == date(2026, 11, 28)


def test_a_host_in_another_time_zone_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.environ.get("TZ")
    try:
        for zone in ("America/Los_Angeles", "Pacific/Kiritimati"):
            monkeypatch.setenv("TZ", zone)
            host_time.tzset()
            at = instant(date(2026, 11, 27), time(17, 30))
            assert at == datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
            assert local_date(at) == date(2026, 11, 27)
    finally:
        if before is None:
            monkeypatch.delenv("TZ")
        else:
            monkeypatch.setenv("TZ", before)
        host_time.tzset()


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local(datetime(2026, 11, 27, 17, 30))  # noqa: DTZ001 - the very thing that is refused


@pytest.mark.parametrize(
    ("x", "places", "expected"),
    [
        ("0.125", 2, "0.13"),
        ("0.135", 2, "0.14"),
        ("-0.125", 2, "-0.13"),
        ("89.995", 2, "90.00"),
        ("89.9949", 2, "89.99"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("7", 2, "7.00"),
    ],
)
def test_halves_are_rounded_away_from_zero(x: str, places: int, expected: str) -> None:
    assert str(rounded(Decimal(x), places)) == expected


def test_a_share_of_nothing_is_no_figure() -> None:
    assert percent(0, 0) is None
    assert percent(0, 3) == Decimal("0.0")
    assert percent(2, 3) == Decimal("66.7")
    assert percent(1, 8, 0) == Decimal(13)


def test_days_weeks_and_months_are_periods_by_their_keys() -> None:
    assert [parse_period(key) for key in ("2026-11-27", "2026-W48", "2026-11")] == [
        Day(date(2026, 11, 27)),
        Week(2026, 48),
        Month(2026, 11),
    ]
    for wrong in ("2026-11-31", "2026-W54", "2026-13", "20261127", "2026-1-1"):
        with pytest.raises(ValueError, match=r"not a|month|week|day"):
            parse_period(wrong)


def test_a_span_is_covered_by_the_periods_that_touch_it() -> None:
    first, last = date(2026, 11, 29), date(2026, 12, 1)
    assert [
        [one.key for one in periods_between(span, first, last)] for span in (Day, Week, Month)
    ] == [
        ["2026-11-29", "2026-11-30", "2026-12-01"],
        ["2026-W48", "2026-W49"],
        ["2026-11", "2026-12"],
    ]
    assert periods_between(Day, last, first) == []

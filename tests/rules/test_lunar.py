"""The day on which a birthday is kept, year by year (annex 6)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.lunar import YEARS, Birthday, lunar_day_name, read_lunar_day


@pytest.mark.parametrize(
    ("birthday", "year", "kept_on"),
    [
        (Birthday(5, 22), 2026, date(2026, 5, 22)),
        (Birthday(2, 29, 2000), 2028, date(2028, 2, 29)),
        (Birthday(2, 29, 2000), 2026, date(2026, 2, 28)),
        (Birthday(8, 15, is_lunar=True), 2026, date(2026, 9, 25)),
        (Birthday(1, 1, is_lunar=True), 2026, date(2026, 2, 17)),
        # The twelfth month belongs to the lunar year that began in the year before.
        (Birthday(12, 23, is_lunar=True), 2026, date(2026, 2, 10)),
        # 2023 had a leap second month; 2026 has not: the plain one is kept.
        (Birthday(2, 1, None, True, True), 2023, date(2023, 3, 22)),
        (Birthday(2, 1, None, True, True), 2026, date(2026, 3, 19)),
        # A month of 29 days: the 30th is kept on its last.
        (Birthday(12, 30, is_lunar=True), 2025, date(2025, 1, 28)),
    ],
)
def test_the_day_it_is_kept(birthday: Birthday, year: int, kept_on: date) -> None:
    assert birthday.kept_on(year) == kept_on


def test_the_lunar_tables_end_before_the_new_moon_that_nobody_can_date_yet() -> None:
    ninth = Birthday(9, 1, is_lunar=True)
    assert ninth.kept_on(2056) == date(2056, 10, 9)
    assert Birthday(12, 30, is_lunar=True).kept_on(2056) == date(2056, 2, 14)
    for year in (1900, 2057, 2200):
        with pytest.raises(Refused, match="农历生日只换算 1901 年到 2056 年"):
            ninth.kept_on(year)
    assert Birthday(9, 1).kept_on(2057) == date(2057, 9, 1)


def test_every_lunar_day_that_is_kept_falls_into_its_year() -> None:
    for year in YEARS:
        days = [Birthday(month, 15, is_lunar=True).kept_on(year) for month in range(1, 11)]
        assert all(day is not None and day.year == year for day in days)


@given(
    st.integers(1, 12),
    st.integers(1, 30),
    st.one_of(st.none(), st.integers(1930, 2010)),
    st.booleans(),
)
def test_a_lunar_birthday_is_sealed_and_read_back(
    month: int, day: int, year: int | None, is_leap: bool
) -> None:
    birthday = Birthday(month, day, year, True, is_leap)
    assert Birthday.parse(birthday.text) == birthday
    assert read_lunar_day(lunar_day_name(month, day)) == (month, day, False)
    assert read_lunar_day("闰" + lunar_day_name(month, day)) == (month, day, True)


@given(st.dates(date(1930, 1, 1), date(2010, 12, 31)))
def test_a_solar_birthday_is_sealed_and_read_back(on: date) -> None:
    for year in (on.year, None):
        birthday = Birthday(on.month, on.day, year)
        assert Birthday.parse(birthday.text) == birthday
        assert birthday.kept_on(2028) == date(2028, on.month, on.day)


def test_a_preview_never_shows_the_year() -> None:
    assert Birthday(10, 12, 1967).masked == "****年10月12日"
    assert Birthday(10, 12).masked == "10月12日"
    assert Birthday(2, 1, None, True, True).masked == "农历闰二月初一"


@pytest.mark.parametrize("text", ["", "1967-13-01", "10-12-1967", "solar:05-22", "lunar:05-31"])
def test_what_is_no_birthday_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"month|day|birthday"):
        Birthday.parse(text)


@pytest.mark.parametrize("text", ["八月", "月初一", "十三月初一", "八月初", "二月卅一", "甲月初一"])
def test_what_is_no_lunar_day_is_not_read(text: str) -> None:
    assert read_lunar_day(text) is None

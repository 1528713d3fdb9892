"""Birthdays as people give them, and the day on which each is kept in a year.

A birthday may lack its year, and may count by the lunar calendar, in a leap month too. Annex 6:
lunar birthdays are converted every year; 29 February is kept on the 28th where there is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from lunardate import LunarDate

from core.errors import Refused

_TEXT = re.compile(r"(lunar:)?(?:(\d{4})-)?(\+)?(\d{2})-(\d{2})")
_LUNAR_DAYS = 30
YEARS = range(1901, 2057)
"""The solar years into which lunar days are converted. The new moon of September 2057 comes within
half a minute of Beijing's midnight: whether that month begins on the 28th or the 29th depends on
how the earth turns until then, and published tables differ."""
_SOLAR_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Birthday:
    """A day of birth: month and day, the year when known, by the lunar calendar when so given.

    ValueError for a day that no year has.
    """

    month: int
    day: int
    year: int | None = None
    is_lunar: bool = False
    is_leap_month: bool = False

    def __post_init__(self) -> None:
        longest = _LUNAR_DAYS if self.is_lunar else 0
        if not 1 <= self.month <= 12:
            raise ValueError("month")
        if not 1 <= self.day <= (longest or _SOLAR_DAYS[self.month - 1]):
            raise ValueError("day")
        if self.is_leap_month and not self.is_lunar:
            raise ValueError("leap")
        if self.year is not None and not self.is_lunar:
            date(self.year, self.month, self.day)

    @property
    def month_day(self) -> str:
        """``05-22``, of whichever calendar."""
        return f"{self.month:02d}-{self.day:02d}"

    @property
    def text(self) -> str:
        """The form that is sealed: ``1967-10-12``, ``05-22``, ``lunar:02-01``, ``lunar:+02-01``."""
        calendar = "lunar:" if self.is_lunar else ""
        year = "" if self.year is None else f"{self.year:04d}-"
        return f"{calendar}{year}{'+' if self.is_leap_month else ''}{self.month_day}"

    @property
    def masked(self) -> str:
        """What a preview may show: month and day, never the year."""
        if self.is_lunar:
            return f"农历{'闰' if self.is_leap_month else ''}{lunar_day_name(self.month, self.day)}"
        year = "" if self.year is None else "****年"
        return f"{year}{self.month}月{self.day}日"

    @classmethod
    def parse(cls, text: str) -> Birthday:
        """A birthday from its sealed form; ValueError for anything else."""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ValueError("not a birthday")
        lunar, year, leap, month, day = match.groups()
        return cls(
            int(month), int(day), int(year) if year else None, lunar is not None, leap is not None
        )

    def kept_on(self, year: int) -> date | None:
        """The day in the solar ``year`` on which it is kept.

        Solar: the day itself, 28 February for the 29th. Lunar: the day on which it falls; twice
        in one solar year, the earlier; a leap month that a year lacks is the plain month, a 30th
        that a month lacks is its 29th. None when it falls in no day of that year, which the
        twelfth month does now and then. Refused outside YEARS.
        """
        if not self.is_lunar:
            return _solar(year, self.month, self.day)
        if year not in YEARS:
            raise Refused(
                _("农历生日只换算 %(first)s 年到 %(last)s 年，更远的朔日还没有定论。")
                % {"first": YEARS[0], "last": YEARS[-1]}
            )
        found = [
            on
            for lunar_year in (year - 1, year)
            if (on := self._lunar_on(lunar_year)) is not None and on.year == year
        ]
        return min(found, default=None)

    def _lunar_on(self, lunar_year: int) -> date | None:
        is_leap = self.is_leap_month and LunarDate.leap_month_for_year(lunar_year) == self.month
        on: date
        for day in (self.day, self.day - 1):
            try:
                on = LunarDate(lunar_year, self.month, day, is_leap).to_solar_date()
            except ValueError:
                continue
            return on
        return None


def _solar(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month, day - 1)


_MONTH_NAMES = "正二三四五六七八九十冬腊"
_TENS = ("初", "十", "廿", "三")
_DIGITS = "一二三四五六七八九十"


def lunar_day_name(month: int, day: int) -> str:
    """``二月初一``, ``腊月廿三``: a lunar day as it is said."""
    if day in (10, 20, 30):
        name = {10: "初十", 20: "二十", 30: "三十"}[day]
    else:
        name = _TENS[day // 10] + _DIGITS[day % 10 - 1]
    return f"{_MONTH_NAMES[month - 1]}月{name}"


def read_lunar_day(text: str) -> tuple[int, int, bool] | None:
    """(month, day, is leap) of ``闰二月初一``, ``8月15``, ``十一月廿三``; else None."""
    match = re.fullmatch(r"(闰?)(.{1,2}?)月(.{1,3}?)[日号]?", text)
    if match is None:
        return None
    month, day = _lunar_month(match[2]), _lunar_day(match[3])
    if month is None or day is None:
        return None
    return month, day, bool(match[1])


def _lunar_month(name: str) -> int | None:
    if name.isascii() and name.isdecimal():
        return int(name) if 1 <= int(name) <= 12 else None
    names = {sign: n for n, sign in enumerate(_MONTH_NAMES, 1)}
    names |= {"一": 1, "十一": 11, "十二": 12, "臘": 12, "蜡": 12}
    return names.get(name)


def _lunar_day(name: str) -> int | None:
    if name.isascii() and name.isdecimal():
        return int(name) if 1 <= int(name) <= _LUNAR_DAYS else None
    for prefix, tens in (("初", 0), ("廿", 20), ("卅", 30), ("二十", 20), ("三十", 30), ("十", 10)):
        if name.startswith(prefix):
            rest = name.removeprefix(prefix)
            digit = 0 if not rest and tens else _DIGITS.find(rest) + 1 if len(rest) == 1 else -1
            if rest and digit <= 0:
                return None
            number = tens + digit
            return number if 1 <= number <= _LUNAR_DAYS else None
    single = _DIGITS.find(name) + 1 if len(name) == 1 else 0
    return single or None

"""Weeks, months and the one local time: Asia/Shanghai.

Instants are stored in UTC; a day, a week or a month is always one of Shanghai, wherever the host
stands. Weeks start on Monday and are named as ISO names them (2026-W53 exists). Pure: no clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

# Beyond these no calendar of people reaches; within them every day has days before and after it.
YEARS = range(1949, 2200)

_WEEK_KEY = re.compile(r"(\d{4})-W(\d{2})")
_MONTH_KEY = re.compile(r"(\d{4})-(\d{2})")
_DAY_KEY = re.compile(r"\d{4}-\d{2}-\d{2}")


def local(at: datetime) -> datetime:
    """The instant ``at`` (aware) as Shanghai's wall clock; ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(SHANGHAI)


def local_date(at: datetime) -> date:
    """The day in Shanghai on which the instant ``at`` (aware) falls."""
    return local(at).date()


def instant(on: date, at_time: time) -> datetime:
    """The UTC instant of the wall-clock time ``at_time`` (naive) on the day ``on`` in Shanghai."""
    return datetime.combine(on, at_time, tzinfo=SHANGHAI).astimezone(UTC)


@dataclass(frozen=True, order=True, slots=True)
class Week:
    """An ISO week, Monday to Sunday; ``year`` is the ISO year, which holds the week's Thursday.

    ValueError for a week that does not exist (53 in a year of 52).
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        date.fromisocalendar(self.year, self.number, 1)

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """``2026-W48``: sorts as the weeks do."""
        return f"{self.year:04d}-W{self.number:02d}"

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def first(self) -> date:
        return self.monday

    @property
    def last(self) -> date:
        return self.sunday

    @property
    def friday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 5)

    @property
    def sunday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 7)

    @property
    def days(self) -> tuple[date, ...]:
        """The seven days, Monday first."""
        monday = self.monday
        return tuple(monday + timedelta(days=n) for n in range(7))

    @property
    def next(self) -> Week:
        return self.plus(1)

    @property
    def previous(self) -> Week:
        return self.plus(-1)

    def plus(self, weeks: int) -> Week:
        """The week that many weeks later (earlier when negative)."""
        return Week.containing(self.monday + timedelta(weeks=weeks))

    def __contains__(self, on: date) -> bool:
        return self.monday <= on <= self.sunday

    @classmethod
    def containing(cls, on: date) -> Week:
        """The week in which the day ``on`` lies."""
        year, number, _ = on.isocalendar()
        return cls(year, number)

    @classmethod
    def parse(cls, key: str) -> Week:
        """The week named by ``key`` (``2026-W48``); ValueError for anything else."""
        match = _WEEK_KEY.fullmatch(key)
        if match is None:
            raise ValueError(f"not a week: {key!r}")
        return cls(int(match[1]), int(match[2]))


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month; ValueError for a number outside 1 to 12."""

    year: int
    number: int

    def __post_init__(self) -> None:
        date(self.year, self.number, 1)

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """``2026-11``: sorts as the months do."""
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def days(self) -> tuple[date, ...]:
        """All days of the month in order."""
        first = self.first
        return tuple(first + timedelta(days=n) for n in range(self.last.day))

    @property
    def next(self) -> Month:
        return self.plus(1)

    @property
    def previous(self) -> Month:
        return self.plus(-1)

    def plus(self, months: int) -> Month:
        """The month that many months later (earlier when negative)."""
        years, index = divmod(self.number - 1 + months, 12)
        return Month(self.year + years, index + 1)

    def __contains__(self, on: date) -> bool:
        return (on.year, on.month) == (self.year, self.number)

    @classmethod
    def containing(cls, on: date) -> Month:
        """The month in which the day ``on`` lies."""
        return cls(on.year, on.month)

    @classmethod
    def parse(cls, key: str) -> Month:
        """The month named by ``key`` (``2026-11``); ValueError for anything else."""
        match = _MONTH_KEY.fullmatch(key)
        if match is None:
            raise ValueError(f"not a month: {key!r}")
        return cls(int(match[1]), int(match[2]))


@dataclass(frozen=True, order=True, slots=True)
class Day:
    """One day as a period of its own, beside weeks and months."""

    on: date

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """``2026-11-27``: sorts as the days do."""
        return self.on.isoformat()

    @property
    def first(self) -> date:
        return self.on

    @property
    def last(self) -> date:
        return self.on

    @property
    def next(self) -> Day:
        return Day(self.on + timedelta(days=1))

    @classmethod
    def containing(cls, on: date) -> Day:
        """The day itself."""
        return cls(on)

    @classmethod
    def parse(cls, key: str) -> Day:
        """The day named by ``key`` (``2026-11-27``); ValueError for anything else."""
        if not _DAY_KEY.fullmatch(key):
            raise ValueError(f"not a day: {key!r}")
        return cls(date.fromisoformat(key))


Period = Day | Week | Month


def parse_period(key: str) -> Period:
    """The day, week or month named by ``key``; ValueError for anything else."""
    if _WEEK_KEY.fullmatch(key):
        return Week.parse(key)
    return Month.parse(key) if _MONTH_KEY.fullmatch(key) else Day.parse(key)


def periods_between(span: type[Period], first: date, last: date) -> list[Period]:
    """The days, weeks or months that touch the span of days from ``first`` to ``last``."""
    periods: list[Period] = []
    period: Period = span.containing(first)
    while period.first <= last:
        periods.append(period)
        period = period.next
    return periods

"""Working days: pure arithmetic over a table of marked days (annex 7).

A day that bears no mark is worked when it falls on Monday to Friday. A year that was never loaded
therefore falls back to plain weeks; ``is_loaded`` says so, and pages warn whoever can mend it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, cast

from chinese_calendar.constants import Holiday, holidays, workdays

from core.periods import Month, Week

LIBRARY_SOURCE = "chinesecalendar"
NOTICE_SOURCE = "holiday-json"

_ONE_DAY = timedelta(days=1)
_SEARCH_LIMIT = 400
"""No calendar is without a working day for longer; beyond it the table itself is wrong."""


@dataclass(frozen=True, slots=True)
class DayMark:
    """What a calendar says of one day: worked or not, the holiday's name, and who said so."""

    on: date
    is_workday: bool
    name: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that differ from a plain week, and the years for which that is known.

    ``days`` may also hold days that do not differ: they bear no mark on a page.
    """

    days: Mapping[date, DayMark]
    years: frozenset[int]

    def is_loaded(self, year: int) -> bool:
        """Whether the public holidays of ``year`` are known."""
        return year in self.years

    def is_workday(self, on: date) -> bool:
        """Whether ``on`` is worked, make-up weekends included (annex 7.1)."""
        mark = self.days.get(on)
        return _is_weekday(on) if mark is None else mark.is_workday

    def mark(self, on: date) -> Literal["休", "班", ""]:
        """休 for a holiday, 班 for a weekend day that is worked, else nothing.

        A plain Saturday bears no mark; a Saturday inside a holiday does, as on printed calendars.
        """
        day = self.days.get(on)
        if day is None or (day.is_workday == _is_weekday(on) and not day.name):
            return ""
        if day.is_workday:
            return "" if _is_weekday(on) else "班"
        return "休"

    def name(self, on: date) -> str:
        """The holiday to which ``on`` belongs, off or made up for; empty for a plain day."""
        day = self.days.get(on)
        return "" if day is None else day.name

    def working_days(self, first: date, last: date) -> tuple[date, ...]:
        """The days worked from ``first`` to ``last``, both included, in order."""
        span = (last - first).days + 1
        return tuple(
            on for on in (first + timedelta(days=n) for n in range(span)) if self.is_workday(on)
        )

    def count_working_days(self, first: date, last: date) -> int:
        """How many days are worked from ``first`` to ``last``, both included."""
        return len(self.working_days(first, last))

    def nth_working_day(self, month: Month, n: int) -> date:
        """The ``n``-th day worked in ``month``, from 1; -1 is the last (annex 7.6).

        ValueError when the month has fewer.
        """
        worked = self.working_days(month.first, month.last)
        if n == 0 or abs(n) > len(worked):
            raise ValueError(f"{month} has {len(worked)} working days, not {n}")
        return worked[n - 1 if n > 0 else n]

    def next_working_day(self, on: date, n: int = 1) -> date:
        """The ``n``-th day worked after ``on`` (``on`` itself does not count)."""
        return self._step(on, _ONE_DAY, n)

    def previous_working_day(self, on: date, n: int = 1) -> date:
        """The ``n``-th day worked before ``on`` (``on`` itself does not count)."""
        return self._step(on, -_ONE_DAY, n)

    def on_or_after(self, on: date) -> date:
        """``on`` when it is worked, else the next day that is."""
        return on if self.is_workday(on) else self.next_working_day(on)

    def on_or_before(self, on: date) -> date:
        """``on`` when it is worked, else the last day before it that is."""
        return on if self.is_workday(on) else self.previous_working_day(on)

    def weekly_deadline_on(self, week: Week) -> date | None:
        """The day on which a Friday duty of ``week`` falls due (annex 7.3).

        Friday, else the last day worked before it in that week, else None: then there is no duty.
        A worked weekend never moves it.
        """
        worked = self.working_days(week.monday, week.friday)
        return worked[-1] if worked else None

    def weekly_meeting_on(self, week: Week, weekday: int = 1) -> date | None:
        """The day of the weekly meeting (annex 7.2): Monday, else the first day worked.

        With another ``weekday`` (ISO, 2 to 7) that day, else the first worked after it in the
        week, else the last before it. None when the week has no working day: cancelled, not
        missed. Unlike the Friday rule it reaches to Sunday, since a worked weekend day is a
        working day of that week.
        """
        worked = self.working_days(week.monday, week.sunday)
        chosen = week.days[weekday - 1]
        return next((day for day in worked if day >= chosen), worked[-1] if worked else None)

    def next_week_with_working_days(self, week: Week) -> Week:
        """The first week after ``week`` in which anybody works (annex 7.5)."""
        after = week.next
        for _ in range(_SEARCH_LIMIT // 7):
            if self.working_days(after.monday, after.sunday):
                return after
            after = after.next
        raise ValueError(f"no working day within a year of {week}")

    def _step(self, on: date, by: timedelta, n: int) -> date:
        if n < 1:
            raise ValueError("count working days from 1")
        for passed, day in enumerate(_walk(on, by)):
            if passed > _SEARCH_LIMIT + 7 * n:
                break
            if self.is_workday(day):
                n -= 1
                if n == 0:
                    return day
        raise ValueError(f"no working day within a year of {on}")


PLAIN_CALENDAR = Calendar({}, frozenset())
"""Monday to Friday, no year loaded."""


def _walk(on: date, by: timedelta) -> Iterator[date]:
    while True:
        on += by
        yield on


def _is_weekday(on: date) -> bool:
    return on.weekday() < 5


# Readers of the two published forms. Both give days; which years are then known is the caller's to
# store, since late December may stand in the next year's notice.


@dataclass(frozen=True, slots=True)
class NotYetPublished:
    """A holiday file that holds no days: the notice of its year has not appeared."""

    year: int


class HolidayFileError(ValueError):
    """A holiday file that is not in the open form; the text says where."""


# The package gives its members more than its own types know of.
_CHINESE_NAMES: dict[str, str] = {each.value: each.chinese for each in cast("Any", Holiday)}


def years_in_chinesecalendar() -> range:
    """The years that the installed package covers."""
    return range(min(holidays).year, max(holidays).year + 1)


def days_from_chinesecalendar(years: Iterable[int]) -> list[DayMark]:
    """The holidays and make-up days of ``years`` that the installed package knows, in order.

    ValueError for a year it does not cover: it must not pass for a year without holidays.
    """
    wanted = frozenset(years)
    if unknown := wanted - frozenset(years_in_chinesecalendar()):
        raise ValueError(f"not in the package: {sorted(unknown)}")
    found = [
        DayMark(on, is_workday, _CHINESE_NAMES[english], LIBRARY_SOURCE)
        for table, is_workday in ((holidays, False), (workdays, True))
        for on, english in table.items()
        if on.year in wanted
    ]
    return sorted(found, key=lambda day: day.on)


def days_from_holiday_json(data: object) -> list[DayMark] | NotYetPublished:
    """The days of one parsed holiday file (``year``, ``days`` of ``name, date, isOffDay``).

    The file's year is the notice's: a date in the last or next days around it is right. A file
    without days is an answer of its own. HolidayFileError for anything else.
    """
    year = notice_year(data)
    entries = data.get("days") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise HolidayFileError("days: a list is wanted")
    if not entries:
        return NotYetPublished(year)
    days: dict[date, DayMark] = {}
    for place, entry in enumerate(entries, 1):
        day = _day_from_entry(entry, place)
        if abs(day.on.year - year) > 1:
            raise HolidayFileError(f"days[{place}]: {day.on} is not near {year}")
        if days.setdefault(day.on, day).is_workday != day.is_workday:
            raise HolidayFileError(f"days[{place}]: {day.on} is both off and worked")
    return sorted(days.values(), key=lambda day: day.on)


def notice_year(data: object) -> int:
    """The year whose notice a parsed holiday file is; HolidayFileError when it names none."""
    year = data.get("year") if isinstance(data, dict) else None
    if not isinstance(year, int) or isinstance(year, bool) or not 1949 <= year <= 2199:
        raise HolidayFileError("year: a year is wanted")
    return year


def _day_from_entry(entry: object, place: int) -> DayMark:
    if not isinstance(entry, dict):
        raise HolidayFileError(f"days[{place}]: an object is wanted")
    name, on, is_off = entry.get("name"), entry.get("date"), entry.get("isOffDay")
    if not isinstance(name, str) or not isinstance(on, str) or not isinstance(is_off, bool):
        raise HolidayFileError(f"days[{place}]: name, date and isOffDay are wanted")
    try:
        return DayMark(date.fromisoformat(on), not is_off, name.strip(), NOTICE_SOURCE)
    except ValueError as error:
        raise HolidayFileError(f"days[{place}]: {on!r} is not a date") from error

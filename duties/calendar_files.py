"""A year's working days from a file: the open holiday JSON, or a table of days (XLSX, CSV)."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from core.calendar import (
    LIBRARY_SOURCE,
    DayMark,
    HolidayFileError,
    NotYetPublished,
    days_from_chinesecalendar,
    days_from_holiday_json,
    notice_year,
    years_in_chinesecalendar,
)
from core.errors import Refused
from core.imports.values import Reading, WrongValue, day, plain
from core.workbooks import Cell, open_table

_DATES: Final = frozenset({"日期", "date", "day"})
_KINDS: Final = frozenset({"类型", "安排", "标记", "是否上班", "状态", "kind", "type"})
_NAMES: Final = frozenset({"名称", "节日", "假日", "name", "holiday"})
_WORKED: Final = frozenset({"班", "上班", "补班", "工作日", "调休上班", "是", "work", "workday"})
_OFF: Final = frozenset({"休", "休息", "放假", "节假日", "否", "off", "holiday"})
_HEAD_WITHIN: Final = 20
_SOURCE_AT_MOST: Final = 120


@dataclass(frozen=True)
class PublishedYear:
    """What a file says: the year it is about, its days (none: not published yet), its source."""

    year: int
    days: tuple[DayMark, ...]
    source: str


def read_calendar_file(content: bytes, filename: str) -> PublishedYear:
    """The year and days of a file; Refused, with the way to mend it, for anything else."""
    source = filename[-_SOURCE_AT_MOST:]
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _from_json(content, source)
    return _from_table(content, filename, source)


def read_package(year: int) -> PublishedYear | None:
    """The year as the installed package has it; None when it does not cover it."""
    if year not in years_in_chinesecalendar():
        return None
    return PublishedYear(year, tuple(days_from_chinesecalendar([year])), LIBRARY_SOURCE)


def _from_json(content: bytes, source: str) -> PublishedYear:
    try:
        data = json.loads(content.decode("utf-8-sig"))
        days = days_from_holiday_json(data)
        year = notice_year(data)
    except HolidayFileError as error:
        raise Refused(_("放假文件有误：%(where)s") % {"where": error}, field="file") from error
    except (ValueError, RecursionError) as error:
        raise Refused(_("这个 JSON 文件读不了。"), field="file") from error
    return PublishedYear(year, () if isinstance(days, NotYetPublished) else tuple(days), source)


def _from_table(content: bytes, filename: str, source: str) -> PublishedYear:
    book = open_table(content, filename)
    rows = book.sheets[0].rows
    head, places = _columns(rows)
    days: dict[str, DayMark] = {}
    for number, row in enumerate(rows[head:], head + 1):
        if any(cell is not None for cell in row):
            found = _day_of(row, places, number, source)
            days[found.on.isoformat()] = found
    if not days:
        raise Refused(_("表里没有日期。"), field="file")
    year, _count = Counter(found.on.year for found in days.values()).most_common(1)[0]
    return PublishedYear(year, tuple(days[key] for key in sorted(days)), source)


def _columns(rows: Sequence[Sequence[Cell]]) -> tuple[int, tuple[int, int, int | None]]:
    """How many rows stand above the days, and the columns of date, kind and name."""
    for number, row in enumerate(rows[:_HEAD_WITHIN], 1):
        words = [plain(cell).casefold() for cell in row]
        found = [
            next((place for place, word in enumerate(words) if word in wanted), None)
            for wanted in (_DATES, _KINDS, _NAMES)
        ]
        if found[0] is not None and found[1] is not None:
            return number, (found[0], found[1], found[2])
    raise Refused(
        _("没有找到表头：要有“日期”和“类型”（休或班）两列，“名称”可以没有。"), field="file"
    )


def _day_of(
    row: Sequence[Cell], places: tuple[int, int, int | None], number: int, source: str
) -> DayMark:
    date_at, kind_at, name_at = places
    kind = plain(row[kind_at]).casefold()
    if kind not in _WORKED | _OFF:
        raise Refused(
            _("第 %(n)s 行的类型“%(kind)s”认不出，请写“休”或“班”。") % {"n": number, "kind": kind},
            field="file",
        )
    try:
        if row[date_at] is None:
            raise WrongValue(_("没有日期"))
        on = day(row[date_at], Reading(on=date.max))
    except WrongValue as wrong:
        raise Refused(
            _("第 %(n)s 行：%(why)s") % {"n": number, "why": wrong.reason}, field="file"
        ) from wrong
    name = "" if name_at is None else plain(row[name_at])
    return DayMark(on, kind in _WORKED, name, source)

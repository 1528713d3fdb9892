"""Dates, hours and numbers as people read them, in the language of the reader.

A ``datetime`` is an instant and is shown on Shanghai's wall clock; a ``date`` is a day as it is.
On pages and papers days bear their 休 or 班 (core.marked_days); in letters they are plain. What
names no day bears none: a bare hour of today, a week with its span, a month.
"""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.marked_days import with_mark
from core.numbers import rounded
from core.periods import Month, Week, local, local_date

_CHINESE_DAYS: Final = "一二三四五六日"
_ENGLISH_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ENGLISH_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_PER_SECOND_BELOW = 30 * _MINUTE


def is_chinese() -> bool:
    """Whether the reader's language is Chinese (also when none is set)."""
    return (get_language() or "zh").startswith("zh")


def day_of(value: date | datetime) -> date:
    """The day itself, or the day in Shanghai of an instant."""
    return local_date(value) if isinstance(value, datetime) else value


def weekday(value: date | datetime) -> str:
    """周五, Fri."""
    on = day_of(value)
    return with_mark(on, weekday_name(on.weekday()) + "{}")


def weekday_name(number: int) -> str:
    """The day of any week, 0 for Monday: 周一, Mon."""
    return f"周{_CHINESE_DAYS[number]}" if is_chinese() else _ENGLISH_DAYS[number]


def weekday_letter(number: int) -> str:
    """The short head of a calendar column, 0 for Monday: 一, Mo."""
    return _CHINESE_DAYS[number] if is_chinese() else _ENGLISH_DAYS[number][:2]


def day(value: date | datetime) -> str:
    """2026年11月27日（周五）第48周, Fri 27 Nov 2026, week 48. The week is the ISO week."""
    on = day_of(value)
    week, name = Week.containing(on).number, weekday_name(on.weekday())
    if is_chinese():
        return with_mark(on, f"{on.year}年{on.month}月{on.day}日（{name}{{}}）第{week}周")
    month = _ENGLISH_MONTHS[on.month - 1]
    return with_mark(on, f"{name} {on.day} {month} {on.year}{{}}, week {week}")


def full_day(value: date | datetime) -> str:
    """2026年11月27日（周五）, Fri 27 Nov 2026."""
    on = day_of(value)
    name = weekday_name(on.weekday())
    if is_chinese():
        return with_mark(on, f"{on.year}年{on.month}月{on.day}日（{name}{{}}）")
    return with_mark(on, f"{name} {on.day} {_ENGLISH_MONTHS[on.month - 1]} {on.year}{{}}")


def short_day(value: date | datetime) -> str:
    """11月27日（周五）, Fri 27 Nov."""
    on = day_of(value)
    return with_mark(on, _short_form(on))


def brief_day(value: date | datetime) -> str:
    """11月27日, 27 Nov: where the week does not matter and room is short."""
    on = day_of(value)
    if is_chinese():
        return with_mark(on, f"{on.month}月{on.day}日{{}}")
    return with_mark(on, f"{on.day} {_ENGLISH_MONTHS[on.month - 1]}{{}}")


def plain_day(value: date | datetime) -> str:
    """2026-11-27."""
    on = day_of(value)
    return with_mark(on, f"{on:%Y-%m-%d}{{}}")


def month_day(value: date | datetime) -> str:
    """11-27."""
    on = day_of(value)
    return with_mark(on, f"{on:%m-%d}{{}}")


def _short_form(on: date) -> str:
    """A day with the place for its mark."""
    name = weekday_name(on.weekday())
    if is_chinese():
        return f"{on.month}月{on.day}日（{name}{{}}）"
    return f"{name} {on.day} {_ENGLISH_MONTHS[on.month - 1]}{{}}"


def week_name(week: Week) -> str:
    """2026年第48周, week 48 of 2026."""
    return f"{week.year}年第{week.number}周" if is_chinese() else f"Week {week.number}, {week.year}"


def week_span(week: Week) -> str:
    """2026年11月23日至29日, 23–29 Nov 2026."""
    first, last = week.monday, week.sunday
    if is_chinese():
        begin = f"{first.year}年{first.month}月{first.day}日"
        end = f"{last.day}日" if last.month == first.month else f"{last.month}月{last.day}日"
        return f"{begin}至{end if last.year == first.year else f'{last.year}年{end}'}"
    end = f"{last.day} {_ENGLISH_MONTHS[last.month - 1]} {last.year}"
    if last.month == first.month:
        return f"{first.day}–{end}"
    year = "" if last.year == first.year else f" {first.year}"
    return f"{first.day} {_ENGLISH_MONTHS[first.month - 1]}{year} – {end}"


def month_name(month: Month) -> str:
    """2026年11月, Nov 2026."""
    if is_chinese():
        return f"{month.year}年{month.number}月"
    return f"{_ENGLISH_MONTHS[month.number - 1]} {month.year}"


def clock(value: datetime | time) -> str:
    """17:12:03, of an instant in Shanghai."""
    return f"{_wall_clock(value):%H:%M:%S}"


def hour(value: datetime | time) -> str:
    """17:30, of an instant in Shanghai."""
    return f"{_wall_clock(value):%H:%M}"


def _wall_clock(value: datetime | time) -> datetime | time:
    return local(value) if isinstance(value, datetime) else value


def moment(at: datetime, now: datetime | None = None) -> str:
    """今天 17:30 on the day of ``now``, else 11月27日（周五）17:30, with the year if need be."""
    on = local_date(at)
    if now is not None and on == local_date(now):
        return _("今天 %(hour)s") % {"hour": hour(at)}
    if now is not None and on.year != local_date(now).year:
        return plain_moment(at)
    return with_mark(on, f"{_short_form(on)}{'' if is_chinese() else ' '}{hour(at)}")


def exact_moment(at: datetime) -> str:
    """11月27日（周五）17:12:03, Fri 27 Nov 17:12:03."""
    on = local_date(at)
    return with_mark(on, f"{_short_form(on)} {clock(at)}")


def plain_moment(at: datetime) -> str:
    """2026-11-27 16:42, as papers and proofs say it."""
    on = local_date(at)
    return with_mark(on, f"{on:%Y-%m-%d}{{}} {hour(at)}")


def month_moment(at: datetime) -> str:
    """11-27 16:42, beside a signature."""
    on = local_date(at)
    return with_mark(on, f"{on:%m-%d}{{}} {hour(at)}")


def number(value: Decimal | int | float | None, places: int | None = None) -> str:
    """1,203 or with ``places`` digits 91.84, halves up; an en dash for nothing."""
    if value is None:
        return "–"
    exact = Decimal(str(value))
    text = f"{exact:,f}" if places is None else f"{rounded(exact, places):,f}"
    return text.replace("-", "−")


def signed(value: Decimal | int | float | None, places: int | None = None) -> str:
    """+0.50, −0.48, 0: with a true minus, as wide as the plus."""
    text = number(value, places)
    return f"+{text}" if value and value > 0 else text


def file_size(size: int) -> str:
    """86 KB, 1.2 MB."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024 / 1024:.1f} MB"


def remaining(seconds: int) -> list[tuple[int, str]]:
    """A span as one or two (number, unit): days and hours, hours and minutes, or, in the last
    half hour, minutes and seconds. Two days or more are days alone.
    """
    seconds = abs(seconds)
    if seconds >= 2 * _DAY:
        return [(seconds // _DAY, days(seconds // _DAY))]
    if seconds >= _DAY:
        return [(1, days(1)), ((seconds - _DAY) // _HOUR, _("小时"))]
    if seconds >= _HOUR:
        return [(seconds // _HOUR, _("小时")), (seconds % _HOUR // _MINUTE, _("分"))]
    if seconds > _PER_SECOND_BELOW:
        return [(seconds // _MINUTE, _("分"))]
    if seconds >= _MINUTE:
        return [(seconds // _MINUTE, _("分")), (seconds % _MINUTE, _("秒"))]
    return [(seconds, _("秒"))]


def days(n: int) -> str:
    """Return the unit of so many days."""
    return ngettext("天", "天", n)


def span(seconds: int) -> str:
    """The same as one text: 15 分 34 秒."""
    return " ".join(f"{n} {unit}" for n, unit in remaining(seconds))

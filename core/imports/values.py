"""What people write in cells, read as values, or refused with a reason that says how to mend it.

A reader takes a filled cell (never None) and a ``Reading``; it gives the value or raises
``WrongValue``. Readers never guess between two meanings: what has two is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.lunar import Birthday, read_lunar_day
from core.names import cleaned_name, folded
from core.numbers import rounded
from core.workbooks import Cell

Text = str | Promise


class WrongValue(Exception):
    """A cell that cannot be taken; ``reason`` is for the one who filled it in."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader may know: the day on which the file is read, and the table's references."""

    on: date
    references: Mapping[str, Any] = field(default_factory=dict)


Reader = Callable[[Cell, Reading], Any]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\ufeff]")
_BLANKS = re.compile(r"[ \t\u00a0\u3000]+")


def plain(cell: Cell) -> str:
    """A cell as the text one sees: numbers without a decimal tail, blanks at the ends gone."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return f"{cell:f}".rstrip("0").rstrip(".")
    text = "" if cell is None else str(cell)
    lines = (_BLANKS.sub(" ", _CONTROL.sub("", line)).strip() for line in text.splitlines())
    return "\n".join(lines).strip()


def half_width(cell: Cell) -> str:
    """A cell's text with full-width letters, digits and signs made plain."""
    return unicodedata.normalize("NFKC", plain(cell)).strip()


def shortened(text: str, length: int = 20) -> str:
    """A text as a reason quotes it."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def text(length: int) -> Reader:
    """Any text of at most ``length`` characters, kept as it stands (``=…`` stays text)."""

    def read(cell: Cell, _reading: Reading) -> str:
        found = plain(cell)
        if len(found) > length:
            raise WrongValue(
                _("最多 %(max)s 个字，这里有 %(n)s 个，请缩短") % {"max": length, "n": len(found)}
            )
        return found

    return read


def name(length: int) -> Reader:
    """A name: blanks between Chinese characters and at the ends are slips of the hand."""
    read_text = text(length)

    def read(cell: Cell, reading: Reading) -> str:
        return cleaned_name(str(read_text(cell, reading)))

    return read


def code(length: int) -> Reader:
    """A code of letters, digits and ``-_./``, upper case."""

    def read(cell: Cell, _reading: Reading) -> str:
        found = half_width(cell).replace(" ", "").upper()
        if not re.fullmatch(r"[0-9A-Z][0-9A-Z._/-]*", found):
            raise WrongValue(_("编码只能用字母、数字和 - _ . /，请改正"))
        if len(found) > length:
            raise WrongValue(_("编码最多 %(max)s 位，这里有 %(n)s 位") % _counts(length, found))
        return found

    return read


def job_number(cell: Cell, _reading: Reading) -> str:
    """A job number as written; zeros lost at the front are for the table to restore."""
    found = half_width(cell).replace(" ", "").upper()
    if not re.fullmatch(r"[0-9A-Z]{1,20}", found):
        raise WrongValue(_("工号只能是字母和数字，请改正"))
    return found


def credit_code(cell: Cell, _reading: Reading) -> str:
    """统一社会信用代码: 18 letters and digits."""
    found = half_width(cell).replace(" ", "").upper()
    if len(found) != 18:
        raise WrongValue(_("统一社会信用代码应为 18 位，这里有 %(n)s 位") % {"n": len(found)})
    if not re.fullmatch(r"[0-9A-Z]{18}", found):
        raise WrongValue(_("统一社会信用代码只能是数字和大写字母"))
    return found


def email(cell: Cell, _reading: Reading) -> str:
    """A mail address, lower case."""
    found = half_width(cell).replace(" ", "").lower()
    if len(found) > 254 or not re.fullmatch(r"[^@\s]+@[a-z0-9-]+(\.[a-z0-9-]+)+", found):
        raise WrongValue(_("不是电子邮箱地址，应像 name@example.cn"))
    return found


def _counts(most: int, found: str) -> dict[str, int]:
    return {"max": most, "n": len(found)}


# Phones

_DASHES = re.compile("[\u2010-\u2015\u2212]")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_THREE_DIGIT_AREA = re.compile(r"(010|02\d)(\d{8})")
_FOUR_DIGIT_AREA = re.compile(r"(0[3-9]\d{2})(\d{7,8})")
_COUNTRY_MOBILE = re.compile(r"^(?:\+|00)?86(?=1[3-9]\d{9}$)")
_COUNTRY_LANDLINE = re.compile(r"^(?:\+|00)86-?0?(?=[1-9]\d{8,10}$)")
_SERVICE_LINE = re.compile(r"[48]00\d{7}")
_EXTENSION = re.compile(r"(?:转|ext\.?|x|#|(?<=\d{7})-)(\d{1,6})$", re.IGNORECASE)
_TWO_NUMBERS = re.compile(r"\d{7,}[/、,;|或]\s*\+?\d{7,}")


def phone(cell: Cell, _reading: Reading) -> str:
    """A mobile number as 11 digits, a landline as ``0512-57984730`` (``-801`` for an extension)."""
    written = _DASHES.sub("-", half_width(cell))
    if re.fullmatch(r"\d\.\d+E\+?\d+", written, re.IGNORECASE):
        raise WrongValue(_("号码被 Excel 变成了科学计数，请把该列设为文本后重填"))
    packed = written.replace(" ", "")
    if _TWO_NUMBERS.search(packed.replace("-", "")):
        raise WrongValue(_("这里有两个号码，请只留一个"))
    extension = _EXTENSION.search(packed)
    main = packed[: extension.start()] if extension else packed
    digits = re.sub(r"[\s().-]", "", main)
    digits = _COUNTRY_MOBILE.sub("", digits)
    digits = _COUNTRY_LANDLINE.sub("0", digits)
    if not digits.isdecimal() or not digits.isascii():
        raise WrongValue(_("号码里有数字以外的字，请改正"))
    return _dialled(digits, extension[1] if extension else "")


def _dialled(digits: str, extension: str) -> str:
    if not extension and (_MOBILE.fullmatch(digits) or _SERVICE_LINE.fullmatch(digits)):
        return digits
    for area in (_THREE_DIGIT_AREA, _FOUR_DIGIT_AREA):
        if match := area.fullmatch(digits):
            return f"{match[1]}-{match[2]}" + (f"-{extension}" if extension else "")
    if digits.startswith("1") and len(digits) != 11:
        raise WrongValue(_("手机号应为 11 位，这里有 %(n)s 位") % {"n": len(digits)})
    if digits.startswith("1"):
        raise WrongValue(_("没有 %(head)s 开头的手机号段，请核对") % {"head": digits[:3]})
    raise WrongValue(_("认不出这个号码：手机号 11 位，固定电话请带区号"))


# Numbers

_MONEY = re.compile(r"[¥$]?(-?\d+(?:\.\d+)?)(万?)元?")


def money(cell: Cell, _reading: Reading) -> Decimal:
    """Yuan with two places: ``8,500.00``, ``￥8500元``, ``1.2万``."""
    if isinstance(cell, (bool, date, datetime)):
        raise WrongValue(_("应填金额，如 8500.00"))
    found = half_width(cell).replace(" ", "").replace(",", "").replace("人民币", "")
    match = _MONEY.fullmatch(found)
    if match is None:
        raise WrongValue(_("不是金额，请填数字，如 8500.00"))
    try:
        amount = Decimal(match[1]) * (10_000 if match[2] else 1)
    except InvalidOperation as error:
        raise WrongValue(_("不是金额，请填数字，如 8500.00")) from error
    if abs(amount) >= Decimal(10) ** 12:
        raise WrongValue(_("金额过大，请核对单位是否为元"))
    return rounded(amount)


def whole_number(most: int) -> Reader:
    """A number from 0 to ``most`` without a fraction."""

    def read(cell: Cell, _reading: Reading) -> int:
        found = half_width(cell).replace(",", "")
        if not re.fullmatch(r"\d{1,9}", found) or int(found) > most:
            raise WrongValue(_("应填 0 到 %(max)s 的整数") % {"max": most})
        return int(found)

    return read


# Choices

_YES = frozenset(
    ["是", "有", "y", "yes", "true", "t", "1", "√", "✓", "✔", "v", "对", "同意", "已同意"]
)
_NO = frozenset(
    ["否", "无", "n", "no", "false", "f", "0", "×", "x", "✗", "✘", "不", "不同意", "未"]
)


def yes_no(cell: Cell, _reading: Reading) -> bool:
    """是/否 in the ways people tick."""
    found = folded(plain(cell))
    if found in _YES:
        return True
    if found in _NO:
        return False
    raise WrongValue(_("应填“是”或“否”"))


def spelled(cell: Cell, endings: Iterable[str] = ()) -> str:
    """A cell as it is looked up among choices: folded, blanks and one known ending gone."""
    found = folded(plain(cell)).replace(" ", "")
    for ending in endings:
        if len(found) > len(ending) and found.endswith(ending):
            return found.removesuffix(ending)
    return found


def choice(options: Mapping[str, Any], *, endings: Iterable[str] = (), names: Text) -> Reader:
    """One of fixed ``options`` (folded spelling to value); ``names`` lists them in a reason."""
    tails = tuple(endings)

    def read(cell: Cell, _reading: Reading) -> Any:
        for found in (spelled(cell), spelled(cell, tails)):
            if found in options:
                return options[found]
        raise WrongValue(
            _("没有“%(value)s”，可填：%(names)s")
            % {"value": shortened(plain(cell)), "names": names}
        )

    return read


# Dates

_YMD = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?(?:[ T].*)?")
_YM = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*月?")
_SHORT_YEAR = re.compile(r"'?\d{2}\s*[-./年]\s*\d{1,2}\s*[-./月]\s*\d{1,2}\s*[日号]?")
_MD = re.compile(r"(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?")
_MMDD = re.compile(r"([01]\d)(\d{2})")
_SERIAL_DAYS = range(10_000, 80_000)
_SERIAL_START = date(1899, 12, 30)
_LUNAR_WORD = re.compile(r"[(]?(农历|阴历|旧历|农|阴)[)]?:?")
_SOLAR_WORD = re.compile(r"[(]?(公历|阳历|新历)[)]?:?")
_ONLY_LUNAR_SIGNS = re.compile(r"[初廿卅正冬腊闰]")
_CHINESE_MONTH = re.compile(
    r"[闰正一二三四五六七八九十冬腊]{1,3}月[初十廿卅一二三四五六七八九]{1,3}[日号]?"
)
_YOUNGEST = 10


def day(cell: Cell, _reading: Reading) -> date:
    """A date in any of the ways it is written: a date cell, a serial number, ``2024.3.4``,
    ``2013年7月27日``, ``20131110``, ``2016/07/07``."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    written = half_width(cell)
    if (serial := _serial(written)) is not None:
        return serial
    if found := _year_month_day(written):
        return _checked(*found)
    if _SHORT_YEAR.fullmatch(written):
        raise WrongValue(_("年份请写四位，如 2026-11-27"))
    if _MD.fullmatch(written):
        raise WrongValue(_("缺少年份，请写成 2026-11-27"))
    if _YM.fullmatch(written):
        raise WrongValue(_("缺少日，请写成 2026-11-27"))
    raise WrongValue(_("认不出日期“%(value)s”，请写成 2026-11-27") % {"value": shortened(written)})


def birthday(cell: Cell, reading: Reading) -> Birthday:
    """A birthday: a date, ``5月22日``, or lunar (``农历闰二月初一``)."""
    written = half_width(cell)
    if lunar := _lunar(written):
        return lunar
    written = _SOLAR_WORD.sub("", written).strip()
    if re.fullmatch(r"(19|20)\d{2}年?", written):
        raise WrongValue(_("只有年份，请补上月和日"))
    if isinstance(cell, float) and not cell.is_integer():
        # 5.20 typed as a number has become 5.2: the second of May or the twentieth.
        raise WrongValue(_("这里是数字，分不清哪一天，请写成“5月22日”"))
    match = _MD.fullmatch(written) or _MMDD.fullmatch(written)
    if match is not None:
        month, number = int(match[1]), int(match[2])
        _check_month_day(2000, month, number, names_year=False)
        return Birthday(month, number)
    born = day(cell if isinstance(cell, (date, datetime)) else written, reading)
    if born > reading.on:
        raise WrongValue(_("生日在今天之后，请核对年份"))
    if born.year > reading.on.year - _YOUNGEST:
        # Excel makes a date of this year out of a month and day typed without one.
        raise WrongValue(
            _("年份 %(year)s 像是 Excel 自动补的；不知道年份请写“%(day)s”（文本）")
            % {"year": born.year, "day": f"{born.month}月{born.day}日"}
        )
    return Birthday(born.month, born.day, born.year)


def _lunar(written: str) -> Birthday | None:
    packed = written.replace(" ", "")
    is_said = _LUNAR_WORD.search(packed) is not None
    rest = _LUNAR_WORD.sub("", packed)
    if not is_said and not _CHINESE_MONTH.fullmatch(rest):
        return None
    if not is_said and not _ONLY_LUNAR_SIGNS.search(rest):
        raise WrongValue(
            _("分不清公历农历，请写“农历%(value)s”或“5月22日”") % {"value": shortened(rest)}
        )
    year = re.match(r"(\d{4})[年./-]", rest)
    rest = rest[year.end() :] if year else rest
    numeric = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})", rest)
    found = read_lunar_day(f"{numeric[1]}月{numeric[2]}" if numeric else rest)
    if found is None:
        raise WrongValue(
            _("认不出农历生日“%(value)s”，应像“农历八月十五”") % {"value": shortened(written)}
        )
    month, number, is_leap = found
    return Birthday(month, number, int(year[1]) if year else None, True, is_leap)


def _serial(written: str) -> date | None:
    match = re.fullmatch(r"(\d{5})(?:\.\d+)?", written)
    if match is None or int(match[1]) not in _SERIAL_DAYS:
        return None
    return _SERIAL_START + timedelta(days=int(match[1]))


def _year_month_day(written: str) -> tuple[int, int, int] | None:
    match = _YMD.fullmatch(written) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", written)
    return None if match is None else (int(match[1]), int(match[2]), int(match[3]))


def _checked(year: int, month: int, number: int) -> date:
    if not 1900 <= year <= 2100:
        raise WrongValue(_("年份 %(year)s 不对，请核对") % {"year": year})
    _check_month_day(year, month, number, names_year=True)
    return date(year, month, number)


def _check_month_day(year: int, month: int, number: int, *, names_year: bool) -> None:
    if not 1 <= month <= 12:
        raise WrongValue(_("月份只到 12，这里是 %(month)s") % {"month": month})
    try:
        date(year, month, number)
    except ValueError as error:
        values = {"year": year, "month": month, "day": number}
        if names_year:
            reason = _("%(year)s 年 %(month)s 月没有 %(day)s 日") % values
        else:
            reason = _("%(month)s 月没有 %(day)s 日") % values
        raise WrongValue(reason) from error

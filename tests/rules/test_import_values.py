"""What people write in cells, and the words that tell them what is wrong with it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports import values
from core.imports.values import Reading, WrongValue
from core.lunar import Birthday
from core.workbooks import Cell

ON = Reading(date(2026, 11, 27))


def read(reader: values.Reader, cell: Cell) -> object:
    """The value, or the reason in words."""
    try:
        return reader(cell, ON)
    except WrongValue as wrong:
        return f"✗ {wrong.reason}"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024.3.4", date(2024, 3, 4)),
        ("2013年7月27日", date(2013, 7, 27)),
        ("20131110", date(2013, 11, 10)),
        (20131110, date(2013, 11, 10)),
        ("2016/07/07", date(2016, 7, 7)),
        ("2016-7-7", date(2016, 7, 7)),
        (date(2009, 3, 22), date(2009, 3, 22)),
        (datetime(2009, 3, 22, 8, 30), date(2009, 3, 22)),  # noqa: DTZ001 - a cell has no zone
        (45000, date(2023, 3, 15)),
        ("45000", date(2023, 3, 15)),
        ("２０２６．１１．２７", date(2026, 11, 27)),
        ("2026-11-27 08:30:00", date(2026, 11, 27)),
        ("2028年2月29日", date(2028, 2, 29)),
        ("2026-02-29", "✗ 2026 年 2 月没有 29 日"),
        ("1990-02-30", "✗ 1990 年 2 月没有 30 日"),
        ("2026-13-01", "✗ 月份只到 12，这里是 13"),
        ("去年三月", "✗ 认不出日期“去年三月”，请写成 2026-11-27"),
        ("26/11/27", "✗ 年份请写四位，如 2026-11-27"),
        ("5月22日", "✗ 缺少年份，请写成 2026-11-27"),
        ("2026年5月", "✗ 缺少日，请写成 2026-11-27"),
        ("1899-01-01", "✗ 年份 1899 不对，请核对"),
    ],
)
def test_dates_in_all_their_spellings(cell: Cell, expected: object) -> None:
    assert read(values.day, cell) == expected


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_is_read_in_every_spelling(on: date) -> None:
    year, month, number = on.year, on.month, on.day
    for written in (
        f"{year}.{month}.{number}",
        f"{year}年{month}月{number}日",
        f"{year}/{month:02d}/{number:02d}",
        f"{year}-{month:02d}-{number:02d}",
        f"{year}{month:02d}{number:02d}",
        f" {year} 年 {month} 月 {number} 日 ",
    ):
        assert read(values.day, written) == on


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1967.10.12", Birthday(10, 12, 1967)),
        (date(1961, 12, 4), Birthday(12, 4, 1961)),
        ("5月22日", Birthday(5, 22)),
        ("12月13日", Birthday(12, 13)),
        ("0522", Birthday(5, 22)),
        ("公历5月22日", Birthday(5, 22)),
        ("2月29日", Birthday(2, 29)),
        ("农历闰二月初一", Birthday(2, 1, None, True, True)),
        ("农历腊月廿三", Birthday(12, 23, None, True)),
        ("农历三月初五", Birthday(3, 5, None, True)),
        ("农历八月十五", Birthday(8, 15, None, True)),
        ("阴历十二月三十", Birthday(12, 30, None, True)),
        ("（农历）8月15日", Birthday(8, 15, None, True)),
        ("8/15（农历）", Birthday(8, 15, None, True)),
        ("农历1967年八月十五", Birthday(8, 15, 1967, True)),
        ("正月初一", Birthday(1, 1, None, True)),
        ("2月30日", "✗ 2 月没有 30 日"),
        ("13月1日", "✗ 月份只到 12，这里是 13"),
        ("1990-02-30", "✗ 1990 年 2 月没有 30 日"),
        ("1967", "✗ 只有年份，请补上月和日"),
        (5.2, "✗ 这里是数字，分不清哪一天，请写成“5月22日”"),
        ("八月十五", "✗ 分不清公历农历，请写“农历八月十五”或“5月22日”"),
        ("农历十五", "✗ 认不出农历生日“农历十五”，应像“农历八月十五”"),
        ("农历八月三十一", "✗ 认不出农历生日“农历八月三十一”，应像“农历八月十五”"),
        (date(2031, 5, 1), "✗ 生日在今天之后，请核对年份"),
        ("2026-11-28", "✗ 生日在今天之后，请核对年份"),
        (
            date(2026, 5, 22),
            "✗ 年份 2026 像是 Excel 自动补的；不知道年份请写“5月22日”（文本）",
        ),
    ],
)
def test_birthdays_with_and_without_year_by_both_calendars(cell: Cell, expected: object) -> None:
    assert read(values.birthday, cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (18687014637, "18687014637"),
        ("13392034234", "13392034234"),
        ("133-7701-6257", "13377016257"),
        (" 138 8773 0574", "13887730574"),
        ("+8615015328534", "15015328534"),
        ("008615015328534", "15015328534"),
        ("１３８ー", "✗ 号码里有数字以外的字，请改正"),
        ("１３８８７７３０５７４", "13887730574"),
        ("0512-57984730", "0512-57984730"),
        ("(0512)57984730", "0512-57984730"),
        ("051257984730", "0512-57984730"),
        ("+86-512-57984730", "0512-57984730"),
        ("010-12345678", "010-12345678"),
        ("0512-57984730转801", "0512-57984730-801"),
        ("0512-57984730-801", "0512-57984730-801"),
        ("4008001234", "4008001234"),
        ("1380013", "✗ 手机号应为 11 位，这里有 7 位"),
        ("139111122223", "✗ 手机号应为 11 位，这里有 12 位"),
        ("12800001111", "✗ 没有 128 开头的手机号段，请核对"),
        ("57984730", "✗ 认不出这个号码：手机号 11 位，固定电话请带区号"),
        ("13900001111/13900002222", "✗ 这里有两个号码，请只留一个"),
        ("1.3911E+10", "✗ 号码被 Excel 变成了科学计数，请把该列设为文本后重填"),
    ],
)
def test_phones_in_all_their_spellings(cell: Cell, expected: object) -> None:
    assert read(values.phone, cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (3254.73, Decimal("3254.73")),
        (4875, Decimal("4875.00")),
        ("8,500.00", Decimal("8500.00")),
        ("￥8500元", Decimal("8500.00")),
        ("1.2万", Decimal("12000.00")),
        ("１２３．４５", Decimal("123.45")),
        (0.005, Decimal("0.01")),
        ("约三万", "✗ 不是金额，请填数字，如 8500.00"),
        ("1234567890123", "✗ 金额过大，请核对单位是否为元"),
        (date(2026, 1, 1), "✗ 应填金额，如 8500.00"),
    ],
)
def test_amounts(cell: Cell, expected: object) -> None:
    assert read(values.money, cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("√", True),
        ("Y", True),
        ("是", True),
        (True, True),
        ("否", False),
        ("\uff4e", False),
        (0, False),
        ("也许", "✗ 应填“是”或“否”"),
    ],
)
def test_ticks(cell: Cell, expected: object) -> None:
    assert read(values.yes_no, cell) == expected


@pytest.mark.parametrize(
    ("reader", "cell", "expected"),
    [
        (values.code(30), "\uff4a\uff54３２０００７", "JT320007"),
        (values.code(30), 320007, "320007"),
        (values.code(4), "JT320007", "✗ 编码最多 4 位，这里有 8 位"),
        (values.code(30), "集团一", "✗ 编码只能用字母、数字和 - _ . /，请改正"),
        (values.job_number, 1004, "1004"),
        (values.job_number, "001004", "001004"),
        (values.job_number, "A-1", "✗ 工号只能是字母和数字，请改正"),
        (values.name(60), "张丽\u3000", "张丽"),
        (values.name(60), "尉迟\u3000建", "尉迟建"),
        (values.name(60), " John  Smith ", "John Smith"),
        (values.text(3), "一二三四", "✗ 最多 3 个字，这里有 4 个，请缩短"),
        (values.text(60), '=HYPERLINK("http://x","y")', '=HYPERLINK("http://x","y")'),
        (values.credit_code, "91320585tayd9b5qmg", "91320585TAYD9B5QMG"),
        (values.credit_code, "91320585", "✗ 统一社会信用代码应为 18 位，这里有 8 位"),
        (values.email, " U001@Example.cn ", "u001@example.cn"),
        (values.email, "u001", "✗ 不是电子邮箱地址，应像 name@example.cn"),
        (values.whole_number(90), "90", 90),
        (values.whole_number(90), "91", "✗ 应填 0 到 90 的整数"),
    ],
)
def test_codes_names_and_texts(reader: values.Reader, cell: Cell, expected: object) -> None:
    assert read(reader, cell) == expected


@given(st.one_of(st.text(max_size=30), st.integers(), st.floats(allow_nan=False), st.booleans()))
def test_no_cell_breaks_a_reader(cell: Cell) -> None:
    for reader in (
        values.day,
        values.birthday,
        values.phone,
        values.money,
        values.yes_no,
        values.job_number,
        values.code(30),
        values.name(60),
        values.email,
        values.credit_code,
    ):
        read(reader, cell)

"""How wide and how high cells are made: nothing cut, a page that can be read."""

import io
from typing import Any

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from core.workbooks import ColumnSpec, SheetSpec, layout, open_table, write_workbook
from core.workbooks.layout import Wanted, column_widths, lines_of, row_height, text_width

LONG = "恒信物流要求专线提速到 1G，已报资源核查。" * 100
TEXTS = st.text(st.sampled_from("专线，提速 abcXYZ-0129\n（）.%/"), max_size=300)


@given(TEXTS, st.floats(3, 90))
def test_lines_hold_the_text_and_stay_within_the_width(text: str, width: float) -> None:
    lines = lines_of(text, width)
    assert "".join(lines) == text.replace("\n", "")
    room = max(width - layout.PAD, 2.5)
    assert all(text_width(line.rstrip()) <= room for line in lines)


def test_words_stay_whole_and_chinese_breaks_anywhere() -> None:
    assert lines_of("ab cd", 4.5) == ["ab ", "cd"]
    assert lines_of("专线提速", 5.5) == ["专线", "提速"]
    assert lines_of("一\n\n二", 20) == ["一", "", "二"]


@given(
    st.lists(
        st.builds(
            Wanted,
            st.text(st.sampled_from("服务笔数（分钟）a"), min_size=1, max_size=8),
            st.floats(0, 400),
            st.floats(0, 20),
            st.none() | st.floats(8, 80),
            st.booleans(),
        ),
        min_size=1,
        max_size=9,
    )
)
def test_columns_get_no_wider_than_the_page_unless_they_cannot_be_narrower(
    wanted: list[Wanted],
) -> None:
    widths = column_widths(wanted, 132)
    least = column_widths(wanted, 0)
    assert sum(widths) <= max(132, sum(least)) + len(wanted)
    for column, width in zip(wanted, widths, strict=True):
        assert width > 0
        if not column.is_text:
            assert width >= column.widest + layout.PAD - 0.2


def test_a_row_is_as_high_as_its_text_and_never_higher_than_programs_allow() -> None:
    assert [row_height(n) for n in (1, 2, 24, 60)] == [20, 36, 388, 388]


def sheet_of(
    spec: SheetSpec,
) -> tuple[list[tuple[object, ...]], Any]:
    content = write_workbook([spec])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return list(open_table(content, "x").sheets[0].rows), sheet


COLUMNS = (
    ColumnSpec("客户经理", width=12),
    ColumnSpec("笔", "integer"),
    ColumnSpec("内容", width=80),
)


def test_a_long_text_wraps_in_a_row_high_enough_for_it() -> None:
    text = LONG[:400]
    rows, sheet = sheet_of(SheetSpec("x", COLUMNS, [["林晓岚", 1, text], ["陈嘉怡", 2, "短"]]))
    assert rows[1:] == [("林晓岚", 1, text), ("陈嘉怡", 2, "短")]
    cell, width = sheet["C2"], sheet.column_dimensions["C"].width
    assert (cell.alignment.wrap_text, cell.alignment.vertical) == (True, "top")
    lines = len(lines_of(text, width))
    assert lines > 8
    assert (sheet.row_dimensions[2].height, sheet.row_dimensions[3].height) == (16 * lines + 4, 20)


def test_what_no_row_is_high_enough_for_goes_on_below_and_is_counted_once() -> None:
    rows, _sheet = sheet_of(
        SheetSpec(
            "x", COLUMNS, [["林晓岚", 1, LONG], ["陈嘉怡", 2, "短"]], continues_long_texts=True
        )
    )
    *parts, last = rows[1:]
    assert len(parts) > 1
    assert "".join(str(part[2]) for part in parts) == LONG
    assert [part[:2] for part in parts] == [("林晓岚", 1), *[("林晓岚", None)] * (len(parts) - 1)]
    assert last == ("陈嘉怡", 2, "短")


def test_a_list_keeps_one_row_for_each_thing() -> None:
    rows, sheet = sheet_of(SheetSpec("x", COLUMNS, [["林晓岚", 1, LONG]]))
    assert rows[1:] == [("林晓岚", 1, LONG)]
    assert sheet.row_dimensions[2].height == 388


def test_many_columns_break_their_heads_and_fit_the_page() -> None:
    columns = [ColumnSpec("电话与短信", "integer") for _ in range(14)]
    _rows, sheet = sheet_of(SheetSpec("x", columns, [[7] * 14]))
    widths = [sheet.column_dimensions[chr(65 + n)].width for n in range(14)]
    assert sum(widths) <= layout.ROOM["landscape"]
    assert sheet["A1"].alignment.wrap_text is True
    assert sheet.row_dimensions[1].height > 20

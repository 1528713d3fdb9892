"""The bulletin's workbook says what its paper and its page say, figure for figure."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from django.utils.translation import override

from core.numbers import rounded
from core.workbooks import open_table
from reports.bulletin_shown import document_shown
from reports.cells import BrokenCell, number_format, shown, typed
from reports.document import Column, Part, as_content, from_content
from reports.outline import NumberedTable, outline
from reports.papers import Seal, bulletin_paper
from reports.workbooks import bulletin_workbook
from tests.domain.bulletin_sample import ranks, sample
from tests.domain.libreoffice import grid, saved_by_libreoffice

pytestmark = pytest.mark.once

SEAL: Final = Seal("7ED7-X53V-JSA5-RR88", "0123456789abcdef" * 4, "https://b.example/verify/7ED7/")


def sheets_of(content: bytes) -> dict[str, list[list[Any]]]:
    book = open_table(content, "x.xlsx")
    return {sheet.name: [list(row) for row in sheet.rows] for sheet in book.sheets}


def read(cell: Any, column: Column) -> str:
    """A workbook's cell as its number format shows it."""
    if cell is None or cell == "":
        return ""
    match column.kind:
        case "integer":
            return f"{int(cell):,}"
        case "date":
            return f"{cell:%Y-%m-%d}"
        case "moment":
            return f"{cell:%Y-%m-%d %H:%M}"
        case "text":
            return str(cell)
    number = Decimal(str(cell))
    if column.kind == "percent" and "%" not in column.label:
        return f"{rounded(number * 100, column.places):,f}%"
    text = f"{rounded(abs(number), column.places):,f}"
    if number < 0:
        return f"−{text}"
    return f"+{text}" if column.kind == "signed" and number > 0 else text


def in_workbook(content: bytes) -> dict[str, list[list[Any]]]:
    """The rows below each sheet's head, notes left out."""
    book = openpyxl.load_workbook(BytesIO(content))
    found = {}
    for sheet in book.worksheets:
        first = int(str(sheet.freeze_panes)[1:])
        found[sheet.title] = [
            [cell.value for cell in row] for row in sheet.iter_rows(min_row=first)
        ]
    return found


def tables() -> list[NumberedTable]:
    return list(outline(sample(14)).tables)


def test_page_paper_and_workbook_hold_the_same_cells() -> None:
    document = sample(14)
    sheets = in_workbook(bulletin_workbook(document, SEAL))
    with override("zh-hans"):
        paper = bulletin_paper(document, SEAL)
    page = document_shown(document)
    printed = [one for section in paper.sections for one in section.tables] + list(paper.annexes)
    annexed = page.annex.tables if page.annex else ()
    on_page = [one for section in page.sections for one in section.tables] + list(annexed)
    assert len(printed) == len(on_page) == len(tables()) == 4
    for numbered, on_paper, on_screen in zip(tables(), printed, on_page, strict=True):
        table = numbered.table
        rows = [*table.rows, *([table.total] if table.total else [])]
        wanted = [
            [shown(text, column) for text, column in zip(row, table.columns, strict=True)]
            for row in rows
        ]
        found = sheets[f"{numbered.label} {table.caption}"][: len(rows)]
        workbook = [
            [read(cell, column) for cell, column in zip(row, table.columns, strict=True)]
            for row in found
        ]
        assert workbook == wanted
        assert [
            [text for text, _side in row] for row in [*on_paper.rows, *_total(on_paper)]
        ] == wanted
        assert [
            [cell.text for cell in row] for row in [*on_screen.rows, *_total(on_screen)]
        ] == wanted


def test_on_a_page_numbers_words_and_codes_stand_in_one_line() -> None:
    columns = (Column("a", "证据编号", "text"), Column("b", "事实", "text"))
    texts = ("WT-2026-0009", "B002-2610-001", "城东分公司", "第46周周报迟交36分钟", "a b c d e f g")
    table = replace(ranks(), columns=columns, rows=tuple((text, text) for text in texts), total=())
    document = replace(sample(1), parts=(Part("problems", "问题", (), (table,)),))
    [shown_table] = document_shown(document).sections[0].tables
    assert [row[0].is_short for row in shown_table.rows] == [True, True, True, False, False]


def _total(table: Any) -> list[Any]:
    return [table.total] if table.total else []


def test_a_branchs_edition_says_whose_it_is_above_every_sheet() -> None:
    sheets = sheets_of(bulletin_workbook(replace(sample(3), branch="高新分公司"), SEAL))
    heads = {name: [str(cell) for row in rows[:2] for cell in row] for name, rows in sheets.items()}
    assert [name for name, head in heads.items() if "高新分公司版" not in " ".join(head)] == []
    company = sheets_of(bulletin_workbook(sample(3), SEAL))
    assert "公司版" not in str(company)


def test_there_is_a_sheet_for_every_table_and_figure() -> None:
    assert list(sheets_of(bulletin_workbook(sample(3), SEAL))) == [
        "通报", "正文", "表1 各分公司服务质量得分与排名", "图1 10月得分排名（分）",
        "图2 近六个月走势（分）", "图3 各分公司分项扣分", "图4 得分的组成（分）",
        "表2 10月检查发现的问题", "表3 整改要求", "附件1 各分公司得分明细",
    ]  # fmt: skip


def test_numbers_and_dates_are_real_with_frozen_heads_and_print_areas() -> None:
    book = openpyxl.load_workbook(BytesIO(bulletin_workbook(sample(3), SEAL)))
    sheet = book["表1 各分公司服务质量得分与排名"]
    first = list(next(sheet.iter_rows(min_row=4, max_row=4)))
    assert [cell.value for cell in first] == [
        1, "高新分公司", 16, 93.05, "良好", 91.4, 1.65, 0.957, 3,
    ]  # fmt: skip
    assert first[6].number_format == '+#,##0.00;"−"#,##0.00;#,##0.00'
    assert (first[7].number_format, first[3].number_format) == ("0.0%", "#,##0.00")
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A4", "$3:$3")
    assert sheet["A1"].value == "江通市通报〔2026〕10号　关于2026年10月客户经理工作情况的通报"
    assert sheet["A2"].value == "表1　各分公司服务质量得分与排名"
    assert [one.print_area for one in book.worksheets if not one.print_area] == []
    due = next(book["表2 10月检查发现的问题"].iter_rows(min_row=4, max_row=4))[7]
    assert (due.value, getattr(due, "is_date", False)) == (datetime(2026, 11, 27), True)  # noqa: DTZ001
    cover = {row[0].value: row[1].value for row in book["通报"].iter_rows(min_row=3)}
    assert (cover["密级"], cover["验证码"], cover["内容摘要（SHA-256）"]) == (
        "内部★1年",
        SEAL.code,
        SEAL.digest,
    )


def test_figures_are_there_as_they_were_drawn() -> None:
    sheets = in_workbook(bulletin_workbook(sample(3), SEAL))
    assert sheets["图1 10月得分排名（分）"][0] == ["高新", 93.05]
    assert sheets["图1 10月得分排名（分）"][-1] == ["合格线 80", 80]
    assert sheets["图2 近六个月走势（分）"][-1] == ["10月", 93.05, 82.41, 68.5]
    assert sheets["图3 各分公司分项扣分"][2] == ["江北", "2", "3", "4", "—"]
    assert sheets["图4 得分的组成（分）"][3] == ["加减", 3, 20]


def test_every_paragraph_stands_under_its_heading() -> None:
    document = sample(3)
    rows = in_workbook(bulletin_workbook(document, SEAL))["正文"]
    wanted = [
        [section.heading or "正文", paragraph.text]
        for section in outline(document).sections
        for paragraph in section.paragraphs
    ]
    assert [row for row in rows if row[0]] == wanted


def test_the_same_document_gives_the_same_bytes_and_libreoffice_opens_them(tmp_path: Path) -> None:
    content = bulletin_workbook(sample(14), SEAL)
    assert bulletin_workbook(from_content(as_content(sample(14))), SEAL) == content
    with override("en"):
        assert bulletin_workbook(sample(14), SEAL) == content
    assert grid(saved_by_libreoffice(content, tmp_path)) == grid(content)


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    table = replace(ranks(), rows=(("1", "=1+1", "1", "1", "@x", "1", "1", "1", "1"),), total=())
    part = replace(sample(1).part("overall"), tables=(table,))
    content = bulletin_workbook(replace(sample(1), parts=(part,)), SEAL)
    [row] = in_workbook(content)["表1 各分公司服务质量得分与排名"][:1]
    assert (row[1], row[4]) == ("=1+1", "@x")


# Cells


@pytest.mark.parametrize(
    ("text", "column", "read_as", "held_as"),
    [
        ("", Column("a", "a", "decimal"), "", None),
        ("1203", Column("a", "a", "integer"), "1,203", 1203),
        ("-5", Column("a", "a", "integer"), "−5", -5),
        ("0.125", Column("a", "a", "decimal"), "0.13", Decimal("0.125")),
        ("-0.75", Column("a", "a", "signed"), "−0.75", Decimal("-0.75")),
        ("1.5", Column("a", "a", "signed", places=1), "+1.5", Decimal("1.5")),
        ("0", Column("a", "a", "signed", places=1), "0.0", Decimal(0)),
        ("93.3", Column("a", "达标率", "percent", places=1), "93.3%", Decimal("0.933")),
        ("93.3", Column("a", "达标率（%）", "percent", places=1), "93.3", Decimal("93.3")),
        ("2026-11-27", Column("a", "a", "date"), "2026-11-27", date(2026, 11, 27)),
        (
            "2026-11-20T04:00:00+00:00",
            Column("a", "a", "moment"),
            "2026-11-20 12:00",
            datetime.fromisoformat("2026-11-20T04:00:00+00:00"),
        ),
        ("0086", Column("a", "a", "text"), "0086", "0086"),
    ],
)
def test_a_cell_is_read_and_held(text: str, column: Column, read_as: str, held_as: Any) -> None:
    assert (shown(text, column), typed(text, column)) == (read_as, held_as)


@pytest.mark.parametrize("kind", ["integer", "decimal", "signed", "percent", "date", "moment"])
def test_what_is_no_such_thing_is_broken(kind: Any) -> None:
    column = Column("a", "某列", kind)
    for make in (shown, typed):
        with pytest.raises(BrokenCell) as caught:
            make("九十三", column)
        assert (caught.value.column, caught.value.text) == ("某列", "九十三")


def test_formats_have_the_columns_places() -> None:
    formats = {
        kind: number_format(Column("a", "a", kind, places=1))
        for kind in ("decimal", "signed", "percent", "integer", "date")
    }
    assert formats == {
        "decimal": "#,##0.0",
        "signed": '+#,##0.0;"−"#,##0.0;#,##0.0',
        "percent": "0.0%",
        "integer": "",
        "date": "",
    }
    assert number_format(Column("a", "a", "decimal", places=0)) == "#,##0"

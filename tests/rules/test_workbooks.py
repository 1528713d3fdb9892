"""Workbooks in and out: what is refused, what is read, what is written and read again."""

from __future__ import annotations

import io
import subprocess
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from core.errors import Refused
from core.workbooks import (
    ColumnSpec,
    Limits,
    SheetSpec,
    mark_wrong_rows,
    open_table,
    write_csv,
    write_workbook,
)

DATA = Path(__file__).parents[1] / "data"


def made(fill: Callable[[Worksheet], None]) -> bytes:
    """A workbook as somebody's spreadsheet program saves it."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    fill(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refusal(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Refused) as refused:
        open_table(data, "文件.xlsx", limits or Limits())
    return str(refused.value.message)


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return out.getvalue()


# Refused


PLAIN = made(lambda sheet: sheet.append(["工号", "姓名"]))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "文件是空的。请选择有内容的 .xlsx 或 CSV 文件。"),
        (b"\x00\x01\x02\xff", "认不出这个文件。请选择 .xlsx，或 UTF-8、GBK 编码的 CSV 文件。"),
        (zipped(readme=b"x"), "这不是 Excel 工作簿。请另存为 .xlsx 或 CSV 再上传。"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "这是旧版 .xls 文件。请用 Excel 另存为 .xlsx 再上传。",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "文件有打开密码。请在 Excel 中取消密码后再上传。",
        ),
        (
            with_part(PLAIN, "xl/vbaProject.bin", b"x"),
            "文件里有宏，不能上传。请另存为不带宏的 .xlsx 再上传。",
        ),
        (
            with_part(PLAIN, "xl/sharedStrings.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"),
            "文件里有不允许的内容。请用 Excel 打开后另存为 .xlsx 再上传。",
        ),
        (
            PLAIN[:-200],
            "这个文件打不开，可能没有传完或已损坏。请用 Excel 打开后另存为 .xlsx 再上传。",
        ),
    ],
)
def test_what_is_no_table_is_refused_with_the_way_to_mend_it(data: bytes, reason: str) -> None:
    assert refusal(data) == reason


def test_the_limits_are_named() -> None:
    def fill(sheet: Worksheet) -> None:
        for _ in range(4):
            sheet.append(["a", "b", "c"])

    data = made(fill)
    assert len(open_table(data, "x", Limits(rows=4, columns=3)).sheets[0].rows) == 4
    assert refusal(data, Limits(rows=3)) == (
        "工作表“sheet1.xml”有 4 行，一次最多 3 行。请分成几个文件上传。"
    )
    assert refusal(data, Limits(columns=2)) == (
        "工作表“sheet1.xml”有 3 列，最多 2 列。请删去多余的列再上传。"
    )
    assert refusal(data, Limits(file_bytes=1024)).endswith("最大 0 MB。请分成几个文件上传。")
    assert refusal(b"a,b\n" * 4, Limits(rows=3)).startswith("工作表“CSV”有 4 行")


def test_a_small_file_that_inflates_is_not_opened() -> None:
    bomb = with_part(PLAIN, "xl/media/image1.png", bytes(200 * 1024 * 1024))
    assert len(bomb) < 300 * 1024
    began = time.monotonic()
    assert refusal(bomb).startswith("文件解压后超过 120 MB，不予打开。")
    assert time.monotonic() - began < 2


def test_a_size_that_lies_is_not_believed() -> None:
    bomb = bytearray(with_part(PLAIN, "xl/media/image1.png", bytes(1024 * 1024)))
    place = bomb.rfind(b"PK\x01\x02")
    assert int.from_bytes(bomb[place + 24 : place + 28], "little") == 1024 * 1024
    bomb[place + 24 : place + 28] = (100).to_bytes(4, "little")
    assert refusal(bytes(bomb)).startswith("这个文件打不开")


def test_one_cell_in_the_far_corner_does_not_fill_the_memory() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["XFD1048576"] = "远"

    assert refusal(made(fill)).startswith("工作表“sheet1.xml”有 1,048,576 行")


# Read


def test_cells_are_read_as_what_they_are() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["文字", 7, 7.5, True, date(2026, 11, 27), None, "００１"])
        sheet.append(["=1+1", '=HYPERLINK("http://127.0.0.1/x","点我")'])

    sheet = open_table(made(fill), "x.xlsx").sheets[0]
    assert sheet.rows == (
        ("文字", 7, 7.5, True, date(2026, 11, 27), None, "００１"),
        ("=1+1", '=HYPERLINK("http://127.0.0.1/x","点我")', None, None, None, None, None),
    )


def test_a_formula_with_a_result_is_read_as_its_result() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["=6*7", "=1+1"])

    data = made(fill)
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read(part).replace(b"<f>6*7</f><v />", b"<f>6*7</f><v>42</v>")
        xml = xml.replace(b"<f>6*7</f><v></v>", b"<f>6*7</f><v>42</v>")
    assert open_table(with_part(data, part, xml), "x").sheets[0].rows == ((42, "=1+1"),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_whatever_it_is_written_in(encoding: str, delimiter: str) -> None:
    text = f"工号{delimiter}姓名\r\n001002{delimiter}“孔荣”\r\n"
    book = open_table(text.encode(encoding), "x.csv")
    assert book.is_csv
    assert book.sheets[0].rows == (("工号", "姓名"), ("001002", "“孔荣”"))


def test_thousands_and_line_breaks_stay_in_their_cells() -> None:
    rows = open_table('账期,应收\r\n202610,"7,854.77"\r\n"a\nb",1\r\n'.encode("gbk"), "x").sheets[0]
    assert rows.rows == (("账期", "应收"), ("202610", "7,854.77"), ("a\nb", "1"))


def test_the_billing_export_is_read() -> None:
    book = open_table((DATA / "计费导出_202610.csv").read_bytes(), "计费导出_202610.csv")
    assert book.sheets[0].rows[:2] == (
        ("账期", "集团编码", "应收金额", "实收金额", "欠费金额", "最长欠费账龄(天)"),
        ("202610", "JT320007", "7,854.77", "7,854.77", "0.00", "0"),
    )


# Written


COLUMNS = (
    ColumnSpec("名称"),
    ColumnSpec("金额", "money"),
    ColumnSpec("日期", "date"),
    ColumnSpec("时刻", "moment"),
    ColumnSpec("占比", "percent"),
    ColumnSpec("说明", width=40),
)
ROWS: list[list[str | Decimal | date | datetime | float | None]] = [
    [
        "=1+1",
        Decimal("1234.5"),
        date(2026, 11, 27),
        datetime(2026, 11, 27, 9, 30, tzinfo=UTC),
        0.5,
        "第一行\n第二行",
    ],
    ["-2", None, None, None, None, "@SUM(A1)"],
    ["+3", None, None, None, None, "\x01看不见的字符"],
]
SPEC = SheetSpec(
    "第48周/汇总",
    COLUMNS,
    ROWS,
    heading=("周汇总", "城东分公司"),
    total=["合计", Decimal("1234.50"), None, None, None, None],
    notes=("注：示例",),
)
READ_BACK = (
    ("周汇总", None, None, None, None, None),
    ("城东分公司", None, None, None, None, None),
    ("名称", "金额", "日期", "时刻", "占比", "说明"),
    (
        "=1+1",
        1234.5,
        date(2026, 11, 27),
        datetime(2026, 11, 27, 17, 30),  # noqa: DTZ001 - Shanghai's wall clock
        0.5,
        "第一行\n第二行",
    ),
    ("-2", None, None, None, None, "@SUM(A1)"),
    ("+3", None, None, None, None, "看不见的字符"),
    ("合计", 1234.5, None, None, None, None),
    ("注：示例", None, None, None, None, None),
)


def test_what_is_written_is_read_back() -> None:
    book = open_table(write_workbook([SPEC, SPEC]), "x.xlsx")
    assert [sheet.name for sheet in book.sheets] == ["第48周 汇总", "第48周 汇总 2"]
    assert [sheet.rows for sheet in book.sheets] == [READ_BACK, READ_BACK]


def test_text_stays_text_and_the_page_is_set_up() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(write_workbook([SPEC]))).worksheets[0]
    assert [sheet.cell(row, 1).data_type for row in (4, 5, 6)] == ["s", "s", "s"]
    assert [sheet.cell(row, 1).quotePrefix for row in (4, 5, 6)] == [True, True, True]
    assert sheet.freeze_panes == "A4"
    assert sheet.print_area == "'第48周 汇总'!$A$1:$F$8"
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.auto_filter.ref == "A3:F6"
    assert sheet["B4"].number_format == "#,##0.00"
    assert sheet["C4"].number_format == "yyyy-mm-dd"


def test_the_same_rows_are_the_same_bytes() -> None:
    first = write_workbook([SPEC])
    time.sleep(2.1)  # a ZIP counts in steps of two seconds
    assert write_workbook([SPEC]) == first


def test_a_row_of_another_length_is_a_fault() -> None:
    with pytest.raises(ValueError, match="1 values for 6 columns"):
        write_workbook([SheetSpec("x", COLUMNS, [["a"]])])
    with pytest.raises(ValueError, match="needs a sheet"):
        write_workbook([])


def test_a_csv_disarms_what_a_spreadsheet_would_calculate() -> None:
    columns = [ColumnSpec("a"), ColumnSpec("b")]
    assert write_csv(columns, [["=1+1", -3], ["@x", datetime(2026, 11, 27, 9, tzinfo=UTC)]]) == (
        "\ufeffa,b\r\n'=1+1,-3\r\n'@x,2026-11-27 17:00:00\r\n".encode()
    )


@pytest.mark.slow
def test_libreoffice_opens_what_we_write_and_what_we_mark(tmp_path: Path) -> None:
    _name, marked = mark_wrong_rows(
        (DATA / "员工花名册.xlsx").read_bytes(),
        "员工花名册.xlsx",
        {78: "重复 <&>"},
        sheet_name="花名册",
        header_row=3,
    )
    (tmp_path / "written.xlsx").write_bytes(write_workbook([SPEC]))
    (tmp_path / "marked.xlsx").write_bytes(marked)
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true",
            "--outdir",
            str(tmp_path),
            str(tmp_path / "written.xlsx"),
            str(tmp_path / "marked.xlsx"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    written = (tmp_path / "written.csv").read_text().splitlines()
    assert written[3].startswith("=1+1,")
    lines = (tmp_path / "marked.csv").read_text().splitlines()
    assert lines[2].endswith(",备注,导入说明")
    assert lines[77].endswith(",重复 <&>")


# The user's own file back


def staff(reasons: dict[int, str], data: bytes | None = None) -> bytes:
    original = data or (DATA / "员工花名册.xlsx").read_bytes()
    name, marked = mark_wrong_rows(
        original, "员工花名册.xlsx", reasons, sheet_name="花名册", header_row=3
    )
    assert name == "员工花名册.xlsx"
    return marked


def test_a_reason_stands_in_red_beside_its_row_and_all_else_is_as_it_was() -> None:
    original = open_table((DATA / "员工花名册.xlsx").read_bytes(), "x").sheets
    sheets = open_table(staff({78: "工号重复", 79: "没有这个单位"}), "x").sheets
    assert [row[:11] for row in sheets[0].rows] == list(original[0].rows)
    assert {n: row[11] for n, row in enumerate(sheets[0].rows, 1) if row[11]} == {
        3: "导入说明",
        78: "工号重复",
        79: "没有这个单位",
    }
    assert sheets[1] == original[1]
    cell = openpyxl.load_workbook(io.BytesIO(staff({78: "工号重复"})), rich_text=True).worksheets[
        0
    ]["L78"]
    assert cell.value[0].font.color.rgb == "FFC00000"


def test_the_reason_column_is_as_wide_as_the_reasons() -> None:
    sheet = openpyxl.load_workbook(
        io.BytesIO(staff({78: "工号重复：第 77 行已有 200004"}))
    ).worksheets[0]
    assert 25 < sheet.column_dimensions["L"].width < 60
    assert (
        sheet.column_dimensions["A"].width
        == openpyxl.load_workbook(DATA / "员工花名册.xlsx")
        .worksheets[0]
        .column_dimensions["A"]
        .width
    )

    def fill(sheet: Worksheet) -> None:
        sheet.append(["a"])

    _name, marked = mark_wrong_rows(
        made(fill), "x.xlsx", {1: "错" * 99}, sheet_name="Sheet", header_row=1
    )
    plain = openpyxl.load_workbook(io.BytesIO(marked)).worksheets[0]
    assert plain.column_dimensions["B"].width == 80


def test_a_mended_file_loses_its_old_reasons() -> None:
    again = staff({79: "没有这个单位"}, staff({78: "工号重复", 79: "旧"}))
    rows = open_table(again, "x").sheets[0].rows
    assert {n: row[11] for n, row in enumerate(rows, 1) if row[11]} == {
        3: "导入说明",
        79: "没有这个单位",
    }


def test_a_csv_comes_back_as_a_workbook_with_the_same_rows() -> None:
    data = "编码,备注\r\n1,=1+1\r\n2,\r\n".encode("gbk")
    name, marked = mark_wrong_rows(data, "表.csv", {3: "错"}, sheet_name="CSV", header_row=1)
    assert name == "表.xlsx"
    assert open_table(marked, name).sheets[0].rows == (
        ("编码", "备注", "导入说明"),
        ("1", "=1+1", None),
        ("2", None, "错"),
    )


def test_marking_takes_time_in_step_with_the_rows() -> None:
    def fill(sheet: Worksheet) -> None:
        for number in range(8000):
            sheet.append([number, "x"])

    data = made(fill)
    began = time.monotonic()
    mark_wrong_rows(data, "x.xlsx", {7000: "错"}, sheet_name="Sheet", header_row=1)
    assert time.monotonic() - began < 3

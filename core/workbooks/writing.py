"""Workbooks that we hand out: one table per sheet, text is text, the same rows the same bytes."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, Literal, cast

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from core.periods import local
from core.workbooks.package import Limits, column_letter, unzip, zip_up

Kind = Literal["text", "integer", "decimal", "money", "percent", "date", "moment", "time"]
Value = str | int | float | Decimal | bool | date | datetime | time | None

_FORMATS: dict[str, str] = {
    "text": "@",
    "integer": "#,##0",
    "decimal": "0.00",
    "money": "#,##0.00",
    "percent": "0.0%",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm:ss",
    "time": "hh:mm",
}
_NUMBERS = frozenset({"integer", "decimal", "money", "percent"})
_WIDTHS: dict[str, float] = {"date": 12, "moment": 20, "time": 8, "text": 16}
_OWN_LIMITS = Limits(inflated_bytes=1 << 31)
_WRITTEN_AT = datetime(2000, 1, 1)  # noqa: DTZ001 - the form of the file; no moment is told
_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SHEET_SIGNS = re.compile(r"[\\/*?:\[\]]")
_TITLE_LENGTH = 31
_CELL_LENGTH = 32_767

_HEAD_FILL = PatternFill("solid", fgColor="FFE0EEF0")
_THIN = Side(style="thin", color="FFDBE2E2")
_LINE = Border(bottom=_THIN)


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column: its heading, what it holds, its width in characters, and whether text wraps.

    ``percent`` takes a share (0.5 shows as 50.0 %).
    """

    title: str
    kind: Kind = "text"
    width: float | None = None
    is_wrapped: bool = False


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """A sheet: lines above the table, its columns and rows, a bold last row, lines below it.

    Instants are written as Shanghai's wall clock. The head is repeated on every printed page.
    """

    title: str
    columns: Sequence[ColumnSpec]
    rows: Iterable[Sequence[Value]]
    heading: Sequence[str] = ()
    total: Sequence[Value] | None = None
    notes: Sequence[str] = ()
    is_landscape: bool = True


def write_workbook(sheets: Sequence[SheetSpec]) -> bytes:
    """An XLSX of the given sheets; the same sheets always give the same bytes.

    ValueError when there is no sheet, or a row that is not as long as its columns.
    """
    if not sheets:
        raise ValueError("a workbook needs a sheet")
    book = Workbook(write_only=True)
    book.properties.creator = "闭环"
    book.properties.created = _WRITTEN_AT
    taken: set[str] = set()
    for spec in sheets:
        sheet: Any = book.create_sheet(_sheet_title(spec.title, taken))
        try:
            _write_sheet(sheet, spec)
        finally:
            # Also after a fault: rows are streamed into an open file.
            sheet.close()
    out = BytesIO()
    book.save(out)
    parts = unzip(out.getvalue(), _OWN_LIMITS)
    core = parts["docProps/core.xml"]
    parts["docProps/core.xml"] = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", core)
    return zip_up(parts)


def write_csv(columns: Sequence[ColumnSpec], rows: Iterable[Sequence[Value]]) -> bytes:
    """A CSV with a BOM, as Excel expects it. A text that a spreadsheet would take for a formula
    gets an apostrophe in front: CSV knows no types."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.title for column in columns])
    for row in rows:
        writer.writerow([_csv_text(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def _csv_text(value: Value) -> str:
    if isinstance(value, str):
        return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M:%S}"
    return "" if value is None else str(value)


def _sheet_title(title: str, taken: set[str]) -> str:
    base = _SHEET_SIGNS.sub(" ", title).strip(" '")[:_TITLE_LENGTH] or "Sheet"
    name, number = base, 2
    while name.casefold() in taken:
        ending = f" {number}"
        name, number = base[: _TITLE_LENGTH - len(ending)] + ending, number + 1
    taken.add(name.casefold())
    return name


def _write_sheet(sheet: Any, spec: SheetSpec) -> None:
    # The stubs know a write-only sheet's methods and not the settings it shares with others.
    width = len(spec.columns)
    head = len(spec.heading) + 1
    sheet.freeze_panes = f"A{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    sheet.page_setup.orientation = "landscape" if spec.is_landscape else "portrait"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for number, column in enumerate(spec.columns, 1):
        sheet.column_dimensions[column_letter(number)].width = _width_of(column)

    for number, line in enumerate(spec.heading):
        sheet.append([_text_cell(sheet, line, Font(bold=True, size=14 if number == 0 else 11))])
    sheet.append([_head_cell(sheet, column) for column in spec.columns])
    last = head
    for row in spec.rows:
        sheet.append(_cells(sheet, spec.columns, row))
        last += 1
    if last > head:
        sheet.auto_filter.ref = f"A{head}:{column_letter(width)}{last}"
    if spec.total is not None:
        sheet.append(_cells(sheet, spec.columns, spec.total, Font(bold=True)))
        last += 1
    for line in spec.notes:
        sheet.append([_text_cell(sheet, line, None)])
        last += 1
    sheet.print_area = f"A1:{column_letter(width)}{last}"


def _width_of(column: ColumnSpec) -> float:
    if column.width is not None:
        return column.width
    title = sum(2 if ord(sign) > 0x2E7F else 1 for sign in column.title) + 3
    return max(_WIDTHS.get(column.kind, 11), title)


def _head_cell(sheet: Any, column: ColumnSpec) -> Cell:
    cell = _text_cell(sheet, column.title, Font(bold=True))
    cell.fill = _HEAD_FILL
    cell.border = _LINE
    cell.alignment = Alignment(
        horizontal="right" if column.kind in _NUMBERS else "left", vertical="center"
    )
    return cell


def _cells(
    sheet: Any,
    columns: Sequence[ColumnSpec],
    row: Sequence[Value],
    font: Font | None = None,
) -> list[Cell | None]:
    if len(row) != len(columns):
        raise ValueError(f"{len(row)} values for {len(columns)} columns")
    return [_cell(sheet, *pair, font) for pair in zip(columns, row, strict=True)]


def _cell(sheet: Any, column: ColumnSpec, value: Value, font: Font | None) -> Cell | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        cell = _text_cell(sheet, value, font)
        if column.is_wrapped:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        return cell
    if isinstance(value, datetime):
        value = local(value).replace(tzinfo=None)
    cell = WriteOnlyCell(sheet, cast("Any", value))
    if column.kind != "text":
        cell.number_format = _FORMATS[column.kind]
    elif isinstance(value, (date, datetime)):
        cell.number_format = _FORMATS["moment" if isinstance(value, datetime) else "date"]
    if font is not None:
        cell.font = font
    if column.is_wrapped:
        cell.alignment = Alignment(vertical="top")
    return cell


def _text_cell(sheet: Any, text: str, font: Font | None) -> Cell:
    """A cell whose text stays text, even if it begins with a sign that starts a formula."""
    clean = _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:_CELL_LENGTH]
    cell: Cell = WriteOnlyCell(sheet, clean)
    cell.data_type = "s"
    if clean[:1] in ("=", "+", "-", "@"):
        # Editing the cell in Excel would otherwise turn the text into a formula after all.
        cell.quotePrefix = True
        cell.number_format = "@"
    if font is not None:
        cell.font = font
    return cell

"""Workbooks that we hand out: one table per sheet, text is text, the same rows the same bytes."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, Literal, cast

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.page import PageMargins

from core.periods import local
from core.workbooks import layout
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
_WIDTHS: dict[str, float] = {"date": 10.5, "moment": 19.5, "time": 6}
_OWN_LIMITS = Limits(inflated_bytes=1 << 31)
_WRITTEN_AT = datetime(2000, 1, 1)  # noqa: DTZ001 - the form of the file; no moment is told
_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SHEET_SIGNS = re.compile(r"[\\/*?:\[\]]")
_TITLE_LENGTH = 31
_CELL_LENGTH = 32_767

_FONT = "Microsoft YaHei"
_HEAD_FILL = PatternFill("solid", fgColor="FFE0EEF0")
_INDENT = 1.3
_THIN = Side(style="thin", color="FFDBE2E2")
_LINE = Border(bottom=_THIN)


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column: its heading, what it holds, and its width in characters if not by its content.

    Text that is wider than its column wraps. ``percent`` takes a share (0.5 shows as 50.0 %).
    ``form`` is its number format if not that of its kind.
    """

    title: str
    kind: Kind = "text"
    width: float | None = None
    form: str = ""


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """A sheet: lines above the table, its columns and rows, a bold last row, lines below it.

    Instants are written as Shanghai's wall clock. Printed it is as wide as one A4 page, in
    letters that can be read, with the head on every page. A text that no row is high enough for
    goes on in rows of its own where ``continues_long_texts``; else each row stays one row.
    """

    title: str
    columns: Sequence[ColumnSpec]
    rows: Iterable[Sequence[Value]]
    heading: Sequence[str] = ()
    total: Sequence[Value] | None = None
    notes: Sequence[str] = ()
    is_landscape: bool = True
    continues_long_texts: bool = False


def write_workbook(sheets: Sequence[SheetSpec]) -> bytes:
    """An XLSX of the given sheets; the same sheets always give the same bytes.

    ValueError when there is no sheet, or a row that is not as long as its columns.
    """
    if not sheets:
        raise ValueError("a workbook needs a sheet")
    book = Workbook(write_only=True)
    # The font of the sheet itself: column widths are counted in its digits.
    book._fonts = IndexedList([_font()])  # type: ignore[attr-defined]
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
    table = [_checked(spec.columns, row) for row in spec.rows]
    widths = _widths(spec, table)
    if spec.continues_long_texts:
        table = [part for row in table for part in _continued(row, spec.columns, widths)]
    head = len(spec.heading) + 1
    _set_up(sheet, spec, head)
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[column_letter(number)].width = width

    styles = _Styles(sheet, spec.columns)
    place = 0
    for place, line in enumerate(spec.heading, 1):
        sheet.row_dimensions[place].height = 24 if place == 1 else 18
        sheet.append([_line(sheet, line, _font(14 if place == 1 else layout.POINTS, is_bold=True))])
    titles = [column.title for column in spec.columns]
    lines = _lines(titles, [width - 1.4 for width in widths])
    sheet.row_dimensions[head].height = layout.row_height(lines) + 2
    sheet.append([styles.head(place, title) for place, title in enumerate(titles)])
    last = head
    for row in table:
        last += 1
        lines = _lines(row, widths)
        sheet.row_dimensions[last].height = layout.row_height(lines)
        sheet.append([styles.cell(n, value, is_high=lines > 1) for n, value in enumerate(row)])
    if last > head:
        sheet.auto_filter.ref = f"A{head}:{column_letter(len(widths))}{last}"
    if spec.total is not None:
        last += 1
        total = _checked(spec.columns, spec.total)
        sheet.row_dimensions[last].height = layout.row_height(_lines(total, widths))
        sheet.append(
            [styles.cell(place, value, is_total=True) for place, value in enumerate(total)]
        )
    for line in spec.notes:
        last += 1
        sheet.row_dimensions[last].height = layout.row_height(1)
        sheet.append([_line(sheet, line, None)])
    sheet.print_area = f"A1:{column_letter(len(widths))}{last}"


def _set_up(sheet: Any, spec: SheetSpec, head: int) -> None:
    sheet.freeze_panes = f"A{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    sheet.page_setup.orientation = "landscape" if spec.is_landscape else "portrait"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins = PageMargins(layout.MARGIN, layout.MARGIN, 0.6, 0.7, 0.3, 0.3)
    sheet.oddFooter.center.text = "&P / &N"


def _checked(columns: Sequence[ColumnSpec], row: Sequence[Value]) -> list[Value]:
    """The row as its cells hold it; ValueError when it is not as long as the columns."""
    if len(row) != len(columns):
        raise ValueError(f"{len(row)} values for {len(columns)} columns")
    return [_clean(value) if isinstance(value, str) else value for value in row]


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:_CELL_LENGTH]


def _widths(spec: SheetSpec, table: Sequence[Sequence[Value]]) -> list[float]:
    """The columns' widths; the last has what a long line above or below the table needs."""
    rows = [*table, spec.total] if spec.total is not None else table
    wanted = [
        layout.Wanted(
            column.title,
            max((_width(column, row[place]) for row in rows), default=0.0),
            max(
                (layout.widest_word(t) for row in rows if isinstance(t := row[place], str)),
                default=0.0,
            ),
            column.width,
            column.kind == "text",
        )
        for place, column in enumerate(spec.columns)
    ]
    room = layout.ROOM["landscape" if spec.is_landscape else "portrait"]
    widths = layout.column_widths(wanted, room)
    lines = [layout.text_width(line) * (14 / 11 if n == 0 else 1.1)
             for n, line in enumerate(spec.heading)]  # fmt: skip
    longest = max([*lines, *map(layout.text_width, spec.notes)], default=0.0) + layout.PAD
    lacking = min(longest, room) - sum(widths)
    return [*widths[:-1], round(widths[-1] + max(0.0, lacking), 1)]


def _width(column: ColumnSpec, value: Value) -> float:
    """How wide a value is where it does not break."""
    if value is None or value == "":
        return 0.0
    if isinstance(value, str):
        return max(map(layout.text_width, value.split("\n")))
    if isinstance(value, (date, datetime, time)):
        kind = "moment" if isinstance(value, datetime) else column.kind
        return _WIDTHS.get(kind, _WIDTHS["date"])
    return len(f"{value:,}") + _INDENT + (3.6 if column.kind in ("money", "decimal") else 0)


def _lines(row: Sequence[Value], widths: Sequence[float]) -> int:
    """How many lines the row's texts need at most."""
    return max(
        (
            len(layout.lines_of(value, width))
            for value, width in zip(row, widths, strict=True)
            if isinstance(value, str) and ("\n" in value or len(value) * 2 > width - layout.PAD)
        ),
        default=1,
    )


def _continued(
    row: list[Value], columns: Sequence[ColumnSpec], widths: Sequence[float]
) -> Iterator[list[Value]]:
    """The row, and one more wherever a text is too long for the highest row.

    What goes on has the row's short texts again, so that it is found under them, and no numbers,
    so that nothing is counted twice.
    """
    parts: dict[int, list[str]] = {}
    for place, (value, width) in enumerate(zip(row, widths, strict=True)):
        if isinstance(value, str):
            parts[place] = _pieces(value, width)
    most = max(map(len, parts.values()), default=1)
    for number in range(most):
        yield [
            (parts[place][number] if number < len(parts[place]) else None)
            if len(parts.get(place, ())) > 1
            else value
            if number == 0 or (place in parts and columns[place].kind == "text")
            else None
            for place, value in enumerate(row)
        ]


def _pieces(text: str, width: float) -> list[str]:
    """The text in pieces of as many lines as a row can have; together they are the text."""
    lines = [
        line + ("\n" if number == len(broken) - 1 else "")
        for part in text.split("\n")
        for broken in [layout.lines_of(part, width)]
        for number, line in enumerate(broken)
    ]
    most = layout.LINES_AT_MOST
    if len(lines) <= most:
        return [text]
    pieces = ["".join(lines[start : start + most]) for start in range(0, len(lines), most)]
    return [piece.removesuffix("\n") for piece in pieces]


def _font(size: float = layout.POINTS, *, is_bold: bool = False) -> Font:
    return Font(name=_FONT, size=size, bold=is_bold, family=2)


class _Styles:
    """Cells of a sheet, each column's look made once."""

    def __init__(self, sheet: Any, columns: Sequence[ColumnSpec]) -> None:
        self.sheet = sheet
        self.columns = columns
        self.made: dict[tuple[Any, ...], Any] = {}

    def head(self, place: int, title: str) -> Cell:
        """A heading."""
        cell = _text_cell(self.sheet, title)
        cell.font = _font(is_bold=True)
        cell.fill = _HEAD_FILL
        cell.border = _LINE
        is_number = self.columns[place].kind in _NUMBERS
        cell.alignment = Alignment(
            horizontal="right" if is_number else "left",
            indent=int(is_number),
            vertical="center",
            wrap_text=True,
        )
        return cell

    def cell(
        self, place: int, value: Value, *, is_high: bool = False, is_total: bool = False
    ) -> Cell:
        """A value with the line below it that a printed table needs; high rows begin at the top."""
        if isinstance(value, datetime):
            value = local(value).replace(tzinfo=None)
        if isinstance(value, str) and value:
            cell = _text_cell(self.sheet, value)
        else:
            cell = WriteOnlyCell(self.sheet, cast("Any", value if value != "" else None))
        form = self._form(place, value)
        is_plain_text = isinstance(value, str) and cell.quotePrefix
        key = (form, type(value), is_high, is_total, is_plain_text)
        if key not in self.made:
            cell.border = _LINE
            is_number = isinstance(value, int | float | Decimal)
            cell.alignment = Alignment(
                horizontal="right" if is_number else "left",
                indent=int(is_number),
                vertical="top" if is_high else "center",
                wrap_text=isinstance(value, str) or None,
            )
            if form:
                cell.number_format = form
            if is_total:
                cell.font = _font(is_bold=True)
            self.made[key] = cell._style  # type: ignore[attr-defined]
        else:
            cell._style = copy(self.made[key])  # type: ignore[attr-defined]
        return cell

    def _form(self, place: int, value: Value) -> str:
        """The number format; none for a text that is only a text."""
        kind = self.columns[place].kind
        if value is None or isinstance(value, str):
            return ""
        if kind != "text":
            return self.columns[place].form or _FORMATS[kind]
        if isinstance(value, (date, datetime)):
            return _FORMATS["moment" if isinstance(value, datetime) else "date"]
        return ""


def _line(sheet: Any, text: str, font: Font | None) -> Cell:
    cell = _text_cell(sheet, _clean(text))
    cell.font = font or _font()
    return cell


def _text_cell(sheet: Any, text: str) -> Cell:
    """A cell whose text stays text, even if it begins with a sign that starts a formula."""
    cell: Cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    if text[:1] in ("=", "+", "-", "@"):
        # Editing the cell in Excel would otherwise turn the text into a formula after all.
        cell.quotePrefix = True
        cell.number_format = "@"
    return cell

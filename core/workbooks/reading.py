"""A user's file as plain values: every sheet, every row, within limits."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO

from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from core.errors import Refused
from core.workbooks.package import (
    Limits,
    check_extent,
    check_size,
    column_letter,
    unzip,
    zip_up,
)

__all__ = ["Book", "Cell", "Limits", "Sheet", "column_letter", "open_table"]

Cell = str | int | float | bool | date | datetime | time | None
"""What stands in a cell: text as it stands (a formula without a result is text too)."""

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ",;\t|"
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows, the first being row 1; all rows are equally long, blanks are None."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def width(self) -> int:
        """How many columns the widest row has."""
        return len(self.rows[0]) if self.rows else 0


@dataclass(frozen=True, slots=True)
class Book:
    """What a file holds. ``is_csv`` says that it has one nameless sheet of texts."""

    filename: str
    sheets: tuple[Sheet, ...]
    is_csv: bool


def open_table(data: bytes, filename: str, limits: Limits = Limits()) -> Book:  # noqa: B008 - frozen
    """Read an XLSX or CSV file; its content decides which it is, never its name.

    Refused, with the limit and the way to mend it, for a file that is too big in any respect,
    locked, damaged, old (.xls), carries macros, or is something else.
    """
    if len(data) > limits.file_bytes:
        raise Refused(
            _("文件有 %(n)s MB，最大 %(max)s MB。请分成几个文件上传。")
            % {"n": round(len(data) / 1024 / 1024, 1), "max": limits.file_bytes // 1024 // 1024}
        )
    if not data.strip():
        raise Refused(_("文件是空的。请选择有内容的 .xlsx 或 CSV 文件。"))
    if data.startswith(_ZIP):
        return Book(filename, tuple(_sheets_of(unzip(data, limits), limits)), is_csv=False)
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise Refused(_("文件有打开密码。请在 Excel 中取消密码后再上传。"))
        raise Refused(_("这是旧版 .xls 文件。请用 Excel 另存为 .xlsx 再上传。"))
    return Book(filename, (_csv_sheet(data, limits),), is_csv=True)


def _sheets_of(parts: Mapping[str, bytes], limits: Limits) -> Iterator[Sheet]:
    with_formulas = False
    for name, content in parts.items():
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            check_extent(content, name.rpartition("/")[2], limits)
            with_formulas = with_formulas or b"<f" in content or b":f" in content
    # Read from a ZIP packed anew from what was counted: no second opinion on its contents.
    packed = zip_up(parts, is_stored=True)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(packed))
        names = [m.name for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
        if len(names) > limits.sheets:
            raise Refused(
                _("工作簿有 %(n)s 张工作表，最多 %(max)s 张。请只保留要导入的。")
                % {"n": len(names), "max": limits.sheets}
            )
        formulas = _formulas_of(packed) if with_formulas else {}
        for name in names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            yield _sheet(name, rows, formulas.get(name, {}), limits)
    except PasswordError as error:
        raise Refused(_("文件有打开密码。请在 Excel 中取消密码后再上传。")) from error
    except CalamineError as error:
        raise Refused(
            _("这个文件打不开，可能没有传完或已损坏。请用 Excel 打开后另存为 .xlsx 再上传。")
        ) from error


def _sheet(
    name: str,
    rows: Sequence[Sequence[object]],
    formulas: Mapping[tuple[int, int], str],
    limits: Limits,
) -> Sheet:
    width = max((len(row) for row in rows), default=0)
    width = max([width, *(column for _, column in formulas)])
    height = max([len(rows), *(row for row, _ in formulas)])
    check_size(height, width, name, limits)
    cells = [[_plain(value) for value in row] + [None] * (width - len(row)) for row in rows]
    cells += [[None] * width for _ in range(height - len(rows))]
    for (row, column), formula in formulas.items():
        if cells[row - 1][column - 1] is None:
            cells[row - 1][column - 1] = formula
    return Sheet(name, tuple(tuple(row) for row in cells))


def _plain(value: object) -> Cell:
    if isinstance(value, str):
        return value or None
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, datetime):
        return value.date() if value.time() == _MIDNIGHT else value
    if isinstance(value, (bool, int, date, time)):
        return value
    if isinstance(value, timedelta):
        return value.total_seconds() / 86400
    return None


def _formulas_of(packed: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """Each sheet's formulas by (row, column), from 1. Nobody calculates here: a cell that has no
    stored result is read as the text it was typed as."""
    found: dict[str, dict[tuple[int, int], str]] = {}
    try:
        book = load_workbook(BytesIO(packed), read_only=True, data_only=False, keep_links=False)
        for sheet in book.worksheets:
            cells = found.setdefault(sheet.title, {})
            sheet.reset_dimensions()
            for number, row in enumerate(sheet.iter_rows(), 1):
                for column, cell in enumerate(row, 1):
                    if cell.data_type == "f":
                        text = cell.value
                        if isinstance(text, ArrayFormula):
                            text = text.text
                        cells[number, column] = str(text)
    except (KeyError, ValueError, TypeError, AttributeError, SyntaxError) as error:
        raise Refused(
            _("这个文件打不开，可能没有传完或已损坏。请用 Excel 打开后另存为 .xlsx 再上传。")
        ) from error
    return found


def _csv_sheet(data: bytes, limits: Limits) -> Sheet:
    text = _decoded(data)
    lines = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    rows: list[list[str]] = []
    try:
        for row in lines:
            rows.append(row)
            check_size(len(rows), len(row), "CSV", limits)
    except csv.Error as error:
        raise Refused(
            _("CSV 的引号或换行不成对。请用 Excel 打开后另存为 .xlsx 再上传。")
        ) from error
    width = max((len(row) for row in rows), default=0)
    return Sheet(
        "CSV", tuple(tuple([c or None for c in row] + [None] * (width - len(row))) for row in rows)
    )


def _decoded(data: bytes) -> str:
    encodings = ("utf-16",) if data.startswith(_UTF_16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused(_("认不出这个文件。请选择 .xlsx，或 UTF-8、GBK 编码的 CSV 文件。"))


def _delimiter(text: str) -> str:
    """The sign that stands most often in the first lines: titles above a table have none."""
    head = "\n".join(text.splitlines()[:20])
    return max(_DELIMITERS, key=head.count)

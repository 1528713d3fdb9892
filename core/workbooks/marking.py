"""The user's own file back, with a reason in red beside each wrong row.

The workbook is not rebuilt: cells are put into the sheet's own text, so that formulas, widths,
pictures and everything else stay as they were. A reason column from an earlier time is emptied
and used again, and the reader passes it over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from core.workbooks import layout
from core.workbooks.package import Limits, column_letter, column_number, unzip, zip_up
from core.workbooks.reading import Book, open_table
from core.workbooks.writing import ColumnSpec, SheetSpec, write_workbook

REASON_HEADERS = ("导入说明", "Import note")
"""How the reason column is headed; by it the column is known again."""

_ROW = re.compile(
    rb"<(?P<prefix>(?:\w+:)?)row\b(?P<attributes>[^>]*?)"
    rb"(?:/>|>(?P<cells>.*?)</(?P=prefix)row>)",
    re.DOTALL,
)
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
_SPANS = re.compile(rb'\s+spans="[^"]*"')
_DIMENSION = re.compile(rb'(<(?:\w+:)?dimension\b[^>]*\bref=")([^"]*)(")')
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_COLS = re.compile(rb"</(\w+:)?cols>")
_COL = re.compile(rb"<(?:\w+:)?col\b[^>]*>")
_DATA = re.compile(rb"<(\w+:)?sheetData\b")
_WIDEST = 80.0
_OWN_LIMITS = Limits()


def mark_wrong_rows(
    original: bytes,
    filename: str,
    reasons: Mapping[int, str],
    *,
    sheet_name: str,
    header_row: int,
    header: str = REASON_HEADERS[0],
) -> tuple[str, bytes]:
    """(file name, bytes) of the file with ``reasons`` (row number to text) in red.

    ``header`` heads the reason column. A CSV cannot show red and comes back as a workbook of
    texts with the same rows at the same numbers. Refused as ``open_table``.
    """
    book = open_table(original, filename)
    if book.is_csv:
        data = _as_workbook(book)
        return mark_wrong_rows(
            data,
            _with_ending(filename),
            reasons,
            sheet_name="CSV",
            header_row=header_row,
            header=header,
        )
    sheet = next(each for each in book.sheets if each.name == sheet_name)
    heads = sheet.rows[header_row - 1]
    known = [n for n, head in enumerate(heads, 1) if str(head).strip() in REASON_HEADERS]
    column = column_letter(known[0] if known else sheet.width + 1)

    parts = unzip(original, _OWN_LIMITS)
    part = _part_of_sheet(parts, sheet_name)
    texts = {header_row: header, **reasons}
    longest = max(map(layout.text_width, texts.values())) + layout.PAD
    marked = _marked(parts[part], column, texts)
    parts[part] = _made_wide(marked, column_number(column), min(longest, _WIDEST))
    return _with_ending(filename), zip_up(parts)


def _with_ending(filename: str) -> str:
    stem, dot, ending = filename.rpartition(".")
    return f"{stem if dot and ending.lower() in ('xlsx', 'csv', 'txt') else filename}.xlsx"


def _as_workbook(book: Book) -> bytes:
    """A CSV's rows as a workbook: the first row is the head, whatever it holds."""
    rows = book.sheets[0].rows
    columns = [ColumnSpec(str(head or "")) for head in rows[0]]
    return write_workbook([SheetSpec("CSV", columns, [[_text(c) for c in r] for r in rows[1:]])])


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _part_of_sheet(parts: Mapping[str, bytes], name: str) -> str:
    """Where the sheet of that name lies in the package."""
    wanted = name.encode()
    relation_id = next(
        _attribute(match[0], rb"(?:\w+:)id")
        for match in _SHEET.finditer(parts["xl/workbook.xml"])
        if _unescaped(_attribute(match[0], b"name")) == wanted
    )
    target = next(
        _attribute(match[0], b"Target")
        for match in _RELATION.finditer(parts["xl/_rels/workbook.xml.rels"])
        if _attribute(match[0], b"Id") == relation_id
    ).decode()
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _attribute(element: bytes, name: bytes) -> bytes:
    match = re.search(rb"\s" + name + rb"""=(?:"([^"]*)"|'([^']*)')""", element)
    return b"" if match is None else match[1] or match[2] or b""


def _unescaped(text: bytes) -> bytes:
    for entity, sign in ((b"&lt;", b"<"), (b"&gt;", b">"), (b"&quot;", b'"'), (b"&apos;", b"'")):
        text = text.replace(entity, sign)
    return re.sub(
        rb"&#(x[0-9a-fA-F]+|\d+);", lambda m: chr(int(b"0" + m[1], 0)).encode(), text
    ).replace(b"&amp;", b"&")


def _marked(xml: bytes, column: str, texts: Mapping[int, str]) -> bytes:
    counted = 0
    old = re.compile(
        rb'<(\w+:)?c\b[^>]*?\br="' + column.encode() + rb'\d+"[^>]*?(?:/>|>.*?</(?:\w+:)?c>)',
        re.DOTALL,
    )

    def mark(match: re.Match[bytes]) -> bytes:
        nonlocal counted
        attributes = match["attributes"]
        number = _ROW_NUMBER.search(attributes)
        counted = int(number[1]) if number else counted + 1
        cells = match["cells"] or b""
        kept = old.sub(b"", cells)
        text = texts.get(counted)
        if text is None and kept == cells:
            return match[0]
        prefix = match["prefix"]
        added = b"" if text is None else _red_cell(prefix, f"{column}{counted}", text)
        attributes = _SPANS.sub(b"", attributes)
        return b"<%srow%s>%s%s</%srow>" % (prefix, attributes, kept, added, prefix)

    xml = _ROW.sub(mark, xml)
    return _DIMENSION.sub(lambda m: m[1] + _widened(m[2].decode(), column) + m[3], xml, count=1)


def _red_cell(prefix: bytes, place: str, text: str) -> bytes:
    """A cell of its own text, red and bold by its run: the file's styles stay untouched."""
    p = prefix.decode()
    clean = escape(_FORBIDDEN.sub(" ", text), quote=False)
    return (
        f'<{p}c r="{place}" t="inlineStr"><{p}is><{p}r><{p}rPr><{p}b/>'
        f'<{p}color rgb="FFC00000"/></{p}rPr><{p}t xml:space="preserve">{clean}</{p}t>'
        f"</{p}r></{p}is></{p}c>"
    ).encode()


def _widened(ref: str, column: str) -> bytes:
    first, _, last = ref.partition(":")
    match = re.fullmatch(r"([A-Z]+)(\d+)", last or first)
    if match is None:
        return ref.encode()
    letters = max(match[1], column, key=lambda each: (len(each), each))
    return f"{first}:{letters}{match[2]}".encode()


def _made_wide(xml: bytes, column: int, width: float) -> bytes:
    """The sheet with its reason column as wide as the reasons; a width that it has is kept."""
    for match in _COL.finditer(xml):
        if int(_attribute(match[0], b"min")) <= column <= int(_attribute(match[0], b"max")):
            return xml
    place = _COLS.search(xml)
    begin = place or _DATA.search(xml)
    if begin is None:
        return xml
    p = (begin[1] or b"").decode()
    col = f'<{p}col min="{column}" max="{column}" width="{width:.1f}" customWidth="1"/>'
    added = (col if place else f"<{p}cols>{col}</{p}cols>").encode()
    return xml[: begin.start()] + added + xml[begin.start() :]

"""The bulletin as a workbook (annex 8): what is on paper, a sheet a table and figure.

Made from the same frozen Document as page and paper, so that it says the same, figure for figure;
numbers and dates are real ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import override

from core.workbooks import ColumnSpec, SheetSpec, write_workbook
from core.workbooks.writing import Kind, Value
from reports.cells import number_format, typed
from reports.document import Column, Document
from reports.outline import NumberedChart, NumberedTable, Outline, Section, outline
from reports.papers import RECORD_LANGUAGE, Seal

_KINDS: Final[Mapping[str, Kind]] = {
    "text": "text",
    "integer": "integer",
    "decimal": "decimal",
    "signed": "decimal",
    "percent": "percent",
    "date": "date",
    "moment": "moment",
}
_WIDE, _NARROW = 80, 14
_NAME: Final = ColumnSpec("名称", "text", 20)
_PRINTED_SEPARATELY: Final = 5
"""Tables of at least so many columns are printed across the page."""


def bulletin_workbook(document: Document, seal: Seal) -> bytes:
    """The bulletin as XLSX; the same document always gives the same bytes.

    BrokenCell where a cell does not hold what its column says.
    """
    with override(RECORD_LANGUAGE):
        return write_workbook(list(_sheets(document, seal)))


def _sheets(document: Document, seal: Seal) -> Iterator[SheetSpec]:
    numbered: Outline = outline(document)
    said = (document.document_number, document.title, document.edition)
    heading = "　".join(one for one in said if one)
    yield _cover(document, seal)
    yield _text_sheet(heading, numbered)
    for section in (*numbered.sections, *([numbered.annex] if numbered.annex else [])):
        for table in section.tables:
            yield _table_sheet(heading, table)
        for chart in section.charts:
            yield _chart_sheet(heading, chart)


def _cover(document: Document, seal: Seal) -> SheetSpec:
    """What stands around the text; the day of issue is a date."""
    facts: list[tuple[str, Value]] = [
        ("标题", document.title),
        ("发文单位", document.issuer),
        ("文号", document.document_number),
        ("密级", f"{document.level}★{document.term}" if document.term else document.level),
        ("月份", document.month),
        ("分公司", document.branch or "全公司"),
        ("主送", document.send_to),
        ("抄送", document.copy_to),
        ("署名", document.signed_by),
        ("印发日期", date.fromisoformat(document.published_on)),
        ("验证码", seal.code),
        ("内容摘要（SHA-256）", seal.digest),
        ("验证地址", seal.url),
    ]
    columns = (ColumnSpec("项目", "text", 20), ColumnSpec("内容", "text", _WIDE))
    heading = tuple(one for one in (document.title, document.edition) if one)
    return SheetSpec("通报", columns, facts, heading=heading, is_landscape=False)


def _text_sheet(heading: str, numbered: Outline) -> SheetSpec:
    """Every paragraph under its part's heading."""
    annex: Sequence[Section] = [numbered.annex] if numbered.annex else []
    rows = [
        (section.heading or ("附件" if section in annex else "正文"), paragraph.text)
        for section in (*numbered.sections, *annex)
        for paragraph in section.paragraphs
    ]
    columns = (ColumnSpec("部分", "text", 18), ColumnSpec("内容", "text", _WIDE))
    return SheetSpec(
        "正文", columns, rows, heading=(heading,), is_landscape=False, continues_long_texts=True
    )


def _table_sheet(heading: str, numbered: NumberedTable) -> SheetSpec:
    table = numbered.table
    return SheetSpec(
        f"{numbered.label} {table.caption}",
        [_column(column) for column in table.columns],
        [_typed(row, table.columns) for row in table.rows],
        heading=(heading, f"{numbered.label}　{table.caption}"),
        total=_typed(table.total, table.columns) if table.total else None,
        notes=(f"注：{table.note}",) if table.note else (),
        is_landscape=len(table.columns) >= _PRINTED_SEPARATELY,
    )


def _column(column: Column) -> ColumnSpec:
    return ColumnSpec(column.label, _KINDS[column.kind], form=number_format(column))


def _typed(row: Sequence[str], columns: Sequence[Column]) -> list[Value]:
    return [typed(text, column) for text, column in zip(row, columns, strict=True)]


# Figures: the values that were drawn


def _chart_sheet(heading: str, numbered: NumberedChart) -> SheetSpec:
    chart = numbered.chart
    columns, rows = _CHARTS[chart.kind](chart.data)
    return SheetSpec(
        f"{numbered.label} {chart.caption}",
        columns,
        rows,
        heading=(heading, f"{numbered.label}　{chart.caption}"),
        is_landscape=len(columns) >= _PRINTED_SEPARATELY,
    )


Drawn = tuple[list[ColumnSpec], list[list[Value]]]
Data = Mapping[str, Any]


def _number(title: str, data: Data) -> ColumnSpec:
    places = int(data.get("places", 2))
    return ColumnSpec(title, "decimal", _NARROW, f"0.{'0' * places}" if places else "0")


def _bars(data: Data) -> Drawn:
    rows: list[list[Value]] = [[one["label"], Decimal(one["value"])] for one in data["bars"]]
    if data.get("target") is not None:
        rows.append([data.get("target_label") or "目标", Decimal(data["target"])])
    return [_NAME, _number("数值", data)], rows


def _lines(data: Data) -> Drawn:
    columns = [_NAME, *(_number(series["label"], data) for series in data["series"])]
    rows: list[list[Value]] = [
        [
            point,
            *(
                None if series["values"][place] is None else Decimal(series["values"][place])
                for series in data["series"]
            ),
        ]
        for place, point in enumerate(data["points"])
    ]
    return columns, rows


def _heat(data: Data) -> Drawn:
    columns = [_NAME, *(ColumnSpec(name, "text", _NARROW) for name in data["columns"])]
    rows: list[list[Value]] = [
        [name, *("—" if cell.get("is_void") else cell["text"] for cell in cells)]
        for name, cells in zip(data["rows"], data["cells"], strict=True)
    ]
    return columns, rows


def _segments(data: Data) -> Drawn:
    columns = [_NAME, _number("得分", data), _number("满分", data)]
    rows: list[list[Value]] = [
        [one["label"], Decimal(one["value"]), Decimal(one["maximum"])] for one in data["segments"]
    ]
    return columns, rows


_CHARTS: Final = {"bars": _bars, "lines": _lines, "heat": _heat, "segments": _segments}

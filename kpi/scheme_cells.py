"""Where in a workbook a fault of a scheme stands: 项目!D7 for items.3.weight. Pure.

The sheets are read as kpi.workbooks_scheme reads them: by the key at the end of each heading,
rows in their order, a formula's settings by its item's code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.workbooks import Cell, Sheet, open_table

_SHEETS: Final = ("groups", "items", "bands", "consequences")
_LISTS: Final = ("options", "questions", "rows", "names")


@dataclass(frozen=True)
class _Table:
    """A sheet: its name, the column of each key, and its rows that are not empty."""

    name: str
    columns: Mapping[str, int]
    rows: Sequence[tuple[int, Sequence[Cell]]]

    def cell(self, row: int, keys: Sequence[str]) -> str:
        """The address of a row's cell: of the first of these keys that has a column."""
        column = next((self.columns[key] for key in keys if key in self.columns), None)
        if not 0 <= row < len(self.rows):
            return self.name
        number = self.rows[row][0]
        return f"{self.name}!{letter(column)}{number}" if column is not None else (
            f"{self.name}!{number}"
        )  # fmt: skip

    def matching(self, wanted: Mapping[str, str]) -> list[int]:
        """The places of the rows that have these values."""
        return [
            n
            for n, (_number, cells) in enumerate(self.rows)
            if all(
                key in self.columns and str(cells[self.columns[key]] or "").strip() == value
                for key, value in wanted.items()
            )
        ]

    def value(self, row: int, key: str) -> str:
        """What stands in a cell."""
        return str(self.rows[row][1][self.columns[key]] or "").strip()


def letter(column: int) -> str:
    """A column's letters: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


class Cells:
    """The places of a workbook's cells by the path of what was read from them."""

    def __init__(self, data: bytes, filename: str) -> None:
        book = open_table(data, filename)
        self._tables = {_key(sheet.name): _table(sheet) for sheet in book.sheets if sheet.rows}

    def at(self, path: str) -> str:
        """The cell of a fault at this path; "" where it has none."""
        first, *rest = path.split(".")
        if first not in _SHEETS:
            return self._cell("scheme", 0, path)
        if not rest or not rest[0].isdecimal():
            return self._named(first)
        row, inner = int(rest[0]), rest[1:]
        if first == "groups" and inner[:1] == ["topics"] and len(inner) > 1:
            return self._below("topics", {"group": self._value("groups", row)}, inner[1:])
        if first == "items" and inner[:1] == ["formula"]:
            return self._formula(self._value("items", row), inner[1:])
        return self._cell(first, row, ".".join(inner))

    def _formula(self, code: str, rest: list[str]) -> str:
        if len(rest) > 1 and rest[0] in _LISTS and rest[1].isdecimal():
            return self._below("options", {"item": code, "list": rest[0]}, rest[1:])
        table = self._tables.get("formulas")
        rows = table.matching({"code": code}) if table else []
        return self._cell("formulas", rows[0], ".".join(rest)) if rows else self._named("formulas")

    def _below(self, sheet: str, wanted: Mapping[str, str], rest: list[str]) -> str:
        table = self._tables.get(sheet)
        rows = table.matching(wanted) if table else []
        place = int(rest[0])
        if place >= len(rows):
            return self._named(sheet)
        return self._cell(sheet, rows[place], ".".join(rest[1:]))

    def _value(self, sheet: str, row: int) -> str:
        table = self._tables.get(sheet)
        is_there = table is not None and "code" in table.columns and row < len(table.rows)
        return table.value(row, "code") if table is not None and is_there else ""

    def _cell(self, sheet: str, row: int, path: str) -> str:
        table = self._tables.get(sheet)
        if table is None:
            return ""
        steps = path.split(".")
        keys = [".".join(steps[:n]) for n in range(len(steps), 0, -1)]
        return table.cell(row, [*keys, f"{path}.telecom.zh-hans"])

    def _named(self, sheet: str) -> str:
        table = self._tables.get(sheet)
        return table.name if table else ""


def _key(text: Any) -> str:
    words = str(text or "").split()
    return words[-1] if words else ""


def _table(sheet: Sheet) -> _Table:
    """The sheet as it is read: rows without anything in a known column are passed over."""
    columns = {_key(head): n for n, head in enumerate(sheet.rows[0]) if _key(head)}
    rows = [
        (number, cells)
        for number, cells in enumerate(sheet.rows[1:], start=2)
        if any(cells[n] is not None for n in columns.values())
    ]
    return _Table(sheet.name, columns, rows)

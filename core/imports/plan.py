"""What a file would do to a table, row by row, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from core.canonical import digest
from core.imports.columns import Layout, missing_required
from core.imports.tables import (
    CHANGED,
    NEW,
    UNCHANGED,
    WRONG,
    Field,
    References,
    Row,
    Scope,
    Shown,
    Table,
)
from core.imports.values import Reading, WrongValue, half_width, plain, shortened
from core.workbooks import Cell

_SUM_WORDS = ("合计", "总计", "小计", "共计", "总和", "total", "sum")
Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that a row changes: what stands there now, what would."""

    label: str
    before: str
    after: str


@dataclass(slots=True)
class PlannedRow:
    """A row with its outcome: what changes, or why it is wrong (in the language of the moment)."""

    row: Row
    outcome: str
    code: str
    name: str
    differences: list[Difference] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows of a file that are rows of the table, in the file's order."""

    table: Table
    scope: Scope
    references: References
    rows: tuple[PlannedRow, ...]

    def having(self, outcome: str) -> list[PlannedRow]:
        """The rows with this outcome."""
        return [each for each in self.rows if each.outcome == outcome]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows there are of each outcome."""
        counts = dict.fromkeys((NEW, CHANGED, UNCHANGED, WRONG), 0)
        for each in self.rows:
            counts[each.outcome] += 1
        return counts

    @property
    def digest(self) -> str:
        """A hash of everything the plan says: equal plans do the same."""
        return digest(
            [
                [
                    r.row.number,
                    r.outcome,
                    r.code,
                    [[d.label, d.before, d.after] for d in r.differences],
                ]
                for r in self.rows
            ]
        )

    @property
    def reasons(self) -> dict[int, str]:
        """Row number to reason, for the wrong rows."""
        return {each.row.number: each.reason for each in self.having(WRONG)}

    def write(self) -> None:
        """Write the new and the changed rows; wrong ones are left out. Call it in ``atomic``."""
        new = [each.row for each in self.having(NEW)]
        changed = [each.row for each in self.having(CHANGED)]
        self.table.write(new, changed, self.references, self.scope)


def make_plan(
    table: Table, layout: Layout, scope: Scope, *, step: Step = lambda done, total: None
) -> Plan:
    """Read every row, check it against the others and against what is stored.

    Costs a fixed number of queries for any number of rows. ``step(done, total)`` is told of the
    progress and may raise to stop.
    """
    references = table.references(scope)
    if missing := missing_required(layout, table):
        reason = _("表头里没有“%(fields)s”这一列，请在“列对应”里指定") % {
            "fields": _("、").join(str(each.label) for each in missing)
        }
        rows = [Row(number, {}, {}, [("", reason)]) for number, _cells in _table_rows(layout)]
        return Plan(table, scope, references, tuple(_planned_wrong(table, row) for row in rows))
    reading = Reading(scope.on, references)
    total = len(layout.sheet.rows)
    rows = []
    for number, cells in _table_rows(layout):
        rows.append(_read_row(number, cells, table, layout, reading))
        if number % 500 == 0:
            step(number, total)
    table.resolve(rows, references, scope)
    _refuse_repeated(rows, table)
    right = [row for row in rows if not row.is_wrong]
    stored = table.current([row.values[table.key_field] for row in right], references, scope)
    step(total, total)
    return Plan(table, scope, references, tuple(_planned(table, row, stored) for row in rows))


def _table_rows(layout: Layout) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """The rows below the head that hold something and are no sum line or closing note."""
    mapped = [column.number for column in layout.columns if column.field]
    numbers = [column.number for column in layout.columns]
    for number, cells in enumerate(layout.sheet.rows[layout.header_row :], layout.header_row + 1):
        filled = [n for n in numbers if cells[n - 1] is not None and plain(cells[n - 1])]
        if filled and not _is_sum_line(cells, filled) and not _is_note(cells, filled, mapped):
            yield number, cells


def _is_sum_line(cells: Sequence[Cell], filled: Sequence[int]) -> bool:
    first = half_width(cells[filled[0] - 1]).replace(" ", "").lower().rstrip(":")
    return first in _SUM_WORDS or any(
        first.startswith(word) and len(filled) <= 3 and len(first) <= 10 for word in _SUM_WORDS
    )


def _is_note(cells: Sequence[Cell], filled: Sequence[int], mapped: Sequence[int]) -> bool:
    """A sentence below the table: one cell alone, at the left, in a table of many columns."""
    if len(filled) > 1 or len(mapped) < 3:
        return False
    text = half_width(cells[filled[0] - 1])
    return text.startswith(("注", "备注", "说明", "填表", "制表", "审核", "note")) or len(text) > 20


def _read_row(
    number: int, cells: Sequence[Cell], table: Table, layout: Layout, reading: Reading
) -> Row:
    row = Row(number, {}, {})
    for each in table.fields:
        place = layout.number_of(each.key)
        if place is None:
            continue
        cell = cells[place - 1]
        written = plain(cell)
        row.written[each.key] = written
        if not written:
            if each.is_required:
                row.refuse(each.key, _("必填"))
            continue
        try:
            row.values[each.key] = each.reader(cell, reading)
        except WrongValue as wrong:
            row.refuse(each.key, wrong.reason)
    return row


def _refuse_repeated(rows: Sequence[Row], table: Table) -> None:
    """Of two rows with one key the later is wrong, even when the earlier is wrong too."""
    first: dict[Any, int] = {}
    shown_key = table.code_field or table.key_field
    for row in rows:
        key = row.values.get(table.key_field)
        if key is None:
            continue
        if (earlier := first.setdefault(key, row.number)) != row.number:
            row.refuse(
                shown_key,
                _("第 %(row)s 行已有同一%(field)s，以前者为准；请改正或删去本行")
                % {"row": earlier, "field": table.field(shown_key).label},
            )


def _planned(table: Table, row: Row, stored: Mapping[Any, Mapping[str, Shown]]) -> PlannedRow:
    if row.is_wrong:
        return _planned_wrong(table, row)
    code, name = _title(table, row)
    before = stored.get(row.values[table.key_field])
    if before is None:
        summary = table.summary(row) if table.summary else _summary(table, row)
        return PlannedRow(row, NEW, code, name, [Difference("", "", summary)] if summary else [])
    differences = []
    for each in table.fields:
        if each.key not in row.values or not each.is_compared or each.key == table.key_field:
            continue
        now, then = before.get(each.key, Shown(None, "")), each.show(row.values[each.key])
        if now.compared != then.compared:
            differences.append(Difference(str(each.label), now.text, then.text))
    return PlannedRow(row, CHANGED if differences else UNCHANGED, code, name, differences)


def _planned_wrong(table: Table, row: Row) -> PlannedRow:
    code, name = _title(table, row)
    reasons, differences = [], []
    for key, reason in row.problems:
        if not key:
            reasons.append(str(reason))
            continue
        each = table.field(key)
        reasons.append(_("%(field)s：%(reason)s") % {"field": each.label, "reason": reason})
        differences.append(Difference(str(each.label), "", _quoted(each, row.written.get(key, ""))))
    return PlannedRow(row, WRONG, code, name, differences, _("；").join(reasons))


def _quoted(each: Field, written: str) -> str:
    if each.is_masked and len(written) > 4:
        return f"{written[:2]}****{written[-2:]}"
    return shortened(written, 40)


def _title(table: Table, row: Row) -> tuple[str, str]:
    """The key and the name of a row, as read or else as written."""
    field_key = table.code_field or table.key_field
    code = row.values.get(field_key, row.written.get(field_key, ""))
    name = row.values.get(table.name_field, row.written.get(table.name_field, ""))
    return shortened(str(code), 60), shortened(str(name), 60)


def _summary(table: Table, row: Row) -> str:
    shown = (
        each.show(row.values[each.key]).text
        for each in table.fields
        if each.in_summary and each.key in row.values
    )
    return _("，").join(text for text in shown if text)

"""What figures taken anew change in a bulletin (annex 8), table by table."""

from collections import Counter
from collections.abc import Sequence
from copy import copy
from typing import Any

from reports.document import Table
from reports.drafting import document_of
from reports.figures import Figures
from reports.models import Bulletin
from reports.outline import outline


def changed_tables(bulletin: Bulletin, figures: Figures) -> list[dict[str, Any]]:
    """The tables of the company's edition that would be others: [{"table", "rows"}].

    ``table`` is its number and caption as printed, ``rows`` how many rows came, went or are
    others; 0 where only its note or its total is another. Running numbers do not count.
    """
    then = copy(bulletin)
    then.figures = figures
    before = {one.table.key: one for one in outline(document_of(bulletin, None)).tables}
    after = {one.table.key: one for one in outline(document_of(then, None)).tables}
    found = []
    for key, one in {**after, **before, **after}.items():
        old = before[key].table if key in before else None
        new = after[key].table if key in after else None
        rows = _rows_changed(_rows(old), _rows(new))
        if rows or _rest(old) != _rest(new):
            found.append({"table": f"{one.label} {one.table.caption}", "rows": rows})
    return found


def _rows(table: Table | None) -> list[tuple[str, ...]]:
    """The rows without their running number."""
    if table is None:
        return []
    first = 1 if (table.columns[0].key, table.columns[0].kind) == ("number", "integer") else 0
    return [row[first:] for row in table.rows]


def _rows_changed(old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]) -> int:
    before, after = Counter(old), Counter(new)
    return max((before - after).total(), (after - before).total())


def _rest(table: Table | None) -> tuple[Any, ...]:
    return (
        ()
        if table is None
        else (table.total, table.note, [column.label for column in table.columns])
    )

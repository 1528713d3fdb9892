"""How high a bulletin's rows are on paper, and how many of a table's fall on its last page.

About, from the widths of its texts and rather too much: enough to see that a table a little closer
would stay whole. Pure geometry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from reports.cells import shown
from reports.document import Table
from reports.widths import BLOCK, column_widths, text_width

PAGE: Final = 638.0
"""The height of the text block, in points."""
_INSET: Final = 6.5
"""What the edges of a cell take of its width."""
_ANNEX_HEAD: Final = 29.0 + 16.0 + 26.0 + 14.0 + 8.0
"""What stands above an annex's table."""
_TABLE_HEAD: Final = 31.0
_NOTE_LINE: Final = 12.5


@dataclass(frozen=True)
class Spacing:
    """How close a table is set: its letters, its lines, what stands between rows; in points."""

    letters: float
    lines: float
    between: float


LOOSE: Final = Spacing(9.0, 13.0, 5.55)
CLOSE: Final = Spacing(8.5, 11.5, 4.15)
TIGHT: Final = Spacing(8.0, 10.0, 2.75)


def row_heights(table: Table, spacing: Spacing) -> list[float]:
    """The rows' heights, the total's last."""
    size = spacing.letters
    widths = [share * BLOCK / 100 - _INSET for share in column_widths(table, size)]
    rows = [*table.rows, *([table.total] if table.total else [])]
    return [
        max(
            ceil(text_width(shown(text, column), size) / width) or 1
            for text, column, width in zip(row, table.columns, widths, strict=True)
        )
        * spacing.lines
        + spacing.between
        for row in rows
    ]


def rest_of_annex(table: Table, spacing: Spacing) -> int:
    """How many rows of an annex stand on its last page; none where its first page holds them."""
    note = ceil(text_width(table.note, 8.5) / BLOCK) * _NOTE_LINE + 2.0 if table.note else 0.0
    heights = row_heights(table, spacing)
    return _rest(heights, note, PAGE - _ANNEX_HEAD - _TABLE_HEAD, PAGE - _TABLE_HEAD)


def _rest(heights: Sequence[float], note: float, first: float, others: float) -> int:
    """The rows of the last page; what follows the last row stands with it."""
    room, here, is_first = first, 0, True
    for place, height in enumerate(heights, 1):
        needed = height + (note if place == len(heights) else 0.0)
        if needed > room:
            room, here, is_first = others, 0, False
        room -= height
        here += 1
    return 0 if is_first else here

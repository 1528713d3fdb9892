"""How wide a bulletin's columns are on paper, in per cent that add up to exactly 100.

A table says its shares; a number, date or code that would not fit in its share gets what it needs
from the columns of running text, so that nothing on paper ever leaves its cell. Pure geometry.
"""

import unicodedata
from collections.abc import Sequence
from typing import Final

from reports.cells import shown
from reports.document import Column, Table

BLOCK: Final = 442.2
"""The width of the text block, in points."""
_PADDING: Final = 7.5
_LATIN: Final = 0.56
_HEAD: Final = 9.0
_HEAD_ROOM: Final = 4.0
"""A head may come nearer to its lines than a cell, by so much."""
_WHOLE_HEAD: Final = 4
_LEFT: Final = 0.6
_WRAPS_FROM: Final = 8
"""Texts of more characters than this may break into lines."""


def text_width(text: str, size: float) -> float:
    """About how wide a text is in a size of our fonts, rather too much."""
    wide = sum(1.0 if unicodedata.east_asian_width(sign) in "WFA" else _LATIN for sign in text)
    return wide * size


def _longest_part(text: str) -> str:
    """What of a cell cannot be broken: all of a short one, else its longest Latin word."""
    if len(text) <= _WRAPS_FROM:
        return text
    words = "".join(sign if "!" <= sign <= "~" else " " for sign in text).split()
    return max([text[:4], *words], key=len)


def _needed(column: Column, cells: Sequence[str], size: float) -> float:
    is_text = column.kind == "text"
    least = max(
        (text_width(_longest_part(cell) if is_text else cell, size) for cell in cells), default=0.0
    )
    before, _bracket, behind = column.label.partition("（")
    first = before if len(before) <= _WHOLE_HEAD else before[: -(-len(before) // 2)]
    half = text_width(first, _HEAD) - _HEAD_ROOM
    head = max(half, text_width(f"（{behind}", _HEAD) - _HEAD_ROOM if behind else 0.0)
    return max(least, head) + _PADDING


def column_widths(table: Table, size: float, block: float = BLOCK) -> list[float]:
    """The columns' widths in hundredths of a per cent, as asked for where that is enough."""
    rows = [*table.rows, table.total] if table.total else list(table.rows)
    cells = [
        [shown(row[place], column) for row in rows] for place, column in enumerate(table.columns)
    ]
    asked = [max(1, column.width) for column in table.columns]
    shares = [one * block / sum(asked) for one in asked]
    needed = [
        _needed(column, of_column, size)
        for column, of_column in zip(table.columns, cells, strict=True)
    ]
    breaking = [
        max((text_width(cell, size) for cell in of_column), default=0.0) + _PADDING > share
        for of_column, share in zip(cells, shares, strict=True)
    ]
    shares = _fitted(shares, needed, breaking)
    parts = [round(10_000 * share / sum(shares)) / 100 for share in shares]
    parts[-1] = round(100 - sum(parts[:-1]), 2)
    return parts


def _fitted(
    shares: Sequence[float], needed: Sequence[float], breaking: Sequence[bool]
) -> list[float]:
    """Every column at least as wide as it needs, out of what the others have to spare.

    Where running text breaks into lines, the other columns leave it most of what they spare.
    """
    spare = [max(0.0, share - need) for share, need in zip(shares, needed, strict=True)]
    lacking = sum(max(0.0, need - share) for share, need in zip(shares, needed, strict=True))
    idle = [0.0 if breaks else rest for rest, breaks in zip(spare, breaking, strict=True)]
    wanted = max(lacking, _LEFT * sum(idle)) if any(breaking) else lacking
    givers = idle if sum(idle) >= wanted else spare
    part = min(1.0, wanted / sum(givers)) if sum(givers) else 0.0
    given = part * sum(givers) - lacking
    takers = max(1, sum(breaking))
    return [
        max(share, need) - rest * part + (given / takers if breaks and given > 0 else 0.0)
        for share, need, rest, breaks in zip(shares, needed, givers, breaking, strict=True)
    ]

"""How wide a bulletin's columns are on paper, in per cent that add up to exactly 100.

A table says its shares; a number, date or code that would not fit in its share gets what it needs
from the columns of running text, so that nothing on paper ever leaves its cell. Pure geometry.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reports.cells import shown
from reports.document import Column, Table

BLOCK: Final = 442.2
"""The width of the text block, in points."""
_PADDING: Final = 7.5
_LATIN: Final = 0.56
_HEAD: Final = 9.0
_HEAD_ROOM: Final = 4.0
"""What a head needs beside its characters, in points."""
_LEFT: Final = 0.6
"""How much of what they spare other columns leave to running text that breaks into lines."""
_WRAPS_FROM: Final = 8
"""Texts of more characters than this may break into lines."""
_SPLITS_FROM: Final = 4
"""Heads of so many characters may stand on two lines."""


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


def head_lines(label: str, width: float) -> list[str]:
    """A head without its unit on one line, or where it is narrow (points) on two even ones."""
    if len(label) < _SPLITS_FROM or text_width(label, _HEAD) + 2 * _HEAD_ROOM <= width:
        return [label]
    half = -(-len(label) // 2)
    return [label[:half], label[half:]]


def _head_needed(label: str) -> float:
    before, _bracket, behind = label.partition("（")
    half = -(-len(before) // 2) if len(before) >= _SPLITS_FROM else len(before)
    unit = f"（{behind}" if behind else ""
    return max(text_width(before[:half], _HEAD), text_width(unit, _HEAD)) + _HEAD_ROOM


@dataclass(frozen=True)
class _Want:
    """A column's width as asked for; for its cells on one line; at the very least."""

    asked: float
    whole: float
    least: float

    @property
    def breaks(self) -> bool:
        """Whether its texts break into lines."""
        return self.whole > self.asked > self.least

    @property
    def spare(self) -> float:
        """What it can give without breaking a text that did not break before."""
        return max(0.0, self.asked - max(self.least, self.whole)) if not self.breaks else 0.0

    @property
    def rest(self) -> float:
        """What it can give beyond, by breaking texts into more lines."""
        return max(0.0, self.asked - self.spare - self.least)

    @property
    def lacking(self) -> float:
        """What it needs more than it asked for."""
        return max(0.0, self.least - self.asked)


def _want(column: Column, cells: Sequence[str], asked: float, size: float) -> _Want:
    head = _head_needed(column.label)
    whole = max((text_width(cell, size) for cell in cells), default=0.0) + _PADDING
    if column.kind != "text":
        return _Want(asked, max(whole, head), max(whole, head))
    least = max((text_width(_longest_part(cell), size) for cell in cells), default=0.0) + _PADDING
    return _Want(asked, max(whole, head), max(least, head))


def column_widths(table: Table, size: float, block: float = BLOCK) -> list[float]:
    """The columns' widths in hundredths of a per cent, as asked for where that is enough."""
    rows = [*table.rows, table.total] if table.total else list(table.rows)
    asked = [max(1, column.width) for column in table.columns]
    wants = [
        _want(
            column,
            [shown(row[place], column) for row in rows],
            asked[place] * block / sum(asked),
            size,
        )
        for place, column in enumerate(table.columns)
    ]
    shares = _fitted(wants)
    parts = [round(10_000 * share / sum(shares)) / 100 for share in shares]
    parts[-1] = round(100 - sum(parts[:-1]), 2)
    return parts


def _fitted(wants: Sequence[_Want]) -> list[float]:
    """Every column at least as wide as it needs, out of what the others have to spare.

    Where running text breaks into lines, the other columns leave it most of what they spare.
    """
    lacking, spare = sum(one.lacking for one in wants), sum(one.spare for one in wants)
    breaking = sum(one.breaks for one in wants)
    taken = max(lacking, _LEFT * spare) if breaking else lacking
    part = min(1.0, taken / spare) if spare else 0.0
    given = max(0.0, part * spare - lacking)
    missing, rest = max(0.0, lacking - part * spare), sum(one.rest for one in wants)
    more = min(1.0, missing / rest) if rest else 0.0
    return [
        one.asked
        + one.lacking
        - one.spare * part
        - one.rest * more
        + (given / breaking if one.breaks else 0.0)
        for one in wants
    ]

"""How wide columns and how high rows must be so that nothing is cut, and a page is readable.

Pure geometry. Widths are in characters of a sheet's own font (a digit of 11 points; a Chinese
character is two of them and a little), heights in points. A spreadsheet program fits rows to
their text only while somebody types, so that whoever writes a file has to estimate.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

POINTS: Final = 11.0
"""The size of the text in a sheet."""
READABLE: Final = 9.0
"""The least size of the text on paper, in points."""
ROOM: Final = {"portrait": 90.0, "landscape": 132.0}
"""How wide all columns may be, so that one A4 page takes them at READABLE points.

The paper less its margins (MARGIN inches at each side), over the share it may be scaled down
(READABLE / POINTS), over the width of a digit: 1.9 mm in narrow fonts, 2.5 mm in the widest that
a machine without ours puts in its place.
"""
MARGIN: Final = 0.5
LINE: Final = 16.0
"""The height of a line; programs differ by their fonts, this is enough for those seen."""
LINES_AT_MOST: Final = 24
"""A row is never higher than 409 points in any program."""
PAD: Final = 1.2
_ARROW: Final = 2.6
_WIDEST: Final = 48.0
_WORD_AT_MOST: Final = 24.0
_WORD = re.compile(r"[!-~]+")
_TOKENS = re.compile(r"\s|[!-~]+|.", re.DOTALL)
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef“”‘’…—·]")
_NARROW = frozenset("iljtfrI.,:;'|!()[] ")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a column has to hold: its heading, the widest text and word, what was asked for if any.

    ``is_text`` may break into lines; a number or a date may not.
    """

    title: str
    widest: float
    word: float
    asked: float | None
    is_text: bool


def text_width(text: str) -> float:
    """How wide one line of text is."""
    return sum(_sign_width(sign) for sign in text)


def _sign_width(sign: str) -> float:
    if _WIDE.match(sign):
        return 1.9
    if sign in _NARROW:
        return 0.7
    return 1.35 if sign.isupper() or sign in "%@&mwMW" else 1.1


def lines_of(text: str, width: float) -> list[str]:
    """The lines into which a cell of this width breaks a text: at spaces and between characters
    that stand alone; a word that is longer than a line is broken where the line ends."""
    return [line for part in text.split("\n") for line in _broken(part, max(width - PAD, 2.5))]


def _broken(text: str, room: float) -> Iterator[str]:
    line, used = "", 0.0
    for token in _TOKENS.findall(text):
        for piece in [token] if text_width(token) <= room else list(token):
            wide = text_width(piece)
            if line and used + wide > room and not piece.isspace():
                yield line
                line, used = "", 0.0
            line, used = line + piece, used + wide
    yield line


def widest_word(text: str) -> float:
    """How wide the longest word or number is that reads badly when it is broken."""
    return max((text_width(word) for word in _WORD.findall(text)), default=0.0)


def row_height(lines: int) -> float:
    """The height of a row of so many lines."""
    return min(lines, LINES_AT_MOST) * LINE + 4


def column_widths(columns: Sequence[Wanted], room: float) -> list[float]:
    """Widths that hold what is wanted, and together no more than ``room`` if that can be.

    Where it is too much, headings break into lines and long texts get narrower, each by its
    share of what can be spared.
    """
    wanted = [_usual(column) for column in columns]
    least = [min(_least(column), width) for column, width in zip(columns, wanted, strict=True)]
    over = sum(wanted) - room
    spare = sum(wanted) - sum(least)
    if over <= 0 or spare <= 0:
        return [_whole(width) for width in wanted]
    share = min(1.0, over / spare)
    return [
        math.floor((width - (width - low) * share) * 10) / 10
        for width, low in zip(wanted, least, strict=True)
    ]


def _whole(width: float) -> float:
    return math.ceil(width * 10) / 10


def _usual(column: Wanted) -> float:
    head = text_width(column.title) + PAD + _ARROW
    if column.asked is not None:
        return column.asked if column.is_text else max(column.asked, column.widest + PAD)
    content = column.widest + PAD
    return max(head, min(content, _WIDEST) if column.is_text else content)


def _least(column: Wanted) -> float:
    """A heading on three lines; a number whole; a text as its words or a dozen characters, and
    half of what was asked for it."""
    head = _narrow_head(column.title) + PAD
    content = column.widest + PAD
    if not column.is_text:
        return max(head, content)
    narrow = max(12.0, min(column.word, _WORD_AT_MOST) + PAD, (column.asked or 0.0) / 2)
    return max(head, min(content, narrow))


def _narrow_head(title: str) -> float:
    """At most three lines, two characters in each, what stands in brackets on a line of its own."""
    before, _, behind = title.partition("（")
    bracket = text_width(f"（{behind}") if behind else 0.0
    lines = 2 if behind else 3
    room = max(text_width(before) / lines + 1.0, min(text_width(before), 3.8))
    return max(room, bracket, widest_word(title))

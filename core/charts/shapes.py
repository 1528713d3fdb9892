"""What a drawing is made of, how wide its texts are, and where axes have their ticks."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from core import formats

SIZE: Final = 8.0
"""Size of all text, in points."""
DARK, GREY, LIGHT, RULE, BLANK = "#333", "#999", "#ddd", "#ccc", "#fff"
FILLS: Final = {"strong": DARK, "plain": GREY, "hatched": BLANK}
HATCH_STEP: Final = 3.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle. ``look`` is its class on pages, ``fill`` its grey on paper; ``hatch`` lines."""

    x: float
    y: float
    width: float
    height: float
    look: str
    fill: str
    stroke: str = ""
    hatch: str = ""
    kind: str = "box"


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points, as the ``d`` of a path; ``dash`` as SVG writes it."""

    points: tuple[tuple[float, float], ...]
    look: str
    stroke: str
    weight: float
    dash: str = ""
    kind: str = "path"

    @property
    def d(self) -> str:
        """The path."""
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in self.points)


@dataclass(frozen=True, slots=True)
class Marker:
    """A sign on a line: triangle, disc or square, open or filled."""

    x: float
    y: float
    form: Literal["triangle", "disc", "square"]
    look: str
    kind: str = "marker"

    @property
    def d(self) -> str:
        """The triangle or square as a path around its middle."""
        x, y, r = self.x, self.y, MARKER
        if self.form == "triangle":
            return f"M{x:g} {y - r:g}L{x + r:g} {y + r:g}L{x - r:g} {y + r:g}Z"
        return f"M{x - r:g} {y - r:g}H{x + r:g}V{y + r:g}H{x - r:g}Z"


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; ``y`` is its baseline."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "start"
    look: str = "text"
    is_bold: bool = False
    fill: str = ""
    kind: str = "text"


Shape = Box | Path | Marker | Text


@dataclass(frozen=True, slots=True)
class Group:
    """Shapes that are one mark: with what is read of it, and what it opens."""

    shapes: tuple[Shape, ...]
    title: str = ""
    url: str = ""

    @property
    def label(self) -> str:
        """What is heard of a link: the words that are seen, then the title where it says more."""
        seen = " ".join(one.text for one in self.shapes if isinstance(one, Text) and one.text)
        return seen if self.title == seen else f"{seen} {self.title}".strip()


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure ready to be written: its viewBox in points, its texts for those who do not see."""

    width: float
    height: float
    title: str
    description: str
    groups: tuple[Group, ...]

    @property
    def has_links(self) -> bool:
        """Whether something in it opens a page."""
        return any(group.url for group in self.groups)

    @property
    def is_full(self) -> bool:
        """Whether it takes more than half of the text's width."""
        return self.width > 300


MARKER: Final = 2.4


def drawn(
    width: float, height: float, title: str, description: str, groups: Sequence[Group]
) -> Drawing:
    """The drawing, its coordinates in hundredths of a point."""
    return Drawing(
        _cut(width),
        _cut(height),
        title,
        description,
        tuple(replace(group, shapes=tuple(_rounded(one) for one in group.shapes))
              for group in groups),
    )  # fmt: skip


def _cut(value: float) -> float:
    return math.floor(value * 100 + 0.5) / 100


def _rounded(shape: Shape) -> Shape:
    match shape:
        case Path():
            return replace(shape, points=tuple((_cut(x), _cut(y)) for x, y in shape.points))
        case Box():
            return replace(
                shape,
                x=_cut(shape.x),
                y=_cut(shape.y),
                width=_cut(shape.width),
                height=_cut(shape.height),
            )
        case _:
            return replace(shape, x=_cut(shape.x), y=_cut(shape.y))


# Text


def text_width(text: str, size: float = SIZE, *, is_bold: bool = False) -> float:
    """About how wide a text is, rather too much: a Chinese character is as wide as it is high."""
    wide = sum(1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.62 for sign in text)
    return wide * size * (1.05 if is_bold else 1.0)


def shortened(text: str, room: float, *, is_bold: bool = False) -> str:
    """The text, or as much of it as fits with an ellipsis; empty where not even that does."""
    if text_width(text, is_bold=is_bold) <= room:
        return text
    for end in range(len(text) - 1, 0, -1):
        cut = f"{text[:end]}…"
        if text_width(cut, is_bold=is_bold) <= room:
            return cut
    return ""


def number(value: Decimal, places: int) -> str:
    """The value as it is printed."""
    return formats.number(value, places)


def middle(y: float) -> float:
    """The baseline of a text whose middle is at y."""
    return y + SIZE * 0.36


# Axes


@dataclass(frozen=True, slots=True)
class Scale:
    """Values onto points: ``low`` lies at ``start``, ``high`` at ``end``; ticks between them."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    def at(self, value: Decimal | float) -> float:
        """Where a value lies; at the nearer end where it is beyond the axis."""
        share = (min(max(float(value), self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def label(self, tick: float) -> str:
        """The tick as it is printed: as many places as its step needs."""
        step = self.ticks[1] - self.ticks[0] if len(self.ticks) > 1 else 1.0
        places = max(0, -math.floor(math.log10(step) + 1e-9))
        return formats.number(Decimal(repr(round(tick, places + 1))), places)


def scale(
    values: Sequence[Decimal], start: float, end: float, *, is_from_zero: bool, most: int = 6
) -> Scale:
    """An axis that holds the values and ends on round numbers, with at most ``most`` ticks."""
    numbers = [float(value) for value in values]
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    if is_from_zero or low == high:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-6:
        high = low + 1.0
    step = _step((high - low) / (most - 1))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(n * step for n in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], start, end, ticks)


def _step(least: float) -> float:
    """The smallest of 1, 2, 5, 10 … that is at least this."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * n for n in (1.0, 2.0, 5.0, 10.0) if power * n >= least * (1 - 1e-9))


# Hatching


def hatching(x: float, y: float, width: float, height: float) -> str:
    """Slanting lines that fill a rectangle and end at its edges, as the ``d`` of a path.

    A pattern would need an id, and two figures on a page would have the same.
    """
    parts = []
    offset = HATCH_STEP
    while offset < width + height:
        begin = (x + min(offset, width), y + max(0.0, offset - width))
        end = (x + max(0.0, offset - height), y + min(offset, height))
        parts.append(f"M{_cut(begin[0]):g} {_cut(begin[1]):g}L{_cut(end[0]):g} {_cut(end[1]):g}")
        offset += HATCH_STEP
    return "".join(parts)

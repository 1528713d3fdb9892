"""A bar of parts: how much of each maximum is reached (40/20/40±20)."""

from __future__ import annotations

from decimal import Decimal

from core.charts.shapes import (
    BLANK,
    DARK,
    GREY,
    SIZE,
    Box,
    Drawing,
    Group,
    Path,
    Shape,
    Text,
    drawn,
    hatching,
    number,
    shortened,
)
from core.charts.values import Segment, Segments

EDGE, GAP, TOP, THICK = 2.0, 3.0, 13.0, 12.0
HEIGHT = TOP + THICK + SIZE + 7


def draw_segments(figure: Segments) -> Drawing:
    """The parts as a drawing: name above, bar, value of maximum below."""
    spans = [_span(one) for one in figure.segments]
    room = figure.width - 2 * EDGE - GAP * max(0, len(spans) - 1)
    whole = sum(spans) or 1.0
    groups, x = [], EDGE
    for segment, span in zip(figure.segments, spans, strict=True):
        wide = room * span / whole
        groups.append(_part(segment, x, wide, figure.places))
        x += wide + GAP
    return drawn(figure.width, HEIGHT, figure.title, figure.description, groups)


def _span(segment: Segment) -> float:
    """How wide a part is in points of the score; twice its maximum where it has two sides."""
    return max(0.0, float(segment.maximum)) * (2 if segment.is_signed else 1)


def _part(segment: Segment, x: float, wide: float, places: int) -> Group:
    value = number(segment.value, places)
    most = number(segment.maximum, None if _is_whole(segment.maximum) else places)  # type: ignore[arg-type]
    text = f"{value} / {'±' if segment.is_signed else ''}{most}"
    shapes: list[Shape] = [
        Text(x, SIZE + 1, shortened(segment.label, wide)),
        Box(x, TOP, wide, THICK, "track", BLANK, DARK),
        *_filled(segment, x, wide),
        Text(x, TOP + THICK + SIZE + 2, shortened(text, wide), look="faint"),
    ]
    return Group(tuple(shapes), segment.title or f"{segment.label} {text}", segment.url)


def _is_whole(value: Decimal) -> bool:
    return value == value.to_integral_value()


def _filled(segment: Segment, x: float, wide: float) -> list[Shape]:
    """What is reached: from the left, or from the middle to either side; a penalty is hatched."""
    maximum = float(segment.maximum)
    share = min(max(float(segment.value) / maximum, -1.0), 1.0) if maximum > 0 else 0.0
    if not segment.is_signed:
        return [Box(x, TOP, wide * max(0.0, share), THICK, "fill-plain", GREY, DARK)]
    zero = x + wide / 2
    line = Path(((zero, TOP - 2), (zero, TOP + THICK + 2)), "rule-strong", DARK, 0.8)
    long = wide / 2 * abs(share)
    if share < 0:
        hatch = hatching(zero - long, TOP, long, THICK)
        return [Box(zero - long, TOP, long, THICK, "fill-hatched", BLANK, DARK, hatch), line]
    return [Box(zero, TOP, long, THICK, "fill-strong", DARK, DARK), line]

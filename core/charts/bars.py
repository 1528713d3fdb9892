"""Bars, lying or standing, with their values and a line at the target."""

from __future__ import annotations

from collections.abc import Iterator

from core.charts.shapes import (
    DARK,
    FILLS,
    RULE,
    SIZE,
    Box,
    Drawing,
    Group,
    Path,
    Scale,
    Text,
    drawn,
    hatching,
    middle,
    number,
    scale,
    shortened,
    text_width,
)
from core.charts.values import Bar, Bars

PITCH = 15.0
FOOT = 15.0
EDGE = 2.0
LABEL_AT_MOST = 72.0


def draw_bars(figure: Bars) -> Drawing:
    """The bars as a drawing."""
    return _standing(figure) if figure.is_standing else _lying(figure)


def _scale(figure: Bars, start: float, end: float) -> Scale:
    values = [bar.value for bar in figure.bars]
    values += [one for one in (figure.target, figure.maximum) if one is not None]
    return scale(values, start, end, is_from_zero=True)


def _mark(bar: Bar, text: str, *shapes: Box | Text) -> Group:
    return Group(shapes, bar.title or f"{bar.label} {text}", bar.url)


def _box(bar: Bar, x: float, y: float, width: float, height: float) -> Box:
    hatch = hatching(x, y, width, height) if bar.tone == "hatched" else ""
    return Box(x, y, width, height, f"fill-{bar.tone}", FILLS[bar.tone], DARK, hatch)


def _lying(figure: Bars) -> Drawing:
    texts = [number(bar.value, figure.places) for bar in figure.bars]
    left = min(LABEL_AT_MOST, max((text_width(bar.label) for bar in figure.bars), default=0.0)) + 6
    right = max((text_width(text, is_bold=True) for text in texts), default=0.0) + 8
    top = SIZE + 6 if figure.target is not None else 4.0
    pitch = PITCH
    height = figure.height or max(128.0, top + pitch * len(figure.bars) + FOOT)
    if figure.bars:
        pitch = (height - top - FOOT) / len(figure.bars)
    thick = min(11.0, pitch * 0.72)
    axis = _scale(figure, left, max(left + 20, figure.width - right))
    bottom = height - FOOT
    groups = [Group(tuple(_ticks_below(axis, top, bottom, figure.width)))]
    for place, (bar, text) in enumerate(zip(figure.bars, texts, strict=True)):
        y = top + pitch * (place + 0.5)
        x, end = sorted((axis.at(0), axis.at(bar.value)))
        groups.append(
            _mark(
                bar,
                text,
                Text(left - 4, middle(y), shortened(bar.label, left - 6), "end"),
                _box(bar, x, y - thick / 2, end - x, thick),
                Text(
                    figure.width - EDGE,
                    middle(y),
                    shortened(text, right, is_bold=True),
                    "end",
                    is_bold=True,
                ),
            )
        )
    groups += _target_across(figure, axis, top, bottom)
    return drawn(figure.width, height, figure.title, figure.description, groups)


def _ticks_below(axis: Scale, top: float, bottom: float, width: float) -> Iterator[Path | Text]:
    """Thin lines upwards and their numbers, as many as have room."""
    last = -1000.0
    for tick in axis.ticks:
        x = axis.at(tick)
        yield Path(((x, top), (x, bottom)), "rule", RULE, 0.5)
        label = axis.label(tick)
        half = text_width(label) / 2
        at = min(max(x, half + EDGE), width - half - EDGE)
        if at - half > last:
            last = at + half + 3
            yield Text(at, bottom + SIZE + 3, label, "middle", "faint")


def _target_across(figure: Bars, axis: Scale, top: float, bottom: float) -> list[Group]:
    if figure.target is None:
        return []
    x = axis.at(figure.target)
    label = shortened(_target_label(figure), figure.width - 2 * EDGE)
    half = text_width(label) / 2
    at = min(max(x, half + EDGE), figure.width - half - EDGE)
    return [
        Group(
            (
                Path(((x, top - 3), (x, bottom)), "target", "#000", 1.2, "3 2"),
                Text(at, SIZE, label, "middle"),
            )
        )
    ]


def _standing(figure: Bars) -> Drawing:
    height = figure.height or 128.0
    texts = [number(bar.value, figure.places) for bar in figure.bars]
    top, bottom = SIZE + 8.0, height - FOOT
    axis = _scale(figure, bottom, top)
    left = max(text_width(axis.label(tick)) for tick in axis.ticks) + 6
    target = _target_label(figure)
    right = figure.width - (min(48.0, text_width(target)) + 4 if target else 0.0) - EDGE
    slot = (right - left) / max(1, len(figure.bars))
    thick = min(22.0, slot * 0.6)
    across = None if figure.target is None else axis.at(figure.target)
    groups = [Group(tuple(_ticks_left(axis, left, right)))]
    for place, (bar, text) in enumerate(zip(figure.bars, texts, strict=True)):
        x = left + slot * (place + 0.5)
        high, low = sorted((axis.at(0), axis.at(bar.value)))
        groups.append(
            _mark(
                bar,
                text,
                Text(x, height - 4, shortened(bar.label, slot), "middle"),
                _box(bar, x - thick / 2, high, thick, low - high),
                Text(
                    x,
                    _above(high - 3, across),
                    shortened(text, slot, is_bold=True),
                    "middle",
                    is_bold=True,
                ),
            )
        )
    if across is not None:
        groups.append(
            Group(
                (
                    Path(((left, across), (right, across)), "target", "#000", 1.2, "3 2"),
                    Text(right + 4, middle(across), shortened(target, 48.0)),
                )
            )
        )
    return drawn(figure.width, height, figure.title, figure.description, groups)


def _target_label(figure: Bars) -> str:
    if figure.target is None:
        return ""
    return figure.target_label or number(figure.target, figure.places)


def _above(baseline: float, across: float | None) -> float:
    """The baseline, or one just above a line that would run through the text."""
    if across is None or not baseline - SIZE < across < baseline + 2:
        return baseline
    return across - 2.5


def _ticks_left(axis: Scale, left: float, right: float) -> Iterator[Path | Text]:
    for tick in axis.ticks:
        y = axis.at(tick)
        yield Path(((left, y), (right, y)), "rule", RULE, 0.5)
        yield Text(left - 4, middle(y), axis.label(tick), "end", "faint")

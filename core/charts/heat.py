"""A heat map: branches by items, the darker the worse, each field with its value."""

from __future__ import annotations

from core.charts.shapes import (
    BLANK,
    DARK,
    GREY,
    LIGHT,
    RULE,
    Box,
    Drawing,
    Group,
    Shape,
    Text,
    drawn,
    hatching,
    middle,
    shortened,
    text_width,
)
from core.charts.values import Cell, HeatMap

HEAD, ROW, EDGE = 16.0, 16.0, 2.0
LABEL_AT_MOST = 84.0
SHADES = (BLANK, LIGHT, GREY, DARK)


def draw_heat_map(figure: HeatMap) -> Drawing:
    """The fields as a drawing."""
    left = min(LABEL_AT_MOST, max((text_width(row) for row in figure.rows), default=0.0)) + 8
    wide = (figure.width - left - EDGE) / max(1, len(figure.columns))
    height = HEAD + ROW * len(figure.rows) + EDGE
    heads: list[Shape] = [
        Text(left + wide * (n + 0.5), HEAD - 5, shortened(name, wide - 2), "middle", "faint")
        for n, name in enumerate(figure.columns)
    ]
    heads += [
        Text(EDGE, middle(HEAD + ROW * (n + 0.5)), shortened(name, left - 8))
        for n, name in enumerate(figure.rows)
    ]
    groups = [Group(tuple(heads))]
    for down, row in enumerate(figure.cells):
        for across, cell in enumerate(row):
            place = f"{figure.rows[down]} {figure.columns[across]} {cell.text}"
            shapes = _field(cell, left + wide * across, HEAD + ROW * down, wide)
            groups.append(Group(shapes, cell.title or place.strip(), cell.url))
    return drawn(figure.width, height, figure.title, figure.description, groups)


def _field(cell: Cell, x: float, y: float, wide: float) -> tuple[Shape, ...]:
    level = min(max(cell.level, 0), 3)
    look = "void" if cell.is_void else f"heat-{level}"
    inset = (x + 0.5, y + 0.5, max(wide - 1, 0.5), ROW - 1)
    hatch = hatching(*inset) if cell.is_void else ""
    box = Box(*inset, look, BLANK if cell.is_void else SHADES[level], RULE, hatch)
    if cell.is_void or not cell.text:
        return (box,)
    is_dark = level == 3
    text = Text(
        x + wide / 2,
        middle(y + ROW / 2),
        shortened(cell.text, wide - 3, is_bold=is_dark),
        "middle",
        f"on-heat-{level}",
        is_bold=is_dark,
        fill=BLANK if is_dark else "",
    )
    return (box, text)

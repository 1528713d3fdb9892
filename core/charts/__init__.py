"""Figures as SVG, the same for a page, a PDF and paper.

``Bars``, ``Lines``, ``HeatMap`` and ``Segments`` say what is shown; ``drawing_of`` where it lies,
in points of a viewBox. ``{% load charts %}{% chart figure %}`` puts it into a template. Colour
only adds to what greys, hatching, dashes, markers and printed values say already.
"""

from core.charts.bars import draw_bars
from core.charts.heat import draw_heat_map
from core.charts.lines import draw_lines
from core.charts.segments import draw_segments
from core.charts.shapes import Drawing
from core.charts.values import (
    FULL,
    HALF,
    Bar,
    Bars,
    Cell,
    Figure,
    HeatMap,
    Lines,
    Segment,
    Segments,
    Series,
    as_data,
    figure_of,
)

__all__ = [
    "FULL",
    "HALF",
    "Bar",
    "Bars",
    "Cell",
    "Drawing",
    "Figure",
    "HeatMap",
    "Lines",
    "Segment",
    "Segments",
    "Series",
    "as_data",
    "drawing_of",
    "figure_of",
]


def drawing_of(figure: Figure) -> Drawing:
    """Where everything of a figure lies; nothing reaches beyond its viewBox."""
    match figure:
        case Bars():
            return draw_bars(figure)
        case Lines():
            return draw_lines(figure)
        case HeatMap():
            return draw_heat_map(figure)
        case Segments():
            return draw_segments(figure)

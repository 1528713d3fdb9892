"""Lines over months: told apart by dash and marker, named at their end with the last value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from core.charts.shapes import (
    RULE,
    SIZE,
    Drawing,
    Group,
    Marker,
    Path,
    Scale,
    Shape,
    Text,
    drawn,
    middle,
    number,
    scale,
    shortened,
    text_width,
)
from core.charts.values import Lines, Series

TOP, FOOT, EDGE = 8.0, 16.0, 2.0
APART = SIZE + 1.5
NAME_AT_MOST = 76.0
FORMS = ("disc", "triangle", "square")
DASHES = ("", "4 2", "1 2")
WEIGHTS = (1.6, 1.1, 1.1)


def draw_lines(figure: Lines) -> Drawing:
    """The lines as a drawing."""
    values = [one for series in figure.series for one in series.values if one is not None]
    values += [figure.target] if figure.target is not None else []
    top = TOP + (SIZE if figure.target is not None else 0.0)
    bottom = figure.height - FOOT
    axis = scale(values, bottom, top, is_from_zero=figure.is_from_zero, most=5)
    left = max(text_width(axis.label(tick)) for tick in axis.ticks) + 6
    names = [_name(series, figure.places) for series in figure.series]
    right = min(NAME_AT_MOST, max((text_width(n, is_bold=True) for n in names), default=0.0)) + 8
    places = _places(len(figure.points), left, max(left + 20, figure.width - right))
    groups = [Group(tuple(_frame(figure, axis, left, places)))]
    groups += _target(figure, axis, left, places)
    for number_, series in enumerate(figure.series):
        groups += _line(figure, series, axis, places, number_)
    groups.append(Group(tuple(_names(figure, axis, names, places))))
    return drawn(figure.width, figure.height, figure.title, figure.description, groups)


def _places(count: int, left: float, end: float) -> list[float]:
    """Where the points lie: spread evenly, a little off the axis."""
    begin, last = left + 5, end - 5
    if count == 1:
        return [(begin + last) / 2]
    return [begin + (last - begin) * n / (count - 1) for n in range(count)]


def _name(series: Series, places: int) -> str:
    last = _last(series)
    return series.label if last is None else f"{series.label} {number(last[1], places)}"


def _last(series: Series) -> tuple[int, Decimal] | None:
    """The last point that has a value, and the value."""
    known = [(place, one) for place, one in enumerate(series.values) if one is not None]
    return known[-1] if known else None


def _frame(figure: Lines, axis: Scale, left: float, places: Sequence[float]) -> Iterator[Shape]:
    end = places[-1] + 5 if places else figure.width - EDGE
    for tick in axis.ticks:
        y = axis.at(tick)
        yield Path(((left, y), (end, y)), "rule", RULE, 0.5)
        yield Text(left - 4, middle(y), axis.label(tick), "end", "faint")
    last = 0.0
    for x, label in zip(places, figure.points, strict=True):
        text = shortened(label, 40)
        half = text_width(text) / 2
        at = min(max(x, half + EDGE), figure.width - half - EDGE)
        if at - half >= last:
            last = at + half + 2
            yield Text(at, figure.height - 4, text, "middle")


def _target(figure: Lines, axis: Scale, left: float, places: Sequence[float]) -> list[Group]:
    if figure.target is None or not places:
        return []
    y, end = axis.at(figure.target), places[-1] + 5
    label = figure.target_label or number(figure.target, figure.places)
    label = shortened(label, figure.width - left - EDGE)
    return [
        Group(
            (
                Path(((left, y), (end, y)), "target", "#000", 0.8, "6 2"),
                Text(left + 2, max(SIZE, y - 3), label, "start"),
            )
        )
    ]


def _line(
    figure: Lines, series: Series, axis: Scale, places: Sequence[float], order: int
) -> Iterator[Group]:
    look = f"line-{order + 1}"
    for run in _runs(series.values):
        points = tuple((places[n], axis.at(value)) for n, value in run)
        if len(points) > 1:
            yield Group((Path(points, look, "#000", WEIGHTS[order], DASHES[order]),))
    for n, value in enumerate(series.values):
        if value is None:
            continue
        form = FORMS[order]
        sign = Marker(places[n], axis.at(value), form, look)  # type: ignore[arg-type]
        title = f"{series.label} {figure.points[n]} {number(value, figure.places)}"
        yield Group((sign,), title, series.urls[n] if n < len(series.urls) else "")


def _runs(values: Sequence[Decimal | None]) -> Iterator[list[tuple[int, Decimal]]]:
    """Stretches of points that follow each other without a gap."""
    run: list[tuple[int, Decimal]] = []
    for place, value in enumerate(values):
        if value is None:
            if run:
                yield run
            run = []
        else:
            run.append((place, value))
    if run:
        yield run


def _names(
    figure: Lines, axis: Scale, names: Sequence[str], places: Sequence[float]
) -> Iterator[Text]:
    """The names right of the last point, moved apart where lines end close together."""
    ends = [
        (axis.at(last[1]), name)
        for series, name in zip(figure.series, names, strict=True)
        if (last := _last(series)) is not None
    ]
    ends.sort()
    x = (places[-1] if places else 0.0) + 6
    room = figure.width - x - EDGE
    for y, (_wanted, name) in zip(
        apart([y for y, _name in ends], SIZE / 2, figure.height - FOOT), ends, strict=True
    ):
        yield Text(x, middle(y), shortened(name, room, is_bold=True), "start", is_bold=True)


def apart(wanted: Sequence[float], first: float, last: float) -> list[float]:
    """The sorted places, at least APART from each other and within first and last."""
    placed: list[float] = []
    for n, y in enumerate(wanted):
        least = placed[-1] + APART if placed else first
        most = last - APART * (len(wanted) - 1 - n)
        placed.append(min(max(y, least), max(most, least)))
    return placed

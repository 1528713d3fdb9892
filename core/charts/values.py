"""What figures show. Numbers are Decimal; places say how they are printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final, Literal

HALF: Final = 213.0
"""Width in points of a figure that stands beside another on A4."""
FULL: Final = 440.0
"""Width in points of a figure that has the text block for itself."""

Tone = Literal["strong", "plain", "hatched"]
"""How a mark is filled: dark where it is best, grey as usual, hatched where it falls short."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar; ``title`` is read when it is pointed at, ``url`` opens what it stands for."""

    label: str
    value: Decimal
    tone: Tone = "plain"
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars side by side, lying or standing, each with its value; ``target`` is a dashed line.

    The axis begins at nought; ``maximum`` is where it ends at least. ``height`` None is as high
    as the bars need.
    """

    title: str
    bars: tuple[Bar, ...]
    description: str = ""
    target: Decimal | None = None
    target_label: str = ""
    maximum: Decimal | None = None
    places: int = 2
    is_standing: bool = False
    width: float = HALF
    height: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A line: a value per point of the figure, None where there is none (the line breaks)."""

    label: str
    values: tuple[Decimal | None, ...]
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lines:
    """Up to three lines over the same points (months), each with a dash and a marker of its own.

    ``is_from_zero`` begins the axis at nought, else it shows the part where the values are.
    ValueError for more than three lines or a line of another length.
    """

    title: str
    points: tuple[str, ...]
    series: tuple[Series, ...]
    description: str = ""
    target: Decimal | None = None
    target_label: str = ""
    places: int = 2
    is_from_zero: bool = False
    width: float = HALF
    height: float = 128.0

    def __post_init__(self) -> None:
        """Look whether it can be drawn."""
        if len(self.series) > 3:
            raise ValueError("more than three lines cannot be told apart in grey")
        if any(len(one.values) != len(self.points) for one in self.series):
            raise ValueError("a line needs a value, or None, for every point")


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a heat map: what is printed in it and how dark it is, 0 (blank) to 3.

    ``is_void`` hatches it: there is nothing to be judged (not applicable).
    """

    text: str
    level: int = 0
    is_void: bool = False
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Branches by items. ValueError when a row has not as many cells as there are columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    description: str = ""
    width: float = FULL

    def __post_init__(self) -> None:
        """Look whether it can be drawn."""
        if len(self.cells) != len(self.rows):
            raise ValueError("a heat map needs cells for every row")
        if any(len(row) != len(self.columns) for row in self.cells):
            raise ValueError("a row needs a cell for every column")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a whole: how much of its ``maximum`` is reached.

    ``is_signed`` runs from minus to plus the maximum, with nought in its middle (bonus, penalty).
    """

    label: str
    value: Decimal
    maximum: Decimal
    is_signed: bool = False
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Segments:
    """A bar of parts, each as wide as what it can bring (40/20/40±20)."""

    title: str
    segments: tuple[Segment, ...]
    description: str = ""
    places: int = 2
    width: float = HALF


Figure = Bars | Lines | HeatMap | Segments
_KINDS: Final[dict[str, type[Figure]]] = {
    "bars": Bars,
    "lines": Lines,
    "heat": HeatMap,
    "segments": Segments,
}


def as_data(figure: Figure) -> tuple[str, dict[str, Any]]:
    """The figure as its kind and JSON that can be frozen, numbers as decimal text."""
    kind = next(kind for kind, made in _KINDS.items() if isinstance(figure, made))
    return kind, _plain(asdict(figure))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Decimal | float) else value


def figure_of(kind: str, data: Mapping[str, Any]) -> Figure:
    """The figure that was frozen; KeyError for an unknown kind, TypeError for an unknown field."""
    values = dict(data)
    for name in ("width", "height"):
        if values.get(name) is not None:
            values[name] = float(values[name])
    for name in ("target", "maximum"):
        if values.get(name) is not None:
            values[name] = Decimal(values[name])
    match kind:
        case "bars":
            values["bars"] = tuple(
                Bar(**{**one, "value": Decimal(one["value"])}) for one in values["bars"]
            )
        case "lines":
            values["points"] = tuple(values["points"])
            values["series"] = tuple(_series(one) for one in values["series"])
        case "heat":
            values["columns"], values["rows"] = tuple(values["columns"]), tuple(values["rows"])
            values["cells"] = tuple(tuple(Cell(**one) for one in row) for row in values["cells"])
        case "segments":
            values["segments"] = tuple(
                Segment(
                    **{
                        **one,
                        "value": Decimal(one["value"]),
                        "maximum": Decimal(one["maximum"]),
                    }
                )
                for one in values["segments"]
            )
    return _KINDS[kind](**values)


def _series(data: Mapping[str, Any]) -> Series:
    return Series(
        label=data["label"],
        values=tuple(None if one is None else Decimal(one) for one in data["values"]),
        urls=tuple(data.get("urls", ())),
    )

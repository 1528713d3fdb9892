"""A bulletin as one value: page, PDF and workbook are three renderings of it, figure for figure.

The frozen JSON of an edition is ``as_content(document)``: sorted keys, decimals and dates as
text. What a table's cell holds is told by its column's kind, never guessed:

    text     a text
    integer  whole number, as decimal text
    decimal  number with the column's places, as decimal text
    signed   the same with its sign shown
    percent  per cent with the column's places, as decimal text ("93.3" is 93.3 %)
    date     ISO date
    moment   ISO instant

An empty text in any of them is an empty cell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

Kind = Literal["text", "integer", "decimal", "signed", "percent", "date", "moment"]

# The eleven parts of annex 8, in their order; the first and the last have no running number.
PARTS: Final = (
    "head",
    "scope",
    "overall",
    "results",
    "good",
    "problems",
    "followed_up",
    "rectify",
    "assessment",
    "next_month",
    "annex",
)


@dataclass(frozen=True)
class Link:
    """Where a statement's evidence stands."""

    label: str
    url: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, with the rows it rests on (none for what a person wrote)."""

    text: str
    rows: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, what its cells hold, its share of the width in per cent."""

    key: str
    label: str
    kind: Kind = "text"
    width: int = 10
    places: int = 2


@dataclass(frozen=True)
class Table:
    """A table; ``total`` is its last row, or empty; ``urls`` link each row (or are empty)."""

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    note: str = ""
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A figure: ``kind`` and ``data`` are those of core.charts, numbers as decimal text."""

    key: str
    caption: str
    kind: Literal["bars", "lines", "heat", "segments"]
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """One of the eleven parts: its texts, then its tables, then its figures."""

    key: str
    heading: str
    paragraphs: tuple[Paragraph, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True)
class Document:
    """The whole bulletin of one edition (``branch`` is "" for the company's)."""

    title: str
    issuer: str
    document_number: str
    level: str
    term: str
    month: str
    send_to: str
    copy_to: str
    signed_by: str
    published_on: str
    branch: str
    supplement: int
    parts: tuple[Part, ...] = field(default=())

    @property
    def edition(self) -> str:
        """Whose edition it is, 城东分公司版; "" for the company's, which is the bulletin itself."""
        return f"{self.branch}版" if self.branch else ""

    def part(self, key: str) -> Part:
        """A part by its key; KeyError when there is none."""
        for part in self.parts:
            if part.key == key:
                return part
        raise KeyError(key)


def as_content(document: Document) -> dict[str, Any]:
    """The document as JSON that can be frozen."""
    return asdict(document)


def from_content(content: Mapping[str, Any]) -> Document:
    """The document that was frozen."""
    values = {key: value for key, value in content.items() if key != "parts"}
    return Document(**values, parts=tuple(_part(part) for part in content["parts"]))


def _part(content: Mapping[str, Any]) -> Part:
    return Part(
        key=content["key"],
        heading=content["heading"],
        paragraphs=tuple(
            Paragraph(one["text"], tuple(Link(**row) for row in one["rows"]))
            for one in content["paragraphs"]
        ),
        tables=tuple(_table(table) for table in content["tables"]),
        charts=tuple(Chart(**chart) for chart in content["charts"]),
    )


def _table(content: Mapping[str, Any]) -> Table:
    return Table(
        key=content["key"],
        caption=content["caption"],
        columns=tuple(Column(**column) for column in content["columns"]),
        rows=_rows(content["rows"]),
        total=tuple(content["total"]),
        note=content["note"],
        urls=tuple(content["urls"]),
    )


def _rows(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row) for row in rows)

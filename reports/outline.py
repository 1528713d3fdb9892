"""How a bulletin is numbered: 一、 二、 before its parts, 表1, 图1 and 附件1 through all of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reports.document import Chart, Document, Paragraph, Part, Table

_DIGITS: Final = "〇一二三四五六七八九十"
_IS_NUMBERED = re.compile(rf"[{_DIGITS}]+、")
_FULL_WIDTH: Final = 300.0
"""Figures wider than this (points) have the text's width for themselves."""


def numeral(number: int) -> str:
    """A number of at most 99 as it stands before a heading: 一, 十, 十一, 二十一."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _DIGITS[ones]
    return f"{_DIGITS[tens] if tens > 1 else ''}十{_DIGITS[ones] if ones else ''}"


@dataclass(frozen=True)
class NumberedTable:
    """A table with its number in the bulletin; ``label`` is 表1, in the annex 附件1."""

    table: Table
    number: int
    is_annex: bool

    @property
    def label(self) -> str:
        """表1, 附件1."""
        return f"{'附件' if self.is_annex else '表'}{self.number}"


@dataclass(frozen=True)
class NumberedChart:
    """A figure with its number in the bulletin."""

    chart: Chart
    number: int

    @property
    def label(self) -> str:
        """图1."""
        return f"图{self.number}"

    @property
    def is_wide(self) -> bool:
        """Whether it stands alone in its row."""
        width = self.chart.data.get("width")
        return width is not None and float(width) > _FULL_WIDTH


@dataclass(frozen=True)
class Section:
    """A part with its heading as printed ("" for the head), its tables and figures numbered."""

    part: Part
    heading: str
    tables: tuple[NumberedTable, ...]
    charts: tuple[NumberedChart, ...]

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """The part's texts."""
        return self.part.paragraphs

    @property
    def rows_of_charts(self) -> list[tuple[NumberedChart, ...]]:
        """The figures as they stand: two half ones beside each other, a wide one alone."""
        rows: list[tuple[NumberedChart, ...]] = []
        for chart in self.charts:
            last = rows[-1] if rows else ()
            if len(last) == 1 and not last[0].is_wide and not chart.is_wide:
                rows[-1] = (last[0], chart)
            else:
                rows.append((chart,))
        return rows


@dataclass(frozen=True)
class Outline:
    """The bulletin's parts in order; ``annexes`` are the tables that each begin a page."""

    sections: tuple[Section, ...]
    annex: Section | None

    @property
    def annexes(self) -> tuple[NumberedTable, ...]:
        """The annex's tables."""
        return self.annex.tables if self.annex else ()

    @property
    def tables(self) -> tuple[NumberedTable, ...]:
        """All tables, the annex's last."""
        return (*(one for section in self.sections for one in section.tables), *self.annexes)

    @property
    def charts(self) -> tuple[NumberedChart, ...]:
        """All figures, the annex's last."""
        return tuple(
            one
            for section in (*self.sections, *([self.annex] if self.annex else []))
            for one in section.charts
        )


def outline(document: Document) -> Outline:
    """The bulletin numbered. The head and the annex have no running number; the others by place."""
    tables, charts = _counting(), _counting()
    sections: list[Section] = []
    annex: Section | None = None
    number = 0
    for part in document.parts:
        if part.key == "annex":
            annexed = enumerate(part.tables, 1)
            annex = Section(
                part,
                part.heading,
                tuple(NumberedTable(table, n, is_annex=True) for n, table in annexed),
                tuple(NumberedChart(chart, next(charts)) for chart in part.charts),
            )
            continue
        heading = ""
        if part.key != "head":
            number += 1
            is_numbered = _IS_NUMBERED.match(part.heading)
            heading = part.heading if is_numbered else f"{numeral(number)}、{part.heading}"
        sections.append(
            Section(
                part,
                heading,
                tuple(NumberedTable(table, next(tables), is_annex=False) for table in part.tables),
                tuple(NumberedChart(chart, next(charts)) for chart in part.charts),
            )
        )
    is_empty = annex is not None and not (annex.paragraphs or annex.tables or annex.charts)
    return Outline(tuple(sections), None if is_empty else annex)


def _counting() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number

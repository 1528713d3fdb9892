"""A bulletin as pages show it: numbered as on paper, cells as they are read, figures to draw."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from django.utils.translation import override

from core.charts import Figure, figure_of
from core.marked_days import days_marked
from reports.cells import is_number, shown
from reports.document import Document, Paragraph
from reports.figures import WRITTEN_IN
from reports.outline import NumberedChart, NumberedTable, Section, outline

# Texts of so many characters are not broken into lines.
SHORT: Final = 10
CODE: Final = 24


@dataclass(frozen=True)
class Cell:
    """A cell as it is read; the first of a row opens the row's own page."""

    text: str
    is_number: bool
    url: str = ""

    @property
    def is_short(self) -> bool:
        """Whether it stands in one line: numbers, few characters, a code (WT-2026-0001)."""
        is_code = self.text.isascii() and " " not in self.text and len(self.text) <= CODE
        return self.is_number or is_code or len(self.text) <= SHORT


@dataclass(frozen=True)
class TableShown:
    """A table with its number, ready to be written."""

    key: str
    label: str
    caption: str
    heads: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...]
    note: str

    @property
    def is_wide(self) -> bool:
        """Whether a phone has to move it sideways."""
        return len(self.heads) > 3


@dataclass(frozen=True)
class ChartShown:
    """A figure with its number and caption."""

    label: str
    caption: str
    figure: Figure
    is_wide: bool


@dataclass(frozen=True)
class SectionShown:
    """A part of the bulletin."""

    key: str
    heading: str
    paragraphs: tuple[Paragraph, ...]
    tables: tuple[TableShown, ...]
    charts: tuple[tuple[ChartShown, ...], ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing under the heading."""
        return not (self.paragraphs or self.tables or self.charts)


@dataclass(frozen=True)
class DocumentShown:
    """The whole bulletin."""

    document: Document
    sections: tuple[SectionShown, ...]
    annex: SectionShown | None

    @property
    def published_on(self) -> date | None:
        """The day it was published."""
        on = self.document.published_on
        return date.fromisoformat(on) if on else None

    @property
    def day_in_words(self) -> str:
        """2026年12月14日, as it stands below the text."""
        on = self.published_on
        return f"{on.year}年{on.month}月{on.day}日" if on else ""

    @property
    def level(self) -> str:
        """内部★1年."""
        document = self.document
        return f"{document.level}★{document.term}" if document.term else document.level


def document_shown(document: Document) -> DocumentShown:
    """The document for a page, in the record's language whoever reads it."""
    with override(WRITTEN_IN), days_marked(None):
        made = outline(document)
        return DocumentShown(
            document,
            tuple(_section(section) for section in made.sections),
            _section(made.annex) if made.annex else None,
        )


def _section(section: Section) -> SectionShown:
    return SectionShown(
        section.part.key,
        section.heading,
        section.paragraphs,
        tuple(_table(one) for one in section.tables),
        tuple(tuple(_chart(one) for one in row) for row in section.rows_of_charts),
    )


def _table(numbered: NumberedTable) -> TableShown:
    table = numbered.table
    numbers = [is_number(column) for column in table.columns]

    def cells(row: Sequence[str], url: str = "") -> tuple[Cell, ...]:
        linked = _linked(row, numbers)
        return tuple(
            Cell(shown(text, column), number, url if place == linked else "")
            for place, (text, column, number) in enumerate(
                zip(row, table.columns, numbers, strict=True)
            )
        )

    urls = table.urls or ("",) * len(table.rows)
    return TableShown(
        key=table.key,
        label=numbered.label,
        caption=table.caption,
        heads=tuple(
            Cell(column.label, number)
            for column, number in zip(table.columns, numbers, strict=True)
        ),
        rows=tuple(cells(row, url) for row, url in zip(table.rows, urls, strict=True)),
        total=cells(table.total) if table.total else (),
        note=table.note,
    )


def _linked(row: Sequence[str], numbers: Sequence[bool]) -> int:
    """The place of the cell that opens the row: the first text that is not empty."""
    texts = (
        place for place, (text, number) in enumerate(zip(row, numbers, strict=True))
        if text and not number
    )  # fmt: skip
    return next(texts, 0)


def _chart(numbered: NumberedChart) -> ChartShown:
    chart = numbered.chart
    return ChartShown(
        numbered.label, chart.caption, figure_of(chart.kind, chart.data), numbered.is_wide
    )


def shortened(section: SectionShown, most: int) -> SectionShown:
    """The part with no more rows of a table than so many, for where it is only written."""
    return replace(
        section,
        tables=tuple(
            replace(
                table,
                rows=table.rows[:most],
                note=f"共{len(table.rows)}行，这里是前{most}行，成稿全部列出。{table.note}",
            )
            if len(table.rows) > most
            else table
            for table in section.tables
        ),
    )

"""The bulletin on paper (annex 8): A4, red head, as companies print a 通报; from the one Document.

It is the company's record and printed in its first language, whoever asks for it. What follows
the text, the box by which it can be verified and the block of 抄送 and 印发, closes the last page,
which is an even one and bears more than them: which way of setting leads there is found by trying.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from core.charts import Figure, figure_of
from core.formats import month_name
from core.papers import render_pdf
from core.periods import Month
from reports.cells import is_number, shown
from reports.document import Column, Document, Table
from reports.heights import CLOSE, LOOSE, TIGHT, Spacing, rest_of_annex
from reports.outline import NumberedChart, NumberedTable, Outline, Section, outline
from reports.widths import BLOCK, column_widths, head_lines

TEMPLATE: Final = "papers/bulletin.html"
RECORD_LANGUAGE: Final = "zh-hans"
SHORT: Final = 6
"""A table of no more rows stays on one page; others run over pages, three rows at least on each."""
LONG: Final = 20
"""A table of more rows is set smaller."""
FEW: Final = 5
"""An annex of whose rows fewer would stand on a last page of their own is set closer still."""
TURNED: Final = 6
"""So many rows of the last annex go over to a last page that would bear nothing else."""
_END: Final = "end"
"""What must stand on the last page: the end of what is said."""
_MARK, _MARK_WIDTH = 38, 410
_SHORT_TEXT: Final = 5
_ORDINALS: Final = ("序号", "名次", "上月名次")
_DIGEST_GROUP: Final = 8


@dataclass(frozen=True)
class Seal:
    """What a paper is verified by: the code, the digest of its frozen content, the address."""

    code: str
    digest: str
    url: str

    @property
    def digest_lines(self) -> list[str]:
        """The digest in groups, on two lines."""
        groups = [
            self.digest[start : start + _DIGEST_GROUP]
            for start in range(0, len(self.digest), _DIGEST_GROUP)
        ]
        half = len(groups) // 2
        return [" ".join(groups[:half]), " ".join(groups[half:])]


@dataclass(frozen=True)
class PaperColumn:
    """A column as it is set: its head's lines, its width in per cent, where its cells stand."""

    label: Sequence[str]
    unit: str
    width: float
    side: str


@dataclass(frozen=True)
class PaperTable:
    """A table as it is set; its last row is the total, if there is one."""

    label: str
    caption: str
    columns: tuple[PaperColumn, ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]
    total: tuple[tuple[str, str], ...]
    note: str
    is_short: bool
    is_long: bool
    is_tight: bool = False


@dataclass(frozen=True)
class PaperChart:
    """A figure as it is set."""

    label: str
    caption: str
    figure: Figure
    is_wide: bool


@dataclass(frozen=True)
class PaperSection:
    """A part as it is set: heading, paragraphs, tables, rows of figures."""

    heading: str
    paragraphs: tuple[str, ...]
    tables: tuple[PaperTable, ...]
    charts: tuple[tuple[PaperChart, ...], ...]


@dataclass(frozen=True)
class BulletinPaper:
    """All that the paper shows."""

    document: Document
    level: str
    issued_on: str
    sections: tuple[PaperSection, ...]
    annexes: tuple[PaperTable, ...]
    annex: PaperSection | None
    seal: Seal

    @property
    def issuer_size(self) -> int:
        """The issuer mark's size in points: as large as usual, or as its one line takes."""
        return min(_MARK, _MARK_WIDTH // max(1, len(self.document.issuer)))


def verification_url(code: str) -> str:
    """What the QR code of an edition opens."""
    return f"{settings.BASE_URL}{reverse('verify-code', args=[code])}"


def bulletin_paper(document: Document, seal: Seal) -> BulletinPaper:
    """The document as it is set; BrokenCell where a cell does not hold what its column says."""
    numbered: Outline = outline(document)
    issued_on = date.fromisoformat(document.published_on)
    return BulletinPaper(
        document=document,
        level=f"{document.level}★{document.term}" if document.term else document.level,
        issued_on=f"{issued_on.year}年{issued_on.month}月{issued_on.day}日",
        sections=tuple(_section(section) for section in numbered.sections),
        annexes=tuple(_table(table, is_annex=True) for table in numbered.annexes),
        annex=_section(numbered.annex) if numbered.annex else None,
        seal=seal,
    )


def _is_even(pages: int) -> bool:
    """A bulletin is printed on both sides and ends on the last one's back."""
    return pages % 2 == 0


def bulletin_pdf(document: Document, seal: Seal) -> bytes:
    """The bulletin as PDF with an even number of pages; seconds, so never in a transaction."""
    with override(RECORD_LANGUAGE):
        paper = bulletin_paper(document, seal)
        return render_pdf(
            TEMPLATE,
            {"paper": paper, "month": month_name(Month.parse(document.month))},
            title=f"{document.document_number} {document.title}".strip(),
            ways=tuple(_ways(paper)),
            fits=_is_even,
            last=_END,
        )


def _ways(paper: BulletinPaper) -> Iterator[dict[str, Any]]:
    """How the last page can be an even one with more on it than the box and the block.

    As all falls, annexes that fit on one page together; each annex on a page of its own; some rows
    of the last annex, or the last part, go over to the next page. If nothing helps, the box begins
    the last page, or the block.
    """
    yield {}
    if len(paper.annexes) > 1:
        yield {"is_spread": True}
    if paper.annexes and len(paper.annexes[-1].rows) >= TURNED + 3:
        yield {"turned": TURNED}
    yield {"part_breaks": True}
    yield {"box_breaks": True}
    yield {"box_breaks": True, "imprint_breaks": True}


def _section(section: Section) -> PaperSection:
    return PaperSection(
        heading=section.heading,
        paragraphs=tuple(
            line.strip()
            for paragraph in section.paragraphs
            for line in paragraph.text.splitlines()
            if line.strip()
        ),
        tables=tuple(_table(table) for table in section.tables),
        charts=tuple(tuple(_chart(one) for one in row) for row in section.rows_of_charts),
    )


def _chart(numbered: NumberedChart) -> PaperChart:
    chart = numbered.chart
    return PaperChart(
        numbered.label, chart.caption, figure_of(chart.kind, chart.data), numbered.is_wide
    )


def _spacing(table: Table, *, is_annex: bool) -> Spacing:
    """How close a table is set: an annex so that no few rows are left for a page of their own."""
    usual = CLOSE if len(table.rows) > LONG else LOOSE
    if is_annex and 0 < rest_of_annex(table, usual) < FEW and not rest_of_annex(table, TIGHT):
        return TIGHT
    return usual


def _table(numbered: NumberedTable, *, is_annex: bool = False) -> PaperTable:
    table = numbered.table
    spacing = _spacing(table, is_annex=is_annex)
    widths = column_widths(table, spacing.letters)
    sides = [
        _side(column, [row[place] for row in table.rows])
        for place, column in enumerate(table.columns)
    ]

    def set_row(row: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        return tuple(
            (shown(text, column), side)
            for text, column, side in zip(row, table.columns, sides, strict=True)
        )

    return PaperTable(
        label=numbered.label,
        caption=table.caption,
        columns=tuple(
            _column(column, width, side)
            for column, width, side in zip(table.columns, widths, sides, strict=True)
        ),
        rows=tuple(set_row(row) for row in table.rows),
        total=set_row(table.total) if table.total else (),
        note=table.note,
        is_short=len(table.rows) <= SHORT,
        is_long=spacing == CLOSE,
        is_tight=spacing == TIGHT,
    )


def _column(column: Column, width: float, side: str) -> PaperColumn:
    """The head with its unit, which stands on a line of its own."""
    before, bracket, behind = column.label.partition("（")
    lines = head_lines(before, width * BLOCK / 100)
    return PaperColumn(lines, f"{bracket}{behind}", width, side)


def _side(column: Column, cells: list[str]) -> str:
    """Numbers right; ordinals, dates and what is short in every row in the middle; texts left."""
    if is_number(column):
        return "middle" if column.label in _ORDINALS else "number"
    is_short = all(len(cell) <= _SHORT_TEXT for cell in cells)
    return "middle" if column.kind in ("date", "moment") or is_short else ""

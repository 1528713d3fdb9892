"""A published bulletin as it is read: on its page, in its workbook, on paper."""

import csv
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pdfplumber
from playwright.sync_api import Page

# Comma, quotes, UTF-8, from the first row on; cells as they are shown; every sheet a file.
_AS_SHOWN: Final = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,true,false,false,-1"
_READ: Final = """paper => ({
    code: document.querySelector("aside code").innerText,
    number: document.querySelector("h1").innerText,
    title: paper.querySelector("#paper-title").innerText,
    paragraphs: [...paper.querySelectorAll(".red-text")].map(one => one.innerText),
    charts: [...paper.querySelectorAll("figcaption")].map(one => one.innerText),
    tables: [...paper.querySelectorAll(".sheet-table")].map(one => ({
        caption: one.querySelector(".sheet-caption").innerText,
        note: one.querySelector(".sheet-note")?.innerText ?? "",
        rows: [...one.querySelectorAll("tr")].map(row =>
            [...row.cells].map(cell => cell.innerText)),
    })),
})"""


Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Table:
    """A table as it is read: "表1 得分", the head row first, the total last."""

    caption: str
    rows: Rows
    note: str = ""


@dataclass(frozen=True)
class Read:
    """What a bulletin says, and the code by which it can be verified."""

    code: str
    number: str
    title: str
    paragraphs: tuple[str, ...]
    charts: tuple[str, ...]
    tables: tuple[Table, ...]


def read_page(page: Page) -> Read:
    """The bulletin as its page shows it."""
    found: dict[str, Any] = page.locator(".red-paper").evaluate(_READ)
    return Read(
        found["code"],
        found["number"],
        found["title"],
        tuple(found["paragraphs"]),
        tuple(bare(one) for one in found["charts"]),
        tuple(
            Table(
                bare(one["caption"]),
                tuple(tuple(cell.strip() for cell in row) for row in one["rows"]),
                one["note"],
            )
            for one in found["tables"]
        ),
    )


def bare(text: str) -> str:
    """Without blanks, which are set and not written."""
    return "".join(text.split())


def shown_by_libreoffice(content: bytes, folder: Path) -> list[list[list[str]]]:
    """Every sheet's cells as LibreOffice shows them, in the order of the sheets' names."""
    source = folder / "book.xlsx"
    source.write_bytes(content)
    done = subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{folder}/office",
            "--headless",
            "--convert-to",
            _AS_SHOWN,
            "--outdir",
            str(folder),
            str(source),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return [
        list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        for path in sorted(folder.glob("book-*.csv"))
    ]


def table_of(sheets: list[list[list[str]]], wanted: Table) -> Table:
    """The table of that caption, from the sheet on which it stands."""
    [sheet] = [rows for rows in sheets if len(rows) > 1 and bare(rows[1][0]) == wanted.caption]
    columns = len(wanted.rows[0])
    rows = [tuple(row[:columns]) for row in sheet]
    first = rows.index(wanted.rows[0])
    note = next((row[0] for row in rows[first:] if row[0].startswith("注：")), "")
    cells = [row for row in rows[first:] if any(row) and not row[0].startswith("注：")]
    return Table(wanted.caption, tuple(cells), note)


def paragraphs_of(sheets: list[list[list[str]]]) -> tuple[str, ...]:
    """The text of the sheet 正文."""
    [sheet] = [rows for rows in sheets if ["部分", "内容"] in [row[:2] for row in rows]]
    first = next(place for place, row in enumerate(sheet) if row[:2] == ["部分", "内容"])
    return tuple(row[1] for row in sheet[first + 1 :] if row[1])


def paper_text(content: bytes) -> str:
    """All that is printed, in the order in which it was written, without blanks."""
    with pdfplumber.open(BytesIO(content)) as pdf:
        return "".join(
            char["text"] for page in pdf.pages for char in page.chars if char["text"].strip()
        )


_RULES: Final = {"snap_x_tolerance": 1}


def paper_tables(content: bytes) -> list[Rows]:
    """Every ruled table of the paper, cell by cell without blanks (a cell's text has lines).

    One that runs over a page goes on there under the same head. The hatching of a chart has many
    edges close together: what is not the same line must not be taken for one.
    """
    found: list[Rows] = []
    with pdfplumber.open(BytesIO(content)) as pdf:
        for page in pdf.pages:
            for place, table in enumerate(page.find_tables(_RULES)):
                rows = without_blanks(table.extract())
                if place == 0 and found and found[-1][0] == rows[0]:
                    found[-1] = (*found[-1], *rows[_heads(found[-1], rows) :])
                else:
                    found.append(rows)
    return found


def _heads(above: Rows, below: Rows) -> int:
    """How many rows both begin with: the head."""
    pairs = enumerate(zip(above, below, strict=False))
    return next((place for place, (one, other) in pairs if one != other), len(below))


def without_blanks(rows: Iterable[Iterable[str | None]]) -> Rows:
    """The rows with nothing but what is written in their cells."""
    return tuple(tuple(bare(cell or "") for cell in row) for row in rows)

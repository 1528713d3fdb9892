"""Grids of numbers: cells as a page shows them, as a script sends them, as an operation takes them.

A cell's field is called ``cell:<row>:<code of the indicator>``. What cannot be read is not
thrown away: it stays in a draft of whoever typed it, until it is mended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.drafts import discard_draft, draft_of, save_draft
from core.errors import Stale
from core.imports.values import WrongValue, plain
from kpi.imports.columns import LATEST, read_number
from kpi.labels import indicator_name
from kpi.models import Indicator
from kpi.target_entries import Cell
from organization.in_force import COMPANY, settings_of

TEXT_AT_MOST = 60


@dataclass(frozen=True)
class GridCell:
    """A cell: its field, what stands in it, what is wrong with it, what is known beside it.

    ``note`` is said below the cell (the target, the system's number), ``shown`` replaces the
    editor where the cell is only read.
    """

    name: str
    label: str
    value: str
    error: str = ""
    note: str = ""
    placeholder: str = ""
    state: str = ""


@dataclass(frozen=True)
class GridRow:
    """A row: what it is about, and its cells."""

    head: str
    about: str
    url: str
    cells: Sequence[GridCell]


@dataclass(frozen=True)
class GridHead:
    """A column: an indicator's name and unit."""

    code: str
    name: str
    unit: str


def text_of(value: Decimal | None, places: int) -> str:
    """A number as an editor holds it: plain, without separators."""
    return "" if value is None else f"{value:.{places}f}"


def field_of(row: int, code: str) -> str:
    """The field of a cell."""
    return f"cell:{row}:{code}"


@dataclass(frozen=True)
class Typed:
    """What was typed into a grid: cells that can be read, and what is wrong with the others."""

    cells: Sequence[Cell]
    texts: Mapping[str, str]
    wrong: Mapping[str, str]


def read_cells(
    fields: Mapping[str, Any],
    rows: Mapping[int, str],
    indicators: Mapping[str, Indicator],
    *,
    may_be_negative: bool,
) -> Typed:
    """Read the cells among the fields of a form; ``rows`` names each row for the reasons.

    Fields that are no cells of this grid are passed over.
    """
    cells, texts, wrong = [], {}, {}
    label_set = settings_of(COMPANY, LATEST).label_set
    for name, given in fields.items():
        kind, _colon, rest = name.partition(":")
        row_text, _colon, code = rest.partition(":")
        row = int(row_text) if row_text.isascii() and row_text.isdecimal() else 0
        indicator = indicators.get(code)
        if kind != "cell" or row not in rows or indicator is None:
            continue
        text = plain(given if isinstance(given, str) else str(given or ""))[:TEXT_AT_MOST]
        texts[name] = text
        try:
            value = (
                read_number(text, indicator.places, may_be_negative=may_be_negative)
                if text
                else None
            )
        except WrongValue as error:
            wrong[name] = f"{rows[row]} {indicator_name(indicator, label_set)}：{error.reason}"
        else:
            cells.append(Cell(row, code, value))
    return Typed(cells, texts, wrong)


def wrong_texts(owner_id: int, key: str) -> dict[str, str]:
    """What somebody typed into a grid and could not be read, by field."""
    draft = draft_of(owner_id, key)
    return {str(name): str(text) for name, text in draft.body.items()} if draft else {}


def keep_wrong(owner_id: int, key: str, typed: Typed, at: datetime) -> None:
    """Keep what could not be read, and forget what is mended."""
    kept = wrong_texts(owner_id, key)
    left = {name: text for name, text in kept.items() if name not in typed.texts}
    left |= {name: typed.texts[name] for name in typed.wrong}
    if left == kept:
        return
    if not left:
        discard_draft(owner_id, key)
        return
    draft = draft_of(owner_id, key)
    try:
        save_draft(
            owner_id=owner_id,
            key=key,
            body=dict(left),
            expected_version=draft.version if draft else 0,
            at=at,
        )
    except Stale:
        # Another window of the same person has kept its own meanwhile: the page still shows these.
        return


def errors_again(
    texts: Mapping[str, str],
    rows: Mapping[int, str],
    indicators: Mapping[str, Indicator],
    *,
    may_be_negative: bool,
) -> Mapping[str, str]:
    """What is wrong with the texts kept, in the reader's language."""
    return read_cells(texts, rows, indicators, may_be_negative=may_be_negative).wrong

"""Which sheet, which row is the head, and which column is which field: found by meaning.

In this order: what the branch corrected last time, the heading's words, words contained in it,
and at last the shape of the values, which is then said to be a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from core.errors import Refused
from core.imports.tables import Field, Table
from core.imports.values import Reading, WrongValue, half_width, plain
from core.names import folded
from core.workbooks import REASON_HEADERS, Book, Cell, Sheet, column_letter

_HEAD_WITHIN = 30
"""Titles and filling-in notes stand above a head, but not more of them."""
_SAMPLES = 60
_SHAPE_SHARE = 0.8
_NOISE = re.compile(r"[\s()（）\[\]【】:：*＊_/、,，.。-]+|\((?:[^)]*)\)")
_BRACKETS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column of the file and the field it fills ("" when it is left out).

    ``name`` is the heading, numbered when it occurs twice: by it a correction is remembered.
    """

    number: int
    header: str
    name: str
    field: str
    is_guessed: bool
    sample: str
    is_remembered: bool = False

    @property
    def letter(self) -> str:
        """The column's letter in a spreadsheet."""
        return column_letter(self.number)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table lies in the file."""

    sheet: Sheet
    header_row: int
    columns: tuple[MappedColumn, ...]

    def number_of(self, field_key: str) -> int | None:
        """The column that fills the field, from 1; None when no column does."""
        return next((c.number for c in self.columns if c.field == field_key), None)


def find_layout(
    book: Book,
    table: Table,
    *,
    remembered: Mapping[str, str] | None = None,
    corrected: Mapping[str, str] | None = None,
) -> Layout:
    """Find the table in the book.

    ``remembered`` and ``corrected`` map a heading (as in MappedColumn.name) to a field key, ""
    for a column to be left out; a correction outdoes everything. Refused when no row looks like
    the table's head.
    """
    known = {**(remembered or {}), **(corrected or {})}
    vocabulary = _Vocabulary(table)
    best: tuple[float, Sheet, int] | None = None
    for sheet in book.sheets:
        for number, row in enumerate(sheet.rows[:_HEAD_WITHIN], 1):
            score = _head_score(row, vocabulary, known)
            if score > 0 and (best is None or score > best[0]):
                best = (score, sheet, number)
    if best is None:
        wanted = _("、").join(str(f.label) for f in table.fields if f.is_required)
        raise Refused(
            _("在前 %(n)s 行里没有找到“%(table)s”的表头。表头至少要有：%(fields)s。")
            % {"n": _HEAD_WITHIN, "table": table.label, "fields": wanted}
        )
    _score, sheet, header_row = best
    matching = _Matching()
    heads = _heads(sheet.rows[header_row - 1])
    for source in (corrected or {}, remembered or {}):
        _take_known(heads, table, source, matching)
    _take_named(heads, vocabulary, matching)
    _take_shared(heads, table, vocabulary, matching)
    _take_contained(heads, vocabulary, matching)
    guessed = _guess(sheet, header_row, table, set(heads), matching)
    columns = []
    for number, head in heads.items():
        key = matching.fields.get(number, "")
        columns.append(
            MappedColumn(
                number,
                head.text,
                head.name,
                key,
                number in guessed,
                _sample(sheet, header_row, number, table.field(key) if key else None),
                head.name in (remembered or {}),
            )
        )
    return Layout(sheet, header_row, tuple(columns))


def missing_required(layout: Layout, table: Table) -> list[Field]:
    """Required fields that no column fills."""
    filled = {column.field for column in layout.columns}
    return [field for field in table.fields if field.is_required and field.key not in filled]


def is_named(column: MappedColumn, table: Table) -> bool:
    """Whether the column's heading is one of the words of its field, or shared by it."""
    vocabulary, word = _Vocabulary(table), heading(column.header)
    return column.field in (*vocabulary.named(word), *vocabulary.sharing(word))


class _Vocabulary:
    """The words of a table's fields: their labels in both languages, keys and aliases."""

    def __init__(self, table: Table) -> None:
        self.words: dict[str, set[str]] = {}
        self.shared: dict[str, set[str]] = {}
        for field in table.fields:
            said = [field.key.replace("_", " "), *field.aliases]
            for language, _name in settings.LANGUAGES:
                with translation.override(language):
                    said.append(str(field.label))
            self.words[field.key] = {heading(word) for word in said}
            self.shared[field.key] = {heading(word) for word in field.shared}

    def named(self, word: str) -> list[str]:
        """The fields that are called so."""
        return [key for key, words in self.words.items() if word in words]

    def sharing(self, word: str) -> list[str]:
        """The fields for which the word may stand, depending on its neighbours."""
        return [key for key, words in self.shared.items() if word in words]

    def overlaps(self, word: str) -> dict[str, int]:
        """By field, how many characters of a heading its words explain."""
        sizes = {
            key: max((_overlap(word, each) for each in words), default=0)
            for key, words in self.words.items()
        }
        return {key: size for key, size in sizes.items() if size}


def _overlap(name: str, word: str) -> int:
    if len(word) >= 2 and word in name:
        return len(word) * 2
    return len(name) if len(name) >= 2 and name in word else 0


def _head_score(row: Sequence[Cell], vocabulary: _Vocabulary, known: Mapping[str, str]) -> float:
    """How much a row looks like the head: 0 for a row that cannot be."""
    names = [heading(cell) for cell in row if isinstance(cell, str)]
    exact = {key for name in names for key in (*vocabulary.named(name), *vocabulary.sharing(name))}
    contained = {key for name in names for key in vocabulary.overlaps(name)} - exact
    learned = sum(1 for cell in row if isinstance(cell, str) and known.get(_tidy(cell)))
    score = len(exact) + learned + len(contained) / 2
    return score if score >= 2 and len(names) >= 2 else 0


def heading(cell: Cell) -> str:
    """A heading as it is compared: half-width, lower case, no blanks, signs or bracketed units."""
    text = folded(plain(cell))
    short = _BRACKETS.sub("", text)
    return _NOISE.sub("", short or text)


def _tidy(cell: Cell) -> str:
    return " ".join(plain(cell).split())


@dataclass(frozen=True, slots=True)
class _Head:
    """A heading: the name it is remembered by, its text, and the word it is compared as."""

    name: str
    text: str
    word: str


class _Matching:
    """Columns and fields being brought together: each at most once, the first claim stands."""

    def __init__(self) -> None:
        self.fields: dict[int, str] = {}

    def take(self, number: int, field_key: str) -> None:
        """Give the column to the field ("" leaves it out), unless either is given already."""
        if number not in self.fields and (not field_key or not self.has(field_key)):
            self.fields[number] = field_key

    def has(self, field_key: str) -> bool:
        """Whether a column fills the field."""
        return field_key in self.fields.values()


def _take_known(
    heads: Mapping[int, _Head], table: Table, known: Mapping[str, str], matching: _Matching
) -> None:
    keys = {"", *(field.key for field in table.fields)}
    for number, head in heads.items():
        if known.get(head.name) in keys:
            matching.take(number, known[head.name])


def _heads(row: Sequence[Cell]) -> dict[int, _Head]:
    """Column number to heading, a repeated one numbered #2, #3. Our own reason column is passed
    over, and so are columns without a heading."""
    heads: dict[int, _Head] = {}
    seen: dict[str, int] = {}
    for number, cell in enumerate(row, 1):
        text = _tidy(cell)
        if not text or text in REASON_HEADERS:
            continue
        seen[text] = seen.get(text, 0) + 1
        name = text if seen[text] == 1 else f"{text}#{seen[text]}"
        heads[number] = _Head(name, text, heading(text))
    return heads


def _take_named(heads: Mapping[int, _Head], vocabulary: _Vocabulary, matching: _Matching) -> None:
    for number, head in heads.items():
        for key in vocabulary.named(head.word):
            matching.take(number, key)


def _take_shared(
    heads: Mapping[int, _Head], table: Table, vocabulary: _Vocabulary, matching: _Matching
) -> None:
    """Headings that several fields share (电话, 生日) go to the field of the column they follow."""
    anchors = {field.beside for field in table.fields if field.beside}
    anchor = ""
    for number, head in heads.items():
        if matching.fields.get(number) in anchors:
            anchor = matching.fields[number]
        owners = [table.field(key) for key in vocabulary.sharing(head.word)]
        for field in sorted(owners, key=lambda each: each.beside != anchor):
            matching.take(number, field.key)


def _take_contained(
    heads: Mapping[int, _Head], vocabulary: _Vocabulary, matching: _Matching
) -> None:
    """The longest common words first: 客户经理工号 is the number before it is the manager."""
    claims = [
        (-size, number, key)
        for number, head in heads.items()
        for key, size in vocabulary.overlaps(head.word).items()
    ]
    for _size, number, key in sorted(claims):
        matching.take(number, key)


def _guess(
    sheet: Sheet, header_row: int, table: Table, numbers: set[int], matching: _Matching
) -> set[int]:
    """Match what is left by the shape of the values; the columns that were guessed."""
    guessed: set[int] = set()
    for field in table.fields:
        if field.looks_like is None or matching.has(field.key):
            continue
        for number in sorted(numbers - set(matching.fields)):
            samples = [
                row[number - 1]
                for row in sheet.rows[header_row : header_row + _SAMPLES]
                if row[number - 1] is not None
            ]
            fitting = sum(1 for cell in samples if field.looks_like(cell))
            if len(samples) >= 3 and fitting >= _SHAPE_SHARE * len(samples):
                matching.take(number, field.key)
                guessed.add(number)
                break
    return guessed


def _sample(sheet: Sheet, header_row: int, number: int, field: Field | None) -> str:
    for row in sheet.rows[header_row : header_row + _SAMPLES]:
        cell = row[number - 1]
        if cell is None or not plain(cell):
            continue
        return _masked(cell, field) if field is not None and field.is_masked else _short(cell)
    return ""


def _short(cell: Cell) -> str:
    return half_width(cell)[:24]


def _masked(cell: Cell, field: Field) -> str:
    """A sample of personal data, as previews show it; starred out where it cannot be read."""
    try:
        return field.show(field.reader(cell, Reading(date.max))).text
    except WrongValue:
        return re.sub(r"(?<=.{2}).(?=.{2})", "*", _short(cell))

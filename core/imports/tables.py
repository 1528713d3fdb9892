"""What an import needs to know of a table: its fields, and four functions over whole sets of rows.

An app describes its table once (organization.imports.STAFF, …); everything else here works for
any of them. ``config.tables.IMPORT_TABLES`` names the descriptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from config import tables
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.formats import full_day, month_name
from core.imports.values import Reader, Text
from core.periods import Month, local_date
from core.workbooks import Cell

NEW: Final = "new"
CHANGED: Final = "changed"
UNCHANGED: Final = "unchanged"
WRONG: Final = "wrong"


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as it is compared and as a preview shows it (personal data masked)."""

    compared: Any
    text: str


def shown_plainly(value: Any) -> Shown:
    """A value that may be seen: dates, amounts and yes/no as this product writes them."""
    if isinstance(value, bool):
        return Shown(value, _("是") if value else _("否"))
    if isinstance(value, Decimal):
        return Shown(value, f"{value:,.2f}")
    if isinstance(value, datetime):
        return Shown(value, f"{value:%Y-%m-%d %H:%M}")
    if isinstance(value, date):
        return Shown(value, full_day(value))
    if isinstance(value, Month):
        return Shown(value, month_name(value))
    return Shown(value, "" if value is None else str(value))


@dataclass(frozen=True, slots=True)
class Field:
    """A column that the table knows.

    ``aliases`` are other headings of it; those of ``shared`` belong to several fields, and mean
    this one to the right of the column of ``beside``. ``looks_like`` tells from a cell's shape
    alone that the column may be it. ``is_masked`` keeps the values out of previews.
    """

    key: str
    label: Promise | str
    reader: Reader
    aliases: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    beside: str = ""
    is_required: bool = False
    looks_like: Callable[[Cell], bool] | None = None
    show: Callable[[Any], Shown] = shown_plainly
    is_masked: bool = False
    in_summary: bool = False
    # Read and checked, but no part of the record: a manager's name beside the number.
    is_compared: bool = True


@dataclass(slots=True)
class Row:
    """A row of the file: its number in the sheet, what was read, what is wrong."""

    number: int
    values: dict[str, Any]
    written: dict[str, str]
    problems: list[tuple[str, Text]] = field(default_factory=list)

    @property
    def is_wrong(self) -> bool:
        return bool(self.problems)

    def refuse(self, field_key: str, reason: Text) -> None:
        """Note what is wrong with a field of the row; ``field_key`` "" for the whole row."""
        if (field_key, reason) not in self.problems:
            self.problems.append((field_key, reason))


@dataclass(frozen=True, slots=True)
class Scope:
    """Who imports, on which day, into which branches (None: into all), for which month,
    from which file."""

    actor: Actor
    at: datetime
    on: date
    branches: frozenset[int] | None
    month: Month | None = None
    origin: str = ""

    def covers(self, branch_id: int | None) -> bool:
        """Whether rows of the branch may be written."""
        return self.branches is None or branch_id in self.branches


References = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be filled from a file.

    ``references(scope)`` reads what cells refer to, once; ``resolve(rows, references, scope)``
    checks rows against it and against each other and puts in what was referred to;
    ``current(keys, references, scope)`` gives the stored record of each key, field by field;
    ``write(new, changed, references, scope)`` writes. Each costs a fixed number of statements.
    ``branches(actor)`` are those into which the actor may import: None for all, none at all when
    empty. ``code_field`` is what a preview shows of the key, when that is not the key itself.
    ``needs_month``: the file is of one month, which whoever imports it names. ``more_fields``
    are columns that are data themselves (indicators); one statement.
    """

    key: str
    label: Promise | str
    fields: tuple[Field, ...]
    key_field: str
    name_field: str
    references: Callable[[Scope], References]
    resolve: Callable[[Sequence[Row], References, Scope], None]
    current: Callable[[Sequence[Any], References, Scope], Mapping[Any, Mapping[str, Shown]]]
    write: Callable[[Sequence[Row], Sequence[Row], References, Scope], None]
    branches: Callable[[Actor], frozenset[int] | None]
    code_field: str = ""
    summary: Callable[[Row], str] | None = None
    needs_month: bool = False
    more_fields: Callable[[], tuple[Field, ...]] | None = None

    def scope(
        self, actor: Actor, at: datetime, month: Month | None = None, origin: str = ""
    ) -> Scope:
        """What this actor may import into the table at the moment; NotAllowed when nothing.

        Refused where the table holds one month's numbers and no month is named.
        """
        branches = self.branches(actor)
        if branches is not None and not branches:
            raise NotAllowed
        if self.needs_month and month is None:
            raise Refused(
                _("“%(table)s”是一个月的数字，请选月份。") % {"table": self.label}, field="month"
            )
        named = month if self.needs_month else None
        return Scope(actor, at, local_date(at), branches, named, origin)

    def field(self, key: str) -> Field:
        """The field of that key; KeyError when the table has none."""
        for each in self.fields:
            if each.key == key:
                return each
        raise KeyError(key)


def table_of(key: str) -> Table:
    """The description named in ``config.tables.IMPORT_TABLES``; NotFound for an unknown key."""
    path = tables.IMPORT_TABLES.get(key)
    if path is None:
        raise NotFound
    found: Table = import_string(path)
    if found.more_fields is None:
        return found
    return replace(found, fields=(*found.fields, *found.more_fields()), more_fields=None)

"""Lists: one tuple of Columns for page, column choice and export; pages by key, never by offset."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core.signing import BadSignature, Signer
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from core.parts import Tally

Row = TypeVar("Row")
Thing = TypeVar("Thing", bound=Model)
Text = str | Promise

PAGE_SIZE = 50
DENSITIES = ("normal", "tight")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column of a list.

    ``value`` is the plain value (XLSX, CSV); ``cell`` what the page shows in its place, when that
    is more than the value. ``sort`` is the order it stands for in the URL, "" for none. A column
    that is not ``is_shown`` is there for those who choose it.
    """

    key: str
    label: Text
    value: Callable[[Row], Any]
    cell: Callable[[Row], Any] | None = None
    is_number: bool = False
    is_shown: bool = True
    is_bare: bool = False
    sort: str = ""

    def shown(self, row: Row) -> SafeString:
        """What the page shows for the row, escaped unless it is safe already."""
        made = self.value(row) if self.cell is None else self.cell(row)
        return SafeString(conditional_escape("" if made is None else made))


@dataclass(frozen=True)
class KeysetPage(Generic[Row]):
    """One page of a list and the cursors of its neighbours ("" where there is none)."""

    rows: Sequence[Row]
    after: str = ""
    before: str = ""


def keyset_page(
    rows: QuerySet[Thing], *, order: Sequence[str], cursor: str = "", size: int = PAGE_SIZE
) -> KeysetPage[Thing]:
    """The rows after (or before) ``cursor`` in ``order``; one query, whatever the page.

    ``order`` are field names, "-" in front for descending; the last must be unique and none of
    them null. A cursor that cannot be read means the first page.
    """
    is_back, values = _read_cursor(cursor, order)
    way = [_turned(name) for name in order] if is_back else list(order)
    if values is not None:
        rows = rows.filter(_beyond(way, values))
    found = list(rows.order_by(*way)[: size + 1])
    has_more, found = len(found) > size, found[:size]
    if is_back:
        found.reverse()
    if not found:
        return KeysetPage([])
    has_next = values is not None if is_back else has_more
    has_previous = has_more if is_back else values is not None
    return KeysetPage(
        found,
        _write_cursor("a", found[-1], order) if has_next else "",
        _write_cursor("b", found[0], order) if has_previous else "",
    )


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that stand after the values: greater in the first field, or equal there and so on."""
    beyond, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        plain, side = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        beyond |= equal & Q(**{f"{plain}__{side}": value})
        equal &= Q(**{plain: value})
    return beyond


def _write_cursor(way: str, row: Model, order: Sequence[str]) -> str:
    values: list[Any] = [way]
    for name in order:
        value: Any = row
        for step in name.lstrip("-").split("__"):
            value = getattr(value, step)
        values.append(_packed(value))
    return _signer(order).sign_object(values)


def _signer(order: Sequence[str]) -> Signer:
    """Signs the cursors of one order: whatever else stands in an address is no place in a list."""
    return Signer(salt=f"cursor:{','.join(order)}")


def _packed(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"on": value.isoformat()}
    if isinstance(value, Decimal):
        return {"n": str(value)}
    return value


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict):
        if "at" in value:
            return datetime.fromisoformat(value["at"])
        return date.fromisoformat(value["on"]) if "on" in value else Decimal(value["n"])
    return value


def _read_cursor(cursor: str, order: Sequence[str]) -> tuple[bool, list[Any] | None]:
    """Whether the cursor looks back, and the values it stands at; None for no or a bad cursor."""
    try:
        way, *values = _signer(order).unsign_object(cursor)
    except (BadSignature, ValueError):
        return False, None
    return way == "b", [_unpacked(value) for value in values]


def matching(rows: QuerySet[Thing], words: str, *lookups: str) -> QuerySet[Thing]:
    """The rows in which each word is found by one of the lookups.

    ``search_text`` holds lower letters only, and is looked into by lower ones.
    """
    for word in words.split():
        found = Q()
        for lookup in lookups:
            is_lower = lookup.endswith("search_text__contains")
            found |= Q(**{lookup: word.lower() if is_lower else word})
        rows = rows.filter(found)
    return rows


@dataclass(frozen=True)
class Cell:
    """A cell as it is shown."""

    label: Text
    content: SafeString
    is_number: bool
    is_bare: bool


@dataclass(frozen=True)
class TableRow:
    """A row as it is shown; ``url`` opens it (in the panel), ``action`` stands at its right."""

    key: str
    head: SafeString
    cells: Sequence[Cell]
    url: str
    action: SafeString
    is_current: bool


@dataclass(frozen=True)
class TableHead:
    """A head as it is shown; ``order`` is "ascending", "descending" or "" for the reader's ears."""

    label: Text
    is_number: bool
    sort_url: str = ""
    order: str = ""


@dataclass(frozen=True)
class ColumnChoice:
    """A column in the menu of columns."""

    key: str
    label: Text
    is_shown: bool


@dataclass(frozen=True)
class WorkTable:
    """A list as the work table shows it; made by ``work_table``."""

    key: str
    caption: Text
    heads: Sequence[TableHead]
    rows: Sequence[TableRow]
    choices: Sequence[ColumnChoice]
    density: str
    after_url: str
    before_url: str
    kept: Sequence[tuple[str, str]]
    exports: Sequence[tuple[Text, str]]
    total: int | None
    is_selectable: bool
    has_actions: bool


def _nothing(row: Any) -> str:
    return ""


@dataclass(frozen=True)
class RowLinks(Generic[Row]):
    """What a row offers: its key, the page it opens, and the action at its right."""

    key: Callable[[Row], Any]
    url: Callable[[Row], str] = _nothing
    action: Callable[[Row], Any] = _nothing


def work_table(
    request: HttpRequest,
    page: KeysetPage[Row],
    columns: Sequence[Column[Row]],
    links: RowLinks[Row],
    *,
    key: str,
    caption: Text,
    total: int | None = None,
    current: str = "",
    is_selectable: bool = False,
    exports: Sequence[tuple[Text, str]] = (),
) -> WorkTable:
    """The list as the reader has set it: columns and density from the URL, else as last chosen.

    ``key`` names the table (its choice is remembered under it), ``current`` is the key of the row
    that stands in the panel, ``exports`` are (label, url); they get the columns and filters shown.
    """
    shown, density = chosen_columns(request, columns, key)
    first, *others = shown
    rows = [
        TableRow(
            str(links.key(row)),
            first.shown(row),
            [Cell(c.label, c.shown(row), c.is_number, c.is_bare) for c in others],
            links.url(row),
            SafeString(conditional_escape(links.action(row))),
            bool(current) and str(links.key(row)) == current,
        )
        for row in page.rows
    ]
    asked = request.GET.copy()
    for name in ("cursor", "columns", "density"):
        asked.pop(name, None)
    kept = [(name, value) for name, values in asked.lists() for value in values]
    query = asked.copy()
    query.setlist("columns", [column.key for column in shown])
    return WorkTable(
        key,
        caption,
        [_head(request, column) for column in shown],
        rows,
        [ColumnChoice(c.key, c.label, c in shown) for c in columns[1:]],
        density,
        own_address(request, cursor=page.after) if page.after else "",
        own_address(request, cursor=page.before) if page.before else "",
        kept,
        [
            (label, f"{url}{'&' if '?' in url else '?'}{query.urlencode()}")
            for label, url in exports
        ],
        total,
        is_selectable,
        any(row.action for row in rows),
    )


def chosen_columns(
    request: HttpRequest, columns: Sequence[Column[Row]], key: str
) -> tuple[list[Column[Row]], str]:
    """The columns and density asked for in the URL, else in the reader's cookie, else the usual.

    The first column always stands. Exports call it too, so that they hold what was shown.
    """
    keys = set(request.GET.getlist("columns"))
    density = request.GET.get("density", "")
    if not keys and not density:
        names, _dot, density = request.COOKIES.get(f"table-{key}", "").partition("|")
        keys = set(filter(None, names.split(".")))
    return columns_named(columns, keys), density if density in DENSITIES else DENSITIES[0]


def columns_named(columns: Sequence[Column[Row]], keys: Collection[str]) -> list[Column[Row]]:
    """The columns of these keys, the usual ones where none is known; the first always."""
    known = {column.key for column in columns} & set(keys)
    return [
        column
        for place, column in enumerate(columns)
        if place == 0 or (column.key in known if known else column.is_shown)
    ]


def _head(request: HttpRequest, column: Column[Any]) -> TableHead:
    head = TableHead(column.label, column.is_number)
    if not column.sort:
        return head
    asked = request.GET.get("sort", "")
    order = {column.sort: "ascending", f"-{column.sort}": "descending"}.get(asked, "")
    turned = f"-{column.sort}" if order == "ascending" else column.sort
    return replace(head, sort_url=own_address(request, sort=turned), order=order)


def own_address(request: HttpRequest, **changes: str) -> str:
    """The page's own address with these parameters set, or taken off where empty.

    Another view of a list begins at its first page: the cursor goes unless it is set.
    """
    query = request.GET.copy()
    query.pop("cursor", None)
    for name, value in changes.items():
        if value:
            query[name] = value
        else:
            query.pop(name, None)
    return f"?{query.urlencode()}"


def tallies_of(
    request: HttpRequest, counts: Mapping[str, int], kinds: Sequence[tuple[str, str, str]]
) -> list[Tally]:
    """The counts above a list; each filters it by ``?state=``, or lifts that filter again.

    ``kinds`` are (key of the count and of the filter, state of the chip, word); what does not
    occur is left out.
    """
    shown = request.GET.get("state", "")
    return [
        Tally(
            state,
            counts[key],
            own_address(request, state="" if shown == key else key),
            word,
            shown == key,
        )
        for key, state, word in kinds
        if counts[key]
    ]

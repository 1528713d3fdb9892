"""Whether a file fits another table better than the one it was handed in for."""

from __future__ import annotations

from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import Refused
from core.imports.columns import find_layout, is_named, missing_required
from core.imports.queries import importable
from core.imports.tables import Table, table_of
from core.workbooks import Book, open_table


def better_table(
    content: bytes, filename: str, table: Table, actor: Actor, *, has_month: bool
) -> Table | None:
    """The table whose fields the headings name, when it is not ``table``; None for no clear one.

    Asked where no row of the file is right. A table fits whose required columns are all there;
    the more headings it knows by name, the better. Only what the actor may import is offered,
    and what is of one month only where a month was named.
    """
    try:
        book = open_table(content, filename)
    except Refused:
        return None
    own = _fit(book, table)
    others = [
        other
        for other in importable(actor)
        if other.key != table.key and (has_month or not other.needs_month)
    ]
    fits = sorted(((_fit(book, other), other.key) for other in others), reverse=True)
    if not fits or not fits[0][0] > own or not fits[0][0][0]:
        return None
    is_tie = len(fits) > 1 and fits[0][0] == fits[1][0]
    return None if is_tie else table_of(fits[0][1])


def _fit(book: Book, table: Table) -> tuple[bool, int]:
    """Whether every required column is there, and how many headings the table knows by name."""
    try:
        layout = find_layout(book, table)
    except Refused:
        return False, 0
    named = sum(1 for column in layout.columns if is_named(column, table))
    return not missing_required(layout, table), named


def hint_of(key: str, chosen: str) -> str:
    """The sentence that offers the better table ``key``; "" for none."""
    if not key:
        return ""
    return _("表头更像“%(better)s”，不像“%(chosen)s”。") % {
        "better": table_of(key).label,
        "chosen": table_of(chosen).label,
    }

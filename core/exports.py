"""A list as a workbook: the columns that the reader has chosen, the rows that the filters leave."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar
from urllib.parse import quote

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from config import tables
from core import clock
from core.errors import Refused
from core.lists import Column, chosen_columns
from core.marked_days import days_marked
from core.requests import SignedInRequest
from core.workbooks import ColumnSpec, SheetSpec, write_workbook
from core.workbooks.writing import Kind

Thing = TypeVar("Thing", bound=Model)
Row = TypeVar("Row")

ROWS_AT_MOST: Final = 20_000
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def list_workbook(
    request: SignedInRequest,
    rows: QuerySet[Thing],
    columns: Sequence[Column[Thing]],
    *,
    key: str,
    name: str,
) -> HttpResponse:
    """The list as an XLSX for download; that it was handed out is written down.

    ``key`` is the table's, whose columns are taken as the page shows them; ``name`` is the
    file's without its ending. Refused for more than ROWS_AT_MOST rows.
    """
    shown, _density = chosen_columns(request, columns, key)
    found = list(rows[: ROWS_AT_MOST + 1])
    if len(found) > ROWS_AT_MOST:
        raise Refused(_("超过 %(n)d 行。先用条件筛选，再导出。") % {"n": ROWS_AT_MOST})
    actor = request.actor
    return hand_out(
        request,
        table_bytes(name, shown, found),
        name=name,
        rows=len(found),
        branch_id=None if actor.branches is None else actor.branch_id,
    )


def table_bytes(
    name: str,
    columns: Sequence[Column[Row]],
    rows: Sequence[Row],
    *,
    heading: Sequence[str] = (),
) -> bytes:
    """Rows as a workbook of one sheet: the plain value of each column, ``heading`` above."""
    with days_marked(None):
        values = [[_plain(column.value(row)) for column in columns] for row in rows]
    specs = [_spec(column, values, place) for place, column in enumerate(columns)]
    return write_workbook([SheetSpec(name, specs, values, heading=heading)])


def hand_out(
    request: SignedInRequest, content: bytes, *, name: str, rows: int, branch_id: int | None
) -> HttpResponse:
    """A workbook as a download; that it was handed out is written down.

    ``name`` is the file's without its ending, ``rows`` the number of records in it.
    """
    file_name = f"{name}.xlsx"
    import_string(tables.DISCLOSE)(
        actor=request.actor,
        at=clock.now(),
        name=file_name,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=rows,
        branch_id=branch_id,
    )
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name)}",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _plain(value: Any) -> Any:
    """What a cell can hold: lazy texts become texts."""
    if value is None or isinstance(value, int | Decimal | date | datetime):
        return value
    return str(value)


def _spec(column: Column[Any], values: Sequence[Sequence[Any]], place: int) -> ColumnSpec:
    """How a column is written, told by its first value."""
    first = next((row[place] for row in values if row[place] not in (None, "")), "")
    kind: Kind = "text"
    if isinstance(first, datetime):
        kind = "moment"
    elif isinstance(first, date):
        kind = "date"
    elif isinstance(first, Decimal):
        kind = "money"
    elif isinstance(first, int):
        kind = "integer"
    return ColumnSpec(str(column.label), kind)

"""One manager's marks of a month (annex 5.3), item by item: what the rows of a sheet lead to."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from core import clock
from core.formats import month_name
from core.periods import Month
from core.requests import SignedInRequest
from kpi.line_figures import plain
from kpi.metrics import CountedRow
from kpi.queries.marks import MarkCell, OwnMarks, own_marks
from kpi.sources.marks import note_of
from kpi.views.shared import neighbours


@dataclass(frozen=True)
class MarkedItem:
    """An item that people mark: its best mark, and a row for each of its questions."""

    code: str
    name: str
    best: str
    rows: Sequence[CountedRow]


@require_safe
def marks_of(request: SignedInRequest, month: Month, manager: int) -> HttpResponse:
    """What was given to a manager, by whom and when; what still lacks says so."""
    found = own_marks(request.actor, month, manager, clock.now())
    previous_url, next_url = neighbours("marks-of", month, manager)
    context = {
        "title": _title(found, month, is_own=found.manager.pk == request.actor.person_id),
        "manager": found.manager,
        "month": month,
        "items": [
            _item(list(cells)) for _code, cells in groupby(found.cells, lambda one: one.column.item)
        ],
        "previous_url": previous_url,
        "next_url": next_url,
    }
    return render(request, "kpi/marks_of.html", context)


def _title(found: OwnMarks, month: Month, *, is_own: bool) -> str:
    """Whose marks of which month, and how many still lack."""
    whose = month_name(month) if is_own else f"{found.manager.name} {month_name(month)}"
    lacking = sum(cell.mark is None for cell in found.cells)
    if lacking:
        return ngettext("%(month)s评分：还差 %(n)d 格", "%(month)s评分：还差 %(n)d 格", lacking) % {
            "month": whose,
            "n": lacking,
        }
    return _("%(month)s评分：都打完了") % {"month": whose}


def _item(cells: Sequence[MarkCell]) -> MarkedItem:
    column = cells[0].column
    return MarkedItem(column.item, column.item_name, plain(column.best), [_row(c) for c in cells])


def _row(cell: MarkCell) -> CountedRow:
    """A mark with who gave it; of an exam its name is the row's."""
    mark, column = cell.mark, cell.column
    label = _("成绩") if column.is_exam else column.name
    if mark is None:
        return CountedRow(label, "", "waiting", _("还没有"), "")
    if column.is_exam and mark.basis:
        label = mark.basis
    return CountedRow(label, note_of(mark), "done", _("%(n)s 分") % {"n": plain(mark.value)}, "")


urlpatterns = [
    path("marks/<month:month>/of/<int:manager>/", marks_of, name="marks-of"),
]

"""The grid on which people mark (annex 5.3): managers × questions and exams, saved cell by cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.errors import NotAllowed, NotFound, Refused
from core.exports import hand_out
from core.formats import moment, month_day, month_name
from core.marked_days import filled
from core.pages import toast, wants_json
from core.parts import Segment
from core.periods import Month, local_date
from core.requests import SignedInRequest, json_body, whole_number
from kpi import permissions
from kpi.line_figures import plain
from kpi.mark_table import marks_workbook
from kpi.models import Mark
from kpi.operations.marks import (
    BASIS_AT_MOST,
    CONFLICT,
    REFUSED,
    SAVED,
    Cell,
    Outcome,
    record_marks,
)
from kpi.queries.marks import MarkCell, MarkColumn, MarkGrid, MarkRow, mark_branches, mark_grid
from kpi.views.sheet_ways import labelled, with_values
from organization.models import Branch

TYPED_AT_MOST: Final = 20
_PARTS: Final = 3
# A row that is only read names so many who gave its marks; more stand in the cells.
_GIVERS_TOLD: Final = 2


@dataclass(frozen=True)
class ShownCell:
    """A cell as the page shows it; without ``can_write`` only its value.

    ``is_kept`` is one that the reader may not write although others of the column are his.
    """

    name: str
    label: str
    value: str
    seen: int
    note: str
    best: str
    can_write: bool
    is_kept: bool = False
    error: str = ""

    @property
    def anchor(self) -> str:
        """The id of its field."""
        return f"id-{self.name}"


@dataclass(frozen=True)
class ShownRow:
    """A manager's row; ``note`` says who gave its marks, where the cells do not."""

    name: str
    job_number: str
    cells: Sequence[ShownCell]
    note: str = ""


@dataclass(frozen=True)
class ItemHead:
    """An item above its questions: over how many columns, the best a cell can have."""

    name: str
    span: int
    best: str


@dataclass(frozen=True)
class Typed:
    """What came back from a form: what was typed into a cell, and what is wrong with it."""

    values: Mapping[str, str]
    errors: Mapping[str, str]
    seen: Mapping[str, int]


def cell_name(manager_id: int, item: str, question: str) -> str:
    """The name of a cell's field."""
    return f"cell:{manager_id}:{item}:{question}"


@require_safe
def marks_now(request: SignedInRequest) -> HttpResponse:
    """To the month that can be marked: the last one until its freeze, then the running one."""
    at = clock.now()
    running = Month.containing(local_date(at))
    for month in (running.previous, running):
        branches = mark_branches(request.actor, month)
        if branches and mark_grid(request.actor, month, branches[0].pk, at).is_open:
            return HttpResponseRedirect(reverse("marks", args=[month.key]))
    if not _may_see(request):
        raise NotAllowed(_("评分由本分公司主管打，考试成绩由市场部录。"))
    return HttpResponseRedirect(reverse("marks", args=[running.key]))


def _may_see(request: SignedInRequest) -> bool:
    return request.actor.reads_all or bool(request.actor.led_branches)


@require_safe
def marks(request: SignedInRequest, month: Month) -> HttpResponse:
    """The grid of a branch's month."""
    return _page(request, month, clock.now())


def _page(
    request: SignedInRequest,
    month: Month,
    at: datetime,
    typed: Typed | None = None,
    status: int = 200,
) -> HttpResponse:
    if not _may_see(request):
        raise NotAllowed(_("评分由本分公司主管打，考试成绩由市场部录。"))
    branches = mark_branches(request.actor, month)
    branch = _asked(request, branches)
    grid = mark_grid(request.actor, month, branch.pk, at)
    item = request.GET.get("item", "")
    columns = [one for one in grid.columns if item in ("", one.item)] or list(grid.columns)
    shown = _rows(grid, columns, request.actor.person_id, typed)
    wrong = [
        labelled(cell.label, cell.error, cell.anchor)
        for row in shown
        for cell in row.cells
        if cell.error
    ]
    here = reverse("marks", args=[month.key])
    running = Month.containing(local_date(at))
    context = {
        "title": _title(grid, at),
        "month": month,
        "branch": branch,
        "grid": grid,
        "columns": columns,
        "item_heads": _heads(columns),
        "rows": shown,
        "wrong": wrong,
        "can_write": grid.can_write,
        "closed": _closed(grid, at),
        "basis": str(request.POST.get("basis", ""))[:BASIS_AT_MOST],
        "basis_at_most": BASIS_AT_MOST,
        "record_url": with_values(
            reverse("marks-record", args=[month.key]), branch=branch.pk, item=item
        ),
        "export_url": reverse("marks-workbook", args=[month.key, branch.pk]),
        "branches": [
            Segment(one.name, with_values(here, branch=one.pk, item=item), one == branch)
            for one in branches
        ]
        if len(branches) > 1
        else [],
        "items": _items(grid, here, branch, item),
        "previous_url": with_values(
            reverse("marks", args=[month.previous.key]), branch=branch.pk, item=item
        ),
        "next_url": with_values(
            reverse("marks", args=[month.next.key]), branch=branch.pk, item=item
        )
        if month < running
        else "",
        "at": at,
    }
    return render(request, "kpi/marks.html", context, status=status)


@require_safe
def marks_export(request: SignedInRequest, month: Month, branch_id: int) -> HttpResponse:
    """A branch's grid as a workbook, all its items."""
    at = clock.now()
    made = marks_workbook(mark_grid(request.actor, month, branch_id, at), at)
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=branch_id)


def _asked(request: SignedInRequest, branches: Sequence[Branch]) -> Branch:
    """The branch that the address names, else the own or the first one."""
    asked = request.GET.get("branch")
    if asked is None:
        own = [one for one in branches if one.pk == request.actor.branch_id]
        found = [*own, *branches]
    else:
        found = [one for one in branches if one.pk == whole_number(asked)]
    if not found:
        raise NotFound
    return found[0]


def _title(grid: MarkGrid, at: datetime) -> str:
    month = {"month": month_name(grid.month)}
    if not grid.can_write:
        return _("%(month)s评分") % month
    if grid.lacking:
        return ngettext(
            "%(month)s评分：还差 %(n)d 格", "%(month)s评分：还差 %(n)d 格", grid.lacking
        ) % {**month, "n": grid.lacking}
    others = sum(cell.mark is None for row in grid.rows for cell in row.cells)
    if others:
        return ngettext(
            "%(month)s评分：您的都打完了，别人还差 %(n)d 格",
            "%(month)s评分：您的都打完了，别人还差 %(n)d 格",
            others,
        ) % {**month, "n": others}
    return _("%(month)s评分：都打完了") % month


def _closed(grid: MarkGrid, at: datetime) -> str:
    """Why nothing can be marked; "" while it can."""
    if grid.is_open:
        return ""
    if at > grid.end.frozen_at:
        return filled(
            _("本月评分已于 %(when)s 截止；之后的更改走锁定后更正。"),
            when=moment(grid.end.frozen_at, at),
        )
    return _("这个月还没有开始。")


def _items(grid: MarkGrid, here: str, branch: Branch, item: str) -> list[Segment]:
    """The items one by one, or all at once."""
    names = {column.item: column.item_name for column in grid.columns}
    if len(names) < 2:
        return []
    return [
        Segment(_("全部"), with_values(here, branch=branch.pk), item not in names),
        *(
            Segment(name, with_values(here, branch=branch.pk, item=code), code == item)
            for code, name in names.items()
        ),
    ]


def _heads(columns: Sequence[MarkColumn]) -> list[ItemHead]:
    """The items over the columns; a scheme keeps an item's questions together."""
    return [
        ItemHead(of_item[0].item_name, len(of_item), plain(of_item[0].best))
        for of_item in (list(group) for _code, group in groupby(columns, lambda one: one.item))
    ]


def _rows(
    grid: MarkGrid, columns: Sequence[MarkColumn], reader_id: int | None, typed: Typed | None
) -> list[ShownRow]:
    """The rows, cut down to some columns."""
    mine = {cell.column for row in grid.rows for cell in row.cells if cell.can_write}
    return [
        _row(
            row,
            [
                _cell(row, cell, grid.is_open, cell.column in mine, reader_id, typed)
                for cell in row.cells
                if cell.column in columns
            ],
        )
        for row in grid.rows
    ]


def _row(row: MarkRow, cells: Sequence[ShownCell]) -> ShownRow:
    """A row; for somebody who only reads it, who gave what stands is said once."""
    givers = list(dict.fromkeys(cell.note for cell in cells if cell.note))
    note = ""
    if not any(cell.can_write for cell in cells) and len(givers) <= _GIVERS_TOLD:
        note = _("，").join(givers)
        cells = [replace(cell, note="") for cell in cells]
    return ShownRow(row.member.name, row.member.job_number, cells, note)


def _cell(
    row: MarkRow,
    cell: MarkCell,
    is_open: bool,
    is_mine: bool,
    reader_id: int | None,
    typed: Typed | None,
) -> ShownCell:
    column, member = cell.column, row.member
    field = cell_name(member.manager_id, column.item, column.question)
    what = column.name if column.is_exam else f"{column.item_name} {column.name}"
    return ShownCell(
        field,
        f"{member.name} {what}",
        typed.values.get(field, cell.value) if typed else cell.value,
        typed.seen.get(field, cell.seen) if typed else cell.seen,
        mark_note(cell.mark, reader_id),
        plain(column.best),
        cell.can_write and is_open,
        is_mine and is_open and not cell.can_write,
        typed.errors.get(field, "") if typed else "",
    )


def mark_note(mark: Mark | None, reader_id: int | None) -> str:
    """Who gave a mark and when, where that was somebody else."""
    if mark is None or mark.recorded_by_id == reader_id:
        return ""
    return f"{mark.recorded_by.name} {month_day(mark.recorded_at)}"


# Recording


@require_POST
def marks_record(request: SignedInRequest, month: Month) -> HttpResponse:
    """Save cells, each by itself: a script is told of every cell, a form gets the grid again."""
    at = clock.now()
    if not (request.actor.has_role("supervisor") or permissions.can_mark_exams(request.actor)):
        raise NotAllowed(_("评分由本分公司主管打，考试成绩由市场部录。"))
    if wants_json(request):
        cells = _cells_of_script(json_body(request))
        outcomes = record_marks(month=month, cells=cells, actor=request.actor, at=at)
        return JsonResponse({"saved_at": at.isoformat(), "cells": [_told(one) for one in outcomes]})
    cells, values = _cells_of_form(request)
    try:
        outcomes = record_marks(month=month, cells=cells, actor=request.actor, at=at)
    except Refused as refused:
        toast(request, str(refused.message))
        return HttpResponseRedirect(_back(request, month))
    failed = [one for one in outcomes if one.state in (REFUSED, CONFLICT)]
    if failed:
        typed = Typed(
            values,
            {_name(one.cell): one.message for one in failed},
            {_name(one.cell): one.standing.pk if one.standing else 0 for one in outcomes},
        )
        return _page(request, month, at, typed, 409 if failed[0].state == CONFLICT else 422)
    saved = sum(one.state == SAVED for one in outcomes)
    toast(request, ngettext("已保存 %(n)d 格", "已保存 %(n)d 格", saved) % {"n": saved})
    return HttpResponseRedirect(_back(request, month))


def _back(request: SignedInRequest, month: Month) -> str:
    return with_values(
        reverse("marks", args=[month.key]),
        branch=whole_number(request.GET.get("branch")),
        item=request.GET.get("item", ""),
    )


def _name(cell: Cell) -> str:
    return cell_name(cell.manager_id, cell.item, cell.question)


def _told(one: Outcome) -> dict[str, Any]:
    """What became of a cell, for the script."""
    standing = one.standing
    return {
        "name": _name(one.cell),
        "state": one.state,
        "message": one.message,
        "seen": standing.pk if standing else 0,
        "value": plain(standing.value) if standing else "",
    }


def _cells_of_script(body: Mapping[str, Any]) -> list[Cell]:
    given = body.get("cells")
    if not isinstance(given, list):
        raise Refused(_("内容读不懂，请重新打开本页。"))
    basis = str(body.get("basis") or "")
    found = [
        _cell_from(str(one.get("name", "")), str(one.get("value", "")), one.get("seen"), basis)
        for one in given
        if isinstance(one, dict)
    ]
    return [one for one in found if one is not None]


def _cells_of_form(request: SignedInRequest) -> tuple[list[Cell], dict[str, str]]:
    """The cells that were changed in a form, and everything that stands in it."""
    basis = request.POST.get("basis", "")
    found, values = [], {}
    for name, value in request.POST.items():
        if not name.startswith("cell:"):
            continue
        text = str(value).strip()[:TYPED_AT_MOST]
        values[name] = text
        seen, _bar, was = str(request.POST.get(f"was:{name}", "")).partition("|")
        if text != was:
            found.append(_cell_from(name, text, seen, str(basis)))
    return [one for one in found if one is not None], values


def _cell_from(name: str, value: str, seen: object, basis: str) -> Cell | None:
    """A cell by the name of its field; None for what is none."""
    kind, _colon, rest = name.partition(":")
    parts = rest.split(":")
    manager_id = whole_number(parts[0]) if parts else None
    if kind != "cell" or len(parts) != _PARTS or manager_id is None:
        return None
    return Cell(
        manager_id,
        parts[1],
        parts[2],
        value.strip()[:TYPED_AT_MOST],
        whole_number(seen) or 0,
        basis[: BASIS_AT_MOST + 1],
    )


urlpatterns = [
    path("marks/", marks_now, name="marks-now"),
    path("marks/<month:month>/", marks, name="marks"),
    path(
        "marks/<month:month>/branches/<int:branch_id>/workbook/",
        marks_export,
        name="marks-workbook",
    ),
    path("marks/<month:month>/record/", marks_record, name="marks-record"),
]

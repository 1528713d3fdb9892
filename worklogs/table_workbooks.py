"""The board and the company's matrix as workbooks: exactly what the page shows at that moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.utils.translation import gettext as _

from core.exports import table_bytes
from core.formats import week_name, week_span
from core.lists import Column
from core.marked_days import days_marked
from core.periods import Week, local
from worklogs.board_table import rows_shown
from worklogs.choices import Standing
from worklogs.company_queries import BranchLine
from worklogs.company_table import DEVIATING, TALLIES, lines_shown
from worklogs.queries import Board, BoardRow

Row = TypeVar("Row")


@dataclass(frozen=True)
class TableWorkbook:
    """A table about to be handed out: the file's name without its ending, and how many rows."""

    name: str
    content: bytes
    rows: int


def board_workbook(
    state: Board, columns: Sequence[Column[BoardRow]], at: datetime, *, standing: str = ""
) -> TableWorkbook:
    """The branch's board with these columns; ``standing`` is the tally that filters it (P0)."""
    rows = rows_shown(state, standing)
    asked = str(Standing(standing).label) if standing in Standing.values else ""
    name = _("%(branch)s%(week)s看板") % {
        "branch": state.branch.name,
        "week": week_name(state.week),
    }
    return _made(name, columns, rows, state.week, at, asked)


def company_matrix(
    lines: Sequence[BranchLine],
    columns: Sequence[Column[BranchLine]],
    week: Week,
    at: datetime,
    *,
    only: str = "",
    view: str = "",
) -> TableWorkbook:
    """The matrix of branches as the tally ``only`` and the ``view`` leave it (W6)."""
    rows = lines_shown(lines, only=only, view=view)
    words = [str(TALLIES[only][1])] if only in TALLIES else []
    words += [_("只看偏差")] if view == DEVIATING else []
    name = _("各分公司%(week)s") % {"week": week_name(week)}
    return _made(name, columns, rows, week, at, _("、").join(words))


def _made(
    name: str,
    columns: Sequence[Column[Row]],
    rows: Sequence[Row],
    week: Week,
    at: datetime,
    asked: str,
) -> TableWorkbook:
    """The table under its name, its days, the moment it shows and what it was filtered by."""
    as_of = _("数据截至 %(at)s") % {"at": f"{local(at):%Y-%m-%d %H:%M:%S}"}
    heading = [name, f"{week_span(week)}　{as_of}"]
    if asked:
        heading.append(_("筛选：%(asked)s") % {"asked": asked})
    with days_marked(None):  # the same bytes over every door
        content = table_bytes(name, columns, rows, heading=heading)
    return TableWorkbook(name, content, len(rows))

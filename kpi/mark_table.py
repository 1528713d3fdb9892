"""The grid of a branch's marks (annex 5.3) as a workbook: managers × questions and exams."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.exports import table_bytes
from core.formats import month_day, month_name
from core.lists import Column
from core.marked_days import days_marked
from core.periods import local
from kpi.line_figures import plain
from kpi.queries.marks import MarkColumn, MarkGrid, MarkRow
from kpi.target_workbooks import Made


def mark_columns(grid: MarkGrid) -> tuple[Column[MarkRow], ...]:
    """The manager, a column for everything that people mark, and who gave the marks."""
    return (
        Column("job_number", gettext_lazy("工号"), lambda row: row.member.job_number),
        Column("name", gettext_lazy("姓名"), lambda row: row.member.name),
        *(_mark_column(place, column) for place, column in enumerate(grid.columns)),
        Column("givers", gettext_lazy("谁打的"), givers_text),
    )


def _mark_column(place: int, column: MarkColumn) -> Column[MarkRow]:
    name = (
        _("%(item)s成绩") % {"item": column.item_name}
        if column.is_exam
        else f"{column.item_name} {column.name}"
    )

    def value(row: MarkRow) -> object:
        mark = row.cells[place].mark
        return None if mark is None else mark.value

    return Column(f"{column.item}.{column.question}", f"{name}（0–{plain(column.best)}）", value)


def givers_text(row: MarkRow) -> str:
    """Everybody who gave marks of a row, and when."""
    given = [
        f"{cell.mark.recorded_by.name} {month_day(cell.mark.recorded_at)}"
        for cell in row.cells
        if cell.mark is not None
    ]
    return _("、").join(dict.fromkeys(given))


def marks_workbook(grid: MarkGrid, at: datetime) -> Made:
    """A branch's grid of a month, whole, as it stands at a moment."""
    name = _("%(branch)s%(month)s评分") % {
        "branch": grid.branch.name,
        "month": month_name(grid.month),
    }
    as_of = _("数据截至 %(at)s") % {"at": f"{local(at):%Y-%m-%d %H:%M:%S}"}
    with days_marked(None):  # the same bytes over every door
        content = table_bytes(name, mark_columns(grid), grid.rows, heading=[name, as_of])
    return Made(name, content, len(grid.rows))

"""The matrix of duties as a list: what each column says of a branch, on page and in a workbook."""

from collections.abc import Callable, Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.exports import table_bytes
from core.formats import month_name
from core.lists import Column
from core.marked_days import days_marked
from core.periods import local
from inspections.duty_matrix import DUTIES, BranchDuties, DutyCell, DutyMatrix
from inspections.matrix_cell import matrix_cell
from inspections.words import chip_state, short_word
from worklogs.table_workbooks import TableWorkbook

ALL, DEVIATING = "all", "deviating"
# What a cell's link is made of: branch and duty; "" where there is nothing under it.
Linking = Callable[[int, str], str]


def lines_shown(
    matrix: DutyMatrix, *, only: str = "", is_deviating: bool = False
) -> list[BranchDuties]:
    """The branches that the tally ``only`` leaves; unknown words leave all."""
    asked: dict[str, Callable[[BranchDuties], bool]] = {
        "missing": lambda line: line.missing > 0,
        "late": lambda line: line.deviating > line.missing,
    }
    is_asked = asked.get(only)
    return [
        line
        for line in matrix.lines
        if (is_asked is None or is_asked(line)) and (line.deviating or not is_deviating)
    ]


def cell_number(cell: DutyCell) -> str:
    """Done of due: 19/20; of what is not due yet 0/1, – where nothing was laid out."""
    if cell.due:
        return f"{cell.done}/{cell.due}"
    return f"0/{cell.coming}" if cell.coming else "–"


def cell_chips(cell: DutyCell) -> list[tuple[str, str]]:
    """What deviates, as chips: state and word; 未到期 where nothing is due yet."""
    if not cell.due and cell.coming:
        return [("not_due", _("未到期"))]
    return [(chip_state(kind), short_word(kind, count)) for kind, count in cell.kinds.items()]


def cell_text(cell: DutyCell) -> str:
    """The cell as plain text."""
    return " ".join([cell_number(cell), *(word for _state, word in cell_chips(cell))])


def _column(kind: str, linking: Linking, current: tuple[int, str]) -> Column[BranchDuties]:
    def cell(line: BranchDuties) -> SafeString:
        found = line.cells[kind]
        return matrix_cell(
            cell_number(found),
            cell_chips(found),
            linking(line.branch.pk, kind) if found.due or found.coming else "",
            is_current=current == (line.branch.pk, kind),
            is_muted=not found.deviations,
        )

    return Column(kind, DUTIES[kind][0], lambda line: cell_text(line.cells[kind]), cell=cell)


def duty_columns(
    *, linking: Linking = lambda _branch_id, _kind: "", current: tuple[int, str] = (0, "")
) -> tuple[Column[BranchDuties], ...]:
    """The branch, then a column for each duty; how much is missing for those who choose it."""
    return (
        Column("branch", gettext_lazy("分公司"), lambda line: line.branch.name),
        *(_column(kind, linking, current) for kind in DUTIES),
        Column(
            "missing",
            gettext_lazy("未做"),
            lambda line: line.missing,
            is_number=True,
            is_shown=False,
        ),
        Column(
            "late",
            gettext_lazy("迟或不齐"),
            lambda line: line.deviating - line.missing,
            is_number=True,
            is_shown=False,
        ),
        Column("code", gettext_lazy("编码"), lambda line: line.branch.code, is_shown=False),
    )


def duty_workbook(
    matrix: DutyMatrix,
    columns: Sequence[Column[BranchDuties]],
    *,
    only: str = "",
    is_deviating: bool = False,
) -> TableWorkbook:
    """The matrix with these columns, as the tally ``only`` and the view leave it."""
    rows = lines_shown(matrix, only=only, is_deviating=is_deviating)
    name = _("%(month)s各分公司履职") % {"month": month_name(matrix.month)}
    as_of = _("数据截至 %(at)s") % {"at": f"{local(matrix.cut_at):%Y-%m-%d %H:%M:%S}"}
    with days_marked(None):  # the same bytes over every door
        content = table_bytes(name, columns, rows, heading=[name, as_of])
    return TableWorkbook(name, content, len(rows))

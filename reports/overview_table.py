"""The month's overview as a list: what each column says of a branch, on page and in a workbook."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.chips import chip
from core.exports import table_bytes
from core.formats import month_name, number
from core.lists import Column
from core.marked_days import days_marked
from core.numbers import percent
from core.periods import Month, local
from inspections.matrix_cell import matrix_cell
from reports.choices import MonthPhase
from reports.spot_check_queries import BranchMonth, Line, MonthView
from worklogs.table_workbooks import TableWorkbook

ALL, DEVIATING = "all", "deviating"
ROLLUPS, LOGS = "rollups", "logs"
# What a cell's link is made of: branch and item; None where there is no page under it.
Linking = Callable[[int, str], str]


def shown_lines(
    lines: Iterable[BranchMonth], *, only: str = "", is_deviating: bool = False
) -> list[BranchMonth]:
    """The branches that the tally ``only`` leaves, the lowest score first.

    With ``is_deviating`` those alone of which something is amiss; unknown words leave all.
    """
    asked: dict[str, Callable[[BranchMonth], bool]] = {
        "missing": lambda one: _count(one, is_missing=True) > 0,
        "late": lambda one: _count(one, is_missing=False) > 0,
        "failed": lambda one: bool(one.failed),
    }
    is_asked = asked.get(only)
    found = [
        one
        for one in lines
        if (is_asked is None or is_asked(one)) and (one.deviates or not is_deviating)
    ]
    return sorted(found, key=lambda one: (one.score is None, one.score or Decimal(0), one.code))


def _count(one: BranchMonth, *, is_missing: bool) -> int:
    missing = sum(line.kinds.get("missing", 0) for line in one.lines)
    if is_missing:
        return missing + int(one.content[ROLLUPS]["missing"])
    return one.faults - missing + int(one.content[ROLLUPS]["late"])


def worst_cell(lines: Iterable[BranchMonth]) -> tuple[BranchMonth, Line] | None:
    """The branch and its item that lost the most points; of equal ones the first; None for none."""
    lost = [(one, line) for one in lines for line in one.lines if line.lost]
    return max(lost, key=lambda cell: cell[1].lost or Decimal(0), default=None)


def phase_word(phase: str) -> str:
    """暂计, 定稿, or 此刻 for what is judged now."""
    return str(MonthPhase(phase).label)


def _number(line: Line) -> str:
    """How much of an item was right: 44/48, or a share."""
    if not line.is_checked:
        return _("未查")
    if line.share is not None:
        return f"{number(line.share, 0)}%"
    return f"{line.right}/{line.counted}"


def line_text(line: Line | None) -> str:
    """An item's cell as plain text."""
    if line is None:
        return ""
    return " ".join([_number(line), *(word for _state, word in line.chips)])


def _item_column(
    code: str, name: str, linking: Linking, current: tuple[int, str], is_shown: bool
) -> Column[BranchMonth]:
    def cell(one: BranchMonth) -> SafeString | str:
        line = one.line(code)
        if line is None:
            return ""
        url = linking(one.branch_id, code) if line.is_checked else ""
        is_current = current == (one.branch_id, code)
        return matrix_cell(
            _number(line), line.chips, url, is_current=is_current, is_muted=not line.faults
        )

    return Column(code, name, lambda one: line_text(one.line(code)), cell=cell, is_shown=is_shown)


def counted_chips(one: BranchMonth, key: str) -> list[tuple[str, str]]:
    """What deviates among roll-ups, logs or summaries, as chips: state and word."""
    found = one.content[key]
    return [
        (state, text % {"n": found[kind]})
        for kind, state, text in (
            ("missing", "missing", _("缺 %(n)s")),
            ("late", "late", _("迟 %(n)s")),
        )
        if found[kind]
    ]


def _rollups_text(one: BranchMonth) -> str:
    found = one.content[ROLLUPS]
    return f"{found['done']}/{found['owed']}" if found["owed"] else "–"


def _logs_text(one: BranchMonth) -> str:
    found = one.content[LOGS]
    share = percent(found["done"], found["owed"], 0)
    return "–" if share is None else f"{share}%"


def _counted_column(
    key: str, label: object, main: Callable[[BranchMonth], str]
) -> Column[BranchMonth]:
    def cell(one: BranchMonth) -> SafeString:
        chips = counted_chips(one, key)
        return matrix_cell(main(one), chips, "", is_current=False, is_muted=not chips)

    def text(one: BranchMonth) -> str:
        return " ".join([main(one), *(word for _state, word in counted_chips(one, key))])

    return Column(key, label, text, cell=cell)  # type: ignore[arg-type]


def _score_cell(one: BranchMonth) -> SafeString:
    if one.failed:
        return chip("failed", _("没有做成"))
    if one.score is None:
        return chip("not_applicable", _("未查"))
    return format_html('<span class="score">{}</span>', number(one.score, 1))


def change_text(one: BranchMonth) -> str:
    """How the rank moved since the month before: ↑2, ↓1, =."""
    moved = one.rise
    if moved is None:
        return ""
    return "=" if not moved else f"{'↑' if moved > 0 else '↓'}{abs(moved)}"


def _rank_text(one: BranchMonth) -> str:
    if one.rank is None:
        return ""
    return " ".join(filter(None, (str(one.rank), change_text(one))))


def overview_columns(
    view: MonthView,
    *,
    linking: Linking = lambda _branch_id, _code: "",
    current: tuple[int, str] = (0, ""),
) -> tuple[Column[BranchMonth], ...]:
    """The matrix's columns: items (those that nobody could check are not shown), other duties."""
    known: dict[str, str] = {}
    checked: set[str] = set()
    for one in view.lines:
        for line in one.lines:
            known.setdefault(line.code, line.name)
            if line.is_checked:
                checked.add(line.code)
    items = [
        _item_column(code, name, linking, current, code in checked) for code, name in known.items()
    ]
    return (
        Column("branch", gettext_lazy("分公司"), lambda one: one.name),
        *items,
        _counted_column(ROLLUPS, gettext_lazy("周汇总"), _rollups_text),
        _counted_column(LOGS, gettext_lazy("日志及时"), _logs_text),
        Column(
            "score",
            gettext_lazy("得分"),
            lambda one: one.score,
            cell=_score_cell,
            is_number=True,
        ),
        Column("rank", gettext_lazy("名次"), _rank_text, is_number=True),
        Column(
            "checked",
            gettext_lazy("已查分值"),
            lambda one: one.checked,
            is_number=True,
            is_shown=False,
        ),
        Column("kept", gettext_lazy("得到分值"), lambda one: one.kept, is_number=True,
               is_shown=False),
        Column("code", gettext_lazy("编码"), lambda one: one.code, is_shown=False),
    )  # fmt: skip


def overview_workbook(
    view: MonthView,
    columns: Sequence[Column[BranchMonth]],
    month: Month,
    *,
    only: str = "",
    is_deviating: bool = False,
) -> TableWorkbook:
    """The matrix with these columns, as the tally ``only`` and the view leave it."""
    rows = shown_lines(view.lines, only=only, is_deviating=is_deviating)
    name = _("%(month)s履职总览") % {"month": month_name(month)}
    as_of = _("%(phase)s，数据截至 %(at)s") % {
        "phase": phase_word(view.phase),
        "at": f"{local(view.cut_at):%Y-%m-%d %H:%M:%S}",
    }
    with days_marked(None):  # the same bytes over every door
        content = table_bytes(name, columns, rows, heading=[name, as_of])
    return TableWorkbook(name, content, len(rows))

"""Score sheets as workbooks (K4): one with its lines, a branch's or the company's month.

All comes out of the frozen contents (kpi.breakdown); numbers and moments are real ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actors import Actor
from core.formats import month_name
from core.marked_days import days_marked
from core.numbers import rounded
from core.periods import Month
from core.workbooks import ColumnSpec, SheetSpec, write_workbook
from core.workbooks.writing import Value
from kpi.choices import SheetState
from kpi.labels import label_set_of, name_of
from kpi.line_figures import data_of
from kpi.line_words import rule
from kpi.models import ScoreSheet
from kpi.papers import ScorePaper, score_paper
from kpi.queries.sheet_branches import branch_lines
from kpi.queries.sheet_views import LineView, SheetView
from kpi.queries.sheets import ORDER, contents_of, filtered, sheets_for
from organization.models import Branch

_SIGNED: Final = '+0.00;"−"0.00;0.00'
Content = Mapping[str, Any]


@dataclass(frozen=True)
class Made:
    """A workbook: its file's name without the ending, its bytes, how many records are in it."""

    name: str
    content: bytes
    rows: int


# One sheet


def sheet_workbook(view: SheetView, *, url: str) -> Made:
    """One version of somebody's sheet: every line with its numbers, and what stands around it."""
    with days_marked(None):  # the same bytes over every door
        paper = score_paper(view, url=url)
    lines = list(view.lines.values())
    title = _("客户经理考核表")
    heading = (
        title,
        f"{paper.branch}　{paper.manager}（{paper.job_number}）　{paper.month}　{paper.scheme}",
    )
    content = write_workbook([_lines_sheet(view, heading), _facts_sheet(view, paper, title)])
    return Made(f"{paper.number}_{paper.version}", content, len(lines))


def _lines_sheet(view: SheetView, heading: Sequence[str]) -> SheetSpec:
    columns = (
        ColumnSpec(_("类别"), "text"),
        ColumnSpec(_("代码"), "text"),
        ColumnSpec(_("项目"), "text", 24),
        ColumnSpec(_("分值"), "decimal"),
        ColumnSpec(_("本月分值"), "decimal"),
        ColumnSpec(_("计分方式"), "text", 30),
        ColumnSpec(_("实际／应完成"), "text", 24),
        ColumnSpec(_("比率"), "percent"),
        ColumnSpec(_("得分"), "decimal", form=_SIGNED),
        ColumnSpec(_("失分"), "decimal"),
        ColumnSpec(_("条款"), "text"),
        ColumnSpec(_("说明"), "text", 30),
    )
    rows: list[list[Value]] = []
    for group in view.groups:
        rows += [_line(group.name, line, view.label_set) for line in group.lines]
    total: list[Value] = [_("总分"), *[None] * 7, view.total, None, None, view.band_name]
    sums = "　".join(
        f"{group.name} {'—' if group.score is None else group.score}" for group in view.groups
    )
    return SheetSpec(_("考核表"), columns, rows, heading=heading, total=total, notes=(sums,))


def _line(group: str, line: LineView, label_set: str) -> list[Value]:
    said = line.why_not
    if line.adjusted:
        said = _("已调整：%(why)s") % {"why": line.adjusted.get("why", "")}
    return [
        group,
        line.code,
        line.name,
        line.weight,
        line.effective,
        rule(line.line),
        data_of(line.line, label_set),
        line.rate,
        line.score,
        line.lost,
        line.clause,
        said,
    ]


def _facts_sheet(view: SheetView, paper: ScorePaper, title: str) -> SheetSpec:
    sheet = view.sheet
    facts: list[tuple[str, Value]] = [
        (_("编号"), paper.number),
        (_("版本"), _("第 %(n)d 版") % {"n": paper.version}),
        (_("状态"), paper.state),
        (_("密级"), paper.level),
        (_("数据截至"), paper.cut_at),
        (_("总分"), view.total),
        (_("等次"), paper.band),
        (_("系数"), view.coefficient),
        (_("内容摘要（SHA-256）"), paper.digest),
        (_("客户经理确认"), sheet.confirmed_at),
        (_("主管审"), sheet.supervised_at),
        (_("主管"), paper.signatures[1].name),
        (_("主管意见"), paper.supervisor_opinion),
        (_("总经理审批"), sheet.approved_at),
        (_("总经理"), paper.signatures[2].name),
        (_("总经理意见"), paper.head_opinion),
        *((_("申诉"), one) for one in paper.objections),
        *((_("说明"), note) for note in paper.notes),
        (_("网址"), paper.url),
    ]
    columns = (ColumnSpec(_("项目"), "text", 20), ColumnSpec(_("内容"), "text", 70))
    return SheetSpec(_("说明"), columns, facts, heading=(title,), is_landscape=False)


# A month's table


@dataclass(frozen=True)
class Row:
    """A sheet and its frozen content."""

    sheet: ScoreSheet
    content: Content


def table_workbook(
    actor: Actor,
    month: Month,
    *,
    branch: Branch | None = None,
    state: str = "",
    band: str = "",
    words: str = "",
) -> Made:
    """The month's sheets that the actor sees and the filters leave, all of them, on one sheet;
    every item's points on a second, for the company its branches on a third.

    A fixed number of queries.
    """
    sheets = filtered(
        sheets_for(actor, month, branch.pk if branch else None), state=state, band=band, words=words
    )
    found = list(sheets.select_related("manager", "branch").order_by(*ORDER))
    contents = contents_of(found)
    rows = [Row(sheet, contents[sheet.pk]) for sheet in found]
    label_set = label_set_of(month)
    place = branch.name if branch else _("全公司")
    heading = (
        _("%(place)s %(month)s考核得分") % {"place": place, "month": month_name(month)},
        ngettext("%(n)d 张考核表", "%(n)d 张考核表", len(rows)) % {"n": len(rows)},
    )
    made = [_totals(rows, label_set, heading), _items(rows, label_set, heading)]
    if branch is None:
        made.append(_branches(actor, month, heading))
    return Made(f"{place}_{month.key}_{_('考核得分')}", write_workbook(made), len(rows))


def _who() -> list[ColumnSpec]:
    return [
        ColumnSpec(_("分公司"), "text"),
        ColumnSpec(_("姓名"), "text"),
        ColumnSpec(_("工号"), "text"),
    ]


def _named(row: Row) -> list[Value]:
    manager = row.content["manager"]
    return [row.content["branch"]["name"], manager["name"], manager["job_number"]]


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _totals(rows: Sequence[Row], label_set: str, heading: Sequence[str]) -> SheetSpec:
    """People with the scores of their groups; groups of several schemes stand beside each other."""
    heads: dict[str, tuple[str, bool]] = {}
    for row in rows:
        for group in row.content["groups"]:
            name = name_of(group["names"], label_set)
            heads.setdefault(group["code"], (name, group["kind"] == "cases"))
    columns = [
        *_who(),
        *(
            ColumnSpec(name, "decimal", form=_SIGNED if is_cases else "")
            for name, is_cases in heads.values()
        ),
        ColumnSpec(_("总分"), "decimal"),
        ColumnSpec(_("等次"), "text"),
        ColumnSpec(_("系数"), "decimal"),
        ColumnSpec(_("状态"), "text"),
        ColumnSpec(_("版本"), "integer"),
        ColumnSpec(_("方案"), "integer"),
        ColumnSpec(_("数据截至"), "moment"),
    ]
    values: list[list[Value]] = []
    for row in rows:
        scores = {group["code"]: _decimal(group["score"]) for group in row.content["groups"]}
        content = row.content
        values.append(
            [
                *_named(row),
                *(scores.get(code) for code in heads),
                _decimal(content["total"]),
                name_of(content["band_names"], label_set) if content["band_names"] else _("不评"),
                _decimal(content["coefficient"]),
                row.sheet.get_state_display(),
                row.sheet.newest,
                content["scheme"]["number"],
                datetime.fromisoformat(content["cut_at"]),
            ]
        )
    return SheetSpec(_("得分"), columns, values, heading=heading, total=_means(values, columns))


def _means(values: Sequence[Sequence[Value]], columns: Sequence[ColumnSpec]) -> list[Value] | None:
    """The mean of each column of points over those who have some, as a last row."""
    if len(values) < 2:
        return None
    row: list[Value] = [_("平均"), *[None] * (len(columns) - 1)]
    for place, column in enumerate(columns):
        cells = [one[place] for one in values]
        known = [cell for cell in cells if isinstance(cell, Decimal)]
        if column.kind == "decimal" and known:
            row[place] = rounded(sum(known, Decimal(0)) / len(known))
    return row


def _items(rows: Sequence[Row], label_set: str, heading: Sequence[str]) -> SheetSpec:
    """People by items: the points of each; empty where an item does not apply."""
    heads: dict[str, str] = {}
    for row in rows:
        for group in row.content["groups"]:
            for item in group["items"]:
                name = name_of(item["names"], label_set)
                heads.setdefault(item["code"], f"{item['code']} {name}")
    columns = [*_who(), *(ColumnSpec(name, "decimal", form=_SIGNED) for name in heads.values())]
    values: list[list[Value]] = []
    for row in rows:
        scores = {
            item["code"]: _decimal(item["score"])
            for group in row.content["groups"]
            for item in group["items"]
        }
        values.append([*_named(row), *(scores.get(code) for code in heads)])
    return SheetSpec(_("各项得分"), columns, values, heading=heading)


def _branches(actor: Actor, month: Month, heading: Sequence[str]) -> SheetSpec:
    """Branch by branch: how many sheets stand where, and their mean."""
    lines = branch_lines(actor, month)
    columns = [
        ColumnSpec(_("分公司"), "text"),
        ColumnSpec(_("考核表"), "integer"),
        ColumnSpec(_("参评"), "integer"),
        ColumnSpec(_("平均分"), "decimal"),
        *(ColumnSpec(str(state.label), "integer") for state in SheetState),
    ]
    values: list[list[Value]] = [
        [
            line.name,
            line.total,
            line.rated,
            line.mean,
            *(line.states[state.value] for state in SheetState),
        ]
        for line in lines
    ]
    return SheetSpec(_("分公司"), columns, values, heading=heading)

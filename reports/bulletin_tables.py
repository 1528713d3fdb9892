"""The bulletin's tables, from its figures: the company's, or a branch's with its own rows.

Widths are shares of the page in per cent and add up to 100. In a branch's edition the table of
all branches stands for comparison, everything else holds the own rows, with people by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.numbers import percent, rounded
from reports.bulletin_view import NOT_CHECKED, Figures, View, ranked, text_of
from reports.document import Column, Table
from reports.figures import mean_of, share_of
from reports.rules import rise

GRADES: Final = {"good": "良好", "pass": "合格", "rectify": "整改", "": ""}
FAULTS: Final = {
    "missing": "缺", "late": "迟", "mismatch": "不一致", "incomplete": "不齐", "stale": "过期",
    "wrong": "有误", "content": "内容不足",
}  # fmt: skip


@dataclass(frozen=True)
class Project:
    """A project of annex 8, part 4: what it is called, its main figure, its check items."""

    name: str
    figure: str
    items: tuple[str, ...]


PROJECTS: Final = (
    Project("客户服务标准", "服务频次达标率", ("frequency",)),
    Project("客户感知", "知晓与换管告知率", ("perception", "notice")),
    Project("客户资料管理", "资料及时准确率", ("data",)),
    Project("记录一致性", "周报与系统一致率", ("agree",)),
    Project("生日宣传品", "记录完整率", ("birthday",)),
    Project("会议", "纪要与签到齐全率", ("minutes",)),
    Project("计划与汇总", "按时率", ("punctual",)),
)


def _difference(now: str | None, before: str | None) -> str:
    return "" if now is None or before is None else str(Decimal(now) - Decimal(before))


def _move(branch: Figures) -> str:
    by = rise(branch["rank"], branch["previous_rank"])
    if by is None:
        return ""
    return "持平" if not by else f"{'升' if by > 0 else '降'} {abs(by)}"


# Part 3


def ranks_table(view: View) -> Table:
    """Score, rank and what was a month before, of every branch in every edition."""
    figures = view.figures
    rows = ranked(figures["branches"])
    known = [Decimal(row["score"]) for row in rows if row["score"] is not None]
    before = [Decimal(row["previous_score"]) for row in rows if row["previous_score"] is not None]
    mean, mean_before = text_of(mean_of(known)) or None, text_of(mean_of(before)) or None
    good, passed = figures["good"], figures["pass"]
    return Table(
        key="ranks",
        caption="各分公司服务质量得分与排名",
        columns=(
            Column("rank", "名次", "integer", 7),
            Column("branch", "分公司", "text", 18),
            Column("managers", "客户经理（人）", "integer", 10),
            Column("score", "得分", "decimal", 9),
            Column("grade", "等次", "text", 8),
            Column("checked", "已查分值", "decimal", 9),
            Column("previous_score", "上月得分", "decimal", 9),
            Column("previous_rank", "上月名次", "integer", 7),
            Column("change", "分差", "signed", 8),
            Column("move", "名次变化", "text", 8),
            Column("problems", "问题（项）", "integer", 7),
        ),
        rows=tuple(
            (
                text_of(row["rank"]),
                row["name"],
                str(row["managers"]),
                text_of(row["score"]),
                GRADES[row["grade"]] if not row["failed"] else "未生成",
                row["checked"],
                text_of(row["previous_score"]),
                text_of(row["previous_rank"]),
                _difference(row["score"], row["previous_score"]),
                _move(row),
                str(row["problems"]),
            )
            for row in rows
        ),
        total=(
            "",
            "全公司",
            str(sum(row["managers"] for row in rows)),
            text_of(mean),
            "",
            "",
            text_of(mean_before),
            "",
            _difference(mean, mean_before),
            "",
            str(sum(row["problems"] for row in rows)),
        ),
        note=f"{good}分及以上为良好，{passed}至{good - 1}.99分为合格，低于{passed}分为整改；"
        "得分＝得到分值÷已查分值×100，未检查的项目不计分也不扣分；按四舍五入后的两位小数比较。",
        urls=tuple(row["url"] for row in rows),
    )


# Part 4


def projects_table(view: View) -> Table:
    """The seven projects of annex 8 with their main figure; what was not checked says so."""
    items = {item["code"]: item for item in view.figures["items"]}
    known = {code for project in PROJECTS for code in project.items}
    others = tuple(
        Project(item["name"], "合格率", (code,))
        for code, item in items.items()
        if code not in known
    )
    rows = [
        _project_row(view, number, project, items)
        for number, project in enumerate((*PROJECTS, *others), 1)
    ]
    return Table(
        key="projects",
        caption="各分项的主要指标",
        columns=(
            Column("project", "分项", "text", 18),
            Column("figure", "主要指标", "text", 22),
            Column("now", "本月（%）", "percent", 10, 1),
            Column("change", "较上月（百分点）", "signed", 12, 1),
            Column("note", "说明", "text", 38),
        ),
        rows=tuple(rows),
    )


def _project_row(
    view: View, number: int, project: Project, items: Mapping[str, Figures]
) -> tuple[str, ...]:
    shown = [items[code] for code in project.items if code in items]
    lines = [line for item in shown for line in view.own(item["lines"]) if line["is_checked"]]
    if not lines:
        return (f"{number} {project.name}", project.figure, "", "", NOT_CHECKED)
    now = share_of(lines)
    change = "" if now is None else _difference(str(now), text_of(_before(view, shown)) or None)
    return (f"{number} {project.name}", project.figure, text_of(now), change, _kinds(lines))


def _before(view: View, items: Sequence[Figures]) -> Decimal | None:
    """The share of the month before, of the same branches; None where an item was not checked."""
    past = [view.own(item.get("past", ())) for item in items if view.checks(item)]
    if not all(any(line["counted"] for line in lines) for lines in past):
        return None
    return share_of([line for lines in past for line in lines])


def _kinds(lines: Sequence[Figures]) -> str:
    counts: dict[str, int] = {}
    for line in lines:
        for kind, count in line["faults"].items():
            counts[kind] = counts.get(kind, 0) + count
    if not counts:
        return "没有发现问题"
    return "，".join(f"{FAULTS.get(kind, kind)}{count}处" for kind, count in counts.items())


def agreement_table(view: View) -> Table | None:
    """Declared against counted, branch by branch; None where it was not checked."""
    found = [item for item in view.figures["items"] if item["code"] == "agree"]
    lines = [line for item in found for line in view.own(item["lines"]) if line["is_checked"]]
    if not lines:
        return None
    rows = [_agreement(view.names[line["branch"]], [line]) for line in lines]
    return Table(
        key="agreement",
        caption="周报申报数与系统日志的一致情况",
        columns=(
            Column("branch", "分公司", "text", 28),
            Column("counted", "核对周报（份）", "integer", 18),
            Column("right", "一致（份）", "integer", 18),
            Column("wrong", "不一致（处）", "integer", 18),
            Column("share", "一致率（%）", "percent", 18, 1),
        ),
        rows=tuple(rows),
        total=_agreement("合计", lines) if len(rows) > 1 else (),
    )


def _agreement(name: str, lines: Sequence[Figures]) -> tuple[str, ...]:
    wrong = sum(sum(line["faults"].values()) for line in lines)
    counted, right = (sum(line[key] for line in lines) for key in ("counted", "right"))
    return (name, str(counted), str(right), str(wrong), text_of(share_of(lines)))


def punctuality_table(view: View) -> Table | None:
    """Summaries, roll-ups and logs: owed, in time, late, missing; None where nothing was due."""
    branches = [one for one in view.branches if any(_owed(one, key) for key in _DUTIES)]
    if not branches:
        return None
    rows = [_punctual(branch["name"], [branch]) for branch in branches]
    return Table(
        key="punctuality",
        caption="周报、周汇总与服务日志的及时情况",
        columns=(
            Column("branch", "分公司", "text", 17),
            Column("summaries", "周报应交", "integer", 9),
            Column("on_time", "按时", "integer", 8),
            Column("late", "迟交", "integer", 8),
            Column("missing", "未交", "integer", 8),
            Column("share", "按时率（%）", "percent", 10, 1),
            Column("rollups", "周汇总应报", "integer", 10),
            Column("rollups_late", "迟报", "integer", 8),
            Column("rollups_missing", "未报", "integer", 8),
            Column("logs", "日志（条）", "integer", 7),
            Column("logs_share", "及时（%）", "percent", 7, 1),
        ),
        rows=tuple(rows),
        total=_punctual("合计", branches) if len(rows) > 1 else (),
        note="周报和周汇总计入其截止日所在的月份。",
    )


def meetings_table(view: View) -> Table | None:
    """Minuted meetings: held of owed, in time, signed, minuted, whole, marks of their content
    (annex 8, 4.6); None where none was owed or none judged."""
    branches = [one for one in view.branches if one.get("meetings", {}).get("owed")]
    if not branches:
        return None
    rows = [_met(branch["name"], [branch]) for branch in branches]
    return Table(
        key="meetings",
        caption="例会、沟通会与分析会的召开和记录情况",
        columns=(
            Column("branch", "分公司", "text", 19),
            Column("owed", "应开（次）", "integer", 9),
            Column("held", "已开（次）", "integer", 9),
            Column("sittings", "会议（场）", "integer", 9),
            Column("in_time", "按时起止", "integer", 9),
            Column("signed", "签到齐", "integer", 8),
            Column("minuted", "纪要按时", "integer", 9),
            Column("whole", "记录齐全", "integer", 9),
            Column("share", "齐全率（%）", "percent", 10, 1),
            Column("quality", "内容均分", "decimal", 9, 2),
        ),
        rows=tuple(rows),
        total=_met("合计", branches) if len(rows) > 1 else (),
        note="合开的会按职责计应开与已开，记录按场计；内容由市场部按项评0至5分，未评的不计。",
    )


def _met(name: str, branches: Sequence[Figures]) -> tuple[str, ...]:
    counted = ("owed", "held", "sittings", "in_time", "signed", "minuted", "whole")
    sums = {
        key: sum(branch["meetings"][key] for branch in branches)
        for key in (*counted, "marked", "points")
    }
    marked = sums["marked"]
    return (
        name,
        *(str(sums[key]) for key in counted),
        text_of(percent(sums["whole"], sums["sittings"])),
        text_of(rounded(Decimal(sums["points"]) / marked)) if marked else "",
    )


_DUTIES: Final = ("summaries", "rollups", "logs")


def _owed(branch: Figures, key: str) -> int:
    return int(branch[key]["owed"])


def _punctual(name: str, branches: Sequence[Figures]) -> tuple[str, ...]:
    def count(duty: str, what: str) -> int:
        return sum(branch[duty][what] for branch in branches)

    return (
        name,
        str(count("summaries", "owed")),
        str(count("summaries", "done")),
        str(count("summaries", "late")),
        str(count("summaries", "missing")),
        text_of(percent(count("summaries", "done"), count("summaries", "owed"))),
        str(count("rollups", "owed")),
        str(count("rollups", "late")),
        str(count("rollups", "missing")),
        str(count("logs", "owed")),
        text_of(percent(count("logs", "done"), count("logs", "owed"))),
    )

"""The bulletin's longer lists: problems, findings, assessment, and the tables of the annex."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from core.numbers import rounded
from inspections.choices import FindingState
from reports.bulletin_view import NOT_CHECKED, Figures, View, ranked, text_of
from reports.document import Column, Table
from reports.figures import mean_of

# Findings that somebody still has to do something about by their day.
_TO_DO: Final = (FindingState.OPEN, FindingState.CONFIRMED, FindingState.CARRIED)

# Parts 6 to 8


def problems_table(view: View) -> Table | None:
    """Every problem of the month; None where none was found."""
    problems = view.own(view.figures["problems"])
    if not problems:
        return None
    items: dict[str, str] = {one["code"]: one["name"] for one in view.figures["items"]}
    cost = sum((Decimal(one["points"] or 0) for one in problems), Decimal(0))
    names = view.short_names
    raised = {one["number"]: one for one in view.figures["findings"]}

    def evidence(problem: Figures) -> str:
        number: str = problem["evidence"]
        finding = raised.get(number)
        if finding is None or not is_past(finding, view.on):
            return number
        return f"{number} {state_of(finding, view.on)}"

    return Table(
        key="problems",
        caption=f"{int(view.figures['month'][5:])}月检查发现的问题",
        columns=(
            Column("number", "序号", "integer", 6),
            Column("branch", "分公司", "text", 8),
            Column("item", "项目", "text", 14),
            Column("person", view.who_label, "text", 8),
            Column("fact", "事实", "text", 37),
            Column("points", "扣分", "decimal", 6),
            Column("evidence", "证据编号", "text", 15),
            Column("due_on", "期限", "date", 12),
        ),
        rows=tuple(
            (
                str(number),
                names[one["branch"]],
                items.get(one["item"], str(one["item"])),
                view.who(one["person"]),
                view.masking.told(one["fact"], view.branch_id),
                text_of(one["points"]),
                evidence(one),
                one["due_on"],
            )
            for number, one in enumerate(problems, 1)
        ),
        total=("", "合计", "", "", "", str(cost), "", ""),
        note="一项扣完该项分值为止；按比例计分的项目不逐条列扣分。没有期限的尚未立为问题，期限已过的注明整改情况。",
        urls=tuple(one["url"] for one in problems),
    )


def is_past(finding: Figures, on: date) -> bool:
    """Whether its day has passed by a day."""
    return date.fromisoformat(finding["due_on"]) < on


def state_of(finding: Figures, on: date) -> str:
    """What had become of a finding by a day, in a word."""
    if finding["is_closed"]:
        return "已闭环"
    if finding["is_overdue"] or (finding["state"] in _TO_DO and is_past(finding, on)):
        return "逾期"
    words = {"open": "待确认", "objected": "有异议", "answered": "待复查", "carried": "转入本月"}
    return words.get(finding["state"], "整改中")


def follow_up_table(view: View) -> Table | None:
    """What became of earlier months' findings; None where there were none."""
    found = [one for one in view.own(view.figures["findings"]) if not one["is_new"]]

    def said(one: Figures) -> str:
        return state_of(one, view.on)

    return _findings_table(view, found, "follow_up", "上期及以前问题的整改情况", "结果", said)


def rectify_table(view: View) -> Table | None:
    """What has to be put right, by whom, by when, and how it is checked; None for nothing.

    A row whose day has passed says so, or what became of it.
    """
    found = [
        one for one in view.own(view.figures["findings"]) if one["is_new"] and not one["is_closed"]
    ]
    judged = {item["code"] for item in view.figures["items"] if item["is_checked"]}

    def checked(one: Figures) -> str:
        how = "系统复核" if one["item"] in judged else "人工复查"
        return f"{state_of(one, view.on)}，{how}" if is_past(one, view.on) else how

    return _findings_table(view, found, "rectify", "整改要求", "验收方式", checked)


def _findings_table(
    view: View,
    found: Sequence[Figures],
    key: str,
    caption: str,
    last: str,
    said: Callable[[Figures], str],
) -> Table | None:
    if not found:
        return None
    return Table(
        key=key,
        caption=caption,
        columns=(
            Column("number", "编号", "text", 15),
            Column("title", "事项", "text", 35),
            Column("branch", "责任单位", "text", 16),
            Column("owner", "责任人" if view.branch_id else "责任人工号", "text", 12),
            Column("due_on", "期限", "date", 11),
            Column(key, last, "text", 11),
        ),
        rows=tuple(
            (
                one["number"],
                view.masking.told(one["title"], view.branch_id),
                view.names.get(one["branch"], ""),
                view.who(one["owner"]),
                one["due_on"],
                said(one),
            )
            for one in found
        ),
        urls=tuple(one["url"] for one in found),
    )


# Part 9 and the annex


def assessment_table(view: View) -> Table | None:
    """Each branch's managers by band; None where no sheet was computed."""
    sheets = view.figures["sheets"]
    managers = view.own(sheets["managers"])
    if not managers:
        return None
    bands = sheets["bands"]
    by_branch: dict[int, list[Figures]] = {}
    for one in managers:
        by_branch.setdefault(one["branch"], []).append(one)
    width = 52 // max(1, len(bands) + 1)
    rows = [
        _banded(branch["name"], by_branch[branch["id"]], bands)
        for branch in view.figures["branches"]
        if branch["id"] in by_branch
    ]
    return Table(
        key="assessment",
        caption="客户经理考核结果",
        columns=(
            Column("branch", "分公司", "text", 100 - 12 - 12 - width * (len(bands) + 1)),
            Column("managers", "参评（人）", "integer", 12),
            Column("mean", "平均分", "decimal", 12),
            *(Column(band["code"], band["name"], "integer", width) for band in bands),
            Column("unrated", "不评", "integer", width),
        ),
        rows=tuple(rows),
        total=_banded("合计", managers, bands) if len(rows) > 1 else (),
        note="" if sheets["is_locked"] else "考核表尚未锁定；锁定后有变动的，以补充通报为准。",
    )


def _banded(name: str, managers: Sequence[Figures], bands: Sequence[Figures]) -> tuple[str, ...]:
    rated = [one for one in managers if one["total"] is not None]
    mean = mean_of([Decimal(one["total"]) for one in rated])
    return (
        name,
        str(len(rated)),
        text_of(mean),
        *(str(sum(1 for one in rated if one["band"] == band["code"])) for band in bands),
        str(len(managers) - len(rated)),
    )


def items_table(view: View) -> Table | None:
    """Points kept by branch and item, the mean below; None where nothing was judged."""
    items = view.figures["items"]
    checked = [item for item in items if item["is_checked"]]
    if not checked:
        return None
    lines = {
        (line["branch"], item["code"]): line["kept"] for item in checked for line in item["lines"]
    }
    width = 60 // len(checked)
    rest = 100 - width * len(checked)
    by_branch = [
        (
            branch["name"],
            *(text_of(lines.get((branch["id"], item["code"]))) for item in checked),
            branch["kept"],
            text_of(branch["score"]),
        )
        for branch in ranked(view.branches)
    ]
    missing = [item["name"] for item in items if not item["is_checked"]]
    note = "单位：分。"
    if missing:
        note = f"{note}{'、'.join(missing)}{NOT_CHECKED}。"
    return Table(
        key="items",
        caption="各分公司得分明细",
        columns=(
            Column("branch", "分公司", "text", rest - 12 - 11),
            *(
                Column(
                    item["code"], f"{item['name']}（{_short(item['points'])}）", "decimal", width
                )
                for item in checked
            ),
            Column("kept", "得到分值", "decimal", 12),
            Column("score", "得分", "decimal", 11),
        ),
        rows=tuple(by_branch),
        total=_items_mean(view, checked),
        note=note,
        urls=tuple(branch["url"] for branch in ranked(view.branches)),
    )


def _items_mean(view: View, checked: Sequence[Figures]) -> tuple[str, ...]:
    """The means over all branches, in a branch's edition too: for comparison."""

    def mean(values: Sequence[str | None]) -> str:
        return text_of(mean_of([Decimal(one) for one in values if one is not None]))

    judged = [one for one in view.figures["branches"] if one["score"] is not None]
    return (
        "全公司平均",
        *(mean([line["kept"] for line in item["lines"]]) for item in checked),
        mean([one["kept"] for one in judged]),
        mean([one["score"] for one in judged]),
    )


def _short(points: str) -> str:
    """15 for 15.00, 2.5 for 2.50."""
    value = Decimal(points)
    return str(
        value.to_integral_value() if value == value.to_integral_value() else rounded(value, 1)
    )


def sheets_table(view: View) -> Table | None:
    """Every manager's points: by job number, in the own branch's edition by name too."""
    sheets = view.figures["sheets"]
    managers = view.own(sheets["managers"])
    if not managers:
        return None
    bands = {band["code"]: band["name"] for band in sheets["bands"]}
    names = view.names
    return Table(
        key="sheets",
        caption="客户经理考核得分",
        columns=(
            Column("number", "序号", "integer", 10),
            Column("branch", "分公司", "text", 30),
            Column("person", view.who_label, "text", 25),
            Column("total", "得分", "decimal", 18),
            Column("band", "等次", "text", 17),
        ),
        rows=tuple(
            (
                str(number),
                names.get(one["branch"], ""),
                view.who(one["manager"]),
                text_of(one["total"]),
                bands.get(one["band"], "") if one["total"] is not None else "不评",
            )
            for number, one in enumerate(managers, 1)
        ),
        urls=tuple(one["url"] for one in managers),
    )


def targets_table(view: View) -> Table | None:
    """How far each branch came with its targets; None where there are none."""
    targets = view.own(view.figures["targets"])
    if not targets:
        return None
    names = view.names
    return Table(
        key="targets",
        caption="月度目标完成情况",
        columns=(
            Column("branch", "分公司", "text", 22),
            Column("indicator", "指标", "text", 28),
            Column("unit", "单位", "text", 8),
            Column("target", "目标", "decimal", 15),
            Column("actual", "完成", "decimal", 15),
            Column("done", "完成率（%）", "percent", 12, 1),
        ),
        rows=tuple(
            (
                names.get(one["branch"], ""),
                one["name"],
                one["unit"],
                text_of(one["target"]),
                text_of(one["actual"]),
                text_of(one["done"]),
            )
            for one in targets
        ),
    )

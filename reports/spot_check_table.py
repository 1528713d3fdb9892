"""A branch's spot-check report as annex 3.8 heads it, and its rows as a workbook."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actors import Actor
from core.exports import table_bytes
from core.formats import month_name, number
from core.lists import Column
from core.marked_days import days_marked
from core.periods import Month, local
from inspections.choices import StepKind
from inspections.models import Finding
from inspections.queries import findings_for
from organization.models import Branch
from reports.choices import MonthPhase
from reports.spot_check_queries import BranchMonth, Fault, Line
from worklogs.table_workbooks import TableWorkbook

_ANSWERS = (StepKind.CONFIRMED, StepKind.OBJECTED)


@dataclass(frozen=True)
class Answer:
    """What the branch last said of a finding of the month: who, when, and an objection's words."""

    finding: Finding
    is_objection: bool
    by: str
    at: datetime
    text: str


@dataclass(frozen=True)
class ReportHead:
    """Who checked how, and what the branch said of what was found (annex 3.8)."""

    number: str
    inspectors: tuple[str, ...]
    findings: int
    answers: tuple[Answer, ...]

    @property
    def objections(self) -> tuple[Answer, ...]:
        """The answers that object."""
        return tuple(one for one in self.answers if one.is_objection)

    @property
    def inspectors_text(self) -> str:
        """The persons who raised findings; without any the report is the system's alone."""
        return _("、").join(self.inspectors) or _("系统")

    @property
    def answers_text(self) -> str:
        """How much of what was found the branch has confirmed."""
        if not self.findings:
            return ""
        confirmed = len(self.answers) - len(self.objections)
        said = _("%(n)d/%(all)d 已确认") % {"n": confirmed, "all": self.findings}
        if not self.objections:
            return said
        objected = _("%(n)d 条有异议") % {"n": len(self.objections)}
        return _("，").join((said, objected))


def report_head(actor: Actor, branch: Branch, month: Month) -> ReportHead:
    """The head of a branch's month, as far as the actor sees its findings; two queries."""
    findings = list(
        findings_for(actor)
        .filter(branch=branch, month=month.key)
        .select_related("raised_by")
        .prefetch_related("steps__by")
        .order_by("number")
    )
    return ReportHead(
        number=f"CC-{month.key}-{branch.code}",
        inspectors=tuple(dict.fromkeys(one.raised_by.name for one in findings if one.raised_by)),
        findings=len(findings),
        answers=tuple(answer for one in findings if (answer := _answer(one)) is not None),
    )


def _answer(finding: Finding) -> Answer | None:
    said = [step for step in finding.steps.all() if step.kind in _ANSWERS]
    if not said:
        return None
    last = said[-1]
    by = last.by.name if last.by else ""
    return Answer(finding, last.kind == StepKind.OBJECTED, by, last.at, last.text)


# The workbook


@dataclass(frozen=True)
class ReportRow:
    """A deviation with its item; an item without any stands alone."""

    line: Line
    fault: Fault | None

    @property
    def result(self) -> str:
        """合格, 不合格, or 未查."""
        if not self.line.is_checked:
            return _("未查")
        return _("不合格") if self.fault else _("合格")


COLUMNS: tuple[Column[ReportRow], ...] = (
    Column("item", gettext_lazy("项目"), lambda row: row.line.name),
    Column("clause", gettext_lazy("依据"), lambda row: row.line.clause),
    Column("points", gettext_lazy("分值"), lambda row: row.line.points),
    Column("kept", gettext_lazy("得分"), lambda row: row.line.kept),
    Column("counted", gettext_lazy("查了"), lambda row: row.line.counted),
    Column("result", gettext_lazy("结果"), lambda row: row.result),
    Column("found", gettext_lazy("查到"), lambda row: row.fault.text if row.fault else ""),
    Column("off", gettext_lazy("扣分"), lambda row: row.fault.points if row.fault else None),
)


def report_rows(one: BranchMonth) -> list[ReportRow]:
    """The rows of a report: every deviation, and every item."""
    return [
        ReportRow(line, fault)
        for line in one.lines
        for fault in (line.faults or (None,))
    ]  # fmt: skip


def report_workbook(one: BranchMonth, head: ReportHead, month: Month) -> TableWorkbook:
    """A branch's report with its head as annex 3.8 has it."""
    rows = report_rows(one)
    name = _("%(branch)s%(month)s抽查报告") % {"branch": one.name, "month": month_name(month)}
    with days_marked(None):  # the same bytes over every door
        content = table_bytes(name, COLUMNS, rows, heading=_heading(name, one, head))
    return TableWorkbook(name, content, len(rows))


def _heading(name: str, one: BranchMonth, head: ReportHead) -> list[str]:
    as_of = _("%(phase)s，数据截至 %(at)s") % {
        "phase": str(MonthPhase(one.phase).label),
        "at": f"{local(one.cut_at):%Y-%m-%d %H:%M:%S}",
    }
    lines = [
        name,
        _("报告编号 %(number)s　检查方式 系统检查　检查人 %(who)s")
        % {"number": head.number, "who": head.inspectors_text},
        as_of,
    ]
    if one.score is not None:
        lines.append(
            _("得分 %(score)s（查了 %(checked)s 分，得 %(kept)s 分）")
            % {
                "score": number(one.score, 2),
                "checked": number(one.checked, 2),
                "kept": number(one.kept, 2),
            }
        )
    if head.findings:
        lines.append(_("分公司确认 %(answers)s") % {"answers": head.answers_text})
    lines += [
        _("异议 %(number)s %(who)s：%(text)s")
        % {"number": each.finding.number, "who": each.by, "text": each.text}
        for each in head.objections
    ]
    return lines

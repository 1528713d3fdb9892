"""Findings as a list: what each column says, on the page and in a workbook."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.chips import chip
from core.formats import moment, plain_day
from core.lists import Column
from core.periods import local_date
from inspections.choices import FindingState
from inspections.models import Finding
from inspections.queries import TO_RECTIFY

CHIPS: Final = {
    FindingState.OPEN: "unsigned",
    FindingState.OBJECTED: "objected",
    FindingState.CONFIRMED: "running",
    FindingState.ANSWERED: "check",
    FindingState.CLOSED: "done",
    FindingState.CARRIED: "late",
    FindingState.DROPPED: "stopped",
}


def is_past(finding: Finding, at: datetime) -> bool:
    """Whether whoever has to act is past the moment or the day."""
    if finding.state == FindingState.OPEN:
        return finding.respond_by < at
    return finding.state in TO_RECTIFY and finding.due_on < local_date(at)


def state_chip(finding: Finding, at: datetime) -> SafeString:
    """Where a finding stands; late where its time is over."""
    label = FindingState(finding.state).label
    if is_past(finding, at):
        return chip("overdue", _("%(state)s，逾期") % {"state": label})
    return chip(CHIPS[FindingState(finding.state)], label)


def _state_text(finding: Finding, at: datetime) -> str:
    label = str(FindingState(finding.state).label)
    return _("%(state)s，逾期") % {"state": label} if is_past(finding, at) else label


def _due(at: datetime) -> Callable[[Finding], str]:
    def due(finding: Finding) -> str:
        if finding.state == FindingState.OPEN:
            return moment(finding.respond_by, at)
        return plain_day(finding.due_on) if finding.state in TO_RECTIFY else ""

    return due


def finding_columns(at: datetime) -> tuple[Column[Finding], ...]:
    """The list's columns as of a moment."""
    return (
        Column(
            "title",
            gettext_lazy("问题"),
            lambda row: row.title,
            cell=lambda row: format_html('<span class="finding-title">{}</span>', row.title),
        ),
        Column(
            "state",
            gettext_lazy("状态"),
            lambda row: _state_text(row, at),
            cell=lambda row: state_chip(row, at),
            is_bare=True,
        ),
        Column("branch", gettext_lazy("分公司"), lambda row: row.branch.name),
        Column("owner", gettext_lazy("责任人"), lambda row: row.owner.name),
        Column("due", gettext_lazy("期限"), _due(at)),
        Column("number", gettext_lazy("编号"), lambda row: row.number),
        Column("month", gettext_lazy("月份"), lambda row: row.month, is_shown=False),
        Column(
            "deduction",
            gettext_lazy("扣分"),
            lambda row: row.deduction,
            is_number=True,
            is_shown=False,
        ),
        Column("clause", gettext_lazy("依据"), lambda row: row.clause, is_shown=False),
        Column(
            "source", gettext_lazy("来源"), lambda row: row.get_source_display(), is_shown=False
        ),
        Column("raised_at", gettext_lazy("提出"), lambda row: row.raised_at, is_shown=False,
               cell=lambda row: moment(row.raised_at, at)),
    )  # fmt: skip

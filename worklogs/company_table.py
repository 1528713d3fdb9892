"""The company's week as a list: what each column says of a branch."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.chips import chip
from core.formats import moment
from core.lists import Column
from worklogs.board_table import SHORT, minutes_text
from worklogs.choices import TextPart
from worklogs.company_queries import ASKED, ONLY, BranchLine

DEVIATING: Final = "deviating"
# The tallies over the matrix: what each filters by, the state of its chip, its own words.
TALLIES: Final = {
    "missing": ("missing", gettext_lazy("周报未交")),
    "returned": ("returned", gettext_lazy("周报退回")),
    "late": ("late", gettext_lazy("周报迟交")),
    "overdue": ("overdue", gettext_lazy("汇总逾期")),
    "unsent": ("waiting", gettext_lazy("汇总未到")),
    "sent": ("unsigned", gettext_lazy("待签收")),
    "received": ("received", gettext_lazy("已签收")),
}


def lines_shown(lines: Iterable[BranchLine], *, only: str = "", view: str = "") -> list[BranchLine]:
    """The branches that the tally ``only`` and the ``view`` leave; unknown words leave all."""
    is_asked = ONLY.get(only)
    return [
        line
        for line in lines
        if (is_asked is None or is_asked(line)) and (line.deviates or view != DEVIATING)
    ]


def findings(main: str, *chips: str) -> SafeString:
    """A number and, below it, what deviates; muted where nothing does."""
    if not chips:
        return format_html('<span class="muted">{}</span>', main)
    below = format_html_join(" ", "{}", ((one,) for one in chips))
    return format_html('<span class="finding">{}<span class="below">{}</span></span>', main, below)


def _deviations(line: BranchLine) -> list[tuple[str, str]]:
    """What deviates among the summaries: the chip's state and its words."""
    week = line.week
    return [
        (state, text % {"n": count})
        for state, text, count in (
            ("missing", _("缺 %(n)d"), week.missing),
            ("returned", _("退回 %(n)d"), week.returned),
            ("late", _("迟 %(n)d"), week.late),
        )
        if count
    ]


def summaries_cell(line: BranchLine) -> SafeString:
    """How many filed of how many, and what deviates."""
    chips = [chip(state, text) for state, text in _deviations(line)]
    return findings(f"{line.filed}/{line.week.owing}", *chips)


def _summaries_text(line: BranchLine) -> str:
    return " ".join([f"{line.filed}/{line.week.owing}", *(text for _, text in _deviations(line))])


def _late_text(line: BranchLine) -> str:
    late = line.week.rollup_minutes_late
    return _("迟 %(span)s") % {"span": minutes_text(late)} if late else ""


def _rollup_cell(line: BranchLine, at: datetime) -> SafeString:
    if line.version is None:
        if line.is_overdue:
            return chip("overdue", _("逾期未报"))
        return chip("waiting", _("未到"))
    sent, late = moment(line.version.sent_at, at), _late_text(line)
    return findings(sent, chip("late", late)) if late else findings(sent)


def _rollup_text(line: BranchLine) -> str:
    if line.version is None:
        return _("逾期未报") if line.is_overdue else _("未到")
    return f"{moment(line.version.sent_at)} {_late_text(line)}".strip()


def _received_cell(line: BranchLine, at: datetime) -> SafeString | str:
    if line.version is None:
        return ""
    if line.version.received_at is None:
        return chip("unsigned", _("待签收"))
    return findings(moment(line.version.received_at, at))


def _received_text(line: BranchLine) -> str:
    if line.version is None:
        return ""
    at = line.version.received_at
    return _("待签收") if at is None else moment(at)


def company_columns(at: datetime) -> tuple[Column[BranchLine], ...]:
    """The matrix's columns; what a workbook says of a day does not depend on the day it is read."""

    def count(part: TextPart) -> Callable[[BranchLine], int | None]:
        return lambda line: line.written(part) if line.version else None

    return (
        Column("branch", gettext_lazy("分公司"), lambda line: line.week.branch.name),
        Column("summaries", gettext_lazy("周报"), _summaries_text, cell=summaries_cell),
        Column(
            "rollup",
            gettext_lazy("汇总"),
            _rollup_text,
            cell=lambda line: _rollup_cell(line, at),
        ),
        Column(
            "received",
            gettext_lazy("签收时间"),
            _received_text,
            cell=lambda line: _received_cell(line, at),
        ),
        *(Column(part.value, SHORT[part], count(part), is_number=True) for part in ASKED),
        Column(
            "supplement",
            gettext_lazy("补充"),
            lambda line: line.version.content["supplement"]["services"] if line.version else None,
            is_number=True,
        ),
        Column("code", gettext_lazy("编码"), lambda line: line.week.branch.code, is_shown=False),
    )

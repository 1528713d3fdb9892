"""What bands suggest (annex 5), as a workbook: the proposals that the page lists."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actors import Actor
from core.exports import table_bytes
from core.formats import month_name, number
from core.lists import Column
from core.marked_days import days_marked
from core.periods import Month, local_date
from kpi.choices import ConsequenceState
from kpi.labels import label_set_of
from kpi.queries.proposals import ProposalRow, proposals_seen
from kpi.target_workbooks import Made

# What ``show`` asks for; without it the proposals that wait are meant.
DECIDED: Final = "decided"
MONTH_KEY: Final = 7

COLUMNS: tuple[Column[ProposalRow], ...] = (
    Column("branch", gettext_lazy("分公司"), lambda row: row.consequence.branch.name),
    Column("job_number", gettext_lazy("工号"), lambda row: row.consequence.manager.job_number),
    Column("name", gettext_lazy("姓名"), lambda row: row.consequence.manager.name),
    Column("month", gettext_lazy("月份"), lambda row: _month(row.consequence.month)),
    Column("proposal", gettext_lazy("考核建议"), lambda row: row.name),
    Column("grounds", gettext_lazy("依据"), lambda row: grounds_text(row)),
    Column("state", gettext_lazy("状态"), lambda row: _state(row)),
    Column("decision", gettext_lazy("理由"), lambda row: row.consequence.decision),
    Column("decided_by", gettext_lazy("决定人"), lambda row: _decided_by(row)),
    Column("decided_at", gettext_lazy("决定时间"), lambda row: row.consequence.decided_at),
)


def is_month(key: str) -> bool:
    """Whether grounds name a month, not a quarter or a year."""
    return len(key) == MONTH_KEY and "Q" not in key


def grounds_text(row: ProposalRow) -> str:
    """The months or quarters that a proposal follows from, with their points."""
    return _("、").join(
        f"{_month(key) if is_month(key) else key} {number(Decimal(score), 2)}"
        for key, score in row.grounds
    )


def _month(key: str) -> str:
    return month_name(Month.parse(key))


def _state(row: ProposalRow) -> str:
    return str(ConsequenceState(row.consequence.state).label)


def _decided_by(row: ProposalRow) -> str:
    return row.consequence.decided_by.name if row.consequence.decided_by else ""


def consequences_workbook(actor: Actor, at: datetime, *, show: str = "") -> Made:
    """The proposals that the actor sees: those that wait, or those that were decided."""
    is_open = show != DECIDED
    label_set = label_set_of(Month.containing(local_date(at)))
    rows = proposals_seen(actor, label_set, is_open=is_open)
    name = _("待决定的考核建议") if is_open else _("已决定的考核建议")
    with days_marked(None):  # the same bytes over every door
        return Made(name, table_bytes(name, COLUMNS, rows, heading=[name]), len(rows))

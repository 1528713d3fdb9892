"""What the company measures and requires, and what its branches have, as workbooks (T1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.chips import STATES
from core.exports import table_bytes
from core.formats import month_name
from core.lists import Column
from core.marked_days import days_marked
from core.periods import Month, local, local_date
from kpi.choices import Adding, Direction, ResultSource
from kpi.labels import indicator_name, label_set_of, unit_name
from kpi.models import Indicator, Requirement
from kpi.queries.indicators import indicators_listed, open_indicators
from kpi.queries.target_company import BranchLine, Company, company_lines
from kpi.target_workbooks import Made
from organization.models import Branch


def indicator_columns(label_set: str) -> tuple[Column[Indicator], ...]:
    """What an indicator is called and how it is counted; whether it is in use."""
    return (
        Column("code", gettext_lazy("编码"), lambda one: one.code),
        Column("name", gettext_lazy("名称"), lambda one: indicator_name(one, label_set)),
        Column("unit", gettext_lazy("单位"), lambda one: unit_name(one.unit)),
        Column("direction", gettext_lazy("方向"), lambda one: Direction(one.direction).label),
        Column("adding", gettext_lazy("分公司的数"), lambda one: Adding(one.adding).label),
        Column("source", gettext_lazy("来源"), lambda one: ResultSource(one.source).label),
        Column("state", gettext_lazy("状态"), lambda one: _in_use(one)),
    )


def _in_use(indicator: Indicator) -> str:
    return str(STATES["closed" if indicator.is_closed else "active"].word)


def indicators_workbook(at: datetime) -> Made:
    """All indicators, those in use first."""
    rows = indicators_listed()
    columns = indicator_columns(label_set_of(Month.containing(local_date(at))))
    name = _("指标")
    with days_marked(None):  # the same bytes over every door
        return Made(name, table_bytes(name, columns, rows), len(rows))


@dataclass(frozen=True)
class Required:
    """What is asked of a branch, by the indicators' codes."""

    branch: Branch
    values: Mapping[str, Decimal]


def requirement_columns(month: Month) -> tuple[Column[Required], ...]:
    """The branch and each open indicator, called as the import knows them: it goes back in."""
    label_set = label_set_of(month)
    return (
        Column("branch", gettext_lazy("分公司"), lambda row: row.branch.name),
        *(_requirement_column(each, _head(each, label_set)) for each in open_indicators()),
    )


def _requirement_column(indicator: Indicator, head: str) -> Column[Required]:
    return Column(indicator.code, head, lambda row: row.values.get(indicator.code))


def _head(indicator: Indicator, label_set: str) -> str:
    return f"{indicator_name(indicator, label_set)}（{unit_name(indicator.unit)}）"


def requirement_rows(month: Month) -> list[Required]:
    """Every branch of the month; two queries."""
    values: dict[int, dict[str, Decimal]] = {}
    for branch_id, code, value in Requirement.objects.filter(
        month=month.key, value__isnull=False
    ).values_list("branch_id", "indicator__code", "value"):
        if value is not None:
            values.setdefault(branch_id, {})[code] = value
    return [
        Required(branch, values.get(branch.pk, {})) for branch in Branch.objects.open_on(month.last)
    ]


def requirements_workbook(month: Month) -> Made:
    """The company's requirements of a month, without lines above, so that the import reads it."""
    rows = requirement_rows(month)
    name = _("%(month)s公司要求") % {"month": month_name(month)}
    with days_marked(None):  # the same bytes over every door
        return Made(name, table_bytes(name, requirement_columns(month), rows), len(rows))


def company_columns(company: Company, month: Month) -> tuple[Column[BranchLine], ...]:
    """The branch, what it issued, and of each indicator what is reached of which target."""
    label_set = label_set_of(month)
    return (
        Column("branch", gettext_lazy("分公司"), lambda line: line.branch.name),
        Column("state", gettext_lazy("下达"), state_text),
        Column("acknowledged", gettext_lazy("已确认人数"), lambda line: line.acknowledged),
        Column("managers", gettext_lazy("应确认人数"), lambda line: line.managers),
        *(
            column
            for place, each in enumerate(company.indicators)
            for column in _indicator_columns(place, each, _head(each, label_set))
        ),
    )


def _indicator_columns(
    place: int, indicator: Indicator, head: str
) -> tuple[Column[BranchLine], Column[BranchLine]]:
    return (
        Column(
            f"{indicator.code}.actual",
            _("%(indicator)s完成") % {"indicator": head},
            lambda line: line.progress[place].pace.actual,
        ),
        Column(
            f"{indicator.code}.target",
            _("%(indicator)s目标") % {"indicator": head},
            lambda line: line.progress[place].pace.target,
        ),
    )


def state_text(line: BranchLine) -> str:
    """Whether the branch has issued its targets."""
    if line.is_issued:
        return _("已下达")
    return _("逾期未下达") if line.is_overdue else _("未下达")


def company_workbook(month: Month, at: datetime) -> Made:
    """The targets and progress of all branches, as they stand at a moment."""
    company = company_lines(month, at)
    name = _("%(month)s各分公司目标") % {"month": month_name(month)}
    as_of = _("数据截至 %(at)s") % {"at": f"{local(at):%Y-%m-%d %H:%M:%S}"}
    with days_marked(None):  # the same bytes over every door
        content = table_bytes(
            name, company_columns(company, month), company.branches, heading=[name, as_of]
        )
    return Made(name, content, len(company.branches))

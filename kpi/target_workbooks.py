"""Targets and results as workbooks: numbers are numbers, dates are dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from core.formats import month_name
from core.periods import Month, local
from core.workbooks import ColumnSpec, SheetSpec, write_workbook
from core.workbooks.writing import Kind, Value
from kpi.choices import Adding, Method
from kpi.labels import indicator_name, label_set_of, name_of, unit_name
from kpi.models import TargetVersion
from kpi.queries.results import ResultGrid
from kpi.target_contents import Content


@dataclass(frozen=True)
class Made:
    """A workbook about to be handed out: the name without its ending, and how many records."""

    name: str
    content: bytes
    rows: int


def target_workbook(version: TargetVersion) -> Made:
    """The target sheet (annex 3.6) as it was issued: indicators, parts, work items."""
    content: Content = version.content
    month = Month.parse(content["month"])
    label_set = label_set_of(month)
    name = _("%(branch)s%(month)s目标分解表第 %(n)d 版") % {
        "branch": content["branch"]["name"],
        "month": month_name(month),
        "n": version.number,
    }
    issued = _("%(name)s %(at)s 下达") % {
        "name": version.issued_by.name,
        "at": f"{local(version.issued_at):%Y-%m-%d %H:%M}",
    }
    heading = [name, issued]
    if version.why:
        heading.append(_("修订原因：%(why)s") % {"why": version.why})
    sheets = [
        _indicators(content, label_set, heading),
        _parts(content, label_set),
        _items(content, label_set),
    ]
    return Made(name, write_workbook(sheets), len(content["managers"]))


def _indicators(content: Content, label_set: str, heading: Sequence[str]) -> SheetSpec:
    rows: list[list[Value]] = [
        [
            line["code"],
            name_of(line["labels"], label_set),
            unit_name(line["unit"]),
            _decimal(line["required"]),
            _decimal(line["value"]),
            line["why_not_required"],
            str(Method(line["method"]).label),
            None if line["adding"] == Adding.MEAN else _given(line),
            None if line["adding"] == Adding.MEAN else _decimal(line["lacking"]),
            line["why_not_sum"],
        ]
        for line in content["lines"]
    ]
    notes = [
        f"{label}{text}"
        for label, text in (
            (_("工作重点："), content["priorities"]),
            (_("可利用资源："), content["resources"]),
            (_("没有工作内容的原因："), content["why_no_items"]),
        )
        if text
    ]
    columns = [
        ColumnSpec(_("编码")),
        ColumnSpec(_("指标")),
        ColumnSpec(_("单位")),
        ColumnSpec(_("公司要求"), "decimal"),
        ColumnSpec(_("本分公司目标"), "decimal"),
        ColumnSpec(_("与要求不同的原因")),
        ColumnSpec(_("分法")),
        ColumnSpec(_("已分"), "decimal"),
        ColumnSpec(_("未分"), "decimal"),
        ColumnSpec(_("未分尽的原因")),
    ]
    return SheetSpec(_("指标"), columns, rows, heading=heading, notes=notes)


def _given(line: Content) -> Decimal:
    return sum((Decimal(part["value"]) for part in line["parts"]), Decimal(0))


def _parts(content: Content, label_set: str) -> SheetSpec:
    lines = content["lines"]
    parts = {
        (part["manager"], line["code"]): Decimal(part["value"])
        for line in lines
        for part in line["parts"]
    }
    columns = [ColumnSpec(_("工号")), ColumnSpec(_("客户经理"))]
    columns += [
        ColumnSpec(
            f"{name_of(line['labels'], label_set)}（{unit_name(line['unit'])}）",
            _kind(line["places"]),
        )
        for line in lines
    ]
    rows: list[list[Value]] = [
        [one["job_number"], one["name"], *(parts.get((one["id"], line["code"])) for line in lines)]
        for one in content["managers"]
    ]
    total: list[Value] = [_("合计"), None]
    total += [None if line["adding"] == Adding.MEAN else _given(line) for line in lines]
    return SheetSpec(_("分解到人"), columns, rows, total=total)


def _kind(places: int) -> Kind:
    return "decimal" if places else "integer"


def _items(content: Content, label_set: str) -> SheetSpec:
    people = {one["id"]: one for one in content["managers"]}
    names = {line["code"]: name_of(line["labels"], label_set) for line in content["lines"]}
    rows: list[list[Value]] = [
        [
            people.get(item["manager"], {}).get("job_number", ""),
            people.get(item["manager"], {}).get("name", ""),
            item["what"],
            item["quantity"],
            unit_name(item["unit"]),
            date.fromisoformat(item["due_on"]),
            item["resource"],
            names.get(item["code"], item["code"]),
        ]
        for item in content["items"]
    ]
    columns = [
        ColumnSpec(_("工号")),
        ColumnSpec(_("客户经理")),
        ColumnSpec(_("工作内容")),
        ColumnSpec(_("数量"), "integer"),
        ColumnSpec(_("单位")),
        ColumnSpec(_("期限"), "date"),
        ColumnSpec(_("可利用资源")),
        ColumnSpec(_("所属指标")),
    ]
    return SheetSpec(_("工作内容"), columns, rows)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def results_workbook(grid: ResultGrid) -> Made:
    """A branch's results of a month: the columns that the import knows, so that it goes back in."""
    label_set = label_set_of(grid.month)
    name = _("%(branch)s%(month)s指标结果") % {
        "branch": grid.branch.name,
        "month": month_name(grid.month),
    }
    columns = [ColumnSpec(_("工号")), ColumnSpec(_("姓名"))]
    columns += [
        ColumnSpec(
            f"{indicator_name(each, label_set)}（{unit_name(each.unit)}）", _kind(each.places)
        )
        for each in grid.indicators
    ]
    rows: list[list[Value]] = [
        [
            one.job_number,
            one.name,
            *(
                grid.reached[one.pk, each.code].value
                if (one.pk, each.code) in grid.reached
                else None
                for each in grid.indicators
            ),
        ]
        for one in grid.managers
    ]
    content = write_workbook([SheetSpec(_("指标结果"), columns, rows)])
    return Made(name, content, len(rows))

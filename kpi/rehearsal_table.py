"""A rehearsal's report as a workbook: a row for every item whose points change, month by month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.exports import table_bytes
from core.formats import month_name, number
from core.lists import Column
from core.marked_days import days_marked
from core.periods import Month, local_date
from kpi.labels import label_set_of, name_of
from kpi.models import Rehearsal, Scheme
from kpi.scheme import parsed
from kpi.target_workbooks import Made

Plain = Mapping[str, Any]


@dataclass(frozen=True)
class ChangedRow:
    """A manager's month with an item that changes; without one where only the band does."""

    month: str
    line: Plain
    item: Plain | None


def band_names(scheme: Scheme, label_set: str) -> dict[str, str]:
    """Bands by code, those of the version and of the ones before it."""
    contents = Scheme.objects.order_by("number").values_list("content", flat=True)
    names = {
        band["code"]: name_of(band["names"], label_set)
        for content in contents
        for band in content["bands"]
    }
    own = {band.code: name_of(band.names, label_set) for band in parsed(scheme.content).bands}
    return names | own | {"": _("不评级")}


def inputs_text(inputs: Plain | None) -> str:
    """What went in, in short: 182.40 / 190.00."""
    if not inputs:
        return ""
    for top, below in (("actual", "target"), ("met", "total")):
        if top in inputs and below in inputs:
            return f"{_number(inputs[top])} / {_number(inputs[below])}"
    if "cases" in inputs:
        count = len(inputs["cases"])
        return ngettext("%(n)d 件", "%(n)d 件", count) % {"n": count}
    values: Any = inputs.get("ratings", inputs)
    return _("、").join(_number(value) for value in values.values())


def _number(value: Any) -> str:
    try:
        return number(Decimal(str(value)))
    except ArithmeticError:
        return str(value)


def rehearsal_columns(names: Mapping[str, str], label_set: str) -> tuple[Column[ChangedRow], ...]:
    """Who, the totals and bands before and after, which item and its points."""

    def band(head: Plain) -> str:
        return names.get(head["band"], head["band"])

    def of_item(row: ChangedRow, key: str) -> Any:
        return row.item[key] if row.item else None

    def item_name(row: ChangedRow) -> str:
        return name_of(row.item["names"], label_set) if row.item else ""

    return (
        Column("month", gettext_lazy("月份"), lambda row: month_name(Month.parse(row.month))),
        Column("branch", gettext_lazy("分公司"), lambda row: row.line["branch"]["name"]),
        Column("job_number", gettext_lazy("工号"), lambda row: row.line["manager"]["job_number"]),
        Column("name", gettext_lazy("姓名"), lambda row: row.line["manager"]["name"]),
        Column("before", gettext_lazy("原总分"), lambda row: _points(row.line["before"]["total"])),
        Column("after", gettext_lazy("改后总分"), lambda row: _points(row.line["after"]["total"])),
        Column("band_before", gettext_lazy("原等次"), lambda row: band(row.line["before"])),
        Column("band_after", gettext_lazy("改后等次"), lambda row: band(row.line["after"])),
        Column("code", gettext_lazy("代码"), lambda row: of_item(row, "code")),
        Column("item", gettext_lazy("项目"), item_name),
        Column("inputs", gettext_lazy("依据的数"), _inputs),
        Column("points", gettext_lazy("原得分"), lambda row: _points(of_item(row, "before"))),
        Column("new", gettext_lazy("改后得分"), lambda row: _points(of_item(row, "after"))),
    )


def _inputs(row: ChangedRow) -> str:
    if row.item is None:
        return ""
    return inputs_text(row.item["inputs_after"] or row.item["inputs_before"])


def _points(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def rehearsal_rows(report: Plain) -> list[ChangedRow]:
    """The latest month first, in each the largest loss first, as on the page."""
    return [
        ChangedRow(month["month"], line, item)
        for month in reversed(report.get("months", []))
        for line in month["lines"]
        for item in (line["items"] or (None,))
    ]


def rehearsal_workbook(rehearsal: Rehearsal, at: datetime) -> Made:
    """A rehearsal's report; without rows while it is not made."""
    scheme, report = rehearsal.scheme, rehearsal.report
    label_set = label_set_of(Month.containing(local_date(at)))
    rows = rehearsal_rows(report)
    name = _("考核方案第%(n)d版试算") % {"n": scheme.number}
    heading = [name]
    if rehearsal.scheme_digest != scheme.digest or report.get("is_outdated"):
        heading.append(_("方案在这次试算之后又改过：这里是改之前的内容。"))
    heading += [
        _("%(month)s：%(changed)d 人会变，共 %(people)d 人")
        % {
            "month": month_name(Month.parse(month["month"])),
            "changed": month["changed"],
            "people": month["people"],
        }
        for month in reversed(report.get("months", []))
    ]
    columns = rehearsal_columns(band_names(scheme, label_set), label_set)
    with days_marked(None):  # the same bytes over every door
        return Made(name, table_bytes(name, columns, rows, heading=heading), len(rows))

"""Results against the targets that were issued (T2, annex 5: M1–M5, S1).

The indicator bears the item's code. A result is what stood at the cut, typed, imported or
computed; the target is what the branch had given the manager by then.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formats import moment, number
from core.periods import Month
from duties.models import ToDo
from duties.month_queries import month_end_of
from kpi.choices import Direction, ResultSource
from kpi.inputs import Inputs
from kpi.labels import indicator_name, label_set_of
from kpi.metrics import CountedRow, Metric, OpenDuty
from kpi.models import Indicator, WorkItem
from kpi.queries.results import Reached, results_at
from kpi.queries.targets import WORK_ITEM, targets_at, versions_at


def reached(
    month: Month, manager_ids: Collection[int], cut: datetime, code: str
) -> Mapping[int, Reached]:
    """What each manager reached of an indicator by the cut."""
    found = results_at(month, manager_ids, cut, [code])
    return {manager_id: result for (manager_id, _code), result in found.items()}


def compute(
    month: Month, manager_ids: Collection[int], cut: datetime, item: str
) -> Mapping[int, Inputs | None]:
    """Actual and target by manager; what is not there is left out, None where neither is."""
    actual = reached(month, manager_ids, cut, item)
    targets = targets_at(month, manager_ids, cut)
    return {
        manager_id: _inputs(_value(actual.get(manager_id)), targets.get((manager_id, item)))
        for manager_id in manager_ids
    }


def _value(result: Reached | None) -> Decimal | None:
    return None if result is None else result.value


def _inputs(actual: Decimal | None, target: Decimal | None) -> Inputs | None:
    known = {"actual": actual, "target": target}
    return {key: f"{value:f}" for key, value in known.items() if value is not None} or None


def rows(month: Month, manager_id: int, cut: datetime, item: str) -> Sequence[CountedRow]:
    """The result as it was recorded or computed, and the targets given by the branches."""
    indicator = Indicator.objects.filter(code=item).first()
    result = reached(month, [manager_id], cut, item).get(manager_id)
    found = []
    if indicator is not None and result is not None:
        found.append(_reached_row(result, indicator, month))
    for branch_id, version in sorted(versions_at(month, cut).items()):
        for line in version.content["lines"]:
            for part in line["parts"]:
                if line["code"] == item and part["manager"] == manager_id:
                    value = number(Decimal(part["value"]), line["places"])
                    found.append(
                        CountedRow(
                            label=_("目标 %(value)s %(unit)s")
                            % {"value": value, "unit": line["unit"]},
                            note=_("%(name)s %(when)s 下达")
                            % {"name": version.issued_by.name, "when": moment(version.issued_at)},
                            state="received",
                            state_text=_("第 %(n)d 版") % {"n": version.number},
                            url=reverse("targets", args=[month.key, branch_id]),
                        )
                    )
    return found


def _reached_row(reached: Reached, indicator: Indicator, month: Month) -> CountedRow:
    """The result: from where, by whom and when, and whether somebody has checked it."""
    row = reached.result
    facts = [str(ResultSource(reached.source).label)]
    if row is not None:
        by = row.recorded_by.name if row.recorded_by else ""
        facts += [row.origin, by, moment(row.recorded_at)]
    return CountedRow(
        label=_("完成 %(value)s %(unit)s") % _with_unit(reached.value, indicator),
        note=" ".join(filter(None, facts)),
        state="confirmed" if reached.is_checked else "check",
        state_text=_("已核对") if reached.is_checked else _("未核对"),
        url=reverse("results", args=[month.key]),
    )


def _with_unit(value: Decimal, indicator: Indicator) -> dict[str, str]:
    return {"value": number(value, indicator.places), "unit": indicator.unit}


def open_duties(month: Month, manager_id: int, at: datetime, item: str) -> Sequence[OpenDuty]:
    """What is still lacking to the target, and the work item by which it can be made good."""
    target = targets_at(month, [manager_id], at).get((manager_id, item))
    indicator = Indicator.objects.filter(code=item).first()
    if target is None or indicator is None:
        return []
    actual = _value(reached(month, [manager_id], at, item).get(manager_id))
    is_down = indicator.direction == Direction.DOWN
    if actual is not None and (actual <= target if is_down else actual >= target):
        return []
    lacking = abs(target - (actual or Decimal(0)))
    name = indicator_name(indicator, label_set_of(month))
    return [
        OpenDuty(
            manager_id=manager_id,
            item=item,
            label=_("%(name)s还差 %(value)s %(unit)s")
            % {"name": name, **_with_unit(lacking, indicator)},
            due_at=month_end_of(month).closes_at,
            url=_way(month, manager_id, at, item),
            inputs={"actual": f"{target:f}", "target": f"{target:f}"},
            otherwise={"actual": f"{actual or Decimal(0):f}", "target": f"{target:f}"},
        )
    ]


def _way(month: Month, manager_id: int, at: datetime, item: str) -> str:
    """The first open work item for the target, else the targets themselves."""
    items = WorkItem.objects.filter(
        manager_id=manager_id, sheet__month=month.key, indicator__code=item
    ).order_by()
    to_do = (
        ToDo.objects.open()
        .filter(owner_id=manager_id, source_type=WORK_ITEM, source_id__in=items.values("pk"))
        .first()
    )
    if to_do is not None:
        return to_do.url
    branches = sorted(versions_at(month, at))
    return reverse("targets", args=[month.key, branches[0]]) if branches else ""


METRIC: Final = Metric(
    key="results",
    label=gettext_lazy("指标完成"),
    formulas=frozenset({"RATE", "STEP"}),
    compute=compute,
    rows=rows,
    open_duties=open_duties,
)

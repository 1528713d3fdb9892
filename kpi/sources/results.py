"""Results against the targets that were issued (T2, annex 5: M1–M5, S1).

The indicator bears the item's code. A result is what stood at the cut, typed, imported or
computed; the target is what the branch had given the manager by then.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import tables
from core.formats import moment, number
from core.periods import Month
from duties.models import ToDo
from duties.month_queries import month_end_of
from kpi.choices import Direction, ResultSource
from kpi.inputs import Inputs
from kpi.labels import indicator_name, label_set_of
from kpi.metrics import CountedRow, Metric, OpenDuty
from kpi.models import Indicator, Result, WorkItem
from kpi.queries.targets import WORK_ITEM, targets_at, versions_at


def _results(
    month: Month, manager_ids: Collection[int], cut: datetime, code: str
) -> QuerySet[Result]:
    return Result.objects.counted_at(cut).filter(
        month=month.key, manager_id__in=manager_ids, indicator__code=code
    )


def reached(
    month: Month, manager_ids: Collection[int], cut: datetime, code: str
) -> Mapping[int, Decimal]:
    """What each manager reached of an indicator by the cut; two queries and its source's own.

    What was typed or imported stands before what the system computes.
    """
    recorded = dict(
        _results(month, manager_ids, cut, code).order_by().values_list("manager_id", "value")
    )
    indicator = Indicator.objects.filter(code=code).first()
    return {**_computed(indicator, month, manager_ids, cut), **recorded}


def _computed(
    indicator: Indicator | None, month: Month, manager_ids: Collection[int], cut: datetime
) -> Mapping[int, Decimal]:
    """What the indicator's source computes; nothing where it has none that is installed."""
    if indicator is None or indicator.source != ResultSource.COMPUTED:
        return {}
    path = tables.RESULT_SOURCES.get(indicator.computed_by)
    found: Mapping[int, Decimal] = import_string(path)(month, manager_ids, cut) if path else {}
    return found


def compute(
    month: Month, manager_ids: Collection[int], cut: datetime, item: str
) -> Mapping[int, Inputs | None]:
    """Actual and target by manager; what is not there is left out, None where neither is."""
    actual = reached(month, manager_ids, cut, item)
    targets = targets_at(month, manager_ids, cut)
    return {
        manager_id: _inputs(actual.get(manager_id), targets.get((manager_id, item)))
        for manager_id in manager_ids
    }


def _inputs(actual: Decimal | None, target: Decimal | None) -> Inputs | None:
    known = {"actual": actual, "target": target}
    return {key: f"{value:f}" for key, value in known.items() if value is not None} or None


def rows(month: Month, manager_id: int, cut: datetime, item: str) -> Sequence[CountedRow]:
    """The result as it was recorded, and the targets given by the branches."""
    found = [
        CountedRow(
            label=_reached_label(result.value, result.indicator),
            note=" ".join(
                filter(
                    None,
                    (
                        result.get_source_display(),
                        result.origin,
                        result.recorded_by.name if result.recorded_by else "",
                        moment(result.recorded_at),
                    ),
                )
            ),
            state="confirmed" if result.checked_at else "done",
            state_text=_("已核对") if result.checked_at else _("未核对"),
            url=reverse("results", args=[month.key]),
        )
        for result in _results(month, [manager_id], cut, item).select_related(
            "indicator", "recorded_by"
        )
    ]
    if not found:
        found = _computed_rows(month, manager_id, cut, item)
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


def _computed_rows(month: Month, manager_id: int, cut: datetime, item: str) -> list[CountedRow]:
    indicator = Indicator.objects.filter(code=item).first()
    value = _computed(indicator, month, [manager_id], cut).get(manager_id)
    if indicator is None or value is None:
        return []
    return [
        CountedRow(
            label=_reached_label(value, indicator),
            note=str(ResultSource.COMPUTED.label),
            state="done",
            state_text=moment(cut),
            url=reverse("results", args=[month.key]),
        )
    ]


def _reached_label(value: Decimal, indicator: Indicator) -> str:
    return _("完成 %(value)s %(unit)s") % _with_unit(value, indicator)


def _with_unit(value: Decimal, indicator: Indicator) -> dict[str, str]:
    return {"value": number(value, indicator.places), "unit": indicator.unit}


def open_duties(month: Month, manager_id: int, at: datetime, item: str) -> Sequence[OpenDuty]:
    """What is still lacking to the target, and the work item by which it can be made good."""
    target = targets_at(month, [manager_id], at).get((manager_id, item))
    indicator = Indicator.objects.filter(code=item).first()
    if target is None or indicator is None:
        return []
    actual = reached(month, [manager_id], at, item).get(manager_id)
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

"""Results against the targets that were issued (T2, annex 5: M1–M5, S1).

The indicator bears the item's code. A result is what stood at the cut, typed, imported or
computed; the target is what the branch had given the manager by then.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formats import moment, number
from core.periods import Month, instant
from duties.models import ToDo
from kpi.choices import Direction, ResultSource
from kpi.inputs import Inputs
from kpi.labels import indicator_name, label_set_of, unit_name
from kpi.metrics import ByItem, CountedRow, Metric, OpenDuty
from kpi.models import Indicator, WorkItem
from kpi.queries.results import Reached, results_at
from kpi.queries.targets import WORK_ITEM, targets_at, versions_at
from kpi.roster import posts_of


def compute(
    month: Month, manager_ids: Collection[int], cut: datetime, items: Collection[str]
) -> ByItem:
    """Actual and target; what is not there is left out, None where neither is. Four queries
    and those of computed indicators."""
    actual = results_at(month, manager_ids, cut, items)
    targets = targets_at(month, manager_ids, cut, _branches(month, manager_ids))
    return {
        item: {
            manager_id: _inputs(
                _value(actual.get((manager_id, item))), targets.get((manager_id, item))
            )
            for manager_id in manager_ids
        }
        for item in items
    }


def units(items: Collection[str]) -> dict[str, str]:
    """The units of the items' indicators, in which targets and results are kept (T1). One query."""
    found = Indicator.objects.filter(code__in=items).order_by()
    return dict(found.values_list("code", "unit"))


def _branches(month: Month, manager_ids: Collection[int]) -> set[int]:
    """Where these managers stood in the month: whose targets are theirs."""
    return {post.branch_id for post in posts_of(month, manager_ids)}


def _value(result: Reached | None) -> Decimal | None:
    return None if result is None else result.value


def _inputs(actual: Decimal | None, target: Decimal | None) -> Inputs | None:
    known = {"actual": actual, "target": target}
    return {key: f"{value:f}" for key, value in known.items() if value is not None} or None


def rows(month: Month, manager_id: int, cut: datetime, item: str) -> Sequence[CountedRow]:
    """The result as it was recorded or computed, and the targets given by the branches."""
    indicator = Indicator.objects.filter(code=item).first()
    result = results_at(month, [manager_id], cut, [item]).get((manager_id, item))
    found = []
    if indicator is not None and result is not None:
        found.append(_reached_row(result, indicator, month, manager_id))
    for branch_id, version in sorted(
        versions_at(month, cut, _branches(month, [manager_id])).items()
    ):
        for line in version.content["lines"]:
            for part in line["parts"]:
                if line["code"] == item and part["manager"] == manager_id:
                    value = number(Decimal(part["value"]), line["places"])
                    found.append(
                        CountedRow(
                            label=_("目标 %(value)s %(unit)s")
                            % {"value": value, "unit": unit_name(line["unit"])},
                            note=_("%(name)s %(when)s 下达")
                            % {"name": version.issued_by.name, "when": moment(version.issued_at)},
                            state="received",
                            state_text=_("第 %(n)d 版") % {"n": version.number},
                            url=reverse("targets", args=[month.key, branch_id]),
                        )
                    )
    return found


def _reached_row(
    reached: Reached, indicator: Indicator, month: Month, manager_id: int
) -> CountedRow:
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
        url=f"{reverse('bills', args=[month.key])}?manager={manager_id}"
        if row is None
        else reverse("target-of", args=[month.key, manager_id]),
    )


def _with_unit(value: Decimal, indicator: Indicator) -> dict[str, str]:
    return {"value": number(value, indicator.places), "unit": unit_name(indicator.unit)}


def open_duties(
    month: Month, manager_id: int, at: datetime, items: Collection[str]
) -> Sequence[OpenDuty]:
    """What is still lacking to targets, and the work items by which it can be made good."""
    actual = results_at(month, [manager_id], at, items)
    posted = _branches(month, [manager_id])
    targets = targets_at(month, [manager_id], at, posted)
    indicators = Indicator.objects.in_bulk(list(items), field_name="code")
    label_set = label_set_of(month)
    ways = _ways(month, manager_id)
    branches = sorted(posted)
    return [
        _duty(
            indicators[item],
            manager_id,
            target,
            _value(actual.get((manager_id, item))),
            due_at=instant(month.next.first, time.min),
            url=ways.get(item) or reverse("targets", args=[month.key, branches[0]]),
            label_set=label_set,
        )
        for item in items
        if item in indicators
        and (target := targets.get((manager_id, item))) is not None
        and not _is_reached(indicators[item], _value(actual.get((manager_id, item))), target)
    ]


def _is_reached(indicator: Indicator, actual: Decimal | None, target: Decimal) -> bool:
    if actual is None:
        return False
    return actual <= target if indicator.direction == Direction.DOWN else actual >= target


def _lacking(indicator: Indicator, target: Decimal, actual: Decimal | None, label_set: str) -> str:
    """How much is left to the target; without a result, that there is none and what to do."""
    name = {"name": indicator_name(indicator, label_set)}
    if actual is not None:
        left = _with_unit(abs(target - actual), indicator)
        return _("%(name)s还差 %(value)s %(unit)s") % {**name, **left}
    words = {**name, **_with_unit(target, indicator)}
    if indicator.source == ResultSource.TYPED:
        return _("%(name)s还没有结果，请主管录入；目标 %(value)s %(unit)s") % words
    return _("%(name)s还没有结果；目标 %(value)s %(unit)s") % words


def _duty(
    indicator: Indicator,
    manager_id: int,
    target: Decimal,
    actual: Decimal | None,
    *,
    due_at: datetime,
    url: str,
    label_set: str,
) -> OpenDuty:
    return OpenDuty(
        manager_id=manager_id,
        item=indicator.code,
        label=_lacking(indicator, target, actual, label_set),
        due_at=due_at,
        url=url,
        inputs={"actual": f"{target:f}", "target": f"{target:f}"},
        otherwise={"actual": f"{actual or Decimal(0):f}", "target": f"{target:f}"},
    )


def _ways(month: Month, manager_id: int) -> dict[str, str]:
    """The page of the first open work item for each indicator; two queries."""
    codes = dict(
        WorkItem.objects.filter(
            manager_id=manager_id, sheet__month=month.key, indicator__isnull=False
        )
        .order_by()
        .values_list("pk", "indicator__code")
    )
    to_dos = ToDo.objects.open().filter(
        owner_id=manager_id, source_type=WORK_ITEM, source_id__in=codes
    )
    found: dict[str, str] = {}
    for source_id, url in to_dos.values_list("source_id", "url"):
        found.setdefault(codes[source_id or 0], url)
    return found


METRIC: Final = Metric(
    key="results",
    label=gettext_lazy("指标完成"),
    formulas=frozenset({"RATE", "STEP"}),
    compute=compute,
    rows=rows,
    open_duties=open_duties,
    units=units,
)

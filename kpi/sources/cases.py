"""Bonus and penalty cases that were approved (K3, annex 5.4); no case counts nothing."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formats import moment, signed
from core.periods import Month
from kpi.case_rules import contest_of
from kpi.choices import CaseState
from kpi.metrics import ByItem, CountedRow, Metric
from kpi.models import Case


def cases_counted(
    month: Month, manager_ids: Collection[int], cut: datetime, items: Collection[str]
) -> QuerySet[Case]:
    """The cases of these items that were approved by the cut."""
    return Case.objects.filter(
        month=month.key,
        manager_id__in=manager_ids,
        item__in=items,
        state=CaseState.APPROVED,
        decided_at__lte=cut,
    ).order_by("manager_id", "happened_on", "number")


def compute(
    month: Month, manager_ids: Collection[int], cut: datetime, items: Collection[str]
) -> ByItem:
    """The cases decided by the cut; an empty list where there are none. One query.

    Prizes of one contest bear its name, of which the engine counts the highest.
    """
    found: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for case in cases_counted(month, manager_ids, cut, items):
        found[case.item, case.manager_id].append(
            {
                "option": case.option,
                "points": f"{case.points:f}",
                "label": case.number,
                **({"event": contest} if (contest := contest_of(case.count_key)) else {}),
                **({"is_veto": True} if case.is_veto else {}),
            }
        )
    return {
        item: {
            manager_id: {"cases": found.get((item, manager_id), [])} for manager_id in manager_ids
        }
        for item in items
    }


def rows(month: Month, manager_id: int, cut: datetime, item: str) -> Sequence[CountedRow]:
    """The cases counted for one manager."""
    return [
        CountedRow(
            label=case.number,
            note=_("认定 %(when)s") % {"when": moment(case.decided_at)} if case.decided_at else "",
            state="done",
            state_text=_("一票否决")
            if case.is_veto
            else _("%(n)s 分") % {"n": signed(case.points)},
            url=reverse("case", args=[case.pk]),
        )
        for case in cases_counted(month, [manager_id], cut, [item])
    ]


METRIC: Final = Metric(
    key="cases",
    label=gettext_lazy("加减分事项"),
    formulas=frozenset({"CASE"}),
    compute=compute,
    rows=rows,
)

"""Ratings and exam marks that people gave (annex 5.3: P2c, P4, P5a, P5b)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formats import moment, number
from core.periods import Month
from kpi.choices import MarkKind
from kpi.inputs import Inputs
from kpi.metrics import ByItem, CountedRow, Metric
from kpi.models import Mark


def marks_counted(
    month: Month, manager_ids: Collection[int], cut: datetime, items: Collection[str]
) -> QuerySet[Mark]:
    """The marks of these items that stood at the cut."""
    return (
        Mark.objects.counted_at(cut)
        .filter(month=month.key, manager_id__in=manager_ids, item__in=items)
        .order_by("manager_id", "item", "question")
    )


def compute(
    month: Month, manager_ids: Collection[int], cut: datetime, items: Collection[str]
) -> ByItem:
    """The marks that stood at the cut; None where nobody gave one. One query."""
    found: dict[str, dict[int, Inputs | None]] = {
        item: dict.fromkeys(manager_ids) for item in items
    }
    marks = marks_counted(month, manager_ids, cut, items)
    for manager_id, item, kind, question, value in marks.values_list(
        "manager_id", "item", "kind", "question", "value"
    ):
        of_item = found[item]
        if kind == MarkKind.EXAM:
            of_item[manager_id] = {"mark": f"{value:f}"}
        else:
            ratings = (of_item[manager_id] or {}).get("ratings", {})
            of_item[manager_id] = {"ratings": {**ratings, question: f"{value:f}"}}
    return found


def rows(month: Month, manager_id: int, cut: datetime, item: str) -> Sequence[CountedRow]:
    """The marks counted for one manager: what, how many points, who gave them and when."""
    marks = marks_counted(month, [manager_id], cut, [item]).select_related("recorded_by")
    return [
        CountedRow(
            label=mark.basis or (_("考试") if mark.kind == MarkKind.EXAM else mark.question),
            note=_("%(name)s %(when)s 打分")
            % {"name": mark.recorded_by.name, "when": moment(mark.recorded_at)},
            state="done",
            state_text=_("%(n)s 分") % {"n": number(mark.value.normalize())},
            url=f"{reverse('marks', args=[month.key])}?item={item}",
        )
        for mark in marks
    ]


METRIC: Final = Metric(
    key="marks",
    label=gettext_lazy("评分与考试"),
    formulas=frozenset({"RATE5", "EXAM"}),
    compute=compute,
    rows=rows,
)

"""Ratings and exam marks that people gave (annex 5.3: P2c, P4, P5a, P5b)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
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
from kpi.metrics import CountedRow, Metric
from kpi.models import Mark


def _marks(month: Month, manager_ids: Collection[int], cut: datetime, item: str) -> QuerySet[Mark]:
    return (
        Mark.objects.counted_at(cut)
        .filter(month=month.key, manager_id__in=manager_ids, item=item)
        .order_by("manager_id", "question")
    )


def compute(
    month: Month, manager_ids: Collection[int], cut: datetime, item: str
) -> Mapping[int, Inputs | None]:
    """The marks that stood at the cut, by manager; None where nobody gave one. One query."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    exams: dict[int, str] = {}
    for manager_id, kind, question, value in _marks(month, manager_ids, cut, item).values_list(
        "manager_id", "kind", "question", "value"
    ):
        if kind == MarkKind.EXAM:
            exams[manager_id] = f"{value:f}"
        else:
            found[manager_id][question] = f"{value:f}"
    return {
        manager_id: _inputs(exams.get(manager_id), found.get(manager_id))
        for manager_id in manager_ids
    }


def _inputs(mark: str | None, ratings: dict[str, str] | None) -> Inputs | None:
    if mark is not None:
        return {"mark": mark}
    return {"ratings": ratings} if ratings else None


def rows(month: Month, manager_id: int, cut: datetime, item: str) -> Sequence[CountedRow]:
    """The marks counted for one manager: what, how many points, who gave them and when."""
    marks = _marks(month, [manager_id], cut, item).select_related("recorded_by")
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

"""Ratings and exam marks that people gave (annex 5.3: P2c, P4, P5a, P5b)."""

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
from kpi.computing import scheme_for
from kpi.inputs import Inputs
from kpi.labels import label_set_of, name_of
from kpi.metrics import ByItem, CountedRow, Metric
from kpi.models import Mark
from kpi.scheme import parsed


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
    """The marks counted for one manager: what, how many points, who gave them and when.

    A rating is named by its question, in the order of the month's scheme.
    """
    marks = marks_counted(month, [manager_id], cut, [item]).select_related("recorded_by")
    names = _question_names(month, cut, item)
    places = {code: place for place, code in enumerate(names)}
    return [
        CountedRow(
            label=_label(mark, names),
            note=note_of(mark),
            state="done",
            state_text=_("%(n)s 分") % {"n": number(mark.value.normalize())},
            url=f"{reverse('marks-of', args=[month.key, manager_id])}#{item}",
        )
        for mark in sorted(marks, key=lambda one: places.get(one.question, len(places)))
    ]


def _question_names(month: Month, cut: datetime, item: str) -> dict[str, str]:
    """What the questions of an item are called, by code, in their order."""
    scheme = scheme_for(month, cut)
    found = parsed(scheme.content).by_code.get(item) if scheme else None
    if found is None:
        return {}
    label_set = label_set_of(month)
    return {str(one["code"]): name_of(one["names"], label_set) for one in found.questions}


def _label(mark: Mark, names: Mapping[str, str]) -> str:
    if mark.kind == MarkKind.EXAM:
        return mark.basis or _("考试")
    return names.get(mark.question, mark.question)


def note_of(mark: Mark) -> str:
    """Who gave it and when; of a rating, also what it rests on."""
    given = _("%(name)s %(when)s 打分") % {
        "name": mark.recorded_by.name,
        "when": moment(mark.recorded_at),
    }
    if mark.kind == MarkKind.EXAM or not mark.basis:
        return given
    return _("%(given)s，%(basis)s") % {"given": given, "basis": mark.basis}


METRIC: Final = Metric(
    key="marks",
    label=gettext_lazy("评分与考试"),
    formulas=frozenset({"RATE5", "EXAM"}),
    compute=compute,
    rows=rows,
)

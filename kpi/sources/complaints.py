"""Complaints answered in time (annex 5.2 S2): a complaint counts in the month of its deadline.

S2 measures speed alone; that a complaint is justified costs D3 (annex 5.4). Only customers'
complaints count: an employee's is its investigator's and the general manager's alone (K3.6), and
a line of the sheet would give it away. What was taken back needed no answer.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, time
from functools import partial
from typing import Final

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actors import Actor
from core.formats import moment
from core.periods import Month, instant
from kpi.choices import Complainant, ComplaintState
from kpi.inputs import Inputs
from kpi.metrics import ByItem, CountedRow, Metric
from kpi.models import Complaint
from kpi.models.cases import ComplaintQuerySet


def complaints_counted(
    month: Month, manager_ids: Collection[int], cut: datetime
) -> ComplaintQuerySet:
    """Customers' complaints due in the month that can be judged at the cut.

    They have been answered by then, or their deadline has passed.
    """
    found: ComplaintQuerySet = Complaint.objects.filter(
        complainant=Complainant.CUSTOMER,
        manager_id__in=manager_ids,
        answer_due_at__gte=instant(month.first, time.min),
        answer_due_at__lt=instant(month.next.first, time.min),
        raised_at__lte=cut,
    )
    is_taken_back = Q(state=ComplaintState.WITHDRAWN, decided_at__lte=cut)
    return found.exclude(is_taken_back).filter(Q(answered_at__lte=cut) | Q(answer_due_at__lt=cut))


def compute(
    month: Month, manager_ids: Collection[int], cut: datetime, items: Collection[str]
) -> ByItem:
    """Those answered by their deadline of all, by manager; None where there was none. One query."""
    in_time = Q(answered_at__lte=F("answer_due_at")) & Q(answered_at__lte=cut)
    counts = {
        manager_id: (met, total)
        for manager_id, met, total in complaints_counted(month, manager_ids, cut)
        .order_by()
        .values_list("manager_id")
        .annotate(met=Count("pk", filter=in_time), total=Count("pk"))
    }
    found = {manager_id: _inputs(*counts.get(manager_id, (0, 0))) for manager_id in manager_ids}
    return dict.fromkeys(items, found)


def _inputs(met: int, total: int) -> Inputs | None:
    return {"met": str(met), "total": str(total)} if total else None


def rows(month: Month, manager_id: int, cut: datetime, item: str) -> Sequence[CountedRow]:
    """The complaints counted for one manager, by deadline: by number, without what they say."""
    complaints = complaints_counted(month, [manager_id], cut)
    return [_row(one, cut) for one in complaints.order_by("answer_due_at", "pk")]


def _row(complaint: Complaint, cut: datetime) -> CountedRow:
    answered_at = complaint.answered_at
    note = _("应于 %(when)s 前答复") % {"when": moment(complaint.answer_due_at)}
    if answered_at is None or answered_at > cut:
        state, text = "missing", _("未答复")
    else:
        is_late = answered_at > complaint.answer_due_at
        state, text = ("late", _("迟答复")) if is_late else ("on_time", _("按时"))
        answered = _("%(when)s 答复") % {"when": moment(answered_at)}
        note = _("%(due)s，%(answered)s") % {"due": note, "answered": answered}
    return CountedRow(
        label=complaint.number,
        note=note,
        state=state,
        state_text=text,
        url=reverse("complaint", args=[complaint.pk]),
        is_open_to=partial(_sees, complaint.pk),
    )


def _sees(complaint_id: int, actor: Actor) -> bool:
    """Whether the actor may open a complaint: never whom it is about."""
    return Complaint.objects.visible_to(actor).filter(pk=complaint_id).exists()


METRIC: Final = Metric(
    key="complaints.in_time",
    label=gettext_lazy("投诉按时答复"),
    formulas=frozenset({"RATIO"}),
    compute=compute,
    rows=rows,
)

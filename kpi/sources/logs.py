"""Service logs filled in time (W3, annex 5.3 P2b): by the day of the service, in its month.

A correction keeps the standing of what it corrects; what was taken back does not count.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formats import moment, short_day
from core.periods import Month, local_date
from core.queries import calendar
from kpi.inputs import Inputs
from kpi.metrics import ByItem, CountedRow, Metric, OpenDuty
from kpi.roster import posts_of
from worklogs.models import ServiceLog
from worklogs.rules import log_due_at


def logs_counted(month: Month, manager_ids: Collection[int], cut: datetime) -> QuerySet[ServiceLog]:
    """The logs of services in the month that held at the cut."""
    return ServiceLog.objects.counted_at(cut).filter(
        manager_id__in=manager_ids, occurred_on__gte=month.first, occurred_on__lte=month.last
    )


def compute(
    month: Month, manager_ids: Collection[int], cut: datetime, items: Collection[str]
) -> ByItem:
    """Logs in time of all logs, by manager; None where nothing was logged. One query."""
    counts = {
        manager_id: (met, total)
        for manager_id, met, total in logs_counted(month, manager_ids, cut)
        .order_by()
        .values_list("manager_id")
        .annotate(met=Count("pk", filter=Q(is_late=False)), total=Count("pk"))
    }
    found = {manager_id: _inputs(*counts.get(manager_id, (0, 0))) for manager_id in manager_ids}
    return dict.fromkeys(items, found)


def _inputs(met: int, total: int) -> Inputs | None:
    return {"met": str(met), "total": str(total)} if total else None


def rows(month: Month, manager_id: int, cut: datetime, item: str) -> Sequence[CountedRow]:
    """The logs counted for one manager, late ones first, then by day."""
    logs = logs_counted(month, [manager_id], cut).select_related("customer")
    return [
        CountedRow(
            label=f"{short_day(log.occurred_on)} {log.customer.name}",
            note=_("填写 %(when)s") % {"when": moment(log.recorded_at)},
            state="late" if log.is_late else "on_time",
            state_text=_("补记") if log.is_late else _("当天"),
            url=reverse("log", args=[log.thread_id]),
        )
        for log in logs.order_by("-is_late", "occurred_at", "pk")
    ]


def open_duties(
    month: Month, manager_id: int, at: datetime, items: Collection[str]
) -> Sequence[OpenDuty]:
    """Today's services, while none is logged on a working day."""
    today = local_date(at)
    days = calendar(today.year, today.year + 1)
    is_in_post = any(post.first <= today <= post.last for post in posts_of(month, [manager_id]))
    if today not in month or not days.is_workday(today) or not is_in_post:
        return []
    logs = logs_counted(month, [manager_id], at)
    if logs.filter(occurred_on=today).exists():
        return []
    met, total = logs.filter(is_late=False).count(), logs.count()
    return [
        OpenDuty(
            manager_id=manager_id,
            item=item,
            label=_("今天的服务日志"),
            due_at=log_due_at(today, days),
            url=reverse("log-new"),
            inputs={"met": str(met + 1), "total": str(total + 1)},
            otherwise={"met": str(met), "total": str(total + 1)},
        )
        for item in items
    ]


METRIC: Final = Metric(
    key="logs.in_time",
    label=gettext_lazy("日志及时"),
    formulas=frozenset({"RATIO"}),
    compute=compute,
    rows=rows,
    open_duties=open_duties,
)

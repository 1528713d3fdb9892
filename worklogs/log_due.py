"""What service logs imply for their managers: answers that customers wait for, promised steps.

``config.tables.DUE_SOURCES`` names ``due_items``; nothing of it is ever stored.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, time

from django.urls import reverse
from django.utils.translation import gettext as _

from core.formats import moment
from core.marked_days import filled
from core.periods import instant, local_date
from duties.rules import DueItem
from worklogs.log_queries import ONLY
from worklogs.models import ServiceLog

AT_MOST = 20
_END_OF_DAY = time(23, 59, 59)


def due_items(
    person_ids: Collection[int], first: datetime, last: datetime, at: datetime | None = None
) -> list[DueItem]:
    """Answers due in the span, and the steps promised for the day of ``at``; two queries."""
    return [*_answers(person_ids, first, last), *_steps(person_ids, at or first)]


def _answers(person_ids: Collection[int], first: datetime, last: datetime) -> Iterator[DueItem]:
    """Passive services whose customers still wait, with the tick that says they were answered."""
    waiting = (
        ServiceLog.objects.standing()
        .filter(
            ONLY["open"],
            manager_id__in=person_ids,
            answer_due_at__gte=first,
            answer_due_at__lte=last,
        )
        .select_related("customer")
        .order_by("answer_due_at", "pk")[:AT_MOST]
    )
    for log in waiting:
        if log.answer_due_at is None:
            continue
        yield DueItem(
            person_id=log.manager_id,
            kind="answer",
            title=_("答复 %(name)s") % {"name": log.customer.name},
            context=str(log.get_category_display()),
            due_at=log.answer_due_at,
            url=reverse("log", args=[log.thread_id]),
            waits=True,
            tick_url=reverse("log-answer", args=[log.thread_id]),
        )


def _steps(person_ids: Collection[int], at: datetime) -> Iterator[DueItem]:
    on = local_date(at)
    promised = (
        ServiceLog.objects.standing()
        .filter(manager_id__in=person_ids, next_on=on)
        .select_related("customer")
        .order_by("occurred_at", "pk")[:AT_MOST]
    )
    for log in promised:
        agreed = filled(_("%(when)s 约定"), when=moment(log.occurred_at, at))
        yield DueItem(
            person_id=log.manager_id,
            kind="step",
            title=log.next_step or log.customer.name,
            context=f"{log.customer.name} {agreed}",
            due_at=instant(on, _END_OF_DAY),
            url=reverse("log", args=[log.thread_id]),
            ends=True,
        )

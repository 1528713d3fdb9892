"""The weekly summary's figures: where each comes from, and the rows it counted (annex 3.4 A).

A source is named in config.tables.FIGURE_SOURCES; one that is not installed is absent, never 0.
Each source counts all managers of a week in one statement.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from config import tables
from core.periods import Week
from worklogs.choices import Category, Channel, Initiator
from worklogs.models import ServiceLog


@dataclass(frozen=True)
class Figure:
    """One line of the summary: its label, its unit, and which of the source's rows it counts."""

    key: str
    label: str | Promise
    unit: str | Promise
    rows: Q


@dataclass(frozen=True)
class Source:
    """A table that figures are counted from.

    ``rows(manager_ids, week, deadline_at, cut)`` gives the rows of the week up to the
    deadline, as they stood at the cut; each has ``manager_id``.
    """

    key: str
    figures: tuple[Figure, ...]
    rows: Callable[[Collection[int], Week, datetime, datetime], QuerySet[Any]]


def week_logs(
    manager_ids: Collection[int], week: Week, deadline_at: datetime, cut: datetime
) -> QuerySet[ServiceLog]:
    """Logs of services from Monday to the summary's deadline, as they stood at the cut."""
    return ServiceLog.objects.counted_at(cut).filter(
        manager_id__in=manager_ids,
        occurred_on__gte=week.monday,
        occurred_on__lte=week.sunday,
        occurred_at__lte=deadline_at,
    )


_ON_SITE = Q(channel=Channel.ON_SITE)
_PASSIVE = Q(initiator=Initiator.PASSIVE)
SERVICES: Final = Source(
    "services",
    (
        Figure("on_site_a", _("上门 A 类"), _("次"), _ON_SITE & Q(tier_code="A")),
        Figure("on_site_b", _("上门 B 类"), _("次"), _ON_SITE & Q(tier_code="B")),
        Figure("on_site_c", _("上门 C 类"), _("次"), _ON_SITE & Q(tier_code="C")),
        Figure(
            "on_site_persons", _("上门个人客户"), _("次"), _ON_SITE & Q(customer__kind="person")
        ),
        Figure(
            "calls",
            _("电话与短信"),
            _("次"),
            Q(channel__in=(Channel.PHONE, Channel.SMS)),
        ),
        Figure("active", _("主动服务"), _("次"), Q(initiator=Initiator.ACTIVE)),
        Figure("passive", _("被动服务"), _("次"), _PASSIVE),
        Figure(
            "answered_in_time",
            _("被动按时答复"),
            _("次"),
            _PASSIVE & Q(answered_at__lte=F("answer_due_at")),
        ),
        Figure("complaints", _("投诉"), _("件"), Q(category=Category.COMPLAINT)),
        Figure("late_logs", _("日志迟填"), _("笔"), Q(is_late=True)),
    ),
    week_logs,
)


@cache
def sources() -> tuple[Source, ...]:
    """The installed sources, in their order on the form."""
    return tuple(import_string(path) for path in tables.FIGURE_SOURCES)


@cache
def figures() -> Mapping[str, Figure]:
    """Every figure that has a source, by key, in the form's order."""
    return {figure.key: figure for source in sources() for figure in source.figures}


def counted(
    manager_ids: Collection[int], week: Week, deadline_at: datetime, cut: datetime
) -> dict[int, dict[str, int]]:
    """Each manager's services of the week as figures (W4, annex 3.4 A).

    One statement a source, however many managers.
    """
    found = {manager_id: dict.fromkeys(figures(), 0) for manager_id in manager_ids}
    for source in sources():
        counts = {figure.key: Count("pk", filter=figure.rows) for figure in source.figures}
        rows = source.rows(manager_ids, week, deadline_at, cut)
        for row in rows.order_by().values("manager_id").annotate(**counts):
            manager_id = row.pop("manager_id")
            found[manager_id].update(row)
    return found


def rows_counted(
    key: str, manager_id: int, week: Week, deadline_at: datetime, cut: datetime
) -> QuerySet[Any]:
    """The very rows one figure counted for one manager; KeyError for an unknown figure."""
    for source in sources():
        for figure in source.figures:
            if figure.key == key:
                return source.rows([manager_id], week, deadline_at, cut).filter(figure.rows)
    raise KeyError(key)

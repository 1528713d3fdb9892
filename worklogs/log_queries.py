"""Reads for the pages of service logs: filters, counts, recent customers, versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.actors import Actor
from core.formats import hour, moment, month_day, short_day
from core.marked_days import filled
from core.parts import Choice, Difference
from core.periods import local_date
from customers.models import Contact, Customer, CustomerQuerySet
from customers.queries import once_held_by
from organization.in_force import settings_of
from worklogs.choices import Initiator
from worklogs.models import ServiceLog, ServiceLogQuerySet

CUSTOMERS_SHOWN: Final = 4
FOUND_AT_MOST: Final = 8
A_MINUTE, AN_HOUR = 60, 3600
# What may be asked of the list besides its fields.
ONLY: Final[Mapping[str, Q]] = {
    "late": Q(is_late=True),
    "unread": Q(read_at__isnull=True),
    "open": Q(initiator=Initiator.PASSIVE, answered_at__isnull=True),
}


@dataclass(frozen=True)
class LogFilter:
    """What a reader of the list asks for; everything may be left open."""

    words: str = ""
    first: date | None = None
    last: date | None = None
    manager_id: int | None = None
    initiator: str = ""
    channel: str = ""
    category: str = ""
    only: str = ""
    customer_id: int | None = None


def logs_found(actor: Actor, asked: LogFilter) -> ServiceLogQuerySet:
    """The standing logs that the actor may see and asked for."""
    rows = (
        ServiceLog.objects.visible_to(actor)
        .standing()
        .select_related("customer", "manager", "branch")
    )
    if asked.words:
        rows = rows.filter(
            Q(customer__in=Customer.objects.all().matching(asked.words).values("pk"))
        )
    exact: dict[str, Any] = {
        "occurred_on__gte": asked.first,
        "occurred_on__lte": asked.last,
        "manager_id": asked.manager_id,
        "customer_id": asked.customer_id,
        "initiator": asked.initiator,
        "channel": asked.channel,
        "category": asked.category,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    return rows.filter(ONLY[asked.only]) if asked.only in ONLY else rows


@dataclass(frozen=True)
class LogCounts:
    """How many of the logs asked for deviate."""

    total: int
    active: int
    late: int
    unread: int
    open: int


def log_counts(rows: ServiceLogQuerySet) -> LogCounts:
    """The counts above the list; one query."""
    found = rows.order_by().aggregate(
        total=Count("pk"),
        active=Count("pk", filter=Q(initiator=Initiator.ACTIVE)),
        **{only: Count("pk", filter=condition) for only, condition in ONLY.items()},
    )
    return LogCounts(**found)


def _when(occurred_at: datetime, at: datetime) -> str:
    seconds = int((at - occurred_at).total_seconds())
    if 0 <= seconds < A_MINUTE:
        return _("刚刚")
    if 0 <= seconds < AN_HOUR:
        return _("%(n)d 分钟前") % {"n": seconds // 60}
    if local_date(occurred_at) == local_date(at):
        return _("今天 %(hour)s") % {"hour": hour(occurred_at)}
    return month_day(occurred_at)


def recent_choices(manager_id: int, at: datetime, limit: int = CUSTOMERS_SHOWN) -> list[Choice]:
    """The customers somebody served last, with when and what about; others of his behind them.

    Two queries at most.
    """
    latest: dict[int, ServiceLog] = {}
    rows = (
        ServiceLog.objects.standing()
        .filter(manager_id=manager_id, customer__manager_id=manager_id)
        .select_related("customer")
        .order_by("-occurred_at", "-pk")
    )
    for log in rows[: limit * 8]:
        latest.setdefault(log.customer_id, log)
    choices = [
        Choice(
            str(log.customer_id),
            log.customer.name,
            filled(
                "%(when)s %(about)s",
                when=_when(log.occurred_at, at),
                about=log.get_category_display(),
            ),
        )
        for log in list(latest.values())[:limit]
    ]
    if len(choices) < limit:
        others = Customer.objects.filter(manager_id=manager_id).exclude(pk__in=list(latest))
        choices += _as_choices(others.select_related("tier")[: limit - len(choices)])
    return choices


def found_choices(actor: Actor, words: str, at: datetime) -> list[Choice]:
    """Customers that the actor serves, by name, pinyin, initials, code or phone tail.

    Behind them those given away so lately that a service of before may still be logged.
    """
    own = Customer.objects.visible_to(actor).filter(manager_id=actor.person_id)
    choices = _as_choices(own.matching(words).select_related("tier")[:FOUND_AT_MOST])
    given_away = _given_away(actor, at).matching(words)[: FOUND_AT_MOST - len(choices)]
    return choices + [
        Choice(str(customer.pk), customer.name, _("已移交，可补记移交前的服务"))
        for customer in given_away
    ]


def _given_away(actor: Actor, at: datetime) -> CustomerQuerySet:
    """The customers that the actor looked after within the time for logging."""
    today = local_date(at)
    within = settings_of(actor.branch_id or 0, today).log_within_days
    return once_held_by(actor.somebody, today - timedelta(days=within))


def _as_choices(customers: Any) -> list[Choice]:
    return [
        Choice(str(customer.pk), customer.name, f"{customer.code} {customer.tier.name_zh}")
        for customer in customers
    ]


@dataclass(frozen=True)
class ChosenCustomer:
    """The customer of a log being written, and who can be named as the contact."""

    customer: Customer
    contacts: Sequence[Contact] = field(default=())

    @property
    def key_contact(self) -> Contact | None:
        """The one who is served as a rule: the key person, else the first known."""
        ranked = sorted(self.contacts, key=lambda one: (one.role != "key", one.pk))
        return ranked[0] if ranked else None


def chosen_customer(actor: Actor, customer_id: int, at: datetime) -> ChosenCustomer | None:
    """The customer with its contacts; None when the actor can log nothing for it."""
    visible = Customer.objects.visible_to(actor).filter(pk=customer_id)
    found = visible if visible.exists() else _given_away(actor, at).filter(pk=customer_id)
    customer = found.select_related("tier").prefetch_related("contacts").first()
    return ChosenCustomer(customer, list(customer.contacts.all())) if customer else None


@dataclass(frozen=True)
class LogVersion:
    """One version of a log and what it changed."""

    log: ServiceLog
    differences: Sequence[Difference]


def log_versions(thread_id: int) -> list[LogVersion]:
    """All versions of a log, newest first; one query."""
    rows = list(
        ServiceLog.objects.filter(thread_id=thread_id)
        .select_related("recorded_by", "customer", "contact")
        .order_by("number")
    )
    found = [LogVersion(newer, differences(older, newer)) for older, newer in pairwise(rows)]
    return [*reversed(found), LogVersion(rows[0], [])] if rows else []


def differences(older: ServiceLog, newer: ServiceLog) -> list[Difference]:
    """What the newer version says otherwise, in the words of the form."""
    old, new = _in_words(older), _in_words(newer)
    return [Difference(label, old[label], new[label]) for label in new if old[label] != new[label]]


def _in_words(log: ServiceLog) -> dict[str, str]:
    return {
        pgettext("一户", "客户"): log.customer.name,
        _("联系人"): log.contact.name if log.contact else "",
        _("服务时间"): moment(log.occurred_at),
        _("时长（分钟）"): "" if log.minutes is None else str(log.minutes),
        _("谁发起"): str(log.get_initiator_display()),
        _("方式"): str(log.get_channel_display()),
        _("类别"): str(log.get_category_display()),
        _("内容"): log.content,
        _("客户需求"): log.needs,
        _("存在问题"): log.problems,
        _("消费行为、动态"): log.behaviour,
        _("营销方案响应"): str(log.get_response_display()),
        _("推介的产品"): log.product,
        _("竞争对手"): log.competitors,
        _("后续事项"): log.next_step,
        _("后续日期"): short_day(log.next_on) if log.next_on else "",
        _("答复时间"): moment(log.answered_at) if log.answered_at else "",
    }

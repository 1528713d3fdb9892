"""Service logs (W3): written, corrected as versions, taken back, read by the supervisor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.calendar import Calendar
from core.errors import NotAllowed, NotFound, Problem, Refused, Stale
from core.periods import local_date
from core.queries import calendar
from customers.models import Contact, Customer
from customers.queries import customer_to_log
from organization.in_force import settings_of
from organization.settings import BranchSettings
from worklogs import permissions, rules
from worklogs.choices import CampaignResponse, Category, Channel, Initiator, LogSource
from worklogs.models import ServiceLog


@dataclass(frozen=True)
class LogEntry:
    """What somebody says of a service (annex 3.3); the rest is computed."""

    customer_id: int
    occurred_at: datetime
    initiator: str
    channel: str
    category: str
    content: str
    contact_id: int | None = None
    minutes: int | None = None
    needs: str = ""
    behaviour: str = ""
    response: str = ""
    product: str = ""
    competitors: str = ""
    problems: str = ""
    next_step: str = ""
    next_on: date | None = None
    answered_at: datetime | None = None
    # A passive service that still waits for an answer; else it was answered as it came in.
    is_open: bool = False


def _wrong(entry: LogEntry, at: datetime) -> list[Problem]:
    """What cannot stand in a log, each with the way to mend it."""
    problems = []
    choices: Sequence[tuple[str, str, Any, str]] = (
        ("initiator", entry.initiator, Initiator, _("选主动或被动。")),
        ("channel", entry.channel, Channel, _("选一种方式。")),
        ("category", entry.category, Category, _("选一个类别。")),
    )
    for field, value, known, message in choices:
        if value not in known.values:
            problems.append(Problem(field, message))
    if entry.response and entry.response not in CampaignResponse.values:
        problems.append(Problem("response", _("选接受、考虑、拒绝或未推介。")))
    if len(entry.content.strip()) < rules.CONTENT_AT_LEAST:
        problems.append(Problem("content", _("写一句做了什么、客户怎么说。")))
    if len(entry.content) > rules.TEXT_AT_MOST:
        problems.append(Problem("content", _("最多 %(n)d 个字。") % {"n": rules.TEXT_AT_MOST}))
    if not rules.happened_by_now(entry.occurred_at, at):
        problems.append(Problem("occurred_at", _("服务时间还没有到，改成已经发生的时间。")))
    if entry.answered_at and entry.answered_at < entry.occurred_at:
        problems.append(Problem("answered_at", _("答复时间早于服务时间。")))
    if entry.next_on and entry.next_on < local_date(entry.occurred_at):
        problems.append(Problem("next_on", _("后续日期早于服务当天。")))
    return problems


def _contact(entry: LogEntry, customer: Customer) -> Contact | None:
    if entry.contact_id is None:
        return None
    contact = Contact.objects.filter(pk=entry.contact_id, customer=customer).first()
    if contact is None:
        raise Refused(_("这位联系人不是这家客户的。"), field="contact")
    return contact


def _computed(
    entry: LogEntry, days: Calendar, settings: BranchSettings, first_recorded_at: datetime
) -> dict[str, Any]:
    """What the rules add: the local day, by when it was due, whether it is late."""
    occurred_on = local_date(entry.occurred_at)
    due_at = rules.log_due_at(occurred_on, days)
    is_passive = entry.initiator == Initiator.PASSIVE
    return {
        "occurred_on": occurred_on,
        "due_at": due_at,
        "is_late": rules.is_log_late(first_recorded_at, due_at),
        "answer_due_at": rules.answer_due_at(entry.occurred_at, days, settings)
        if is_passive
        else None,
        "answered_at": (entry.answered_at or entry.occurred_at)
        if is_passive and not entry.is_open
        else None,
    }


def _typed(entry: LogEntry) -> dict[str, Any]:
    """The entry's own fields as the row has them."""
    return {
        "occurred_at": entry.occurred_at,
        "minutes": entry.minutes,
        "initiator": entry.initiator,
        "channel": entry.channel,
        "category": entry.category,
        "content": entry.content.strip(),
        "needs": entry.needs.strip(),
        "behaviour": entry.behaviour.strip(),
        "response": entry.response,
        "product": entry.product.strip(),
        "competitors": entry.competitors.strip(),
        "problems": entry.problems.strip(),
        "next_step": entry.next_step.strip(),
        "next_on": entry.next_on,
    }


def _trail(log: ServiceLog) -> dict[str, Any]:
    """A log as the audit trail keeps it."""
    return {
        "customer": log.customer_id,
        "occurred_at": log.occurred_at.isoformat(),
        "initiator": log.initiator,
        "channel": log.channel,
        "category": log.category,
        "content": log.content,
        "answered_at": log.answered_at.isoformat() if log.answered_at else None,
    }


def log_for(actor: Actor, thread_id: int) -> ServiceLog:
    """The newest version of a service's log, if the actor may see it."""
    found = (
        ServiceLog.objects.visible_to(actor)
        .select_related("customer", "customer__tier", "contact", "manager", "branch")
        .filter(thread_id=thread_id)
        .order_by("-number")
        .first()
    )
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def record_log(
    *,
    entry: LogEntry,
    actor: Actor,
    at: datetime,
    external_id: str = "",
    source: str = LogSource.TYPED,
) -> ServiceLog:
    """Write the log of a service (W3, annex 3.3).

    With an ``external_id`` (of a key-customer system a branch already runs, P2) a repeat changes
    nothing and gives the log that stands; other content under the same id is a correction.
    """
    if not actor.has_role("manager"):
        raise NotAllowed(_("服务日志由客户经理自己写。"))
    problems = _wrong(entry, at)
    if problems:
        raise Refused(problems[0].message, field=problems[0].field, problems=problems)
    occurred_on = local_date(entry.occurred_at)
    customer = customer_to_log(actor, entry.customer_id, occurred_on)
    if external_id:
        known = _standing_external(customer.branch_id, external_id)
        if known is not None:
            return _repeated(known, entry, actor, at)
    else:
        _check_day(customer.branch_id, occurred_on, at, at)
    contact = _contact(entry, customer)
    settings = settings_of(customer.branch_id, occurred_on)
    log = ServiceLog(
        manager_id=actor.somebody,
        branch_id=customer.branch_id,
        customer=customer,
        contact=contact,
        tier_code=customer.tier.code,
        source=source,
        external_id=external_id or None,
        recorded_at=at,
        updated_at=at,
        recorded_by_id=actor.somebody,
        **_typed(entry),
        **_computed(entry, calendar(), settings, at),
    )
    try:
        with transaction.atomic():
            log.save()
    except IntegrityError:
        # The same external id arrived twice at once: the other one stands.
        known = _standing_external(customer.branch_id, external_id)
        if known is None:
            raise
        return _repeated(known, entry, actor, at)
    log.thread_id = log.pk
    log.save(update_fields=["thread_id"])
    _record(actor, at, "worklogs.record_log", log, before=None)
    return log


def _record(
    actor: Actor,
    at: datetime,
    what: str,
    log: ServiceLog,
    before: dict[str, Any] | None,
    why: str = "",
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="log",
        target_id=log.thread_id,
        target_label=log.customer.name,
        branch_id=log.branch_id,
        before=before,
        after=_trail(log),
        why=why,
    )


def _standing_external(branch_id: int, external_id: str) -> ServiceLog | None:
    return (
        ServiceLog.objects.filter(branch_id=branch_id, external_id=external_id)
        .filter(superseded_at__isnull=True)
        .select_related("customer")
        .first()
    )


def _repeated(known: ServiceLog, entry: LogEntry, actor: Actor, at: datetime) -> ServiceLog:
    """The answer to an external id that is known: the same log, or a correction of it."""
    if known.manager_id != actor.person_id:
        raise Refused(_("这个外部编号已用于另一位客户经理的日志。"), field="external_id")
    is_same = known.customer_id == entry.customer_id and all(
        getattr(known, name) == value for name, value in _typed(entry).items()
    )
    if is_same:
        return known
    _check_age(known, at)
    return _corrected(known, entry, _("来源系统更新"), actor, at)


@transaction.atomic
def correct_log(
    *,
    thread_id: int,
    entry: LogEntry,
    reason: str,
    expected_number: int,
    actor: Actor,
    at: datetime,
) -> ServiceLog:
    """Write a new version of a log (W3); the old one stays, and so does the first receipt."""
    log = log_for(actor, thread_id)
    if not permissions.can_write_log(actor, log.manager_id):
        raise NotAllowed(_("日志由写它的客户经理更正。"))
    if log.number != expected_number:
        raise Stale({"number": log.number, **_trail(log)})
    if log.is_withdrawn:
        raise Refused(_("这笔日志已撤销，不能更正。"))
    problems = _wrong(entry, at)
    if len(reason.strip()) < rules.CONTENT_AT_LEAST:
        problems.append(Problem("reason", _("写明为什么更正。")))
    if problems:
        raise Refused(problems[0].message, field=problems[0].field, problems=problems)
    _check_age(log, at)
    return _corrected(log, entry, reason.strip(), actor, at)


def _check_day(branch_id: int, on: date, recorded_at: datetime, at: datetime) -> None:
    """Refuse a day that was too long ago when the log was first written."""
    settings = settings_of(branch_id, local_date(at))
    if not rules.log_can_be_written(on, local_date(recorded_at), settings):
        raise Refused(
            _("服务日期最多早 %(n)d 天，更早的请主管安排导入。") % {"n": settings.log_within_days},
            field="occurred_at",
        )


def was_handed_over(log: ServiceLog) -> bool:
    """Whether another system told it (W3): such a log may be of a day long past."""
    return bool(log.external_id) or log.source == LogSource.IMPORTED


def correctable_since(log: ServiceLog) -> date:
    """From which day the time for correcting a log runs: the service's, or its arrival's."""
    return local_date(first_recorded_at(log)) if was_handed_over(log) else log.occurred_on


def first_recorded_at(log: ServiceLog) -> datetime:
    """When a service was logged first; a correction does not move it."""
    return (
        ServiceLog.objects.filter(thread_id=log.thread_id, number=1)
        .values_list("recorded_at", flat=True)
        .get()
    )


def _check_age(log: ServiceLog, at: datetime) -> None:
    settings = settings_of(log.branch_id, local_date(at))
    since = correctable_since(log)
    if not rules.log_can_be_corrected(since, local_date(at), settings):
        n = {"n": settings.log_correct_within_days}
        if was_handed_over(log):
            raise Refused(_("导入已过 %(n)d 天，日志不再更正。") % n)
        raise Refused(_("服务已过 %(n)d 天，日志不再更正。") % n)


def _corrected(
    log: ServiceLog, entry: LogEntry, reason: str, actor: Actor, at: datetime
) -> ServiceLog:
    """Supersede the standing version by compare-and-set and write the next one."""
    # The writer corrects the own log also when somebody else looks after the customer by now.
    is_same = entry.customer_id == log.customer_id
    occurred_on = local_date(entry.occurred_at)
    first_at = first_recorded_at(log)
    customer = log.customer
    if not is_same or occurred_on != log.occurred_on:
        customer = customer_to_log(actor, entry.customer_id, occurred_on)
        if not was_handed_over(log):
            _check_day(log.branch_id, occurred_on, first_at, at)
    if not is_same and customer.branch_id != log.branch_id:
        raise Refused(_("更正不能换到另一家分公司的客户。"), field="customer")
    contact = _contact(entry, customer)
    settings = settings_of(log.branch_id, occurred_on)
    superseded = ServiceLog.objects.filter(pk=log.pk, superseded_at__isnull=True).update(
        superseded_at=at, updated_at=at
    )
    if not superseded:
        raise Stale({"number": log.number, **_trail(log)})
    newer = ServiceLog(
        thread_id=log.thread_id,
        number=log.number + 1,
        manager_id=log.manager_id,
        branch_id=log.branch_id,
        customer=customer,
        contact=contact,
        tier_code=log.tier_code if is_same else customer.tier.code,
        source=log.source,
        external_id=log.external_id,
        recorded_at=at,
        updated_at=at,
        recorded_by_id=actor.somebody,
        correction_reason=reason,
        **_typed(entry),
        **_computed(entry, calendar(), settings, first_at),
    )
    newer.save()
    _record(actor, at, "worklogs.correct_log", newer, before=_trail(log), why=reason)
    return newer


@transaction.atomic
def withdraw_log(*, thread_id: int, actor: Actor, at: datetime) -> ServiceLog:
    """Take back a log just saved (undo): it stays in the table and counts nowhere."""
    log = log_for(actor, thread_id)
    if not permissions.can_write_log(actor, log.manager_id):
        raise NotAllowed(_("日志由写它的客户经理撤销。"))
    if not rules.can_be_undone(log.recorded_at, at) or log.number > 1:
        raise Refused(_("保存已过 10 分钟，请改用更正。"))
    updated = ServiceLog.objects.filter(pk=log.pk, superseded_at__isnull=True).update(
        is_withdrawn=True, superseded_at=at, updated_at=at
    )
    if updated:
        audit.record(
            actor=actor,
            at=at,
            what="worklogs.withdraw_log",
            target_type="log",
            target_id=thread_id,
            target_label=log.customer.name,
            branch_id=log.branch_id,
            before={"is_withdrawn": False},
            after={"is_withdrawn": True},
        )
    newest = log_for(actor, thread_id)
    if not newest.is_withdrawn:
        # A correction came in between: taking back what was corrected would say the wrong thing.
        raise Stale({"number": newest.number, **_trail(newest)})
    return newest


@transaction.atomic
def read_log(*, thread_id: int, remark: str, actor: Actor, at: datetime) -> ServiceLog:
    """The supervisor has read a log, with or without a remark (P1.2)."""
    log = log_for(actor, thread_id)
    if not permissions.can_read_remark(actor, log):
        raise NotAllowed(_("日志由本分公司主管批阅，自己的除外。"))
    before = {"remark": log.read_remark}
    updated = ServiceLog.objects.filter(pk=log.pk, is_withdrawn=False).update(
        read_at=at, read_by_id=actor.somebody, read_remark=remark.strip(), updated_at=at
    )
    if not updated:
        raise Refused(_("这笔日志已撤销，不用批阅。"))
    log = log_for(actor, thread_id)
    audit.record(
        actor=actor,
        at=at,
        what="worklogs.read_log",
        target_type="log",
        target_id=thread_id,
        target_label=log.customer.name,
        branch_id=log.branch_id,
        before=before,
        after={"remark": log.read_remark},
    )
    return log

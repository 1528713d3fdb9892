"""Logs compared with what stands, and written as sets: new ones, and versions of known ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from core.imports.tables import References, Row, Scope, Shown, shown_plainly
from core.periods import local, local_date
from organization.roster import Member
from worklogs import rules
from worklogs.choices import CampaignResponse, Category, Channel, Initiator, LogSource
from worklogs.imports.reading import Served
from worklogs.models import ServiceLog

BATCH = 5000
SIZE = 1000
_STORED = (
    "content",
    "needs",
    "behaviour",
    "competitors",
    "problems",
    "next_step",
    "initiator",
    "channel",
    "category",
    "response",
    "product",
    "minutes",
    "next_on",
    "occurred_at",
    "answered_at",
)


def current(
    keys: Sequence[Any], references: References, _scope: Scope
) -> Mapping[Any, Mapping[str, Shown]]:
    """The standing logs of these (branch, external id) pairs; two queries a batch."""
    wanted = set(keys)
    ids = sorted({external_id for _branch, external_id in wanted})
    logs: dict[tuple[int, str], ServiceLog] = {}
    firsts: dict[int, datetime] = {}
    for start in range(0, len(ids), BATCH):
        found = ServiceLog.objects.filter(
            external_id__in=ids[start : start + BATCH], superseded_at__isnull=True
        ).order_by()
        for log in found:
            if (log.branch_id, log.external_id or "") in wanted:
                logs[log.branch_id, log.external_id or ""] = log
        first_versions = ServiceLog.objects.filter(
            external_id__in=ids[start : start + BATCH], number=1
        )
        firsts.update(first_versions.order_by().values_list("pk", "recorded_at"))
    references["logs"], references["first_recorded"] = logs, firsts
    codes = {served.pk: served for served in references["customers"].values()}
    members = {member.pk: member for member in references["roster"].by_number.values()}
    return {key: _record(log, codes, members) for key, log in logs.items()}


def _record(
    log: ServiceLog, customers: Mapping[int, Served], members: Mapping[int, Member]
) -> Mapping[str, Shown]:
    record = {name: _SHOW.get(name, shown_plainly)(getattr(log, name)) for name in _STORED}
    served = customers.get(log.customer_id)
    record["customer"] = show_customer(served) if served else Shown(None, "")
    record["manager"] = show_manager(members[log.manager_id])
    record["external_id"] = shown_plainly(log.external_id)
    return record


def write(new: Sequence[Row], changed: Sequence[Row], references: References, scope: Scope) -> None:
    """New logs, and new versions of those that changed; the same statements for any number."""
    logs: Mapping[tuple[int, str], ServiceLog] = references["logs"]
    firsts: Mapping[int, datetime] = references["first_recorded"]
    created = [_log(row, references, scope, scope.at) for row in new]
    corrected = []
    for row in changed:
        old = logs[row.values["key"]]
        newer = _log(row, references, scope, firsts.get(old.thread_id or 0, scope.at), old)
        newer.thread_id, newer.number = old.thread_id, old.number + 1
        newer.correction_reason = _("来源系统更新")
        corrected.append(newer)
    old_ids = [logs[row.values["key"]].pk for row in changed]
    for start in range(0, len(old_ids), BATCH):
        ServiceLog.objects.filter(pk__in=old_ids[start : start + BATCH]).update(
            superseded_at=scope.at, updated_at=scope.at
        )
    ServiceLog.objects.bulk_create([*created, *corrected], batch_size=SIZE)
    # A log's thread is its first version's id, known only now.
    ServiceLog.objects.filter(thread_id__isnull=True, source=LogSource.IMPORTED).update(
        thread_id=F("pk")
    )


def _log(
    row: Row,
    references: References,
    scope: Scope,
    first_recorded_at: datetime,
    old: ServiceLog | None = None,
) -> ServiceLog:
    served: Served = row.values["customer"]
    manager: Member = row.values["manager"]
    given = {name: getattr(old, name) for name in _STORED} if old else {}
    given |= {name: row.values[name] for name in _STORED if name in row.values}
    occurred_at: datetime = given["occurred_at"]
    occurred_on = local_date(occurred_at)
    due_at = rules.log_due_at(occurred_on, references["calendar"])
    is_passive = given["initiator"] == Initiator.PASSIVE
    if not is_passive:
        given["answered_at"] = None
    return ServiceLog(
        **given,
        manager_id=manager.pk,
        branch_id=served.branch_id,
        customer_id=served.pk,
        tier_code=old.tier_code if old else served.tier_code,
        occurred_on=occurred_on,
        due_at=due_at,
        # The system it comes from knows when it was written down; we only know when it came.
        is_late=rules.is_log_late(row.values.get("filled_at", first_recorded_at), due_at),
        answer_due_at=rules.answer_due_at(
            occurred_at,
            references["calendar"],
            references["settings"].of(served.branch_id, occurred_on),
        )
        if is_passive
        else None,
        source=LogSource.IMPORTED,
        external_id=row.values["key"][1],
        recorded_at=scope.at,
        updated_at=scope.at,
        recorded_by_id=scope.actor.person_id or manager.pk,
    )


def show_customer(served: Served) -> Shown:
    """A customer by its code."""
    return Shown(served.pk, served.code)


def show_manager(member: Member) -> Shown:
    """Whoever wrote the log, by name."""
    return Shown(member.pk, member.name)


def show_moment(at: datetime | None) -> Shown:
    """An instant on Shanghai's wall clock."""
    return Shown(at, f"{local(at):%Y-%m-%d %H:%M}" if at else "")


def show_choice(choices: Any) -> Callable[[str], Shown]:
    """Shows a choice by its label."""

    def show(value: str) -> Shown:
        return Shown(value, str(choices(value).label) if value else "")

    return show


_SHOW: Mapping[str, Callable[[Any], Shown]] = {
    "initiator": show_choice(Initiator),
    "channel": show_choice(Channel),
    "category": show_choice(Category),
    "response": show_choice(CampaignResponse),
    "occurred_at": show_moment,
    "answered_at": show_moment,
}

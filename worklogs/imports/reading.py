"""Rows of logs read and checked against customers, people and the rules of W3."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils.translation import gettext as _

from core.imports import values
from core.imports.tables import References, Row, Scope
from core.imports.values import Reading, WrongValue
from core.periods import instant, local_date
from core.queries import calendar
from core.workbooks import Cell
from customers.models import Customer
from organization.in_force import settings_through
from organization.roster import AmbiguousNumberError, Member, Roster, read_roster
from worklogs import rules

_CLOCK = re.compile(r"[ T]?(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2}))?[分秒]?$")


@dataclass(frozen=True, slots=True)
class Served:
    """A customer as a log refers to one."""

    pk: int
    code: str
    branch_id: int
    manager_id: int | None
    tier_code: str


def moment(cell: Cell, reading: Reading) -> datetime:
    """A date with its time of day, on Shanghai's wall clock; a date alone is wrong."""
    if isinstance(cell, datetime):
        return instant(cell.date(), cell.time().replace(microsecond=0))
    if isinstance(cell, (int, float)) and 10_000 < cell < 80_000 and not float(cell).is_integer():
        days, rest = divmod(cell, 1)
        seconds = timedelta(seconds=round(rest * 86400))
        return instant(values.day(int(days), reading), time.min) + seconds
    written = values.half_width(cell)
    clock = _CLOCK.search(written)
    if clock is None:
        values.day(cell, reading)
        raise WrongValue(_("缺少钟点，请写成 2026-11-27 14:30"))
    on = values.day(written[: clock.start()].strip(), reading)
    try:
        at = time(int(clock[1]), int(clock[2]), int(clock[3] or 0))
    except ValueError as error:
        raise WrongValue(_("没有这个钟点，请写成 2026-11-27 14:30")) from error
    return instant(on, at)


def customer(cell: Cell, reading: Reading) -> Served:
    """The customer with this code, among those that the reader may import for."""
    code = str(values.code(30)(cell, reading))
    found = reading.references["customers"].get(code)
    if found is None:
        raise WrongValue(_("没有编码为 %(code)s 的客户，请核对或先导入客户") % {"code": code})
    served: Served = found
    return served


def manager(cell: Cell, reading: Reading) -> Member:
    """Whoever has this job number; people who have left since wrote logs too."""
    number = values.job_number(cell, reading)
    roster: Roster = reading.references["roster"]
    try:
        member = roster.find(number)
    except AmbiguousNumberError as error:
        raise WrongValue(
            _("工号 %(number)s 前面少了 0，对得上的不止一人，请写全") % {"number": number}
        ) from error
    if member is None:
        raise WrongValue(_("没有工号 %(number)s，请核对花名册") % {"number": number})
    return member


def content(cell: Cell, reading: Reading) -> str:
    """What was done, in a sentence at least (annex 3.3)."""
    text = str(values.text(rules.TEXT_AT_MOST)(cell, reading))
    if len(text) < rules.CONTENT_AT_LEAST:
        raise WrongValue(_("写一句做了什么、客户怎么说"))
    return text


def references(scope: Scope) -> References:
    """Customers, people, working days and settings that the rows need; six queries."""
    customers = Customer.objects.order_by()
    if scope.branches is not None:
        customers = customers.filter(branch_id__in=scope.branches)
    return {
        "customers": {
            row[1]: Served(*row)
            for row in customers.values_list("pk", "code", "branch_id", "manager_id", "tier__code")
        },
        "roster": read_roster(scope.on),
        "calendar": calendar(),
        "settings": settings_through(scope.on),
    }


def resolve(rows: Sequence[Row], refs: References, scope: Scope) -> None:
    """Settle each log's manager, check its moments, and give it the key it is known by."""
    roster: Roster = refs["roster"]
    people = {member.pk: member for member in roster.by_number.values()}
    for row in rows:
        served: Served | None = row.values.get("customer")
        if served is None:
            continue
        writer = row.values.get("manager")
        if writer is None and not any(key == "manager" for key, _reason in row.problems):
            writer = people.get(served.manager_id or 0)
            if writer is None:
                row.refuse("manager", _("客户没有客户经理，请填工号"))
            else:
                row.values["manager"] = writer
        _check_moments(row, scope)
        row.values["key"] = (served.branch_id, _external_id(row, served, writer))


def _check_moments(row: Row, scope: Scope) -> None:
    occurred_at = row.values.get("occurred_at")
    if occurred_at is None:
        return
    if not rules.happened_by_now(occurred_at, scope.at):
        row.refuse("occurred_at", _("服务时间还没有到，请改成已经发生的时间"))
    answered_at, next_on = row.values.get("answered_at"), row.values.get("next_on")
    if answered_at is not None and answered_at < occurred_at:
        row.refuse("answered_at", _("答复时间早于服务时间"))
    if next_on is not None and next_on < local_date(occurred_at):
        row.refuse("next_on", _("后续日期早于服务当天"))
    filled_at = row.values.get("filled_at")
    if filled_at is not None and filled_at < occurred_at:
        row.refuse("filled_at", _("录入时间早于服务时间"))


def _external_id(row: Row, served: Served, writer: Member | None) -> str:
    if row.values.get("external_id"):
        return str(row.values["external_id"])
    said = [
        served.code,
        writer.job_number if writer else "",
        str(row.values.get("occurred_at", "")),
        row.values.get("channel", ""),
        row.values.get("content", ""),
    ]
    return "file:" + hashlib.sha256("\0".join(said).encode()).hexdigest()[:40]

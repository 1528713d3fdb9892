"""The inspection sheet from a month on (annex 3.8): what comes, never what has begun."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Problem, Refused
from core.periods import Month, local_date
from core.unique import unless_taken
from inspections.checks import checks
from inspections.choices import Taking
from inspections.models import CheckItem
from inspections.permissions import can_set_items
from inspections.queries import check_items
from inspections.words import FAULTS

POINTS_AT_MOST: Final = Decimal(100)
NAME_AT_MOST: Final = 40
_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,19}")


@transaction.atomic
def set_check_item(
    *,
    code: str,
    valid_from: Month,
    names: Mapping[str, str],
    points: Decimal,
    taking: str,
    faults: Mapping[str, Decimal],
    clause: str,
    rank: int,
    judged_by: str,
    actor: Actor,
    at: datetime,
) -> CheckItem:
    """Say what an item is worth and what it costs, from a month on that has not begun.

    ``faults`` are points off by kind of fault. Set again for the same month it replaces what
    was set. Months that run or are over stay as they are: a report made of them late is the
    same.
    """
    _guard(actor)
    cleaned = {key: text.strip() for key, text in names.items() if text.strip()}
    problems = [
        *_begun(valid_from, at),
        *_value_problems(code, cleaned, points, taking, faults, judged_by),
    ]
    if problems:
        raise Refused(problems[0].message, problems=problems)
    before = CheckItem.objects.filter(code=code, valid_from=valid_from.key).first()
    values: dict[str, Any] = {
        "names": cleaned,
        "points": points,
        "taking": taking,
        "faults": {kind: str(off) for kind, off in faults.items() if off},
        "clause": clause.strip(),
        "rank": rank,
        "judged_by": judged_by,
        "is_dropped": False,
    }
    item = _written(code, valid_from, values)
    _record("inspections.set_check_item", item, before, actor, at)
    return item


@transaction.atomic
def drop_check_item(*, code: str, valid_from: Month, actor: Actor, at: datetime) -> CheckItem:
    """Leave an item out from a month on that has not begun."""
    _guard(actor)
    standing = {item.code: item for item in check_items(valid_from)}.get(code)
    if standing is None:
        raise NotFound
    if problems := _begun(valid_from, at):
        raise Refused(problems[0].message, problems=problems)
    before = CheckItem.objects.filter(code=code, valid_from=valid_from.key).first()
    values = {
        name: getattr(standing, name)
        for name in ("names", "points", "taking", "faults", "clause", "rank", "judged_by")
    }
    item = _written(code, valid_from, {**values, "is_dropped": True})
    _record("inspections.drop_check_item", item, before or standing, actor, at)
    return item


@transaction.atomic
def withdraw_check_item(*, item_id: int, actor: Actor, at: datetime) -> None:
    """Take back a change whose month has not begun."""
    _guard(actor)
    item = CheckItem.objects.filter(pk=item_id).first()
    if item is None:
        raise NotFound
    if _begun(Month.parse(item.valid_from), at):
        raise Refused(_("已经开始的月份不能撤回，请从下个月起改。"))
    CheckItem.objects.filter(pk=item_id).delete()
    item.pk = item_id
    _record("inspections.withdraw_check_item", None, item, actor, at)


def _guard(actor: Actor) -> None:
    if not can_set_items(actor):
        raise NotAllowed(_("检查项目由市场部维护。"))


def _written(code: str, valid_from: Month, values: Mapping[str, Any]) -> CheckItem:
    with unless_taken(lambda: None):
        item, _made = CheckItem.objects.update_or_create(
            code=code, valid_from=valid_from.key, defaults=values
        )
    return item


def _begun(valid_from: Month, at: datetime) -> list[Problem]:
    """Whether the month runs already, as a problem of the field."""
    if valid_from.first > local_date(at):
        return []
    return [Problem("valid_from", _("只能从还没有开始的月份起改。"))]


def _value_problems(
    code: str,
    names: Mapping[str, str],
    points: Decimal,
    taking: str,
    faults: Mapping[str, Decimal],
    judged_by: str,
) -> list[Problem]:
    problems = []
    if not _CODE.fullmatch(code):
        problems.append(Problem("code", _("代码用小写字母、数字和连字符，字母开头。")))
    if not names.get("zh-hans") or any(len(name) > NAME_AT_MOST for name in names.values()):
        text = _("写一个名称，最多 %(n)d 个字。") % {"n": NAME_AT_MOST}
        problems.append(Problem("names", text))
    if not 0 < points <= POINTS_AT_MOST or points != round(points, 2):
        problems.append(Problem("points", _("分值在 0 和 100 之间，最多两位小数。")))
    if taking not in Taking.values:
        problems.append(Problem("taking", _("选一种扣分办法。")))
    elif taking == Taking.PER_FAULT and not any(faults.values()):
        problems.append(Problem("faults", _("至少写一种情形扣几分。")))
    for kind, off in faults.items():
        if kind not in FAULTS or not 0 <= off <= POINTS_AT_MOST or off != round(off, 2):
            problems.append(Problem("faults", _("每处扣分在 0 和 100 之间，最多两位小数。")))
            break
    if judged_by and judged_by not in checks() and not _is_known(judged_by):
        problems.append(Problem("judged_by", _("没有这个来源。")))
    return problems


def _is_known(judged_by: str) -> bool:
    """Whether an item names this source already, though it is not installed."""
    return CheckItem.objects.filter(judged_by=judged_by).exists()


def as_plain(item: CheckItem) -> dict[str, Any]:
    """An item as the trail keeps it."""
    return {
        "valid_from": item.valid_from,
        "names": item.names,
        "points": str(item.points),
        "taking": item.taking,
        "faults": item.faults,
        "clause": item.clause,
        "rank": item.rank,
        "judged_by": item.judged_by,
        "is_dropped": item.is_dropped,
    }


def _record(
    what: str, item: CheckItem | None, before: CheckItem | None, actor: Actor, at: datetime
) -> None:
    target = item or before
    if target is None:
        return
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="check_item",
        target_id=target.pk,
        target_label=f"{target.code} {target.valid_from}",
        before=as_plain(before) if before else {},
        after=as_plain(item) if item else {},
    )

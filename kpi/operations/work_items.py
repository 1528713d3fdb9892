"""Work items of a target sheet (T4): set, changed, taken off, reported done / total."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotAllowed, NotFound, Problem, Refused, Stale
from core.periods import Month
from duties.choices import ToDoState
from duties.operations_to_dos import close_to_dos, reopen_to_dos
from kpi.models import Indicator, TargetSheet, WorkItem
from kpi.operations.targets import advance, branch_to_prepare, record_targets
from kpi.queries.bases import managers_of
from kpi.queries.targets import WORK_ITEM, issued_version, sheet_of
from kpi.target_entries import WorkEntry
from kpi.target_permissions import sees_targets
from organization.models import Branch

WHAT_AT_MOST = 120
UNIT_AT_MOST = 12
RESOURCE_AT_MOST = 200
QUANTITY_AT_MOST = 1_000_000
ITEMS_AT_MOST = 2000


@transaction.atomic
def add_work_items(
    *,
    branch_id: int,
    month: Month,
    manager_ids: Sequence[int],
    entry: WorkEntry,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> list[WorkItem]:
    """Give the same work to one manager or several; they learn of it when the sheet is issued."""
    branch = branch_to_prepare(actor, branch_id, month, at)
    known = {one.pk: one.name for one in managers_of(branch.pk, month)}
    wanted = list(dict.fromkeys(manager_ids))
    if not wanted or not set(wanted) <= set(known):
        raise Refused(_("选本分公司当月的客户经理。"), field="managers")
    values = _checked(entry, month)
    sheet = sheet_of(branch, month)
    if sheet.pk and sheet.items.count() + len(wanted) > ITEMS_AT_MOST:
        raise Refused(_("一张目标表最多 %(n)d 件工作。") % {"n": ITEMS_AT_MOST}, field="what")
    sheet = advance(sheet, expected_version, at)
    made = WorkItem.objects.bulk_create(
        [WorkItem(sheet=sheet, manager_id=manager_id, **values) for manager_id in wanted]
    )
    record_targets(
        actor,
        at,
        "kpi.add_work_items",
        sheet,
        after={known[item.manager_id]: _text(item) for item in made},
    )
    return made


@transaction.atomic
def change_work_item(
    *, item_id: int, entry: WorkEntry, expected_version: int, actor: Actor, at: datetime
) -> WorkItem:
    """Write an item anew; the to-do follows when the sheet is issued again."""
    item, branch, month = _item_to_prepare(item_id, actor, at)
    values = _checked(entry, month)
    before = {item.manager.name: _text(item)}
    sheet = advance(_sheet(item, branch), expected_version, at)
    WorkItem.objects.filter(pk=item.pk).update(version=F("version") + 1, **values)
    item.refresh_from_db()
    record_targets(
        actor,
        at,
        "kpi.change_work_item",
        sheet,
        before=before,
        after={item.manager.name: _text(item)},
    )
    return item


@transaction.atomic
def remove_work_item(
    *, item_id: int, expected_version: int, actor: Actor, at: datetime
) -> TargetSheet:
    """Take an item off; an issued one stays a to-do until the sheet is issued again."""
    item, branch, _month = _item_to_prepare(item_id, actor, at)
    sheet = advance(_sheet(item, branch), expected_version, at)
    record_targets(
        actor, at, "kpi.remove_work_item", sheet, before={item.manager.name: _text(item)}
    )
    item.delete()
    return sheet


def _sheet(item: WorkItem, branch: Branch) -> TargetSheet:
    item.sheet.branch = branch
    return item.sheet


def _item_to_prepare(item_id: int, actor: Actor, at: datetime) -> tuple[WorkItem, Branch, Month]:
    item = (
        WorkItem.objects.select_related("sheet", "manager", "indicator").filter(pk=item_id).first()
    )
    if item is None:
        raise NotFound
    month = Month.parse(item.sheet.month)
    return item, branch_to_prepare(actor, item.sheet.branch_id, month, at), month


def _checked(entry: WorkEntry, month: Month) -> dict[str, Any]:
    what, unit, resource = entry.what.strip(), entry.unit.strip(), entry.resource.strip()
    problems = []
    if not what:
        problems.append(Problem("what", _("写明做什么。")))
    for name, text, most in (
        ("what", what, WHAT_AT_MOST),
        ("unit", unit, UNIT_AT_MOST),
        ("resource", resource, RESOURCE_AT_MOST),
    ):
        if len(text) > most:
            problems.append(Problem(name, _("最多 %(n)d 个字") % {"n": most}))
    if not 1 <= entry.quantity <= QUANTITY_AT_MOST:
        problems.append(Problem("quantity", _("数量应是不小于 1 的整数。")))
    if entry.due_on not in month:
        problems.append(Problem("due_on", _("期限应在这个月里。")))
    indicator = Indicator.objects.filter(code=entry.code).first() if entry.code else None
    if entry.code and indicator is None:
        problems.append(Problem("code", _("没有这个指标，或已停用。")))
    if problems:
        raise Refused(problems[0].message, problems=problems)
    return {
        "what": what,
        "unit": unit,
        "resource": resource,
        "quantity": entry.quantity,
        "due_on": entry.due_on,
        "indicator": indicator,
    }


def _text(item: WorkItem) -> str:
    return f"{item.what} {item.quantity} {item.unit} {item.due_on} {item.resource}".strip()


@transaction.atomic
def report_work(
    *, item_id: int, done: int, expected_version: int, actor: Actor, at: datetime
) -> WorkItem:
    """A manager says how many of an issued item are done; all of them close its to-do."""
    item = (
        WorkItem.objects.select_related("sheet__branch", "manager", "indicator")
        .filter(pk=item_id, sheet__in=TargetSheet.objects.visible_to(actor))
        .first()
    )
    if item is None:
        raise NotFound
    if item.manager_id != actor.person_id:
        if not sees_targets(actor, item.sheet.branch_id):
            raise NotFound
        raise NotAllowed(_("完成情况由本人报。"))
    if not item.sheet.newest or not _is_issued(item):
        raise Refused(_("这件工作还没有下达。"))
    if not 0 <= done <= QUANTITY_AT_MOST:
        raise Refused(_("完成数应是不小于 0 的整数。"), field="done")
    updated = WorkItem.objects.filter(pk=item.pk, version=expected_version).update(
        done=done, reported_at=at, version=F("version") + 1
    )
    before = {"done": item.done}
    item.refresh_from_db(fields=["done", "reported_at", "version"])
    if not updated:
        raise Stale({"version": item.version, "done": item.done})
    if done >= item.quantity:
        close_to_dos(WORK_ITEM, [item.pk], state=ToDoState.DONE, at=at)
    else:
        reopen_to_dos(WORK_ITEM, [item.pk], at=at)
    record_targets(
        actor,
        at,
        "kpi.report_work",
        item.sheet,
        before=before,
        after={"what": item.what, "done": done, "quantity": item.quantity},
    )
    return item


def _is_issued(item: WorkItem) -> bool:
    content = issued_version(item.sheet).content
    return any(one["id"] == item.pk for one in content["items"])

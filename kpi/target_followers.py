"""What follows when targets are issued: dated to-dos for the work items, and notices (T4)."""

from collections.abc import Sequence
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from core.actors import Actor
from core.formats import month_name, number
from core.periods import Month, instant
from duties.choices import NoticeKind, ToDoState
from duties.models import Notice, ToDo
from duties.notices import notice_to
from duties.operations import notify_all
from duties.operations_to_dos import close_to_dos, put_to_dos
from kpi.models import TargetVersion, WorkItem
from kpi.queries.targets import WORK_ITEM
from organization.in_force import SettingsHistory, settings_through
from organization.models import Person


def follow_issue(
    version: TargetVersion,
    managers: Sequence[Person],
    items: Sequence[WorkItem],
    previous: TargetVersion | None,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Put the items' to-dos (T4), drop those of items that are gone, tell every manager.

    The same statements for any number of them.
    """
    month = Month.parse(version.sheet.month)
    last: date = max([month.last, *(item.due_on for item in items)])
    settings = settings_through(last)
    put_to_dos([_to_do(item, version, settings, actor, at) for item in items])
    if previous is not None:
        standing = {item.pk for item in items}
        gone = [one["id"] for one in previous.content["items"] if one["id"] not in standing]
        close_to_dos(WORK_ITEM, gone, state=ToDoState.DROPPED, at=at)
    notify_all([_notice(one, version, month, at) for one in managers])


def _to_do(
    item: WorkItem,
    version: TargetVersion,
    settings: SettingsHistory,
    actor: Actor,
    at: datetime,
) -> ToDo:
    branch_id = version.sheet.branch_id
    is_done = item.done >= item.quantity
    return ToDo(
        owner_id=item.manager_id,
        branch_id=branch_id,
        title=title_of(item.what, item.quantity, item.unit),
        about=item.resource[:240],
        url=reverse("target-of", args=[version.sheet.month, item.manager_id]),
        due_at=instant(item.due_on, settings.of(branch_id, item.due_on).close_of_business),
        source_type=WORK_ITEM,
        source_id=item.pk,
        state=ToDoState.DONE if is_done else ToDoState.OPEN,
        created_at=at,
        created_by_id=actor.person_id,
        closed_at=(item.reported_at or at) if is_done else None,
        updated_at=at,
    )


def title_of(what: str, quantity: int, unit: str) -> str:
    """A work item in a line: what, and how many where it is more than one."""
    return what if quantity == 1 and not unit else f"{what} {number(quantity)} {unit}".rstrip()


def notice_key(version: TargetVersion) -> str:
    """Under which key a manager is told of a version."""
    return f"target:{version.pk}"


def _notice(manager: Person, version: TargetVersion, month: Month, at: datetime) -> Notice:
    def title() -> str:
        values = {"month": month_name(month), "n": version.number}
        if version.number > 1:
            return _("%(month)s目标已修订（第 %(n)d 版），请确认") % values
        return _("%(month)s目标已下达，请确认") % values

    return notice_to(
        manager,
        kind=NoticeKind.TARGET,
        group=f"target:{version.sheet_id}",
        key=notice_key(version),
        title=title,
        url=reverse("target-of", args=[month.key, manager.pk]),
        at=at,
    )

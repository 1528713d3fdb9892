"""A work item's to-do is ticked off on the list of to-dos (config.tables.TO_DO_SOURCES)."""

from datetime import datetime

from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import Refused
from kpi.models import WorkItem
from kpi.operations.work_items import report_work


def tick_work(*, source_id: int, is_done: bool, actor: Actor, at: datetime) -> None:
    """All of the item is done; taken back, none of it is."""
    item = WorkItem.objects.filter(pk=source_id).first()
    if item is None:
        raise Refused(_("这件工作已从目标表删去，等目标重新下达。"))
    report_work(
        item_id=item.pk,
        done=item.quantity if is_done else 0,
        expected_version=item.version,
        actor=actor,
        at=at,
    )

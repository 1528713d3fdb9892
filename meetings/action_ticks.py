"""An action's to-do is ticked off on the list of to-dos (config.tables.TO_DO_SOURCES)."""

from datetime import datetime

from django.utils.translation import gettext as _

from core.actors import Actor
from meetings.operations.actions import close_action, reopen_action
from meetings.queries.actions import action_for


def tick_action(*, source_id: int, is_done: bool, actor: Actor, at: datetime) -> None:
    """It is done, with what was said of it before; taken back, it is open again."""
    action = action_for(actor, source_id)
    if is_done:
        close_action(
            action_id=action.pk,
            result=action.result or _("已办"),
            expected_version=action.version,
            actor=actor,
            at=at,
        )
    else:
        reopen_action(
            action_id=action.pk,
            why=_("撤回办结"),
            expected_version=action.version,
            actor=actor,
            at=at,
        )

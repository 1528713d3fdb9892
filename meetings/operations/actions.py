"""Actions that meetings decided: to-dos of their owners until they are closed (annex 3.5)."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from core.evidence import Evidence, store_evidence
from duties.choices import ToDoState
from duties.operations_to_dos import close_to_dos, put_to_dos
from meetings.choices import ActionState
from meetings.following import SOURCE, to_dos_of
from meetings.minutes_permissions import can_close_action, can_drop_action
from meetings.models import Action
from meetings.queries.actions import action_for
from meetings.steps import needed_reason

RESULT_AT_MOST: Final = 400


@transaction.atomic
def close_action(
    *,
    action_id: int,
    result: str,
    evidence: Evidence | None = None,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Action:
    """Say that it is done, with what came of it and a file where there is one."""
    action = _to_change(actor, action_id, ActionState.OPEN)
    result = result.strip()
    if not result:
        raise Refused(_("写一句办成了什么。"), field="result")
    if len(result) > RESULT_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": RESULT_AT_MOST}, field="result")
    file = store_evidence(
        evidence,
        kind="action",
        branch_id=action.branch_id,
        actor=actor,
        at=at,
        level=action.meeting.level,
    )
    action = _set(
        action,
        expected_version,
        at,
        state=ActionState.DONE,
        result=result,
        closed_at=at,
        closed_by_id=actor.somebody,
        **({"file": file} if file else {}),
    )
    close_to_dos(SOURCE, [action.pk], state=ToDoState.DONE, at=at)
    _record("close_action", action, ActionState.OPEN, actor, at, result=result)
    return action


@transaction.atomic
def drop_action(
    *, action_id: int, why: str, expected_version: int, actor: Actor, at: datetime
) -> Action:
    """Take it back, saying why: it comes on no agenda any more. For who leads the branch."""
    action = action_for(actor, action_id)
    if not can_drop_action(actor, action):
        raise NotAllowed(_("行动项由分公司主管或总经理取消。"))
    _check(action, ActionState.OPEN)
    why = needed_reason(why)
    action = _set(
        action,
        expected_version,
        at,
        state=ActionState.DROPPED,
        result=why,
        closed_at=at,
        closed_by_id=actor.somebody,
    )
    close_to_dos(SOURCE, [action.pk], state=ToDoState.DROPPED, at=at)
    _record("drop_action", action, ActionState.OPEN, actor, at, why=why)
    return action


@transaction.atomic
def reopen_action(
    *, action_id: int, why: str, expected_version: int, actor: Actor, at: datetime
) -> Action:
    """It is to be done after all: back on the agenda and on its owner's list."""
    action = action_for(actor, action_id)
    if not can_close_action(actor, action):
        raise NotAllowed(_("行动项由责任人或分公司负责人办结。"))
    before = action.state
    if before == ActionState.OPEN:
        raise Refused(_("行动项还没有办结。"))
    if before == ActionState.DROPPED and not can_drop_action(actor, action):
        raise NotAllowed(_("取消的行动项由分公司主管或总经理恢复。"))
    why = needed_reason(why)
    action = _set(
        action,
        expected_version,
        at,
        state=ActionState.OPEN,
        closed_at=None,
        closed_by=None,
    )
    put_to_dos(to_dos_of([action], actor, at))
    _record("reopen_action", action, before, actor, at, why=why)
    return action


def _to_change(actor: Actor, action_id: int, state: ActionState) -> Action:
    action = action_for(actor, action_id)
    if not can_close_action(actor, action):
        raise NotAllowed(_("行动项由责任人或分公司负责人办结。"))
    _check(action, state)
    return action


def _check(action: Action, state: ActionState) -> None:
    if action.state != state:
        said = {
            ActionState.OPEN: _("行动项还没有办结。"),
            ActionState.DONE: _("行动项已经办结。"),
            ActionState.DROPPED: _("行动项已经取消。"),
        }
        raise Refused(said[ActionState(action.state)])


def _set(action: Action, expected_version: int, at: datetime, **values: Any) -> Action:
    """Change it by compare-and-set; Stale when somebody was faster."""
    updated = Action.objects.filter(
        pk=action.pk, version=expected_version, state=action.state
    ).update(version=F("version") + 1, updated_at=at, **values)
    again = Action.objects.select_related("meeting__branch", "owner", "branch").get(pk=action.pk)
    if not updated:
        raise Stale({"version": again.version, "state": again.state})
    return again


def _record(
    what: str,
    action: Action,
    before: str,
    actor: Actor,
    at: datetime,
    *,
    why: str = "",
    **more: Any,
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=f"meetings.{what}",
        target_type="meeting_action",
        target_id=action.pk,
        target_label=action.content,
        branch_id=action.branch_id,
        before={"state": str(before)},
        after={"state": str(action.state), **more},
        why=why,
    )

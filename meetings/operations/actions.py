"""Actions that meetings decided: to-dos of their owners until they are closed (annex 3.5)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from core.evidence import Evidence, store_evidence
from core.formats import month_day
from core.periods import instant
from duties.choices import NoticeKind, ToDoState
from duties.models import ToDo
from duties.notices import notice_to
from duties.operations import notify_all
from duties.operations_to_dos import close_to_dos, put_to_dos
from meetings.choices import ActionState
from meetings.minutes_permissions import can_close_action, can_drop_action
from meetings.models import Action, Meeting, MinutesVersion
from meetings.queries.actions import action_for
from meetings.steps import needed_reason
from meetings.words import sitting_name
from organization.in_force import settings_of

SOURCE = "meetings.action"
RESULT_AT_MOST = 400


# Called in the transaction of an approval


def follow_minutes(lead: Meeting, version: MinutesVersion, actor: Actor, at: datetime) -> int:
    """Have the meeting's actions be those of the approved version; how many are new.

    A corrected version moves those that stand, takes back what it no longer names, and leaves
    what is closed.
    """
    standing = {action.key: action for action in lead.actions.all()}
    wanted = {row["key"]: row for row in version.content["actions"]}
    new = [key for key in wanted if key not in standing]
    made = Action.objects.bulk_create(
        Action(
            meeting=lead,
            key=key,
            branch_id=lead.branch_id,
            updated_at=at,
            **_values(wanted[key]),
        )
        for key in new
    )
    changed = []
    for key, action in standing.items():
        if key not in wanted:
            if action.state == ActionState.OPEN:
                _taken_back(action, _("更正后的纪要里没有这一项"), actor, at)
            continue
        if action.state == ActionState.OPEN and _is_changed(action, wanted[key]):
            changed.append(_moved(action, wanted[key], at))
    followed = [*made, *changed]
    put_to_dos([_to_do(action, actor, at) for action in followed])
    _tell_owners(followed, lead, actor, at)
    return len(made)


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "content": row["content"],
        "owner_id": row["owner"],
        "due_on": date.fromisoformat(row["due_on"]),
        "evidence": row["evidence"],
    }


def _is_changed(action: Action, row: Mapping[str, Any]) -> bool:
    return any(getattr(action, name) != value for name, value in _values(row).items())


def _moved(action: Action, row: Mapping[str, Any], at: datetime) -> Action:
    """The action as the version says; a former owner's to-do goes."""
    values = _values(row)
    if values["owner_id"] != action.owner_id:
        close_to_dos(SOURCE, [action.pk], state=ToDoState.DROPPED, at=at)
    Action.objects.filter(pk=action.pk).update(**values, version=F("version") + 1, updated_at=at)
    return Action.objects.select_related("owner").get(pk=action.pk)


def _taken_back(action: Action, why: str, actor: Actor, at: datetime) -> None:
    Action.objects.filter(pk=action.pk, state=ActionState.OPEN).update(
        state=ActionState.DROPPED,
        result=why,
        closed_at=at,
        closed_by_id=actor.somebody,
        version=F("version") + 1,
        updated_at=at,
    )
    close_to_dos(SOURCE, [action.pk], state=ToDoState.DROPPED, at=at)


def _to_do(action: Action, actor: Actor, at: datetime) -> ToDo:
    """The owner's to-do, due at the end of work on the day (P2.1)."""
    hours = settings_of(action.branch_id, action.due_on)
    return ToDo(
        owner_id=action.owner_id,
        branch_id=action.branch_id,
        title=action.content[:160],
        about=sitting_name(action.meeting),
        url=reverse("meeting-action", args=[action.pk]),
        due_at=instant(action.due_on, hours.close_of_business),
        source_type=SOURCE,
        source_id=action.pk,
        created_at=at,
        created_by_id=actor.somebody,
        updated_at=at,
    )


def _tell_owners(actions: list[Action], lead: Meeting, actor: Actor, at: datetime) -> None:
    notify_all(
        [
            notice_to(
                action.owner,
                kind=NoticeKind.MEETING,
                group=f"minutes:{lead.pk}",
                key=f"action:{action.pk}:{action.version}",
                title=lambda action=action: (  # type: ignore[misc]
                    _("%(meeting)s定了由您办：%(what)s（%(day)s前）")
                    % {
                        "meeting": sitting_name(lead),
                        "what": action.content,
                        "day": month_day(action.due_on),
                    }
                ),
                url=reverse("meeting-action", args=[action.pk]),
                at=at,
            )
            for action in actions
            if action.owner_id != actor.person_id
        ]
    )


# By a person


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
    return _closed(action, result, expected_version, actor, at, file=file)


def _closed(
    action: Action, result: str, expected_version: int, actor: Actor, at: datetime, **more: Any
) -> Action:
    action = _set(
        action,
        expected_version,
        at,
        state=ActionState.DONE,
        result=result,
        closed_at=at,
        closed_by_id=actor.somebody,
        **more,
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
    return _reopened(action, why, expected_version, actor, at)


def _reopened(
    action: Action, why: str, expected_version: int, actor: Actor, at: datetime
) -> Action:
    before = action.state
    action = _set(
        action,
        expected_version,
        at,
        state=ActionState.OPEN,
        closed_at=None,
        closed_by=None,
    )
    put_to_dos([_to_do(action, actor, at)])
    _record("reopen_action", action, before, actor, at, why=why)
    return action


@transaction.atomic
def tick_action(*, source_id: int, is_done: bool, actor: Actor, at: datetime) -> None:
    """The owner ticks it off on the list of to-dos, or takes the tick back
    (config.tables.TO_DO_SOURCES)."""
    action = action_for(actor, source_id)
    if is_done:
        _check(action, ActionState.OPEN)
        _closed(action, action.result or _("已办"), action.version, actor, at)
    else:
        _check(action, ActionState.DONE)
        _reopened(action, "", action.version, actor, at)


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

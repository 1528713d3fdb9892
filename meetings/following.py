"""What approved minutes decided becomes to-dos of its owners and helpers (annex 3.5).

Called in the transaction of the approval; what people do with it later is ``operations.actions``.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from core.actors import Actor
from core.formats import month_day
from core.periods import instant
from duties.choices import NoticeKind, ToDoState
from duties.models import ToDo
from duties.notices import notice_to
from duties.operations import notify_all
from duties.operations_to_dos import close_to_dos, put_to_dos
from meetings.choices import ActionState
from meetings.models import Action, Meeting, MinutesVersion
from meetings.words import sitting_name
from organization.in_force import SettingsHistory, settings_through

SOURCE: Final = "meetings.action"


def follow_minutes(lead: Meeting, version: MinutesVersion, actor: Actor, at: datetime) -> int:
    """Have the meeting's actions be those of the approved version; how many are new.

    A corrected version moves those that stand, takes back what it no longer names, and leaves
    what is closed. A fixed number of statements, however many there are.
    """
    standing = {action.key: action for action in lead.actions.prefetch_related("helpers")}
    wanted = {row["key"]: row for row in version.content["actions"]}
    made = Action.objects.bulk_create(
        Action(
            meeting=lead,
            key=key,
            branch_id=lead.branch_id,
            updated_at=at,
            **_values(row),
        )
        for key, row in wanted.items()
        if key not in standing
    )
    still = [action for action in standing.values() if action.state == ActionState.OPEN]
    _taken_back([action for action in still if action.key not in wanted], actor, at)
    changed = [
        action
        for action in still
        if action.key in wanted and _is_changed(action, wanted[action.key])
    ]
    _moved(changed, wanted, at)
    _help([*made, *changed], wanted)
    followed = _with_people([*made, *changed], lead)
    put_to_dos(to_dos_of(followed, actor, at))
    _tell_owners(followed, lead, actor, at)
    return len(made)


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "content": row["content"],
        "owner_id": row["owner"],
        "due_on": date.fromisoformat(row["due_on"]),
        "evidence": row["evidence"],
    }


def _helpers(row: Mapping[str, Any]) -> set[int]:
    return set(row.get("helpers", ()))


def _is_changed(action: Action, row: Mapping[str, Any]) -> bool:
    return any(getattr(action, name) != value for name, value in _values(row).items()) or _helpers(
        row
    ) != {one.pk for one in action.helpers.all()}


def _moved(
    actions: Sequence[Action], wanted: Mapping[str, Mapping[str, Any]], at: datetime
) -> None:
    """The actions as the version says; the to-dos of whoever has one no more go."""
    left = []
    for action in actions:
        row = wanted[action.key]
        before = {action.owner_id, *(one.pk for one in action.helpers.all())}
        if before - {row["owner"], *_helpers(row)}:
            left.append(action.pk)
        for name, value in _values(row).items():
            setattr(action, name, value)
        action.version += 1
        action.updated_at = at
    close_to_dos(SOURCE, left, state=ToDoState.DROPPED, at=at)
    fields = ("content", "owner", "due_on", "evidence", "version", "updated_at")
    Action.objects.bulk_update(actions, fields, batch_size=100)


def _help(actions: Sequence[Action], wanted: Mapping[str, Mapping[str, Any]]) -> None:
    """Write down who helps with each, and nobody else."""
    helping = Action.helpers.through
    helping.objects.filter(action__in=actions).delete()
    helping.objects.bulk_create(
        helping(action_id=action.pk, person_id=person_id)
        for action in actions
        for person_id in sorted(_helpers(wanted[action.key]))
    )


def _with_people(actions: Sequence[Action], lead: Meeting) -> list[Action]:
    """The actions as they now are, with owner and helpers, in their order."""
    ids = [action.pk for action in actions]
    found = Action.objects.select_related("owner").prefetch_related("helpers").in_bulk(ids)
    for action in found.values():
        action.meeting = lead
    return [found[pk] for pk in ids]


def _taken_back(actions: Sequence[Action], actor: Actor, at: datetime) -> None:
    ids = [action.pk for action in actions]
    Action.objects.filter(pk__in=ids, state=ActionState.OPEN).update(
        state=ActionState.DROPPED,
        result=_("更正后的纪要里没有这一项"),
        closed_at=at,
        closed_by_id=actor.somebody,
        version=F("version") + 1,
        updated_at=at,
    )
    close_to_dos(SOURCE, ids, state=ToDoState.DROPPED, at=at)


def to_dos_of(actions: Sequence[Action], actor: Actor, at: datetime) -> list[ToDo]:
    """For each action a to-do of its owner and one of each helper, due at the end of work on the
    day (P2.1); all of them end with the action."""
    if not actions:
        return []
    history = settings_through(max(action.due_on for action in actions))
    return [to_do for action in actions for to_do in _to_dos(action, history, actor, at)]


def _to_dos(action: Action, history: SettingsHistory, actor: Actor, at: datetime) -> list[ToDo]:
    hours = history.of(action.branch_id, action.due_on)
    name = sitting_name(action.meeting)
    helped = _("%(meeting)s，协办，责任人%(owner)s") % {"meeting": name, "owner": action.owner.name}
    about = {one.pk: helped for one in action.helpers.all()} | {action.owner_id: name}
    return [
        ToDo(
            owner_id=owner_id,
            branch_id=action.branch_id,
            title=action.content[:160],
            about=about[owner_id],
            url=reverse("meeting-action", args=[action.pk]),
            due_at=instant(action.due_on, hours.close_of_business),
            source_type=SOURCE,
            source_id=action.pk,
            created_at=at,
            created_by_id=actor.somebody,
            updated_at=at,
        )
        for owner_id in about
    ]


def _tell_owners(actions: list[Action], lead: Meeting, actor: Actor, at: datetime) -> None:
    """Tell owners and helpers, but whoever did it."""
    notify_all(
        [
            notice_to(
                person,
                kind=NoticeKind.MEETING,
                group=f"minutes:{lead.pk}",
                key=f"action:{action.pk}:{action.version}",
                title=partial(_words, action, lead, is_owner=person.pk == action.owner_id),
                url=reverse("meeting-action", args=[action.pk]),
                at=at,
            )
            for action in actions
            for person in (action.owner, *action.helpers.all())
            if person.pk != actor.person_id
        ]
    )


def _words(action: Action, lead: Meeting, *, is_owner: bool) -> str:
    words = (
        _("%(meeting)s定了由您办：%(what)s（%(day)s前）")
        if is_owner
        else _("%(meeting)s定了由%(owner)s办、您协办：%(what)s（%(day)s前）")
    )
    return words % {
        "meeting": sitting_name(lead),
        "owner": action.owner.name,
        "what": action.content,
        "day": month_day(action.due_on),
    }

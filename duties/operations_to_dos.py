"""The only writer of to-dos (P2.1): set by hand here, or put by the app that owns the source."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from config import tables
from core import audit
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.formats import month_day
from core.periods import instant, local_date
from duties.choices import NoticeKind, ToDoState
from duties.models import ToDo
from duties.notices import notice_to
from duties.operations import notify_all
from duties.permissions import can_set_to_do
from duties.todo_queries import to_do_for
from organization.in_force import settings_of
from organization.models import Person, RoleGrant

BY_HAND: Final = "by_hand"
TITLE_AT_MOST: Final = 160
ABOUT_AT_MOST: Final = 240
_BATCH: Final = 1000
_FOLLOWS: Final = ("branch", "title", "about", "url", "due_at", "state", "closed_at", "updated_at")


# For the apps that own a source: call these in the transaction of the change.


def put_to_dos(to_dos: Sequence[ToDo]) -> None:
    """Write to-dos as their sources have them; those that stand (same source and owner) follow.

    Two statements for a thousand.
    """
    ToDo.objects.bulk_create(
        to_dos,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["source_type", "source_id", "owner"],
        update_fields=list(_FOLLOWS),
    )


def close_to_dos(
    source_type: str, source_ids: Collection[int], *, state: ToDoState, at: datetime
) -> int:
    """Close what is still open of these sources, done or dropped; how many were open."""
    return (
        ToDo.objects.open()
        .filter(source_type=source_type, source_id__in=source_ids)
        .update(state=state, closed_at=at, updated_at=at)
    )


def reopen_to_dos(source_type: str, source_ids: Collection[int], *, at: datetime) -> int:
    """What was done of these sources is to be done after all; how many."""
    return ToDo.objects.filter(
        source_type=source_type, source_id__in=source_ids, state=ToDoState.DONE
    ).update(state=ToDoState.OPEN, closed_at=None, updated_at=at)


# By hand


@transaction.atomic
def set_to_do(
    *, owner_id: int, title: str, due_on: date, actor: Actor, at: datetime, about: str = ""
) -> ToDo:
    """Set somebody of a led branch, or oneself, something to do by a day's end of work (P2.1)."""
    owner, branch_id = _owner(owner_id, actor, at)
    title, about = title.strip(), about.strip()
    if not title:
        raise Refused(_("写明要办什么。"), field="title")
    for name, text, most in (("title", title, TITLE_AT_MOST), ("about", about, ABOUT_AT_MOST)):
        if len(text) > most:
            raise Refused(_("最多 %(n)d 个字") % {"n": most}, field=name)
    if due_on < local_date(at):
        raise Refused(_("期限不能早于今天。"), field="due_on")
    to_do = ToDo.objects.create(
        owner=owner,
        branch_id=branch_id,
        title=title,
        about=about,
        url=reverse("todos"),
        due_at=instant(due_on, settings_of(branch_id, due_on).close_of_business),
        source_type=BY_HAND,
        created_at=at,
        created_by_id=actor.somebody,
        updated_at=at,
    )
    if owner.pk != actor.person_id:
        notify_all([_told(owner, to_do, actor, at)])
    _record(actor, at, "duties.set_to_do", to_do, after={"owner": owner.name, "due": str(due_on)})
    return to_do


def _owner(owner_id: int, actor: Actor, at: datetime) -> tuple[Person, int]:
    """Who shall do it, and in which branch; NotFound for whom the actor does not lead."""
    owner = Person.objects.in_post_on(local_date(at)).filter(pk=owner_id).first()
    if owner is None:
        raise NotFound
    held = set(
        RoleGrant.objects.in_force_on(local_date(at))
        .filter(person=owner)
        .values_list("branch_id", flat=True)
    )
    branches = held | {owner.branch_id}
    led = sorted(branches & actor.led_branches, key=lambda each: each != owner.branch_id)
    if owner.pk == actor.person_id:
        return owner, owner.branch_id
    if not led:
        raise NotFound
    if not can_set_to_do(actor, led[0]):
        raise NotAllowed(_("待办由本人或本分公司的主管、总经理布置。"))
    return owner, led[0]


def _told(owner: Person, to_do: ToDo, actor: Actor, at: datetime) -> Any:
    return notice_to(
        owner,
        kind=NoticeKind.REMINDER,
        group=f"to_do:{to_do.pk}",
        key=f"to_do:{to_do.pk}",
        title=lambda: (
            _("%(who)s布置了待办：%(what)s（%(day)s前）")
            % {"who": actor.name, "what": to_do.title, "day": month_day(to_do.due_at)}
        ),
        url=to_do.url,
        at=at,
    )


@transaction.atomic
def tick_to_do(*, to_do_id: int, actor: Actor, at: datetime) -> ToDo:
    """Say that it is done; twice changes nothing. A source of its own decides and writes."""
    return _ticked(to_do_id, is_done=True, actor=actor, at=at)


@transaction.atomic
def untick_to_do(*, to_do_id: int, actor: Actor, at: datetime) -> ToDo:
    """Take the tick back."""
    return _ticked(to_do_id, is_done=False, actor=actor, at=at)


def _ticked(to_do_id: int, *, is_done: bool, actor: Actor, at: datetime) -> ToDo:
    to_do = to_do_for(actor, to_do_id)
    if to_do.owner_id != actor.person_id:
        raise NotAllowed(_("待办由本人办结。"))
    if to_do.state == ToDoState.DROPPED:
        raise Refused(_("这件待办已取消。"))
    wanted = ToDoState.DONE if is_done else ToDoState.OPEN
    if to_do.state == wanted:
        return to_do
    if to_do.source_type in tables.TO_DO_SOURCES:
        tick = import_string(tables.TO_DO_SOURCES[to_do.source_type])
        tick(source_id=to_do.source_id, is_done=is_done, actor=actor, at=at)
    elif to_do.source_type != BY_HAND:
        raise Refused(_("这件事办好后会自动办结，请打开它去办。"))
    else:
        ToDo.objects.filter(pk=to_do.pk, state=to_do.state).update(
            state=wanted, closed_at=at if is_done else None, updated_at=at
        )
        _record(
            actor,
            at,
            "duties.tick_to_do" if is_done else "duties.untick_to_do",
            to_do,
            before={"state": to_do.state},
            after={"state": wanted},
        )
    to_do.refresh_from_db()
    return to_do


@transaction.atomic
def drop_to_do(*, to_do_id: int, actor: Actor, at: datetime) -> ToDo:
    """Take back what was set by hand: whoever set it, while it is open."""
    to_do = to_do_for(actor, to_do_id)
    if to_do.source_type != BY_HAND or to_do.created_by_id != actor.person_id:
        raise NotAllowed(_("待办由布置的人取消；系统生成的随来源变化。"))
    updated = (
        ToDo.objects.open()
        .filter(pk=to_do.pk)
        .update(state=ToDoState.DROPPED, closed_at=at, updated_at=at)
    )
    if not updated:
        raise Refused(_("这件待办已经办结或取消。"))
    to_do.refresh_from_db()
    _record(actor, at, "duties.drop_to_do", to_do, after={"state": to_do.state})
    return to_do


def _record(
    actor: Actor,
    at: datetime,
    what: str,
    to_do: ToDo,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="to_do",
        target_id=to_do.pk,
        target_label=to_do.title,
        branch_id=to_do.branch_id,
        before=before,
        after=after,
    )

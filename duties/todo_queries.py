"""Reads over to-dos: one's own, and those of the branches one leads (P2.1)."""

from collections.abc import Collection
from datetime import datetime, time, timedelta

from django.db.models import QuerySet

from core.actors import Actor
from core.errors import NotFound
from core.periods import instant, local_date
from duties.choices import ToDoState
from duties.models import ToDo
from duties.permissions import can_set_to_do
from duties.rules import DueItem
from organization.choices import BRANCH_ROLES
from organization.models import Person, RoleGrant

AT_MOST = 200


def to_do_for(actor: Actor, to_do_id: int) -> ToDo:
    """The to-do, if the actor may see it."""
    found = (
        ToDo.objects.visible_to(actor)
        .select_related("owner", "branch", "created_by")
        .filter(pk=to_do_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def open_to_dos(person_id: int) -> list[ToDo]:
    """What somebody still has to do, by deadline; one query."""
    rows = ToDo.objects.open().filter(owner_id=person_id)
    return list(rows.select_related("created_by")[:AT_MOST])


def closed_to_dos(person_id: int) -> list[ToDo]:
    """What somebody has done, newest first; one query."""
    rows = ToDo.objects.filter(owner_id=person_id, state=ToDoState.DONE)
    return list(rows.select_related("created_by").order_by("-closed_at", "-pk")[:AT_MOST])


def led_to_dos(actor: Actor) -> QuerySet[ToDo]:
    """The to-dos of others that the actor sees."""
    return (
        ToDo.objects.visible_to(actor)
        .exclude(owner_id=actor.person_id)
        .select_related("owner", "branch", "created_by")
    )


def settable_owners(actor: Actor, at: datetime) -> list[Person]:
    """To whom the actor may set something to do: oneself, then people of led branches."""
    on = local_date(at)
    led = [branch for branch in actor.led_branches if can_set_to_do(actor, branch)]
    grants = RoleGrant.objects.in_force_on(on).filter(branch_id__in=led, role__in=BRANCH_ROLES)
    ids = {*grants.values_list("person_id", flat=True), actor.person_id}
    people = Person.objects.in_post_on(on).filter(pk__in=ids)
    return sorted(people, key=lambda one: one.pk != actor.person_id)


def due_count(person_id: int, at: datetime) -> int:
    """How many of somebody's open to-dos are overdue or fall due today."""
    end = instant(local_date(at) + timedelta(days=1), time.min)
    return ToDo.objects.open().filter(owner_id=person_id, due_at__lt=end).count()


def counts_of(to_dos: Collection[ToDo | DueItem], at: datetime) -> tuple[int, int]:
    """How many of these are overdue, and how many more fall due today."""
    today = local_date(at)
    overdue = sum(1 for to_do in to_dos if to_do.due_at < at)
    due = sum(1 for to_do in to_dos if to_do.due_at >= at and local_date(to_do.due_at) == today)
    return overdue, due

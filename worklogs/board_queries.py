"""Reads for the board's page: whose branch, how many reminders are left, what is written."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actors import Actor
from core.errors import NotFound
from core.periods import Week, local_date
from organization.in_force import settings_of
from organization.models import Branch
from worklogs.choices import TextPart
from worklogs.models import Reminder, RollUp
from worklogs.queries import branch_for


def led_branches(actor: Actor) -> list[Branch]:
    """The branches whose week the actor leads or reads, the own one first."""
    found = list(Branch.objects.filter(pk__in=actor.led_branches))
    return sorted(found, key=lambda branch: (branch.pk != actor.branch_id, branch.code))


def board_branch(actor: Actor, asked: int | None) -> tuple[Branch, list[Branch]]:
    """The branch whose board is shown and all the actor can choose from.

    Without ``asked`` the first of the led ones; NotFound where there is none.
    """
    led = led_branches(actor)
    if asked is not None:
        known = next((branch for branch in led if branch.pk == asked), None)
        return known or branch_for(actor, asked), led
    if not led:
        raise NotFound
    return led[0], led


@dataclass(frozen=True)
class RemindersLeft:
    """The limit of the reminder button: the pause in minutes, and how often today still."""

    pause_minutes: int
    today: int


def reminders_left(
    branch_id: int, week: Week, manager_ids: Collection[int], at: datetime
) -> RemindersLeft:
    """How often the button still reaches somebody of these today; two queries."""
    settings = settings_of(branch_id, local_date(at))
    pressed = dict.fromkeys(manager_ids, 0)
    for manager_id in Reminder.objects.filter(
        manager_id__in=manager_ids, week=week.key, sent_on=local_date(at)
    ).values_list("manager_id", flat=True):
        pressed[manager_id] += 1
    least = min(pressed.values(), default=0)
    return RemindersLeft(settings.reminder_pause_minutes, max(0, settings.reminders_a_day - least))


def last_rollup(branch_id: int, week: Week) -> RollUp | None:
    """The week's roll-up with its versions, as far as it was begun."""
    return (
        RollUp.objects.filter(branch_id=branch_id, week=week.key)
        .prefetch_related("versions__received_by")
        .first()
    )


@dataclass(frozen=True)
class TextGroup:
    """What was written of one kind: the part, and its items as a roll-up's content has them."""

    part: TextPart
    items: list[dict[str, Any]]

    @property
    def taken(self) -> int:
        """How many go into the roll-up."""
        return sum(1 for item in self.items if item["is_in"])


def text_groups(content: dict[str, Any]) -> list[TextGroup]:
    """A content's texts, kind by kind, in the form's order."""
    found = {group["part"]: group["items"] for group in content["texts"]}
    return [TextGroup(part, found.get(part.value, [])) for part in TextPart]

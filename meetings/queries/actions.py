"""Actions that meetings decided: whose, by when, and what became of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, QuerySet

from core.actors import Actor
from core.errors import NotFound
from core.lists import matching
from core.periods import local_date
from meetings.choices import ActionState
from meetings.models import Action

# Open, and past its day: asked for besides the states.
OVERDUE: Final = "overdue"


@dataclass(frozen=True)
class Asked:
    """What is asked of the list; "" asks for nothing. ``state`` may be "overdue"."""

    words: str = ""
    state: str = ""
    branch: str = ""
    owner: int | None = None


def actions_for(actor: Actor) -> QuerySet[Action]:
    """Actions as far as somebody sees them, with meeting, owner, helpers and branch."""
    return (
        Action.objects.visible_to(actor)
        .select_related("meeting__branch", "owner", "branch", "closed_by", "file")
        .prefetch_related("helpers")
    )


def action_for(actor: Actor, action_id: int) -> Action:
    """The action as its reader sees it; NotFound for whom it does not exist."""
    found = actions_for(actor).filter(pk=action_id).first()
    if found is None:
        raise NotFound
    return found


def is_overdue(at: datetime) -> Q:
    """Open, and its day is over."""
    return Q(state=ActionState.OPEN, due_on__lt=local_date(at))


def find_actions(actor: Actor, asked: Asked, at: datetime) -> QuerySet[Action]:
    """The actions that are asked for."""
    rows = matching(actions_for(actor), asked.words, "content__icontains", "owner__name__icontains")
    if asked.state == OVERDUE:
        rows = rows.filter(is_overdue(at))
    elif asked.state:
        rows = rows.filter(state=asked.state)
    if asked.branch:
        rows = rows.filter(branch_id=asked.branch)
    if asked.owner is not None:
        rows = rows.filter(owner_id=asked.owner)
    return rows


def action_counts(actor: Actor, at: datetime) -> dict[str, int]:
    """How many are overdue, open, done, taken back; one query."""
    return Action.objects.visible_to(actor).aggregate(
        overdue=Count("pk", filter=is_overdue(at)),
        open=Count("pk", filter=Q(state=ActionState.OPEN)),
        done=Count("pk", filter=Q(state=ActionState.DONE)),
        dropped=Count("pk", filter=Q(state=ActionState.DROPPED)),
    )

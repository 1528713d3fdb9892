"""Who calls, arranges and hands on meetings (annex 2)."""

from core.actors import Actor
from meetings.models import Meeting
from meetings.queries.occurrences import kinds_of
from meetings.rules import convening_roles, holding_roles
from organization.choices import BRANCH_ROLES, CROSS_BRANCH, HEADS, LEADERS
from organization.in_force import settings_of


def can_see_meetings(actor: Actor) -> bool:
    """Whoever attends them, leads those who do, or inspects them."""
    return actor.has_role(*BRANCH_ROLES, *CROSS_BRANCH)


def can_lay_out(actor: Actor, branch_id: int) -> bool:
    """Whoever leads the branch has its meetings laid out ahead."""
    return actor.is_at(branch_id, *LEADERS)


def can_arrange(actor: Actor, meeting: Meeting) -> bool:
    """Whoever calls every duty of the sitting moves, cancels and combines it; so do the heads."""
    own = settings_of(meeting.branch_id, meeting.on)
    return actor.is_at(meeting.branch_id, *HEADS) or all(
        actor.is_at(meeting.branch_id, *convening_roles(kind, own)) for kind in kinds_of(meeting)
    )


def can_delegate(actor: Actor, meeting: Meeting) -> bool:
    """One of those who may hold it, or his head, names who holds it in his place (M1.3)."""
    own = settings_of(meeting.branch_id, meeting.on)
    return actor.is_at(meeting.branch_id, *HEADS, *holding_roles(kinds_of(meeting), own))

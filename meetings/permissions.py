"""Who calls, arranges and hands on meetings (annex 2)."""

from core.actors import Actor
from meetings.models import Meeting
from meetings.queries.occurrences import (
    delegate_of,
    holders_of_meeting,
    kinds_of,
    who_owes,
)
from meetings.rules import convening_roles, holding_roles, may_hold
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


def can_hold(actor: Actor, meeting: Meeting) -> bool:
    """Whoever the rule names, or the delegate and nobody else (M1.3, annex 2)."""
    delegate = delegate_of(meeting)
    return actor.person_id is not None and may_hold(
        actor.person_id,
        holders=holders_of_meeting(meeting),
        delegate_id=delegate.pk if delegate else None,
    )


def can_amend(actor: Actor, meeting: Meeting) -> bool:
    """Who mends the sign-in of a meeting that was held: whoever held it, and the heads."""
    return actor.is_at(meeting.branch_id, *HEADS) or (
        actor.person_id is not None and actor.person_id == meeting.chair_id
    )


def can_answer_for(actor: Actor, meeting: Meeting) -> bool:
    """Who says why a meeting was not held: whose it was (M1.3), and the heads."""
    return actor.is_at(meeting.branch_id, *HEADS) or actor.person_id in {
        person.pk for person in who_owes(meeting)
    }


def can_decide_absences(actor: Actor, branch_id: int) -> bool:
    """Whether notices of absence come to the actor: whoever leads the branch (M1.2)."""
    return actor.is_at(branch_id, *LEADERS)

"""Who may do what with a bulletin; that it is visible is found before.

Whoever proposes does not approve (annex 11.11).
"""

from core.actors import Actor
from organization.choices import LEADERS, Role
from reports.models import Bulletin


def sees_drafts(actor: Actor) -> bool:
    """The market department writes, for all branches at once.

    What it writes is nobody else's before comments are asked.
    """
    return actor.has_role(Role.MARKET) and actor.reads_all


def can_write(actor: Actor) -> bool:
    """The market department drafts, edits, asks for comments and proposes (B1)."""
    return sees_drafts(actor)


def can_comment(actor: Actor, branch_id: int) -> bool:
    """A branch speaks through those who lead it."""
    return actor.is_at(branch_id, *LEADERS)


def can_publish(actor: Actor, bulletin: Bulletin) -> bool:
    """A second person of the market department, who neither proposed nor drafted it."""
    is_first = actor.person_id in (bulletin.proposed_by_id, bulletin.drafted_by_id)
    return sees_drafts(actor) and not is_first

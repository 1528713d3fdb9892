"""Who may do what with a bulletin; that it is visible is found before.

Whoever proposes does not approve (annex 11.11), nor whoever drafted it, wrote in it or took its
figures: the clock drafts too, so that the words may be one person's and the proposal another's.
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


def first_hands(bulletin: Bulletin) -> set[int]:
    """Ids of who has had a hand in it: drafted, wrote, took figures, proposed."""
    known = (bulletin.drafted_by_id, bulletin.proposed_by_id, *bulletin.written_by)
    return {person_id for person_id in known if person_id is not None}


def can_publish(actor: Actor, bulletin: Bulletin) -> bool:
    """A second person of the market department, who had no hand in it (``first_hands``)."""
    return sees_drafts(actor) and actor.person_id not in first_hands(bulletin)

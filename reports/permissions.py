"""Who may do what with a bulletin; that it is visible is found before.

Whoever proposes does not approve (annex 11.11).
"""

from core.actors import Actor
from organization.choices import LEADERS, Role
from reports.choices import BulletinState
from reports.models import Bulletin


def sees_drafts(actor: Actor) -> bool:
    """The market department writes; what it writes is nobody else's before comments are asked."""
    return actor.has_role(Role.MARKET)


def sees_bulletin(actor: Actor, bulletin: Bulletin) -> bool:
    """A published one is for everybody with a branch, one under comment for those who lead."""
    if sees_drafts(actor):
        return True
    if bulletin.state == BulletinState.PUBLISHED:
        return actor.reads_all or actor.branch_id is not None
    is_asked = bulletin.state in (BulletinState.COMMENTING, BulletinState.PROPOSED)
    return is_asked and bool(actor.led_branches)


def can_write(actor: Actor) -> bool:
    """The market department drafts, edits, asks for comments and proposes (B1)."""
    return actor.has_role(Role.MARKET)


def can_comment(actor: Actor, branch_id: int) -> bool:
    """A branch speaks through those who lead it."""
    return actor.is_at(branch_id, *LEADERS)


def can_publish(actor: Actor, bulletin: Bulletin) -> bool:
    """A second person of the market department, who neither proposed nor drafted it."""
    is_first = actor.person_id in (bulletin.proposed_by_id, bulletin.drafted_by_id)
    return actor.has_role(Role.MARKET) and not is_first

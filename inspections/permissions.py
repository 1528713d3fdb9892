"""Who inspects, who answers for a branch, who changes the inspection sheet (annex 1, 11.11)."""

from core.actors import Actor
from inspections.models import Finding
from organization.choices import BRANCH_ROLES, CROSS_BRANCH, LEADERS, Role


def can_inspect(actor: Actor, branch_id: int) -> bool:
    """The market department, but nobody who belongs to the inspected branch (annex 11.11)."""
    is_from_there = actor.branch_id == branch_id or actor.is_at(branch_id, *BRANCH_ROLES)
    return actor.has_role(Role.MARKET) and actor.sees_branch(branch_id) and not is_from_there


def can_respond(actor: Actor, finding: Finding) -> bool:
    """Whoever leads the branch confirms a finding or objects to it."""
    return actor.is_at(finding.branch_id, *LEADERS)


def can_answer(actor: Actor, finding: Finding) -> bool:
    """Whoever leads the branch, or has to put it right."""
    return can_respond(actor, finding) or finding.owner_id == actor.person_id


def can_see_findings(actor: Actor) -> bool:
    """Whoever works with customers or leads those who do."""
    return actor.has_role(*BRANCH_ROLES, *CROSS_BRANCH)


def can_set_items(actor: Actor) -> bool:
    """The market department keeps the inspection sheet, for all branches at once."""
    return actor.has_role(Role.MARKET) and actor.reads_all

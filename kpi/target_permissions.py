"""Who may do what with indicators, requirements, targets and results (T, annex 2 #5).

That the thing is visible is found before.
"""

from core.actors import Actor
from organization.choices import BRANCH_ROLES, CROSS_BRANCH, HEADS, LEADERS, Role


def has_targets(actor: Actor) -> bool:
    """Managers, those who lead them, and who sees every branch."""
    return actor.has_role(*BRANCH_ROLES, *CROSS_BRANCH)


def can_keep_indicators(actor: Actor) -> bool:
    """Indicators and the company's requirements are the market department's (T1); a token
    narrowed to some branches keeps nothing of the company's."""
    return actor.has_role(Role.MARKET) and actor.reads_all


def can_require(actor: Actor) -> bool:
    """What the company asks of a branch is entered by the market department (T1)."""
    return can_keep_indicators(actor)


def can_prepare(actor: Actor, branch_id: int) -> bool:
    """The supervisor prepares the branch's target sheet, the heads too."""
    return actor.is_at(branch_id, *LEADERS)


def can_issue(actor: Actor, branch_id: int) -> bool:
    """The branch's GM or deputy issues it (T1, annex 1)."""
    return actor.is_at(branch_id, *HEADS)


def sees_targets(actor: Actor, branch_id: int) -> bool:
    """Whether the actor sees a branch's sheet before it is issued, and everybody's results."""
    return actor.reads_all or branch_id in actor.led_branches


def can_record(actor: Actor, branch_id: int) -> bool:
    """The branch's leaders type results, and the market department."""
    return actor.is_at(branch_id, *LEADERS) or actor.has_role(Role.MARKET)


def can_check(actor: Actor) -> bool:
    """The market department checks results (annex 5.1); never what one recorded oneself."""
    return actor.has_role(Role.MARKET)

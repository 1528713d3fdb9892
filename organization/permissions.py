"""Who may do what in the organisation (annex 1): one predicate for each kind of act.

The system administrator keeps branches, people and settings; the security administrator grants
roles and mends access; neither does the other's work. The auditor only reads the trail.
"""

from core.actors import Actor
from organization.choices import HEADS, LEADERS, Role
from organization.models import Person, RoleGrant

# One person holds at most one of these: who runs, who grants, who checks.
SEPARATED = (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)


def can_keep_people(actor: Actor) -> bool:
    """Whether the actor adds, changes and closes people and branches."""
    return actor.has_role(Role.SYSADMIN)


def can_set_settings(actor: Actor) -> bool:
    """Whether the actor sets what holds for branches by date of effect."""
    return actor.has_role(Role.SYSADMIN)


def can_grant(actor: Actor) -> bool:
    """Whether the actor grants and ends roles."""
    return actor.has_role(Role.SECADMIN)


def can_appoint(actor: Actor, branch_id: int) -> bool:
    """Whether the actor names an acting supervisor of the branch: its supervisor or a head."""
    return actor.is_at(branch_id, *LEADERS)


def can_end_acting(actor: Actor, grant: RoleGrant) -> bool:
    """Whether the actor ends an acting appointment: whoever leads the branch, or security."""
    return can_grant(actor) or (
        actor.is_at(grant.branch_id, *HEADS)
        or (actor.is_at(grant.branch_id, Role.SUPERVISOR) and grant.person_id != actor.person_id)
    )


def can_reset_password(actor: Actor, person: Person) -> bool:
    """Whether the actor gives somebody a one-time password; one's own is changed, not reset."""
    return actor.has_role(Role.SECADMIN) and person.pk != actor.person_id


def can_audit(actor: Actor) -> bool:
    """Whether the actor reads the audit trail."""
    return actor.has_role(Role.AUDITOR)

"""Who may do what to the calendar and to notices."""

from core.actors import Actor
from duties.models import Notice
from organization.choices import LEADERS, Role


def can_edit_calendar(actor: Actor) -> bool:
    """Working days are the system administrator's to keep (annex 1)."""
    return actor.has_role(Role.SYSADMIN)


def can_read_notice(actor: Actor, notice: Notice) -> bool:
    """A notice is its receiver's alone."""
    return actor.person_id is not None and notice.person_id == actor.person_id


def can_set_to_do(actor: Actor, branch_id: int) -> bool:
    """The supervisor and the heads set their branch's people something to do (P0, P2.1)."""
    return actor.is_at(branch_id, *LEADERS)

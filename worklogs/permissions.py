"""Who may do what with logs, summaries and roll-ups; that they are visible is found before."""

from core.actors import Actor
from organization.models import Branch, Person
from worklogs.models import RollUpVersion, ServiceLog, Summary


def can_see_logs(actor: Actor) -> bool:
    """Who writes logs, who leads those who do, and the market department (annex 11.12)."""
    return actor.has_role("manager") or bool(actor.led_branches) or actor.reads_all


def can_write_log(actor: Actor, manager_id: int) -> bool:
    """Only whoever served the customer writes the log (W3)."""
    return actor.has_role("manager") and actor.person_id == manager_id


def can_read_remark(actor: Actor, log: ServiceLog) -> bool:
    """The branch's supervisor reads logs and remarks on them (P1.2), never the own ones."""
    return actor.is_at(log.branch_id, "supervisor") and log.manager_id != actor.person_id


def can_file_summary(actor: Actor, manager: Person, branch_id: int) -> bool:
    """The manager files it; the supervisor of the branch it is owed to may for somebody who
    cannot (W5)."""
    return actor.person_id == manager.pk or actor.is_at(branch_id, "supervisor")


def can_review_summary(actor: Actor, summary: Summary, branch_id: int, filed_by_id: int) -> bool:
    """The supervisor of the branch the summary belongs to (W5): neither who it is about nor
    who filed it (annex 11.11). What a supervisor filed for somebody, a head may review too.
    """
    if actor.person_id in (summary.manager_id, filed_by_id):
        return False
    is_for_other = filed_by_id != summary.manager_id
    return actor.is_at(branch_id, "supervisor", *(("gm", "deputy") if is_for_other else ()))


def can_confirm_summary(actor: Actor, summary: Summary) -> bool:
    """Whom it was filed for, and nobody else."""
    return summary.manager_id == actor.person_id


def can_remind(actor: Actor, branch_id: int) -> bool:
    """The branch's supervisor presses the reminder button."""
    return actor.is_at(branch_id, "supervisor")


def can_roll_up(actor: Actor, branch: Branch) -> bool:
    """The branch's supervisor consolidates and sends (W6)."""
    return actor.is_at(branch.pk, "supervisor")


def can_receive(actor: Actor, version: RollUpVersion) -> bool:
    """The group-customer office takes roll-ups in; nobody signs for what he sent (W6)."""
    return actor.has_role("group_office") and version.sent_by_id != actor.person_id


def can_consolidate(actor: Actor) -> bool:
    """The group-customer office consolidates across branches and archives (W6)."""
    return actor.has_role("group_office")


def can_see_company(actor: Actor) -> bool:
    """The market department and its group-customer office see all branches."""
    return actor.reads_all

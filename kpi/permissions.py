"""Who may do what with targets, marks, cases and sheets; that they are visible is found before.

Nobody decides on the own points, and whoever asked does not decide (annex 11.11).
"""

from collections.abc import Collection
from datetime import datetime

from core.actors import Actor
from duties.month_end import MonthEnd
from kpi.choices import Complainant, SheetState
from kpi.models import (
    Case,
    Complaint,
    Consequence,
    Correction,
    Objection,
    Scheme,
    ScoreSheet,
)
from organization.choices import BRANCH_ROLES, CROSS_BRANCH, HEADS, LEADERS, Role

# Marks (annex 5.3)


def can_rate(actor: Actor, branch_id: int) -> bool:
    """The branch's supervisor rates what only a person can (annex 3.7)."""
    return actor.is_at(branch_id, Role.SUPERVISOR)


def can_mark_exams(actor: Actor) -> bool:
    """The market department enters the marks of exams (K2.4, K2.5)."""
    return actor.has_role(Role.MARKET)


def sees_marks(actor: Actor, branch_id: int) -> bool:
    """The branch's leaders and the market department see the grid of a branch's marks."""
    return actor.reads_all or branch_id in actor.led_branches


# Score sheets (K4)


def sees_sheets(actor: Actor) -> bool:
    """Managers, those who lead them, and who sees every branch."""
    return actor.has_role(*BRANCH_ROLES, *CROSS_BRANCH)


def is_own(actor: Actor, sheet: ScoreSheet) -> bool:
    """Whether the sheet is about the actor."""
    return sheet.manager_id == actor.person_id


def is_locked(sheet: ScoreSheet, end: MonthEnd, at: datetime) -> bool:
    """Whether the sheet is locked: a month closes by the clock, not by the job that says so."""
    return sheet.state == SheetState.LOCKED or at >= end.locks_at


def can_answer_sheet(actor: Actor, sheet: ScoreSheet) -> bool:
    """The manager confirms the own sheet or objects to it, and nobody else (K4)."""
    return is_own(actor, sheet)


def can_supervise(actor: Actor, sheet: ScoreSheet) -> bool:
    """The branch's supervisor gives the opinion on objections and signs; not the own sheet."""
    return actor.is_at(sheet.branch_id, Role.SUPERVISOR) and not is_own(actor, sheet)


def can_head(actor: Actor, sheet: ScoreSheet) -> bool:
    """The branch's general manager or deputy decides and approves; not the own sheet."""
    return actor.is_at(sheet.branch_id, *HEADS) and not is_own(actor, sheet)


def can_decide_objection(actor: Actor, objection: Objection) -> bool:
    """A head of the branch who has not given the opinion on it himself (annex 11.11)."""
    return can_head(actor, objection.sheet) and objection.reviewed_by_id != actor.person_id


def can_approve_sheet(actor: Actor, sheet: ScoreSheet) -> bool:
    """A head of the branch who has not signed it as its supervisor (annex 11.11)."""
    return can_head(actor, sheet) and sheet.supervised_by_id != actor.person_id


def can_lock_branch(actor: Actor, branch_id: int) -> bool:
    """A head of the branch locks its sheets ahead of the timetable, when all are approved."""
    return actor.is_at(branch_id, *HEADS)


def can_propose_correction(actor: Actor, sheet: ScoreSheet) -> bool:
    """A leader of the branch or the market department; not about the own points."""
    is_concerned = actor.is_at(sheet.branch_id, *LEADERS) or actor.has_role(Role.MARKET)
    return is_concerned and not is_own(actor, sheet)


def can_decide_correction(actor: Actor, correction: Correction) -> bool:
    """A head of the branch or the market department: a second person (annex 11.11, 11.13)."""
    sheet = correction.sheet
    is_concerned = actor.is_at(sheet.branch_id, *HEADS) or actor.has_role(Role.MARKET)
    is_first = correction.proposed_by_id == actor.person_id
    return is_concerned and not is_first and not is_own(actor, sheet)


def can_decide_consequence(actor: Actor, consequence: Consequence) -> bool:
    """A head of the branch makes something of a proposal, or nothing (annex 5)."""
    is_about_me = consequence.manager_id == actor.person_id
    return actor.is_at(consequence.branch_id, *HEADS) and not is_about_me


# The scheme (K1–K4)


def can_keep_schemes(actor: Actor) -> bool:
    """The market department drafts, changes and approves the scheme; a shell may import one.

    A token narrowed to some branches keeps nothing of the company's.
    """
    return actor.has_role(Role.MARKET) and actor.reads_all


def can_change_scheme(actor: Actor, scheme: Scheme) -> bool:
    """Whoever drafted it; what came from a shell belongs to whoever takes it up."""
    return can_keep_schemes(actor) and scheme.drafted_by_id in (None, actor.person_id)


def can_approve_scheme(actor: Actor, scheme: Scheme) -> bool:
    """A second person of the market department (annex 11.11)."""
    return can_keep_schemes(actor) and scheme.drafted_by_id != actor.person_id


# Bonus and penalty cases (K3, annex 3.13)


def can_file_case(actor: Actor, branch_id: int) -> bool:
    """The branch's leaders and the market department file cases about its managers."""
    return actor.is_at(branch_id, *LEADERS) or (
        actor.has_role(Role.MARKET) and actor.sees_branch(branch_id)
    )


def can_propose_bonus(actor: Actor, manager_id: int) -> bool:
    """A manager proposes the own bonus, and no penalty (annex 3.13)."""
    return actor.person_id == manager_id and actor.has_role(Role.MANAGER)


def files_cases(actor: Actor) -> bool:
    """Whether there is anybody about whom the actor may file."""
    return actor.has_role(Role.MANAGER, *LEADERS, Role.MARKET)


def sees_cases(actor: Actor) -> bool:
    """Managers, those who lead them, and head office's market department."""
    return actor.has_role(*BRANCH_ROLES, *CROSS_BRANCH)


def can_state(actor: Actor, case: Case) -> bool:
    """The manager whom it is about says what he has to say, and nobody else."""
    return case.manager_id == actor.person_id


def can_review_case(actor: Actor, case: Case) -> bool:
    """The branch's supervisor gives the opinion; not on a case about himself."""
    return actor.is_at(case.branch_id, Role.SUPERVISOR) and not can_state(actor, case)


def can_decide_case(actor: Actor, case: Case, general_managers: Collection[int]) -> bool:
    """The general manager decides; never whom it is about, who filed or who gave the opinion.

    Where no other general manager of the branch is left (he filed it himself), the deputy or
    the market department decides (annex 11.11).
    """
    concerned = {case.manager_id, case.raised_by_id, case.reviewed_by_id}
    if actor.person_id is None or actor.person_id in concerned:
        return False
    if actor.is_at(case.branch_id, Role.GM):
        return True
    if set(general_managers) - concerned:
        return False
    return actor.is_at(case.branch_id, Role.DEPUTY) or actor.has_role(Role.MARKET)


def can_withdraw_case(actor: Actor, case: Case) -> bool:
    """Whoever filed it."""
    return case.raised_by_id == actor.person_id


def can_add_case_file(actor: Actor, case: Case) -> bool:
    """Whoever filed it, whom it is about, and the branch's leaders."""
    return (
        can_withdraw_case(actor, case)
        or can_state(actor, case)
        or actor.is_at(case.branch_id, *LEADERS)
    )


# Complaints (K3.6)


def can_receive_complaint(actor: Actor, branch_id: int, complainant: str) -> bool:
    """A customer's: the branch's leaders, the market department. An employee's: the GM alone."""
    if complainant == Complainant.EMPLOYEE:
        return actor.is_at(branch_id, Role.GM)
    return can_file_case(actor, branch_id)


def sees_complaints(actor: Actor) -> bool:
    """Whoever leads a branch, and head office's market department."""
    return actor.has_role(*LEADERS, *CROSS_BRANCH)


def receives_complaints(actor: Actor) -> bool:
    """Whether the actor takes complaints in at all."""
    return actor.has_role(*LEADERS, Role.MARKET)


def can_handle_complaint(actor: Actor, complaint: Complaint) -> bool:
    """The investigator, and whoever may receive such a one; never whom it is about."""
    if complaint.manager_id == actor.person_id:
        return False
    is_investigator = complaint.investigator_id == actor.person_id
    return is_investigator or can_receive_complaint(
        actor, complaint.branch_id, complaint.complainant
    )

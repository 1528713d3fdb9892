"""Who may do what with targets, marks, cases and sheets; that they are visible is found before.

Nobody decides on the own points, and whoever asked does not decide (annex 11.11).
"""

from core.actors import Actor
from kpi.models import Consequence, Correction, Objection, Scheme, ScoreSheet
from organization.choices import HEADS, LEADERS, Role

# Marks (annex 5.3)


def can_rate(actor: Actor, branch_id: int) -> bool:
    """The branch's supervisor rates what only a person can (P1, annex 3.7)."""
    return actor.is_at(branch_id, Role.SUPERVISOR)


def can_mark_exams(actor: Actor) -> bool:
    """The market department enters the marks of exams (K2.4, K2.5)."""
    return actor.has_role(Role.MARKET)


def sees_marks(actor: Actor, branch_id: int) -> bool:
    """The branch's leaders and the market department see the grid of a branch's marks."""
    return actor.reads_all or branch_id in actor.led_branches


# Score sheets (K4)


def is_own(actor: Actor, sheet: ScoreSheet) -> bool:
    """Whether the sheet is about the actor."""
    return sheet.manager_id == actor.person_id


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
    """The market department drafts, changes and approves the scheme; a shell may import one."""
    return actor.has_role(Role.MARKET)


def can_change_scheme(actor: Actor, scheme: Scheme) -> bool:
    """Whoever drafted it; what came from a shell belongs to whoever takes it up."""
    return can_keep_schemes(actor) and scheme.drafted_by_id in (None, actor.person_id)


def can_approve_scheme(actor: Actor, scheme: Scheme) -> bool:
    """A second person of the market department (annex 11.11)."""
    return can_keep_schemes(actor) and scheme.drafted_by_id != actor.person_id

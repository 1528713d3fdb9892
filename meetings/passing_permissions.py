"""Who passes documents on, and who hands in, answers and shares cases and questions."""

from collections.abc import Collection

from confidentiality.rules import may_be_handed_out
from core.actors import Actor
from meetings.choices import ContributionState
from meetings.models import Contribution, Document
from organization.choices import BRANCH_ROLES, CROSS_BRANCH, LEADERS, Role


def can_pass_on(actor: Actor) -> bool:
    """Whoever leads a branch adds its documents, head office the company's (M1.1, M2.1)."""
    return actor.has_role(*LEADERS, *CROSS_BRANCH)


def can_keep_document(actor: Actor, document: Document) -> bool:
    """Who changes and withdraws it: whoever leads its branch; head office the company's."""
    if document.branch_id is None:
        return actor.has_role(*CROSS_BRANCH)
    return actor.is_at(document.branch_id, *LEADERS)


def can_read_document(actor: Actor, document: Document) -> bool:
    """Whether the document's level lets its file be handed to the actor (annex 9.1)."""
    return may_read(document, actor.roles, is_of_own_branch=_is_of_own_branch(actor, document))


def can_read_words(actor: Actor, document: Document) -> bool:
    """Whether the actor is shown what is to be told: whoever may be handed the file (annex 9.1),
    and who added or keeps it; others hear it at a meeting."""
    return (
        can_read_document(actor, document)
        or can_keep_document(actor, document)
        or (actor.person_id is not None and document.added_by_id == actor.person_id)
    )


def may_read(document: Document, roles: Collection[str], *, is_of_own_branch: bool = True) -> bool:
    """The same of somebody by his roles: what is above that is told at a meeting alone."""
    return may_be_handed_out(document.level, is_of_own_branch=is_of_own_branch, roles=roles)


def _is_of_own_branch(actor: Actor, document: Document) -> bool:
    return document.branch_id is None or actor.sees_branch(document.branch_id)


# Cases and questions (A2)


def branch_to_hand_in(actor: Actor) -> int | None:
    """The branch whose meetings the actor attends, the own before others; None for whoever
    attends none."""
    attended = {branch_id for role, branch_id in actor.posts if role in BRANCH_ROLES}
    if actor.branch_id in attended:
        return actor.branch_id
    return min(attended, default=None)


def can_change_contribution(actor: Actor, contribution: Contribution) -> bool:
    """Whoever handed it in, until it is answered."""
    return (
        contribution.author_id == actor.person_id and contribution.state == ContributionState.OPEN
    )


def can_answer(actor: Actor, contribution: Contribution) -> bool:
    """Whoever leads the branch, at the analysis meeting or besides; also to mend an answer."""
    return actor.is_at(contribution.branch_id, *LEADERS)


def can_share(actor: Actor, contribution: Contribution) -> bool:
    """The branch's general manager shows what was answered to the other branches."""
    return actor.is_at(contribution.branch_id, Role.GM)

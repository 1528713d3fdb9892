"""Cases and questions for the analysis meeting (A2): handed in, answered, shared."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from meetings.answering import (
    TEXT_AT_MOST,
    answered,
    as_kept,
    contribution_state,
    found_by,
    moved,
    record,
)
from meetings.choices import ContributionKind, ContributionState
from meetings.models import Contribution
from meetings.passing_permissions import (
    branch_to_hand_in,
    can_answer,
    can_change_contribution,
    can_share,
)
from meetings.queries.contributions import contribution_for
from organization.models import Person

TITLE_AT_MOST: Final = 120


@transaction.atomic
def hand_in(*, kind: str, title: str, text: str, actor: Actor, at: datetime) -> Contribution:
    """Hand in a case or a question: it stands on the agenda of the branch's next analysis meeting
    until it is answered (A2)."""
    branch_id = branch_to_hand_in(actor)
    if branch_id is None:
        raise NotAllowed(_("案例和问题由分公司的人提交。"))
    words = _words(kind, title, text)
    author = Person.objects.get(pk=actor.somebody)
    contribution = Contribution.objects.create(
        **words,
        branch_id=branch_id,
        author=author,
        search_text=found_by(words, "", author),
        handed_in_at=at,
        updated_at=at,
    )
    record("hand_in", contribution, actor, at, after=as_kept(contribution))
    return contribution


@transaction.atomic
def change_contribution(
    *,
    contribution_id: int,
    kind: str,
    title: str,
    text: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Contribution:
    """Mend what one has handed in, until it is answered."""
    contribution = _own(contribution_id, expected_version, actor)
    words = _words(kind, title, text)
    before = as_kept(contribution)
    contribution = moved(
        contribution, at, **words, search_text=found_by(words, "", contribution.author)
    )
    record("change_contribution", contribution, actor, at, before, as_kept(contribution))
    return contribution


@transaction.atomic
def withdraw_contribution(
    *, contribution_id: int, expected_version: int, actor: Actor, at: datetime
) -> Contribution:
    """Take back what one has handed in, until it is answered."""
    contribution = _own(contribution_id, expected_version, actor)
    before = as_kept(contribution)
    contribution = moved(contribution, at, state=ContributionState.WITHDRAWN)
    record("withdraw_contribution", contribution, actor, at, before, as_kept(contribution))
    return contribution


@transaction.atomic
def answer_contribution(
    *, contribution_id: int, answer: str, expected_version: int, actor: Actor, at: datetime
) -> Contribution:
    """Answer it outside a meeting, or mend its answer: whoever leads the branch."""
    contribution = contribution_for(actor, contribution_id)
    if not can_answer(actor, contribution):
        raise NotAllowed(_("由本分公司的主管、总经理答复。"))
    _check_version(contribution, expected_version)
    if contribution.state == ContributionState.WITHDRAWN:
        raise Refused(_("已经撤回，不用答复。"))
    answer = _written(answer, "answer", _("写明怎样答复。"))
    return answered(contribution, answer, contribution.meeting, actor, at)


@transaction.atomic
def share_contribution(
    *, contribution_id: int, expected_version: int, actor: Actor, at: datetime
) -> Contribution:
    """Let every branch find the case with its answer: the branch's general manager."""
    return _shared(contribution_id, expected_version, actor, at, is_shared=True)


@transaction.atomic
def unshare_contribution(
    *, contribution_id: int, expected_version: int, actor: Actor, at: datetime
) -> Contribution:
    """Keep it to the branch again."""
    return _shared(contribution_id, expected_version, actor, at, is_shared=False)


def _shared(
    contribution_id: int, expected_version: int, actor: Actor, at: datetime, *, is_shared: bool
) -> Contribution:
    contribution = contribution_for(actor, contribution_id)
    if not can_share(actor, contribution):
        raise NotAllowed(_("由本分公司总经理决定是否共享。"))
    _check_version(contribution, expected_version)
    if contribution.state != ContributionState.ANSWERED:
        raise Refused(_("答复以后才能共享给其他分公司。"))
    if (contribution.shared_at is not None) == is_shared:
        raise Refused(_("已经共享。") if is_shared else _("还没有共享。"))
    before = as_kept(contribution)
    contribution = moved(
        contribution,
        at,
        shared_at=at if is_shared else None,
        shared_by_id=actor.somebody if is_shared else None,
    )
    what = "share_contribution" if is_shared else "unshare_contribution"
    record(what, contribution, actor, at, before, as_kept(contribution))
    return contribution


# What the steps share


def _own(contribution_id: int, expected_version: int, actor: Actor) -> Contribution:
    contribution = contribution_for(actor, contribution_id)
    if contribution.author_id != actor.person_id:
        raise NotAllowed(_("由提交的人自己改。"))
    _check_version(contribution, expected_version)
    if not can_change_contribution(actor, contribution):
        raise Refused(_("已经答复或撤回，不能再改。"))
    return contribution


def _check_version(contribution: Contribution, expected_version: int) -> None:
    if contribution.version != expected_version:
        raise Stale(contribution_state(contribution))


def _words(kind: str, title: str, text: str) -> dict[str, str]:
    if kind not in ContributionKind.values:
        raise Refused(_("选案例或问题。"), field="kind")
    title = title.strip()
    if not title:
        raise Refused(_("写一个标题。"), field="title")
    if len(title) > TITLE_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": TITLE_AT_MOST}, field="title")
    return {"kind": kind, "title": title, "text": _written(text, "text", _("写明情况。"))}


def _written(text: str, field: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise Refused(missing, field=field)
    if len(text) > TEXT_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": TEXT_AT_MOST}, field=field)
    return text

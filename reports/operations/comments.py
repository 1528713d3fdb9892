"""What branches say of a bulletin's draft, and what they are answered (annex 8: workflow)."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.unique import unless_taken
from reports import permissions
from reports.choices import BulletinState
from reports.models import BranchComment, Bulletin
from reports.queries.bulletins import branches_told, bulletin_for

TEXT_AT_MOST: Final = 2000


@transaction.atomic
def comment_on_bulletin(
    *,
    bulletin_id: int,
    branch_id: int,
    text: str,
    actor: Actor,
    at: datetime,
    has_none: bool = False,
) -> BranchComment:
    """Say what a branch has to say of the draft, once, within the time for it.

    Open until the last second before ``comments_until``; what was said is answered by its
    writers. With ``has_none`` the branch agrees, and there is nothing to answer.
    """
    bulletin = bulletin_for(actor, bulletin_id)
    if branch_id not in {branch.pk for branch in branches_told(bulletin)} & set(actor.led_branches):
        raise NotFound
    if not permissions.can_comment(actor, branch_id):
        raise NotAllowed(_("意见由分公司主管、总经理或副总经理提出。"))
    if bulletin.state != BulletinState.COMMENTING:
        raise Refused(_("这份通报现在不征求意见。"))
    if bulletin.comments_until is None or at >= bulletin.comments_until:
        raise Refused(_("征求意见的时间已过。"))
    text = "" if has_none else _sentence(text, "text")
    _check_first(bulletin, branch_id)
    with unless_taken(lambda: _check_first(bulletin, branch_id)):
        comment = BranchComment.objects.create(
            bulletin=bulletin,
            branch_id=branch_id,
            text=text,
            said_at=at,
            said_by_id=actor.somebody,
            answered_at=at if has_none else None,
        )
    _trail(comment, "reports.comment_on_bulletin", actor, at, text)
    return comment


@transaction.atomic
def answer_comment(*, comment_id: int, answer: str, actor: Actor, at: datetime) -> BranchComment:
    """Answer a branch's comment: what was changed, or why not; once."""
    comment = (
        BranchComment.objects.filter(pk=comment_id).select_related("bulletin", "branch").first()
    )
    if comment is None:
        raise NotFound
    bulletin = bulletin_for(actor, comment.bulletin_id)
    if not permissions.can_write(actor):
        if comment.branch_id not in actor.led_branches:
            raise NotFound
        raise NotAllowed(_("意见由市场部答复。"))
    if bulletin.state != BulletinState.COMMENTING:
        raise Refused(_("这份通报现在不征求意见。"))
    updated = BranchComment.objects.filter(pk=comment.pk, answered_at__isnull=True).update(
        answer=_sentence(answer, "answer"), answered_at=at, answered_by_id=actor.somebody
    )
    if not updated:
        raise Refused(_("这条意见已经答复过了。"))
    comment.refresh_from_db()
    _trail(comment, "reports.answer_comment", actor, at, comment.answer)
    return comment


def _sentence(text: str, field: str) -> str:
    text = text.strip()
    if not text:
        raise Refused(_("请写内容。"), field=field)
    if len(text) > TEXT_AT_MOST:
        raise Refused(_("最多 %(n)s 个字") % {"n": TEXT_AT_MOST}, field=field)
    return text


def _check_first(bulletin: Bulletin, branch_id: int) -> None:
    if bulletin.comments.filter(branch_id=branch_id).exists():
        raise Refused(_("本分公司已经提过意见。"))


def _trail(comment: BranchComment, what: str, actor: Actor, at: datetime, text: str) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="bulletin",
        target_id=comment.bulletin_id,
        target_label=comment.bulletin.title,
        branch_id=comment.branch_id,
        after={"text": text},
    )

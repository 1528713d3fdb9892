"""Cases and questions for the analysis meeting (A2): handed in, answered, shared."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from core.names import folded
from duties.choices import NoticeKind
from duties.notices import notice_to
from duties.operations import notify_all
from meetings.choices import ContributionKind, ContributionState
from meetings.models import Contribution, Meeting
from meetings.passing_permissions import (
    branch_to_hand_in,
    can_answer,
    can_change_contribution,
    can_share,
)
from meetings.queries.contributions import contribution_for
from meetings.queries.occurrences import sitting_of
from organization.models import Person

TITLE_AT_MOST: Final = 120
TEXT_AT_MOST: Final = 4000


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
        search_text=_found_by(words, "", author),
        handed_in_at=at,
        updated_at=at,
    )
    _record("hand_in", contribution, actor, at, after=_as_kept(contribution))
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
    before = _as_kept(contribution)
    contribution = _moved(
        contribution, at, **words, search_text=_found_by(words, "", contribution.author)
    )
    _record("change_contribution", contribution, actor, at, before, _as_kept(contribution))
    return contribution


@transaction.atomic
def withdraw_contribution(
    *, contribution_id: int, expected_version: int, actor: Actor, at: datetime
) -> Contribution:
    """Take back what one has handed in, until it is answered."""
    contribution = _own(contribution_id, expected_version, actor)
    before = _as_kept(contribution)
    contribution = _moved(contribution, at, state=ContributionState.WITHDRAWN)
    _record("withdraw_contribution", contribution, actor, at, before, _as_kept(contribution))
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
    return _answered(contribution, answer, contribution.meeting, actor, at)


@transaction.atomic
def answer_from_minutes(
    *, answers: Mapping[int, str], meeting: Meeting, actor: Actor, at: datetime
) -> list[Contribution]:
    """What approved minutes answered: contribution id → the words of its item (A2).

    Called in the transaction that approves them; no door of its own. Those of another branch,
    taken back meanwhile or without words are left alone. A later correction of the minutes
    answers anew.
    """
    lead = sitting_of(meeting)
    found = (
        Contribution.objects.filter(pk__in=answers, branch_id=lead.branch_id)
        .exclude(state=ContributionState.WITHDRAWN)
        .select_related("author", "branch")
        .order_by("pk")
    )
    return [
        _answered(one, answers[one.pk].strip()[:TEXT_AT_MOST], lead, actor, at)
        for one in found
        if answers[one.pk].strip()
    ]


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
    before = _as_kept(contribution)
    contribution = _moved(
        contribution,
        at,
        shared_at=at if is_shared else None,
        shared_by_id=actor.somebody if is_shared else None,
    )
    what = "share_contribution" if is_shared else "unshare_contribution"
    _record(what, contribution, actor, at, before, _as_kept(contribution))
    return contribution


def _answered(
    contribution: Contribution, answer: str, meeting: Meeting | None, actor: Actor, at: datetime
) -> Contribution:
    before = _as_kept(contribution)
    words = {"title": contribution.title, "text": contribution.text}
    contribution = _moved(
        contribution,
        at,
        state=ContributionState.ANSWERED,
        answer=answer,
        answered_at=at,
        answered_by_id=actor.somebody,
        meeting=meeting,
        search_text=_found_by(words, answer, contribution.author),
    )
    _tell_author(contribution, actor, at)
    _record("answer_contribution", contribution, actor, at, before, _as_kept(contribution))
    return contribution


def _tell_author(contribution: Contribution, actor: Actor, at: datetime) -> None:
    if contribution.author_id == actor.person_id:
        return
    notice = notice_to(
        contribution.author,
        kind=NoticeKind.MEETING,
        group=f"contribution:{contribution.pk}",
        key=f"contribution:{contribution.pk}:{contribution.version}",
        title=lambda: _("您提的“%(title)s”已答复") % {"title": contribution.title},
        body=contribution.answer,
        url=reverse("contribution", args=[contribution.pk]),
        at=at,
    )
    notify_all([notice])


# What the steps share


def contribution_state(contribution: Contribution) -> dict[str, Any]:
    """The contribution as it stands, for whoever came too late."""
    return {"version": contribution.version, "state": str(contribution.state)}


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


def _moved(contribution: Contribution, at: datetime, **values: Any) -> Contribution:
    """One step on, by compare-and-set; Stale when somebody was first."""
    updated = Contribution.objects.filter(pk=contribution.pk, version=contribution.version).update(
        version=F("version") + 1, updated_at=at, **values
    )
    found = Contribution.objects.select_related(
        "author", "branch", "meeting", "answered_by", "shared_by"
    ).get(pk=contribution.pk)
    if not updated:
        raise Stale(contribution_state(found))
    return found


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


def _found_by(words: Mapping[str, str], answer: str, author: Person) -> str:
    """What it is found by, lower case: title, text, answer, who handed it in."""
    return folded(" ".join((words["title"], words["text"], answer, author.name)))


def _as_kept(contribution: Contribution) -> dict[str, Any]:
    """What the trail compares; the words themselves stay out of it."""
    return {
        "kind": contribution.kind,
        "title": contribution.title,
        "state": str(contribution.state),
        "is_shared": contribution.shared_at is not None,
    }


def _record(
    what: str,
    contribution: Contribution,
    actor: Actor,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=f"meetings.{what}",
        target_type="contribution",
        target_id=contribution.pk,
        target_label=contribution.title,
        branch_id=contribution.branch_id,
        before=before,
        after=after,
    )

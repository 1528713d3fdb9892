"""What the steps of cases and questions share, and what approved minutes answer (A2).

Called in the transaction of a step; what people do with them is ``operations.contributions``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import Stale
from core.names import folded
from core.periods import local_date
from duties.choices import NoticeKind
from duties.notices import notice_to
from duties.operations import notify_all
from meetings.choices import ContributionState
from meetings.models import Contribution, Meeting
from meetings.passing_permissions import can_share
from meetings.queries.occurrences import sitting_of
from organization.choices import Role
from organization.models import Person
from organization.queries import holders_of

TEXT_AT_MOST: Final = 4000


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
        answered(one, answers[one.pk].strip()[:TEXT_AT_MOST], lead, actor, at)
        for one in found
        if answers[one.pk].strip()
    ]


def answered(
    contribution: Contribution, answer: str, meeting: Meeting | None, actor: Actor, at: datetime
) -> Contribution:
    """The contribution answered; other words are not what the general manager had shared with
    every branch: whoever may not share them keeps them to the branch again."""
    before = as_kept(contribution)
    is_unshared = (
        contribution.shared_at is not None
        and answer != contribution.answer
        and not can_share(actor, contribution)
    )
    sharing = {"shared_at": None, "shared_by": None} if is_unshared else {}
    words = {"title": contribution.title, "text": contribution.text}
    contribution = moved(
        contribution,
        at,
        state=ContributionState.ANSWERED,
        answer=answer,
        answered_at=at,
        answered_by_id=actor.somebody,
        meeting=meeting,
        search_text=found_by(words, answer, contribution.author),
        **sharing,
    )
    _tell_author(contribution, actor, at)
    if is_unshared:
        _tell_sharers(contribution, at)
    record("answer_contribution", contribution, actor, at, before, as_kept(contribution))
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


def _tell_sharers(contribution: Contribution, at: datetime) -> None:
    """Tell whoever may share it anew that its answer is another one now."""
    heads = holders_of([Role.GM], local_date(at), contribution.branch_id)
    notify_all(
        [
            notice_to(
                person,
                kind=NoticeKind.MEETING,
                group=f"contribution:{contribution.pk}",
                key=f"contribution:{contribution.pk}:{contribution.version}",
                title=lambda: (
                    _("“%(title)s”的答复改了，不再共享，请看过再决定")
                    % {"title": contribution.title}
                ),
                body=contribution.answer,
                url=reverse("contribution", args=[contribution.pk]),
                at=at,
            )
            for person in heads
            if person.pk != contribution.author_id
        ]
    )


def contribution_state(contribution: Contribution) -> dict[str, Any]:
    """The contribution as it stands, for whoever came too late."""
    return {"version": contribution.version, "state": str(contribution.state)}


def moved(contribution: Contribution, at: datetime, **values: Any) -> Contribution:
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


def found_by(words: Mapping[str, str], answer: str, author: Person) -> str:
    """What it is found by, lower case: title, text, answer, who handed it in."""
    return folded(" ".join((words["title"], words["text"], answer, author.name)))


def as_kept(contribution: Contribution) -> dict[str, Any]:
    """What the trail compares; the words themselves stay out of it."""
    return {
        "kind": contribution.kind,
        "title": contribution.title,
        "state": str(contribution.state),
        "is_shared": contribution.shared_at is not None,
    }


def record(
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

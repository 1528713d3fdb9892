"""Reads over cases and questions: which somebody sees, finds again, and has to answer (A2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from core.actors import Actor
from core.errors import NotFound
from core.lists import matching
from core.parts import Hit
from meetings.choices import ContributionState, MeetingKind, MeetingState
from meetings.models import Contribution, Meeting

_FOUND_BY: Final = "search_text__contains"


@dataclass(frozen=True)
class Asked:
    """What is asked of the list; "" asks for nothing. ``state`` may be "mine" and "shared"."""

    words: str = ""
    state: str = ""
    kind: str = ""
    branch: str = ""


def contributions_for(actor: Actor) -> QuerySet[Contribution]:
    """The cases and questions the actor sees: of his branches, shared ones, his own."""
    found: QuerySet[Contribution] = Contribution.objects.visible_to(actor)
    return found.select_related("author", "branch", "meeting", "answered_by", "shared_by")


def contribution_for(actor: Actor, contribution_id: int) -> Contribution:
    """One of them; NotFound where there is none for this actor."""
    found = contributions_for(actor).filter(pk=contribution_id).first()
    if found is None:
        raise NotFound
    return found


def find_contributions(actor: Actor, asked: Asked) -> QuerySet[Contribution]:
    """Those that the filters leave; what was taken back only where it is asked for."""
    found = matching(contributions_for(actor), asked.words, _FOUND_BY)
    if asked.state == "mine":
        found = found.filter(author_id=actor.person_id or 0)
        found = found.exclude(state=ContributionState.WITHDRAWN)
    elif asked.state == "shared":
        found = found.filter(shared_at__isnull=False)
    elif asked.state:
        found = found.filter(state=asked.state)
    else:
        found = found.exclude(state=ContributionState.WITHDRAWN)
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.branch.isdecimal():
        found = found.filter(branch_id=int(asked.branch))
    return found


def state_counts(actor: Actor) -> dict[str, int]:
    """How many wait for an answer, are answered, shared, the actor's own, taken back."""
    mine = Q(author_id=actor.person_id or 0)
    counts: dict[str, Any] = (
        Contribution.objects.visible_to(actor)
        .aggregate(
            open=Count("pk", filter=Q(state=ContributionState.OPEN)),
            answered=Count("pk", filter=Q(state=ContributionState.ANSWERED)),
            shared=Count("pk", filter=Q(shared_at__isnull=False)),
            mine=Count("pk", filter=mine & ~Q(state=ContributionState.WITHDRAWN)),
            withdrawn=Count("pk", filter=Q(state=ContributionState.WITHDRAWN)),
        )
    )  # fmt: skip
    return counts


def next_analysis(branch_id: int, at: datetime) -> Meeting | None:
    """The branch's next analysis meeting, on whose agenda stands what is not answered (A2)."""
    return (
        Meeting.objects.filter(
            branch_id=branch_id,
            kind=MeetingKind.ANALYSIS,
            state=MeetingState.PLANNED,
            ends_at__gt=at,
        )
        .order_by("starts_at")
        .first()
    )


def search(actor: Actor, words: str, limit: int) -> list[Hit]:
    """Cases and questions with their answers, for go-anywhere (config.tables.SEARCHES)."""
    found = matching(contributions_for(actor), words, _FOUND_BY)
    found = found.exclude(state=ContributionState.WITHDRAWN)
    return [
        Hit(
            contribution.title,
            f"{contribution.branch.name} {contribution.get_kind_display()} "
            f"{contribution.get_state_display()}",
            reverse("contribution", args=[contribution.pk]),
        )
        for contribution in found.order_by("-handed_in_at", "-pk")[:limit]
    ]

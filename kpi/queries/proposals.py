"""What bands suggest (annex 5), as people decide on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.actors import Actor
from kpi.choices import ConsequenceState, SchemeState
from kpi.labels import name_of
from kpi.models import Consequence, Scheme
from kpi.permissions import can_decide_consequence


@dataclass(frozen=True)
class ProposalRow:
    """A proposal: what is suggested for whom, what it follows from, whether the reader decides."""

    consequence: Consequence
    name: str
    grounds: Sequence[tuple[str, str]]
    can_decide: bool


def proposal_names() -> Mapping[str, Mapping[str, Any]]:
    """The names of what schemes suggest, by code; the newest scheme's word counts. One query."""
    names: dict[str, Mapping[str, Any]] = {}
    approved = Scheme.objects.filter(state=SchemeState.APPROVED)
    for content in approved.order_by("number").values_list("content", flat=True):
        for one in content.get("consequences", ()):
            names[one["code"]] = one["names"]
    return names


def proposals_seen(
    actor: Actor, label_set: str, *, month: str = "", is_open: bool | None = None
) -> list[ProposalRow]:
    """The proposals the actor sees, newest month first; two queries."""
    found = (
        Consequence.objects.visible_to(actor)
        .select_related("manager", "branch", "decided_by")
        .order_by("-month", "branch__code", "manager__sort_key", "pk")
    )
    if month:
        found = found.filter(month=month)
    if is_open is not None:
        is_undecided = found.filter(state=ConsequenceState.OPEN)
        found = is_undecided if is_open else found.exclude(state=ConsequenceState.OPEN)
    names = proposal_names()
    return [
        ProposalRow(
            one,
            name_of(names[one.kind], label_set) if one.kind in names else one.kind,
            [(str(key), str(score)) for key, score in one.grounds],
            one.state == ConsequenceState.OPEN and can_decide_consequence(actor, one),
        )
        for one in found
    ]

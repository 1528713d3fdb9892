"""A month's sheets branch by branch: how many stand where, what they come to on average."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from core.actors import Actor
from core.numbers import rounded
from core.periods import Month
from kpi.breakdown import Breakdown
from kpi.choices import OBJECTION_OPEN, CorrectionState, SheetState
from kpi.computing import counted_inputs, presence_of, scheme_for, scored_as_far
from kpi.labels import name_of
from kpi.models import Correction, Objection, Scheme, ScoreSheet
from kpi.queries.sheets import sheets_for
from kpi.roster import Member, roster_of
from kpi.scheme import SchemeContent, parsed
from organization.choices import Role
from organization.models import RoleGrant

LISTED_AT_MOST = 30


@dataclass(frozen=True)
class BranchLine:
    """A branch in the company's month: its sheets by state, those rated, their mean."""

    branch_id: int
    code: str
    name: str
    states: Mapping[str, int]
    rated: int
    mean: Decimal | None

    @property
    def total(self) -> int:
        """How many sheets there are."""
        return sum(self.states.values())


def branch_lines(actor: Actor, month: Month) -> list[BranchLine]:
    """The month of every branch the actor sees, by code; one query."""
    found = (
        sheets_for(actor, month)
        .order_by("branch__code")
        .values("branch_id", "branch__code", "branch__name")
        .annotate(
            rated=Count("total"),
            sum=Sum("total"),
            **{state.value: Count("pk", filter=Q(state=state)) for state in SheetState},
        )
    )
    return [
        BranchLine(
            row["branch_id"],
            row["branch__code"],
            row["branch__name"],
            {state.value: row[state.value] for state in SheetState},
            row["rated"],
            rounded(Decimal(row["sum"]) / row["rated"]) if row["rated"] else None,
        )
        for row in found
    ]


# What waits for a decision


def open_objections(sheets: QuerySet[ScoreSheet]) -> list[Objection]:
    """The objections to these sheets that wait, the oldest first; LISTED_AT_MOST of them."""
    return list(
        Objection.objects.filter(sheet__in=sheets.order_by(), state__in=OBJECTION_OPEN)
        .select_related("sheet__manager", "sheet__branch")
        .order_by("raised_at", "pk")[:LISTED_AT_MOST]
    )


def open_corrections(sheets: QuerySet[ScoreSheet]) -> list[Correction]:
    """The corrections to these sheets that wait for a second person, the oldest first."""
    return list(
        Correction.objects.filter(sheet__in=sheets.order_by(), state=CorrectionState.PROPOSED)
        .select_related("sheet__manager", "sheet__branch", "proposed_by")
        .order_by("proposed_at", "pk")[:LISTED_AT_MOST]
    )


def item_names(scheme_ids: Collection[int], label_set: str) -> dict[tuple[int, str], str]:
    """What the items of schemes are called, by scheme and code; one query."""
    contents = Scheme.objects.filter(pk__in=scheme_ids).values_list("pk", "content")
    return {
        (pk, item["code"]): name_of(item["names"], label_set)
        for pk, content in contents
        for item in content.get("items", ())
    }


# Before there are sheets


@dataclass(frozen=True)
class SoFar:
    """A branch's month before its sheets: every manager with what stands so far."""

    scheme: SchemeContent
    rows: Sequence[tuple[Member, Breakdown]]


def branch_so_far(branch_id: int, month: Month, at: datetime) -> SoFar | None:
    """A branch's managers as the month stands; None without a scheme.

    The number of queries follows the scheme's items, not the managers.
    """
    scheme = scheme_for(month, at)
    if scheme is None:
        return None
    content = parsed(scheme.content)
    held = RoleGrant.objects.filter(role=Role.MANAGER, branch_id=branch_id).order_by()
    roster = roster_of(month, set(held.values_list("person_id", flat=True)))
    members = [one for one in roster.members if one.branch.pk == branch_id]
    inputs = counted_inputs(content, month, [one.manager_id for one in members], at)
    return SoFar(
        content,
        [
            (
                one,
                scored_as_far(content, inputs[one.manager_id], presence_of(one, roster))[0],
            )
            for one in members
        ],
    )

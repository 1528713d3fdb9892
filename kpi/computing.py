"""A month's scores from what was counted (K4): all managers at once, or one at any moment.

The number of statements follows the installed metrics, never the managers.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from core import canonical
from core.numbers import rounded
from core.periods import Month
from kpi import breakdown as breakdowns
from kpi.breakdown import Breakdown
from kpi.choices import SchemeState
from kpi.formulas import InputFault
from kpi.inputs import Inputs
from kpi.metrics import Metric, metrics
from kpi.models import Scheme
from kpi.roster import Member, Roster, roster_of
from kpi.scheme import Item, SchemeContent, parsed
from kpi.scoring import Presence, scored

# One metric serves two kinds; what was entered under another scheme may not fit this one's.
_NEEDED: Final[Mapping[str, str]] = {"EXAM": "mark", "RATE5": "ratings"}

ByManager = dict[int, dict[str, Inputs | None]]


def scheme_for(month: Month, at: datetime) -> Scheme | None:
    """The scheme that scores a month: the approved one with the latest month of effect.

    Of those approved by ``at``; where there was none yet, the first that was approved.
    """
    fitting = Scheme.objects.filter(state=SchemeState.APPROVED, valid_from__lte=month.key)
    known = fitting.filter(approved_at__lte=at).order_by("-valid_from", "-number").first()
    return known or fitting.order_by("approved_at", "number").first()


def counted_inputs(
    scheme: SchemeContent,
    month: Month,
    manager_ids: Collection[int],
    cut: datetime,
    *,
    only: Collection[str] | None = None,
) -> ByManager:
    """What the installed metrics counted at the cut, by manager and item (``only`` these).

    An item whose metric is not installed, or does not give what the formula reads, is left out.
    """
    found: ByManager = {manager_id: {} for manager_id in manager_ids}
    for metric, items in fed_items(scheme):
        counted = metric.compute(month, manager_ids, cut, [item.code for item in items])
        for item in items:
            of_item = counted[item.code]
            for manager_id in manager_ids:
                found[manager_id][item.code] = _fitting(item, of_item.get(manager_id))
    return found


def fed_items(scheme: SchemeContent) -> list[tuple[Metric, list[Item]]]:
    """The installed metrics that the scheme names, each with the items it feeds."""
    found: dict[str, list[Item]] = {}
    for item in scheme.items:
        metric = metrics().get(item.metric)
        if metric is not None and metric.feeds(item.formula.kind):
            found.setdefault(item.metric, []).append(item)
    return [(metrics()[key], items) for key, items in found.items()]


def measured(scheme: SchemeContent) -> SchemeContent:
    """The scheme with every item in the unit in which its metric counts it, where it has one."""
    units: dict[str, str] = {}
    for metric, items in fed_items(scheme):
        if metric.units is not None:
            units |= metric.units([item.code for item in items])
    return in_units(scheme, units)


def in_units(scheme: SchemeContent, units: Mapping[str, str]) -> SchemeContent:
    """The scheme with these units by item code; what is not named keeps its own."""
    items = tuple(replace(item, unit=units.get(item.code, item.unit)) for item in scheme.items)
    return replace(scheme, items=items)


def _fitting(item: Item, inputs: Inputs | None) -> Inputs | None:
    """What the item's formula reads of what its metric counted."""
    if inputs is None:
        return None
    if item.formula.kind == "TIER":
        return _with_value(inputs)
    needed = _NEEDED.get(item.formula.kind)
    return None if needed and needed not in inputs else inputs


def _with_value(inputs: Inputs) -> Inputs:
    """A table of thresholds reads one number: a share in per cent, or the mark itself."""
    for part, whole in (("met", "total"), ("actual", "target")):
        if part in inputs and whole in inputs and Decimal(inputs[whole]):
            share = Decimal(inputs[part]) * 100 / Decimal(inputs[whole])
            return {**inputs, "value": f"{rounded(share):f}"}
    return {**inputs, "value": inputs["mark"]} if "mark" in inputs else inputs


def scored_as_far(
    scheme: SchemeContent, inputs: Mapping[str, Inputs | None], presence: Presence
) -> tuple[Breakdown, tuple[str, ...]]:
    """The breakdown, and the items whose inputs the formula cannot take: those do not apply.

    One item that went wrong (a mark for a question that is gone) keeps nobody from a sheet.
    """
    left = dict(inputs)
    wrong: list[str] = []
    while True:
        try:
            return scored(scheme, left, presence), tuple(wrong)
        except InputFault as fault:
            code = fault.path.partition(".")[0]
            if left.get(code) is None:
                raise
            left[code] = None
            wrong.append(code)


def presence_of(member: Member, roster: Roster) -> Presence:
    """Whether a manager of the month can be rated (annex 5: period)."""
    return Presence(
        is_new=member.is_new(roster.month, roster.calendar),
        present=member.present,
        working=member.working_days,
    )


def presence_in(content: Mapping[str, Any]) -> Presence:
    """The same as a frozen sheet knows it."""
    why = content["why_not"]
    if why == breakdowns.MOSTLY_ABSENT:
        return Presence(present=0)
    return Presence(is_new=why == breakdowns.NEW_MANAGER)


def head_of(scheme: Scheme, member: Member, month: Month, cut: datetime) -> dict[str, Any]:
    """What stands above the lines of a frozen sheet, called as at the cut."""
    branch = member.branch
    return {
        "month": month.key,
        "scheme": {"number": scheme.number, "name": scheme.name, "departs": scheme.departs},
        "manager": {
            "id": member.manager_id,
            "job_number": member.job_number,
            "name": member.name,
        },
        "branch": {"id": branch.pk, "code": branch.code, "name": member.branch_name},
        "cut_at": cut.astimezone(UTC).isoformat(),
    }


@dataclass(frozen=True)
class Computed:
    """One manager's month, ready to be kept: the frozen content, its digest, its score."""

    member: Member
    breakdown: Breakdown
    content: Mapping[str, Any]
    digest: str
    # Items whose inputs could not be taken.
    wrong: tuple[str, ...]


def computed_sheets(scheme: Scheme, month: Month, cut: datetime) -> Iterable[Computed]:
    """Every manager's month as it stood at the cut, by branch and name."""
    content = measured(parsed(scheme.content))
    roster = roster_of(month, named_at=cut)
    inputs = counted_inputs(content, month, roster.ids, cut)
    for member in roster.members:
        counted = inputs[member.manager_id]
        made, wrong = scored_as_far(content, counted, presence_of(member, roster))
        frozen = breakdowns.frozen(made, **head_of(scheme, member, month, cut))
        yield Computed(member, made, frozen, canonical.digest(frozen), wrong)


@dataclass(frozen=True)
class Provisional:
    """A manager's month as it stands at a moment: not stored, not yet final."""

    scheme: SchemeContent
    inputs: Mapping[str, Inputs | None]
    presence: Presence
    breakdown: Breakdown
    content: Mapping[str, Any]


def provisional(manager_id: int, month: Month, at: datetime) -> Provisional | None:
    """What a manager has so far; None where he is not scored, or no scheme holds."""
    scheme = scheme_for(month, at)
    if scheme is None:
        return None
    roster = roster_of(month, [manager_id])
    if not roster.members:
        return None
    content = measured(parsed(scheme.content))
    (member,) = roster.members
    inputs = counted_inputs(content, month, [manager_id], at)[manager_id]
    presence = presence_of(member, roster)
    made, wrong = scored_as_far(content, inputs, presence)
    inputs = {**inputs, **dict.fromkeys(wrong)}
    frozen = breakdowns.frozen(made, **head_of(scheme, member, month, at))
    return Provisional(content, inputs, presence, made, frozen)

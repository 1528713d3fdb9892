"""The engine: a scheme and a month's inputs make a breakdown (annex 5). Pure.

Items are rounded half up to two places; a group is the exact sum of its items within its bounds;
the total is the exact sum of the groups, stored as it is. The band compares what is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from core.numbers import rounded
from kpi.breakdown import (
    GROUP_EMPTY,
    MOSTLY_ABSENT,
    NEW_MANAGER,
    NO_SOURCE,
    NOTHING,
    Breakdown,
    GroupLine,
    ItemLine,
)
from kpi.formulas import InputFault, ItemScore, is_veto, item_score, why_not
from kpi.inputs import Inputs
from kpi.rules import band_of, lower_band
from kpi.scheme import Group, Item, SchemeContent
from kpi.targets_rules import shared_out

WEIGHT_PLACES = 2


@dataclass(frozen=True)
class Presence:
    """What decides whether a manager is rated at all (annex 5: period).

    ``is_new`` up to the end of the first full month in post; ``present`` of the month's
    ``working`` days lie in the post.
    """

    is_new: bool = False
    present: int = 1
    working: int = 1


def scored(
    scheme: SchemeContent,
    inputs: Mapping[str, Inputs | None],
    presence: Presence | None = None,
) -> Breakdown:
    """The breakdown of one manager's month: targets, process, cases (K1, K2, K3, E2).

    ``inputs`` by item code (kpi.inputs); None: nothing applies in this month; no key at all: the
    item's metric is not installed. Either way the item's weight is spread within its group (annex
    11.7); a group with nothing left makes the month "not rated". CASE items without inputs have
    no case. Codes the scheme does not have are passed over. Raises kpi.formulas.InputFault, its
    path beginning with the item's code, for inputs that a formula cannot take.
    """
    groups = tuple(_group_line(scheme, group, inputs) for group in scheme.groups)
    is_vetoed = any(is_veto(item.formula, inputs.get(item.code)) for item in scheme.items)
    reason = _why_not_rated(scheme, groups, presence)
    if reason:
        return Breakdown(groups, False, reason, None, "", None, None, is_vetoed)
    total = sum((group.score for group in groups if group.score is not None), Decimal(0))
    band = band_of(total, scheme.bands)
    if is_vetoed:
        band = lower_band(band, scheme.veto_band, scheme.bands)
    return Breakdown(groups, True, "", total, band.code, band.names, band.coefficient, is_vetoed)


def what_if(
    scheme: SchemeContent,
    inputs: Mapping[str, Inputs | None],
    changes: Mapping[str, Inputs | None],
    presence: Presence | None = None,
) -> Breakdown:
    """The breakdown as it would be with some items' inputs changed, by the same arithmetic."""
    return scored(scheme, {**inputs, **changes}, presence)


def _why_not_rated(
    scheme: SchemeContent, groups: tuple[GroupLine, ...], presence: Presence | None
) -> str:
    if presence is not None and presence.is_new:
        return NEW_MANAGER
    if presence is not None and presence.present < scheme.unrated_below * presence.working:
        return MOSTLY_ABSENT
    return GROUP_EMPTY if any(group.score is None for group in groups) else ""


def _group_line(
    scheme: SchemeContent, group: Group, inputs: Mapping[str, Inputs | None]
) -> GroupLine:
    items = scheme.items_of(group.code)
    reasons = {item.code: _reason(item, inputs) for item in items}
    effective = _effective(
        tuple((item.code, item.weight) for item in items),
        frozenset(code for code, reason in reasons.items() if reason),
    )
    lines = tuple(
        _item_line(item, inputs, reasons[item.code], effective[item.code]) for item in items
    )
    score = None
    if any(line.is_applicable and (line.weight or not _weighs(items)) for line in lines):
        total = sum((line.score for line in lines if line.score is not None), Decimal(0))
        score = rounded(min(max(total, group.minimum), group.maximum))
    return GroupLine(
        code=group.code,
        names=group.names,
        clause=group.clause,
        kind=group.kind,
        minimum=group.minimum,
        maximum=group.maximum,
        score=score,
        topics=group.topics,
        items=lines,
    )


def _weighs(items: tuple[Item, ...]) -> bool:
    """Whether the group has items with weight: cases alone then make it no group to be rated."""
    return any(item.weight for item in items)


def _reason(item: Item, inputs: Mapping[str, Inputs | None]) -> str:
    """Why the item does not apply; "" if it does."""
    given = inputs.get(item.code)
    if item.formula.kind == "CASE":
        return ""
    if given is None:
        return NOTHING if item.code in inputs else NO_SOURCE
    with _at(item):
        return why_not(item.formula, given)


@lru_cache(maxsize=2048)
def _effective(
    weights: tuple[tuple[str, Decimal], ...], without: frozenset[str]
) -> Mapping[str, Decimal]:
    """Every item's weight with the others' spread pro rata; the sum stays exactly the same.

    Two places, by largest remainder, equal remainders in the scheme's order.
    """
    codes = [code for code, _ in weights]
    left = {n: weight for n, (code, weight) in enumerate(weights) if code not in without}
    whole = sum((weight for _, weight in weights), Decimal(0))
    if not any(left.values()):
        return dict.fromkeys(codes, rounded(Decimal(0)))
    spread = shared_out(whole, left, WEIGHT_PLACES)
    return {code: spread.get(n, rounded(Decimal(0))) for n, code in enumerate(codes)}


def _item_line(
    item: Item, inputs: Mapping[str, Inputs | None], reason: str, effective: Decimal
) -> ItemLine:
    given = inputs.get(item.code)
    result: ItemScore | None = None
    if not reason:
        with _at(item):
            result = item_score(
                item.formula, given or {"cases": []}, weight=item.weight, effective=effective
            )
    return ItemLine(
        code=item.code,
        names=item.names,
        clause=item.clause,
        topic=item.topic,
        weight=item.weight,
        effective=effective,
        is_applicable=not reason,
        why_not=reason,
        formula=item.formula,
        inputs=given,
        unit=item.unit,
        rate=None if result is None else result.rate,
        score=None if result is None else result.score,
        lost=None if result is None else max(effective - result.score, Decimal("0.00")),
        metric=item.metric,
    )


class _at:  # noqa: N801 - reads as a word of the block it opens
    """Puts the item's code before the path of an InputFault."""

    def __init__(self, item: Item) -> None:
        self._code = item.code

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        if isinstance(fault, InputFault):
            raise InputFault(f"{self._code}.{fault.path}", fault.code, **fault.values) from None

"""The engine: a scheme and a month's inputs make a breakdown (annex 5). Pure.

Items are rounded half up to two places; a group is the exact sum of its items within its bounds;
the total is the exact sum of the groups, stored as it is. The band compares what is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kpi.breakdown import Breakdown
from kpi.inputs import Inputs
from kpi.scheme import SchemeContent


@dataclass(frozen=True)
class Presence:
    """Whether the manager can be rated: ``is_new`` up to the first full month in post, and the
    working days in post of the month's (kpi.rules.is_new, annex 5: period)."""

    is_new: bool = False
    present: int = 1
    working: int = 1


def scored(
    scheme: SchemeContent,
    inputs: Mapping[str, Inputs | None],
    presence: Presence | None = None,
) -> Breakdown:
    """The breakdown of one manager's month.

    ``inputs`` by item code (kpi.inputs); None: nothing applies in this month; no key at all: the
    item's metric is not installed. Either way the item's weight is spread within its group (annex
    11.7); a group with nothing left makes the month "not rated". CASE items without inputs have
    no case. Raises kpi.formulas.InputFault for inputs that the formula cannot take.
    """
    raise NotImplementedError


def what_if(
    scheme: SchemeContent,
    inputs: Mapping[str, Inputs | None],
    changes: Mapping[str, Inputs | None],
    presence: Presence | None = None,
) -> Breakdown:
    """The breakdown as it would be with some items' inputs changed, by the same arithmetic."""
    return scored(scheme, {**inputs, **changes}, presence)

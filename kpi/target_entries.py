"""A target sheet as somebody writes it: plain values, before anything is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from kpi.choices import Method

TEXT_AT_MOST = 2000
REASON_AT_MOST = 200
LARGEST = Decimal(10) ** 13


@dataclass(frozen=True)
class LineEntry:
    """The branch's target for one indicator; ``parts`` count only where they are given by hand."""

    value: Decimal | None = None
    method: str = Method.EQUAL
    why_not_required: str = ""
    why_not_sum: str = ""
    parts: Mapping[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class TargetEntry:
    """The whole sheet but for its work items; lines by the indicator's code."""

    priorities: str = ""
    resources: str = ""
    why_no_items: str = ""
    lines: Mapping[str, LineEntry] = field(default_factory=dict)


@dataclass(frozen=True)
class WorkEntry:
    """Something concrete to do: what, how many, by when, with what (T4)."""

    what: str
    due_on: date
    quantity: int = 1
    unit: str = ""
    resource: str = ""
    code: str = ""


@dataclass(frozen=True)
class Cell:
    """One number of a grid: whose, of which indicator; None clears it."""

    row: int
    code: str
    value: Decimal | None
    note: str = ""


def places_of(value: Decimal) -> int:
    """How many digits stand after the point."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 99


def is_fitting(value: Decimal, places: int, *, may_be_negative: bool = False) -> bool:
    """Whether a number can be stored for an indicator: finite, not too large, not too fine.

    Targets are not negative; a result may be (deposits that shrank).
    """
    if not value.is_finite() or abs(value) >= LARGEST or places_of(value) > places:
        return False
    return may_be_negative or value >= 0

"""Ranks of branches and the cost of faults, as pure functions."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

Key = TypeVar("Key")


def ranks(scores: Mapping[Key, Decimal | None]) -> dict[Key, int | None]:
    """The place of each score, the highest first; equal ones share a place (1, 1, 3).

    Who has no score has no place.
    """
    known = sorted((score for score in scores.values() if score is not None), reverse=True)
    return {key: None if score is None else known.index(score) + 1 for key, score in scores.items()}


def rise(rank: int | None, before: int | None) -> int | None:
    """By how many places a branch has risen since the month before; None where one is unknown."""
    return None if rank is None or before is None else before - rank


def costs(points: Sequence[Decimal], lost: Decimal) -> list[Decimal]:
    """What each of an item's faults really costs, in their order: together what the item loses.

    An item loses no more than its points; faults beyond them cost nothing more (annex 3.8).
    """
    found, left = [], lost
    for nominal in points:
        found.append(min(left, nominal))
        left -= found[-1]
    return found

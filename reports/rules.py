"""Ranks of branches, as pure functions."""

from collections.abc import Mapping
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

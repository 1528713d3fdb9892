"""Where chance comes from: a generator of its own for everything that is drawn.

What happens to one manager in one week does not depend on how many others there are.
"""

from collections.abc import Mapping
from random import Random
from typing import TypeVar

Drawn = TypeVar("Drawn")


def chance(*parts: object) -> Random:
    """The generator that belongs to these words, the same on every machine."""
    return Random(":".join(map(str, parts)))  # noqa: S311


def weighted(rng: Random, weights: Mapping[Drawn, int]) -> Drawn:
    """One of the keys, as often as its weight says; cheaper than ``choices`` for one draw."""
    left = rng.random() * sum(weights.values())
    for key, weight in weights.items():
        left -= weight
        if left < 0:
            return key
    return key

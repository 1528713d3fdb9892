"""The ways in which an operation says no. Pages and API translate them; nothing else does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the field it belongs to ("" for the whole) and a sentence."""

    field: str
    message: Text


class Refused(Exception):
    """The request is understood and cannot be done: what, why, and how to mend it."""

    def __init__(self, message: Text, *, field: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.problems = tuple(problems) or (Problem(field, message),)


class NotAllowed(Exception):
    """The actor sees the thing and may not do this to it."""


class NotFound(Exception):
    """The thing does not exist, or not for this actor: the two are never told apart."""


class Stale(Exception):
    """Somebody changed the thing since it was read; ``current`` is what it is now."""

    def __init__(self, current: dict[str, Any]) -> None:
        super().__init__("stale")
        self.current = current

"""Two versions of a scheme compared, as data. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kpi.scheme.parts import SchemeContent
from kpi.scheme.reading import as_json

ADDED: Final = "added"
REMOVED: Final = "removed"
CHANGED: Final = "changed"
MOVED: Final = "moved"

# What has a code of its own, and is compared by it.
_PARTS: Final = ("groups", "items", "bands", "consequences")


@dataclass(frozen=True)
class Difference:
    """What differs: of which ``part`` ("items", "groups", "bands", "consequences", "scheme").

    ``code`` is the part's; ``change`` one of the words above. ``path`` says what of it changed
    ("weight", "formula.floor", "formula.options.A.points"; "" for the whole), ``old`` and
    ``new`` are the JSON values on both sides, None where there is none.
    """

    part: str
    code: str
    change: str
    path: str
    old: Any
    new: Any


def differences(old: SchemeContent, new: SchemeContent) -> list[Difference]:
    """What the new version changes, in its order, removed things last of each part."""
    before, after = as_json(old), as_json(new)
    found = [
        Difference("scheme", "", CHANGED, path, one, two)
        for key in after
        if key not in _PARTS
        for path, one, two in _changes(before[key], after[key], key)
    ]
    for part in _PARTS:
        found += _of_part(part, before[part], after[part])
    return found


def _of_part(part: str, before: list[Any], after: list[Any]) -> Iterator[Difference]:
    old = {each["code"]: each for each in before}
    new = {each["code"]: each for each in after}
    for code, value in new.items():
        if code not in old:
            yield Difference(part, code, ADDED, "", None, value)
            continue
        for path, one, two in _changes(old[code], value, ""):
            yield Difference(part, code, CHANGED, path, one, two)
    for code, value in old.items():
        if code not in new:
            yield Difference(part, code, REMOVED, "", value, None)
    kept_before = [code for code in old if code in new]
    kept_after = [code for code in new if code in old]
    if kept_before != kept_after:
        yield Difference(part, "", MOVED, "", kept_before, kept_after)


def _changes(old: Any, new: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """The smallest places in which two JSON values differ; rows with a code are met by it."""
    if old == new:
        return
    one, two = _keyed(old), _keyed(new)
    if one is None or two is None or (list(one) != list(two) and _is_list(old, new)):
        yield path, old, new
        return
    for key in dict.fromkeys([*one, *two]):
        yield from _changes(one.get(key), two.get(key), f"{path}.{key}".lstrip("."))


def _is_list(old: Any, new: Any) -> bool:
    """Whether the order of the keys is part of the value, and the same keys are there."""
    return (
        isinstance(old, list)
        and isinstance(new, list)
        and set(_keyed(old) or ()) == set(_keyed(new) or ())
    )


def _keyed(value: Any) -> Mapping[str, Any] | None:
    """A value as named parts: an object, or a list of objects with codes."""
    if isinstance(value, Mapping):
        return value
    if (
        isinstance(value, list)
        and value
        and all(isinstance(row, Mapping) and "code" in row for row in value)
    ):
        return {row["code"]: row for row in value}
    return None

"""Where on the desk of a scheme's editor the fault at a path of its JSON stands. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kpi.scheme_editing import CHILD_LISTS, KEY, Row, Working, known_fields
from kpi.scheme_fields import HEAD, TOP_LISTS


@dataclass(frozen=True)
class Place:
    """Where a fault stands on the desk: the field's name, or "" and only its row.

    ``row`` is the key of the row at the top (an item to be opened), "" for the scheme itself.
    """

    field: str
    row: str = ""
    path: str = ""


def place_of(working: Working, path: str) -> Place:
    """Where the fault at a path of the JSON stands."""
    first, *rest = path.split(".")
    if first not in TOP_LISTS:
        known = {spec.key for spec in HEAD}
        return Place(f"h.{_field_at(path, known)}", path=first)
    rows, place = working.lists[first], first
    top = ""
    row: Row | None = None
    above: Row | None = None
    while rest and rest[0].isdecimal() and int(rest[0]) < len(rows):
        above, row = row, rows[int(rest[0])]
        top = top or row[KEY]
        rest = rest[1:]
        inner = next((each for each in CHILD_LISTS if _begins(rest, each)), "")
        after = rest[len(inner.split(".")) :] if inner else []
        if not (inner and after and after[0].isdecimal()):
            break
        place, rows, rest = inner, row.get(inner, []), after
    if row is None:
        return Place("", "", first)
    known = set(known_fields(place, row, above))
    name = _field_at(".".join(rest), known)
    return Place(f"r.{row[KEY]}.{name}" if name else "", top, first)


def _begins(steps: Sequence[str], path: str) -> bool:
    wanted = path.split(".")
    return list(steps[: len(wanted)]) == wanted


def _field_at(path: str, known: set[str]) -> str:
    """The field that holds a place: the one of that name, around it, or the first within it."""
    steps = path.split(".")
    for n in range(len(steps), 0, -1):
        if (name := ".".join(steps[:n])) in known:
            return name
    within = f"{path}."
    chinese = f"{within}telecom.zh-hans"
    return chinese if chinese in known else ""

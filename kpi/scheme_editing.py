"""A scheme on the desk of whoever edits it: every text as typed, every row under a key of its own.

The working copy holds what no scheme may hold (an empty weight, half a formula), so that nothing
typed is lost; ``built`` makes the JSON of kpi.scheme of it. A field is named by its row's key
("r.12.weight"), which stays when rows are added, moved or taken away; ``h.`` names the scheme's
own fields, ``t.`` what is only tried. Pure.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from kpi.scheme import decimal_text
from kpi.scheme_fields import (
    HEAD,
    ITEM,
    ITEM_LISTS,
    LISTS,
    SETTINGS,
    TOP_LISTS,
    TOPIC,
    FieldSpec,
)

Row = dict[str, Any]
KEY: Final = "#"
ROWS_AT_MOST: Final = 100
TEXT_AT_MOST: Final = 2000
TRIED_AT_MOST: Final = 60
# Of the version itself, beside the content: its name, its month of effect, why.
OWN: Final = ("name", "valid_from", "why")
CHILD_LISTS: Final = ("topics", *ITEM_LISTS)
_ALL_SETTINGS: Final = tuple(spec for specs in SETTINGS.values() for spec in specs)


@dataclass
class Working:
    """A working copy; ``base`` is the version of the scheme it was taken from."""

    base: int
    head: dict[str, str]
    lists: dict[str, list[Row]]
    tries: dict[str, dict[str, str]] = field(default_factory=dict)
    next_key: int = 1
    removed: dict[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[str, Row, list[Row], Row | None]]:
        """Every row: the list it stands in, itself, its siblings, the row above it."""
        for path, rows in self.lists.items():
            for row in rows:
                yield path, row, rows, None
                for child in CHILD_LISTS:
                    inner = row.get(child, [])
                    for each in inner:
                        yield child, each, inner, row

    def found(self, key: str) -> tuple[str, Row, list[Row], Row | None] | None:
        """The row with this key, as the iteration gives it."""
        return next((each for each in self if each[1][KEY] == key), None)

    def new_key(self) -> str:
        """A key that no row has had."""
        self.next_key += 1
        return str(self.next_key - 1)


# --- in --------------------------------------------------------------------------------------


def working_of(
    content: Mapping[str, Any],
    *,
    name: str,
    valid_from: str,
    why: str,
    base: int,
    next_key: int = 1,
) -> Working:
    """A working copy of a scheme's JSON; the same content always gets the same keys."""
    head = {"name": name, "valid_from": valid_from, "why": why}
    head |= {
        path: value
        for path, value in _flat({k: content[k] for k in ("names", "veto_band", "unrated_below")})
        if isinstance(value, str)
    }
    working = Working(base=base, head=head, lists={}, next_key=next_key)
    for path in TOP_LISTS:
        working.lists[path] = [_row(value, working) for value in content.get(path, ())]
    return working


def _row(value: Mapping[str, Any], working: Working) -> Row:
    row: Row = {KEY: working.new_key()}
    for path, each in _flat(value):
        row[path] = [_row(one, working) for one in each] if isinstance(each, list) else each
    return row


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, each in value.items():
        path = f"{prefix}{key}"
        if path in CHILD_LISTS and isinstance(each, list):
            yield path, each
        elif key == "tiers" and isinstance(each, list):
            yield path, ", ".join(f"{tier['from']}={tier['points']}" for tier in each)
        elif isinstance(each, Mapping):
            yield from _flat(each, f"{path}.")
        else:
            yield path, each if isinstance(each, bool) else str(each)


def as_body(working: Working) -> dict[str, Any]:
    """What is kept of it between two requests."""
    return {
        "base": working.base,
        "head": working.head,
        "lists": working.lists,
        "tries": working.tries,
        "next_key": working.next_key,
        "removed": working.removed,
    }


def from_body(body: Mapping[str, Any]) -> Working | None:
    """The same back; None where something else was put there."""
    try:
        working = Working(
            base=int(body["base"]),
            head={str(key): str(value) for key, value in body["head"].items()},
            lists={path: [_sound(row) for row in body["lists"][path]] for path in TOP_LISTS},
            tries={
                str(key): {str(name): str(value) for name, value in values.items()}
                for key, values in body["tries"].items()
            },
            next_key=int(body["next_key"]),
            removed=_sound_removal(body.get("removed") or {}),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    keys = [row[KEY] for _path, row, _rows, _above in working]
    is_sound = len(set(keys)) == len(keys) and all(key.isdecimal() for key in keys)
    return working if is_sound and all(int(key) < working.next_key for key in keys) else None


def _sound(row: Mapping[str, Any]) -> Row:
    """A row with nothing in it but texts, yes or no, and rows; ValueError otherwise."""
    found: Row = {KEY: str(row[KEY])}
    for key, value in row.items():
        if key in CHILD_LISTS:
            found[key] = [_sound(each) for each in value]
        elif isinstance(value, str | bool):
            found[str(key)] = value
        else:
            raise ValueError(key)
    return found


def _sound_removal(removed: Mapping[str, Any]) -> dict[str, Any]:
    if not removed:
        return {}
    return {
        "list": str(removed["list"]),
        "above": str(removed["above"]),
        "place": int(removed["place"]),
        "row": _sound(removed["row"]),
    }


# --- fields ----------------------------------------------------------------------------------


def specs_of(path: str, row: Row, above: Row | None = None) -> tuple[FieldSpec, ...]:
    """The fields of a row as it stands: of an item those of its formula too."""
    if path == "items":
        return (*ITEM, *SETTINGS.get(str(row.get("formula.kind", "")), ()))
    if path == "topics":
        return TOPIC
    if path in ITEM_LISTS:
        kind = str((above or {}).get("formula.kind", ""))
        wanted, specs = LISTS.get(kind, ("", ()))
        return specs if wanted == path else ()
    return TOP_LISTS[path]


def known_fields(path: str, row: Row, above: Row | None) -> dict[str, FieldSpec]:
    """What may be typed into a row; also settings of another formula, should it be chosen."""
    specs = specs_of(path, row, above)
    more = _ALL_SETTINGS if path == "items" else ()
    return {spec.key: spec for spec in (*specs, *more)}


def value_of(row: Mapping[str, Any], spec: FieldSpec) -> str | bool:
    """What stands in a field."""
    value = row.get(spec.key, spec.default if spec.kind == "check" else "")
    return bool(value) if spec.kind == "check" else str(value)


def fields_of(working: Working) -> dict[str, str | bool]:
    """Every field by name with what stands in it."""
    found: dict[str, str | bool] = {f"h.{key}": working.head.get(key, "") for key in OWN}
    found |= {f"h.{spec.key}": value_of(working.head, spec) for spec in HEAD}
    for path, row, _rows, above in working:
        for spec in specs_of(path, row, above):
            found[f"r.{row[KEY]}.{spec.key}"] = value_of(row, spec)
    for key, values in working.tries.items():
        found |= {f"t.{key}.{name}": value for name, value in values.items()}
    return found


def applied(working: Working, fields: Mapping[str, Any]) -> Working:
    """The working copy with what was typed; fields of rows that are gone are passed over."""
    made = copy.deepcopy(working)
    rows = {row[KEY]: (path, row, above) for path, row, _rows, above in made}
    for name, value in fields.items():
        where, _dot, rest = name.partition(".")
        if where == "h" and (rest in OWN or rest in {spec.key for spec in HEAD}):
            made.head[rest] = str(value)[:TEXT_AT_MOST]
            continue
        key, _dot, inner = rest.partition(".")
        if key not in rows:
            continue
        path, row, above = rows[key]
        if where == "r" and (spec := known_fields(path, row, above).get(inner)):
            row[inner] = _is_yes(value) if spec.kind == "check" else str(value)[:TEXT_AT_MOST]
        elif where == "t" and path == "items" and len(inner) <= TRIED_AT_MOST:
            tried = made.tries.setdefault(key, {})
            if inner in tried or len(tried) < ROWS_AT_MOST:
                tried[inner] = str(value)[:TRIED_AT_MOST]
    return made


def _is_yes(value: Any) -> bool:
    return value in (True, "on", "true")


# --- rows ------------------------------------------------------------------------------------


def added(working: Working, path: str, above: str) -> tuple[Working, str]:
    """One more row and its key; ``above`` is the key of the row it belongs to.

    An item belongs to a group, a topic too; what is below a formula belongs to its item. "" where
    there is no room, or no such place.
    """
    made = copy.deepcopy(working)
    owner = made.found(above)
    if path in TOP_LISTS:
        rows = made.lists[path]
    elif owner is not None and path in CHILD_LISTS:
        rows = owner[1].setdefault(path, [])
    else:
        return working, ""
    if len(rows) >= ROWS_AT_MOST or (path == "items" and owner is None):
        return working, ""
    row: Row = {KEY: made.new_key()}
    if path == "items" and owner is not None:
        row |= _new_item(made, owner[1])
    rows.append(row)
    return made, row[KEY]


def _new_item(working: Working, group: Row) -> Row:
    """An item to begin with, under the next free code of its group."""
    code = str(group.get("code", ""))
    taken = {row.get("code") for row in working.lists["items"]}
    number = next(n for n in range(1, ROWS_AT_MOST + 2) if f"{code}{n}" not in taken)
    is_case = group.get("kind") == "cases"
    return {
        "code": f"{code}{number}",
        "group": code,
        "clause": str(group.get("clause", "")),
        "metric": "cases" if is_case else "results",
        "formula.kind": "CASE" if is_case else "RATE",
        **({"formula.sign": "+"} if is_case else {}),
    }


def without(working: Working, key: str) -> Working:
    """Without a row, which can be put back."""
    made = copy.deepcopy(working)
    found = made.found(key)
    if found is None:
        return working
    path, row, rows, above = found
    made.removed = {
        "list": path,
        "above": above[KEY] if above else "",
        "place": rows.index(row),
        "row": row,
    }
    rows.remove(row)
    return made


def put_back(working: Working) -> Working:
    """With the row that was taken away last, where it stood."""
    made = copy.deepcopy(working)
    removed = made.removed
    if not removed:
        return working
    rows: list[Row] | None = made.lists.get(removed["list"])
    if rows is None:
        owner = made.found(removed["above"])
        rows = owner[1].setdefault(removed["list"], []) if owner else None
    taken = {inner[KEY] for _path, inner, _rows, _above in made}
    if rows is not None and removed["row"][KEY] not in taken:
        rows.insert(removed["place"], removed["row"])
    made.removed = {}
    return made


def moved(working: Working, key: str, by: int) -> Working:
    """With a row one place up (-1) or down (1); an item among those of its group."""
    made = copy.deepcopy(working)
    found = made.found(key)
    if found is None:
        return working
    path, row, rows, _above = found
    peers = [n for n, each in enumerate(rows) if path != "items" or _is_peer(each, row)]
    place = peers.index(rows.index(row)) + by
    if not 0 <= place < len(peers):
        return working
    here, there = rows.index(row), peers[place]
    rows[here], rows[there] = rows[there], rows[here]
    return made


def _is_peer(one: Row, other: Row) -> bool:
    return one.get("group") == other.get("group")


# --- out -------------------------------------------------------------------------------------


def built(working: Working) -> dict[str, Any]:
    """The JSON of kpi.scheme, as far as what was typed gives one."""
    content: dict[str, Any] = {"names": {"telecom": {}}}
    for spec in HEAD:
        _put(content, spec, working.head)
    return {**content, **{path: _rows(path, working.lists[path]) for path in TOP_LISTS}}


def _rows(path: str, rows: Sequence[Row], above: Row | None = None) -> list[dict[str, Any]]:
    return [built_row(path, row, above) for row in rows]


def built_row(path: str, row: Row, above: Row | None = None) -> dict[str, Any]:
    """A row's JSON."""
    specs = specs_of(path, row, above)
    made: dict[str, Any] = {}
    if any(spec.key.startswith("names.") for spec in specs):
        made["names"] = {"telecom": {}}
    for spec in specs:
        _put(made, spec, row)
    if path == "groups":
        made["topics"] = _rows("topics", row.get("topics", []), row)
    elif path == "items":
        kind = str(row.get("formula.kind", ""))
        if kind == "CASE":
            made["weight"] = "0"
        inner, _specs = LISTS.get(kind, ("", ()))
        if inner:
            made["formula"][inner.removeprefix("formula.")] = _rows(inner, row.get(inner, []), row)
        for text in ("source", "note"):
            if text in made:
                made[text].setdefault("telecom", {})
    return made


def _put(made: dict[str, Any], spec: FieldSpec, row: Mapping[str, Any]) -> None:
    """A field's value at its place; what is empty is left out, but for what must be there."""
    value: Any = value_of(row, spec)
    if spec.kind == "check":
        if value == spec.default:
            return
    elif spec.kind == "tiers":
        value = tiers_in(value)
        if not value:
            return
    else:
        value = number_text(value) if spec.kind == "number" else value.strip()
        if not value and not spec.is_kept:
            return
    *steps, last = spec.key.split(".")
    for step in steps:
        made = made.setdefault(step, {})
    made[last] = value


def number_text(text: str) -> str:
    """A number as people write it, as decimal text: full width, 1,000, 60%; else as it stands."""
    packed = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?%?", packed):
        packed = packed.replace(",", "")
    if not packed.endswith("%"):
        return packed
    try:
        share = Decimal(packed.removesuffix("%").strip()) / 100
    except InvalidOperation:
        return packed
    return decimal_text(share) if share.is_finite() else packed


def tiers_in(text: str) -> list[dict[str, str]]:
    """Points by the number of cases, written 1=1, 3=4."""
    packed = unicodedata.normalize("NFKC", text)
    parts = [part for part in re.split(r"[,;、\n]", packed) if part.strip()]
    return [
        dict(
            zip(
                ("from", "points"), (number_text(each) for each in part.split("=", 1)), strict=False
            )
        )
        for part in parts
    ]

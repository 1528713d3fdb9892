"""What a recorder writes: as a draft, as the fields of a form, as the content of a version."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from confidentiality.choices import Level
from core.errors import Problem
from core.requests import whole_number
from meetings.choices import TopicKind
from meetings.minutes_rules import (
    HELPERS_AT_MOST,
    KEY,
    ROWS_AT_MOST,
    ActionLine,
    Gap,
    Item,
    Row,
    minutes_gaps,
    written,
)
from meetings.models import MinutesVersion

# Minutes are a record of the firm (C2): never open, and no core secret unless set by hand.
LEVELS: Final = (Level.INTERNAL, Level.SECRET)
ITEM_FIELDS: Final = ("kind", "topic", "speaker", "discussion", "conclusion")
ACTION_FIELDS: Final = ("content", "owner", "due_on", "evidence")
# Each helper has a box of his own: ``actions.k1.helpers.12``.
HELPERS: Final = "helpers"
KEEP: Final = "keep"
# Rows taken out are kept to come back; so many at most stand in a draft.
_ROWS_KEPT: Final = 3 * ROWS_AT_MOST


@dataclass(frozen=True)
class MinutesEntry:
    """Everything that is written: level, items, actions, in their order."""

    level: int = Level.INTERNAL
    items: tuple[Item, ...] = ()
    actions: tuple[ActionLine, ...] = ()

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "MinutesEntry":
        """From a draft's body or a version's content; what cannot be read is left out."""
        return cls(
            level=_level(body.get("level")),
            items=tuple(_rows(Item, body.get("items"), "n")),
            actions=tuple(_rows(ActionLine, body.get("actions"), "a")),
        )

    @classmethod
    def of_version(cls, version: MinutesVersion) -> "MinutesEntry":
        """What a version said."""
        return cls.from_body(version.content)

    def body(self) -> dict[str, Any]:
        """As a draft's body."""
        return {
            "level": self.level,
            "items": [_plain(row) for row in self.items],
            "actions": [_plain(row) for row in self.actions],
        }

    def values(self) -> dict[str, Any]:
        """As the fields of the form: ``items.k1.topic``, ``items.k1.keep``, …"""
        found: dict[str, Any] = {"level": str(self.level)}
        for part, names, rows in (
            ("items", ITEM_FIELDS, self.items),
            ("actions", ACTION_FIELDS, self.actions),
        ):
            for row in rows:
                at = f"{part}.{row.key}"
                found[f"{at}.{KEEP}"] = row.is_kept
                for name in names:
                    value = getattr(row, name)
                    found[f"{at}.{name}"] = "" if value is None else str(value)
        for action in self.actions:
            for helper in action.helpers:
                found[f"actions.{action.key}.{HELPERS}.{helper}"] = True
        return found

    def with_fields(self, given: Mapping[str, Any]) -> "MinutesEntry":
        """The same with what was typed; a key that is not known yet is a new row at the end."""
        rows: dict[str, dict[str, dict[str, Any]]] = {"items": {}, "actions": {}}
        for name, value in given.items():
            part, _dot, rest = name.partition(".")
            key, _dot, field = rest.partition(".")
            known = {"items": ITEM_FIELDS, "actions": (*ACTION_FIELDS, HELPERS)}.get(part, ())
            if KEY.fullmatch(key) and field.partition(".")[0] in (*known, KEEP):
                rows[part].setdefault(key, {})[field] = value
        return replace(
            self,
            level=_level(given["level"]) if "level" in given else self.level,
            items=_changed(Item, self.items, rows["items"]),
            actions=_changed(ActionLine, self.actions, rows["actions"]),
        )

    def problems(self, owners: Collection[int], held_on: date) -> list[Problem]:
        """What keeps it from being submitted, in sentences."""
        gaps = minutes_gaps(
            self.items, self.actions, kinds=TopicKind.values, owners=owners, held_on=held_on
        )
        return [Problem(gap.field, _sentence(gap)) for gap in gaps]

    def content(self, names: Mapping[int, str]) -> dict[str, Any]:
        """What a version freezes of it; ``names`` are those of the owners."""
        return {
            "level": self.level,
            "items": [
                {
                    "key": row.key,
                    **{name: getattr(row, name) for name in ITEM_FIELDS},
                    "document": row.document,
                    "contribution": row.contribution,
                }
                for _place, row in written(self.items)
            ],
            "actions": [
                {
                    "key": row.key,
                    "content": row.content,
                    "owner": row.owner,
                    "owner_name": names.get(row.owner or 0, ""),
                    "helpers": (helpers := [one for one in row.helpers if one != row.owner]),
                    "helper_names": [names.get(one, "") for one in helpers],
                    "due_on": row.due_on,
                    "evidence": row.evidence,
                }
                for _place, row in written(self.actions)
            ],
        }


def hands_of(row: Mapping[str, Any]) -> str:
    """Whose an action of a version is: the owner, then who helps, as it is printed."""
    return _("、").join((row["owner_name"], *row.get("helper_names", ())))


def draft_key(meeting_id: int) -> str:
    """Under what a meeting's unfinished minutes are kept."""
    return f"minutes:{meeting_id}"


def _level(value: object) -> int:
    number = whole_number(value)
    return number if number in LEVELS else Level.INTERNAL


def _plain(row: Item | ActionLine) -> dict[str, Any]:
    return {one.name: getattr(row, one.name) for one in fields(row)}


def _rows(kind: type[Row], given: Any, prefix: str) -> Iterable[Row]:
    """The rows as they are kept; one without a usable key of its own gets one."""
    taken: set[str] = set()
    for place, one in enumerate(given if isinstance(given, list) else (), 1):
        if not isinstance(one, Mapping):
            continue
        key = str(one.get("key") or f"{prefix}{place}")
        if not KEY.fullmatch(key) or key in taken:
            continue
        taken.add(key)
        yield _read(kind(key=key), one)


def _read(row: Row, given: Mapping[str, Any]) -> Row:
    """The row with what is given of it, each value as its field holds it."""
    found: dict[str, Any] = {}
    for one in fields(row):
        if one.name == "key" or one.name not in given:
            continue
        value = given[one.name]
        if one.name in ("owner", "document", "contribution"):
            found[one.name] = whole_number(value)
        elif one.name == HELPERS:
            found[one.name] = _people(value)
        elif one.name == "is_kept":
            found[one.name] = bool(value)
        else:
            found[one.name] = str(value if value is not None else "").strip()
    return replace(row, **found)


def _people(value: object) -> tuple[int, ...]:
    """The people of a list of ids, each once."""
    ids = (whole_number(one) for one in (value if isinstance(value, (list, tuple)) else ()))
    return tuple(dict.fromkeys(one for one in ids if one))[:HELPERS_AT_MOST]


def _ticked(row: Item | ActionLine, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the boxes of helpers put together, on those the row has."""
    helpers = dict.fromkeys(getattr(row, HELPERS, ()), True)
    if HELPERS in values:
        helpers = dict.fromkeys(_people(values[HELPERS]), True)
    boxes = {name: value for name, value in values.items() if name.startswith(f"{HELPERS}.")}
    for name, is_ticked in boxes.items():
        if (person := whole_number(name.removeprefix(f"{HELPERS}."))) is not None:
            helpers[person] = bool(is_ticked)
    kept = {name: value for name, value in values.items() if name not in boxes}
    return {**kept, HELPERS: [one for one, is_ticked in helpers.items() if is_ticked]}


def _changed(
    kind: type[Row], rows: tuple[Row, ...], given: Mapping[str, dict[str, Any]]
) -> tuple[Row, ...]:
    known = {row.key: row for row in rows}
    for key, values in given.items():
        if key not in known and len(known) >= _ROWS_KEPT:
            continue
        kept = {"is_kept": values[KEEP]} if KEEP in values else {}
        row = known.get(key) or kind(key=key)
        known[key] = _read(row, {**_ticked(row, values), **kept})
    return tuple(known.values())


def _sentence(gap: Gap) -> str:
    """A gap in the words of the form: which row, what it lacks."""
    said = {
        "empty": _("至少写一项议题"),
        "many": _("最多 %(n)s 行"),
        "kind": _("选一种类型"),
        "topic": _("写明议题"),
        "conclusion": _("写一句结论"),
        "content": _("写明要办什么"),
        "owner": _("选责任人"),
        "stranger": _("责任人要是本分公司在岗的人"),
        "helper": _("协办人要是本分公司在岗的人"),
        "due": _("填完成期限"),
        "range": _("期限要在会议当天以后、一年以内"),
        "long": _("最多 %(n)s 个字"),
    }[gap.kind] % {"n": gap.values[0] if gap.values else ""}
    if not gap.place:
        return said
    row = _("议题 %(n)d") if gap.field.startswith("items") else _("行动项 %(n)d")
    return _("%(row)s：%(text)s") % {"row": row % {"n": gap.place}, "text": said}

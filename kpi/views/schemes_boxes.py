"""The editor's rows and fields as they are drawn: each with its control, its choices, its fault."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from kpi.labels import language
from kpi.metrics import metrics
from kpi.models import Scheme
from kpi.scheme import Item
from kpi.scheme_editing import KEY, OWN, Row, Working, built_row, specs_of, value_of
from kpi.scheme_fields import HEAD, LIST_TITLES, LISTS, FieldSpec
from kpi.scheme_looks import TryField, item_in, tried, try_fields
from kpi.scheme_words import KIND_NAMES, told

Text = str | Promise
# What lies folded: opened where something in it is wrong.
_FOLDED: Final = ("_bank_", "source_", "note_")


@dataclass(frozen=True)
class Box:
    """A field: its name, its control, what stands in it, what is wrong with it."""

    name: str
    label: Text
    kind: str
    value: str | bool
    choices: Sequence[tuple[str, Text]] = ()
    hint: Text = ""
    error: str = ""

    @property
    def id(self) -> str:
        """The control's id, where a fault's link leads."""
        return f"f-{self.name}"


@dataclass(frozen=True)
class RowView:
    """A row: its key, its fields by key with "_" for "." and "-", the rows below it."""

    key: str
    path: str
    code: str
    name: str
    boxes: Mapping[str, Box]
    inner: Sequence["RowView"] = ()
    is_first: bool = False
    is_last: bool = False

    @property
    def id(self) -> str:
        """The row's own id."""
        return f"row-{self.key}"

    @property
    def has_hidden_fault(self) -> bool:
        """Whether something that lies folded is wrong."""
        return any(
            box.error for key, box in self.boxes.items() if any(part in key for part in _FOLDED)
        )


@dataclass(frozen=True)
class ItemView(RowView):
    """An item: how it is scored in words, its settings, its list, what it gives when tried."""

    told: str = ""
    is_open: bool = False
    is_case: bool = False
    faults: int = 0
    settings: Sequence[Box] = ()
    list_path: str = ""
    list_title: Text = ""
    tries: Sequence[tuple[str, TryField]] = ()
    result: str = ""

    @property
    def tried_keys(self) -> str:
        """Which numbers it is tried with."""
        return ",".join(one.key for _name, one in self.tries)


@dataclass(frozen=True)
class GroupView:
    """A group in the list of items: its row's key, its name, its items."""

    key: str
    name: str
    items: Sequence[ItemView]
    sum: str = ""


@dataclass(frozen=True)
class Drawing:
    """What drawing needs to know: the copy, its faults by field, which label set is shown."""

    working: Working
    errors: Mapping[str, str] = field(default_factory=dict)
    faults_of: Mapping[str, int] = field(default_factory=dict)
    label_set: str = "telecom"
    opened: frozenset[str] = frozenset()

    @cached_property
    def _metrics(self) -> Sequence[tuple[str, Text]]:
        return metric_choices(self.working)

    def head(self) -> dict[str, Box]:
        """The scheme's own fields."""
        labels = {"name": _("名称"), "valid_from": _("从哪个月起"), "why": _("为什么改")}
        found = {
            key: self._box("h", FieldSpec(key, labels[key]), self.working.head, {}) for key in OWN
        }
        choices = self._choices({})
        for spec in HEAD:
            found[_plain(spec.key)] = self._box("h", spec, self.working.head, choices)
        return found

    def rows(self, path: str) -> list[RowView]:
        """The rows of a list at the top, with their topics."""
        return list(self._rows(path, self.working.lists[path]))

    def groups(self) -> list[GroupView]:
        """The groups with their items, the items of no known group last."""
        rows = self.working.lists["items"]
        known = [str(group.get("code", "")) for group in self.working.lists["groups"]]
        found: list[GroupView] = []
        for group in self.working.lists["groups"]:
            of_group = [row for row in rows if row.get("group") == group.get("code")]
            if known.index(str(group.get("code", ""))) == len(found) or of_group:
                found.append(GroupView(group[KEY], shown_name(group), self._items(of_group)))
        lost = [row for row in rows if str(row.get("group", "")) not in known]
        if lost:
            found.append(GroupView("", _("没有组的项目"), self._items(lost)))
        return found

    def item(self, row: Row) -> ItemView:
        """One item, opened."""
        return self._item(row, is_open=True)

    def _items(self, rows: Sequence[Row]) -> list[ItemView]:
        return [
            self._item(row, row[KEY] in self.opened, n == 0, n == len(rows) - 1)
            for n, row in enumerate(rows)
        ]

    def _item(
        self, row: Row, is_open: bool, is_first: bool = False, is_last: bool = False
    ) -> ItemView:
        kind = str(row.get("formula.kind", ""))
        path, _specs = LISTS.get(kind, ("", ()))
        boxes = self._boxes("items", row)
        item = item_in(built_row("items", row))
        tries = tries_of(item, row, self.working, self.label_set)
        return ItemView(
            key=row[KEY],
            path="items",
            code=str(row.get("code", "")),
            name=shown_name(row),
            boxes=boxes,
            inner=list(self._rows(path, row.get(path, []), row)) if path and is_open else (),
            is_first=is_first,
            is_last=is_last,
            told=told_of(item, row, self.working, self.label_set),
            is_open=is_open,
            is_case=kind == "CASE",
            faults=self.faults_of.get(row[KEY], 0),
            settings=[
                box
                for key, box in boxes.items()
                if key.startswith("formula_") and key != "formula_kind"
            ],
            list_path=path,
            list_title=LIST_TITLES.get(path, ""),
            tries=[(f"t.{row[KEY]}.{one.key}", one) for one in tries],
            result=result_of(item, tries),
        )

    def _rows(self, path: str, rows: Sequence[Row], above: Row | None = None) -> Iterator[RowView]:
        for n, row in enumerate(rows):
            yield RowView(
                key=row[KEY],
                path=path,
                code=str(row.get("code", "")),
                name=shown_name(row),
                boxes=self._boxes(path, row, above),
                inner=list(self._rows("topics", row.get("topics", []), row))
                if path == "groups"
                else (),
                is_first=n == 0,
                is_last=n == len(rows) - 1,
            )

    def _boxes(self, path: str, row: Row, above: Row | None = None) -> dict[str, Box]:
        choices = self._choices(row)
        return {
            _plain(spec.key): self._box(f"r.{row[KEY]}", spec, row, choices)
            for spec in specs_of(path, row, above)
        }

    def _box(
        self,
        where: str,
        spec: FieldSpec,
        row: Mapping[str, Any],
        choices: Mapping[str, Sequence[tuple[str, Text]]],
    ) -> Box:
        name = f"{where}.{spec.key}"
        value = value_of(row, spec)
        offered = spec.choices or choices.get(spec.key, ())
        if spec.kind == "choice" and value not in {key for key, _label in offered}:
            # What stands there stays, also when it is none of them.
            offered = [(str(value), str(value) or "—"), *offered]
        return Box(
            name, spec.label, spec.kind, value, offered, spec.hint, self.errors.get(name, "")
        )

    def _choices(self, row: Mapping[str, Any]) -> dict[str, Sequence[tuple[str, Text]]]:
        lists = self.working.lists
        bands = [(_code(band), shown_name(band)) for band in lists["bands"]]
        groups = lists["groups"]
        own = next((one for one in groups if one.get("code") == row.get("group")), {})
        topics = [(_code(one), f"{_code(one)} {shown_name(one)}") for one in own.get("topics", [])]
        return {
            "veto_band": bands,
            "band": [("", "—"), *bands],
            "best": [("", "—"), *bands],
            "group": [(_code(one), f"{_code(one)} {shown_name(one)}") for one in groups],
            "topic": [("", "—"), *topics],
            "metric": self._metrics,
        }


def _code(row: Mapping[str, Any]) -> str:
    return str(row.get("code", ""))


def _plain(key: str) -> str:
    """A key as templates can write it."""
    return key.replace(".", "_").replace("-", "_")


def shown_name(row: Mapping[str, Any]) -> str:
    """What a row is called for the reader, as far as it has a name."""
    own = row.get(f"names.telecom.{language()}", "")
    return str(own or row.get("names.telecom.zh-hans", "") or row.get("code", ""))


def metric_choices(working: Working) -> list[tuple[str, Text]]:
    """The installed sources, then those that some scheme names and that come later."""
    installed = metrics()
    named = {str(row.get("metric", "")) for row in working.lists["items"]} - {""}
    shipped = Scheme.objects.order_by("number").values_list("content", flat=True).first() or {}
    named |= {item["metric"] for item in shipped.get("items", ())}
    found: list[tuple[str, Text]] = [
        (key, f"{metric.label}（{key}）") for key, metric in installed.items()
    ]
    later = _("尚未启用")
    return found + [(key, f"{key}（{later}）") for key in sorted(named - set(installed))]


def told_of(item: Item | None, row: Row, working: Working, label_set: str) -> str:
    """The item's formula in words; while it cannot be read, which kind it is."""
    if item is None:
        return str(KIND_NAMES.get(str(row.get("formula.kind", "")), ""))
    veto = working.head.get("veto_band", "")
    band = next((one for one in working.lists["bands"] if one.get("code") == veto), {})
    return told(item, label_set, shown_name(band) or veto)


def tries_of(item: Item | None, row: Row, working: Working, label_set: str) -> list[TryField]:
    """The numbers that an item is tried with, as they were typed."""
    if item is None:
        return []
    typed = working.tries.get(row[KEY], {})
    return [
        TryField(one.key, one.label, one.unit, typed.get(one.key, one.value))
        for one in try_fields(item, label_set)
    ]


def result_of(item: Item | None, tries: Sequence[TryField]) -> str:
    """What the item gives for them."""
    if item is None:
        return _("公式还没有写好。")
    return tried(item, {one.key: one.value for one in tries})

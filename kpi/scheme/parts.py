"""The parts of a scheme: groups, items, formulas, bands (K1–K4, annex 5).

Pure. ``parsed`` reads the JSON of ``Scheme.content``, ``as_json`` writes it::

    {"names": {"telecom": {"zh-hans": "…", "en": "…"}, "bank": {…}},
     "groups": [{"code": "M", "kind": "target", "clause": "K1.1", "names": {…},
                 "minimum": "0", "maximum": "40",
                 "topics": [{"code": "P1", "clause": "K2.1", "names": {…}}]}],
     "items": [{"code": "M1", "group": "M", "topic": "", "clause": "K1.1", "names": {…},
                "weight": "12", "unit": "元", "metric": "results", "source": {…names…},
                "note": {…names…}, "formula": {"kind": "RATE", "floor": "0.60", "cap": "1.00"}}],
     "bands": [{"code": "excellent", "names": {…}, "from": "90", "coefficient": "1.2"}],
     "veto_band": "unqualified", "unrated_below": "0.50",
     "consequences": [{"code": "talk", "kind": "months", "band": "unqualified", "count": 2,
                       "names": {…}}]}

What stands in a formula beside its kind is described in kpi.formulas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

Names = Mapping[str, Mapping[str, str]]
"""Label set ("telecom", "bank") to language ("zh-hans", "en") to text; "bank" only if other."""

TARGET, PROCESS, CASES = "target", "process", "cases"
GROUP_KINDS: Final = (TARGET, PROCESS, CASES)

# What the regulation fixes: 40 and 20 of targets, 40 of process, within plus or minus 20 (K1–K3).
REGULATION_FRAME: Final = (
    (TARGET, Decimal(0), Decimal(40)),
    (TARGET, Decimal(0), Decimal(20)),
    (PROCESS, Decimal(0), Decimal(40)),
    (CASES, Decimal(-20), Decimal(20)),
)


@dataclass(frozen=True)
class Fault:
    """Something wrong in a scheme's content: where ("items.3.weight"), a code, its values.

    The words to a code are kpi.scheme_texts.sentence.
    """

    path: str
    code: str
    values: Mapping[str, str]


class SchemeFaults(ValueError):
    """The JSON does not have a scheme's shape; ``faults`` say where."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.code}" for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class FormulaSpec:
    """A kind of formula and its settings as plain JSON (kpi.formulas says which)."""

    kind: str
    settings: Mapping[str, Any]

    @property
    def options(self) -> Sequence[Mapping[str, Any]]:
        """What a case of DEDUCT or CASE may be: {"code", "names", "points" | "least", "most"}."""
        return tuple(self.settings.get("options", ()))

    @property
    def questions(self) -> Sequence[Mapping[str, Any]]:
        """What RATE5 asks: {"code", "names"}."""
        return tuple(self.settings.get("questions", ()))

    def as_json(self) -> dict[str, Any]:
        """``{"kind": …, **settings}``."""
        return {"kind": self.kind, **self.settings}


@dataclass(frozen=True)
class Topic:
    """A heading over items of a group (K2.1–K2.5)."""

    code: str
    names: Names
    clause: str


@dataclass(frozen=True)
class Group:
    """A part of the frame; ``kind`` is "target" (K1), "process" (K2) or "cases" (K3)."""

    code: str
    names: Names
    clause: str
    kind: str
    minimum: Decimal
    maximum: Decimal
    topics: tuple[Topic, ...] = ()


@dataclass(frozen=True)
class Item:
    """A line of the sheet. CASE items have weight 0; ``topic`` is "" or a code of the group's."""

    code: str
    group: str
    names: Names
    clause: str
    weight: Decimal
    formula: FormulaSpec
    metric: str
    unit: str = ""
    topic: str = ""
    # Where its data comes from (of a case: its proof), and what else holds for it.
    source: Names | None = None
    note: Names | None = None

    @property
    def options(self) -> Sequence[Mapping[str, Any]]:
        """See FormulaSpec.options."""
        return self.formula.options

    @property
    def questions(self) -> Sequence[Mapping[str, Any]]:
        """See FormulaSpec.questions."""
        return self.formula.questions


@dataclass(frozen=True)
class Band:
    """A grade from a total on (``from`` in JSON), and the coefficient of the performance pay."""

    code: str
    names: Names
    since: Decimal
    coefficient: Decimal


@dataclass(frozen=True)
class ConsequenceSpec:
    """What a run of bands suggests (annex 5); a person decides.

    ``kind``: "months" or "quarters" (``count`` in a row at most ``band``), "rise" (``count``
    quarters at least ``band``, one of them at least ``best``), "bottom" (the lowest ``share``).
    """

    code: str
    names: Names
    kind: str
    band: str = ""
    count: int = 0
    best: str = ""
    share: Decimal | None = None


@dataclass(frozen=True)
class SchemeContent:
    """A whole scheme. Groups, items and bands stand in the order they are shown in."""

    names: Names
    groups: tuple[Group, ...]
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    veto_band: str
    unrated_below: Decimal
    consequences: tuple[ConsequenceSpec, ...] = ()

    @cached_property
    def by_code(self) -> Mapping[str, Item]:
        """The items by code."""
        return {item.code: item for item in self.items}

    def items_of(self, group: str) -> tuple[Item, ...]:
        """The items of one group."""
        return tuple(item for item in self.items if item.group == group)

    def weight_of(self, group: str) -> Decimal:
        """The sum of a group's weights."""
        return sum((item.weight for item in self.items_of(group)), Decimal(0))

    @property
    def frame(self) -> str:
        """The frame in short: "40/20/40/±20", "85/15"."""
        return "/".join(_frame_part(group) for group in self.groups)


def _frame_part(group: Group) -> str:
    if group.minimum == -group.maximum and group.minimum:
        return f"±{group.maximum.normalize():f}"
    high = f"{group.maximum.normalize():f}"
    return f"{group.minimum.normalize():f}…{high}" if group.minimum else high


def departs(content: SchemeContent) -> bool:
    """Whether the frame is another than the regulation's 40/20/40/±20 (K1–K3).

    That frame sees to it that service and process count beside sales (E8). Also when points
    beyond an item's weight come into a group: by a maximum above the weights, or by cases
    outside the group of cases.
    """
    frame = tuple((group.kind, group.minimum, group.maximum) for group in content.groups)
    if sorted(frame) != sorted(REGULATION_FRAME):
        return True
    for group in content.groups:
        if group.kind == CASES:
            continue
        if content.weight_of(group.code) != group.maximum:
            return True
        if any(item.formula.kind == "CASE" for item in content.items_of(group.code)):
            return True
    return False


def text_of(names: Names | None, label_set: str, language: str) -> str:
    """The text in a label set and language; what is missing falls back to telecom, to Chinese."""
    if not names:
        return ""
    texts = names.get(label_set) or names.get("telecom") or next(iter(names.values()))
    return texts.get(language) or texts.get("zh-hans") or next(iter(texts.values()), "")

"""A score and why it is what it is: group → item → formula → inputs → clause.

``Breakdown`` is what kpi.scoring makes; ``frozen`` is the JSON that a SheetVersion keeps for
ever and that page, API, PDF and XLSX show::

    {"month", "scheme": {"number", "name", "departs"}, "manager": {"id", "job_number", "name"},
     "branch": {"id", "code", "name"}, "cut_at", "is_rated", "why_not",
     "groups": [{"code", "names", "clause", "kind", "min", "max", "score",
                 "topics": [{"code", "names", "clause"}],
                 "items": [{"code", "names", "clause", "topic", "weight", "effective",
                            "is_applicable", "why_not", "formula": {"kind", …settings},
                            "inputs": {…}|null, "unit", "rate", "score", "lost", "metric",
                            "adjusted": null|{"why", "by", "at"}}]}],
     "total", "band", "band_names", "coefficient", "is_vetoed"}

Numbers are decimal text; null where there is none. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from kpi.inputs import Inputs
from kpi.scheme import FormulaSpec, Names, Topic

# Why an item does not apply; the words are kpi.scheme_texts.why_not.
NO_SOURCE: Final = "no_source"  # its metric is not installed
NOTHING: Final = "nothing"  # nothing of it in this month
NO_TARGET: Final = "no_target"
NO_RESULT: Final = "no_result"

# Why a month is not rated.
NEW_MANAGER: Final = "new_manager"
MOSTLY_ABSENT: Final = "mostly_absent"
GROUP_EMPTY: Final = "group_empty"


@dataclass(frozen=True)
class ItemLine:
    """An item's score. ``effective`` is its weight after the spreading of annex 11.7.

    ``rate`` is the share reached where the formula knows one (four places). ``lost`` is what is
    missing to full points, of a deduction what it costs. An item that does not apply has no
    score and nothing lost.
    """

    code: str
    names: Names
    clause: str
    topic: str
    weight: Decimal
    effective: Decimal
    is_applicable: bool
    why_not: str
    formula: FormulaSpec
    inputs: Inputs | None
    unit: str
    rate: Decimal | None
    score: Decimal | None
    lost: Decimal | None
    metric: str


@dataclass(frozen=True)
class GroupLine:
    """A group's items and their sum, clamped; no score when nothing in it applies."""

    code: str
    names: Names
    clause: str
    kind: str
    minimum: Decimal
    maximum: Decimal
    score: Decimal | None
    topics: tuple[Topic, ...]
    items: tuple[ItemLine, ...]


@dataclass(frozen=True)
class Breakdown:
    """A month's score. Not rated: no total, no band ("") and no coefficient, but the lines.

    ``why_not`` is then a code, see above.
    """

    groups: tuple[GroupLine, ...]
    is_rated: bool
    why_not: str
    total: Decimal | None
    band: str
    band_names: Names | None
    coefficient: Decimal | None
    is_vetoed: bool

    @property
    def items(self) -> Mapping[str, ItemLine]:
        """All items' lines by code."""
        return {line.code: line for group in self.groups for line in group.items}


def frozen(
    breakdown: Breakdown,
    *,
    month: str,
    scheme: Mapping[str, Any],
    manager: Mapping[str, Any],
    branch: Mapping[str, Any],
    cut_at: str,
    adjusted: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The frozen JSON, see above.

    ``adjusted`` is ScoreSheet.adjusted: {item: {"inputs", "why", "by", "at"}}; only why, by whom
    and when are repeated, the inputs stand in the line.
    """
    return {
        "month": month,
        "scheme": dict(scheme),
        "manager": dict(manager),
        "branch": dict(branch),
        "cut_at": cut_at,
        **plain(breakdown, adjusted),
    }


def plain(
    breakdown: Breakdown, adjusted: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """The breakdown alone as JSON: what a preview or a what-if shows."""
    changed = adjusted or {}
    return {
        "is_rated": breakdown.is_rated,
        "why_not": breakdown.why_not,
        "groups": [
            {
                "code": group.code,
                "names": group.names,
                "clause": group.clause,
                "kind": group.kind,
                "min": _text(group.minimum),
                "max": _text(group.maximum),
                "score": _text(group.score),
                "topics": [
                    {"code": topic.code, "names": topic.names, "clause": topic.clause}
                    for topic in group.topics
                ],
                "items": [_item(line, changed.get(line.code)) for line in group.items],
            }
            for group in breakdown.groups
        ],
        "total": _text(breakdown.total),
        "band": breakdown.band,
        "band_names": breakdown.band_names,
        "coefficient": _text(breakdown.coefficient),
        "is_vetoed": breakdown.is_vetoed,
    }


def _item(line: ItemLine, adjusted: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "code": line.code,
        "names": line.names,
        "clause": line.clause,
        "topic": line.topic,
        "weight": _text(line.weight),
        "effective": _text(line.effective),
        "is_applicable": line.is_applicable,
        "why_not": line.why_not,
        "formula": line.formula.as_json(),
        "inputs": None if line.inputs is None else dict(line.inputs),
        "unit": line.unit,
        "rate": _text(line.rate),
        "score": _text(line.score),
        "lost": _text(line.lost),
        "metric": line.metric,
        "adjusted": adjusted and {key: adjusted.get(key, "") for key in ("why", "by", "at")},
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def inputs_of(content: Mapping[str, Any]) -> dict[str, Inputs | None]:
    """The inputs by item code that a frozen sheet was scored from; for what-if and rehearsal.

    An item whose metric was not installed is left out, as kpi.scoring.scored wants it.
    """
    return {
        item["code"]: item["inputs"]
        for group in content["groups"]
        for item in group["items"]
        if item["why_not"] != NO_SOURCE
    }

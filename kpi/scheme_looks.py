"""A scheme looked at while it is written: its faults, its frame, sample scores, one item tried."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from core.formats import number, signed
from kpi.breakdown import plain
from kpi.formulas import InputFault, item_score, why_not
from kpi.labels import name_of
from kpi.queries.schemes import scheme_faults
from kpi.samples import Sample, sample_inputs, sample_scores
from kpi.scheme import Fault, Item, SchemeContent, SchemeFaults, departs, parsed
from kpi.scheme.formula_checks import CHECKS
from kpi.scheme_editing import number_text
from kpi.scheme_texts import sentence
from kpi.scheme_texts import why_not as why_not_text

# Faults with which the engine can score all the same.
_HARMLESS: Final = frozenset(
    {
        "weights_not_hundred",
        "weights_above_maximum",
        "weights_below_maximum",
        "unknown_topic",
        "metric_unfit",
        "two_places",
    }
)
_CASES_AT_MOST: Final = 1000
_ASIDE: Final = ("consequences", "unrated_below", "names", "source", "note", "metric", "unit")


@dataclass(frozen=True)
class Look:
    """What there is to say of a content; None for what cannot be said while a number is none."""

    content: SchemeContent | None
    faults: tuple[Fault, ...]
    samples: tuple[Sample, ...]

    @property
    def frame(self) -> str:
        """40/20/40/±20, "" while it cannot be read."""
        return self.content.frame if self.content else ""

    @property
    def departs(self) -> bool:
        """Whether the frame is another than the regulation's (K1–K3)."""
        return self.content is not None and departs(self.content)

    @property
    def weight(self) -> Decimal | None:
        """The sum of all weights."""
        if self.content is None:
            return None
        return sum((item.weight for item in self.content.items), Decimal(0))


def look_at(value: Any) -> Look:
    """Look at the JSON of a scheme, whatever it is."""
    try:
        content = parsed(value)
    except SchemeFaults as error:
        return Look(None, tuple(error.faults), ())
    found = tuple(scheme_faults(content))
    can_score = all(_is_harmless(fault) for fault in found)
    return Look(content, found, tuple(sample_scores(content)) if can_score else ())


def _is_harmless(fault: Fault) -> bool:
    """Whether it keeps nobody from scoring: what only names, explains or suggests something."""
    if fault.code in _HARMLESS:
        return True
    steps = fault.path.split(".")
    return "formula" not in steps and any(step in _ASIDE for step in (steps[0], *steps[2:]))


def sample_json(sample: Sample) -> dict[str, Any]:
    """A sample month as plain JSON: the share reached, and the breakdown or why there is none."""
    why = "" if sample.fault is None else sentence(sample.fault.code, sample.fault.values)
    made = None if sample.breakdown is None else plain(sample.breakdown)
    return {"share": f"{sample.share:f}", "breakdown": made, "why_not": why}


# --- one item --------------------------------------------------------------------------------


def item_in(row: Mapping[str, Any]) -> Item | None:
    """An item alone, from its JSON; None while something in it cannot be read."""
    alone = {"names": {"telecom": {}}, "groups": [], "items": [row], "bands": []}
    try:
        (item,) = parsed({**alone, "veto_band": "", "unrated_below": "0"}).items
    except SchemeFaults:
        return None
    check = CHECKS.get(item.formula.kind)
    is_sound = check is not None and not any(
        True for _ in check(item.formula.settings, item.weight)
    )
    return item if is_sound else None


@dataclass(frozen=True)
class TryField:
    """A number that an item is tried with: its key, its name, what it is in, what it begins at."""

    key: str
    label: str
    unit: str
    value: str


def try_fields(item: Item, label_set: str) -> list[TryField]:
    """The numbers that an item is tried with; they begin at nine tenths of everything."""
    start = sample_inputs(item.formula, Decimal("0.9"))
    ratings: Mapping[str, Any] = start.get("ratings", start)
    return [
        TryField(key, label, unit, str(ratings.get(key, "0" if _has_cases(item) else "")))
        for key, label, unit in _asked(item, label_set)
    ]


def _has_cases(item: Item) -> bool:
    return item.formula.kind in ("CASE", "DEDUCT")


def _asked(item: Item, label_set: str) -> Iterator[tuple[str, str, str]]:
    settings = item.formula.settings
    if _has_cases(item):
        for option in item.options:
            unit = _("次") if _is_counted(option) else _("分")
            yield option["code"], name_of(option["names"], label_set), unit
        return
    if item.formula.kind in ("RATE5", "EXPR"):
        for row in (*item.questions, *settings.get("names", ())):
            yield row["code"], name_of(row["names"], label_set), ""
        return
    for key, label, has_unit in _plain(item.formula.kind, settings):
        yield key, label, item.unit if has_unit else ""


def _plain(kind: str, settings: Mapping[str, Any]) -> Sequence[tuple[str, str, bool]]:
    if kind == "TIER":
        kind = "RATE" if settings.get("of") == "rate" else "VALUE"
    return {
        "RATE": (("actual", _("完成"), True), ("target", _("目标"), True)),
        "STEP": (("actual", _("完成"), True), ("target", _("目标"), True)),
        "RATIO": (("met", _("做到"), True), ("total", _("应做"), True)),
        "VALUE": (("actual", _("数值"), True),),
        "EXAM": (("mark", _("成绩"), False),),
    }[kind]


def _is_counted(option: Mapping[str, Any]) -> bool:
    return option.get("points") is not None or "tiers" in option


def tried(item: Item, values: Mapping[str, str]) -> str:
    """What the item gives for these numbers, by the engine's own arithmetic, in words."""
    try:
        inputs = _inputs(item, values)
        reason = why_not(item.formula, inputs)
        if reason:
            return why_not_text(reason)
        made = item_score(item.formula, inputs, weight=item.weight, effective=item.weight)
    except InputFault as fault:
        return sentence(fault.code, fault.values)
    if item.formula.kind == "CASE":
        return _("%(n)s 分") % {"n": signed(made.score)}
    return _("%(n)s 分，满分 %(weight)s") % {
        "n": number(made.score),
        "weight": number(item.weight),
    }


def _inputs(item: Item, values: Mapping[str, str]) -> dict[str, Any]:
    texts = {key: number_text(value) for key, value in values.items()}
    given = {key: text for key, text in texts.items() if text}
    if item.formula.kind == "RATE5":
        return {"ratings": given}
    if not _has_cases(item):
        return given
    options = {option["code"]: option for option in item.options}
    cases: list[dict[str, Any]] = []
    for code, value in given.items():
        if code in options and value != "0":
            cases += _cases(item, options[code], value)
    return {"cases": cases}


def _cases(item: Item, option: Mapping[str, Any], value: str) -> list[dict[str, Any]]:
    """So many cases of a kind, or one of so many points; what is no number is refused later."""
    if not _is_counted(option):
        return [{"option": option["code"], "points": value}]
    if item.formula.kind == "DEDUCT":
        return [{"option": option["code"], "count": value}]
    if not value.isdecimal():
        return [{"option": option["code"], "points": value}]
    return [{"option": option["code"]} for _n in range(min(int(value), _CASES_AT_MOST))]

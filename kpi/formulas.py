"""The kinds of formula (annex 5): what each is set by, and the points it gives. Pure.

W is the item's weight in this month, after spreading. Settings beside the kind (numbers are
decimal text; ``?`` may be left out)::

    RATE    floor? 0.6, cap? 1             W × min(actual ÷ target, cap); below floor 0
    RATIO                                  W × met ÷ total
    STEP    loss, size, target?, direction? "up", base?, gain?, lost_at_most?
                                           W − loss for every whole size of shortfall, not below 0;
                                           with base: base ± from the target on, never above W
    TIER    rows [{from?, from_in?, to?, to_in?, points | share}], otherwise? 0, of? "value"
                                           the first row that holds the value: the one given, or
                                           actual, or mark; of "rate": 100 × actual ÷ target, or
                                           100 × met ÷ total
    DEDUCT  options, lost_at_most?         W − what the cases cost + what they earn, in [0, W]
    EXAM    pass_mark? 60, full_mark? 100  W × mark ÷ full_mark; below pass_mark 0
    RATE5   questions [{code, names}], best? 5
                                           W × sum ÷ (best × questions answered)
    CASE    sign "+" | "-", cap, options, highest_per_event?, is_veto?
                                           the sum of the cases, never beyond cap
    EXPR    expression, names [{code, names}], least? 0, most? W
                                           the expression's result within least and most

``options`` are [{code, names, …}] with one of ``points`` (fixed), ``least`` and ``most`` (the
assessor chooses within) or ``tiers`` [{from, points}] on the number of cases, which cost together
("tiers_are": "total") or each from that one on ("each"); ``is_bonus`` earns instead.

When weight is spread (annex 11.7), a group must still reach its 40, 20 or 40: so what makes up an
item's full points (TIER points, STEP base) grows with W. What is taken off stays as it is
written, for annex 5 takes it off W in points: STEP is W − d × steps, DEDUCT is W − the points of
its cases. Of M4 alone with 40 points, a point below its target costs 2, as with 8.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from core.numbers import rounded
from kpi.breakdown import NO_RESULT, NO_TARGET, NOTHING
from kpi.expressions import ExpressionFault, compiled, evaluated
from kpi.inputs import Inputs
from kpi.scheme import FormulaSpec

Settings = Mapping[str, Any]
ZERO, ONE = Decimal(0), Decimal(1)
RATE_PLACES: Final = 4
_PLAIN: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
_SHOWN_AT_MOST: Final = 40
_TIER_VALUES: Final = ("value", "actual", "mark")


class InputFault(ValueError):
    """Inputs that a formula cannot take: the place in them, a code, its values.

    The words are kpi.scheme_texts.sentence.
    """

    def __init__(self, path: str, code: str, **values: str) -> None:
        super().__init__(f"{path}: {code}")
        self.path = path
        self.code = code
        self.values = values


@dataclass(frozen=True)
class ItemScore:
    """Points, rounded; and the share reached where the formula knows one."""

    score: Decimal
    rate: Decimal | None = None


@dataclass(frozen=True)
class _Weights:
    """An item's own weight, and W: the same after spreading."""

    own: Decimal
    effective: Decimal

    def scaled(self, points: Decimal) -> Decimal:
        """Points of the item's own weight as points of W."""
        return points * self.effective / self.own if self.own else points


@dataclass(frozen=True)
class _Kind:
    """``missing(settings, inputs)`` says why the item does not apply; "" if it does."""

    missing: Callable[[Settings, Inputs], str]
    score: Callable[[Settings, Inputs, _Weights], ItemScore]


def why_not(formula: FormulaSpec, inputs: Inputs) -> str:
    """Why an item with these inputs does not apply (a code of kpi.breakdown); "" if it does."""
    return _KINDS[formula.kind].missing(formula.settings, inputs)


def item_score(
    formula: FormulaSpec, inputs: Inputs, *, weight: Decimal, effective: Decimal
) -> ItemScore:
    """The points of an item that applies: its own weight, and its weight after spreading.

    Of targets (K1.1, K1.2), of process (K2.1, K2.2, K2.3, K2.4, K2.5), of cases (K3).
    Raises InputFault for inputs the formula cannot take.
    """
    return _KINDS[formula.kind].score(formula.settings, inputs, _Weights(weight, effective))


def is_veto(formula: FormulaSpec, inputs: Inputs | None) -> bool:
    """Whether a case in the inputs caps the grade, whatever the points (annex 5.4: V)."""
    if inputs is None or formula.kind != "CASE":
        return False
    cases = _cases(inputs)
    is_item = bool(formula.settings.get("is_veto"))
    return any(is_item or case.get("is_veto") is True for case in cases)


_NUMBERS: Final = frozenset({"actual", "target", "met", "total", "value", "mark"})
_READ: Final[Mapping[str, frozenset[str]]] = {
    "RATE": frozenset({"actual", "target"}),
    "STEP": frozenset({"actual", "target"}),
    "RATIO": frozenset({"met", "total"}),
    "TIER": _NUMBERS,
    "EXAM": frozenset({"mark"}),
    "RATE5": frozenset({"ratings"}),
    "DEDUCT": frozenset({"cases"}),
    "CASE": frozenset({"cases"}),
}
_CASE_KEYS: Final = frozenset({"option", "points", "label", "event", "count", "is_veto"})
_TEXT_AT_MOST: Final = 200


def refuse_unread(formula: FormulaSpec, inputs: Inputs) -> None:
    """InputFault for what the formula does not read: nothing else is kept with a sheet."""
    known = _READ.get(formula.kind) or _NUMBERS | set(expression_names(formula.settings))
    cases = _cases(inputs) if "cases" in known and "cases" in inputs else ()
    strange = [key for key in inputs if key not in known]
    strange += [key for case in cases for key in case if key not in _CASE_KEYS]
    if strange:
        raise InputFault("inputs", "unread", value=str(strange[0])[:_SHOWN_AT_MOST])
    for case in cases:
        for key, value in case.items():
            if not isinstance(value, str | int) or len(str(value)) > _TEXT_AT_MOST:
                raise InputFault(f"cases.{key}", "not_a_text", longest=str(_TEXT_AT_MOST))


# --- reading ---------------------------------------------------------------------------------


def number(value: Any, path: str) -> Decimal:
    """Plain decimal text or an integer as a Decimal, at most 15 digits before the point and 6
    behind it, so that every share can be computed and written; InputFault otherwise."""
    text = f"{value:f}" if isinstance(value, Decimal) and _is_short(value) else str(value)
    is_number = isinstance(value, str | int | Decimal) and not isinstance(value, bool)
    if not is_number or not _PLAIN.fullmatch(text):
        raise InputFault(path, "not_a_number", value=text[:_SHOWN_AT_MOST])
    return Decimal(text)


def _is_short(value: Decimal) -> bool:
    return value.is_finite() and -_SHOWN_AT_MOST < value.adjusted() < _SHOWN_AT_MOST


def _within(value: Decimal, least: Decimal, most: Decimal, path: str) -> Decimal:
    if not least <= value <= most:
        raise InputFault(
            path, "out_of_range", value=f"{value:f}", least=f"{least:f}", most=f"{most:f}"
        )
    return value


def _has(inputs: Mapping[str, Any], key: str) -> bool:
    return inputs.get(key) not in (None, "")


def _setting(settings: Mapping[str, Any], key: str, default: Decimal) -> Decimal:
    value = settings.get(key)
    return default if value is None else Decimal(str(value))


def _cases(inputs: Inputs) -> Sequence[Mapping[str, Any]]:
    cases = inputs.get("cases")
    if not isinstance(cases, list | tuple) or not all(isinstance(c, Mapping) for c in cases):
        raise InputFault("cases", "not_a_list")
    return cases


def _option_of(settings: Settings, case: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    options = settings.get("options", ())
    for option in options:
        if option["code"] == case.get("option"):
            return option  # type: ignore[no-any-return]
    if not options:
        return {}
    raise InputFault(f"{path}.option", "unknown_option", value=str(case.get("option", "")))


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return rounded(part / whole, RATE_PLACES)


# --- RATE, RATIO, EXAM, RATE5 ----------------------------------------------------------------


def _rate_missing(settings: Settings, inputs: Inputs) -> str:
    if not _has(inputs, "target") or number(inputs["target"], "target") <= 0:
        return NO_TARGET
    return "" if _has(inputs, "actual") else NO_RESULT


def _rate(settings: Settings, inputs: Inputs, weights: _Weights) -> ItemScore:
    actual, target = number(inputs["actual"], "actual"), number(inputs["target"], "target")
    floor = _setting(settings, "floor", Decimal("0.6"))
    cap = _setting(settings, "cap", ONE)
    share = _share(actual, target)
    if actual < max(floor, ZERO) * target:
        return ItemScore(rounded(ZERO), share)
    if actual >= cap * target:
        return ItemScore(rounded(weights.effective * cap), share)
    return ItemScore(rounded(weights.effective * actual / target), share)


def _ratio_missing(settings: Settings, inputs: Inputs) -> str:
    if not _has(inputs, "total") or number(inputs["total"], "total") == 0:
        return NOTHING
    return "" if _has(inputs, "met") else NO_RESULT


def _ratio(settings: Settings, inputs: Inputs, weights: _Weights) -> ItemScore:
    total = number(inputs["total"], "total")
    met = _within(number(inputs["met"], "met"), ZERO, total, "met")
    return ItemScore(rounded(weights.effective * met / total), _share(met, total))


def _exam_missing(settings: Settings, inputs: Inputs) -> str:
    return "" if _has(inputs, "mark") else NO_RESULT


def _exam(settings: Settings, inputs: Inputs, weights: _Weights) -> ItemScore:
    full = _setting(settings, "full_mark", Decimal(100))
    mark = _within(number(inputs["mark"], "mark"), ZERO, full, "mark")
    share = _share(mark, full)
    if mark < _setting(settings, "pass_mark", Decimal(60)):
        return ItemScore(rounded(ZERO), share)
    return ItemScore(rounded(weights.effective * mark / full), share)


def _ratings(settings: Settings, inputs: Inputs) -> dict[str, Decimal]:
    ratings = inputs.get("ratings") or {}
    if not isinstance(ratings, Mapping):
        raise InputFault("ratings", "not_a_list")
    known = {question["code"] for question in settings.get("questions", ())}
    best = _setting(settings, "best", Decimal(5))
    answered = {}
    for code, rating in ratings.items():
        if known and code not in known:
            raise InputFault(f"ratings.{code}", "unknown_option", value=str(code))
        if rating not in (None, ""):
            path = f"ratings.{code}"
            answered[str(code)] = _within(number(rating, path), ZERO, best, path)
    return answered


def _rate5_missing(settings: Settings, inputs: Inputs) -> str:
    return "" if _ratings(settings, inputs) else NO_RESULT


def _rate5(settings: Settings, inputs: Inputs, weights: _Weights) -> ItemScore:
    answered = _ratings(settings, inputs)
    whole = _setting(settings, "best", Decimal(5)) * len(answered)
    given = sum(answered.values(), ZERO)
    return ItemScore(rounded(weights.effective * given / whole), _share(given, whole))


# --- STEP, TIER ------------------------------------------------------------------------------


def _step_missing(settings: Settings, inputs: Inputs) -> str:
    if not _has(inputs, "target") and not _has(settings, "target"):
        return NO_TARGET
    return "" if _has(inputs, "actual") else NO_RESULT


def _step(settings: Settings, inputs: Inputs, weights: _Weights) -> ItemScore:
    actual = number(inputs["actual"], "actual")
    goal = inputs["target"] if _has(inputs, "target") else settings["target"]
    target = number(goal, "target")
    ahead = target - actual if settings.get("direction") == "down" else actual - target
    steps = abs(ahead) // _setting(settings, "size", ONE)
    base = weights.effective
    if _has(settings, "base"):
        base = weights.scaled(_setting(settings, "base", ZERO))
    if ahead >= 0:
        score = base + steps * _setting(settings, "gain", ZERO)
    else:
        lost = steps * _setting(settings, "loss", ZERO)
        score = base - min(lost, _setting(settings, "lost_at_most", lost))
    score = min(max(score, ZERO), weights.effective)
    return ItemScore(rounded(score), _share(actual, target) if target > 0 else None)


def _tier_missing(settings: Settings, inputs: Inputs) -> str:
    if settings.get("of") == "rate":
        pair = ("met", "total") if _has(inputs, "total") else ("actual", "target")
        if not _has(inputs, pair[1]) or number(inputs[pair[1]], pair[1]) <= 0:
            return NOTHING if pair[1] == "total" else NO_TARGET
        return "" if _has(inputs, pair[0]) else NO_RESULT
    return "" if any(_has(inputs, key) for key in _TIER_VALUES) else NO_RESULT


def _tier_value(settings: Settings, inputs: Inputs) -> Decimal:
    if settings.get("of") == "rate":
        part, whole = ("met", "total") if _has(inputs, "total") else ("actual", "target")
        return number(inputs[part], part) * 100 / number(inputs[whole], whole)
    key = next(key for key in _TIER_VALUES if _has(inputs, key))
    return number(inputs[key], key)


def _tier(settings: Settings, inputs: Inputs, weights: _Weights) -> ItemScore:
    value = _tier_value(settings, inputs)
    for row in settings.get("rows", ()):
        if is_in_row(row, value):
            if row.get("share") is not None:
                return ItemScore(rounded(weights.effective * Decimal(str(row["share"]))))
            return ItemScore(rounded(weights.scaled(Decimal(str(row["points"])))))
    return ItemScore(rounded(weights.scaled(_setting(settings, "otherwise", ZERO))))


def is_in_row(row: Mapping[str, Any], value: Decimal) -> bool:
    """Whether a row of TIER holds the value; a bound is in it unless it says otherwise."""
    if row.get("from") is not None:
        lower = Decimal(str(row["from"]))
        if value < lower or (value == lower and not row.get("from_in", True)):
            return False
    if row.get("to") is not None:
        upper = Decimal(str(row["to"]))
        if value > upper or (value == upper and not row.get("to_in", True)):
            return False
    return True


# --- DEDUCT, CASE ----------------------------------------------------------------------------


def _no_cases(settings: Settings, inputs: Inputs) -> str:
    return ""


def _deduct(settings: Settings, inputs: Inputs, weights: _Weights) -> ItemScore:
    cases = [
        (_option_of(settings, case, f"cases.{n}"), case, f"cases.{n}")
        for n, case in enumerate(_cases(inputs))
    ]
    by_option: dict[str, list[tuple[Mapping[str, Any], Mapping[str, Any], str]]] = defaultdict(list)
    for option, case, path in cases:
        by_option[option.get("code", "")].append((option, case, path))
    lost, earned = ZERO, ZERO
    for of_option in by_option.values():
        points = _points_of(of_option)
        if of_option[0][0].get("is_bonus"):
            earned += points
        else:
            lost += points
    lost = min(lost, _setting(settings, "lost_at_most", lost))
    score = min(max(weights.effective - lost + earned, ZERO), weights.effective)
    return ItemScore(rounded(score))


def _points_of(cases: Sequence[tuple[Mapping[str, Any], Mapping[str, Any], str]]) -> Decimal:
    """What the cases of one option come to; ``count`` says how often a case happened."""
    option = cases[0][0]
    if "tiers" in option:
        return _tiered(option, sum(_count(case, path) for _, case, path in cases))
    return sum((_count(case, path) * _points(option, case, path) for _, case, path in cases), ZERO)


def _count(case: Mapping[str, Any], path: str) -> int:
    count = number(case.get("count", 1), f"{path}.count")
    if count != count.to_integral_value():
        raise InputFault(f"{path}.count", "not_whole", value=str(count))
    return int(_within(count, ONE, Decimal(10_000), f"{path}.count"))


def is_chosen(option: Mapping[str, Any]) -> bool:
    """Whether the assessor chooses the points (annex 5: a range): from ``least`` or 0 on."""
    return option.get("most") is not None


def _points(option: Mapping[str, Any], case: Mapping[str, Any], path: str) -> Decimal:
    """The points of one case: the option's own, or what was chosen within its range."""
    path = f"{path}.points"
    fixed = option.get("points")
    if fixed is not None:
        points = Decimal(str(fixed))
        if _has(case, "points"):
            return _within(abs(number(case["points"], path)), points, points, path)
        return points
    chosen = abs(number(case.get("points"), path))
    least = _setting(option, "least", ZERO)
    return _within(chosen, least, _setting(option, "most", max(least, chosen)), path)


def _tiered(option: Mapping[str, Any], count: int) -> Decimal:
    """What ``count`` cases cost by a table on their number."""
    tiers = [(int(Decimal(str(t["from"]))), Decimal(str(t["points"]))) for t in option["tiers"]]
    if option.get("tiers_are") == "each":
        ends = [start for start, _ in tiers[1:]] + [count + 1]
        return sum(
            (
                points * max(0, min(end, count + 1) - start)
                for (start, points), end in zip(tiers, ends, strict=True)
            ),
            ZERO,
        )
    return next((points for start, points in reversed(tiers) if count >= start), ZERO)


def _case(settings: Settings, inputs: Inputs, weights: _Weights) -> ItemScore:
    points = [
        (str(case.get("event") or f"#{n}"), _case_points(settings, case, f"cases.{n}"))
        for n, case in enumerate(_cases(inputs))
    ]
    if settings.get("highest_per_event"):
        best: dict[str, Decimal] = {}
        for event, each in points:
            best[event] = max(each, best.get(event, ZERO))
        points = list(best.items())
    total = sum((each for _, each in points), ZERO)
    total = min(total, _setting(settings, "cap", total))
    return ItemScore(rounded(total if settings.get("sign") != "-" else -total))


def _case_points(settings: Settings, case: Mapping[str, Any], path: str) -> Decimal:
    """The size of an approved case; a deduction may stand with or without its minus."""
    option = _option_of(settings, case, path)
    path = f"{path}.points"
    if not _has(case, "points"):
        return number(option.get("points", option.get("least", 0)), path)
    points = number(case["points"], path)
    points = abs(points) if settings.get("sign") == "-" else points
    if is_chosen(option):
        most = Decimal(str(option["most"]))
        return _within(points, _setting(option, "least", ZERO), most, path)
    return _within(points, ZERO, Decimal(1000), path)


# --- EXPR ------------------------------------------------------------------------------------


def expression_names(settings: Settings) -> tuple[str, ...]:
    """The names an expression may use: its own, and ``weight`` for W."""
    return (*(str(name["code"]) for name in settings.get("names", ())), "weight")


def _expr_missing(settings: Settings, inputs: Inputs) -> str:
    expression = compiled(settings["expression"], expression_names(settings))
    asked = expression.names - {"weight"}
    return "" if all(_has(inputs, name) for name in asked) else NO_RESULT


def _expr(settings: Settings, inputs: Inputs, weights: _Weights) -> ItemScore:
    expression = compiled(settings["expression"], expression_names(settings))
    values = {name: number(inputs[name], name) for name in expression.names - {"weight"}}
    try:
        result = evaluated(expression, {**values, "weight": weights.effective})
    except ExpressionFault as fault:
        raise InputFault("expression", fault.code, part=fault.part) from None
    least = _setting(settings, "least", ZERO)
    most = _setting(settings, "most", weights.own)
    return ItemScore(rounded(min(max(result, least), weights.scaled(most))))


_KINDS: Final[Mapping[str, _Kind]] = {
    "RATE": _Kind(_rate_missing, _rate),
    "RATIO": _Kind(_ratio_missing, _ratio),
    "STEP": _Kind(_step_missing, _step),
    "TIER": _Kind(_tier_missing, _tier),
    "DEDUCT": _Kind(_no_cases, _deduct),
    "EXAM": _Kind(_exam_missing, _exam),
    "RATE5": _Kind(_rate5_missing, _rate5),
    "CASE": _Kind(_no_cases, _case),
    "EXPR": _Kind(_expr_missing, _expr),
}
KINDS: Final = tuple(_KINDS)

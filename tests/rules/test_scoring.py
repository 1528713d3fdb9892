"""Annex 5's formulas case by case, each expected number worked out by hand."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from kpi import formulas
from kpi.formulas import InputFault, item_score, why_not
from kpi.scheme import FormulaSpec, parsed
from kpi.scheme.formula_checks import CHECKS
from kpi.scoring import scored
from tests.rules.annex5 import ANNEX5, case, content, item_in


def points(
    kind: str, settings: Mapping[str, Any], inputs: Mapping[str, Any], w: str, eff: str = ""
) -> str | None:
    """What an item of weight ``w`` gives (``eff`` after spreading); None: it does not apply."""
    formula = FormulaSpec(kind, settings)
    if why_not(formula, inputs):
        return None
    result = item_score(formula, inputs, weight=Decimal(w), effective=Decimal(eff or w))
    return str(result.score)


RATE = {"floor": "0.6", "cap": "1"}
WITH_CAP = {"floor": "0.6", "cap": "1.2"}

RATES = [
    ("half of a cent goes up: 12 × 182.40 ÷ 190 = 11.52", RATE, "182.40", "190", "12", "11.52"),
    ("exactly the target", RATE, "190", "190", "12", "12.00"),
    ("above it stays at the weight", RATE, "250", "190", "12", "12.00"),
    ("exactly six tenths counts", RATE, "60", "100", "12", "7.20"),
    ("a hair below six tenths is nothing", RATE, "59.99", "100", "12", "0.00"),
    ("a rate of a third: 8 ÷ 3 = 2.666…", {"floor": "0"}, "1", "3", "8", "2.67"),
    ("half a cent: 3 × 0.835 = 2.505", RATE, "83.5", "100", "3", "2.51"),
    ("just under half a cent: 3 × 0.8349 = 2.5047", RATE, "83.49", "100", "3", "2.50"),
    ("nothing reached", RATE, "0", "100", "12", "0.00"),
    ("less than nothing with floor 0 is nothing", {"floor": "0"}, "-5", "100", "12", "0.00"),
    ("floor 0 counts the little there is", {"floor": "0"}, "1", "100", "3", "0.03"),
    ("no target: not applicable", RATE, "10", None, "12", None),
    ("target 0: not applicable", RATE, "10", "0", "12", None),
    ("no result: not applicable", RATE, None, "100", "12", None),
    ("an item cap of 1.2 gives up to a fifth more", WITH_CAP, "115", "100", "10", "11.50"),
    ("and not more than a fifth", WITH_CAP, "150", "100", "10", "12.00"),
    ("the shipped floor and cap hold where nothing is set", {}, "59", "100", "10", "0.00"),
]


@pytest.mark.parametrize(("story", "settings", "actual", "target", "w", "expected"), RATES)
def test_rate(
    story: str,
    settings: Mapping[str, str],
    actual: str | None,
    target: str | None,
    w: str,
    expected: str | None,
) -> None:
    assert points("RATE", settings, {"actual": actual, "target": target}, w) == expected, story


RATIOS = [
    ("three of four weeks: 2 × 3 ÷ 4", "3", "4", "2", "1.50"),
    ("two of three: 1.333…", "2", "3", "2", "1.33"),
    ("one of three of 5: 1.666…", "1", "3", "5", "1.67"),
    ("one of eight of 3: 0.375", "1", "8", "3", "0.38"),
    ("all", "21", "21", "3", "3.00"),
    ("none", "0", "21", "3", "0.00"),
    ("nothing to meet: not applicable", "0", "0", "3", None),
]


@pytest.mark.parametrize(("story", "met", "total", "w", "expected"), RATIOS)
def test_ratio(story: str, met: str, total: str, w: str, expected: str | None) -> None:
    assert points("RATIO", {}, {"met": met, "total": total}, w) == expected, story


M4 = {"loss": "2", "size": "1", "target": "98"}
S1 = {"loss": "1", "size": "2", "target": "90"}
# Worth 20: reaching last month is 15, a point for every percentage point, up to 20, down to 0.
AROUND = {"loss": "1", "gain": "1", "size": "1", "base": "15"}
CHURN = {"loss": "2", "size": "1", "direction": "down", "lost_at_most": "10"}

STEPS = [
    ("retention on target", M4, "98", None, "8", "8.00"),
    ("above target", M4, "100", None, "8", "8.00"),
    ("0.99 below: a part step costs nothing", M4, "97.01", None, "8", "8.00"),
    ("one whole point below", M4, "97", None, "8", "6.00"),
    ("1.99 below is one step", M4, "96.01", None, "8", "6.00"),
    ("four steps: nothing left", M4, "94", None, "8", "0.00"),
    ("far below: never under 0", M4, "50", None, "8", "0.00"),
    ("the issued target goes before the scheme's", M4, "97", "97", "8", "8.00"),
    ("satisfaction 88 of 90: one step of two", S1, "88", None, "6", "5.00"),
    ("88.01: none", S1, "88.01", None, "6", "6.00"),
    ("79.9: five steps", S1, "79.9", None, "6", "1.00"),
    ("no target anywhere: not applicable", {"loss": "1", "size": "1"}, "88", None, "6", None),
    ("no result: not applicable", S1, None, None, "6", None),
    ("around a base: last month reached", AROUND, "100", "100", "20", "15.00"),
    ("three and a half points more", AROUND, "103.5", "100", "20", "18.00"),
    ("seven more: the ceiling", AROUND, "107", "100", "20", "20.00"),
    ("fifteen less: nothing", AROUND, "85", "100", "20", "0.00"),
    ("churn, less is better: 7.2 of 5 is two steps", CHURN, "7.2", "5", "20", "16.00"),
    ("churn, at most ten lost", CHURN, "30", "5", "20", "10.00"),
    ("churn below what is allowed", CHURN, "1", "5", "20", "20.00"),
]


@pytest.mark.parametrize(("story", "settings", "actual", "target", "w", "expected"), STEPS)
def test_step(
    story: str,
    settings: Mapping[str, str],
    actual: str | None,
    target: str | None,
    w: str,
    expected: str | None,
) -> None:
    assert points("STEP", settings, {"actual": actual, "target": target}, w) == expected, story


BANDS = {
    "rows": [
        {"from": "98", "points": "5"},
        {"from": "95", "to": "98", "to_in": False, "share": "0.8"},
        {"from": "90", "from_in": False, "to": "95", "to_in": False, "points": "2"},
    ]
}

TIERS = [
    ("on the highest bound", "98", "5.00"),
    ("above it", "120", "5.00"),
    ("just below it: a share of the weight", "97.99", "4.00"),
    ("on the second bound", "95", "4.00"),
    ("just below", "94.99", "2.00"),
    ("a bound that is not in", "90", "0.00"),
    ("just above it", "90.01", "2.00"),
    ("below all: what is otherwise given", "3", "0.00"),
]


@pytest.mark.parametrize(("story", "value", "expected"), TIERS)
def test_tier(story: str, value: str, expected: str) -> None:
    assert points("TIER", BANDS, {"value": value}, "5") == expected, story


def test_a_table_can_be_put_to_a_rate() -> None:
    by_rate = {"of": "rate", "rows": [{"from": "90", "points": "10"}], "otherwise": "4"}
    assert points("TIER", by_rate, {"actual": "180", "target": "200"}, "10") == "10.00"
    assert points("TIER", by_rate, {"met": "8", "total": "9"}, "10") == "4.00"
    assert points("TIER", by_rate, {"met": "0", "total": "0"}, "10") is None
    assert points("TIER", by_rate, {"actual": "5"}, "10") is None
    assert points("TIER", BANDS, {}, "5") is None


P3D = next(item for item in ANNEX5.items if item.code == "P3d").formula.settings
ONCE_TWICE = {
    "options": [
        {"code": "one", "tiers": [{"from": "1", "points": "1"}, {"from": "2", "points": "2"}]},
        {
            "code": "late",
            "tiers_are": "each",
            "tiers": [{"from": "1", "points": "0.1"}, {"from": "4", "points": "0.5"}],
        },
        {"code": "grave", "least": "1", "most": "3"},
        {"code": "praise", "points": "0.5", "is_bonus": True},
        {"code": "ledger", "points": "1"},
    ],
    "lost_at_most": "6",
}


DEDUCTIONS = [
    ("nothing happened: full points", P3D, "1", [], "1.00"),
    ("one absence", P3D, "1", [case("absent")], "0.80"),
    ("an absence and two times late", P3D, "1", [case("absent"), case("late", count=2)], "0.60"),
    ("six absences: never under 0", P3D, "1", [case("absent", count=6)], "0.00"),
    ("the fixed points may be said", P3D, "1", [case("absent", points="0.20")], "0.80"),
    ("one case of a tier", ONCE_TWICE, "10", [case("one")], "9.00"),
    ("two and more cost two together", ONCE_TWICE, "10", [case("one"), case("one")], "8.00"),
    ("three times late: a tenth each", ONCE_TWICE, "10", [case("late", count=3)], "9.70"),
    ("the fourth costs a half", ONCE_TWICE, "10", [case("late", count=4)], "9.20"),
    ("the assessor chose 2.5", ONCE_TWICE, "10", [case("grave", points="2.5")], "7.50"),
    ("the assessor chose the most", ONCE_TWICE, "10", [case("grave", points="3")], "7.00"),
    ("a bonus is netted", ONCE_TWICE, "10", [case("ledger"), case("praise")], "9.50"),
    ("a bonus alone gives no more than the weight", ONCE_TWICE, "10", [case("praise")], "10.00"),
    (
        "the bonus is netted before the floor: 5 − 6 + 0.5 is under 0",
        {**ONCE_TWICE, "lost_at_most": None},
        "5",
        [case("ledger", count=6), case("praise")],
        "0.00",
    ),
    ("at most six are lost", ONCE_TWICE, "10", [case("ledger", count=9)], "4.00"),
]


@pytest.mark.parametrize(("story", "settings", "w", "cases", "expected"), DEDUCTIONS)
def test_deduct(
    story: str, settings: Mapping[str, Any], w: str, cases: list[dict[str, Any]], expected: str
) -> None:
    assert points("DEDUCT", settings, {"cases": cases}, w) == expected, story


REFUSED = [
    ("RATIO", {}, {"met": "5", "total": "4"}, "met", "out_of_range"),
    ("RATIO", {}, {"met": "-1", "total": "4"}, "met", "out_of_range"),
    ("RATIO", {}, {"met": "x", "total": "4"}, "met", "not_a_number"),
    ("RATE", {}, {"actual": "NaN", "target": "4"}, "actual", "not_a_number"),
    ("RATE", {}, {"actual": True, "target": "4"}, "actual", "not_a_number"),
    ("EXAM", {}, {"mark": "100.01"}, "mark", "out_of_range"),
    ("RATE5", {}, {"ratings": {"a": "5.5"}}, "ratings.a", "out_of_range"),
    (
        "RATE5",
        {"questions": [{"code": "b"}]},
        {"ratings": {"a": "5"}},
        "ratings.a",
        "unknown_option",
    ),
    (
        "DEDUCT",
        ONCE_TWICE,
        {"cases": [case("grave", points="3.01")]},
        "cases.0.points",
        "out_of_range",
    ),
    (
        "DEDUCT",
        ONCE_TWICE,
        {"cases": [case("grave", points="0.99")]},
        "cases.0.points",
        "out_of_range",
    ),
    ("DEDUCT", ONCE_TWICE, {"cases": [case("grave")]}, "cases.0.points", "not_a_number"),
    (
        "DEDUCT",
        ONCE_TWICE,
        {"cases": [case("ledger", points="2")]},
        "cases.0.points",
        "out_of_range",
    ),
    ("DEDUCT", ONCE_TWICE, {"cases": [case("other")]}, "cases.0.option", "unknown_option"),
    ("DEDUCT", ONCE_TWICE, {"cases": [case("ledger", count="0.5")]}, "cases.0.count", "not_whole"),
    ("DEDUCT", ONCE_TWICE, {"cases": "none"}, "cases", "not_a_list"),
]


@pytest.mark.parametrize(("kind", "settings", "inputs", "path", "code"), REFUSED)
def test_inputs_that_a_formula_cannot_take_are_refused_with_their_place(
    kind: str, settings: Mapping[str, Any], inputs: Mapping[str, Any], path: str, code: str
) -> None:
    with pytest.raises(InputFault) as refused:
        points(kind, settings, inputs, "10")
    assert (refused.value.path, refused.value.code) == (path, code)


EXAMS = [("100", "6.00"), ("88", "5.28"), ("60", "3.60"), ("59.99", "0.00"), ("0", "0.00")]


@pytest.mark.parametrize(("mark", "expected"), EXAMS)
def test_exam(mark: str, expected: str) -> None:
    assert points("EXAM", {"pass_mark": "60", "full_mark": "100"}, {"mark": mark}, "6") == expected


def test_no_exam_taken_does_not_apply() -> None:
    assert points("EXAM", {}, {}, "6") is None


RATINGS = [
    ("all best", {"a": "5", "b": "5", "c": "5"}, "3.00"),
    ("4 and 5 of two answered: 3 × 9 ÷ 10", {"a": "4", "b": "5"}, "2.70"),
    ("an unanswered one leaves the denominator", {"a": "4", "b": "5", "c": None}, "2.70"),
    ("3 × 10 ÷ 15", {"a": "4", "b": "3", "c": "3"}, "2.00"),
    ("nought is an answer", {"a": "0"}, "0.00"),
    ("means of two raters: 3 × 8.5 ÷ 10", {"a": "4.5", "b": "4"}, "2.55"),
    ("nobody rated: not applicable", {}, None),
]


@pytest.mark.parametrize(("story", "ratings", "expected"), RATINGS)
def test_rate5(story: str, ratings: Mapping[str, str | None], expected: str | None) -> None:
    assert points("RATE5", {"best": "5"}, {"ratings": ratings}, "3") == expected, story


CASES = [
    ("no case", "B1", [], "0.00"),
    ("kept an A-tier customer and another one", "B1", [case("A"), case("other")], "5.00"),
    ("never beyond the item's cap", "B1", [case("A"), case("A"), case("other")], "6.00"),
    ("the approved points count, not the scheme's", "B1", [case("A", points="1.50")], "1.50"),
    ("a city prize", "B2", [case("city")], "2.00"),
    ("two contests", "B2", [case("city"), case("province")], "6.00"),
    (
        "one contest on two levels: the highest only",
        "B2",
        [case("city", event="sales"), case("province", event="sales")],
        "4.00",
    ),
    ("won over, all tiers", "B3", [case("A"), case("B"), case("C")], "7.00"),
    ("three of A: the cap", "B3", [case("A"), case("A"), case("A")], "10.00"),
    ("arrears of three ages", "D1", [case("over30"), case("over60"), case("over90")], "-8.00"),
    ("arrears beyond the cap", "D1", [case("over90"), case("over90"), case("over30")], "-10.00"),
    ("lost B and C", "D2", [case("B"), case("C")], "-4.00"),
    ("a justified complaint", "D3", [case("upheld")], "-2.00"),
    ("that went to the regulator", "D3", [case("escalated", points="-5")], "-5.00"),
    ("a deduction without its minus", "D3", [case("escalated", points="5")], "-5.00"),
    ("local and national media", "D4", [case("local"), case("national")], "-20.00"),
]


@pytest.mark.parametrize(("story", "item", "cases", "expected"), CASES)
def test_case(story: str, item: str, cases: list[dict[str, Any]], expected: str) -> None:
    line = scored(ANNEX5, {item: {"cases": cases}}).items[item]
    assert str(line.score) == expected, story


def test_a_bonus_is_never_negative() -> None:
    with pytest.raises(InputFault) as refused:
        scored(ANNEX5, {"B1": {"cases": [case("A", points="-3")]}})
    assert refused.value.path == "B1.cases.0.points"


@pytest.mark.parametrize("least", [{}, {"least": "1"}])
def test_chosen_points_stay_within_their_range_with_or_without_a_lowest(
    least: dict[str, str],
) -> None:
    value = content()
    item_in(value, "D4")["formula"]["options"] = [
        {"code": "any", "names": {"telecom": {"zh-hans": "媒体"}}, **least, "most": "8"}
    ]
    scheme = parsed(value)
    line = scored(scheme, {"D4": {"cases": [case("any", points="8")]}}).items["D4"]
    assert str(line.score) == "-8.00"
    with pytest.raises(InputFault) as refused:
        scored(scheme, {"D4": {"cases": [case("any", points="8.01")]}})
    assert (refused.value.path, refused.value.code) == ("D4.cases.0.points", "out_of_range")


def test_every_kind_of_formula_has_its_arithmetic_and_its_checks() -> None:
    assert set(formulas.KINDS) == set(CHECKS)

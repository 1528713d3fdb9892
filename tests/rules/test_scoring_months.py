"""Whole months by annex 5: clamps, spreading, bands, veto, who is not rated, what if."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from kpi.breakdown import GROUP_EMPTY, MOSTLY_ABSENT, NEW_MANAGER, NO_SOURCE, NOTHING, inputs_of
from kpi.breakdown import plain as plain_of
from kpi.formulas import item_score
from kpi.scheme import FormulaSpec, parsed
from kpi.scoring import Presence, scored, what_if
from tests.rules.annex5 import ANNEX5, FULL, case, content, item_in

CLAMPS = [
    ("bonus 24, deduction 3: 21 is clamped", {"B1": 6, "B2": 8, "B3": 10, "D1": 3}, "20.00"),
    ("netted before the clamp: 24 − 6 is 18", {"B1": 6, "B2": 8, "B3": 10, "D1": 6}, "18.00"),
    ("annex 11.8: media −20, arrears −5", {"D4": 20, "D1": 5}, "-20.00"),
    ("all deductions −50", {"D1": 10, "D2": 10, "D3": 10, "D4": 20}, "-20.00"),
    ("nothing", {}, "0.00"),
]


@pytest.mark.parametrize(("story", "sizes", "expected"), CLAMPS)
def test_bonus_and_deduction_are_netted_before_the_clamp(
    story: str, sizes: Mapping[str, int], expected: str
) -> None:
    any_option = {item.code: item.options[0]["code"] for item in ANNEX5.items if item.options}
    inputs = {
        code: {"cases": [case(any_option[code], points=str(size))]} for code, size in sizes.items()
    }
    assert str(scored(ANNEX5, inputs).groups[-1].score) == expected, story


def test_annex_11_8_bonus_26_deduction_3_is_23_and_counts_20() -> None:
    changed = content()
    item_in(changed, "B3")["formula"]["cap"] = "12"
    wide = parsed(changed)
    bonus = {
        "B1": {"cases": [case("A", points="6")]},
        "B2": {"cases": [case("nation", points="8")]},
        "B3": {"cases": [case("A", points="4")] * 3},
        "D1": {"cases": [case("over30"), case("over60")]},
    }
    lines = scored(wide, bonus).items
    assert sum(lines[code].score or 0 for code in ("B1", "B2", "B3")) == Decimal("26.00")
    assert lines["D1"].score == Decimal("-3.00")
    assert str(scored(wide, bonus).groups[-1].score) == "20.00"


def total(changes: Mapping[str, Any], presence: Presence | None = None) -> tuple[str, str]:
    breakdown = scored(ANNEX5, {**FULL, **changes}, presence)
    return str(breakdown.total), breakdown.band


def test_a_faultless_month_is_40_20_40_and_100() -> None:
    breakdown = scored(ANNEX5, FULL)
    assert [str(group.score) for group in breakdown.groups] == ["40.00", "20.00", "40.00", "0.00"]
    assert (str(breakdown.total), breakdown.band) == ("100.00", "excellent")
    assert str(breakdown.coefficient) == "1.2"
    assert {str(line.lost) for line in breakdown.items.values()} == {"0.00"}


MONTHS = [
    ("everything and every bonus: 120", {"B3": 10, "B2": 8, "B1": 2}, "120.00", "excellent"),
    ("ten lost: on the bound of 90", {"D4": 10}, "90.00", "excellent"),
    ("twenty lost: on the bound of 80", {"D4": 20}, "80.00", "good"),
]


@pytest.mark.parametrize(("story", "sizes", "expected", "band"), MONTHS)
def test_months_with_cases(story: str, sizes: Mapping[str, int], expected: str, band: str) -> None:
    first = {item.code: item.options[0]["code"] for item in ANNEX5.items if item.options}
    cases = {code: {"cases": [case(first[code], points=str(n))]} for code, n in sizes.items()}
    assert total(cases) == (expected, band), story


def test_a_cent_below_a_bound_is_the_band_below() -> None:
    ten = {"D4": {"cases": [case("local", points="10")]}}
    cent = {"D1": {"cases": [case("over30", points="0.01")]}}
    assert total({**ten, **cent}) == ("89.99", "good")
    assert total(ten) == ("90.00", "excellent")


def test_a_total_below_zero_is_stored_as_it_is_and_graded_as_zero() -> None:
    nothing: dict[str, Any] = {
        code: {"met": "0", "total": "4"} if "met" in inputs else inputs
        for code, inputs in FULL.items()
    }
    nothing |= {code: {"actual": "0", "target": "9"} for code in ("M1", "M2", "M3", "M5", "P3b")}
    nothing |= {"M4": {"actual": "0"}, "S1": {"actual": "0"}}
    nothing |= {code: {"ratings": {"opening": "0"}} for code in ("P2c", "P5b")}
    nothing |= {code: {"mark": "59"} for code in ("P4", "P5a")}
    nothing |= {"P3d": {"cases": [case("absent", count=5)]}, "D4": {"cases": [case("national")]}}
    assert total(nothing) == ("-20.00", "unqualified")


def test_a_veto_caps_the_grade_and_leaves_the_points() -> None:
    leak = {"V": {"cases": [case("leak", points="0")]}}
    breakdown = scored(ANNEX5, {**FULL, **leak})
    assert (str(breakdown.total), breakdown.band, breakdown.is_vetoed) == (
        "100.00",
        "unqualified",
        True,
    )
    assert str(breakdown.coefficient) == "0.8"
    grave = {"D4": {"cases": [case("local", points="10", is_veto=True)]}}
    assert total(grave) == ("90.00", "unqualified")


def test_annex_11_7_a_weight_is_spread_within_its_group() -> None:
    breakdown = scored(ANNEX5, {**FULL, "M2": None})
    weights = {line.code: str(line.effective) for line in breakdown.groups[0].items}
    # 12, 6, 8 and 4 of 30 share 40: 16, 8, 10.666… and 5.333…; the cent goes to 10.666….
    assert weights == {"M1": "16.00", "M2": "0.00", "M3": "8.00", "M4": "10.67", "M5": "5.33"}
    assert [str(group.score) for group in breakdown.groups] == ["40.00", "20.00", "40.00", "0.00"]
    line = breakdown.items["M2"]
    assert (line.is_applicable, line.why_not, line.score) == (False, NOTHING, None)


def test_annex_5_a_step_costs_what_it_says_however_much_weight_is_spread_to_it() -> None:
    """W − d × steps (annex 5) with the W of annex 11.7: 10.67 − 2 × 3."""
    breakdown = scored(ANNEX5, {**FULL, "M2": None, "M4": {"actual": "95"}})
    assert str(breakdown.items["M4"].score) == "4.67"
    assert str(breakdown.items["M4"].lost) == "6.00"


SCALED = [
    ("points of a table are parts of the weight", "TIER", {"value": "99"}, "7.50"),
    ("so is a share", "TIER", {"value": "96"}, "6.00"),
    ("a base too, a step not: 5.25 − 1", "STEP", {"actual": "99", "target": "100"}, "4.25"),
]
_SETTINGS: dict[str, Mapping[str, Any]] = {
    "TIER": {"rows": [{"from": "98", "points": "5"}, {"to": "97", "share": "0.8"}]},
    "STEP": {"loss": "1", "gain": "1", "size": "1", "base": "3.5"},
}


@pytest.mark.parametrize(("story", "kind", "inputs", "expected"), SCALED)
def test_what_is_a_part_of_the_weight_grows_with_it(
    story: str, kind: str, inputs: Mapping[str, Any], expected: str
) -> None:
    formula = FormulaSpec(kind, _SETTINGS[kind])
    result = item_score(formula, inputs, weight=Decimal(5), effective=Decimal("7.5"))
    assert str(result.score) == expected, story


def test_a_source_that_is_not_there_counts_as_not_applicable() -> None:
    without = {code: inputs for code, inputs in FULL.items() if code != "M2"}
    assert scored(ANNEX5, without).items["M2"].why_not == NO_SOURCE
    assert str(scored(ANNEX5, without).total) == "100.00"


def test_one_item_alone_carries_its_group() -> None:
    alone = {"M1": FULL["M1"], "S1": {"actual": "88"}, "P3c": {"met": "3", "total": "4"}}
    breakdown = scored(ANNEX5, alone)
    assert [str(group.score) for group in breakdown.groups] == ["40.00", "19.00", "30.00", "0.00"]
    assert (str(breakdown.total), breakdown.band) == ("89.00", "good")


def test_annex_11_7_a_whole_group_that_does_not_apply_leaves_the_month_unrated() -> None:
    service = dict.fromkeys(("S1", "S2", "S3", "S4"))
    breakdown = scored(ANNEX5, {**FULL, **service})
    assert (breakdown.is_rated, breakdown.why_not) == (False, GROUP_EMPTY)
    assert (breakdown.total, breakdown.band, breakdown.coefficient) == (None, "", None)
    assert [group.score for group in breakdown.groups][1] is None
    assert str(breakdown.groups[0].score) == "40.00"


PRESENCES = [
    ("half of the days", Presence(present=11, working=22), ""),
    ("a day less", Presence(present=10, working=22), MOSTLY_ABSENT),
    (
        "half of an odd number is not reached by 10 of 21",
        Presence(present=10, working=21),
        MOSTLY_ABSENT,
    ),
    ("11 of 21", Presence(present=11, working=21), ""),
    ("new", Presence(is_new=True, present=21, working=21), NEW_MANAGER),
]


@pytest.mark.parametrize(("story", "presence", "why"), PRESENCES)
def test_who_is_not_rated(story: str, presence: Presence, why: str) -> None:
    breakdown = scored(ANNEX5, FULL, presence)
    assert (breakdown.why_not, breakdown.is_rated) == (why, not why), story
    assert breakdown.total == (None if why else Decimal("100.00"))


def test_items_are_rounded_and_sums_are_exact() -> None:
    # 4 × 2/3 = 2.666…, 3 × 2/3 = 2, 5 × 1/3 = 1.666…: rounded each, then added.
    service = {
        "S1": {"actual": "90"},
        "S2": {"met": "2", "total": "3"},
        "S3": {"met": "1", "total": "3"},
        "S4": {"met": "1", "total": "3"},
    }
    breakdown = scored(ANNEX5, {**FULL, **service})
    assert [str(line.score) for line in breakdown.groups[1].items] == [
        "6.00",
        "2.67",
        "1.67",
        "1.67",
    ]
    assert str(breakdown.groups[1].score) == "12.01"
    assert str(breakdown.total) == "92.01"


def test_a_cap_of_1_2_stays_within_the_group() -> None:
    changed = content()
    for code in ("M1", "M2", "M3", "M5"):
        item_in(changed, code)["formula"]["cap"] = "1.2"
    generous = parsed(changed)
    high = {"M1": {"actual": "150", "target": "100"}, "M3": {"actual": "0", "target": "100"}}
    breakdown = scored(generous, {**FULL, **high})
    # 14.40 + 10 + 0 + 8 + 4: the fifth more makes up for a part of what is missing.
    assert str(breakdown.groups[0].score) == "36.40"
    high["M3"] = {"actual": "120", "target": "100"}
    assert str(scored(generous, {**FULL, **high}).groups[0].score) == "40.00"


CHANGES = [
    {"P3c": {"met": "3", "total": "4"}},
    {"M1": {"actual": "70", "target": "100"}, "S1": {"actual": "80"}},
    {"M2": None, "D2": {"cases": [{"option": "A"}]}},
    {"P4": {"mark": "59"}, "V": {"cases": [{"option": "leak"}]}},
]


@pytest.mark.parametrize("changes", CHANGES)
def test_what_if_equals_the_month_after_really_doing_it(changes: Mapping[str, Any]) -> None:
    asked = what_if(ANNEX5, FULL, changes)
    assert asked == scored(ANNEX5, {**FULL, **changes})
    assert asked != scored(ANNEX5, FULL)


def test_a_frozen_month_gives_its_inputs_back() -> None:
    sparse = {code: FULL[code] for code in ("M1", "M4", "S1", "P3c", "P4")} | {"M5": None}
    breakdown = scored(ANNEX5, sparse)
    frozen = json.loads(json.dumps(plain_of(breakdown)))
    assert scored(ANNEX5, inputs_of(frozen)) == breakdown


def scores(inputs: Mapping[str, Any], codes: str) -> list[str]:
    """The points of these items in a month that is otherwise faultless."""
    lines = scored(ANNEX5, {**FULL, **inputs}).items
    return [str(lines[code].score) for code in codes.split()]


def test_marketing_is_scored_by_its_indicators() -> None:
    sales = {"actual": "9", "target": "10"}
    month = {"M1": sales, "M2": sales, "M3": sales, "M4": {"actual": "96.5"}, "M5": sales}
    assert scores(month, "M1 M2 M3 M4 M5") == ["10.80", "9.00", "5.40", "6.00", "3.60"]


def test_service_is_scored_by_its_indicators() -> None:
    half = {"met": "1", "total": "2"}
    month = {"S1": {"actual": "85"}, "S2": half, "S3": half, "S4": half}
    assert scores(month, "S1 S2 S3 S4") == ["4.00", "2.00", "2.50", "2.50"]


def test_basic_service_is_scored() -> None:
    third = {"met": "2", "total": "3"}
    assert scores(dict.fromkeys(("P1a", "P1b", "P1c"), third), "P1a P1b P1c") == [
        "4.00",
        "1.33",
        "1.33",
    ]


def test_quality_of_service_is_scored() -> None:
    third = {"met": "2", "total": "3"}
    month = {"P2a": third, "P2b": third, "P2c": {"ratings": {"opening": "4", "record": "3"}}}
    assert scores(month, "P2a P2b P2c") == ["2.67", "2.00", "2.10"]


def test_work_planning_is_scored() -> None:
    month = {
        "P3a": {"met": "3", "total": "4"},
        "P3b": {"actual": "11", "target": "16"},
        "P3c": {"met": "3", "total": "4"},
        "P3d": {"cases": [case("absent"), case("late")]},
    }
    assert scores(month, "P3a P3b P3c P3d") == ["1.50", "2.06", "1.50", "0.70"]


def test_business_knowledge_is_scored() -> None:
    assert scores({"P4": {"mark": "77.5"}}, "P4") == ["4.65"]


def test_product_knowledge_and_promotion_skill_are_scored() -> None:
    month = {"P5a": {"mark": "92"}, "P5b": {"ratings": {"needs": "4", "product": "5"}}}
    assert scores(month, "P5a P5b") == ["2.76", "2.70"]


def test_bonus_and_penalty_are_scored_within_twenty() -> None:
    month = {
        "B2": {"cases": [case("province")]},
        "D1": {"cases": [case("over60")]},
        "D4": {"cases": [case("national")]},
    }
    assert scores(month, "B2 D1 D4") == ["4.00", "-2.00", "-20.00"]
    assert str(scored(ANNEX5, {**FULL, **month}).total) == "82.00"

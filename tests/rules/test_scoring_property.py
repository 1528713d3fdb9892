"""The engine equals an obvious slow version on two hundred random months."""

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from kpi.scheme import faults, parsed
from kpi.scoring import scored, what_if
from tests.rules import slow_engine
from tests.rules.annex5 import content, item_in

SCHEME: dict[str, Any] = content()
# The kinds that annex 5 names and its items do not use, so that every kind is drawn.
item_in(SCHEME, "M3")["formula"] = {
    "kind": "TIER",
    "rows": [
        {"from": "98", "points": "6"},
        {"from": "95", "to": "98", "to_in": False, "share": "0.75"},
        {"from": "90", "from_in": False, "to": "95", "to_in": False, "points": "1.7"},
    ],
}
item_in(SCHEME, "S3")["formula"] = {
    "kind": "EXPR",
    "expression": "IF(missed > 10, weight × done ÷ asked ÷ 2, weight × done ÷ asked)",
    "names": [
        {"code": code, "names": {"telecom": {"zh-hans": code}}}
        for code in ("asked", "done", "missed")
    ],
}
item_in(SCHEME, "M1")["formula"]["cap"] = "1.2"


def drawn_inputs(random: Random, formula: dict[str, Any]) -> dict[str, Any] | None:
    """A month's inputs of one item, at and around the bounds as often as anywhere else."""
    kind = formula["kind"]
    if random.random() < 0.25 and kind != "CASE":
        return None
    if kind == "RATE":
        target = random.choice(["100", "190", "37.5", "0", "0.07", "33333.33"])
        drawn = Fraction(random.randint(0, 1500), 1000)
        share = random.choice([Fraction(3, 5), Fraction(1), Fraction(6, 5), drawn])
        actual = Fraction(target) * share
        return {"actual": f"{float(actual):.2f}", "target": target}
    if kind == "RATIO":
        total = random.randint(0, 37)
        return {"met": str(random.randint(0, total)), "total": str(total)}
    if kind == "STEP":
        whole = random.choice([84, 90, 94, 96, 97, 98])
        return {"actual": f"{whole + random.choice([0, 0.01, -0.01, 0.5]):.2f}"}
    if kind == "EXAM":
        return {
            "mark": random.choice(["60", "59.99", "100", f"{random.randint(0, 10000) / 100:.2f}"])
        }
    if kind == "RATE5":
        codes = [question["code"] for question in formula["questions"]]
        ratings = {code: random.choice([None, "0", "3", "4.5", "5"]) for code in codes}
        return {"ratings": ratings}
    if kind == "TIER":
        return {"value": random.choice(["98", "97.99", "95", "94.99", "90", "90.01", "12"])}
    if kind == "EXPR":
        return {
            "asked": str(random.randint(1, 40)),
            "done": str(random.randint(0, 50)),
            "missed": str(random.randint(0, 20)),
        }
    return {"cases": drawn_cases(random, formula)}


def drawn_cases(random: Random, formula: dict[str, Any]) -> list[dict[str, Any]]:
    is_rare = formula.get("is_veto")
    count = 0 if is_rare and random.random() < 0.9 else random.choice([0, 0, 0, 1, 2, 4])
    sign = "-" if formula.get("sign") == "-" else ""
    cases = []
    for _ in range(count):
        option = random.choice(formula["options"])
        case = {"option": option["code"], "points": f"{sign}{option['points']}"}
        if formula["kind"] == "DEDUCT":
            case = {"option": option["code"]}
        elif formula.get("highest_per_event"):
            case["event"] = random.choice(["contest", "fair"])
        cases.append(case)
    return cases


def drawn_month(seed: int) -> dict[str, Any]:
    random = Random(seed)
    month = {item["code"]: drawn_inputs(random, item["formula"]) for item in SCHEME["items"]}
    return {code: inputs for code, inputs in month.items() if random.random() > 0.05}


def test_the_scheme_of_these_months_is_sound() -> None:
    assert faults(parsed(SCHEME)) == []


@pytest.mark.parametrize("seed", range(200))
def test_the_engine_equals_the_slow_version(seed: int) -> None:
    month = drawn_month(seed)
    points, total, band = slow_engine.month(SCHEME, month)
    breakdown = scored(parsed(SCHEME), month)
    lines = breakdown.items.values()
    assert {line.code: Fraction(line.score) for line in lines if line.score is not None} == points
    assert (None if breakdown.total is None else Fraction(breakdown.total)) == total
    assert breakdown.band == band
    for group in breakdown.groups:
        effective = sum(line.effective for line in group.items)
        assert effective in (0, sum(line.weight for line in group.items))


def test_what_if_equals_the_month_after_doing_it_whatever_is_changed() -> None:
    scheme = parsed(SCHEME)
    for seed in range(40):
        before, after = drawn_month(seed), drawn_month(seed + 1000)
        assert what_if(scheme, before, after) == scored(scheme, {**before, **after})


def test_the_drawn_months_reach_every_band_and_the_unrated() -> None:
    bands = {slow_engine.month(SCHEME, drawn_month(seed))[2] for seed in range(200)}
    assert bands >= {"", "qualified", "unqualified"}

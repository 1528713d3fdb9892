"""A line's arithmetic in words, and its numbers as fields of a form and back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from kpi.formulas import item_score
from kpi.line_words import calculation, input_fields, inputs_from, rule
from kpi.scheme import FormulaSpec

TIERS = [{"code": "A", "names": {"telecom": {"zh-hans": "A 类", "en": "A"}}, "points": "3"}]
CHOSEN = [
    {
        "code": "media",
        "names": {"telecom": {"zh-hans": "媒体", "en": "Media"}},
        "least": "1",
        "most": "10",
    }
]
UP_TO_10 = [{key: value for key, value in CHOSEN[0].items() if key != "least"}]
BY_NUMBER = [
    {
        "code": "late",
        "names": {"telecom": {"zh-hans": "迟到", "en": "Late"}},
        "tiers": [{"from": "1", "points": "1"}, {"from": "3", "points": "2"}],
    }
]
ASKED = [
    {"code": "opening", "names": {"telecom": {"zh-hans": "开场", "en": "Opening"}}},
    {"code": "wording", "names": {"telecom": {"zh-hans": "口径", "en": "Wording"}}},
]


def line(
    kind: str,
    inputs: Mapping[str, Any] | None,
    score: str = "",
    effective: str = "6.00",
    **settings: Any,
) -> dict[str, Any]:
    """A frozen line of 6 points, which others may have added to."""
    return {
        "weight": "6",
        "formula": {"kind": kind, **settings},
        "inputs": inputs,
        "effective": effective,
        "score": score or None,
        "is_applicable": inputs is not None,
        "unit": "万元",
    }


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (
            line("RATE", {"actual": "182.40", "target": "190"}, effective="12.00"),
            "12.00 × 182.40 ÷ 190 = 11.52",
        ),
        (line("RATE", {"actual": "100", "target": "190"}), "100 ÷ 190 低于 60% = 0.00"),
        (
            line("RATE", {"actual": "300", "target": "190"}, cap="1.20"),
            "6.00 × 120% = 7.20",
        ),
        (line("RATIO", {"met": "2", "total": "3"}), "6.00 × 2 ÷ 3 = 4.00"),
        (
            line("STEP", {"actual": "88", "target": "90"}, loss="1", size="2"),
            "6.00 − 1 × 1 = 5.00",
        ),
        (line("STEP", {"actual": "95", "target": "90"}, loss="1", size="2"), "6.00 = 6.00"),
        (
            line("STEP", {"actual": "70", "target": "90"}, loss="1", size="2"),
            "6.00 − 1 × 10，扣完为止 = 0.00",
        ),
        (
            line("STEP", {"actual": "70", "target": "90"}, loss="1", size="2", lost_at_most="4"),
            "6.00 − 1 × 10，最多扣 4 分 = 2.00",
        ),
        (
            line(
                "STEP",
                {"actual": "89", "target": "90"},
                effective="9.00",
                loss="1",
                size="1",
                base="4",
            ),
            "6.00 − 1 × 1 = 5.00",
        ),
        (line("EXAM", {"mark": "88"}), "6.00 × 88 ÷ 100 = 5.28"),
        (line("EXAM", {"mark": "59"}), "59 低于 60 = 0.00"),
        (
            line("RATE5", {"ratings": {"opening": "4", "wording": "5"}}, questions=ASKED),
            "6.00 × 9 ÷ 10 = 5.40",
        ),
        (
            line("CASE", {"cases": [{"option": "A"}, {"option": "A"}]}, options=TIERS, sign="+"),
            "3 + 3 = +6.00",
        ),
        (
            line("CASE", {"cases": [{"option": "A", "points": "3"}]}, options=TIERS, sign="-"),
            "−3 = −3.00",
        ),
        (line("CASE", {"cases": []}, options=TIERS, sign="+"), "0.00"),
        (
            line("DEDUCT", {"cases": [{"option": "A"}]}, options=TIERS),
            "6.00 − 3 = 3.00",
        ),
        (
            line(
                "DEDUCT",
                {"cases": [{"option": "media", "points": "2"}, {"option": "media", "points": "3"}]},
                options=UP_TO_10,
            ),
            "6.00 − (2 + 3) = 1.00",
        ),
        (
            line("DEDUCT", {"cases": [{"option": "media", "points": "9"}]}, options=UP_TO_10),
            "6.00 − 6.00 = 0.00",
        ),
        (
            line("DEDUCT", {"cases": [{"option": "late", "count": 3}]}, options=BY_NUMBER),
            "6.00 − 2.00 = 4.00",
        ),
        (
            line(
                "CASE",
                {"cases": [{"option": "A"}, {"option": "A"}]},
                options=TIERS,
                sign="+",
                cap="5",
            ),
            "3 + 3，最多 5 分 = +5.00",
        ),
        (line("RATIO", None), ""),
    ],
)
def test_the_arithmetic_ends_at_the_engines_points(shown: dict[str, Any], words: str) -> None:
    if shown["inputs"] is not None:
        kind, *_more = shown["formula"].values()
        settings = {key: value for key, value in shown["formula"].items() if key != "kind"}
        weights = {key: Decimal(shown[key]) for key in ("weight", "effective")}
        made = item_score(FormulaSpec(kind, settings), shown["inputs"], **weights)
        shown["score"] = f"{made.score:f}"
    assert calculation(shown) == words


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (line("RATE", None), "分值 × 完成 ÷ 目标，低于 60% 不得分，最高 100%"),
        (line("STEP", None, loss="2", size="1"), "比目标每差 1 扣 2 分，不足 1 不扣"),
        (line("EXAM", None), "分值 × 成绩 ÷ 100，低于 60 不得分"),
        (line("CASE", None, sign="-", cap="10"), "按认定的事项扣分，最多扣 10 分"),
        (line("CASE", None, sign="+"), "按认定的事项加分"),
    ],
)
def test_the_rule_is_a_sentence(shown: dict[str, Any], words: str) -> None:
    assert rule(shown) == words


@pytest.mark.parametrize(
    "shown",
    [
        line("RATE", {"actual": "182.40", "target": "190"}),
        line("RATIO", {"met": "2", "total": "3"}),
        line("EXAM", {"mark": "88"}),
        line("RATE5", {"ratings": {"opening": "4"}}, questions=ASKED),
        line("CASE", {"cases": [{"option": "A", "points": "3", "label": "JF-1"}]}, options=TIERS),
        line("CASE", {"cases": [{"option": "media", "points": "4"}]}, options=CHOSEN),
        line("DEDUCT", {"cases": [{"option": "media", "points": "4"}]}, options=UP_TO_10),
        line("DEDUCT", {"cases": []}, options=TIERS),
    ],
)
def test_a_form_left_alone_gives_the_same_inputs(shown: dict[str, Any]) -> None:
    fields = input_fields(shown, "telecom")
    assert inputs_from(shown, {one.key: one.value for one in fields}) == shown["inputs"]


def test_cases_are_counted() -> None:
    counted = line(
        "CASE", {"cases": [{"option": "A", "points": "3", "label": "JF-1"}]}, options=TIERS
    )
    assert [(one.key, one.label, one.value, one.note) for one in input_fields(counted, "bank")] == [
        ("A", "A 类", "1", "次")
    ]
    assert inputs_from(counted, {"A": "2"}) == {
        "cases": [
            {"option": "A", "points": "3", "label": "JF-1"},
            {"option": "A", "points": "3"},
        ]
    }
    assert inputs_from(counted, {"A": "0"}) == {"cases": []}
    assert inputs_from(counted, {"A": ""}) == {"cases": []}


@pytest.mark.parametrize("options", [CHOSEN, UP_TO_10])
def test_points_that_the_assessor_chooses_are_typed(options: list[dict[str, Any]]) -> None:
    """With a lowest number or, from nothing on, without one."""
    chosen = line("CASE", {"cases": []}, options=options)
    assert [(one.key, one.value, one.note) for one in input_fields(chosen, "bank")] == [
        ("media", "0", "分")
    ]
    assert inputs_from(chosen, {"media": "4.5"}) == {
        "cases": [{"option": "media", "points": "4.5"}]
    }
    assert inputs_from(chosen, {"media": "多"}) == {"cases": [{"option": "media", "points": "多"}]}

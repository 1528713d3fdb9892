"""Giving targets out (T2), what bars issuing (T1, T4), progress and forecast: pure arithmetic."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.targets_rules import (
    Bar,
    LineState,
    bars,
    decomposed,
    joined,
    lacking,
    pace,
    shared_out,
)

D = Decimal
WEIGHTS = st.dictionaries(
    st.integers(1, 10**9),
    st.decimals(0, 10**9, places=2, allow_nan=False, allow_infinity=False),
    min_size=1,
    max_size=40,
)


def money(places: int) -> Any:
    return st.integers(0, 10**13).map(lambda units: D(units).scaleb(-places))


@given(st.data(), WEIGHTS, st.integers(0, 2))
def test_parts_add_up_to_the_last_cent(data: Any, weights: dict[int, D], places: int) -> None:
    value = data.draw(money(places))
    parts = shared_out(value, weights, places)
    assert sum(parts.values()) == value
    assert set(parts) == set(weights)
    assert all(part >= 0 for part in parts.values())
    assert all(-part.as_tuple().exponent == places for part in parts.values())  # type: ignore[operator]


@given(st.data(), WEIGHTS)
def test_the_order_of_people_does_not_matter(data: Any, weights: dict[int, D]) -> None:
    value = data.draw(money(2))
    shuffled = dict(data.draw(st.permutations(list(weights.items()))))
    assert shared_out(value, weights, 2) == shared_out(value, shuffled, 2)


@given(st.data(), WEIGHTS)
def test_nobody_is_more_than_a_unit_away_from_what_is_due(data: Any, weights: dict[int, D]) -> None:
    value, whole = data.draw(money(2)), sum(weights.values())
    for key, part in shared_out(value, weights, 2).items():
        due = value * weights[key] / whole if whole else value / len(weights)
        assert abs(part - due) <= D("0.01")


@given(st.data(), WEIGHTS)
def test_more_weight_never_means_a_smaller_part(data: Any, weights: dict[int, D]) -> None:
    parts = shared_out(data.draw(money(2)), weights, 2)
    by_weight = sorted(weights, key=lambda key: weights[key])
    for less, more in pairwise(by_weight):
        if weights[less] < weights[more]:
            assert parts[less] <= parts[more]


def test_what_is_left_goes_to_the_largest_fractions() -> None:
    # 10.00 by 1 : 1 : 1 is 3.333… each; the cent goes to the smallest id.
    assert shared_out(D("10.00"), {7: 1, 3: 1, 5: 1}, 2) == {
        3: D("3.34"),
        5: D("3.33"),
        7: D("3.33"),
    }
    # 10 by 5 : 3 : 2 of whole units with fractions .5, .3, .2 of 7 → 3.5, 2.1, 1.4
    assert shared_out(D(7), {1: 5, 2: 3, 3: 2}, 0) == {1: D(4), 2: D(2), 3: D(1)}


def test_without_any_weight_everybody_gets_the_same() -> None:
    assert shared_out(D("1.00"), {1: 0, 2: 0, 3: 0, 4: 0}, 2) == dict.fromkeys(
        (1, 2, 3, 4), D("0.25")
    )


@pytest.mark.parametrize(
    ("value", "weights"),
    [(D("-0.01"), {1: 1}), (D(1), {1: -1, 2: 2}), (D(1), {}), (D("0.001"), {1: 1})],
)
def test_what_cannot_be_given_out_is_refused(value: D, weights: dict[int, int]) -> None:
    with pytest.raises(ValueError, match=r"nobody|negative|places"):
        shared_out(value, weights, 2)


def test_what_is_averaged_is_the_same_for_all_and_never_summed() -> None:
    assert decomposed(D("98.00"), {1: 3, 2: 9}, 2, "mean") == {1: D("98.00"), 2: D("98.00")}
    assert lacking(D("98.00"), [D("98.00"), D("90.00")], "mean") == 0
    assert decomposed(D("12.00"), {1: 3, 2: 9}, 2, "sum") == {1: D("3.00"), 2: D("9.00")}
    assert lacking(D("12.00"), [D("3.00"), D("8.99")], "sum") == D("0.01")


def line(**more: Any) -> LineState:
    values: dict[str, Any] = {
        "code": "M1",
        "adding": "sum",
        "required": D(100),
        "value": D(100),
        "method": "equal",
        "parts": {1: D(50), 2: D(50)},
        "why_not_required": "",
        "why_not_sum": "",
        **more,
    }
    return LineState(**values)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"value": None}, ["empty", "value"]),
        ({"value": None, "required": None}, ["empty"]),
        ({"required": None}, []),
        ({"required": D(120)}, ["required"]),
        ({"required": D(120), "why_not_required": "新设分公司"}, []),
        ({"required": D(120), "why_not_required": "  "}, ["required"]),
        ({"parts": {1: D(100)}}, ["part"]),
        ({"parts": {1: D(50), 2: D("49.99")}}, ["sum"]),
        ({"parts": {1: D(50), 2: D("49.99")}, "why_not_sum": "留一分"}, []),
        ({"adding": "mean", "parts": {1: D(100), 2: D(90)}}, []),
    ],
)
def test_what_bars_issuing(changes: dict[str, Any], found: list[str]) -> None:
    told = bars([line(**changes)], [1, 2], has_items=True, why_no_items="")
    assert [bar.kind for bar in told] == found


def test_bars_name_the_field_and_the_amount() -> None:
    told = bars([line(value=D(97), parts={1: D(50)})], [1, 2], has_items=False, why_no_items=" ")
    assert told == [
        Bar("required", "why:M1", "M1", D(-3)),
        Bar("part", "part:M1:2", "M1", D(1)),
        Bar("sum", "why_sum:M1", "M1", D(47)),
        Bar("items", "why_no_items"),
    ]
    assert [bar.kind for bar in bars([line()], [], has_items=True, why_no_items="")] == ["nobody"]


def test_progress_against_the_working_days_gone() -> None:
    half = pace(D("80.00"), D("200.00"), days_gone=10, days=20, adding="sum")
    assert (half.done, half.gone, half.is_behind) == (D("40.0"), D("50.0"), True)
    assert (half.forecast, half.method) == (D("160.00"), "linear")
    ahead = pace(D("100.00"), D("200.00"), days_gone=10, days=20, adding="sum")
    assert (ahead.is_behind, ahead.forecast) == (False, D("200.00"))


def test_a_mean_does_not_grow_with_the_days() -> None:
    mean = pace(D("97.00"), D("98.00"), days_gone=3, days=20, adding="mean")
    assert (mean.forecast, mean.method, mean.is_behind) == (D("97.00"), "level", True)
    assert not pace(D(98), D(98), days_gone=3, days=20, adding="mean").is_behind


def test_less_is_better_turns_the_share_round() -> None:
    fewer = pace(D(4), D(2), days_gone=20, days=20, adding="sum", direction="down")
    assert (fewer.done, fewer.is_behind) == (D("50.0"), True)
    none = pace(D(0), D(2), days_gone=5, days=20, adding="sum", direction="down")
    assert (none.done, none.is_behind) == (D(100), False)


def test_nothing_is_said_without_a_result_a_target_or_a_day() -> None:
    assert pace(None, D(5), days_gone=5, days=20, adding="sum").forecast is None
    assert pace(D(5), None, days_gone=5, days=20, adding="sum").done is None
    assert pace(D(5), D(5), days_gone=0, days=20, adding="sum").forecast is None
    assert pace(D(5), D(0), days_gone=5, days=20, adding="sum").done is None


def test_what_managers_reach_together() -> None:
    assert joined([D(3), D(4)], "sum", 2) == D(7)
    assert joined([D(90), D(91)], "mean", 1) == D("90.5")
    assert joined([], "sum", 2) is None

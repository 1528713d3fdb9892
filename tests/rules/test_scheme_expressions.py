"""The bounded language of EXPR: what it counts, and all that it refuses."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.expressions import ExpressionFault, compiled, evaluated
from kpi.scheme_texts import sentence

X = {"x": Decimal(77), "y": Decimal(4)}
SUMS = [
    ("1 + 2 × 3", "7"),
    ("（1＋2）×3", "9"),
    ("x ÷ y", "19.25"),
    ("1 ÷ 3 × 3", "1"),
    ("0.1 + 0.2", "0.3"),
    ("-x + 80", "3"),
    ("round(2.5)", "3"),
    ("round(-2.5)", "-3"),
    ("round(x ÷ 9, 2)", "8.56"),
    ("MIN(x, 10, y)", "4"),
    ("max(x, 10)", "77"),
    ("IF(x >= 77, 1, 0)", "1"),
    ("if(x > 77, 1, 0)", "0"),
    ("2 × if(x ≥ 77， 1， 0)", "2"),
    ("5 if 1 < y <= 4 else 6", "5"),
    ("5 if (x > 1 and not y > 4) else 6", "5"),
    ("IF(y > 100, 1 ÷ 0, 2)", "2"),
    ("x if x > 1 or y > 1 else 0", "77"),
]


@pytest.mark.parametrize(("text", "result"), SUMS)
def test_an_expression_counts_in_decimals(text: str, result: str) -> None:
    assert evaluated(compiled(text, X), X) == Decimal(result)


REFUSED = [
    ("x ** 2", "not_allowed"),
    ("x % 2", "not_allowed"),
    ("x // 2", "not_allowed"),
    ("x & 1", "not_allowed"),
    ("x.real", "not_allowed"),
    ("x[0]", "not_allowed"),
    ("'text'", "not_allowed"),
    ("True", "not_allowed"),
    ("1j", "not_allowed"),
    ("0x10", "not_allowed"),
    ("[1, 2]", "not_allowed"),
    ("(lambda: 1)()", "not_allowed"),
    ("max(i for i in x)", "not_allowed"),
    ("open(x)", "not_allowed"),
    ("round(x, places=2)", "not_allowed"),
    ("max(*x)", "not_allowed"),
    ("__import__", "unknown_name"),
    ("z", "unknown_name"),
    ("min", "unknown_name"),
    ("x := 1", "not_readable"),
    ("x = 1", "not_readable"),
    ("1; 2", "not_readable"),
    ("", "not_readable"),
    ("(", "not_readable"),
    ("IF(x > 1, 2)", "wrong_count"),
    ("min()", "wrong_count"),
    ("round(x, 1, 2)", "wrong_count"),
    ("x > 1", "no_number"),
    ("not (x > 1)", "no_number"),
    ("(x > 1) + 1", "mixed"),
    ("x and y", "mixed"),
    ("-(x > 1)", "mixed"),
    ("x if x else 1", "mixed"),
    ("min(x > 1, 2)", "mixed"),
    ("max(" + "1," * 120 + "x)", "too_many_parts"),
    ("-" * 60 + "x", "too_deep"),
    ("x" + " " * 500, "too_long"),
]


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_what_is_not_of_the_language_is_refused(text: str, code: str) -> None:
    with pytest.raises(ExpressionFault) as refused:
        compiled(text, X)
    assert refused.value.code == code
    assert sentence(code, {"part": refused.value.part})


RESULTS = [
    ("x ÷ (y − 4)", "division_by_zero"),
    ("0 ÷ 0", "division_by_zero"),
    ("x × 1000000", "out_of_bounds"),
    ("1e50 × 1e50", "out_of_bounds"),
    ("round(x, 7)", "out_of_bounds"),
    ("round(x, 0.5)", "out_of_bounds"),
]


@pytest.mark.parametrize(("text", "code"), RESULTS)
def test_a_result_that_is_none_or_too_large_is_refused(text: str, code: str) -> None:
    with pytest.raises(ExpressionFault) as refused:
        evaluated(compiled(text, X), X)
    assert refused.value.code == code


@given(
    st.text(alphabet="xy0123456789+-*/().,<>=!ifelsandortmu ×÷（）_'[]{}:;%&|^~@#\"\\", max_size=80)
)
def test_whatever_is_typed_an_expression_gives_a_number_or_a_fault(text: str) -> None:
    try:
        result = evaluated(compiled(text, X), X)
    except ExpressionFault:
        return
    assert result.is_finite()

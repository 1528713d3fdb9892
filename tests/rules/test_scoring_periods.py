"""A sheet's way; quarters, years, bands and what they suggest (annex 5; 11.9)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpi.rules import (
    History,
    Proposal,
    approval_due,
    band_of,
    is_answered,
    lower_band,
    lowest,
    proposals,
    quarter_score,
    quarters_of,
    supervision_due,
    year_score,
)
from tests.rules.annex5 import ANNEX5

BOUNDS = [
    ("120", "excellent"),
    ("90", "excellent"),
    ("89.995", "excellent"),
    ("89.99", "good"),
    ("80", "good"),
    ("79.99", "qualified"),
    ("60", "qualified"),
    ("59.99", "unqualified"),
    ("0", "unqualified"),
    ("-20", "unqualified"),
]


@pytest.mark.parametrize(("score", "band"), BOUNDS)
def test_the_rounded_value_is_compared(score: str, band: str) -> None:
    assert band_of(Decimal(score), ANNEX5.bands).code == band


def test_annex_11_9_a_years_mean_of_89_995_is_90_and_excellent() -> None:
    quarters = [Decimal("89.98"), Decimal("90.01"), Decimal("89.99"), Decimal("90.00")]
    assert sum(quarters) / 4 == Decimal("89.995")
    score = year_score(quarters)
    assert str(score) == "90.00"
    assert score is not None
    assert band_of(score, ANNEX5.bands).code == "excellent"


def test_a_quarter_is_the_mean_of_its_rated_months_rounded_again() -> None:
    assert str(quarter_score([Decimal("88.00"), Decimal("88.01"), Decimal("88.01")])) == "88.01"
    assert str(quarter_score([Decimal("70.00"), None, Decimal("80.01")])) == "75.01"
    assert quarter_score([None, None, None]) is None
    assert year_score([None, Decimal("61.00"), None, None]) == Decimal("61.00")


def test_a_veto_never_raises_a_grade() -> None:
    bands = {band.code: band for band in ANNEX5.bands}
    assert lower_band(bands["excellent"], "qualified", ANNEX5.bands).code == "qualified"
    assert lower_band(bands["unqualified"], "qualified", ANNEX5.bands).code == "unqualified"


def history(first: str, *totals: str | None) -> History:
    """Months from ``first`` on; "-" or None for one that was not rated."""
    year, month = int(first[:4]), int(first[5:])
    months = []
    for total in totals:
        score = None if total is None else Decimal(total)
        band = "" if score is None else band_of(score, ANNEX5.bands).code
        months.append((f"{year}-{month:02d}", score, band))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return History(months)


def codes(what: History) -> list[str]:
    return [one.code for one in proposals(what, ANNEX5)]


def test_two_months_in_a_row_suggest_a_talk() -> None:
    assert codes(history("2026-10", "59.99")) == []
    assert codes(history("2026-10", "59.99", "50.00")) == ["talk"]
    assert codes(history("2026-10", "59.99", "60.00")) == []
    assert codes(history("2026-09", "50.00", None, "50.00")) == []
    (proposal,) = proposals(history("2026-10", "59.99", "50.00"), ANNEX5)
    grounds = (("2026-10", Decimal("59.99")), ("2026-11", Decimal("50.00")))
    assert proposal == Proposal("talk", grounds)


def test_a_quarter_suggests_only_with_its_last_month() -> None:
    assert codes(history("2026-10", "70.00", "40.00")) == []
    assert codes(history("2026-10", "70.00", "40.00", "60.00")) == ["training"]
    assert codes(history("2026-10", "70.00", "60.00", "49.99")) == []


def test_two_quarters_suggest_a_transfer() -> None:
    half_a_year = history("2026-07", *["70.00", "50.00", "50.00"], *["50.00", "60.00", "65.00"])
    assert [key for key, _, _ in quarters_of(half_a_year, ANNEX5)] == ["2026-Q3", "2026-Q4"]
    assert codes(half_a_year) == ["training", "transfer"]


def test_four_good_quarters_with_an_excellent_one_suggest_a_promotion() -> None:
    year = ["85.00"] * 9 + ["90.00"] * 3
    assert codes(history("2026-01", *year)) == ["promotion"]
    assert codes(history("2026-01", *["85.00"] * 12)) == []
    assert codes(history("2026-01", *["79.00"] * 3, *["95.00"] * 9)) == []
    assert codes(history("2026-01", *year[1:])) == []


def test_nothing_is_suggested_without_months() -> None:
    assert proposals(History([]), ANNEX5) == []


def test_the_lowest_tenth_is_whole_people_and_those_with_the_same_points() -> None:
    totals = {n: Decimal(60 + n) for n in range(11)}
    assert lowest(totals, Decimal("0.10")) == [0, 1]
    assert lowest({n: Decimal(60 + n) for n in range(10)}, Decimal("0.10")) == [0]
    assert lowest({1: Decimal(70), 2: Decimal(70), 3: Decimal(80)}, Decimal("0.10")) == [1, 2]
    assert lowest({1: Decimal(70), 2: Decimal(70)}, Decimal("0.10")) == []
    assert lowest({}, Decimal("0.10")) == []


UNTIL = datetime(2026, 12, 10, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "has_open_objections", "seconds", "answered"),
    [
        ("computed", False, -1, False),
        ("computed", False, 0, True),
        ("computed", False, 1, True),
        ("computed", True, 1, False),
        ("confirmed", False, -1, True),
        ("objected", True, -1, False),
        ("objected", True, 1, False),
    ],
)
def test_a_sheet_is_signed_once_its_manager_has_answered_or_the_time_is_over(
    state: str, has_open_objections: bool, seconds: int, answered: bool
) -> None:
    found = is_answered(
        state,
        has_open_objections=has_open_objections,
        at=UNTIL + timedelta(seconds=seconds),
        objections_until=UNTIL,
    )
    assert found is answered


@pytest.mark.parametrize(
    ("state", "answered", "has_other_supervisor", "supervises", "approves"),
    [
        ("confirmed", True, True, True, False),
        ("confirmed", True, False, True, True),
        ("computed", False, False, False, False),
        ("supervised", True, True, False, True),
        ("supervised", True, False, False, True),
        ("approved", True, False, False, False),
        ("locked", True, False, False, False),
    ],
)
def test_the_supervisor_signs_before_the_head_where_there_is_one(
    state: str, answered: bool, has_other_supervisor: bool, supervises: bool, approves: bool
) -> None:
    assert supervision_due(state, answered=answered) is supervises
    found = approval_due(state, answered=answered, has_other_supervisor=has_other_supervisor)
    assert found is approves

"""The inspection sheet as pure functions (annex 3.8): points, score, grade, rank, days."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from core.calendar import PLAIN_CALENDAR, Calendar, DayMark
from core.periods import SHANGHAI
from inspections import rules
from inspections.judged import Fault, Judged
from organization.settings import DEFAULTS
from reports.rules import ranks, rise

PUNCTUAL = {"late": Decimal("0.5"), "missing": Decimal(1)}


def faults(**kinds: int) -> tuple[Fault, ...]:
    return tuple(Fault(kind, kind, "/") for kind, count in kinds.items() for _n in range(count))


def kept(points: str, rates: dict[str, Decimal], judged: Judged | None) -> Decimal | None:
    return rules.points_kept(Decimal(points), rates, judged)


@pytest.mark.parametrize(
    ("found", "left"),
    [
        ({}, "5.00"),
        ({"late": 1}, "4.50"),
        ({"missing": 1}, "4.00"),
        ({"late": 3, "missing": 2}, "1.50"),
        ({"missing": 5}, "0.00"),
        ({"missing": 6}, "0.00"),
        ({"late": 11}, "0.00"),
        ({"elsewhere": 4}, "5.00"),
    ],
)
def test_an_item_loses_its_points_fault_by_fault_and_never_more(
    found: dict[str, int], left: str
) -> None:
    assert kept("5", PUNCTUAL, Judged(44, faults(**found))) == Decimal(left)


def test_what_was_not_looked_at_is_not_checked() -> None:
    assert kept("5", PUNCTUAL, None) is None
    assert kept("5", PUNCTUAL, Judged(0)) is None


@pytest.mark.parametrize(
    ("share", "left"), [("1", "15.00"), ("0.8666", "13.00"), ("0.333", "5.00"), ("0", "0.00")]
)
def test_an_item_may_give_points_in_proportion(share: str, left: str) -> None:
    assert kept("15", {}, Judged(30, kept_share=Decimal(share))) == Decimal(left)


def test_the_score_is_points_kept_of_points_checked() -> None:
    lines = [(Decimal(5), Decimal("4.00")), (Decimal(20), Decimal(16)), (Decimal(15), None)]
    assert rules.total(lines) == (Decimal("20.00"), Decimal(25))
    assert rules.score(Decimal(20), Decimal(25)) == Decimal("80.00")
    assert rules.score(Decimal(0), Decimal(0)) is None
    assert rules.total([(Decimal(15), None)]) == (Decimal(0), Decimal(0))
    assert rules.score(Decimal("4.5"), Decimal(7)) == Decimal("64.29")


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        ("100", "good"),
        ("90.00", "good"),
        ("89.99", "pass"),
        ("80.00", "pass"),
        ("79.99", "rectify"),
        ("0", "rectify"),
    ],
)
def test_grades_at_their_bounds(score: str, grade: str) -> None:
    assert rules.grade(Decimal(score), DEFAULTS) == grade


def test_without_a_score_there_is_no_grade() -> None:
    assert rules.grade(None, DEFAULTS) == ""


def test_the_score_is_rounded_before_it_is_compared() -> None:
    result = rules.score(Decimal("17.999"), Decimal(20))
    assert (result, rules.grade(result, DEFAULTS)) == (Decimal("90.00"), "good")


def test_ties_share_a_rank() -> None:
    scores = {"A": Decimal("91.5"), "B": Decimal(96), "C": Decimal("91.50"), "D": None}
    assert ranks(scores) == {"B": 1, "A": 2, "C": 2, "D": None}
    assert ranks({**scores, "E": Decimal(80)})["E"] == 4
    assert ranks({}) == {}


def test_the_change_of_rank() -> None:
    assert (rise(2, 5), rise(5, 2), rise(3, 3)) == (3, -3, 0)
    assert (rise(None, 1), rise(1, None)) == (None, None)


# The days of a finding

RAISED = datetime(2026, 11, 27, 10, 0, tzinfo=SHANGHAI)


def test_three_working_days_to_confirm_end_at_close_of_business() -> None:
    by = rules.respond_by(RAISED, PLAIN_CALENDAR, DEFAULTS)
    assert by == datetime(2026, 12, 2, 18, 0, tzinfo=SHANGHAI)
    assert not rules.is_response_late(by - timedelta(seconds=1), by)
    assert not rules.is_response_late(by, by)
    assert rules.is_response_late(by + timedelta(seconds=1), by)


def test_holidays_and_make_up_days_count_as_they_are_worked() -> None:
    days = {
        on: DayMark(on, is_workday)
        for on, is_workday in (
            (date(2026, 11, 28), True),
            (date(2026, 11, 30), False),
            (date(2026, 12, 1), False),
        )
    }
    known = Calendar(days, frozenset({2026}))
    assert rules.respond_by(RAISED, known, DEFAULTS).astimezone(SHANGHAI).date() == date(
        2026, 12, 3
    )


def test_five_working_days_to_put_it_right() -> None:
    assert rules.rectify_by(RAISED, PLAIN_CALENDAR, DEFAULTS) == date(2026, 12, 4)


def test_the_day_is_that_of_shanghai() -> None:
    late_at_night = datetime(2026, 11, 26, 16, 30, tzinfo=UTC)  # already the 27th in Shanghai
    assert rules.rectify_by(late_at_night, PLAIN_CALENDAR, DEFAULTS) == date(2026, 12, 4)

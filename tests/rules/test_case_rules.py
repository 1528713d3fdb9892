"""Cases by their rules (K3, annex 5.4): points, counted once, proof, the month, the days."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.calendar import PLAIN_CALENDAR
from core.periods import SHANGHAI, Month
from kpi import case_rules as rules
from kpi.case_rules import CaseFault, Event, Kind, Proof
from kpi.scheme import Item, parsed
from organization.settings import DEFAULTS
from tests.rules.annex5 import ANNEX5, content, item_in

NOVEMBER = Month(2026, 11)


def item(code: str) -> Item:
    """An item of the shipped scheme."""
    return ANNEX5.by_code[code]


def ranged() -> Item:
    """Media exposure for 5 to 15 points, as the assessor chooses."""
    value = content()
    item_in(value, "D4")["formula"]["options"][0] = {
        "code": "local",
        "names": {"telecom": {"zh-hans": "地方媒体"}},
        "least": "5",
        "most": "15",
    }
    return parsed(value).by_code["D4"]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# What it is, and for how many points


def test_an_item_is_what_its_clause_says_whatever_it_is_called() -> None:
    kinds = {code: rules.kind_of(item(code)) for code in ("B1", "B2", "B3", "D1", "D2", "D3", "D4")}
    assert kinds == {
        "B1": Kind.KEPT,
        "B2": Kind.PRIZE,
        "B3": Kind.WON,
        "D1": Kind.ARREARS,
        "D2": Kind.LOST,
        "D3": Kind.COMPLAINT,
        "D4": Kind.MEDIA,
    }
    assert rules.kind_of(item("V")) == Kind.VETO
    assert rules.kind_of(replace(item("D1"), code="X9")) == Kind.ARREARS
    assert rules.kind_of(replace(item("D1"), clause="")) == Kind.OTHER


def test_cases_are_filed_under_items_of_cases_alone() -> None:
    assert [one.code for one in ANNEX5.items if rules.is_case_item(one)] == [
        "B1", "B2", "B3", "D1", "D2", "D3", "D4", "V",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "option", "points"),
    [
        ("B1", "A", "3.00"),
        ("B1", "other", "2.00"),
        ("B2", "nation", "6.00"),
        ("B3", "C", "1.00"),
        ("D1", "over90", "-5.00"),
        ("D2", "A", "-5.00"),
        ("D3", "escalated", "-5.00"),
        ("D4", "national", "-20.00"),
        ("V", "leak", "0.00"),
    ],
)
def test_points_are_the_schemes_with_their_sign(code: str, option: str, points: str) -> None:
    assert f"{rules.points_for(item(code), option):f}" == points


@pytest.mark.parametrize(
    ("chosen", "fault"),
    [
        (None, "choose_points"),
        ("4.99", "points_outside"),
        ("5", ""),
        ("-7.50", ""),
        ("15", ""),
        ("15.01", "points_outside"),
        ("7.505", "points_outside"),
    ],
)
def test_within_a_range_the_assessor_chooses(chosen: str | None, fault: str) -> None:
    given = None if chosen is None else Decimal(chosen)
    if not fault:
        assert rules.points_for(ranged(), "local", given) == -abs(Decimal(chosen or 0))
        return
    with pytest.raises(CaseFault) as raised:
        rules.points_for(ranged(), "local", given)
    assert raised.value.code == fault


def test_a_range_without_a_lowest_number_begins_at_nothing() -> None:
    value = content()
    option = {"code": "local", "names": {"telecom": {"zh-hans": "地方媒体"}}, "most": "15"}
    item_in(value, "D4")["formula"]["options"][0] = option
    media = parsed(value).by_code["D4"]
    assert rules.points_for(media, "local", Decimal(15)) == Decimal("-15.00")
    for chosen, code in ((None, "choose_points"), (Decimal("15.01"), "points_outside")):
        with pytest.raises(CaseFault) as raised:
            rules.points_for(media, "local", chosen)
        assert raised.value.code == code


def test_fixed_points_are_not_bargained_over() -> None:
    assert rules.points_for(item("D1"), "over30", Decimal(1)) == Decimal("-1.00")
    for option, chosen, code in (
        ("over30", "2", "points_fixed"),
        ("over45", "1", "unknown_option"),
    ):
        with pytest.raises(CaseFault) as raised:
            rules.points_for(item("D1"), option, Decimal(chosen))
        assert raised.value.code == code


@pytest.mark.parametrize(
    ("days", "option"),
    [(30, ""), (31, "over30"), (60, "over30"), (61, "over60"), (90, "over60"), (91, "over90")],
)
def test_arrears_go_by_the_days_that_are_exceeded(days: int, option: str) -> None:
    assert rules.arrears_option(item("D1"), days) == option


def test_tiers_and_escalation_choose_the_option() -> None:
    assert [rules.tier_option(item("B1"), tier) for tier in ("A", "B", "gold")] == [
        "A", "other", "other",
    ]  # fmt: skip
    assert [rules.tier_option(item("D2"), tier) for tier in ("A", "C", "gold")] == ["A", "C", ""]
    assert rules.complaint_option(item("D3"), is_escalated=False) == "upheld"
    assert rules.complaint_option(item("D3"), is_escalated=True) == "escalated"


def test_of_a_contest_the_highest_prize_counts_once() -> None:
    assert rules.points_left(Decimal(4), None) == 4
    assert rules.points_left(Decimal(4), Decimal(2)) == 2
    assert rules.points_left(Decimal(2), Decimal(4)) == 0


# Counted once


def event(kind: Kind, **more: Any) -> Event:
    values: dict[str, Any] = {
        "manager_id": 1,
        "option": "x",
        "happened_on": date(2026, 11, 12),
        "customer_id": 7,
        **more,
    }
    return Event(kind=kind, **values)


def is_one(kind: Kind, first: dict[str, Any], second: dict[str, Any]) -> bool:
    return rules.count_key(event(kind, **first)) == rules.count_key(event(kind, **second))


def test_arrears_count_once_a_customer_and_month() -> None:
    later = {"happened_on": date(2026, 11, 30), "option": "over90", "manager_id": 2}
    assert is_one(Kind.ARREARS, {}, later)
    assert not is_one(Kind.ARREARS, {}, {"happened_on": date(2026, 12, 1)})
    assert not is_one(Kind.ARREARS, {}, {"customer_id": 8})


def test_a_loss_counts_once_until_the_customer_is_regained() -> None:
    since = {"lost_since": date(2026, 11, 3)}
    assert is_one(Kind.LOST, since, {**since, "happened_on": date(2026, 12, 24)})
    assert not is_one(Kind.LOST, since, {"lost_since": date(2027, 3, 1)})


def test_a_complaint_counts_once() -> None:
    assert is_one(Kind.COMPLAINT, {"complaint_id": 3}, {"complaint_id": 3, "option": "y"})
    assert not is_one(Kind.COMPLAINT, {"complaint_id": 3}, {"complaint_id": 4})


def test_a_contest_is_known_by_its_name_and_the_level_by_the_option() -> None:
    first = {"subject": "2026 年“金牌客户经理”竞赛", "option": "city"}
    again = {"subject": "2026年《金牌客户经理》竞赛 ", "option": "city", "customer_id": None}
    assert is_one(Kind.PRIZE, first, again)
    higher = rules.count_key(event(Kind.PRIZE, **{**first, "option": "nation"}))
    assert higher != rules.count_key(event(Kind.PRIZE, **first))
    assert rules.contest_of(higher) == "manager:1:2026年金牌客户经理竞赛"
    assert not is_one(Kind.PRIZE, first, {**first, "manager_id": 2})
    assert rules.contest_of(rules.count_key(event(Kind.KEPT))) == ""


def test_keys_of_every_kind_fit_their_column() -> None:
    longest = {
        "subject": "字" * 120, "manager_id": 10**15, "customer_id": 10**15, "option": "x" * 40,
    }  # fmt: skip
    lengths = [len(rules.count_key(event(kind, **longest))) for kind in Kind]
    assert max(lengths) <= 120


def test_an_exposure_counts_once_whatever_day_is_named() -> None:
    first = {"subject": "城东晚报：营业厅投诉"}
    assert is_one(Kind.MEDIA, first, {**first, "happened_on": date(2026, 12, 1)})
    assert not is_one(Kind.OTHER, first, {**first, "happened_on": date(2026, 12, 1)})


@pytest.mark.parametrize(
    ("kind", "second", "is_same"),
    [
        (Kind.KEPT, date(2027, 2, 11), True),
        (Kind.KEPT, date(2027, 2, 12), False),
        (Kind.WON, date(2027, 11, 11), True),
        (Kind.WON, date(2027, 11, 12), False),
        (Kind.ARREARS, date(2026, 11, 12), False),
    ],
)
def test_a_customer_is_not_kept_or_won_twice_in_a_while(
    kind: Kind, second: date, is_same: bool
) -> None:
    assert rules.is_same_event(kind, date(2026, 11, 12), second) is is_same
    assert rules.is_same_event(kind, second, date(2026, 11, 12)) is is_same


def test_months_after_end_with_the_month() -> None:
    assert rules.months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert rules.months_after(date(2026, 11, 12), -12) == date(2025, 11, 12)


# Proof


KEPT_ON = date(2026, 8, 27)


def proof(**more: Any) -> Proof:
    values: dict[str, Any] = {"today": date(2026, 11, 27), "happened_on": KEPT_ON, "files": 1}
    return Proof(**{**values, **more})


@pytest.mark.parametrize(
    ("more", "gap"),
    [
        ({}, "no_warning"),
        ({"is_warned": True, "is_active": True, "today": date(2026, 11, 26)}, "too_early"),
        ({"is_warned": True, "is_active": True, "today": date(2026, 11, 27)}, ""),
        ({"is_warned": True}, "not_active"),
        ({"is_warned": True, "is_active": True, "files": 0}, "no_file"),
    ],
)
def test_a_customer_kept_was_warned_of_and_is_active_three_months_later(
    more: dict[str, Any], gap: str
) -> None:
    assert rules.lacking(Kind.KEPT, proof(**more)) == gap


def test_a_customer_won_is_paid_for_after_the_first_bill() -> None:
    assert rules.lacking(Kind.WON, proof()) == "no_bill"
    assert rules.lacking(Kind.WON, proof(is_billed=True)) == ""
    assert rules.lacking(Kind.WON, proof(is_billed=True, files=0)) == "no_file"


@pytest.mark.parametrize(
    ("cause", "gap"),
    [("closure", "no_loss"), ("relocation", "no_loss"), ("competitor", ""), ("other", "")],
)
def test_closure_and_relocation_are_no_loss(cause: str, gap: str) -> None:
    assert rules.lacking(Kind.LOST, proof(is_lost=True, cause=cause, files=0)) == gap
    assert rules.lacking(Kind.LOST, proof(cause="price")) == "not_lost"


def test_arrears_are_proved_by_the_bill_or_a_file() -> None:
    assert rules.lacking(Kind.ARREARS, proof(is_in_arrears=True, files=0)) == ""
    assert rules.lacking(Kind.ARREARS, proof(files=0)) == "no_file"
    assert rules.lacking(Kind.ARREARS, proof()) == ""


def test_a_complaint_is_proved_by_its_finding_and_the_rest_by_a_file() -> None:
    assert rules.lacking(Kind.COMPLAINT, proof()) == "not_upheld"
    assert rules.lacking(Kind.COMPLAINT, proof(is_upheld=True, files=0)) == ""
    for kind in (Kind.PRIZE, Kind.MEDIA, Kind.VETO, Kind.OTHER):
        assert (rules.lacking(kind, proof(files=0)), rules.lacking(kind, proof())) == (
            "no_file",
            "",
        )


# When


def test_a_case_counts_in_its_month_while_that_is_open() -> None:
    closed = {Month(2026, 9), Month(2026, 10)}
    assert rules.counting_month(NOVEMBER, closed.__contains__) == NOVEMBER
    assert rules.counting_month(Month(2026, 9), closed.__contains__) == NOVEMBER


def test_a_step_is_due_two_working_days_on_but_before_the_freeze() -> None:
    friday, frozen = moment("2026-11-27T12:00:00"), moment("2026-12-02T12:00:00")
    due = rules.step_due_at(friday, PLAIN_CALENDAR, DEFAULTS, frozen)
    assert due == moment("2026-12-01T18:00:00")
    monday = friday + timedelta(days=3)
    assert rules.step_due_at(monday, PLAIN_CALENDAR, DEFAULTS, frozen) == frozen
    wednesday = frozen + timedelta(seconds=1)
    after = rules.step_due_at(wednesday, PLAIN_CALENDAR, DEFAULTS, frozen)
    assert after == moment("2026-12-04T18:00:00")
    longer = replace(DEFAULTS, case_step_days=3)
    assert rules.step_due_at(friday, PLAIN_CALENDAR, longer, frozen) == frozen


def test_a_complaint_is_answered_within_three_working_days() -> None:
    friday = moment("2026-11-27T12:00:00")
    assert rules.answer_due_at(friday, PLAIN_CALENDAR, DEFAULTS) == moment("2026-12-02T18:00:00")

"""What a meeting lacks: every fault by itself, and its boundaries (M1–A3, annexes 3.5, 3.8)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from meetings.completeness import (
    WEIGHTS,
    Facts,
    Lack,
    Record,
    content_kinds,
    duty_lacks,
    is_whole,
    may_discharge,
    record_lacks,
)
from organization.settings import DEFAULTS
from tests.cast import at

STARTS, ENDS = at("2026-11-23 08:30:00"), at("2026-11-23 09:00:00")
DUE = at("2026-11-24 17:30:00")
LATER = at("2026-11-30 20:00:00")
ITEM = {"kind": "report", "topic": "各人工作", "conclusion": "按计划走"}
ACTION = {"content": "回访东方纺织", "owner": 7, "due_on": "2026-11-27"}
RECORD = Record(DUE, (ITEM,), (ACTION,), approved_at=DUE)
WHOLE = Facts(
    kinds=("weekly",),
    standing="held",
    starts_at=STARTS,
    ends_at=ENDS,
    opened_at=STARTS,
    closed_at=ENDS,
    minutes_due_at=DUE,
    record=RECORD,
    papers=frozenset({"sign_in", "minutes"}),
)


def lacks(when: datetime = LATER, **change: Any) -> list[tuple[str, int, tuple[str, ...]]]:
    found = record_lacks(replace(WHOLE, **change), when)
    return [(lack.code, lack.count, lack.about) for lack in found]


def test_a_meeting_with_everything_lacks_nothing() -> None:
    assert lacks() == []
    assert duty_lacks(WHOLE, is_by_right=True) == ()


@pytest.mark.parametrize(
    ("standing", "codes"),
    [
        ("planned", []),
        ("running", []),
        ("held", []),
        ("not_held", ["not_held"]),
        ("cancelled", ["cancelled"]),
    ],
)
def test_not_held_is_a_missing_duty_and_has_no_record_to_judge(
    standing: str, codes: list[str]
) -> None:
    facts = replace(WHOLE, standing=standing, record=None, papers=frozenset())
    found = duty_lacks(facts, is_by_right=True)
    assert [lack.code for lack in found] == codes
    assert {lack.weight for lack in found} <= {"missing"}
    if standing in ("planned", "not_held", "cancelled"):
        assert record_lacks(facts, LATER) == ()


def test_held_by_somebody_who_may_not_is_a_missing_duty() -> None:
    assert duty_lacks(WHOLE, is_by_right=False) == (Lack("wrong_person"),)
    assert duty_lacks(replace(WHOLE, standing="not_held"), is_by_right=False) == (Lack("not_held"),)


@pytest.mark.parametrize(
    ("seconds", "late"), [(-60, 0), (0, 0), (59, 0), (60, 1), (61, 1), (600, 10)]
)
def test_it_begins_late_from_its_first_whole_minute(seconds: int, late: int) -> None:
    found = lacks(opened_at=STARTS + timedelta(seconds=seconds))
    assert found == ([("late_start", late, ())] if late else [])


@pytest.mark.parametrize(("seconds", "early"), [(60, 0), (0, 0), (-59, 0), (-60, 1), (-300, 5)])
def test_it_ends_early_from_a_whole_minute(seconds: int, early: int) -> None:
    found = lacks(closed_at=ENDS + timedelta(seconds=seconds))
    assert found == ([("early_end", early, ())] if early else [])


@pytest.mark.parametrize(
    ("when", "codes"),
    [
        ("2026-11-23 23:59:59", []),
        ("2026-11-24 00:00:00", ["not_ended", "unsigned"]),
        ("2026-11-24 17:30:00", ["not_ended", "unsigned"]),
        ("2026-11-24 17:30:01", ["not_ended", "unsigned", "minutes_missing"]),
    ],
)
def test_begun_and_never_ended_is_said_once_its_day_is_over(when: str, codes: list[str]) -> None:
    """Who has not signed by then is missed, whether somebody ends it or not."""
    found = lacks(at(when), standing="running", closed_at=None, record=None, unsigned=("何俊峰",))
    assert [code for code, _count, _about in found] == codes


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        ("2026-11-23 23:59:59", []),
        ("2026-11-24 00:00:00", [("late_end", 15 * 60, ())]),
        ("2027-01-23 09:00:00", [("late_end", 61 * 24 * 60, ())]),
    ],
)
def test_ended_after_its_day_it_ended_late_for_good(
    closed: str, expected: list[tuple[str, int, tuple[str, ...]]]
) -> None:
    assert lacks(at("2027-02-01 09:00:00"), closed_at=at(closed)) == expected


def test_whoever_neither_signed_nor_was_excused_is_named() -> None:
    assert lacks(unsigned=("何俊峰", "陈嘉怡")) == [("unsigned", 2, ("何俊峰", "陈嘉怡"))]


@pytest.mark.parametrize(("seconds", "codes"), [(-1, []), (0, []), (1, ["minutes_missing"])])
def test_minutes_are_missing_from_the_second_after_they_were_due(
    seconds: int, codes: list[str]
) -> None:
    found = lacks(DUE + timedelta(seconds=seconds), record=None, papers=frozenset())
    assert [code for code, _count, _about in found] == codes


@pytest.mark.parametrize(("seconds", "late"), [(-1, 0), (0, 0), (1, 1), (60, 1), (61, 2)])
def test_minutes_are_late_by_minutes_that_have_begun(seconds: int, late: int) -> None:
    record = replace(RECORD, received_at=DUE + timedelta(seconds=seconds))
    assert lacks(record=record) == ([("minutes_late", late, ())] if late else [])


def test_minutes_without_items_say_so() -> None:
    assert lacks(record=replace(RECORD, items=())) == [("no_items", 0, ())]


@pytest.mark.parametrize("conclusion", ["", "  ", None])
def test_each_item_needs_a_conclusion(conclusion: str | None) -> None:
    items = (ITEM, {**ITEM, "topic": "欠费客户", "conclusion": conclusion})
    assert lacks(record=replace(RECORD, items=items)) == [("no_conclusion", 1, ("欠费客户",))]


@pytest.mark.parametrize(
    "wanting", [{"owner": None}, {"due_on": ""}, {"owner": None, "due_on": ""}]
)
def test_each_action_needs_an_owner_and_a_date(wanting: dict[str, Any]) -> None:
    record = replace(RECORD, actions=(ACTION, {**ACTION, **wanting}))
    assert lacks(record=record) == [("no_owner", 1, ("回访东方纺织",))]


@pytest.mark.parametrize(("seconds", "codes"), [(0, []), (1, ["not_approved"])])
def test_approval_is_asked_for_once_the_minutes_were_due(seconds: int, codes: list[str]) -> None:
    found = lacks(DUE + timedelta(seconds=seconds), record=replace(RECORD, approved_at=None))
    assert [code for code, _count, _about in found] == codes


@pytest.mark.parametrize(("seconds", "codes"), [(0, []), (1, ["not_approved"])])
def test_who_submits_late_gives_the_chair_his_time_still(seconds: int, codes: list[str]) -> None:
    due = DUE + timedelta(days=1)
    record = replace(RECORD, approved_at=None, approval_due_at=due)
    found = lacks(due + timedelta(seconds=seconds), record=record)
    assert [code for code, _count, _about in found] == codes


def test_approved_late_stays_said_though_it_is_approved() -> None:
    late = replace(RECORD, decided_late=90)
    assert lacks(record=late) == [("approved_late", 90, ())]
    assert WEIGHTS["approved_late"] == WEIGHTS["minutes_late"]
    codes = [code for code, *_rest in lacks(record=replace(late, approved_at=None))]
    assert codes == ["not_approved"]


@pytest.mark.parametrize(
    ("papers", "wanting"),
    [
        (("sign_in", "minutes"), ()),
        (("sign_in",), ("minutes",)),
        (("minutes",), ("sign_in",)),
        ((), ("sign_in", "minutes")),
    ],
)
def test_the_missing_scan_of_a_signed_paper_is_named(
    papers: tuple[str, ...], wanting: tuple[str, ...]
) -> None:
    expected = [("no_scan", len(wanting), wanting)] if wanting else []
    assert lacks(papers=frozenset(papers)) == expected
    assert lacks(DUE, papers=frozenset(papers)) == []


def test_of_a_stand_up_neither_minutes_nor_paper_are_asked_for() -> None:
    standup: dict[str, Any] = {"kinds": ("standup",), "record": None, "papers": frozenset()}
    assert lacks(**standup) == []
    assert lacks(**standup, opened_at=STARTS + timedelta(minutes=3)) == [("late_start", 3, ())]


def test_what_must_be_talked_about_and_was_not_is_a_hint_for_the_inspector() -> None:
    found = record_lacks(replace(WHOLE, kinds=("weekly", "analysis")), LATER)
    assert found == (Lack("unspoken", 3, ("case", "experience", "answer")),)
    assert found[0].weight == "hint"
    assert is_whole(found)
    assert not is_whole((Lack("no_items"),))


def test_a_kind_of_content_is_wanted_once_where_two_duties_want_it() -> None:
    assert content_kinds(("gm", "analysis")) == (
        "strategy",
        "development",
        "experience",
        "answer",
        "case",
    )
    assert content_kinds(("weekly",)) == ()


@pytest.mark.parametrize(
    ("kind", "kinds", "role", "is_by_right"),
    [
        ("weekly", ("weekly",), "supervisor", True),
        ("weekly", ("weekly",), "manager", False),
        ("gm", ("gm",), "deputy", True),
        ("gm", ("gm",), "supervisor", False),
        # Combined, chaired by the supervisor only: weekly, not analysis (annex 11.6).
        ("weekly", ("weekly", "analysis"), "supervisor", True),
        ("analysis", ("weekly", "analysis"), "supervisor", False),
        ("analysis", ("weekly", "analysis"), "gm", True),
        ("weekly", ("weekly", "analysis"), "gm", True),
    ],
)
def test_a_duty_is_discharged_by_whoever_may_hold_it(
    kind: str, kinds: tuple[str, ...], role: str, is_by_right: bool
) -> None:
    assert may_discharge(kind, kinds, {role}, DEFAULTS) is is_by_right


def test_a_delegate_discharges_what_can_be_handed_to_him() -> None:
    assert may_discharge("standup", ("standup",), {"manager"}, DEFAULTS, is_delegated=True)
    assert not may_discharge("gm", ("gm",), {"manager"}, DEFAULTS, is_delegated=True)


def test_where_the_setting_leaves_its_chair_to_others_the_supervisor_may_chair_the_analysis() -> (
    None
):
    free = replace(DEFAULTS, analysis_chaired_by_convener="no")
    assert may_discharge("analysis", ("weekly", "analysis"), {"supervisor"}, free)
    assert not may_discharge("analysis", ("analysis",), {"supervisor"}, free)
    assert not may_discharge("analysis", ("gm", "analysis"), {"supervisor"}, free)


def test_every_lack_has_its_weight() -> None:
    assert set(WEIGHTS.values()) == {"missing", "incomplete", "hint"}
    assert [code for code, weight in WEIGHTS.items() if weight == "missing"] == [
        "not_held",
        "cancelled",
        "wrong_person",
    ]

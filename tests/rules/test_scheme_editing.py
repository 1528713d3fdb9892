"""The working copy of a scheme: what is typed stays, rows keep their keys, faults find a field."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.scheme import as_json, faults, parsed
from kpi.scheme.reading import decimal_text
from kpi.scheme_editing import (
    KEY,
    Working,
    added,
    applied,
    as_body,
    built,
    fields_of,
    from_body,
    moved,
    number_text,
    put_back,
    tiers_in,
    without,
    working_of,
)
from kpi.scheme_places import place_of
from tests.rules.annex5 import content


def desk(value: dict[str, Any] | None = None) -> Working:
    return working_of(value or content(), name="新版", valid_from="2026-12", why="", base=3)


def key_of(working: Working, code: str) -> str:
    return str(next(row[KEY] for _p, row, _r, _a in working if row.get("code") == code))


def codes(working: Working, path: str = "items") -> list[str]:
    return [str(row.get("code", "")) for row in working.lists[path]]


def test_a_copy_gives_the_scheme_it_was_taken_from() -> None:
    assert as_json(parsed(built(desk()))) == content()
    assert fields_of(desk())["h.name"] == "新版"


def test_a_copy_is_kept_and_read_again() -> None:
    working = applied(desk(), {"t.10.actual": "90"})
    again = from_body(json.loads(json.dumps(as_body(working))))
    assert again == working


SPOILT: list[tuple[str, Any]] = [
    ("base", "x"),
    ("base", None),
    ("lists", {}),
    ("lists", {"groups": [{"#": {}}], "items": [], "bands": [], "consequences": []}),
    ("lists", {"groups": [{"#": "1"}, {"#": "1"}], "items": [], "bands": [], "consequences": []}),
    ("lists", {"groups": [{"#": "999"}], "items": [], "bands": [], "consequences": []}),
    ("lists", {"groups": [{"#": "1", "code": 5}], "items": [], "bands": [], "consequences": []}),
    ("tries", []),
    ("removed", {"list": "items"}),
    ("next_key", "many"),
]


@pytest.mark.parametrize(("key", "value"), SPOILT)
def test_what_is_no_working_copy_is_not_taken_for_one(key: str, value: Any) -> None:
    body = as_body(desk())
    assert from_body({**body, key: value}) is None
    assert from_body({}) is None


@given(
    st.dictionaries(
        st.sampled_from(["base", "head", "lists", "tries", "next_key", "removed"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=8,
        ),
    )
)
def test_whatever_lies_there_is_a_copy_or_none(body: dict[str, Any]) -> None:
    found = from_body({**as_body(desk()), **body})
    assert found is None or isinstance(built(found), dict)


# --- typing ----------------------------------------------------------------------------------


def test_what_is_typed_stands_as_typed_and_is_read_as_a_number() -> None:
    key = key_of(desk(), "M1")
    working = applied(desk(), {f"r.{key}.weight": " １３ ", f"r.{key}.formula.cap": "120%"})
    assert fields_of(working)[f"r.{key}.weight"] == " １３ "
    item = built(working)["items"][0]
    assert (item["weight"], item["formula"]["cap"]) == ("13", "1.2")


NUMBERS = [
    ("12", "12"),
    ("1,000", "1000"),
    ("1,00", "1,00"),
    ("６０％", "0.6"),
    ("−2", "-2"),
    ("x%", "x%"),
    ("", ""),
    ("NaN%", "NaN%"),
]


@pytest.mark.parametrize(("typed", "text"), NUMBERS)
def test_numbers_are_read_as_people_write_them(typed: str, text: str) -> None:
    assert number_text(typed) == text


def test_points_by_the_number_of_cases_are_written_in_one_line() -> None:
    assert tiers_in("1=1， 3=4") == [{"from": "1", "points": "1"}, {"from": "3", "points": "4"}]
    assert tiers_in("3") == [{"from": "3"}]
    assert tiers_in(" ") == []


def test_tiers_of_a_deduction_come_back_as_they_were() -> None:
    value = content()
    item = next(item for item in value["items"] if item["code"] == "P3d")
    option = item["formula"]["options"][0]
    del option["points"]
    option["tiers"] = [{"from": "1", "points": "0.2"}, {"from": "3", "points": "1"}]
    option["tiers_are"] = "each"
    plain = as_json(parsed(value))
    assert as_json(parsed(built(desk(plain)))) == plain


def test_a_field_of_a_row_that_is_gone_is_passed_over() -> None:
    before = desk()
    strange = {"r.999.weight": "1", "r.10.nothing": "1", "x": "1", "t.1.a": "1", "h.digest": "x"}
    assert applied(before, strange) == before
    assert applied(before, {"r.10.code": "M9"}) != before


def test_a_box_is_yes_or_no() -> None:
    key = key_of(desk(), "B2")
    name = f"r.{key}.formula.highest_per_event"
    assert fields_of(desk())[name] is True
    for value, expected in ((True, True), ("on", True), (False, False), ("", False)):
        formula = next(
            item for item in built(applied(desk(), {name: value}))["items"] if item["code"] == "B2"
        )["formula"]
        assert formula.get("highest_per_event", False) is expected


def test_another_formula_keeps_the_settings_of_the_one_before() -> None:
    key = key_of(desk(), "M1")
    name = f"r.{key}.formula.kind"
    other = applied(desk(), {name: "STEP", f"r.{key}.formula.loss": "2"})
    assert built(other)["items"][0]["formula"] == {"kind": "STEP", "loss": "2"}
    back = applied(other, {name: "RATE"})
    assert built(back)["items"][0]["formula"] == content()["items"][0]["formula"]


def test_an_item_of_cases_weighs_nothing_whatever_stands_there() -> None:
    key = key_of(desk(), "M1")
    working = applied(desk(), {f"r.{key}.formula.kind": "CASE"})
    assert built(working)["items"][0]["weight"] == "0"


# --- rows ------------------------------------------------------------------------------------


def test_a_row_that_is_added_gets_a_key_that_none_has_had() -> None:
    first, key = added(desk(), "bands", "")
    second, other = added(without(first, key), "bands", "")
    assert key != other
    assert codes(second, "bands")[-1] == ""


def test_a_new_item_belongs_to_its_group_under_the_next_free_code() -> None:
    working = desk()
    made, key = added(working, "items", key_of(working, "M"))
    row = made.found(key)
    assert row is not None
    assert (row[1]["code"], row[1]["group"], row[1]["formula.kind"]) == ("M6", "M", "RATE")
    made, key = added(working, "items", key_of(working, "BD"))
    row = made.found(key)
    assert row is not None
    assert (row[1]["code"], row[1]["formula.kind"], row[1]["metric"]) == ("BD1", "CASE", "cases")


@pytest.mark.parametrize(
    ("path", "above"), [("items", ""), ("topics", ""), ("formula.options", "999"), ("x", "1")]
)
def test_a_row_goes_nowhere_without_its_place(path: str, above: str) -> None:
    before = desk()
    assert added(before, path, above) == (before, "")


def test_a_row_that_is_taken_away_is_put_back_where_it_stood() -> None:
    working = desk()
    for code in ("M2", "over60", "P3", "good"):
        gone = without(working, key_of(working, code))
        assert built(gone) != built(working)
        assert built(put_back(gone)) == built(working)
    assert put_back(working) == working
    assert without(working, "999") == working


def test_an_item_moves_among_those_of_its_group() -> None:
    working = desk()
    down = moved(working, key_of(working, "M1"), 1)
    assert codes(down)[:3] == ["M2", "M1", "M3"]
    assert codes(moved(down, key_of(working, "M1"), -1)) == codes(working)
    assert moved(working, key_of(working, "M1"), -1) == working
    assert moved(working, key_of(working, "M5"), 1) == working
    assert moved(working, "999", 1) == working
    assert fields_of(down)[f"r.{key_of(working, 'M1')}.weight"] == "12"


# --- places ----------------------------------------------------------------------------------


def test_every_fault_of_a_spoilt_scheme_finds_a_field_or_its_row() -> None:
    value = content()
    value["items"][0]["weight"] = "13"
    value["items"][3]["formula"]["loss"] = "0"
    value["items"][18]["formula"]["options"][1]["points"] = "-1"
    value["items"][14]["formula"]["questions"][2]["code"] = "开场"
    value["groups"][2]["topics"][0]["names"] = {"telecom": {}}
    value["bands"][1]["from"] = "95"
    value["veto_band"] = "nothing"
    working = desk(value)
    named = fields_of(working)
    found = {fault.path: place_of(working, fault.path) for fault in faults(parsed(built(working)))}
    assert {
        path for path, place in found.items() if place.field and place.field not in named
    } == set()
    weights = found.pop("items")
    assert (weights.field, weights.path) == ("", "items")
    fields = sorted(place.field.partition(".")[2].partition(".")[2] for place in found.values())
    assert fields == sorted(
        [
            "maximum",
            "formula.loss",
            "points",
            "code",
            "names.telecom.zh-hans",
            "from",
            "",
        ]
    )
    assert found["veto_band"].field == "h.veto_band"
    opened = found["items.18.formula.options.1.points"]
    assert opened.row == key_of(working, "P3d")


@given(st.lists(st.sampled_from(["items", "groups", "0", "3", "99", "formula", "rows", "x", ""])))
def test_a_place_is_found_for_any_path(steps: list[str]) -> None:
    place_of(desk(), ".".join(steps))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-999, max_value=999))
def test_a_share_written_in_per_cent_is_the_same_number(value: Any) -> None:
    assert number_text(f"{value:f}%") == decimal_text(value / 100)


def test_nothing_is_changed_in_place() -> None:
    working = desk()
    before = copy.deepcopy(working)
    key = key_of(working, "M1")
    applied(working, {f"r.{key}.weight": "1"})
    added(working, "bands", "")
    without(working, key)
    moved(working, key, 1)
    assert working == before

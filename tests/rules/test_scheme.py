"""The scheme as a value: the shipped one, its checks, its frame, its differences."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpi.scheme import (
    Difference,
    SchemeFaults,
    as_json,
    departs,
    differences,
    faults,
    parsed,
    text_of,
)
from kpi.scheme_texts import sentence, why_not
from kpi.scheme_words import band_told
from tests.rules.annex5 import ANNEX5, content, item_in

Change = Callable[[dict[str, Any]], None]


def changed(change: Change) -> dict[str, Any]:
    """The shipped JSON after a change."""
    copy = content()
    change(copy)
    return copy


# --- annex 5 as data -------------------------------------------------------------------------

WEIGHTS = {
    "M": {"M1": "12", "M2": "10", "M3": "6", "M4": "8", "M5": "4"},
    "S": {"S1": "6", "S2": "4", "S3": "5", "S4": "5"},
    "P": {
        "P1a": "6",
        "P1b": "2",
        "P1c": "2",
        "P2a": "4",
        "P2b": "3",
        "P2c": "3",
        "P3a": "2",
        "P3b": "3",
        "P3c": "2",
        "P3d": "1",
        "P4": "6",
        "P5a": "3",
        "P5b": "3",
    },
    "BD": dict.fromkeys(("B1", "B2", "B3", "D1", "D2", "D3", "D4", "V"), "0"),
}
KINDS = {
    **dict.fromkeys(("M1", "M2", "M3", "M5", "P3b"), "RATE"),
    **dict.fromkeys(("M4", "S1"), "STEP"),
    **dict.fromkeys(("P4", "P5a"), "EXAM"),
    **dict.fromkeys(("P2c", "P5b"), "RATE5"),
    **dict.fromkeys(WEIGHTS["BD"], "CASE"),
    "P3d": "DEDUCT",
}
CAPS = {"B1": "6", "B2": "8", "B3": "10", "D1": "10", "D2": "10", "D3": "10", "D4": "20", "V": "0"}
OPTIONS = {
    "B1": {"A": "3", "other": "2"},
    "B2": {"branch": "1", "city": "2", "province": "4", "nation": "6"},
    "B3": {"A": "4", "B": "2", "C": "1"},
    "D1": {"over30": "1", "over60": "2", "over90": "5"},
    "D2": {"A": "5", "B": "3", "C": "1"},
    "D3": {"upheld": "2", "escalated": "5"},
    "D4": {"local": "10", "national": "20"},
}
# Annex 5's labels: what a telecom calls an item, and what a bank does.
LABELS = {
    "M1": ("集团收入完成率", "日均存款增长"),
    "M2": ("集团产品（信息化）销售完成率", "贷款投放"),
    "M3": ("新增集团客户", "新增有效户"),
    "M4": ("集团保有率", "客户保有率"),
    "M5": ("当期重点任务", "当期重点任务"),
    "S1": ("客户满意度", "客户满意度"),
    "S2": ("投诉处理及时率", "投诉处理及时率"),
    "S3": ("客户经理知晓率", "客户经理知晓率"),
    "S4": ("客户资料完整准确率", "客户资料完整准确率"),
    "P1a": ("服务频次达标率", "服务频次达标率"),
    "P1b": ("生日关怀完成率", "生日关怀完成率"),
    "P1c": ("换管告知及时率", "换管告知及时率"),
    "P2a": ("三方一致率", "三方一致率"),
    "P2b": ("日志及时率", "日志及时率"),
    "P2c": ("监听抽查", "监听抽查"),
    "P3a": ("计划按时提交", "计划按时提交"),
    "P3b": ("计划执行率", "计划执行率"),
    "P3c": ("周汇总按时", "周汇总按时"),
    "P3d": ("会议出勤", "会议出勤"),
    "P4": ("业务知识考试", "业务知识考试"),
    "P5a": ("产品考试", "产品考试"),
    "P5b": ("角色演练、陪访", "角色演练、陪访"),
    "B1": ("集团产品挽留", "产品、客户挽留"),
    "B2": ("竞赛获奖", "竞赛获奖"),
    "B3": ("策反奖励", "策反奖励"),
    "D1": ("集团产品欠费", "贷款逾期"),
    "D2": ("集团流失", "客户流失"),
    "D3": ("有理投诉", "有理投诉"),
    "D4": ("媒体曝光", "媒体曝光"),
    "V": ("廉洁、泄密", "廉洁、泄密"),
}
TOPICS = {"K2.1": "10", "K2.2": "10", "K2.3": "8", "K2.4": "6", "K2.5": "6"}


def test_the_shipped_scheme_is_annex_5() -> None:
    found: dict[str, dict[str, str]] = {}
    for item in ANNEX5.items:
        found.setdefault(item.group, {})[item.code] = str(item.weight)
    assert found == WEIGHTS
    assert {item.code: item.formula.kind for item in ANNEX5.items} == {
        code: KINDS.get(code, "RATIO") for codes in WEIGHTS.values() for code in codes
    }
    cases = [item for item in ANNEX5.items if item.formula.kind == "CASE"]
    assert {item.code: item.formula.settings["cap"] for item in cases} == CAPS
    assert {
        item.code: {option["code"]: option["points"] for option in item.options}
        for item in cases
        if item.code != "V"
    } == OPTIONS
    by_clause = {
        clause: str(sum(item.weight for item in ANNEX5.items if item.clause == clause))
        for clause in TOPICS
    }
    assert by_clause == TOPICS


def test_the_shipped_labels_are_those_of_annex_5_for_telecoms_and_banks() -> None:
    assert {
        item.code: tuple(text_of(item.names, kind, "zh-hans") for kind in ("telecom", "bank"))
        for item in ANNEX5.items
    } == LABELS
    groups = [text_of(one.names, "bank", "zh-hans") for one in ANNEX5.groups]
    assert groups == ["营销指标", "服务指标", "过程考核", "加减分项"]
    bands = [text_of(one.names, "bank", "zh-hans") for one in ANNEX5.bands]
    assert bands == ["优秀", "良好", "合格", "不合格"]


def test_the_shipped_units_are_those_of_the_shipped_indicators() -> None:
    shipped = json.loads(Path("kpi/shipped/indicators.json").read_text(encoding="utf-8"))
    units = {one["code"]: one["unit"] for one in shipped}
    assert {code: ANNEX5.by_code[code].unit for code in units} == units


def test_the_shipped_settings_are_those_of_annex_5() -> None:
    settings = {code: dict(item.formula.settings) for code, item in ANNEX5.by_code.items()}
    assert settings["M1"] == {"floor": "0.6", "cap": "1"}
    assert settings["M4"] == {"loss": "2", "size": "1", "target": "98"}
    assert settings["S1"] == {"loss": "1", "size": "2", "target": "90"}
    assert settings["P3b"] == {"floor": "0", "cap": "1"}
    assert [(one["code"], one["points"]) for one in settings["P3d"]["options"]] == [
        ("absent", "0.2"),
        ("late", "0.1"),
    ]
    assert settings["V"]["is_veto"] is True
    assert [(band.code, str(band.since), str(band.coefficient)) for band in ANNEX5.bands] == [
        ("excellent", "90", "1.2"),
        ("good", "80", "1.1"),
        ("qualified", "60", "1"),
        ("unqualified", "0", "0.8"),
    ]
    assert (ANNEX5.veto_band, str(ANNEX5.unrated_below)) == ("unqualified", "0.5")


def test_a_band_says_from_which_total_to_which_and_the_pay_it_suggests() -> None:
    told = {one.code: band_told(ANNEX5.bands, one.code, one.coefficient) for one in ANNEX5.bands}
    assert told == {
        "excellent": "90 分起，绩效系数 1.2",
        "good": "80 分到不足 90 分，绩效系数 1.1",
        "qualified": "60 分到不足 80 分，绩效系数 1",
        "unqualified": "不到 60 分，绩效系数 0.8",
    }
    vetoed = band_told(ANNEX5.bands, "unqualified", Decimal("0.8"), is_vetoed=True)
    assert (vetoed, band_told(ANNEX5.bands, "", None)) == ("绩效系数 0.8", "")


def test_everything_shipped_has_its_english() -> None:
    def names(value: Any) -> list[dict[str, Any]]:
        if isinstance(value, dict):
            own = [value["telecom"]] if "telecom" in value else []
            return own + [each for inner in value.values() for each in names(inner)]
        if isinstance(value, list):
            return [each for inner in value for each in names(inner)]
        return []

    everything = names(content())
    assert len(everything) > 100
    assert [each for each in everything if set(each) != {"zh-hans", "en"}] == []
    assert text_of(None, "bank", "en") == ""


def test_the_shipped_scheme_has_no_fault_and_the_regulations_frame() -> None:
    assert faults(ANNEX5) == []
    assert not departs(ANNEX5)
    assert ANNEX5.frame == "40/20/40/±20"
    assert as_json(ANNEX5) == content()


# --- the frame -------------------------------------------------------------------------------


def two_groups(copy: dict[str, Any]) -> None:
    """85/15, as a real company has it."""
    copy["groups"] = [copy["groups"][0], copy["groups"][2]]
    copy["groups"][0]["maximum"], copy["groups"][1]["maximum"] = "85", "15"
    copy["items"] = [item_in(copy, code) for code in ("M1", "M2", "P4")]
    for item, weight in zip(copy["items"], ("50", "35", "15"), strict=True):
        item["weight"] = weight


def bonus_in_a_group(copy: dict[str, Any]) -> None:
    """A bonus inside marketing: up to 44 of 40."""
    copy["groups"][0]["maximum"] = "44"
    for code in ("M1", "M2", "M3", "M5"):
        item_in(copy, code)["formula"]["cap"] = "1.2"


def generous_items(copy: dict[str, Any]) -> None:
    """Items up to a fifth above their weight, the group still 40 (annex 5: RATE)."""
    item_in(copy, "M1")["formula"]["cap"] = "1.2"


def narrow_cases(copy: dict[str, Any]) -> None:
    copy["groups"][3]["maximum"] = "10"


def cases_in_service(copy: dict[str, Any]) -> None:
    item_in(copy, "D3")["group"] = "S"


def other_weights(copy: dict[str, Any]) -> None:
    item_in(copy, "M1")["weight"], item_in(copy, "M2")["weight"] = "10", "12"


FRAMES = [
    (two_groups, "85/15", True),
    (bonus_in_a_group, "44/20/40/±20", True),
    (generous_items, "40/20/40/±20", False),
    (narrow_cases, "40/20/40/-20…10", True),
    (cases_in_service, "40/20/40/±20", True),
    (other_weights, "40/20/40/±20", False),
]


@pytest.mark.parametrize(("change", "frame", "is_other"), FRAMES)
def test_another_frame_is_possible_and_said(change: Change, frame: str, is_other: bool) -> None:
    scheme = parsed(changed(change))
    assert faults(scheme) == []
    assert (scheme.frame, departs(scheme)) == (frame, is_other)


# --- the checks ------------------------------------------------------------------------------


def put(path: str, value: Any) -> Change:
    """Put a value at a path of the content; items by code."""

    def change(copy: dict[str, Any]) -> None:
        *way, last = path.split(".")
        place: Any = copy
        for step in way:
            if isinstance(place, list):
                coded = [row for row in place if row.get("code") == step]
                place = coded[0] if coded else place[int(step)]
            else:
                place = place[step]
        place[int(last) if isinstance(place, list) else last] = value

    return change


def without(key: str) -> Change:
    return lambda copy: copy.pop(key)


CROOKED: list[tuple[Change, str, str]] = [
    (without("bands"), "bands", "missing"),
    (put("extra", 1), "extra", "unknown_key"),
    (put("items", {}), "items", "not_a_list"),
    (put("items.0", "M1"), "items.0", "not_an_object"),
    (put("items.M1.weight", "twelve"), "items.0.weight", "not_a_number"),
    (put("items.M1.weight", True), "items.0.weight", "not_a_number"),
    (put("items.M1.weight", "Infinity"), "items.0.weight", "not_a_number"),
    (put("items.M1.unit", "a" * 13), "items.0.unit", "not_a_text"),
    (put("items.M1.unit", "a\x07"), "items.0.unit", "not_a_text"),
    (put("items.M1.formula", {"floor": "1"}), "items.0.formula.kind", "missing"),
    (put("items.M1.formula.floor", "x"), "items.0.formula.floor", "not_a_number"),
    (put("items.M1.names", {"bank": {"en": "x"}}), "items.0.names.telecom", "missing"),
    (put("consequences.talk.count", "2.5"), "consequences.0.count", "not_whole"),
]


def test_settings_within_settings_without_end_are_refused() -> None:
    deep: dict[str, Any] = {"kind": "RATE"}
    for _ in range(900):
        deep = {"kind": "RATE", "more": deep}
    with pytest.raises(SchemeFaults):
        parsed(changed(put("items.M1.formula", deep)))


@pytest.mark.parametrize(("change", "path", "code"), CROOKED)
def test_what_has_not_the_shape_of_a_scheme_is_said_with_its_place(
    change: Change, path: str, code: str
) -> None:
    with pytest.raises(SchemeFaults) as refused:
        parsed(changed(change))
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [(path, code)]


OPTION = "items.P3d.formula.options.0"
ROW = {"from": "1", "points": "1"}
WRONG: list[tuple[Change, str, str]] = [
    (put("items.M1.weight", "13"), "groups.0.maximum", "weights_above_maximum"),
    (put("items.M1.weight", "11"), "groups.0.maximum", "weights_below_maximum"),
    (put("items.M1.weight", "0"), "items.0.weight", "not_positive"),
    (put("items.M1.weight", "12.001"), "items.0.weight", "two_places"),
    (put("items.B1.weight", "1"), "items.22.weight", "cases_weigh_nothing"),
    (put("items.M1.group", "X"), "items.0.group", "unknown_group"),
    (put("items.M1.group", "BD"), "items.0.group", "only_cases"),
    (put("items.M1.topic", "P1"), "items.0.topic", "unknown_topic"),
    (put("items.M1.code", "1M"), "items.0.code", "not_a_code"),
    (put("items.M2.code", "M1"), "items.1.code", "twice"),
    (put("items.M1.metric", ""), "items.0.metric", "missing"),
    (put("items.M1.names", {"telecom": {"en": "x"}}), "items.0.names.telecom.zh-hans", "missing"),
    (put("items.M1.formula.kind", "MAGIC"), "items.0.formula.kind", "not_a_choice"),
    (put("items.M1.formula.floor", "1.01"), "items.0.formula.floor", "out_of_range"),
    (put("items.M1.formula.cap", "0.5"), "items.0.formula.floor", "above"),
    (put("items.M1.formula.colour", "red"), "items.0.formula.colour", "unknown_key"),
    (put("items.M4.formula.size", "0"), "items.3.formula.size", "not_positive"),
    (put("items.M4.formula.loss", "0"), "items.3.formula.loss", "not_positive"),
    (put("items.M4.formula.loss", "-1"), "items.3.formula.loss", "not_positive"),
    (put("items.M4.formula.base", "9"), "items.3.formula.base", "out_of_range"),
    (put("items.M4.formula.direction", "left"), "items.3.formula.direction", "not_a_choice"),
    (put("items.P4.formula.pass_mark", "101"), "items.19.formula.pass_mark", "out_of_range"),
    (put("items.P2c.formula.questions", []), "items.14.formula.questions", "missing"),
    (put(f"{OPTION}.code", "late"), "items.18.formula.options.1.code", "twice"),
    (put(f"{OPTION}.most", "2"), "items.18.formula.options.0.points", "one_form"),
    (put(f"{OPTION}.points", "-1"), "items.18.formula.options.0.points", "out_of_range"),
    (put("items.D1.formula.sign", "?"), "items.25.formula.sign", "not_a_choice"),
    (put("items.D1.formula.options", []), "items.25.formula.options", "missing"),
    (put("groups.M.kind", "sales"), "groups.0.kind", "not_a_choice"),
    (put("groups.BD.minimum", "1"), "groups.3.maximum", "empty_bounds"),
    (put("bands.0.from", "80"), "bands.1.from", "not_descending"),
    (put("bands.3.from", "1"), "bands.3.from", "last_band_not_zero"),
    (put("bands.0.coefficient", "-1"), "bands.0.coefficient", "out_of_range"),
    (put("veto_band", "poor"), "veto_band", "not_a_choice"),
    (put("unrated_below", "1.1"), "unrated_below", "out_of_range"),
    (put("consequences.talk.band", "poor"), "consequences.0.band", "not_a_choice"),
    (put("consequences.talk.kind", "daily"), "consequences.0.kind", "not_a_choice"),
    (put("consequences.talk.count", 0), "consequences.0.count", "out_of_range"),
    (put("consequences.support.share", "1"), "consequences.4.share", "out_of_range"),
]


@pytest.mark.parametrize(("change", "path", "code"), WRONG)
def test_what_would_score_nonsense_is_said_with_its_place(
    change: Change, path: str, code: str
) -> None:
    found = [(fault.path, fault.code) for fault in faults(parsed(changed(change)))]
    assert (path, code) in found
    assert all(sentence(fault.code, fault.values) for fault in faults(parsed(changed(change))))


TABLES = [
    ([{"from": "95", "points": "1"}, {"to": "95", "points": "0"}], "rows.1.from", "overlaps"),
    ([{"from": "95", "points": "1"}, {"from": "97", "points": "2"}], "rows.1.from", "overlaps"),
    ([{"from": "95", "to": "94", "points": "1"}], "rows.0.to", "empty_bounds"),
    ([{"from": "95", "to": "95", "to_in": False, "points": "1"}], "rows.0.to", "empty_bounds"),
    ([{"from": "95", "points": "1", "share": "1"}], "rows.0.points", "points_or_share"),
    ([{"from": "95"}], "rows.0.points", "points_or_share"),
    ([{"from": "95", "points": "7"}], "rows.0.points", "out_of_range"),
    ([], "rows", "missing"),
]


@pytest.mark.parametrize(("rows", "path", "code"), TABLES)
def test_a_table_of_thresholds_is_looked_at_row_by_row(
    rows: list[dict[str, Any]], path: str, code: str
) -> None:
    table = put("items.S1.formula", {"kind": "TIER", "rows": rows})
    found = faults(parsed(changed(table)))
    assert [(fault.path, fault.code) for fault in found] == [(f"items.5.formula.{path}", code)]


def test_neighbours_that_share_a_bound_only_once_do_not_overlap() -> None:
    rows = [
        {"from": "95", "points": "6"},
        {"from": "90", "to": "95", "to_in": False, "points": "3"},
        {"to": "90", "to_in": False, "points": "1"},
    ]
    assert faults(parsed(changed(put("items.S1.formula", {"kind": "TIER", "rows": rows})))) == []


def test_why_something_does_not_apply_has_words() -> None:
    reasons = "no_source nothing no_target no_result new_manager mostly_absent group_empty"
    assert all(why_not(code) for code in reasons.split())
    assert (why_not(""), sentence("unheard of", {})) == ("", sentence("another", {}))


def test_numbers_are_kept_in_one_way() -> None:
    loose = put("items.M1.formula", {"kind": "RATE", "floor": 0.60, "cap": "1.00"})
    assert as_json(parsed(changed(loose))) == content()
    assert as_json(parsed(changed(put("items.M1.weight", "12.00")))) == content()


# --- two versions ----------------------------------------------------------------------------


def compared(change: Change) -> list[Difference]:
    return differences(ANNEX5, parsed(changed(change)))


def test_the_same_scheme_has_no_difference() -> None:
    assert compared(lambda copy: None) == []


def test_what_changed_is_said_to_the_smallest_place() -> None:
    assert compared(put("items.M1.weight", "11")) == [
        Difference("items", "M1", "changed", "weight", "12", "11")
    ]
    assert compared(put("items.D1.formula.options.2.points", "6")) == [
        Difference("items", "D1", "changed", "formula.options.over90.points", "5", "6")
    ]
    assert compared(put("bands.0.from", "92")) == [
        Difference("bands", "excellent", "changed", "from", "90", "92")
    ]
    assert compared(put("unrated_below", "0.4")) == [
        Difference("scheme", "", "changed", "unrated_below", "0.5", "0.4")
    ]


def test_an_item_added_and_one_removed() -> None:
    def swap(copy: dict[str, Any]) -> None:
        item = item_in(copy, "M5")
        copy["items"].remove(item)
        copy["items"].append({**item, "code": "M6"})

    found = [(one.code, one.change) for one in compared(swap)]
    assert found == [("M6", "added"), ("M5", "removed")]


def test_items_in_another_order() -> None:
    def turn(copy: dict[str, Any]) -> None:
        copy["bands"].reverse()

    (moved,) = compared(turn)
    assert (moved.part, moved.change) == ("bands", "moved")
    assert moved.new == ["unqualified", "qualified", "good", "excellent"]

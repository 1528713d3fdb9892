"""Where the table lies in a file, and which column is which field."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import Refused
from core.imports import values
from core.imports.columns import Layout, find_layout
from core.imports.plan import Plan, make_plan
from core.imports.tables import CHANGED, NEW, UNCHANGED, WRONG, Field, Scope, Shown, Table
from core.workbooks import Book, Cell, Sheet
from tests.cast import NOON

STORED = {
    "A1": {"name": Shown("东方纺织", "东方纺织"), "phone": Shown("13800001207", "138****1207")}
}


def masked(phone: str) -> Shown:
    return Shown(phone, f"{phone[:3]}****{phone[-4:]}")


def looks_like_phone(cell: Cell) -> bool:
    return str(cell).startswith("1") and len(str(cell)) == 11


def looks_like_revenue(cell: Cell) -> bool:
    return isinstance(cell, float)


FIRMS = Table(
    key="firms",
    label="集团客户",
    key_field="code",
    name_field="name",
    fields=(
        Field("code", "集团编码", values.code(20), aliases=("客户编码",), is_required=True),
        Field("name", "集团名称", values.name(60), aliases=("单位名称",), is_required=True),
        Field("key_name", "关键联络人", values.name(60), aliases=("关键人",)),
        Field(
            "phone",
            "关键联络人电话",
            values.phone,
            shared=("联系方式", "电话"),
            beside="key_name",
            looks_like=looks_like_phone,
            show=masked,
            is_masked=True,
        ),
        Field("contact_name", "集团联系人", values.name(60), aliases=("联系人",)),
        Field(
            "contact_phone",
            "联系人电话",
            values.phone,
            shared=("联系方式", "电话"),
            beside="contact_name",
            show=masked,
            is_masked=True,
        ),
        Field("manager_name", "客户经理", values.name(60)),
        Field("manager", "客户经理工号", values.job_number, aliases=("经理工号",)),
        Field("revenue", "月均收入", values.money, looks_like=looks_like_revenue),
        Field("ends_on", "合同到期日", values.day),
    ),
    references=lambda scope: {},
    resolve=lambda rows, references, scope: None,
    current=lambda keys, references, scope: {k: STORED[k] for k in keys if k in STORED},
    write=lambda new, changed, references, scope: None,
    branches=lambda actor: None,
)


def book(*rows: tuple[Cell, ...], notes: tuple[tuple[Cell, ...], ...] = ()) -> Book:
    width = max(len(row) for row in (*rows, *notes, ()))
    padded = tuple(row + (None,) * (width - len(row)) for row in rows)
    sheets = [Sheet("清单", padded)]
    if notes:
        sheets.insert(0, Sheet("填写说明", tuple(r + (None,) * (width - len(r)) for r in notes)))
    return Book("x.xlsx", tuple(sheets), is_csv=False)


def fields_of(layout: Layout) -> dict[str, str]:
    return {column.letter: column.field for column in layout.columns}


def test_the_head_is_found_below_titles_and_behind_notes() -> None:
    layout = find_layout(
        book(
            ("集团客户基础资料表",),
            ("填报单位：市场部", None, None, "填报日期：2026年10月9日"),
            ("序号", "集团编码", "集团名称", "备注"),
            (1, "A1", "东方纺织", None),
            notes=(("请勿修改表头；集团编码必填。",),),
        ),
        FIRMS,
    )
    assert (layout.sheet.name, layout.header_row) == ("清单", 3)
    assert fields_of(layout) == {"A": "", "B": "code", "C": "name", "D": ""}


def test_other_headings_in_another_order_are_recognised() -> None:
    layout = find_layout(
        book(
            (
                "单位名称",
                "经理工号",
                "关键人",
                "电话",
                "联系人",
                "电话",
                "客户编码（必填）",
                "月均收入（元）",
            ),
            ("东方纺织", "200004", "冯立新", "13800001207", "蒋文秀", "13800002216", "A1", 3254.7),
        ),
        FIRMS,
    )
    assert fields_of(layout) == {
        "A": "name",
        "B": "manager",
        "C": "key_name",
        "D": "phone",
        "E": "contact_name",
        "F": "contact_phone",
        "G": "code",
        "H": "revenue",
    }
    assert [column.name for column in layout.columns][3:6] == ["电话", "联系人", "电话#2"]


def test_words_inside_a_heading_are_understood_the_longest_first() -> None:
    layout = find_layout(
        book(
            ("本期集团编码", "集团名称全称", "现客户经理", "现客户经理工号", "合同到期日(年月日)"),
            ("A1", "东方纺织", "林晓岚", "200004", "2027.6.30"),
        ),
        FIRMS,
    )
    assert fields_of(layout) == {
        "A": "code",
        "B": "name",
        "C": "manager_name",
        "D": "manager",
        "E": "ends_on",
    }


def test_values_of_a_telling_shape_are_a_guess_and_said_to_be_one() -> None:
    rows = [(f"A{n}", "单位", 13800001200 + n, 1.5 + n) for n in range(5)]
    layout = find_layout(book(("集团编码", "集团名称", "号", "额"), *rows), FIRMS)
    assert [(c.letter, c.field, c.is_guessed) for c in layout.columns] == [
        ("A", "code", False),
        ("B", "name", False),
        ("C", "phone", True),
        ("D", "revenue", True),
    ]
    assert layout.columns[2].sample == "138****1200"


def test_a_correction_outdoes_all_and_is_remembered() -> None:
    rows = (("集团编码", "集团名称", "编号二", "额"), ("A1", "东方纺织", "B1", 1.5))
    corrected = find_layout(book(*rows), FIRMS, corrected={"编号二": "code", "集团编码": ""})
    assert fields_of(corrected) == {"A": "", "B": "name", "C": "code", "D": ""}
    remembered = find_layout(book(*rows), FIRMS, remembered={"编号二": "code", "集团编码": ""})
    assert fields_of(remembered) == fields_of(corrected)
    assert [column.is_remembered for column in remembered.columns] == [True, False, True, False]


def test_without_a_head_the_file_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        find_layout(book(("甲", "乙"), ("A1", "东方纺织")), FIRMS)
    assert str(refused.value.message) == (
        "在前 30 行里没有找到“集团客户”的表头。表头至少要有：集团编码、集团名称。"
    )


def test_our_own_reasons_are_no_column() -> None:
    layout = find_layout(
        book(("集团编码", "集团名称", "导入说明"), ("A1", "东方纺织", "集团编码：重复")), FIRMS
    )
    assert fields_of(layout) == {"A": "code", "B": "name"}


# Rows


def plan_of(*rows: tuple[Cell, ...], head: tuple[str, ...] = ()) -> Plan:
    head = head or ("集团编码", "集团名称", "关键人", "电话", "合同到期日", "备注")
    scope = Scope(None, NOON, date(2026, 11, 27), None)  # type: ignore[arg-type]
    return make_plan(FIRMS, find_layout(book(head, *rows), FIRMS), scope)


def outcomes(plan: Plan) -> list[tuple[int, str, str]]:
    return [(each.row.number, each.outcome, each.reason) for each in plan.rows]


def test_new_changed_unchanged_and_wrong_rows() -> None:
    plan = plan_of(
        ("A1", "东方纺织", None, "13800001207", None, None),
        ("A2", "明珠酒店", None, "138-0000-3225", "2027.6.30", "=1+1"),
        ("A3", None, None, "1380013", "2026-13-01", None),
    )
    assert outcomes(plan) == [
        (2, UNCHANGED, ""),
        (3, NEW, ""),
        (
            4,
            WRONG,
            (
                "集团名称：必填；关键联络人电话：手机号应为 11 位，这里有 7 位；"
                "合同到期日：月份只到 12，这里是 13"
            ),
        ),
    ]
    assert plan.counts == {NEW: 1, CHANGED: 0, UNCHANGED: 1, WRONG: 1}


def test_a_difference_shows_no_phone() -> None:
    plan = plan_of(("A1", "东方纺织集团", None, "13800009999", None, None))
    assert [(d.label, d.before, d.after) for d in plan.rows[0].differences] == [
        ("集团名称", "东方纺织", "东方纺织集团"),
        ("关键联络人电话", "138****1207", "138****9999"),
    ]
    wrong = plan_of(("A1", "东方纺织", None, "1380013", None, None))
    assert [(d.label, d.before, d.after) for d in wrong.rows[0].differences] == [
        ("关键联络人电话", "", "13****13")
    ]


def test_an_empty_cell_changes_nothing() -> None:
    assert outcomes(plan_of(("A1", "东方纺织", None, None, None, None))) == [(2, UNCHANGED, "")]


def test_of_two_rows_with_one_key_the_later_is_wrong() -> None:
    plan = plan_of(
        ("A2", "甲", None, None, None, None),
        ("a2", "乙", None, None, None, None),
        ("\uff21２", "丙", None, None, None, None),
    )
    reason = "集团编码：第 2 行已有同一集团编码，以前者为准；请改正或删去本行"
    assert outcomes(plan) == [(2, NEW, ""), (3, WRONG, reason), (4, WRONG, reason)]


def test_sums_blank_lines_and_closing_notes_are_no_rows() -> None:
    plan = plan_of(
        ("A2", "甲", None, None, None, None),
        (None, None, None, None, None, None),
        ("   ", "\u3000", None, None, None, None),
        ("合计", 1, None, None, None, None),
        ("小 计：", None, None, None, None, None),
        ("合计（户）", 1, None, None, None, None),
        ("注：以上数据截至10月9日", None, None, None, None, None),
        ("制表人：孔荣", None, None, None, None, None),
    )
    assert outcomes(plan) == [(2, NEW, "")]


def test_a_missing_required_column_is_said_of_every_row() -> None:
    plan = plan_of(("A2", "x"), head=("集团编码", "电话"))
    assert outcomes(plan) == [
        (2, WRONG, "表头里没有“集团名称”这一列，请在“列对应”里指定"),
    ]


def test_a_plan_says_the_same_of_the_same() -> None:
    row = ("A2", "甲", None, None, None, None)
    assert plan_of(row).digest == plan_of(row).digest
    assert plan_of(row).digest != plan_of(("A2", "乙", None, None, None, None), row).digest

"""Score sheets as pages get them: the table of a month, one sheet with lines, rows and its way."""

from decimal import Decimal
from typing import Any, Final

import pytest
from django.utils.translation import override, pgettext

from core.errors import NotFound
from kpi.labels import unit_name
from kpi.line_figures import with_unit
from kpi.models import Objection, ScoreSheet
from kpi.operations.objections import decide_objection, object_to_line, review_objection
from kpi.operations.sheets import approve_sheet, confirm_sheet
from kpi.queries.marks import mark_branches, mark_grid
from kpi.queries.sheet_views import Allowed, SheetView, sheet_view
from kpi.queries.sheets import led_branch, months_with_sheets, rows_of, sheet_table
from kpi.views.sheet_rows import signing_for
from organization.models import RoleGrant
from tests.cast import Cast, at
from tests.domain.cases import complaint_received
from tests.domain.scores import NOVEMBER, marked, sheet_of, ticked

MORNING: Final = at("2026-12-04 09:00:00")


@pytest.fixture
def scored(scored_november: Cast) -> Cast:
    """November's sheets; 林晓岚 has 91.88 points, the others are not rated."""
    return scored_november


def seen(cast: Cast, by: str, who: str = "林晓岚", *, moment: str = "", **how: Any) -> SheetView:
    """Somebody's sheet as somebody else sees it."""
    now = at(moment) if moment else MORNING
    return sheet_view(cast.actor(by, on=now), NOVEMBER, cast[who].pk, now, **how)


def objected(cast: Cast, item: str = "P3c") -> None:
    """林晓岚 objects to a line."""
    sheet = sheet_of(cast, "林晓岚")
    object_to_line(
        sheet_id=sheet.pk,
        item=item,
        text="断网有记录",
        expected_version=sheet.version,
        actor=cast.actor("林晓岚", on=MORNING),
        at=MORNING,
    )


def test_the_table_is_the_readers_month(scored: Cast) -> None:
    company = sheet_table(scored.actor("韩静"), NOVEMBER)
    assert [row.sheet.manager.name for row in company.page.rows] == [
        "陈嘉怡",
        "何俊峰",
        "林晓岚",
        "吴志远",
    ]
    assert [(one.code, one.name, one.minimum, one.maximum) for one in company.heads] == [
        ("M", "营销指标", Decimal(0), Decimal(40)),
        ("S", "服务指标", Decimal(0), Decimal(20)),
        ("P", "过程考核", Decimal(0), Decimal(40)),
        ("BD", "加减分项", Decimal(-20), Decimal(20)),
    ]
    row = company.page.rows[2]
    assert (row.groups, row.band_name, row.why_not) == (
        {
            "M": Decimal("36.00"),
            "S": Decimal("19.00"),
            "P": Decimal("33.88"),
            "BD": Decimal("3.00"),
        },
        "优秀",
        "",
    )
    assert company.page.rows[0].why_not == "有一组没有可计分的项目，不评级"
    assert (company.total, company.states["computed"], company.mean, company.bands) == (
        4,
        4,
        Decimal("91.88"),
        {"": 3, "excellent": 1},
    )
    assert [
        one.sheet.manager.name
        for one in sheet_table(scored.actor("周建平"), NOVEMBER, band="excellent").page.rows
    ] == ["林晓岚"]
    assert [
        one.sheet.manager.name
        for one in sheet_table(scored.actor("周建平"), NOVEMBER, words="200006").page.rows
    ] == ["何俊峰"]
    assert [
        one.sheet.manager.name for one in sheet_table(scored.actor("林晓岚"), NOVEMBER).page.rows
    ] == ["林晓岚"]
    assert months_with_sheets(scored.actor("郑秋实")) == [NOVEMBER]
    assert months_with_sheets(scored.actor("马骏")) == []


def test_a_branchs_table_says_what_is_open_and_whether_it_can_be_locked(scored: Cast) -> None:
    objected(scored)
    head = scored.actor("赵国梁")
    branch = led_branch(head, scored.east.pk)
    table = sheet_table(head, NOVEMBER, branch=branch)
    assert {row.sheet.manager.name: row.open_objections for row in table.page.rows} == {
        "陈嘉怡": 0,
        "何俊峰": 0,
        "林晓岚": 1,
    }
    assert (table.can_lock, table.approved) == (False, 0)
    ScoreSheet.objects.filter(branch=scored.east).update(state="approved")
    assert sheet_table(head, NOVEMBER, branch=branch).can_lock
    assert not sheet_table(scored.actor("周建平"), NOVEMBER, branch=branch).can_lock
    with pytest.raises(NotFound):
        led_branch(head, scored.west.pk)


def test_more_rows_cost_no_more_statements(
    scored: Cast, django_assert_max_num_queries: Any
) -> None:
    for who in ("韩静", "林晓岚"):
        actor = scored.actor(who)
        with django_assert_max_num_queries(8):
            sheet_table(actor, NOVEMBER)


def test_a_line_opens_to_its_arithmetic_and_its_rows(scored: Cast) -> None:
    view = seen(scored, "林晓岚")
    line = view.lines["P3c"]
    assert (line.name, line.clause, line.score, line.lost, line.calculation, line.source) == (
        "周汇总按时",
        "K2.3",
        Decimal("3.00"),
        Decimal("1.00"),
        "4.00 × 3 ÷ 4 = 3.00",
        "周汇总按时",
    )
    assert [(one.key, one.label, one.value) for one in line.fields] == [
        ("met", "做到", "3"),
        ("total", "应做", "4"),
    ]
    away = view.lines["P1a"]
    assert (away.score, away.why_not, away.has_rows) == (None, "数据来源尚未启用", False)
    rows = rows_of(scored.actor("周建平"), NOVEMBER, scored["林晓岚"].pk, "P3c")
    assert [row.state for row in rows] == ["on_time", "late", "on_time", "on_time"]
    with pytest.raises(NotFound):
        rows_of(scored.actor("周建平"), NOVEMBER, scored["林晓岚"].pk, "Z9")
    with pytest.raises(NotFound):
        seen(scored, "吴志远")
    assert (view.total, view.band_name, view.coefficient, view.is_newest) == (
        Decimal("91.88"),
        "优秀",
        Decimal("1.2"),
        True,
    )


def test_a_line_without_a_source_then_counted_no_rows_once_it_has_one(scored: Cast) -> None:
    """A sheet frozen before its metric was installed shows no rows that it did not count."""
    complaint_received(scored, moment=at("2026-11-23 10:00:00"))
    sheet, asked = sheet_of(scored, "林晓岚"), (NOVEMBER, scored["林晓岚"].pk, "S2")
    assert seen(scored, "林晓岚").lines["S2"].score is None
    assert rows_of(scored.actor("周建平"), *asked) == []
    version = sheet.versions.get()
    for group in version.content["groups"]:
        for line in group["items"]:
            line["is_applicable"] |= line["code"] == "S2"
    version.save()
    (row,) = rows_of(scored.actor("周建平"), *asked)
    assert (row.state, bool(row.url)) == ("missing", True)
    (mine,) = rows_of(scored.actor("林晓岚"), *asked)
    assert (mine.label, mine.url) == (row.label, "")


def test_what_can_be_done_follows_role_state_and_clock(scored: Cast) -> None:
    assert seen(scored, "林晓岚").allowed == Allowed(confirm=True, object=True)
    assert seen(scored, "周建平").allowed == Allowed()
    objected(scored)
    view = seen(scored, "林晓岚")
    assert view.allowed == Allowed(confirm=True, object=True)
    assert (view.lines["P3c"].can_object, view.lines["P4"].can_object) == (False, True)
    assert view.lines["P3c"].objection is not None
    sheet = sheet_of(scored, "陈嘉怡")
    confirm_sheet(
        sheet_id=sheet.pk,
        expected_version=sheet.version,
        actor=scored.actor("陈嘉怡"),
        at=MORNING,
    )
    assert seen(scored, "周建平", "陈嘉怡").allowed == Allowed(supervise=True)
    assert seen(scored, "周建平", "何俊峰", moment="2026-12-11 00:00:00").allowed == Allowed(
        supervise=True
    )
    ticked(at("2026-12-12 09:00:00"))
    later = "2026-12-14 09:00:00"
    assert seen(scored, "林晓岚", moment=later).allowed == Allowed()
    assert seen(scored, "周建平", moment=later).allowed == Allowed(propose_correction=True)


def test_page_table_and_operation_agree_on_who_approves_without_a_supervisor(
    scored: Cast,
) -> None:
    """Nobody is waited for: the page offers what the table offers and the operation does (K4)."""
    sheet = sheet_of(scored, "林晓岚")
    confirm_sheet(sheet_id=sheet.pk, expected_version=1, actor=scored.actor("林晓岚"), at=MORNING)

    def offered() -> tuple[bool, bool]:
        head = scored.actor("赵国梁", on=MORNING)
        table = sheet_table(head, NOVEMBER, branch=scored.east)
        (row,) = [one for one in table.page.rows if one.sheet.manager.name == "林晓岚"]
        signing = signing_for(head, scored.east, table.end, MORNING)
        assert signing is not None
        return seen(scored, "赵国梁").allowed.approve, signing.is_ready(head, row)

    assert offered() == (False, False)
    RoleGrant.objects.filter(role="supervisor", branch=scored.east).delete()
    assert offered() == (True, True)
    done = approve_sheet(
        sheet_id=sheet.pk,
        opinion="",
        expected_version=2,
        actor=scored.actor("赵国梁", on=MORNING),
        at=MORNING,
    )
    assert (done.state, offered()) == ("approved", (False, False))


def test_the_way_of_a_sheet_is_told_step_by_step(scored: Cast) -> None:
    objected(scored)
    assert [(one.key, one.who, one.is_done, one.at) for one in seen(scored, "林晓岚").steps] == [
        ("computed", "", True, at("2026-12-03 08:30:00")),
        ("objected", "林晓岚", True, MORNING),
        ("confirmed", "林晓岚", False, at("2026-12-11 00:00:00")),
        ("supervised", "", False, at("2026-12-12 00:00:00")),
        ("approved", "", False, at("2026-12-12 00:00:00")),
        ("locked", "", False, at("2026-12-12 00:00:00")),
    ]


def test_the_way_tells_of_an_objection_what_everybody_said_and_when(scored: Cast) -> None:
    """Objection, the supervisor's opinion, the general manager's decision, in turn (K4)."""
    objected(scored)
    objected(scored, "P4")
    reviewed, decided = at("2026-12-04 10:00:00"), at("2026-12-04 11:00:00")
    first, second = Objection.objects.order_by("item")
    for one in (first, second):
        review_objection(
            objection_id=one.pk,
            opinion=f"{one.item} 已查",
            expected_version=sheet_of(scored, "林晓岚").version,
            actor=scored.actor("周建平", on=reviewed),
            at=reviewed,
        )
    for one, inputs in ((first, {"met": "4", "total": "4"}), (second, None)):
        decide_objection(
            objection_id=one.pk,
            is_upheld=inputs is not None,
            answer=f"{one.item} 已定",
            inputs=inputs,
            expected_version=sheet_of(scored, "林晓岚").version,
            actor=scored.actor("赵国梁", on=decided),
            at=decided,
        )
    steps = [
        (one.key, one.label, one.who, one.at, one.text) for one in seen(scored, "林晓岚").steps[1:7]
    ]
    assert steps == [
        ("objected", "申诉 P3c", "林晓岚", MORNING, "断网有记录"),
        ("objected", "申诉 P4", "林晓岚", MORNING, "断网有记录"),
        ("reviewed", "主管意见 P3c", "周建平", reviewed, "P3c 已查"),
        ("reviewed", "主管意见 P4", "周建平", reviewed, "P4 已查"),
        ("decided", "采纳申诉 P3c", "赵国梁", decided, "P3c 已定"),
        ("decided", "不采纳申诉 P4", "赵国梁", decided, "P4 已定"),
    ]


def test_quarter_and_year_are_shown_once_the_month_is_locked(scored: Cast) -> None:
    view = seen(scored, "林晓岚")
    assert view.quarter is not None
    assert view.quarter.score is None
    ticked(at("2026-12-12 09:00:00"))
    view = seen(scored, "林晓岚", moment="2026-12-14 09:00:00")
    assert view.quarter is not None
    assert (view.quarter.key, view.quarter.score, view.mean_names[view.quarter.band]) == (
        "2026-Q4",
        Decimal("91.88"),
        "优秀",
    )


def test_the_grid_of_marks_shows_what_stands_and_who_gives_what(cast: Cast) -> None:
    mark = marked(cast, "林晓岚", "P2c", "4.50", question="opening")
    now = at("2026-11-27 12:00:00")
    grid = mark_grid(cast.actor("周建平", on=now), NOVEMBER, cast.east.pk, now)
    assert [(one.item, one.question) for one in grid.columns[:7]] == [
        ("P2c", "opening"),
        ("P2c", "wording"),
        ("P2c", "needs"),
        ("P2c", "product"),
        ("P2c", "courtesy"),
        ("P2c", "record"),
        ("P4", ""),
    ]
    cells = {row.member.name: row.cells for row in grid.rows}
    assert (cells["林晓岚"][0].value, cells["林晓岚"][0].seen) == ("4.5", mark.pk)
    assert (cells["林晓岚"][0].can_write, cells["林晓岚"][6].can_write) == (True, False)
    assert (grid.is_open, grid.can_write, grid.lacking) == (True, True, 35)
    market = mark_grid(cast.actor("韩静", on=now), NOVEMBER, cast.east.pk, now)
    assert market.rows[0].cells[6].can_write
    late = at("2026-12-02 12:00:01")
    assert not mark_grid(cast.actor("周建平", on=late), NOVEMBER, cast.east.pk, late).is_open
    assert [one.name for one in mark_branches(cast.actor("韩静"), NOVEMBER)] == [
        "城东分公司",
        "城西分公司",
    ]
    with pytest.raises(NotFound):
        mark_grid(cast.actor("周建平"), NOVEMBER, cast.west.pk, now)
    with pytest.raises(NotFound):
        mark_grid(cast.actor("林晓岚"), NOVEMBER, cast.east.pk, now)


def test_units_are_said_in_the_readers_language(scored: Cast) -> None:
    """Those that ship; what a company calls otherwise stays as it wrote it."""
    with override("zh-hans"):
        assert (unit_name("件"), with_unit("43", "件"), unit_name("箱")) == ("件", "43 件", "箱")
    with override("en"):
        assert with_unit("98", "%") == "98%"
        assert unit_name("箱") == "箱"
        assert unit_name("件") == pgettext("单位", "件")

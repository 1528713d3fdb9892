"""Targets (T1–T4): required, written, given out, issued, acknowledged, revised, worked off."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow
from core.periods import Month
from core.workbooks import open_table
from customers.models import Customer
from duties.choices import ToDoState
from duties.models import Notice, ToDo
from duties.operations_to_dos import tick_to_do, untick_to_do
from kpi.company_tables import company_workbook, requirements_workbook
from kpi.models import Acknowledgement, Requirement, Result, TargetSheet, TargetVersion, WorkItem
from kpi.operations.indicators import (
    IndicatorEntry,
    add_indicator,
    change_indicator,
    close_indicator,
    reopen_indicator,
)
from kpi.operations.requirements import grid_version, set_requirements
from kpi.operations.targets import acknowledge_targets, write_targets
from kpi.operations.work_items import change_work_item, remove_work_item, report_work
from kpi.queries.due import due_items
from kpi.queries.indicators import open_indicators
from kpi.queries.targets import sheet_of, target_view, targets_at
from kpi.target_contents import changes
from kpi.target_entries import Cell, LineEntry, TargetEntry, WorkEntry
from kpi.target_workbooks import target_workbook
from organization.models import Branch, BranchSetting, Person, RoleGrant
from tests.cast import Cast, at
from tests.domain.targets import (
    MONTH,
    MORNING,
    D,
    given_work,
    imported,
    issued,
    line,
    required,
    written,
)

pytestmark = pytest.mark.django_db


def parts(cast: Cast, code: str = "M1") -> dict[str, Decimal]:
    view = target_view(cast.east, MONTH)
    names = {one.pk: one.name for one in view.managers}
    found = next(each for each in view.lines if each.indicator.code == code)
    return {names[key]: value for key, value in found.parts.items()}


# Indicators


def entry(**more: object) -> IndicatorEntry:
    values: dict[str, object] = {
        "labels": {"telecom": {"zh-hans": "宽带新增", "en": "New lines"}},
        "unit": "户",
        "places": 0,
        **more,
    }
    return IndicatorEntry(**values)  # type: ignore[arg-type]


def test_the_indicators_of_annex_5_are_shipped() -> None:
    assert [(each.code, each.unit, each.adding) for each in open_indicators()] == [
        ("M1", "万元", "sum"),
        ("M2", "件", "sum"),
        ("M3", "户", "sum"),
        ("M4", "%", "mean"),
        ("M5", "项", "sum"),
        ("S1", "分", "mean"),
    ]
    for each in open_indicators():
        assert {key for texts in each.labels.values() for key in texts} == {"zh-hans", "en"}
        assert set(each.labels) == {"telecom", "bank"}


def test_the_market_department_adds_changes_and_closes_indicators(cast: Cast) -> None:
    market = cast.actor("韩静")
    made = add_indicator(code="m6", entry=entry(), actor=market, at=MORNING)
    assert (made.code, made.rank, made.labels["bank"]["zh-hans"]) == ("M6", 70, "宽带新增")
    changed = change_indicator(
        indicator_id=made.pk, entry=entry(unit="条"), expected_version=1, actor=market, at=MORNING
    )
    assert (changed.unit, changed.version) == ("条", 2)
    with pytest.raises(Stale):
        close_indicator(indicator_id=made.pk, expected_version=1, actor=market, at=MORNING)
    close_indicator(indicator_id=made.pk, expected_version=2, actor=market, at=MORNING)
    assert "M6" not in [each.code for each in open_indicators()]
    reopen_indicator(indicator_id=made.pk, expected_version=3, actor=market, at=MORNING)
    assert "M6" in [each.code for each in open_indicators()]
    assert [row.what for row in AuditRow.objects.order_by("pk")] == [
        "kpi.add_indicator",
        "kpi.change_indicator",
        "kpi.close_indicator",
        "kpi.reopen_indicator",
    ]


@pytest.mark.parametrize(
    ("code", "changes_", "field"),
    [
        ("M1", {}, "code"),
        ("6M", {}, "code"),
        ("M7", {"labels": {}}, "telecom_zh"),
        ("M7", {"unit": " "}, "unit"),
        ("M7", {"places": 3}, "places"),
        ("M7", {"adding": "max"}, "adding"),
        ("M7", {"source": "computed"}, "computed_by"),
    ],
)
def test_an_indicator_that_cannot_be(
    cast: Cast, code: str, changes_: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        add_indicator(code=code, entry=entry(**changes_), actor=cast.actor("韩静"), at=MORNING)
    assert refused.value.field == field


@pytest.mark.parametrize("who", ["赵国梁", "周建平", "林晓岚", "孙岚", "马骏"])
def test_nobody_else_keeps_indicators(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        add_indicator(code="M6", entry=entry(), actor=cast.actor(who), at=MORNING)


# What the company requires (T1)


def test_requirements_are_a_grid_with_one_version(cast: Cast) -> None:
    required(cast, M1="190.00", M2="50")
    assert grid_version(MONTH) == 2
    with pytest.raises(Stale) as stale:
        set_requirements(
            month=MONTH,
            cells=[Cell(cast.east.pk, "M1", D("200.00"))],
            expected_version=1,
            actor=cast.actor("韩静"),
            at=MORNING,
        )
    assert stale.value.current["version"] == 2
    assert stale.value.current["cells"][f"cell:{cast.east.pk}:M1"] == "190.00"
    required(cast, M1="200.00", M2="50")
    assert grid_version(MONTH) == 3
    row = AuditRow.objects.filter(what="kpi.set_requirements").latest("pk")
    assert (row.before, row.after) == ({"城东分公司 M1": "190.00"}, {"城东分公司 M1": "200.00"})


def test_a_requirement_is_taken_back_and_the_version_still_rises(cast: Cast) -> None:
    required(cast, M1="190.00")
    cells = [Cell(cast.east.pk, "M1", None)]
    market = cast.actor("韩静")
    set_requirements(month=MONTH, cells=cells, expected_version=1, actor=market, at=MORNING)
    assert grid_version(MONTH) == 2
    assert target_view(cast.east, MONTH).lines[0].required is None


def test_wrong_cells_are_named_and_none_is_written(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        set_requirements(
            month=MONTH,
            cells=[
                Cell(cast.east.pk, "M1", D("190.00")),
                Cell(cast.east.pk, "M2", D("1.5")),
                Cell(cast.head.pk, "M1", D(1)),
                Cell(cast.west.pk, "M9", D(1)),
                Cell(cast.west.pk, "M1", D(-1)),
            ],
            expected_version=0,
            actor=cast.actor("韩静"),
            at=MORNING,
        )
    assert [problem.field for problem in refused.value.problems] == [
        f"cell:{cast.east.pk}:M2",
        f"cell:{cast.head.pk}:M1",
        f"cell:{cast.west.pk}:M9",
        f"cell:{cast.west.pk}:M1",
    ]
    assert not Requirement.objects.exists()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_workbook_of_requirements_goes_back_in_unchanged(cast: Cast, language: str) -> None:
    required(cast, M1="190.00", M2="50")
    with override(language):
        made = requirements_workbook(MONTH)
    assert made.rows == len(Branch.objects.open_on(MONTH.last))
    plan = imported(cast, "requirements", made.content, filename="公司要求.xlsx")
    assert (plan.counts["unchanged"], plan.counts["new"], plan.counts["changed"]) == (1, 0, 0)


def test_units_on_the_target_workbook_are_said_in_english(cast: Cast) -> None:
    written(cast, {"M1": line("90.00"), "M2": line("30")})
    given_work(cast, "林晓岚", unit="次")
    version = issued(cast)
    with override("en"):
        book = open_table(target_workbook(version).content, "x.xlsx")
    indicators, parts, work = [[list(row) for row in sheet.rows] for sheet in book.sheets]
    units = {row[0]: row[2] for row in indicators if row[0] in ("M1", "M2")}
    assert units["M2"] == "items"
    assert "Group products sold（items）" in next(row for row in parts if row[0] == "Job no.")
    assert next(row for row in work if row[1] == "林晓岚")[3:5] == [5, "times"]


def test_the_companys_targets_as_a_workbook(cast: Cast) -> None:
    required(cast, M1="190.00")
    made = company_workbook(MONTH, MORNING)
    rows = [list(row) for row in open_table(made.content, "x.xlsx").sheets[0].rows]
    heads = next(row for row in rows if row[0] == "分公司")
    east = next(row for row in rows if row[0] == "城东分公司")
    assert heads[:5] == ["分公司", "下达", "已确认人数", "应确认人数", "集团收入（万元）完成"]
    assert (east[1], D(str(east[heads.index("集团收入（万元）目标")]))) == ("未下达", D(190))


def test_only_the_market_department_requires(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        required(cast, who="赵国梁", M1="190.00")


def test_requirements_come_from_a_file_too(cast: Cast) -> None:
    text = "机构,集团收入,M2,保有率\n城东分公司,190,50,\nCX,120.5,,98.00%\n南山,1,1,1\n"
    plan = imported(cast, "requirements", text.encode("gbk"))
    assert [plan.counts[key] for key in ("new", "wrong")] == [2, 1]
    assert {
        (row.branch.code, row.indicator.code): row.value for row in Requirement.objects.all()
    } == {
        ("CD", "M1"): D("190.00"),
        ("CD", "M2"): D("50.00"),
        ("CX", "M1"): D("120.50"),
        ("CX", "M4"): D("98.00"),
    }
    assert imported(cast, "requirements", text.encode("gbk")).counts["unchanged"] == 2
    with pytest.raises(NotAllowed):
        imported(cast, "requirements", text.encode(), who="赵国梁")


# Written and given out (T2)


def test_a_target_is_shared_out_to_the_last_cent(cast: Cast) -> None:
    written(cast, {"M1": line("100.00")})
    assert parts(cast) == {
        "林晓岚": D("33.34"),
        "陈嘉怡": D("33.33"),
        "何俊峰": D("33.33"),
    }


def test_by_customers_revenue_days_and_last_year(cast: Cast) -> None:
    Customer.objects.filter(name="明珠酒店").update(monthly_revenue=D("4800.00"))
    RoleGrant.objects.filter(person=cast["何俊峰"]).update(valid_from=date(2026, 12, 21))
    Result.objects.create(
        indicator=open_indicators()[1],
        manager=cast["林晓岚"],
        branch=cast.east,
        month="2025-12",
        value=D(9),
        source="typed",
        recorded_at=at("2026-01-03 09:00:00"),
        recorded_by=cast["周建平"],
    )
    written(
        cast,
        {
            "M1": line("60.00", method="customers"),
            "M2": line("10", method="last_year"),
            "M3": line("33", method="days"),
            "M5": line("12", method="revenue"),
        },
    )
    # three customers, two and one
    assert parts(cast, "M1") == {"林晓岚": D(30), "陈嘉怡": D(20), "何俊峰": D(10)}
    assert parts(cast, "M2") == {"林晓岚": D(10), "陈嘉怡": D(0), "何俊峰": D(0)}
    # 23 working days in December, 9 of them from the 21st on
    assert parts(cast, "M3") == {"林晓岚": D(14), "陈嘉怡": D(14), "何俊峰": D(5)}
    # groups of 2,400, 4,800 and 1,200 a month; persons do not count
    assert parts(cast, "M5") == {"林晓岚": D(3), "陈嘉怡": D(7), "何俊峰": D(2)}


def test_what_is_averaged_is_the_same_for_all(cast: Cast) -> None:
    written(cast, {"M4": line("98.00", method="customers")})
    assert set(parts(cast, "M4").values()) == {D("98.00")}
    assert target_view(cast.east, MONTH).lines[3].lacking == 0


def test_by_hand_the_difference_is_shown_and_needs_a_reason(cast: Cast) -> None:
    by_hand = {cast["林晓岚"].pk: D(60), cast["陈嘉怡"].pk: D(30), cast["何俊峰"].pk: D("9.99")}
    written(cast, {"M1": line("100.00", method="hand", parts=by_hand)})
    view = target_view(cast.east, MONTH)
    assert (view.lines[0].given, view.lines[0].lacking) == (D("99.99"), D("0.01"))
    given_work(cast, "林晓岚")
    with pytest.raises(Refused) as refused:
        issued(cast)
    assert [(one.field, one.message) for one in refused.value.problems] == [
        ("why_sum:M1", "集团收入：还差 0.01 没有分下去，要写原因。")
    ]
    written(
        cast,
        {"M1": line("100.00", method="hand", parts=by_hand, why_not_sum="留一分作机动")},
    )
    assert issued(cast).content["lines"][0]["lacking"] == "0.01"


def test_the_sheet_is_written_as_one_thing(cast: Cast) -> None:
    sheet = written(cast, {"M1": line("100.00")}, version=0)
    assert (sheet.version, sheet.state) == (1, "draft")
    with pytest.raises(Stale) as stale:
        written(cast, {"M1": line("120.00")}, version=0)
    assert stale.value.current["version"] == 1
    assert written(cast, {"M2": line("9")}, version=1).version == 2
    assert [each.indicator.code for each in sheet.lines.all()] == ["M2"]


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ({"M9": line("1")}, "value:M9"),
        ({"M1": line("-1")}, "value:M1"),
        ({"M2": line("1.5")}, "value:M2"),
        ({"M1": line("1", method="luck")}, "method:M1"),
        ({"M1": line("1", why_not_required="字" * 201)}, "why:M1"),
    ],
)
def test_what_cannot_be_written(cast: Cast, lines: dict[str, LineEntry], field: str) -> None:
    with pytest.raises(Refused) as refused:
        written(cast, lines)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert not TargetSheet.objects.exists()


def test_nobody_of_another_branch_is_given_a_part(cast: Cast) -> None:
    foreign = cast["吴志远"].pk
    with pytest.raises(Refused) as refused:
        written(cast, {"M1": line("1", method="hand", parts={foreign: D(1)})})
    assert refused.value.problems[0].field == f"part:M1:{foreign}"


@pytest.mark.parametrize(
    ("who", "error"), [("林晓岚", NotFound), ("韩静", NotAllowed), ("郑秋实", NotFound)]
)
def test_who_does_not_prepare_it(cast: Cast, who: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        write_targets(
            branch_id=cast.east.pk,
            month=MONTH,
            entry=TargetEntry(),
            expected_version=0,
            actor=cast.actor(who),
            at=MORNING,
        )


@pytest.mark.parametrize(
    ("moment", "is_open"), [("2027-01-04 12:00:00", True), ("2027-01-04 12:00:01", False)]
)
def test_after_the_freeze_nothing_is_written(cast: Cast, moment: str, is_open: bool) -> None:
    if is_open:
        assert written(cast, {"M1": line("1")}, moment=moment).version == 1
    else:
        with pytest.raises(Refused):
            written(cast, {"M1": line("1")}, moment=moment)


# Issued (T1, T3, T4)


def ready(cast: Cast) -> None:
    """A sheet that can be issued: M1 as required, one work item."""
    required(cast, M1="90.00")
    written(cast, {"M1": line("90.00")}, priorities="专线提速", resources="政企支撑小组")
    given_work(cast, "林晓岚", "陈嘉怡")


def test_the_head_issues_what_the_supervisor_prepared(cast: Cast) -> None:
    ready(cast)
    with pytest.raises(NotAllowed):
        issued(cast, who="周建平")
    version = issued(cast)
    assert (version.number, version.content["priorities"]) == (1, "专线提速")
    assert version.content["lines"][0]["required"] == "90.00"
    assert [one["name"] for one in version.content["managers"]] == ["陈嘉怡", "何俊峰", "林晓岚"]
    assert TargetSheet.objects.get().state == "issued"
    assert sorted(
        Notice.objects.filter(kind="target").values_list("person__name", "title")
    ) == sorted((name, "2026年12月目标已下达，请确认") for name in ("林晓岚", "陈嘉怡", "何俊峰"))


def test_work_items_become_dated_to_dos(cast: Cast) -> None:
    ready(cast)
    assert not ToDo.objects.exists()
    issued(cast)
    to_do = ToDo.objects.get(owner=cast["林晓岚"])
    assert (to_do.title, to_do.due_at, to_do.url) == (
        "走访重点集团 5 家",
        at("2026-12-18 18:00:00"),
        f"/targets/2026-12/of/{cast['林晓岚'].pk}/",
    )


def test_a_target_unlike_the_requirement_needs_a_reason(cast: Cast) -> None:
    required(cast, M1="100.00", M2="5")
    written(cast, {"M1": line("90.00")})
    given_work(cast, "林晓岚")
    with pytest.raises(Refused) as refused:
        issued(cast)
    assert [one.message for one in refused.value.problems] == [
        "集团收入：与公司要求差 10.00，要写原因。",
        "集团产品销售：公司有要求，目标没有填。",
    ]
    written(cast, {"M1": line("90.00", why_not_required="一户迁走"), "M2": line("5")})
    assert issued(cast).content["lines"][0]["why_not_required"] == "一户迁走"


def test_without_any_work_item_a_reason_is_needed(cast: Cast) -> None:
    written(cast, {"M1": line("90.00")})
    with pytest.raises(Refused) as refused:
        issued(cast)
    assert [one.field for one in refused.value.problems] == ["why_no_items"]
    written(cast, {"M1": line("90.00")}, why_no_items="本月只做收口")
    assert issued(cast).content["why_no_items"] == "本月只做收口"


def test_each_manager_acknowledges_the_newest(cast: Cast) -> None:
    ready(cast)
    first = issued(cast)
    own = cast.actor("林晓岚")
    made = acknowledge_targets(version_id=first.pk, actor=own, at=at("2026-12-02 11:00:00"))
    again = acknowledge_targets(version_id=first.pk, actor=own, at=at("2026-12-02 12:00:00"))
    assert made == again
    assert again.acknowledged_at == at("2026-12-02 11:00:00")
    with pytest.raises(NotAllowed):
        acknowledge_targets(version_id=first.pk, actor=cast.actor("周建平"), at=MORNING)
    with pytest.raises(NotFound):
        acknowledge_targets(version_id=first.pk, actor=cast.actor("吴志远"), at=MORNING)
    written(cast, {"M1": line("90.00")}, priorities="再加一条", moment="2026-12-10 09:00:00")
    issued(cast, moment="2026-12-10 10:00:00", why="加重点")
    with pytest.raises(Refused):
        acknowledge_targets(version_id=first.pk, actor=cast.actor("陈嘉怡"), at=MORNING)
    assert Acknowledgement.objects.count() == 1


def test_a_revision_has_a_number_a_reason_and_its_differences(cast: Cast) -> None:
    ready(cast)
    first = issued(cast)
    sheet = written(cast, {"M1": line("93.00", why_not_required="追加")}, priorities="专线提速")
    assert sheet.state == "revising"
    with pytest.raises(Refused) as refused:
        issued(cast)
    assert [one.field for one in refused.value.problems] == ["why_revised"]
    second = issued(cast, why="公司追加", moment="2026-12-10 10:00:00")
    assert (second.number, second.why) == (2, "公司追加")
    assert [(c.label, c.old, c.new) for c in changes(first.content, second.content, "telecom")] == [
        ("集团收入", "90.00 万元", "93.00 万元"),
        ("集团收入 陈嘉怡", "30.00", "31.00"),
        ("集团收入 何俊峰", "30.00", "31.00"),
        ("集团收入 林晓岚", "30.00", "31.00"),
        ("可利用资源", "政企支撑小组", ""),
    ]
    with pytest.raises(Refused):
        issued(cast, why="再发一次")
    first.refresh_from_db()
    assert first.content["lines"][0]["value"] == "90.00"


def test_the_target_of_a_moment_is_the_version_then_in_force(cast: Cast) -> None:
    ready(cast)
    issued(cast)
    written(cast, {"M1": line("93.00", why_not_required="追加")})
    issued(cast, why="公司追加", moment="2026-12-10 10:00:00")
    own = cast["林晓岚"].pk
    told = [
        targets_at(MONTH, [own], at(moment)).get((own, "M1"))
        for moment in ("2026-12-02 09:59:59", "2026-12-02 10:00:00", "2026-12-10 10:00:00")
    ]
    assert told == [None, D("30.00"), D("31.00")]


def test_to_dos_follow_a_revision(cast: Cast) -> None:
    ready(cast)
    issued(cast)
    own, other = WorkItem.objects.order_by("pk")
    boss = cast.actor("周建平")
    change_work_item(
        item_id=own.pk,
        entry=WorkEntry(what="走访重点集团", quantity=8, unit="家", due_on=date(2026, 12, 25)),
        expected_version=sheet_of(cast.east, MONTH).version,
        actor=boss,
        at=at("2026-12-08 09:00:00"),
    )
    remove_work_item(
        item_id=other.pk,
        expected_version=sheet_of(cast.east, MONTH).version,
        actor=boss,
        at=at("2026-12-08 09:00:00"),
    )
    given_work(cast, "何俊峰", what="回访到期合同", moment="2026-12-08 09:00:00")
    before = {one.owner.name: one.title for one in ToDo.objects.open()}
    assert before == {"林晓岚": "走访重点集团 5 家", "陈嘉怡": "走访重点集团 5 家"}
    issued(cast, why="调整", moment="2026-12-08 10:00:00")
    assert {one.owner.name: (one.title, one.state) for one in ToDo.objects.all()} == {
        "林晓岚": ("走访重点集团 8 家", "open"),
        "陈嘉怡": ("走访重点集团 5 家", "dropped"),
        "何俊峰": ("回访到期合同 5 家", "open"),
    }


# Worked off (T4)


def report(cast: Cast, item: WorkItem, done: int, version: int, who: str = "林晓岚") -> WorkItem:
    return report_work(
        item_id=item.pk,
        done=done,
        expected_version=version,
        actor=cast.actor(who),
        at=at("2026-12-09 15:00:00"),
    )


def test_done_of_total_closes_the_to_do(cast: Cast) -> None:
    ready(cast)
    item = WorkItem.objects.earliest("pk")
    with pytest.raises(NotFound):  # not issued yet: a manager does not see it
        report(cast, item, 1, 1)
    issued(cast)
    assert report(cast, item, 3, 1).done == 3
    assert ToDo.objects.get(source_id=item.pk).state == ToDoState.OPEN
    with pytest.raises(Stale):
        report(cast, item, 4, 1)
    report(cast, item, 5, 2)
    to_do = ToDo.objects.get(source_id=item.pk)
    assert (to_do.state, to_do.closed_at) == (ToDoState.DONE, at("2026-12-09 15:00:00"))
    report(cast, item, 4, 3)
    assert ToDo.objects.get(source_id=item.pk).state == ToDoState.OPEN
    with pytest.raises(NotAllowed):
        report(cast, item, 5, 4, who="周建平")


def test_the_tick_on_the_list_says_that_all_of_it_is_done(cast: Cast) -> None:
    ready(cast)
    issued(cast)
    item = WorkItem.objects.earliest("pk")
    to_do = ToDo.objects.get(source_id=item.pk)
    own = cast.actor("林晓岚")
    tick_to_do(to_do_id=to_do.pk, actor=own, at=at("2026-12-09 15:00:00"))
    item.refresh_from_db()
    assert (item.done, item.reported_at) == (5, at("2026-12-09 15:00:00"))
    assert AuditRow.objects.latest("pk").what == "kpi.report_work"
    untick_to_do(to_do_id=to_do.pk, actor=own, at=at("2026-12-09 15:01:00"))
    item.refresh_from_db()
    assert item.done == 0


@pytest.mark.parametrize(
    ("changes_", "field"),
    [
        ({"what": " "}, "what"),
        ({"quantity": 0}, "quantity"),
        ({"due": "2027-01-04"}, "due_on"),
        ({"unit": "字" * 13}, "unit"),
        ({"code": "M9"}, "code"),
    ],
)
def test_work_that_cannot_be_given(cast: Cast, changes_: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        given_work(cast, "林晓岚", **changes_)  # type: ignore[arg-type]
    assert [problem.field for problem in refused.value.problems] == [field]


def test_work_is_given_to_the_branchs_managers_only(cast: Cast) -> None:
    with pytest.raises(Refused):
        given_work(cast, "吴志远")


def test_as_many_statements_for_thirty_managers(cast: Cast) -> None:
    def counted(month: Month) -> list[int]:
        told = []
        with CaptureQueriesContext(connection) as queries:
            written(
                cast,
                {"M1": line("900.00"), "M2": line("60")},
                month=month,
                version=0,
                why_no_items="本月只做收口",
            )
        told.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            issued(cast, month=month)
        told.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            target_view(cast.east, month)
        return [*told, len(queries)]

    few = counted(Month(2026, 12))
    for number in range(30):
        person = Person.objects.create(
            job_number=f"21{number:04d}", name=f"经理{number}", branch=cast.east
        )
        RoleGrant.objects.create(
            person=person, role="manager", branch=cast.east, valid_from=date(2024, 1, 1)
        )
    assert counted(Month(2027, 1)) == few


def test_the_day_by_which_it_is_due_is_a_setting(cast: Cast) -> None:
    head = cast["赵国梁"].pk
    span = (at("2026-12-01 00:00:00"), at("2026-12-31 00:00:00"))
    assert [(one.title, one.due_at) for one in due_items([head], *span)] == [
        ("下达2026年12月目标", at("2026-12-03 18:00:00"))
    ]
    BranchSetting.objects.create(
        branch=cast.east,
        key="targets_day",
        value=5,
        valid_from=date(2026, 11, 1),
        set_at=MORNING,
    )
    assert [one.due_at for one in due_items([head], *span)] == [at("2026-12-07 18:00:00")]
    ready(cast)
    issued(cast)
    assert due_items([head], *span) == []
    assert [one.title for one in due_items([cast["林晓岚"].pk], *span)] == ["确认2026年12月目标"]
    acknowledge_targets(
        version_id=TargetVersion.objects.get().pk, actor=cast.actor("林晓岚"), at=MORNING
    )
    assert due_items([cast["林晓岚"].pk], *span) == []

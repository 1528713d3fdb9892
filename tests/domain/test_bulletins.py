"""The month's bulletin (B1, M2.3, annex 8): its draft, its parts, its sentences, its names."""

import copy
import json
from datetime import timedelta
from typing import Any

import pytest

from core import canonical, jobs
from core.canonical import canonical_json
from core.errors import NotAllowed, Refused
from core.models import Job
from core.periods import Month
from duties.models import Notice
from inspections.operations.findings import decide_objection as decide_finding
from inspections.operations.findings import object_to_finding
from kpi.models import SheetVersion
from organization.models import RoleGrant
from reports.bulletin_charts import losses_chart
from reports.bulletin_tables import projects_table
from reports.bulletin_view import View
from reports.document import PARTS, as_content, from_content
from reports.drafting import document_of
from reports.figures import month_figures
from reports.masking import Masking
from reports.models import Bulletin, SpotCheck
from reports.operations.bulletins import (
    draft_bulletin,
    take_figures,
)
from reports.queries.bulletins import month_to_draft
from reports.suggestions import suggestions
from tests.cast import Cast, at
from tests.domain.bulletins import (
    DRAFTED,
    FROZEN,
    NOVEMBER,
    asked,
    drafted,
    han,
    proposed,
    published,
    raised,
    rows_of,
    run_until,
    texts_of,
    took_all,
    wrote,
)
from tests.domain.schemes import with_second
from tests.domain.scores import approved_case, month_of_work

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def november(checked: Cast) -> Cast:
    return checked


# Drafting


def test_not_before_the_inputs_are_frozen(november: Cast) -> None:
    before = FROZEN - SECOND
    with pytest.raises(Refused, match="数据还没有冻结"):
        draft_bulletin(month=NOVEMBER, actor=han(november, before), at=before)
    assert month_to_draft(han(november, before), before) == Month(2026, 10)
    assert month_to_draft(han(november, FROZEN), FROZEN) == NOVEMBER
    bulletin = drafted(november, FROZEN)
    assert (bulletin.state, bulletin.title) == ("draft", "关于2026年11月客户经理工作情况的通报")
    assert month_to_draft(han(november, FROZEN), FROZEN) is None


def test_once_a_month(november: Cast) -> None:
    drafted(november)
    with pytest.raises(Refused, match="已经起草"):
        drafted(november)


def test_only_the_market_department_writes(november: Cast) -> None:
    for who in ("孙岚", "周建平", "赵国梁", "林晓岚", "马骏"):
        with pytest.raises(NotAllowed):
            draft_bulletin(month=NOVEMBER, actor=november.actor(who, on=DRAFTED), at=DRAFTED)


def test_the_clock_begins_it_on_the_fifth_working_day(november: Cast) -> None:
    run_until(DRAFTED - SECOND)
    assert not Bulletin.objects.exists()
    run_until(DRAFTED)
    bulletin = Bulletin.objects.get()
    assert (bulletin.month, bulletin.drafted_at, bulletin.drafted_by) == (
        "2026-11",
        DRAFTED,
        None,
    )
    told = Notice.objects.filter(group="bulletin:2026-11").order_by("person__name")
    assert [(one.person.name, one.title) for one in told] == [
        ("苏婉", "2026年11月通报草稿已生成，12月14日（周一）前发布"),
        ("韩静", "2026年11月通报草稿已生成，12月14日（周一）前发布"),
    ]
    run_until(DRAFTED + timedelta(minutes=1))
    assert Bulletin.objects.count() == 1


def test_three_days_late_gives_the_same_draft(november: Cast) -> None:
    finding = raised(november)
    run_until(DRAFTED)
    in_time = Bulletin.objects.get().figures
    Bulletin.objects.all().delete()
    Job.objects.filter(kind="reports.draft_bulletin").update(state="waiting", attempt=0)
    later = at("2026-12-08 09:00:00")
    object_to_finding(
        finding_id=finding.pk,
        text="系统故障",
        expected_version=finding.version,
        actor=november.actor("赵国梁", on=later),
        at=later,
    )
    jobs.run_due(DRAFTED + timedelta(days=3))
    late = Bulletin.objects.get()
    assert canonical.digest(late.figures) == canonical.digest(in_time)
    assert late.drafted_at == DRAFTED


def test_without_frozen_reports_the_figures_are_the_same(november: Cast) -> None:
    kept = month_figures(NOVEMBER, DRAFTED)
    SpotCheck.objects.all().delete()
    assert canonical_json(month_figures(NOVEMBER, DRAFTED)) == canonical_json(kept)


def test_the_clock_leaves_a_draft_alone_that_somebody_began(november: Cast) -> None:
    bulletin = drafted(november, FROZEN)
    run_until(DRAFTED)
    assert Bulletin.objects.get() == bulletin
    assert Bulletin.objects.get().drafted_by == november["韩静"]


# The document


def test_the_eleven_parts_with_their_figures(november: Cast) -> None:
    raised(november)
    document = document_of(drafted(november), None)
    assert tuple(part.key for part in document.parts) == PARTS
    assert texts_of(document, "head") == [
        (
            "按照月度检查安排，市场部对2个分公司2026年11月的客户经理工作进行了检查。"
            "数据截至12月7日08:30，现将结果通报如下。"
        )
    ]
    assert rows_of(document, "overall", "ranks") == [
        ("1", "城西分公司", "1", "100.00", "良好", "25.00", "", "", "", "", "0"),
        ("2", "城东分公司", "3", "94.00", "良好", "25.00", "", "", "", "", "2"),
    ]
    assert rows_of(document, "results", "punctuality") == [
        ("城东分公司", "12", "10", "1", "1", "83.3", "3", "0", "3", "0", ""),
        ("城西分公司", "4", "4", "0", "0", "100.0", "3", "0", "3", "0", ""),
    ]
    assert rows_of(document, "problems", "problems") == [
        ("1", "城东", "计划与周报及时", "200005", "第 46 周周报迟交 1 分 0 秒", "0.50",
         "WT-2026-0001", "2026-12-10"),
        ("2", "城东", "计划与周报及时", "200006", "第 48 周周报未交", "1.00",
         "WT-2026-0001", "2026-12-10"),
    ]  # fmt: skip
    assert rows_of(document, "rectify", "rectify") == [
        ("WT-2026-0001", "2026年11月计划与周报及时：迟 1、缺 1", "城东分公司", "200003",
         "2026-12-10", "系统复核"),
    ]  # fmt: skip
    assert [chart.key for part in document.parts for chart in part.charts] == ["ranks", "losses"]


def test_what_no_source_has_judged_is_said_and_has_no_number(november: Cast) -> None:
    document = document_of(drafted(november), None)
    assert rows_of(document, "results", "projects") == [
        ("1 客户服务标准", "服务频次达标率", "", "", "本月未检查"),
        ("2 客户感知", "知晓与换管告知率", "", "", "本月未检查"),
        ("3 客户资料管理", "资料及时准确率", "", "", "本月未检查"),
        ("4 记录一致性", "周报与系统一致率", "100.0", "", "没有发现问题"),
        ("5 生日宣传品", "记录完整率", "", "", "本月未检查"),
        ("6 会议", "纪要与签到齐全率", "", "", "本月未检查"),
        ("7 计划与汇总", "按时率", "87.5", "", "迟1处，缺1处"),
    ]
    assert texts_of(document, "scope") == [
        (
            "检查期为11月1日至30日，补交的计到12月2日12:00，由系统全量核对，不抽样："
            "三方一致（15份）、计划与周报及时（16份）。"
        ),
        (
            "资料及时更新、服务频次、生日宣传品记录、客户感知、换管告知、会议纪要与签到本月未检查，"
            "不计分也不扣分。"
        ),
    ]
    assert texts_of(document, "assessment") == ["本月考核表尚未计算。"]


def test_a_project_is_compared_with_the_same_branches_month_before(november: Cast) -> None:
    """城东's summaries were 9 of 12 in October, the company's 12 of 16."""
    figures = drafted(november).figures
    shares = {november.east.pk: (9, 12), november.west.pk: (3, 4)}
    for item in figures["items"]:
        item["past"] = [
            {"branch": branch, "right": right, "counted": counted if item["is_checked"] else 0}
            for branch, (right, counted) in shares.items()
        ]
    found = {}
    for branch in (None, november.east.pk, november.west.pk):
        table = projects_table(View(figures, branch, Masking(figures["people"])))
        [row] = [row for row in table.rows if row[0] == "7 计划与汇总"]
        found[branch] = (row[2], row[3])
    assert found == {
        None: ("87.5", "12.5"),
        november.east.pk: ("83.3", "8.3"),
        november.west.pk: ("100.0", "25.0"),
    }


def test_the_month_before_is_counted_branch_by_branch(november: Cast) -> None:
    kept = SpotCheck.objects.filter(phase="frozen")
    kept.update(month="2026-10")
    figures = month_figures(NOVEMBER, DRAFTED)
    past = {item["code"]: item["past"] for item in figures["items"]}
    assert past["punctual"] == [
        {"branch": november.east.pk, "right": 10, "counted": 12},
        {"branch": november.west.pk, "right": 4, "counted": 4},
    ]


def test_rows_of_problems_add_up_to_the_points_lost(november: Cast) -> None:
    raised(november)
    figures = drafted(november).figures
    lost = {
        (line["branch"], item["code"]): line["lost"]
        for item in figures["items"]
        for line in item["lines"]
        if line["lost"] and line["lost"] != "0.00"
    }
    assert lost == {(november.east.pk, "punctual"): "1.50"}
    assert [one["points"] for one in figures["problems"]] == ["0.50", "1.00"]


def test_scores_targets_and_cases_are_told(cast: Cast) -> None:
    with_second(cast)
    month_of_work(cast)
    approved_case(cast, "林晓岚", "JF-2", "2", decided_at=at("2026-12-07 08:30:01"))
    run_until(at("2026-12-02 12:00:00"))
    run_until(at("2026-12-03 08:30:00"))
    bulletin = drafted(cast)
    sheets = bulletin.figures["sheets"]
    assert sheets["is_locked"] is False
    lin = [one for one in sheets["managers"] if one["manager"] == cast["林晓岚"].pk]
    assert [(one["total"], one["band"], one["url"]) for one in lin] == [
        ("91.88", "excellent", f"/scores/2026-11/{cast['林晓岚'].pk}/")
    ]
    assert [(one["number"], one["points"]) for one in bulletin.figures["cases"]] == [
        ("JF-1", "3.00")
    ]
    targets = {(one["code"], one["target"], one["actual"], one["done"])
               for one in bulletin.figures["targets"]}  # fmt: skip
    assert targets == {("M2", "200", "180", "90.0"), ("S1", "90.0", "88.0", "97.8")}
    SheetVersion.objects.update(made_at=DRAFTED + timedelta(days=3))
    assert month_figures(NOVEMBER, DRAFTED)["sheets"] == sheets
    assert month_figures(NOVEMBER, FROZEN)["sheets"]["managers"] == []
    assert month_figures(NOVEMBER, at("2026-12-12 00:00:00"))["sheets"]["is_locked"] is True
    company = document_of(bulletin, None)
    east = document_of(bulletin, cast.east)
    assert ("城东分公司", "200004", "91.88", "优秀") in [
        row[1:] for row in rows_of(company, "annex", "sheets")
    ]
    assert ("城东分公司", "林晓岚", "91.88", "优秀") in [
        row[1:] for row in rows_of(east, "annex", "sheets")
    ]
    said = {one.key: one.text for one in suggestions(bulletin.figures)["good"]}
    assert said["best"] == "城东分公司客户经理工号200004考核得分91.88分，为全公司最高。"
    assert said["case-JF-1"] == "城东分公司客户经理工号200004“集团产品挽留”经认定加3.00分。"


# What figures and lists make of numbers and names


def _lost(**points: str) -> dict[str, Any]:
    """Figures of two branches, each item of a hundred or of five points with what it cost."""
    branches = [
        {"id": 1, "code": "CD", "name": "城东分公司", "rank": 1, "url": "/b/1/"},
        {"id": 2, "code": "CX", "name": "城西分公司", "rank": 2, "url": "/b/2/"},
    ]
    items = [
        {
            "code": code,
            "name": code,
            "points": "100.00" if code == "large" else "5.00",
            "is_checked": True,
            "lines": [
                {"branch": 1, "lost": lost, "is_checked": True},
                {"branch": 2, "lost": "0.00", "is_checked": True},
            ],
        }
        for code, lost in points.items()
    ]
    return {"branches": branches, "items": items}


@pytest.mark.parametrize(
    ("lost", "level"),
    [("0.00", 0), ("0.01", 1), ("1.99", 1), ("2.00", 2), ("4.99", 2), ("5.00", 3)],
)
def test_as_many_points_lost_are_as_dark_whatever_the_item(lost: str, level: int) -> None:
    chart = losses_chart(View(_lost(large=lost, small=lost), None, Masking({})))
    assert chart is not None
    assert [[cell["level"] for cell in row] for row in chart.data["cells"]] == [
        [level, level], [0, 0],
    ]  # fmt: skip
    assert chart.caption == "各分公司各项扣分（分，2分和5分起加深）"


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (("城东分公司", "城西支行"), {0: "城东", 1: "城西"}),
        (("城东分公司", "城东支行"), {0: "城东分公司", 1: "城东支行"}),
        (("分公司", "营业部"), {0: "分公司", 1: "营业部"}),
    ],
)
def test_branches_are_shortened_where_they_stay_different(
    names: tuple[str, ...], short: dict[int, str]
) -> None:
    branches = [{"id": n, "name": name} for n, name in enumerate(names)]
    assert View({"branches": branches}, None, Masking({})).short_names == short


def test_the_document_comes_back_from_its_json(november: Cast) -> None:
    document = document_of(took_all(november, drafted(november)), november.east)
    content = canonical_json(as_content(document))
    assert from_content(json.loads(content)) == document


# Suggested sentences


def every(figures: dict[str, Any]) -> list[tuple[str, str]]:
    return [(part, one.key) for part, each in suggestions(figures).items() for one in each]


def test_every_sentence_stands_on_a_row(november: Cast) -> None:
    raised(november)
    offered = suggestions(drafted(november).figures)
    assert [one.key for each in offered.values() for one in each if not one.rows] == []
    assert {part: [one.key for one in each] for part, each in offered.items()} == {
        "overall": ["mean", "grades"],
        "results": ["item-agree", "item-punctual"],
        "good": ["clean"],
        "problems": ["count"],
        "followed_up": [],
        "rectify": ["rectify"],
        "assessment": ["quality"],
        "next_month": ["focus-punctual"],
    }


@pytest.mark.parametrize(
    ("emptied", "gone"),
    [
        ("problems", {("problems", "count")}),
        ("findings", {("rectify", "rectify")}),
        (
            "branches",
            {
                ("overall", "mean"),
                ("overall", "grades"),
                ("good", "clean"),
                ("assessment", "quality"),
                ("next_month", "focus-punctual"),
                ("results", "item-agree"),
            },
        ),
    ],
)
def test_a_sentence_goes_with_its_rows(
    november: Cast, emptied: str, gone: set[tuple[str, str]]
) -> None:
    raised(november)
    figures = drafted(november).figures
    without = {**copy.deepcopy(figures), emptied: []}
    assert set(every(figures)) - set(every(without)) >= gone


def test_nothing_suggests_itself_of_an_empty_month(november: Cast) -> None:
    figures = drafted(november).figures
    bare = {**figures, "branches": [], "items": [], "problems": [], "findings": [], "cases": []}
    assert every(bare) == []


def test_a_dropped_finding_takes_its_sentence_out_of_the_draft(november: Cast) -> None:
    finding = raised(november)
    bulletin = took_all(november, drafted(november, at("2026-12-03 11:00:00")))
    assert any("立项" in text for text in texts_of(document_of(bulletin, None), "rectify"))
    moment = at("2026-12-04 09:00:00")
    finding = object_to_finding(
        finding_id=finding.pk,
        text="系统故障",
        expected_version=finding.version,
        actor=november.actor("赵国梁", on=moment),
        at=moment,
    )
    decide_finding(
        finding_id=finding.pk,
        is_upheld=True,
        text="属实",
        expected_version=finding.version,
        actor=han(november, moment),
        at=moment,
    )
    bulletin = take_figures(
        bulletin_id=bulletin.pk,
        expected_version=bulletin.version,
        actor=han(november, DRAFTED),
        at=DRAFTED,
    )
    assert bulletin.taken["rectify"] == []
    assert texts_of(document_of(bulletin, None), "rectify") == ["本月没有新的整改事项。"]


def test_a_sentence_that_has_no_ground_is_refused(november: Cast) -> None:
    bulletin = drafted(november)
    with pytest.raises(Refused, match="没有依据"):
        wrote(november, bulletin, taken={"good": ["best"]})
    with pytest.raises(Refused, match="没有这一部分"):
        wrote(november, bulletin, texts={"annex": "x"})


# Names


def names_of_managers(cast: Cast) -> set[str]:
    return {grant.person.name for grant in RoleGrant.objects.filter(role="manager")}


def test_the_companys_edition_names_no_manager(november: Cast) -> None:
    raised(november)
    bulletin = took_all(november, drafted(november))
    bulletin = wrote(november, bulletin, texts={"good": "城东的林晓岚连续四周按时，吴志远也是。"})
    bulletin = published(november, proposed(november, asked(november, bulletin)))
    company = bulletin.editions.get(branch=None)
    text = canonical_json(company.content)
    assert {name for name in names_of_managers(november) if name in text} == set()
    assert "城东的工号200004连续四周按时，工号300004也是。" in text


def test_a_branchs_edition_names_its_own_people_alone(november: Cast) -> None:
    raised(november)
    bulletin = wrote(
        november, drafted(november), texts={"good": "城东的林晓岚连续四周按时，吴志远也是。"}
    )
    bulletin = published(november, proposed(november, asked(november, bulletin)))
    east, west = (bulletin.editions.get(branch=b) for b in (november.east, november.west))
    told = {
        branch: {name for name in names_of_managers(november) if name in canonical_json(content)}
        for branch, content in (("east", east.content), ("west", west.content))
    }
    assert told == {"east": {"林晓岚", "陈嘉怡", "何俊峰"}, "west": {"吴志远"}}
    document = from_content(west.content)
    assert rows_of(document, "problems", "problems") == []
    assert len(rows_of(document, "overall", "ranks")) == 2
    assert [row[0] for row in rows_of(document, "annex", "items")] == ["城西分公司"]

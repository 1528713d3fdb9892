"""The month's bulletin (B1, M2.3, annex 8): drafted, commented, approved by a second, published."""

import copy
import json
import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from core import canonical, jobs
from core.canonical import canonical_json
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow, Job, OutboxMessage
from core.periods import Month
from duties.models import Notice
from inspections.operations.findings import decide_objection as decide_finding
from inspections.operations.findings import object_to_finding
from organization.models import BranchSetting, RoleGrant
from reports.choices import BulletinState
from reports.document import PARTS, Document, as_content, from_content
from reports.drafting import document_of
from reports.figures import month_figures
from reports.models import Bulletin, Edition, SignFor, SpotCheck
from reports.operations import publishing
from reports.operations.bulletins import (
    ask_for_comments,
    draft_bulletin,
    draft_supplement,
    propose_bulletin,
    send_back_bulletin,
    take_figures,
    write_bulletin,
)
from reports.operations.comments import answer_comment, comment_on_bulletin
from reports.operations.publishing import publish_bulletin
from reports.operations.receipts import remind_signers, sign_for_bulletin
from reports.queries.bulletin_due import due_items
from reports.queries.bulletins import bulletins_for, editions_of, month_to_draft
from reports.suggestions import suggestions
from tests.cast import BEGIN, Cast, at, make_cast
from tests.domain.bulletins import (
    ASKED,
    COMMENTS_UNTIL,
    DRAFTED,
    DUE,
    FROZEN,
    NOVEMBER,
    PROPOSED,
    PUBLISHED,
    agreed,
    asked,
    checked_november,
    drafted,
    proposed,
    published,
    raised,
    run_until,
    whole_way,
)
from tests.domain.schemes import with_second
from tests.domain.scores import approved_case, month_of_work

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def november(cast: Cast) -> Cast:
    return checked_november(cast)


def han(cast: Cast, moment: Any = ASKED) -> Any:
    """韩静, who writes."""
    return cast.actor("韩静", on=moment)


def texts_of(document: Document, part: str) -> list[str]:
    return [one.text for one in document.part(part).paragraphs]


def rows_of(document: Document, part: str, key: str) -> list[tuple[str, ...]]:
    return [row for table in document.part(part).tables if table.key == key for row in table.rows]


def wrote(cast: Cast, bulletin: Bulletin, **more: Any) -> Bulletin:
    return write_bulletin(
        bulletin_id=bulletin.pk,
        expected_version=bulletin.version,
        actor=han(cast),
        at=ASKED,
        **more,
    )


def took_all(cast: Cast, bulletin: Bulletin) -> Bulletin:
    """Every sentence that the figures suggest."""
    offered = suggestions(bulletin.figures)
    return wrote(
        cast, bulletin, taken={part: [one.key for one in each] for part, each in offered.items()}
    )


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
            "数据截至12月2日12:00冻结，现将结果通报如下。"
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
        ("1", "城东分公司", "计划与周报及时", "200005", "第 46 周周报迟交 1 分 0 秒", "0.50",
         "WT-2026-0001", "2026-12-10"),
        ("2", "城东分公司", "计划与周报及时", "200006", "第 48 周周报未交", "1.00",
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
        "检查期为11月1日至30日，由系统全量核对，不抽样：三方一致（15份）、计划与周报及时（16份）。",
        (
            "资料及时更新、服务频次、生日宣传品记录、客户感知、换管告知、会议纪要与签到本月未检查，"
            "不计分也不扣分。"
        ),
    ]
    assert texts_of(document, "assessment") == ["本月考核表尚未计算。"]


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


# Writing


def test_two_windows_do_not_overwrite_each_other(november: Cast) -> None:
    bulletin = drafted(november)
    wrote(november, bulletin, texts={"good": "一"})
    with pytest.raises(Stale) as stale:
        wrote(november, bulletin, texts={"good": "二"})
    assert (stale.value.current["version"], stale.value.current["texts"]) == (2, {"good": "一"})


def test_the_trail_tells_what_was_changed_alone(november: Cast) -> None:
    bulletin = wrote(november, drafted(november), texts={"good": "一"})
    wrote(november, bulletin, head={"copy_to": ""}, taken={"good": ["clean"]})
    row = AuditRow.objects.filter(what="reports.write_bulletin").latest("id")
    assert row.before == {"copy_to": "公司领导", "taken.good": ""}
    assert row.after == {"copy_to": "", "taken.good": ["clean"]}


def test_what_is_too_long_is_said_at_its_field(november: Cast) -> None:
    bulletin = drafted(november)
    for more, field in (
        ({"head": {"title": "题" * 81}}, "title"),
        ({"head": {"title": " "}}, "title"),
        ({"texts": {"good": "字" * 6001}}, "texts.good"),
    ):
        with pytest.raises(Refused) as refused:
            wrote(november, bulletin, **more)
        assert refused.value.field == field


# Comments


def test_a_branch_speaks_until_the_last_second(november: Cast) -> None:
    bulletin = asked(november, drafted(november))
    assert bulletin.comments_until == COMMENTS_UNTIL
    last = COMMENTS_UNTIL - SECOND

    def say(who: str, moment: Any, text: str = "表4有误") -> Any:
        return comment_on_bulletin(
            bulletin_id=bulletin.pk,
            branch_id=november[who].branch_id or 0,
            text=text,
            actor=november.actor(who, on=moment),
            at=moment,
        )

    with pytest.raises(Refused, match="时间已过"):
        say("郑秋实", COMMENTS_UNTIL)
    with pytest.raises(Refused) as refused:
        say("郑秋实", last, " ")
    assert refused.value.field == "text"
    assert say("郑秋实", last).answered_at is None
    with pytest.raises(Refused, match="已经提过"):
        say("郑秋实", last)
    with pytest.raises(NotFound):
        say("林晓岚", last)
    with pytest.raises(NotFound):
        comment_on_bulletin(
            bulletin_id=bulletin.pk,
            branch_id=november.west.pk,
            text="x",
            actor=november.actor("周建平", on=last),
            at=last,
        )


def test_branches_are_asked_by_a_notice(november: Cast) -> None:
    asked(november, drafted(november))
    told = Notice.objects.filter(key__startswith="comment:").order_by("person__job_number")
    assert [one.person.name for one in told] == ["赵国梁", "钱慧敏", "周建平", "郑秋实"]
    assert {one.title for one in told} == {
        "2026年11月通报草稿征求意见，请在 12月10日（周四）前提出"
    }


def test_not_proposed_before_all_have_spoken_and_are_answered(november: Cast) -> None:
    bulletin = asked(november, drafted(november))
    early = at("2026-12-08 09:00:00")
    with pytest.raises(Refused, match="还有 2 个分公司没有提"):
        proposed(november, bulletin, early)
    agreed(november, bulletin, "周建平")
    with pytest.raises(Refused, match="还有 1 个分公司没有提"):
        proposed(november, bulletin, COMMENTS_UNTIL - SECOND)
    comment = comment_on_bulletin(
        bulletin_id=bulletin.pk,
        branch_id=november.west.pk,
        text="周汇总第46周已邮件报送",
        actor=november.actor("郑秋实", on=early),
        at=early,
    )
    with pytest.raises(Refused, match="没有答复"):
        proposed(november, bulletin, early)
    with pytest.raises(NotAllowed):
        answer_comment(
            comment_id=comment.pk,
            answer="x",
            actor=november.actor("郑秋实", on=early),
            at=early,
        )
    answered = answer_comment(
        comment_id=comment.pk, answer="已核实，写入说明", actor=han(november, early), at=early
    )
    assert (answered.answer, answered.answered_by) == ("已核实，写入说明", november["韩静"])
    with pytest.raises(Refused, match="已经答复"):
        answer_comment(comment_id=comment.pk, answer="再", actor=han(november, early), at=early)
    assert proposed(november, bulletin, early).state == BulletinState.PROPOSED


def test_silence_ends_with_the_time(november: Cast) -> None:
    bulletin = asked(november, drafted(november))
    assert proposed(november, bulletin, COMMENTS_UNTIL).state == BulletinState.PROPOSED


def test_whoever_leads_sees_it_from_then_on(november: Cast) -> None:
    bulletin = drafted(november)
    leader, manager = (november.actor(who, on=ASKED) for who in ("周建平", "林晓岚"))
    assert not bulletins_for(leader).exists()
    asked(november, bulletin)
    assert (bulletins_for(leader).exists(), bulletins_for(manager).exists()) == (True, False)


# Approval


def test_a_second_person_approves(november: Cast) -> None:
    bulletin = proposed(november, asked(november, drafted(november)))
    told = Notice.objects.filter(key__startswith="approve:")
    assert [(one.person.name, one.title) for one in told] == [
        ("苏婉", "韩静 提请批准2026年11月通报")
    ]
    with pytest.raises(NotAllowed, match="另一人批准"):
        publish_bulletin(
            bulletin_id=bulletin.pk,
            expected_version=bulletin.version,
            actor=han(november, PUBLISHED),
            at=PUBLISHED,
        )
    assert published(november, bulletin).approved_by == november["苏婉"]


def test_whoever_drafted_does_not_approve_what_another_proposed(november: Cast) -> None:
    bulletin = asked(november, drafted(november))
    bulletin = propose_bulletin(
        bulletin_id=bulletin.pk,
        expected_version=bulletin.version,
        actor=november.actor("苏婉", on=PROPOSED),
        at=PROPOSED,
    )
    for who in ("韩静", "苏婉"):
        with pytest.raises(NotAllowed):
            publish_bulletin(
                bulletin_id=bulletin.pk,
                expected_version=bulletin.version,
                actor=november.actor(who, on=PUBLISHED),
                at=PUBLISHED,
            )


def test_sent_back_with_a_reason(november: Cast) -> None:
    bulletin = proposed(november, asked(november, drafted(november)))

    def send_back(why: str) -> Bulletin:
        return send_back_bulletin(
            bulletin_id=bulletin.pk,
            why=why,
            expected_version=bulletin.version,
            actor=november.actor("苏婉", on=PUBLISHED),
            at=PUBLISHED,
        )

    with pytest.raises(Refused) as refused:
        send_back(" ")
    assert refused.value.field == "why"
    assert send_back("第九部分太空").state == BulletinState.COMMENTING
    notice = Notice.objects.get(key__startswith="sent-back:")
    assert (notice.person.name, notice.title) == (
        "韩静",
        "2026年11月通报被退回：第九部分太空",
    )


def test_a_changed_bulletin_is_not_published_unseen(november: Cast) -> None:
    bulletin = proposed(november, asked(november, drafted(november)))
    with pytest.raises(Stale):
        publish_bulletin(
            bulletin_id=bulletin.pk,
            expected_version=bulletin.version - 1,
            actor=november.actor("苏婉", on=PUBLISHED),
            at=PUBLISHED,
        )
    assert not Edition.objects.exists()


# Published


def test_publishing_numbers_freezes_and_tells(november: Cast) -> None:
    bulletin = whole_way(november)
    assert (bulletin.document_number, bulletin.published_at) == ("市通报〔2026〕1号", PUBLISHED)
    editions = list(bulletin.editions.order_by("branch__code"))
    assert {one.branch.name if one.branch else "" for one in editions} == {
        "",
        "城东分公司",
        "城西分公司",
    }
    for one in editions:
        assert one.digest == canonical.digest(one.content)
        assert one.content["document_number"] == "市通报〔2026〕1号"
        assert one.content["published_on"] == "2026-12-14"
    assert Job.objects.filter(kind="reports.render_edition").count() == 3
    assert [one.person.name for one in bulletin.receipts.order_by("person__job_number")] == [
        "赵国梁",
        "钱慧敏",
        "周建平",
        "郑秋实",
    ]
    told = Notice.objects.filter(key=f"published:{bulletin.pk}")
    assert {one.title for one in told} == {"市通报〔2026〕1号已发布，请签收"}


def test_what_is_published_is_never_changed(november: Cast) -> None:
    bulletin = whole_way(november)
    before = canonical.digest([one.content for one in bulletin.editions.order_by("pk")])
    values: dict[str, Any] = {
        "bulletin_id": bulletin.pk,
        "expected_version": bulletin.version,
        "actor": han(november, PUBLISHED),
        "at": PUBLISHED,
    }
    for change in (
        lambda: write_bulletin(**values, texts={"good": "x"}),
        lambda: take_figures(**values),
        lambda: ask_for_comments(**values),
        lambda: propose_bulletin(**values),
        lambda: send_back_bulletin(**values, why="x"),
        lambda: publish_bulletin(**{**values, "actor": november.actor("苏婉", on=PUBLISHED)}),
    ):
        with pytest.raises(Refused, match="不再改动"):
            change()
    raised(november, "2026-12-14 11:00:00")
    after = canonical.digest([one.content for one in bulletin.editions.order_by("pk")])
    assert after == before


def test_numbers_of_a_year_have_no_gap(november: Cast) -> None:
    first = whole_way(november)
    december = at("2027-01-05 12:00:00")
    second = draft_bulletin(month=Month(2026, 12), actor=han(november, december), at=december)
    third = draft_supplement(
        bulletin_id=first.pk, why="申诉改分", actor=han(november, december), at=december
    )
    numbers = []
    for bulletin in (third, second):
        bulletin = asked(november, bulletin, december)
        moment = at("2027-01-20 10:00:00")
        bulletin = published(november, proposed(november, bulletin, moment), moment)
        numbers.append(bulletin.document_number)
    assert (first.document_number, numbers) == (
        "市通报〔2026〕1号",
        ["市通报〔2027〕1号", "市通报〔2027〕2号"],
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    "postgresql" not in connection.settings_dict["ENGINE"], reason="one writer at a time"
)
def test_of_two_published_at_one_instant_the_second_takes_the_next_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cast = checked_november(make_cast())
    october = at("2026-12-02 12:00:00")
    bulletins = [
        proposed(cast, asked(cast, each))
        for each in (
            drafted(cast),
            draft_bulletin(month=Month(2026, 10), actor=han(cast, october), at=october),
        )
    ]
    meeting = threading.Barrier(2)
    real = publishing._prepared

    def prepared(*args: Any) -> Any:
        found = real(*args)
        with suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=3)
        return found

    monkeypatch.setattr(publishing, "_prepared", prepared)
    failures: list[Exception] = []

    def publish(bulletin: Bulletin) -> None:
        try:
            published(cast, bulletin)
        except Exception as error:  # told below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish, args=(one,)) for one in bulletins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    numbers = sorted(Bulletin.objects.values_list("document_number", flat=True))
    assert numbers == ["市通报〔2026〕1号", "市通报〔2026〕2号"]
    assert {one.content["document_number"] for one in Edition.objects.all()} == set(numbers)


# Supplements


def test_a_supplement_tells_what_changed(november: Cast) -> None:
    bulletin = whole_way(november)
    raised(november, "2026-12-14 11:00:00")
    moment = at("2026-12-15 09:00:00")
    with pytest.raises(Refused, match="补充的原因"):
        draft_supplement(bulletin_id=bulletin.pk, why=" ", actor=han(november, moment), at=moment)
    supplement = draft_supplement(
        bulletin_id=bulletin.pk,
        why="通报发布后就陈嘉怡的周报立项一个",
        actor=han(november, moment),
        at=moment,
    )
    assert (supplement.supplement, supplement.title) == (
        1,
        "关于2026年11月客户经理工作情况的通报（补充1）",
    )
    document = document_of(supplement, None)
    assert texts_of(document, "head") == [
        (
            "市通报〔2026〕1号《关于2026年11月客户经理工作情况的通报》发布后，有下列补充："
            "通报发布后就工号200005的周报立项一个"
        )
    ]
    assert {part.key: [table.key for table in part.tables] for part in document.parts[1:]} == {
        "problems": ["problems"],
        "rectify": ["rectify"],
    }
    with pytest.raises(Refused, match="还有一份补充通报没有发布"):
        draft_supplement(
            bulletin_id=bulletin.pk, why="再来", actor=han(november, moment), at=moment
        )


def test_only_a_published_bulletin_has_supplements(november: Cast) -> None:
    bulletin = drafted(november)
    with pytest.raises(Refused, match="跟在已发布"):
        draft_supplement(bulletin_id=bulletin.pk, why="x", actor=han(november), at=ASKED)


# Signing


def test_signed_for_once(november: Cast) -> None:
    bulletin = whole_way(november)
    moment = at("2026-12-14 11:00:00")

    def sign(who: str, when: Any) -> SignFor:
        return sign_for_bulletin(
            bulletin_id=bulletin.pk, actor=november.actor(who, on=when), at=when
        )

    assert sign("周建平", moment).signed_at == moment
    assert sign("周建平", moment + SECOND).signed_at == moment
    assert AuditRow.objects.filter(what="reports.sign_for_bulletin").count() == 1
    for who in ("林晓岚", "韩静"):
        with pytest.raises(NotAllowed):
            sign(who, moment)


def test_whoever_leads_two_branches_signs_once(november: Cast) -> None:
    RoleGrant.objects.create(
        person=november["周建平"], role="supervisor", branch=november.west, valid_from=BEGIN
    )
    bulletin = whole_way(november)
    assert bulletin.receipts.filter(person=november["周建平"]).count() == 1


def test_reminders_have_a_pause_and_a_limit(november: Cast) -> None:
    bulletin = whole_way(november)
    first = at("2026-12-14 11:00:00")
    sign_for_bulletin(bulletin_id=bulletin.pk, actor=november.actor("周建平", on=first), at=first)

    def remind(moment: Any) -> list[str]:
        chosen = remind_signers(bulletin_id=bulletin.pk, actor=han(november, moment), at=moment)
        return sorted(one.person.name for one in chosen)

    assert remind(first) == sorted(["赵国梁", "钱慧敏", "郑秋实"])
    assert OutboxMessage.objects.filter(subject__contains="市通报〔2026〕1号").count() == 3
    with pytest.raises(Refused, match="刚提醒过"):
        remind(first + timedelta(minutes=59, seconds=59))
    assert len(remind(first + timedelta(minutes=60))) == 3
    assert len(remind(first + timedelta(minutes=120))) == 3
    with pytest.raises(Refused, match="今天已经提醒过 3 次"):
        remind(first + timedelta(minutes=180))
    assert len(remind(at("2026-12-15 09:00:00"))) == 3


def test_editions_are_read_by_whom_they_are_for(november: Cast) -> None:
    bulletin = whole_way(november)
    seen = {
        who: [
            one.branch.name if one.branch else "全司"
            for one in editions_of(november.actor(who, on=PUBLISHED), bulletin)
        ]
        for who in ("韩静", "林晓岚", "郑秋实", "马骏")
    }
    assert {who: sorted(names) for who, names in seen.items()} == {
        "韩静": ["全司", "城东分公司", "城西分公司"],
        "林晓岚": ["全司", "城东分公司"],
        "郑秋实": ["全司", "城西分公司"],
        "马骏": ["全司"],
    }
    assert not bulletins_for(november.actor("马骏", on=PUBLISHED)).exists()


# What it asks of whom, and when


def due(cast: Cast, moment: Any) -> list[tuple[str, str, Any]]:
    people = {person.pk: name for name, person in cast.people.items()}
    found = due_items(list(people), moment, moment + timedelta(days=30))
    return [
        (people[one.person_id], one.title, one.due_at) for one in found if one.kind == "bulletin"
    ]


def test_what_falls_due_step_by_step(november: Cast) -> None:
    bulletin = drafted(november)
    assert due(november, DRAFTED) == [
        ("韩静", "编写2026年11月通报", DUE),
        ("苏婉", "编写2026年11月通报", DUE),
    ]
    bulletin = asked(november, bulletin)
    agreed(november, bulletin, "周建平")
    assert due(november, ASKED) == [
        ("郑秋实", "对2026年11月通报草稿提意见", COMMENTS_UNTIL),
        ("韩静", "提请批准2026年11月通报", DUE),
        ("苏婉", "提请批准2026年11月通报", DUE),
    ]
    bulletin = proposed(november, bulletin)
    assert due(november, PROPOSED) == [("苏婉", "批准2026年11月通报", DUE)]
    published(november, bulletin)
    by = at("2026-12-17 18:00:00")
    assert sorted(due(november, PUBLISHED)) == sorted(
        (who, "签收市通报〔2026〕1号", by) for who in ("赵国梁", "钱慧敏", "周建平", "郑秋实")
    )


# The company's own words


def test_issuer_and_series_are_settings(november: Cast) -> None:
    for key, value in (
        ("bulletin_issuer", "江海通信公司市场部文件"),
        ("bulletin_series", "江通市通报"),
    ):
        BranchSetting.objects.create(key=key, value=value, valid_from=BEGIN, set_at=ASKED)
    document = from_content(whole_way(november).editions.get(branch=None).content)
    assert (document.issuer, document.signed_by, document.document_number) == (
        "江海通信公司市场部文件",
        "江海通信公司市场部",
        "江通市通报〔2026〕1号",
    )
    assert (document.level, document.term) == ("内部", "1年")

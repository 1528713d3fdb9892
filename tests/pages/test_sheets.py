"""Score sheets in the browser (K4): every point opens, lines are objected to, signed, locked."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from confidentiality.models import Disclosure
from kpi.choices import SheetState
from kpi.history import Suggested
from kpi.models import Consequence, Correction, Objection, ScoreSheet, SheetVersion
from kpi.operations.consequences import keep_proposals
from kpi.queries.sheets import rows_of
from organization.models import Person, RoleGrant
from tests.cast import BEGIN, Cast, at
from tests.conftest import StoryClock
from tests.domain.scores import (
    LOCKS,
    NOVEMBER,
    computed,
    issued,
    month_of_work,
    reached,
    sheet_of,
    ticked,
    version_of,
)

pytestmark = pytest.mark.django_db
Browsers = Callable[[Person], Client]


@pytest.fixture
def december(scored_november: Cast, clock: StoryClock) -> Cast:
    """Friday, 4 December, 10:00: November's sheets are there."""
    clock.set("2026-12-04 10:00:00")
    return scored_november


def url_of(cast: Cast, who: str, more: str = "") -> str:
    return f"/scores/2026-11/{cast[who].pk}/{more}"


def version_now(cast: Cast, who: str) -> int:
    return sheet_of(cast, who).version


def shown(client: Client, url: str, status: int = 200) -> Any:
    answer = client.get(url)
    assert answer.status_code == status
    return answer


def object_to(
    browser: Client, cast: Cast, who: str, item: str, text: str = "第 46 周断网", **more: Any
) -> Any:
    given = {"item": item, "text": text, "version": version_now(cast, who), **more}
    return browser.post(url_of(cast, who, "object/"), given)


# One sheet


def test_the_sheet_says_total_band_groups_and_every_line(
    december: Cast, browser_of: Browsers
) -> None:
    page = shown(browser_of(december["林晓岚"]), url_of(december, "林晓岚"))
    view = page.context["view"]
    assert (page.context["total"], view.band_name) == ("91.88", "优秀")
    assert '<p class="muted">90 分起，绩效系数 1.2</p>' in page.content.decode()
    assert [(group.name, group.score, group.full) for group in page.context["groups"]] == [
        ("营销指标", "36.00", "/ 40"),
        ("服务指标", "19.00", "/ 20"),
        ("过程考核", "33.88", "/ 40"),
        ("加减分项", "+3.00", "±20"),
    ]
    lines = {line.code: line for group in page.context["groups"] for line in group.lines}
    assert (lines["M2"].data, lines["M2"].lost, lines["M2"].score, lines["M2"].full) == (
        "180 / 200 件",
        "−4.00",
        "36.00",
        "/ 40",
    )
    assert (lines["M2"].bar, lines["M2"].is_spread) == (90.0, True)
    assert (lines["P3c"].data, lines["P4"].data, lines["S1"].data) == (
        "3 / 4 份",
        "88 分",
        "88 分，目标 90 分",
    )
    assert (lines["B1"].data, lines["B1"].score, lines["B2"].data) == (
        "A 类客户 × 1",
        "+3.00",
        "没有发生",
    )
    assert (lines["M1"].why_not, lines["M1"].score, lines["P1a"].why_not) == (
        "本月没有发生",
        "–",
        "数据来源尚未启用",
    )
    assert [(part.name, part.score) for part in page.context["parts"]] == [
        ("营销指标", "36.00"),
        ("服务指标", "19.00"),
        ("过程考核", "33.88"),
    ]


def test_the_sheet_leads_to_the_scheme_it_is_scored_by(
    december: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    """Whoever is scored reads the rules: of the sheet, and of the month that runs."""
    link = '<a href="/schemes/1/">按方案第 1 版</a>'
    manager = browser_of(december["林晓岚"])
    assert link in shown(manager, url_of(december, "林晓岚")).content.decode()
    running = f"/scores/2026-12/{december['林晓岚'].pk}/"
    assert link in shown(manager, running).content.decode()
    assert shown(manager, "/schemes/1/").status_code == 200


def test_a_spread_line_says_that_what_is_taken_off_stays(
    december: Cast, browser_of: Browsers
) -> None:
    """S1 alone carries the 20 of its group: a step costs 1 as with 6 (annexes 5, 11.7)."""
    manager = browser_of(december["林晓岚"])
    page = shown(manager, url_of(december, "林晓岚", "?line=S1"))
    assert page.context["spread"] == (
        "原 6 分；本组不适用项目的分值按比例分摊到这里，共 20 分；每次扣的分不变。"
    )
    page = shown(manager, url_of(december, "林晓岚", "?line=P3c"))
    assert page.context["spread"] == ("原 2 分；本组不适用项目的分值按比例分摊到这里，共 4 分。")


def test_the_way_of_a_sheet_is_told_in_five_steps(
    december: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    def miles() -> list[tuple[str, bool]]:
        page = shown(browser_of(december["林晓岚"]), url_of(december, "林晓岚"))
        return [(str(one.text), one.is_now) for one in page.context["miles"]]

    assert miles() == [
        ("已计算 12月3日", False),
        ("确认或申诉，至 12月10日", True),
        ("主管审", False),
        ("总经理审批", False),
        ("锁定 12月11日", False),
    ]
    clock.moment = LOCKS
    assert miles() == [
        ("已计算 12月3日", False),
        ("没有确认", False),
        ("主管没有审", False),
        ("总经理没有审批", False),
        ("已锁定 12月12日", False),
    ]


def test_a_line_opens_formula_rows_and_clause_in_the_panel(
    december: Cast, browser_of: Browsers
) -> None:
    browser = browser_of(december["林晓岚"])
    page = shown(browser, url_of(december, "林晓岚", "?line=P3c"))
    drawn = page.context["drawn"]
    assert [(one.label, one.text) for one in drawn.figures] == [
        ("分值", "4"),
        ("", "×"),
        ("按时", "3"),
        ("", "÷"),
        ("应交", "4"),
        ("", "="),
        ("得分", "3.00"),
    ]
    rows = [(row.label, row.state_text, row.url) for row in page.context["first_rows"]]
    who = december["林晓岚"].pk
    assert rows == [
        ("第 45 周周报", "按时", f"/weeks/2026-W45/of/{who}/"),
        ("第 46 周周报", "迟交 1 分", f"/weeks/2026-W46/of/{who}/"),
        ("第 47 周周报", "按时", f"/weeks/2026-W47/of/{who}/"),
        ("第 48 周周报", "按时", f"/weeks/2026-W48/of/{who}/"),
    ]
    text = page.content.decode()
    assert "K2.3 过程考核" in text
    assert "计入的 4 行" in text
    fragment = browser.get(
        url_of(december, "林晓岚", "?line=P3c"),
        headers={"HX-Request": "true", "HX-Target": "panel"},
    ).content.decode()
    assert "周汇总按时" in fragment
    assert "<html" not in fragment
    assert browser.get(url_of(december, "林晓岚", "?line=X9")).status_code == 404


def test_every_row_counted_leads_each_reader_to_its_page(
    december: Cast, browser_of: Browsers
) -> None:
    sheet, who = version_of(december, "林晓岚"), december["林晓岚"].pk
    codes = [line["code"] for group in sheet.content["groups"] for line in group["items"]]
    for reader in ("林晓岚", "周建平", "赵国梁", "韩静"):
        actor, browser = december.actor(reader), browser_of(december[reader])
        rows = {code: rows_of(actor, NOVEMBER, who, code) for code in codes}
        counted = [code for code, found in rows.items() if found]
        assert counted == ["M2", "S1", "P2b", "P2c", "P3c", "P4", "P5a", "P5b", "B1"]
        urls = {row.url for found in rows.values() for row in found}
        assert {url: browser.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)


def test_a_line_that_does_not_apply_says_why_and_where_its_weight_went(
    december: Cast, browser_of: Browsers
) -> None:
    page = shown(browser_of(december["林晓岚"]), url_of(december, "林晓岚", "?line=M1"))
    assert page.context["drawn"] is None
    went = page.context["went"]
    assert (went.weight, went.gains) == ("30", [("M2 集团产品（信息化）销售完成率", "+30.00")])
    assert "本组不适用的项目共 30 分，按比例分摊给其余项目：" in page.content.decode()


def test_a_month_that_is_not_rated_says_why(december: Cast, browser_of: Browsers) -> None:
    page = shown(browser_of(december["陈嘉怡"]), url_of(december, "陈嘉怡"))
    assert (page.context["total"], page.context["view"].why_not) == (
        "–",
        "有一组没有可计分的项目，不评级",
    )
    assert "有一组没有可计分的项目，不评级" in page.content.decode()


def test_a_departing_frame_is_marked(december: Cast, browser_of: Browsers) -> None:
    version = version_of(december, "林晓岚")
    version.content["scheme"]["departs"] = True
    SheetVersion.objects.filter(pk=version.pk).update(content=version.content)
    page = shown(browser_of(december["林晓岚"]), url_of(december, "林晓岚"))
    assert "本月方案的框架与制度 K1–K3 的 40/20/40±20 不同。" in page.content.decode()


def test_others_sheets_are_not_there(december: Cast, browser_of: Browsers) -> None:
    for reader in ("陈嘉怡", "郑秋实", "马骏"):
        browser = browser_of(december[reader])
        found = browser.get(url_of(december, "林晓岚"))
        missing = browser.get("/scores/2026-11/987654/")
        assert (found.status_code, missing.status_code) == (404, 404)
    assert browser_of(december["周建平"]).get(url_of(december, "林晓岚")).status_code == 200


def test_the_page_costs_the_same_however_much_was_counted(
    december: Cast, browser_of: Browsers
) -> None:
    browser = browser_of(december["林晓岚"])
    browser.get(url_of(december, "林晓岚"))
    with CaptureQueriesContext(connection) as plain:
        browser.get(url_of(december, "林晓岚"))
    assert len(plain) < 40
    with CaptureQueriesContext(connection) as opened:
        browser.get(url_of(december, "林晓岚", "?line=P2b"))
    assert len(opened) - len(plain) <= 4


# What if


def what_if(browser: Client, cast: Cast, **asked: str) -> Any:
    answer = browser.get(
        url_of(cast, "林晓岚", "what-if/"), {"line": "P3c", **asked}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    return answer.context["what_if"]


def test_what_if_equals_the_sheet_after_really_doing_it(
    december: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    manager = browser_of(december["林晓岚"])
    told = what_if(manager, december, **{"P3c.met": "4"})
    assert (told.before, told.band) == ("91.88", "仍为优秀")
    assert ScoreSheet.objects.get(manager=december["林晓岚"]).total == Decimal("91.88")
    object_to(manager, december, "林晓岚", "P3c")
    objection = Objection.objects.get()
    browser_of(december["周建平"]).post(
        f"/scores/objections/{objection.pk}/review/",
        {"version": version_now(december, "林晓岚"), "opinion": "属实"},
    )
    browser_of(december["赵国梁"]).post(
        f"/scores/objections/{objection.pk}/decide/",
        {
            "version": version_now(december, "林晓岚"),
            "decision": "upheld",
            "answer": "有故障单",
            "in-met": "4",
            "in-total": "4",
        },
    )
    assert f"{sheet_of(december, '林晓岚').total:.2f}" == told.total


def test_what_if_stands_in_the_address_too(december: Cast, browser_of: Browsers) -> None:
    browser = browser_of(december["林晓岚"])
    page = shown(browser, url_of(december, "林晓岚", "?line=P3c&P3c.met=4&P4.mark=100"))
    told = page.context["what_if"]
    assert [line.code for line in told.lines][:2] == ["P3c", "P4"]
    assert [number.value for line in told.lines[:2] for number in line.numbers] == ["4", "100"]
    assert told.total > told.before
    plain = browser.get(url_of(december, "林晓岚", "what-if/?line=P3c&P3c.met=4"))
    assert plain["Location"] == url_of(december, "林晓岚", "?line=P3c&P3c.met=4")


@pytest.mark.parametrize(("typed", "said"), [("9", "超出范围"), ("vier", "不是数字")])
def test_what_if_says_what_cannot_be(
    december: Cast, browser_of: Browsers, typed: str, said: str
) -> None:
    told = what_if(browser_of(december["林晓岚"]), december, **{"P3c.met": typed})
    assert said in told.trouble
    assert told.total == told.before


# Confirm, object, withdraw


def test_the_manager_confirms_the_other_lines(december: Cast, browser_of: Browsers) -> None:
    browser = browser_of(december["林晓岚"])
    page = shown(browser, url_of(december, "林晓岚"))
    assert page.context["confirm_text"] == "确认全部 30 项"
    object_to(browser, december, "林晓岚", "P3c")
    page = shown(browser, url_of(december, "林晓岚"))
    assert page.context["confirm_text"] == "确认其余 29 项"
    answer = browser.post(
        url_of(december, "林晓岚", "confirm/"), {"version": version_now(december, "林晓岚")}
    )
    assert answer["Location"] == url_of(december, "林晓岚")
    sheet = sheet_of(december, "林晓岚")
    assert (sheet.confirmed_at, sheet.state) == (at("2026-12-04 10:00:00"), "objected")
    assert "confirm" not in shown(browser, url_of(december, "林晓岚")).context["forms"]


def test_an_objection_with_a_file_and_its_whole_course(
    december: Cast, browser_of: Browsers
) -> None:
    manager = browser_of(december["林晓岚"])
    file = SimpleUploadedFile("故障单.txt", b"GD-1113-22")
    answer = object_to(manager, december, "林晓岚", "P3c", file=file)
    assert answer["Location"] == url_of(december, "林晓岚", "?line=P3c")
    objection = Objection.objects.get()
    assert objection.file is not None
    assert (objection.item, objection.file.name) == ("P3c", "故障单.txt")
    page = shown(manager, url_of(december, "林晓岚", "?line=P3c"))
    assert list(page.context["line_forms"]) == ["withdraw"]
    given = manager.get(f"/scores/objections/{objection.pk}/file/")
    assert (given.content, Disclosure.objects.get().name) == (b"GD-1113-22", "故障单.txt")

    supervisor = browser_of(december["周建平"])
    table = shown(supervisor, "/scores/?month=2026-11")
    assert [(one.what, one.when, one.url) for one in table.context["objections"]] == [
        ("林晓岚 P3c 周汇总按时", "请答复", url_of(december, "林晓岚", "?line=P3c"))
    ]
    page = shown(supervisor, url_of(december, "林晓岚", "?line=P3c"))
    assert list(page.context["line_forms"]) == ["review"]
    empty = supervisor.post(
        f"/scores/objections/{objection.pk}/review/",
        {"version": version_now(december, "林晓岚"), "opinion": ""},
    )
    assert empty.status_code == 422
    assert empty.context["line_forms"]["review"].errors
    supervisor.post(
        f"/scores/objections/{objection.pk}/review/",
        {"version": version_now(december, "林晓岚"), "opinion": "情况属实"},
    )
    head = browser_of(december["赵国梁"])
    page = shown(head, url_of(december, "林晓岚", "?line=P3c"))
    assert list(page.context["line_forms"]) == ["decide"]
    same = head.post(
        f"/scores/objections/{objection.pk}/decide/",
        {
            "version": version_now(december, "林晓岚"),
            "decision": "upheld",
            "answer": "有故障单",
            "in-met": "3",
            "in-total": "4",
        },
    )
    assert same.status_code == 422
    form = same.context["line_forms"]["decide"]
    assert form.errors["in-met"] == ["这和现在的数一样，没有要更正的。"]
    assert form["answer"].value() == "有故障单"
    head.post(
        f"/scores/objections/{objection.pk}/decide/",
        {
            "version": version_now(december, "林晓岚"),
            "decision": "upheld",
            "answer": "有故障单",
            "in-met": "4",
            "in-total": "4",
        },
    )
    page = shown(manager, url_of(december, "林晓岚", "?line=P3c"))
    assert page.context["adjusted"] == {
        "why": "有故障单",
        "by": "赵国梁",
        "at": at("2026-12-04 10:00:00"),
    }
    newest, first = page.context["versions"]
    assert (newest.label, newest.total_before, first.total) == ("申诉采纳", "91.88", "91.88")
    assert [(one.code, one.old[:5], one.new[:5]) for one in newest.changes] == [
        ("P3c", "3 / 4", "4 / 4")
    ]
    old = shown(manager, url_of(december, "林晓岚", "?version=1"))
    assert "这是第 1 版，现行的是第 2 版。" in old.content.decode()
    assert old.context["total"] == "91.88"


def test_what_was_typed_stays_when_an_objection_is_refused(
    december: Cast, browser_of: Browsers
) -> None:
    browser = browser_of(december["林晓岚"])
    answer = object_to(browser, december, "林晓岚", "P3c", file=SimpleUploadedFile("x.exe", b"MZ"))
    assert answer.status_code == 422
    form = answer.context["line_forms"]["object"]
    assert (form["text"].value(), list(form.errors)) == ("第 46 周断网", ["file"])
    assert Objection.objects.count() == 0


def test_somebody_was_first_and_nothing_typed_is_lost(december: Cast, browser_of: Browsers) -> None:
    browser = browser_of(december["林晓岚"])
    before = version_now(december, "林晓岚")
    object_to(browser, december, "林晓岚", "P4", "成绩录错")
    answer = browser.post(
        url_of(december, "林晓岚", "object/"),
        {"item": "P3c", "text": "第 46 周断网", "version": before},
    )
    assert answer.status_code == 409
    assert "别处刚动过这张考核表" in answer.content.decode()
    form = answer.context["line_forms"]["object"]
    assert (form["text"].value(), form["version"].value()) == ("第 46 周断网", str(before + 1))


def test_an_objection_is_taken_back(december: Cast, browser_of: Browsers) -> None:
    browser = browser_of(december["林晓岚"])
    object_to(browser, december, "林晓岚", "P3c")
    browser.post(
        f"/scores/objections/{Objection.objects.get().pk}/withdraw/",
        {"version": version_now(december, "林晓岚")},
    )
    assert Objection.objects.get().state == "withdrawn"
    page = shown(browser, url_of(december, "林晓岚", "?line=P3c"))
    assert list(page.context["line_forms"]) == ["object"]


# Signing in the table


def confirm_all(cast: Cast, browser_of: Browsers) -> None:
    for who in ("林晓岚", "陈嘉怡", "何俊峰"):
        browser_of(cast[who]).post(
            url_of(cast, who, "confirm/"), {"version": version_now(cast, who)}
        )


def picked(cast: Cast, *names: str) -> list[str]:
    return [f"{sheet_of(cast, who).pk}-{version_now(cast, who)}" for who in names]


def test_the_branchs_table_counts_and_is_signed_in_place(
    december: Cast, browser_of: Browsers
) -> None:
    supervisor = browser_of(december["周建平"])
    page = shown(supervisor, "/scores/")
    assert page.context["title"] == "2026年11月考核表：3 张待确认"
    assert [(one.state, one.count) for one in page.context["tallies"]] == [("unsigned", 3)]
    assert not page.context["work"].is_selectable
    confirm_all(december, browser_of)
    page = shown(supervisor, "/scores/")
    assert page.context["title"] == "2026年11月考核表：3 张等主管审"
    assert [row.key for row in page.context["work"].rows] == picked(
        december, "陈嘉怡", "何俊峰", "林晓岚"
    )
    supervisor.post("/scores/2026-11/supervise/", {"only": picked(december, "何俊峰")[0]})
    assert sheet_of(december, "何俊峰").state == SheetState.SUPERVISED
    supervisor.post(
        "/scores/2026-11/supervise/",
        {"row": picked(december, "林晓岚", "陈嘉怡"), "opinion": "无异议"},
    )
    assert sheet_of(december, "林晓岚").supervisor_opinion == "无异议"

    head = browser_of(december["赵国梁"])
    everybody = picked(december, "林晓岚", "陈嘉怡", "何俊峰")
    answer = head.post("/scores/2026-11/approve/", {"row": everybody})
    assert answer.status_code == 302
    page = shown(head, "/scores/")
    assert (page.context["title"], page.context["table"].can_lock) == (
        "2026年11月考核表：都审批了，待锁定",
        True,
    )
    head.post(f"/scores/2026-11/branches/{december.east.pk}/lock/", {"version": 3})
    assert set(ScoreSheet.objects.filter(branch=december.east).values_list("state", flat=True)) == {
        "locked"
    }


def test_of_many_signed_at_once_those_refused_say_why(december: Cast, browser_of: Browsers) -> None:
    confirm_all(december, browser_of)
    object_to(browser_of(december["林晓岚"]), december, "林晓岚", "P3c")
    answer = browser_of(december["周建平"]).post(
        "/scores/2026-11/supervise/", {"row": picked(december, "林晓岚", "陈嘉怡")}
    )
    assert answer.status_code == 422
    assert [link.message for link in answer.context["trouble"]] == [
        "林晓岚：还有 1 条申诉没有决定。"
    ]
    assert sheet_of(december, "陈嘉怡").state == SheetState.SUPERVISED


def test_filters_stand_in_the_address(december: Cast, browser_of: Browsers) -> None:
    market = browser_of(december["韩静"])

    def names(query: str) -> list[str]:
        page = shown(market, f"/scores/?month=2026-11{query}")
        work = page.context["work"]
        return [str(row.head).partition(">")[2].partition("<")[0] for row in work.rows]

    assert names("") == ["陈嘉怡", "何俊峰", "林晓岚", "吴志远"]
    assert names("&band=excellent") == ["林晓岚"]
    assert names("&band=-") == ["陈嘉怡", "何俊峰", "吴志远"]
    assert names(f"&branch={december.west.pk}") == ["吴志远"]
    assert names("&q=linxiaolan") == ["林晓岚"]
    page = shown(market, "/scores/?month=2026-11&view=branches")
    assert [(line.name, line.total, line.mean) for line, _url in page.context["lines"]] == [
        ("城东分公司", 3, Decimal("91.88")),
        ("城西分公司", 1, None),
    ]


@pytest.mark.parametrize("month", ["2027-01", "1900-01", "2026-13", "x"])
def test_a_month_that_cannot_be_is_not_there(
    december: Cast, browser_of: Browsers, month: str
) -> None:
    assert browser_of(december["韩静"]).get(f"/scores/?month={month}").status_code == 404


def more_managers(cast: Cast, count: int) -> None:
    people = Person.objects.bulk_create(
        [
            Person(job_number=f"7{n:05d}", name=f"经理{n}", branch=cast.east, joined_on=BEGIN)
            for n in range(count)
        ]
    )
    RoleGrant.objects.bulk_create(
        [
            RoleGrant(person=one, role="manager", branch=cast.east, valid_from=BEGIN)
            for one in people
        ]
    )


@pytest.mark.parametrize("reader", ["周建平", "韩静"])
def test_the_table_costs_as_many_queries_for_fifty_as_for_three(
    cast: Cast, clock: StoryClock, browser_of: Browsers, reader: str
) -> None:
    more_managers(cast, 47)
    computed()
    clock.set("2026-12-04 10:00:00")
    browser = browser_of(cast[reader])
    with CaptureQueriesContext(connection) as fifty:
        assert len(shown(browser, "/scores/").context["work"].rows) == 50
    ScoreSheet.objects.filter(manager__name__startswith="经理").delete()
    with CaptureQueriesContext(connection) as three:
        browser.get("/scores/")
    assert len(fifty) <= len(three)


# Before there are sheets


def test_before_the_sheets_the_month_is_shown_so_far(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    month_of_work(cast)
    clock.set("2026-11-30 10:00:00")
    browser = browser_of(cast["林晓岚"])
    answer = browser.get("/scores/")
    assert answer["Location"] == url_of(cast, "林晓岚")
    page = shown(browser, url_of(cast, "林晓岚"))
    text = page.content.decode()
    assert "暂计" in text
    assert "今天 10:00 的暂计，不是最后得分" in text
    assert [(one.when, one.what) for one in page.context["duties"]][:1] != []
    panel = shown(browser, url_of(cast, "林晓岚", "?line=P3c&P3c.met=4"))
    told = panel.context["what_if"]
    assert told.lines[0].code == "P3c"
    table = shown(browser_of(cast["周建平"]), "/scores/?month=2026-11")
    assert [row.name for row in table.context["so_far"]] == ["陈嘉怡", "何俊峰", "林晓岚"]
    assert table.context["title"] == "2026年11月得分：暂计"
    clock.set("2026-12-02 10:00:00")
    page = shown(browser_of(cast["林晓岚"]), url_of(cast, "林晓岚"))
    assert page.context["band_name"] == "良好"
    assert '<p class="muted">80 分到不足 90 分，绩效系数 1.1</p>' in page.content.decode()


def test_the_branch_so_far_costs_the_same_for_fifty(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-11-30 10:00:00")
    browser = browser_of(cast["周建平"])
    browser.get("/scores/?month=2026-11")
    with CaptureQueriesContext(connection) as three:
        browser.get("/scores/?month=2026-11")
    more_managers(cast, 47)
    with CaptureQueriesContext(connection) as fifty:
        page = browser.get("/scores/?month=2026-11")
    assert len(page.context["so_far"]) == 50
    assert len(fifty) == len(three)


def test_a_month_without_anything_says_so(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-12-20 10:00:00")
    browser = browser_of(cast["林晓岚"])
    page = shown(browser, "/scores/2026-10/" + f"{cast['林晓岚'].pk}/")
    assert "这个月没有考核表" in page.content.decode()
    assert browser.get(f"/scores/2027-01/{cast['林晓岚'].pk}/").status_code == 404


def test_the_home_ranks_what_wins_points(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    issued(cast, {"M2": {"林晓岚": "200"}})
    reached(cast, "林晓岚", "M2", "180", recorded_at=at("2026-11-25 10:00:00"))
    clock.set("2026-11-27 10:00:00")
    page = shown(browser_of(cast["林晓岚"]), "/")
    gains = [Decimal(one.when) for one in page.context["best"]]
    assert gains == sorted(gains, reverse=True)
    assert "还能拿" in page.content.decode()
    assert page.context["points_url"] == url_of(cast, "林晓岚")


# After the lock


def test_a_correction_is_proposed_by_one_and_decided_by_another(
    december: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    ticked(at("2026-12-11 20:00:00"), LOCKS)
    clock.set("2026-12-14 10:00:00")
    supervisor = browser_of(december["周建平"])
    page = shown(supervisor, url_of(december, "林晓岚", "?line=M2"))
    assert list(page.context["line_forms"]) == ["correct"]
    supervisor.post(
        url_of(december, "林晓岚", "correct/"),
        {
            "item": "M2",
            "in-actual": "190",
            "in-target": "200",
            "why": "漏计 10 件",
            "version": version_now(december, "林晓岚"),
        },
    )
    correction = Correction.objects.get()
    page = shown(supervisor, url_of(december, "林晓岚", "?line=M2"))
    assert page.context["correction_data"] == ("180 / 200 件", "190 / 200 件")
    assert list(page.context["line_forms"]) == []
    table = shown(browser_of(december["赵国梁"]), "/scores/?month=2026-11")
    assert [one.when for one in table.context["corrections"]] == ["请复核"]
    browser_of(december["赵国梁"]).post(
        f"/scores/corrections/{correction.pk}/decide/",
        {"result": "yes", "decision": "同意", "version": version_now(december, "林晓岚")},
    )
    sheet = sheet_of(december, "林晓岚")
    assert (sheet.newest, sheet.total, sheet.state) == (2, Decimal("93.88"), "locked")


def test_proposals_are_decided_by_a_person(
    december: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    keep_proposals(
        month=NOVEMBER,
        suggested=[
            Suggested(december["陈嘉怡"].pk, december.east.pk, "talk", [("2026-11", "55.00")])
        ],
        at=LOCKS,
    )
    clock.set("2026-12-14 10:00:00")
    head = browser_of(december["赵国梁"])
    page = shown(head, "/scores/consequences/")
    assert page.context["title"] == "1 条考核建议等您决定"
    assert "由人决定" in page.content.decode()
    (one,) = page.context["shown"]
    assert (one.row.name, one.grounds) == (
        "约谈并制定改进计划",
        [("2026年11月", "55.00", url_of(december, "陈嘉怡"))],
    )
    proposal = Consequence.objects.get()
    empty = head.post(f"/scores/consequences/{proposal.pk}/decide/", {"result": "yes"})
    assert empty.status_code == 422
    head.post(
        f"/scores/consequences/{proposal.pk}/decide/", {"result": "no", "decision": "本月病假"}
    )
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decision) == ("dismissed", "本月病假")
    page = shown(head, "/scores/consequences/?show=decided")
    assert [one.row.consequence.decision for one in page.context["shown"]] == ["本月病假"]
    reader = shown(browser_of(december["周建平"]), "/scores/consequences/")
    assert [one.form for one in reader.context["shown"]] == []


def test_months_lead_to_each_other(december: Cast, browser_of: Browsers) -> None:
    browser = browser_of(december["林晓岚"])
    page = shown(browser, url_of(december, "林晓岚"))
    running = f"/scores/2026-12/{december['林晓岚'].pk}/"
    assert (page.context["previous_url"], page.context["next_url"]) == ("", running)
    assert shown(browser, running).context["previous_url"] == url_of(december, "林晓岚")

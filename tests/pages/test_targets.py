"""Targets in the browser (T1–T4): prepared, issued, read, acknowledged, worked off, handed out."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pdfplumber
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from confidentiality.models import Disclosure
from core import jobs
from core.models import Job
from core.workbooks import open_table
from duties.models import Notice, ToDo
from kpi.models import Acknowledgement, Indicator, Requirement, TargetSheet, TargetVersion, WorkItem
from kpi.target_reminders import plan_target_reminders
from organization.models import Person
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.targets import MONTH, given_work, issued, line, recorded, required, written
from tests.domain.test_papers import MM, OUR_FONTS, fonts

pytestmark = pytest.mark.django_db
Browser = Callable[[Person], Client]
HERE = "/targets/2026-12"


@pytest.fixture
def morning(cast: Cast, clock: StoryClock) -> Cast:
    """2 December, 09:00: the company's requirements stand."""
    clock.set("2026-12-02 09:00:00")
    required(cast, M1="90.00", M4="98")
    return cast


def url_of(cast: Cast, more: str = "") -> str:
    return f"{HERE}/{cast.east.pk}/{more}"


def text_of(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return response.content.decode()


def save(client: Client, cast: Cast, version: int, **fields: str) -> tuple[int, dict[str, Any]]:
    answer = client.patch(
        url_of(cast, "write/"),
        json.dumps({"version": str(version), "fields": fields}),
        content_type="application/json",
        headers={"accept": "application/json"},
    )
    return answer.status_code, answer.json()


def test_the_supervisor_types_and_the_parts_follow(morning: Cast, browser_of: Browser) -> None:
    boss = browser_of(morning["周建平"])
    page = text_of(boss, url_of(morning))
    assert "2026年12月目标还没有编制" in page
    assert 'grid-help wide-only">方向键和回车换格' in page
    status, told = save(boss, morning, 0, **{"value:M1": "90", "method:M1": "customers"})
    assert (status, told["version"]) == (200, "1")
    assert told["fields"] == {
        "method:M1": "customers",
        f"part:M1:{morning['林晓岚'].pk}": "45.00",
        f"part:M1:{morning['陈嘉怡'].pk}": "30.00",
        f"part:M1:{morning['何俊峰'].pk}": "15.00",
    }
    assert told["texts"]["given:M1"] == "都分下去了"
    part = f"part:M1:{morning['林晓岚'].pk}"
    status, told = save(boss, morning, 1, **{part: "44.99"})
    assert told["fields"]["method:M1"] == "hand"
    assert told["texts"]["title"] == "2026年12月目标：集团收入还差 0.01 没有分下去"
    assert (told["shown"]["why_sum:M1"], told["shown"]["why:M1"]) == (True, False)
    assert {bar["field"] for bar in told["bars"]} == {"why_sum:M1", "value:M4", "why_no_items"}


def test_what_cannot_be_read_is_told_and_the_rest_is_saved(
    morning: Cast, browser_of: Browser
) -> None:
    boss = browser_of(morning["周建平"])
    status, told = save(boss, morning, 0, **{"value:M1": "九十", "value:M4": "98"})
    assert (status, told["errors"]) == (200, {"value:M1": "M1：应填数字，如 190.00"})
    assert told["right"] == ["value:M4"]
    assert [each.indicator.code for each in TargetSheet.objects.get().lines.all()] == ["M4"]


def test_a_second_window_is_told(morning: Cast, browser_of: Browser) -> None:
    boss = browser_of(morning["周建平"])
    save(boss, morning, 0, **{"value:M1": "90"})
    status, told = save(boss, morning, 0, **{"value:M1": "95"})
    assert (status, told["current"]["version"]) == (409, "1")
    assert told["current"]["fields"]["value:M1"] == "90.00"


def test_a_method_chosen_before_the_target_stays(morning: Cast, browser_of: Browser) -> None:
    boss = browser_of(morning["周建平"])
    save(boss, morning, 0, **{"method:M1": "customers"})
    status, told = save(boss, morning, 1, **{"value:M1": "90"})
    assert (status, told["fields"]["method:M1"]) == (200, "customers")


def form(cast: Cast, version: int, **more: str) -> dict[str, str]:
    """The form as a browser sends it."""
    return {
        "version": str(version),
        "value:M1": "90",
        "method:M1": "equal",
        "value:M4": "98",
        "priorities": "专线提速",
        "resources": "政企支撑小组",
        **more,
    }


def test_the_head_issues_from_the_form_and_nothing_typed_is_lost(
    morning: Cast, browser_of: Browser
) -> None:
    head = browser_of(morning["赵国梁"])
    answer = head.post(url_of(morning, "issue/"), form(morning, 0))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'href="#id-why_no_items"' in page
    assert 'value="90"' in page
    assert not TargetSheet.objects.exists()
    answer = head.post(
        url_of(morning, "issue/"), form(morning, 0, why_no_items="本月只做收口"), follow=True
    )
    page = answer.content.decode()
    assert "2026年12月目标已下达，3 人还没有确认" in page
    assert TargetVersion.objects.get().content["priorities"] == "专线提速"
    stale = head.post(url_of(morning, "issue/"), form(morning, 1, why_revised="再改"))
    assert stale.status_code == 409


def test_the_supervisor_saves_and_does_not_issue(morning: Cast, browser_of: Browser) -> None:
    boss = browser_of(morning["周建平"])
    assert boss.post(url_of(morning, "write/"), form(morning, 0)).status_code == 302
    assert TargetSheet.objects.get().priorities == "专线提速"
    assert "编好后由总经理或副总经理下达。" in text_of(boss, url_of(morning))
    assert boss.post(url_of(morning, "issue/"), form(morning, 1)).status_code == 403
    answer = boss.post(url_of(morning, "write/"), form(morning, 1, **{"value:M1": "x"}))
    assert answer.status_code == 422
    assert 'value="x"' in answer.content.decode()


def test_work_is_given_out_changed_and_taken_off(morning: Cast, browser_of: Browser) -> None:
    boss = browser_of(morning["周建平"])
    assert "布置工作" in text_of(boss, url_of(morning, "work-items/"))
    given = {
        "version": "0",
        "what": "走访重点集团",
        "quantity": "5",
        "unit": "家",
        "due_on": "2026-12-18",
        "resource": "",
        "code": "M1",
    }
    wrong = boss.post(url_of(morning, "work-items/"), {**given, "due_on": "2027-01-04"})
    assert wrong.status_code == 422
    assert "谁来做" in wrong.content.decode()
    managers = [str(morning[name].pk) for name in ("林晓岚", "陈嘉怡")]
    answer = boss.post(url_of(morning, "work-items/"), {**given, "managers": managers})
    assert (answer.status_code, WorkItem.objects.count()) == (302, 2)
    item = WorkItem.objects.earliest("pk")
    assert "走访重点集团" in text_of(boss, url_of(morning))
    changed = boss.post(f"/work-items/{item.pk}/", {**given, "version": "1", "quantity": "8"})
    item.refresh_from_db()
    assert (changed.status_code, item.quantity) == (302, 8)
    stale = boss.post(f"/work-items/{item.pk}/", {**given, "version": "1", "quantity": "9"})
    assert stale.status_code == 409
    assert boss.post(f"/work-items/{item.pk}/remove/", {"version": "2"}).status_code == 302
    assert WorkItem.objects.count() == 1


@pytest.fixture
def december(morning: Cast, clock: StoryClock) -> Cast:
    """The targets are issued; it is the middle of the month."""
    written(
        morning,
        {"M1": line("90.00"), "M4": line("98.00")},
        priorities="专线提速",
        resources="政企支撑小组",
    )
    given_work(morning, "林晓岚", resource="体验厅")
    issued(morning)
    clock.set("2026-12-15 16:00:00")
    return morning


def test_a_manager_sees_the_own_month_acknowledges_and_reports(
    december: Cast, browser_of: Browser
) -> None:
    own = browser_of(december["林晓岚"])
    mine = f"{HERE}/of/{december['林晓岚'].pk}/"
    assert own.get("/targets/")["Location"] == mine
    home = text_of(own, "/")
    assert "确认2026年12月目标" in home
    page = text_of(own, mine)
    for words in ("2026年12月目标已下达，请确认", "30.00", "专线提速", "政企支撑小组", "体验厅"):
        assert words in page
    assert own.post(url_of(december, "acknowledge/"), {"number": "1"}).status_code == 302
    assert Acknowledgement.objects.get().manager == december["林晓岚"]
    recorded(december, {("林晓岚", "M1"): "12.00", ("林晓岚", "M4"): "99.00"})
    page = text_of(own, mine)
    assert "2026年12月目标：1 项落后进度" in page
    assert "按工作日直线推算" in page
    assert "确认2026年12月目标" not in text_of(own, "/")
    item = WorkItem.objects.get()
    answer = own.post(f"/work-items/{item.pk}/report/", {"version": "1", "done": "5"}, follow=True)
    assert "完成 1 / 1 件" in answer.content.decode()
    assert ToDo.objects.get().state == "done"
    assert (
        own.post(f"/work-items/{item.pk}/report/", {"version": "1", "done": "4"}).status_code == 409
    )


def test_leaders_and_the_market_department_read_colleagues_do_not(
    december: Cast, browser_of: Browser
) -> None:
    his = f"{HERE}/of/{december['林晓岚'].pk}/"
    assert "林晓岚 2026年12月目标" in text_of(browser_of(december["周建平"]), his)
    assert "林晓岚 2026年12月目标" in text_of(browser_of(december["韩静"]), his)
    assert browser_of(december["陈嘉怡"]).get(his).status_code == 404
    assert browser_of(december["郑秋实"]).get(his).status_code == 404
    colleague = text_of(browser_of(december["陈嘉怡"]), url_of(december))
    assert "2026年12月目标已下达" in colleague
    assert his not in colleague


def test_a_manager_does_not_see_what_is_not_issued(morning: Cast, browser_of: Browser) -> None:
    written(morning, {"M1": line("90.00")})
    assert browser_of(morning["林晓岚"]).get(url_of(morning)).status_code == 404
    page = text_of(browser_of(morning["韩静"]), url_of(morning))
    assert "2026年12月目标还没有下达" in page


def test_the_issued_page_shows_who_is_where_and_what_a_revision_changed(
    december: Cast, browser_of: Browser
) -> None:
    head = browser_of(december["赵国梁"])
    page = text_of(head, url_of(december))
    assert "未确认" in page
    assert "2026年12月目标已下达，3 人还没有确认" in page
    assert "二 分解到人" in text_of(head, url_of(december, "?edit=1"))
    written(
        december,
        {"M1": line("93.00", why_not_required="追加"), "M4": line("98.00")},
        moment="2026-12-15 16:00:00",
    )
    assert "正在修订，下达前以这一版为准。" in text_of(head, url_of(december, "?issued=1"))
    assert "2026年12月目标：修订中，未下达" in text_of(head, url_of(december))
    issued(december, why="公司追加", moment="2026-12-15 16:10:00")
    page = text_of(head, url_of(december))
    assert "改了" in page
    assert "公司追加" in page
    assert "集团收入：公司要求 90.00，追加" in page


def test_the_paper_is_in_our_fonts_within_its_margins(december: Cast, browser_of: Browser) -> None:
    content = browser_of(december["周建平"]).get(url_of(december, "paper.pdf")).content
    assert fonts(content) == OUR_FONTS
    with pdfplumber.open(BytesIO(content)) as pdf:
        ink = [char for page in pdf.pages for char in page.chars if char["text"].strip()]
        assert min(char["x0"] for char in ink) >= 20 * MM - 0.5
        assert max(char["x1"] for char in ink) <= (210 - 16) * MM + 0.5


def test_the_paper_and_the_workbook_are_of_the_issued_version(
    december: Cast, browser_of: Browser
) -> None:
    boss = browser_of(december["周建平"])
    paper = boss.get(url_of(december, "paper.pdf"))
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    answer = boss.get(url_of(december, "workbook/"))
    book = open_table(answer.content, "x.xlsx")
    assert [sheet.name for sheet in book.sheets] == ["指标", "分解到人", "工作内容"]
    rows = [tuple(row) for row in book.sheets[1].rows]
    assert ("200004", "林晓岚", 30, 98) in rows
    assert ("合计", None, 90, None) in rows
    assert Disclosure.objects.count() == 2
    assert boss.get(url_of(december, "paper.pdf?number=2")).status_code == 404


def test_the_company_page_puts_first_who_has_not_issued(
    december: Cast, browser_of: Browser
) -> None:
    market = browser_of(december["韩静"])
    assert market.get("/targets/")["Location"] == f"{HERE}/"
    page = text_of(market, f"{HERE}/")
    assert "2026年12月目标：1 个分公司没有下达" in page
    assert page.index("城西分公司") < page.index("城东分公司")
    assert "逾期未下达" in page
    assert browser_of(december["赵国梁"]).get(f"{HERE}/").status_code == 403


def test_requirements_are_typed_on_a_grid(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    clock.set("2026-12-01 09:00:00")
    market = browser_of(cast["韩静"])
    cell = f"cell:{cast.east.pk}:M1"
    assert "2026年12月还没有下达公司要求" in text_of(market, "/requirements/2026-12/")
    answer = market.patch(
        "/requirements/2026-12/write/",
        json.dumps(
            {"version": "0", "fields": {cell: "１９０．５", f"cell:{cast.west.pk}:M1": "-1"}}
        ),
        content_type="application/json",
        headers={"accept": "application/json"},
    )
    assert answer.json()["errors"] == {f"cell:{cast.west.pk}:M1": "城西分公司 集团收入：不能小于 0"}
    assert str(Requirement.objects.get().value) == "190.50"
    page = text_of(market, "/requirements/2026-12/")
    assert "2026年12月公司要求：1 格读不懂" in page
    assert '<span class="wide-only">方向键和回车换格；' in page
    assert 'value="-1"' in page
    office = text_of(browser_of(cast["孙岚"]), "/requirements/2026-12/")
    assert 'name="cell' not in office
    posted = market.post("/requirements/2026-12/write/", {"version": "0", cell: "200"})
    assert posted.status_code == 409


def test_indicators_are_added_changed_and_closed_on_their_page(
    cast: Cast, browser_of: Browser
) -> None:
    market = browser_of(cast["韩静"])
    given = {
        "code": "M6",
        "telecom_zh": "宽带新增",
        "unit": "户",
        "places": "0",
        "direction": "up",
        "adding": "sum",
        "source": "typed",
    }
    assert market.post("/indicators/new/", {**given, "unit": ""}).status_code == 422
    assert market.post("/indicators/new/", given).status_code == 302
    made = Indicator.objects.get(code="M6")
    url = f"/indicators/{made.pk}/"
    assert market.post(url, {**given, "version": "1", "unit": "条"}).status_code == 302
    assert market.post(url, {**given, "version": "1", "unit": "家"}).status_code == 409
    assert market.post(f"{url}close/", {"version": "2"}).status_code == 302
    assert "6 个指标在用" in text_of(market, "/indicators/")
    book = market.get("/indicators/workbook/").content
    rows = [list(row) for row in open_table(book, "x.xlsx").sheets[0].rows]
    assert rows[-1] == ["M6", "宽带新增", "条", "越高越好", "相加", "录入", "已停用"]
    assert len(rows) == 1 + Indicator.objects.count()
    assert market.post(f"{url}reopen/", {"version": "3"}).status_code == 302
    assert "7 个指标在用" in text_of(browser_of(cast["孙岚"]), "/indicators/")


def test_the_heads_are_told_on_the_day_on_which_targets_are_due(cast: Cast) -> None:
    since, until = at("2026-12-03 08:29:59"), at("2026-12-03 08:30:00")
    plan_target_reminders(since, until)
    plan_target_reminders(since, until)
    job = Job.objects.get(kind="kpi.remind_targets")
    assert (job.run_after, job.drop_after) == (until, at("2026-12-03 18:00:00"))
    written(cast, {"M1": line("90.00")}, why_no_items="本月只做收口")
    assert jobs.run(job.pk, at=at("2026-12-03 08:31:00")) == "done"
    assert sorted(Notice.objects.values_list("person__name", "title")) == sorted(
        [
            ("赵国梁", "2026年12月目标今天应下达，还没有下达"),
            ("钱慧敏", "2026年12月目标今天应下达，还没有下达"),
        ]
    )


def test_nobody_is_told_when_the_targets_are_issued(cast: Cast) -> None:
    written(cast, {"M1": line("90.00")}, why_no_items="本月只做收口")
    issued(cast)
    Notice.objects.all().delete()
    plan_target_reminders(at("2026-12-03 08:29:59"), at("2026-12-03 08:30:00"))
    jobs.run(Job.objects.get(kind="kpi.remind_targets").pk, at=at("2026-12-03 08:31:00"))
    assert not Notice.objects.exists()


def test_as_many_statements_for_fifty_work_items(december: Cast, browser_of: Browser) -> None:
    boss, own = browser_of(december["周建平"]), browser_of(december["林晓岚"])
    mine = f"{HERE}/of/{december['林晓岚'].pk}/"
    pages = ((boss, url_of(december)), (boss, url_of(december, "?edit=1")), (own, mine))
    counted = []
    for number in (0, 49):
        if number:
            sheet = TargetSheet.objects.get()
            WorkItem.objects.bulk_create(
                [
                    WorkItem(
                        sheet=sheet,
                        manager=december["林晓岚"],
                        what=f"走访 {n}",
                        due_on=MONTH.last,
                    )
                    for n in range(number)
                ]
            )
            issued(december, why="加工作", moment="2026-12-15 16:00:00")
            recorded(december, {(name, "M1"): "1" for name in ("林晓岚", "陈嘉怡", "何俊峰")})
        for browser, url in pages:
            browser.get(url)
            with CaptureQueriesContext(connection) as told:
                assert browser.get(url).status_code == 200
            counted.append(len(told))
    assert counted[: len(pages)] == counted[len(pages) :]


def test_acknowledging_reads_the_notice(
    morning: Cast, clock: StoryClock, browser_of: Browser
) -> None:
    written(morning, {"M1": line("90.00"), "M4": line("98.00")})
    given_work(morning, "林晓岚")
    version = issued(morning)
    clock.set("2026-12-03 10:00:00")
    mine = Notice.objects.filter(kind="target", read_at__isnull=True)
    assert mine.filter(person=morning["林晓岚"]).count() == 1
    browser = browser_of(morning["林晓岚"])
    answer = browser.post(url_of(morning, "acknowledge/"), {"version": version.pk})
    assert answer.status_code == 302
    assert mine.filter(person=morning["林晓岚"]).count() == 0
    assert mine.filter(person=morning["陈嘉怡"]).count() == 1


def test_typing_moves_the_rail_and_says_who_issues(morning: Cast, browser_of: Browser) -> None:
    boss = browser_of(morning["周建平"])
    _status, told = save(boss, morning, 0, **{f"value:{code}": "90" for code in ("M1", "M4")})
    assert "2/" in told["rail"]
    written(morning, {"M1": line("90.00"), "M4": line("98.00")})
    given_work(morning, "林晓岚")
    page = text_of(boss, url_of(morning))
    assert "2026年12月目标：都分下去了，等总经理或副总经理下达" in page
    issued(morning)
    page = text_of(boss, url_of(morning, "?edit=1"))
    assert "2026年12月目标：第 1 版已下达，改动后要重新下达" in page


def test_without_last_years_numbers_giving_out_by_them_says_so(
    morning: Cast, browser_of: Browser
) -> None:
    boss = browser_of(morning["周建平"])
    _status, told = save(boss, morning, 0, **{"value:M1": "90", "method:M1": "last_year"})
    assert told["texts"]["given:M1"] == "去年同期没有完成数，按平均分"


def test_cells_that_cannot_be_read_stand_in_the_headline(
    morning: Cast, browser_of: Browser
) -> None:
    market = browser_of(morning["韩静"])
    field = f"cell:{morning.west.pk}:M1"
    market.post("/requirements/2026-12/write/", {field: "很多", "version": "2"})
    assert "2026年12月公司要求：1 格读不懂" in text_of(market, "/requirements/2026-12/")

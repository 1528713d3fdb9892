"""The overview, a branch's report, findings and the inspection sheet in the browser (P3, P3.5)."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.module_loading import import_string

from confidentiality.models import Disclosure
from core import jobs
from core.workbooks import open_table
from duties.models import DutyPeriod
from inspections.models import CheckItem, Finding
from organization.models import Branch, Person
from reports.bulletin_tables import GRADES as PRINTED_GRADES
from reports.models import SpotCheck
from tests.cast import BEGIN, Cast, at, make_cast
from tests.conftest import StoryClock
from tests.domain.month import NOVEMBER, WEEKS, file_all, make_november
from tests.domain.test_findings import confirm, object_to, raised
from tests.kept import KEPT, Kept
from worklogs.models import Summary

pytestmark = pytest.mark.django_db
Browser = Callable[[Person], Client]
OVERVIEW = "/overview/2026-11/"
PNG = b"\x89PNG\r\n\x1a\nx"


def _filed_november() -> Cast:
    cast = make_november(make_cast())
    DutyPeriod.objects.filter(kind="rollup").delete()
    file_all(
        cast,
        but=[("何俊峰", 47), ("何俊峰", 48)],
        late={("陈嘉怡", 46): "2026-11-13 17:42:00"},
    )
    return cast


KEPT["filed_november"] = Kept(_filed_november)


@pytest.fixture
def filed_november(db: None) -> Cast:
    """何俊峰 has not filed twice, 陈嘉怡 once late."""
    return KEPT["filed_november"].again()


@pytest.fixture
def november(filed_november: Cast, clock: StoryClock) -> Cast:
    """It is Tuesday, 1 December, 09:00."""
    clock.set("2026-12-01 09:00:00")
    return filed_november


def text_of(client: Client, url: str, status: int = 200, **headers: str) -> str:
    response = client.get(url, headers=headers)
    assert response.status_code == status, response.content.decode()[:400]
    return response.content.decode()


def rows_of(page: str) -> str:
    return page.split("<tbody")[1].split("</tbody>")[0]


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", page)).split())


def post(client: Client, url: str, status: int = 302, /, **data: object) -> str:
    response = client.post(url, data)
    assert response.status_code == status, response.content.decode()[:400]
    return str(response.headers.get("Location", response.content.decode()))


# The overview


def test_the_overview_says_what_was_not_done(november: Cast, browser_of: Browser) -> None:
    page = text_of(browser_of(november["韩静"]), OVERVIEW)
    assert "<h1>2026年11月：2 家分公司，3 处没有做到</h1>" in page
    rows = words_of(rows_of(page))
    assert "城东分公司 10/10 9/12 迟 1 缺 2" in rows
    assert "城西分公司 4/4 4/4" in rows
    assert "90.0" in rows
    assert "资料及时更新" not in page.split("<thead")[1].split("</thead>")[0]


def test_the_worst_cell_is_offered_beside_the_last_bulletin(
    november: Cast, browser_of: Browser
) -> None:
    client = browser_of(november["韩静"])
    page = text_of(client, OVERVIEW)
    matrix, panel = page.split('id="panel"')
    assert "data-offered" in panel
    assert "何俊峰 第 47 周周报未交 −1" in words_of(panel)
    assert f'class="cell is-current" href="?of={november.east.pk}&amp;item=punctual"' in matrix
    for part in (matrix, panel):
        assert "工作月度通报 2026年10月 可以起草 去起草" in words_of(part)
    closed = text_of(client, f"{OVERVIEW}?of=0")
    assert ("data-offered" in closed, "is-current" in rows_of(closed)) == (False, False)
    opened = text_of(client, f"{OVERVIEW}?of={november.east.pk}&item=punctual")
    assert "data-offered" not in opened


def test_only_deviations_leaves_the_others_out(november: Cast, browser_of: Browser) -> None:
    client = browser_of(november["韩静"])
    assert "城西分公司" not in rows_of(text_of(client, f"{OVERVIEW}?view=deviating"))
    assert "城西分公司" in rows_of(text_of(client, f"{OVERVIEW}?view=all"))
    assert "城西分公司" not in rows_of(text_of(client, f"{OVERVIEW}?only=missing"))


def test_a_cell_opens_with_its_facts_and_becomes_a_finding(
    november: Cast, browser_of: Browser
) -> None:
    client = browser_of(november["韩静"])
    url = f"{OVERVIEW}?of={november.east.pk}&item=punctual"
    panel = text_of(client, url, hx_request="true", hx_target="panel")
    assert "<html" not in panel
    words = words_of(panel)
    assert "何俊峰 第 47 周周报未交 −1" in words
    assert "扣分 −2.50" in words
    assert ("依据 W5，附表 3.8" in words, "责任人 周建平" in words) == (True, True)
    assert "整改期限 12月8日（周二）" in words
    raise_url = f"/spot-checks/2026-11/{november.east.pk}/items/punctual/raise/"
    assert raise_url in panel
    finding_url = post(client, raise_url)
    finding = Finding.objects.get()
    assert finding_url == f"/findings/{finding.pk}/"
    assert "WT-2026-0001" in text_of(client, url)
    assert "立为问题" not in text_of(client, url)
    text_of(client, f"{OVERVIEW}?of=987654", 404)
    text_of(client, f"{OVERVIEW}?of={november.east.pk}&item=nothing", 404)


def test_the_phases_of_a_month_can_be_told_apart(
    november: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    client = browser_of(november["韩静"])
    text_of(client, f"{OVERVIEW}?phase=provisional", 404)
    jobs.tick(at("2026-12-02 12:00:00"))
    jobs.run_due(at("2026-12-02 12:00:00"))
    clock.set("2026-12-02 13:00:00")
    client = browser_of(november["韩静"])
    page = words_of(text_of(client, OVERVIEW))
    assert "定稿，截至 今天 12:00" in page
    page = words_of(text_of(client, f"{OVERVIEW}?phase=provisional"))
    assert "暂计，截至 11月30日（周一）20:00" in page
    text_of(client, "/overview/2027-01/", 404)


def test_the_workbook_holds_what_the_page_shows(november: Cast, browser_of: Browser) -> None:
    client = browser_of(november["韩静"])
    answer = client.get(f"{OVERVIEW}workbook/")
    assert answer.status_code == 200
    book = open_table(answer.content, "x.xlsx")
    rows = [[str(cell) for cell in row] for row in book.sheets[0].rows]
    assert ["城东分公司", "10/10", "9/12 迟 1 缺 2"] in [row[:3] for row in rows]
    assert Disclosure.objects.get().rows == 2


def test_a_report_has_the_head_of_annex_3_8_on_page_and_in_its_workbook(
    november: Cast, browser_of: Browser
) -> None:
    east = november.east
    url = f"/spot-checks/2026-11/{east.pk}/"
    client = browser_of(november["周建平"])
    assert f"报告编号 CC-2026-11-{east.code} 检查方式 系统检查 检查人 系统" in words_of(
        text_of(client, url)
    )
    confirm(november, raised(november), "2026-11-30 10:00:00")
    object_to(november, raised(november), "2026-11-30 11:00:00")
    page = words_of(text_of(client, url))
    assert "检查人 韩静 分公司确认 1/2 已确认，1 条有异议" in page
    assert "异议 赵国梁" in page
    assert "签到表在档案柜里" in page
    answer = client.get(f"{url}workbook/")
    rows = [
        [str(cell or "") for cell in row] for row in open_table(answer.content, "x").sheets[0].rows
    ]
    head = " ".join(row[0] for row in rows[:8])
    assert f"报告编号 CC-2026-11-{east.code}　检查方式 系统检查　检查人 韩静" in head
    assert "异议 WT-2026-0002 赵国梁：签到表在档案柜里" in head
    late = [row for row in rows if "何俊峰 第 47 周周报未交" in row]
    assert [row[5] for row in late] == ["不合格"]
    head_at = next(place for place, row in enumerate(rows) if row[0] == "项目")
    assert {row[5] for row in rows if row[0] == "客户感知"} == {"未查"}
    assert Disclosure.objects.get().rows == len(rows) - head_at - 1


def test_a_report_that_was_not_made_says_why_and_is_made_again(
    november: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    version = Summary.objects.get(manager=november["吴志远"], week=WEEKS[0].key).versions.get()
    version.figures = {"calls": None}
    version.save(update_fields=["figures"])
    jobs.tick(at("2026-12-01 09:00:00"))
    jobs.run_due(at("2026-12-01 09:00:00"))
    client = browser_of(november["韩静"])
    page = text_of(client, f"{OVERVIEW}?phase=provisional")
    assert "1 家的报告没有做成" in page
    assert "weeks.agree: TypeError" in page
    post(client, f"{OVERVIEW}again/", 422, phase="frozen")
    version.figures = {}
    version.save(update_fields=["figures"])
    post(client, f"{OVERVIEW}again/", phase="provisional")
    jobs.run_due(at("2026-12-01 09:00:00"))
    assert not SpotCheck.objects.exclude(content__failed="").exists()
    assert "没有做成" not in text_of(client, f"{OVERVIEW}?phase=provisional")


def test_forty_branches_cost_as_many_queries_as_two(november: Cast, browser_of: Browser) -> None:
    client = browser_of(november["韩静"])
    text_of(client, OVERVIEW)
    with CaptureQueriesContext(connection) as few:
        text_of(client, OVERVIEW)
    Branch.objects.bulk_create(
        Branch(code=f"X{n:02d}", name=f"第{n}分公司", opened_on=BEGIN) for n in range(28)
    )
    with CaptureQueriesContext(connection) as many:
        page = text_of(client, OVERVIEW)
    assert "第27分公司" in page
    assert len(many) == len(few)


# A branch's own report


def test_a_branch_sees_its_own_report_with_every_row(november: Cast, browser_of: Browser) -> None:
    for who in ("周建平", "赵国梁", "钱慧敏"):
        client = browser_of(november[who])
        answer = client.get("/spot-checks/")
        assert answer.headers["Location"] == f"/spot-checks/2026-12/{november.east.pk}/"
        page = text_of(client, f"/spot-checks/2026-11/{november.east.pk}/")
        assert "<h1>城东分公司 2026年11月：3 处没有做到</h1>" in page
        assert f'href="/weeks/2026-W48/of/{november["何俊峰"].pk}/"' in page
        assert ("90.00" in page, "立为问题" in page) == (True, False)
        words = words_of(page)
        assert "资料及时更新、服务频次" in words
        assert "周报 9/12，缺 2，迟 1" in words
        text_of(client, f"/spot-checks/2026-11/{november.west.pk}/", 404)
        text_of(client, OVERVIEW, 404)
    for who in ("林晓岚", "马骏", "许衡"):
        client = browser_of(november[who])
        text_of(client, "/spot-checks/", 404)
        text_of(client, f"/spot-checks/2026-11/{november.east.pk}/", 404)


def test_the_newest_report_opens_and_a_month_not_due_says_so(
    november: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    jobs.tick(at("2026-12-02 12:00:00"))
    jobs.run_due(at("2026-12-02 12:00:00"))
    clock.set("2026-12-04 09:00:00")
    east = november.east.pk
    client = browser_of(november["钱慧敏"])
    assert client.get("/spot-checks/").headers["Location"] == f"/spot-checks/2026-11/{east}/"
    office = browser_of(november["韩静"])
    assert office.get("/spot-checks/").headers["Location"] == OVERVIEW
    page = words_of(text_of(client, f"/spot-checks/2026-12/{east}/"))
    assert "城东分公司 2026年12月：还没有查的" in page
    assert "未到期 三方一致、计划与周报及时：这个月还没有到期的，到期后才查。" in page
    assert "换管告知、会议纪要与签到：没有来源，不计分。" in page
    assert "得 0.00 分" not in page
    page = words_of(text_of(client, f"/spot-checks/2026-11/{east}/"))
    assert "还没有到期" not in page


def test_page_and_bulletin_name_a_grade_alike() -> None:
    shown = import_string("reports.views.spot_checks.GRADES")
    printed = {key: word for key, word in PRINTED_GRADES.items() if key}
    assert {key: str(word) for key, (_state, word) in shown.items()} == printed


# Findings


def test_from_the_list_to_the_closed_finding(november: Cast, browser_of: Browser) -> None:
    market, branch = browser_of(november["韩静"]), browser_of(november["周建平"])
    assert "没有未关闭的问题" in text_of(market, "/findings/")
    new = f"/findings/new/?branch={november.east.pk}"
    assert 'value="2026-12-08"' in text_of(market, new)
    wrong = post(market, new, 422, title="", facts="x", owner="", due_on="2026-12-08")
    assert "给城东分公司立问题" in wrong
    url = post(
        market,
        new,
        title="例会没有签到表",
        facts="11 月 23 日",
        owner=november["周建平"].pk,
        due_on="2026-12-08",
        item="minutes",
    )
    page = text_of(branch, url)
    assert ("会议纪要与签到" in page, "M2.3" in page, "有异议" in page) == (True,) * 3
    post(branch, f"{url}confirm/", version="1")
    proof = SimpleUploadedFile("签到表.png", PNG, "image/png")
    post(branch, f"{url}answer/", 422, version="2", text="", file=proof)
    proof.seek(0)
    post(branch, f"{url}answer/", version="2", text="已补", file=proof)
    page = text_of(market, url)
    assert ("签到表.png" in page, "通过，关闭" in page) == (True, True)
    step = Finding.objects.get().steps.get(kind="answered")
    answer = market.get(f"{url}steps/{step.pk}/file/")
    assert (answer.content, answer.headers["Content-Type"]) == (PNG, "image/png")
    assert Disclosure.objects.get().name == "签到表.png"
    post(market, f"{url}recheck/", version="3", result="closed", text="")
    page = text_of(market, "/findings/?state=closed")
    assert "例会没有签到表" in rows_of(page)
    assert "<tbody" not in text_of(market, "/findings/")


def test_what_was_typed_stays_when_somebody_was_first(november: Cast, browser_of: Browser) -> None:
    finding = raised(november)
    confirm(november, finding, "2026-11-30 09:00:00")
    page = post(
        browser_of(november["周建平"]),
        f"/findings/{finding.pk}/answer/",
        409,
        version="1",
        text="写了很久的答复",
    )
    assert ("写了很久的答复" in page, "别处刚动过这个问题" in page) == (True, True)
    assert 'name="version" value="2"' in page


def test_a_late_confirmation_is_seen(november: Cast, browser_of: Browser) -> None:
    finding = raised(november)
    confirm(november, finding, "2026-12-02 18:00:01")
    assert "逾期确认" in text_of(browser_of(november["韩静"]), f"/findings/{finding.pk}/")


def test_the_panel_opens_a_finding_beside_the_list(november: Cast, browser_of: Browser) -> None:
    finding = raised(november)
    panel = text_of(
        browser_of(november["韩静"]),
        f"/findings/{finding.pk}/",
        hx_request="true",
        hx_target="panel",
    )
    assert ("<html" in panel, "WT-2026-0001" in panel) == (False, True)


def test_others_findings_are_not_there(november: Cast, browser_of: Browser) -> None:
    finding = raised(november)
    for who in ("郑秋实", "吴志远", "林晓岚"):
        client = browser_of(november[who])
        text_of(client, f"/findings/{finding.pk}/", 404)
        assert "例会没有签到表" not in text_of(client, "/findings/?state=all")
    for who in ("马骏", "宋琪", "许衡", "沈默"):
        text_of(browser_of(november[who]), "/findings/", 403)


def test_a_long_list_costs_as_many_queries_as_a_short_one(
    november: Cast, browser_of: Browser
) -> None:
    client = browser_of(november["韩静"])
    raised(november)
    text_of(client, "/findings/")
    with CaptureQueriesContext(connection) as few:
        text_of(client, "/findings/")
    for n in range(30):
        raised(november, title=f"问题 {n}")
    with CaptureQueriesContext(connection) as many:
        page = text_of(client, "/findings/")
    assert "问题 29" in page
    assert len(many) == len(few)


def test_the_list_goes_out_as_a_workbook(november: Cast, browser_of: Browser) -> None:
    raised(november)
    answer = browser_of(november["韩静"]).get("/findings/workbook/?state=all")
    book = open_table(answer.content, "x.xlsx")
    cells = [str(cell) for row in book.sheets[0].rows for cell in row]
    assert ("例会没有签到表" in cells, "城东分公司" in cells) == (True, True)


def test_what_waits_stands_beside_the_way(november: Cast, browser_of: Browser) -> None:
    finding = raised(november)
    assert browser_of(november["周建平"]).get("/waiting/").json()["findings"] == 1
    confirm(november, finding, "2026-12-01 09:00:00")
    assert "findings" not in browser_of(november["韩静"]).get("/waiting/").json()


# The inspection sheet


ITEM = {
    "code": "punctual",
    "name_zh": "周报及时",
    "name_en": "",
    "points": "10",
    "taking": "per_fault",
    "rank": "8",
    "judged_by": "summaries.punctuality",
    "fault_missing": "2",
    "valid_from": "2027-01",
}


def test_the_sheet_is_changed_from_a_later_month_on(november: Cast, browser_of: Browser) -> None:
    client = browser_of(november["韩静"])
    page = text_of(client, "/check-items/")
    assert "<h1>2026年12月检查项目，共 100 分</h1>" in page
    assert 'name="valid_from" value="2027-01"' in text_of(client, "/check-items/?item=punctual")
    assert post(client, "/check-items/", **ITEM) == "/check-items/?month=2027-01"
    assert "共 105 分" in text_of(client, "/check-items/?month=2027-01")
    assert "共 100 分" in text_of(client, "/check-items/")
    for wrong in ({"valid_from": "2026-12"}, {"valid_from": "next"}, {"points": "0"}):
        post(client, "/check-items/", 422, **{**ITEM, **wrong})
    post(client, "/check-items/punctual/drop/", valid_from="2027-02")
    assert "共 95 分" in text_of(client, "/check-items/?month=2027-02")
    row = CheckItem.objects.get(code="punctual", valid_from="2027-02")
    post(client, "/check-items/withdraw/", id=row.pk)
    assert "共 105 分" in text_of(client, "/check-items/?month=2027-02")


def test_others_read_the_sheet_and_do_not_change_it(november: Cast, browser_of: Browser) -> None:
    client = browser_of(november["周建平"])
    assert "加一项" not in text_of(client, "/check-items/?item=punctual")
    post(client, "/check-items/", 403, **ITEM)
    assert NOVEMBER.key == "2026-11"
    text_of(browser_of(november["许衡"]), "/check-items/", 403)

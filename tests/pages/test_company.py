"""The company's week and the other homes in the browser (W6)."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from confidentiality.models import Disclosure
from core import files, jobs
from core.models import Job
from duties.operations import ensure_periods
from organization.models import Branch, Person
from tests.cast import BEGIN, Cast, at
from tests.conftest import StoryClock
from tests.domain.week import TEXTS, WEEK, filed, logged, sent
from worklogs.models import Consolidation

pytestmark = pytest.mark.django_db
Browser = Callable[[Person], Client]
COMPANY = f"/company/{WEEK.key}/"


@pytest.fixture
def tuesday(cast: Cast, clock: StoryClock) -> Cast:
    """Tuesday 09:00 after the week: east has rolled up, west not; two of east did not file."""
    ensure_periods(WEEK, WEEK)
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-23 10:00:00")
    filed(cast, "林晓岚", "2026-11-27 17:00:00")
    filed(cast, "吴志远", "2026-11-27 17:32:00")
    sent(cast, "2026-11-30 09:00:00")
    clock.set("2026-12-01 09:00:00")
    return cast


def text_of(client: Client, url: str, status: int = 200, **headers: str) -> str:
    response = client.get(url, headers=headers)
    assert response.status_code == status
    return response.content.decode()


def rows_of(page: str) -> str:
    return page.split("<tbody")[1].split("</tbody>")[0]


def issue(client: Client, **data: str) -> tuple[int, str]:
    answer = client.post(f"{COMPANY}issue/", {"number": "0", "comment": "", **data})
    return answer.status_code, answer.content.decode()


def test_what_deviates_stands_first(tuesday: Cast, browser_of: Browser) -> None:
    page = text_of(browser_of(tuesday["韩静"]), COMPANY)
    assert "<h1>第 48 周：2 份周报未交</h1>" in page
    rows = rows_of(page)
    assert rows.index("城东分公司") < rows.index("城西分公司")
    assert ("缺 2" in rows, "迟 1" in rows, "待签收" in rows, "未到" in rows) == (True,) * 4
    assert TEXTS["needs"] in page
    assert "已到 1/2 家" in page


def test_only_what_deviates_or_what_is_asked(tuesday: Cast, browser_of: Browser) -> None:
    client = browser_of(tuesday["韩静"])
    assert "城东分公司" not in rows_of(text_of(client, f"{COMPANY}?only=unsent"))
    assert "城西分公司" not in rows_of(text_of(client, f"{COMPANY}?only=sent"))
    both = rows_of(text_of(client, f"{COMPANY}?view=deviating"))
    assert ("城东分公司" in both, "城西分公司" in both) == (True, True)


def test_past_its_deadline_a_roll_up_is_overdue(
    tuesday: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    clock.set("2026-12-04 18:00:00")
    client = browser_of(tuesday["韩静"])
    assert "汇总逾期" not in text_of(client, COMPANY)
    clock.set("2026-12-04 18:00:01")
    page = text_of(client, COMPANY)
    assert "<h1>第 48 周：2 份周报未交，1 家汇总逾期</h1>" in page


def test_home_of_the_market_department_is_the_company(tuesday: Cast, browser_of: Browser) -> None:
    page = text_of(browser_of(tuesday["韩静"]), "/")
    assert "<h1>第 49 周：" in page


def test_nobody_else_has_a_company(tuesday: Cast, browser_of: Browser) -> None:
    for who in ("周建平", "赵国梁", "林晓岚", "马骏", "许衡", "沈默"):
        client = browser_of(tuesday[who])
        for url in (COMPANY, "/company/", "/company/archive/", f"{COMPANY}issues/1/"):
            text_of(client, url, 404)


def test_a_branch_opens_in_place(tuesday: Cast, browser_of: Browser) -> None:
    client = browser_of(tuesday["孙岚"])
    url = f"{COMPANY}?of={tuesday.east.pk}"
    page = text_of(client, url, hx_request="true", hx_target="panel")
    assert "<html" not in page
    assert ("陈嘉怡、何俊峰" in page, "HZ-CD-2026-W48-1" in page) == (True, True)
    text_of(client, f"{COMPANY}?of=99999", 404)


def test_signing_from_the_matrix_comes_back_to_it(tuesday: Cast, browser_of: Browser) -> None:
    client = browser_of(tuesday["孙岚"])
    url = f"/rollups/{WEEK.key}/{tuesday.east.pk}/receive/"
    answer = client.post(url, {"number": "1", "next": COMPANY})
    assert (answer.status_code, answer.url) == (302, COMPANY)  # type: ignore[attr-defined]
    assert "今天 09:00" in rows_of(text_of(client, COMPANY))


def test_archiving_leads_to_the_receipt(tuesday: Cast, browser_of: Browser) -> None:
    client = browser_of(tuesday["孙岚"])
    status, _ = issue(client, comment="专线问题集中")
    assert status == 302
    found = Consolidation.objects.get()
    page = text_of(client, f"{COMPANY}issues/1/")
    assert (found.archive_number in page, found.digest in page, "09:00:00" in page) == (True,) * 3
    assert ("专线问题集中" in page, "未报" in page, "正在生成工作簿" in page) == (True,) * 3
    assert found.archive_number in text_of(client, "/company/archive/")


def test_the_archived_workbook_leaves_by_the_gate(tuesday: Cast, browser_of: Browser) -> None:
    client = browser_of(tuesday["孙岚"])
    issue(client)
    text_of(client, f"{COMPANY}issues/1/workbook/", 404)
    progress = f"{COMPANY}issues/1/progress/"
    assert client.get(progress).json()["state"] == "running"
    job = Job.objects.get(kind="worklogs.post_consolidation")
    jobs.run(job.pk, at=at("2026-12-01 09:00:01"))
    assert client.get(progress).json()["state"] == "done"
    answer = client.get(f"{COMPANY}issues/1/workbook/")
    found = Consolidation.objects.get()
    assert found.file is not None
    assert answer.content == files.content_of(found.file)
    assert Disclosure.objects.get().rows == 2


def test_what_was_typed_stays_when_it_is_refused(tuesday: Cast, browser_of: Browser) -> None:
    client = browser_of(tuesday["孙岚"])
    issue(client)
    status, page = issue(client, number="1", comment="再写一句")
    assert status == 422
    assert ('href="#why"' in page, "再写一句" in page) == (True, True)
    status, page = issue(client, comment="第二个窗口", why_corrected="补")
    assert status == 409
    assert ("别处刚归档了第 1 版" in page, "第二个窗口" in page) == (True, True)
    assert 'name="number" value="1"' in page
    assert Consolidation.objects.count() == 1


def test_a_correction_compares_with_the_first(
    tuesday: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    client = browser_of(tuesday["孙岚"])
    issue(client)
    assert "归档后又有汇总到达" not in text_of(client, COMPANY)
    sent(tuesday, "2026-12-01 09:10:00", who="郑秋实")
    clock.set("2026-12-01 09:11:00")
    assert "归档后又有汇总到达" in text_of(client, COMPANY)
    assert issue(client, number="1", why_corrected="城西补报")[0] == 302
    page = text_of(client, f"{COMPANY}issues/2/?against=1")
    assert "HZ-CX-2026-W48-1" in page
    assert "已交 1/1 未报</del>" in page


def test_only_the_office_archives(tuesday: Cast, browser_of: Browser) -> None:
    for who in ("韩静", "周建平", "马骏"):
        assert issue(browser_of(tuesday[who]))[0] == 403
    assert "归档 1 家的汇总" not in text_of(browser_of(tuesday["韩静"]), COMPANY)


def test_fifty_branches_cost_as_many_queries_as_two(tuesday: Cast, browser_of: Browser) -> None:
    client = browser_of(tuesday["韩静"])
    text_of(client, COMPANY)
    with CaptureQueriesContext(connection) as few:
        text_of(client, COMPANY)
    Branch.objects.bulk_create(
        Branch(code=f"X{n:02d}", name=f"第{n}分公司", opened_on=BEGIN) for n in range(50)
    )
    ensure_periods(WEEK, WEEK)
    with CaptureQueriesContext(connection) as many:
        page = text_of(client, COMPANY)
    assert "第49分公司" in page
    assert len(many) == len(few)


# The other homes


def test_a_head_sees_the_week_and_the_trend(
    tuesday: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    clock.set("2026-11-27 17:46:00")
    for who in ("赵国梁", "钱慧敏"):
        page = text_of(browser_of(tuesday[who]), "/")
        assert "<h1>第 48 周周报：还有 2 人未交</h1>" in page
        assert "陈嘉怡、何俊峰" in page
        assert page.count("share-bar") >= 8


def test_the_trend_costs_the_same_for_many(tuesday: Cast, browser_of: Browser) -> None:
    client = browser_of(tuesday["赵国梁"])
    text_of(client, "/")
    with CaptureQueriesContext(connection) as few:
        text_of(client, "/")
    for hour in range(10, 18):
        logged(tuesday, "林晓岚", "东方纺织集团", f"2026-11-24 {hour}:00:00")
    with CaptureQueriesContext(connection) as many:
        text_of(client, "/")
    assert len(many) == len(few)


def test_the_office_sees_what_waits(tuesday: Cast, browser_of: Browser, clock: StoryClock) -> None:
    client = browser_of(tuesday["孙岚"])
    page = text_of(client, "/")
    assert "<h1>1 份汇总待签收</h1>" in page
    assert "1 家未到" in page
    clock.set("2026-12-04 18:00:01")
    page = text_of(browser_of(tuesday["孙岚"]), "/")
    assert "<h1>1 份汇总待签收，1 周待归档，1 份汇总逾期</h1>" in page


def test_the_system_administrator_sees_what_to_mend(tuesday: Cast, browser_of: Browser) -> None:
    Person.objects.filter(name="何俊峰").update(email="")
    Job.objects.update(state="failed")
    page = text_of(browser_of(tuesday["马骏"]), "/")
    assert "1 人没有邮箱" in page
    assert "何俊峰，收不到提醒邮件" in page
    assert "worklogs.post_rollup" in page
    assert "年节假日未载入" in page


def test_the_others_have_a_day_too(tuesday: Cast, browser_of: Browser) -> None:
    person = Person.objects.create(job_number="290001", name="无角色", branch=tuesday.east)
    assert "1 人还没有角色" in text_of(browser_of(tuesday["宋琪"]), "/")
    assert "条操作记录" in text_of(browser_of(tuesday["许衡"]), "/")
    assert "今天交出 0 份文件" in text_of(browser_of(tuesday["沈默"]), "/")
    assert person.pk

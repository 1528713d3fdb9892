"""Cases in the browser and over the API (K3): the list, a new one, its page, its files."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from confidentiality.models import Disclosure
from core.workbooks import open_table
from kpi.models import Case
from kpi.operations.cases import add_case_files
from organization.models import Person
from organization.operations.access import issue_token
from tests.api.conftest import Api
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.cases import (
    CERTIFICATE,
    FILED,
    STATED,
    billed,
    case_decided,
    case_filed,
    case_reviewed,
    case_stated,
    complaint_found,
    complaint_received,
    lost,
)
from tests.domain.week import acting

pytestmark = pytest.mark.django_db
Browser = Callable[[Person], Client]
PNG = b"\x89PNG\r\n\x1a\nx"


def words_of(client: Client, url: str, status: int = 200, **headers: str) -> str:
    answer = client.get(url, headers=headers)
    assert answer.status_code == status, answer.content.decode()[:400]
    return " ".join(unescape(re.sub("<[^>]+>", " ", answer.content.decode())).split())


def posted(client: Client, url: str, status: int = 302, /, **data: Any) -> str:
    answer = client.post(url, data)
    assert answer.status_code == status, answer.content.decode()[:400]
    return str(answer.headers.get("Location", unescape(answer.content.decode())))


# The list


def test_the_list_says_what_waits_and_what_it_is_worth(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    case = case_reviewed(cast, case_stated(cast, case_filed(cast, by="韩静")))
    case_filed(cast, "D4", "陈嘉怡", option="local", subject="城东晚报")
    boss = browser_of(cast["赵国梁"])
    page = words_of(boss, "/cases/")
    assert "1 项加减分等您处理" in page
    assert "竞赛获奖 林晓岚 建议 +2.00 主管已出意见" in page
    assert "媒体曝光 陈嘉怡 建议 −10.00 已申报" in page
    case_decided(cast, case)
    page = words_of(boss, "/cases/?state=approved")
    assert ("竞赛获奖 林晓岚 +2.00 已认定" in page, "城东晚报" in page) == (True, False)
    own = words_of(browser_of(cast["林晓岚"]), "/cases/")
    assert ("竞赛获奖" in own, "城东晚报" in own) == (True, False)
    assert "竞赛获奖 林晓岚" not in words_of(browser_of(cast["郑秋实"]), "/cases/")


@pytest.mark.parametrize(("page", "state"), [("/cases/", "approved"), ("/complaints/", "upheld")])
def test_what_else_the_list_is_narrowed_by_folds_until_it_is_used(
    cast: Cast, browser_of: Browser, page: str, state: str
) -> None:
    boss = browser_of(cast["赵国梁"])
    fold = '<details class="fold more-filters"'
    asked = {"": f"{fold}>", "?q=x": f"{fold}>", f"?state={state}": f"{fold} open>"}
    for query, shown in asked.items():
        assert shown in boss.get(f"{page}{query}").content.decode()


def test_a_veto_is_shown_as_one(cast: Cast, browser_of: Browser, clock: StoryClock) -> None:
    case = case_filed(cast, "V", option="leak", subject="处理决定", by="韩静")
    case = case_decided(cast, case_reviewed(cast, case_stated(cast, case)))
    browser = browser_of(cast["林晓岚"])
    assert "廉洁、泄密 林晓岚 – 一票否决" in words_of(browser, "/cases/")
    page = words_of(browser, reverse("case", args=[case.pk]))
    assert "一票否决：当月等级不高于不合格。" in page
    assert "JF-2026-0001 已认定：2026年11月一票否决" in words_of(browser, "/notices/")


def test_a_complaints_case_names_the_customer_to_who_may_see_the_complaint(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    complaint = complaint_found(cast, complaint_received(cast, customer="东方纺织集团"))
    case_filed(cast, "D3", complaint_id=complaint.pk, facts="约好上门没有来。", files=[])
    for who in ("赵国梁", "周建平", "韩静"):
        page = words_of(browser_of(cast[who]), "/cases/")
        assert "有理投诉 林晓岚 建议 −2.00 已申报 东方纺织集团 2026-11" in page
    own = words_of(browser_of(cast["林晓岚"]), "/cases/")
    assert "有理投诉 林晓岚 建议 −2.00 已申报 2026-11" in own


def test_the_export_holds_what_is_shown(cast: Cast, browser_of: Browser, clock: StoryClock) -> None:
    case_filed(cast, by="韩静")
    case_filed(cast, "D4", "陈嘉怡", option="local", subject="城东晚报")
    boss = browser_of(cast["赵国梁"])
    answer = boss.get("/cases/workbook/?item=B2&columns=item&columns=manager&columns=points")
    book = open_table(answer.content, "x.xlsx")
    rows = [[str(cell) for cell in row] for row in book.sheets[0].rows]
    assert rows[1:] == [["竞赛获奖", "林晓岚", "2"]]
    assert Disclosure.objects.get().name == "加减分.xlsx"


def test_lists_take_as_many_statements_for_fifty_as_for_one(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    browser = browser_of(cast["赵国梁"])

    def statements() -> list[int]:
        found = []
        for address in ("/cases/", "/api/v1/cases/", "/cases/workbook/", "/"):
            with CaptureQueriesContext(connection) as counted:
                assert browser.get(address).status_code == 200
            found.append(len(counted))
        return found

    billed(cast, "东方纺织集团", "2026-11", days=40)
    case_filed(cast, subject="竞赛", by="韩静")
    statements()
    one = statements()
    billed(cast, "明珠酒店", "2026-11", days=40)
    for n in range(49):
        case_filed(cast, subject=f"竞赛 {n}", by="韩静")
    assert statements() == one


# A new one


def test_a_case_is_filed_step_by_step(cast: Cast, browser_of: Browser, clock: StoryClock) -> None:
    boss = browser_of(cast["周建平"])
    assert "给谁申报 陈嘉怡 何俊峰 林晓岚" in words_of(boss, "/cases/new/")
    manager = f"/cases/new/?manager={cast['林晓岚'].pk}"
    page = words_of(boss, manager)
    assert "林晓岚，哪一项 加分 集团产品挽留 +2 到 +3 分 竞赛获奖 +1 到 +6 分" in page
    assert "媒体曝光 −10 到 −20 分 廉洁、泄密 一票否决 有理投诉 从投诉申报" in page
    address = f"{manager}&item=B2"
    assert "竞赛获奖：林晓岚" in words_of(boss, address)
    body = {
        "subject": "金牌客户经理竞赛",
        "option": "city",
        "happened_on": "2026-11-20",
        "facts": "第二名",
        "level": "2",
    }
    wrong = posted(boss, address, 422, **{**body, "facts": ""})
    assert 'value="金牌客户经理竞赛"' in wrong
    files = [SimpleUploadedFile("奖状.png", PNG), SimpleUploadedFile("名单.txt", b"x")]
    where = posted(boss, address, **body, file=files)
    case = Case.objects.get()
    assert where == reverse("case", args=[case.pk])
    assert [one.file.name for one in case.files.order_by("pk")] == ["奖状.png", "名单.txt"]


def test_the_first_of_an_event_is_a_link_away(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    first = case_filed(cast)
    address = f"/cases/new/?manager={cast['林晓岚'].pk}&item=B2"
    page = posted(
        browser_of(cast["韩静"]),
        address,
        422,
        subject="《金牌客户经理》竞赛",
        option="city",
        happened_on="2026-11-20",
        facts="第二名",
        level="2",
    )
    assert f'href="{reverse("case", args=[first.pk])}"' in page
    assert "只计一次" in page


def test_a_customers_case_offers_the_managers_customers(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    lost(cast, "城东人民医院")
    boss = browser_of(cast["周建平"])
    address = f"/cases/new/?manager={cast['林晓岚'].pk}&item=D2"
    page = words_of(boss, address)
    assert ("城东人民医院" in page, "明珠酒店" in page, "关停、搬迁不算流失" in page) == (
        True, False, True,
    )  # fmt: skip
    body = {
        "customer": str(cast.customer("城东人民医院").pk),
        "happened_on": "2026-11-03",
        "facts": "转到对手",
        "level": "2",
    }
    page = posted(boss, address, 422, **body, cause="closure")
    assert "关停、搬迁不算流失。" in page
    posted(boss, address, **body, cause="competitor")
    assert Case.objects.get().option == "B"


def test_a_manager_is_offered_bonuses_alone(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    browser = browser_of(cast["林晓岚"])
    page = words_of(browser, "/cases/new/")
    assert ("竞赛获奖" in page, "媒体曝光" in page) == (True, False)
    words_of(browser, f"/cases/new/?manager={cast['陈嘉怡'].pk}", 404)
    words_of(browser_of(cast["周建平"]), f"/cases/new/?manager={cast['吴志远'].pk}", 404)
    words_of(browser, "/cases/new/?item=X9", 404)


def test_arrears_are_filed_with_one_tap(cast: Cast, browser_of: Browser, clock: StoryClock) -> None:
    bill = billed(cast, "东方纺织集团", "2026-11", days=65)
    boss = browser_of(cast["周建平"])
    assert "账单上有 1 户欠费还没有申报" in words_of(boss, "/cases/")
    address = reverse("case-arrears", args=[bill.pk])
    where = posted(boss, address)
    case = Case.objects.get()
    assert (where, case.option) == (reverse("case", args=[case.pk]), "over60")
    assert case.facts == "2026年11月账单欠费 1,200.00 元，最早一笔已 65 天。"
    assert posted(boss, address) == where
    assert Case.objects.count() == 1
    assert "欠费还没有申报" not in words_of(boss, "/cases/")


# Its page


def test_the_page_tells_who_said_what_when(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    case = case_reviewed(cast, case_stated(cast, case_filed(cast, by="韩静")))
    address = reverse("case", args=[case.pk])
    page = words_of(browser_of(cast["赵国梁"]), address)
    assert "申报 韩静 11月27日（周五） 12:00:00" in page
    assert "本人说明 林晓岚 11月30日（周一） 10:00:00 情况属实。" in page
    assert "主管意见 周建平 11月30日（周一） 15:00:00 核对过，同意。" in page
    panel = browser_of(cast["赵国梁"]).get(address, headers={"HX-Target": "panel"})
    assert "<html" not in panel.content.decode()


def test_each_step_is_taken_on_the_page(cast: Cast, browser_of: Browser, clock: StoryClock) -> None:
    case = case_filed(cast, by="韩静")
    address = reverse("case", args=[case.pk])
    manager = browser_of(cast["林晓岚"])
    assert "我的说明" in words_of(manager, address)
    posted(manager, f"{address}state/", 422, version="1", statement="")
    posted(manager, f"{address}state/", version="1", statement="是我")
    posted(browser_of(cast["周建平"]), f"{address}review/", version="2", opinion="同意")
    boss = browser_of(cast["赵国梁"])
    assert "省级 +4.00 分" in words_of(boss, address)
    posted(boss, f"{address}decide/", 409, version="2", verdict="approved", option="city",
           decision="按方案")  # fmt: skip
    posted(boss, f"{address}decide/", version="3", verdict="approved", option="city",
           decision="按方案")  # fmt: skip
    case.refresh_from_db()
    assert (case.state, f"{case.points:f}") == ("approved", "2.00")


def test_a_file_goes_out_through_the_gate(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    case = case_filed(cast, by="韩静")
    secret = add_case_files(
        case_id=case.pk,
        files=[CERTIFICATE],
        level=3,
        expected_version=1,
        actor=acting(cast, "韩静", FILED),
        at=FILED,
    )
    first, second = secret.files.order_by("pk")
    manager = browser_of(cast["林晓岚"])
    answer = manager.get(reverse("case-file", args=[case.pk, first.pk]))
    assert (answer.content, answer.headers["X-Content-Type-Options"]) == (PNG, "nosniff")
    assert Disclosure.objects.get().person == cast["林晓岚"]
    assert manager.get(reverse("case-file", args=[case.pk, second.pk])).status_code == 403
    other = browser_of(cast["陈嘉怡"])
    assert other.get(reverse("case-file", args=[case.pk, first.pk])).status_code == 404


# Over the API


@pytest.fixture
def api(cast: Cast, clock: StoryClock) -> Callable[[str], Api]:
    def opened(who: str) -> Api:
        _token, text = issue_token(
            name="x", scopes=["read", "write"], days=1, actor=cast.actor(who), at=clock.moment
        )
        return Api(text)

    return opened


def test_arrears_are_filed_and_found_over_the_api_as_on_the_page(
    cast: Cast, api: Callable[[str], Api], clock: StoryClock
) -> None:
    bill = billed(cast, "东方纺织集团", "2026-11", days=65)
    boss = api("周建平")
    made = boss.post(f"cases/arrears/{bill.pk}/")
    filed = made.json()
    assert (made.status_code, filed["option"], filed["manager"]["name"]) == (
        201,
        "over60",
        "林晓岚",
    )
    again = boss.post(f"cases/arrears/{bill.pk}/")
    assert (again.status_code, filed["number"] in again.content.decode()) == (422, True)
    assert api("陈嘉怡").post(f"cases/arrears/{bill.pk}/").status_code == 404

    def found(who: str, query: str) -> list[int]:
        return [one["id"] for one in api(who).get(f"cases/?{query}").json()["items"]]

    assert found("周建平", "q=东方纺织") == found("周建平", "state=open") == [filed["id"]]
    assert found("周建平", "q=西岭") == found("周建平", "state=mine") == []
    assert found("林晓岚", "state=mine") == [filed["id"]]


def test_a_case_goes_its_way_over_the_api(
    cast: Cast, api: Callable[[str], Api], clock: StoryClock
) -> None:
    body = {
        "manager": cast["林晓岚"].pk,
        "item": "B2",
        "option": "city",
        "subject": "金牌客户经理竞赛",
        "happened_on": "2026-11-20",
        "facts": "第二名",
    }
    supervisor = api("周建平")
    made = supervisor.post("cases/", body)
    assert made.status_code == 201, made.content
    again = supervisor.post("cases/", body)
    (fault,) = json.loads(again.content)["errors"]
    assert (again.status_code, "JF-2026-0001" in fault["detail"]) == (422, True)
    case = Case.objects.get()
    path = f"cases/{case.pk}/"
    shown = json.loads(supervisor.get(path).content)
    assert (shown["proposed"], shown["particulars"], shown["complaint"]) == (
        "2.00",
        {"subject": "金牌客户经理竞赛"},
        None,
    )
    manager = api("林晓岚")
    assert manager.post(f"{path}state/", {"statement": "是我"}).status_code == 428
    stated = manager.post(f"{path}state/", {"statement": "是我"}, If_Match='"1"')
    assert (stated.status_code, json.loads(stated.content)["state"]) == (200, "stated")
    stale = supervisor.post(f"{path}review/", {"opinion": "同意"}, If_Match='"1"')
    assert stale.status_code == 412
    supervisor.post(f"{path}review/", {"opinion": "同意"}, If_Match='"2"')
    clock.moment = STATED
    boss = api("赵国梁")
    no_file = boss.post(
        f"{path}decide/", {"is_approved": True, "decision": "按方案"}, If_Match='"3"'
    )
    assert no_file.status_code == 422
    decided = boss.post(
        f"{path}decide/", {"is_approved": False, "decision": "无凭证"}, If_Match='"3"'
    )
    assert json.loads(decided.content)["state"] == "rejected"

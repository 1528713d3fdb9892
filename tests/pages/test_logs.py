"""The pages of service logs (W3): six taps and a text, drafts, the list, corrections, reading."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from confidentiality.models import Disclosure
from core.drafts import draft_of
from core.workbooks import open_table
from organization.models import Person
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.week import logged
from worklogs.models import ServiceLog
from worklogs.views.log_entry import DRAFT

Browsers = Callable[[Person], Client]


def tapped(cast: Cast, **more: Any) -> dict[str, Any]:
    """What six taps and one text send."""
    return {
        "customer": cast.customer("东方纺织集团").pk,
        "initiator": "active",
        "channel": "phone",
        "category": "fault",
        "content": "回访专线抖动，已恢复。",
        "occurred_on": "2026-11-27",
        "occurred_time": "15:12",
        **more,
    }


def patch(client: Client, url: str, version: int, **fields: Any) -> Any:
    """What the autosave script sends."""
    return client.patch(
        url,
        json.dumps({"version": str(version), "fields": fields}),
        content_type="application/json",
        headers={"Accept": "application/json"},
    )


def test_a_service_is_logged_and_leads_home_with_its_undo(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-11-27 15:14:02")
    browser = browser_of(cast["林晓岚"])
    answer = browser.post("/logs/new/", tapped(cast), follow=True)
    assert answer.redirect_chain == [("/", 302)]
    log = ServiceLog.objects.get()
    assert (log.customer.name, log.category, log.occurred_at, log.is_late) == (
        "东方纺织集团",
        "fault",
        at("2026-11-27 15:12:00"),
        False,
    )
    page = answer.content.decode()
    assert "已记，按时" in page
    assert f'data-undo="/logs/{log.thread_id}/undo/"' in page
    undone = browser.post(f"/logs/{log.thread_id}/undo/", headers={"Accept": "application/json"})
    assert undone.json() == {"url": "/"}
    assert ServiceLog.objects.standing().count() == 0


def test_what_is_missing_stands_beside_its_field_and_nothing_is_lost(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-11-27 15:14:02")
    browser = browser_of(cast["林晓岚"])
    given = tapped(cast, channel="", content="好", occurred_time="18:00", next_step="给方案")
    answer = browser.post("/logs/new/", given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert [(link.message, link.anchor) for link in answer.context["form"].links] == [
        ("选一种方式。", "choices-channel")
    ]
    assert "给方案" in page
    answer = browser.post("/logs/new/", {**given, "channel": "phone"})
    assert [(link.message, link.anchor) for link in answer.context["form"].links] == [
        ("写一句做了什么、客户怎么说。", "id_content"),
        ("服务时间还没有到，改成已经发生的时间。", "id_occurred_time"),
    ]
    assert ServiceLog.objects.count() == 0


def test_another_managers_customer_cannot_be_served(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-11-27 15:14:02")
    browser = browser_of(cast["林晓岚"])
    foreign = cast.customer("西岭水泥").pk
    answer = browser.post("/logs/new/", tapped(cast, customer=foreign))
    missing = browser.post("/logs/new/", tapped(cast, customer=999_999))
    for one in (answer, missing):
        assert one.status_code == 422
        assert [link.message for link in one.context["form"].links] == ["选一家客户。"]
    assert browser.get(f"/logs/new/customer/?customer={foreign}").status_code == 404
    assert browser.get(f"/logs/new/?customer={foreign}").context["chosen"] is None


def test_the_search_finds_own_customers_by_pinyin_initials_and_phone_tail(
    cast: Cast, browser_of: Browsers
) -> None:
    browser = browser_of(cast["林晓岚"])
    for words in ("dongfang", "dffz", "东方", "1207", "g0001"):
        found = browser.get(f"/logs/new/customers/?q={words}").context["customers"]
        assert [choice.label for choice in found] == ["东方纺织集团"], words
    assert browser.get("/logs/new/customers/?q=xlsn").context["customers"] == []


def test_recent_customers_come_first_with_when_and_what(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    logged(cast, "林晓岚", "城东人民医院", "2026-11-27 10:42:00", category="fault")
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-27 11:30:00")
    clock.set("2026-11-27 12:10:00")
    found = browser_of(cast["林晓岚"]).get("/logs/new/").context["customers"]
    assert [(choice.label, choice.note) for choice in found] == [
        ("东方纺织集团", "40 分钟前 例行拜访"),
        ("城东人民医院", "今天 10:42 故障"),
        ("黄建国", "P0001 钻石卡"),
    ]


def test_what_is_typed_is_kept_and_found_again_in_another_browser(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-11-27 15:13:20")
    browser = browser_of(cast["林晓岚"])
    first = patch(browser, "/logs/new/draft/", 0, content="写到一半", initiator="active", q="x")
    assert first.json() == {"version": 1, "saved_at": "2026-11-27T07:13:20+00:00"}
    second = patch(browser, "/logs/new/draft/", 1, channel="phone")
    assert second.json()["version"] == 2
    other = browser_of(cast["林晓岚"])
    page = other.get("/logs/new/")
    assert page.context["form"]["content"].value() == "写到一半"
    assert "已保存 15:13:20" in page.content.decode()
    stale = patch(other, "/logs/new/draft/", 1, content="另一台")
    assert stale.status_code == 409
    assert stale.json()["current"]["body"]["content"] == "写到一半"
    other.post("/logs/new/", tapped(cast))
    assert draft_of(cast["林晓岚"].pk, DRAFT) is None


@pytest.mark.parametrize("body", ["", "[]", '{"version": "x", "fields": {}}', '{"fields": []}'])
def test_a_draft_that_cannot_be_read_is_refused(
    cast: Cast, browser_of: Browsers, body: str
) -> None:
    answer = browser_of(cast["林晓岚"]).patch(
        "/logs/new/draft/", body, content_type="application/json"
    )
    assert answer.status_code == 422


def test_only_account_managers_write(cast: Cast, browser_of: Browsers) -> None:
    for name in ("周建平", "韩静", "马骏"):
        browser = browser_of(cast[name])
        assert browser.get("/logs/new/").status_code == 403
        assert browser.post("/logs/new/", tapped(cast)).status_code == 403
        assert patch(browser, "/logs/new/draft/", 0, content="x").status_code == 403


def test_the_list_filters_by_address(cast: Cast, clock: StoryClock, browser_of: Browsers) -> None:
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-24 09:00:00", recorded="2026-11-25 09:00:00")
    logged(cast, "林晓岚", "城东人民医院", "2026-11-25 10:00:00", initiator="passive", is_open=True)
    logged(cast, "陈嘉怡", "明珠酒店", "2026-11-26 10:00:00", channel="on_site")
    browser = browser_of(cast["周建平"])

    def shown(query: str) -> list[str]:
        return [row.key for row in browser.get(f"/logs/{query}").context["table"].rows]

    late, passive, hotel = (
        str(log.thread_id) for log in ServiceLog.objects.order_by("occurred_at")
    )
    assert shown("") == [hotel, passive, late]
    assert shown("?only=late") == [late]
    assert shown("?only=open") == [passive]
    assert shown("?only=unread") == [hotel, passive, late]
    assert shown("?q=mzjd") == [hotel]
    assert shown(f"?manager={cast['陈嘉怡'].pk}") == [hotel]
    assert shown("?first=2026-11-25&last=2026-11-25") == [passive]
    assert shown("?channel=on_site&initiator=active") == [hotel]
    assert shown("?first=nonsense&manager=abc&only=zzz") == [hotel, passive, late]
    assert browser.get("/logs/").context["counts"].unread == 3
    own = browser_of(cast["陈嘉怡"]).get("/logs/").context["table"].rows
    assert [row.key for row in own] == [hotel]


def test_the_list_costs_the_same_for_one_row_and_fifty(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    browser = browser_of(cast["周建平"])
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-23 09:00:00")
    browser.get("/logs/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        browser.get("/logs/")
    for minute in range(50):
        logged(cast, "林晓岚", "东方纺织集团", f"2026-11-23 10:{minute:02d}:00")
    with CaptureQueriesContext(connection) as fifty:
        page = browser.get("/logs/")
    assert len(page.context["table"].rows) == 50
    assert page.context["table"].after_url
    assert len(fifty) == len(one)


def test_a_log_opens_in_the_panel_and_as_a_page(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    log = logged(cast, "林晓岚", "东方纺织集团", "2026-11-27 11:30:00")
    browser = browser_of(cast["林晓岚"])
    page = browser.get(f"/logs/{log.thread_id}/").content.decode()
    assert "<html" in page
    panel = browser.get(
        f"/logs/{log.thread_id}/",
        headers={
            "HX-Request": "true",
            "HX-Target": "panel",
            "HX-Current-URL": "http://testserver/logs/?only=late",
        },
    ).content.decode()
    assert "<html" not in panel
    assert 'href="http://testserver/logs/?only=late" data-close-panel' in panel


def test_a_foreign_log_is_not_there(cast: Cast, browser_of: Browsers) -> None:
    log = logged(cast, "吴志远", "西岭水泥", "2026-11-27 11:30:00")
    browser = browser_of(cast["周建平"])
    ways = ("", "correct/", "undo/", "read/", "answer/")
    for way in ways:
        act = browser.get if way in ("", "correct/") else browser.post
        there = act(f"/logs/{log.thread_id}/{way}")
        nowhere = act(f"/logs/987654/{way}")
        assert there.status_code == 404
        assert there.content == nowhere.content


def test_a_correction_says_why_and_the_first_version_stays(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    log = logged(cast, "林晓岚", "东方纺织集团", "2026-11-27 11:30:00")
    browser = browser_of(cast["林晓岚"])
    url = f"/logs/{log.thread_id}/correct/"
    form = browser.get(url).context["form"]
    given = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    given = {**given, "content": "更正后的内容", "category": "complaint", "number": 1}
    given["occurred_on"], given["occurred_time"] = "2026-11-27", "11:30"
    del given["is_open"]
    refused = browser.post(url, given)
    assert [link.message for link in refused.context["form"].links] == ["写明为什么更正。"]
    done = browser.post(url, {**given, "reason": "类别选错"})
    assert done.status_code == 302
    versions = list(ServiceLog.objects.order_by("number").values_list("number", "category"))
    assert versions == [(1, "routine"), (2, "complaint")]
    page = browser.get(f"/logs/{log.thread_id}/")
    said = [
        (item.label, item.old, item.new)
        for version in page.context["versions"]
        for item in version.differences
    ]
    assert said == [
        ("类别", "例行拜访", "投诉"),
        ("内容", "电话回访，客户对专线满意。", "更正后的内容"),
    ]
    stale = browser.post(url, {**given, "content": "另一窗口", "reason": "改内容"})
    page_text = stale.content.decode()
    assert stale.status_code == 409
    assert "另一窗口" in page_text
    assert stale.context["form"]["number"].value() == "2"
    again = {**given, "content": "另一窗口", "reason": "改内容", "number": 2}
    assert browser.post(url, again).status_code == 302


def test_an_open_answer_is_given_with_one_tick(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    log = logged(
        cast, "林晓岚", "城东人民医院", "2026-11-27 10:00:00", initiator="passive", is_open=True
    )
    browser = browser_of(cast["林晓岚"])
    assert [item.tick_url for item in browser.get("/").context["agenda"]] == [
        f"/logs/{log.thread_id}/answer/"
    ]
    clock.set("2026-11-27 12:01:00")
    assert browser.post(f"/logs/{log.thread_id}/answer/")["Location"] == "/"
    newest = ServiceLog.objects.standing().get()
    assert (newest.number, newest.answered_at) == (2, at("2026-11-27 12:01:00"))


def test_the_supervisor_reads_and_remarks_in_place(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    log = logged(cast, "林晓岚", "东方纺织集团", "2026-11-27 11:30:00")
    url = f"/logs/{log.thread_id}/read/"
    browser = browser_of(cast["周建平"])
    answer = browser.post(
        url, {"remark": "约下周上门"}, headers={"HX-Request": "true", "HX-Target": "panel"}
    )
    assert answer.status_code == 200
    assert "约下周上门" in answer.content.decode()
    log.refresh_from_db()
    assert (log.read_remark, log.read_by) == ("约下周上门", cast["周建平"])
    assert (
        "约下周上门" in browser_of(cast["林晓岚"]).get(f"/logs/{log.thread_id}/").content.decode()
    )
    assert browser_of(cast["林晓岚"]).post(url, {"remark": "自己"}).status_code == 403
    assert browser_of(cast["赵国梁"]).post(url, {"remark": "看过"}).status_code == 403


def test_the_customers_page_shows_its_services(cast: Cast, browser_of: Browsers) -> None:
    log = logged(cast, "林晓岚", "东方纺织集团", "2026-11-27 11:30:00")
    pk = cast.customer("东方纺织集团").pk
    part = browser_of(cast["林晓岚"]).get(f"/logs/of/{pk}/").content.decode()
    assert f'href="/logs/{log.thread_id}/"' in part
    assert browser_of(cast["吴志远"]).get(f"/logs/of/{pk}/").status_code == 404


def test_the_export_is_what_the_list_shows_and_is_written_down(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-24 09:00:00", recorded="2026-11-25 09:00:00")
    logged(cast, "林晓岚", "城东人民医院", "2026-11-25 10:00:00", content="=1+1 不是公式")
    logged(cast, "吴志远", "西岭水泥", "2026-11-26 10:00:00")
    browser = browser_of(cast["林晓岚"])
    page = browser.get("/logs/?columns=time&columns=content")
    [(label, url)] = page.context["table"].exports
    assert label == "导出 XLSX"
    answer = browser.get(url)
    sheet = open_table(answer.content, "服务日志.xlsx").sheets[0]
    rows = [[str(cell) for cell in row] for row in sheet.rows]
    assert rows == [
        ["客户", "时间", "内容"],
        ["城东人民医院", "2026-11-25 10:00:00", "=1+1 不是公式"],
        ["东方纺织集团", "2026-11-24 09:00:00", "电话回访，客户对专线满意。"],
    ]
    disclosed = Disclosure.objects.get()
    assert (disclosed.name, disclosed.rows, disclosed.person) == (
        "服务日志.xlsx",
        2,
        cast["林晓岚"],
    )
    late = browser.get("/logs/export.xlsx?only=late")
    assert len(open_table(late.content, "服务日志.xlsx").sheets[0].rows) == 2

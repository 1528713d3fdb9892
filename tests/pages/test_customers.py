"""The customers' pages: list, page, changes in place, a number for a reason."""

import base64
import json
from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import AuditRow
from customers.models import Customer
from organization.models import Person
from tests.cast import Cast

Browsers = Callable[[Person], Client]


def names(browser: Client, query: str = "") -> list[str]:
    """The names in the list."""
    return [row.head for row in browser.get(f"/customers/{query}").context["table"].rows]


def test_each_sees_the_own_the_branchs_or_all(cast: Cast, browser_of: Browsers) -> None:
    assert names(browser_of(cast["林晓岚"])) == ["城东人民医院", "东方纺织集团", "黄建国"]
    assert len(names(browser_of(cast["周建平"]))) == 6
    assert len(names(browser_of(cast["韩静"]))) == 8
    assert browser_of(cast["马骏"]).get("/customers/").status_code == 403


def test_the_list_is_searched_and_filtered_by_address(cast: Cast, browser_of: Browsers) -> None:
    browser = browser_of(cast["周建平"])
    assert names(browser, "?q=rmyy") == ["城东人民医院"]
    assert names(browser, "?q=2261") == ["刘美玲"]
    assert names(browser, "?kind=person&sort=-name") == ["刘美玲", "黄建国"]
    assert names(browser, "?tier=B") == ["城东人民医院", "华立机械厂"]
    assert names(browser, f"?manager={cast['陈嘉怡'].pk}") == ["刘美玲", "明珠酒店"]
    assert names(browser, "?manager=none") == []
    assert len(names(browser, "?tier=zzz&manager=abc")) == 6


def test_an_address_that_nobody_gave_is_no_fault(cast: Cast, browser_of: Browsers) -> None:
    browser = browser_of(cast["周建平"])
    for address in ("/customers/", "/people/", "/go/"):
        assert browser.get(f"{address}?q=a%00b").status_code == 400
    assert browser.post("/customers/1/tier/", {"reason": "a\0b"}).status_code == 400
    for values in (["a", "\ud800", 5], ["a", "x", "\0"], ["a", {"at": "2026-01-01"}, 5]):
        cursor = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
        for address in ("/customers/", "/people/", "/logs/", "/rollups/"):
            assert browser.get(address, {"cursor": cursor}).status_code == 200


def test_the_list_costs_the_same_for_one_row_and_fifty(cast: Cast, browser_of: Browsers) -> None:
    browser = browser_of(cast["吴志远"])
    browser.get("/customers/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/customers/")
    model = cast.customer("西岭水泥")
    Customer.objects.bulk_create(
        Customer(
            kind="group", code=f"X{n:04d}", name=f"客户{n}", branch=model.branch, tier=model.tier,
            manager=model.manager, sort_key=f"kehu{n:04d}", added_on=model.added_on,
            updated_at=model.updated_at,
        )
        for n in range(60)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        page = browser.get("/customers/")
    assert len(page.context["table"].rows) == 50
    assert len(many) == len(few)


def test_a_foreign_customer_is_not_there(cast: Cast, browser_of: Browsers) -> None:
    browser = browser_of(cast["周建平"])
    pk = cast.customer("西岭水泥").pk
    for way in ("", "change/", "assign/", "tier/"):
        act = browser.post if way else browser.get
        there, nowhere = act(f"/customers/{pk}/{way}"), act(f"/customers/987654/{way}")
        assert there.status_code == 404
        assert there.content == nowhere.content
    contact = cast.customer("西岭水泥").contacts.get().pk
    assert browser.post(f"/customers/contacts/{contact}/reveal/").status_code == 404


def test_the_file_is_changed_in_place_and_a_stale_form_loses_nothing(
    cast: Cast, browser_of: Browsers
) -> None:
    customer = cast.customer("东方纺织集团")
    url = f"/customers/{customer.pk}/change/"
    browser = browser_of(cast["林晓岚"])
    given = {
        "version": 1,
        "name": "东方纺织集团",
        "state": "warned",
        "monthly_revenue": "-1",
        "address": "和平路 1 号",
    }
    wrong = browser.post(url, given)
    assert wrong.status_code == 422
    assert list(wrong.context["forms"]["change"].errors) == ["monthly_revenue"]
    assert "和平路 1 号" in wrong.content.decode()
    assert browser.post(url, {**given, "monthly_revenue": "1800.50"}).status_code == 302
    stale = browser.post(url, {**given, "monthly_revenue": "9", "address": "解放路 2 号"})
    assert stale.status_code == 409
    assert [(one.label, one.old, one.new) for one in stale.context["elsewhere"]] == [
        ("地址", "和平路 1 号", "解放路 2 号"),
        ("月收入（元）", "1800.50", "9"),
    ]
    again = {**given, "monthly_revenue": "9", "address": "解放路 2 号", "version": 2}
    assert stale.context["forms"]["change"]["version"].value() == "2"
    assert browser.post(url, again).status_code == 302
    customer.refresh_from_db()
    assert (customer.address, customer.state) == ("解放路 2 号", "warned")


def test_the_supervisor_assigns_and_sets_the_tier(cast: Cast, browser_of: Browsers) -> None:
    customer = cast.customer("东方纺织集团")
    browser = browser_of(cast["周建平"])
    given = {"version": 1, "valid_from": "2026-11-28", "reason": "岗位调整"}
    later = browser.post(
        f"/customers/{customer.pk}/assign/", {**given, "manager": cast["陈嘉怡"].pk}
    )
    assert later.context["forms"]["assign"].errors["valid_from"] == ["生效日期不能晚于今天。"]
    foreign = browser.post(
        f"/customers/{customer.pk}/assign/", {**given, "manager": cast["吴志远"].pk}
    )
    assert list(foreign.context["forms"]["assign"].errors) == ["manager"]
    given["valid_from"] = "2026-11-27"
    done = browser.post(
        f"/customers/{customer.pk}/assign/", {**given, "manager": cast["陈嘉怡"].pk}
    )
    assert done.status_code == 302
    tier = {**given, "version": 2, "tier": "B"}
    assert browser.post(f"/customers/{customer.pk}/tier/", tier).status_code == 302
    customer.refresh_from_db()
    assert (customer.manager, customer.tier.code) == (cast["陈嘉怡"], "B")
    own = browser_of(cast["陈嘉怡"]).post(f"/customers/{customer.pk}/tier/", tier)
    assert own.status_code == 403


def test_a_number_is_shown_for_a_reason_and_the_look_is_written_down(
    cast: Cast, browser_of: Browsers
) -> None:
    customer = cast.customer("东方纺织集团")
    contact = customer.contacts.get()
    browser = browser_of(cast["林晓岚"])
    page = browser.get(f"/customers/{customer.pk}/").content.decode()
    assert "138****1207" in page
    assert "13800001207" not in page
    url = f"/customers/contacts/{contact.pk}/reveal/"
    refused = browser.post(url, {"reason": ""}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert "写明为什么要看完整号码" in refused.content.decode()
    assert AuditRow.objects.filter(what="customers.reveal_contact").count() == 0
    shown = browser.post(url, {"reason": "回访核对"}, headers={"HX-Request": "true"})
    assert "13800001207" in shown.content.decode()
    assert "<html" not in shown.content.decode()
    assert "13800001207" in browser.post(url, {"reason": "再看一次"}).content.decode()
    assert AuditRow.objects.filter(what="customers.reveal_contact").count() == 2
    assert browser_of(cast["赵国梁"]).post(url, {"reason": "总经理看"}).status_code == 200

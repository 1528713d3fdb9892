"""What the scripts do with a text: kept after a refusal, in sight beside its 本周无."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from meetings.models import Absence
from tests.browser.conftest import RunningClock
from tests.browser.test_phone import company, signed_in
from tests.cast import Cast
from tests.domain.meetings_at import meetings_made, standup

__all__ = ["company"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STORED = "draft:log-{}"


def stored(page: Page, key: str) -> dict[str, Any]:
    """What lies on the device."""
    fields: dict[str, Any] = json.loads(
        page.evaluate("key => localStorage.getItem(key)", key) or '{"fields": {}}'
    )["fields"]
    return fields


def test_a_refused_form_is_not_overwritten_by_an_older_draft(
    company: Cast, page_of: Callable[..., Page], story: RunningClock
) -> None:
    key = STORED.format(company["林晓岚"].pk)
    page = signed_in(page_of(360), company["林晓岚"])
    page.goto("/logs/new/")
    content = page.locator("textarea[name=content]")
    content.fill("上午的旧稿")
    old = page.evaluate("key => localStorage.getItem(key)", key)
    content.fill("下午谈定续签两年")
    page.evaluate("([key, old]) => localStorage.setItem(key, old)", [key, old])
    with page.expect_navigation():
        page.evaluate("document.getElementById('log-form').submit()")
    expect(page.locator(".errors")).to_be_visible()
    expect(content).to_have_value("下午谈定续签两年")
    assert stored(page, key)["content"] == "下午谈定续签两年"
    # Typing on elsewhere keeps what was posted and is saved nowhere else.
    page.evaluate(
        "() => { const f = document.querySelector('[name=next_step]'); f.value = '周一寄合同';"
        " f.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    assert stored(page, key)["content"] == "下午谈定续签两年"
    assert stored(page, key)["next_step"] == "周一寄合同"


def test_ticking_nothing_over_a_text_warns_at_once(
    company: Cast, page_of: Callable[..., Page], story: RunningClock
) -> None:
    page = signed_in(page_of(360), company["林晓岚"])
    page.goto("/weeks/2026-W48/")
    text, tick = page.locator("#id_t_needs"), page.locator("#id_n_needs")
    part = page.locator("[data-text-part]", has=text)
    text.fill("按月结算")
    tick.check()
    expect(part.locator("[data-both]")).to_have_text(
        "写了内容，又选了“本周无”：留一个，否则不能提交。"
    )
    expect(text).to_be_visible()
    text.fill("")
    expect(part.locator("[data-both]")).to_be_empty()
    expect(text).to_be_hidden()
    tick.uncheck()
    expect(text).to_be_visible()


def test_the_button_stays_under_the_finger_when_an_error_is_mended(
    company: Cast, page_of: Callable[..., Page], story: RunningClock
) -> None:
    meetings_made(company)
    page = signed_in(page_of(360), company["林晓岚"])
    page.goto(f"/meetings/{standup(company).pk}/absence/")
    button = page.locator("form[data-main] .btn-primary")
    with page.expect_navigation():
        button.click()
    expect(page.locator(".errors")).to_be_visible()
    page.locator("[name=reason]").press_sequentially("去医院")
    place = button.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.mouse.down()
    with page.expect_navigation():
        page.mouse.up()
    assert Absence.objects.get().reason == "去医院"

"""Points under the fingers: the panel by keys, "what if" by the server, marks cell by cell."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, expect

from kpi.models import Mark
from organization.models import Person, RoleGrant
from tests.browser.conftest import RunningClock, axe_violations
from tests.browser.test_phone import signed_in
from tests.cast import BEGIN, PASSWORD, Cast, make_cast
from tests.domain.scores import computed, month_of_work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company(transactional_db: None, story: RunningClock) -> Cast:
    """The cast after a month of work."""
    cast = make_cast()
    month_of_work(cast)
    Person.objects.update(password=make_password(PASSWORD))
    return cast


def test_the_panel_follows_the_keys_and_asks_what_if(
    company: Cast, page_of: Callable[..., Page], story: RunningClock
) -> None:
    computed()
    story.put("2026-12-04 10:00:00")
    here = f"/scores/2026-11/{company['林晓岚'].pk}/"
    page = signed_in(page_of(1440), company["林晓岚"])
    page.goto(here)
    page.get_by_role("link", name="周汇总按时").click()
    panel = page.locator("#panel")
    expect(panel.locator("h2")).to_have_text("周汇总按时")
    expect(page).to_have_url(f"{page.url.split('/scores')[0]}{here}?line=P3c")
    page.keyboard.press("j")
    expect(panel.locator("h2")).to_have_text("会议出勤")
    page.keyboard.press("k")
    expect(panel.locator("h2")).to_have_text("周汇总按时")
    expect(page.locator("tr.is-current th")).to_have_text("周汇总按时")

    total = panel.locator("#what-if-total")
    expect(total).to_contain_text("91.88")
    panel.get_by_role("button", name="周汇总按时 加 1").click()
    expect(panel.locator("#if-P3c")).to_contain_text("+1.00")
    expect(total).to_contain_text("92.88")
    expect(total).to_contain_text("仍为优秀")
    panel.get_by_label("周汇总按时", exact=True).fill("9")
    expect(total).to_contain_text("超出范围")
    panel.get_by_label("再加一项").select_option("P4")
    expect(panel.get_by_label("业务知识考试", exact=True)).to_have_value("88")
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    expect(panel.locator("h2")).to_have_count(0)
    expect(page).to_have_url(f"{page.url.split('/scores')[0]}{here}")


def test_on_the_phone_a_line_is_a_page_of_its_own(
    company: Cast, page_of: Callable[..., Page], story: RunningClock
) -> None:
    computed()
    story.put("2026-12-04 10:00:00")
    page = signed_in(page_of(360), company["林晓岚"])
    page.goto("/scores/")
    expect(page.locator(".foot .btn-primary")).to_have_text("确认全部 30 项")
    page.get_by_role("link", name="周汇总按时").tap()
    panel = page.locator("#panel")
    expect(panel.locator("h2")).to_have_text("周汇总按时")
    panel.get_by_role("link", name="下一行").tap()
    expect(panel.locator("h2")).to_have_text("会议出勤")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    panel.get_by_role("link", name="关闭").tap()
    page.locator(".foot .btn-primary").tap()
    expect(page.get_by_text("已确认考核表")).to_be_visible()


def test_marks_are_saved_cell_by_cell_and_nothing_is_lost(
    company: Cast, page_of: Callable[..., Page], story: RunningClock
) -> None:
    Mark.objects.all().delete()
    RoleGrant.objects.create(
        person=company["何俊峰"],
        role="supervisor",
        branch=company.east,
        valid_from=BEGIN,
        is_acting=True,
    )
    story.put("2026-11-30 10:00:00")
    page = signed_in(page_of(1440), company["周建平"])
    page.goto("/marks/2026-11/?item=P2c")
    first = page.get_by_label("陈嘉怡 监听抽查 开场与身份说明")
    first.fill("4")
    first.press("Enter")
    second = page.get_by_label("何俊峰 监听抽查 开场与身份说明")
    expect(second).to_be_focused()
    expect(first.locator("xpath=..")).to_contain_text("10:00:")
    assert Mark.objects.get().value == 4

    second.fill("6")
    second.press("ArrowDown")
    expect(page.locator("[data-marks-errors]")).to_contain_text("写 0 到 5 的数")
    expect(second).to_have_value("6")
    second.fill("5")
    page.get_by_label("林晓岚 监听抽查 开场与身份说明").focus()
    expect(page.locator("[data-marks-errors] li")).to_have_count(0)

    page.evaluate(
        """() => {
            const cell = document.querySelector('input[aria-label="陈嘉怡 监听抽查 口径准确"]');
            cell.focus();
            const data = new DataTransfer();
            data.setData("text/plain", "3\\t2\\n1\\t0");
            cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }"""
    )
    expect(page.get_by_label("何俊峰 监听抽查 需求挖掘").locator("xpath=..")).to_contain_text(
        "10:00:"
    )
    assert Mark.objects.standing().count() == 6

    other = signed_in(page_of(1440), company["何俊峰"])
    other.goto("/marks/2026-11/?item=P2c")
    cell = "陈嘉怡 监听抽查 开场与身份说明"
    expect(other.get_by_label("何俊峰 监听抽查 开场与身份说明")).not_to_be_editable()
    first.fill("5")
    first.press("Enter")
    expect(page.locator(".grid-actions [data-saved]")).to_contain_text("已保存")
    other.get_by_label(cell).fill("2")
    other.get_by_label(cell).press("Enter")
    errors = other.locator("[data-marks-errors]")
    expect(errors).to_contain_text("周建平")
    assert axe_violations(other) == []
    errors.get_by_role("button", name="仍用我的 2").click()
    expect(errors.locator("li")).to_have_count(0)
    assert [
        (mark.value, mark.recorded_by.name)
        for mark in Mark.objects.standing().filter(manager=company["陈嘉怡"], question="opening")
    ] == [(Decimal(2), "何俊峰")]


def test_the_grid_of_marks_fits_or_scrolls_within_its_frame(
    company: Cast, page_of: Callable[..., Page], story: RunningClock
) -> None:
    """On a desk all questions stand side by side; with less room the names stay beside them."""
    story.put("2026-11-30 10:00:00")
    page = signed_in(page_of(1440), company["周建平"])
    page.goto("/marks/2026-11/")
    frame = page.locator(".marks-frame")
    assert frame.evaluate("one => one.scrollWidth - one.clientWidth") == 0

    page.set_viewport_size({"width": 1100, "height": 900})
    assert frame.evaluate("one => one.scrollWidth > one.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") == 1100
    page.get_by_label("陈嘉怡 角色演练、陪访 记录完整").focus()
    for _column in range(11):
        page.keyboard.press("ArrowLeft")
    first = page.get_by_label("陈嘉怡 监听抽查 开场与身份说明")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowRight")
    name = frame.locator("tbody th").first.bounding_box()
    cell = page.locator(":focus").bounding_box()
    assert name is not None
    assert cell is not None
    assert name["x"] == frame.evaluate("one => one.getBoundingClientRect().x")
    assert cell["x"] >= name["x"] + name["width"]

"""The editor of a scheme in a real browser: checked as one types, nothing lost, approved by two."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, expect

from kpi.models import Scheme
from organization.models import Person
from tests.browser.conftest import RunningClock
from tests.cast import Cast, make_cast
from tests.domain.schemes import drafted, with_second

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Jade-Bridge-27"
M1, M2, M4 = "10", "11", "13"


@pytest.fixture
def story_cast(story: RunningClock) -> Cast:
    """Monday, 14 December 2026; 韩静 has a draft, 苏婉 is the second person."""
    cast = with_second(make_cast())
    Person.objects.update(password=make_password(PASSWORD))
    story.put("2026-12-14 10:00:00")
    drafted(cast)
    return cast


def enter(page: Page, cast: Cast, name: str) -> Page:
    """Sign in."""
    page.goto("/sign-in/")
    page.locator("input[name=username]").fill(cast[name].job_number)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form[data-main] button").click()
    page.wait_for_url("**/")
    return page


def test_a_draft_is_written_checked_saved_and_approved(
    story_cast: Cast, page_of: Callable[..., Page]
) -> None:
    page = enter(page_of(), story_cast, "韩静")
    page.goto("/schemes/2/edit/")
    page.locator(f"[name='r.{M1}.weight']").fill("10")
    rail = page.locator("[data-rail]")
    expect(rail).to_contain_text("各项目分值合计 98，应为 100。")
    expect(page.locator("h1")).to_contain_text("还有 2 处要改")
    page.locator(f"[name='r.{M2}.weight']").fill("12")
    expect(rail).to_contain_text("都通过")
    expect(rail.locator("tbody tr").nth(1)).to_contain_text("79.50")

    # An item opens where it stands; its words and its trial follow what is typed.
    page.locator(f"[data-opens='{M4}']").click()
    loss = page.locator(f"[name='r.{M4}.formula.loss']")
    loss.fill("x")
    cell = page.locator(f"[data-cell='r.{M4}.formula.loss']")
    expect(cell).to_contain_text("“x”不是数字。")
    # The link of the fault leads into its field, also into one that was folded away.
    page.locator(f"[data-opens='{M4}']").click()
    expect(loss).to_be_hidden()
    rail.get_by_role("link", name=re.compile("不是数字")).click()
    expect(loss).to_be_focused()
    loss.fill("3")
    expect(page.locator(f"[data-text='told:{M4}']")).to_have_text(
        "8 分起，目标 98%，每低 1% 扣 3 分"
    )
    page.locator(f"[name='t.{M4}.actual']").fill("96")
    expect(page.locator(f"[data-text='try:{M4}']")).to_have_text("2.00 分，满分 8")

    # Another kind of formula brings its own fields; what was typed before comes along.
    page.locator(f"[name='r.{M4}.formula.kind']").select_option("EXPR")
    expression = page.locator(f"[name='r.{M4}.formula.expression']")
    expression.fill("min(weight, 8)")
    expect(page.locator(f"[data-text='try:{M4}']")).to_have_text("8.00 分，满分 8")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/schemes/2/")
    expect(page.locator("#item-M4")).to_contain_text("min(weight, 8)，限 0 到 8 分")
    page.get_by_role("button", name="提交审批").click()
    expect(page.locator("h1")).to_contain_text("等人批准")

    second = enter(page_of(), story_cast, "苏婉")
    second.goto("/schemes/2/approve/")
    expect(second.locator(".scheme-changes")).to_contain_text("M4 集团保有率 公式")
    second.get_by_role("button", name=re.compile("批准，2026-12 起生效")).click()
    expect(second.locator("h1")).to_contain_text("2026年12月起生效")
    assert Scheme.objects.get(number=2).approved_by == story_cast["苏婉"]


def test_two_windows_lose_nothing(story_cast: Cast, page_of: Callable[..., Page]) -> None:
    one = enter(page_of(), story_cast, "韩静")
    one.goto("/schemes/2/edit/")
    other = one.context.new_page()
    other.goto("/schemes/2/edit/")
    # One window adds a row and writes why; the other has written why too.
    one.locator("#part-bands > .btn").click()
    one.wait_for_url("**#f-r.*")
    key = one.evaluate("document.activeElement.name").split(".")[1]
    one.locator("[name='h.why']").fill("甲写的")
    expect(one.locator(".rail [data-saved]")).to_contain_text("已保存")
    one.wait_for_timeout(1500)
    other.locator("[name='h.why']").fill("乙写的")
    dialog = other.locator("#stale-versions")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("甲写的")
    dialog.get_by_role("button").last.click()
    # What it lacks is said, and the row comes with the next look.
    expect(other.locator("[data-reshaped]")).to_be_visible()
    other.locator("[data-reshaped] button").click()
    expect(other.locator(f"#row-{key}")).to_be_visible()
    expect(other.locator("[name='h.why']")).to_have_value("乙写的")
    # A row that was taken away comes back with the toast.
    other.locator(f"button[value='remove:{key}']").click()
    expect(other.locator(f"#row-{key}")).to_have_count(0)
    other.locator("#toasts [data-undo]").click()
    expect(other.locator(f"#row-{key}")).to_be_visible()


def test_the_editor_is_worked_by_keyboard_on_a_phone(
    story_cast: Cast, page_of: Callable[..., Page]
) -> None:
    page = enter(page_of(width=360), story_cast, "韩静")
    page.goto("/schemes/2/edit/")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    link = page.locator(f"[data-opens='{M4}']")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"[name='r.{M4}.formula.loss']")).to_be_visible()
    weight = page.locator(f"[name='r.{M4}.weight']")
    weight.fill("9")
    page.keyboard.press("Enter")  # saves, and presses no button of the form
    expect(page.locator("[data-rail]")).to_contain_text("101 / 100")
    assert page.url.endswith("/schemes/2/edit/")
    assert page.evaluate("document.documentElement.scrollWidth") == 360

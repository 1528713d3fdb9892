"""What a phone of 360 pixels shows first, and what it reaches."""

from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Locator, Page, expect

from duties.operations import ensure_periods
from organization.models import Person
from tests.browser.conftest import RunningClock
from tests.cast import PASSWORD, Cast, make_cast
from tests.domain.week import WEEK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company(transactional_db: None) -> Cast:
    """The cast in a week with its duties."""
    cast = make_cast()
    ensure_periods(WEEK, WEEK)
    Person.objects.update(password=make_password(PASSWORD))
    return cast


def signed_in(page: Page, person: Person) -> Page:
    """The page of somebody who has come in."""
    page.goto("/sign-in/")
    page.fill("input[name=username]", person.job_number)
    page.fill("input[name=password]", PASSWORD)
    page.click("form[data-main] button")
    page.wait_for_url("**/")
    return page


def top(found: Locator) -> float:
    """How far down something begins."""
    box = found.bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize(
    ("name", "address"), [("林晓岚", "/weeks/2026-W48/"), ("周建平", "/rollups/2026-W48/{east}/")]
)
def test_a_form_begins_with_its_title(
    name: str,
    address: str,
    company: Cast,
    page_of: Callable[..., Page],
    story: RunningClock,
) -> None:
    page = signed_in(page_of(360), company[name])
    page.goto(address.format(east=company.east.pk))
    title, rail = page.locator("h1"), page.locator(".rail")
    assert top(title) < top(rail) < top(page.locator("section").first)


def test_the_hour_of_a_deadline_is_not_broken(
    company: Cast, page_of: Callable[..., Page], story: RunningClock
) -> None:
    story.put("2026-11-24 11:00:00")
    page = signed_in(page_of(360), company["林晓岚"])
    due = page.get_by_text("11月27日（周五）17:30 截止")
    assert due.evaluate("each => each.getClientRects().length") == 1


def test_all_that_the_sidebar_holds_is_two_taps_away(
    company: Cast, page_of: Callable[..., Page], story: RunningClock
) -> None:
    page = signed_in(page_of(360), company["马骏"])
    page.locator(".tabs").get_by_text("更多").click()
    for label, heading in (
        ("设置", "全公司今天按什么办"),
        ("导入", "把表格导进来"),
        ("我", "马骏"),
    ):
        page.locator(".ways").get_by_text(label, exact=True).click()
        page.get_by_role("heading", level=1).filter(has_text=heading).wait_for()
        page.go_back()


def test_what_waits_is_counted_beside_its_way(
    company: Cast, page_of: Callable[..., Page], story: RunningClock
) -> None:
    """The week's summary is to be filed: at the side of a wide page, told at the phone's tab."""
    page = signed_in(page_of(1440), company["林晓岚"])
    place = page.locator(".side-list [data-waiting=summaries]")
    expect(place).to_have_text("待处理 1")
    expect(place).to_be_visible()
    expect(page.locator(".side-list [data-waiting=customers]")).to_be_hidden()
    phone = signed_in(page_of(360), company["林晓岚"])
    expect(phone.locator(".tabs a", has_text="周报")).to_contain_text("待处理 1")

"""A case from the supervisor's desk by the manager's phone to the general manager's decision."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page

from kpi.models import Case
from organization.models import Person
from tests.browser.conftest import RunningClock, axe_violations
from tests.browser.test_phone import signed_in
from tests.cast import PASSWORD, Cast, make_cast
from tests.domain.cases import billed, complaint_received, of_employee

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company(transactional_db: None, story: RunningClock) -> Cast:
    """The cast on a Friday, with a customer in arrears."""
    cast = make_cast()
    billed(cast, "明珠酒店", "2026-11", days=65)
    Person.objects.update(password=make_password(PASSWORD))
    return cast


def sound(page: Page, said: list[str]) -> None:
    """No accessibility fault, nothing cut off, nothing complained of."""
    assert axe_violations(page) == []
    size = page.viewport_size
    assert size is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert said == []


def listened(page: Page) -> list[str]:
    """What the page's console says and what its scripts throw."""
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text))
    page.on("pageerror", lambda one: said.append(str(one)))
    return said


def test_a_case_is_filed_stated_reviewed_and_decided(
    company: Cast, page_of: Callable[..., Page], story: RunningClock, tmp_path: Path
) -> None:
    proof = tmp_path / "奖状.png"
    proof.write_bytes(b"\x89PNG\r\n\x1a\nx")

    market = page_of(1440)
    said = listened(market)
    signed_in(market, company["韩静"]).goto("/cases/")
    market.get_by_role("link", name="申报", exact=True).click()
    panel = market.locator("#panel")
    panel.get_by_text("城东分公司").click()
    panel.get_by_text("林晓岚").click()
    sound(market, said)
    panel.get_by_text("竞赛获奖").click()
    panel.get_by_label("竞赛名称").fill("金牌客户经理竞赛")
    panel.get_by_role("radio", name="市级").check()
    assert panel.locator(".choice.is-chosen").inner_text().startswith("市级")
    panel.get_by_label("事实").fill("市公司竞赛第二名。")
    panel.get_by_label("证明材料").set_input_files(str(proof))
    sound(market, said)
    panel.get_by_role("button", name="申报").click()
    market.get_by_role("heading", level=1).filter(has_text="竞赛获奖：林晓岚").wait_for()
    sound(market, said)

    phone = page_of(360)
    said = listened(phone)
    signed_in(phone, company["林晓岚"])
    phone.get_by_text("说明加减分申报").first.click()
    phone.get_by_label("我的说明").fill("是我参加的。")
    sound(phone, said)
    phone.get_by_role("button", name="交说明").click()
    phone.get_by_text("是我参加的。").wait_for()
    sound(phone, said)

    supervisor = page_of(1440, scheme="dark")
    said = listened(supervisor)
    signed_in(supervisor, company["周建平"]).goto("/cases/?state=mine")
    supervisor.get_by_role("link", name="竞赛获奖").click()
    supervisor.locator("#panel").get_by_label("主管意见").fill("核对过奖状。")
    sound(supervisor, said)
    supervisor.get_by_role("button", name="交意见").click()
    supervisor.get_by_text("核对过奖状。").wait_for()

    boss = page_of(1440)
    said = listened(boss)
    signed_in(boss, company["赵国梁"]).goto("/cases/")
    boss.get_by_role("heading", level=1).filter(has_text="1 项加减分等您处理").wait_for()
    sound(boss, said)
    boss.get_by_role("link", name="竞赛获奖").click()
    boss.locator("#panel").get_by_label("决定的理由").fill("按方案认定。")
    boss.get_by_role("button", name="认定", exact=True).click()
    boss.get_by_text("已认定").first.wait_for()
    sound(boss, said)
    boss.goto("/cases/")
    boss.get_by_role("button", name="申报 −2.00 分").click()
    boss.get_by_role("heading", level=1).filter(has_text="集团产品欠费：陈嘉怡").wait_for()
    states = Case.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["approved", "filed"]


@pytest.mark.parametrize("width", [360, 1440])
def test_complaints_are_sound_on_every_screen(
    company: Cast, page_of: Callable[..., Page], story: RunningClock, width: int
) -> None:
    complaint_received(company, customer="东方纺织集团")
    own = of_employee(company)
    page = page_of(width, scheme="dark" if width > 1000 else "light")
    said = listened(page)
    signed_in(page, company["赵国梁"])
    manager = company["林晓岚"].pk
    for address in (
        "/complaints/",
        "/complaints/new/",
        f"/complaints/new/?manager={manager}",
        f"/complaints/{own.pk}/",
        "/cases/new/",
        f"/cases/new/?manager={manager}",
        f"/cases/new/?manager={manager}&item=D2",
    ):
        page.goto(address)
        sound(page, said)
    page.goto(f"/complaints/{own.pk}/")
    page.get_by_text("看投诉人姓名").click()
    page.get_by_label("为什么要看").fill("找本人核对")
    page.get_by_role("button", name="查看并记入审计").click()
    page.get_by_text("陈嘉怡").first.wait_for()
    sound(page, said)

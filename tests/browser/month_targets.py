"""From the company's requirement to what was reached: November's numbers, as people type them."""

import re
from decimal import Decimal
from typing import Any, Final

from django.db.models import Sum
from playwright.sync_api import Page, expect

from customers.choices import CustomerKind
from customers.models import Customer
from kpi.models import Allocation
from tests.browser.month_company import MONTH, PHONE, Scene

# What the company asks of both branches but for the revenue, which is what the groups pay.
ASKED: Final = {"M2": "27", "M3": "9", "M4": "98.00", "M5": "6", "S1": "90.0"}
METHODS: Final = {"M1": "revenue", "M2": "customers", "M5": "days"}
# 林晓岚, 陈嘉怡 and 何俊峰: every question's rating, both exams' marks, what each has reached.
RATINGS: Final = ("4", "4.5", "5")
EXAMS: Final = ("88", "92", "76")
REACHED: Final = {
    "M2": ("8", "9", "11"),
    "M3": ("3", "2", "4"),
    "M4": ("98.40", "97.10", "99"),
    "M5": ("2", "2", "1"),
    "S1": ("91.5", "88.0", "90.0"),
}


def ask(scene: Scene) -> None:
    """The market department types what is asked of one branch and pastes the other's."""
    scene.clock.put("2026-10-30 15:20:00")
    page = scene.seats.open(scene.writer, f"/requirements/{MONTH}/")
    expect(page.locator("h1")).to_have_text("2026年11月还没有下达公司要求")
    first, other = (_asked_of(scene, place) for place in (0, 1))
    page.get_by_label(f"{scene.branch.name} M1").focus()
    for value in first.values():
        page.keyboard.type(value)
        page.keyboard.press("ArrowRight")
    _paste(page.get_by_label(f"{scene.company.branch(1).name} M1"), "\t".join(other.values()))
    page.get_by_role("button", name="保存").click()
    expect(page.locator("h1")).to_have_text("2026年11月公司要求都有了")
    for code, value in first.items():
        expect(page.get_by_label(f"{scene.branch.name} {code}")).to_have_value(value)
    scene.seats.check(page, "requirements")


def _asked_of(scene: Scene, place: int) -> dict[str, str]:
    groups = Customer.objects.filter(
        branch=scene.company.branch(place), kind=CustomerKind.GROUP
    ).aggregate(pays=Sum("monthly_revenue"))
    return {"M1": f"{groups['pays'] / 10_000:.2f}", **ASKED}


def give_out(scene: Scene) -> None:
    """The supervisor writes the branch's sheet; whatever is given out adds up."""
    scene.clock.put("2026-11-02 09:40:00")
    path = f"/targets/{MONTH}/{scene.branch.pk}/"
    page = scene.seats.open(scene.crew.supervisor, path)
    asked = _asked_of(scene, 0)
    for code, value in asked.items():
        page.locator(f"[name='value:{code}']").fill(value)
        page.locator(f"[name='method:{code}']").select_option(METHODS.get(code, "equal"))
    with page.expect_response(lambda answer: "priorities" in (answer.request.post_data or "")):
        page.get_by_label("本月工作重点").fill("专线续约逐户定人定时间；园区企业成批提速。")
        page.keyboard.press("Tab")
    for code in ("M1", "M2", "M3", "M5"):
        expect(page.locator(f"[data-text='given:{code}']")).to_have_text("都分下去了")
        assert sum(_parts(scene, page, code)) == Decimal(asked[code])
    assert _parts(scene, page, "S1") == [Decimal("90.0")] * 3

    # One less for 林晓岚: the page says what is missing until somebody else takes it.
    lin, chen = (page.locator(f"[name='part:M2:{one.pk}']") for one in scene.crew.managers[:2])
    lin.fill(f"{Decimal(lin.input_value()) - 1}")
    expect(page.locator("h1")).to_contain_text("还差 1 没有分下去")
    chen.fill(f"{Decimal(chen.input_value()) + 1}")
    expect(page.locator("[data-text='given:M2']")).to_have_text("都分下去了")
    expect(page.locator("[name='method:M2']")).to_have_value("hand")

    page.get_by_role("link", name="布置工作", exact=True).click()
    panel = page.locator("#panel")
    panel.get_by_label("做什么").fill("走访 A、B 类集团客户，核对到期合同")
    panel.locator("[name='quantity']").fill("6")
    panel.locator("[name='unit']").fill("家")
    panel.locator("[name='due_on']").fill("2026-11-20")
    for box in panel.locator(".picks input").all():
        box.check()
    panel.get_by_role("button", name="布置").click()
    expect(page.locator(".work-items li")).to_have_count(3)
    scene.seats.check(page, "targets, written")


def _parts(scene: Scene, page: Page, code: str) -> list[Decimal]:
    """What each manager has, as it is kept and as it stands on the page."""
    kept = Allocation.objects.filter(line__sheet__branch=scene.branch, line__indicator__code=code)
    values = {one.manager_id: one.value for one in kept}
    for manager in scene.crew.managers:
        cell = page.locator(f"[name='part:{code}:{manager.pk}']")
        expect(cell).to_have_value(re.compile(rf"^{values[manager.pk].normalize():f}(\.0+|0+)?$"))
    return [values[one.pk] for one in scene.crew.managers]


def issue(scene: Scene) -> None:
    """The general manager issues, 林晓岚 acknowledges on the phone."""
    scene.clock.put("2026-11-03 09:10:00")
    page = scene.seats.open(scene.crew.gm, f"/targets/{MONTH}/{scene.branch.pk}/")
    page.get_by_role("button", name="下达").click()
    expect(page.locator("h1")).to_have_text("2026年11月目标已下达，3 人还没有确认")
    scene.seats.check(page, "targets, issued")

    lin = scene.crew.managers[0]
    phone = scene.seats.open(lin, f"/targets/{MONTH}/of/{lin.pk}/", width=PHONE)
    phone.get_by_role("button", name="我看过了，确认").click()
    expect(phone.locator("main")).to_contain_text("已确认")
    scene.seats.check(phone, "target, acknowledged")
    page.reload()
    expect(page.locator("h1")).to_have_text("2026年11月目标已下达，2 人还没有确认")


def mark(scene: Scene) -> None:
    """The supervisor rates on the grid, the market department enters the exams."""
    scene.clock.put("2026-11-30 16:05:00")
    rates = scene.seats.open(scene.crew.supervisor, f"/marks/{MONTH}/")
    _fill(scene, rates, RATINGS)
    rates.get_by_label("依据").fill("抽听外呼录音两段")
    scene.seats.check(rates, "marks")
    exams = scene.seats.open(scene.writer, f"/marks/{MONTH}/?branch={scene.branch.pk}")
    _fill(scene, exams, EXAMS)


def _fill(scene: Scene, page: Page, values: tuple[str, ...]) -> None:
    """Every cell that may be written: a manager after the other has the same values."""
    cells = page.locator("[data-grid] input[data-seen]")
    for manager, value in zip(scene.crew.managers, values, strict=True):
        row = page.locator("[data-grid] tbody tr", has_text=manager.name)
        for cell in row.locator("input[data-seen]").all():
            cell.fill(value)
    cells.last.press("Tab")
    expect(page.locator("td.is-saved")).to_have_count(cells.count())


def work(scene: Scene) -> None:
    """On the phone 林晓岚 says how much of her work is done."""
    lin = scene.crew.managers[0]
    phone = scene.seats.open(lin, f"/targets/{MONTH}/of/{lin.pk}/", width=PHONE)
    phone.locator(".work-items input[name='done']").fill("6")
    phone.get_by_role("button", name="报").click()
    expect(phone.locator("main")).to_contain_text("完成 1 / 1 件")


def record(scene: Scene) -> None:
    """The supervisor types what was reached, the market department checks it."""
    scene.clock.put("2026-12-01 16:30:00")
    scene.company.play_month(scene.clock)
    path = f"/results/{MONTH}/?branch={scene.branch.pk}"
    page = scene.seats.open(scene.crew.supervisor, path)
    for code, values in REACHED.items():
        for manager, value in zip(scene.crew.managers, values, strict=True):
            page.get_by_label(f"{manager.name} {code}").fill(value)
    page.get_by_role("button", name="保存").click()
    expect(page.locator("h1")).to_have_text("2026年11月结果：15 个待复核")
    scene.seats.check(page, "results")
    check = scene.seats.open(scene.writer, path)
    check.get_by_role("button", name="复核 15 个").click()
    expect(check.locator("h1")).to_have_text("2026年11月结果都复核过了")


def _paste(cell: Any, text: str) -> None:
    """A block from a spreadsheet, put into a cell."""
    cell.focus()
    cell.evaluate(
        """(cell, text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            cell.dispatchEvent(new ClipboardEvent("paste",
                { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )

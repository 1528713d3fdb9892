"""November's score sheets: computed, objected to, decided, signed, locked, corrected."""

from decimal import Decimal
from typing import Any, Final

from playwright.sync_api import Page, expect

from desk.demo.people import Member
from kpi.choices import SheetState
from kpi.models import ScoreSheet
from tests.browser.month_company import MONTH, PHONE, Scene
from tests.domain.scores import lines_of

# What 何俊峰's paper of the business exam gives when it is added up again; it was 76.
COUNTED_AGAIN: Final = "80"
MISCOUNTED: Final = "考试卷面复核，漏加 4 分，按卷面更正。"
MISCOUNT_SEEN: Final = "已看原卷，同意更正。"
# What 林晓岚 and 陈嘉怡 object, and what becomes of it.
LATE: Final = "当天在客户处没有网络，第二天一早补记，应按及时计。"
LATE_UPHELD: Final = "检修公告和签到记录齐全，采纳，按及时计一笔。"
SALES: Final = "月底最后一天签的两件订单没有计进来，应计入本月。"
SALES_REJECTED: Final = "口径是受理日期，两件计入下月，不采纳。"
OPINION: Final = "核对了签到和客户回执，请总经理决定。"


def score(scene: Scene) -> str:
    """The third working day: sheets by the clock; two object, each to one line.

    The code of 林晓岚's line, in which one row counted too little.
    """
    scene.clock.put("2026-12-03 08:30:05")
    scene.worker()
    lin, chen, he = scene.crew.managers
    late = _line_with_a_late_row(lin)
    phone = scene.seats.open(lin, "/scores/mine/", width=PHONE)
    scene.seats.check(phone, "sheet")
    _object(phone, _sheet(lin), late, LATE)
    scene.seats.check(phone, "sheet, objected")
    desk = scene.seats.open(chen, _path(chen))
    _object(desk, _sheet(chen), "M2", SALES)
    scene.seats.check(desk, "sheet, objected")
    own = scene.seats.open(he, _path(he))
    own.locator("form.confirm button").click()
    expect(own.locator("main")).to_contain_text("已确认")
    return late


def _path(manager: Member) -> str:
    return f"/scores/{MONTH}/{manager.pk}/"


def _sheet(manager: Member) -> ScoreSheet:
    return ScoreSheet.objects.get(manager_id=manager.pk, month=MONTH)


def _points(manager: Member) -> Decimal:
    total = _sheet(manager).total
    assert total is not None
    return total


def _lines(manager: Member) -> dict[str, dict[str, Any]]:
    sheet = _sheet(manager)
    return lines_of(sheet.versions.get(number=sheet.newest))


def _line_with_a_late_row(manager: Member) -> str:
    lines = _lines(manager)
    late = [
        code
        for code in ("P3c", "P2b")
        if int(lines[code]["inputs"]["met"]) < int(lines[code]["inputs"]["total"])
    ]
    assert late, "nobody is late in this seed's November"
    return late[0]


def _object(page: Page, sheet: ScoreSheet, code: str, text: str) -> None:
    page.goto(f"/scores/{MONTH}/{sheet.manager_id}/?line={code}")
    panel = page.locator("#objection")
    panel.locator("summary").click()
    panel.locator("textarea[name='text']").fill(text)
    panel.get_by_role("button", name="提出申诉").click()
    expect(page.locator("#objection")).to_contain_text(text)


def decide(scene: Scene, late: str) -> None:
    """One is upheld, with the right number, the other is not."""
    lin, chen, _he = scene.crew.managers
    scene.clock.put("2026-12-04 10:00:00")
    before = {one: _points(one) for one in (lin, chen)}
    for manager, code in ((lin, late), (chen, "M2")):
        page = scene.seats.open(scene.crew.supervisor, f"{_path(manager)}?line={code}")
        page.locator("#objection textarea[name='opinion']").fill(OPINION)
        page.get_by_role("button", name="报总经理决定").click()
        expect(page.locator("#objection")).to_contain_text(OPINION)
    counted = _lines(lin)[late]["inputs"]
    scene.clock.put("2026-12-04 15:00:00")
    for manager, code, button, answer in (
        (lin, late, "采纳", LATE_UPHELD),
        (chen, "M2", "不采纳", SALES_REJECTED),
    ):
        page = scene.seats.open(scene.crew.gm, f"{_path(manager)}?line={code}")
        if button == "采纳":
            page.locator("#objection [name='in-met']").fill(f"{int(counted['met']) + 1}")
        page.locator("#objection textarea[name='answer']").fill(answer)
        page.locator("#objection").get_by_role("button", name=button, exact=True).click()
        expect(page.locator("#objection")).to_contain_text(answer)
        scene.seats.check(page, "sheet, decided")
    assert _points(lin) > before[lin]
    assert _points(chen) == before[chen]
    assert int(_lines(lin)[late]["inputs"]["met"]) == int(counted["met"]) + 1


def sign(scene: Scene) -> None:
    """Confirmed, signed by the supervisor, approved by the general manager."""
    scene.clock.put("2026-12-09 09:30:00")
    for manager in scene.crew.managers[:2]:
        own = scene.seats.open(manager, _path(manager))
        own.locator("form.confirm button").click()
        expect(own.locator("main")).to_contain_text("已确认")
    for who, moment in (
        (scene.crew.supervisor, "2026-12-10 09:20:00"),
        (scene.crew.gm, "2026-12-11 15:00:00"),
    ):
        scene.clock.put(moment)
        page = scene.seats.open(who, f"/scores/?month={MONTH}")
        scene.seats.check(page, "sheets, to sign")
        page.locator("[data-select-all]").check()
        page.locator(".bulk button").last.click()
        expect(page.locator("[data-select-all]")).to_have_count(0)
    scene.company.play_sheets(scene.clock)


def lock(scene: Scene) -> None:
    """The end of the ninth working day, by the clock."""
    scene.clock.put("2026-12-12 00:00:05")
    scene.worker()
    states = ScoreSheet.objects.filter(month=MONTH).values_list("state", flat=True)
    assert list(states) == [SheetState.LOCKED] * 6


def correct(scene: Scene) -> None:
    """A mark of 何俊峰's was added up wrong: one proposes what is right, another agrees."""
    he = scene.crew.managers[2]
    before = _points(he)
    scene.clock.put("2026-12-14 09:05:00")
    page = scene.seats.open(scene.crew.supervisor, f"{_path(he)}?line=P4")
    box = page.locator("#correction")
    box.locator("summary").click()
    box.locator("[name='in-mark']").fill(COUNTED_AGAIN)
    box.locator("textarea[name='why']").fill(MISCOUNTED)
    box.get_by_role("button", name="提出更正").click()
    expect(page.locator("#correction")).to_contain_text(MISCOUNTED)
    scene.seats.check(page, "sheet, correction")
    page = scene.seats.open(scene.writer, f"{_path(he)}?line=P4")
    page.locator("#correction textarea[name='decision']").fill(MISCOUNT_SEEN)
    page.get_by_role("button", name="同意更正").click()
    expect(page.locator("#correction")).to_contain_text(MISCOUNT_SEEN)
    assert _points(he) > before
    assert _lines(he)["P4"]["inputs"] == {"mark": COUNTED_AGAIN}
    assert (_sheet(he).state, _sheet(he).newest) == (SheetState.LOCKED, 2)

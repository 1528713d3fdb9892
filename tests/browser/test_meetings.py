"""A branch's meetings in a browser, from the series to the market department's matrix.

A setting moves the analysis meeting; a stand-up is held by the delegate and nobody else; one
sitting discharges the weekly and the analysis meeting, signed for on the phone; its minutes are
given back, approved and printed; what they decide is somebody's to-do.
"""

import re
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any, Final

import pdfplumber
import pytest
from playwright.sync_api import Locator, Page, expect

from core.papers import qr
from duties.models import ToDo
from meetings.attendance_rules import NUMBER_LIVES
from meetings.choices import MeetingState, Presence, SignInWay
from meetings.models import Action, Attendee, AttendeeChange, Meeting
from meetings.rules import CODE_LIVES
from meetings.sign_in_codes import code_for, screen_number
from tests.browser.bulletin_read import bare
from tests.browser.conftest import RunningClock
from tests.browser.month_company import PHONE, Seats
from tests.cast import Cast, make_cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STANDUP: Final = "2026-12-01"
WEEKLY: Final = "2026-W50"
MONTH: Final = "2026-12"
# kind, topic, discussion, conclusion
ITEMS: Final = (
    ("case", "东方纺织专线扩容", "报价两轮未定，测速后签下。", "扩容先请技术同行上门。"),
    ("experience", "走访前的准备", "各人讲一条做法。", "准备清单发给每人试用一个月。"),
    ("answer", "服务频次怎样算", "对照服务规范说明。", "以日志为准。"),
)
TO_DO: Final = "报本季度到期合同清单"
RETURNED: Final = "第三项写清电话和上门怎样计。"
MENDED: Final = "以日志为准，电话和上门分开记。"
WHY: Final = "码过期，本人 8 点 29 分已在座。"


class Branch:
    """城东分公司, whoever sits at a browser in it, and the story's clock."""

    def __init__(self, cast: Cast, seats: Seats, clock: RunningClock) -> None:
        """Before anything was laid out."""
        self.cast, self.seats, self.clock = cast, seats, clock

    def open(self, who: str, path: str, *, at: str = "", width: int = 1440) -> Page:
        """A page before somebody, at a moment."""
        if at:
            self.clock.put(at)
        return self.seats.open(self.cast[who], path, width=width)

    def meeting(self, kind: str, key: str) -> Meeting:
        """A meeting as it is now."""
        return Meeting.objects.get(branch=self.cast.east, kind=kind, key=key)

    @property
    def month(self) -> str:
        """The address of December's meetings."""
        return f"/meetings/{MONTH}/{self.cast.east.pk}/"


def test_a_branch_meets(
    page_of: Callable[..., Page], live_server: Any, story: RunningClock
) -> None:
    east = Branch(make_cast(), Seats(page_of, story, live_server.url), story)
    lay_out(east)
    delegate(east)
    combine(east)
    sign_in(east, live_server.url)
    amend(east)
    write(east)
    decide(east)
    read_paper(east)
    read_matrix(east)


def day_of_month(page: Page, number: int) -> Locator:
    """A day in the month of meetings."""
    return page.locator(".month-days .day").nth(number - 1)


def lay_out(east: Branch) -> None:
    """December appears on demand; the branch's own analysis day moves what is to come."""
    page = east.open("周建平", east.month, at="2026-11-27 15:00:00")
    page.get_by_role("button", name="排出本月").click()
    expect(page.get_by_role("region", name="提示")).to_contain_text("2026年12月排出 26 场会议")
    expect(day_of_month(page, 24)).to_contain_text("分析")

    page = east.open("马骏", f"/branches/{east.cast.east.pk}/settings/")
    page.locator("select[name='key']").select_option("analysis_day")
    page.locator("input[name='value']").fill("5")
    page.locator("input[name='valid_from']").fill(STANDUP)
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#setting-analysis_day")).to_contain_text("2026-12-01 起 5")

    page = east.open("周建平", east.month)
    expect(day_of_month(page, 7)).to_contain_text("15:00 分析")
    expect(day_of_month(page, 24)).to_contain_text("→ 12-07 15:00")


def delegate(east: Branch) -> None:
    """Delegated the evening before; in the morning only the delegate finds a room to open."""
    meeting = east.meeting("standup", STANDUP)
    page = east.open("周建平", f"/meetings/{meeting.pk}/", at="2026-11-30 17:00:00")
    page.get_by_text("委托别人主持").click()
    delegate = page.locator("form[action$='/delegate/']")
    delegate.locator("select[name='delegate']").select_option(str(east.cast["林晓岚"].pk))
    delegate.locator("input[name='reason']").fill("到市公司参加季度会")
    delegate.get_by_role("button", name="委托").click()
    expect(page.locator("aside.thing-side")).to_contain_text("林晓岚，周建平委托")

    room = f"/meetings/{meeting.pk}/room/"
    page = east.open("周建平", room, at="2026-12-01 08:20:00")
    expect(page.locator("#content")).to_be_visible()
    expect(page.get_by_role("button", name="打开签到")).to_have_count(0)
    phone = east.open("林晓岚", room, width=PHONE)
    phone.get_by_role("button", name="打开签到").click()
    east.clock.put("2026-12-01 08:30:00")
    phone.get_by_role("button", name="开始会议").click()
    call(east, phone, "陈嘉怡", Presence.PRESENT)
    call(east, phone, "何俊峰", Presence.TRIP)
    east.clock.put("2026-12-01 08:50:00")
    end(phone, heads=2)

    meeting.refresh_from_db()
    assert (meeting.state, meeting.chair, meeting.acts_for) == (
        MeetingState.HELD,
        east.cast["林晓岚"],
        east.cast["周建平"],
    )


def tile(east: Branch, page: Page, name: str) -> Locator:
    """Somebody's tile on the screen."""
    return page.locator(f"#tile-{east.cast[name].pk}")


def call(east: Branch, page: Page, name: str, state: Presence) -> None:
    """One tap for somebody who has not signed."""
    one = tile(east, page, name)
    one.locator(f"button[value='{state}']").click()
    if state == Presence.TRIP:  # nobody knew of it before
        expect(one.get_by_role("alert")).to_have_text("没有事先请假，写明原因。")
        one.get_by_label("原因").fill("去客户处")
        one.locator(f"button.mark-btn[value='{state}']").click()
    expect(one).to_contain_text(str(state.label))


def end(page: Page, *, heads: int) -> None:
    """Count the heads, end the meeting and file it."""
    page.get_by_role("button", name="结束并归档").click()
    box = page.locator("#room-end")
    box.get_by_label("清点人数").fill(str(heads))
    box.get_by_role("button", name="结束并归档").click()
    expect(page.get_by_role("region", name="提示")).to_contain_text("会议已结束")


def combine(east: Branch) -> None:
    """One sitting for the week and for the analysis; somebody asks to be excused in time."""
    lead, joined = east.meeting("weekly", WEEKLY), east.meeting("analysis", MONTH)
    page = east.open("赵国梁", f"/meetings/{lead.pk}/", at="2026-12-04 16:00:00")
    page.get_by_text("合并召开").first.click()
    form = page.locator("form[action$='/combine/']")
    form.locator("select").select_option(str(joined.pk))
    form.get_by_role("button", name="合并召开").click()
    expect(page.locator("aside.thing-side")).to_contain_text("每周例会、分析会")

    phone = east.open("何俊峰", f"/meetings/{lead.pk}/", at="2026-12-06 23:59:30", width=PHONE)
    phone.get_by_role("link", name="请假").click()
    phone.get_by_text("请假", exact=True).last.click()
    phone.locator("input[name='reason']").fill("上午陪同客户验收")
    phone.locator("form[data-main] button").click()
    expect(phone.locator("main")).to_contain_text("已请假")


def code_shown(page: Page, meeting: Meeting, url: str) -> str:
    """The address that the screen's QR code bears: the one whose drawing it is."""
    code = page.locator("#room-code")
    expires_at = datetime.fromisoformat(code.get_attribute("data-expires") or "")
    address = f"{url}/s/{code_for(meeting.pk, expires_at - CODE_LIVES)}/"
    drawn = re.search(r'<path[^>]* d="([^"]+)"', qr(address))
    assert drawn is not None
    assert code.locator("svg path").last.get_attribute("d") == drawn[1]
    return address


def not_shown(page: Page, meeting: Meeting) -> str:
    """A number that the screen does not show beside this code, nor did just before."""
    code = page.locator("#room-code")
    made_at = datetime.fromisoformat(code.get_attribute("data-made") or "")
    shown = (code.get_attribute("data-numbers") or "").split()
    shown.append(screen_number(meeting.pk, made_at - NUMBER_LIVES).number)
    return next(text for text in (f"{n:02d}" for n in range(100)) if text not in shown)


def give_number(phone: Page, number: str) -> None:
    """Sign in on the phone with a number from the screen."""
    phone.get_by_label("会议室屏幕上的两位数").fill(number)
    phone.get_by_role("button", name="本人签到").click()


def sign_in(east: Branch, url: str) -> None:
    """On the wall the code and its number, which the phones give; a number that is not there and
    an expired code are refused and shown."""
    meeting = east.meeting("weekly", WEEKLY)
    room = f"/meetings/{meeting.pk}/room/"
    page = east.open("周建平", room, at="2026-12-07 08:22:00")
    expect(page.get_by_role("button", name="打开签到")).to_have_count(0)
    page = east.open("赵国梁", room)
    page.get_by_role("button", name="打开签到").click()
    address = code_shown(page, meeting, url)
    expect(tile(east, page, "何俊峰")).to_contain_text("请假")

    phone = east.open("林晓岚", address, width=PHONE)
    give_number(phone, not_shown(page, meeting))
    expect(phone.locator("main")).to_contain_text("和会议室屏幕上的数不一样")
    expect(page.locator("#room-refused")).to_contain_text("林晓岚 屏幕上的数不对")
    give_number(phone, page.locator("[data-code-number]").inner_text())
    expect(phone.locator("main")).to_contain_text("已签到")
    expect(tile(east, page, "林晓岚")).to_contain_text("已到")

    phone = east.open("陈嘉怡", address, at="2026-12-07 08:23:30", width=PHONE)
    give_number(phone, "00")
    expect(phone.get_by_role("alert")).to_contain_text("这个码已过期")
    expect(page.locator("#room-refused")).to_contain_text("陈嘉怡 码已过期")
    call(east, page, "周建平", Presence.PRESENT)

    east.clock.put("2026-12-07 08:30:00")
    page.locator("select[name='recorder']").first.select_option(str(east.cast["林晓岚"].pk))
    page.get_by_role("button", name="开始会议").click()
    expect(page.locator("[data-room-clock]")).to_contain_text("08:30 开始，10:00 结束，还剩 90 分")
    east.clock.put("2026-12-07 10:00:00")
    page.reload()
    expect(page.locator("[data-room-clock]")).to_contain_text("，已超 0 分")
    end(page, heads=2)
    assert sheet(meeting) == {
        "林晓岚": (Presence.PRESENT, SignInWay.CODE),
        "周建平": (Presence.PRESENT, SignInWay.HAND),
        "何俊峰": (Presence.EXCUSED, SignInWay.NOTICE),
        "陈嘉怡": (Presence.ABSENT, SignInWay.HAND),
    }


def sheet(meeting: Meeting) -> dict[str, tuple[str, str]]:
    """How everybody stands, and how it came to be written."""
    rows = Attendee.objects.filter(meeting=meeting).select_related("person")
    return {row.person.name: (row.state, row.way) for row in rows}


def amend(east: Branch) -> None:
    """Whoever held it mends the sheet: both states, who and why are kept."""
    meeting = east.meeting("weekly", WEEKLY)
    page = east.open("赵国梁", f"/meetings/{meeting.pk}/room/", at="2026-12-07 09:10:00")
    one = tile(east, page, "陈嘉怡")
    one.locator("summary").click()
    one.locator("input[name='why']").fill(WHY)
    one.locator(f".tile-marks button[value='{Presence.LATE}']").click()
    expect(one).to_contain_text("迟到")
    change = AttendeeChange.objects.get()
    assert (change.before, change.after, change.by, change.why) == (
        Presence.ABSENT,
        Presence.LATE,
        east.cast["赵国梁"],
        WHY,
    )


# Two quiet spells of the form, in milliseconds: what was typed last has been saved by then.
SAVED_WITHIN = 2500


def fill(row: Locator, **values: str) -> None:
    """Write in the fields of a row of the minutes."""
    for name, value in values.items():
        box = row.locator(f"[name$='.{name}']")
        if name in ("kind", "owner"):
            box.select_option(value)
        else:
            box.fill(value)


def write(east: Branch) -> None:
    """What the recorder writes is kept as it is written, and handed in."""
    meeting = east.meeting("weekly", WEEKLY)
    minutes = f"/meetings/{meeting.pk}/minutes/"
    page = east.open("林晓岚", minutes, at="2026-12-07 13:30:00")
    items, actions = page.locator("[data-row^='items.']"), page.locator("[data-row^='actions.']")
    for place, (kind, topic, discussion, conclusion) in enumerate(ITEMS):
        if items.count() <= place:
            page.get_by_role("button", name="加一个议题").click()
        fill(
            items.nth(place),
            kind=kind,
            topic=topic,
            discussion=discussion,
            conclusion=conclusion,
        )
    if actions.count() == 0:
        page.get_by_role("button", name="加一个行动项").click()
    owner = str(east.cast["何俊峰"].pk)
    fill(actions.first, content=TO_DO, owner=owner, due_on="2026-12-11", evidence="系统附件")
    actions.first.locator("[name$='.evidence']").blur()
    expect(page.locator("[data-rail] li").nth(1)).to_contain_text("1 项")
    east.seats.check(page, "minutes, written")
    page.wait_for_timeout(SAVED_WITHIN)

    page = east.open("林晓岚", minutes, at="2026-12-07 14:00:00")
    expect(items.nth(2).locator("[name$='.conclusion']")).to_have_value(ITEMS[2][3])
    page.get_by_role("button", name="提交纪要").click()
    expect(page.locator(".thing-page")).to_contain_text("第 1 版提交")


def decide(east: Branch) -> None:
    """Given back with an opinion, mended on the phone, approved; the action is a to-do."""
    meeting = east.meeting("weekly", WEEKLY)
    minutes = f"/meetings/{meeting.pk}/minutes/"
    page = east.open("赵国梁", minutes, at="2026-12-07 15:00:00")
    page.get_by_text("退回给记录人").click()
    page.locator("form[action$='/return/'] textarea").fill(RETURNED)
    page.get_by_role("button", name="退回", exact=True).click()
    expect(page.locator("main")).to_contain_text(RETURNED)

    phone = east.open("林晓岚", minutes, at="2026-12-07 15:30:00", width=PHONE)
    expect(phone.locator(".banner.back")).to_contain_text(RETURNED)
    phone.locator("[data-row^='items.'] [name$='.conclusion']").nth(2).fill(MENDED)
    east.seats.check(phone, "minutes, given back")
    phone.get_by_role("button", name="提交纪要").click()
    expect(phone.locator(".thing-page")).to_contain_text("第 2 版提交")

    page = east.open("赵国梁", minutes, at="2026-12-07 16:00:00")
    page.get_by_role("button", name="批准归档").click()
    expect(page.get_by_role("region", name="提示")).to_contain_text("已归档")
    east.seats.check(page, "minutes, approved")
    action, to_do = Action.objects.get(), ToDo.objects.get()
    assert (action.owner, to_do.owner, to_do.title) == (
        east.cast["何俊峰"],
        east.cast["何俊峰"],
        TO_DO,
    )
    phone = east.open("何俊峰", "/todos/", width=PHONE)
    expect(phone.locator("main")).to_contain_text(TO_DO)
    coming = east.meeting("standup", "2026-12-08")
    page = east.open("周建平", f"/meetings/{coming.pk}/")
    expect(page.locator(".meeting-agenda")).to_contain_text(TO_DO)


def read_paper(east: Branch) -> None:
    """The sign-in sheet and the minutes on paper say what was signed and decided."""
    meeting = east.meeting("weekly", WEEKLY)
    page = east.open("赵国梁", f"/meetings/{meeting.pk}/minutes/")
    link = page.get_by_role("link", name="签到表和纪要 PDF").get_attribute("href") or ""
    answer = page.request.get(link)
    assert answer.headers["content-type"] == "application/pdf"
    with pdfplumber.open(BytesIO(answer.body())) as paper:
        read = "".join(bare(one.extract_text()) for one in paper.pages)
        tables = [table for one in paper.pages for table in one.extract_tables()]
    cells = "".join(bare(cell or "") for table in tables for row in table for cell in row)
    assert "HY-20261207-CD-W50" in read
    for said in ("签到表", *sheet(meeting), "本人扫码", "请假"):
        assert said in read, said
    for said in (*(item[1] for item in ITEMS), MENDED, TO_DO):
        assert bare(said) in cells, said


def read_matrix(east: Branch) -> None:
    """The market department sees what was held, and the stand-ups that nobody held."""
    path = f"/duty-matrix/{MONTH}/?of={east.cast.east.pk}&duty=standup"
    page = east.open("韩静", path, at="2026-12-08 09:05:00")
    line = page.locator("main tr", has_text="城东分公司")
    # Stand-ups: one held, four not; the sitting of the 7th counts for two duties.
    expect(line).to_contain_text("1/5")
    expect(line.get_by_text("1/1")).to_have_count(2)
    for number in (2, 3, 4, 8):
        expect(page.locator("main, aside").last).to_contain_text(f"12月{number}日")

"""From the company's requirement to the bulletin that everybody has signed for, in a browser.

November of a small company: targets asked, given out and acknowledged, results and marks typed;
on the month's end reports, sheets and the bulletin's draft come by the clock, people object,
decide, correct, write and publish; what is downloaded says what the page says, cell by cell.
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from django.db.models import Sum
from playwright.sync_api import Page, expect

from customers.choices import CustomerKind
from customers.models import Customer
from desk.demo import month_words as words
from desk.demo.people import Member
from inspections.choices import FindingState
from inspections.models import Finding
from kpi.choices import SheetState
from kpi.models import ScoreSheet
from reports.models import Bulletin
from tests.browser.bulletin_read import (
    Read,
    bare,
    paper_tables,
    paper_text,
    paragraphs_of,
    read_page,
    shown_by_libreoffice,
    table_of,
    without_blanks,
)
from tests.browser.conftest import RunningClock
from tests.browser.month_company import Company, Seats, make_small_company
from tests.domain.scores import lines_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: Final = 360
MONTH: Final = "2026-11"
# What the company asks of both branches but for the revenue, which is what the groups pay.
ASKED: Final = {"M2": "27", "M3": "9", "M4": "98.00", "M5": "6", "S1": "90.0"}
# 何俊峰's mark in both exams, and what the business exam's is when it is added up again.
MISCOUNTED, COUNTED_AGAIN = "76", "80"
METHODS: Final = {"M1": "revenue", "M2": "customers", "M5": "days"}


class Story:
    """The month as it goes on, chapter by chapter."""

    def __init__(
        self, company: Company, seats: Seats, clock: RunningClock, worker: Callable[[], None]
    ) -> None:
        """It is the last working day before November."""
        self.company = company
        self.seats = seats
        self.clock = clock
        self.worker = worker
        self.crew = company.first
        self.branch = company.branch()
        self.writer, self.second = company.market

    # Targets

    def ask(self) -> None:
        """The market department types what is asked of one branch and pastes the other's."""
        self.clock.put("2026-10-30 15:20:00")
        page = self.seats.open(self.writer, f"/requirements/{MONTH}/")
        expect(page.locator("h1")).to_have_text("2026年11月还没有下达公司要求")
        first, other = (self._asked_of(place) for place in (0, 1))
        page.get_by_label(f"{self.branch.name} M1").focus()
        for value in first.values():
            page.keyboard.type(value)
            page.keyboard.press("ArrowRight")
        paste(page.get_by_label(f"{self.company.branch(1).name} M1"), "\t".join(other.values()))
        page.get_by_role("button", name="保存").click()
        expect(page.locator("h1")).to_have_text("2026年11月公司要求都有了")
        for code, value in first.items():
            expect(page.get_by_label(f"{self.branch.name} {code}")).to_have_value(value)
        self.seats.check(page, "requirements")

    def _asked_of(self, place: int) -> dict[str, str]:
        groups = Customer.objects.filter(
            branch=self.company.branch(place), kind=CustomerKind.GROUP
        ).aggregate(pays=Sum("monthly_revenue"))
        return {"M1": f"{groups['pays'] / 10_000:.2f}", **ASKED}

    def give_out(self) -> None:
        """The supervisor writes the branch's sheet; whatever is given out adds up."""
        self.clock.put("2026-11-02 09:40:00")
        path = f"/targets/{MONTH}/{self.branch.pk}/"
        page = self.seats.open(self.crew.supervisor, path)
        asked = self._asked_of(0)
        for code, value in asked.items():
            page.locator(f"[name='value:{code}']").fill(value)
            page.locator(f"[name='method:{code}']").select_option(METHODS.get(code, "equal"))
        page.get_by_label("本月工作重点").fill("专线续约逐户定人定时间；园区企业成批提速。")
        for code in ("M1", "M2", "M3", "M5"):
            expect(page.locator(f"[data-text='given:{code}']")).to_have_text("都分下去了")
            assert sum(self._parts(page, code)) == Decimal(asked[code])
        assert self._parts(page, "S1") == [Decimal("90.0")] * 3

        # One less for 林晓岚: the page says what is missing until somebody else takes it.
        lin, chen = (page.locator(f"[name='part:M2:{one.pk}']") for one in self.crew.managers[:2])
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
        self.seats.check(page, "targets, written")

    def _parts(self, page: Page, code: str) -> list[Decimal]:
        cells = [page.locator(f"[name='part:{code}:{one.pk}']") for one in self.crew.managers]
        return [Decimal(cell.input_value()) for cell in cells]

    def issue(self) -> None:
        """The general manager issues, 林晓岚 acknowledges on the phone."""
        self.clock.put("2026-11-03 09:10:00")
        page = self.seats.open(self.crew.gm, f"/targets/{MONTH}/{self.branch.pk}/")
        page.get_by_role("button", name="下达").click()
        expect(page.locator("h1")).to_have_text("2026年11月目标已下达，3 人还没有确认")
        self.seats.check(page, "targets, issued")

        lin = self.crew.managers[0]
        phone = self.seats.open(lin, f"/targets/{MONTH}/of/{lin.pk}/", width=PHONE)
        phone.get_by_role("button", name="我看过了，确认").click()
        expect(phone.locator("main")).to_contain_text("已确认")
        self.seats.check(phone, "target, acknowledged")
        page.reload()
        expect(page.locator("h1")).to_have_text("2026年11月目标已下达，2 人还没有确认")

    # The month, and what is typed at its end

    def mark(self) -> None:
        """The supervisor rates on the grid, the market department enters the exams."""
        self.clock.put("2026-11-30 16:05:00")
        rates = self.seats.open(self.crew.supervisor, f"/marks/{MONTH}/")
        self._fill(rates, ("4", "4.5", "5"))
        rates.get_by_label("依据").fill("抽听外呼录音两段")
        self.seats.check(rates, "marks")
        exams = self.seats.open(self.writer, f"/marks/{MONTH}/?branch={self.branch.pk}")
        self._fill(exams, ("88", "92", MISCOUNTED))

    def _fill(self, page: Page, values: tuple[str, ...]) -> None:
        """Every cell that may be written: a manager after the other has the same values."""
        cells = page.locator("[data-grid] input[data-seen]")
        for manager, value in zip(self.crew.managers, values, strict=True):
            row = page.locator("[data-grid] tbody tr", has_text=manager.name)
            for cell in row.locator("input[data-seen]").all():
                cell.fill(value)
        cells.last.press("Tab")
        expect(page.locator("td.is-saved")).to_have_count(cells.count())

    def work(self) -> None:
        """On the phone 林晓岚 says how much of her work is done."""
        lin = self.crew.managers[0]
        phone = self.seats.open(lin, f"/targets/{MONTH}/of/{lin.pk}/", width=PHONE)
        phone.locator(".work-items input[name='done']").fill("6")
        phone.get_by_role("button", name="报").click()
        expect(phone.locator("main")).to_contain_text("完成 1 / 1 件")

    def look_before_the_end(self) -> None:
        """20:00 on the last working day: the provisional report, by the clock."""
        self.clock.put("2026-11-30 20:00:05")
        self.worker()
        page = self.seats.open(self.writer, f"/spot-checks/{MONTH}/{self.branch.pk}/")
        expect(page.locator("main")).to_contain_text("暂")
        self.seats.check(page, "spot check")

    def record(self) -> None:
        """The supervisor types what was reached, the market department checks it."""
        self.clock.put("2026-12-01 16:30:00")
        self.company.play_month(self.clock)
        path = f"/results/{MONTH}/?branch={self.branch.pk}"
        page = self.seats.open(self.crew.supervisor, path)
        reached = {
            "M2": ("8", "9", "11"),
            "M3": ("3", "2", "4"),
            "M4": ("98.40", "97.10", "99"),
            "M5": ("2", "2", "1"),
            "S1": ("91.5", "88.0", "90.0"),
        }
        for code, values in reached.items():
            for manager, value in zip(self.crew.managers, values, strict=True):
                page.get_by_label(f"{manager.name} {code}").fill(value)
        page.get_by_role("button", name="保存").click()
        expect(page.locator("h1")).to_have_text("2026年11月结果：15 个待复核")
        self.seats.check(page, "results")
        check = self.seats.open(self.writer, path)
        check.get_by_role("button", name="复核 15 个").click()
        expect(check.locator("h1")).to_have_text("2026年11月结果都复核过了")

    # Report and finding

    def find(self) -> None:
        """Noon of the second working day: the report is frozen, a fault becomes a finding."""
        self.clock.put("2026-12-02 12:00:05")
        self.worker()
        path = f"/spot-checks/{MONTH}/{self.branch.pk}/"
        page = self.seats.open(self.writer, path)
        expect(page.locator("main")).to_contain_text("摘要")
        page.locator("#item-punctual").get_by_role("button", name="立为问题").click()
        finding = Finding.objects.get()
        page.goto(path)
        expect(page.locator("#item-punctual")).to_contain_text(finding.number)

        self.clock.put("2026-12-02 14:10:00")
        page = self.seats.open(self.crew.supervisor, f"/findings/{finding.pk}/")
        self.seats.check(page, "finding")
        page.locator("form[action$='/confirm/'] textarea").fill("属实，已通知本人。")
        page.get_by_role("button", name="确认，去整改").click()
        expect(page.locator("main")).to_contain_text("属实，已通知本人。")
        finding.refresh_from_db()
        assert finding.state == FindingState.CONFIRMED

    # Sheets

    def score(self) -> None:
        """The third working day: sheets by the clock; two object, each to one line."""
        self.clock.put("2026-12-03 08:30:05")
        self.worker()
        lin, chen, he = self.crew.managers
        self.late = self._line_with_a_late_row(lin)
        phone = self.seats.open(lin, "/scores/mine/", width=PHONE)
        self.seats.check(phone, "sheet")
        self._object(phone, self._sheet(lin), self.late, words.OBJECTION)
        self.seats.check(phone, "sheet, objected")
        desk = self.seats.open(chen, self._path(chen))
        self._object(desk, self._sheet(chen), "M2", words.SALES_OBJECTION)
        self.seats.check(desk, "sheet, objected")
        own = self.seats.open(he, self._path(he))
        own.locator("form.confirm button").click()
        expect(own.locator("main")).to_contain_text("已确认")

    def _path(self, manager: Member) -> str:
        return f"/scores/{MONTH}/{manager.pk}/"

    def _sheet(self, manager: Member) -> ScoreSheet:
        return ScoreSheet.objects.get(manager_id=manager.pk, month=MONTH)

    def _lines(self, manager: Member) -> dict[str, dict[str, Any]]:
        sheet = self._sheet(manager)
        return lines_of(sheet.versions.get(number=sheet.newest))

    def _line_with_a_late_row(self, manager: Member) -> str:
        lines = self._lines(manager)
        late = [
            code
            for code in ("P3c", "P2b")
            if int(lines[code]["inputs"]["met"]) < int(lines[code]["inputs"]["total"])
        ]
        assert late, "nobody is late in this seed's November"
        return late[0]

    def _object(self, page: Page, sheet: ScoreSheet, code: str, text: str) -> None:
        page.goto(f"/scores/{MONTH}/{sheet.manager_id}/?line={code}")
        panel = page.locator("#objection")
        panel.locator("summary").click()
        panel.locator("textarea[name='text']").fill(text)
        panel.get_by_role("button", name="提出申诉").click()
        expect(page.locator("#objection")).to_contain_text(text)

    def decide(self) -> None:
        """One is upheld with the right number, the other is not; all is signed and approved."""
        lin, chen, _he = self.crew.managers
        self.clock.put("2026-12-04 10:00:00")
        before = {one: self._sheet(one).total for one in (lin, chen)}
        for manager, code in ((lin, self.late), (chen, "M2")):
            page = self.seats.open(self.crew.supervisor, f"{self._path(manager)}?line={code}")
            page.locator("#objection textarea[name='opinion']").fill(words.OBJECTION_OPINION)
            page.get_by_role("button", name="报总经理决定").click()
            expect(page.locator("#objection")).to_contain_text(words.OBJECTION_OPINION)
        counted = self._lines(lin)[self.late]["inputs"]
        self.clock.put("2026-12-04 15:00:00")
        for manager, code, button, answer in (
            (lin, self.late, "采纳", words.OBJECTION_UPHELD),
            (chen, "M2", "不采纳", words.SALES_REJECTED),
        ):
            page = self.seats.open(self.crew.gm, f"{self._path(manager)}?line={code}")
            if button == "采纳":
                page.locator("#objection [name='in-met']").fill(f"{int(counted['met']) + 1}")
            page.locator("#objection textarea[name='answer']").fill(answer)
            page.locator("#objection").get_by_role("button", name=button, exact=True).click()
            expect(page.locator("#objection")).to_contain_text(answer)
            self.seats.check(page, "sheet, decided")
        assert self._sheet(lin).total > before[lin]
        assert self._sheet(chen).total == before[chen]

    # The bulletin

    def draft(self) -> None:
        """The fifth working day: drafted by the clock; a text written, the branches asked."""
        self.clock.put("2026-12-07 08:30:05")
        self.worker()
        bulletin = Bulletin.objects.get()
        assert (bulletin.month, bulletin.drafted_by) == (MONTH, None)
        self.here = f"/bulletins/{bulletin.pk}/"
        self.clock.put("2026-12-07 10:20:00")
        page = self.seats.open(self.writer, self.here)
        for part in page.locator("fieldset.offers").all():
            part.locator("input[type='checkbox']").first.check()
        for part, text in words.BULLETIN_TEXTS.items():
            page.locator(f"#field-texts-{part}").fill(text)
        self.seats.check(page, "bulletin, written")
        page.get_by_role("button", name="征求意见").click()
        expect(page.get_by_role("button", name="提请批准")).to_be_visible()

        self.clock.put("2026-12-08 10:00:00")
        phone = self.seats.open(self.crew.supervisor, self.here, width=PHONE)
        phone.get_by_label("对草稿的意见").fill(words.COMMENT)
        phone.get_by_role("button", name="提交意见").click()
        expect(phone.locator("#comments")).to_contain_text(words.COMMENT)
        self.seats.check(phone, "bulletin, commented")
        other = self.company.staff.crews[1]
        page = self.seats.open(other.gm, self.here)
        page.get_by_role("button", name="没有意见").click()
        expect(page.locator("#comments")).to_contain_text("没有意见")
        page = self.seats.open(self.writer, self.here)
        page.get_by_label("答复：改了什么，或为什么不改").fill(words.COMMENT_ANSWER)
        page.get_by_role("button", name="答复", exact=True).click()
        expect(page.locator("#comments")).to_contain_text(words.COMMENT_ANSWER)

    # Signed, locked, corrected

    def sign(self) -> None:
        """Confirmed, signed by the supervisor, approved by the general manager."""
        self.clock.put("2026-12-09 09:30:00")
        for manager in self.crew.managers[:2]:
            own = self.seats.open(manager, self._path(manager))
            own.locator("form.confirm button").click()
            expect(own.locator("main")).to_contain_text("已确认")
        for who, moment in (
            (self.crew.supervisor, "2026-12-10 09:20:00"),
            (self.crew.gm, "2026-12-11 15:00:00"),
        ):
            self.clock.put(moment)
            page = self.seats.open(who, f"/scores/?month={MONTH}")
            self.seats.check(page, f"sheets, {who.name}")
            page.locator("[data-select-all]").check()
            page.locator(".bulk button").last.click()
            expect(page.locator("[data-select-all]")).to_have_count(0)
        self.company.play_sheets(self.clock)

    def lock_and_correct(self) -> None:
        """24:00 of the ninth working day locks; a mark is corrected after it, by two persons."""
        he = self.crew.managers[2]
        self.clock.put("2026-12-12 00:00:05")
        self.worker()
        states = ScoreSheet.objects.filter(month=MONTH).values_list("state", flat=True)
        assert set(states) == {SheetState.LOCKED}
        before = self._sheet(he).total

        self.clock.put("2026-12-14 09:05:00")
        page = self.seats.open(self.crew.supervisor, f"{self._path(he)}?line=P4")
        box = page.locator("#correction")
        box.locator("summary").click()
        box.locator("[name='in-mark']").fill(COUNTED_AGAIN)
        box.locator("textarea[name='why']").fill(words.CORRECTION)
        box.get_by_role("button", name="提出更正").click()
        expect(page.locator("#correction")).to_contain_text(words.CORRECTION)
        self.seats.check(page, "sheet, correction")
        page = self.seats.open(self.writer, f"{self._path(he)}?line=P4")
        page.locator("#correction textarea[name='decision']").fill(words.CORRECTION_DECISION)
        page.get_by_role("button", name="同意更正").click()
        expect(page.locator("#correction")).to_contain_text(words.CORRECTION_DECISION)
        sheet = self._sheet(he)
        assert sheet.total > before
        assert sheet.state == SheetState.LOCKED

    def publish(self) -> None:
        """Proposed by one, approved and published by another, signed for by the branch."""
        self.clock.put("2026-12-14 09:15:00")
        page = self.seats.open(self.writer, self.here)
        page.get_by_role("button", name="提请批准").click()
        expect(page.locator("main")).to_contain_text("等另一人批准")
        self.clock.put("2026-12-14 10:05:00")
        page = self.seats.open(self.second, self.here)
        self.seats.check(page, "bulletin, to approve")
        page.get_by_role("button", name="批准并发布").click()
        expect(page.locator("h1")).to_contain_text("〔2026〕1号")
        self.worker()
        self.clock.put("2026-12-14 13:50:00")
        page = self.seats.open(self.crew.gm, self.here)
        page.get_by_role("button", name="签收").click()
        expect(page.locator("#signing")).to_contain_text("已签收")
        self.seats.check(page, "bulletin, published")

    def take_away(self, folder: Path) -> None:
        """The general manager's copies, stamped by the worker, say what the page says."""
        page = self.seats.open(self.crew.gm, self.here)
        self.read = read_page(page)
        assert self.read.tables
        assert self.read.charts
        check_workbook(self._copy(page, "XLSX"), self.read, folder)
        self.paper = self._copy(page, "PDF")
        check_paper(self.paper, self.read)

    def _copy(self, page: Page, kind: str) -> bytes:
        page.goto("/downloads/")
        self.seats.check(page, "downloads")
        edition = page.locator("ul.lines li", has_text=self.branch.name)
        edition.get_by_role("button", name=kind).click()
        self.worker()
        expect(page.locator("a[download]")).to_be_visible(timeout=20_000)
        self.seats.check(page, "download")
        with page.expect_download() as taken:
            page.locator("a[download]").click()
        return Path(taken.value.path()).read_bytes()

    def verify(self, page: Page) -> None:
        """Whoever holds the paper asks without signing in: by its code, by the file."""
        page.goto("/verify/")
        page.get_by_label("验证码").fill(self.read.code)
        page.get_by_role("button", name="查验证码").click()
        genuine = page.get_by_role("heading", level=1, name="这是正式发布的文件")
        expect(genuine).to_be_visible()
        expect(page.locator("body")).to_contain_text(self.read.number)
        self.seats.check(page, "verification")
        file = {"name": "通报.pdf", "mimeType": "application/pdf", "buffer": self.paper}
        page.goto("/verify/")
        page.locator("#file").set_input_files([file])  # type: ignore[list-item]
        page.get_by_role("button", name="查文件").click()
        expect(genuine).to_be_visible()


def check_workbook(content: bytes, read: Read, folder: Path) -> None:
    """Cell by cell, as a spreadsheet shows them; every paragraph."""
    sheets = shown_by_libreoffice(content, folder)
    for table in read.tables:
        assert table_of(sheets, table) == table
    assert paragraphs_of(sheets) == read.paragraphs


def check_paper(content: bytes, read: Read) -> None:
    """Cell by cell too, in the order of the page; every paragraph, every name of a figure."""
    printed = paper_tables(content)
    wanted = [without_blanks(table.rows) for table in read.tables]
    assert [rows for rows in printed if rows in wanted] == wanted
    text = paper_text(content)
    said = [read.number, read.title, read.code, *read.paragraphs, *read.charts]
    said += [table.caption for table in read.tables]
    for one in said:
        assert bare(one) in text


def paste(cell: Any, text: str) -> None:
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


def test_the_month_closes(
    page_of: Callable[..., Page],
    live_server: Any,
    worker: Callable[[], None],
    story: RunningClock,
    tmp_path: Path,
) -> None:
    story.put("2026-10-30 15:00:00")
    company = make_small_company()
    tale = Story(company, Seats(page_of, story, live_server.url), story, worker)
    tale.ask()
    tale.give_out()
    tale.issue()
    tale.mark()
    tale.work()
    tale.look_before_the_end()
    tale.record()
    tale.find()
    tale.score()
    tale.decide()
    tale.draft()
    tale.sign()
    tale.lock_and_correct()
    tale.publish()
    tale.take_away(tmp_path)
    tale.verify(page_of())

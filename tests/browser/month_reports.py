"""November's spot-check reports, the finding that comes of one, and the bulletin."""

from io import BytesIO
from pathlib import Path
from typing import Final

import pikepdf
from playwright.sync_api import FilePayload, Page, expect

from inspections.choices import FindingState
from inspections.models import Finding
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
from tests.browser.month_company import MONTH, PHONE, Scene, Seats

# What the market department adds to the bulletin, what a branch says of it, and the answer.
WRITTEN: Final = {
    "good": "城东分公司把账单讲解做成一张图随账单发出，咨询明显减少。",
    "next_month": "抓好年底前到期合同续约，做到逐户有方案、有责任人、有时间。",
}
SAID: Final = "迟交一项中有一人当时正在补正，建议备注说明。"
ANSWERED: Final = "截止时间以系统收到为准，不作备注。"


def _here() -> str:
    return f"/bulletins/{Bulletin.objects.get().pk}/"


def look_before_the_end(scene: Scene) -> None:
    """20:00 on the last working day: the provisional report, by the clock."""
    scene.clock.put("2026-11-30 20:00:05")
    scene.worker()
    page = scene.seats.open(scene.writer, f"/spot-checks/{MONTH}/{scene.branch.pk}/")
    expect(page.locator("main")).to_contain_text("暂计")
    scene.seats.check(page, "spot check")


def find(scene: Scene) -> None:
    """Noon of the second working day: the report is frozen, a fault becomes a finding."""
    scene.clock.put("2026-12-02 12:00:05")
    scene.worker()
    path = f"/spot-checks/{MONTH}/{scene.branch.pk}/"
    page = scene.seats.open(scene.writer, path)
    expect(page.locator("main")).to_contain_text("定稿")
    page.locator("#item-punctual").get_by_role("button", name="立为问题").click()
    finding = Finding.objects.get()
    page.goto(path)
    expect(page.locator("#item-punctual")).to_contain_text(finding.number)

    scene.clock.put("2026-12-02 14:10:00")
    page = scene.seats.open(scene.crew.supervisor, f"/findings/{finding.pk}/")
    scene.seats.check(page, "finding")
    page.locator("form[action$='/confirm/'] textarea").fill("属实，已通知本人。")
    page.get_by_role("button", name="确认，去整改").click()
    expect(page.locator("main")).to_contain_text("属实，已通知本人。")
    finding.refresh_from_db()
    assert finding.state == FindingState.CONFIRMED


def draft(scene: Scene) -> None:
    """The fifth working day: drafted by the clock; a text written, the branches asked."""
    scene.clock.put("2026-12-07 08:30:05")
    scene.worker()
    bulletin = Bulletin.objects.get()
    assert (bulletin.month, bulletin.drafted_by) == (MONTH, None)
    scene.clock.put("2026-12-07 10:20:00")
    page = scene.seats.open(scene.writer, _here())
    for offers in page.locator("fieldset.offers").all():
        offers.locator("input[type='checkbox']").first.check()
    for part, text in WRITTEN.items():
        page.locator(f"#field-texts-{part}").fill(text)
    scene.seats.check(page, "bulletin, written")
    page.get_by_role("button", name="征求意见").click()
    expect(page.get_by_role("button", name="提请批准")).to_be_visible()

    scene.clock.put("2026-12-08 10:00:00")
    phone = scene.seats.open(scene.crew.supervisor, _here(), width=PHONE)
    phone.get_by_label("对草稿的意见").fill(SAID)
    phone.get_by_role("button", name="提交意见").click()
    expect(phone.locator("#comments")).to_contain_text(SAID)
    scene.seats.check(phone, "bulletin, commented")
    other = scene.company.staff.crews[1]
    page = scene.seats.open(other.gm, _here())
    page.get_by_role("button", name="没有意见").click()
    expect(page.locator("#comments")).to_contain_text("没有意见")
    page = scene.seats.open(scene.writer, _here())
    page.get_by_label("答复：改了什么，或为什么不改").fill(ANSWERED)
    page.get_by_role("button", name="答复", exact=True).click()
    expect(page.locator("#comments")).to_contain_text(ANSWERED)


def publish(scene: Scene) -> None:
    """Proposed by one, approved and published by another, signed for by the branch."""
    scene.clock.put("2026-12-14 09:15:00")
    page = scene.seats.open(scene.writer, _here())
    expect(page.locator("#before")).to_contain_text("考核表")
    page.get_by_role("button", name="重新取数").click()
    expect(page.locator("main")).to_contain_text("重新取数后有变")
    expect(page.locator("#before")).to_have_count(0)
    page.get_by_role("button", name="提请批准").click()
    expect(page.locator("main")).to_contain_text("等另一人批准")
    scene.clock.put("2026-12-14 10:05:00")
    page = scene.seats.open(scene.second, _here())
    scene.seats.check(page, "bulletin, to approve")
    page.get_by_role("button", name="批准并发布").click()
    expect(page.locator("h1")).to_contain_text("〔2026〕1号")
    scene.worker()
    scene.clock.put("2026-12-14 13:50:00")
    page = scene.seats.open(scene.crew.gm, _here())
    page.get_by_role("button", name="签收").click()
    expect(page.locator("#signing")).to_contain_text("已签收")
    scene.seats.check(page, "bulletin, published")


def take_away(scene: Scene, folder: Path) -> tuple[Read, bytes]:
    """The general manager's copies, stamped by the worker, say what the page says.

    What the page says, and the copy on paper.
    """
    page = scene.seats.open(scene.crew.gm, _here())
    read = read_page(page)
    assert set(WRITTEN.values()) <= set(read.paragraphs)
    assert read.charts
    _check_workbook(_copy(scene, page, "XLSX"), read, folder)
    paper = _copy(scene, page, "PDF")
    _check_paper(paper, read)
    with pikepdf.open(BytesIO(paper)) as pdf:
        assert f"下载：{scene.crew.gm.name}" in str(pdf.docinfo["/Copy"])
    return read, paper


def _copy(scene: Scene, page: Page, kind: str) -> bytes:
    page.goto("/downloads/")
    scene.seats.check(page, "downloads")
    edition = page.locator("main li", has_text=scene.branch.name)
    edition.get_by_role("button", name=kind).click()
    scene.worker()
    expect(page.locator("a[download]")).to_be_visible(timeout=20_000)
    scene.seats.check(page, "download")
    with page.expect_download() as taken:
        page.locator("a[download]").click()
    return Path(taken.value.path()).read_bytes()


def verify(page: Page, seats: Seats, read: Read, paper: bytes) -> None:
    """Whoever holds the paper asks without signing in: by its code, by the file."""
    page.goto("/verify/")
    page.get_by_label("验证码").fill(read.code)
    page.get_by_role("button", name="查验证码").click()
    genuine = page.get_by_role("heading", level=1, name="这是正式发布的文件")
    expect(genuine).to_be_visible()
    expect(page.locator("body")).to_contain_text(read.number)
    seats.check(page, "verification")
    file: FilePayload = {"name": "通报.pdf", "mimeType": "application/pdf", "buffer": paper}
    page.goto("/verify/")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="查文件").click()
    expect(genuine).to_be_visible()


def _check_workbook(content: bytes, read: Read, folder: Path) -> None:
    """Cell by cell, as a spreadsheet shows them; every paragraph."""
    sheets = shown_by_libreoffice(content, folder)
    for table in read.tables:
        assert table_of(sheets, table) == table
    assert paragraphs_of(sheets) == read.paragraphs


def _check_paper(content: bytes, read: Read) -> None:
    """Cell by cell too, in the order of the page; every paragraph, every name of a figure."""
    printed = paper_tables(content)
    wanted = [without_blanks(table.rows) for table in read.tables]
    assert [rows for rows in printed if rows in wanted] == wanted
    text = paper_text(content)
    said = [read.number, read.title, read.code, *read.paragraphs, *read.charts]
    said += [table.caption for table in read.tables]
    for one in said:
        assert bare(one) in text

"""From a branch network's own files to the archived company week, in a real browser.

Thursday: the files go in. Friday: a manager logs and files on the phone or at a desk; 17:30
passes; the supervisor rolls up; the office archives; the workbooks are opened by LibreOffice.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import call_command
from playwright.sync_api import Page, expect

from core.files import content_of
from core.models import StoredFile
from organization.models import Branch, Person
from tests.browser.conftest import WIDTHS, RunningClock, axe_violations
from tests.domain.libreoffice import grid, saved_by_libreoffice
from worklogs.letters import rollup_body
from worklogs.models import Consolidation, RollUpVersion, ServiceLog, SummaryVersion

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DATA = Path(__file__).resolve().parents[1] / "data"
OWN_PASSWORD = "Jade-Bridge-27"
FILES = (
    ("branches", "机构清单.xlsx", "写入 7 行"),
    ("staff", "员工花名册.xlsx", "写入 74 行"),
    ("groups", "集团客户清单.xlsx", "写入 1,801 行"),
    ("persons", "个人大客户.xlsx", "写入 2,700 行"),
)
TEXTS = {
    "response": "云桌面推介 2 户，1 户考虑。",
    "needs": "华信要把专线提到 500M。",
    "behaviour": "两户流量下降，搬迁停产。",
    "problems": "故障单答复慢。",
    "competitors": "友商半价推专线。",
    "conclusions": "专线稳定性是本周的共同关切。",
    "suggestions": "备用光路改为自动切换。",
}


def sign_in(page: Page, number: str, password: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("工号").fill(number)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def first_sign_in(page: Page, number: str, password: str) -> None:
    """With a one-time password nothing opens but the form for an own one."""
    sign_in(page, number, password)
    page.goto("/customers/")
    expect(page.get_by_role("heading", level=1)).to_have_text("先设一个自己的密码")
    page.get_by_label("现在的密码").fill(password)
    page.get_by_label("新密码", exact=True).fill(OWN_PASSWORD)
    page.get_by_label("再写一遍新密码").fill(OWN_PASSWORD)
    page.get_by_role("button", name="保存新密码").click()
    page.wait_for_url(re.compile(r"/$"))


def import_file(page: Page, table: str, name: str, write: str, worker: Callable[[], None]) -> None:
    page.goto("/import/")
    page.get_by_label("导入什么").select_option(table)
    page.get_by_label("文件").set_input_files(DATA / name)
    page.get_by_role("button", name="上传并预览").click()
    worker()
    page.get_by_role("button", name=write).click(timeout=30_000)
    worker()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已写入", timeout=60_000)


def one_time_password(page: Page, number: str) -> str:
    """The security administrator draws a one-time password for somebody."""
    person = Person.objects.get(job_number=number)
    page.goto(f"/people/{person.pk}/")
    page.get_by_role("button", name="重置密码").click()
    return page.locator("code.secret").inner_text()


def log_a_service(page: Page, content: str, *, search: str = "") -> int:
    """From home to home; how many taps it took (the text is typed, not tapped)."""
    taps = 0

    def tap(name: str, role: str = "radio") -> None:
        nonlocal taps
        if role == "radio":
            page.locator("label.choice", has_text=name).first.click()
        else:
            page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]
        taps += 1

    page.goto("/")
    tap("记一笔服务", "link")
    customers = page.locator("#log-customer label.choice")
    if search:
        page.wait_for_load_state("load")
        page.get_by_label("名称、拼音或手机尾号").fill(search)
        expect(customers).to_have_count(1)
    customers.first.click()
    taps += 1
    expect(page.locator("#log-customer")).to_contain_text("更换")
    tap("主动")
    tap("电话")
    tap("例行拜访")
    page.get_by_role("textbox", name="内容").fill(content)
    tap("保存", "button")
    expect(page.get_by_role("region", name="提示")).to_contain_text("已记，按时")
    return taps


def assert_mailed(sent: RollUpVersion) -> None:
    """Everybody in charge got one mail: the frozen words, and the very workbook archived."""
    assert sent.file is not None
    mailed = [one for one in mail.outbox if "第 48 周汇总" in one.subject]
    office = Person.objects.filter(grants__role="group_office").order_by("email")
    addresses = [person.email for person in office]
    assert addresses
    assert sorted(to for one in mailed for to in one.recipients()) == addresses
    for one in mailed:
        assert isinstance(one, EmailMessage)
        assert one.subject == "城区分公司 2026 年第 48 周汇总"
        assert one.body == rollup_body(sent)
        assert "未交的周一晨会说明。" in one.body
        assert "HZ-B001-2026-W48-1" in one.body
        [(name, content, _kind)] = one.attachments
        assert (name, content) == (sent.file.name, content_of(sent.file))


@pytest.mark.parametrize("width", WIDTHS)
def test_from_the_files_to_the_company_week(
    width: int,
    page_of: Callable[..., Page],
    worker: Callable[[], None],
    story: RunningClock,
    tmp_path: Path,
) -> None:
    # Thursday: two administrators found the company and bring the files in.
    story.put("2026-11-26 09:00:00")
    out = StringIO()
    call_command(
        "found_company", sysadmin=["900001", "马骏"], secadmin=["900002", "宋琪"], stdout=out
    )
    passwords = {line.split()[0]: line.split()[-1] for line in out.getvalue().splitlines()}
    system, security = page_of(width=1440), page_of(width=1440)
    first_sign_in(system, "900001", passwords["sysadmin"])
    first_sign_in(security, "900002", passwords["secadmin"])
    for table, name, write in FILES:
        import_file(system, table, name, write, worker)
    branch = Branch.objects.get(name="城区分公司")

    # Friday afternoon: a manager logs two services and files the summary.
    story.put("2026-11-27 15:12:00")
    sign_in(security, "900002", OWN_PASSWORD)  # yesterday's session has ended
    manager = page_of(width=width)
    first_sign_in(manager, "001018", one_time_password(security, "001018"))
    customer = Person.objects.get(job_number="001018").customers.filter(kind="group").first()
    assert customer is not None
    log_a_service(manager, "回访专线，客户问能否提速。", search=customer.name)
    assert log_a_service(manager, "确认了提速报价。") <= 6
    assert ServiceLog.objects.count() == 2
    assert axe_violations(manager) == []

    story.put("2026-11-27 17:12:00")
    manager.goto("/weeks/2026-W48/")
    expect(manager.get_by_label("营销方案响应")).to_be_visible()
    manager.get_by_role("button", name="提交周报").click()
    summary_box = manager.locator("section.errors")
    expect(summary_box).to_be_focused()
    expect(summary_box).to_contain_text("有 8 处要改")
    for part, text in TEXTS.items():
        manager.locator(f"textarea[name='t_{part}']").fill(text)
    nothing = manager.locator(".text-part", has_text="需协调事项").get_by_label("本周无")
    nothing.press("Space")
    expect(nothing).to_be_checked()
    expect(manager.locator("[data-saved]:visible").first).to_contain_text("已保存 17:1")
    manager.get_by_role("button", name="提交周报").click()
    expect(manager.locator("body")).to_contain_text("B001-2026-W48-001018-1")
    expect(manager.locator("body")).to_contain_text("按时")
    assert axe_violations(manager) == []
    version = SummaryVersion.objects.get()
    assert {part: text for part, text in version.texts.items() if text} == TEXTS
    assert version.figures["calls"]["declared"] == "2"

    # 17:46: the week has closed by the clock; the supervisor rolls up and sends.
    story.put("2026-11-27 17:46:00")
    worker()
    supervisor = page_of(width=width)
    first_sign_in(supervisor, "001011", one_time_password(security, "001011"))
    supervisor.goto("/board/2026-W48/")
    expect(supervisor.get_by_role("heading", level=1)).to_contain_text("还有 8 人未交")
    supervisor.goto("/notices/")
    expect(supervisor.locator("body")).to_contain_text("第 48 周周报已截止，8 人未交")
    supervisor.goto(f"/rollups/2026-W48/{branch.pk}/")
    supervisor.locator("#comment-text").fill("未交的周一晨会说明。")
    expect(supervisor.locator("[data-saved]:visible").first).to_contain_text("已保存 17:4")
    supervisor.get_by_role("button", name="发送汇总").click()
    expect(supervisor.locator("body")).to_contain_text("HZ-B001-2026-W48-1")
    worker()
    supervisor.reload()
    expect(supervisor.locator("#versions")).to_be_visible()
    assert axe_violations(supervisor) == []
    sent = RollUpVersion.objects.get()
    assert sent.file is not None
    assert_mailed(sent)

    # The office receives and archives the company's week.
    office = page_of(width=width)
    first_sign_in(office, "001004", one_time_password(security, "001004"))
    office.goto(f"/rollups/2026-W48/{branch.pk}/versions/1/")
    office.get_by_role("button", name="签收").first.click()
    expect(office.locator("body")).to_contain_text("已签收")
    office.goto("/company/2026-W48/")
    office.get_by_role("button", name="归档 1 家的汇总").click()
    worker()
    office.goto("/company/2026-W48/issues/1/")
    expect(office.locator("body")).to_contain_text("QS-2026-W48-1")
    with office.expect_download() as downloading:
        office.get_by_role("link", name=re.compile("下载工作簿")).click()
    assert axe_violations(office) == []
    issue = Consolidation.objects.get()
    assert issue.file is not None
    downloaded = Path(downloading.value.path()).read_bytes()

    # The workbooks open in LibreOffice, and hold what the pages showed.
    for file, wanted in (
        (sent.file, {"尉迟建", *TEXTS.values(), "未交的周一晨会说明。"}),
        (issue.file, {"城区分公司", *TEXTS.values()}),
    ):
        assert wanted <= _texts_read_twice(file, tmp_path)
    assert downloaded == content_of(issue.file)
    assert story.now() - sent.sent_at < timedelta(minutes=5)


def _texts_read_twice(file: StoredFile, folder: Path) -> set[str]:
    """Every text; LibreOffice must read the same cells, numbers and dates, in their places."""
    content = content_of(file)
    ours = grid(content)
    assert grid(saved_by_libreoffice(content, folder)) == ours
    cells = [cell for rows in ours.values() for row in rows for cell in row]
    assert any(isinstance(cell, int) for cell in cells)
    assert any(isinstance(cell, datetime) for cell in cells)
    return {cell for cell in cells if isinstance(cell, str)}

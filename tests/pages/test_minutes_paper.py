"""Minutes on paper: sign-in sheet and minutes on A4 in our fonts, level, QR codes, disclosed."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pdfplumber
import pytest
from django.test import Client
from django.utils.translation import override

from confidentiality.models import Disclosure
from meetings.minutes_entries import MinutesEntry
from meetings.minutes_papers import draft_version, minutes_paper, minutes_pdf
from meetings.minutes_rules import ActionLine, Item
from meetings.models import Absence, Delegation, Meeting
from meetings.papers import sign_in_pdf
from meetings.queries.minutes import Written, entry_of, written_of
from organization.models import Person
from tests.cast import NOON, Cast, at
from tests.conftest import StoryClock
from tests.domain.minuted import held
from tests.domain.test_minutes import approved, entry, submitted
from tests.domain.test_papers import OUR_FONTS, fonts

URL = "https://bihuan.example.com/meetings/1/scans/add/?part="
Browser = Callable[[Person], Client]


def found(cast: Cast, meeting: Meeting, who: str = "周建平") -> Written:
    return written_of(cast.actor(who, on=NOON), meeting.pk, NOON)


def paper_of(cast: Cast, meeting: Meeting) -> Any:
    standing = found(cast, meeting)
    assert standing.latest is not None
    return minutes_paper(
        standing, standing.latest, url=f"{URL}minutes", sign_in_url=f"{URL}sign_in"
    )


def pdf_of(cast: Cast, meeting: Meeting) -> Any:
    standing = found(cast, meeting)
    assert standing.latest is not None
    content = minutes_pdf(
        standing, standing.latest, url=f"{URL}minutes", sign_in_url=f"{URL}sign_in"
    )
    return pdfplumber.open(BytesIO(content))


def text_of(document: Any) -> str:
    return re.sub(r"\s", "", "".join(page.extract_text() for page in document.pages))


@pytest.fixture
def delegated(cast: Cast) -> Meeting:
    """A weekly meeting that 何俊峰 held for 周建平; 陈嘉怡 had given notice."""
    meeting = held(cast, "weekly", chair="何俊峰", presence={"陈嘉怡": "excused"})
    Meeting.objects.filter(pk=meeting.pk).update(acts_for=cast["周建平"])
    Delegation.objects.create(
        meeting=meeting,
        delegate=cast["何俊峰"],
        given_by=cast["周建平"],
        given_at=at("2026-11-22 18:00:00"),
        reason="出差",
    )
    Absence.objects.create(
        meeting=meeting,
        person=cast["陈嘉怡"],
        reason="体检",
        given_at=at("2026-11-22 20:10:00"),
        is_in_time=True,
        updated_at=NOON,
    )
    submitted(cast, meeting, drawn(cast))
    return meeting


def drawn(cast: Cast) -> MinutesEntry:
    """The rows of picture D with the people of the cast."""
    chen, ho, lin = cast["陈嘉怡"].pk, cast["何俊峰"].pk, cast["林晓岚"].pk
    return entry(
        cast,
        items=(
            Item("i1", "document", "年末集团合同续签通知", "何俊峰", "逐条讲解", "12 月 10 日前"),
            Item("i2", "report", "第 45 周拜访计划", "各客户经理", "3 户改期", "本周内补访"),
            Item("i3", "difficulty", "专线报价口径", "周建平", "审批路径", "用 11 月版报价单"),
            Item("i4", "information", "高教园竞争动态", "林晓岚", "首年半价", "提交分析会"),
        ),
        actions=(
            ActionLine("a1", "A 类客户续签摸底表", chen, "2026-11-30", "纸质＋系统"),
            ActionLine("a2", "三户改期客户补访", ho, "2026-11-27", "服务日志", helpers=(lin,)),
            ActionLine("a3", "高教园应对建议一页", lin, "2026-11-24", "系统附件"),
        ),
    )


def test_both_parts_stand_on_one_page_in_our_fonts(cast: Cast, delegated: Meeting) -> None:
    document = pdf_of(cast, delegated)
    [page] = document.pages
    assert (round(page.width), round(page.height)) == (595, 842)
    assert {char["fontname"].partition("+")[2] for char in page.chars} == OUR_FONTS
    right = max(char["x1"] for char in page.chars)
    assert right <= page.width - 16 / 25.4 * 72 + 1


def test_the_sign_in_sheet_alone_is_in_our_fonts(delegated: Meeting) -> None:
    _name, content, _people = sign_in_pdf(delegated, url=URL)
    assert fonts(content) == OUR_FONTS


def test_all_of_picture_d_stands_on_it(cast: Cast, delegated: Meeting) -> None:
    document = pdf_of(cast, delegated)
    text = text_of(document)
    for part in (
        "会议签到表",
        "会议：每周例会（第48周）",
        "时间：2026年11月23日（周一）08:30—09:00",
        "地点：城东分公司",
        "应到3人",
        "实到2人",
        "请假1人",
        "记录人：林晓岚",
        "会议纪要",
        "编号：HY-20261123-CD-W48",
        "密级：内部",
        "主持：何俊峰（受周建平委托）",
        "实际时间08:31—08:58",
        "同时履行每周例会（M2）",
        "缺席陈嘉怡（请假，11月22日申请）",
        "主持人：",
        "审批：",
        "日期：",
        "第1页共1页",
        "会议HY-20261123-CD-W48",
        "系统生成，签字后归档",
    ):
        assert part in text, part
    tables = document.pages[0].extract_tables()
    cells = [[re.sub(r"\s", "", cell or "") for cell in row] for table in tables for row in table]
    rows = [[cell for cell in row if cell] for row in cells]
    for row in (
        ["序", "姓名", "签名", "时间", "备注"] * 2,
        ["序", "类型", "发言人", "讨论要点", "结论"],
        ["1", "文件传达", "何俊峰", "年末集团合同续签通知：逐条讲解", "12月10日前"],
        ["2", "工作汇报", "各客户经理", "第45周拜访计划：3户改期", "本周内补访"],
        ["3", "难点解释", "周建平", "专线报价口径：审批路径", "用11月版报价单"],
        ["4", "信息汇总", "林晓岚", "高教园竞争动态：首年半价", "提交分析会"],
        ["序", "待办事项", "责任人", "期限", "完成凭证"],
        ["1", "A类客户续签摸底表", "陈嘉怡", "11月30日", "纸质＋系统"],
        ["2", "三户改期客户补访", "何俊峰、林晓岚", "11月27日", "服务日志"],
        ["3", "高教园应对建议一页", "林晓岚", "11月24日", "系统附件"],
    ):
        assert row in rows, (row, rows)


def test_signatures_bear_name_and_moment_once_they_are_given(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    submitted(cast, meeting)
    paper = paper_of(cast, meeting)
    assert [(one.label, one.name) for one in paper.signatures] == [
        ("记录人", "林晓岚"),
        ("主持人", ""),
        ("审批", ""),
        ("日期", ""),
    ]
    assert not paper.is_standing
    assert "未批准" in text_of(pdf_of(cast, meeting))
    approved(cast, meeting)
    paper = paper_of(cast, meeting)
    assert [(one.name, one.at) for one in paper.signatures[:3]] == [
        ("林晓岚", at("2026-11-23 10:00:00")),
        ("周建平", None),
        ("周建平", at("2026-11-23 11:00:00")),
    ]
    assert "未批准" not in text_of(pdf_of(cast, meeting))


def test_long_minutes_run_over_pages_with_their_heads(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    items = tuple(
        Item(f"i{n}", "report", f"第 {n} 个客户", "林晓岚", "情况说明" * 40, "结论" * 30)
        for n in range(12)
    )
    submitted(cast, meeting, entry(cast, items=items))
    document = pdf_of(cast, meeting)
    assert len(document.pages) > 1
    last = re.sub(r"\s", "", document.pages[-1].extract_text())
    assert "记录人：" in last


def test_a_combined_sitting_says_what_it_discharges(cast: Cast) -> None:
    weekly = held(cast, "weekly", "2026-W49", chair="赵国梁")
    analysis = held(cast, "analysis", "2026-12", chair="赵国梁")
    Meeting.objects.filter(pk=analysis.pk).update(sitting=weekly)
    submitted(cast, weekly, entry(cast, actions=()), "2026-11-30 10:00:00")
    assert paper_of(cast, weekly).discharges == "每周例会（M2）、分析会（A1）"


def test_markup_in_a_text_is_printed_as_it_is(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    item = Item("i1", "report", "<b>x</b> & 祎", "林晓岚", "=1+1", "{{ x }}")
    submitted(cast, meeting, entry(cast, items=(item,), actions=()))
    text = text_of(pdf_of(cast, meeting))
    assert "<b>x</b>&祎：=1+1" in text
    assert "{{x}}" in text


def test_the_draft_is_previewed_and_nothing_is_stored(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    standing = found(cast, meeting, "林晓岚")
    version = draft_version(standing, entry(cast, actions=(ActionLine("a1", "没有期限"),)))
    paper = minutes_paper(standing, version, url=URL, sign_in_url=URL)
    assert (paper.version, [one.due for one in paper.actions]) == (1, [""])
    assert entry_of(found(cast, meeting, "林晓岚")).items[0].kind == "report"


def test_english_fits_on_one_page_too(cast: Cast, delegated: Meeting) -> None:
    with override("en"):
        document = pdf_of(cast, delegated)
    [page] = document.pages
    assert max(char["x1"] for char in page.chars) <= page.width - 16 / 25.4 * 72 + 1


# At the door


@pytest.fixture
def minuted(cast: Cast, clock: StoryClock) -> Meeting:
    meeting = held(cast, "weekly")
    submitted(cast, meeting, entry(cast, level=3))
    approved(cast, meeting)
    return meeting


def test_handing_it_out_is_written_down_with_its_level(
    cast: Cast, minuted: Meeting, browser_of: Browser
) -> None:
    answer = browser_of(cast["周建平"]).get(f"/meetings/{minuted.pk}/minutes.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    row = Disclosure.objects.get()
    assert (row.name, row.level, row.rows, row.person) == (
        "HY-20261123-CD-W48.pdf",
        3,
        2,
        cast["周建平"],
    )


def test_a_secret_paper_is_not_handed_to_a_manager_nor_to_another_branch(
    cast: Cast, minuted: Meeting, browser_of: Browser
) -> None:
    address = f"/meetings/{minuted.pk}/minutes.pdf"
    assert browser_of(cast["陈嘉怡"]).get(address).status_code == 403
    assert browser_of(cast["郑秋实"]).get(address).status_code == 404
    assert not Disclosure.objects.exists()
    # The recorder has it signed.
    assert browser_of(cast["林晓岚"]).get(address).status_code == 200


def test_without_minutes_there_is_no_paper_and_the_draft_is_the_recorders(
    cast: Cast, clock: StoryClock, browser_of: Browser
) -> None:
    meeting = held(cast, "weekly")
    address = f"/meetings/{meeting.pk}/minutes.pdf"
    assert browser_of(cast["周建平"]).get(address).status_code == 404
    assert browser_of(cast["周建平"]).get(f"{address}?draft=1").status_code == 404
    assert browser_of(cast["林晓岚"]).get(f"{address}?draft=1").status_code == 200

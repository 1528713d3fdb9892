"""The roll-up's and the company's workbooks, opened by LibreOffice and read cell by cell."""

from pathlib import Path

import pdfplumber
import pytest

from core import canonical
from core.workbooks import layout
from duties.operations import ensure_periods
from tests.cast import Cast, at
from tests.domain.libreoffice import grid, printed_by_libreoffice, saved_by_libreoffice
from tests.domain.week import TEXTS, WEEK, filed, logged, sent
from worklogs.models import Consolidation, RollUpVersion
from worklogs.operations.consolidations import issue_consolidation
from worklogs.workbooks import consolidation_workbook, rollup_workbook

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once,
    pytest.mark.slow,
]

HEADING = "2026年第48周（2026年11月23日至29日）"


@pytest.fixture
def week(cast: Cast) -> Cast:
    """城东: two filed (one late), one missing, one service after the deadline."""
    ensure_periods(WEEK, WEEK)
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-25 10:00:00")
    filed(cast, "林晓岚", "2026-11-27 16:00:00", texts={**TEXTS, "needs": "=1+1 条专线"})
    filed(cast, "陈嘉怡", "2026-11-27 17:38:00", texts={**TEXTS, "needs": ""}, nothing=["needs"])
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-27 19:00:00")
    return cast


def test_the_roll_up_holds_what_was_sent_cell_by_cell(week: Cast, tmp_path: Path) -> None:
    version: RollUpVersion = sent(week, "2026-11-30 09:00:00")
    content = rollup_workbook(version)
    assert content == rollup_workbook(RollUpVersion.objects.get(pk=version.pk))
    sheets = grid(content)
    assert grid(saved_by_libreoffice(content, tmp_path)) == sheets
    assert list(sheets) == ["概况", "人员", "数据合计", "需求与问题", "补充"]
    for rows in sheets.values():
        assert rows[:2] == [["城东分公司周汇总"], [HEADING]]

    facts = {row[0]: row[1] if len(row) > 1 else None for row in sheets["概况"][3:]}
    assert facts == {
        "分公司": "城东分公司（CD）",
        "周次": HEADING,
        "档案号": "HZ-CD-2026-W48-1",
        "密级": "内部",
        "内容校验（SHA-256）": version.digest,
        "周报截止": "2026-11-27 17:30:00",
        "数据截至": "2026-11-30 09:00:00",
        "发送人": "周建平",
        "发送时间": "2026-11-30 09:00:00 按时",
        "应交": "3 人",
        "已交": "1 人",
        "迟交": "1 人",
        "退回": "0 人",
        "未交": "1 人",
        "未交人员": "何俊峰",
        "交后和截止后补充": "1 笔",
        "主管评语": None,
    }
    people = {row[1]: row for row in sheets["人员"][3:-1]}
    assert people["陈嘉怡"][:6] == [
        "200005", "陈嘉怡", "迟交", at("2026-11-27 17:38:00").replace(tzinfo=None), 8, 1,
    ]  # fmt: skip
    assert people["何俊峰"][:8] == ["200006", "何俊峰", "未交", None, 0, None, None, 0]
    assert people["林晓岚"][8:] == [0, 0, 0, 0, 1, 1, 0, 0, 0, 0]
    assert sheets["人员"][-1][0] == "合计"
    totals = {row[0]: row[1:] for row in sheets["数据合计"][3:]}
    assert totals["电话与短信"] == ["次", 1, 1, 0]
    needs = [row for row in sheets["需求与问题"] if row[0] == "主动服务需求"]
    assert needs == [["主动服务需求", "林晓岚", "=1+1 条专线"]]  # text for ever
    assert sheets["补充"][3:5] == [["林晓岚", 1], ["合计", 1]]


def test_the_company_week_holds_every_branch_cell_by_cell(week: Cast, tmp_path: Path) -> None:
    sent(week, "2026-11-30 09:00:00")
    moment = at("2026-12-07 09:00:00")
    issue: Consolidation = issue_consolidation(
        week=WEEK,
        comment="城西未报，已催。",
        expected_number=0,
        actor=week.actor("孙岚", on=moment),
        at=moment,
    )
    content = consolidation_workbook(issue)
    sheets = grid(content)
    assert grid(saved_by_libreoffice(content, tmp_path)) == sheets
    assert list(sheets) == ["概况", "分公司", "数据合计", "需求与问题"]
    facts = {row[0]: row[1] if len(row) > 1 else None for row in sheets["概况"][3:]}
    assert (facts["分公司"], facts["未报分公司"], facts["未交"]) == ("2 家", "城西分公司", "2 人")
    assert facts["集团客户室评语"] == "城西未报，已催。"
    assert facts["内容校验（SHA-256）"] == issue.digest
    branches = {row[1]: row for row in sheets["分公司"][3:-1]}
    assert branches["城东分公司"] == [
        "CD", "城东分公司", 3, 1, 1, 0, 1, "已报",
        at("2026-11-30 09:00:00").replace(tzinfo=None), 0, "HZ-CD-2026-W48-1", 1,
    ]  # fmt: skip
    assert branches["城西分公司"][:8] == ["CX", "城西分公司", 1, 0, 0, 0, 1, "未报"]
    assert sheets["分公司"][-1][:7] == ["合计", None, 4, 1, 1, 0, 2]
    assert ["主动服务需求", "城东分公司", "林晓岚", "=1+1 条专线"] in sheets["需求与问题"]


def test_the_bytes_follow_from_the_content_alone(week: Cast) -> None:
    version = sent(week, "2026-11-30 09:00:00")
    before = rollup_workbook(version)
    filed(week, "何俊峰", "2026-11-30 09:20:00")
    again = RollUpVersion.objects.get(pk=version.pk)
    assert canonical.canonical_json(again.content) == canonical.canonical_json(version.content)
    assert rollup_workbook(again) == before


def test_a_printed_week_is_read_without_a_glass(week: Cast, tmp_path: Path) -> None:
    """A4, one page wide, nothing cut, at least 9 points, the head again on every page."""
    long = "".join(f"K{n:03}，恒信物流要求专线提速到 1G，已报资源核查。" for n in range(130))
    filed(week, "何俊峰", "2026-11-30 08:00:00", texts={**TEXTS, "needs": long})
    content = rollup_workbook(sent(week, "2026-11-30 09:00:00"))
    (tmp_path / "print.pdf").write_bytes(printed_by_libreoffice(content, tmp_path))
    with pdfplumber.open(tmp_path / "print.pdf") as pdf:
        assert {tuple(sorted((round(page.width), round(page.height)))) for page in pdf.pages} == {
            (595, 842)
        }
        assert min(sign["size"] for page in pdf.pages for sign in page.chars) >= layout.READABLE
        texts = [page.extract_text().replace("\n", "") for page in pdf.pages]
    whole = "".join(texts)
    assert [n for n in range(130) if f"K{n:03}" not in whole] == []
    written = [text for text in texts if "主动服务需求" in text]
    assert len(written) > 1
    assert all("类别 客户经理 内容" in text for text in written)

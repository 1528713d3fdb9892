"""The score sheet as files: A4 in one page with lines to sign, workbooks of one and of a month."""

from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pdfplumber
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from confidentiality.models import Disclosure
from core.workbooks import open_table
from kpi.papers import score_paper, score_pdf
from kpi.queries.sheet_views import SheetView, sheet_view
from kpi.workbooks import sheet_workbook, table_workbook
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.libreoffice import grid, saved_by_libreoffice
from tests.domain.scores import (
    NOVEMBER,
    SHEETS,
    lines_of,
    sheet_of,
    version_of,
)

pytestmark = pytest.mark.once

URL: Final = "https://bihuan.example.com/scores/2026-11/4/"
MM: Final = 72 / 25.4


@pytest.fixture
def scored(scored_november: Cast, clock: StoryClock) -> Cast:
    """November computed; 林晓岚 has 91.88 points."""
    clock.moment = SHEETS
    return scored_november


def seen(cast: Cast, who: str = "周建平", whose: str = "林晓岚", **more: Any) -> SheetView:
    return sheet_view(cast.actor(who, on=SHEETS), NOVEMBER, cast[whose].pk, SHEETS, **more)


def opened(content: bytes) -> Any:
    return pdfplumber.open(BytesIO(content))


def text_of(content: bytes) -> str:
    with opened(content) as pdf:
        return "".join("".join(char["text"] for page in pdf.pages for char in page.chars).split())


def test_the_sheet_is_one_page_in_our_fonts_within_its_margins(scored: Cast) -> None:
    for language in ("zh-hans", "en"):
        with override(language), opened(score_pdf(seen(scored), url=URL)) as pdf:
            [page] = pdf.pages
            ink = [char for char in page.chars if char["text"].strip()]
            assert {char["fontname"].partition("+")[2] for char in ink} <= {
                "Noto-Serif-CJK-SC",
                "Noto-Serif-CJK-SC-Bold",
                "Noto-Sans-CJK-SC",
            }
            assert min(char["x0"] for char in ink) >= 20 * MM - 0.5
            assert max(char["x1"] for char in ink) <= (210 - 16) * MM + 0.5
            assert max(char["bottom"] for char in ink) <= (297 - 5) * MM


def test_every_line_stands_on_it_with_its_numbers_and_points(scored: Cast) -> None:
    text = text_of(score_pdf(seen(scored), url=URL))
    version = version_of(scored, "林晓岚")
    for code, line in lines_of(version).items():
        if line["formula"]["kind"] != "CASE":
            assert code in text
    for words in (
        "客户经理考核表",
        "密级：内部",
        "姓名：林晓岚（工号200004）",
        "考核月份：2026年11月",
        "180/200件（未复核）90.0%36.00",
        "88分，目标90分（未复核）—19.00",
        "3/4份75.0%3.00",
        "集团产品挽留A类客户×1+3.00",
        "总分36.00+19.00+33.88+3.00优秀91.88",
        "考核表KH-202611-200004第1版",
        "第1页共1页",
        version.digest[:16],
        "分值摊入本组其余项目",
    ):
        assert "".join(words.split()) in text, words
    # Of bonus and penalty only what happened.
    assert "D1" not in text


def test_who_signed_electronically_stands_on_the_line(scored: Cast) -> None:
    assert [one.name for one in score_paper(seen(scored), url=URL).signatures] == ["", "", ""]
    sheet = sheet_of(scored, "林晓岚")
    sheet.confirmed_at = at("2026-12-04 10:00:00")
    sheet.supervised_at, sheet.supervised_by = at("2026-12-05 11:30:00"), scored["周建平"]
    sheet.supervisor_opinion = "同意。"
    sheet.save()
    text = text_of(score_pdf(seen(scored), url=URL))
    assert "■确认" in text
    assert "同意。" in text
    assert "日期：2026-12-0410:00日期：2026-12-0511:30日期：" in text


def test_somebody_who_is_not_rated_has_a_sheet_that_says_why(scored: Cast) -> None:
    view = seen(scored, whose="陈嘉怡")
    paper = score_paper(view, url=URL)
    if view.total is None:
        assert (paper.total, paper.band) == ("—", "不评")
        assert any(note.startswith("本月不评：") for note in paper.notes)
    assert len(paper.groups[-1].lines) == 1
    assert paper.groups[-1].lines[0].name == "没有发生"


def test_what_does_not_apply_and_what_was_adjusted_are_said(scored: Cast) -> None:
    view = seen(scored)
    adjusted: Any = view.lines["P3c"].line
    adjusted["adjusted"] = {"why": "机房记录为证", "by": "赵国梁", "at": ""}
    quiet = {line.code for line in view.lines.values() if line.score is None and line.weight}
    assert quiet
    for language, word, note in (
        ("zh-hans", "不适用", "P3c 已调整：机房记录为证"),
        ("en", "n/a", "P3c adjusted: 机房记录为证"),
    ):
        with override(language):
            paper = score_paper(view, url=URL)
        lines = [line for group in paper.groups for line in group.lines if line.code in quiet]
        assert {line.rate for line in lines} == {word}
        assert note in paper.notes


def test_the_same_version_gives_the_same_bytes(scored: Cast) -> None:
    assert score_pdf(seen(scored), url=URL) == score_pdf(seen(scored), url=URL)


# Workbooks


def sheets_of(content: bytes) -> dict[str, list[list[Any]]]:
    return {
        sheet.name: [list(row) for row in sheet.rows]
        for sheet in open_table(content, "x.xlsx").sheets
    }


def test_the_workbook_of_a_sheet_equals_its_content_line_by_line(scored: Cast) -> None:
    made = sheet_workbook(seen(scored), url=URL)
    assert made.name == "KH-202611-200004_1"
    sheets = sheets_of(made.content)
    assert list(sheets) == ["考核表", "说明"]
    head = next(n for n, row in enumerate(sheets["考核表"]) if row[0] == "类别")
    rows = {row[1]: row for row in sheets["考核表"][head + 1 :] if row[1]}
    lines = lines_of(version_of(scored, "林晓岚"))
    assert set(rows) == set(lines)
    for code, line in lines.items():
        for place, key in ((4, "effective"), (7, "rate"), (8, "score"), (9, "lost")):
            wanted = None if line[key] is None else Decimal(line[key])
            found = rows[code][place]
            assert (None if found is None else Decimal(str(found))) == wanted, (code, key)
    total = next(row for row in sheets["考核表"] if row[0] == "总分")
    assert Decimal(str(total[8])) == Decimal("91.88")
    facts = {row[0]: row[1] for row in sheets["说明"] if row[0]}
    assert facts["内容摘要（SHA-256）"] == version_of(scored, "林晓岚").digest


def test_the_months_table_holds_all_that_the_reader_sees(scored: Cast) -> None:
    east = table_workbook(scored.actor("周建平", on=SHEETS), NOVEMBER, branch=scored.east)
    assert (east.name, east.rows) == ("城东分公司_2026-11_考核得分", 3)
    sheets = sheets_of(east.content)
    assert list(sheets) == ["得分", "各项得分"]
    rows = {row[1]: row for row in sheets["得分"] if row[0] == "城东分公司"}
    assert set(rows) == {"林晓岚", "陈嘉怡", "何俊峰"}
    assert [Decimal(str(one)) for one in rows["林晓岚"][3:8]] == [
        Decimal(one) for one in ("36.00", "19.00", "33.88", "3.00", "91.88")
    ]
    company = table_workbook(scored.actor("韩静", on=SHEETS), NOVEMBER)
    assert list(sheets_of(company.content)) == ["得分", "各项得分", "分公司"]
    assert company.rows == 4


def test_the_table_is_filtered_as_on_the_page(scored: Cast) -> None:
    actor = scored.actor("周建平", on=SHEETS)
    assert table_workbook(actor, NOVEMBER, branch=scored.east, band="excellent").rows == 1
    assert table_workbook(actor, NOVEMBER, branch=scored.east, words="linxiaolan").rows == 1
    assert table_workbook(actor, NOVEMBER, branch=scored.east, state="locked").rows == 0


def test_the_number_of_statements_does_not_grow_with_the_people(scored: Cast) -> None:
    counts = []
    for branch in (scored.west, scored.east):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            table_workbook(scored.actor("韩静", on=SHEETS), NOVEMBER, branch=branch)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_libreoffice_opens_them_without_repair(scored: Cast, tmp_path: Path) -> None:
    for number, made in enumerate(
        (sheet_workbook(seen(scored), url=URL), table_workbook(scored.actor("韩静"), NOVEMBER))
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert grid(saved_by_libreoffice(made.content, folder)) == grid(made.content)


# Doors


def test_files_leave_by_pages_and_are_written_down(scored: Cast, browser_of: Any) -> None:
    browser: Client = browser_of(scored["林晓岚"])
    one = [NOVEMBER, scored["林晓岚"].pk]
    paper = browser.get(reverse("sheet-paper", args=one))
    workbook = browser.get(reverse("sheet-workbook", args=one))
    assert paper["Content-Type"] == "application/pdf"
    assert "KH-202611-200004_1.pdf" in paper["Content-Disposition"]
    assert "spreadsheetml" in workbook["Content-Type"]
    printed = browser.get(reverse("sheet-print", args=one)).content.decode()
    assert '<link rel="stylesheet" href="/static/papers/score.css">' in printed
    assert "style=" not in printed
    assert browser.get(reverse("sheets-workbook", args=[NOVEMBER])).status_code == 403
    other: Client = browser_of(scored["陈嘉怡"])
    assert other.get(reverse("sheet-paper", args=one)).status_code == 404
    leader: Client = browser_of(scored["周建平"])
    table = leader.get(reverse("sheets-workbook", args=[NOVEMBER]))
    assert sheets_of(table.content).keys() == {"得分", "各项得分"}
    rows = Disclosure.objects.order_by("pk").values_list("person__name", "name", "rows")
    assert list(rows) == [
        ("林晓岚", "KH-202611-200004_1.pdf", 1),
        ("林晓岚", "KH-202611-200004_1.xlsx", len(lines_of(version_of(scored, "林晓岚")))),
        ("周建平", "城东分公司_2026-11_考核得分.xlsx", 3),
    ]


def test_a_program_gets_the_same_files(scored: Cast, browser_of: Any) -> None:
    client: Client = browser_of(scored["韩静"])
    one = [NOVEMBER, scored["林晓岚"].pk]
    paper = client.get(reverse("api-score-pdf", args=one))
    page = client.get(reverse("sheet-paper", args=one))
    assert paper.content == page.content
    part = client.get(reverse("api-score-pdf", args=one), headers={"Range": "bytes=0-4"})
    assert (part.status_code, part.content) == (206, b"%PDF-")
    same = client.get(reverse("api-score-version-pdf", args=[*one, 1]))
    assert same.content == paper.content
    workbook = client.get(reverse("api-score-workbook", args=one))
    assert list(sheets_of(workbook.content)) == ["考核表", "说明"]
    company = client.get(reverse("api-scores-workbook", args=[NOVEMBER]))
    assert list(sheets_of(company.content)) == ["得分", "各项得分", "分公司"]
    east = client.get(
        reverse("api-scores-branch-workbook", args=[NOVEMBER, scored.east.pk]),
        {"state": "computed"},
    )
    assert list(sheets_of(east.content)) == ["得分", "各项得分"]

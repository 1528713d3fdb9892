"""The weekly summary on paper: our fonts alone, one A4 page, nothing outside its margins."""

import ast
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from django.conf import settings
from django.template import engines
from django.utils.translation import override

from core import papers
from core.calendar import Calendar
from core.marked_days import days_marked
from core.papers import is_one_page, render_pdf
from core.pdf import KEPT, FetchRefused, pdf_of
from core.templatetags.papers import squeezed
from tests.cast import DEADLINE, Cast, at
from worklogs.choices import TextPart
from worklogs.figures import figures
from worklogs.models import Summary, SummaryVersion
from worklogs.papers import TEMPLATE, summary_paper, summary_pdf

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent.parent
MM = 72 / 25.4
OUR_FONTS = {"Noto-Serif-CJK-SC", "Noto-Serif-CJK-SC-Bold", "Noto-Sans-CJK-SC"}
# Who makes a PDF, and the test that looks at the fonts in it.
PAPERS = {
    "kpi.papers.score_pdf": (
        "tests/domain/test_score_files.py"
        "::test_the_sheet_is_one_page_in_our_fonts_within_its_margins"
    ),
    "kpi.target_papers.target_pdf": (
        "tests/pages/test_targets.py::test_the_paper_is_in_our_fonts_within_its_margins"
    ),
    "meetings.minutes_papers.minutes_pdf": (
        "tests/pages/test_minutes_paper.py::test_both_parts_stand_on_one_page_in_our_fonts"
    ),
    "meetings.papers.sign_in_pdf": (
        "tests/pages/test_minutes_paper.py::test_the_sign_in_sheet_alone_is_in_our_fonts"
    ),
    "reports.papers.bulletin_pdf": (
        "tests/domain/test_bulletin_papers.py::test_it_is_set_in_our_fonts_alone"
    ),
    "worklogs.papers.summary_pdf": (
        "tests/domain/test_papers.py"
        "::test_the_weekly_summary_is_one_page_in_our_fonts_within_its_margins"
    ),
}
URL = "https://bihuan.example.com/summaries/CD-2026-W48-200004-1/"
WRITTEN = {
    "response": "云专线推介 6 户，接受 2 户、考虑 3 户、拒绝 1 户。",
    "needs": "东方纺织集团要求增加一条备用专线；城东人民医院询问住院部覆盖（含“一卡通”）。",
    "behaviour": "明珠酒店 10 月流量下降 18%，因装修停业一周。",
    "problems": "医院两周内两次反映晚间网速，已报修。",
    "conclusions": "续签意向明确的客户 3 户。",
    "suggestions": "专线报价审批压缩到 1 个工作日。",
    "help": "请网络部于 12 月 2 日前答复医院工单。",
}


def filed(cast: Cast, **changes: Any) -> SummaryVersion:
    """林晓岚's week 48, filed on Friday at 16:42:08 and approved by 周建平."""
    summary = Summary.objects.create(
        manager=cast["林晓岚"],
        branch=cast.east,
        week="2026-W48",
        state="submitted",
        received_at=at("2026-11-27 16:42:08"),
        deadline_at=DEADLINE,
        opinion="同意。医院的工单由我跟进。",
        reviewed_at=at("2026-11-27 17:20:00"),
        reviewed_by=cast["周建平"],
        updated_at=at("2026-11-27 17:20:00"),
    )
    counted = {key: {"value": "4", "declared": "4", "reason": ""} for key in figures()}
    counted["on_site_b"] = {"value": "5", "declared": "6", "reason": "与何俊峰一同上门"}
    values = {
        "summary": summary,
        "number": 1,
        "branch": cast.east,
        "receipt": "CD-2026-W48-200004-1",
        "submitted_at": at("2026-11-27 16:42:08"),
        "filed_by": cast["林晓岚"],
        "figures": counted,
        "texts": WRITTEN,
        "nothing": ["competitors"],
        "log_count": 38,
        "digest": "0" * 64,
    }
    return SummaryVersion.objects.create(**{**values, **changes})


def opened(content: bytes) -> Any:
    return pdfplumber.open(BytesIO(content))


def fonts(content: bytes) -> set[str]:
    """The names of all embedded fonts, without the letters of the subset."""
    with opened(content) as pdf:
        return {char["fontname"].partition("+")[2] for page in pdf.pages for char in page.chars}


def text_of(content: bytes) -> str:
    """All text in the order in which it was written, without blanks."""
    with opened(content) as pdf:
        return "".join(
            "".join("".join(char["text"] for char in page.chars).split()) for page in pdf.pages
        )


def test_the_weekly_summary_is_one_page_in_our_fonts_within_its_margins(cast: Cast) -> None:
    content = summary_pdf(filed(cast), url=URL)
    assert fonts(content) == OUR_FONTS
    with opened(content) as pdf:
        [page] = pdf.pages
        assert (round(page.width / MM, 1), round(page.height / MM, 1)) == (210, 297)
        ink = [char for char in page.chars if char["text"].strip()]
        assert min(char["x0"] for char in ink) >= 20 * MM - 0.5
        assert max(char["x1"] for char in ink) <= (210 - 16) * MM + 0.5
        assert min(char["top"] for char in ink) >= 18 * MM - 0.5
        assert max(char["bottom"] for char in ink) <= (297 - 5) * MM
        assert max(line["x1"] for line in page.lines + page.rects) <= (210 - 16) * MM + 1
    assert pdf.metadata["Title"] == "CD-2026-W48-200004-1 林晓岚"


def test_all_that_was_filed_stands_on_the_paper(cast: Cast) -> None:
    text = text_of(summary_pdf(filed(cast), url=URL))
    wanted = [
        "每周工作进度汇总表",
        "密级：内部",
        "分公司：城东分公司",
        "客户经理：林晓岚（200004）",
        "2026年第48周（2026年11月23日至29日）",
        "回执：CD-2026-W48-200004-1",
        "提交：2026-11-2716:42:08",
        "按时",
        "系统5，申报6。与何俊峰一同上门",
        "≠",
        "5竞争动态本周无",
        "同意。医院的工单由我跟进。",
        "林晓岚11-2716:42",
        "周建平11-2717:20",
        "第1页共1页",
        *WRITTEN.values(),
        *(str(figure.label) for figure in figures().values()),
        *(str(part.label) for part in TextPart),
    ]
    missing = [one for one in wanted if "".join(one.split()) not in text]
    assert missing == []


def test_the_same_version_gives_the_same_bytes(cast: Cast) -> None:
    version = filed(cast)
    assert summary_pdf(version, url=URL) == summary_pdf(version, url=URL)


def test_days_bear_their_marks_whoever_asks_for_the_paper(cast: Cast) -> None:
    summary = filed(cast, submitted_at=at("2026-10-10 16:42:08")).summary  # a make-up Saturday
    summary.reviewed_at = at("2026-10-01 09:20:00")  # National Day
    content = summary_pdf(summary.versions.get(), url=URL)
    text = text_of(content)
    assert "提交：2026-10-10班16:42:08" in text
    assert "林晓岚10-10班16:42" in text
    with opened(content) as pdf:
        [page] = pdf.pages
        assert max(char["x1"] for char in page.chars) <= (210 - 16) * MM + 0.5
    with days_marked(lambda: Calendar({}, frozenset())):
        assert summary_pdf(summary.versions.get(), url=URL) == content


def _makers() -> set[str]:
    """Every function of ours that calls render_pdf."""
    found = set()
    for path in sorted(ROOT.glob("*/**/*.py")):
        place = path.relative_to(ROOT)
        if place.parts[0] in (".venv", "node_modules", "tests"):
            continue
        text = path.read_text(encoding="utf-8")
        if "render_pdf(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(one, ast.Call) and ast.unparse(one.func).endswith("render_pdf")
                for one in ast.walk(node)
            ):
                found.add(".".join((*place.with_suffix("").parts, node.name)))
    return found


def test_the_fonts_of_every_paper_are_looked_at() -> None:
    assert _makers() == set(PAPERS)
    for maker, test in PAPERS.items():
        path, _, name = test.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        [found] = [
            node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name
        ]
        assert "font" in ast.unparse(ast.Module(found.body, [])), maker


def test_a_figure_without_a_source_when_filed_is_absent_and_not_zero(cast: Cast) -> None:
    version = filed(cast)
    del version.figures["complaints"]
    text = text_of(summary_pdf(version, url=URL))
    assert "投诉" not in text
    assert "日志迟填" in text


def test_late_returned_and_filed_for_somebody_are_said(cast: Cast) -> None:
    version = filed(cast, filed_by=cast["周建平"], why_filed_for="住院，电话口述")
    version.summary.minutes_late = 8
    text = text_of(summary_pdf(version, url=URL))
    assert "迟交8分钟" in text
    assert "由周建平代填：住院，电话口述。本人尚未确认。" in text
    assert "林晓岚11-27" not in text  # nobody signs for somebody else
    version.confirmed_at = at("2026-11-30 08:31:00")
    assert "本人11-3008:31确认。" in text_of(summary_pdf(version, url=URL))
    version.summary.state = "returned"
    paper = summary_paper(version, url=URL)
    assert paper.standing == "已退回"


def test_a_long_week_runs_over_pages_with_its_number_on_each(cast: Cast) -> None:
    version = filed(cast, texts=dict.fromkeys(WRITTEN, "本周走访情况较多，逐户说明如下。" * 90))
    content = summary_pdf(version, url=URL)
    with opened(content) as pdf:
        assert len(pdf.pages) > 2
        for number, page in enumerate(pdf.pages, 1):
            text = "".join(page.extract_text().split())
            assert "汇总表CD-2026-W48-200004-1" in text
            assert f"第{number}页共{len(pdf.pages)}页" in text
            ink = [char for char in page.chars if char["text"].strip()]
            assert max(char["x1"] for char in ink) <= (210 - 16) * MM + 0.5
    assert text_of(content).count("逐") == 90 * len(WRITTEN)  # not a line is lost between pages


def test_whoever_asks_again_for_the_same_paper_gets_it_as_it_was_set() -> None:
    page, other = "<p>同一张</p>", "<p>另一张</p>"
    made = pdf_of([page], is_one_page)
    assert pdf_of(iter([page, other]), is_one_page) is made
    assert pdf_of([other], is_one_page) != made
    for number in range(KEPT):
        pdf_of([f"<p>{number}</p>"], is_one_page)
    again = pdf_of([page], is_one_page)
    assert again is not made
    assert again == made


def test_rare_names_and_markup_in_a_text_are_printed_as_they_are(cast: Cast) -> None:
    cast["林晓岚"].name = "喆珺玥祎堃镕婳"
    cast["林晓岚"].save()
    version = filed(cast, texts={**WRITTEN, "help": "<img src='https://example.com/x'> & 甲<乙"})
    version = SummaryVersion.objects.get(pk=version.pk)
    content = summary_pdf(version, url=URL)
    assert "喆珺玥祎堃镕婳" in text_of(content)
    assert "<imgsrc='https://example.com/x'>&甲<乙" in text_of(content)
    assert fonts(content) == OUR_FONTS


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/mark.png",
        "file:///etc/hostname",
        "data:image/png;base64,iVBORw0KGgo=",
    ],
)
def test_a_paper_fetches_nothing(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    page = engines["django"].from_string(f'<p>Bild</p><img src="{address}">')
    monkeypatch.setattr(papers, "render_to_string", lambda name, context: page.render(context))
    with pytest.raises(FetchRefused):
        render_pdf("papers/sheet.html", {}, title="")


def test_the_browsers_print_view_is_the_same_sheet_with_a_linked_style(cast: Cast) -> None:
    paper = summary_paper(filed(cast), url=URL)
    page = engines["django"].get_template(TEMPLATE).render({"paper": paper, "title": "x"})
    assert '<link rel="stylesheet" href="/static/papers/paper.css">' in page
    assert "style=" not in page
    assert "续签意向明确的客户 3 户。" in page


def test_english_fits_on_the_page_too(cast: Cast) -> None:
    version = filed(cast)
    with override("en"):
        content = summary_pdf(version, url=URL)
    with opened(content) as pdf:
        [page] = pdf.pages
        ink = [char for char in page.chars if char["text"].strip()]
        assert max(char["x1"] for char in ink) <= (210 - 16) * MM + 0.5


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("甲（乙）、丙", "甲（乙|）|、丙"),
        ("甲；“乙”。", "甲|；|“乙|”|。"),
        ("（《规定》）", "（|《|规定|》|）"),
        ("甲，乙。", "甲，乙。"),
        ("", ""),
    ],
)
def test_touching_marks_are_squeezed(text: str, wanted: str) -> None:
    made = squeezed(text).replace('<span class="halt">', "|").replace("</span>", "|")
    assert made == wanted
    assert squeezed("<b>").count("<b>") == 0


def test_a_machine_without_pango_refuses_a_paper_and_nothing_else() -> None:
    """In a process of its own, for what is imported once stays imported."""
    story = (
        "import sys, types\n"
        "class NoPango:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'weasyprint':\n"
        "            raise OSError('cannot load library libpango-1.0-0')\n"
        "sys.meta_path.insert(0, NoPango())\n"
        "import django\n"
        "django.setup()\n"
        "from django.urls import reverse\n"
        "print(reverse('summaries'))\n"
        "from core.errors import Refused\n"
        "from core.papers import render_pdf\n"
        "try:\n"
        "    render_pdf('papers/sheet.html', {}, title='')\n"
        "except Refused as no:\n"
        "    print(no.problems[0].message)\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "MODE": "test"}
    said = subprocess.run(
        [sys.executable, "-c", story],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.splitlines() == [
        "/weeks/",
        "这台服务器还不能生成 PDF，请先用浏览器打印。系统管理员装上 Pango 后就可以。",
    ]

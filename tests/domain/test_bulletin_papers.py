"""The bulletin on paper: fonts, pages, margins, heads, and every cell as in the document."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import pairwise
from typing import Any, Final

import pdfplumber
import pytest
from django.utils.translation import override

from core.justification import IS_ACTIVE
from core.pdf import pdf_of
from reports.cells import BrokenCell, shown
from reports.document import Column, Document, Paragraph, Part, Table, as_content, from_content
from reports.outline import numeral, outline
from reports.papers import Seal, bulletin_paper, bulletin_pdf
from reports.widths import column_widths
from tests.domain.bulletin_sample import problems, ranks, sample

MM: Final = 72 / 25.4
LEFT, RIGHT = 28 * MM, (210 - 26) * MM
TOP, BOTTOM = 37 * MM, (297 - 35) * MM
SEAL: Final = Seal("7ED7-X53V-JSA5-RR88", "0123456789abcdef" * 4, "https://b.example/verify/7ED7/")
RED: Final = (200 / 255, 16 / 255, 46 / 255)

# Whoever has set a paper once keeps it.
pytestmark = [pytest.mark.once, pytest.mark.xdist_group("bulletin papers")]


@cache
def pdf(rows: int = 60) -> bytes:
    return bulletin_pdf(sample(rows), SEAL)


@cache
def opened(content: bytes) -> Any:
    """The PDF, open for all stories: its pages keep what was once read of them."""
    return pdfplumber.open(BytesIO(content))


def signs(page: Any) -> list[dict[str, Any]]:
    return [char for char in page.chars if char["text"].strip()]


def written(content: bytes) -> str:
    """All text in the order in which it was written, without blanks."""
    return "".join(char["text"] for page in opened(content).pages for char in signs(page))


def bare(text: str) -> str:
    return "".join(text.split())


def rows_of(table: Table) -> Iterator[list[str]]:
    for row in [*table.rows, *([table.total] if table.total else [])]:
        yield [shown(text, column) for text, column in zip(row, table.columns, strict=True)]


# The sheet


def test_it_is_set_in_our_fonts_alone() -> None:
    document = opened(pdf(60))
    found = {sign["fontname"] for page in document.pages for sign in signs(page)}
    # Six letters and a plus before the name: only the glyphs that are used are embedded.
    assert {name[6] for name in found} == {"+"}
    assert {name.partition("+")[2] for name in found} == {
        "Noto-Serif-CJK-SC",
        "Noto-Serif-CJK-SC-Bold",
        "Noto-Sans-CJK-SC",
        "Noto-Sans-CJK-SC-Bold",
        "Liberation-Mono",
    }


def test_nothing_reaches_beyond_the_block_but_what_belongs_there() -> None:
    document = opened(pdf(60))
    for page in document.pages:
        ink = signs(page)
        assert min(sign["x0"] for sign in ink) >= LEFT - 0.5
        assert max(sign["x1"] for sign in ink) <= RIGHT + 0.8
        drawn = page.lines + page.rects + page.curves
        assert min((one["x0"] for one in drawn), default=LEFT) >= LEFT - 1
        assert max((one["x1"] for one in drawn), default=RIGHT) <= RIGHT + 1
        inside = [sign for sign in ink if sign["top"] >= TOP - 1 and sign["bottom"] <= BOTTOM + 3]
        outside = [sign for sign in ink if sign not in inside]
        # The running head above, the page number below.
        assert {round(sign["size"], 1) for sign in outside} <= {9.0, 14.0}


def test_red_are_the_mark_and_the_rule_alone() -> None:
    document = opened(pdf(3))
    first, *others = document.pages
    red = [sign for sign in signs(first) if _is_red(sign["non_stroking_color"])]
    assert "".join(sign["text"] for sign in red) == "江海通信公司市场部文件"
    # One line, spread over nearly all the block.
    assert len({round(sign["top"]) for sign in red}) == 1
    assert red[-1]["x1"] - red[0]["x0"] == pytest.approx(146 * MM, abs=1.5)
    drawn = [one for one in first.rects + first.lines if _is_red(one["non_stroking_color"])]
    assert [round(one["x1"] - one["x0"]) for one in drawn] == [round(156 * MM)]
    for page in others:
        assert not [one for one in signs(page) + page.rects if _is_red(one["non_stroking_color"])]


def _is_red(colour: Any) -> bool:
    return isinstance(colour, tuple) and len(colour) == 3 and colour == pytest.approx(RED, abs=0.01)


@pytest.mark.parametrize("rows", [0, 3, 14, 60])
def test_the_number_of_pages_is_even_and_the_last_bears_the_block_at_its_foot(rows: int) -> None:
    document = opened(pdf(rows))
    assert len(document.pages) % 2 == 0
    *before, last = document.pages
    words = {bare(line["text"]): line for line in last.extract_text_lines()}
    line = words["江海通信公司市场部2026年11月13日印发"]
    assert line["bottom"] == pytest.approx(BOTTOM, abs=8)
    for page in before:
        assert "印发" not in bare(page.extract_text())
    # 署名 never stands on a page without text above it.
    [signed] = [
        page for page in before if "江海通信公司市场部2026年11月13日" in bare(page.extract_text())
    ]
    above = [sign for sign in signs(signed) if round(sign["size"]) == 16]
    assert len(above) > len("江海通信公司市场部2026年11月13日") + 20


def _with_annexes(*rows: int) -> Document:
    """The sample with annexes of so many rows instead of its own."""
    known = problems(max(rows))
    annexes = tuple(replace(known, rows=known.rows[:number], total=()) for number in rows)
    *parts, annex = sample(3).parts
    return replace(sample(3), parts=(*parts, replace(annex, tables=annexes)))


@cache
def _pdf_with_annexes(*rows: int) -> bytes:
    return bulletin_pdf(_with_annexes(*rows), SEAL)


@pytest.mark.parametrize("rows", [(6,), (24,), (6, 6)])
def test_the_last_page_bears_more_than_the_box_and_the_block(rows: tuple[int, ...]) -> None:
    pages = opened(_pdf_with_annexes(*rows)).pages
    assert len(pages) % 2 == 0
    said = bare(pages[-1].extract_text())
    # Behind the running head stands the rest of an annex, or of the text.
    before = said.partition("验证码")[0].partition("内部★1年")[2]
    assert len(before) > 40
    assert "印发" in said


def test_annexes_that_fit_stand_on_one_page() -> None:
    texts = [bare(page.extract_text()) for page in opened(_pdf_with_annexes(6, 6, 30)).pages]
    [together] = [text for text in texts if "附件110月检查发现的问题" in text]
    assert "附件210月检查发现的问题" in together


@pytest.mark.parametrize(("rows", "is_tight"), [(18, False), (20, True), (30, True), (34, False)])
def test_an_annex_of_which_a_few_rows_would_be_left_is_set_closer(
    rows: int, is_tight: bool
) -> None:
    paper = bulletin_paper(_with_annexes(rows), SEAL)
    [annex] = paper.annexes
    assert annex.is_tight == is_tight


def test_sixty_findings_take_eight_pages_and_the_table_three_of_them() -> None:
    document = opened(pdf(60))
    assert len(document.pages) == 8
    heads = [
        number
        for number, page in enumerate(document.pages, 1)
        if "序号分公司项目工号事实扣分证据编号期限" in bare(page.extract_text())
    ]
    assert heads == [3, 4, 5]


def test_every_page_of_a_table_has_its_head_and_says_that_it_goes_on() -> None:
    document = opened(pdf(60))
    texts = [bare(page.extract_text()) for page in document.pages]
    head = "序号分公司项目工号事实扣分证据编号期限"
    with_rows = [
        n
        for n, text in enumerate(texts)
        if any(f"YZ-26{10_000 + 7 * k}" in text for k in range(1, 61))
    ]
    assert len(with_rows) == 3
    assert [n for n, text in enumerate(texts) if head in text] == with_rows
    first, *others = with_rows
    assert [n for n, text in enumerate(texts) if "续表2" in text] == others
    assert "表210月检查发现的问题" in texts[first]


def test_a_row_is_never_cut_and_the_total_never_alone() -> None:
    document = opened(pdf(60))
    for page in document.pages:
        for table in page.find_tables():
            cells = table.extract()[-1]
            if "合计" in cells:
                assert len(table.rows) > 2
            assert max(row.bbox[3] for row in table.rows) <= BOTTOM + 1


def _after_lines(lines: int, *tables: Table) -> Document:
    """Two parts: so many lines of text on the second page and tables, then a line of text."""
    line = "检查工作逐项记录备查再核对一遍无误归档备查后续跟踪"
    texts = tuple(Paragraph(line) for _ in range(lines + 14))
    parts = (
        Part("head", ""),
        Part("problems", "问题", texts, tables),
        Part("rectify", "整改", (Paragraph("逐项整改到位。"),)),
    )
    return replace(sample(1), parts=parts)


def _rows_on_pages(content: bytes, rows: int) -> list[int]:
    """How many of a table's first so many rows stand on each page that has any."""
    document = opened(content)
    texts = [bare(page.extract_text()) for page in document.pages]
    counts = [sum(f"YZ-26{10_000 + 7 * k}" in text for k in range(1, rows + 1)) for text in texts]
    return [count for count in counts if count]


@pytest.mark.parametrize("lines", [8, 11, 14])
def test_a_table_of_some_length_fills_the_page_and_goes_on(lines: int) -> None:
    content = bulletin_pdf(_after_lines(lines, problems(12)), SEAL)
    first, rest = _rows_on_pages(content, 12)
    assert (first >= 3, rest >= 2, first + rest) == (True, True, 12)
    document = opened(content)
    assert "续表1" in bare(document.pages[2].extract_text())
    inked = max(sign["bottom"] for sign in signs(document.pages[1]) if sign["bottom"] < BOTTOM)
    # Less than two rows of two lines are left free.
    assert inked > BOTTOM - 64


def test_fewer_than_three_rows_do_not_begin_a_table() -> None:
    content = bulletin_pdf(_after_lines(19, problems(12)), SEAL)
    assert _rows_on_pages(content, 12) == [12]
    assert "续表1" not in written(content)
    document = opened(content)
    assert "表110月检查发现的问题" in bare(document.pages[2].extract_text())


def test_a_short_table_stays_whole() -> None:
    content = bulletin_pdf(_after_lines(13, problems(6)), SEAL)
    assert _rows_on_pages(content, 6) == [6]


def test_a_table_that_has_room_is_not_taken_along_by_what_follows_it() -> None:
    content = bulletin_pdf(_after_lines(9, problems(6)), SEAL)
    document = opened(content)
    assert "表110月检查发现的问题" in bare(document.pages[1].extract_text())
    assert "二、整改" in bare(document.pages[2].extract_text())


def test_the_list_of_annexes_is_as_high_as_its_lines() -> None:
    document = opened(pdf(3))
    lines = [line for page in document.pages for line in page.extract_text_lines()]
    [place] = [
        n for n, line in enumerate(lines) if bare(line["text"]) == "附件：1.各分公司得分明细"
    ]
    annex, signed = lines[place], lines[place + 1]
    assert bare(signed["text"]) == "江海通信公司市场部"
    # One line is left free before the signature.
    assert signed["top"] - annex["top"] == pytest.approx(58, abs=1)


def test_pages_are_numbered_on_the_outer_side_and_headed_from_the_second_on() -> None:
    document = opened(pdf(60))
    for number, page in enumerate(document.pages, 1):
        below = [sign for sign in signs(page) if sign["top"] > BOTTOM + 10]
        assert "".join(sign["text"] for sign in below) == f"—{number}—"
        if number % 2:
            assert below[-1]["x1"] == pytest.approx(RIGHT - 16, abs=1)
        else:
            assert below[0]["x0"] == pytest.approx(LEFT + 16, abs=1)
        above = "".join(sign["text"] for sign in signs(page) if sign["bottom"] < TOP)
        running = "" if number == 1 else "江通市通报〔2026〕10号内部★1年"
        assert above.removeprefix("续表2") == running


def test_twenty_two_lines_of_twenty_eight_characters() -> None:
    text = "检查工作逐项记录备查" * 120
    document = _of_texts(*([text] * 3))
    made = opened(bulletin_pdf(document, SEAL))
    lines = made.pages[1].extract_text_lines()
    full = [line for line in lines if len(line["text"]) == 28 and line["top"] > TOP]
    assert len(full) >= 20
    steps = {round(b["top"] - a["top"], 1) for a, b in pairwise(full)}
    assert steps <= {29.0, 58.0}
    assert len([line for line in lines if TOP - 1 < line["top"] < BOTTOM]) == 22


def test_every_line_but_the_last_ends_at_the_right_edge() -> None:
    assert IS_ACTIVE
    # Words and numbers in Latin letters break lines before their end.
    text = "三方一致率97.35%，其中SMS-2026-10-31核对（接通118户）、会议纪要36份。" * 12
    made = opened(bulletin_pdf(_of_texts(text), SEAL))
    lines = [
        [sign for sign in line["chars"] if sign["text"].strip()]
        for line in made.pages[0].extract_text_lines()
        if round(line["chars"][0]["size"]) == 16 and line["top"] > 300
    ]
    body = [line for line in lines if len(line) > 20][:-1]
    assert len(body) > 6
    for line in body:
        assert line[-1]["x1"] == pytest.approx(RIGHT, abs=0.8)
        # Letters and digits of one number keep to each other.
        for one, two in pairwise(line):
            if one["text"].isdigit() and two["text"].isdigit():
                assert two["x0"] - one["x1"] < 0.6


def test_justified_text_is_copied_as_it_was_written() -> None:
    text = "全公司平均82.41分，比上月下降0.89分；良好1个、合格3个（“整改”2个）。" * 5
    assert bare(text) in written(bulletin_pdf(_of_texts(text), SEAL))


def test_a_line_that_cannot_be_spread_is_left_as_it_is() -> None:
    page = (
        '<html lang="zh-Hans"><body style="margin:0;font:16pt/20pt Noto Serif CJK SC">'
        '<p style="width:300pt;text-align:justify;margin:0">好Supercalifragilisticexpialidocious'
        "-and-more</p></body></html>"
    )
    made = opened(pdf_of([page], lambda _pages: True))
    [first, *_rest] = made.pages[0].extract_text_lines()
    assert first["text"].startswith("好")


# Text and cells


def test_the_text_of_the_paper_is_the_documents_cell_by_cell() -> None:
    document = sample(60)
    text = written(pdf(60))
    numbered = outline(document)
    place = 0
    for section in (*numbered.sections, *([numbered.annex] if numbered.annex else [])):
        for table in section.tables:
            if not table.is_annex:
                place = text.index(bare(f"{table.label}{table.table.caption}"), place)
            for row in rows_of(table.table):
                words = bare("".join(row))
                found = text.find(words, place)
                # Between two rows nothing stands but the head that is repeated, and the margins.
                assert found >= 0, words
                place = found + len(words)
        for paragraph in section.paragraphs:
            assert bare(paragraph.text) in text
        if section.heading and not (numbered.annex and section is numbered.annex):
            assert section.heading in text
        for chart in section.charts:
            assert bare(f"{chart.label}{chart.chart.caption}") in text


def test_the_head_the_foot_and_the_box_say_what_the_document_says() -> None:
    text = written(pdf(3))
    for words in (
        "内部★1年",
        "江通市通报〔2026〕10号",
        "关于2026年10月客户经理工作情况的通报",
        "各分公司，集团客户室：",
        "附件：1.各分公司得分明细",
        "抄送：公司领导，人力资源部，客户服务中心。",
        "验证码7ED7-X53V-JSA5-RR88",
        SEAL.digest,
    ):
        assert bare(words) in text


def test_a_branchs_edition_says_whose_it_is_on_every_page() -> None:
    document = opened(bulletin_pdf(replace(sample(3), branch="高新分公司"), SEAL))
    first = bare(document.pages[0].extract_text())
    assert first.startswith("内部★1年高新分公司版江海通信公司市场部文件")
    for page in document.pages:
        below = [sign for sign in signs(page) if sign["top"] > BOTTOM + 10]
        assert (
            bare("".join(sign["text"] for sign in below)).replace(f"—{page.page_number}—", "")
            == "高新分公司版"
        )
        assert min(sign["x0"] for sign in below) >= LEFT - 0.5
        assert max(sign["x1"] for sign in below) <= RIGHT + 0.5
    assert "版" not in written(pdf(3)).partition("关于")[0]


def test_numbers_stand_under_each_other_with_a_real_minus() -> None:
    document = opened(pdf(3))
    page = next(one for one in document.pages if "各分公司服务质量" in bare(one.extract_text()))
    words = page.extract_words()
    for wanted in (
        ["93.05", "89.35", "85.75", "81.60", "76.20", "68.50"],
        ["+1.65", "−0.75", "+3.45"],
    ):
        ends = [word["x1"] for word in words if word["text"] in wanted][: len(wanted)]
        assert max(ends) - min(ends) < 0.1
    assert "-0.75" not in page.extract_text()


def test_without_copies_the_block_is_one_line() -> None:
    content = bulletin_pdf(sample(3, copy_to=""), SEAL)
    assert "抄送" not in written(content)
    assert "2026年11月13日印发" in written(content)


def test_markup_in_a_text_is_printed_and_not_obeyed() -> None:
    content = bulletin_pdf(_of_texts("<img src='https://example.com/x'> & <b>甲</b>"), SEAL)
    assert "<imgsrc='https://example.com/x'>&<b>甲</b>" in written(content)


def test_the_same_document_gives_the_same_bytes_whoever_reads_it() -> None:
    with override("en"):
        assert bulletin_pdf(from_content(as_content(sample(3))), SEAL) == pdf(3)


def test_a_cell_that_is_not_what_its_column_says_is_named() -> None:
    broken = replace(ranks(), rows=(("1", "甲", "x", "1", "", "1", "1", "1", "1"),), total=())
    with pytest.raises(BrokenCell) as caught:
        bulletin_pdf(_of_tables(broken), SEAL)
    assert (caught.value.column, caught.value.text) == ("客户经理（人）", "x")


def test_a_hundred_rows_and_more_are_set_too() -> None:
    content = bulletin_pdf(_of_tables(problems(120)), SEAL)
    document = opened(content)
    assert len(document.pages) % 2 == 0
    for page in document.pages:
        assert max(sign["x1"] for sign in signs(page)) <= RIGHT + 0.8
    assert f"YZ-26{10_000 + 840}" in written(content)


def _of_texts(*texts: str) -> Document:
    parts = (Part("head", "", ()), Part("scope", "范围", tuple(Paragraph(text) for text in texts)))
    return replace(sample(1), parts=parts)


def _of_tables(*tables: Table) -> Document:
    return replace(sample(1), parts=(Part("problems", "问题", (), tables),))


# Numbers and widths


@pytest.mark.parametrize(
    ("number", "wanted"),
    [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (19, "十九"), (20, "二十"), (21, "二十一")],
)
def test_headings_are_counted_as_people_count(number: int, wanted: str) -> None:
    assert numeral(number) == wanted


def test_head_and_annex_have_no_number_and_what_has_one_keeps_it() -> None:
    document = replace(
        sample(1),
        parts=(
            Part("head", "", (Paragraph("甲"),)),
            Part("scope", "范围"),
            Part("overall", "二、总体"),
            Part("annex", "附件"),
        ),
    )
    numbered = outline(document)
    assert [section.heading for section in numbered.sections] == ["", "一、范围", "二、总体"]
    assert numbered.annex is None


def test_widths_add_up_and_leave_room_for_what_cannot_break() -> None:
    for table in (ranks(), problems(60)):
        widths = column_widths(table, 8.5)
        assert round(sum(widths), 6) == 100
    narrow = Table(
        "t",
        "表",
        (
            Column("a", "编号", "text", 5),
            Column("b", "日期", "date", 5),
            Column("c", "事实", "text", 90),
        ),
        (("YZ-2610007", "2026-11-27", "很长的事实" * 20),),
    )
    code, day, fact = column_widths(narrow, 8.5)
    assert code * 4.422 > 55
    assert day * 4.422 > 50
    assert fact > 70


def test_the_paper_knows_where_its_columns_stand() -> None:
    paper = bulletin_paper(sample(3), SEAL)
    [table] = paper.sections[2].tables
    assert [column.side for column in table.columns] == [
        "middle", "middle", "number", "number", "middle", "number", "number", "number", "number",
    ]  # fmt: skip
    assert (table.columns[2].label, table.columns[2].unit) == (["客户经理"], "（人）")

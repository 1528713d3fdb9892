"""Figures as they leave: inline SVG for a page under its policy, and a PDF with our fonts."""

import io
import re
from decimal import Decimal
from xml.etree import ElementTree

import pdfplumber
import pytest
from django.template import engines
from weasyprint import HTML

from core.charts import Bar, Bars, Figure
from desk.style_figures import sample_figures

pytestmark = pytest.mark.once

NAMES = ("lying", "standing", "lines", "segments", "heat")
SVG = "{http://www.w3.org/2000/svg}"


def svg_of(figure: Figure) -> str:
    source = "{% load charts %}{% chart figure %}"
    made: str = engines["django"].from_string(source).render({"figure": figure})
    return made


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_needs_no_style_and_no_id(name: str) -> None:
    figure = sample_figures()[name]
    svg = svg_of(figure)
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    names = {attribute for element in root.iter() for attribute in element.attrib}
    assert names & {"style", "id", "onclick"} == set()
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == figure.title
    has_links = root.find(f".//{SVG}a") is not None
    assert root.get("role") == ("group" if has_links else "img")
    assert not has_links or all(one.get("aria-label") for one in root.iter(f"{SVG}a"))
    width, height = root.get("viewBox", "").split()[2:]
    assert (root.get("width"), root.get("height")) == (f"{width}pt", f"{height}pt")


def test_what_people_wrote_is_escaped() -> None:
    svg = svg_of(Bars("<b>&", (Bar('"<i>', Decimal(7), url='/x/?a=1&b="'),)))
    root = ElementTree.fromstring(svg)
    link = root.find(f".//{SVG}a")
    assert link is not None
    assert (root[0].text, link.get("href")) == ("<b>&", '/x/?a=1&b="')


def test_a_pdf_shows_them_in_our_fonts_at_their_size() -> None:
    figures = sample_figures()
    body = "".join(f"<div>{svg_of(figures[name])}</div>" for name in NAMES)
    page = f'<html lang="zh-Hans"><body>{body}</body></html>'
    content = HTML(string=page).write_pdf()
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        signs = [sign for one in pdf.pages for sign in one.chars]
        text = re.sub(r"\s", "", "".join(one.extract_text() for one in pdf.pages))
    assert {sign["fontname"].partition("+")[2] for sign in signs} == {
        "Noto-Sans-CJK-SC",
        "Noto-Sans-CJK-SC-Bold",
    }
    assert {round(sign["size"], 1) for sign in signs} == {8.0}
    for words in ("93.05", "最低68.50", "合格线80", "生日关怀", "±20"):
        assert words in text

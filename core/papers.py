"""Papers: a template becomes a PDF (core.pdf).

A paper stands on its own: text, inline SVG and the one style sheet under static/papers. Whatever
else a template might point at is refused, so that no paper fetches anything from anywhere. The
same template with the same values always gives the same bytes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import segno
from django.template.loader import render_to_string
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.errors import Refused

QUIET_ZONE: Final = 2


def _any_number(_pages: int) -> bool:
    return True


def is_one_page(pages: int) -> bool:
    """Whether all of it stands on one sheet."""
    return pages == 1


def render_pdf(
    template: str,
    context: dict[str, Any],
    *,
    title: str,
    ways: Sequence[Mapping[str, Any]] = ({},),
    fits: Callable[[int], bool] = _any_number,
    last: str = "",
) -> bytes:
    """The paper of a template as PDF, in the language that is active.

    ``template`` extends ``papers/sheet.html``; ``title`` names the document in the viewer.
    ``ways`` add to the context: the first that gives a fitting number of pages, with the element
    of the id ``last`` on the last of them, is taken, else the last way. Raises
    core.pdf.FetchRefused when the template points at anything but itself, and Refused on a machine
    without Pango, on which all the rest works. Takes about half a second: never call it inside a
    transaction.
    """
    pages = (
        render_to_string(template, {**context, **way, "title": title, "is_pdf": True})
        for way in ways
    )
    try:
        pdf_of = import_string("core.pdf.pdf_of")
    except OSError as missing:
        raise Refused(
            _("这台服务器还不能生成 PDF，请先用浏览器打印。系统管理员装上 Pango 后就可以。")
        ) from missing
    made: bytes = pdf_of(pages, fits, last)
    return made


def qr(text: str) -> SafeString:
    """A QR code as inline SVG, sized by the style sheet; medium error correction."""
    svg = segno.make(text, error="m", micro=False).svg_inline(
        border=QUIET_ZONE, svgclass="qr", lineclass=None, omitsize=True
    )
    return mark_safe(svg)

"""Papers: a template becomes a PDF. The only place that knows WeasyPrint.

A paper stands on its own: text, inline SVG and the one style sheet under static/papers. Whatever
else a template might point at is refused, so that no paper fetches anything from anywhere. The
same template with the same values always gives the same bytes.
"""

from functools import cache
from pathlib import Path
from typing import Any, Final

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from weasyprint import CSS, HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher

PRODUCER: Final = "闭环"
QUIET_ZONE: Final = 2


class FetchRefused(FatalURLFetchingError):  # type: ignore[misc]
    """A paper pointed at something outside itself."""


class NoFetching(URLFetcher):  # type: ignore[misc]
    """Answers every address with a refusal: network, files and data alike."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        """Refuse."""
        raise FetchRefused(f"a paper fetches nothing, not even {url[:120]}")


@cache
def _style_sheet() -> str:
    path = Path(settings.BASE_DIR) / "static" / "papers" / "paper.css"
    return path.read_text(encoding="utf-8")


def render_pdf(template: str, context: dict[str, Any], *, title: str) -> bytes:
    """The paper of a template as PDF, in the language that is active.

    ``template`` extends ``papers/sheet.html``; ``title`` names the document in the viewer.
    Raises FetchRefused when the template points at anything but itself. Takes about half a
    second: never call it inside a transaction.
    """
    html = render_to_string(template, {**context, "title": title, "is_pdf": True})
    fetcher = NoFetching()
    document = HTML(string=html, url_fetcher=fetcher).render(
        stylesheets=[CSS(string=_style_sheet(), url_fetcher=fetcher)]
    )
    document.metadata.generator = PRODUCER
    content: bytes = document.write_pdf()
    return content


def qr(text: str) -> SafeString:
    """A QR code as inline SVG, sized by the style sheet; medium error correction."""
    svg = segno.make(text, error="m", micro=False).svg_inline(
        border=QUIET_ZONE, svgclass="qr", lineclass=None, omitsize=True
    )
    return mark_safe(svg)

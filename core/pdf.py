"""HTML becomes a PDF: the only place that knows WeasyPrint, which needs Pango to be imported."""

from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from weasyprint import CSS, HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher

PRODUCER: Final = "闭环"


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


def pdf_of(html: str) -> bytes:
    """The PDF of a whole page; FetchRefused when it points at anything but itself."""
    fetcher = NoFetching()
    document = HTML(string=html, url_fetcher=fetcher).render(
        stylesheets=[CSS(string=_style_sheet(), url_fetcher=fetcher)]
    )
    document.metadata.generator = PRODUCER
    content: bytes = document.write_pdf()
    return content

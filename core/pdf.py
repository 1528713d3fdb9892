"""HTML becomes a PDF: the only place that knows WeasyPrint, which needs Pango to be imported."""

from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from weasyprint import CSS, HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher

# Replaces the renderer's way with lines.
from core import justification as justification

PRODUCER: Final = "闭环"
_SHEETS: Final = ("paper.css", "bulletin.css", "score.css", "meeting.css")


class FetchRefused(FatalURLFetchingError):  # type: ignore[misc]
    """A paper pointed at something outside itself."""


class NoFetching(URLFetcher):  # type: ignore[misc]
    """Answers every address with a refusal: network, files and data alike."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        """Refuse."""
        raise FetchRefused(f"a paper fetches nothing, not even {url[:120]}")


_FETCHER: Final = NoFetching()
# The papers set last, in this process only: what stands on them is nobody else's to keep.
KEPT: Final = 16
_made: Final[dict[tuple[str, Callable[[int], bool], str], bytes]] = {}


@cache
def _style_sheet() -> CSS:
    folder = Path(settings.BASE_DIR) / "static" / "papers"
    rules = "\n".join((folder / name).read_text(encoding="utf-8") for name in _SHEETS)
    return CSS(string=rules, url_fetcher=_FETCHER)


def pdf_of(pages: Iterable[str], fits: Callable[[int], bool], last: str = "") -> bytes:
    """The PDF of the first of several ways to set a paper whose number of pages fits.

    Each is a whole page of HTML; the last is taken when none fits. ``last`` is the id of what
    must stand on the last page for a way to fit. Whoever asks again for the same paper soon gets
    it at once: the first way with its rules tells which paper it is.
    FetchRefused when one points at anything but itself, ValueError for no way at all.
    """
    ways = iter(pages)
    first = next(ways, None)
    if first is None:
        raise ValueError("a paper needs a page")
    paper = (first, fits, last)
    made = _made.get(paper)
    if made is None:
        made = _made[paper] = _set(chain([first], ways), fits, last)
        if len(_made) > KEPT:
            _made.pop(next(iter(_made)), None)
    return made


def _set(pages: Iterable[str], fits: Callable[[int], bool], last: str) -> bytes:
    document: Any = None
    for html in pages:
        document = HTML(string=html, url_fetcher=_FETCHER).render(stylesheets=[_style_sheet()])
        is_last = not last or last in document.pages[-1].anchors
        if is_last and fits(len(document.pages)):
            break
    document.metadata.generator = PRODUCER
    content: bytes = document.write_pdf()
    return content

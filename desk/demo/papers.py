"""A signed paper as a scanner would bring it back: drawn, one for all (annex 3.5)."""

from typing import Final

_ROW: Final = 36


def _drawn() -> str:
    """A sheet of lines with a name signed on each, in PDF's own strokes."""
    frame = "1 w 60 90 475 660 re S 0.4 w"
    lines = " ".join(f"60 {y} m 535 {y} l S" for y in range(126, 750, _ROW))
    strokes = " ".join(
        f"{330 + n % 3 * 9} {y + 9} m {350 + n % 5 * 7} {y + 34} {360 + n % 4 * 8} {y - 6} "
        f"{395 + n % 3 * 12} {y + 20} c {420 + n % 4 * 6} {y + 4} {430 + n % 5 * 5} {y + 30} "
        f"{460 + n % 3 * 8} {y + 12} c S"
        for n, y in enumerate(range(126, 720, _ROW))
    )
    return f"{frame} {lines} 1.2 w {strokes}"


def _pdf(content: str) -> bytes:
    """A page of A4 with this content."""
    bodies = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>",
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
    )
    text, places = "%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(text))
        text += f"{number} 0 obj{body}endobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(bodies) + 1
    return (
        f"{text}xref\n0 {count}\n0000000000 65535 f \n{table}"
        f"trailer<</Size {count}/Root 1 0 R>>\nstartxref\n{len(text)}\n%%EOF\n"
    ).encode("ascii")


SIGNED_PAPER: Final = _pdf(_drawn())

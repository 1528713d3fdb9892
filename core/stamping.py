"""A copy of a PDF that says whose it is: a pale watermark under the text, a line at the foot.

Both are outlines, so that the text of the copy is the text of the original, letter by letter.
The original's pages, fonts and text are not touched; the same stamp gives the same bytes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import pikepdf

from core.glyphs import Outlined, outlined

_MM: Final = 72 / 25.4
_GREY: Final = b"0.93 g"
_FOOT_GREY: Final = b"0.35 g"
_SIZE: Final = 26.0
_FOOT_SIZE: Final = 6.5
_FOOT_AT: Final = 10 * _MM
_ANGLE: Final = math.radians(33)
# Where the middle of the watermark lies, in shares of the page.
_PLACES: Final = ((0.36, 0.80), (0.64, 0.53), (0.36, 0.26))


@dataclass(frozen=True)
class Stamp:
    """What a copy says: the watermark, the line at its foot, and what its properties hold."""

    mark: str
    line: str
    properties: Mapping[str, str]


def stamp_pdf(
    content: bytes, stamp: Stamp, *, inner: float = 28 * _MM, outer: float = 26 * _MM
) -> bytes:
    """The stamped copy. ``inner`` and ``outer`` are the margins of a right-hand page, in points:
    the line begins at the binding, left on odd pages, and ends at it on even ones.

    Refused without the font; ValueError for what is no PDF.
    """
    try:
        pdf = pikepdf.open(BytesIO(content))
    except pikepdf.PdfError as error:
        raise ValueError(str(error)) from error
    mark, line = outlined(stamp.mark), outlined(stamp.line)
    with pdf:
        for number, page in enumerate(pdf.pages, 1):
            left, bottom, right, top = (float(edge) for edge in page.mediabox)
            width, height = right - left, top - bottom
            # What the page's own drawing sets must not hold for the line.
            under = _watermark(mark, left, bottom, width, height)
            page.contents_add(under + b"\nq\n", prepend=True)
            long = line.width * _FOOT_SIZE
            at = left + inner if number % 2 else left + width - inner - long
            at = max(left + min(inner, outer) / 2, at)
            foot = _placed(line, _FOOT_SIZE, _FOOT_GREY, at, bottom + _FOOT_AT)
            page.contents_add(b"\nQ\n" + foot)
        for key, text in stamp.properties.items():
            pdf.docinfo[f"/{key}"] = pikepdf.String(text)
        out = BytesIO()
        pdf.save(out, deterministic_id=True, linearize=False)
    return out.getvalue()


def _watermark(mark: Outlined, left: float, bottom: float, width: float, height: float) -> bytes:
    """The mark three times over the page, each turned about its own middle and wholly on it."""
    # At most as long as the page is wide at that angle.
    size = min(_SIZE, 0.62 * width / math.cos(_ANGLE) / max(mark.width, 1))
    cos, sin = math.cos(_ANGLE), math.sin(_ANGLE)
    parts = [b"q", _GREY]
    for across, up in _PLACES:
        x = left + across * width - cos * mark.width * size / 2
        y = bottom + up * height - sin * mark.width * size / 2
        parts.append(b"q %.4f %.4f %.4f %.4f %.2f %.2f cm" % (cos, sin, -sin, cos, x, y))
        parts += [mark.drawn(size), b"Q"]
    return b"\n".join([*parts, b"Q"])


def _placed(text: Outlined, size: float, grey: bytes, x: float, y: float) -> bytes:
    """Text at a place."""
    return b"q %s 1 0 0 1 %.2f %.2f cm %s Q" % (grey, x, y, text.drawn(size))

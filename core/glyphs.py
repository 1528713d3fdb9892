"""Text as outlines: what is drawn over a paper without becoming part of its text.

A stamp of letters would stand between the lines of whatever is copied or searched; outlines of
the same letters do not. They are taken from the sans serif that papers are set in.
"""

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTCollection, TTFont

from core.errors import Refused

FOLDERS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_FILES: Final = ("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf")
_FAMILY: Final = "SC"


class _PathPen(BasePen):  # type: ignore[misc]
    """Writes a glyph as operators of a PDF path, in the font's own units moved to the right."""

    def __init__(self, glyphs: Any, moved: float) -> None:
        super().__init__(glyphs)
        self.moved = moved
        self.operators: list[str] = []

    def _point(self, point: tuple[float, float]) -> str:
        return f"{point[0] + self.moved:.0f} {point[1]:.0f}"

    def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 (the pen's own names)
        self.operators.append(f"{self._point(point)} m")

    def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self.operators.append(f"{self._point(point)} l")

    def _curveToOne(  # noqa: N802
        self, one: tuple[float, float], two: tuple[float, float], end: tuple[float, float]
    ) -> None:
        self.operators.append(f"{self._point(one)} {self._point(two)} {self._point(end)} c")

    def _closePath(self) -> None:  # noqa: N802
        self.operators.append("h")


@dataclass(frozen=True)
class Outlined:
    """A line of text as PDF path operators; its width; both for a size of one point."""

    path: bytes
    width: float
    unit: float

    def drawn(self, size: float) -> bytes:
        """The operators that fill the text at the origin in a size."""
        scale = size * self.unit
        return b"q %.6f 0 0 %.6f 0 0 cm %s f Q" % (scale, scale, self.path)


@cache
def _font() -> Any:
    """The font, opened once; Refused on a machine that has none of its files."""
    for folder in FOLDERS:
        for name in _FILES:
            for path in sorted(folder.rglob(name)):
                return _face(path)
    raise Refused(_("服务器上没有 Noto Sans CJK 字体，不能加水印。请系统管理员安装后重试。"))


def _face(path: Path) -> Any:
    # From memory: the font is kept, a file would stay open with it.
    content = path.read_bytes()
    if path.suffix != ".ttc":
        return TTFont(BytesIO(content), lazy=True)
    with TTCollection(BytesIO(content), lazy=True) as faces:
        names = [face["name"].getDebugName(4) or "" for face in faces]
    place = next((n for n, name in enumerate(names) if name.endswith(_FAMILY)), 0)
    return TTFont(BytesIO(content), fontNumber=place, lazy=True)


def outlined(text: str) -> Outlined:
    """A line of text as outlines; what the font lacks is left blank. Refused without the font."""
    font = _font()
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    unit = 1 / font["head"].unitsPerEm
    moved, operators = 0.0, []
    for sign in text:
        name = names.get(ord(sign))
        if name is None:
            moved += 1 / unit
            continue
        pen = _PathPen(glyphs, moved)
        glyphs[name].draw(pen)
        operators += pen.operators
        moved += glyphs[name].width
    return Outlined(" ".join(operators).encode(), moved * unit, unit)

"""Even right edges for Chinese: what is left of a line is spread between its characters.

``text-align: justify`` as the renderer knows it stretches spaces, of which Chinese has none. Its
function for a line is replaced by one that adds to the spacing of the characters and leaves words
and numbers in Latin letters whole; nothing is inserted, so that copied text stays as it was. The
function is private to the renderer, whose version is pinned: where it is no longer found, lines
stay ragged and everything else works.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline
from weasyprint.text.ffi import TO_UNITS, ffi, pango
from weasyprint.text.line_break import Layout, line_size

logger = logging.getLogger(__name__)

MOST: Final = 0.45
"""How much wider a character may get, in its own size; beyond it the line stays as it is."""
_SPREADING = re.compile(r"[^!-~\s]+")
_ONE: Final = 1.0


class SpreadLayout(Layout):  # type: ignore[misc]
    """A line's text with ``extra`` pixels more between its characters, but in Latin words."""

    def __init__(self, text: str, style: Any, extra: float) -> None:
        self.extra = extra
        super().__init__(style)
        self.set_text(text)

    def set_text(self, text: str, justify: bool = False) -> None:
        """Set the text and its spacing; again whenever the line is drawn."""
        super().set_text(text, justify)
        spacing = self.style["letter_spacing"]
        usual = 0.0 if spacing == "normal" else float(spacing)
        attributes = pango.pango_layout_get_attributes(self.layout)
        if attributes == ffi.NULL:
            attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
        for match in _SPREADING.finditer(self.text):
            one = pango.pango_attr_letter_spacing_new(round((usual + self.extra) * TO_UNITS))
            one.start_index = len(self.text[: match.start()].encode())
            one.end_index = len(self.text[: match.end()].encode())
            pango.pango_attr_list_change(attributes, one)
        pango.pango_layout_set_attributes(self.layout, attributes)

    def width(self) -> float:
        """How wide the line is, in pixels."""
        wide, _height = line_size(self.get_first_line()[0], self.style)
        return float(wide)


@dataclass(frozen=True)
class _Piece:
    """A text of the line and how much wider it gets by one pixel more between characters."""

    box: Any
    growth: float

    @property
    def before(self) -> float:
        """The share of the gap in front of it that its first character asks for."""
        return 0.5 if _SPREADING.match(self.box.text[:1]) else 0.0

    @property
    def behind(self) -> float:
        """The same behind its last one."""
        return 0.5 if _SPREADING.match(self.box.text[-1:]) else 0.0


def _texts(box: Any) -> Iterator[Any]:
    if isinstance(box, boxes.TextBox):
        if box.text:
            yield box
    elif isinstance(box, boxes.LineBox | boxes.InlineBox):
        for child in box.children:
            if child.is_in_normal_flow():
                yield from _texts(child)


def _piece(box: Any) -> _Piece:
    if not _SPREADING.search(box.text):
        return _Piece(box, 0.0)
    wider = SpreadLayout(box.text, box.style, _ONE).width()
    return _Piece(box, wider - SpreadLayout(box.text, box.style, 0.0).width())


def _spread(context: Any, line: Any, rest: float) -> None:
    """Spread the rest of a line over it, or leave it to the renderer's own way."""
    pieces = [_piece(box) for box in _texts(line)]
    gaps = [one.behind + two.before for one, two in pairwise(pieces)]
    growth = sum(piece.growth for piece in pieces) + sum(gaps)
    is_forced = line.style["text_align_last"] == "justify"
    if growth <= 0 or (rest / growth > MOST * line.style["font_size"] and not is_forced):
        _own_way(context, line, rest)
        return
    extra = rest / growth
    ahead = {id(piece.box): gap * extra for piece, gap in zip(pieces[1:], gaps, strict=True)}
    _widen(line, {id(piece.box): piece.growth for piece in pieces}, ahead, extra, 0.0)


def _widen(
    box: Any, growth: dict[int, float], ahead: dict[int, float], extra: float, moved: float
) -> float:
    """Move a box and widen what is in it; how far what follows must move."""
    if isinstance(box, boxes.TextBox):
        moved += ahead.get(id(box), 0.0)
        box.position_x += moved
        if growth.get(id(box)):
            layout = SpreadLayout(box.text, box.style, extra)
            wider = growth[id(box)] * extra
            layout.get_first_line()
            layout.deactivate()
            box.pango_layout = layout
            box.width += wider
            moved += wider
    elif isinstance(box, boxes.LineBox | boxes.InlineBox):
        box.position_x += moved
        before = moved
        for child in box.children:
            if child.is_in_normal_flow():
                moved = _widen(child, growth, ahead, extra, moved)
        box.width += moved - before
    else:
        box.translate(moved, 0)
    return moved


_own_way: Final[Any] = getattr(inline, "justify_line", None)
IS_ACTIVE: Final = _own_way is not None
"""Whether Chinese lines are made even."""

if IS_ACTIVE:
    inline.justify_line = _spread
else:
    logger.warning("lines of Chinese stay ragged: the renderer has changed")

"""休 and 班 beside every day that a page or a paper shows.

Whoever renders a page or a paper says where its calendar is (``days_marked``); it is read once, and
only if a day is shown. In letters, workbooks and the API, in names of files and in what was frozen
as it was written (bulletins), days stay plain.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.calendar import Calendar

_calendar: ContextVar[Callable[[], Calendar] | None] = ContextVar("calendar", default=None)


class MarkedText(str):
    """A text with a mark in it: in words as it is, in colour where a template shows it."""

    __slots__ = ("_markup",)
    _markup: SafeString

    def __new__(cls, text: str, markup: SafeString) -> "MarkedText":
        """``text`` reads like ``markup`` without its tags."""
        made = super().__new__(cls, text)
        made._markup = markup
        return made

    def __html__(self) -> SafeString:
        """What Django takes in place of escaping the text."""
        return self._markup


@contextmanager
def days_marked(load: Callable[[], Calendar] | None) -> Iterator[None]:
    """While this lasts, days bear the marks of the calendar that ``load`` gives; None: no marks."""
    before = _calendar.set(cache(load) if load else None)
    try:
        yield
    finally:
        _calendar.reset(before)


def with_mark(on: date, form: str) -> str:
    """``form``, our own words with ``{}`` where the mark of the day stands, filled."""
    load = _calendar.get()
    known = load() if load else None
    mark = known.mark(on) if known else ""
    if known is None or not mark:
        return form.format("")
    word = mark_word(mark)
    is_chinese = (get_language() or "zh").startswith("zh")
    text = form.format(f" {word}" if is_chinese else f" ({word})")
    return MarkedText(text, format_html(form, SafeString(f" {mark_span(mark, known.name(on))}")))


def filled(sentence: str, **parts: Any) -> str:
    """``sentence % parts``, in which the marks of days keep their colour."""
    text = sentence % parts
    if not any(isinstance(part, MarkedText) for part in parts.values()):
        return text
    shown = {name: conditional_escape(part) for name, part in parts.items()}
    return MarkedText(text, SafeString(conditional_escape(sentence) % shown))


def mark_word(mark: str) -> str:
    """休 or 班 in the reader's language."""
    return _("休") if mark == "休" else _("班")


def mark_span(mark: str, name: str = "") -> SafeString:
    """The mark itself, 休 in green, 班 bold in amber; ``name`` is the holiday's."""
    if not mark:
        return SafeString("")
    tone = "rest" if mark == "休" else "makeup"
    return format_html('<span class="mark {}" title="{}">{}</span>', tone, name, mark_word(mark))

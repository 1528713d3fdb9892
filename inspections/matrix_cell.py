"""A cell of a matrix of branches: its number and, below it, what deviates; it opens the panel."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.chips import chip


def matrix_cell(
    text: str, chips: Sequence[tuple[str, str]], url: str, *, is_current: bool, is_muted: bool
) -> SafeString:
    """The cell with its chips (state and word); a link where there is something under it."""
    below = format_html_join(" ", "{}", ((chip(state, word),) for state, word in chips))
    inner = format_html('{}<span class="below">{}</span>', text, below) if chips else text
    classes = " ".join(
        filter(None, ("cell", "is-clean" if is_muted else "", "is-current" if is_current else ""))
    )
    if not url:
        return format_html('<span class="{}">{}</span>', classes, inner)
    return format_html(
        '<a class="{}" href="{}" hx-get="{}" hx-target="#panel" hx-push-url="true">{}</a>',
        classes,
        url,
        url,
        inner,
    )

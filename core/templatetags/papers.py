"""What papers need of their templates: squeezed punctuation, a QR code."""

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from core.papers import qr

register = template.Library()

_OPENING = frozenset("（《〈「『【“‘")
_CLOSING = frozenset("，。、；：！？）》〉」』】”’")


@register.filter
def squeezed(text: object) -> SafeString:
    """The text with touching punctuation marks set half as wide: ）、 ；“ （《.

    Of two marks the one whose blank side faces the other gives way: a closing mark before any
    mark, an opening mark after an opening one.
    """
    signs = str(text)
    parts = []
    for place, sign in enumerate(signs):
        before = signs[place - 1] if place else ""
        after = signs[place + 1] if place + 1 < len(signs) else ""
        gives_way = (sign in _CLOSING and after in _OPENING | _CLOSING and after) or (
            sign in _OPENING and before in _OPENING
        )
        escaped = conditional_escape(sign)
        parts.append(f'<span class="halt">{escaped}</span>' if gives_way else escaped)
    return mark_safe("".join(parts))


@register.simple_tag
def qr_code(text: str) -> SafeString:
    """The QR code of a text."""
    return qr(text)

"""Status as shape, word and only then colour: one table for pages, papers and mails."""

from dataclasses import dataclass
from typing import Final, Literal

from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

Glyph = Literal[
    "done", "half", "open", "back", "dash", "alert", "plus", "diamond", "equals", "cross"
]
Tone = Literal["ok", "late", "miss", "back", "accent", "ink", ""]


@dataclass(frozen=True)
class State:
    """How a status shows: shape, word, tone ("" is muted), and bold where it must be seen."""

    glyph: Glyph
    word: str | Promise
    tone: Tone = ""
    is_bold: bool = False


STATES: Final[dict[str, State]] = {
    "filed": State("done", _("已交"), "ok"),
    "on_time": State("done", _("按时"), "ok"),
    "present": State("done", _("已到"), "ok"),
    "sent": State("done", _("已发"), "ok"),
    "received": State("done", _("已签收"), "ok"),
    "confirmed": State("done", _("已确认"), "ok"),
    "done": State("done", _("已做到")),
    "active": State("done", _("在用")),
    "late": State("half", _("迟交"), "late"),
    "draft": State("half", _("草稿")),
    "running": State("half", _("进行中")),
    "unsent": State("half", _("未发送")),
    "lacking": State("half", _("不齐"), "late"),
    "missing": State("open", _("未交"), "miss", is_bold=True),
    "undone": State("open", _("未做"), "miss", is_bold=True),
    "unsigned": State("open", _("未签"), "ink", is_bold=True),
    "waiting": State("open", _("等待")),
    "returned": State("back", _("退回"), "back"),
    "objected": State("back", _("申诉中"), "back"),
    "leave": State("dash", _("请假")),
    "not_due": State("dash", _("未到期")),
    "not_applicable": State("dash", _("不适用")),
    "skipped": State("dash", _("不导入")),
    "stopped": State("dash", _("已停止")),
    "closed": State("dash", _("已停用")),
    "overdue": State("alert", _("逾期"), "miss", is_bold=True),
    "check": State("alert", _("请核对"), "late"),
    "error": State("alert", _("出错"), "miss", is_bold=True),
    "new": State("plus", _("新增"), "ok"),
    "changed": State("diamond", _("变更"), "accent"),
    "away": State("diamond", _("外出"), "accent"),
    "corrected": State("diamond", _("已更正"), "accent"),
    "unchanged": State("equals", _("不变")),
    "wrong": State("cross", _("有误"), "miss", is_bold=True),
    "failed": State("cross", _("失败"), "miss", is_bold=True),
}


def glyph(name: Glyph) -> SafeString:
    """The 14 px shape alone; decorative, so a word always stands beside it."""
    return format_html(
        '<svg class="glyph" aria-hidden="true" focusable="false"><use href="{}#g-{}"></use></svg>',
        static("glyphs.svg"),
        name,
    )


def chip(state: str, text: str | Promise = "") -> SafeString:
    """The chip of a state from STATES, with its word or ``text`` in its place (迟交 8 分).

    KeyError for a state that is not in the table.
    """
    known = STATES[state]
    classes = " ".join(filter(None, ("chip", known.tone, "is-bold" if known.is_bold else "")))
    return format_html(
        '<span class="{}">{}<span>{}</span></span>', classes, glyph(known.glyph), text or known.word
    )

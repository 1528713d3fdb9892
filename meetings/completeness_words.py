"""What a meeting lacks, in the reader's language; and as text that a report can freeze."""

import json
from collections.abc import Collection, Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.formats import remaining
from meetings.choices import ScanPart, TopicKind
from meetings.completeness import HINT, MISSING, Lack

NAMED_AT_MOST: Final = 4

# How the chip of a weight looks (core.chips).
CHIPS: Final = {MISSING: "undone", "incomplete": "lacking", HINT: "check"}
_PLAIN: Final[dict[str, str | Promise]] = {
    "not_held": gettext_lazy("没有召开"),
    "cancelled": gettext_lazy("取消了，没有召开"),
    "wrong_person": gettext_lazy("不是应当主持的人主持，不算召开"),
    "not_ended": gettext_lazy("开了没有结束"),
    "minutes_missing": gettext_lazy("纪要未交"),
    "no_items": gettext_lazy("纪要没有议题"),
    "not_approved": gettext_lazy("纪要没有批准"),
}


def lack_words(lack: Lack) -> str:
    """One thing that is missing, as a phrase."""
    if lack.code in _PLAIN:
        return str(_PLAIN[lack.code])
    n = lack.count
    if lack.code == "late_start":
        return _("晚开 %(n)d 分") % {"n": n}
    if lack.code == "early_end":
        return _("早散 %(n)d 分") % {"n": n}
    if lack.code == "late_end":
        return _("过了当天才结束，晚 %(span)s") % {"span": _late(n)}
    if lack.code == "minutes_late":
        return _("纪要迟交 %(span)s") % {"span": _late(n)}
    if lack.code == "approved_late":
        return _("纪要迟批 %(span)s") % {"span": _late(n)}
    if lack.code == "no_scan":
        papers = _("、").join(str(ScanPart(part).label) for part in lack.about)
        return _("没有扫描签字的%(papers)s") % {"papers": papers}
    if lack.code == "unspoken":
        kinds = _("、").join(str(TopicKind(kind).label) for kind in lack.about)
        return _("没有讲到%(kinds)s") % {"kinds": kinds}
    counted = {
        "unsigned": ngettext("%(n)d 人没有签到", "%(n)d 人没有签到", n),
        "no_conclusion": ngettext("%(n)d 项没有结论", "%(n)d 项没有结论", n),
        "no_owner": ngettext("%(n)d 条行动没有责任人或期限", "%(n)d 条行动没有责任人或期限", n),
    }[lack.code]
    return _("%(what)s：%(names)s") % {"what": counted % {"n": n}, "names": _named(lack.about)}


def _late(minutes: int) -> str:
    """How late, to the minute: 30 分, 2 小时 5 分, 3 天."""
    return " ".join(f"{n} {unit}" for n, unit in remaining(minutes * 60)[:2] if n)


def _named(names: Collection[str]) -> str:
    """The first few by name."""
    few = [name for name in names if name][:NAMED_AT_MOST]
    said = _("、").join(few)
    return said if len(few) == len(names) else _("%(names)s等") % {"names": said}


def lacks_words(lacks: Iterable[Lack]) -> str:
    """All of them in a line."""
    return _("；").join(lack_words(lack) for lack in lacks)


def lacks_text(lacks: Iterable[Lack]) -> str:
    """The same as text to be kept with a report, whatever language is read later."""
    return json.dumps(
        [[lack.code, lack.count, list(lack.about)] for lack in lacks], ensure_ascii=False
    )


def lacks_of(text: str) -> list[Lack]:
    """What such a text said."""
    return [Lack(code, count, tuple(about)) for code, count, about in json.loads(text)]

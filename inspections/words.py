"""Faults in the reader's language: their short words in a matrix, their sentences on a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from core.formats import short_day, span
from core.periods import Week
from meetings.choices import MeetingKind, TopicKind
from meetings.completeness import Lack
from meetings.completeness_words import lacks_of, lacks_words


@dataclass(frozen=True)
class FaultWords:
    """A kind of fault: the state of its chip, its name, its word with a number, its sentence."""

    state: str
    name: str | Promise
    short: str | Promise
    sentence: str | Promise = ""


FAULTS: Final[Mapping[str, FaultWords]] = {
    "missing": FaultWords("missing", _("缺"), _("缺 %(n)s"), _("第 %(week)s 周周报未交")),
    "late": FaultWords("late", _("迟"), _("迟 %(n)s"), _("第 %(week)s 周周报迟交 %(late)s")),
    "mismatch": FaultWords(
        "check",
        _("差"),
        pgettext_lazy("检查", "差 %(n)s"),
        _("第 %(week)s 周周报%(figure)s申报 %(declared)s，系统 %(counted)s"),
    ),
    "incomplete": FaultWords("lacking", _("不齐"), _("不齐 %(n)s")),
    "stale": FaultWords("undone", _("旧"), _("旧 %(n)s")),
    "wrong": FaultWords("wrong", _("错"), _("错 %(n)s")),
    "content": FaultWords("lacking", _("内容差"), _("内容差 %(n)s")),
}


def short_word(kind: str, count: int) -> str:
    """What a cell says of so many faults of a kind: 缺 2."""
    known = FAULTS.get(kind)
    return str(known.short) % {"n": count} if known else f"{kind} {count}"


def chip_state(kind: str) -> str:
    """The chip of a kind of fault."""
    known = FAULTS.get(kind)
    return known.state if known else "check"


def in_language(names: Mapping[str, str]) -> str:
    """A name in the reader's language, in Chinese where there is no other."""
    wanted = get_language() or "zh-hans"
    return names.get(wanted) or names.get("zh-hans") or next(iter(names.values()), "")


def sentence(kind: str, facts: Mapping[str, str], figures: Mapping[str, str]) -> str:
    """A fault in words, without whose it is; "" where only its frozen label says it.

    ``figures`` are the labels of figures by key, for faults that name one.
    """
    if "meeting" in facts:
        return _of_meeting(kind, facts)
    known = FAULTS.get(kind)
    if known is None or not known.sentence or "week" not in facts:
        return ""
    values = dict(facts)
    values["week"] = str(Week.parse(facts["week"]).number)
    values["late"] = span(int(facts.get("minutes", "0")) * 60)
    values["figure"] = figures.get(facts.get("figure", ""), facts.get("figure", ""))
    return str(known.sentence) % {"declared": "", "counted": "", **values}


def _of_meeting(kind: str, facts: Mapping[str, str]) -> str:
    """What a meeting lacks, or how its content was marked."""
    kinds, on = facts["meeting"].split("+"), date.fromisoformat(facts["on"])
    if kind != "content":
        return of_meeting(kinds, on, lacks_of(facts["lacks"]))
    topic = TopicKind(facts["topic"]).label
    return _said(kinds, on, now("%(topic)s内容 %(mark)s 分") % {**facts, "topic": topic})


def of_meeting(kinds: Iterable[str], on: date, lacks: Iterable[Lack]) -> str:
    """What a meeting lacks: 每周例会 11月23日（周一）：纪要未交."""
    return _said(kinds, on, lacks_words(lacks))


def _said(kinds: Iterable[str], on: date, what: str) -> str:
    names = "＋".join(str(MeetingKind(kind).label) for kind in kinds)
    values = {"meeting": names, "day": short_day(on), "what": what}
    return now("%(meeting)s %(day)s：%(what)s") % values

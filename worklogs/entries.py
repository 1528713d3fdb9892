"""What a manager says in a weekly summary (W5): typed, wanting something, ready to be frozen."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Problem
from core.periods import Week
from worklogs import figures, rules
from worklogs.choices import TextPart
from worklogs.models import SummaryVersion


@dataclass(frozen=True)
class SummaryEntry:
    """What the manager says: figures that differ with a reason, texts, "nothing this week".

    ``declared`` holds {figure: (declared, reason)} for the figures the manager changed; every
    other figure is declared as the system counted it.
    """

    declared: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    nothing: Collection[str] = ()

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "SummaryEntry":
        """From a draft's body: {"figures": {key: {declared, reason}}, "texts", "nothing"}."""
        return cls(
            declared={
                key: (str(one.get("declared", "")).strip(), str(one.get("reason", "")).strip())
                for key, one in dict(body.get("figures", {})).items()
            },
            texts={part: str(text) for part, text in dict(body.get("texts", {})).items()},
            nothing=[str(part) for part in body.get("nothing", [])],
        )

    @classmethod
    def of_version(cls, version: SummaryVersion) -> "SummaryEntry":
        """What a filed version said."""
        return cls(
            declared={
                key: (one["declared"], one["reason"])
                for key, one in version.figures.items()
                if one["declared"] != one["value"]
            },
            texts=version.texts,
            nothing=version.nothing,
        )

    def body(self) -> dict[str, Any]:
        """As a draft's body."""
        return {
            "figures": {
                key: {"declared": declared, "reason": reason}
                for key, (declared, reason) in self.declared.items()
            },
            "texts": dict(self.texts),
            "nothing": list(self.nothing),
        }


def draft_key(week: Week) -> str:
    """Under what a manager's unfinished summary is kept."""
    return f"summary:{week.key}"


def _sentence(gap: rules.Gap) -> Problem:
    """A gap in the words of the form: which, why, how to mend it (look 3)."""
    kind, __, key = gap.field.partition(":")
    if kind == "text":
        label: Any = TextPart(key).label
    else:
        label = figures.figures()[key].label
    if gap.kind == "reason":
        declared, value = gap.values
        text = _("申报 %(declared)s，系统 %(value)s，写明原因或改回 %(value)s") % {
            "declared": declared,
            "value": value,
        }
    elif gap.kind == "number":
        text = _("填一个不小于 0 的整数")
    elif gap.kind == "conclusion":
        text = _("写一句本周的判断")
    elif gap.kind == "both":
        text = _("写了内容，又选了“本周无”，留一个")
    elif gap.kind == "long":
        text = _("最多 %(n)s 个字") % {"n": gap.values[0]}
    else:
        text = _("写一条，或选“本周无”")
    return Problem(gap.field, _("%(label)s：%(text)s") % {"label": label, "text": text})


def summary_problems(counted: Mapping[str, int], entry: SummaryEntry) -> list[Problem]:
    """What keeps the entry from being filed, in sentences (W5)."""
    declared = _declared(counted, entry)
    texts = {part: entry.texts.get(part, "") for part in TextPart.values}
    return [_sentence(gap) for gap in rules.summary_gaps(declared, texts, entry.nothing)]


def _declared(counted: Mapping[str, int], entry: SummaryEntry) -> dict[str, rules.Declared]:
    """Each figure beside what the manager declares; the reason goes when they agree."""
    found = {}
    for key, value in counted.items():
        declared, reason = entry.declared.get(key, ("", ""))
        declared = declared or str(value)
        found[key] = rules.Declared(str(value), declared, reason if declared != str(value) else "")
    return found


def version_content(counted: Mapping[str, int], entry: SummaryEntry) -> dict[str, Any]:
    """What a version freezes: figures, texts, and the parts said to hold nothing this week."""
    declared = _declared(counted, entry)
    return {
        "figures": {
            key: {"value": one.value, "declared": one.declared, "reason": one.reason}
            for key, one in declared.items()
        },
        "texts": {part: entry.texts.get(part, "").strip() for part in TextPart.values},
        "nothing": sorted(part for part in set(entry.nothing) if part in TextPart.values),
    }

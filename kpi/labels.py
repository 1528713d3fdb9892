"""What indicators and their units are called: in the company's label set, as the reader says."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import get_language, pgettext_lazy

from core.parts import Text
from core.periods import Month
from duties.month_queries import company_settings
from kpi.models import Indicator, Scheme

Labels = Mapping[str, Mapping[str, str]]


def language() -> str:
    """The key of the reader's language in labels."""
    return "en" if (get_language() or "").startswith("en") else "zh-hans"


def label_set_of(month: Month) -> str:
    """The company's label set in force in a month: telecom or bank; one query."""
    return company_settings(month).label_set


def name_of(labels: Labels, label_set: str) -> str:
    """The name in the set (another where it has none), in the reader's language (else Chinese)."""
    texts: Mapping[str, Any] = labels.get(label_set) or next(iter(labels.values()), {})
    return str(texts.get(language()) or texts.get("zh-hans", ""))


def indicator_name(indicator: Indicator, label_set: str) -> str:
    """The indicator's name for the reader."""
    return name_of(indicator.labels, label_set) or indicator.code


def scheme_name(scheme: Scheme) -> str:
    """A scheme's own name: as it was written, else in English where its content has it."""
    if language() == "en":
        for texts in scheme.content.get("names", {}).values():
            if texts.get("en"):
                return str(texts["en"])
    return scheme.name


# The units that ship with the scheme and the indicators; a company's own stay as it wrote them.
_UNITS: Final[Mapping[str, Text]] = {
    "万元": pgettext_lazy("单位", "万元"),
    "元": pgettext_lazy("单位", "元"),
    "件": pgettext_lazy("单位", "件"),
    "户": pgettext_lazy("单位", "户"),
    "篇": pgettext_lazy("单位", "篇"),
    "份": pgettext_lazy("单位", "份"),
    "项": pgettext_lazy("单位", "项"),
    "分": pgettext_lazy("单位", "分"),
    "次": pgettext_lazy("单位", "次"),
    "人": pgettext_lazy("单位", "人"),
    "场": pgettext_lazy("单位", "场"),
    "家": pgettext_lazy("单位", "家"),
}


def unit_name(unit: str) -> str:
    """A unit in the reader's language."""
    return str(_UNITS.get(unit, unit))

"""What an indicator is called: by the company's label set and the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

from core.periods import Month
from duties.month_queries import company_settings
from kpi.models import Indicator

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

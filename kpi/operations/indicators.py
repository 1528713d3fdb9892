"""The only writer of indicators: the market department adds, changes and closes them (T1)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from config import tables
from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from core.unique import unless_taken
from kpi.choices import Adding, Direction, ResultSource
from kpi.models import Indicator
from kpi.queries.indicators import indicator_to_keep
from kpi.target_permissions import can_keep_indicators
from organization.settings import LABEL_SETS

CODE: Final = re.compile(r"[A-Z][A-Z0-9]{0,11}")
NAME_AT_MOST: Final = 30
UNIT_AT_MOST: Final = 12
PLACES_AT_MOST: Final = 2


@dataclass(frozen=True)
class IndicatorEntry:
    """An indicator as somebody writes it; ``labels`` is {label set: {language: name}}."""

    labels: dict[str, dict[str, str]]
    unit: str
    places: int = 2
    direction: str = Direction.UP
    adding: str = Adding.SUM
    source: str = ResultSource.TYPED
    computed_by: str = ""


@transaction.atomic
def add_indicator(*, code: str, entry: IndicatorEntry, actor: Actor, at: datetime) -> Indicator:
    """Add an indicator after the others; its code never changes."""
    if not can_keep_indicators(actor):
        raise NotAllowed(_("指标由市场部维护。"))
    code = code.strip().upper()
    if not CODE.fullmatch(code):
        raise Refused(_("编码用一个字母开头，最多 12 位字母和数字。"), field="code")
    values = _checked(entry)
    last = Indicator.objects.aggregate(last=Max("rank"))["last"] or 0

    def taken() -> None:
        raise Refused(_("已有编码为 %(code)s 的指标。") % {"code": code}, field="code")

    with unless_taken(taken):
        made = Indicator.objects.create(code=code, rank=last + 10, **values)
    _record("kpi.add_indicator", made, {}, actor, at)
    return made


@transaction.atomic
def change_indicator(
    *, indicator_id: int, entry: IndicatorEntry, expected_version: int, actor: Actor, at: datetime
) -> Indicator:
    """Change what an indicator is called and how it is counted; issued targets stay as they are."""
    indicator = indicator_to_keep(actor, indicator_id)
    before = facts_of(indicator)
    changed = _moved_on(indicator, expected_version, **_checked(entry))
    _record("kpi.change_indicator", changed, before, actor, at)
    return changed


@transaction.atomic
def close_indicator(
    *, indicator_id: int, expected_version: int, actor: Actor, at: datetime
) -> Indicator:
    """Take an indicator out of use: new sheets have it no more, what was issued keeps it."""
    return _set_closed("kpi.close_indicator", indicator_id, expected_version, True, actor, at)


@transaction.atomic
def reopen_indicator(
    *, indicator_id: int, expected_version: int, actor: Actor, at: datetime
) -> Indicator:
    """Take an indicator into use again."""
    return _set_closed("kpi.reopen_indicator", indicator_id, expected_version, False, actor, at)


def _set_closed(
    what: str, indicator_id: int, version: int, is_closed: bool, actor: Actor, at: datetime
) -> Indicator:
    indicator = indicator_to_keep(actor, indicator_id)
    before = facts_of(indicator)
    changed = _moved_on(indicator, version, is_closed=is_closed)
    _record(what, changed, before, actor, at)
    return changed


def _moved_on(indicator: Indicator, expected_version: int, **values: Any) -> Indicator:
    updated = Indicator.objects.filter(pk=indicator.pk, version=expected_version).update(
        version=F("version") + 1, **values
    )
    indicator.refresh_from_db()
    if not updated:
        raise Stale({"version": indicator.version, **facts_of(indicator)})
    return indicator


def _checked(entry: IndicatorEntry) -> dict[str, Any]:
    """The values to store; Refused with every fault at its field."""
    labels = {
        label_set: {
            language: text.strip()
            for language, text in entry.labels.get(label_set, {}).items()
            if language in ("zh-hans", "en") and text.strip()
        }
        for label_set in LABEL_SETS
    }
    for label_set in LABEL_SETS:
        if not labels[label_set].get("zh-hans"):
            # A company needs one set; the other is called the same until somebody says more.
            labels[label_set] = {**labels["telecom"], **labels[label_set]}
    if not labels["telecom"].get("zh-hans"):
        raise Refused(_("写明指标名称。"), field="telecom_zh")
    if any(len(text) > NAME_AT_MOST for texts in labels.values() for text in texts.values()):
        raise Refused(_("最多 %(n)d 个字") % {"n": NAME_AT_MOST}, field="telecom_zh")
    unit = entry.unit.strip()
    if not unit or len(unit) > UNIT_AT_MOST:
        raise Refused(_("写明单位，最多 %(n)d 个字。") % {"n": UNIT_AT_MOST}, field="unit")
    if not 0 <= entry.places <= PLACES_AT_MOST:
        raise Refused(_("小数位数是 0 到 %(n)d。") % {"n": PLACES_AT_MOST}, field="places")
    for name, value, known in (
        ("direction", entry.direction, Direction.values),
        ("adding", entry.adding, Adding.values),
        ("source", entry.source, ResultSource.values),
    ):
        if value not in known:
            raise Refused(_("没有这一项。"), field=name)
    is_computed = entry.source == ResultSource.COMPUTED
    if is_computed and entry.computed_by not in tables.RESULT_SOURCES:
        raise Refused(_("选由什么计算。"), field="computed_by")
    return {
        "labels": labels,
        "unit": unit,
        "places": entry.places,
        "direction": entry.direction,
        "adding": entry.adding,
        "source": entry.source,
        "computed_by": entry.computed_by if is_computed else "",
    }


def facts_of(indicator: Indicator) -> dict[str, Any]:
    """The indicator as plain values."""
    return {
        "labels": indicator.labels,
        "unit": indicator.unit,
        "places": indicator.places,
        "direction": indicator.direction,
        "adding": indicator.adding,
        "source": indicator.source,
        "computed_by": indicator.computed_by,
        "is_closed": indicator.is_closed,
    }


def _record(
    what: str, indicator: Indicator, before: dict[str, Any], actor: Actor, at: datetime
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="indicator",
        target_id=indicator.pk,
        target_label=indicator.code,
        before=before,
        after=facts_of(indicator),
    )

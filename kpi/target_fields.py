"""A target sheet's form: its fields read into an entry, and an entry as fields again.

Fields: ``value:M1``, ``method:M1``, ``why:M1``, ``why_sum:M1``, ``part:M1:<manager>``,
``priorities``, ``resources``, ``why_no_items``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.imports.values import WrongValue, plain
from kpi.choices import Method
from kpi.imports.columns import read_number
from kpi.models import Indicator
from kpi.target_entries import REASON_AT_MOST, TEXT_AT_MOST, LineEntry, TargetEntry

TEXTS = {"priorities": TEXT_AT_MOST, "resources": TEXT_AT_MOST, "why_no_items": REASON_AT_MOST}


@dataclass(frozen=True)
class Applied:
    """An entry with fields put in, and what could not be put in: field → why."""

    entry: TargetEntry
    wrong: Mapping[str, str]


def applied(
    entry: TargetEntry,
    fields: Mapping[str, Any],
    indicators: Mapping[str, Indicator],
    people: Mapping[int, str],
) -> Applied:
    """Put fields into an entry; those of nothing known are passed over.

    A part that is typed makes its line one given out by hand, unless another method is chosen
    at the same time.
    """
    wrong: dict[str, str] = {}
    texts: dict[str, str] = {}
    lines = dict(entry.lines)
    for name, given in fields.items():
        text = given if isinstance(given, str) else str(given or "")
        if name in TEXTS:
            if len(text.strip()) > TEXTS[name]:
                wrong[name] = _("最多 %(n)d 个字") % {"n": TEXTS[name]}
            else:
                texts[name] = text.strip()
    for code, indicator in indicators.items():
        own = {
            name: given if isinstance(given, str) else str(given or "")
            for name, given in fields.items()
            if code in name.split(":")[1:2]
        }
        if own:
            line = _line(lines.get(code, LineEntry()), own, indicator, people, wrong)
            lines[code] = line
    written = {code: line for code, line in lines.items() if line != LineEntry()}
    return Applied(replace(entry, lines=written, **texts), wrong)


def _line(
    line: LineEntry,
    own: Mapping[str, str],
    indicator: Indicator,
    people: Mapping[int, str],
    wrong: dict[str, str],
) -> LineEntry:
    code = indicator.code
    changed: dict[str, Any] = {}
    for key, name in (("why_not_required", f"why:{code}"), ("why_not_sum", f"why_sum:{code}")):
        if name in own:
            changed[key] = own[name].strip()[:REASON_AT_MOST]
    if (name := f"value:{code}") in own:
        value, reason = _number(own[name], indicator)
        if reason:
            wrong[name] = f"{code}：{reason}"
        else:
            changed["value"] = value
    chosen = own.get(f"method:{code}", line.method)
    method = chosen if chosen in Method.values else line.method
    parts = _parts(line, own, indicator, people, wrong)
    if parts != dict(line.parts) and method == line.method:
        method = Method.HAND
    changed["method"] = method
    if method == Method.HAND:
        changed["parts"] = {each: value for each, value in parts.items() if each in people}
    return replace(line, **changed)


def _parts(
    line: LineEntry,
    own: Mapping[str, str],
    indicator: Indicator,
    people: Mapping[int, str],
    wrong: dict[str, str],
) -> dict[int, Decimal]:
    """The line's parts with what was typed; an empty cell takes one away."""
    parts = dict(line.parts)
    for manager_id, who in people.items():
        name = f"part:{indicator.code}:{manager_id}"
        if name not in own:
            continue
        value, reason = _number(own[name], indicator)
        if reason:
            wrong[name] = f"{who} {indicator.code}：{reason}"
        elif value is None:
            parts.pop(manager_id, None)
        else:
            parts[manager_id] = value
    return parts


def _number(text: str, indicator: Indicator) -> tuple[Decimal | None, str]:
    """(value, "") or (None, why not)."""
    text = plain(text)
    if not text:
        return None, ""
    try:
        return read_number(text, indicator.places, may_be_negative=False), ""
    except WrongValue as error:
        return None, str(error.reason)


def fields_of(
    entry: TargetEntry, indicators: Mapping[str, Indicator], people: Mapping[int, str]
) -> dict[str, str]:
    """The entry as the form's fields."""
    fields = {
        "priorities": entry.priorities,
        "resources": entry.resources,
        "why_no_items": entry.why_no_items,
    }
    for code, indicator in indicators.items():
        line = entry.lines.get(code, LineEntry())
        fields[f"value:{code}"] = _text(line.value, indicator.places)
        fields[f"method:{code}"] = str(line.method)
        fields[f"why:{code}"] = line.why_not_required
        fields[f"why_sum:{code}"] = line.why_not_sum
        for manager_id in people:
            fields[f"part:{code}:{manager_id}"] = _text(
                line.parts.get(manager_id), indicator.places
            )
    return fields


def _text(value: Decimal | None, places: int) -> str:
    return "" if value is None else f"{value:.{places}f}"

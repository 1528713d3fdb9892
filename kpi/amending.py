"""A sheet with other inputs in one line: by an upheld objection, a correction, or as a question.

Always the engine's own arithmetic on what the sheet itself holds: no source is asked again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core import canonical
from core.errors import Refused
from kpi import breakdown as breakdowns
from kpi import scoring
from kpi.breakdown import Breakdown, inputs_of
from kpi.computing import in_units, presence_in
from kpi.formulas import InputFault, item_score, refuse_unread, why_not
from kpi.inputs import Inputs
from kpi.models import ScoreSheet, SheetVersion
from kpi.scheme import SchemeContent, parsed
from kpi.scheme_texts import sentence


def newest_version(sheet: ScoreSheet) -> SheetVersion:
    """The version that stands."""
    return sheet.versions.get(number=sheet.newest)


def scheme_of(sheet: ScoreSheet) -> SchemeContent:
    """The scheme by which the sheet was computed."""
    return parsed(sheet.scheme.content)


def checked_inputs(scheme: SchemeContent, code: str, inputs: Any, *, field: str = "inputs") -> None:
    """Refuse inputs that the line's formula cannot take, or that make it say nothing."""
    item = scheme.by_code.get(code)
    if item is None:
        raise Refused(_("考核表里没有这一行。"), field="item")
    if not isinstance(inputs, Mapping):
        raise Refused(_("写明这一行正确的数。"), field=field)
    try:
        refuse_unread(item.formula, inputs)
        is_silent = why_not(item.formula, inputs)
        if not is_silent:
            item_score(item.formula, inputs, weight=item.weight, effective=item.weight)
    except InputFault as fault:
        raise Refused(sentence(fault.code, fault.values), field=field) from fault
    if is_silent:
        raise Refused(_("写明这一行正确的数。"), field=field)


@dataclass(frozen=True)
class Amended:
    """A sheet's next content."""

    content: Mapping[str, Any]
    digest: str
    total: Decimal | None
    band: str
    adjusted: Mapping[str, Any]


def amended(
    sheet: ScoreSheet, code: str, inputs: Inputs, *, why: str, by: str, at: datetime
) -> Amended:
    """The sheet with a line's inputs replaced; the line says why, by whom and when (K4)."""
    content = newest_version(sheet).content
    adjusted = {
        **sheet.adjusted,
        code: {
            "inputs": dict(inputs),
            "why": why,
            "by": by,
            "at": at.astimezone(UTC).isoformat(),
        },
    }
    made = _again(scheme_of(sheet), content, {code: inputs})
    frozen = {
        **{key: content[key] for key in ("month", "scheme", "manager", "branch", "cut_at")},
        **breakdowns.plain(made, adjusted),
    }
    return Amended(frozen, canonical.digest(frozen), made.total, made.band, adjusted)


def what_if(sheet: ScoreSheet, changes: Mapping[str, Inputs]) -> Breakdown:
    """The sheet as it would be with other inputs in some lines; nothing is kept.

    Equal to the sheet after an objection upheld with the same inputs. Refused for a line that
    is not there or inputs its formula cannot take.
    """
    scheme = scheme_of(sheet)
    for code, inputs in changes.items():
        checked_inputs(scheme, code, inputs, field=code)
    return _again(scheme, newest_version(sheet).content, changes)


def _again(
    scheme: SchemeContent, content: Mapping[str, Any], changes: Mapping[str, Inputs]
) -> Breakdown:
    """By the sheet's own units too: what an indicator is measured in since does not matter."""
    units = {line["code"]: line["unit"] for group in content["groups"] for line in group["items"]}
    scheme = in_units(scheme, units)
    return scoring.what_if(scheme, inputs_of(content), changes, presence_in(content))

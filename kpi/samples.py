"""Sample months for whoever edits a scheme: everything reached to the same share. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from core.numbers import rounded
from kpi.breakdown import Breakdown
from kpi.formulas import InputFault
from kpi.inputs import Inputs
from kpi.scheme import FormulaSpec, SchemeContent, decimal_text
from kpi.scoring import scored

SHARES: Final = (Decimal(1), Decimal("0.9"), Decimal("0.75"), Decimal("0.6"))
_HUNDRED: Final = Decimal(100)


@dataclass(frozen=True)
class Sample:
    """A month in which ``share`` of everything was reached; or what could not be scored in it."""

    share: Decimal
    breakdown: Breakdown | None
    fault: InputFault | None


def sample_scores(scheme: SchemeContent, shares: Sequence[Decimal] = SHARES) -> list[Sample]:
    """The scheme's scores of such months, by the engine's own arithmetic."""
    return [_sample(scheme, share) for share in shares]


def _sample(scheme: SchemeContent, share: Decimal) -> Sample:
    inputs = {item.code: sample_inputs(item.formula, share) for item in scheme.items}
    try:
        return Sample(share, scored(scheme, inputs), None)
    except InputFault as fault:
        return Sample(share, None, fault)


def sample_inputs(formula: FormulaSpec, share: Decimal) -> Inputs:
    """An item's inputs with ``share`` of the target, the total, the mark reached; no cases."""
    settings = formula.settings
    if formula.kind in ("DEDUCT", "CASE"):
        return {"cases": []}
    if formula.kind == "RATIO":
        return {"met": _text(share * _HUNDRED), "total": "100"}
    if formula.kind == "EXAM":
        return {"mark": _text(share * Decimal(settings.get("full_mark", _HUNDRED)))}
    if formula.kind == "RATE5":
        rating = _text(share * Decimal(settings.get("best", 5)))
        return {"ratings": {question["code"]: rating for question in formula.questions}}
    if formula.kind == "EXPR":
        return {name["code"]: _text(share * _HUNDRED) for name in settings.get("names", ())}
    target = Decimal(settings.get("target") or _HUNDRED)
    reached = target * ((2 - share) if settings.get("direction") == "down" else share)
    sample: dict[str, Any] = {"actual": _text(reached), "target": decimal_text(target)}
    return sample


def _text(number: Decimal) -> str:
    return decimal_text(rounded(number, 4))

"""Decimal arithmetic as people do it on paper: half up, by one function."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_HUNDRED = Decimal(100)


def rounded(x: Decimal | int, places: int = 2) -> Decimal:
    """``x`` with exactly ``places`` digits after the point, halves away from zero (annex 5)."""
    return Decimal(x).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def percent(part: Decimal | int, whole: Decimal | int, places: int = 1) -> Decimal | None:
    """``part`` of ``whole`` in per cent, rounded half up; None when there is no whole.

    None and not 0: nothing out of nothing is "not applicable", never a bad result (annex 5).
    """
    if not whole:
        return None
    return rounded(Decimal(part) * _HUNDRED / Decimal(whole), places)

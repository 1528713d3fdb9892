"""A sheet's way; bands, periods and what they suggest (annex 5). Pure.

A month's score is its total; a quarter is the mean of its rated months, a year the mean of its
rated quarters, each rounded half up before anything is compared (annex 11.9). Consequences are
proposals: a person decides on every one, nothing happens by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Final

from core.numbers import rounded
from kpi.scheme import Band, ConsequenceSpec, SchemeContent

# A sheet's way (K4, annex 5: workflow), by its states' values (kpi.choices.SheetState).
_COMPUTED: Final = "computed"
_SUPERVISED: Final = "supervised"
_SIGNED: Final = (_SUPERVISED, "approved", "locked")


def is_answered(
    state: str, *, has_open_objections: bool, at: datetime, objections_until: datetime
) -> bool:
    """Whether a sheet may be signed: its manager has confirmed, or the time for it has passed.

    Never while an objection waits for its decision (annex 2: WD3 to WD8).
    """
    if has_open_objections:
        return False
    return state != _COMPUTED or at >= objections_until


def supervision_due(state: str, *, answered: bool) -> bool:
    """Whether the supervisor's signature is next."""
    return answered and state not in _SIGNED


def approval_due(state: str, *, answered: bool, has_other_supervisor: bool) -> bool:
    """Whether the general manager's approval is next: the supervisor has signed.

    Where the branch has no supervisor but the manager and the head himself, nobody is waited
    for; an answered sheet is approved at once.
    """
    if state == _SUPERVISED:
        return True
    return supervision_due(state, answered=answered) and not has_other_supervisor


MONTHS_A_QUARTER = 3
QUARTERS_A_YEAR = 4


def band_of(score: Decimal, bands: Sequence[Band]) -> Band:
    """The band of a rounded score, with the coefficient of the performance pay (E5).

    What lies below zero counts as zero.
    """
    value = max(rounded(score), Decimal(0))
    ordered = sorted(bands, key=lambda band: band.since, reverse=True)
    return next((band for band in ordered if value >= band.since), ordered[-1])


def lower_band(band: Band, other: str, bands: Sequence[Band]) -> Band:
    """The lower of a band and the band with this code: how a veto caps a grade."""
    capped = next(each for each in bands if each.code == other)
    return min(band, capped, key=lambda each: each.since)


def mean_of(scores: Sequence[Decimal | None]) -> Decimal | None:
    """The rounded mean of the rated ones; None when none is rated."""
    rated = [score for score in scores if score is not None]
    return rounded(sum(rated, Decimal(0)) / len(rated)) if rated else None


def quarter_score(months: Sequence[Decimal | None]) -> Decimal | None:
    """A quarter's score: the mean of its rated months."""
    return mean_of(months)


def year_score(quarters: Sequence[Decimal | None]) -> Decimal | None:
    """A year's score: the mean of its rated quarters."""
    return mean_of(quarters)


@dataclass(frozen=True)
class History:
    """A manager's months in order, the judged one last: (month key, total, band code).

    No total and "" for a month that was not rated. A quarter is judged with its last month.
    """

    months: Sequence[tuple[str, Decimal | None, str]]


@dataclass(frozen=True)
class Proposal:
    """What is suggested for a person to decide, and the months or quarters it follows from."""

    code: str
    grounds: tuple[tuple[str, Decimal], ...]


def quarters_of(history: History, scheme: SchemeContent) -> list[tuple[str, Decimal | None, str]]:
    """The quarters that have ended with the judged month: (2026-Q4, score, band), in order."""
    by_quarter: dict[str, list[Decimal | None]] = {}
    last_month: dict[str, int] = {}
    for key, total, _band in history.months:
        year, month = key.split("-")
        quarter = f"{year}-Q{(int(month) + 2) // MONTHS_A_QUARTER}"
        by_quarter.setdefault(quarter, []).append(total)
        last_month[quarter] = int(month)
    ended = []
    for quarter, totals in by_quarter.items():
        if last_month[quarter] % MONTHS_A_QUARTER:
            continue
        score = quarter_score(totals)
        band = "" if score is None else band_of(score, scheme.bands).code
        ended.append((quarter, score, band))
    return ended


def proposals(history: History, scheme: SchemeContent) -> list[Proposal]:
    """What the scheme suggests for one manager after the last month of ``history`` (E4).

    A run counts while it lasts, and is broken by a month or quarter that was not rated. What
    follows from quarters is suggested with a quarter's last month only. The lowest share of
    all is ``lowest``'s matter.
    """
    if not history.months:
        return []
    rank = {band.code: band.since for band in scheme.bands}
    quarters = quarters_of(history, scheme)
    judged = history.months[-1][0]
    ends_quarter = int(judged.split("-")[1]) % MONTHS_A_QUARTER == 0
    found = []
    for spec in scheme.consequences:
        if spec.kind == "bottom" or (spec.kind != "months" and not ends_quarter):
            continue
        run = history.months if spec.kind == "months" else quarters
        grounds = _grounds(spec, run, rank)
        if grounds:
            found.append(Proposal(spec.code, grounds))
    return found


def _grounds(
    spec: ConsequenceSpec,
    run: Sequence[tuple[str, Decimal | None, str]],
    rank: Mapping[str, Decimal],
) -> tuple[tuple[str, Decimal], ...]:
    """The last ``count`` of a run if they all fit; nothing otherwise."""
    last = run[-spec.count :]
    if len(last) < spec.count or any(not band for _, _, band in last):
        return ()
    limit = rank[spec.band]
    if spec.kind == "rise":
        fits = all(rank[band] >= limit for _, _, band in last)
        fits = fits and any(rank[band] >= rank[spec.best] for _, _, band in last)
    else:
        fits = all(rank[band] <= limit for _, _, band in last)
    if not fits:
        return ()
    return tuple((key, score) for key, score, _ in last if score is not None)


def lowest(totals: Mapping[int, Decimal], share: Decimal) -> list[int]:
    """The managers whose totals are the lowest ``share`` of all (annex 5: 重点帮扶), lowest first.

    Rounded up to whole people; whoever has the same points as the last of them belongs to them,
    unless that would be everybody.
    """
    ordered = sorted(totals, key=lambda manager: (totals[manager], manager))
    count = int((len(ordered) * share).to_integral_value(rounding=ROUND_CEILING))
    if not count:
        return []
    limit = totals[ordered[count - 1]]
    found = [manager for manager in ordered if totals[manager] <= limit]
    return found if len(found) < len(ordered) else []

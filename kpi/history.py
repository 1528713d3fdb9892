"""Scores over months: quarters and years, and what their bands suggest (annex 5)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.periods import Month
from kpi import rules
from kpi.choices import SheetState
from kpi.models import ScoreSheet
from kpi.rules import History
from kpi.scheme import SchemeContent

# Four quarters, and those before them that a run may have begun in.
_MONTHS_BACK: Final = 23

Scores = Mapping[str, tuple[Decimal | None, str]]


def locked_scores(
    first: Month, last: Month, manager_ids: Collection[int] | None = None
) -> dict[int, dict[str, tuple[Decimal | None, str]]]:
    """Total and band of the locked sheets, by manager and month; one query."""
    sheets = ScoreSheet.objects.filter(
        month__gte=first.key, month__lte=last.key, state=SheetState.LOCKED
    ).order_by("month")
    if manager_ids is not None:
        sheets = sheets.filter(manager_id__in=manager_ids)
    found: dict[int, dict[str, tuple[Decimal | None, str]]] = defaultdict(dict)
    for manager_id, month, total, band in sheets.values_list(
        "manager_id", "month", "total", "band"
    ):
        found[manager_id][month] = (total, band)
    return found


def history_of(scores: Scores, last: Month) -> History:
    """A manager's months from the first known to ``last``; a month without a sheet is a gap."""
    months = []
    month = Month.parse(min(scores))
    while month <= last:
        months.append((month.key, *scores.get(month.key, (None, ""))))
        month = month.next
    return History(months)


@dataclass(frozen=True)
class Mean:
    """A quarter or a year: 2026-Q4, 2026; its score, None where nothing is rated; its band."""

    key: str
    score: Decimal | None
    band: str


def means_of(manager_id: int, month: Month, scheme: SchemeContent) -> tuple[Mean, Mean]:
    """The quarter and the year of a month, of what is locked by the month (annex 5, 11.9)."""
    begin = Month(month.year, 1)
    scores = locked_scores(begin, month, [manager_id]).get(manager_id, {})
    by_quarter: dict[int, list[Decimal | None]] = defaultdict(list)
    for key, (total, _band) in scores.items():
        by_quarter[_quarter(Month.parse(key))].append(total)
    quarters = {number: rules.quarter_score(totals) for number, totals in by_quarter.items()}
    number = _quarter(month)
    year = rules.year_score(list(quarters.values()))
    return (
        _mean(f"{month.year}-Q{number}", quarters.get(number), scheme),
        _mean(f"{month.year}", year, scheme),
    )


def _quarter(month: Month) -> int:
    return (month.number + 2) // rules.MONTHS_A_QUARTER


def _mean(key: str, score: Decimal | None, scheme: SchemeContent) -> Mean:
    return Mean(key, score, "" if score is None else rules.band_of(score, scheme.bands).code)


@dataclass(frozen=True)
class Suggested:
    """A proposal ready to be kept."""

    manager_id: int
    branch_id: int
    kind: str
    grounds: Sequence[tuple[str, str]]


def suggested(month: Month, scheme: SchemeContent) -> list[Suggested]:
    """What the scheme suggests after a locked month, for every manager; two queries."""
    scores = locked_scores(month.plus(-_MONTHS_BACK), month)
    branches = dict(
        ScoreSheet.objects.filter(month=month.key, state=SheetState.LOCKED)
        .order_by()
        .values_list("manager_id", "branch_id")
    )
    found = [
        Suggested(
            manager_id,
            branch_id,
            proposal.code,
            [(key, f"{score:f}") for key, score in proposal.grounds],
        )
        for manager_id, branch_id in branches.items()
        for proposal in rules.proposals(history_of(scores[manager_id], month), scheme)
    ]
    return [*found, *_lowest(month, scheme, scores, branches)]


def _lowest(
    month: Month, scheme: SchemeContent, scores: Mapping[int, Scores], branches: Mapping[int, int]
) -> list[Suggested]:
    """The lowest share of the company's rated managers (annex 5: 重点帮扶)."""
    totals = {
        manager_id: total
        for manager_id in branches
        if (total := scores[manager_id][month.key][0]) is not None
    }
    return [
        Suggested(
            manager_id, branches[manager_id], spec.code, [(month.key, f"{totals[manager_id]:f}")]
        )
        for spec in scheme.consequences
        if spec.kind == "bottom" and spec.share is not None
        for manager_id in rules.lowest(totals, spec.share)
    ]

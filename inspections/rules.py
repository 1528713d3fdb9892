"""The inspection sheet as pure functions: points, score, grade, and the days of a finding.

Source: annex 3.8 (points and grades), annex 10: 8.2 (rectification), P3.5.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from core.calendar import Calendar
from core.numbers import rounded
from core.periods import instant, local_date
from inspections.judged import Fault, Judged
from organization.settings import BranchSettings

GOOD, PASS, RECTIFY = "good", "pass", "rectify"
# Content of minutes is marked from 0 to 5 (M3.3, A3); below 3 it costs a point (annex 3.8).
CONTENT_BEST: Final = 5
CONTENT_PASS: Final = 3
_NOTHING: Final = Decimal(0)


def points_of(fault: Fault, rates: Mapping[str, Decimal]) -> Decimal:
    """What one fault costs; a kind that the item does not name costs nothing."""
    return rates.get(fault.kind, _NOTHING)


def points_kept(
    points: Decimal, rates: Mapping[str, Decimal], judged: Judged | None
) -> Decimal | None:
    """What a branch keeps of an item's points, never below 0; None where it was not checked.

    In proportion where the check gives a share, else by what its faults cost (annex 3.8).
    """
    if judged is None or not judged.checked:
        return None
    if judged.kept_share is not None:
        return rounded(points * judged.kept_share)
    lost = sum((points_of(fault, rates) for fault in judged.faults), _NOTHING)
    return max(_NOTHING, rounded(points - lost))


def is_content_poor(mark: int) -> bool:
    """Whether a kind of content is not what the meeting owed: marked below 3 of 5."""
    return mark < CONTENT_PASS


def score(kept: Decimal, checked: Decimal) -> Decimal | None:
    """Points kept of the points checked, out of 100; None where nothing was checked.

    What has no source is left out of both, so that it neither gives nor takes.
    """
    return rounded(kept * 100 / checked) if checked else None


def total(lines: Sequence[tuple[Decimal, Decimal | None]]) -> tuple[Decimal, Decimal]:
    """Points kept and points checked of items given as (points, kept or None)."""
    known = [(points, kept) for points, kept in lines if kept is not None]
    return (
        sum((kept for _points, kept in known), _NOTHING),
        sum((points for points, _kept in known), _NOTHING),
    )


def grade(result: Decimal | None, settings: BranchSettings) -> str:
    """``good``, ``pass`` or ``rectify`` (annex 3.8: 90 and 80); "" without a score.

    The score is rounded before, so that it is compared as it is shown (annex 11.9).
    """
    if result is None:
        return ""
    if result >= settings.inspection_good:
        return GOOD
    return PASS if result >= settings.inspection_pass else RECTIFY


def respond_by(raised_at: datetime, calendar: Calendar, settings: BranchSettings) -> datetime:
    """By when the branch confirms or objects: close of business, three working days on."""
    on = calendar.next_working_day(local_date(raised_at), settings.finding_answer_days)
    return instant(on, settings.close_of_business)


def is_response_late(at: datetime, by: datetime) -> bool:
    """Whether a confirmation comes late: from the second after the deadline's."""
    return at > by


def rectify_by(begun_at: datetime, calendar: Calendar, settings: BranchSettings) -> date:
    """The day by which it must be put right: five working days on (annex 3.8)."""
    return calendar.next_working_day(local_date(begun_at), settings.rectify_days)

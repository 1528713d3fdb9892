"""Targets as pure functions: giving out (T2), what bars issuing, progress and forecast.

All numbers are decimals of the indicator's own places; managers are ids.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

from core.calendar import Calendar
from core.numbers import percent, rounded
from core.periods import Month, instant, local_date
from kpi.choices import Adding, Direction


def shared_out(
    value: Decimal, weights: Mapping[int, Decimal | int], places: int
) -> dict[int, Decimal]:
    """Give ``value`` out by weight so that the parts add up to it exactly (T2).

    Largest remainder: everybody gets the whole units of the last place that are due, what is
    left goes to the largest fractions; between equal ones the smaller id comes first, so that
    the order of the weights never matters. Without any weight everybody gets the same.
    ValueError for a negative value or weight, for nobody, and for a value of more places.
    """
    if not weights:
        raise ValueError("nobody to give to")
    if value < 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("nothing negative is given out")
    unit = Decimal(1).scaleb(-places)
    units = value / unit
    if units != units.to_integral_value():
        raise ValueError(f"{value} has more than {places} places")
    whole = sum(Fraction(weight) for weight in weights.values())
    due = {
        key: Fraction(units) * (Fraction(weight) / whole if whole else Fraction(1, len(weights)))
        for key, weight in weights.items()
    }
    given = {key: floor(share) for key, share in due.items()}
    left = int(units) - sum(given.values())
    for key in sorted(due, key=lambda each: (given[each] - due[each], each))[:left]:
        given[key] += 1
    return {key: (count * unit).quantize(unit) for key, count in given.items()}


def decomposed(
    value: Decimal, bases: Mapping[int, Decimal | int], places: int, adding: str
) -> dict[int, Decimal]:
    """Everybody's part of a branch's target: what is averaged is the same for all, what is
    added up is shared out by ``bases``."""
    if adding == Adding.MEAN:
        return dict.fromkeys(bases, value)
    return shared_out(value, bases, places)


def lacking(value: Decimal, parts: Collection[Decimal], adding: str) -> Decimal:
    """What is not given out (negative: given out too much); 0 for what is not added up."""
    if adding == Adding.MEAN:
        return Decimal(0)
    return value - sum(parts, Decimal(0))


@dataclass(frozen=True)
class LineState:
    """A line of a target sheet as issuing judges it; None where nothing is written."""

    code: str
    adding: str
    required: Decimal | None
    value: Decimal | None
    method: str
    parts: Mapping[int, Decimal]
    why_not_required: str
    why_not_sum: str


@dataclass(frozen=True)
class Bar:
    """Something that bars a sheet from being issued: what, and on which field of the page."""

    kind: str
    field: str
    code: str = ""
    amount: Decimal = Decimal(0)


def bars(
    lines: Collection[LineState],
    manager_ids: Collection[int],
    *,
    has_items: bool,
    why_no_items: str,
) -> list[Bar]:
    """What must be mended before a sheet is issued (T1, T2, T4), in the page's order.

    "empty": no target at all · "value": required and not set · "required": differs from the
    requirement without a reason · "part": somebody has no part · "sum": parts do not add up
    and nobody says why · "items": no work item and nobody says why · "nobody": no manager.
    """
    found = [] if manager_ids else [Bar("nobody", "")]
    if not any(line.value is not None for line in lines):
        found.append(Bar("empty", ""))
    for line in lines:
        found += _bars_of(line, manager_ids)
    if not has_items and not why_no_items.strip():
        found.append(Bar("items", "why_no_items"))
    return found


def _bars_of(line: LineState, manager_ids: Collection[int]) -> list[Bar]:
    code = line.code
    if line.value is None:
        return [Bar("value", f"value:{code}", code)] if line.required is not None else []
    found = []
    if (
        line.required is not None
        and line.value != line.required
        and not line.why_not_required.strip()
    ):
        found.append(Bar("required", f"why:{code}", code, line.value - line.required))
    without = [each for each in manager_ids if each not in line.parts]
    if without:
        found.append(Bar("part", f"part:{code}:{min(without)}", code, Decimal(len(without))))
    apart = lacking(line.value, line.parts.values(), line.adding)
    if apart and not line.why_not_sum.strip():
        found.append(Bar("sum", f"why_sum:{code}", code, apart))
    return found


def targets_due_at(
    month: Month, calendar: Calendar, working_day: int, close_of_business: time
) -> datetime:
    """By when a month's targets are issued: the end of work of its n-th working day (annex 2)."""
    before = month.first - timedelta(days=1)
    return instant(calendar.next_working_day(before, working_day), close_of_business)


def acknowledge_due_at(
    issued_at: datetime, calendar: Calendar, close_of_business: time
) -> datetime:
    """By when a manager acknowledges: the end of the next working day's work (our default)."""
    return instant(calendar.next_working_day(local_date(issued_at)), close_of_business)


# Progress


@dataclass(frozen=True)
class Pace:
    """How far somebody is with a target, against the working days gone.

    ``done`` is the share reached and ``gone`` the share of working days, in per cent; both None
    where they do not apply. ``forecast`` is what comes out if it goes on like this.
    """

    actual: Decimal | None
    target: Decimal | None
    done: Decimal | None
    gone: Decimal | None
    forecast: Decimal | None
    method: str

    @property
    def is_behind(self) -> bool:
        """Whether less is reached than the days gone would have it."""
        return self.done is not None and self.gone is not None and self.done < self.gone


def pace(
    actual: Decimal | None,
    target: Decimal | None,
    *,
    days_gone: int,
    days: int,
    adding: str,
    direction: str = Direction.UP,
    places: int = 2,
) -> Pace:
    """Progress and forecast of one target (T1).

    What adds up grows with the working days: forecast = actual ÷ days gone × days ("linear").
    What is averaged stays as it is ("level"); it is behind when it misses the target, whatever
    the day, so its ``gone`` is the whole. Of a target where less is better, ``done`` is
    target ÷ actual.
    """
    is_mean = adding == Adding.MEAN
    gone = Decimal(100) if is_mean else percent(min(days_gone, days), days) if days else None
    if actual is None:
        return Pace(None, target, None, gone, None, "")
    done = None
    if target is not None:
        done = (
            percent(actual, target)
            if direction == Direction.UP
            else _less_is_better(actual, target)
        )
    if is_mean:
        return Pace(actual, target, done, gone, actual, "level")
    if not days_gone:
        return Pace(actual, target, done, gone, None, "")
    forecast = rounded(actual * days / min(days_gone, days), places)
    return Pace(actual, target, done, gone, forecast, "linear")


def _less_is_better(actual: Decimal, target: Decimal) -> Decimal | None:
    """Target ÷ actual; all of it where nothing happened."""
    return Decimal(100) if actual <= 0 else percent(target, actual)


def joined(values: Collection[Decimal], adding: str, places: int) -> Decimal | None:
    """What managers' values make together: their sum, or their mean; None for none."""
    if not values:
        return None
    total = sum(values, Decimal(0))
    return total if adding == Adding.SUM else rounded(total / len(values), places)

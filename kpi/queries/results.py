"""Reads over results: what managers reached, by whom it was recorded and checked, how far it is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q
from django.utils.module_loading import import_string

from config import tables
from core.calendar import Calendar
from core.periods import Month, local_date
from core.queries import calendar
from kpi.choices import ResultSource
from kpi.models import Indicator, Result
from kpi.queries.bases import managers_of
from kpi.queries.indicators import open_indicators
from kpi.queries.targets import targets_at
from kpi.targets_rules import Pace, joined, pace
from organization.models import Branch, Person


@dataclass(frozen=True)
class Reached:
    """A result as it counts: the number, where it comes from, who stands for it.

    A computed one has no row (``result`` None); what is typed or imported goes before it.
    """

    value: Decimal
    source: str
    as_of: date
    result: Result | None = None

    @property
    def is_checked(self) -> bool:
        """Whether somebody else has checked it; what is computed needs no checking."""
        return self.result is None or self.result.checked_at is not None


Key = tuple[int, str]


def results_at(
    month: Month,
    manager_ids: Collection[int],
    cut: datetime,
    codes: Collection[str] | None = None,
) -> dict[Key, Reached]:
    """(manager, code) → the result that holds at a cut, of all indicators or these.

    Two queries and those of the computed indicators, however many managers.
    """
    found: dict[Key, Reached] = {}
    indicators = Indicator.objects.exclude(computed_by="")
    stored = Result.objects.counted_at(cut).filter(month=month.key, manager_id__in=manager_ids)
    if codes is not None:
        indicators = indicators.filter(code__in=codes)
        stored = stored.filter(indicator__code__in=codes)
    end = min(month.last, max(month.first, local_date(cut)))
    for indicator in indicators:
        path = tables.RESULT_SOURCES.get(indicator.computed_by)
        if path is not None:
            values: Mapping[int, Decimal] = import_string(path)(month, manager_ids, cut)
            for manager_id, value in values.items():
                key = (manager_id, indicator.code)
                found[key] = Reached(value, ResultSource.COMPUTED, end)
    for result in stored.select_related("indicator", "recorded_by", "checked_by").order_by():
        as_of = min(month.last, max(month.first, local_date(result.recorded_at)))
        key = (result.manager_id, result.indicator.code)
        found[key] = Reached(result.value, result.source, as_of, result)
    return found


def unchecked_at(
    month: Month, manager_ids: Collection[int], cut: datetime
) -> dict[int, frozenset[str]]:
    """Manager → codes of the results that counted at a cut though no second person had checked
    them by then (annex 5.1); one query."""
    rows = (
        Result.objects.counted_at(cut)
        .filter(month=month.key, manager_id__in=manager_ids)
        .exclude(checked_at__lte=cut)
    )
    found: dict[int, set[str]] = {}
    for manager_id, code in rows.order_by().values_list("manager_id", "indicator__code"):
        found.setdefault(manager_id, set()).add(code)
    return {manager_id: frozenset(codes) for manager_id, codes in found.items()}


def grid_version(branch_id: int, month: Month) -> int:
    """The version of a branch's grid of results: it rises with every change; one query."""
    counts = Result.objects.filter(branch_id=branch_id, month=month.key).aggregate(
        rows=Count("pk"),
        gone=Count("pk", filter=Q(superseded_at__isnull=False)),
    )
    return int(counts["rows"] + counts["gone"])


@dataclass(frozen=True)
class ResultGrid:
    """A branch's results of a month: managers × indicators."""

    branch: Branch
    month: Month
    version: int
    indicators: tuple[Indicator, ...]
    managers: tuple[Person, ...]
    reached: Mapping[Key, Reached]
    targets: Mapping[Key, Decimal]

    @property
    def unchecked(self) -> list[Reached]:
        """What nobody has checked yet."""
        return [one for one in self.reached.values() if not one.is_checked]

    @property
    def lacking(self) -> int:
        """How many results of given targets are not there."""
        return sum(1 for key in self.targets if key not in self.reached)

    def total(self, indicator: Indicator) -> Decimal | None:
        """The branch's result: what the managers' make together."""
        values = [
            self.reached[one.pk, indicator.code].value
            for one in self.managers
            if (one.pk, indicator.code) in self.reached
        ]
        return joined(values, indicator.adding, indicator.places)


def result_grid(branch: Branch, month: Month, cut: datetime) -> ResultGrid:
    """The grid as it stands at a moment; a fixed number of queries."""
    managers = tuple(managers_of(branch.pk, month))
    ids = [one.pk for one in managers]
    reached = results_at(month, ids, cut)
    targets = targets_at(month, ids, cut)
    codes = {code for _manager, code in (*reached, *targets)}
    return ResultGrid(
        branch=branch,
        month=month,
        version=grid_version(branch.pk, month),
        indicators=tuple(open_indicators(codes)),
        managers=managers,
        reached=reached,
        targets=targets,
    )


# Progress


@dataclass(frozen=True)
class Days:
    """The working days of a month, and how many are gone by a day."""

    month: Month
    calendar: Calendar

    @property
    def total(self) -> int:
        """How many the month has."""
        return self.calendar.count_working_days(self.month.first, self.month.last)

    def gone(self, on: date) -> int:
        """How many are gone at the end of a day."""
        if on < self.month.first:
            return 0
        return self.calendar.count_working_days(self.month.first, min(on, self.month.last))


def days_of(month: Month) -> Days:
    """The month's working days; one query."""
    return Days(month, calendar(month.year, month.year))


@dataclass(frozen=True)
class Progress:
    """One indicator's progress: of a manager, a branch or the company.

    ``pace.gone`` tells the working days gone up to the result's day, as the forecast has them; up
    to today while there is no result.
    """

    indicator: Indicator
    pace: Pace
    as_of: date | None
    is_checked: bool = True


def progress_of(
    indicator: Indicator,
    target: Decimal | None,
    reached: Sequence[Reached],
    days: Days,
    today: date,
) -> Progress:
    """How far it is; several results make a branch's or the company's."""
    values = [one.value for one in reached]
    actual = joined(values, indicator.adding, indicator.places)
    as_of = max((one.as_of for one in reached), default=None)
    told = pace(
        actual,
        target,
        days_gone=days.gone(as_of or today),
        days=days.total,
        adding=indicator.adding,
        direction=indicator.direction,
        places=indicator.places,
    )
    return Progress(indicator, told, as_of, all(one.is_checked for one in reached))


def manager_progress(
    month: Month, manager_id: int, cut: datetime, indicators: Sequence[Indicator]
) -> list[Progress]:
    """A manager's progress by indicator, those with a target or a result."""
    targets = targets_at(month, [manager_id], cut)
    reached = results_at(month, [manager_id], cut)
    days, today = days_of(month), local_date(cut)
    return [
        progress_of(
            each,
            targets.get((manager_id, each.code)),
            [reached[manager_id, each.code]] if (manager_id, each.code) in reached else [],
            days,
            today,
        )
        for each in indicators
        if (manager_id, each.code) in targets or (manager_id, each.code) in reached
    ]

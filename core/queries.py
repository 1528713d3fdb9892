"""Reads over the ground's own tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Final

from django.db.models import BooleanField, CharField, DateField, Q, SmallIntegerField, Value

from core.calendar import Calendar, DayMark
from core.models import CalendarYear, WorkDay

_COLUMNS = ("on", "is_workday", "name", "source", "year")
_Years = tuple[int | None, int | None]
_kept: Final[ContextVar[dict[_Years, Calendar] | None]] = ContextVar("calendars", default=None)


@contextmanager
def calendars_kept() -> Iterator[None]:
    """Inside, the days of the same years are read once: for whoever asks very often while nobody
    edits the calendar."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def calendar(first_year: int | None = None, last_year: int | None = None) -> Calendar:
    """The working days as they are known, of all years or of some; one query.

    A span of years only saves reading: outside it the calendar answers as for years that
    were never loaded.
    """
    kept, asked = _kept.get(), (first_year, last_year)
    if kept is None:
        return _read(*asked)
    if asked not in kept:
        kept[asked] = _read(*asked)
    return kept[asked]


def _read(first_year: int | None, last_year: int | None) -> Calendar:
    days, years = Q(), Q()
    if first_year is not None:
        days &= Q(on__gte=date(first_year, 1, 1))
        years &= Q(year__gte=first_year)
    if last_year is not None:
        days &= Q(on__lte=date(last_year, 12, 31))
        years &= Q(year__lte=last_year)
    marked = WorkDay.objects.filter(days).annotate(
        year=Value(None, output_field=SmallIntegerField())
    )
    loaded = CalendarYear.objects.filter(years).annotate(
        on=Value(None, output_field=DateField()),
        is_workday=Value(None, output_field=BooleanField()),
        name=Value("", output_field=CharField()),
    )
    rows = (
        marked.order_by()
        .values_list(*_COLUMNS)
        .union(loaded.order_by().values_list(*_COLUMNS), all=True)
    )
    found: dict[date, DayMark] = {}
    known: set[int] = set()
    for on, is_workday, name, source, year in rows:
        if year is None:
            found[on] = DayMark(on, is_workday, name, source)
        else:
            known.add(year)
    return Calendar(found, frozenset(known))

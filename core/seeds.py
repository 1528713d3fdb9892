"""What a new database is filled with: the working days that the installed package knows."""

from django.apps.registry import Apps
from django.db.models import Model

from core import clock
from core.calendar import (
    LIBRARY_SOURCE,
    days_from_chinesecalendar,
    years_in_chinesecalendar,
)


def seed_calendar(apps: Apps) -> None:
    """Write the holidays and make-up days of every year that chinesecalendar covers (annex 7).

    Called from a migration, with that migration's models. A year that is there already, and
    every day of it, stays as it is.
    """
    day_rows: type[Model] = apps.get_model("core", "WorkDay")
    year_rows: type[Model] = apps.get_model("core", "CalendarYear")
    at = clock.now()
    known = set(year_rows._default_manager.values_list("year", flat=True))
    years = [year for year in years_in_chinesecalendar() if year not in known]
    day_rows._default_manager.bulk_create(
        [
            day_rows(
                on=day.on,
                is_workday=day.is_workday,
                name=day.name,
                source=day.source,
                changed_at=at,
            )
            for day in days_from_chinesecalendar(years)
        ],
        ignore_conflicts=True,
        batch_size=150,
    )
    year_rows._default_manager.bulk_create(
        [year_rows(year=year, source=LIBRARY_SOURCE, loaded_at=at) for year in years]
    )

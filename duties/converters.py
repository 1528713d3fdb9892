"""A day or a month in an address: calendar/2026-10-10/, scores/2026-11/."""

from datetime import date

from django.urls import register_converter

from core.periods import YEARS, Month


class DayConverter:
    """An ISO date."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """The day; ValueError (no such address) for one that does not exist."""
        on = date.fromisoformat(value)
        if on.year not in YEARS:
            raise ValueError(value)
        return on

    def to_url(self, value: date | str) -> str:
        """As it stands in the address."""
        return value if isinstance(value, str) else value.isoformat()


class MonthConverter:
    """A month by its key, within the calendars of people."""

    regex = r"\d{4}-\d{2}"

    def to_python(self, value: str) -> Month:
        """The month; ValueError (no such address) for one that does not exist."""
        month = Month.parse(value)
        if month.year not in YEARS:
            raise ValueError(value)
        return month

    def to_url(self, value: Month | str) -> str:
        """Its key."""
        return value if isinstance(value, str) else value.key


register_converter(DayConverter, "day")
register_converter(MonthConverter, "month")

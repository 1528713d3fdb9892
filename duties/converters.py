"""A day in an address: calendar/2026-10-10/."""

from datetime import date

from django.urls import register_converter

from core.periods import YEARS


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


register_converter(DayConverter, "day")

"""Weeks in addresses: ``/weeks/2026-W48/`` ↔ ``core.periods.Week``."""

from django.urls import register_converter

from core.periods import YEARS, Week


class WeekConverter:
    """A week by its key; one that does not exist (a 53rd in a year of 52) is no address.

    Nor is one that lies beyond the calendars of people.
    """

    regex = r"\d{4}-W\d{2}"

    def to_python(self, value: str) -> Week:
        """The week; ValueError means that the address matches nothing."""
        week = Week.parse(value)
        if week.year not in YEARS:
            raise ValueError(value)
        return week

    def to_url(self, value: Week | str) -> str:
        """Its key."""
        return value if isinstance(value, str) else value.key


register_converter(WeekConverter, "week")

"""What is shown and what may be sent: strict serializers and their few own fields."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework import serializers

from core.periods import YEARS, Month

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)
LARGEST_ID: Final = 2**63 - 1


class Body(serializers.Serializer[Any]):
    """What a client may send: a field that is unknown or only read is refused, not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """The values by field name; raises ValidationError with every fault at once."""
        refused = self._refused(data) if isinstance(data, Mapping) else {}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            detail = error.detail if isinstance(error.detail, dict) else {}
            raise serializers.ValidationError({**detail, **refused}) from error
        if refused:
            raise serializers.ValidationError(refused)
        return values

    def _refused(self, data: Mapping[str, Any]) -> dict[str, list[str]]:
        fields = self.fields
        return {
            name: [_("没有这个字段。") if name not in fields else _("这个字段只能读。")]
            for name in data
            if name not in fields or fields[name].read_only
        }


class NoBody(Body):
    """Nothing is to be sent, or an empty object."""


class MomentField(serializers.DateTimeField):
    """A moment with its offset; without one it is refused, for nobody knows when it is."""

    def to_internal_value(self, value: Any) -> datetime:
        """The moment, in UTC as everywhere below the doors."""
        if isinstance(value, str) and not value.rstrip().endswith(("Z", "z")):
            clock = value.rpartition("T")[2] or value
            if "+" not in clock and "-" not in clock:
                raise serializers.ValidationError(_("写上时区，如 +08:00 或 Z。"))
        moment: datetime = super().to_internal_value(value)
        _check_range(moment.date())
        return moment.astimezone(UTC)


class DayField(serializers.DateField):
    """A day, within what a calendar of people needs."""

    def to_internal_value(self, value: Any) -> date:
        """The day."""
        on: date = super().to_internal_value(value)
        _check_range(on)
        return on


class MonthField(serializers.CharField):
    """A calendar month, ``2026-10``."""

    def to_internal_value(self, data: Any) -> Any:
        """The month."""
        text = super().to_internal_value(data)
        try:
            month = Month.parse(text)
        except ValueError as error:
            raise serializers.ValidationError(_("写成 2026-10 这样的月份。")) from error
        if month.year not in YEARS:
            raise serializers.ValidationError(_("写成 2026-10 这样的月份。"))
        return month


def how_to_write_moments() -> str:
    """The sentence for a moment in an address that cannot be read."""
    return _("写成带时区的时刻，如 2026-11-27T17:30:00Z（+ 号要写成 %2B）。")


def read_moment(text: str) -> datetime:
    """The moment of an ISO text, in UTC; ValueError without an offset or far from any calendar."""
    moment = parse_datetime(text.strip())
    if moment is None or moment.tzinfo is None or not EARLIEST <= moment.date() <= LATEST:
        raise ValueError(text)
    return moment.astimezone(UTC)


def _check_range(on: date) -> None:
    if not EARLIEST <= on <= LATEST:
        raise serializers.ValidationError(_("日期超出了范围。"))


class IdField(serializers.IntegerField):
    """The id of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **kwargs)


class ReasonField(serializers.CharField):
    """Why, in a sentence; whether one is needed is the operation's to say."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 200, "allow_blank": True, "default": "", **kwargs})


class BranchRef(serializers.Serializer[Any]):
    """A branch as it is named in other things."""

    id = serializers.IntegerField(source="pk")
    code = serializers.CharField()
    name = serializers.CharField()


class PersonRef(serializers.Serializer[Any]):
    """A person as named in other things."""

    id = serializers.IntegerField(source="pk")
    job_number = serializers.CharField()
    name = serializers.CharField()

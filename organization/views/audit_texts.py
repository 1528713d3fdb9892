"""What stands before and after in a row of the trail, as whoever reads it writes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from config.tables import AUDIT_CHOICES, AUDIT_FIELDS
from core.formats import clock, full_day, month_name, week_name
from core.models import AuditRow
from core.periods import Month, Week
from organization.models import Branch, Person

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*")
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_WEEK: Final = re.compile(r"\d{4}-W\d{2}")
# What holds the ids of its branch and of whom it reports to.
_WITH_IDS: Final = "person"


def label(key: str) -> str:
    """What a value is called; its own name where there are no words for it."""
    return _(AUDIT_FIELDS[key]) if key in AUDIT_FIELDS else key


@cache
def _choices(path: str) -> type[TextChoices]:
    found: type[TextChoices] = import_string(path)
    return found


@dataclass(frozen=True)
class RowTexts:
    """The texts of one row: its kind of target, and what its ids stand for by key."""

    target_type: str
    names: Mapping[tuple[str, int], str]

    def text(self, key: str, value: Any) -> str:
        """A value in words: names for codes and ids, days and moments as they are read."""
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return _("是") if value else _("否")
        if isinstance(value, list):
            return _("、").join(self.text(key, one) for one in value)
        if isinstance(value, dict):
            return _("；").join(f"{label(str(name))} {self.text(name, one)}"
                               for name, one in value.items())  # fmt: skip
        if isinstance(value, int):
            return self.names.get((key, value), str(value))
        return self._written(key, str(value))

    def _written(self, key: str, value: str) -> str:
        path = AUDIT_CHOICES.get(f"{self.target_type}.{key}")
        if path and value in _choices(path).values:
            return str(_choices(path)(value).label)
        return _as_read(value)


def _as_read(value: str) -> str:
    """A day, moment, month or week as it is read; every other text as it is."""
    try:
        if _DAY.fullmatch(value):
            return full_day(date.fromisoformat(value))
        if _MOMENT.fullmatch(value):
            at = datetime.fromisoformat(value)
            return f"{full_day(at)} {clock(at)}"
        if _MONTH.fullmatch(value):
            return month_name(Month.parse(value))
        if _WEEK.fullmatch(value):
            return week_name(Week.parse(value))
    except ValueError:
        return value
    return value


def of_row(row: AuditRow) -> RowTexts:
    """The texts of a row; two queries where it holds ids."""
    if row.target_type != _WITH_IDS:
        return RowTexts(row.target_type, {})

    def ids(key: str) -> list[int]:
        return [one for one in (row.before.get(key), row.after.get(key)) if isinstance(one, int)]

    branches = Branch.objects.in_bulk(ids("branch"))
    people = Person.objects.in_bulk(ids("reports_to"))
    return RowTexts(
        row.target_type,
        {
            **{("branch", pk): one.name for pk, one in branches.items()},
            **{("reports_to", pk): one.name for pk, one in people.items()},
        },
    )

"""What a metric is: it counts all managers of a month at once, and shows one manager's rows.

The installed ones stand in config.tables.METRICS by key; a scheme names its items' metrics by
key, and one that is not installed makes its item "not applicable" (annex 11.7).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Final

from django.utils.functional import Promise
from django.utils.module_loading import import_string

from config import tables
from core.actors import Actor
from core.periods import Month
from kpi.inputs import Inputs

# item of the scheme -> manager -> inputs
ByItem = Mapping[str, Mapping[int, Inputs | None]]


@dataclass(frozen=True)
class CountedRow:
    """A row that was counted: what it is, how it stands (a state of core.chips), its page.

    ``is_open_to`` says who may open that page, where not everybody may who sees the sheet.
    """

    label: str
    note: str
    state: str
    state_text: str
    url: str
    is_open_to: Callable[[Actor], bool] | None = None

    def seen_by(self, actor: Actor) -> "CountedRow":
        """The row for a reader: without its page where that is closed to him."""
        is_open = self.is_open_to is None or self.is_open_to(actor)
        return replace(self, url=self.url if is_open else "", is_open_to=None)


@dataclass(frozen=True)
class OpenDuty:
    """Something still to be done this month that would win points: a label, by when, its page.

    ``inputs`` are the item's inputs once it is done, ``otherwise`` those if it is left undone.
    """

    manager_id: int
    item: str
    label: str
    due_at: datetime
    url: str
    inputs: Inputs
    otherwise: Inputs


# Formulas that choose among the numbers a metric gives: an expression, a table of thresholds.
_OF_ANY: Final = frozenset({"EXPR", "TIER"})


@dataclass(frozen=True)
class Metric:
    """A source of points.

    ``compute(month, manager_ids, cut, items)`` gives each manager's inputs by item, None where
    nothing applies, in a number of statements that grows neither with the managers nor with the
    items; ``rows(month, manager_id, cut, item)`` lists what was counted for one. Items are the
    codes of the scheme's items. ``open_duties(month, manager_id, at, items)`` says what can
    still be won. ``units(items)`` are the units in which it counts, where they are its own:
    they take the place of those that the scheme names.
    """

    key: str
    label: str | Promise
    formulas: frozenset[str]
    compute: Callable[[Month, Collection[int], datetime, Collection[str]], ByItem]
    rows: Callable[[Month, int, datetime, str], Sequence[CountedRow]]
    open_duties: Callable[[Month, int, datetime, Collection[str]], Sequence[OpenDuty]] | None = None
    units: Callable[[Collection[str]], Mapping[str, str]] | None = None

    def feeds(self, kind: str) -> bool:
        """Whether a formula of this kind can read what it counts; those of any number read all."""
        return kind in self.formulas or (kind in _OF_ANY and bool(self.formulas - {"CASE"}))


@cache
def metrics() -> Mapping[str, Metric]:
    """The installed metrics by key."""
    return {key: import_string(path) for key, path in tables.METRICS.items()}

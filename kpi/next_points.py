"""The next best points: what a manager can still do this month, by the points it wins (K4).

A duty wins the difference between the month with it done and with it left undone, by the engine's
own arithmetic on the provisional inputs; nothing is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.periods import Month, local_date
from kpi.computing import Provisional, fed_items, provisional
from kpi.inputs import Inputs
from kpi.labels import label_set_of, name_of
from kpi.metrics import OpenDuty
from kpi.scoring import what_if


@dataclass(frozen=True)
class NextPoint:
    """An open duty and what it wins; ``item_name`` is the line of the sheet it counts in."""

    item: str
    item_name: str
    label: str
    due_at: datetime
    url: str
    points: Decimal


@dataclass(frozen=True)
class NextPoints:
    """A manager's month so far (provisional) and the open duties, most points first.

    ``open_points`` is what all of them would win together.
    """

    month: Month
    total: Decimal | None
    band: str
    band_name: str
    is_rated: bool
    why_not: str
    content: Mapping[str, Any]
    duties: tuple[NextPoint, ...]

    @property
    def open_points(self) -> Decimal:
        """The points of all open duties."""
        return sum((duty.points for duty in self.duties), Decimal(0))


def next_points(manager_id: int, at: datetime) -> NextPoints | None:
    """What a manager has of the current month and can still win; None where he is not scored."""
    month = Month.containing(local_date(at))
    so_far = provisional(manager_id, month, at)
    if so_far is None:
        return None
    label_set = label_set_of(month)
    found = [
        _priced(so_far, duty, label_set)
        for metric, items in fed_items(so_far.scheme)
        if metric.open_duties is not None
        for duty in metric.open_duties(month, manager_id, at, [item.code for item in items])
    ]
    won = [duty for duty in found if duty.points > 0]
    won.sort(key=lambda duty: (-duty.points, duty.due_at, duty.item))
    made = so_far.breakdown
    return NextPoints(
        month=month,
        total=made.total,
        band=made.band,
        band_name=name_of(made.band_names, label_set) if made.band_names else "",
        is_rated=made.is_rated,
        why_not=made.why_not,
        content=so_far.content,
        duties=tuple(won),
    )


def _priced(so_far: Provisional, duty: OpenDuty, label_set: str) -> NextPoint:
    done = _points(so_far, duty.item, duty.inputs)
    undone = _points(so_far, duty.item, duty.otherwise)
    return NextPoint(
        item=duty.item,
        item_name=name_of(so_far.scheme.by_code[duty.item].names, label_set),
        label=duty.label,
        due_at=duty.due_at,
        url=duty.url,
        points=done - undone,
    )


def _points(so_far: Provisional, item: str, inputs: Inputs) -> Decimal:
    """The exact sum of the groups with other inputs in one line; also of a month not rated."""
    made = what_if(so_far.scheme, so_far.inputs, {item: inputs}, so_far.presence)
    return sum((group.score or Decimal(0) for group in made.groups), Decimal(0))

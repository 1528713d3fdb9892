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
from kpi.computing import Provisional, provisional
from kpi.inputs import Inputs
from kpi.labels import label_set_of, name_of
from kpi.metrics import OpenDuty, metrics
from kpi.scheme import Item
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
        _priced(so_far, item, duty, label_set)
        for item in so_far.scheme.items
        for duty in _open_duties(item, month, manager_id, at)
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


def _open_duties(item: Item, month: Month, manager_id: int, at: datetime) -> list[OpenDuty]:
    metric = metrics().get(item.metric)
    if metric is None or metric.open_duties is None or not metric.feeds(item.formula.kind):
        return []
    return list(metric.open_duties(month, manager_id, at, item.code))


def _priced(so_far: Provisional, item: Item, duty: OpenDuty, label_set: str) -> NextPoint:
    done = _points(so_far, item, duty.inputs)
    undone = _points(so_far, item, duty.otherwise)
    return NextPoint(
        item=item.code,
        item_name=name_of(item.names, label_set),
        label=duty.label,
        due_at=duty.due_at,
        url=duty.url,
        points=done - undone,
    )


def _points(so_far: Provisional, item: Item, inputs: Inputs) -> Decimal:
    """The exact sum of the groups with other inputs in one line; also of a month not rated."""
    made = what_if(so_far.scheme, so_far.inputs, {item.code: inputs}, so_far.presence)
    return sum((group.score or Decimal(0) for group in made.groups), Decimal(0))

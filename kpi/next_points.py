"""The next best points: what a manager can still do this month, by the points it wins (K4).

A duty wins what the engine's own "what if" says: the month with it done less the month as it
stands, the weights of what did not apply yet going back to their lines. What only keeps points
that stand already says what is lost if it is left undone. Nothing is stored.
"""

from collections.abc import Mapping, Sequence
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
    """An open duty; ``item_name`` is the line of the sheet it counts in.

    ``points`` is what it wins, 0 where it only keeps what stands; ``at_stake`` is then what is
    lost if it is left undone.
    """

    item: str
    item_name: str
    label: str
    due_at: datetime
    url: str
    points: Decimal
    at_stake: Decimal


@dataclass(frozen=True)
class NextPoints:
    """A manager's month so far (provisional) and the open duties, most points first.

    ``open_points`` is what doing all of them gives together: never more than the month can give.
    """

    month: Month
    total: Decimal | None
    band: str
    band_name: str
    is_rated: bool
    why_not: str
    content: Mapping[str, Any]
    duties: tuple[NextPoint, ...]
    open_points: Decimal


def next_points(manager_id: int, at: datetime) -> NextPoints | None:
    """What a manager has of the current month and can still win; None where he is not scored."""
    month = Month.containing(local_date(at))
    so_far = provisional(manager_id, month, at)
    if so_far is None:
        return None
    label_set = label_set_of(month)
    found = [
        duty
        for metric, items in fed_items(so_far.scheme)
        if metric.open_duties is not None
        for duty in metric.open_duties(month, manager_id, at, [item.code for item in items])
    ]
    priced = [_priced(so_far, duty, found, label_set) for duty in found]
    worth = [duty for duty in priced if duty.points > 0 or duty.at_stake > 0]
    worth.sort(key=lambda duty: (-duty.points, -duty.at_stake, duty.due_at, duty.item))
    made = so_far.breakdown
    all_done = _points(so_far, _together(so_far, found))
    return NextPoints(
        month=month,
        total=made.total,
        band=made.band,
        band_name=name_of(made.band_names, label_set) if made.band_names else "",
        is_rated=made.is_rated,
        why_not=made.why_not,
        content=so_far.content,
        duties=tuple(worth),
        open_points=max(all_done - _points(so_far, {}), Decimal(0)),
    )


def _priced(
    so_far: Provisional, duty: OpenDuty, duties: Sequence[OpenDuty], label_set: str
) -> NextPoint:
    """What a duty wins against the month as it stands.

    In a group without any score yet the first line would win the whole group by itself; there a
    duty counts for what would be lacking if all were done but this one.
    """
    undone = {duty.item: duty.otherwise}
    if _has_score(so_far, duty.item):
        present = _points(so_far, {})
        won = _points(so_far, {duty.item: duty.inputs}) - present
        kept = present - _points(so_far, undone)
    else:
        done = _together(so_far, duties)
        won = _points(so_far, done) - _points(so_far, {**done, **undone})
        kept = Decimal(0)
    return NextPoint(
        item=duty.item,
        item_name=name_of(so_far.scheme.by_code[duty.item].names, label_set),
        label=duty.label,
        due_at=duty.due_at,
        url=duty.url,
        points=max(won, Decimal(0)),
        at_stake=max(kept, Decimal(0)) if won <= 0 else Decimal(0),
    )


def _has_score(so_far: Provisional, item: str) -> bool:
    """Whether the item's group has a score already."""
    code = so_far.scheme.by_code[item].group
    return any(group.code == code and group.score is not None for group in so_far.breakdown.groups)


def _together(so_far: Provisional, duties: Sequence[OpenDuty]) -> dict[str, Inputs]:
    """The inputs once all duties are done; several of one item add up (two weeks to file)."""
    done: dict[str, Inputs] = {}
    for duty in duties:
        before = done.get(duty.item)
        done[duty.item] = (
            duty.inputs if before is None else _added(so_far.inputs.get(duty.item), before, duty)
        )
    return done


def _added(present: Inputs | None, before: Inputs, duty: OpenDuty) -> Inputs:
    """Every number of ``before`` and what this duty adds to the present one."""
    start = present or {}
    return {
        key: f"{Decimal(before[key]) + Decimal(value) - Decimal(start.get(key, 0)):f}"
        for key, value in duty.inputs.items()
    }


def _points(so_far: Provisional, changes: Mapping[str, Inputs]) -> Decimal:
    """The exact sum of the groups with other inputs in some lines; also of a month not rated."""
    made = what_if(so_far.scheme, so_far.inputs, changes, so_far.presence)
    return sum((group.score or Decimal(0) for group in made.groups), Decimal(0))

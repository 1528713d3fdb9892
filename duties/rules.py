"""Duties as frozen values, and what a rule implies for a person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.calendar import Calendar
from core.periods import Day, Month, Period, Week
from organization.settings import BranchSettings


@dataclass(frozen=True)
class DutyTimes:
    """From when a duty can be done and by when it must be; UTC."""

    opens_at: datetime
    deadline_at: datetime


@dataclass(frozen=True)
class DutyKind:
    """A duty that a branch owes each day, week or month (``span``).

    ``times`` takes a period of that span and gives its times, None where the period brings no
    duty (annex 7).
    """

    key: str
    label: str
    clause: str
    times: Callable[[Any, Calendar, BranchSettings], DutyTimes | None]
    span: type[Period] = Week


def settings_day(period: Period) -> date:
    """The day whose settings say on which day a period's duty is: of a week the Friday, of a month
    the first, so that another day chosen in mid-month touches the months to come."""
    match period:
        case Week():
            return period.friday
        case Month():
            return period.first
        case Day():
            return period.on


def owing_day(period: Period) -> date:
    """The day on which a branch must be open to owe the period's duty."""
    return period.friday if isinstance(period, Week) else period.last


@dataclass(frozen=True)
class DueItem:
    """What a rule implies for one person: never stored, always asked for.

    What ``ends`` cannot be done any more once its time is over: nobody is reminded of it then.
    What ``waits`` can be done now, and others wait for it: it is shown however far ahead it is due.
    ``tick_url`` is posted to where it can be ticked off in place.
    """

    person_id: int
    kind: str
    title: str
    context: str
    due_at: datetime
    url: str
    customer_id: int | None = None
    ends: bool = False
    waits: bool = False
    tick_url: str = ""


def is_on_time(received_at: datetime, deadline_at: datetime) -> bool:
    """Whether a receipt counts as on time: up to and including the second of the deadline.

    W5 says "by Friday 17:30"; what arrives at 17:30:00 is by 17:30, at 17:30:01 it is late.
    """
    return received_at <= deadline_at


def minutes_late(received_at: datetime, deadline_at: datetime) -> int:
    """Whole minutes after the deadline, a part minute counted as one; 0 when on time."""
    seconds = int((received_at - deadline_at).total_seconds())
    return max(0, -(-seconds // 60))

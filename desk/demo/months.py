"""The demonstration's months: two that are closed, or closing, and the one that runs."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from core.periods import Month, Week, local_date
from core.queries import calendar
from desk.demo.meetings import meeting_events
from desk.demo.month_cases import case_events, open_case_events
from desk.demo.month_findings import finding_events, finding_waiting
from desk.demo.month_reports import report_events
from desk.demo.month_results import result_events
from desk.demo.month_sheets import correction_waiting, sheet_events
from desk.demo.month_targets import target_events
from desk.demo.people import Staff
from desk.demo.players import DaysBefore, Event, MonthStage, Players
from duties.month_queries import month_end_of

MONTHS_BACK: Final = 2
_MAKERS: Final = (
    target_events,
    result_events,
    case_events,
    sheet_events,
    report_events,
    finding_events,
    meeting_events,
)


def first_week(at: datetime) -> Week:
    """The week with which the first of the months begins."""
    return Week.containing(Month.containing(local_date(at)).plus(-MONTHS_BACK).first)


def joining_day(at: datetime) -> date:
    """When the newcomer comes: on a Monday in the second week of last month."""
    month = Month.containing(local_date(at)).previous
    return Week.containing(month.first + timedelta(days=7)).monday


def month_events(staff: Staff, players: Players, *, seed: int, at: datetime) -> Iterator[Event]:
    """What happens in the months, in no order; what comes after ``at`` is among it."""
    running = Month.containing(local_date(at))
    days = calendar(running.plus(-MONTHS_BACK - 1).year, running.plus(3).year)
    stages = [
        MonthStage(
            running.plus(-months_ago),
            end=month_end_of(running.plus(-months_ago)),
            calendar=days,
            staff=staff,
            players=players,
            seed=seed,
            months_ago=months_ago,
        )
        for months_ago in range(MONTHS_BACK, -1, -1)
    ]
    for stage in stages:
        for make in _MAKERS:
            yield from make(stage)
    before = DaysBefore(local_date(at), days)
    yield from open_case_events(stages[-1], before)
    yield finding_waiting(stages[-1], before.at(1, 11))
    yield correction_waiting(stages[-1], before.at(1, 15))

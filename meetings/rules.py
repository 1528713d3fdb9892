"""Chapter one as pure functions: when meetings are, who holds them, what one sitting discharges.

Days come in through a Calendar, times and roles through a branch's settings; nothing here asks
a database or a clock.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Final

from core.calendar import Calendar
from core.periods import Day, Month, Week, instant, local_date
from duties.rules import DutyKind, DutyTimes
from organization.settings import BranchSettings

# Two kinds that one sitting may discharge by the regulation itself (A1).
COMBINED_BY_RULE: Final = (frozenset({"analysis", "gm"}), frozenset({"analysis", "weekly"}))
# The room may be opened so long before the time arranged.
ROOM_OPENS_BEFORE: Final = timedelta(minutes=60)
CODE_LIVES: Final = timedelta(seconds=60)
REMIND_BEFORE: Final = timedelta(minutes=10)


def _span(on: date, at: time, minutes: int) -> DutyTimes:
    begins = instant(on, at)
    return DutyTimes(begins, begins + timedelta(minutes=minutes))


def weekly_times(week: Week, calendar: Calendar, settings: BranchSettings) -> DutyTimes | None:
    """When a week's meeting is (M2, annex 7.2): Monday, else the first working day of the week.

    None in a week without a working day: cancelled, not missed.
    """
    on = calendar.weekly_meeting_on(week, settings.weekly_meeting_day)
    if on is None:
        return None
    return _span(on, settings.weekly_meeting_time, settings.weekly_minutes)


def standup_times(day: Day, calendar: Calendar, settings: BranchSettings) -> DutyTimes | None:
    """When a day's stand-up is (M1): every working day, make-up weekends included (annex 7.1).

    None on a day off, and on the day of the weekly meeting, which replaces it (annex 2).
    """
    weekly_on = calendar.weekly_meeting_on(Week.containing(day.on), settings.weekly_meeting_day)
    return standup_beside(day, weekly_on, calendar, settings)


def standup_beside(
    day: Day, weekly_on: date | None, calendar: Calendar, settings: BranchSettings
) -> DutyTimes | None:
    """The same where the week's meeting is on ``weekly_on``, wherever the rule has it."""
    if not calendar.is_workday(day.on) or day.on == weekly_on:
        return None
    return _span(day.on, settings.standup_time, settings.standup_minutes)


def _nth_working_day(month: Month, n: int, calendar: Calendar) -> date | None:
    worked = calendar.working_days(month.first, month.last)
    return worked[min(n, len(worked)) - 1] if worked else None


def gm_times(month: Month, calendar: Calendar, settings: BranchSettings) -> DutyTimes | None:
    """When a month's GM session is (M3): on the chosen working day of the month (annex 7.6)."""
    on = _nth_working_day(month, settings.gm_day, calendar)
    return _span(on, settings.gm_time, settings.gm_minutes) if on else None


def analysis_times(month: Month, calendar: Calendar, settings: BranchSettings) -> DutyTimes | None:
    """When a month's analysis meeting is (A1): on the chosen working day (annex 7.6)."""
    on = _nth_working_day(month, settings.analysis_day, calendar)
    return _span(on, settings.analysis_time, settings.analysis_minutes) if on else None


STANDUP: Final = DutyKind("standup", "每日晨会", "M1", standup_times, Day)
WEEKLY: Final = DutyKind("weekly", "每周例会", "M2", weekly_times, Week)
GM: Final = DutyKind("gm", "总经理沟通会", "M3", gm_times, Month)
ANALYSIS: Final = DutyKind("analysis", "分析会", "A1", analysis_times, Month)


def attending_roles(kind: str, settings: BranchSettings) -> tuple[str, ...]:
    """The roles that must attend a kind of meeting (M1, M2, M3, A1)."""
    return {
        "standup": settings.standup_attendees,
        "weekly": settings.weekly_attendees,
        "gm": settings.gm_attendees,
        "analysis": settings.analysis_attendees,
    }[kind]


def convening_roles(kind: str, settings: BranchSettings) -> tuple[str, ...]:
    """The roles that call a kind of meeting (M1, M2: the supervisor; M3, A1: GM or deputy)."""
    return {
        "standup": settings.standup_holders,
        "weekly": settings.weekly_holders,
        "gm": settings.gm_holders,
        "analysis": settings.analysis_holders,
    }[kind]


def holding_roles(kinds: Collection[str], settings: BranchSettings) -> frozenset[str]:
    """The roles of which one must chair a sitting that discharges all these kinds (annex 2).

    Whoever may hold each of them: the analysis meeting together with the weekly one is chaired
    by GM or deputy, unless the setting leaves its chair to others; then it is for whoever holds
    the other meeting.
    """
    free = {"analysis"} if settings.analysis_chaired_by_convener == "no" else set()
    bound = [kind for kind in kinds if kind not in free] or list(kinds)
    heads = [kind for kind in bound if kind in ("gm", "analysis")]
    roles = [set(convening_roles(kind, settings)) for kind in heads or bound]
    return frozenset(set.intersection(*roles) or set.union(*roles))


def delegate_roles(kinds: Collection[str], settings: BranchSettings) -> frozenset[str]:
    """The roles to which a sitting's chair can be handed (M1.3, annex 2): anybody of the branch,
    but of a meeting that heads must hold (M3, A1) only to one of those who must."""
    holding = holding_roles(kinds, settings)
    if "supervisor" in holding:
        return frozenset({"manager", "supervisor", "gm", "deputy"})
    return holding


def may_be_combined(kinds: Collection[str], settings: BranchSettings) -> bool:
    """Whether one sitting may discharge these kinds (A1): by the rule, or as the branch sets."""
    wanted = frozenset(kinds)
    return is_combined_by_rule(wanted) or wanted in {
        frozenset(pair.split("+")) for pair in settings.other_combinations
    }


def sitting_ends_at(starts_at: datetime, parts: Collection[timedelta]) -> datetime:
    """When one sitting for several duties ends (A1): it lasts as long as the longest of them."""
    return starts_at + max(parts)


def is_combined_by_rule(kinds: Collection[str]) -> bool:
    """Whether the regulation itself names the combination; another is the company's own."""
    return frozenset(kinds) in COMBINED_BY_RULE


def may_hold(
    person_id: int,
    *,
    holders: Collection[int],
    delegate_id: int | None,
) -> bool:
    """Whether somebody may hold the meeting (M1.3): whoever the rule names, or, once somebody
    is delegated, the delegate and nobody else."""
    return person_id == delegate_id if delegate_id is not None else person_id in holders


def is_day_over(starts_at: datetime, at: datetime) -> bool:
    """Whether the day of a meeting is over: nobody signs in any more, and it should have ended."""
    return local_date(at) > local_date(starts_at)


def minutes_due_at(met_on: date, calendar: Calendar, settings: BranchSettings) -> datetime:
    """By when the minutes are due (annex 3.5): the next working day at the hour set, 17:30.

    Counted from the day of the meeting, however late somebody ended it.
    """
    return instant(calendar.next_working_day(met_on), settings.minutes_due)


def approval_due_at(submitted_on: date, calendar: Calendar, settings: BranchSettings) -> datetime:
    """By when the chair approves or returns minutes (annex 3.5: in time).

    How many working days after they were submitted is ours, a setting; the hour is the minutes'.
    """
    on = calendar.next_working_day(submitted_on, settings.approval_days)
    return instant(on, settings.minutes_due)

"""Chapter five as pure functions: what is due when, what counts, what must be written.

Times come in as arguments, days through a Calendar; nothing here asks a database or a clock.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from core.calendar import Calendar
from core.periods import Week, instant, local, local_date
from duties.rules import DutyKind, DutyTimes
from organization.settings import BranchSettings

# Parts of the weekly summary; the conclusions are a judgement and cannot be "nothing" (W5).
TEXT_PARTS: Final = (
    "response",
    "needs",
    "behaviour",
    "problems",
    "competitors",
    "conclusions",
    "suggestions",
    "help",
)
ALWAYS_WRITTEN: Final = ("conclusions",)
TEXT_AT_MOST: Final = 4000
REASON_AT_MOST: Final = 200

CONTENT_AT_LEAST: Final = 2
UNDO_WITHIN: Final = timedelta(minutes=10)
IN_ADVANCE_AT_MOST: Final = timedelta(minutes=5)


def summary_times(week: Week, calendar: Calendar, settings: BranchSettings) -> DutyTimes | None:
    """When a week's progress summary is due (W5, annex 7.3).

    Friday 17:30, else the last working day before Friday in that week at the same hour; no
    working day, no duty. It can be written from Monday 00:00.
    """
    due_on = calendar.weekly_deadline_on(week)
    if due_on is None:
        return None
    return DutyTimes(
        opens_at=instant(week.monday, time.min),
        deadline_at=instant(due_on, settings.summary_due),
    )


def rollup_times(week: Week, calendar: Calendar, settings: BranchSettings) -> DutyTimes | None:
    """When a week's roll-up can be sent and is due (W6, annex 2 #10, annex 7).

    It opens at the summaries' deadline and is due at close of business by the Friday rule,
    ``rollup_lag_weeks`` weeks later; a lagged week without a working day passes the duty on
    to the next week that has a Friday rule.
    """
    summaries = summary_times(week, calendar, settings)
    if summaries is None:
        return None
    due_week = week.plus(settings.rollup_lag_weeks)
    due_on = calendar.weekly_deadline_on(due_week)
    while due_on is None:
        due_week = calendar.next_week_with_working_days(due_week)
        due_on = calendar.weekly_deadline_on(due_week)
    deadline_at = instant(due_on, settings.close_of_business)
    return DutyTimes(
        opens_at=summaries.deadline_at, deadline_at=max(deadline_at, summaries.deadline_at)
    )


SUMMARY: Final = DutyKind("summary", "每周工作进度汇总表", "W5", summary_times)
ROLLUP: Final = DutyKind("rollup", "周汇总", "W6", rollup_times)


def log_due_at(occurred_on: date, calendar: Calendar) -> datetime:
    """By when a service must be logged (W3, annex 2 #8): the end of the same working day.

    A service on a day off may be logged until the end of the next working day. The moment is
    the first second of the day after: a log recorded before it is on time.
    """
    day = calendar.on_or_after(occurred_on)
    return instant(day + timedelta(days=1), time.min)


def is_log_late(recorded_at: datetime, due_at: datetime) -> bool:
    """Whether a log came too late: at 24:00:00 the day is over (W3)."""
    return recorded_at >= due_at


def answer_due_at(asked_at: datetime, calendar: Calendar, settings: BranchSettings) -> datetime:
    """By when a customer who came by himself is to be answered (annex 6, annex 7.7).

    ``answer_within_hours`` working hours after the question, counted in the branch's working
    hours of working days.
    """
    left = timedelta(hours=settings.answer_within_hours)
    moment = local(asked_at)
    day = moment.date()
    while True:
        if calendar.is_workday(day):
            for start, end in settings.work_hours:
                begins = max(instant(day, start), asked_at)
                ends = instant(day, end)
                if begins >= ends:
                    continue
                if ends - begins >= left:
                    return begins + left
                left -= ends - begins
        day = calendar.next_working_day(day)


def is_supplement(
    occurred_at: datetime,
    deadline_at: datetime,
    recorded_at: datetime,
    filed_at: datetime | None,
) -> bool:
    """Whether a service belongs on the supplement line of its own week (annex 2, annex 7.4).

    That is what happened after the summary's deadline (Friday evening, a make-up weekend) and
    what was first logged after the summary was filed, which could not count it any more.
    ``filed_at`` is None where nothing was filed.
    """
    return occurred_at > deadline_at or (filed_at is not None and recorded_at > filed_at)


@dataclass(frozen=True)
class Declared:
    """A figure as the system counted it and as the manager declares it, decimal text."""

    value: str
    declared: str
    reason: str = ""

    @property
    def differs(self) -> bool:
        """Whether the two differ."""
        return self.value != self.declared


@dataclass(frozen=True)
class Gap:
    """Something still missing: the field, and which of the form's sentences says so."""

    field: str
    kind: str
    values: tuple[str, ...] = ()


def summary_gaps(
    figures: Mapping[str, Declared], texts: Mapping[str, str], nothing: Collection[str]
) -> list[Gap]:
    """What keeps a weekly summary from being filed (W5, annex 3.4).

    A declared figure that differs from the system's needs a reason; each part needs a text or
    the words "nothing this week"; the conclusions always need a text.
    """
    gaps = []
    for key, figure in figures.items():
        if not figure.declared.isdigit():
            gaps.append(Gap(f"figure:{key}", "number"))
        elif figure.differs and not figure.reason.strip():
            gaps.append(Gap(f"reason:{key}", "reason", (figure.declared, figure.value)))
        elif len(figure.reason) > REASON_AT_MOST:
            gaps.append(Gap(f"reason:{key}", "long", (str(REASON_AT_MOST),)))
    for part in TEXT_PARTS:
        text = texts.get(part, "").strip()
        if part in ALWAYS_WRITTEN and not text:
            gaps.append(Gap(f"text:{part}", "conclusion"))
        elif not text and part not in nothing:
            gaps.append(Gap(f"text:{part}", "text"))
        elif text and part in nothing:
            gaps.append(Gap(f"text:{part}", "both"))
        elif len(text) > TEXT_AT_MOST:
            gaps.append(Gap(f"text:{part}", "long", (str(TEXT_AT_MOST),)))
    return gaps


def standing(
    *,
    received_at: datetime | None,
    minutes_late: int,
    is_returned: bool,
    deadline_at: datetime,
    at: datetime,
) -> str:
    """What the board says of one manager's week (W5): computed when it is read.

    One of on_time, late, returned, missing, not_due.
    """
    if received_at is None:
        return "missing" if at > deadline_at else "not_due"
    if is_returned:
        return "returned"
    return "late" if minutes_late else "on_time"


def may_be_reminded(sent: Sequence[datetime], at: datetime, settings: BranchSettings) -> bool:
    """Whether the reminder button may be pressed for somebody again.

    Not within the pause, and only so many times on one day; ``sent`` holds the presses so far.
    """
    today = [moment for moment in sent if local_date(moment) == local_date(at)]
    if len(today) >= settings.reminders_a_day:
        return False
    pause = timedelta(minutes=settings.reminder_pause_minutes)
    return all(at - moment >= pause for moment in sent)


def reminder_moments(deadline_at: datetime, settings: BranchSettings) -> list[datetime]:
    """The quiet minutes of the deadline's day at which whoever has not filed is reminded (W5).

    Only those before the deadline: none at the deadline itself.
    """
    on = local_date(deadline_at)
    moments = [instant(on, moment) for moment in settings.reminder_times]
    return sorted(moment for moment in moments if moment < deadline_at)


def closing_at(deadline_at: datetime) -> datetime:
    """When a closing runs: two minutes after the cut, when every transaction has ended."""
    return (deadline_at + timedelta(minutes=2)).astimezone(UTC)


def rollup_can_be_sent(at: datetime, opens_at: datetime) -> bool:
    """Whether the week's roll-up is open: from the summaries' deadline on (W6, annex 2)."""
    return at >= opens_at


def log_can_be_written(occurred_on: date, today: date, settings: BranchSettings) -> bool:
    """Whether a service may still be logged: at most ``log_within_days`` days after it (W3)."""
    return (today - occurred_on).days <= settings.log_within_days


def log_can_be_corrected(since: date, today: date, settings: BranchSettings) -> bool:
    """Whether a log may still be corrected: within ``log_correct_within_days`` of ``since``.

    That is the service's day; of an imported log the day of its import, for it may tell of
    services long past.
    """
    return (today - since).days <= settings.log_correct_within_days


def can_be_undone(recorded_at: datetime, at: datetime) -> bool:
    """Whether a log just saved may be taken back by its writer: within UNDO_WITHIN."""
    return at - recorded_at <= UNDO_WITHIN


def happened_by_now(occurred_at: datetime, at: datetime) -> bool:
    """Whether a service lies in the past; a phone's clock may be a few minutes ahead."""
    return occurred_at <= at + IN_ADVANCE_AT_MOST

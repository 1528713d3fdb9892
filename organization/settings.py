"""Branch settings: what can be set, its type, what the product ships (annexes 2, 6, 7).

Pure; the rows by date of effect are read by organization.in_force.
"""

from dataclasses import dataclass, field, fields
from datetime import time
from typing import Any, Final

from core.names import is_one_line


@dataclass(frozen=True)
class BranchSettings:
    """The settings of one branch on one day; the defaults are the annexes' ([D])."""

    summary_due: time = time(17, 30)  # W5
    close_of_business: time = time(18, 0)  # W6, annex 7
    rollup_lag_weeks: int = 1  # annex 2, #10
    # Meetings: when, how long (minutes), who must attend, who holds it (M1, M2, M3, A1, annex 2).
    standup_time: time = time(8, 30)
    standup_minutes: int = 20
    standup_attendees: tuple[str, ...] = ("manager",)
    standup_holders: tuple[str, ...] = ("supervisor",)
    weekly_meeting_day: int = 1  # Monday
    weekly_meeting_time: time = time(8, 30)
    weekly_minutes: int = 30
    weekly_attendees: tuple[str, ...] = ("manager",)
    weekly_holders: tuple[str, ...] = ("supervisor",)
    gm_day: int = 12  # working day of the month (annex 7.6)
    gm_time: time = time(15, 0)
    gm_minutes: int = 90
    gm_attendees: tuple[str, ...] = ("manager", "supervisor")
    gm_holders: tuple[str, ...] = ("gm", "deputy")
    analysis_day: int = 18
    analysis_time: time = time(15, 0)
    analysis_minutes: int = 90
    analysis_attendees: tuple[str, ...] = ("manager", "supervisor")
    analysis_holders: tuple[str, ...] = ("gm", "deputy")
    # Whether whoever convenes the analysis meeting must chair it, too (annex 2).
    analysis_chaired_by_convener: str = "yes"
    # Sittings that discharge more than the regulation's two combinations: "gm+weekly" (annex 2).
    other_combinations: tuple[str, ...] = ()
    leave_cutoff: str = "calendar_day"  # M1.2, annex 7.6
    minutes_due: time = time(17, 30)  # annex 3.5: of the next working day
    approval_days: int = 1  # ours: annex 3.5 says "approved in time" and not when
    meeting_evening: time = time(18, 0)  # the reminder on the evening before
    meeting_place: str = "会议室"
    # Quiet minutes on the deadline's day; robots of messengers throttle at full and half hours.
    reminder_times: tuple[time, ...] = (time(9, 40), time(15, 10), time(17, 7))
    reminder_pause_minutes: int = 60
    reminders_a_day: int = 3
    digest_times: tuple[time, ...] = (time(8, 10), time(11, 50), time(17, 40))
    answer_within_hours: int = 2  # working hours, passive services (annex 6)
    work_hours: tuple[tuple[time, time], ...] = (
        (time(8, 30), time(12, 0)),
        (time(13, 30), time(17, 30)),
    )
    # By how many days a service may be logged later, and how long its log is corrected.
    log_within_days: int = 31
    log_correct_within_days: int = 45
    rollup_recipients: tuple[str, ...] = field(default=())  # job numbers; none: the whole office
    targets_day: int = 3  # annex 2, #5: targets are issued by this working day of the month
    # The month's end (annex 2): working days of the next month, and hours.
    provisional_time: time = time(20, 0)
    freeze_day: int = 2
    freeze_time: time = time(12, 0)
    sheet_day: int = 3
    objection_end_day: int = 8
    draft_day: int = 5
    comment_days: int = 3
    lock_day: int = 9
    bulletin_day: int = 10
    finding_answer_days: int = 3
    rectify_days: int = 5  # annex 3.8
    # A branch's service quality is good from here, and passes from there (annex 3.8).
    inspection_good: int = 90
    inspection_pass: int = 80
    complaint_answer_days: int = 3  # annex 6: closed within three working days
    case_step_days: int = 2  # annex 3.13: each step of a bonus or penalty case
    # What items are called, and whose name stands on the bulletin.
    label_set: str = "telecom"
    bulletin_issuer: str = "公司市场部文件"
    bulletin_series: str = "市通报"


LABEL_SETS: Final = ("telecom", "bank")
TEXT_AT_MOST: Final = 40
# What a setting of words may say.
WORDS: Final[dict[str, tuple[str, ...]]] = {
    "label_set": LABEL_SETS,
    "leave_cutoff": ("calendar_day", "working_day"),
    "analysis_chaired_by_convener": ("yes", "no"),
    "other_combinations": ("gm+weekly", "standup+analysis", "standup+gm", "standup+weekly"),
}
ATTENDEES: Final = ("manager", "supervisor", "gm", "deputy")
HOLDERS: Final = ("supervisor", "gm", "deputy")
# Bounds of numbers, both included.
RANGES: Final[dict[str, tuple[int, int]]] = {
    "weekly_meeting_day": (1, 7),
    "gm_day": (1, 23),
    "analysis_day": (1, 23),
    "standup_minutes": (5, 240),
    "weekly_minutes": (5, 240),
    "gm_minutes": (5, 480),
    "analysis_minutes": (5, 480),
    "approval_days": (1, 20),
}
# When meetings begin and how many minutes they last: they end on the same day.
SPANS: Final = tuple(
    (f"{name}_time", f"{name.removesuffix('_meeting')}_minutes")
    for name in ("standup", "weekly_meeting", "gm", "analysis")
)
# A week has one weekly meeting: another weekday holds from a Monday on.
FROM_MONDAY: Final = ("weekly_meeting_day",)

_DAY: Final = 24 * 60  # minutes
DEFAULTS: Final = BranchSettings()
KEYS: Final = tuple(item.name for item in fields(BranchSettings))


def _time(value: str) -> time:
    return time.fromisoformat(value)


def _text(key: str, value: str) -> str:
    text = str(value).strip()
    is_taken = bool(text) and len(text) <= TEXT_AT_MOST and is_one_line(text)
    if not is_taken or text not in WORDS.get(key, (text,)):
        raise ValueError(text)
    return text


def _number(key: str, value: Any) -> int:
    number = int(value)
    least, most = RANGES.get(key, (number, number))
    if not least <= number <= most:
        raise ValueError(number)
    return number


def _several(value: Any, among: tuple[str, ...], *, at_least: int) -> tuple[str, ...]:
    words = tuple(str(word) for word in value)
    if isinstance(value, str) or len(words) < at_least or not set(words) <= set(among):
        raise ValueError(value)
    return tuple(dict.fromkeys(words))


def _words(key: str, value: Any) -> tuple[str, ...] | None:
    """A setting that is several of the words it may say; None for another."""
    if key in WORDS:
        return _several(value, WORDS[key], at_least=0)
    if key.endswith("_attendees"):
        return _several(value, ATTENDEES, at_least=1)
    return _several(value, HOLDERS, at_least=1) if key.endswith("_holders") else None


def parsed(key: str, value: Any) -> Any:
    """The stored JSON value as the setting's own type; raises ValueError or TypeError."""
    default = getattr(DEFAULTS, key)
    if isinstance(default, time):
        return _time(value)
    if isinstance(default, int):
        return _number(key, value)
    if isinstance(default, str):
        return _text(key, value)
    if (words := _words(key, value)) is not None:
        return words
    if key == "work_hours":
        return tuple((_time(start), _time(end)) for start, end in value)
    if key == "rollup_recipients":
        return tuple(str(number) for number in value)
    return tuple(_time(one) for one in value)


def past_midnight(settings: BranchSettings) -> list[str]:
    """The settings by which a meeting would end on another day than it begins."""
    found = []
    for begins, lasts in SPANS:
        start: time = getattr(settings, begins)
        if start.hour * 60 + start.minute + getattr(settings, lasts) > _DAY:
            found += [begins, lasts]
    return found


def plain(value: Any) -> Any:
    """The setting as JSON."""
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value

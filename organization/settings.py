"""Branch settings: what can be set, its type, what the product ships (annexes 2, 6, 7).

Pure; the rows by date of effect are read by organization.in_force.
"""

from dataclasses import dataclass, field, fields
from datetime import time
from typing import Any, Final


@dataclass(frozen=True)
class BranchSettings:
    """The settings of one branch on one day; the defaults are the annexes' ([D])."""

    summary_due: time = time(17, 30)  # W5
    close_of_business: time = time(18, 0)  # W6, annex 7
    rollup_lag_weeks: int = 1  # annex 2, #10
    standup_time: time = time(8, 30)  # M1
    weekly_meeting_time: time = time(8, 30)  # M2
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

DEFAULTS: Final = BranchSettings()
KEYS: Final = tuple(item.name for item in fields(BranchSettings))


def _time(value: str) -> time:
    return time.fromisoformat(value)


def _text(key: str, value: str) -> str:
    text = str(value).strip()
    if not text or len(text) > TEXT_AT_MOST or (key == "label_set" and text not in LABEL_SETS):
        raise ValueError(text)
    return text


def parsed(key: str, value: Any) -> Any:
    """The stored JSON value as the setting's own type; raises ValueError or TypeError."""
    default = getattr(DEFAULTS, key)
    if isinstance(default, time):
        return _time(value)
    if isinstance(default, int):
        return int(value)
    if isinstance(default, str):
        return _text(key, value)
    if key == "work_hours":
        return tuple((_time(start), _time(end)) for start, end in value)
    if key == "rollup_recipients":
        return tuple(str(number) for number in value)
    return tuple(_time(one) for one in value)


def plain(value: Any) -> Any:
    """The setting as JSON."""
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value

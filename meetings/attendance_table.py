"""Attendance per person and month as a list: what each column says, on page and in a workbook."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.chips import chip
from core.exports import table_bytes
from core.formats import month_name
from core.lists import Column
from core.marked_days import days_marked
from core.periods import Month, local
from meetings.choices import Presence
from meetings.queries.attendance import Attendance
from meetings.room_words import CHIPS
from organization.models import Branch
from worklogs.table_workbooks import TableWorkbook

# The tallies above the list, the deviating ones first.
TALLIED: Final = (
    Presence.ABSENT,
    Presence.LATE,
    Presence.EXCUSED,
    Presence.TRIP,
    Presence.PRESENT,
)
# What is worth a colour in the list.
_DEVIATING: Final = (Presence.ABSENT, Presence.LATE)


def rows_shown(rows: Sequence[Attendance], only: str) -> list[Attendance]:
    """The people whom the tally ``only`` leaves: who stood so at least once; else all."""
    if only not in TALLIED:
        return list(rows)
    return [row for row in rows if row.counts[only]]


def _count(state: Presence) -> Callable[[Attendance], int]:
    return lambda row: row.counts[state]


def _cell(state: Presence) -> Callable[[Attendance], SafeString | str]:
    def cell(row: Attendance) -> SafeString | str:
        n = row.counts[state]
        if not n:
            return "–"
        return chip(CHIPS[state], str(n)) if state in _DEVIATING else str(n)

    return cell


def attendance_columns() -> tuple[Column[Attendance], ...]:
    """Who, at how many expected and come, and how often in which state."""
    states = (Presence.LATE, Presence.ABSENT, Presence.EXCUSED, Presence.TRIP)
    return (
        Column("person", gettext_lazy("姓名"), lambda row: row.person.name),
        Column("expected", gettext_lazy("应到"), lambda row: row.expected, is_number=True),
        Column("came", gettext_lazy("实到"), lambda row: row.came, is_number=True),
        *(
            Column(
                state.value,
                Presence(state).label,
                _count(state),
                cell=_cell(state),
                is_number=True,
            )
            for state in states
        ),
        Column("rate", gettext_lazy("出勤率"), lambda row: row.rate, is_number=True),
        Column("post", gettext_lazy("岗位"), lambda row: row.person.post, is_shown=False),
        Column("number", gettext_lazy("工号"), lambda row: row.person.job_number, is_shown=False),
    )


def attendance_workbook(
    rows: Sequence[Attendance],
    columns: Sequence[Column[Attendance]],
    branch: Branch,
    month: Month,
    at: datetime,
    *,
    only: str = "",
) -> TableWorkbook:
    """The list with these columns, as the tally ``only`` leaves it."""
    shown = rows_shown(rows, only)
    name = _("%(branch)s%(month)s会议出勤") % {"branch": branch.name, "month": month_name(month)}
    as_of = _("数据截至 %(at)s") % {"at": f"{local(at):%Y-%m-%d %H:%M:%S}"}
    with days_marked(None):  # the same bytes over every door
        content = table_bytes(name, columns, shown, heading=[name, as_of])
    return TableWorkbook(name, content, len(shown))

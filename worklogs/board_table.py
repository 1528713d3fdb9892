"""The board as a list: what each column says of a manager's week."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.chips import chip
from core.formats import clock, hour, moment, span, weekday
from core.lists import Column
from core.periods import local_date
from core.templatetags.bihuan import day_bars
from worklogs import figures
from worklogs.choices import Standing, TextPart
from worklogs.queries import Board, BoardRow

# The board's words for a standing and the chips of the look that say them.
CHIPS: Final = {
    Standing.MISSING: "missing",
    Standing.RETURNED: "returned",
    Standing.LATE: "late",
    Standing.ON_TIME: "filed",
    Standing.NOT_DUE: "not_due",
}
SHORT: Final = {
    TextPart.NEEDS: gettext_lazy("需求"),
    TextPart.PROBLEMS: gettext_lazy("问题"),
    TextPart.SUGGESTIONS: gettext_lazy("建议"),
}
WORKDAYS: Final = 5
SILENT_DAYS: Final = 2
AN_HOUR: Final = 60  # minutes


def minutes_text(minutes: int) -> str:
    """8 分; from an hour on 2 小时 5 分, 3 天."""
    return _("%(n)d 分") % {"n": minutes} if minutes < AN_HOUR else span(minutes * AN_HOUR)


def rows_shown(board: Board, standing: str = "") -> list[BoardRow]:
    """The board's rows of a standing; all for a word that is none."""
    return [
        row for row in board.rows if standing not in Standing.values or row.standing == standing
    ]


def standing_text(standing: str, minutes_late: int = 0) -> str:
    """The word of a standing; a late one with its minutes."""
    if standing == Standing.LATE:
        return _("迟交 %(span)s") % {"span": minutes_text(minutes_late)}
    return str(Standing(standing).label)


def standing_chip(standing: str, minutes_late: int = 0) -> SafeString:
    """The chip of a standing; a late one with its minutes."""
    text = standing_text(standing, minutes_late) if standing == Standing.LATE else ""
    return chip(CHIPS[Standing(standing)], text)


def field_label(field: str) -> str:
    """A field of the summary (``figure:<key>`` or ``text:<part>``) by its label."""
    kind, __, key = field.partition(":")
    if kind == "text":
        return str(TextPart(key).label)
    figure = figures.figures().get(key)
    return str(figure.label) if figure else key


def days_shown(row: BoardRow) -> int:
    """How many days stand in the row: Monday to Friday, the weekend where somebody worked."""
    return max(WORKDAYS, *(n + 1 for n, count in enumerate(row.by_day) if count), 0)


def bars_of(row: BoardRow, days: Sequence[date]) -> SafeString:
    """The days as bars."""
    shown = days_shown(row)
    label = _("、").join(
        _("%(day)s %(n)d 笔") % {"day": weekday(day), "n": count}
        for day, count in zip(days[:shown], row.by_day[:shown], strict=True)
    )
    return render_to_string("components/day_bars.html", day_bars(row.by_day[:shown], label))


def silence(row: BoardRow, today: date, friday: date) -> str:
    """Since when nothing was logged, of somebody who has not filed (周二起没有日志)."""
    if row.last_service_on is None:
        return _("本周没有日志")
    last = min(today, friday)
    if (last - row.last_service_on).days < SILENT_DAYS:
        return ""
    return _("%(day)s后没有日志") % {"day": weekday(row.last_service_on)}


def notes_of(row: BoardRow, board: Board, today: date) -> str:
    """What deserves a look: what was returned, what differs, reminders, filed for somebody."""
    notes = [field_label(field) for field in row.returned_fields]
    if row.differing:
        notes.append(_("申报不同 %(n)d") % {"n": row.differing})
    if row.is_filed_for:
        notes.append(_("代填"))
    if row.summary is None and board.week.monday <= today:
        notes.append(silence(row, today, board.week.friday))
    if row.reminded_at and row.summary is None:
        is_today = local_date(row.reminded_at) == today
        when = hour(row.reminded_at) if is_today else moment(row.reminded_at)
        notes.append(_("上次提醒 %(when)s") % {"when": when})
    return _("、").join(note for note in notes if note)


def received(row: BoardRow, board: Board) -> str:
    """When it came in: the time on the deadline's day, else with its day."""
    if row.received_at is None:
        return ""
    deadline_on = local_date(board.period.deadline_at) if board.period else None
    if local_date(row.received_at) == deadline_on:
        return clock(row.received_at)
    return moment(row.received_at)


def parts_text(row: BoardRow) -> str:
    """Texts written, of all that are asked for."""
    return f"{row.parts_written}/{len(TextPart)}" if row.summary else "–"


def board_columns(board: Board, today: date) -> tuple[Column[BoardRow], ...]:
    """The board's columns."""
    days = board.week.days
    return (
        Column("name", gettext_lazy("客户经理"), lambda row: row.manager.name),
        Column(
            "standing",
            gettext_lazy("周报"),
            lambda row: standing_text(row.standing, row.minutes_late),
            cell=lambda row: standing_chip(row.standing, row.minutes_late),
            is_bare=True,
        ),
        Column(
            "received",
            gettext_lazy("收到"),
            lambda row: row.received_at,
            cell=lambda row: received(row, board),
        ),
        Column(
            "days",
            gettext_lazy("每日"),
            lambda row: " ".join(str(n) for n in row.by_day[: days_shown(row)]),
            cell=lambda row: bars_of(row, days),
        ),
        Column("services", gettext_lazy("服务"), lambda row: row.services, is_number=True),
        Column("texts", gettext_lazy("文字"), parts_text, is_number=True),
        Column(
            "notes",
            gettext_lazy("留意"),
            lambda row: notes_of(row, board, today),
            cell=lambda row: format_html(
                '<span class="note">{}</span>', notes_of(row, board, today)
            ),
            is_bare=True,
        ),
        Column(
            "job_number",
            gettext_lazy("工号"),
            lambda row: row.manager.job_number,
            is_shown=False,
        ),
    )

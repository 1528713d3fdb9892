"""What rules imply for somebody, from every app that knows of such (config.tables.DUE_SOURCES)."""

from datetime import datetime, time, timedelta
from typing import Final

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from config import tables
from core.formats import hour, month_day
from core.marked_days import filled
from core.parts import AgendaItem
from core.periods import local, local_date
from duties.rules import DueItem

BEHIND: Final = timedelta(days=62)
AHEAD: Final = timedelta(days=7)
# How far ahead the deadline of something lies for which others wait now.
FURTHEST: Final = timedelta(days=31)
# The week's summary has a place of its own on the manager's day.
ELSEWHERE: Final = frozenset({"summary"})
# What is due by then is due by the end of the day.
_LAST_MINUTE: Final = time(23, 59)


def owed_items(person_id: int, at: datetime) -> list[DueItem]:
    """What is overdue, due within the week, or waits for this person; the earliest first.

    The sources' own queries.
    """
    found: list[DueItem] = []
    for path in tables.DUE_SOURCES:
        found += import_string(path)([person_id], at - BEHIND, at + FURTHEST, at)
    return sorted((item for item in found if _is_shown(item, at)), key=lambda item: item.due_at)


def _is_shown(item: DueItem, at: datetime) -> bool:
    if item.ends and item.due_at < at:
        return False
    return item.waits or item.due_at <= at + AHEAD


def is_pressing(item: DueItem, at: datetime) -> bool:
    """Whether it is counted beside the navigation: it waits, is overdue or due today."""
    return item.waits or item.due_at < at or local_date(item.due_at) == local_date(at)


def due_agenda(person_id: int, at: datetime) -> list[AgendaItem]:
    """What is owed, as lines of somebody's day."""
    return [due_line(one, at) for one in owed_items(person_id, at) if one.kind not in ELSEWHERE]


def due_line(item: DueItem, at: datetime) -> AgendaItem:
    """What is owed, as a line of a day."""
    is_over = item.due_at < at
    is_today = local_date(item.due_at) == local_date(at)
    about = [item.context] if item.context else []
    if is_over:
        about.append(filled(_("期限 %(when)s"), when=month_day(item.due_at)))
    when = month_day(item.due_at)
    if is_today:
        is_all_day = local(item.due_at).time() >= _LAST_MINUTE
        when = _("今天") if is_all_day else hour(item.due_at)
    return AgendaItem(
        item.title,
        about,
        when=_("逾期") if is_over else when,
        state="overdue" if is_over else "",
        url=item.url,
        tick_url=item.tick_url,
    )

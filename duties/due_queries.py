"""What rules imply for somebody, from every app that knows of such (config.tables.DUE_SOURCES)."""

from datetime import datetime, timedelta
from typing import Final

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from config import tables
from core.formats import hour, month_day
from core.marked_days import filled
from core.parts import AgendaItem
from core.periods import local_date
from duties.rules import DueItem

BEHIND: Final = timedelta(days=62)
AHEAD: Final = timedelta(days=7)
# The week's summary has a place of its own on the manager's day.
ELSEWHERE: Final = frozenset({"summary"})


def owed_items(person_id: int, at: datetime) -> list[DueItem]:
    """What is overdue or due within the week, the earliest first; the sources' own queries."""
    found: list[DueItem] = []
    for path in tables.DUE_SOURCES:
        found += import_string(path)([person_id], at - BEHIND, at + AHEAD)
    return sorted(
        (item for item in found if not (item.ends and item.due_at < at)),
        key=lambda item: item.due_at,
    )


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
    when = hour(item.due_at) if is_today else month_day(item.due_at)
    return AgendaItem(
        item.title,
        about,
        when=_("逾期") if is_over else when,
        state="overdue" if is_over else "",
        url=item.url,
    )

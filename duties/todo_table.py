"""To-dos as a workbook (P2.1): what the page lists, one row each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actors import Actor
from core.errors import NotFound
from core.exports import table_bytes
from core.lists import Column
from core.marked_days import days_marked
from duties.choices import ToDoState
from duties.due_queries import owed_items
from duties.models import ToDo
from duties.rules import DueItem
from duties.todo_queries import closed_to_dos, led_to_dos, open_to_dos
from organization.models import Person

# What ``show`` asks for; without it one's own that wait are meant.
DONE: Final = "done"
OTHERS: Final = "others"


@dataclass(frozen=True)
class ToDoRow:
    """Something to do, also what a rule implies: what, whose, by when, where it stands."""

    what: str
    owner: str
    due_at: datetime
    state: str
    by: str
    about: str
    closed_at: datetime | None = None


@dataclass(frozen=True)
class ToDoWorkbook:
    """To-dos about to be handed out: the file's name without its ending, and how many rows."""

    name: str
    content: bytes
    rows: int


COLUMNS: tuple[Column[ToDoRow], ...] = (
    Column("what", gettext_lazy("待办"), lambda row: row.what),
    Column("owner", gettext_lazy("谁来办"), lambda row: row.owner),
    Column("due", gettext_lazy("期限"), lambda row: row.due_at),
    Column("state", gettext_lazy("状态"), lambda row: row.state),
    Column("by", gettext_lazy("布置人"), lambda row: row.by),
    Column("about", gettext_lazy("说明"), lambda row: row.about),
    Column("closed_at", gettext_lazy("办结时间"), lambda row: row.closed_at),
)


def to_dos_workbook(actor: Actor, at: datetime, *, show: str = "") -> ToDoWorkbook:
    """One's own that wait, those done, or those of the led branches' others.

    NotFound for the others' where no branch is led.
    """
    names = {"": _("待办"), DONE: _("已办"), OTHERS: _("本分公司的待办")}
    show = show if show in names else ""
    if show == OTHERS and not actor.led_branches:
        raise NotFound
    with days_marked(None):  # the same bytes over every door
        rows = _rows(actor, show, at)
        content = table_bytes(names[show], COLUMNS, rows)
    return ToDoWorkbook(names[show], content, len(rows))


def _rows(actor: Actor, show: str, at: datetime) -> list[ToDoRow]:
    if show == OTHERS:
        led = led_to_dos(actor).filter(state=ToDoState.OPEN).order_by("due_at", "pk")
        return [_row(one, one.owner.name, at) for one in led]
    own = Person.objects.get(pk=actor.somebody).name
    if show == DONE:
        return _written(closed_to_dos(actor.somebody), own, at)
    rows = _written(open_to_dos(actor.somebody), own, at)
    rows += [_owed(one, own, at) for one in owed_items(actor.somebody, at)]
    return sorted(rows, key=attrgetter("due_at"))


def _written(to_dos: Iterable[ToDo], owner: str, at: datetime) -> list[ToDoRow]:
    return [_row(one, owner, at) for one in to_dos]


def _row(to_do: ToDo, owner: str, at: datetime) -> ToDoRow:
    return ToDoRow(
        to_do.title,
        owner,
        to_do.due_at,
        state_text(ToDoState(to_do.state), to_do.due_at, at),
        to_do.created_by.name if to_do.created_by else "",
        to_do.about,
        to_do.closed_at,
    )


def _owed(item: DueItem, owner: str, at: datetime) -> ToDoRow:
    state = state_text(ToDoState.OPEN, item.due_at, at)
    return ToDoRow(item.title, owner, item.due_at, state, "", item.context)


def state_text(state: ToDoState, due_at: datetime, at: datetime) -> str:
    """Where it stands; what is open past its time is overdue."""
    return _("逾期") if state == ToDoState.OPEN and due_at < at else str(state.label)

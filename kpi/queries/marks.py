"""The grid on which people mark (annex 5.3): a branch's managers by the questions and exams."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from core.actors import Actor
from core.errors import NotFound
from core.periods import Month, local_date
from duties.month_end import MonthEnd
from duties.month_queries import month_end_of
from kpi import permissions
from kpi.computing import scheme_for
from kpi.labels import label_set_of, name_of
from kpi.marking import highest, marked_items, may_mark, questions_of
from kpi.models import Mark
from kpi.queries.targets import manager_for
from kpi.roster import Member, roster_of
from kpi.scheme import Item, parsed
from organization.models import Branch, Person


@dataclass(frozen=True)
class MarkColumn:
    """A column of the grid: an item's question, or its exam."""

    item: str
    question: str
    item_name: str
    name: str
    best: Decimal
    is_exam: bool


@dataclass(frozen=True)
class MarkCell:
    """A cell: the mark that stands, and whether the reader gives it. ``seen`` goes back with it."""

    column: MarkColumn
    mark: Mark | None
    can_write: bool

    @property
    def seen(self) -> int:
        """The id of the mark that stands, 0 for none."""
        return self.mark.pk if self.mark else 0

    @property
    def value(self) -> str:
        """The mark as it is typed, "" for none."""
        return "" if self.mark is None else f"{self.mark.value.normalize():f}"


@dataclass(frozen=True)
class MarkRow:
    """A manager's row."""

    member: Member
    cells: tuple[MarkCell, ...]


@dataclass(frozen=True)
class MarkGrid:
    """A branch's grid of a month; ``lacking`` cells that the reader gives are still empty."""

    month: Month
    branch: Branch
    end: MonthEnd
    columns: tuple[MarkColumn, ...]
    rows: tuple[MarkRow, ...]
    is_open: bool

    @property
    def can_write(self) -> bool:
        """Whether the reader can mark anything now."""
        return self.is_open and any(cell.can_write for row in self.rows for cell in row.cells)

    @property
    def lacking(self) -> int:
        """How many cells that the reader gives are still empty."""
        return sum(cell.can_write and cell.mark is None for row in self.rows for cell in row.cells)


def marks_for(actor: Actor) -> QuerySet[Mark]:
    """The marks the actor sees: the own, the led branches', all of those who read all."""
    if actor.reads_all:
        return Mark.objects.all()
    is_seen = Q(branch_id__in=actor.led_branches) | Q(manager_id=actor.person_id)
    return Mark.objects.filter(is_seen)


def mark_branches(actor: Actor, month: Month) -> list[Branch]:
    """The branches whose grids of the month the actor sees."""
    return [
        branch
        for branch in Branch.objects.open_on(month.first)
        if permissions.sees_marks(actor, branch.pk)
    ]


def mark_grid(actor: Actor, month: Month, branch_id: int, at: datetime) -> MarkGrid:
    """A branch's marks of a month for whoever gives or reads them; a fixed number of queries."""
    branch = Branch.objects.filter(pk=branch_id).first()
    if branch is None or not permissions.sees_marks(actor, branch_id):
        raise NotFound
    end = month_end_of(month)
    scheme = scheme_for(month, at)
    items = marked_items(parsed(scheme.content)) if scheme else ()
    label_set = label_set_of(month)
    members = [one for one in roster_of(month).members if one.branch.pk == branch_id]
    marks: Mapping[tuple[int, str, str], Mark] = {
        (mark.manager_id, mark.item, mark.question): mark
        for mark in Mark.objects.standing()
        .filter(month=month.key, manager_id__in=[one.manager_id for one in members])
        .select_related("recorded_by")
    }
    columns = tuple(column for item in items for column in _columns(item, label_set))
    by_code = {item.code: item for item in items}
    has_begun = month <= Month.containing(local_date(at))
    return MarkGrid(
        month=month,
        branch=branch,
        end=end,
        columns=columns,
        rows=tuple(
            MarkRow(
                member,
                tuple(
                    MarkCell(
                        column,
                        marks.get((member.manager_id, column.item, column.question)),
                        may_mark(actor, member, by_code[column.item]),
                    )
                    for column in columns
                ),
            )
            for member in members
        ),
        is_open=has_begun and at <= end.frozen_at,
    )


@dataclass(frozen=True)
class OwnMarks:
    """One manager's marks of a month: a cell for everything that people mark."""

    manager: Person
    cells: tuple[MarkCell, ...]


def own_marks(actor: Actor, month: Month, manager_id: int, at: datetime) -> OwnMarks:
    """The marks of a manager whom the actor sees: the own, of a led branch, or any."""
    manager = manager_for(actor, manager_id)
    scheme = scheme_for(month, at)
    items = marked_items(parsed(scheme.content)) if scheme else ()
    label_set = label_set_of(month)
    marks = {
        (mark.item, mark.question): mark
        for mark in marks_for(actor)
        .filter(month=month.key, manager=manager, superseded_at__isnull=True)
        .select_related("recorded_by")
    }
    cells = [
        MarkCell(column, marks.get((column.item, column.question)), can_write=False)
        for item in items
        for column in _columns(item, label_set)
    ]
    return OwnMarks(manager, tuple(cells))


def _columns(item: Item, label_set: str) -> list[MarkColumn]:
    names = {str(one["code"]): name_of(one["names"], label_set) for one in item.questions}
    item_name = name_of(item.names, label_set)
    is_exam = item.formula.kind == "EXAM"
    return [
        MarkColumn(
            item=item.code,
            question=question,
            item_name=item_name,
            name=item_name if is_exam else names[question],
            best=highest(item),
            is_exam=is_exam,
        )
        for question in questions_of(item)
    ]

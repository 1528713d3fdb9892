"""Marks that only a person can give (annex 5.3): many cells of a grid at once, each by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Refused
from core.formats import moment, number
from core.numbers import rounded
from core.periods import Month, local_date
from core.unique import is_taken
from duties.month_queries import month_end_of
from duties.operations import notify_all
from kpi import permissions
from kpi.computing import scheme_for
from kpi.marking import KINDS, highest, marked_items, may_mark, questions_of
from kpi.models import Mark
from kpi.roster import Member, roster_of
from kpi.scheme import Item, parsed
from kpi.sheet_notices import mark_differs
from organization.models import Person

AT_ONCE: Final = 500
BASIS_AT_MOST: Final = 200
SAVED, UNCHANGED, REFUSED, CONFLICT = "saved", "unchanged", "refused", "conflict"


@dataclass(frozen=True)
class Cell:
    """What a rater typed into one cell; "" takes the mark away.

    ``seen`` is the id of the mark that stood there when the grid was read, 0 for none.
    """

    manager_id: int
    item: str
    question: str
    value: str
    seen: int = 0
    basis: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a cell: "saved", "unchanged", "refused" or "conflict", and why.

    ``standing`` is the mark that stands there now.
    """

    cell: Cell
    state: str
    message: str = ""
    standing: Mark | None = None


@transaction.atomic
def record_marks(
    *, month: Month, cells: Sequence[Cell], actor: Actor, at: datetime
) -> list[Outcome]:
    """Write marks, each cell by itself: what cannot be written says why, the others stand.

    The supervisor rates the own branch's managers, the market department enters exams. Whoever
    writes over a mark not seen is told, and so is who gave it. Nothing after the freeze: what
    is found later becomes a correction of the sheet (annex 2).
    """
    if not (actor.has_role("supervisor") or permissions.can_mark_exams(actor)):
        raise NotAllowed(_("评分由本分公司主管打，考试成绩由市场部录。"))
    if len(cells) > AT_ONCE:
        raise Refused(_("一次最多 %(n)d 格。") % {"n": AT_ONCE})
    _check_open(month, at)
    scheme = scheme_for(month, at)
    if scheme is None:
        raise Refused(_("这个月还没有考核方案。"))
    content = parsed(scheme.content)
    members = roster_of(month, {cell.manager_id for cell in cells}).by_id
    keys = {(cell.manager_id, cell.item, cell.question) for cell in cells}
    if len(keys) != len(cells):
        raise Refused(_("同一格写了两次。"))
    grid = _Grid(
        month=month,
        items={item.code: item for item in marked_items(content)},
        members=members,
        standing={
            (mark.manager_id, mark.item, mark.question): mark
            for mark in Mark.objects.standing()
            .filter(month=month.key, manager_id__in=members)
            .select_related("manager", "recorded_by")
        },
        actor=actor,
        at=at,
    )
    outcomes = [_outcome(grid, cell) for cell in cells]
    _tell_both(outcomes, actor, at)
    _record(grid, outcomes)
    return outcomes


def _check_open(month: Month, at: datetime) -> None:
    end = month_end_of(month)
    if at > end.frozen_at:
        raise Refused(
            _("本月评分已于 %(when)s 截止；之后的更改走锁定后更正。")
            % {"when": moment(end.frozen_at)}
        )
    if month > Month.containing(local_date(at)):
        raise Refused(_("这个月还没有开始。"))


@dataclass(frozen=True)
class _Grid:
    """A month's cells as they stand, and who writes into them."""

    month: Month
    items: Mapping[str, Item]
    members: Mapping[int, Member]
    standing: Mapping[tuple[int, str, str], Mark]
    actor: Actor
    at: datetime


class _Overtaken(Exception):
    """The mark that stood a moment ago stands no more."""


def _outcome(grid: _Grid, cell: Cell) -> Outcome:
    """Write one cell in a savepoint, or say why not."""
    standing = grid.standing.get((cell.manager_id, cell.item, cell.question))
    try:
        value = _value(grid, cell)
        if (standing.pk if standing else 0) != cell.seen:
            return _conflict(cell, standing)
        if (standing.value if standing else None) == value:
            return Outcome(cell, UNCHANGED, standing=standing)
        with transaction.atomic():
            return Outcome(cell, SAVED, standing=_written(grid, cell, standing, value))
    except Refused as refused:
        return Outcome(cell, REFUSED, str(refused.message), standing)
    except _Overtaken:
        return _conflict(cell, _standing_now(grid, cell))
    except IntegrityError as error:
        if not is_taken(error):
            raise
        return _conflict(cell, _standing_now(grid, cell))


def _value(grid: _Grid, cell: Cell) -> Decimal | None:
    """The mark as a number, None for none; Refused for whom or what it cannot be given."""
    member, item = grid.members.get(cell.manager_id), grid.items.get(cell.item)
    if item is None or member is None or not may_mark(grid.actor, member, item):
        raise Refused(_("这一格不由您打分。"))
    if cell.question not in questions_of(item):
        raise Refused(_("考核方案里没有这一问。"))
    if len(cell.basis) > BASIS_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": BASIS_AT_MOST})
    return _number(cell.value, highest(item))


def _number(text: str, best: Decimal) -> Decimal | None:
    text = text.strip()
    if not text:
        return None
    message = _("写 0 到 %(n)s 的数，最多两位小数。") % {"n": number(best)}
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Refused(message) from None
    if not value.is_finite() or not 0 <= value <= best or value != rounded(value):
        raise Refused(message)
    return rounded(value)


def _written(grid: _Grid, cell: Cell, standing: Mark | None, value: Decimal | None) -> Mark | None:
    """The new mark in place of the one that stood; a change is a new row."""
    if standing is not None:
        superseded = Mark.objects.standing().filter(pk=standing.pk).update(superseded_at=grid.at)
        if not superseded:
            raise _Overtaken
    if value is None:
        return None
    member, item = grid.members[cell.manager_id], grid.items[cell.item]
    return Mark.objects.create(
        month=grid.month.key,
        manager_id=cell.manager_id,
        branch=member.branch,
        item=item.code,
        kind=KINDS[item.formula.kind],
        question=cell.question,
        value=value,
        basis=cell.basis.strip(),
        recorded_at=grid.at,
        recorded_by_id=grid.actor.somebody,
    )


def _standing_now(grid: _Grid, cell: Cell) -> Mark | None:
    return (
        Mark.objects.standing()
        .filter(
            month=grid.month.key,
            manager_id=cell.manager_id,
            item=cell.item,
            question=cell.question,
        )
        .select_related("manager", "recorded_by")
        .first()
    )


def _conflict(cell: Cell, standing: Mark | None) -> Outcome:
    """Somebody else was here since the grid was read: who, with what."""
    if standing is None:
        return Outcome(cell, CONFLICT, _("这一格刚被清空，请刷新后再看。"))
    message = _("%(name)s %(when)s 打了 %(value)s 分，和您看到的不同。") % {
        "name": standing.recorded_by.name,
        "when": moment(standing.recorded_at),
        "value": number(standing.value.normalize()),
    }
    return Outcome(cell, CONFLICT, message, standing)


def _tell_both(outcomes: Sequence[Outcome], actor: Actor, at: datetime) -> None:
    """Two raters of one person are told of each other (annex 5.3)."""
    conflicts = [
        (one.standing, one.cell)
        for one in outcomes
        if one.state == CONFLICT
        and one.standing is not None
        and one.standing.recorded_by_id != actor.person_id
    ]
    if not conflicts:
        return
    me = Person.objects.get(pk=actor.somebody)
    notify_all(
        [
            mark_differs(person, other, standing, cell.value, at=at)
            for standing, cell in conflicts
            for person, other in ((me, standing.recorded_by), (standing.recorded_by, me))
        ]
    )


def _record(grid: _Grid, outcomes: Sequence[Outcome]) -> None:
    """The trail's row: every cell that changed, before and after."""
    changed = [one for one in outcomes if one.state == SAVED]
    before = {}
    for one in changed:
        place = (one.cell.manager_id, one.cell.item, one.cell.question)
        stood = grid.standing.get(place)
        before[_place(grid, one.cell)] = f"{stood.value:f}" if stood else ""
    branches = {grid.members[one.cell.manager_id].branch.pk for one in changed}
    audit.record(
        actor=grid.actor,
        at=grid.at,
        what="kpi.record_marks",
        target_type="marks",
        target_id=grid.month.key,
        target_label=grid.month.key,
        branch_id=branches.pop() if len(branches) == 1 else None,
        before=before,
        after={
            _place(grid, one.cell): f"{one.standing.value:f}" if one.standing else ""
            for one in changed
        },
    )


def _place(grid: _Grid, cell: Cell) -> str:
    """A cell as the trail names it: job number, item, question."""
    number_of = grid.members[cell.manager_id].job_number
    return " ".join(filter(None, (number_of, cell.item, cell.question)))

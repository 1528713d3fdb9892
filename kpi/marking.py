"""What of a scheme people mark, and who marks it (annex 5.3)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from core.actors import Actor
from kpi import permissions
from kpi.choices import MarkKind
from kpi.roster import Member
from kpi.scheme import Item, SchemeContent

KINDS: Final[Mapping[str, MarkKind]] = {"RATE5": MarkKind.RATING, "EXAM": MarkKind.EXAM}
HIGHEST: Final[Mapping[str, tuple[str, int]]] = {"RATE5": ("best", 5), "EXAM": ("full_mark", 100)}
# The metric of items that people mark.
METRIC: Final = "marks"


def marked_items(scheme: SchemeContent) -> tuple[Item, ...]:
    """The items of a scheme that people mark, in its order."""
    return tuple(
        item for item in scheme.items if item.metric == METRIC and item.formula.kind in KINDS
    )


def highest(item: Item) -> Decimal:
    """The best a cell of the item can have."""
    key, usual = HIGHEST[item.formula.kind]
    return Decimal(str(item.formula.settings.get(key) or usual))


def may_mark(actor: Actor, member: Member, item: Item) -> bool:
    """Whether the actor gives this item's marks to this manager; nobody marks himself."""
    if member.manager_id == actor.person_id:
        return False
    if item.formula.kind == "EXAM":
        return permissions.can_mark_exams(actor) and actor.sees_branch(member.branch.pk)
    return permissions.can_rate(actor, member.branch.pk)


def questions_of(item: Item) -> tuple[str, ...]:
    """The codes of an item's cells: its questions, one without a name for an exam."""
    if item.formula.kind == "EXAM":
        return ("",)
    return tuple(str(question["code"]) for question in item.questions)

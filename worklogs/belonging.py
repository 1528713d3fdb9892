"""To which branch a manager's week belongs: where he holds the post on its deadline's day (W5).

Whoever moves in mid-week files once. What was filed before counts for the branch of the
deadline; the branch that had received it keeps what it received.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from core.periods import SHANGHAI, Week, local_date
from core.queries import calendar
from duties.models import DutyPeriod
from organization.choices import Role
from organization.models import Branch, Person, PersonQuerySet, RoleGrant
from organization.queries import is_in_post
from worklogs.models import Summary


def posts_on(on: date) -> QuerySet[RoleGrant]:
    """The posts of account managers on a day; of two of one person, the one given last."""
    held = RoleGrant.objects.in_force_on(on).filter(role=Role.MANAGER)
    return held.order_by("-valid_from", "-pk")


def owing_managers(branch_ids: Collection[int], on: date) -> PersonQuerySet:
    """The account managers who owe a summary for a week: in post on its deadline's day.

    Sorted by pinyin; one query however many branches, which takes posts as a set: those after
    which the person was given no other. Each row bears ``owes_to``, the branch's id. Leave comes
    with a later issue.
    """
    held = RoleGrant.objects.in_force_on(on).filter(role=Role.MANAGER)
    given_later = Q(valid_from__gt=OuterRef("valid_from")) | Q(
        valid_from=OuterRef("valid_from"), pk__gt=OuterRef("pk")
    )
    later = held.filter(given_later, person=OuterRef("person"))
    posts = held.filter(~Exists(later), branch__in=branch_ids)
    found: PersonQuerySet = Person.objects.in_post_on(on).filter(grants__in=posts)
    return found.annotate(owes_to=F("grants__branch_id"))


@dataclass(frozen=True)
class Owing:
    """Somebody who owes a week's summary, and to which branch."""

    person: Person
    branch_id: int


def owing_beside(branch_ids: Collection[int], on: date, filed: QuerySet[Summary]) -> list[Owing]:
    """Who owes these branches a summary for the deadline's day and is not among the filed."""
    rows = owing_managers(branch_ids, on).exclude(pk__in=filed.values("manager_id"))
    return [Owing(row, row.owes_to) for row in rows]  # type: ignore[attr-defined]


def deadline_on(week: Week) -> date | None:
    """The day on which the week's summaries fall due, None where the week brings no duty."""
    row = DutyPeriod.objects.filter(kind="summary", key=week.key).first()
    if row is not None:
        return local_date(row.deadline_at)
    return calendar().weekly_deadline_on(week)


def owed_branch(manager: Person, week: Week) -> Branch | None:
    """The branch to which the manager owes the week; None where he is no manager that day."""
    on = deadline_on(week)
    if on is None or not is_in_post(manager, on):
        return None
    post = posts_on(on).filter(person=manager).select_related("branch").first()
    return post.branch if post else None


def branch_of(summary: Summary) -> int:
    """Id of the branch a filed summary belongs to; where it was filed when no post decides."""
    post = posts_on(local_date(summary.deadline_at)).filter(person=summary.manager_id).first()
    return post.branch_id if post else summary.branch_id


def owed_periods(person_id: int) -> QuerySet[DutyPeriod]:
    """The weeks for which somebody owed or owes a summary, each to the branch of its deadline."""
    held = RoleGrant.objects.filter(person_id=person_id, role=Role.MANAGER)
    day = OuterRef("deadline_day")
    at_deadline = (
        held.filter(branch=OuterRef("branch"), valid_from__lte=day)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))
        .order_by()
    )
    return (
        DutyPeriod.objects.filter(kind="summary", branch__in=held.values("branch_id"))
        .alias(deadline_day=TruncDate("deadline_at", tzinfo=SHANGHAI))
        .filter(Exists(at_deadline))
    )

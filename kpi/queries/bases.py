"""By what targets are given out: who is there, what each holds, what was reached a year ago."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from core.calendar import Calendar
from core.periods import Month
from core.queries import calendar
from customers.choices import CustomerKind
from customers.models import Assignment
from kpi.choices import Method
from kpi.models import Result
from kpi.roster import Post, posts_of
from organization.models import Person


@dataclass(frozen=True)
class Bases:
    """A branch's managers of a month and the numbers by which targets are shared out to them."""

    managers: tuple[Person, ...]
    customers: Mapping[int, Decimal]
    revenue: Mapping[int, Decimal]
    days: Mapping[int, Decimal]
    # code of the indicator → manager → what was reached in the same month last year
    last_year: Mapping[str, Mapping[int, Decimal]]

    @property
    def ids(self) -> tuple[int, ...]:
        """The managers' ids."""
        return tuple(one.pk for one in self.managers)

    def of(self, method: str, code: str) -> dict[int, Decimal]:
        """Manager → basis by a method; everybody has one, 0 where there is nothing."""
        known: Mapping[int, Decimal] = {
            Method.CUSTOMERS: self.customers,
            Method.REVENUE: self.revenue,
            Method.DAYS: self.days,
            Method.LAST_YEAR: self.last_year.get(code, {}),
        }.get(Method(method), dict.fromkeys(self.ids, Decimal(1)))
        return {each: known.get(each, Decimal(0)) for each in self.ids}


def managers_of(branch_id: int, month: Month) -> list[Person]:
    """Whoever is an account manager of the branch on a day of the month, by name; two queries."""
    ids = {post.manager_id for post in posts_of(month) if post.branch_id == branch_id}
    return list(Person.objects.filter(pk__in=ids))


def bases_of(branch_id: int, month: Month) -> Bases:
    """The managers and the evidence their targets rest on (E1); five queries for any number."""
    posts = [post for post in posts_of(month) if post.branch_id == branch_id]
    ids = {post.manager_id for post in posts}
    held = (
        Assignment.objects.in_force_on(month.first)
        .filter(manager_id__in=ids)
        .order_by()
        .values_list("manager_id")
        .annotate(
            n=Count("pk"),
            revenue=Sum("customer__monthly_revenue", filter=Q(customer__kind=CustomerKind.GROUP)),
        )
    )
    rows = list(held)
    return Bases(
        managers=tuple(Person.objects.filter(pk__in=ids)),
        customers={manager: Decimal(count) for manager, count, _revenue in rows},
        revenue={manager: revenue or Decimal(0) for manager, _count, revenue in rows},
        days=_days(posts, calendar(month.year, month.year)),
        last_year=_last_year(ids, month),
    )


def _days(posts: Collection[Post], days: Calendar) -> dict[int, Decimal]:
    """Working days in post in the month."""
    found: dict[int, Decimal] = {}
    for post in posts:
        count = days.count_working_days(post.first, post.last)
        found[post.manager_id] = found.get(post.manager_id, Decimal(0)) + count
    return found


def _last_year(ids: Collection[int], month: Month) -> dict[str, dict[int, Decimal]]:
    rows = (
        Result.objects.standing()
        .filter(month=month.plus(-12).key, manager_id__in=ids)
        .order_by()
        .values_list("indicator__code", "manager_id", "value")
    )
    found: dict[str, dict[int, Decimal]] = {}
    for code, manager_id, value in rows:
        found.setdefault(code, {})[manager_id] = value
    return found

"""Reads over bills: the revenue that a manager's groups brought, and arrears (M1, D1)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet, Sum

from core.actors import Actor
from core.numbers import rounded
from core.periods import Month
from kpi.models import Bill

TEN_THOUSAND = Decimal(10_000)
# Days of the oldest open bill from which on an arrears case is suggested (annex 5.4, D1).
BANDS = (90, 60, 30)


def due_revenue(month: Month, manager_ids: Collection[int], cut: datetime) -> dict[int, Decimal]:
    """What the groups held at the month's end were billed, in 万元 (RESULT_SOURCES, M1).

    Billed and not paid: what is not paid is judged as arrears (D1), once. Nothing for whom the
    month has no bill. One query.
    """
    rows = (
        Bill.objects.counted_at(cut)
        .filter(month=month.key, manager_id__in=manager_ids)
        .order_by()
        .values_list("manager_id")
        .annotate(total=Sum("due"))
    )
    return {manager_id: rounded(total / TEN_THOUSAND) for manager_id, total in rows if manager_id}


def bills_for(actor: Actor, month: Month) -> QuerySet[Bill]:
    """A month's standing bills that the actor may see: the own groups', the led branches'."""
    bills: QuerySet[Bill] = (
        Bill.objects.standing()
        .filter(month=month.key)
        .select_related("customer", "manager", "branch")
    )
    if actor.reads_all:
        return bills
    own = bills.filter(manager_id=actor.person_id)
    return own | bills.filter(branch_id__in=actor.led_branches)


@dataclass(frozen=True)
class Arrears:
    """A customer in arrears: ``band`` is the largest of 30, 60, 90 days that is exceeded."""

    bill: Bill
    band: int

    @property
    def amount(self) -> Decimal:
        """What is owed, yuan."""
        return self.bill.arrears


def arrears_of(month: Month, cut: datetime) -> list[Arrears]:
    """Customers whose oldest open bill exceeds 30 days in a month, worst first (D1); one query.

    Suggestions for a case, which a person files or not; the holder at the month's end is the
    manager of the bill.
    """
    rows = (
        Bill.objects.counted_at(cut)
        .filter(month=month.key, arrears__gt=0, arrears_days__gt=min(BANDS))
        .select_related("customer", "manager", "branch")
        .order_by("-arrears_days", "customer__code")
    )
    return [
        Arrears(bill, next(band for band in BANDS if bill.arrears_days > band)) for bill in rows
    ]

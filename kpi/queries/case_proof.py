"""What the system itself knows for a case: warnings, logs about staying, bills, the loss.

``proof_of`` is what the rule asks (kpi.case_rules.lacking); ``records_of`` are the rows to look at.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core.actors import Actor
from core.formats import month_name, number, short_day
from core.models import AuditRow
from core.periods import Month, instant, local_date
from customers.choices import CustomerState
from customers.models import Assignment, Customer, TierChange
from kpi import case_rules as rules
from kpi.case_rules import Kind, Proof
from kpi.choices import ComplaintState
from kpi.models import Bill, Case, Complaint
from kpi.queries.bills import BANDS, Arrears, arrears_of
from kpi.queries.cases import STANDING
from worklogs.choices import Category
from worklogs.models import ServiceLog

# A warning and the talk about staying belong to the year before the customer is kept.
_WARNED_WITHIN_MONTHS: Final = 12
_SHOWN_AT_MOST: Final = 12


@dataclass(frozen=True)
class CaseFacts:
    """What is asked of the system: the kind, whom, when."""

    kind: Kind
    happened_on: date
    customer: Customer | None
    complaint: Complaint | None
    cause: str


def facts_of(kind: Kind, case: Case) -> CaseFacts:
    """The same of a case that stands."""
    return CaseFacts(
        kind,
        case.happened_on,
        case.customer,
        case.complaint,
        str(case.particulars.get("cause", "")),
    )


def proof_of(facts: CaseFacts, at: datetime, *, files: int = 0) -> Proof:
    """What is known on a day; at most three queries."""
    customer, complaint = facts.customer, facts.complaint
    is_of_customer = customer is not None
    return Proof(
        today=local_date(at),
        happened_on=facts.happened_on,
        files=files,
        is_warned=facts.kind == Kind.KEPT and is_of_customer and _is_warned(facts),
        is_active=customer is not None and customer.state != CustomerState.LOST,
        is_lost=customer is not None and customer.state == CustomerState.LOST,
        cause=facts.cause,
        is_billed=facts.kind == Kind.WON and _bills_since(facts).filter(due__gt=0).exists(),
        is_in_arrears=facts.kind == Kind.ARREARS and _arrears_bills(facts).exists(),
        is_upheld=complaint is not None and complaint.state == ComplaintState.UPHELD,
    )


def _is_warned(facts: CaseFacts) -> bool:
    return _talks(facts).exists() or _warnings(facts).exists()


def _talks(facts: CaseFacts) -> QuerySet[ServiceLog]:
    """Logs about staying, up to the day the customer was kept."""
    since = rules.months_after(facts.happened_on, -_WARNED_WITHIN_MONTHS)
    return (
        ServiceLog.objects.standing()
        .filter(
            customer=facts.customer,
            category=Category.RETENTION,
            occurred_on__gte=since,
            occurred_on__lte=facts.happened_on,
        )
        .order_by("occurred_at")
    )


def _warnings(facts: CaseFacts) -> QuerySet[AuditRow]:
    """When the customer was marked as warned: the trail keeps it."""
    since = rules.months_after(facts.happened_on, -_WARNED_WITHIN_MONTHS)
    return AuditRow.objects.filter(
        what="customers.change_customer",
        target_type="customer",
        target_id=str(facts.customer.pk) if facts.customer else "",
        after__state=CustomerState.WARNED.value,
        at__gte=instant(since, time.min),
        at__lt=instant(facts.happened_on + timedelta(days=1), time.min),
    ).order_by("at")


def _bills_since(facts: CaseFacts) -> QuerySet[Bill]:
    """The bills of the month it happened in and of later ones."""
    return (
        Bill.objects.standing()
        .filter(customer=facts.customer, month__gte=Month.containing(facts.happened_on).key)
        .order_by("month")
    )


def _arrears_bills(facts: CaseFacts) -> QuerySet[Bill]:
    """The bill of the month in which it fell due, where it shows arrears."""
    return Bill.objects.standing().filter(
        customer=facts.customer,
        month=Month.containing(facts.happened_on).key,
        arrears__gt=0,
        arrears_days__gt=min(BANDS),
    )


def bill_of(customer_id: int, month: Month) -> Bill | None:
    """A customer's standing bill of a month."""
    return Bill.objects.standing().filter(customer_id=customer_id, month=month.key).first()


def tier_on(customer: Customer, on: date) -> str:
    """The customer's tier on a day, as the file has it; the present one where none is older."""
    found = (
        TierChange.objects.in_force_on(on)
        .filter(customer=customer)
        .values_list("tier__code", flat=True)
        .first()
    )
    return str(found or customer.tier.code)


def has_held(manager_id: int, customer: Customer, on: date) -> bool:
    """Whether the manager looks after the customer, or did on that day or until it."""
    if customer.manager_id == manager_id:
        return True
    held = Assignment.objects.filter(customer=customer, manager_id=manager_id, valid_from__lte=on)
    return held.exclude(valid_to__lt=on).exists()


# Rows to look at


@dataclass(frozen=True)
class Record:
    """A row that bears on a case: what it says, when or how much, its page ("" for none)."""

    label: str
    note: str
    url: str = ""


def records_of(facts: CaseFacts, actor: Actor) -> list[Record]:
    """What the system holds about the event, oldest first; a fixed number of queries."""
    if facts.kind == Kind.KEPT and facts.customer:
        return [*_warning_records(facts, actor), *_bill_records(facts)]
    if facts.kind == Kind.WON and facts.customer:
        return _bill_records(facts)
    if facts.kind == Kind.ARREARS:
        return [_arrears_record(bill) for bill in _arrears_bills(facts)]
    if facts.kind == Kind.LOST and facts.customer:
        return _loss_records(facts.customer)
    return []


def _warning_records(facts: CaseFacts, actor: Actor) -> list[Record]:
    marks = [
        (local_date(row.at), Record(_("标为预警"), short_day(local_date(row.at))))
        for row in _warnings(facts)[:_SHOWN_AT_MOST]
    ]
    seen = ServiceLog.objects.visible_to(actor).order_by().values("pk")
    talks = [
        (
            log.occurred_on,
            Record(_("挽留日志"), short_day(log.occurred_on), reverse("log", args=[log.thread_id])),
        )
        for log in _talks(facts).filter(pk__in=seen)[:_SHOWN_AT_MOST]
    ]
    return [record for _on, record in sorted([*marks, *talks], key=lambda one: one[0])]


def _bill_records(facts: CaseFacts) -> list[Record]:
    return [
        Record(
            _("%(month)s账单") % {"month": month_name(Month.parse(bill.month))},
            _("应收 %(due)s 元") % {"due": number(bill.due, 2)},
        )
        for bill in _bills_since(facts)[:_SHOWN_AT_MOST]
    ]


def _arrears_record(bill: Bill) -> Record:
    return Record(
        _("%(month)s账单") % {"month": month_name(Month.parse(bill.month))},
        _("欠费 %(amount)s 元，最早一笔 %(days)d 天")
        % {"amount": number(bill.arrears, 2), "days": bill.arrears_days},
    )


def _loss_records(customer: Customer) -> list[Record]:
    if customer.state != CustomerState.LOST:
        return []
    since = short_day(customer.state_since) if customer.state_since else ""
    return [Record(_("标为流失"), since, reverse("customer", args=[customer.pk]))]


# Arrears that ask for a case


def arrears_month(at: datetime) -> Month | None:
    """The newest month of which there are bills."""
    newest = (
        Bill.objects.standing()
        .filter(month__lte=Month.containing(local_date(at)).key)
        .order_by("-month")
        .values_list("month", flat=True)
        .first()
    )
    return Month.parse(newest) if newest else None


def suggested_arrears(
    branch_ids: Collection[int] | None, items: Collection[str], at: datetime
) -> list[Arrears]:
    """Arrears of the newest month's bills of which no case stands (D1), worst first.

    Of these branches, of all for None; three queries. A person files them or not.
    """
    month = arrears_month(at)
    if month is None:
        return []
    found = [
        one
        for one in arrears_of(month, at)
        if one.bill.manager_id and (branch_ids is None or one.bill.branch_id in branch_ids)
    ]
    if not found:
        return []
    filed = set(
        Case.objects.filter(
            item__in=items,
            customer_id__in=[one.bill.customer_id for one in found],
            happened_on__range=(month.first, month.last),
            state__in=STANDING,
        ).values_list("customer_id", flat=True)
    )
    return [one for one in found if one.bill.customer_id not in filed]

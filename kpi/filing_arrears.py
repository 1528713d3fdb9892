"""What a bill's arrears make of a case (K3.4): filed as it stands, by one press or one request."""

from datetime import datetime

from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotAllowed, NotFound
from core.formats import month_name, number
from core.periods import Month, local_date
from kpi import case_rules as rules
from kpi.case_rules import Kind
from kpi.models import Bill, Case
from kpi.operations.cases import file_case
from kpi.permissions import can_file_case
from kpi.queries.cases import items_of, scheme_of_month
from kpi.scheme import Item, SchemeContent


def arrears_item(content: SchemeContent | None) -> Item | None:
    """The item under which arrears are filed."""
    items = items_of(content) if content else []
    return next((one for one in items if rules.kind_of(one) == Kind.ARREARS), None)


def arrears_text(bill: Bill) -> str:
    """What a bill says of arrears: the facts of the case."""
    return _("%(month)s账单欠费 %(amount)s 元，最早一笔已 %(days)d 天。") % {
        "month": month_name(Month.parse(bill.month)),
        "amount": number(bill.arrears, 2),
        "days": bill.arrears_days,
    }


def file_arrears(*, bill_id: int, actor: Actor, at: datetime) -> Case:
    """File what a standing bill suggests; NotFound for one that is not seen or suggests nothing.

    AlreadyFiled with the first case where the event stands.
    """
    found = bill_seen(actor, bill_id)
    if not can_file_case(actor, found.branch_id):
        raise NotAllowed(_("扣分事项由主管、总经理或市场部申报。"))
    item = arrears_item(scheme_of_month(Month.containing(local_date(at)), at))
    if item is None or found.manager_id is None:
        raise NotFound
    return file_case(
        manager_id=found.manager_id,
        item=item.code,
        customer_id=found.customer_id,
        happened_on=min(Month.parse(found.month).last, local_date(at)),
        facts=arrears_text(found),
        actor=actor,
        at=at,
    )


def bill_seen(actor: Actor, bill_id: int) -> Bill:
    """A standing bill that the actor may see."""
    bills = Bill.objects.standing().select_related("customer", "manager").filter(pk=bill_id)
    if not actor.reads_all:
        bills = bills.filter(branch_id__in=actor.led_branches) | bills.filter(
            manager_id=actor.person_id or 0
        )
    found = bills.first()
    if found is None:
        raise NotFound
    return found

"""Reads over customers: who holds what, search for go-anywhere."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actors import Actor
from core.errors import NotFound, Refused
from core.formats import plain_day
from core.parts import Hit
from customers.choices import CustomerState
from customers.models import Assignment, Contact, Customer, CustomerQuerySet


def customer_for(actor: Actor, customer_id: int) -> Customer:
    """The customer, if the actor may see it; NotFound tells no more than that."""
    found = (
        Customer.objects.visible_to(actor)
        .select_related("tier", "manager", "branch")
        .filter(pk=customer_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def customer_to_log(actor: Actor, customer_id: int, on: date) -> Customer:
    """The customer of a service done on a day: one the actor sees, or looked after that day.

    Whoever gave the customer away still logs what he did before (annex 6: what was done counts
    for whoever did it); NotFound for who never had it, Refused for a day that was another's.
    """
    seen = Customer.objects.visible_to(actor).filter(pk=customer_id)
    own = Assignment.objects.filter(customer_id=customer_id, manager_id=actor.person_id)
    if not seen.exists():
        if not own.exists():
            raise NotFound
        if not own.filter(pk__in=Assignment.objects.in_force_on(on).values("pk")).exists():
            until = own.order_by("-valid_from").values_list("valid_to", flat=True).first()
            day = plain_day(until) if until else ""
            raise Refused(
                _("这家客户 %(day)s 起不由您看管，只能补记看管期间的服务。") % {"day": day},
                field="occurred_at",
            )
    found = Customer.objects.select_related("tier", "manager", "branch").get(pk=customer_id)
    if (
        found.state == CustomerState.LOST
        and found.state_since is not None
        and on > found.state_since
    ):
        raise Refused(
            _("这家客户 %(day)s 已流失，只能补记当天和以前的服务。")
            % {"day": plain_day(found.state_since)},
            field="occurred_at",
        )
    return found


def once_held_by(person_id: int, since: date) -> CustomerQuerySet:
    """Customers that somebody has looked after at some time since a day, and does no more."""
    held = Assignment.objects.filter(manager_id=person_id, valid_to__gt=since)
    found: CustomerQuerySet = Customer.objects.filter(pk__in=held.values("customer_id"))
    return found.exclude(manager_id=person_id)


def contact_for(actor: Actor, contact_id: int) -> Contact:
    """The contact of a customer the actor may see."""
    found = (
        Contact.objects.filter(
            pk=contact_id, customer_id__in=Customer.objects.visible_to(actor).values("pk")
        )
        .select_related("customer")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def search(actor: Actor, words: str, limit: int) -> list[Hit]:
    """Customers that match, for go-anywhere: by name, pinyin, initials, code, phone tail."""
    found = Customer.objects.visible_to(actor).matching(words).select_related("tier", "branch")
    return [
        Hit(
            customer.name,
            f"{customer.branch.name} {customer.tier.name_zh}",
            reverse("customer", args=[customer.pk]),
        )
        for customer in found[:limit]
    ]


def held_by(person_id: int, on: date) -> list[str]:
    """What somebody who wants to leave still looks after (config.tables.LEAVING_CHECKS)."""
    count = Customer.objects.filter(manager_id=person_id).count()
    if not count:
        return []
    return [
        ngettext("还有 %(n)d 户客户没有移交", "还有 %(n)d 户客户没有移交", count) % {"n": count}
    ]


def kept_in(branch_id: int, on: date) -> list[str]:
    """What a branch that wants to close still looks after (config.tables.CLOSING_CHECKS)."""
    count = Customer.objects.filter(branch_id=branch_id).exclude(state=CustomerState.LOST).count()
    if not count:
        return []
    words = ngettext(
        "还有 %(n)d 户客户归这里。请先导入客户表，改由别的分公司的客户经理看管。",
        "还有 %(n)d 户客户归这里。请先导入客户表，改由别的分公司的客户经理看管。",
        count,
    )
    return [words % {"n": count}]


def manager_on(customer_id: int, on: date) -> int | None:
    """Id of the manager who looked after the customer on a day."""
    return (
        Assignment.objects.in_force_on(on)
        .filter(customer_id=customer_id)
        .values_list("manager_id", flat=True)
        .first()
    )

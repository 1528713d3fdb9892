"""The only writer of customers besides the import's set-based load (customers.imports)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from core.formats import plain_day
from core.names import firm_keys, person_keys, search_text
from core.periods import local_date
from core.sealing import open_sealed
from customers import permissions
from customers.choices import CustomerKind
from customers.models import Assignment, Contact, Customer, Tier, TierChange
from customers.queries import contact_for, customer_for
from organization.models import Person

# What the page and the API may change; everything else has an operation of its own.
CHANGEABLE = (
    "name",
    "address",
    "industry",
    "contract_ends_on",
    "monthly_revenue",
    "has_consented",
    "state",
    "note",
)


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _current(customer: Customer) -> dict[str, Any]:
    """What a stale writer is shown."""
    values = {name: _plain(getattr(customer, name)) for name in CHANGEABLE}
    return {**values, "version": customer.version}


def refresh_search_text(customer: Customer) -> None:
    """Set what the customer is found and sorted by: name, pinyin, code, contacts' phone tails."""
    is_person = customer.kind == CustomerKind.PERSON
    keys = person_keys(customer.name) if is_person else firm_keys(customer.name)
    tails = customer.contacts.exclude(phone_tail="").values_list("phone_tail", flat=True)
    customer.search_text = search_text(customer.name, keys, customer.code, *tails)
    customer.sort_key = keys.sort_key[:160]


def _written(
    customer: Customer, expected_version: int, at: datetime, values: dict[str, Any]
) -> Customer:
    """Compare-and-set the customer's row."""
    updated = Customer.objects.filter(pk=customer.pk, version=expected_version).update(
        **values, version=F("version") + 1, updated_at=at
    )
    current = Customer.objects.select_related("tier", "manager", "branch").get(pk=customer.pk)
    if not updated:
        raise Stale(_current(current))
    return current


@transaction.atomic
def change_customer(
    *,
    customer_id: int,
    changes: dict[str, Any],
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Customer:
    """Keep the customer's file up to date; ``changes`` by field of CHANGEABLE."""
    customer = customer_for(actor, customer_id)
    if not permissions.can_change(actor, customer):
        raise NotAllowed(_("客户资料由看管的客户经理或本分公司主管修改。"))
    unknown = sorted(set(changes) - set(CHANGEABLE))
    if unknown:
        raise Refused(_("这一项不能在这里修改。"), field=unknown[0])
    if "name" in changes and not str(changes["name"]).strip():
        raise Refused(_("写上客户名称。"), field="name")
    before = _current(customer)
    since = customer.state_since
    if changes.get("state", customer.state) != customer.state:
        since = local_date(at)
    for name, value in changes.items():
        setattr(customer, name, value)
    refresh_search_text(customer)
    changed = _written(
        customer,
        expected_version,
        at,
        {
            **changes,
            "state_since": since,
            "search_text": customer.search_text,
            "sort_key": customer.sort_key,
        },
    )
    audit.record(
        actor=actor,
        at=at,
        what="customers.change_customer",
        target_type="customer",
        target_id=customer.pk,
        target_label=changed.name,
        branch_id=changed.branch_id,
        before=before,
        after=_current(changed),
    )
    return changed


def _replace_in_force(
    rows: type[Assignment] | type[TierChange],
    customer: Customer,
    valid_from: date,
    values: dict[str, Any],
    at: datetime,
) -> None:
    """End the row in force on the day and begin another; rows that would follow are dropped."""
    rows.objects.filter(customer=customer, valid_from__gte=valid_from).delete()
    rows.objects.in_force_on(valid_from).filter(customer=customer).update(valid_to=valid_from)
    rows.objects.create(customer=customer, valid_from=valid_from, recorded_at=at, **values)


@transaction.atomic
def assign_manager(
    *,
    customer_id: int,
    manager_id: int,
    valid_from: date,
    reason: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Customer:
    """Give the customer another account manager from a day on, today at the latest."""
    customer = customer_for(actor, customer_id)
    if not permissions.can_assign(actor, customer):
        raise NotAllowed(_("客户由本分公司主管或总经理分派。"))
    today = local_date(at)
    if valid_from > today:
        raise Refused(_("生效日期不能晚于今天。"), field="valid_from")
    if customer.manager_since and valid_from < customer.manager_since:
        raise Refused(
            _("现任客户经理从 %(day)s 起看管，生效日期不能更早。")
            % {"day": plain_day(customer.manager_since)},
            field="valid_from",
        )
    manager = (
        Person.objects.in_post_on(today)
        .with_role(["manager"], today)
        .filter(pk=manager_id, branch_id=customer.branch_id)
        .first()
    )
    if manager is None:
        raise Refused(_("请选本分公司在岗的客户经理。"), field="manager")
    before = {"manager": customer.manager.name if customer.manager else ""}
    changed = _written(
        customer, expected_version, at, {"manager": manager, "manager_since": valid_from}
    )
    _replace_in_force(Assignment, customer, valid_from, {"manager": manager, "reason": reason}, at)
    audit.record(
        actor=actor,
        at=at,
        what="customers.assign_manager",
        target_type="customer",
        target_id=customer.pk,
        target_label=customer.name,
        branch_id=customer.branch_id,
        before=before,
        after={"manager": manager.name, "valid_from": valid_from.isoformat()},
        why=reason,
    )
    return changed


@transaction.atomic
def change_tier(
    *,
    customer_id: int,
    tier_code: str,
    valid_from: date,
    reason: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Customer:
    """Give the customer another tier from a day on, today at the latest (annex 6)."""
    customer = customer_for(actor, customer_id)
    if not permissions.can_assign(actor, customer):
        raise NotAllowed(_("等级由本分公司主管或总经理调整。"))
    if valid_from > local_date(at):
        raise Refused(_("生效日期不能晚于今天。"), field="valid_from")
    since = customer.tier_changes.aggregate(newest=Max("valid_from"))["newest"]
    if since and valid_from < since:
        raise Refused(
            _("现在的等级从 %(day)s 起，生效日期不能更早。") % {"day": plain_day(since)},
            field="valid_from",
        )
    tier = Tier.objects.filter(code=tier_code, kind=customer.kind).first()
    if tier is None:
        raise Refused(_("没有这个等级。"), field="tier")
    before = {"tier": customer.tier.code}
    changed = _written(customer, expected_version, at, {"tier": tier})
    _replace_in_force(TierChange, customer, valid_from, {"tier": tier, "reason": reason}, at)
    audit.record(
        actor=actor,
        at=at,
        what="customers.change_tier",
        target_type="customer",
        target_id=customer.pk,
        target_label=customer.name,
        branch_id=customer.branch_id,
        before=before,
        after={"tier": tier.code, "valid_from": valid_from.isoformat()},
        why=reason,
    )
    return changed


@transaction.atomic
def reveal_contact(
    *, contact_id: int, reason: str, actor: Actor, at: datetime
) -> tuple[Contact, dict[str, str]]:
    """Phone and birthday in full, for a stated reason; the look is written down (annex 6)."""
    contact = contact_for(actor, contact_id)
    if not permissions.can_reveal(actor, contact.customer):
        raise NotAllowed(_("完整号码只给看管的客户经理、本分公司主管和市场部看。"))
    if len(reason.strip()) < 2:
        raise Refused(_("写明为什么要看完整号码。"), field="reason")
    audit.record(
        actor=actor,
        at=at,
        what="customers.reveal_contact",
        target_type="contact",
        target_id=contact.pk,
        target_label=contact.name,
        branch_id=contact.customer.branch_id,
        after={"phone": contact.phone_masked},
        why=reason.strip(),
    )
    return contact, {
        "phone": open_sealed(contact.phone_sealed),
        "birthday": open_sealed(contact.birthday_sealed),
    }

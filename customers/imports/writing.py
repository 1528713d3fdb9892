"""Customers, contacts, tiers and assignments written as sets: the same statements for any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F

from core.imports.tables import References, Row, Scope
from core.lunar import Birthday
from core.names import NameKeys, firm_keys, person_keys, search_text
from core.sealing import blind, masked_phone, seal
from customers.choices import CustomerKind
from customers.imports.reading import BATCH, CONTACTS, PLAIN
from customers.models import Assignment, Contact, Customer, TierChange

SIZE = 1000
_CUSTOMER_FIELDS = (
    "tier",
    "manager",
    "manager_since",
    "branch",
    "search_text",
    "sort_key",
    "updated_at",
)
_CONTACT_FIELDS = (
    "name",
    "post",
    "gender",
    "phone_sealed",
    "phone_blind",
    "phone_masked",
    "phone_tail",
    "birthday_sealed",
    "birthday_blind",
    "birth_month_day",
    "is_lunar",
    "is_leap_month",
)


def write(
    kind: CustomerKind,
    new: Sequence[Row],
    changed: Sequence[Row],
    references: References,
    scope: Scope,
) -> None:
    """Write new and changed customers with their contacts, tiers and managers from today on."""
    stored: Mapping[str, Customer] = references["stored"]
    contacts: Mapping[tuple[int, str], Contact] = references["contacts"]
    before = {c.pk: (c.tier_id, c.manager_id) for c in stored.values()}
    created = [
        _filled(
            Customer(kind=kind, code=row.values["code"], added_on=scope.on, updated_at=scope.at),
            row,
            scope,
        )
        for row in new
    ]
    updated = [_filled(stored[row.values["code"]], row, scope) for row in changed]
    people = [
        _contacts_of(customer, row, contacts)
        for customer, row in zip((*created, *updated), (*new, *changed), strict=True)
    ]
    for customer, own in zip((*created, *updated), people, strict=True):
        _make_findable(customer, own)
    Customer.objects.bulk_create(created, batch_size=SIZE)
    if updated:
        # Only what the file speaks of: the rest may be changed by somebody else meanwhile.
        given = [name for name in PLAIN if any(name in row.values for row in changed)]
        Customer.objects.bulk_update(updated, [*given, *_CUSTOMER_FIELDS], batch_size=SIZE)
        _raise_versions(Customer, updated)
    _write_contacts([contact for own in people for contact in own])
    tiers = [c for c in updated if before[c.pk][0] != c.tier_id]
    managers = [c for c in updated if before[c.pk][1] != c.manager_id]
    _begin(TierChange, created, tiers, scope.on, scope.at, "tier_id")
    _begin(Assignment, created, managers, scope.on, scope.at, "manager_id")


def _filled(customer: Customer, row: Row, scope: Scope) -> Customer:
    for name in PLAIN:
        if name in row.values:
            setattr(customer, name, row.values[name])
    if "tier" in row.values:
        customer.tier = row.values["tier"]
    member = row.values.get("manager")
    if member is not None:
        if customer.manager_id != member.pk:
            customer.manager_id = member.pk
            customer.manager_since = scope.on
        customer.branch_id = row.values["branch_id"]
    customer.updated_at = scope.at
    return customer


def _contacts_of(
    customer: Customer, row: Row, stored: Mapping[tuple[int, str], Contact]
) -> list[Contact]:
    """The row's contacts, stored ones among them with what the row says put in."""
    found = []
    for prefix, role in CONTACTS.items():
        contact = stored.get((customer.pk, role)) if customer.pk else None
        name = row.values.get("name" if prefix == "self" else f"{prefix}_name")
        is_meant = prefix == "self" if customer.kind == CustomerKind.PERSON else prefix != "self"
        if not is_meant or (name is None and contact is None):
            continue
        if contact is None:
            contact = Contact(customer=customer, role=role)
        _fill_contact(contact, name, prefix, row.values)
        found.append(contact)
    return found


def _fill_contact(
    contact: Contact, name: str | None, prefix: str, given: Mapping[str, Any]
) -> None:
    if name is not None and contact.name and contact.name != name and prefix != "self":
        # Somebody else holds the place now: nothing of the predecessor's stays with the name.
        contact.post = contact.gender = ""
        _put_phone(contact, "")
        _put_birthday(contact, None)
    contact.name = name or contact.name
    contact.post = given.get(f"{prefix}_post", contact.post)
    contact.gender = given.get(f"{prefix}_gender", contact.gender)
    if (phone := given.get(f"{prefix}_phone")) is not None:
        _put_phone(contact, phone)
    if (birthday := given.get(f"{prefix}_birthday")) is not None:
        _put_birthday(contact, birthday)


def _put_phone(contact: Contact, phone: str) -> None:
    if contact.phone_blind == blind(phone):
        return
    contact.phone_sealed = seal(phone)
    contact.phone_blind = blind(phone)
    contact.phone_masked = masked_phone(phone)
    contact.phone_tail = phone[-4:]


def _put_birthday(contact: Contact, birthday: Birthday | None) -> None:
    text = birthday.text if birthday else ""
    if contact.birthday_blind == blind(text):
        return
    contact.birthday_sealed = seal(text)
    contact.birthday_blind = blind(text)
    contact.birth_month_day = birthday.month_day if birthday else ""
    contact.is_lunar = birthday is not None and birthday.is_lunar
    contact.is_leap_month = birthday is not None and birthday.is_leap_month


def _make_findable(customer: Customer, contacts: Sequence[Contact]) -> None:
    is_person = customer.kind == CustomerKind.PERSON
    keys: NameKeys = person_keys(customer.name) if is_person else firm_keys(customer.name)
    tails = [contact.phone_tail for contact in contacts if contact.phone_tail]
    customer.search_text = search_text(customer.name, keys, customer.code, *tails)
    customer.sort_key = keys.sort_key[:160]


def _write_contacts(contacts: Sequence[Contact]) -> None:
    stored = [contact for contact in contacts if contact.pk]
    fresh = [contact for contact in contacts if not contact.pk]
    for contact in fresh:
        # The customer has its id only since it was written.
        contact.customer_id = contact.customer.pk
    Contact.objects.bulk_create(fresh, batch_size=SIZE)
    if stored:
        Contact.objects.bulk_update(stored, _CONTACT_FIELDS, batch_size=SIZE)
        _raise_versions(Contact, stored)


def _raise_versions(
    model: type[Customer] | type[Contact], things: Sequence[Customer] | Sequence[Contact]
) -> None:
    ids = [thing.pk for thing in things]
    for start in range(0, len(ids), BATCH):
        model.objects.filter(pk__in=ids[start : start + BATCH]).update(version=F("version") + 1)


def _begin(
    rows: type[TierChange] | type[Assignment],
    created: Sequence[Customer],
    moved: Sequence[Customer],
    on: date,
    at: datetime,
    column: str,
) -> None:
    """From today on: end what held of the moved ones, begin what holds now."""
    ids = [customer.pk for customer in moved]
    for start in range(0, len(ids), BATCH):
        own = rows.objects.filter(customer_id__in=ids[start : start + BATCH])
        own.filter(valid_from__gte=on).delete()
        own.filter(valid_to__isnull=True).update(valid_to=on)
    model: Any = rows
    model.objects.bulk_create(
        [
            model(
                customer_id=customer.pk,
                valid_from=on,
                recorded_at=at,
                **{column: getattr(customer, column)},
            )
            for customer in (*created, *moved)
        ],
        batch_size=SIZE,
    )

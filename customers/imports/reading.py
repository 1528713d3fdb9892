"""Rows of customers checked against tiers and the roster, and compared with what is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core import formats
from core.actors import Actor
from core.imports import values
from core.imports.tables import References, Row, Scope, Shown, shown_plainly
from core.imports.values import WrongValue
from core.lunar import Birthday
from core.names import cleaned_name
from core.sealing import blind, masked_phone
from core.workbooks import Cell
from customers.choices import ContactRole, CustomerKind, Gender
from customers.models import Contact, Customer, Tier
from organization.choices import Role
from organization.roster import AmbiguousNumberError, Member, Roster, read_roster

BATCH = 5000
"""Keys asked for in one query: databases bound the number of parameters."""

# Prefix of the fields of a contact → the contact's role
CONTACTS: Mapping[str, str] = {
    "key": ContactRole.KEY_PERSON.value,
    "contact": ContactRole.CONTACT.value,
    "self": ContactRole.SELF.value,
}
PLAIN = (
    "name",
    "credit_code",
    "industry",
    "address",
    "contract_ends_on",
    "monthly_revenue",
    "has_consented",
    "note",
)


def importable_branches(actor: Actor) -> frozenset[int] | None:
    """Leaders import into their branch; administrator and market department into all."""
    is_company_wide = actor.has_role("sysadmin") or (actor.has_role("market") and actor.reads_all)
    return None if is_company_wide else actor.led_branches


def references(scope: Scope) -> References:
    """Tiers and people that cells refer to; three queries."""
    tiers = list(Tier.objects.all())
    return {
        "tiers": {kind.value: _tier_spellings(tiers, kind.value) for kind in CustomerKind},
        "roster": read_roster(scope.on),
    }


def _tier_spellings(tiers: Sequence[Tier], kind: str) -> Mapping[str, Tier]:
    return {
        values.spelled(spelling): tier
        for tier in tiers
        if tier.kind == kind
        for spelling in (tier.code, tier.name_zh, tier.name_en, *tier.aliases)
    }


def tier_reader(kind: CustomerKind) -> values.Reader:
    """Reads a tier in any of its spellings: full-width, ``A类``, ``钻``."""

    def read(cell: Cell, reading: values.Reading) -> Tier:
        spellings: Mapping[str, Tier] = reading.references["tiers"][kind.value]
        found = spellings.get(values.spelled(cell))
        if found is None:
            known = dict.fromkeys(_tier_name(tier) for tier in spellings.values())
            raise WrongValue(
                _("没有“%(value)s”这个等级，可填：%(known)s")
                % {"value": values.shortened(values.plain(cell)), "known": _("、").join(known)}
            )
        return found

    return read


def manager_reader(cell: Cell, reading: values.Reading) -> Member:
    """The account manager with this job number, zeros in front or not; a name will do when only
    one manager bears it."""
    roster: Roster = reading.references["roster"]
    if re.search(r"[\u3400-\u9fff]", values.plain(cell)):
        return _named_manager(cleaned_name(values.plain(cell)), roster)
    number = values.job_number(cell, reading)
    try:
        member = roster.find(number)
    except AmbiguousNumberError as error:
        raise WrongValue(
            _("工号 %(number)s 前面少了 0，对得上的不止一人，请写全") % {"number": number}
        ) from error
    if member is None:
        raise WrongValue(_("没有工号 %(number)s，请核对花名册") % {"number": number})
    return _checked_manager(member)


def _named_manager(name: str, roster: Roster) -> Member:
    found = roster.named(name, Role.MANAGER)
    if not found:
        raise WrongValue(_("没有叫 %(name)s 的客户经理") % {"name": values.shortened(name)})
    if len(found) > 1:
        raise WrongValue(_("叫 %(name)s 的客户经理不止一人，请填工号") % {"name": name})
    return found[0]


def _checked_manager(member: Member) -> Member:
    who = {"name": member.name, "number": member.job_number}
    if not member.is_in_post:
        raise WrongValue(_("%(name)s（%(number)s）已不在岗，请改填现任客户经理") % who)
    if member.branch_as(Role.MANAGER) is None:
        raise WrongValue(_("%(name)s（%(number)s）不是客户经理，请核对") % who)
    return member


def resolve(kind: CustomerKind, rows: Sequence[Row], refs: References, scope: Scope) -> None:
    """Settle each row's manager and branch, and refuse what belongs to another branch."""
    owners = _owners([row.values["code"] for row in rows if "code" in row.values])
    for row in rows:
        owner = owners.get(row.values.get("code", ""))
        # Which other branch has it, or what it is there, is not for this reader.
        if owner is not None and (owner[0] != kind.value or not scope.covers(owner[1])):
            row.refuse("code", _("这个编码不能用于本表，请核对"))
        _settle_manager(row, refs["roster"])
        manager = row.values.get("manager")
        if manager is not None:
            row.values["branch_id"] = manager.branch_as(Role.MANAGER)
            if not scope.covers(row.values["branch_id"]):
                row.refuse("manager", _("这位客户经理不是本分公司的，请核对工号"))
        elif owner is None:
            _require_manager(row)
        _refuse_nameless(row)


def _owners(codes: Sequence[str]) -> Mapping[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for start in range(0, len(codes), BATCH):
        rows = Customer.objects.filter(code__in=codes[start : start + BATCH]).order_by()
        found.update({c: (k, b) for c, k, b in rows.values_list("code", "kind", "branch_id")})
    return found


def _settle_manager(row: Row, roster: Roster) -> None:
    """The number decides; a name beside it must be the same person's; a name alone must be
    unique among the managers in post."""
    name, manager = row.values.get("manager_name"), row.values.get("manager")
    if name is None or any(key == "manager" for key, _reason in row.problems):
        return
    if manager is not None:
        if manager.name != name:
            row.refuse(
                "manager",
                _("工号 %(number)s 是 %(known)s，表里写的是 %(name)s，请核对")
                % {"number": manager.job_number, "known": manager.name, "name": name},
            )
        return
    try:
        row.values["manager"] = _named_manager(name, roster)
    except WrongValue as wrong:
        row.refuse("manager_name", wrong.reason)


def _require_manager(row: Row) -> None:
    if not any(key in ("manager", "manager_name") for key, _reason in row.problems):
        row.refuse("manager", _("必填：没有客户经理的客户谁也看不到"))


def _refuse_nameless(row: Row) -> None:
    for prefix in ("key", "contact"):
        details = [f"{prefix}_{each}" for each in ("phone", "birthday", "post")]
        if any(each in row.values for each in details) and f"{prefix}_name" not in row.values:
            row.refuse(f"{prefix}_name", _("有电话、生日或职务，却没有姓名，请补上"))


def current(
    keys: Sequence[Any], refs: References, _scope: Scope
) -> Mapping[Any, Mapping[str, Shown]]:
    """The stored customers and contacts of these codes; two queries for each batch of keys."""
    stored: dict[str, Customer] = {}
    contacts: dict[tuple[int, str], Contact] = {}
    for start in range(0, len(keys), BATCH):
        found = list(Customer.objects.filter(code__in=keys[start : start + BATCH]).order_by())
        stored.update({customer.code: customer for customer in found})
        rows = Contact.objects.filter(customer__code__in=keys[start : start + BATCH])
        for contact in rows.order_by("-pk"):
            contacts[contact.customer_id, contact.role] = contact
    refs["stored"], refs["contacts"] = stored, contacts
    tiers = {t.pk: t for spellings in refs["tiers"].values() for t in spellings.values()}
    people = {member.pk: member for member in refs["roster"].by_number.values()}
    return {
        code: _record(customer, contacts, tiers[customer.tier_id], people)
        for code, customer in stored.items()
    }


def _record(
    customer: Customer,
    contacts: Mapping[tuple[int, str], Contact],
    tier: Tier,
    people: Mapping[int, Member],
) -> Mapping[str, Shown]:
    record = {name: shown_plainly(getattr(customer, name)) for name in PLAIN}
    record["tier"] = show_tier(tier)
    manager = people.get(customer.manager_id or 0)
    record["manager"] = Shown(None, "") if manager is None else show_manager(manager)
    for prefix, role in CONTACTS.items():
        contact = contacts.get((customer.pk, role))
        if contact is not None:
            record[f"{prefix}_name"] = shown_plainly(contact.name)
            record[f"{prefix}_post"] = shown_plainly(contact.post)
            record[f"{prefix}_gender"] = show_gender(contact.gender)
            record[f"{prefix}_phone"] = Shown(contact.phone_blind, contact.phone_masked)
            record[f"{prefix}_birthday"] = Shown(contact.birthday_blind, _stored_birthday(contact))
    return record


def _stored_birthday(contact: Contact) -> str:
    if not contact.birth_month_day:
        return ""
    month, number = map(int, contact.birth_month_day.split("-"))
    return _masked(Birthday(month, number, None, contact.is_lunar, contact.is_leap_month))


def _masked(birthday: Birthday) -> str:
    """A birthday without its year, in the reader's language."""
    if formats.is_chinese():
        return birthday.masked
    calendar = ("lunar " if birthday.is_lunar else "") + ("leap " if birthday.is_leap_month else "")
    return f"{calendar}{'****-' if birthday.year else ''}{birthday.month_day}"


def show_tier(tier: Tier) -> Shown:
    """A tier by its name."""
    return Shown(tier.pk, _tier_name(tier))


def _tier_name(tier: Tier) -> str:
    return tier.name_zh if formats.is_chinese() else tier.name_en


def show_manager(member: Member) -> Shown:
    """A manager by name."""
    return Shown(member.pk, member.name)


def show_gender(gender: str) -> Shown:
    """男 or 女; nothing when unknown."""
    return Shown(gender, str(Gender(gender).label) if gender else "")


def show_phone(phone: str) -> Shown:
    """A phone masked, compared by its keyed hash."""
    return Shown(blind(phone), masked_phone(phone))


def show_birthday(birthday: Birthday) -> Shown:
    """A birthday without its year, compared by its keyed hash."""
    return Shown(blind(birthday.text), _masked(birthday))

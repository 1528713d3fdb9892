"""The list of customers and a customer's page: facts, contacts, who looks after it, its tier."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.actions import Again, perform
from core.actors import Acting, Actor
from core.chips import chip
from core.errors import NotAllowed, Refused
from core.exports import list_workbook
from core.formats import number, plain_day
from core.forms import add_problems
from core.lists import Column, RowLinks, keyset_page, work_table
from core.pages import toast
from core.panels import is_for_panel, page_under
from core.parts import Difference, Fact
from core.periods import local_date
from core.requests import SignedInRequest
from customers import operations, permissions
from customers.choices import CustomerKind, CustomerState
from customers.forms import (
    AssignForm,
    CustomerForm,
    FilterForm,
    RevealForm,
    TierForm,
    customer_values,
    tier_name,
)
from customers.models import Assignment, Contact, Customer, CustomerQuerySet, Tier, TierChange
from customers.queries import contact_for, customer_for
from organization.models import Person

ORDERS: Final = {
    "name": ("sort_key", "pk"),
    "-name": ("-sort_key", "-pk"),
    "tier": ("tier__rank", "sort_key", "pk"),
    "-tier": ("-tier__rank", "-sort_key", "-pk"),
}


def _since(customer: Customer) -> str:
    return plain_day(customer.manager_since) if customer.manager_since else ""


def _state(customer: Customer) -> str:
    """Only what deviates shows on the page."""
    states = {CustomerState.WARNED: "check", CustomerState.LOST: "failed"}
    word = customer.get_state_display()
    known = states.get(CustomerState(customer.state))
    return chip(known, word) if known else word


COLUMNS: Final[tuple[Column[Customer], ...]] = (
    Column("name", gettext_lazy("名称"), lambda row: row.name, sort="name"),
    Column("code", gettext_lazy("编码"), lambda row: row.code, is_bare=True),
    Column("kind", gettext_lazy("类型"), lambda row: row.get_kind_display(), is_bare=True),
    Column(
        "tier", gettext_lazy("等级"), lambda row: tier_name(row.tier), is_bare=True, sort="tier"
    ),
    Column(
        "manager", gettext_lazy("客户经理"), lambda row: row.manager.name if row.manager else ""
    ),
    Column(
        "since", gettext_lazy("看管自"), lambda row: row.manager_since, cell=_since, is_shown=False
    ),
    Column(
        "state",
        gettext_lazy("状态"),
        lambda row: row.get_state_display(),
        cell=_state,
        is_bare=True,
    ),
    Column("industry", gettext_lazy("行业"), lambda row: row.industry, is_shown=False),
    Column(
        "revenue",
        gettext_lazy("月收入"),
        lambda row: row.monthly_revenue,
        cell=lambda row: number(row.monthly_revenue, 2) if row.monthly_revenue is not None else "",
        is_number=True,
    ),
    Column(
        "contract",
        gettext_lazy("合同到期"),
        lambda row: row.contract_ends_on,
        cell=lambda row: plain_day(row.contract_ends_on) if row.contract_ends_on else "",
        is_shown=False,
    ),
    Column("branch", gettext_lazy("分公司"), lambda row: row.branch.name, is_shown=False),
)


def _managers(branch_ids: frozenset[int], at: datetime) -> list[Person]:
    """Account managers in post in these branches, by name."""
    on = local_date(at)
    return list(
        Person.objects.in_post_on(on).with_role(["manager"], on).filter(branch_id__in=branch_ids)
    )


def _found(actor: Actor, asked: dict[str, str]) -> CustomerQuerySet:
    rows = Customer.objects.visible_to(actor).select_related("tier", "manager", "branch")
    if "q" in asked:
        rows = rows.matching(asked["q"])
    condition = Q()
    if "kind" in asked:
        condition &= Q(kind=asked["kind"])
    if "tier" in asked:
        condition &= Q(tier__code=asked["tier"])
    if "state" in asked:
        condition &= Q(state=asked["state"])
    if asked.get("manager") == "none":
        condition &= Q(manager__isnull=True)
    elif "manager" in asked:
        condition &= Q(manager_id=int(asked["manager"]))
    return rows.filter(condition)


def _asked(
    request: SignedInRequest,
) -> tuple[FilterForm, dict[str, str], CustomerQuerySet, tuple[str, ...]]:
    """The filter, what it asks for, the customers it leaves, their order."""
    actor = request.actor
    if not permissions.can_see_customers(actor):
        raise NotAllowed(
            _("客户由客户经理、主管、总经理和市场部看。需要的话，请安全管理员给您授予角色。")
        )
    managers = _managers(actor.led_branches, clock.now()) if actor.led_branches else []
    form = FilterForm(request.GET, list(Tier.objects.all()), managers, bool(managers))
    asked = form.asked()
    order = ORDERS.get(request.GET.get("sort", ""), ORDERS["name"])
    return form, asked, _found(actor, asked), order


@require_safe
def customers(request: SignedInRequest) -> HttpResponse:
    """Customers as far as the reader sees them, by name."""
    form, asked, rows, order = _asked(request)
    page = keyset_page(rows, order=order, cursor=request.GET.get("cursor", ""))
    links = RowLinks[Customer](
        key=lambda row: row.pk, url=lambda row: reverse("customer", args=[row.pk])
    )
    total = rows.count()
    context = {
        "form": form,
        "total": total,
        "is_filtered": bool(asked),
        "has_more": not asked.keys().isdisjoint(("kind", "tier", "state")),
        "table": work_table(
            request,
            page,
            COLUMNS,
            links,
            key="customers",
            caption=_("客户"),
            exports=((_("导出 XLSX"), reverse("customers-export")),),
        ),
    }
    return render(request, "customers/customers.html", context)


@require_safe
def customers_export(request: SignedInRequest) -> HttpResponse:
    """The list as a workbook: the columns and filters of the page."""
    _form, _words, rows, order = _asked(request)
    return list_workbook(request, rows.order_by(*order), COLUMNS, key="customers", name=_("客户"))


# A customer's page


def _facts(customer: Customer) -> list[Fact]:
    asked = {True: _("同意"), False: _("不同意"), None: ""}
    revenue = customer.monthly_revenue
    found = [
        (_("编码"), customer.code),
        (_("类型"), customer.get_kind_display()),
        (_("状态"), customer.get_state_display()),
        (_("等级"), tier_name(customer.tier)),
        (_("客户经理"), customer.manager.name if customer.manager else _("没有客户经理")),
        (_("看管自"), _since(customer)),
        (_("分公司"), customer.branch.name),
        (_("信用代码"), customer.credit_code),
        (_("行业"), customer.industry),
        (_("地址"), customer.address),
        (_("月收入（元）"), number(revenue, 2) if revenue is not None else ""),
        (
            _("合同到期"),
            plain_day(customer.contract_ends_on) if customer.contract_ends_on else "",
        ),
        (_("同意联系"), asked[customer.has_consented]),
        (_("备注"), customer.note),
    ]
    return [Fact(label, value) for label, value in found if value]


def _page(
    request: SignedInRequest,
    customer: Customer,
    at: datetime,
    *,
    wrong: dict[str, forms.Form] | None = None,
    revealed: dict[int, dict[str, str]] | None = None,
    elsewhere: list[Difference] | None = None,
    status: int = 200,
) -> HttpResponse:
    """A customer's page or panel; ``wrong`` holds the form that must be mended, by its name."""
    actor = request.actor
    wrong = wrong or {}
    may_assign = permissions.can_assign(actor, customer)
    today = local_date(at)
    shown: dict[str, forms.Form] = {}
    if permissions.can_change(actor, customer):
        shown["change"] = CustomerForm(initial=customer_values(customer), customer=customer)
    if may_assign:
        begin = {"version": customer.version, "valid_from": today}
        shown["assign"] = AssignForm(
            initial=begin, managers=_managers(frozenset({customer.branch_id}), at)
        )
        shown["tier"] = TierForm(
            initial={**begin, "tier": customer.tier.code}, tiers=_tiers(customer)
        )
    contacts = [
        {"contact": one, "revealed": (revealed or {}).get(one.pk)}
        for one in customer.contacts.order_by("role", "pk")
    ]
    context = {
        "customer": customer,
        "facts": _facts(customer),
        "contacts": contacts,
        "may_reveal": permissions.can_reveal(actor, customer),
        "reveal": RevealForm(),
        "forms": {**shown, **wrong},
        "open": next(iter(wrong), ""),
        "elsewhere": elsewhere,
        "managers": Assignment.objects.filter(customer=customer).select_related("manager"),
        "tiers": TierChange.objects.filter(customer=customer).select_related("tier"),
        "may_log": customer.manager_id == actor.person_id and actor.has_role("manager"),
        "is_panel": is_for_panel(request),
        "list_url": page_under(request, reverse("customers")),
        "is_person": customer.kind == CustomerKind.PERSON,
        "at": at,
    }
    return render(request, "customers/customer.html", context, status=status)


def _tiers(customer: Customer) -> list[Tier]:
    return list(Tier.objects.filter(kind=customer.kind))


@require_safe
def customer(request: SignedInRequest, pk: int) -> HttpResponse:
    """A customer: facts, contacts, services, who looked after it."""
    return _page(request, customer_for(request.actor, pk), clock.now())


def _act(
    request: SignedInRequest,
    pk: int,
    name: str,
    form: forms.Form,
    said: str,
    act: Callable[[dict[str, Any], Acting], Customer],
) -> HttpResponse:
    """Do what a form of the page asks (core.actions); what stands elsewhere is shown beside it."""
    at = clock.now()

    def show(now: Customer, again: Again) -> HttpResponse:
        elsewhere = _differences(again.form, now) if again.status == HTTPStatus.CONFLICT else []
        wrong = {again.name: again.form}
        return _page(request, now, at, wrong=wrong, elsewhere=elsewhere, status=again.status)

    def done(changed: Customer) -> HttpResponse:
        if is_for_panel(request):
            return _page(request, changed, at)
        toast(request, said, detail=changed.name)
        return HttpResponseRedirect(reverse("customer", args=[pk]))

    return perform(
        request,
        name,
        form,
        act,
        at=at,
        find=lambda: customer_for(request.actor, pk),
        show=show,
        meanwhile=lambda _now: "",
        done=done,
    )


def _differences(form: forms.Form, current: Customer) -> list[Difference]:
    """What stands now beside what was typed, field by field."""
    stands: dict[str, Any] = customer_values(current)
    stands["manager"] = current.manager_id
    stands["tier"] = current.tier.code
    found = []
    for bound in form:
        if bound.name in ("version", "reason", "valid_from") or bound.name not in stands:
            continue
        old, new = str(stands[bound.name] or ""), str(bound.value() or "")
        if old != new:
            choices = dict(getattr(bound.field, "choices", ()))
            words = {str(key): str(label) for key, label in choices.items()}
            found.append(Difference(str(bound.label), words.get(old, old), words.get(new, new)))
    return found


@require_POST
def customer_change(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep the file up to date."""
    customer = customer_for(request.actor, pk)
    form = CustomerForm(request.POST, customer=customer)

    def act(given: dict[str, Any], acting: Acting) -> Customer:
        return operations.change_customer(
            customer_id=pk,
            changes=form.changes(),
            **acting,
        )

    return _act(request, pk, "change", form, _("资料已更新"), act)


@require_POST
def customer_assign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give the customer another account manager."""
    customer = customer_for(request.actor, pk)
    at = clock.now()
    form = AssignForm(request.POST, managers=_managers(frozenset({customer.branch_id}), at))

    def act(given: dict[str, Any], acting: Acting) -> Customer:
        return operations.assign_manager(
            customer_id=pk,
            manager_id=given["manager"],
            valid_from=given["valid_from"],
            reason=given["reason"],
            **acting,
        )

    return _act(request, pk, "assign", form, _("已换客户经理"), act)


@require_POST
def customer_tier(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give the customer another tier (annex 6)."""
    customer = customer_for(request.actor, pk)
    form = TierForm(request.POST, tiers=_tiers(customer))

    def act(given: dict[str, Any], acting: Acting) -> Customer:
        return operations.change_tier(
            customer_id=pk,
            tier_code=given["tier"],
            valid_from=given["valid_from"],
            reason=given["reason"],
            **acting,
        )

    return _act(request, pk, "tier", form, _("等级已调整"), act)


@require_POST
def contact_reveal(request: SignedInRequest, pk: int) -> HttpResponse:
    """A contact's number and birthday in full, for a reason; the look is written down."""
    contact = contact_for(request.actor, pk)
    form = RevealForm(request.POST)
    is_fragment = "HX-Request" in request.headers
    shown: dict[str, str] | None = None
    if form.is_valid():
        try:
            contact, shown = operations.reveal_contact(
                contact_id=pk,
                reason=form.cleaned_data["reason"],
                actor=request.actor,
                at=clock.now(),
            )
        except Refused as refused:
            add_problems(form, refused)
    if not is_fragment:
        return _revealed_page(request, contact, shown)
    context = {"one": {"contact": contact, "revealed": shown}, "may_reveal": True, "reveal": form}
    return render(request, "customers/contact.html", context, status=200 if shown else 422)


def _revealed_page(
    request: SignedInRequest, contact: Contact, shown: dict[str, str] | None
) -> HttpResponse:
    """The same without scripts: the whole page with the number."""
    customer = customer_for(request.actor, contact.customer_id)
    revealed = {contact.pk: shown} if shown else {}
    status = 200 if shown else 422
    return _page(request, customer, clock.now(), revealed=revealed, status=status)

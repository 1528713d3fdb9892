"""Customers over the API: what pages show and change, by the same operations."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.api.fields import Body, BranchRef, DayField, IdField, PersonRef, ReasonField
from core.api.filters import IdFilter
from core.api.views import ActionView, ChangingView, ListView
from core.errors import NotFound
from customers import operations
from customers.choices import CustomerKind, CustomerState
from customers.models import Assignment, Contact, Customer, Tier, TierChange
from customers.permissions import can_see_customers


class TierShown(serializers.ModelSerializer[Tier]):
    """A service tier."""

    name = serializers.SerializerMethodField()

    class Meta:
        model = Tier
        fields = ("code", "kind", "name", "rank")

    @extend_schema_field(serializers.CharField())
    def get_name(self, tier: Tier) -> str:
        """The name in the language asked for."""
        return tier.name_en if get_language() == "en" else tier.name_zh


class CustomerShown(serializers.ModelSerializer[Customer]):
    """A customer's file."""

    branch = BranchRef()
    tier = TierShown()
    manager = PersonRef(allow_null=True)

    class Meta:
        model = Customer
        fields = (
            "id",
            "version",
            "kind",
            "code",
            "name",
            "branch",
            "tier",
            "manager",
            "manager_since",
            "state",
            "credit_code",
            "industry",
            "address",
            "contract_ends_on",
            "monthly_revenue",
            "has_consented",
            "note",
            "added_on",
            "updated_at",
        )


class CustomerChange(Body):
    """What the file's keeper may change."""

    name = serializers.CharField(max_length=120)
    address = serializers.CharField(max_length=200, allow_blank=True)
    industry = serializers.CharField(max_length=40, allow_blank=True)
    contract_ends_on = DayField(allow_null=True)
    monthly_revenue = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, allow_null=True
    )
    has_consented = serializers.BooleanField(allow_null=True)
    state = serializers.ChoiceField(choices=CustomerState.choices)
    note = serializers.CharField(max_length=400, allow_blank=True)


class CustomerFilter(django_filters.FilterSet):  # type: ignore[misc]
    """``q`` finds by name, pinyin, initials, code and phone tail."""

    q = django_filters.CharFilter(method="search")
    kind = django_filters.ChoiceFilter(choices=CustomerKind.choices)
    state = django_filters.ChoiceFilter(choices=CustomerState.choices)
    tier = django_filters.CharFilter(field_name="tier__code")
    branch = IdFilter(field_name="branch_id")
    manager = IdFilter(field_name="manager_id")

    def search(self, queryset: Any, name: str, value: str) -> Any:
        """Every word must be found."""
        return queryset.matching(value)


class CustomerList(ListView):
    """Customers the actor may see, by name."""

    serializer_class = CustomerShown
    filterset_class = CustomerFilter
    order = ("sort_key", "pk")
    updated_field = "updated_at"

    def has_any(self, actor: Actor) -> bool:
        """See can_see_customers."""
        return can_see_customers(actor)

    def queryset_for(self, actor: Actor) -> QuerySet[Customer]:
        """Visible customers."""
        return Customer.objects.visible_to(actor).select_related("branch", "tier", "manager")


class CustomerDetail(ChangingView):
    """One customer's file, and changes to it."""

    serializer_class = CustomerShown
    body_class = CustomerChange

    def queryset_for(self, actor: Actor) -> QuerySet[Customer]:
        """Visible customers."""
        return Customer.objects.visible_to(actor).select_related("branch", "tier", "manager")

    def change(self, thing: Customer, changes: dict[str, Any], expected_version: int) -> Customer:
        """Change the file."""
        return operations.change_customer(
            customer_id=thing.pk,
            changes=changes,
            **self.acting(expected_version),
        )


class _CustomerAction(ActionView):
    serializer_class = CustomerShown

    def queryset_for(self, actor: Actor) -> QuerySet[Customer]:
        return Customer.objects.visible_to(actor).select_related("branch", "tier", "manager")


class AssignBody(Body):
    """Who looks after the customer from a day on."""

    manager = IdField()
    valid_from = DayField()
    reason = ReasonField()


class CustomerAssign(_CustomerAction):
    """Give the customer another account manager."""

    body_class = AssignBody

    def perform(self, thing: Customer, body: dict[str, Any], expected_version: int) -> Customer:
        """Assign."""
        return operations.assign_manager(
            customer_id=thing.pk,
            manager_id=body["manager"],
            valid_from=body["valid_from"],
            reason=body["reason"],
            **self.acting(expected_version),
        )


class TierBody(Body):
    """Which tier the customer has from a day on."""

    tier = serializers.CharField(max_length=12)
    valid_from = DayField()
    reason = ReasonField()


class CustomerTier(_CustomerAction):
    """Give the customer another tier (annex 6)."""

    body_class = TierBody

    def perform(self, thing: Customer, body: dict[str, Any], expected_version: int) -> Customer:
        """Change the tier."""
        return operations.change_tier(
            customer_id=thing.pk,
            tier_code=body["tier"],
            valid_from=body["valid_from"],
            reason=body["reason"],
            **self.acting(expected_version),
        )


class _OfCustomer(ListView):
    """Rows of one customer: 404 when the customer is not there for the actor."""

    def get(self, request: Request, **kwargs: Any) -> Response:
        """A page of the customer's rows."""
        if not Customer.objects.visible_to(self.actor).filter(pk=kwargs["customer_id"]).exists():
            raise NotFound
        return super().get(request, **kwargs)


class ContactShown(serializers.ModelSerializer[Contact]):
    """A contact; phone and birthday masked, in full only by ``reveal``."""

    phone = serializers.CharField(source="phone_masked")

    class Meta:
        model = Contact
        fields = ("id", "role", "name", "gender", "post", "phone", "birth_month_day", "is_lunar")


class ContactList(_OfCustomer):
    """A customer's contacts, masked."""

    serializer_class = ContactShown

    def queryset_for(self, actor: Actor) -> QuerySet[Contact]:
        """The customer's contacts."""
        return Contact.objects.filter(customer_id=self.kwargs.get("customer_id"))


class RevealBody(Body):
    """Why the full number is needed; it is written down."""

    reason = serializers.CharField(max_length=200)


class Revealed(serializers.Serializer[Any]):
    """Phone and birthday in full."""

    phone = serializers.CharField()
    birthday = serializers.CharField()


class ContactReveal(ActionView):
    """Phone and birthday of a contact in full, for a reason (annex 6)."""

    serializer_class = Revealed
    body_class = RevealBody
    needs_version = False
    # The answer holds personal data in clear: it is never stored for a repeat.
    is_kept = False

    def queryset_for(self, actor: Actor) -> QuerySet[Contact]:
        """Contacts of visible customers."""
        return Contact.objects.filter(
            customer__in=Customer.objects.visible_to(actor).values("pk")
        ).select_related("customer")

    def perform(
        self, thing: Contact, body: dict[str, Any], expected_version: int
    ) -> dict[str, str]:
        """Reveal."""
        _contact, revealed = operations.reveal_contact(
            contact_id=thing.pk, reason=body["reason"], actor=self.actor, at=self.at
        )
        return revealed


class AssignmentShown(serializers.ModelSerializer[Assignment]):
    """Who looked after the customer from a day to another (that day excluded)."""

    manager = PersonRef()

    class Meta:
        model = Assignment
        fields = ("id", "manager", "valid_from", "valid_to", "reason", "recorded_at")


class AssignmentList(_OfCustomer):
    """A customer's managers, newest first."""

    serializer_class = AssignmentShown
    order = ("-valid_from", "-pk")

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """The customer's assignments."""
        return Assignment.objects.filter(customer_id=self.kwargs.get("customer_id")).select_related(
            "manager"
        )


class TierChangeShown(serializers.ModelSerializer[TierChange]):
    """Which tier the customer had from a day to another (that day excluded)."""

    tier = TierShown()

    class Meta:
        model = TierChange
        fields = ("id", "tier", "valid_from", "valid_to", "reason", "recorded_at")


class TierChangeList(_OfCustomer):
    """A customer's tiers, newest first."""

    serializer_class = TierChangeShown
    order = ("-valid_from", "-pk")

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """The customer's tiers."""
        return TierChange.objects.filter(customer_id=self.kwargs.get("customer_id")).select_related(
            "tier"
        )


class TierList(ListView):
    """The service tiers (annex 6)."""

    serializer_class = TierShown
    order = ("rank", "pk")

    def queryset_for(self, actor: Actor) -> QuerySet[Tier]:
        """All tiers."""
        return Tier.objects.all()


urlpatterns = [
    path("tiers/", TierList.as_view(), name="api-tiers"),
    path("customers/", CustomerList.as_view(), name="api-customers"),
    path("customers/<int:pk>/", CustomerDetail.as_view(), name="api-customer"),
    path("customers/<int:pk>/assign/", CustomerAssign.as_view(), name="api-customer-assign"),
    path("customers/<int:pk>/tier/", CustomerTier.as_view(), name="api-customer-tier"),
    path(
        "customers/<int:customer_id>/contacts/",
        ContactList.as_view(),
        name="api-customer-contacts",
    ),
    path(
        "customers/<int:customer_id>/assignments/",
        AssignmentList.as_view(),
        name="api-customer-assignments",
    ),
    path(
        "customers/<int:customer_id>/tiers/",
        TierChangeList.as_view(),
        name="api-customer-tiers",
    ),
    path("contacts/<int:pk>/reveal/", ContactReveal.as_view(), name="api-contact-reveal"),
]

"""Customers, their contacts, tiers as data, and who looks after whom since when."""

from datetime import date

from django.db import models
from django.db.models import Q

from core.actors import Actor
from customers.choices import ContactRole, CustomerKind, CustomerState, Gender
from organization.models import Branch, Person


class Tier(models.Model):
    """A service tier (annex 6): A, B, C for groups; diamond, gold, silver for persons."""

    code = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=8, choices=CustomerKind.choices)
    name_zh = models.CharField(max_length=20)
    name_en = models.CharField(max_length=20)
    # Shorter spellings that files use, besides the code and the names.
    aliases = models.JSONField(default=list)
    rank = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("rank",)

    def __str__(self) -> str:
        return self.name_zh


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Reads over customers."""

    def visible_to(self, actor: Actor) -> "CustomerQuerySet":
        """A manager sees the own customers, leaders the branch's, the market department all."""
        if actor.reads_all:
            return self
        return self.filter(Q(branch_id__in=actor.led_branches) | Q(manager_id=actor.person_id))

    def matching(self, words: str) -> "CustomerQuerySet":
        """Customers whose name, pinyin, initials, code or a contact's phone tail contain it."""
        found = self
        for word in words.lower().split():
            found = found.filter(search_text__contains=word)
        return found


class Customer(models.Model):
    """A group customer or a personal key customer (annex 3.10).

    ``manager``, ``manager_since`` and ``tier`` repeat the row in force of Assignment and
    TierChange, so that lists need no join over time; operations keep them in step.
    """

    kind = models.CharField(max_length=8, choices=CustomerKind.choices)
    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=120)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="customers")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="customers")
    manager = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="customers"
    )
    manager_since = models.DateField(null=True)
    state = models.CharField(
        max_length=10, choices=CustomerState.choices, default=CustomerState.ACTIVE
    )
    # Since when the state holds; None: as long as we know.
    state_since = models.DateField(null=True)
    credit_code = models.CharField(max_length=18, blank=True)
    industry = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    contract_ends_on = models.DateField(null=True)
    # Monthly revenue (group) or average monthly spending (person), yuan.
    monthly_revenue = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    # Whether an individual agreed to be contacted (PIPL); None: not asked, always for groups.
    has_consented = models.BooleanField(null=True)
    note = models.CharField(max_length=400, blank=True)
    search_text = models.CharField(max_length=400, blank=True)
    sort_key = models.CharField(max_length=160, blank=True)
    added_on = models.DateField()
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        ordering = ("sort_key", "pk")
        indexes = (
            models.Index(fields=("branch", "sort_key", "id"), name="customers_branch_sorted"),
            models.Index(fields=("manager", "sort_key", "id"), name="customers_manager_sorted"),
        )

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person at a customer; phone and birthday are sealed, what lists need is masked."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    role = models.CharField(max_length=8, choices=ContactRole.choices)
    name = models.CharField(max_length=60)
    gender = models.CharField(max_length=1, choices=Gender.choices, blank=True)
    post = models.CharField(max_length=40, blank=True)
    phone_sealed = models.BinaryField(default=bytes)
    phone_blind = models.CharField(max_length=64, blank=True, db_index=True)
    phone_masked = models.CharField(max_length=20, blank=True)
    phone_tail = models.CharField(max_length=4, blank=True)
    # As written: "1967-10-12", "05-22" or "lunar:02-01" with "+" before a leap month.
    birthday_sealed = models.BinaryField(default=bytes)
    birthday_blind = models.CharField(max_length=64, blank=True)
    # Month and day as "MM-DD" (of the lunar calendar when is_lunar), "" when unknown.
    birth_month_day = models.CharField(max_length=5, blank=True, db_index=True)
    is_lunar = models.BooleanField(default=False)
    is_leap_month = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("customer_id", "role")
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "role", "name"), name="customers_contact_once"
            ),
        )

    def __str__(self) -> str:
        return self.name


class InForceQuerySet(models.QuerySet["models.Model"]):
    """Reads over rows that hold from a day on until another."""

    def in_force_on(self, on: date) -> "InForceQuerySet":
        """Rows that hold on this day."""
        return self.filter(valid_from__lte=on).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))


class Assignment(models.Model):
    """Who looks after a customer from a day on (until ``valid_to``, that day excluded)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="assignments")
    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assignments")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()

    objects = InForceQuerySet.as_manager()

    class Meta:
        ordering = ("customer_id", "-valid_from")
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "valid_from"), name="customers_assignment_once"
            ),
        )
        indexes = (models.Index(fields=("manager", "valid_from"), name="customers_held"),)

    def __str__(self) -> str:
        return f"{self.customer_id} {self.valid_from}"


class TierChange(models.Model):
    """Which tier a customer has from a day on."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="tier_changes")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()

    objects = InForceQuerySet.as_manager()

    class Meta:
        ordering = ("customer_id", "-valid_from")
        constraints = (
            models.UniqueConstraint(fields=("customer", "valid_from"), name="customers_tier_once"),
        )

    def __str__(self) -> str:
        return f"{self.customer_id} {self.valid_from}"

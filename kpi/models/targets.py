"""Indicators, what the company asks, what a branch sets and gives out, what came of it (T)."""

from datetime import datetime
from typing import TypeVar

from django.db import models
from django.db.models import Q

from core.actors import Actor
from customers.models import Customer
from kpi.choices import Adding, Direction, Method, ResultSource, TargetState
from organization.models import Branch, Person

Row = TypeVar("Row", bound=models.Model)


class CountedQuerySet(models.QuerySet[Row]):
    """Reads over rows of which a later one supersedes an earlier."""

    def standing(self) -> "CountedQuerySet[Row]":
        """The rows that hold now."""
        return self.filter(superseded_at__isnull=True)

    def counted_at(self, cut: datetime) -> "CountedQuerySet[Row]":
        """The rows that held at a cut: what a closing counts, whenever it runs."""
        return self.filter(recorded_at__lte=cut).filter(
            Q(superseded_at__isnull=True) | Q(superseded_at__gt=cut)
        )


class Indicator(models.Model):
    """Something measured by the month: its unit, which way is better, where it comes from (T1).

    ``labels`` holds the name by label set and language, as items of the scheme have it.
    """

    code = models.CharField(max_length=20, unique=True)
    # {"telecom": {"zh-hans": …, "en": …}, "bank": {…}}
    labels = models.JSONField()
    unit = models.CharField(max_length=12)
    places = models.PositiveSmallIntegerField(default=2)
    direction = models.CharField(max_length=4, choices=Direction.choices, default=Direction.UP)
    adding = models.CharField(max_length=4, choices=Adding.choices, default=Adding.SUM)
    source = models.CharField(max_length=10, choices=ResultSource.choices)
    # Of a computed one: the key of what computes it (config.tables.RESULT_SOURCES).
    computed_by = models.CharField(max_length=40, blank=True)
    is_closed = models.BooleanField(default=False)
    rank = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("rank", "code")

    def __str__(self) -> str:
        return self.code


class Requirement(models.Model):
    """What the company asks of a branch for a month (T1)."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="requirements")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="requirements")
    month = models.CharField(max_length=7)
    # None: it was asked and is asked no more.
    value = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    note = models.CharField(max_length=200, blank=True)
    set_at = models.DateTimeField()
    # None: from the shell.
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "branch", "month"), name="kpi_requirement_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.month} {self.branch_id} {self.indicator_id}"


class TargetSheetQuerySet(models.QuerySet["TargetSheet"]):
    """Reads over target sheets."""

    def visible_to(self, actor: Actor) -> "TargetSheetQuerySet":
        """Leaders see the branch's, the market department all, managers what was issued."""
        if actor.reads_all:
            return self
        is_own = Q(branch_id__in=[branch for role, branch in actor.posts if role == "manager"])
        return self.filter(Q(branch_id__in=actor.led_branches) | (is_own & Q(newest__gt=0)))


class TargetSheet(models.Model):
    """A branch's targets of a month and their decomposition (T1–T4, annex 3.6).

    Lines, allocations and work items are edited as one thing under ``version``; issuing
    freezes them as a TargetVersion.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="target_sheets")
    month = models.CharField(max_length=7)
    state = models.CharField(max_length=10, choices=TargetState.choices, default=TargetState.DRAFT)
    priorities = models.TextField(blank=True)
    resources = models.TextField(blank=True)
    # Issuing without any work item needs a reason (T4).
    why_no_items = models.CharField(max_length=200, blank=True)
    newest = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    objects = TargetSheetQuerySet.as_manager()

    class Meta:
        ordering = ("-month", "branch_id")
        constraints = (
            models.UniqueConstraint(fields=("branch", "month"), name="kpi_target_sheet_once"),
        )

    def __str__(self) -> str:
        return f"{self.branch_id} {self.month}"


class TargetLine(models.Model):
    """The branch's target for one indicator, and how it is given out."""

    sheet = models.ForeignKey(TargetSheet, on_delete=models.CASCADE, related_name="lines")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    # None: not set yet, though something else of the line is written.
    value = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    # Why it is not what the company requires (T1), and why the parts do not add up (T2).
    why_not_required = models.CharField(max_length=200, blank=True)
    method = models.CharField(max_length=10, choices=Method.choices, default=Method.EQUAL)
    why_not_sum = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("indicator__rank", "indicator__code")
        constraints = (
            models.UniqueConstraint(fields=("sheet", "indicator"), name="kpi_target_line_once"),
        )

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.indicator_id}"


class Allocation(models.Model):
    """One manager's part of a target (T2); ``basis`` is the number it was shared out by."""

    line = models.ForeignKey(TargetLine, on_delete=models.CASCADE, related_name="allocations")
    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="allocations")
    value = models.DecimalField(max_digits=16, decimal_places=2)
    basis = models.DecimalField(max_digits=16, decimal_places=2, null=True)

    class Meta:
        ordering = ("manager__sort_key", "manager_id")
        constraints = (
            models.UniqueConstraint(fields=("line", "manager"), name="kpi_allocation_once"),
        )

    def __str__(self) -> str:
        return f"{self.line_id} {self.manager_id}"


class WorkItem(models.Model):
    """Something concrete a manager does for the target (T4): what, how many, by when, with what.

    Issued, it is a to-do of the manager; ``done`` is what he has reported of ``quantity``.
    """

    sheet = models.ForeignKey(TargetSheet, on_delete=models.CASCADE, related_name="items")
    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="work_items")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, null=True, related_name="+")
    what = models.CharField(max_length=120)
    quantity = models.PositiveIntegerField(default=1)
    unit = models.CharField(max_length=12, blank=True)
    due_on = models.DateField()
    resource = models.CharField(max_length=200, blank=True)
    done = models.PositiveIntegerField(default=0)
    reported_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("due_on", "pk")
        indexes = (models.Index(fields=("manager", "due_on"), name="kpi_work_item_manager"),)

    def __str__(self) -> str:
        return self.what


class TargetVersion(models.Model):
    """A target sheet as the GM issued it; a later one is a revision with its reason.

    ``content`` is frozen: see kpi.target_contents.
    """

    sheet = models.ForeignKey(TargetSheet, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    why = models.CharField(max_length=200, blank=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("sheet", "number"), name="kpi_target_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.number}"


class Acknowledgement(models.Model):
    """A manager has seen the issued target (annex 3.6)."""

    issued = models.ForeignKey(
        TargetVersion, on_delete=models.CASCADE, related_name="acknowledgements"
    )
    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("issued", "manager"), name="kpi_acknowledged_once"),
        )

    def __str__(self) -> str:
        return f"{self.issued_id} {self.manager_id}"


class Result(models.Model):
    """What a manager reached in a month, typed or imported; computed ones are never stored.

    A change is a new row that supersedes; what counts for a month is what held at its freeze.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="results")
    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="results")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="results")
    month = models.CharField(max_length=7)
    value = models.DecimalField(max_digits=16, decimal_places=2)
    source = models.CharField(max_length=10, choices=ResultSource.choices)
    # The file's name, or what the number was taken from.
    origin = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    # None: from the shell.
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = CountedQuerySet["Result"].as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "manager", "month"),
                condition=Q(superseded_at__isnull=True),
                name="kpi_result_one_standing",
            ),
        )
        indexes = (models.Index(fields=("month", "branch"), name="kpi_result_month"),)

    def __str__(self) -> str:
        return f"{self.month} {self.manager_id} {self.indicator_id}"


class Bill(models.Model):
    """A group customer's bill of a month, as the billing system exports it."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="bills")
    # Who held the customer at the month's end: whose revenue it is (annex 6).
    manager = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    month = models.CharField(max_length=7)
    due = models.DecimalField(max_digits=14, decimal_places=2)
    paid = models.DecimalField(max_digits=14, decimal_places=2)
    arrears = models.DecimalField(max_digits=14, decimal_places=2)
    # Days of the oldest open bill.
    arrears_days = models.PositiveIntegerField(default=0)
    origin = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    objects = CountedQuerySet["Bill"].as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "month"),
                condition=Q(superseded_at__isnull=True),
                name="kpi_bill_one_standing",
            ),
        )
        indexes = (models.Index(fields=("month", "manager"), name="kpi_bill_month"),)

    def __str__(self) -> str:
        return f"{self.month} {self.customer_id}"

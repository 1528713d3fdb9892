"""Bonus and penalty cases, and the complaints that may become one (K3)."""

from django.db import models
from django.db.models import Q

from core.actors import Actor
from core.models import StoredFile
from customers.models import Customer
from kpi.choices import CASE_UNSETTLED, CaseState, Complainant, ComplaintState
from organization.models import Branch, Person


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    """Reads over complaints."""

    def visible_to(self, actor: Actor) -> "ComplaintQuerySet":
        """A customer's: the branch's leaders, the market department, the investigator.

        An employee's: the investigator and the general manager only (K3.6). Nobody reads what
        is about himself.
        """
        me = actor.person_id or 0
        others = self.exclude(manager_id=me)
        heads = [branch for role, branch in actor.posts if role == "gm"]
        is_mine = Q(investigator_id=me) | Q(branch_id__in=heads)
        of_customers = Q(complainant=Complainant.CUSTOMER)
        if actor.reads_all:
            return others.filter(of_customers | is_mine)
        return others.filter(is_mine | (of_customers & Q(branch_id__in=actor.led_branches)))


class Complaint(models.Model):
    """A complaint about a manager, by a customer or an employee, and what was found (K3.6)."""

    number = models.CharField(max_length=30, unique=True)
    complainant = models.CharField(max_length=10, choices=Complainant.choices)
    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="complaints")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="complaints")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="complaints"
    )
    # Who said so, sealed: opened only by whoever may see the complaint.
    by_sealed = models.BinaryField(default=bytes)
    facts = models.TextField()
    received_at = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    investigator = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=10, choices=ComplaintState.choices, default=ComplaintState.OPEN
    )
    finding = models.TextField(blank=True)
    # Went up to a regulator: counts more (annex 5.4, D3).
    is_escalated = models.BooleanField(default=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        ordering = ("-received_at", "-pk")

    def __str__(self) -> str:
        return self.number


class CaseQuerySet(models.QuerySet["Case"]):
    """Reads over cases."""

    def visible_to(self, actor: Actor) -> "CaseQuerySet":
        """A manager sees the own cases, leaders the branch's, the market department all."""
        if actor.reads_all:
            return self
        return self.filter(Q(branch_id__in=actor.led_branches) | Q(manager_id=actor.person_id))


class Case(models.Model):
    """Facts that earn or cost points beyond the items (K3, annexes 3.13 and 5.4).

    ``option`` is the scheme's line it falls under (tier, level, age of arrears); ``count_key``
    names the event itself, so that it counts once however often it is filed.
    """

    number = models.CharField(max_length=30, unique=True)
    item = models.CharField(max_length=12)
    option = models.CharField(max_length=40)
    count_key = models.CharField(max_length=120)
    month = models.CharField(max_length=7)
    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cases")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="cases")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="cases"
    )
    complaint = models.OneToOneField(
        Complaint, on_delete=models.PROTECT, null=True, related_name="case"
    )
    happened_on = models.DateField()
    facts = models.TextField()
    # What else tells the event: {"subject": contest, product, paper; "cause": why lost}.
    particulars = models.JSONField(default=dict)
    proposed = models.DecimalField(max_digits=5, decimal_places=2)
    state = models.CharField(max_length=10, choices=CaseState.choices, default=CaseState.FILED)
    statement = models.TextField(blank=True)
    stated_at = models.DateTimeField(null=True)
    opinion = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.TextField(blank=True)
    # What counts once the case is approved: signed, bonus above zero.
    points = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    is_veto = models.BooleanField(default=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ("-raised_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("item", "count_key"),
                condition=Q(state__in=[*CASE_UNSETTLED, CaseState.APPROVED]),
                name="kpi_case_counts_once",
            ),
        )
        indexes = (models.Index(fields=("month", "manager"), name="kpi_case_month"),)

    def __str__(self) -> str:
        return self.number


class CaseFile(models.Model):
    """Evidence of a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.case_id} {self.file_id}"

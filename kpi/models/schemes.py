"""The scheme: what is scored, how, and from which month on (K1–K4, annex 5)."""

from django.db import models

from kpi.choices import SchemeState
from organization.models import Person


class Scheme(models.Model):
    """A version of the company's scheme; ``content`` is kpi.scheme's JSON.

    The approved one with the latest ``valid_from`` up to a month scores that month.
    """

    number = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=80)
    valid_from = models.CharField(max_length=7)
    state = models.CharField(max_length=10, choices=SchemeState.choices, default=SchemeState.DRAFT)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    # Another frame than 40/20/40 and plus or minus 20: marked wherever it is shown.
    departs = models.BooleanField(default=False)
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=200, blank=True)
    drafted_at = models.DateTimeField()
    # Nobody: shipped with the product.
    drafted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Rehearsal(models.Model):
    """What a draft would have made of the last three closed months; nothing else is stored."""

    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, related_name="rehearsals")
    # The scheme's content that was rehearsed.
    scheme_digest = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    # Empty until the worker has done it: see kpi.rehearsal.
    report = models.JSONField(default=dict)
    made_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at",)

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.asked_at:%F %T}"

"""What only a person can give: ratings of 0 to 5 and marks of exams."""

from django.db import models
from django.db.models import Q

from kpi.choices import MarkKind
from kpi.models.targets import CountedQuerySet
from organization.models import Branch, Person


class Mark(models.Model):
    """One rating or one exam's mark of one manager for one item of the scheme.

    ``question`` is the part of a rating it answers ("" of an exam). A change is a new row.
    """

    month = models.CharField(max_length=7)
    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="marks")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=12)
    kind = models.CharField(max_length=8, choices=MarkKind.choices)
    question = models.CharField(max_length=40, blank=True)
    value = models.DecimalField(max_digits=6, decimal_places=2)
    # Which exam, which call or log was heard or read.
    basis = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField(null=True)

    objects = CountedQuerySet["Mark"].as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("month", "manager", "item", "question"),
                condition=Q(superseded_at__isnull=True),
                name="kpi_mark_one_standing",
            ),
        )
        indexes = (models.Index(fields=("month", "branch"), name="kpi_mark_month"),)

    def __str__(self) -> str:
        return f"{self.month} {self.manager_id} {self.item}"

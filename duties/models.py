"""Duty periods and notices."""

from datetime import datetime

from django.db import models

from core.actors import Actor
from duties.choices import NoticeKind
from organization.models import Branch, Person


class DutyPeriodQuerySet(models.QuerySet["DutyPeriod"]):
    """Reads over duty periods."""

    def visible_to(self, actor: Actor) -> "DutyPeriodQuerySet":
        """Periods of the branches the actor sees."""
        return self if actor.branches is None else self.filter(branch_id__in=actor.branches)

    def closed_by(self, at: datetime) -> "DutyPeriodQuerySet":
        """Periods whose deadline has passed."""
        return self.filter(deadline_at__lt=at)


class DutyPeriod(models.Model):
    """What a branch owes for one period: from when it can be done, by when it must be.

    On time or late is the receipt against this row; "missing" is computed when it is read.
    """

    kind = models.CharField(max_length=16)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="duty_periods")
    key = models.CharField(max_length=12)
    opens_at = models.DateTimeField()
    deadline_at = models.DateTimeField()

    objects = DutyPeriodQuerySet.as_manager()

    class Meta:
        ordering = ("deadline_at", "kind", "branch_id")
        constraints = (
            models.UniqueConstraint(fields=("kind", "branch", "key"), name="duties_period_once"),
            models.CheckConstraint(
                condition=models.Q(opens_at__lte=models.F("deadline_at")),
                name="duties_period_in_order",
            ),
        )
        indexes = (models.Index(fields=("kind", "deadline_at"), name="duties_period_due"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Notice(models.Model):
    """Something a person should know: shown at the bell, told once more by mail in a digest."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=16, choices=NoticeKind.choices)
    # Notices that belong together (one week's reminders) share the group and are shown as one.
    group = models.CharField(max_length=80)
    # Written in the person's language at the moment of writing.
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=200, blank=True)
    # Makes a notice unique per person, so that a job repeated writes nothing twice.
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("person", "key"), name="duties_notice_once"),
        )
        indexes = (
            models.Index(fields=("person", "read_at"), name="duties_notice_unread"),
            models.Index(
                fields=("created_at",),
                condition=models.Q(mailed_at__isnull=True),
                name="duties_notice_unmailed",
            ),
        )

    def __str__(self) -> str:
        return self.title

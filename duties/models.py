"""Duty periods, to-dos and notices."""

from datetime import datetime

from django.db import models
from django.utils.translation import get_language

from core.actors import Actor
from duties.choices import NoticeKind, ToDoState
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
    updated_at = models.DateTimeField(db_index=True)

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


class ToDoQuerySet(models.QuerySet["ToDo"]):
    """Reads over to-dos."""

    def visible_to(self, actor: Actor) -> "ToDoQuerySet":
        """One's own to-dos, and those of the branches one leads (P2.1)."""
        return self.filter(
            models.Q(owner_id=actor.person_id) | models.Q(branch_id__in=actor.led_branches)
        )

    def open(self) -> "ToDoQuerySet":
        """Those still to be done."""
        return self.filter(state=ToDoState.OPEN)


class ToDo(models.Model):
    """What a person decided that somebody shall do (P2.1): written and closed by its source.

    ``source_type`` and ``source_id`` name the row of the upper app that stands behind it; what
    somebody writes down by hand (``by_hand``) has no other row.
    What a rule implies is never a row here: see DUE_SOURCES.
    """

    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="to_dos")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="to_dos")
    title = models.CharField(max_length=160)
    about = models.CharField(max_length=240, blank=True)
    url = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    source_type = models.CharField(max_length=40)
    source_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8, choices=ToDoState.choices, default=ToDoState.OPEN)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(db_index=True)

    objects = ToDoQuerySet.as_manager()

    class Meta:
        ordering = ("due_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("source_type", "source_id", "owner"), name="duties_to_do_once"
            ),
        )
        indexes = (models.Index(fields=("owner", "state", "due_at"), name="duties_to_do_owner"),)

    def __str__(self) -> str:
        return self.title


class Notice(models.Model):
    """Something a person should know: shown at the bell, told once more by mail in a digest."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=16, choices=NoticeKind.choices)
    # Notices that belong together (one week's reminders) share the group and are shown as one.
    group = models.CharField(max_length=80)
    # Written in the person's language at the moment of writing, and beside it in the others:
    # language -> {"title", "body"}. Whoever reads sees ``heading`` and ``text``.
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    in_other_languages = models.JSONField(default=dict)
    url = models.CharField(max_length=200, blank=True)
    # Makes a notice unique per person, so that a job repeated writes nothing twice.
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    # Written or read; that a mail told of it changes nothing for the reader.
    updated_at = models.DateTimeField()

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

    @property
    def heading(self) -> str:
        """The title in the language that is spoken now."""
        return self._said("title")

    @property
    def text(self) -> str:
        """The body in the language that is spoken now; what people wrote stays as they wrote it."""
        return self._said("body")

    def _said(self, name: str) -> str:
        other = self.in_other_languages.get(get_language() or "", {})
        return str(other.get(name, getattr(self, name)))

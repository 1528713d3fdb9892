"""Occurrences of meetings: the rule's, as arranged, as held; and who may stand in."""

from django.db import models
from django.db.models import F, Q

from confidentiality.choices import Level
from core.actors import Actor
from meetings.choices import MeetingKind, MeetingState
from organization.models import Branch, Person


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Reads over meetings."""

    def visible_to(self, actor: Actor) -> "MeetingQuerySet":
        """Everybody of a branch sees its meetings, the market department all."""
        return self if actor.branches is None else self.filter(branch_id__in=actor.branches)

    def leading(self) -> "MeetingQuerySet":
        """Those with a sitting of their own: not held together with another."""
        return self.filter(sitting__isnull=True)


class Meeting(models.Model):
    """One occurrence of a series: what the branch owes for a day, week or month (M1–M3, A1).

    ``kind``, ``branch`` and ``key`` are those of its duty period. ``planned_on`` stays the day
    of the rule, whatever becomes of it. Held together with another (A1), it names that one's
    row as ``sitting`` and has neither attendance nor minutes of its own.
    """

    kind = models.CharField(max_length=16, choices=MeetingKind.choices)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="meetings")
    key = models.CharField(max_length=12)
    planned_on = models.DateField()
    # The local day on which it is now arranged.
    on = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=60, blank=True)
    state = models.CharField(
        max_length=12, choices=MeetingState.choices, default=MeetingState.PLANNED
    )
    # Of a move, a cancellation, or of not having been held.
    reason = models.CharField(max_length=200, blank=True)
    # By a person: what the calendar and the settings say later leaves it alone.
    is_by_hand = models.BooleanField(default=False)
    sitting = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="joined")
    # Since when it is held together: a notice given to the sitting from then on is for both.
    sitting_since = models.DateTimeField(null=True)
    # Counts what a subscribed calendar must be told (iCalendar SEQUENCE).
    sequence = models.PositiveIntegerField(default=0)
    # Who may chair it by the rule and by delegation is decided when it is held.
    chair = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    acts_for = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    recorder = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    # Sign-in opened, begun, ended: as it really was.
    room_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # How many were counted in the room at the end; why, where not as many had signed in.
    head_count = models.PositiveSmallIntegerField(null=True)
    count_why = models.CharField(max_length=200, blank=True)
    level = models.PositiveSmallIntegerField(choices=Level.choices, default=Level.INTERNAL)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at", "branch_id", "kind")
        constraints = (
            models.UniqueConstraint(fields=("kind", "branch", "key"), name="meetings_once"),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="meetings_in_order"
            ),
            models.CheckConstraint(
                condition=Q(chair__isnull=True)
                | Q(recorder__isnull=True)
                | ~Q(chair=F("recorder")),
                name="meetings_recorder_not_chair",
            ),
        )
        indexes = (
            models.Index(fields=("branch", "on"), name="meetings_branch_day"),
            models.Index(fields=("on", "kind"), name="meetings_day"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Delegation(models.Model):
    """Somebody is to hold a meeting in the place of whoever cannot come (M1.3)."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="delegations")
    delegate = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("given_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("meeting",),
                condition=Q(ended_at__isnull=True),
                name="meetings_delegation_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.delegate_id}"

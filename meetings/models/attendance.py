"""Who was expected, who came, who gave notice, whom the code refused."""

from django.db import models
from django.db.models import Q

from meetings.choices import (
    AbsenceKind,
    AbsenceState,
    Presence,
    Refusal,
    SignInWay,
)
from meetings.models.occurrences import Meeting
from organization.models import Person


class Attendee(models.Model):
    """Somebody expected at a meeting, and how he stands to it; written when its room opens.

    ``arrived_at`` is the sign-in of those who came. What was amended afterwards is an
    ``AttendeeChange``.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendees")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attendances")
    state = models.CharField(max_length=8, choices=Presence.choices, default=Presence.OPEN)
    arrived_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=8, choices=SignInWay.choices, blank=True)
    # Where to, why: the reason of a notice, the customer of a trip.
    note = models.CharField(max_length=200, blank=True)
    # The browser of a sign-in by code, hashed: it signs for one person only.
    device = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("meeting_id", "person__sort_key", "person_id")
        constraints = (
            models.UniqueConstraint(fields=("meeting", "person"), name="meetings_attendee_once"),
            models.UniqueConstraint(
                fields=("meeting", "device"),
                condition=~Q(device=""),
                name="meetings_device_once",
            ),
        )
        indexes = (models.Index(fields=("person", "meeting"), name="meetings_attendee_person"),)

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.person_id} {self.state}"


class AttendeeChange(models.Model):
    """A presence amended after it was settled: both states, who and why."""

    attendee = models.ForeignKey(Attendee, on_delete=models.CASCADE, related_name="changes")
    before = models.CharField(max_length=8, choices=Presence.choices)
    before_at = models.DateTimeField(null=True)
    after = models.CharField(max_length=8, choices=Presence.choices)
    after_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.attendee_id} {self.before} {self.after}"


class Absence(models.Model):
    """A notice that somebody cannot come (M1.2). In time, or not, it is as it was given."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="absences")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absences")
    kind = models.CharField(max_length=8, choices=AbsenceKind.choices, default=AbsenceKind.LEAVE)
    reason = models.CharField(max_length=200)
    given_at = models.DateTimeField()
    is_in_time = models.BooleanField()
    state = models.CharField(
        max_length=10, choices=AbsenceState.choices, default=AbsenceState.GIVEN
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    opinion = models.CharField(max_length=200, blank=True)
    updated_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-given_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("meeting", "person"),
                condition=~Q(state="withdrawn"),
                name="meetings_absence_one",
            ),
        )
        indexes = (models.Index(fields=("person", "given_at"), name="meetings_absence_person"),)

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.person_id} {self.state}"


class RefusedSignIn(models.Model):
    """A sign-in by code that was refused; shown to whoever holds the meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="refused")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=8, choices=Refusal.choices)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.person_id} {self.why}"

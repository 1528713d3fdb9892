"""Minutes with their versions, the actions they decided, the scans of what was signed."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from confidentiality.choices import Level
from core.actors import Actor
from core.models import StoredFile
from meetings.choices import ActionState, MinutesState, ScanPart
from meetings.models.attendance import Attendee
from meetings.models.occurrences import Meeting
from organization.models import Branch, Person


class MinutesQuerySet(models.QuerySet["Minutes"]):
    """Reads over minutes."""

    def visible_to(self, actor: Actor) -> "MinutesQuerySet":
        """Whoever sees the meeting sees its minutes."""
        return self.filter(meeting__in=Meeting.objects.visible_to(actor))


class Minutes(models.Model):
    """The minutes of one sitting (M2.2, M3.2, A3): what was submitted stands in its versions.

    ``number`` is the printed one; ``received_at`` the first submission, which decides between
    in time and late, whatever follows. Until then the recorder's draft is all there is.
    """

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="minutes")
    number = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=10, choices=MinutesState.choices)
    due_at = models.DateTimeField()
    received_at = models.DateTimeField()
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    # The standing version's number.
    latest = models.PositiveSmallIntegerField(default=1)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    opinion = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    objects = MinutesQuerySet.as_manager()

    class Meta:
        ordering = ("-submitted_at", "-pk")
        verbose_name_plural = "minutes"

    def __str__(self) -> str:
        return self.number


class MinutesVersion(models.Model):
    """The minutes as they were submitted once; never changed (annex 3.5).

    ``content``: {"level", "items": [{"key", "kind", "topic", "speaker", "discussion",
    "conclusion", "document": id | null, "contribution": id | null}], "actions": [{"key",
    "content", "owner": id, "owner_name", "helpers": [id], "helper_names": [name], "due_on",
    "evidence"}], "attendance": [{"person": id, "name", "state", "arrived_at", "note", "notice"}],
    the sign-in as it stood}. Versions of before helpers were chosen name none.
    """

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    # Of a correction after approval.
    why = models.CharField(max_length=200, blank=True)
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    # Given back by the chair, with what is to be mended.
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    opinion = models.TextField(blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("minutes", "number"), name="meetings_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.minutes_id} v{self.number}"


class ActionQuerySet(models.QuerySet["Action"]):
    """Reads over actions."""

    def visible_to(self, actor: Actor) -> "ActionQuerySet":
        """Those of the branches one belongs to; the market department sees all.

        What secret minutes decided is for whoever reads these (C2, minutes_rules.may_read_minutes)
        and for whom it was given to.
        """
        if actor.branches is None:
            return self
        person_id = actor.person_id or 0
        expected = Attendee.objects.filter(meeting=OuterRef("meeting"), person_id=person_id)
        helped = Action.helpers.through.objects.filter(person_id=person_id)
        return self.filter(
            Q(meeting__level__lte=Level.INTERNAL)
            | Q(branch_id__in=actor.led_branches)
            | Q(meeting__chair_id=person_id)
            | Q(meeting__recorder_id=person_id)
            | Q(owner_id=person_id)
            | Q(pk__in=helped.values("action_id"))
            | Exists(expected),
            branch_id__in=actor.branches,
        )

    def open(self) -> "ActionQuerySet":
        """Those that come back on the next agenda."""
        return self.filter(state=ActionState.OPEN)


class Action(models.Model):
    """Something decided at a meeting, with owner and date; made when the minutes are approved.

    Its to-do has ``source_type`` "meetings.action" and this row's id.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="actions")
    # Its row in the minutes: a corrected version moves it instead of making another.
    key = models.CharField(max_length=12)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    content = models.CharField(max_length=200)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="meeting_actions")
    # Who does it with the owner, who alone answers for it.
    helpers = models.ManyToManyField(Person, related_name="helped_actions")
    due_on = models.DateField()
    # What is to prove it, as the minutes say.
    evidence = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=8, choices=ActionState.choices, default=ActionState.OPEN)
    result = models.CharField(max_length=400, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "pk")
        constraints = (
            models.UniqueConstraint(fields=("meeting", "key"), name="meetings_action_once"),
        )
        indexes = (models.Index(fields=("branch", "state", "due_on"), name="meetings_action_open"),)

    def __str__(self) -> str:
        return self.content


class Scan(models.Model):
    """The scan of a signed paper, found by the number in its QR code (annex 3.5)."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="scans")
    part = models.CharField(max_length=8, choices=ScanPart.choices)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("added_at", "pk")

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.part}"

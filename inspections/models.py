"""What is checked of a branch each month, and what was found."""

from django.db import models
from django.db.models import Q

from core.actors import Actor
from core.models import StoredFile
from inspections.choices import FindingSource, FindingState, StepKind, Taking
from meetings.choices import TopicKind
from meetings.models import Meeting
from organization.models import Branch, Person


class CheckItem(models.Model):
    """A line of the inspection sheet from a month on (annex 3.8): points, and how they go.

    ``judged_by`` is the key of what judges it (config.tables.CHECKS); without a source yet the
    item is "not checked". A row with the same code and a later month replaces the earlier.
    """

    code = models.CharField(max_length=20)
    valid_from = models.CharField(max_length=7)
    # {"zh-hans": …, "en": …}
    names = models.JSONField()
    points = models.DecimalField(max_digits=5, decimal_places=2)
    taking = models.CharField(max_length=10, choices=Taking.choices)
    # {kind of fault: points off}, of an item that loses points per fault
    faults = models.JSONField(default=dict)
    clause = models.CharField(max_length=40)
    rank = models.PositiveSmallIntegerField(default=0)
    judged_by = models.CharField(max_length=40, blank=True)
    is_dropped = models.BooleanField(default=False)

    class Meta:
        ordering = ("rank", "code", "valid_from")
        constraints = (
            models.UniqueConstraint(fields=("code", "valid_from"), name="inspections_item_once"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.valid_from}"


class FindingQuerySet(models.QuerySet["Finding"]):
    """Reads over findings."""

    def visible_to(self, actor: Actor) -> "FindingQuerySet":
        """The market department sees all, leaders the branch's, others those they own."""
        if actor.reads_all:
            return self
        return self.filter(Q(branch_id__in=actor.led_branches) | Q(owner_id=actor.person_id))


class Finding(models.Model):
    """Something that deviates and must be put right (P3.5).

    ``origin`` names the line of the report it came from, so that a line becomes one finding.
    """

    number = models.CharField(max_length=30, unique=True)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="findings")
    month = models.CharField(max_length=7)
    item = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=8, choices=FindingSource.choices)
    # NULL where found by hand: the constraint counts only what is there.
    origin = models.CharField(max_length=80, null=True, unique=True)  # noqa: DJ001
    title = models.CharField(max_length=120)
    facts = models.TextField()
    # [{"label", "url"}]: the rows that show it
    rows = models.JSONField(default=list)
    deduction = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    clause = models.CharField(max_length=40, blank=True)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="findings")
    state = models.CharField(max_length=10, choices=FindingState.choices, default=FindingState.OPEN)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    # By when the branch confirms or objects: three working days.
    respond_by = models.DateTimeField()
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ("-raised_at", "-pk")
        indexes = (
            models.Index(fields=("branch", "state"), name="inspections_finding_branch"),
            models.Index(fields=("month", "branch"), name="inspections_finding_month"),
        )

    def __str__(self) -> str:
        return self.number


class FindingStep(models.Model):
    """One step in a finding's life: who did what when, with what words and file."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10, choices=StepKind.choices)
    text = models.TextField(blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.finding_id} {self.kind}"


class ContentMark(models.Model):
    """An inspector's mark (0–5) of one kind of content of minutes (M3.3, A3, annex 3.8).

    ``meeting`` is the sitting. A later mark takes its place and both stay, so that a report made
    late counts what stood then.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="content_marks")
    topic = models.CharField(max_length=12, choices=TopicKind.choices)
    mark = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=200, blank=True)
    marked_at = models.DateTimeField()
    marked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("meeting_id", "marked_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("meeting", "topic"),
                condition=Q(replaced_at__isnull=True),
                name="inspections_content_once",
            ),
            models.CheckConstraint(condition=Q(mark__lte=5), name="inspections_content_0_to_5"),
        )

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.topic} {self.mark}"

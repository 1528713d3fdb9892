"""Service logs, weekly summaries, roll-ups, company consolidations."""

from collections.abc import Collection
from datetime import datetime

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, TruncDate

from core.actors import Actor
from core.models import StoredFile
from core.periods import SHANGHAI
from customers.models import Contact, Customer
from organization.choices import Role
from organization.models import Branch, Person, RoleGrant
from worklogs.choices import (
    CampaignResponse,
    Category,
    Channel,
    Initiator,
    LogSource,
    RollUpState,
    SummaryState,
)


class ServiceLogQuerySet(models.QuerySet["ServiceLog"]):
    """Reads over service logs."""

    def visible_to(self, actor: Actor) -> "ServiceLogQuerySet":
        """A manager sees the own logs, leaders the branch's, the market department all."""
        if actor.reads_all:
            return self
        return self.filter(Q(branch_id__in=actor.led_branches) | Q(manager_id=actor.person_id))

    def standing(self) -> "ServiceLogQuerySet":
        """The versions that hold now."""
        return self.filter(superseded_at__isnull=True)

    def newest(self) -> "ServiceLogQuerySet":
        """Those that hold, and those taken back: one of each service."""
        return self.filter(Q(superseded_at__isnull=True) | Q(is_withdrawn=True))

    def counted_at(self, cut: datetime) -> "ServiceLogQuerySet":
        """The versions that held at a cut: what a closing counts, whenever it runs."""
        return self.filter(recorded_at__lte=cut).filter(
            Q(superseded_at__isnull=True) | Q(superseded_at__gt=cut)
        )


class ServiceLog(models.Model):
    """One service, as recorded (W3, annex 3.3). A correction is a new row that supersedes.

    ``thread`` is the first version's id and names the service; ``on`` is its local date.
    """

    thread_id = models.BigIntegerField(null=True, db_index=True)
    number = models.PositiveSmallIntegerField(default=1)
    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="service_logs")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="service_logs")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="service_logs")
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="service_logs"
    )
    # As they were at the service: later changes of the customer's file do not move figures.
    tier_code = models.CharField(max_length=12)
    occurred_at = models.DateTimeField()
    occurred_on = models.DateField()
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    initiator = models.CharField(max_length=8, choices=Initiator.choices)
    channel = models.CharField(max_length=16, choices=Channel.choices)
    category = models.CharField(max_length=16, choices=Category.choices)
    content = models.TextField()
    needs = models.TextField(blank=True)
    behaviour = models.TextField(blank=True)
    response = models.CharField(max_length=12, choices=CampaignResponse.choices, blank=True)
    product = models.CharField(max_length=60, blank=True)
    competitors = models.TextField(blank=True)
    problems = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    next_on = models.DateField(null=True, blank=True)
    # Passive services: by when an answer was due (annex 6), and when it was given.
    answer_due_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=8, choices=LogSource.choices, default=LogSource.TYPED)
    # NULL where there is none: the constraint below counts only what is there.
    external_id = models.CharField(max_length=60, null=True, blank=True)  # noqa: DJ001
    due_at = models.DateTimeField()
    is_late = models.BooleanField()
    recorded_at = models.DateTimeField(db_index=True)
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField(null=True)
    # Taken back by its writer: superseded by nothing.
    is_withdrawn = models.BooleanField(default=False)
    correction_reason = models.CharField(max_length=200, blank=True)
    read_at = models.DateTimeField(null=True)
    read_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    read_remark = models.TextField(blank=True)
    # What anybody sees of this version changed last: written, superseded, taken back or read.
    updated_at = models.DateTimeField(db_index=True)

    objects = ServiceLogQuerySet.as_manager()

    class Meta:
        ordering = ("-occurred_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("branch", "external_id", "number"), name="worklogs_log_external_once"
            ),
            models.UniqueConstraint(
                fields=("thread_id",),
                condition=Q(superseded_at__isnull=True),
                name="worklogs_log_one_standing",
            ),
        )
        indexes = (
            models.Index(fields=("manager", "occurred_on"), name="worklogs_log_manager"),
            models.Index(fields=("branch", "occurred_on"), name="worklogs_log_branch"),
            models.Index(fields=("customer", "occurred_at"), name="worklogs_log_customer"),
        )

    def __str__(self) -> str:
        return f"{self.occurred_on} {self.customer_id}"


class SummaryQuerySet(models.QuerySet["Summary"]):
    """Reads over weekly summaries."""

    def visible_to(self, actor: Actor) -> "SummaryQuerySet":
        """A manager sees the own summaries, leaders the branch's, the market department all."""
        if actor.reads_all:
            return self
        return self.belonging_to(actor.led_branches, or_by=actor.person_id)

    def seen_by(self, actor: Actor) -> "SummaryQuerySet":
        """Also those of managers who moved after the actor's branch had received something."""
        received = SummaryVersion.objects.filter(branch_id__in=actor.led_branches)
        visible = self.visible_to(actor).order_by().values("pk")
        return self.filter(Q(pk__in=visible) | Q(pk__in=received.values("summary_id")))

    def belonging_to(
        self, branch_ids: Collection[int], *, or_by: int | None = None
    ) -> "SummaryQuerySet":
        """Those of these branches, each by its manager's post on the deadline's day (W5).

        Where no post decides, the branch that received it; ``or_by`` adds somebody's own.
        """
        posts = RoleGrant.objects.filter(role=Role.MANAGER)
        here = posts.filter(branch_id__in=branch_ids)
        day = OuterRef("deadline_day")
        at_deadline = (
            posts.filter(person=OuterRef("manager"), valid_from__lte=day)
            .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))
            .order_by("-valid_from", "-pk")
            .values("branch_id")[:1]
        )
        is_own = Q(manager_id=or_by or 0)
        # Few rows come near, by an index; only of those the day's post is looked up.
        is_near = Q(branch_id__in=branch_ids) | Q(manager__in=here.values("person_id"))
        return (
            self.filter(is_near | is_own)
            .alias(deadline_day=TruncDate("deadline_at", tzinfo=SHANGHAI))
            .alias(
                belongs_to=Coalesce(
                    Subquery(at_deadline), F("branch_id"), output_field=models.BigIntegerField()
                )
            )
            .filter(Q(belongs_to__in=branch_ids) | is_own)
        )


class Summary(models.Model):
    """A manager's weekly progress summary (W4, W5); written by its first submission.

    The branch is the one it was last filed to; to which it belongs is asked of
    ``worklogs.belonging``, for managers move. ``version`` guards against stale writes and
    counts every change, ``newest`` is the number of the newest immutable SummaryVersion.
    """

    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="summaries")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="summaries")
    week = models.CharField(max_length=8)
    state = models.CharField(max_length=10, choices=SummaryState.choices)
    newest = models.PositiveSmallIntegerField(default=1)
    # The first receipt decides between on time and late; what follows a return keeps it.
    received_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    minutes_late = models.PositiveIntegerField(default=0)
    opinion = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    objects = SummaryQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("manager", "week"), name="worklogs_summary_once"),
        )
        indexes = (models.Index(fields=("branch", "week"), name="worklogs_summary_week"),)

    def __str__(self) -> str:
        return f"{self.manager_id} {self.week}"


class SummaryVersion(models.Model):
    """What was submitted, for ever: the system's figures, the declared ones, the texts."""

    summary = models.ForeignKey(Summary, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    # Where it was received: of a manager who moved, each branch keeps what came to it.
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    receipt = models.CharField(max_length=60, unique=True)
    submitted_at = models.DateTimeField()
    # Whoever pressed the button; differs from the manager when filed for somebody (代填).
    filed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    why_filed_for = models.CharField(max_length=200, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    # {figure: {"value", "declared", "reason"}}; numbers as decimal text
    figures = models.JSONField()
    # {part: text}, and the parts for which "nothing this week" was said
    texts = models.JSONField()
    nothing = models.JSONField(default=list)
    log_count = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(
                fields=("summary", "number"), name="worklogs_summary_version_once"
            ),
        )

    def __str__(self) -> str:
        return self.receipt


class SummaryReturn(models.Model):
    """A version given back, with a remark on each field that must be mended."""

    version = models.OneToOneField(
        SummaryVersion, on_delete=models.CASCADE, related_name="given_back"
    )
    # {field: remark}; a field is "figure:<key>" or "text:<part>"
    remarks = models.JSONField()
    returned_at = models.DateTimeField()
    returned_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.version_id}"


class Reminder(models.Model):
    """A press of the reminder button for one person; the pause between two is a setting.

    ``number`` counts a person's reminders of a week: of presses at one moment, one gets it.
    """

    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reminders")
    week = models.CharField(max_length=8)
    number = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()
    sent_on = models.DateField()
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-sent_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("manager", "week", "number"), name="worklogs_reminder_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.manager_id} {self.week}"


class RollUpQuerySet(models.QuerySet["RollUp"]):
    """Reads over roll-ups."""

    def visible_to(self, actor: Actor) -> "RollUpQuerySet":
        """Leaders see the branch's roll-ups, the market department all, managers none."""
        return self if actor.reads_all else self.filter(branch_id__in=actor.led_branches)


class RollUp(models.Model):
    """A branch's week, consolidated by its supervisor (W6)."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="rollups")
    week = models.CharField(max_length=8)
    state = models.CharField(max_length=10, choices=RollUpState.choices, default=RollUpState.OPEN)
    comment = models.TextField(blank=True)
    # Text items left out, as "<manager id>:<part>"; everything else goes in with its author.
    left_out = models.JSONField(default=list)
    newest = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    objects = RollUpQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("branch", "week"), name="worklogs_rollup_once"),
        )
        indexes = (models.Index(fields=("week", "state"), name="worklogs_rollup_week"),)

    def __str__(self) -> str:
        return f"{self.branch_id} {self.week}"


class RollUpVersion(models.Model):
    """A roll-up as it was sent: frozen content, workbook, mail. A later one is a correction."""

    rollup = models.ForeignKey(RollUp, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    archive_number = models.CharField(max_length=40, unique=True)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    why_corrected = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    deadline_at = models.DateTimeField()
    minutes_late = models.PositiveIntegerField(default=0)
    # Filled by the worker that renders the frozen content and posts it.
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    message_id = models.CharField(max_length=120, blank=True)
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(
                fields=("rollup", "number"), name="worklogs_rollup_version_once"
            ),
        )

    def __str__(self) -> str:
        return self.archive_number


class Consolidation(models.Model):
    """The company's week as the group-customer office archived it (W6).

    One row per issue: number 1, then corrections with a reason.
    """

    week = models.CharField(max_length=8)
    number = models.PositiveSmallIntegerField()
    archive_number = models.CharField(max_length=40, unique=True)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    comment = models.TextField(blank=True)
    why_corrected = models.CharField(max_length=200, blank=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-week", "number")
        constraints = (
            models.UniqueConstraint(fields=("week", "number"), name="worklogs_consolidation_once"),
        )

    def __str__(self) -> str:
        return self.archive_number

"""Spot-check reports and the monthly bulletin (B1, M2.3, annex 8)."""

from django.db import models
from django.db.models import Q

from core.actors import Actor
from core.models import StoredFile
from organization.models import Branch, Person
from reports.choices import BulletinState, EditionState, Phase


class SpotCheckQuerySet(models.QuerySet["SpotCheck"]):
    """Reads over spot-check reports."""

    def visible_to(self, actor: Actor) -> "SpotCheckQuerySet":
        """The market department sees all, leaders the branch's."""
        return self if actor.reads_all else self.filter(branch_id__in=actor.led_branches)


class SpotCheck(models.Model):
    """A branch's month as the system judged it (P3, B1): frozen content and its digest.

    The content is a function of the branch, the month and ``due_at``: made late, it is the
    same. See reports.spot_checks.
    """

    month = models.CharField(max_length=7)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="spot_checks")
    phase = models.CharField(max_length=12, choices=Phase.choices)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    kept = models.DecimalField(max_digits=6, decimal_places=2)
    checked = models.DecimalField(max_digits=6, decimal_places=2)
    # NULL: nothing could be checked.
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    rank = models.PositiveSmallIntegerField(null=True)
    previous_rank = models.PositiveSmallIntegerField(null=True)
    previous_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    due_at = models.DateTimeField()

    objects = SpotCheckQuerySet.as_manager()

    class Meta:
        ordering = ("-month", "rank", "branch_id")
        constraints = (
            models.UniqueConstraint(
                fields=("month", "branch", "phase"), name="reports_spot_check_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.month} {self.branch_id} {self.phase}"


class Bulletin(models.Model):
    """The month's bulletin (工作月度通报), or a numbered supplement to a published one.

    ``figures`` are frozen when drafted, ``texts`` are the market department's by part; a
    published one is never changed (annex 8).
    """

    month = models.CharField(max_length=7)
    # 0: the bulletin itself; supplements count from 1.
    supplement = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(
        max_length=12, choices=BulletinState.choices, default=BulletinState.DRAFT
    )
    title = models.CharField(max_length=80)
    send_to = models.CharField(max_length=200, blank=True)
    copy_to = models.CharField(max_length=200, blank=True)
    level = models.PositiveSmallIntegerField(default=2)
    figures = models.JSONField(default=dict)
    # {part: text} and {part: [key of a suggested sentence that was taken]}
    texts = models.JSONField(default=dict)
    taken = models.JSONField(default=dict)
    why = models.CharField(max_length=200, blank=True)
    # Ids of who wrote in it or took its figures: none of them approves (annex 11.11).
    written_by = models.JSONField(default=list)
    # [{"table", "rows"}]: what taking the figures anew changed, the newest time.
    changed = models.JSONField(default=list)
    # Given on publication, per year without gaps.
    year = models.PositiveSmallIntegerField(null=True)
    number_in_year = models.PositiveSmallIntegerField(null=True)
    document_number = models.CharField(max_length=60, blank=True)
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    comments_until = models.DateTimeField(null=True)
    proposed_at = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-month", "supplement")
        constraints = (
            models.UniqueConstraint(fields=("month", "supplement"), name="reports_bulletin_once"),
            models.UniqueConstraint(
                fields=("year", "number_in_year"), name="reports_bulletin_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.month} {self.supplement}"


class BranchComment(models.Model):
    """What a branch says of the draft."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="comments")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("said_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("bulletin", "branch"), name="reports_comment_once"),
        )

    def __str__(self) -> str:
        return f"{self.bulletin_id} {self.branch_id}"


class EditionQuerySet(models.QuerySet["Edition"]):
    """Reads over editions."""

    def visible_to(self, actor: Actor) -> "EditionQuerySet":
        """The company's edition is for everybody with a branch; a branch's for its own people."""
        if actor.reads_all:
            return self
        return self.filter(Q(branch__isnull=True) | Q(branch_id__in=actor.branches or ()))


class Edition(models.Model):
    """A published bulletin as the company or one branch reads it: content, digest, files.

    ``code`` is what the QR leads to; the archived files are rendered once and never again.
    """

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="editions")
    # NULL: the company's edition.
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+")
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    code = models.CharField(max_length=20, unique=True)
    state = models.CharField(
        max_length=8, choices=EditionState.choices, default=EditionState.WAITING
    )
    error = models.CharField(max_length=300, blank=True)
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    xlsx = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ("bulletin_id", "branch__code")
        constraints = (
            models.UniqueConstraint(fields=("bulletin", "branch"), name="reports_edition_once"),
            # NULLs are never equal.
            models.UniqueConstraint(
                fields=("bulletin",),
                condition=Q(branch__isnull=True),
                name="reports_edition_company_once",
            ),
        )

    def __str__(self) -> str:
        return self.code


class SignFor(models.Model):
    """Somebody who must sign for a published bulletin; reminded with a limit."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="receipts")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("branch__code", "person_id")
        constraints = (
            models.UniqueConstraint(fields=("bulletin", "person"), name="reports_sign_for_once"),
        )

    def __str__(self) -> str:
        return f"{self.bulletin_id} {self.person_id}"


class StampedCopy(models.Model):
    """A download: the archived file stamped with who and when, made by a worker."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="copies")
    kind = models.CharField(max_length=4)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-asked_at",)

    def __str__(self) -> str:
        return f"{self.edition_id} {self.person_id}"

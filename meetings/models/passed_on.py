"""Documents to pass on with whom they must reach; cases and questions for the analysis meeting."""

from django.db import models
from django.db.models import Q

from confidentiality.choices import Level
from core.actors import Actor
from core.models import StoredFile
from meetings.choices import ContributionKind, ContributionState, ToldWay
from meetings.models.occurrences import Meeting
from organization.choices import BRANCH_ROLES
from organization.models import Branch, Person


class DocumentQuerySet(models.QuerySet["Document"]):
    """Reads over documents to pass on."""

    def visible_to(self, actor: Actor) -> "DocumentQuerySet":
        """Those that go to one's branches; one's own, and all for the market department.

        A secret is for those whom it must reach, and who leads them (annex 9.1).
        """
        if actor.branches is None:
            return self
        own = (
            Q(readers__branch_id__in=actor.branches, level__lte=Level.INTERNAL)
            | Q(readers__branch_id__in=actor.led_branches)
            | Q(readers__person_id=actor.person_id or 0)
            | Q(added_by_id=actor.person_id or 0)
        )
        return self.filter(pk__in=Document.objects.filter(own).values("pk"))


class Document(models.Model):
    """A document whose words and spirit are passed on (M1.1, M2.1).

    Whom it must reach are its ``readers``, written down when it is added.
    """

    title = models.CharField(max_length=120)
    reference = models.CharField(max_length=60, blank=True)
    gist = models.TextField(blank=True)
    level = models.PositiveSmallIntegerField(choices=Level.choices, default=Level.INTERNAL)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    # By when everybody is to be told.
    tell_by = models.DateField()
    # Of a branch's own document; None: the company's.
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ("-added_at", "-pk")

    def __str__(self) -> str:
        return self.title


class DocumentReader(models.Model):
    """Somebody whom a document must reach, and when and how it did."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="readers")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=8, choices=ToldWay.choices, blank=True)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, null=True, related_name="told")

    class Meta:
        ordering = ("branch__code", "person__sort_key", "person_id")
        constraints = (
            models.UniqueConstraint(fields=("document", "person"), name="meetings_reader_once"),
        )
        indexes = (
            models.Index(
                fields=("branch", "document"),
                condition=Q(told_at__isnull=True),
                name="meetings_untold",
            ),
        )

    def __str__(self) -> str:
        return f"{self.document_id} {self.person_id}"


class ContributionQuerySet(models.QuerySet["Contribution"]):
    """Reads over cases and questions."""

    def visible_to(self, actor: Actor) -> "ContributionQuerySet":
        """Those of one's branches, one's own, and what a GM shares with the people of all."""
        if actor.branches is None:
            return self
        seen = Q(branch_id__in=actor.branches) | Q(author_id=actor.person_id or 0)
        if actor.has_role(*BRANCH_ROLES):
            seen |= Q(shared_at__isnull=False)
        return self.filter(seen)


class Contribution(models.Model):
    """A case or a question handed in for the analysis meeting, and what was answered (A2)."""

    kind = models.CharField(max_length=8, choices=ContributionKind.choices)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="contributions")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contributions")
    title = models.CharField(max_length=120)
    text = models.TextField()
    # The meeting that took it up; until then it is on the agenda of the branch's next one.
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, related_name="contributions"
    )
    state = models.CharField(
        max_length=10, choices=ContributionState.choices, default=ContributionState.OPEN
    )
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    shared_at = models.DateTimeField(null=True)
    shared_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    search_text = models.TextField(blank=True)
    handed_in_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        ordering = ("-handed_in_at", "-pk")
        indexes = (models.Index(fields=("branch", "state"), name="meetings_contribution_due"),)

    def __str__(self) -> str:
        return self.title

"""Score sheets: computed, confirmed or objected to, locked, corrected (K4)."""

from django.db import models
from django.db.models import Q

from core.actors import Actor
from core.models import StoredFile
from kpi.choices import (
    OBJECTION_OPEN,
    ConsequenceState,
    CorrectionState,
    ObjectionState,
    SheetState,
    VersionKind,
)
from kpi.models.schemes import Scheme
from organization.models import Branch, Person


class ScoreSheetQuerySet(models.QuerySet["ScoreSheet"]):
    """Reads over score sheets."""

    def visible_to(self, actor: Actor) -> "ScoreSheetQuerySet":
        """A manager sees the own sheets, leaders the branch's, the market department all."""
        if actor.reads_all:
            return self
        return self.filter(Q(branch_id__in=actor.led_branches) | Q(manager_id=actor.person_id))


class ScoreSheet(models.Model):
    """A manager's score of a month (客户经理考核表).

    Total and band repeat the newest version's, so that lists need not open it. ``adjusted``
    holds the inputs that an upheld objection or a correction put in place of the counted ones:
    {item: {"inputs": {...}, "why": …, "by": …, "at": …}}.
    """

    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="score_sheets")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="score_sheets")
    month = models.CharField(max_length=7)
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="sheets")
    state = models.CharField(max_length=10, choices=SheetState.choices, default=SheetState.COMPUTED)
    newest = models.PositiveSmallIntegerField(default=1)
    # NULL: not rated (annex 5: period; annex 11.7).
    total = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    band = models.CharField(max_length=12, blank=True)
    adjusted = models.JSONField(default=dict)
    # What was counted is what held at this moment.
    cut_at = models.DateTimeField()
    computed_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    supervised_at = models.DateTimeField(null=True)
    supervised_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    supervisor_opinion = models.TextField(blank=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    head_opinion = models.TextField(blank=True)
    locked_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_index=True)

    objects = ScoreSheetQuerySet.as_manager()

    class Meta:
        ordering = ("-month", "branch_id", "manager__sort_key")
        constraints = (models.UniqueConstraint(fields=("manager", "month"), name="kpi_sheet_once"),)
        indexes = (models.Index(fields=("month", "branch"), name="kpi_sheet_month"),)

    def __str__(self) -> str:
        return f"{self.manager_id} {self.month}"


class SheetVersion(models.Model):
    """A sheet's breakdown, for ever: kpi.breakdown's JSON and its digest."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=VersionKind.choices)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    why = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("sheet", "number"), name="kpi_sheet_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.number}"


class Objection(models.Model):
    """A manager's objection to one line (K4): supervisor's answer, then the GM's decision."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.CASCADE, related_name="objections")
    item = models.CharField(max_length=12)
    text = models.TextField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(
        max_length=10, choices=ObjectionState.choices, default=ObjectionState.OPEN
    )
    raised_at = models.DateTimeField()
    opinion = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True)
    # The inputs that are right, when upheld.
    inputs = models.JSONField(default=dict)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("raised_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("sheet", "item"),
                condition=Q(state__in=OBJECTION_OPEN),
                name="kpi_objection_one_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.item}"


class Correction(models.Model):
    """A change after the lock: proposed with a reason, decided by a second person (annex 11.13)."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.CASCADE, related_name="corrections")
    item = models.CharField(max_length=12)
    inputs = models.JSONField()
    why = models.TextField()
    state = models.CharField(
        max_length=10, choices=CorrectionState.choices, default=CorrectionState.PROPOSED
    )
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.TextField(blank=True)

    class Meta:
        ordering = ("proposed_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("sheet",),
                condition=Q(state=CorrectionState.PROPOSED),
                name="kpi_correction_one_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.item}"


class ConsequenceQuerySet(models.QuerySet["Consequence"]):
    """Reads over proposals."""

    def visible_to(self, actor: Actor) -> "ConsequenceQuerySet":
        """Leaders see the branch's, the market department all; who it is about, what was decided.

        What nobody has taken up is nobody's business but theirs who decide.
        """
        is_mine = Q(manager_id=actor.person_id)
        accepted = is_mine & Q(state=ConsequenceState.ACCEPTED)
        if actor.reads_all:
            return self
        return self.filter((Q(branch_id__in=actor.led_branches) & ~is_mine) | accepted)


class Consequence(models.Model):
    """What the bands suggest for somebody (annex 5): a proposal that a person decides."""

    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consequences")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    month = models.CharField(max_length=7)
    kind = models.CharField(max_length=20)
    # The months and points it follows from.
    grounds = models.JSONField(default=list)
    state = models.CharField(
        max_length=10, choices=ConsequenceState.choices, default=ConsequenceState.OPEN
    )
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.TextField(blank=True)

    objects = ConsequenceQuerySet.as_manager()

    class Meta:
        ordering = ("-month", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("manager", "month", "kind"), name="kpi_consequence_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.manager_id} {self.month} {self.kind}"

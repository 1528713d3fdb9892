"""Findings over the API (P3.5): raised, confirmed or objected to, answered, checked again."""

from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Body, BranchRef, DayField, IdField, MonthField, PersonRef
from core.api.filters import IdFilter
from core.api.parsers import FileParser
from core.api.views import ActionView, ApiView, CreatingView, DetailView
from core.evidence import Evidence
from core.periods import Month, local_date
from inspections.choices import FindingState, StepKind
from inspections.models import Finding, FindingStep
from inspections.operations import findings as operations
from inspections.permissions import can_see_findings
from inspections.queries import check_items, findings_for
from inspections.rules import is_response_late
from inspections.steps import TEXT_AT_MOST, TITLE_AT_MOST


class FindingRow(serializers.Serializer[Any]):
    """A row that shows it."""

    label = serializers.CharField()  # type: ignore[assignment]
    url = serializers.CharField()


class FindingStepShown(serializers.ModelSerializer[FindingStep]):
    """A step: who did what when; ``file`` is at /files/ and its content."""

    by = PersonRef(allow_null=True)
    is_late = serializers.SerializerMethodField()

    class Meta:
        model = FindingStep
        fields = ("kind", "text", "file", "at", "by", "is_late")

    def get_is_late(self, step: FindingStep) -> bool:
        """Whether the branch confirmed after its three working days."""
        is_confirmation = step.kind == StepKind.CONFIRMED
        return is_confirmation and is_response_late(step.at, step.finding.respond_by)


class FindingShown(serializers.ModelSerializer[Finding]):
    """A finding as it stands."""

    branch = BranchRef()
    owner = PersonRef()
    raised_by = PersonRef(allow_null=True)

    class Meta:
        model = Finding
        fields: tuple[str, ...] = (
            "id",
            "version",
            "number",
            "branch",
            "month",
            "item",
            "source",
            "title",
            "deduction",
            "clause",
            "owner",
            "state",
            "raised_at",
            "raised_by",
            "respond_by",
            "due_on",
            "closed_at",
            "updated_at",
        )


class FindingWhole(FindingShown):
    """With its facts, rows and steps."""

    rows = FindingRow(many=True)
    steps = FindingStepShown(many=True)

    class Meta(FindingShown.Meta):
        fields = (*FindingShown.Meta.fields, "facts", "rows", "steps")


class FindingFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By state, month, branch, owner."""

    state = django_filters.ChoiceFilter(choices=FindingState.choices)
    month = django_filters.CharFilter()
    branch = IdFilter(field_name="branch_id")
    owner = IdFilter(field_name="owner_id")


class RaiseBody(Body):
    """A finding by hand; without a month this one, without a day the setting's."""

    branch = IdField()
    month = MonthField(required=False)
    title = serializers.CharField(max_length=TITLE_AT_MOST)
    facts = serializers.CharField(max_length=TEXT_AT_MOST)
    owner = IdField()
    due_on = DayField(required=False)
    item = serializers.CharField(max_length=20, allow_blank=True, default="")
    clause = serializers.CharField(max_length=40, allow_blank=True, default="")


class _Findings(ApiView):
    def queryset_for(self, actor: Actor) -> QuerySet[Finding]:
        """Visible findings."""
        return findings_for(actor).select_related("raised_by")


class FindingList(_Findings, CreatingView):
    """Findings, newest first; POST raises one."""

    serializer_class = FindingShown
    filterset_class = FindingFilter
    body_class = RaiseBody
    order = ("-raised_at", "-pk")
    updated_field = "updated_at"

    def has_any(self, actor: Actor) -> bool:
        """Not for those who have nothing to do with them."""
        return can_see_findings(actor)

    def create(self, body: dict[str, Any]) -> Finding:
        """Raise."""
        month = body.get("month") or Month.containing(local_date(self.at))
        clauses = {item.code: item.clause for item in check_items(month)} if body["item"] else {}
        return operations.raise_finding(
            branch_id=body["branch"],
            month=month,
            title=body["title"],
            facts=body["facts"],
            owner_id=body["owner"],
            due_on=body.get("due_on"),
            item=body["item"],
            deduction=Decimal(0),
            clause=body["clause"] or clauses.get(body["item"], ""),
            actor=self.actor,
            at=self.at,
        )

    def address_of(self, thing: Finding) -> str:
        """By its id."""
        return reverse("api-finding", args=[thing.pk])


class _OneFinding(_Findings):
    serializer_class: Any = FindingWhole

    def queryset_for(self, actor: Actor) -> QuerySet[Finding]:
        """Visible findings with their steps."""
        found = super().queryset_for(actor)
        return found.prefetch_related("steps__by", "steps__finding")


class FindingDetail(_OneFinding, DetailView):
    """A finding with its steps."""


class _FindingAction(_OneFinding, ActionView):
    pass


class TextBody(Body):
    """Words, where they are wanted."""

    text = serializers.CharField(max_length=TEXT_AT_MOST, allow_blank=True, default="")


class FindingConfirm(_FindingAction):
    """The branch confirms."""

    body_class = TextBody

    def perform(self, thing: Finding, body: dict[str, Any], expected_version: int) -> Finding:
        """Confirm."""
        return operations.confirm_finding(
            finding_id=thing.pk,
            text=body["text"],
            **self.acting(expected_version),
        )


class FindingObject(_FindingAction):
    """The branch objects, within three working days."""

    body_class = TextBody

    def perform(self, thing: Finding, body: dict[str, Any], expected_version: int) -> Finding:
        """Object."""
        return operations.object_to_finding(
            finding_id=thing.pk,
            text=body["text"],
            **self.acting(expected_version),
        )


class DecideBody(TextBody):
    """Whether the objection holds, and why."""

    is_upheld = serializers.BooleanField()


class FindingDecide(_FindingAction):
    """The market department decides an objection."""

    body_class = DecideBody

    def perform(self, thing: Finding, body: dict[str, Any], expected_version: int) -> Finding:
        """Decide."""
        return operations.decide_objection(
            finding_id=thing.pk,
            is_upheld=body["is_upheld"],
            text=body["text"],
            **self.acting(expected_version),
        )


class AnswerBody(TextBody):
    """What was put right; with a file it is sent as multipart/form-data."""

    file = serializers.FileField(max_length=200, required=False, allow_empty_file=True)


class FindingAnswer(_FindingAction):
    """The branch, or who is responsible, answers; with a file as multipart/form-data."""

    body_class = AnswerBody

    def get_parsers(self) -> list[Any]:
        """JSON, or a form with a file."""
        return [*super().get_parsers(), FileParser()]

    def perform(self, thing: Finding, body: dict[str, Any], expected_version: int) -> Finding:
        """Answer."""
        given = body.get("file")
        return operations.answer_finding(
            finding_id=thing.pk,
            text=body["text"],
            evidence=Evidence(given.name, given.read()) if given else None,
            **self.acting(expected_version),
        )


class RecheckBody(TextBody):
    """Whether it is right now; else what is lacking, and the new day."""

    is_closed = serializers.BooleanField()
    due_on = DayField(required=False)


class FindingRecheck(_FindingAction):
    """The market department looks again."""

    body_class = RecheckBody

    def perform(self, thing: Finding, body: dict[str, Any], expected_version: int) -> Finding:
        """Recheck."""
        return operations.recheck_finding(
            finding_id=thing.pk,
            is_closed=body["is_closed"],
            text=body["text"],
            due_on=body.get("due_on"),
            **self.acting(expected_version),
        )


class CarryBody(TextBody):
    """The new day, and why."""

    due_on = DayField()


class FindingCarry(_FindingAction):
    """The market department carries it into the next month."""

    body_class = CarryBody

    def perform(self, thing: Finding, body: dict[str, Any], expected_version: int) -> Finding:
        """Carry over."""
        return operations.carry_over(
            finding_id=thing.pk,
            due_on=body["due_on"],
            text=body["text"],
            **self.acting(expected_version),
        )


_FINDING = "findings/<int:pk>/"
urlpatterns = [
    path("findings/", FindingList.as_view(), name="api-findings"),
    path(_FINDING, FindingDetail.as_view(), name="api-finding"),
    path(f"{_FINDING}confirm/", FindingConfirm.as_view(), name="api-finding-confirm"),
    path(f"{_FINDING}object/", FindingObject.as_view(), name="api-finding-object"),
    path(f"{_FINDING}decide/", FindingDecide.as_view(), name="api-finding-decide"),
    path(f"{_FINDING}answer/", FindingAnswer.as_view(), name="api-finding-answer"),
    path(f"{_FINDING}recheck/", FindingRecheck.as_view(), name="api-finding-recheck"),
    path(f"{_FINDING}carry/", FindingCarry.as_view(), name="api-finding-carry"),
]

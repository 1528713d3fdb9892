"""Objections, corrections and proposals over the API (K4, annex 5): read, answered, decided."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import Body, BranchRef, PersonRef
from core.api.filters import IdFilter, QueryChoice
from core.api.views import ActionView, ApiView, DetailView, ListView
from core.errors import NotAllowed
from core.exports import XLSX
from kpi.api.sheets import OfSheet
from kpi.choices import ConsequenceState, CorrectionState, ObjectionState
from kpi.consequence_table import DECIDED, consequences_workbook
from kpi.models import Consequence, Correction, Objection, ScoreSheet
from kpi.operations import consequences, corrections, objections
from kpi.operations.steps import TEXT_AT_MOST
from kpi.permissions import sees_sheets


def _text_field(**more: Any) -> serializers.CharField:
    return serializers.CharField(max_length=TEXT_AT_MOST, allow_blank=True, default="", **more)


class _OfSheetShown(serializers.ModelSerializer[Any]):
    """What is about a line of a sheet; ``version`` is the sheet's, which guards it."""

    version = serializers.IntegerField(source="sheet.version")
    sheet = serializers.IntegerField(source="sheet_id")
    month = serializers.CharField(source="sheet.month")
    manager = PersonRef(source="sheet.manager")
    branch = BranchRef(source="sheet.branch")


class ObjectionShown(_OfSheetShown):
    """An objection on its way; ``file`` is at /files/ and its content."""

    reviewed_by = PersonRef(allow_null=True)
    decided_by = PersonRef(allow_null=True)
    inputs = serializers.DictField()

    class Meta:
        model = Objection
        fields = (
            "id",
            "version",
            "sheet",
            "month",
            "manager",
            "branch",
            "item",
            "text",
            "file",
            "state",
            "raised_at",
            "opinion",
            "reviewed_at",
            "reviewed_by",
            "answer",
            "inputs",
            "decided_at",
            "decided_by",
        )


class ObjectionFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By month, branch, manager, state."""

    month = django_filters.CharFilter(field_name="sheet__month")
    branch = IdFilter(field_name="sheet__branch_id")
    manager = IdFilter(field_name="sheet__manager_id")
    state = django_filters.ChoiceFilter(choices=ObjectionState.choices)


class _Objections(ApiView):
    serializer_class: Any = ObjectionShown

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """Objections to visible sheets."""
        visible = ScoreSheet.objects.visible_to(actor).order_by()
        return Objection.objects.filter(sheet__in=visible).select_related(
            "sheet__manager", "sheet__branch", "reviewed_by", "decided_by"
        )

    def version_of(self, thing: Any) -> int:
        """The sheet's version guards what is about it."""
        version: int = thing.sheet.version
        return version


class ObjectionList(_Objections, ListView):
    """Objections, newest first."""

    filterset_class = ObjectionFilter
    order = ("-raised_at", "-pk")

    def has_any(self, actor: Actor) -> bool:
        """See sees_sheets."""
        return sees_sheets(actor)


class ObjectionDetail(_Objections, DetailView):
    """An objection."""


class _ObjectionAction(_Objections, ActionView):
    pass


class ObjectionReviewBody(Body):
    """The supervisor's opinion."""

    opinion = _text_field()


class ObjectionReview(_ObjectionAction):
    """The supervisor's opinion on an objection."""

    body_class = ObjectionReviewBody

    def perform(self, thing: Objection, body: dict[str, Any], expected_version: int) -> Objection:
        """Review."""
        return objections.review_objection(
            objection_id=thing.pk,
            opinion=body["opinion"],
            **self.acting(expected_version),
        )


class ObjectionDecideBody(Body):
    """Whether the objection holds, why, and the line's right inputs when it does (kpi.inputs)."""

    is_upheld = serializers.BooleanField()
    answer = _text_field()
    inputs = serializers.DictField(required=False)


class ObjectionDecide(_ObjectionAction):
    """The general manager decides on an objection."""

    body_class = ObjectionDecideBody

    def perform(self, thing: Objection, body: dict[str, Any], expected_version: int) -> Objection:
        """Decide."""
        return objections.decide_objection(
            objection_id=thing.pk,
            is_upheld=body["is_upheld"],
            answer=body["answer"],
            inputs=body.get("inputs"),
            **self.acting(expected_version),
        )


class ObjectionWithdraw(_ObjectionAction):
    """The manager takes an objection back."""

    def perform(self, thing: Objection, body: dict[str, Any], expected_version: int) -> Objection:
        """Withdraw."""
        return objections.withdraw_objection(
            objection_id=thing.pk,
            **self.acting(expected_version),
        )


# Corrections after the lock


class CorrectionShown(_OfSheetShown):
    """A correction: what is right in which line, why, and what a second person made of it."""

    proposed_by = PersonRef()
    decided_by = PersonRef(allow_null=True)
    inputs = serializers.DictField()

    class Meta:
        model = Correction
        fields = (
            "id",
            "version",
            "sheet",
            "month",
            "manager",
            "branch",
            "item",
            "inputs",
            "why",
            "state",
            "proposed_at",
            "proposed_by",
            "decision",
            "decided_at",
            "decided_by",
        )


class CorrectionFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By month, branch, manager, state."""

    month = django_filters.CharFilter(field_name="sheet__month")
    branch = IdFilter(field_name="sheet__branch_id")
    manager = IdFilter(field_name="sheet__manager_id")
    state = django_filters.ChoiceFilter(choices=CorrectionState.choices)


class _Corrections(ApiView):
    serializer_class: Any = CorrectionShown

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """Corrections of visible sheets."""
        visible = ScoreSheet.objects.visible_to(actor).order_by()
        return Correction.objects.filter(sheet__in=visible).select_related(
            "sheet__manager", "sheet__branch", "proposed_by", "decided_by"
        )

    def version_of(self, thing: Any) -> int:
        """The sheet's version guards what is about it."""
        version: int = thing.sheet.version
        return version


class CorrectionList(_Corrections, ListView):
    """Corrections, newest first."""

    filterset_class = CorrectionFilter
    order = ("-proposed_at", "-pk")

    def has_any(self, actor: Actor) -> bool:
        """See sees_sheets."""
        return sees_sheets(actor)


class CorrectionDetail(_Corrections, DetailView):
    """A correction."""


class SheetCorrectBody(Body):
    """The line, its right inputs (kpi.inputs), and why."""

    item = serializers.CharField(max_length=12)
    inputs = serializers.DictField()
    why = _text_field()


class SheetCorrect(OfSheet, ActionView):
    """Propose a correction of a locked sheet; a second person decides."""

    serializer_class = CorrectionShown
    body_class = SheetCorrectBody

    def perform(self, thing: ScoreSheet, body: dict[str, Any], expected_version: int) -> Correction:
        """Propose."""
        return corrections.propose_correction(
            sheet_id=thing.pk,
            item=body["item"],
            inputs=body["inputs"],
            why=body["why"],
            **self.acting(expected_version),
        )

    def get_queryset(self) -> QuerySet[Any]:
        """What the answer shows of it: the correction, with its sheet as it stands."""
        return Correction.objects.select_related(
            "sheet__manager", "sheet__branch", "proposed_by", "decided_by"
        )

    def version_of(self, thing: Any) -> int:
        """The sheet's version."""
        sheet = thing if isinstance(thing, ScoreSheet) else thing.sheet
        version: int = sheet.version
        return version

    def present_state(self) -> None:
        """Stale is the sheet: the operation shows it."""


class CorrectionDecideBody(Body):
    """Whether it is right, and why."""

    is_approved = serializers.BooleanField()
    decision = _text_field()


class CorrectionDecide(_Corrections, ActionView):
    """A second person decides on a correction."""

    body_class = CorrectionDecideBody

    def perform(self, thing: Correction, body: dict[str, Any], expected_version: int) -> Correction:
        """Decide."""
        return corrections.decide_correction(
            correction_id=thing.pk,
            is_approved=body["is_approved"],
            decision=body["decision"],
            **self.acting(expected_version),
        )


# Proposals


class ConsequenceShown(serializers.ModelSerializer[Consequence]):
    """What bands suggest for somebody, on which grounds, and what a person made of it."""

    manager = PersonRef()
    branch = BranchRef()
    decided_by = PersonRef(allow_null=True)
    grounds = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))

    class Meta:
        model = Consequence
        fields = (
            "id",
            "manager",
            "branch",
            "month",
            "kind",
            "grounds",
            "state",
            "proposed_at",
            "decision",
            "decided_at",
            "decided_by",
        )


class ConsequenceFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By month, branch, manager, kind, state."""

    month = django_filters.CharFilter()
    branch = IdFilter(field_name="branch_id")
    manager = IdFilter(field_name="manager_id")
    kind = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=ConsequenceState.choices)


class _Consequences(ApiView):
    serializer_class: Any = ConsequenceShown

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """Visible proposals."""
        return Consequence.objects.visible_to(actor).select_related(
            "manager", "branch", "decided_by"
        )


class ConsequenceList(_Consequences, ListView):
    """Proposals, newest month first."""

    filterset_class = ConsequenceFilter
    order = ("-month", "-pk")

    def has_any(self, actor: Actor) -> bool:
        """See sees_sheets."""
        return sees_sheets(actor)


class ConsequencesWorkbook(_Consequences, DownloadView):
    """The proposals that wait as a workbook; ``show=decided`` for those that were decided."""

    media_types = (XLSX,)
    choices = (QueryChoice("show", (DECIDED,), gettext_lazy("只要已决定的")),)

    def outgoing(self) -> Outgoing:
        """As they stand."""
        actor = self.actor
        if not sees_sheets(actor):
            raise NotAllowed
        made = consequences_workbook(actor, self.at, show="".join(self.asked("show")))
        branch_id = None if actor.branches is None else actor.branch_id
        return Outgoing(
            f"{made.name}.xlsx", made.content, XLSX, rows=made.rows, branch_id=branch_id
        )


class ConsequenceDetail(_Consequences, DetailView):
    """A proposal."""


class ConsequenceDecideBody(Body):
    """Whether the proposal is taken up, and why."""

    is_accepted = serializers.BooleanField()
    decision = _text_field()


class ConsequenceDecide(_Consequences, ActionView):
    """A head of the branch decides on a proposal; nothing happens by itself."""

    body_class = ConsequenceDecideBody
    needs_version = False

    def perform(
        self, thing: Consequence, body: dict[str, Any], expected_version: int
    ) -> Consequence:
        """Decide."""
        return consequences.decide_consequence(
            consequence_id=thing.pk,
            is_accepted=body["is_accepted"],
            decision=body["decision"],
            actor=self.actor,
            at=self.at,
        )


urlpatterns = [
    path("objections/", ObjectionList.as_view(), name="api-objections"),
    path("objections/<int:pk>/", ObjectionDetail.as_view(), name="api-objection"),
    path("objections/<int:pk>/review/", ObjectionReview.as_view(), name="api-objection-review"),
    path("objections/<int:pk>/decide/", ObjectionDecide.as_view(), name="api-objection-decide"),
    path(
        "objections/<int:pk>/withdraw/",
        ObjectionWithdraw.as_view(),
        name="api-objection-withdraw",
    ),
    path(
        "scores/<month:month>/<int:manager_id>/correct/",
        SheetCorrect.as_view(),
        name="api-score-correct",
    ),
    path("corrections/", CorrectionList.as_view(), name="api-corrections"),
    path("corrections/<int:pk>/", CorrectionDetail.as_view(), name="api-correction"),
    path("corrections/<int:pk>/decide/", CorrectionDecide.as_view(), name="api-correction-decide"),
    path("consequences/", ConsequenceList.as_view(), name="api-consequences"),
    path(
        "consequences/workbook/",
        ConsequencesWorkbook.as_view(),
        name="api-consequences-workbook",
    ),
    path("consequences/<int:pk>/", ConsequenceDetail.as_view(), name="api-consequence"),
    path(
        "consequences/<int:pk>/decide/",
        ConsequenceDecide.as_view(),
        name="api-consequence-decide",
    ),
]

"""Marks over the API (annex 5.3): those that stand, and many cells at once."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import Body, BranchRef, IdField, PersonRef
from core.api.filters import IdFilter
from core.api.views import ActionView, ListView
from core.exports import XLSX
from core.periods import Month
from kpi.mark_table import marks_workbook
from kpi.models import Mark
from kpi.operations.marks import AT_ONCE, BASIS_AT_MOST, Cell, Outcome, record_marks
from kpi.permissions import sees_sheets
from kpi.queries.marks import mark_grid, marks_for


class MarkShown(serializers.ModelSerializer[Mark]):
    """A mark that stands: whose, for which item and question, how many points, who gave it."""

    manager = PersonRef()
    branch = BranchRef()
    recorded_by = PersonRef()

    class Meta:
        model = Mark
        fields = (
            "id",
            "month",
            "manager",
            "branch",
            "item",
            "kind",
            "question",
            "value",
            "basis",
            "recorded_at",
            "recorded_by",
        )


class MarkFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By branch, manager, item."""

    branch = IdFilter(field_name="branch_id")
    manager = IdFilter(field_name="manager_id")
    item = django_filters.CharFilter()


class MarkList(ListView):
    """The marks of a month that stand."""

    serializer_class = MarkShown
    filterset_class = MarkFilter
    order = ("branch__code", "manager__sort_key", "item", "question", "pk")

    def has_any(self, actor: Actor) -> bool:
        """See sees_sheets."""
        return sees_sheets(actor)

    def queryset_for(self, actor: Actor) -> QuerySet[Mark]:
        """Visible marks of the month."""
        if getattr(self, "swagger_fake_view", False):
            return Mark.objects.none()
        month: Month = self.kwargs["month"]
        return (
            marks_for(actor)
            .filter(month=month.key, superseded_at__isnull=True)
            .select_related("manager", "branch", "recorded_by")
        )


class MarksWorkbook(DownloadView):
    """A branch's grid of a month as a workbook."""

    media_types = (XLSX,)

    def queryset_for(self, actor: Actor) -> QuerySet[Mark]:
        """Visible marks."""
        return marks_for(actor)

    def outgoing(self) -> Outgoing:
        """As it stands."""
        branch_id = self.kwargs["branch_id"]
        grid = mark_grid(self.actor, self.kwargs["month"], branch_id, self.at)
        made = marks_workbook(grid, self.at)
        return Outgoing(
            f"{made.name}.xlsx", made.content, XLSX, rows=made.rows, branch_id=branch_id
        )


class CellBody(Body):
    """A cell: whose, which item and question ("" of an exam), the mark, "" to take it away.

    ``seen`` is the id of the mark that stood there when it was read, 0 for none.
    """

    manager = IdField()
    item = serializers.CharField(max_length=12)
    question = serializers.CharField(max_length=40, allow_blank=True, default="")
    value = serializers.CharField(max_length=10, allow_blank=True)
    seen = serializers.IntegerField(min_value=0, default=0)
    basis = serializers.CharField(max_length=BASIS_AT_MOST, allow_blank=True, default="")


class CellsBody(Body):
    """Many cells; each stands or falls by itself."""

    cells = serializers.ListField(child=CellBody(), allow_empty=False, max_length=AT_ONCE)


class OutcomeShown(serializers.Serializer[Any]):
    """What became of a cell, in the order sent: saved, unchanged, refused or conflict; why."""

    state = serializers.CharField()
    message = serializers.CharField()
    standing = MarkShown(allow_null=True)


class OutcomesShown(serializers.Serializer[Any]):
    """What became of each cell."""

    cells = OutcomeShown(many=True)


class MarkRecord(ActionView):
    """Write marks, many cells at once; every cell says what became of it."""

    serializer_class = OutcomesShown
    body_class = CellsBody
    needs_version = False
    is_kept = False

    def thing(self) -> None:
        """The month of the address is nobody's."""

    def present_state(self) -> None:
        """Each cell says for itself what stands."""

    def perform(self, thing: None, body: dict[str, Any], expected_version: int) -> list[Outcome]:
        """Mark."""
        cells = [
            Cell(
                one["manager"],
                one["item"],
                one["question"],
                one["value"],
                one["seen"],
                one["basis"],
            )
            for one in body["cells"]
        ]
        return record_marks(month=self.kwargs["month"], cells=cells, actor=self.actor, at=self.at)

    def done(self, result: Any) -> Response:
        """The outcomes."""
        return Response(self.shown({"cells": result}))


urlpatterns = [
    path("marks/<month:month>/", MarkList.as_view(), name="api-marks"),
    path(
        "marks/<month:month>/branches/<int:branch_id>/workbook/",
        MarksWorkbook.as_view(),
        name="api-marks-workbook",
    ),
    path("marks/<month:month>/record/", MarkRecord.as_view(), name="api-marks-record"),
]

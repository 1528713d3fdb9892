"""The matrix of branches × duties over the API, and as a workbook (M1–M3, A1, W5, W6)."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import BranchRef
from core.api.filters import QueryChoice
from core.api.views import ApiView, DetailView
from core.lists import columns_named
from inspections.duty_matrix import DUTIES, BranchDuties, DutyMatrix, matrix_for
from inspections.duty_table import DEVIATING, duty_columns, duty_workbook
from inspections.models import Finding
from inspections.queries import findings_for
from worklogs.api.rollups import XLSX


class DeviationShown(serializers.Serializer[Any]):
    """One thing that was not done, or not as it should be, and the page that shows it."""

    kind = serializers.ChoiceField(choices=("missing", "late", "incomplete"))
    text = serializers.CharField()
    url = serializers.CharField()


class DutyCellShown(serializers.Serializer[Any]):
    """A duty of a branch: how often it was due so far, done, and is still to come."""

    duty = serializers.ChoiceField(choices=tuple(DUTIES))
    due = serializers.IntegerField()
    done = serializers.IntegerField()
    coming = serializers.IntegerField()
    deviations = DeviationShown(many=True)


class BranchDutiesShown(serializers.Serializer[Any]):
    """A branch's duties of the month."""

    branch = BranchRef()
    duties = serializers.SerializerMethodField()

    @extend_schema_field(DutyCellShown(many=True))
    def get_duties(self, line: BranchDuties) -> Any:
        """Duty by duty."""
        cells = [
            {
                "duty": duty,
                "due": cell.due,
                "done": cell.done,
                "coming": cell.coming,
                "deviations": cell.deviations,
            }
            for duty, cell in line.cells.items()
        ]
        return DutyCellShown(cells, many=True).data


class DutyMatrixShown(serializers.Serializer[Any]):
    """A month of all branches, those with most missing first; as of when, frozen or not."""

    month = serializers.CharField(source="month.key")
    cut_at = serializers.DateTimeField()
    is_frozen = serializers.BooleanField()
    branches = BranchDutiesShown(many=True, source="lines")


class _OfMonth(ApiView):
    def queryset_for(self, actor: Actor) -> QuerySet[Finding]:
        """What the actor may see of inspections."""
        return findings_for(actor)

    def matrix(self) -> DutyMatrix:
        """The month, for those who see every branch."""
        return matrix_for(self.actor, self.kwargs["month"], self.at)


class DutyMatrixView(_OfMonth, DetailView):
    """Who did what he owed in a month, branch by branch."""

    serializer_class: Any = DutyMatrixShown

    def thing(self) -> DutyMatrix:
        """The month."""
        return self.matrix()


class DutyMatrixWorkbook(_OfMonth, DownloadView):
    """The same as a workbook, filtered as on the page."""

    media_types = (XLSX,)
    choices = (
        QueryChoice("only", ("missing", "late"), _("只要这一类分公司")),
        QueryChoice("view", (DEVIATING,), _("只要有偏差的")),
    )

    def query_parameters(self) -> list[str]:
        """Those of ``choices``."""
        return [choice.name for choice in self.choices]

    def outgoing(self) -> Outgoing:
        """As it stands."""
        made = duty_workbook(
            self.matrix(),
            columns_named(duty_columns(), []),
            only="".join(self.asked("only")),
            is_deviating=bool(self.asked("view")),
        )
        return Outgoing(f"{made.name}.xlsx", made.content, XLSX, rows=made.rows)


_MONTH = "duty-matrix/<month:month>/"
urlpatterns = [
    path(_MONTH, DutyMatrixView.as_view(), name="api-duty-matrix"),
    path(f"{_MONTH}workbook/", DutyMatrixWorkbook.as_view(), name="api-duty-matrix-workbook"),
]

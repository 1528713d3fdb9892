"""Progress over the API: of a manager, of every branch, of the company (T1)."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from rest_framework import serializers

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import BranchRef, PersonRef
from core.api.views import DetailView
from core.errors import NotFound
from core.exports import XLSX
from core.periods import Month
from kpi.api.fields import text_of
from kpi.company_tables import company_workbook
from kpi.models import TargetSheet
from kpi.queries.indicators import open_indicators
from kpi.queries.results import manager_progress
from kpi.queries.target_company import company_lines
from kpi.queries.targets import (
    manager_for,
)
from organization.models import Branch


class ProgressShown(serializers.Serializer[Any]):
    """How far an indicator is: shares in per cent, the forecast with its method."""

    indicator = serializers.CharField()
    target = serializers.CharField(allow_null=True)
    actual = serializers.CharField(allow_null=True)
    done = serializers.CharField(allow_null=True)
    gone = serializers.CharField(allow_null=True)
    forecast = serializers.CharField(allow_null=True)
    method = serializers.CharField()
    is_behind = serializers.BooleanField()
    is_checked = serializers.BooleanField()
    as_of = serializers.DateField(allow_null=True)


class ManagerMonth(serializers.Serializer[Any]):
    """A manager's month."""

    month = serializers.CharField()
    manager = PersonRef()
    progress = ProgressShown(many=True)


class ManagerProgress(DetailView):
    """A manager's targets, results and forecast of a month."""

    serializer_class = ManagerMonth

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        return TargetSheet.objects.visible_to(actor)

    def thing(self) -> dict[str, Any]:
        """As it stands."""
        month: Month = self.kwargs["month"]
        person = manager_for(self.actor, self.kwargs["manager_id"])
        told = manager_progress(month, person.pk, self.at, open_indicators())
        return {
            "month": month.key,
            "manager": person,
            "progress": [progress_shown(one) for one in told],
        }


def progress_shown(one: Any) -> dict[str, Any]:
    """An indicator's progress as plain values."""
    places, pace = one.indicator.places, one.pace
    return {
        "indicator": one.indicator.code,
        "target": text_of(pace.target, places),
        "actual": text_of(pace.actual, places),
        "done": text_of(pace.done, 1),
        "gone": text_of(pace.gone, 1),
        "forecast": text_of(pace.forecast, places),
        "method": pace.method,
        "is_behind": pace.is_behind,
        "is_checked": one.is_checked,
        "as_of": one.as_of,
    }


class BranchMonth(serializers.Serializer[Any]):
    """A branch's month."""

    branch = BranchRef()
    is_issued = serializers.BooleanField()
    is_overdue = serializers.BooleanField()
    managers = serializers.IntegerField()
    acknowledged = serializers.IntegerField()
    progress = ProgressShown(many=True)


class CompanyMonth(serializers.Serializer[Any]):
    """The company's month."""

    month = serializers.CharField()
    progress = ProgressShown(many=True)
    branches = BranchMonth(many=True)


class CompanyTargets(DetailView):
    """Every branch's targets and progress, those that have not issued first."""

    serializer_class = CompanyMonth

    def queryset_for(self, actor: Actor) -> QuerySet[Branch]:
        return Branch.objects.visible_to(actor)

    def thing(self) -> dict[str, Any]:
        """As it stands."""
        if not self.actor.reads_all:
            raise NotFound
        month: Month = self.kwargs["month"]
        company = company_lines(month, self.at)
        return {
            "month": month.key,
            "progress": [progress_shown(one) for one in company.progress],
            "branches": [
                {
                    "branch": line.branch,
                    "is_issued": line.is_issued,
                    "is_overdue": line.is_overdue,
                    "managers": line.managers,
                    "acknowledged": line.acknowledged,
                    "progress": [progress_shown(one) for one in line.progress],
                }
                for line in company.branches
            ],
        }


class CompanyTargetsWorkbook(DownloadView):
    """Every branch's targets and progress as a workbook."""

    media_types = (XLSX,)

    def queryset_for(self, actor: Actor) -> QuerySet[Branch]:
        return Branch.objects.visible_to(actor)

    def outgoing(self) -> Outgoing:
        """As it stands."""
        if not self.actor.reads_all:
            raise NotFound
        made = company_workbook(self.kwargs["month"], self.at)
        return Outgoing(f"{made.name}.xlsx", made.content, XLSX, rows=made.rows)


urlpatterns = [
    path("targets/<month:month>/", CompanyTargets.as_view(), name="api-targets-company"),
    path(
        "targets/<month:month>/company-workbook/",
        CompanyTargetsWorkbook.as_view(),
        name="api-targets-company-workbook",
    ),
    path(
        "targets/<month:month>/of/<int:manager_id>/",
        ManagerProgress.as_view(),
        name="api-target-of",
    ),
]

"""Spot checks over the API (P3, B1): the reports that were kept, a month as it stands."""

from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import Body, BranchRef
from core.api.filters import IdFilter, QueryChoice
from core.api.views import ActionView, ApiView, DetailView, ListView
from core.errors import NotFound
from core.lists import columns_named
from core.periods import Month, local_date
from inspections.api.findings import FindingWhole
from inspections.models import Finding
from inspections.queries import findings_for
from organization.models import Branch
from reports.choices import MonthPhase, Phase
from reports.models import SpotCheck
from reports.operations.spot_checks import remake_spot_checks
from reports.overview_table import DEVIATING, overview_columns, overview_workbook
from reports.raising import raise_of_line
from reports.spot_check_queries import (
    BranchMonth,
    MonthView,
    branch_seen,
    can_see_overview,
    month_view,
)
from reports.spot_check_table import report_head, report_workbook
from worklogs.api.rollups import XLSX


class SpotCheckShown(serializers.ModelSerializer[SpotCheck]):
    """A report that was kept: its score, and the digest of its content."""

    branch = BranchRef()
    grade = serializers.CharField(source="content.grade")
    failed = serializers.CharField(source="content.failed")

    class Meta:
        model = SpotCheck
        fields = (
            "id",
            "month",
            "phase",
            "branch",
            "kept",
            "checked",
            "score",
            "grade",
            "rank",
            "previous_score",
            "previous_rank",
            "due_at",
            "digest",
            "failed",
        )


class SpotCheckFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By month, phase, branch."""

    month = django_filters.CharFilter()
    phase = django_filters.ChoiceFilter(choices=Phase.choices)
    branch = IdFilter(field_name="branch_id")


class SpotCheckList(ListView):
    """The reports that were kept, newest month first."""

    serializer_class = SpotCheckShown
    filterset_class = SpotCheckFilter
    order = ("-month", "-pk")
    is_hidden = True

    def has_any(self, actor: Actor) -> bool:
        """Those who lead a branch, and those who see all of them."""
        return actor.reads_all or bool(actor.led_branches)

    def queryset_for(self, actor: Actor) -> QuerySet[SpotCheck]:
        """Visible reports."""
        return SpotCheck.objects.visible_to(actor).select_related("branch")


class BranchMonthShown(serializers.Serializer[Any]):
    """A branch's month; ``content`` is the report itself, ``digest`` that of the content."""

    phase = serializers.ChoiceField(choices=MonthPhase.choices)
    digest = serializers.CharField()
    content = serializers.DictField()


class OverviewShown(serializers.Serializer[Any]):
    """A month of all branches: which phase it is, which were kept, as of when."""

    month = serializers.CharField(source="month.key")
    phase = serializers.ChoiceField(choices=MonthPhase.choices)
    kept = serializers.ListField(child=serializers.CharField())
    cut_at = serializers.DateTimeField()
    provisional_at = serializers.DateTimeField(source="end.provisional_at")
    frozen_at = serializers.DateTimeField(source="end.frozen_at")
    branches = BranchMonthShown(many=True, source="lines")


class _OfMonth(ApiView):
    """An address of a month."""

    phases = QueryChoice("phase", tuple(MonthPhase.values), _("哪一份：暂计、定稿，或此刻"))

    def queryset_for(self, actor: Actor) -> QuerySet[SpotCheck]:
        return SpotCheck.objects.visible_to(actor).select_related("branch")

    @property
    def month(self) -> Month:
        """The month of the address; NotFound for one that has not begun."""
        month: Month = self.kwargs["month"]
        if month > Month.containing(local_date(self.at)):
            raise NotFound
        return month

    def query_parameters(self) -> list[str]:
        """Which phase, besides the fields."""
        known = super().query_parameters()
        return [*known, self.phases.name] if self.request.method in ("GET", "HEAD") else known

    def whole(self, branch: Branch | None = None) -> MonthView:
        """The month as it is asked for."""
        asked = "".join(self.phases.read(self.request))
        return month_view(self.month, self.at, asked=asked, branch=branch)


class OverviewView(_OfMonth, DetailView):
    """A month of all branches, as frozen or as it stands."""

    serializer_class = OverviewShown

    def thing(self) -> MonthView:
        """The month, for those who see every branch."""
        if not can_see_overview(self.actor):
            raise NotFound
        return self.whole()


class OverviewWorkbook(_OfMonth, DownloadView):
    """All branches of a month as a workbook, filtered as on the page."""

    media_types = (XLSX,)
    choices = (
        _OfMonth.phases,
        QueryChoice("only", ("missing", "late", "failed"), _("只要这一类分公司")),
        QueryChoice("view", (DEVIATING,), _("只要有偏差的")),
    )

    def query_parameters(self) -> list[str]:
        """Those of ``choices``."""
        return [choice.name for choice in self.choices]

    def outgoing(self) -> Outgoing:
        """As it stands."""
        if not can_see_overview(self.actor):
            raise NotFound
        view = self.whole()
        made = overview_workbook(
            view,
            columns_named(overview_columns(view), []),
            self.month,
            only="".join(self.asked("only")),
            is_deviating=bool(self.asked("view")),
        )
        return Outgoing(f"{made.name}.xlsx", made.content, XLSX, rows=made.rows)


class SpotCheckDetail(_OfMonth, DetailView):
    """A branch's month, as frozen or as it stands."""

    serializer_class = BranchMonthShown

    def thing(self) -> BranchMonth:
        """The branch's month; NotFound for a branch the actor does not lead."""
        branch = branch_seen(self.actor, self.kwargs["branch_id"], self.month)
        view = self.whole(branch)
        if not view.lines:
            raise NotFound
        return view.lines[0]


class SpotCheckWorkbook(_OfMonth, DownloadView):
    """A branch's month as a workbook, with the head of the inspection sheet."""

    media_types = (XLSX,)
    choices = (_OfMonth.phases,)

    def query_parameters(self) -> list[str]:
        """Those of ``choices``."""
        return [choice.name for choice in self.choices]

    def outgoing(self) -> Outgoing:
        """As frozen or as it stands."""
        branch = branch_seen(self.actor, self.kwargs["branch_id"], self.month)
        view = self.whole(branch)
        if not view.lines:
            raise NotFound
        head = report_head(self.actor, branch, self.month)
        made = report_workbook(view.lines[0], head, self.month)
        return Outgoing(
            f"{made.name}.xlsx", made.content, XLSX, rows=made.rows, branch_id=branch.pk
        )


@dataclass(frozen=True)
class _BranchLine:
    """A line of a branch's report by its address."""

    branch: Branch
    item: str


class SpotCheckRaise(_OfMonth, ActionView):
    """Make a finding of a line of the report: facts, rows, who is responsible by when."""

    serializer_class = FindingWhole
    needs_version = False
    done_status = 201

    def queryset_for(self, actor: Actor) -> Any:
        """Visible findings."""
        return (
            findings_for(actor)
            .select_related("raised_by")
            .prefetch_related("steps__by", "steps__finding")
        )

    def thing(self) -> _BranchLine:
        """The line; NotFound for a branch the actor does not see."""
        branch = branch_seen(self.actor, self.kwargs["branch_id"], self.month)
        return _BranchLine(branch, self.kwargs["item"])

    def perform(self, thing: _BranchLine, body: dict[str, Any], expected_version: int) -> Finding:
        """Raise."""
        return raise_of_line(
            month=self.month,
            branch_id=thing.branch.pk,
            item=thing.item,
            actor=self.actor,
            at=self.at,
        )


class RemakeBody(Body):
    """Which of the month's reports."""

    phase = serializers.ChoiceField(choices=Phase.choices)


class Remade(serializers.Serializer[Any]):
    """That it is on its way."""

    phase = serializers.CharField()


class OverviewAgain(_OfMonth, ActionView):
    """Have the reports that could not be made made again."""

    serializer_class = Remade
    body_class = RemakeBody
    needs_version = False

    def thing(self) -> Month:
        """The month, for those who see every branch."""
        if not can_see_overview(self.actor):
            raise NotFound
        return self.month

    def perform(self, thing: Month, body: dict[str, Any], expected_version: int) -> dict[str, str]:
        """Remake."""
        remake_spot_checks(month=thing, phase=body["phase"], actor=self.actor, at=self.at)
        return {"phase": body["phase"]}


_MONTH = "overview/<month:month>/"
_BRANCH = "spot-checks/<month:month>/<int:branch_id>/"
urlpatterns = [
    path("spot-checks/", SpotCheckList.as_view(), name="api-spot-checks"),
    path(_BRANCH, SpotCheckDetail.as_view(), name="api-spot-check"),
    path(f"{_BRANCH}workbook/", SpotCheckWorkbook.as_view(), name="api-spot-check-workbook"),
    path(
        f"{_BRANCH}items/<slug:item>/raise/",
        SpotCheckRaise.as_view(),
        name="api-spot-check-raise",
    ),
    path(_MONTH, OverviewView.as_view(), name="api-overview"),
    path(f"{_MONTH}workbook/", OverviewWorkbook.as_view(), name="api-overview-workbook"),
    path(f"{_MONTH}again/", OverviewAgain.as_view(), name="api-overview-again"),
]

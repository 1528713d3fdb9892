"""The company's week over the API (W6): all branches, and the archived consolidations."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.response import Response

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing, stored
from core.api.fields import Body, BranchRef, PersonRef, ReasonField
from core.api.filters import QueryChoice
from core.api.views import ActionView, ApiView, DetailView, ListView
from core.errors import NotFound
from core.lists import columns_named
from core.periods import Week
from worklogs import permissions, rules
from worklogs.api.rollups import XLSX
from worklogs.choices import RollUpState
from worklogs.company_queries import ASKED, ONLY, branch_lines
from worklogs.company_table import DEVIATING, company_columns
from worklogs.models import Consolidation
from worklogs.operations import consolidations as operations
from worklogs.queries import BranchWeek, company_week
from worklogs.table_workbooks import company_matrix


class BranchWeekShown(serializers.Serializer[Any]):
    """One branch in the company's week."""

    branch = BranchRef()
    owing = serializers.IntegerField()
    on_time = serializers.IntegerField()
    late = serializers.IntegerField()
    returned = serializers.IntegerField()
    missing = serializers.IntegerField()
    not_due = serializers.IntegerField()
    rollup_state = serializers.ChoiceField(
        choices=RollUpState.choices, source="rollup.state", default=None, allow_null=True
    )
    rollup_deadline_at = serializers.DateTimeField(allow_null=True)
    rollup_sent_at = serializers.DateTimeField(allow_null=True)
    rollup_minutes_late = serializers.IntegerField()
    rollup_received_at = serializers.DateTimeField(allow_null=True)


@dataclass(frozen=True)
class CompanyWeek:
    """All branches' week; ``version`` is the number of the newest issue, 0 for none."""

    week: Week
    version: int
    branches: list[BranchWeek]


class CompanyWeekShown(serializers.Serializer[Any]):
    """All branches' week; ``version`` is the number of the newest archived issue."""

    week = serializers.CharField(source="week.key")
    version = serializers.IntegerField()
    branches = BranchWeekShown(many=True)


class ConsolidationShown(serializers.ModelSerializer[Consolidation]):
    """An archived company week, without its content."""

    issued_by = PersonRef()

    class Meta:
        model = Consolidation
        fields: tuple[str, ...] = (
            "id",
            "week",
            "number",
            "archive_number",
            "digest",
            "comment",
            "why_corrected",
            "issued_at",
            "issued_by",
            "file",
        )


class ConsolidationWhole(ConsolidationShown):
    """With its frozen content."""

    content = serializers.DictField()

    class Meta(ConsolidationShown.Meta):
        fields = (*ConsolidationShown.Meta.fields, "content")


class _Company(ApiView):
    """For those who see every branch; for others there is no such thing."""

    def queryset_for(self, actor: Actor) -> QuerySet[Consolidation]:
        found = Consolidation.objects.select_related("issued_by", "file")
        return found if permissions.can_see_company(actor) else found.none()


class _OfCompanyWeek(_Company):
    serializer_class: Any = CompanyWeekShown

    def thing(self) -> Any:
        """The week as it stands."""
        if not permissions.can_see_company(self.actor):
            raise NotFound
        week: Week = self.kwargs["week"]
        newest = self.get_queryset().filter(week=week.key).order_by("-number").first()
        return CompanyWeek(
            week=week,
            version=newest.number if newest else 0,
            branches=company_week(week, self.at),
        )


class CompanyWeekView(_OfCompanyWeek, DetailView):
    """The state of all branches in a week."""


class CompanyMatrix(_Company, DownloadView):
    """All branches of a week as a workbook, filtered as on the page."""

    media_types = (XLSX,)
    choices = (
        QueryChoice("only", tuple(ONLY), _("只要这一类分公司")),
        QueryChoice("view", (DEVIATING,), _("只要有偏差的")),
        QueryChoice(
            "columns",
            (
                "branch",
                "summaries",
                "rollup",
                "received",
                *(part.value for part in ASKED),
                "supplement",
                "code",
            ),
            _("要哪些列"),
            is_list=True,
        ),
    )

    def outgoing(self) -> Outgoing:
        """As it stands."""
        if not permissions.can_see_company(self.actor):
            raise NotFound
        week: Week = self.kwargs["week"]
        made = company_matrix(
            branch_lines(week, self.at),
            columns_named(company_columns(self.at), self.asked("columns")),
            week,
            self.at,
            only="".join(self.asked("only")),
            view="".join(self.asked("view")),
        )
        return Outgoing(f"{made.name}.xlsx", made.content, XLSX, rows=made.rows)


class IssueBody(Body):
    """The office's comment; why it is issued again, when it is."""

    comment = serializers.CharField(max_length=rules.TEXT_AT_MOST, allow_blank=True, default="")
    why_corrected = ReasonField()


class CompanyIssue(_OfCompanyWeek, ActionView):
    """Archive the company's week from the roll-ups that have arrived."""

    body_class = IssueBody
    done_status = 201
    serializer_class = ConsolidationWhole

    def perform(
        self, thing: CompanyWeek, body: dict[str, Any], expected_version: int
    ) -> Consolidation:
        """Issue."""
        return operations.issue_consolidation(
            week=thing.week,
            comment=body["comment"],
            expected_number=expected_version,
            why_corrected=body["why_corrected"],
            actor=self.actor,
            at=self.at,
        )

    def present_state(self) -> dict[str, Any]:
        """The company's week as it is now."""
        return dict(CompanyWeekShown(self.thing()).data)

    def done(self, result: Any) -> Response:
        """The archived issue; its tag is the one for the next."""
        response = self.answer(self.thing_again(result.pk), status=self.done_status)
        response.version = result.number  # type: ignore[attr-defined]
        return response


class ConsolidationList(_Company, ListView):
    """Archived company weeks, newest first."""

    serializer_class = ConsolidationShown
    order = ("-issued_at", "-pk")
    updated_field = "issued_at"
    is_hidden = True

    def has_any(self, actor: Actor) -> bool:
        """See permissions.can_see_company."""
        return permissions.can_see_company(actor)


class _OneConsolidation(_Company):
    serializer_class: Any = ConsolidationWhole

    def thing(self) -> Consolidation:
        """The issue with the number of the address."""
        found = (
            self.get_queryset()
            .filter(week=self.kwargs["week"].key, number=self.kwargs["number"])
            .first()
        )
        if found is None:
            raise NotFound
        issue: Consolidation = found
        return issue


class ConsolidationDetail(_OneConsolidation, DetailView):
    """An archived company week."""


class ConsolidationWorkbook(_OneConsolidation, DownloadView):
    """Its workbook, unchanged; 404 until the worker has archived it."""

    media_types = (XLSX,)

    def outgoing(self) -> Outgoing:
        """The archived file."""
        issue = self.thing()
        if issue.file is None:
            raise NotFound
        return stored(issue.file, rows=len(issue.content["branches"]))


_ISSUE = "consolidations/<week:week>/<int:number>/"
urlpatterns = [
    path("company/<week:week>/", CompanyWeekView.as_view(), name="api-company-week"),
    path("company/<week:week>/issue/", CompanyIssue.as_view(), name="api-company-issue"),
    path("company/<week:week>/matrix/", CompanyMatrix.as_view(), name="api-company-matrix"),
    path("consolidations/", ConsolidationList.as_view(), name="api-consolidations"),
    path(_ISSUE, ConsolidationDetail.as_view(), name="api-consolidation"),
    path(f"{_ISSUE}workbook/", ConsolidationWorkbook.as_view(), name="api-consolidation-workbook"),
]

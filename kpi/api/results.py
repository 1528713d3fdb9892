"""Results and bills over the API."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import BranchRef, PersonRef
from core.api.filters import IdFilter
from core.api.views import ActionView, ApiView, DetailView, ListView
from core.exports import XLSX
from core.periods import Month
from kpi.api.fields import NumberCellsBody, cells_of, text_of
from kpi.models import Bill
from kpi.operations.results import check_results, record_results
from kpi.queries.bills import bills_for
from kpi.queries.results import ResultGrid, result_grid
from kpi.queries.targets import led_branch
from kpi.target_workbooks import results_workbook
from organization.models import Branch


class ResultShown(serializers.Serializer[Any]):
    """A result: what, from where, by whom, checked by whom; computed ones by nobody."""

    manager = serializers.IntegerField()
    indicator = serializers.CharField()
    value = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    origin = serializers.CharField()
    as_of = serializers.DateField()
    recorded_at = serializers.DateTimeField(allow_null=True)
    recorded_by = PersonRef(allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    checked_by = PersonRef(allow_null=True)


class ResultsShown(serializers.Serializer[Any]):
    """A branch's results of a month; its version is the grid's."""

    branch = BranchRef()
    month = serializers.CharField()
    version = serializers.IntegerField()
    managers = PersonRef(many=True)
    results = ResultShown(many=True)


class _OfBranch(ApiView):
    serializer_class: Any = ResultsShown

    def queryset_for(self, actor: Actor) -> QuerySet[Branch]:
        return Branch.objects.visible_to(actor)

    @property
    def month(self) -> Month:
        """The month of the address."""
        month: Month = self.kwargs["month"]
        return month

    def thing(self) -> ResultGrid:
        """The grid as it stands."""
        return result_grid(led_branch(self.actor, self.kwargs["branch_id"]), self.month, self.at)

    def thing_again(self, pk: int) -> ResultGrid:
        """The address says which."""
        return self.thing()

    def shown(self, thing: ResultGrid) -> dict[str, Any]:
        """The grid as plain values."""
        places = {each.code: each.places for each in thing.indicators}
        return super().shown(
            {
                "branch": thing.branch,
                "month": thing.month.key,
                "version": thing.version,
                "managers": thing.managers,
                "results": [
                    {
                        "manager": manager_id,
                        "indicator": code,
                        "value": text_of(one.value, places.get(code, 2)),
                        "source": one.source,
                        "origin": one.result.origin if one.result else "",
                        "as_of": one.as_of,
                        "recorded_at": one.result.recorded_at if one.result else None,
                        "recorded_by": one.result.recorded_by if one.result else None,
                        "checked_at": one.result.checked_at if one.result else None,
                        "checked_by": one.result.checked_by if one.result else None,
                    }
                    for (manager_id, code), one in sorted(thing.reached.items())
                ],
            }
        )


class ResultsView(_OfBranch, DetailView):
    """A branch's results of a month; PATCH writes cells (row: the manager)."""

    body_class = NumberCellsBody

    def pointer_of(self, name: str) -> str:
        """The whole list: the reason names the cell."""
        return "/cells" if name else ""

    def patch(self, request: Any, **kwargs: Any) -> Response:
        """Write cells."""
        grid = self.thing()
        record_results(
            branch_id=grid.branch.pk,
            month=self.month,
            cells=cells_of(self.body()),
            expected_version=self.expected_version(grid),
            actor=self.actor,
            at=self.at,
        )
        return self.answer(self.thing())


class ResultsCheck(_OfBranch, ActionView):
    """The market department has checked what stands there; not what it recorded itself."""

    def perform(self, thing: ResultGrid, body: dict[str, Any], expected_version: int) -> Any:
        """Check."""
        check_results(
            branch_id=thing.branch.pk,
            month=self.month,
            **self.acting(expected_version),
        )
        return thing.branch

    def done(self, result: Any) -> Response:
        """The grid after it was checked."""
        return self.answer(self.thing())


class ResultsWorkbook(_OfBranch, DownloadView):
    """The grid as a workbook."""

    media_types = (XLSX,)

    def outgoing(self) -> Outgoing:
        """Written."""
        grid = self.thing()
        made = results_workbook(grid)
        return Outgoing(
            f"{made.name}.xlsx", made.content, XLSX, rows=made.rows, branch_id=grid.branch.pk
        )


# Bills


class BillShown(serializers.ModelSerializer[Bill]):
    """A group's bill of a month."""

    customer = serializers.CharField(source="customer.code")
    customer_name = serializers.CharField(source="customer.name")
    manager = PersonRef(allow_null=True)
    branch = BranchRef()

    class Meta:
        model = Bill
        fields = (
            "id",
            "customer",
            "customer_name",
            "manager",
            "branch",
            "month",
            "due",
            "paid",
            "arrears",
            "arrears_days",
            "origin",
            "recorded_at",
        )


class BillFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By branch, manager, and how long something is owed."""

    branch = IdFilter(field_name="branch_id")
    manager = IdFilter(field_name="manager_id")
    arrears_days_over = django_filters.NumberFilter(field_name="arrears_days", lookup_expr="gt")


class BillList(ListView):
    """A month's bills, those owed longest first."""

    serializer_class = BillShown
    filterset_class = BillFilter
    order = ("-arrears_days", "pk")

    def queryset_for(self, actor: Actor) -> QuerySet[Bill]:
        """The own groups', the led branches', or all."""
        if getattr(self, "swagger_fake_view", False):
            return Bill.objects.none()
        return bills_for(actor, self.kwargs["month"])


_ONE = "results/<month:month>/<int:branch_id>/"
urlpatterns = [
    path(_ONE, ResultsView.as_view(), name="api-results"),
    path(f"{_ONE}check/", ResultsCheck.as_view(), name="api-results-check"),
    path(f"{_ONE}workbook/", ResultsWorkbook.as_view(), name="api-results-workbook"),
    path("bills/<month:month>/", BillList.as_view(), name="api-bills"),
]

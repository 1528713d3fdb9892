"""Indicators and the company's requirements over the API (T1)."""

from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from rest_framework import serializers
from rest_framework.response import Response

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import Body, BranchRef
from core.api.filters import YesNoFilter
from core.api.views import ActionView, ApiView, ChangingView, CreatingView, DetailView
from core.errors import NotAllowed
from core.exports import XLSX
from core.periods import Month
from kpi.api.fields import NumberCellsBody, cells_of, text_of
from kpi.choices import Adding, Direction, ResultSource
from kpi.company_tables import indicators_workbook, requirements_workbook
from kpi.models import Indicator, Requirement
from kpi.operations import indicators as operations
from kpi.operations.indicators import IndicatorEntry
from kpi.operations.requirements import grid_version, set_requirements
from kpi.target_permissions import has_targets


class IndicatorShown(serializers.ModelSerializer[Indicator]):
    """Something measured by the month; ``labels`` by label set and language."""

    labels = serializers.DictField(child=serializers.DictField(child=serializers.CharField()))

    class Meta:
        model = Indicator
        fields = (
            "id",
            "version",
            "code",
            "labels",
            "unit",
            "places",
            "direction",
            "adding",
            "source",
            "computed_by",
            "is_closed",
            "rank",
        )


class IndicatorFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By code, and whether it is in use."""

    code = django_filters.CharFilter()
    is_closed = YesNoFilter()


class IndicatorFacts(Body):
    """What an indicator is called and how it is counted."""

    labels = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(max_length=30, allow_blank=True))
    )
    unit = serializers.CharField(max_length=12)
    places = serializers.IntegerField(min_value=0, max_value=2, required=False)
    direction = serializers.ChoiceField(choices=Direction.choices, required=False)
    adding = serializers.ChoiceField(choices=Adding.choices, required=False)
    source = serializers.ChoiceField(choices=ResultSource.choices, required=False)  # type: ignore[assignment]
    computed_by = serializers.CharField(max_length=40, allow_blank=True, required=False)


class NewIndicator(IndicatorFacts):
    """With its code, which never changes."""

    code = serializers.CharField(max_length=12)


class _Indicators(ApiView):
    serializer_class: Any = IndicatorShown

    def queryset_for(self, actor: Actor) -> QuerySet[Indicator]:
        """All of them, for everybody who has to do with targets."""
        return Indicator.objects.all() if has_targets(actor) else Indicator.objects.none()


class IndicatorList(_Indicators, CreatingView):
    """Indicators in their order; POST adds one."""

    body_class = NewIndicator
    filterset_class = IndicatorFilter
    order = ("rank", "pk")

    def has_any(self, actor: Actor) -> bool:
        """See has_targets."""
        return has_targets(actor)

    def create(self, body: dict[str, Any]) -> Indicator:
        """Add it."""
        code = body.pop("code")
        return operations.add_indicator(
            code=code, entry=IndicatorEntry(**body), actor=self.actor, at=self.at
        )

    def address_of(self, thing: Indicator) -> str:
        """By its id."""
        return reverse("api-indicator", args=[thing.pk])


class IndicatorsWorkbook(_Indicators, DownloadView):
    """All indicators as a workbook, those in use first."""

    media_types = (XLSX,)

    def outgoing(self) -> Outgoing:
        """As they stand."""
        if not has_targets(self.actor):
            raise NotAllowed
        made = indicators_workbook(self.at)
        return Outgoing(f"{made.name}.xlsx", made.content, XLSX, rows=made.rows)


class IndicatorDetail(_Indicators, ChangingView):
    """One indicator; PATCH changes it."""

    body_class = IndicatorFacts

    def change(self, thing: Indicator, changes: dict[str, Any], expected_version: int) -> Any:
        """Change it."""
        known = {
            name: changes.get(name, getattr(thing, name))
            for name in (
                "labels",
                "unit",
                "places",
                "direction",
                "adding",
                "source",
                "computed_by",
            )
        }
        return operations.change_indicator(
            indicator_id=thing.pk,
            entry=IndicatorEntry(**known),
            **self.acting(expected_version),
        )


class IndicatorClose(_Indicators, ActionView):
    """Take an indicator out of use."""

    def perform(self, thing: Indicator, body: dict[str, Any], expected_version: int) -> Indicator:
        """Close."""
        return operations.close_indicator(indicator_id=thing.pk, **self.acting(expected_version))


class IndicatorReopen(_Indicators, ActionView):
    """Take an indicator into use again."""

    def perform(self, thing: Indicator, body: dict[str, Any], expected_version: int) -> Indicator:
        """Reopen."""
        return operations.reopen_indicator(indicator_id=thing.pk, **self.acting(expected_version))


# Requirements


class RequirementShown(serializers.Serializer[Any]):
    """What is asked of a branch."""

    branch = BranchRef()
    indicator = serializers.CharField(source="indicator.code")
    value = serializers.SerializerMethodField("shown_value", allow_null=True)
    note = serializers.CharField()
    set_at = serializers.DateTimeField()

    def shown_value(self, row: Requirement) -> str | None:
        """With the indicator's places."""
        return text_of(row.value, row.indicator.places)


@dataclass(frozen=True)
class RequirementGrid:
    """A month's requirements with the version of the grid."""

    month: str
    version: int
    cells: QuerySet[Requirement]


class RequirementsShown(serializers.Serializer[Any]):
    """A month's requirements; its version is the grid's."""

    month = serializers.CharField()
    version = serializers.IntegerField()
    cells = RequirementShown(many=True)


class RequirementsView(DetailView):
    """What the company asks of every branch in a month; PATCH writes cells (row: the branch)."""

    serializer_class = RequirementsShown
    body_class = NumberCellsBody

    def queryset_for(self, actor: Actor) -> QuerySet[Requirement]:
        """Of all branches, for those who see all."""
        rows = Requirement.objects.filter(value__isnull=False).select_related("branch", "indicator")
        return rows if actor.reads_all else rows.filter(branch_id__in=actor.led_branches)

    def thing(self) -> RequirementGrid:
        """The month's grid."""
        if not (self.actor.reads_all or self.actor.led_branches):
            raise NotAllowed
        month: Month = self.kwargs["month"]
        rows = self.get_queryset().filter(month=month.key)
        return RequirementGrid(
            month.key, grid_version(month), rows.order_by("branch__code", "indicator__rank")
        )

    def pointer_of(self, name: str) -> str:
        """The whole list: the reason names the cell."""
        return "/cells" if name else ""

    def patch(self, request: Any, **kwargs: Any) -> Response:
        """Write cells."""
        expected = self.expected_version(self.thing())
        set_requirements(
            month=self.kwargs["month"],
            cells=cells_of(self.body()),
            expected_version=expected,
            actor=self.actor,
            at=self.at,
        )
        return self.answer(self.thing())


class RequirementsWorkbook(DownloadView):
    """A month's requirements as a workbook, which can be filled in and imported again."""

    media_types = (XLSX,)

    def queryset_for(self, actor: Actor) -> QuerySet[Requirement]:
        """Of all branches."""
        return Requirement.objects.all() if actor.reads_all else Requirement.objects.none()

    def outgoing(self) -> Outgoing:
        """As it stands."""
        if not self.actor.reads_all:
            raise NotAllowed
        made = requirements_workbook(self.kwargs["month"])
        return Outgoing(f"{made.name}.xlsx", made.content, XLSX, rows=made.rows)


urlpatterns = [
    path("indicators/", IndicatorList.as_view(), name="api-indicators"),
    path("indicators/workbook/", IndicatorsWorkbook.as_view(), name="api-indicators-workbook"),
    path("indicators/<int:pk>/", IndicatorDetail.as_view(), name="api-indicator"),
    path("indicators/<int:pk>/close/", IndicatorClose.as_view(), name="api-indicator-close"),
    path("indicators/<int:pk>/reopen/", IndicatorReopen.as_view(), name="api-indicator-reopen"),
    path("requirements/<month:month>/", RequirementsView.as_view(), name="api-requirements"),
    path(
        "requirements/<month:month>/workbook/",
        RequirementsWorkbook.as_view(),
        name="api-requirements-workbook",
    ),
]

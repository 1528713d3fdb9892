"""Work items over the API (T4): given out, changed, taken off, reported."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response

from core.actors import Actor
from core.api.fields import Body, DayField, IdField
from core.api.filters import IdFilter
from core.api.views import ActionView, ApiView, ChangingView, ListView
from kpi.api.targets import Desk, OfBranch, WorkShown
from kpi.models import TargetSheet, WorkItem
from kpi.operations import work_items
from kpi.queries.targets import (
    sheet_of,
)
from kpi.target_entries import WorkEntry
from kpi.target_permissions import has_targets


class WorkBody(Body):
    """What is to be done, how many, by when, with what."""

    what = serializers.CharField(max_length=work_items.WHAT_AT_MOST)
    quantity = serializers.IntegerField(
        min_value=1, max_value=work_items.QUANTITY_AT_MOST, default=1
    )
    unit = serializers.CharField(max_length=work_items.UNIT_AT_MOST, allow_blank=True, default="")
    due_on = DayField()
    resource = serializers.CharField(
        max_length=work_items.RESOURCE_AT_MOST, allow_blank=True, default=""
    )
    indicator = serializers.CharField(max_length=20, allow_blank=True, default="")


class NewWork(WorkBody):
    """For these managers, each an item."""

    managers = serializers.ListField(child=IdField(), allow_empty=False, max_length=500)


def work_entry(body: dict[str, Any]) -> WorkEntry:
    """As operations take it."""
    return WorkEntry(
        what=body["what"],
        quantity=body["quantity"],
        unit=body["unit"],
        due_on=body["due_on"],
        resource=body["resource"],
        code=body["indicator"],
    )


class WorkAdd(OfBranch, ActionView):
    """Give the same work to managers of the branch (If-Match: the sheet's)."""

    body_class = NewWork

    def perform(self, thing: Desk, body: dict[str, Any], expected_version: int) -> Any:
        """Add."""
        work_items.add_work_items(
            branch_id=thing.view.branch.pk,
            month=self.month,
            manager_ids=body["managers"],
            entry=work_entry(body),
            **self.acting(expected_version),
        )
        return thing.view.sheet if thing.view.sheet.pk else sheet_of(thing.view.branch, self.month)

    def pointer_of(self, name: str) -> str:
        """``code`` is the body's indicator."""
        return f"/{'indicator' if name == 'code' else name}" if name else ""

    def done(self, result: Any) -> Response:
        """The sheet with it."""
        return self.answer(self.thing())


class WorkFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By month, branch and manager."""

    month = django_filters.CharFilter(field_name="sheet__month")
    branch = IdFilter(field_name="sheet__branch_id")
    manager = IdFilter(field_name="manager_id")


class _Work(ApiView):
    serializer_class: Any = WorkShown

    def queryset_for(self, actor: Actor) -> QuerySet[WorkItem]:
        """Of the sheets that the actor sees; a manager the own only."""
        rows = WorkItem.objects.filter(
            sheet__in=TargetSheet.objects.visible_to(actor).values("pk")
        ).select_related("manager", "indicator", "sheet")
        if actor.reads_all or actor.led_branches:
            return rows
        return rows.filter(manager_id=actor.person_id)


class WorkList(_Work, ListView):
    """Work items by day."""

    filterset_class = WorkFilter
    order = ("due_on", "pk")

    def has_any(self, actor: Actor) -> bool:
        """See has_targets."""
        return has_targets(actor)


class WorkDetail(_Work, ChangingView):
    """One item; PATCH writes it anew (If-Match: the item's)."""

    body_class = WorkBody

    def change(self, thing: WorkItem, changes: dict[str, Any], expected_version: int) -> WorkItem:
        """Change."""
        return work_items.change_work_item(
            item_id=thing.pk,
            entry=WorkEntry(
                what=changes.get("what", thing.what),
                quantity=changes.get("quantity", thing.quantity),
                unit=changes.get("unit", thing.unit),
                due_on=changes.get("due_on", thing.due_on),
                resource=changes.get("resource", thing.resource),
                code=changes.get("indicator", thing.indicator.code if thing.indicator else ""),
            ),
            expected_version=self.sheet_version(thing, expected_version),
            actor=self.actor,
            at=self.at,
        )

    def sheet_version(self, thing: WorkItem, expected_version: int) -> int:
        """The sheet's version, for a writer who has seen the item as it is; else none."""
        return thing.sheet.version if thing.version == expected_version else -1

    def pointer_of(self, name: str) -> str:
        """``code`` is the body's indicator."""
        return f"/{'indicator' if name == 'code' else name}" if name else ""


class WorkRemove(_Work, ActionView):
    """Take an item off its sheet."""

    serializer_class: Any = WorkShown

    def perform(self, thing: WorkItem, body: dict[str, Any], expected_version: int) -> Any:
        """Remove."""
        is_seen = thing.version == expected_version
        work_items.remove_work_item(
            item_id=thing.pk,
            expected_version=thing.sheet.version if is_seen else -1,
            actor=self.actor,
            at=self.at,
        )
        return {"removed": self.kwargs["pk"]}


class ReportBody(Body):
    """How many are done."""

    done = serializers.IntegerField(min_value=0, max_value=work_items.QUANTITY_AT_MOST)


class WorkReport(_Work, ActionView):
    """The manager says how many are done; all of them close the to-do."""

    body_class = ReportBody

    def perform(self, thing: WorkItem, body: dict[str, Any], expected_version: int) -> WorkItem:
        """Report."""
        return work_items.report_work(
            item_id=thing.pk,
            done=body["done"],
            **self.acting(expected_version),
        )


urlpatterns = [
    path(
        "targets/<month:month>/<int:branch_id>/work-items/", WorkAdd.as_view(), name="api-work-add"
    ),
    path("work-items/", WorkList.as_view(), name="api-work"),
    path("work-items/<int:pk>/", WorkDetail.as_view(), name="api-work-item"),
    path("work-items/<int:pk>/remove/", WorkRemove.as_view(), name="api-work-remove"),
    path("work-items/<int:pk>/report/", WorkReport.as_view(), name="api-work-report"),
]

"""Targets over the API (T1, T2): a branch's sheet as it is prepared, and its issuing."""

from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from core.actors import Actor
from core.api.fields import Body, BranchRef, IdField, PersonRef, ReasonField
from core.api.filters import IdFilter
from core.api.views import ActionView, ApiView, ChangingView, ListView
from core.periods import Month
from kpi.api.fields import NumberField, text_of
from kpi.choices import Method, TargetState
from kpi.models import TargetSheet, TargetVersion, WorkItem
from kpi.operations import targets as operations
from kpi.queries.targets import (
    TargetView,
    entry_of,
    led_branch,
    lines_of,
    target_view,
)
from kpi.target_entries import LineEntry, TargetEntry
from kpi.target_permissions import has_targets
from organization.models import Branch


class TargetShown(serializers.ModelSerializer[TargetSheet]):
    """A target sheet without its content."""

    branch = BranchRef()

    class Meta:
        model = TargetSheet
        fields = ("id", "version", "branch", "month", "state", "newest", "updated_at")


class TargetFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By month, branch, state."""

    month = django_filters.CharFilter()
    branch = IdFilter(field_name="branch_id")
    state = django_filters.ChoiceFilter(choices=TargetState.choices)


class TargetList(ListView):
    """Target sheets, newest month first; managers see what was issued."""

    serializer_class = TargetShown
    filterset_class = TargetFilter
    order = ("-month", "-pk")
    updated_field = "updated_at"
    is_hidden = True

    def has_any(self, actor: Actor) -> bool:
        """See has_targets."""
        return has_targets(actor)

    def queryset_for(self, actor: Actor) -> QuerySet[TargetSheet]:
        """Visible sheets."""
        return TargetSheet.objects.visible_to(actor).select_related("branch")


class TargetPartShown(serializers.Serializer[Any]):
    """A manager's part."""

    manager = serializers.IntegerField()
    value = serializers.CharField()


class TargetLineShown(serializers.Serializer[Any]):
    """An indicator on the sheet."""

    indicator = serializers.CharField()
    unit = serializers.CharField()
    required = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    value = serializers.CharField(allow_null=True)
    method = serializers.ChoiceField(choices=Method.choices)
    why_not_required = serializers.CharField()
    why_not_sum = serializers.CharField()
    lacking = serializers.CharField()
    parts = TargetPartShown(many=True)


class WorkShown(serializers.ModelSerializer[WorkItem]):
    """A work item."""

    manager = PersonRef()
    indicator = serializers.SerializerMethodField()

    class Meta:
        model = WorkItem
        fields = (
            "id",
            "version",
            "manager",
            "indicator",
            "what",
            "quantity",
            "unit",
            "due_on",
            "resource",
            "done",
            "reported_at",
        )

    def get_indicator(self, item: WorkItem) -> str:
        """Its code, "" for none."""
        return item.indicator.code if item.indicator else ""


class TargetWhole(serializers.Serializer[Any]):
    """A branch's targets of a month as they stand on the desk; version 0: not begun."""

    version = serializers.IntegerField()
    branch = BranchRef()
    month = serializers.CharField()
    state = serializers.ChoiceField(choices=TargetState.choices)
    newest = serializers.IntegerField()
    priorities = serializers.CharField()
    resources = serializers.CharField()
    why_no_items = serializers.CharField()
    managers = PersonRef(many=True)
    lines = TargetLineShown(many=True)
    items = WorkShown(many=True)
    bars = serializers.ListField(child=serializers.CharField())


@dataclass(frozen=True)
class Desk:
    """A sheet as TargetWhole shows it."""

    view: TargetView

    @property
    def version(self) -> int:
        """What a writer must have seen."""
        return self.view.sheet.version

    def shown(self) -> dict[str, Any]:
        """As plain values."""
        view = self.view
        sheet = view.sheet
        return {
            "version": sheet.version,
            "branch": view.branch,
            "month": view.month.key,
            "state": sheet.state,
            "newest": sheet.newest,
            "priorities": sheet.priorities,
            "resources": sheet.resources,
            "why_no_items": sheet.why_no_items,
            "managers": view.managers,
            "lines": [
                {
                    "indicator": line.indicator.code,
                    "unit": line.indicator.unit,
                    "required": text_of(line.required, line.indicator.places),
                    "value": text_of(line.value, line.indicator.places),
                    "method": line.method,
                    "why_not_required": line.why_not_required,
                    "why_not_sum": line.why_not_sum,
                    "lacking": text_of(line.lacking, line.indicator.places),
                    "parts": [
                        {"manager": each, "value": text_of(value, line.indicator.places)}
                        for each, value in line.parts.items()
                    ],
                }
                for line in view.lines
            ],
            "items": view.items,
            "bars": [f"{bar.kind}:{bar.code}".rstrip(":") for bar in view.bars],
        }


class OfBranch(ApiView):
    """An address of a branch's month."""

    serializer_class: Any = TargetWhole

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        return TargetSheet.objects.visible_to(actor).select_related("branch")

    @property
    def month(self) -> Month:
        """The month of the address."""
        month: Month = self.kwargs["month"]
        return month

    def branch(self) -> Branch:
        """The branch, for those who see its sheet before it is issued."""
        return led_branch(self.actor, self.kwargs["branch_id"])

    def thing(self) -> Any:
        """The sheet as it stands."""
        return Desk(target_view(self.branch(), self.month))

    def thing_again(self, pk: int) -> Any:
        """The address says which."""
        return self.thing()

    def shown(self, thing: Any) -> dict[str, Any]:
        """The desk as plain values."""
        return super().shown(thing.shown() if isinstance(thing, Desk) else thing)


class TargetPartBody(serializers.Serializer[Any]):
    """A manager's part, given by hand."""

    manager = IdField()
    value = NumberField()


class TargetLineBody(serializers.Serializer[Any]):
    """A line; what is not named stays as it is, ``parts`` count only with the method "hand"."""

    indicator = serializers.CharField(max_length=20)
    value = NumberField(allow_null=True)
    method = serializers.ChoiceField(choices=Method.choices, default=Method.EQUAL)
    why_not_required = ReasonField()
    why_not_sum = ReasonField()
    parts = TargetPartBody(many=True, default=list)


class TargetBody(Body):
    """Texts and lines of the sheet; lines that are not named stay as they are."""

    priorities = serializers.CharField(max_length=2000, allow_blank=True)
    resources = serializers.CharField(max_length=2000, allow_blank=True)
    why_no_items = ReasonField()
    lines = TargetLineBody(many=True, default=list)

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each names its indicator, each part its manager and value."""
        for line in lines:
            parts = line.get("parts", ())
            if "indicator" not in line or any(set(part) != {"manager", "value"} for part in parts):
                raise serializers.ValidationError(
                    _("每一行要有 indicator，每一份要有 manager 和 value。")
                )
        return lines


class TargetDetail(OfBranch, ChangingView):
    """A branch's targets of a month; PATCH writes them (If-Match "0" for one not begun)."""

    body_class = TargetBody

    def change(self, thing: Desk, changes: dict[str, Any], expected_version: int) -> TargetSheet:
        """Write."""
        before = entry_of(thing.view.sheet, lines_of(thing.view.sheet))
        lines = dict(before.lines)
        for line in changes.get("lines", ()):
            old = lines.get(line["indicator"], LineEntry())
            lines[line["indicator"]] = LineEntry(
                value=line.get("value", old.value),
                method=line.get("method", old.method),
                why_not_required=line.get("why_not_required", old.why_not_required),
                why_not_sum=line.get("why_not_sum", old.why_not_sum),
                parts={part["manager"]: part["value"] for part in line["parts"]}
                if "parts" in line
                else old.parts,
            )
        return operations.write_targets(
            branch_id=thing.view.branch.pk,
            month=self.month,
            entry=TargetEntry(
                priorities=changes.get("priorities", before.priorities),
                resources=changes.get("resources", before.resources),
                why_no_items=changes.get("why_no_items", before.why_no_items),
                lines=lines,
            ),
            **self.acting(expected_version),
        )

    def pointer_of(self, name: str) -> str:
        """Texts stand at their name, what is wrong with a line at /lines."""
        if not name:
            return ""
        return f"/{name}" if ":" not in name else "/lines"


class TargetIssueBody(Body):
    """Why it is issued again, when it is."""

    why_revised = ReasonField()


class TargetIssue(OfBranch, ActionView):
    """Issue the sheet to the managers; again only as a revision with a reason."""

    body_class = TargetIssueBody

    def perform(self, thing: Desk, body: dict[str, Any], expected_version: int) -> TargetVersion:
        """Issue."""
        return operations.issue_targets(
            branch_id=thing.view.branch.pk,
            month=self.month,
            expected_version=expected_version,
            why=body["why_revised"],
            actor=self.actor,
            at=self.at,
        )

    def pointer_of(self, name: str) -> str:
        """Only the reason stands in this body; what bars issuing is of the sheet."""
        return "/why_revised" if name == "why_revised" else ""

    def done(self, result: Any) -> Response:
        """The sheet after it was issued."""
        return self.answer(self.thing())


_ONE = "targets/<month:month>/<int:branch_id>/"
urlpatterns = [
    path("targets/", TargetList.as_view(), name="api-targets"),
    path(_ONE, TargetDetail.as_view(), name="api-target"),
    path(f"{_ONE}issue/", TargetIssue.as_view(), name="api-target-issue"),
]

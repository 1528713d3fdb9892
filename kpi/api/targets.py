"""Targets over the API (T1–T4): the sheet, its work items, issuing, acknowledging, progress."""

from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from rest_framework import serializers
from rest_framework.response import Response

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import Body, BranchRef, DayField, IdField, PersonRef, ReasonField
from core.api.filters import IdFilter
from core.api.views import ActionView, ApiView, ChangingView, DetailView, ListView
from core.exports import XLSX
from core.periods import Month
from kpi.api.fields import NumberField, text_of
from kpi.choices import Method, TargetState
from kpi.models import Acknowledgement, TargetSheet, TargetVersion, WorkItem
from kpi.operations import targets as operations
from kpi.operations import work_items
from kpi.queries.indicators import open_indicators
from kpi.queries.results import manager_progress
from kpi.queries.targets import (
    TargetView,
    acknowledged_by,
    entry_of,
    issued_version,
    led_branch,
    lines_of,
    manager_for,
    sheet_of,
    target_branch,
    target_view,
)
from kpi.target_entries import LineEntry, TargetEntry, WorkEntry
from kpi.target_papers import target_pdf
from kpi.target_workbooks import target_workbook
from organization.models import Branch

PDF = "application/pdf"


class SheetShown(serializers.ModelSerializer[TargetSheet]):
    """A target sheet without its content."""

    branch = BranchRef()

    class Meta:
        model = TargetSheet
        fields = ("id", "version", "branch", "month", "state", "newest", "updated_at")


class SheetFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By month, branch, state."""

    month = django_filters.CharFilter()
    branch = IdFilter(field_name="branch_id")
    state = django_filters.ChoiceFilter(choices=TargetState.choices)


class SheetList(ListView):
    """Target sheets, newest month first; managers see what was issued."""

    serializer_class = SheetShown
    filterset_class = SheetFilter
    order = ("-month", "-pk")
    updated_field = "updated_at"

    def queryset_for(self, actor: Actor) -> QuerySet[TargetSheet]:
        """Visible sheets."""
        return TargetSheet.objects.visible_to(actor).select_related("branch")


class PartShown(serializers.Serializer[Any]):
    """A manager's part."""

    manager = serializers.IntegerField()
    value = serializers.CharField()


class LineShown(serializers.Serializer[Any]):
    """An indicator on the sheet."""

    indicator = serializers.CharField()
    unit = serializers.CharField()
    required = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    value = serializers.CharField(allow_null=True)
    method = serializers.ChoiceField(choices=Method.choices)
    why_not_required = serializers.CharField()
    why_not_sum = serializers.CharField()
    lacking = serializers.CharField()
    parts = PartShown(many=True)


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


class SheetWhole(serializers.Serializer[Any]):
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
    lines = LineShown(many=True)
    items = WorkShown(many=True)
    bars = serializers.ListField(child=serializers.CharField())


@dataclass(frozen=True)
class Desk:
    """A sheet as SheetWhole shows it."""

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


class _OfBranch(ApiView):
    """An address of a branch's month."""

    serializer_class: Any = SheetWhole

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


class PartBody(serializers.Serializer[Any]):
    """A manager's part, given by hand."""

    manager = IdField()
    value = NumberField()


class LineBody(serializers.Serializer[Any]):
    """A line; ``parts`` count only where the method is "hand"."""

    indicator = serializers.CharField(max_length=20)
    value = NumberField(allow_null=True)
    method = serializers.ChoiceField(choices=Method.choices, default=Method.EQUAL)
    why_not_required = ReasonField()
    why_not_sum = ReasonField()
    parts = PartBody(many=True, default=list)


class SheetBody(Body):
    """Texts and lines of the sheet; lines that are not named stay as they are."""

    priorities = serializers.CharField(max_length=2000, allow_blank=True)
    resources = serializers.CharField(max_length=2000, allow_blank=True)
    why_no_items = ReasonField()
    lines = LineBody(many=True, default=list)


class SheetDetail(_OfBranch, ChangingView):
    """A branch's targets of a month; PATCH writes them (If-Match "0" for one not begun)."""

    body_class = SheetBody

    def change(self, thing: Desk, changes: dict[str, Any], expected_version: int) -> TargetSheet:
        """Write."""
        before = entry_of(thing.view.sheet, lines_of(thing.view.sheet))
        lines = dict(before.lines)
        for line in changes.get("lines", ()):
            lines[line["indicator"]] = LineEntry(
                value=line["value"],
                method=line["method"],
                why_not_required=line["why_not_required"],
                why_not_sum=line["why_not_sum"],
                parts={part["manager"]: part["value"] for part in line["parts"]},
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
            expected_version=expected_version,
            actor=self.actor,
            at=self.at,
        )

    def pointer_of(self, name: str) -> str:
        """Texts stand at their name, what is wrong with a line at /lines."""
        if not name:
            return ""
        return f"/{name}" if ":" not in name else "/lines"


class IssueBody(Body):
    """Why it is issued again, when it is."""

    why_revised = ReasonField()


class SheetIssue(_OfBranch, ActionView):
    """Issue the sheet to the managers; again only as a revision with a reason."""

    body_class = IssueBody

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


# Issued versions


class VersionShown(serializers.ModelSerializer[TargetVersion]):
    """A version as it was issued, with its frozen content."""

    issued_by = PersonRef()
    content = serializers.DictField()
    acknowledged = serializers.SerializerMethodField()

    class Meta:
        model = TargetVersion
        fields = (
            "number",
            "digest",
            "why",
            "issued_at",
            "issued_by",
            "content",
            "acknowledged",
        )

    def get_acknowledged(self, version: TargetVersion) -> dict[str, str]:
        """Manager's id → when the version was acknowledged."""
        return {str(each): at.isoformat() for each, at in acknowledged_by(version).items()}


class _Versions(_OfBranch):
    serializer_class: Any = VersionShown

    def version(self) -> TargetVersion:
        """The version with the number of the address; managers see the newest only."""
        branch = target_branch(self.actor, self.kwargs["branch_id"])
        return issued_version(sheet_of(branch, self.month), self.kwargs["number"])

    def thing(self) -> Any:
        """As it was issued."""
        return self.version()


class VersionDetail(_Versions, DetailView):
    """What was issued."""


class VersionAcknowledge(_Versions, ActionView):
    """A manager has seen it."""

    needs_version = False

    def perform(
        self, thing: TargetVersion, body: dict[str, Any], expected_version: int
    ) -> Acknowledgement:
        """Acknowledge."""
        return operations.acknowledge_targets(version_id=thing.pk, actor=self.actor, at=self.at)

    def done(self, result: Any) -> Response:
        """The version with who has acknowledged it."""
        return self.answer(self.thing())


class VersionPdf(_Versions, DownloadView):
    """The A4 sheet of a version."""

    media_types = (PDF,)

    def outgoing(self) -> Outgoing:
        """Rendered."""
        version = self.version()
        page = self.request.build_absolute_uri(
            reverse("targets", args=[self.month.key, self.kwargs["branch_id"]])
        )
        return Outgoing(
            f"{version.content['branch']['name']}_{self.month.key}_{version.number}.pdf",
            target_pdf(version, acknowledged_by(version), url=page),
            PDF,
            rows=len(version.content["managers"]),
            branch_id=self.kwargs["branch_id"],
        )


class VersionWorkbook(_Versions, DownloadView):
    """The workbook of a version."""

    media_types = (XLSX,)

    def outgoing(self) -> Outgoing:
        """Written."""
        made = target_workbook(self.version())
        return Outgoing(
            f"{made.name}.xlsx",
            made.content,
            XLSX,
            rows=made.rows,
            branch_id=self.kwargs["branch_id"],
        )


# Work items


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


class WorkAdd(_OfBranch, ActionView):
    """Give the same work to managers of the branch (If-Match: the sheet's)."""

    body_class = NewWork

    def perform(self, thing: Desk, body: dict[str, Any], expected_version: int) -> Any:
        """Add."""
        work_items.add_work_items(
            branch_id=thing.view.branch.pk,
            month=self.month,
            manager_ids=body["managers"],
            entry=work_entry(body),
            expected_version=expected_version,
            actor=self.actor,
            at=self.at,
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
            expected_version=expected_version,
            actor=self.actor,
            at=self.at,
        )


# Progress


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


_ONE = "targets/<month:month>/<int:branch_id>/"
_VERSION = f"{_ONE}versions/<int:number>/"
urlpatterns = [
    path("targets/", SheetList.as_view(), name="api-targets"),
    path(_ONE, SheetDetail.as_view(), name="api-target"),
    path(f"{_ONE}issue/", SheetIssue.as_view(), name="api-target-issue"),
    path(f"{_ONE}work/", WorkAdd.as_view(), name="api-work-add"),
    path(_VERSION, VersionDetail.as_view(), name="api-target-version"),
    path(
        f"{_VERSION}acknowledge/",
        VersionAcknowledge.as_view(),
        name="api-target-acknowledge",
    ),
    path(f"{_VERSION}pdf/", VersionPdf.as_view(), name="api-target-pdf"),
    path(f"{_VERSION}workbook/", VersionWorkbook.as_view(), name="api-target-workbook"),
    path(
        "targets/<month:month>/of/<int:manager_id>/",
        ManagerProgress.as_view(),
        name="api-target-of",
    ),
    path("work/", WorkList.as_view(), name="api-work"),
    path("work/<int:pk>/", WorkDetail.as_view(), name="api-work-item"),
    path("work/<int:pk>/remove/", WorkRemove.as_view(), name="api-work-remove"),
    path("work/<int:pk>/report/", WorkReport.as_view(), name="api-work-report"),
]

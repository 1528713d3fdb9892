"""Score sheets over the API (K4): the month's, one with its lines and rows, what-if, signatures.

A manager's sheet stands at ``scores/<month>/<manager>/``; what is done with it goes with its tag.
"""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.api.fields import Body, BranchRef, PersonRef
from core.api.filters import IdFilter
from core.api.parsers import FileParser
from core.api.views import ActionView, ApiView, DetailView, ListView
from core.errors import NotFound
from core.evidence import Evidence
from core.periods import Month
from kpi.amending import newest_version, what_if
from kpi.breakdown import plain
from kpi.choices import SheetState
from kpi.models import ScoreSheet, SheetVersion
from kpi.next_points import NextPoints, next_points
from kpi.operations import objections, sheets
from kpi.operations.steps import TEXT_AT_MOST
from kpi.permissions import sees_sheets
from kpi.queries.sheets import led_branch, rows_of, sheet_seen, sheets_for
from organization.models import Person


class SheetShown(serializers.ModelSerializer[ScoreSheet]):
    """A sheet in a list: whose, of which month, where it stands, how many points."""

    manager = PersonRef()
    branch = BranchRef()
    scheme = serializers.IntegerField(source="scheme.number")

    class Meta:
        model = ScoreSheet
        fields: tuple[str, ...] = (
            "id",
            "version",
            "manager",
            "branch",
            "month",
            "scheme",
            "state",
            "newest",
            "total",
            "band",
            "cut_at",
            "computed_at",
            "confirmed_at",
            "supervised_at",
            "approved_at",
            "locked_at",
            "updated_at",
        )


class SheetWhole(SheetShown):
    """With who signed, and the breakdown that stands (kpi.breakdown): every line with its
    formula, inputs, points and clause; ``digest`` is the breakdown's SHA-256."""

    supervised_by = PersonRef(allow_null=True)
    approved_by = PersonRef(allow_null=True)
    content = serializers.SerializerMethodField()
    digest = serializers.SerializerMethodField()

    class Meta(SheetShown.Meta):
        fields = (
            *SheetShown.Meta.fields,
            "supervised_by",
            "supervisor_opinion",
            "approved_by",
            "head_opinion",
            "content",
            "digest",
        )

    def get_content(self, sheet: ScoreSheet) -> dict[str, Any]:
        """The newest version's breakdown."""
        content: dict[str, Any] = newest_version(sheet).content
        return content

    def get_digest(self, sheet: ScoreSheet) -> str:
        """Its digest."""
        return newest_version(sheet).digest


class SheetFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By month, branch, manager, state, band."""

    month = django_filters.CharFilter()
    branch = IdFilter(field_name="branch_id")
    manager = IdFilter(field_name="manager_id")
    state = django_filters.ChoiceFilter(choices=SheetState.choices)
    band = django_filters.CharFilter()


def _visible(actor: Actor) -> QuerySet[ScoreSheet]:
    return ScoreSheet.objects.visible_to(actor).select_related(
        "manager", "branch", "scheme", "supervised_by", "approved_by"
    )


class SheetList(ListView):
    """Score sheets, newest month first, by branch and name."""

    serializer_class = SheetShown
    filterset_class = SheetFilter
    order = ("-month", "branch__code", "manager__sort_key", "pk")
    updated_field = "updated_at"

    def has_any(self, actor: Actor) -> bool:
        """See sees_sheets."""
        return sees_sheets(actor)

    def queryset_for(self, actor: Actor) -> QuerySet[ScoreSheet]:
        """Visible sheets."""
        return _visible(actor)


class OfSheet(ApiView):
    """An address of a manager's sheet."""

    serializer_class: Any = SheetWhole

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """Visible sheets."""
        return _visible(actor)

    def sheet(self) -> ScoreSheet:
        """The sheet of the address."""
        return sheet_seen(self.actor, self.kwargs["month"], self.kwargs["manager_id"])

    def thing(self) -> Any:
        """The sheet of the address."""
        return self.sheet()


class SheetDetail(OfSheet, DetailView):
    """A manager's sheet of a month, with its breakdown."""


class SheetVersionShown(serializers.ModelSerializer[SheetVersion]):
    """A version: why it was made, by whom, who approved it, and its breakdown."""

    made_by = PersonRef(allow_null=True)
    approved_by = PersonRef(allow_null=True)
    content = serializers.DictField()

    class Meta:
        model = SheetVersion
        fields = ("number", "kind", "why", "made_at", "made_by", "approved_by", "digest", "content")


class SheetVersions(OfSheet, ListView):
    """Every version of a sheet, newest first: what was, stays."""

    serializer_class = SheetVersionShown
    order = ("-number", "-pk")

    def get_queryset(self) -> QuerySet[Any]:
        """Those of the address's sheet."""
        if getattr(self, "swagger_fake_view", False):
            return SheetVersion.objects.none()
        return SheetVersion.objects.filter(sheet=self.sheet()).select_related(
            "made_by", "approved_by"
        )


class SheetVersionDetail(OfSheet, DetailView):
    """One version of a sheet."""

    serializer_class = SheetVersionShown

    def thing(self) -> SheetVersion:
        """The version with the number of the address."""
        found = (
            SheetVersion.objects.filter(sheet=self.sheet(), number=self.kwargs["number"])
            .select_related("made_by", "approved_by")
            .first()
        )
        if found is None:
            raise NotFound
        return found

    def version_of(self, thing: Any) -> int:
        """A version's own number: it never changes."""
        number: int = thing.number
        return number


class CountedRowShown(serializers.Serializer[Any]):
    """A row that a line counted, how it stands, and its page."""

    label = serializers.CharField()  # type: ignore[assignment]
    note = serializers.CharField()
    state = serializers.CharField()
    state_text = serializers.CharField()
    url = serializers.CharField()


class LineRowsShown(serializers.Serializer[Any]):
    """A line of a sheet and the very rows it counted."""

    item = serializers.CharField()
    rows = CountedRowShown(many=True)


class LineRows(OfSheet, DetailView):
    """The rows that a line counted, as they held at the sheet's cut."""

    serializer_class = LineRowsShown

    def thing(self) -> dict[str, Any]:
        """The line's rows; NotFound for no such line."""
        month, manager_id, item = (self.kwargs[key] for key in ("month", "manager_id", "item"))
        return {"item": item, "rows": rows_of(self.actor, month, manager_id, item)}

    def version_of(self, thing: Any) -> int:
        """Rows have no version of their own."""
        return 0


class WhatIfBody(Body):
    """Other inputs by line: ``{"P3c": {"met": "4", "total": "4"}}`` (kpi.inputs)."""

    inputs = serializers.DictField(child=serializers.DictField(), allow_empty=False)


class BreakdownShown(serializers.Serializer[Any]):
    """A breakdown (kpi.breakdown) without the head: groups with their lines, total, band."""

    groups = serializers.ListField(child=serializers.DictField())
    total = serializers.CharField(allow_null=True)
    band = serializers.CharField(allow_blank=True)
    band_names = serializers.DictField(allow_null=True)
    coefficient = serializers.CharField(allow_null=True)
    is_rated = serializers.BooleanField()
    why_not = serializers.CharField(allow_blank=True)
    is_vetoed = serializers.BooleanField()


class SheetWhatIf(OfSheet, ActionView):
    """The sheet as it would be with other inputs, by the server's own arithmetic; not kept."""

    body_class = WhatIfBody
    serializer_class = BreakdownShown
    needs_version = False
    is_kept = False
    scope = "read"

    def present_state(self) -> None:
        """Nothing is changed."""

    def perform(
        self, thing: ScoreSheet, body: dict[str, Any], expected_version: int
    ) -> dict[str, Any]:
        """Ask."""
        return plain(what_if(thing, body["inputs"]))


class _SheetAction(OfSheet, ActionView):
    def done(self, result: Any) -> Response:
        """The sheet after the act."""
        return self.answer(self.thing())

    def thing_again(self, pk: int) -> Any:
        """The address says which."""
        return self.thing()


class SheetConfirm(_SheetAction):
    """The manager confirms every line but those objected to."""

    def perform(self, thing: ScoreSheet, body: dict[str, Any], expected_version: int) -> ScoreSheet:
        """Confirm."""
        return sheets.confirm_sheet(
            sheet_id=thing.pk,
            **self.acting(expected_version),
        )


class ObjectBody(Body):
    """The line and what is wrong; with a file it is sent as multipart/form-data."""

    item = serializers.CharField(max_length=12)
    text = serializers.CharField(max_length=TEXT_AT_MOST, allow_blank=True, default="")
    file = serializers.FileField(max_length=200, required=False, allow_empty_file=True)


class SheetObject(_SheetAction):
    """The manager objects to a line, until the objections end; JSON, or a form with a file."""

    body_class = ObjectBody

    def get_parsers(self) -> list[Any]:
        """JSON, or a form with a file."""
        return [*super().get_parsers(), FileParser()]

    def perform(self, thing: ScoreSheet, body: dict[str, Any], expected_version: int) -> Any:
        """Object."""
        given = body.get("file")
        return objections.object_to_line(
            sheet_id=thing.pk,
            item=body["item"],
            text=body["text"],
            file=Evidence(given.name, given.read()) if given else None,
            **self.acting(expected_version),
        )


class OpinionBody(Body):
    """An opinion, if there is one."""

    opinion = serializers.CharField(max_length=TEXT_AT_MOST, allow_blank=True, default="")


class SheetSupervise(_SheetAction):
    """The supervisor signs the sheet."""

    body_class = OpinionBody

    def perform(self, thing: ScoreSheet, body: dict[str, Any], expected_version: int) -> ScoreSheet:
        """Sign."""
        return sheets.supervise_sheet(
            sheet_id=thing.pk,
            opinion=body["opinion"],
            **self.acting(expected_version),
        )


class SheetApprove(_SheetAction):
    """The general manager approves the sheet."""

    body_class = OpinionBody

    def perform(self, thing: ScoreSheet, body: dict[str, Any], expected_version: int) -> ScoreSheet:
        """Approve."""
        return sheets.approve_sheet(
            sheet_id=thing.pk,
            opinion=body["opinion"],
            **self.acting(expected_version),
        )


class ScoreMonthShown(serializers.Serializer[Any]):
    """A branch's month: how many sheets stand in each state. ``version``: how many approved."""

    version = serializers.IntegerField()
    month = serializers.CharField()
    branch = BranchRef()
    states = serializers.DictField(child=serializers.IntegerField())


class ScoreMonth(ApiView):
    """A branch's month of sheets as a whole."""

    serializer_class: Any = ScoreMonthShown

    def thing(self) -> dict[str, Any]:
        """How the branch's sheets stand."""
        month: Month = self.kwargs["month"]
        branch = led_branch(self.actor, self.kwargs["branch_id"])
        found = sheets_for(self.actor, month, branch.pk).values_list("state", flat=True)
        counts = {state.value: 0 for state in SheetState}
        for state in found:
            counts[state] += 1
        return {
            "version": counts[SheetState.APPROVED],
            "month": month.key,
            "branch": branch,
            "states": counts,
        }

    def version_of(self, thing: Any) -> int:
        """How many sheets stand approved."""
        version: int = thing["version"]
        return version


class ScoreMonthDetail(ScoreMonth, DetailView):
    """How a branch's sheets of a month stand."""


class ScoreMonthLock(ScoreMonth, ActionView):
    """A head locks the branch's sheets ahead of the timetable, when all are approved."""

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> int:
        """Lock."""
        return sheets.lock_branch(
            month=self.kwargs["month"],
            branch_id=self.kwargs["branch_id"],
            **self.acting(expected_version),
        )

    def done(self, result: Any) -> Response:
        """How the sheets stand now."""
        return self.answer(self.thing())

    def thing_again(self, pk: int) -> Any:
        """The address says which."""
        return self.thing()


class NextPointShown(serializers.Serializer[Any]):
    """An open duty: the points it wins, or that are lost if it is left undone."""

    item = serializers.CharField()
    item_name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    due_at = serializers.DateTimeField()
    url = serializers.CharField()
    points = serializers.DecimalField(max_digits=6, decimal_places=2)
    at_stake = serializers.DecimalField(max_digits=6, decimal_places=2)


class NextPointsShown(serializers.Serializer[Any]):
    """A manager's present month so far, not final, and what can still be won."""

    month = serializers.CharField(source="month.key")
    total = serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True)
    band = serializers.CharField()
    is_rated = serializers.BooleanField()
    why_not = serializers.CharField()
    open_points = serializers.DecimalField(max_digits=6, decimal_places=2)
    duties = NextPointShown(many=True)
    content = serializers.DictField()


class NextPointsDetail(ApiView):
    """The present month of a manager: provisional points, open duties by points."""

    serializer_class = NextPointsShown

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Count and rank."""
        return self.answer(self.thing())

    def thing(self) -> NextPoints:
        """The month so far; NotFound for who is not scored or not seen."""
        manager = Person.objects.filter(pk=self.kwargs["manager_id"]).first()
        is_seen = manager is not None and (
            manager.pk == self.actor.person_id
            or self.actor.reads_all
            or manager.branch_id in self.actor.led_branches
        )
        found = next_points(manager.pk, self.at) if manager is not None and is_seen else None
        if found is None:
            raise NotFound
        return found


_SHEET = "scores/<month:month>/<int:manager_id>/"
_BRANCH = "scores/<month:month>/branches/<int:branch_id>/"
urlpatterns = [
    path("scores/", SheetList.as_view(), name="api-scores"),
    path("scores/next/<int:manager_id>/", NextPointsDetail.as_view(), name="api-score-next"),
    path(_SHEET, SheetDetail.as_view(), name="api-score"),
    path(f"{_SHEET}versions/", SheetVersions.as_view(), name="api-score-versions"),
    path(
        f"{_SHEET}versions/<int:number>/",
        SheetVersionDetail.as_view(),
        name="api-score-version",
    ),
    path(f"{_SHEET}lines/<slug:item>/rows/", LineRows.as_view(), name="api-score-rows"),
    path(f"{_SHEET}what-if/", SheetWhatIf.as_view(), name="api-score-what-if"),
    path(f"{_SHEET}confirm/", SheetConfirm.as_view(), name="api-score-confirm"),
    path(f"{_SHEET}object/", SheetObject.as_view(), name="api-score-object"),
    path(f"{_SHEET}supervise/", SheetSupervise.as_view(), name="api-score-supervise"),
    path(f"{_SHEET}approve/", SheetApprove.as_view(), name="api-score-approve"),
    path(_BRANCH, ScoreMonthDetail.as_view(), name="api-scores-branch"),
    path(f"{_BRANCH}lock/", ScoreMonthLock.as_view(), name="api-scores-lock"),
]

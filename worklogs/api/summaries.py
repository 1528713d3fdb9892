"""Weekly summaries over the API (W4, W5): drafted, filed, given back, reviewed, confirmed.

A manager's week stands at ``summaries/<week>/<manager>/`` whether it was filed or not. Filing
goes with the draft's tag, what the supervisor decides with the summary's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import Body, ReasonField
from core.api.filters import IdFilter, YesNoFilter
from core.api.views import ActionView, ApiView, DetailView, ListView
from core.drafts import draft_of
from core.errors import NotAllowed, NotFound
from worklogs import figures, papers, permissions, rules
from worklogs.api.logs import LogShown
from worklogs.api.weeks import SummaryShown, VersionShown, WeekShown, managers_week
from worklogs.belonging import owed_branch
from worklogs.choices import SummaryState, TextPart
from worklogs.entries import SummaryEntry, draft_key
from worklogs.models import Summary, SummaryVersion
from worklogs.operations import summaries as operations
from worklogs.queries import manager_for, summary_for


class SummaryFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By week, branch, manager, state."""

    week = django_filters.CharFilter()
    branch = IdFilter(method="of_branch")
    manager = IdFilter(field_name="manager_id")
    state = django_filters.ChoiceFilter(choices=SummaryState.choices)
    is_late = YesNoFilter(field_name="minutes_late", lookup_expr="gt", method="late")

    def of_branch(self, queryset: Any, name: str, value: int) -> Any:
        """Those that belong to the branch: its manager at the week's deadline."""
        return queryset.belonging_to([value])

    def late(self, queryset: Any, name: str, value: bool) -> Any:
        """Filed after the deadline, or not."""
        return queryset.filter(minutes_late__gt=0) if value else queryset.filter(minutes_late=0)


def _visible(actor: Actor) -> QuerySet[Summary]:
    return Summary.objects.visible_to(actor).select_related("manager", "branch", "reviewed_by")


class SummaryList(ListView):
    """Filed summaries, newest receipt first."""

    serializer_class = SummaryShown
    filterset_class = SummaryFilter
    order = ("-received_at", "-pk")
    updated_field = "updated_at"

    def queryset_for(self, actor: Actor) -> QuerySet[Summary]:
        """Visible summaries."""
        return _visible(actor)


class _OfWeek(ApiView):
    """An address of a manager's week."""

    serializer_class: Any = WeekShown

    def queryset_for(self, actor: Actor) -> QuerySet[Summary]:
        return _visible(actor)

    def thing(self) -> Any:
        """The week as it stands."""
        return managers_week(self.actor, self.kwargs["manager_id"], self.kwargs["week"], self.at)

    def thing_again(self, pk: int) -> Any:
        """The address says which."""
        return self.thing()

    def filed(self) -> Summary:
        """The summary; NotFound when it was not filed."""
        found = summary_for(self.actor, self.kwargs["manager_id"], self.kwargs["week"])
        if found is None:
            raise NotFound
        return found


class SummaryWeek(_OfWeek, DetailView):
    """A manager's week: due when, filed or not, what it says, what the system counts."""


class FigureBody(Body):
    """A figure that the manager declares otherwise, and why."""

    declared = serializers.CharField(max_length=20, allow_blank=True)
    reason = ReasonField()


class EntryBody(Body):
    """What the manager says: figures that differ, texts by part, parts with nothing to say."""

    figures = serializers.DictField(child=FigureBody(), required=False)
    texts = serializers.DictField(
        child=serializers.CharField(max_length=rules.TEXT_AT_MOST, allow_blank=True),
        required=False,
    )
    nothing = serializers.ListField(
        child=serializers.ChoiceField(choices=TextPart.choices), max_length=20, required=False
    )


class SubmitBody(EntryBody):
    """The entry, or nothing to file the draft as it stands; why, when filed for somebody."""

    why_filed_for = ReasonField()


@dataclass(frozen=True)
class DraftState:
    """A draft, or that there is none yet."""

    version: int = 0
    saved_at: datetime | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


class SummaryDraftShown(serializers.Serializer[Any]):
    """What is being typed; version 0 when there is nothing yet."""

    version = serializers.IntegerField()
    saved_at = serializers.DateTimeField(allow_null=True)
    body = serializers.DictField()


class _Entry(_OfWeek):
    """Addresses that take an entry: the operation's fields are found in the body."""

    def draft(self) -> DraftState:
        """The manager's draft of this week, an empty one when there is none."""
        manager = manager_for(self.actor, self.kwargs["manager_id"], self.kwargs["week"])
        branch = owed_branch(manager, self.kwargs["week"]) or manager.branch
        if not permissions.can_file_summary(self.actor, manager, branch.pk):
            raise NotAllowed(operations.not_the_filer())
        draft = draft_of(manager.pk, draft_key(self.kwargs["week"]))
        return DraftState(draft.version, draft.saved_at, draft.body) if draft else DraftState()

    def pointer_of(self, name: str) -> str:
        """``figure:calls`` stands at /figures/calls/declared."""
        kind, _colon, key = name.partition(":")
        places = {
            "figure": f"/figures/{key}/declared",
            "reason": f"/figures/{key}/reason",
            "text": f"/texts/{key}",
        }
        return places.get(kind) or super().pointer_of(name)


class SummaryDraft(_Entry, DetailView):
    """What the manager is typing (autosave); nobody else reads it but who files for him."""

    serializer_class = SummaryDraftShown
    body_class = EntryBody

    def thing(self) -> DraftState:
        """The draft."""
        return self.draft()

    def put(self, request: Request, **kwargs: Any) -> Response:
        """Save what was typed."""
        expected = self.expected_version(self.thing())
        operations.save_summary_draft(
            manager_id=self.kwargs["manager_id"],
            week=self.kwargs["week"],
            body=self.body(),
            expected_version=expected,
            actor=self.actor,
            at=self.at,
        )
        return self.answer(self.thing())


class _WeekAction(_OfWeek, ActionView):
    def done(self, result: Any) -> Response:
        """The week after the act."""
        return self.answer(self.thing())


class SummarySubmit(_Entry, _WeekAction):
    """File the week (W5); ``If-Match`` carries the draft's tag."""

    body_class = SubmitBody

    def expected_version(self, thing: Any) -> int:
        """The draft's version that the client has seen."""
        return super().expected_version(self.draft())

    def present_state(self) -> None:
        """Stale is the draft: the operation shows it."""

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> SummaryVersion:
        """File."""
        why = body.pop("why_filed_for")
        return operations.submit_summary(
            manager_id=self.kwargs["manager_id"],
            week=self.kwargs["week"],
            entry=SummaryEntry.from_body(body or self.draft().body),
            expected_version=expected_version,
            why_filed_for=why,
            actor=self.actor,
            at=self.at,
        )


class ReturnBody(Body):
    """A remark on each field to be mended: ``{"text:needs": "…", "figure:calls": "…"}``."""

    remarks = serializers.DictField(
        child=serializers.CharField(max_length=rules.REASON_AT_MOST, allow_blank=True),
        allow_empty=False,
    )


class SummaryReturnView(_WeekAction):
    """Give a summary back with remarks."""

    body_class = ReturnBody

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> Summary:
        """Return."""
        return operations.return_summary(
            summary_id=self.filed().pk,
            remarks=body["remarks"],
            **self.acting(expected_version),
        )

    def pointer_of(self, name: str) -> str:
        """Remarks stand by field."""
        return f"/remarks/{name}" if ":" in name else super().pointer_of(name)


class ReviewBody(Body):
    """The supervisor's opinion, if there is one."""

    opinion = serializers.CharField(max_length=rules.TEXT_AT_MOST, allow_blank=True, default="")


class SummaryReview(_WeekAction):
    """The supervisor has read the summary."""

    body_class = ReviewBody

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> Summary:
        """Review."""
        return operations.review_summary(
            summary_id=self.filed().pk,
            opinion=body["opinion"],
            **self.acting(expected_version),
        )


class SummaryConfirm(_WeekAction):
    """The manager confirms what was filed for him."""

    needs_version = False

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> SummaryVersion:
        """Confirm."""
        return operations.confirm_summary(summary_id=self.filed().pk, actor=self.actor, at=self.at)


class _Versions(_OfWeek):
    serializer_class: Any = VersionShown

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """The versions of the summary of this address."""
        return SummaryVersion.objects.filter(
            summary__in=Summary.objects.seen_by(actor).values("pk")
        ).select_related(
            "filed_by", "branch", "summary__branch", "summary__manager", "summary__reviewed_by"
        )

    def of_summary(self) -> QuerySet[Any]:
        """Those of this week."""
        filed = self.filed()
        return self.queryset_for(self.actor).filter(summary=filed, number__lte=filed.newest)

    def thing(self) -> SummaryVersion:
        """The version with the number of the address."""
        found: SummaryVersion | None = (
            self.of_summary().filter(number=self.kwargs["number"]).first()
        )
        if found is None:
            raise NotFound
        return found

    def version_of(self, thing: Any) -> int:
        """A version's own number."""
        number: int = thing.number
        return number


class SummaryVersions(_Versions, ListView):
    """Every version that was filed, newest first."""

    order = ("-number", "-pk")

    def get_queryset(self) -> QuerySet[Any]:
        """Those of this week; 404 when nothing was filed."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset_for(self.actor)
        return self.of_summary()


class SummaryVersionDetail(_Versions, DetailView):
    """One version as filed."""


class SummaryPdf(_Versions, DownloadView):
    """One version as the printed sheet (A4)."""

    media_types = ("application/pdf",)

    def outgoing(self) -> Outgoing:
        """Rendered in the language asked for."""
        version = self.thing()
        return Outgoing(
            name=f"{version.receipt}.pdf",
            content=papers.summary_pdf(
                version,
                url=self.request.build_absolute_uri(
                    reverse("summary", args=[version.summary.week])
                ),
            ),
            content_type="application/pdf",
            rows=1,
            branch_id=version.branch_id,
        )


class FigureRows(_OfWeek, ListView):
    """The very logs that a figure of the week counted."""

    serializer_class = LogShown
    order = ("-occurred_at", "-pk")

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """Logs, when there is such a figure."""
        if getattr(self, "swagger_fake_view", False):
            return LogShown.Meta.model.objects.none()
        week = managers_week(actor, self.kwargs["manager_id"], self.kwargs["week"], self.at)
        if self.kwargs["key"] not in figures.figures():
            raise NotFound
        deadline_at = week.period.deadline_at if week.period else self.at
        rows = figures.rows_counted(
            self.kwargs["key"], week.manager.pk, week.week, deadline_at, week.cut
        )
        return rows.select_related("manager", "branch", "customer")


_WEEK = "summaries/<week:week>/<int:manager_id>/"
urlpatterns = [
    path("summaries/", SummaryList.as_view(), name="api-summaries"),
    path(_WEEK, SummaryWeek.as_view(), name="api-summary"),
    path(f"{_WEEK}draft/", SummaryDraft.as_view(), name="api-summary-draft"),
    path(f"{_WEEK}submit/", SummarySubmit.as_view(), name="api-summary-submit"),
    path(f"{_WEEK}return/", SummaryReturnView.as_view(), name="api-summary-return"),
    path(f"{_WEEK}review/", SummaryReview.as_view(), name="api-summary-review"),
    path(f"{_WEEK}confirm/", SummaryConfirm.as_view(), name="api-summary-confirm"),
    path(f"{_WEEK}versions/", SummaryVersions.as_view(), name="api-summary-versions"),
    path(
        f"{_WEEK}versions/<int:number>/",
        SummaryVersionDetail.as_view(),
        name="api-summary-version",
    ),
    path(f"{_WEEK}versions/<int:number>/pdf/", SummaryPdf.as_view(), name="api-summary-pdf"),
    path(f"{_WEEK}figures/<slug:key>/", FigureRows.as_view(), name="api-summary-figure"),
]

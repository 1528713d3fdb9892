"""A branch's week over the API (W6): the board, reminders, the roll-up and its receipt."""

from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.response import Response

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing, stored
from core.api.fields import Body, BranchRef, IdField, PersonRef, ReasonField
from core.api.filters import IdFilter, QueryChoice
from core.api.views import ActionView, ApiView, ChangingView, DetailView, ListView
from core.errors import NotFound
from core.lists import columns_named
from core.periods import Week, local_date
from duties.models import DutyPeriod
from organization.models import Branch
from worklogs import contents, rules
from worklogs.board_table import board_columns
from worklogs.choices import RollUpState, Standing
from worklogs.models import RollUp, RollUpVersion
from worklogs.operations import reminders
from worklogs.operations import rollups as operations
from worklogs.queries import Board, board, branch_for, period_of
from worklogs.table_workbooks import board_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class PeriodShown(serializers.ModelSerializer[DutyPeriod]):
    """From when and until when."""

    class Meta:
        model = DutyPeriod
        fields = ("opens_at", "deadline_at")


class BoardRowShown(serializers.Serializer[Any]):
    """One manager's week on the board."""

    manager = PersonRef()
    standing = serializers.ChoiceField(choices=Standing.choices)
    received_at = serializers.DateTimeField(allow_null=True)
    minutes_late = serializers.IntegerField()
    services = serializers.IntegerField()
    by_day = serializers.ListField(child=serializers.IntegerField())
    parts_written = serializers.IntegerField()
    differing = serializers.IntegerField()
    returned_fields = serializers.ListField(child=serializers.CharField())
    is_filed_for = serializers.BooleanField()
    reminded_at = serializers.DateTimeField(allow_null=True)
    may_be_reminded = serializers.BooleanField()
    last_service_on = serializers.DateField(allow_null=True)


class BoardShown(serializers.Serializer[Any]):
    """A branch's week: who filed, who did not, what deviates first."""

    branch = BranchRef()
    week = serializers.CharField(source="week.key")
    period = PeriodShown(allow_null=True)
    rollup_period = PeriodShown(allow_null=True)
    counts = serializers.DictField(child=serializers.IntegerField())
    rows = BoardRowShown(many=True)


class _OfBranch(ApiView):
    """An address of a branch's week."""

    def queryset_for(self, actor: Actor) -> QuerySet[RollUp]:
        return RollUp.objects.visible_to(actor).select_related("branch")

    def branch(self) -> Branch:
        """The branch, if the actor may see its week."""
        return branch_for(self.actor, self.kwargs["branch_id"])

    @property
    def week(self) -> Week:
        """The week of the address."""
        week: Week = self.kwargs["week"]
        return week

    def thing_again(self, pk: int) -> Any:
        """The address says which."""
        return self.thing()


class BoardView(_OfBranch, DetailView):
    """The supervisor's board of a week."""

    serializer_class = BoardShown

    def thing(self) -> Board:
        """As it stands."""
        return board(self.branch(), self.week, self.at)


class BoardWorkbook(_OfBranch, DownloadView):
    """The board as a workbook, filtered as on the page."""

    media_types = (XLSX,)
    choices = (
        QueryChoice("state", tuple(Standing.values), _("只要这种状态的人")),
        QueryChoice(
            "columns",
            (
                "name",
                "standing",
                "received",
                "days",
                "services",
                "texts",
                "notes",
                "job_number",
            ),
            _("要哪些列"),
            is_list=True,
        ),
    )

    def outgoing(self) -> Outgoing:
        """As it stands."""
        branch = self.branch()
        state = board(branch, self.week, self.at)
        made = board_workbook(
            state,
            columns_named(board_columns(state, local_date(self.at)), self.asked("columns")),
            self.at,
            standing="".join(self.asked("state")),
        )
        return Outgoing(
            f"{made.name}.xlsx", made.content, XLSX, rows=made.rows, branch_id=branch.pk
        )


class RemindBody(Body):
    """Whom to remind."""

    managers = serializers.ListField(child=IdField(), allow_empty=False, max_length=500)


class Reminded(serializers.Serializer[Any]):
    """Who was reminded; the others have filed, or were reminded just now."""

    reminded = serializers.ListField(child=serializers.IntegerField())


class BoardRemind(_OfBranch, ActionView):
    """Press the reminder button."""

    serializer_class = Reminded
    body_class = RemindBody
    needs_version = False

    def thing(self) -> Branch:
        """The branch."""
        return self.branch()

    def perform(
        self, thing: Branch, body: dict[str, Any], expected_version: int
    ) -> dict[str, list[int]]:
        """Remind."""
        reminded = reminders.remind(
            branch_id=thing.pk,
            week=self.week,
            manager_ids=body["managers"],
            actor=self.actor,
            at=self.at,
        )
        return {"reminded": sorted(reminded)}


# Roll-ups


@dataclass(frozen=True)
class BranchRollUp:
    """A branch's roll-up as it stands, or as it would begin."""

    branch: Branch
    week: Week
    period: DutyPeriod | None
    rollup: RollUp
    content: dict[str, Any]

    @property
    def version(self) -> int:
        """What a writer must have seen; 1 for one that nobody has touched."""
        return self.rollup.version


class RollUpVersionShown(serializers.ModelSerializer[RollUpVersion]):
    """A roll-up as it was sent."""

    sent_by = PersonRef()
    received_by = PersonRef(allow_null=True)

    class Meta:
        model = RollUpVersion
        fields: tuple[str, ...] = (
            "number",
            "archive_number",
            "digest",
            "why_corrected",
            "sent_at",
            "sent_by",
            "deadline_at",
            "minutes_late",
            "file",
            "message_id",
            "received_at",
            "received_by",
        )


class RollUpVersionWhole(RollUpVersionShown):
    """With its frozen content."""

    content = serializers.DictField()

    class Meta(RollUpVersionShown.Meta):
        fields = (*RollUpVersionShown.Meta.fields, "content")


class RollUpShown(serializers.ModelSerializer[RollUp]):
    """A roll-up without its content."""

    branch = BranchRef()

    class Meta:
        model = RollUp
        fields = ("id", "version", "branch", "week", "state", "newest", "updated_at")


class RollUpWhole(serializers.Serializer[Any]):
    """A roll-up with what it would contain if it were sent now."""

    version = serializers.IntegerField()
    branch = BranchRef()
    week = serializers.CharField(source="week.key")
    period = PeriodShown(allow_null=True)
    state = serializers.ChoiceField(choices=RollUpState.choices, source="rollup.state")
    comment = serializers.CharField(source="rollup.comment")
    left_out = serializers.ListField(child=serializers.CharField(), source="rollup.left_out")
    newest = serializers.IntegerField(source="rollup.newest")
    content = serializers.DictField()


class RollUpFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By week, branch, state."""

    week = django_filters.CharFilter()
    branch = IdFilter(field_name="branch_id")
    state = django_filters.ChoiceFilter(choices=RollUpState.choices)


class RollUpList(ListView):
    """Roll-ups that were begun, newest week first."""

    serializer_class = RollUpShown
    filterset_class = RollUpFilter
    order = ("-week", "-pk")
    updated_field = "updated_at"
    is_hidden = True

    def has_any(self, actor: Actor) -> bool:
        """Those who lead a branch, and those who see all of them."""
        return actor.reads_all or bool(actor.led_branches)

    def queryset_for(self, actor: Actor) -> QuerySet[RollUp]:
        """Visible roll-ups."""
        return RollUp.objects.visible_to(actor).select_related("branch")


class _OfRollUp(_OfBranch):
    serializer_class: Any = RollUpWhole

    def thing(self) -> Any:
        """The roll-up as it stands."""
        branch = self.branch()
        rollup = RollUp.objects.filter(branch=branch, week=self.week.key).first() or RollUp(
            branch=branch, week=self.week.key
        )
        return BranchRollUp(
            branch=branch,
            week=self.week,
            period=period_of("rollup", branch.pk, self.week),
            rollup=rollup,
            content=contents.rollup_content(
                branch,
                self.week,
                comment=rollup.comment,
                left_out=rollup.left_out,
                cut=self.at,
            ),
        )


class RollUpBody(Body):
    """The supervisor's comment, and items (``<manager>:<part>``) that stay out."""

    comment = serializers.CharField(max_length=rules.TEXT_AT_MOST, allow_blank=True)
    left_out = serializers.ListField(child=serializers.CharField(max_length=40), max_length=5000)


class RollUpDetail(_OfRollUp, ChangingView):
    """A branch's roll-up of a week; PATCH writes the comment and the choice of items."""

    body_class = RollUpBody

    def change(self, thing: BranchRollUp, changes: dict[str, Any], expected_version: int) -> RollUp:
        """Write."""
        return operations.write_rollup(
            branch_id=thing.branch.pk,
            week=self.week,
            comment=changes.get("comment", thing.rollup.comment),
            left_out=changes.get("left_out", thing.rollup.left_out),
            **self.acting(expected_version),
        )


class SendBody(Body):
    """Why it is sent again, when it is."""

    why_corrected = ReasonField()


class RollUpSend(_OfRollUp, ActionView):
    """Freeze the week and send it to the persons in charge."""

    body_class = SendBody

    def perform(
        self, thing: BranchRollUp, body: dict[str, Any], expected_version: int
    ) -> RollUpVersion:
        """Send."""
        return operations.send_rollup(
            branch_id=thing.branch.pk,
            week=self.week,
            expected_version=expected_version,
            why_corrected=body["why_corrected"],
            actor=self.actor,
            at=self.at,
        )

    def done(self, result: Any) -> Response:
        """The roll-up after it was sent."""
        return self.answer(self.thing())


class _RollUpVersions(_OfBranch):
    serializer_class: Any = RollUpVersionShown

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        versions = RollUpVersion.objects.filter(
            rollup__in=RollUp.objects.visible_to(actor).values("pk")
        ).select_related("rollup__branch", "sent_by", "received_by", "file")
        if getattr(self, "swagger_fake_view", False):
            return versions
        return versions.filter(rollup__branch=self.branch(), rollup__week=self.week.key)

    def thing(self) -> RollUpVersion:
        """The version with the number of the address."""
        found: RollUpVersion | None = (
            self.get_queryset().filter(number=self.kwargs["number"]).first()
        )
        if found is None:
            raise NotFound
        return found


class RollUpVersions(_RollUpVersions, ListView):
    """What was sent, newest first."""

    order = ("-number", "-pk")


class RollUpVersionDetail(_RollUpVersions, DetailView):
    """What was sent, with its frozen content."""

    serializer_class = RollUpVersionWhole


class RollUpReceive(_RollUpVersions, ActionView):
    """The group-customer office signs for a roll-up."""

    needs_version = False

    def perform(
        self, thing: RollUpVersion, body: dict[str, Any], expected_version: int
    ) -> RollUpVersion:
        """Receive."""
        return operations.receive_rollup(version_id=thing.pk, actor=self.actor, at=self.at)


class RollUpWorkbook(_RollUpVersions, DownloadView):
    """The workbook that was sent, unchanged; 404 until the worker has archived it."""

    media_types = (XLSX,)

    def outgoing(self) -> Outgoing:
        """The archived file."""
        version = self.thing()
        if version.file is None:
            raise NotFound
        return stored(version.file, rows=len(version.content["people"]))


_BOARD = "boards/<week:week>/<int:branch_id>/"
_ROLLUP = "rollups/<week:week>/<int:branch_id>/"
urlpatterns = [
    path(_BOARD, BoardView.as_view(), name="api-board"),
    path(f"{_BOARD}workbook/", BoardWorkbook.as_view(), name="api-board-workbook"),
    path(f"{_BOARD}remind/", BoardRemind.as_view(), name="api-board-remind"),
    path("rollups/", RollUpList.as_view(), name="api-rollups"),
    path(_ROLLUP, RollUpDetail.as_view(), name="api-rollup"),
    path(f"{_ROLLUP}send/", RollUpSend.as_view(), name="api-rollup-send"),
    path(f"{_ROLLUP}versions/", RollUpVersions.as_view(), name="api-rollup-versions"),
    path(
        f"{_ROLLUP}versions/<int:number>/",
        RollUpVersionDetail.as_view(),
        name="api-rollup-version",
    ),
    path(
        f"{_ROLLUP}versions/<int:number>/receive/",
        RollUpReceive.as_view(),
        name="api-rollup-receive",
    ),
    path(
        f"{_ROLLUP}versions/<int:number>/workbook/",
        RollUpWorkbook.as_view(),
        name="api-rollup-workbook",
    ),
]

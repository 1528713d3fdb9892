"""Actions of meetings and the agenda at hand over the API (annex 3.5)."""

from typing import Any, Final

import django_filters
from django.db.models import QuerySet
from django.urls import URLPattern, path
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Body, BranchRef, PersonRef, ReasonField
from core.api.filters import IdFilter
from core.api.parsers import FileParser
from core.api.views import ActionView, ApiView, DetailView, ListView
from core.evidence import Evidence
from meetings.choices import ActionState, ContributionKind, ContributionState
from meetings.models import Action, Meeting
from meetings.operations import actions as operations
from meetings.operations.actions import RESULT_AT_MOST
from meetings.permissions import can_see_meetings
from meetings.queries.actions import actions_for
from meetings.queries.agendas import agenda_for
from meetings.queries.occurrences import meeting_for
from worklogs.choices import Standing


class ActionShown(serializers.ModelSerializer[Action]):
    """An action as it stands; ``file`` is at /files/ and its content."""

    branch = BranchRef()
    owner = PersonRef()
    helpers = PersonRef(many=True)
    closed_by = PersonRef(allow_null=True)

    class Meta:
        model = Action
        fields = (
            "id",
            "version",
            "meeting",
            "branch",
            "content",
            "owner",
            "helpers",
            "due_on",
            "evidence",
            "state",
            "result",
            "file",
            "closed_at",
            "closed_by",
            "updated_at",
        )


class ActionFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By state, branch, owner, helper, meeting."""

    state = django_filters.ChoiceFilter(choices=ActionState.choices)
    branch = IdFilter(field_name="branch_id")
    owner = IdFilter(field_name="owner_id")
    helper = IdFilter(field_name="helpers")
    meeting = IdFilter(field_name="meeting_id")


class _Actions(ApiView):
    serializer_class: Any = ActionShown

    def queryset_for(self, actor: Actor) -> QuerySet[Action]:
        """Visible actions."""
        return actions_for(actor)


class MeetingActionList(_Actions, ListView):
    """What meetings decided, by due date."""

    filterset_class = ActionFilter
    order = ("due_on", "pk")
    updated_field = "updated_at"

    def has_any(self, actor: Actor) -> bool:
        """Not for those who have nothing to do with meetings."""
        return can_see_meetings(actor)


class MeetingActionDetail(_Actions, DetailView):
    """One action."""


class _OneAction(_Actions, ActionView):
    pass


class ActionCloseBody(Body):
    """What came of it; with a file it is sent as multipart/form-data."""

    result = serializers.CharField(max_length=RESULT_AT_MOST)
    file = serializers.FileField(max_length=200, required=False, allow_empty_file=True)


class MeetingActionClose(_OneAction):
    """It is done; with a file as multipart/form-data."""

    body_class = ActionCloseBody

    def get_parsers(self) -> list[Any]:
        """JSON, or a form with a file."""
        return [*super().get_parsers(), FileParser()]

    def perform(self, thing: Action, body: dict[str, Any], expected_version: int) -> Action:
        """Close."""
        given = body.get("file")
        return operations.close_action(
            action_id=thing.pk,
            result=body["result"],
            evidence=Evidence(given.name, given.read()) if given else None,
            **self.acting(expected_version),
        )


class ActionWhyBody(Body):
    """Why."""

    why = ReasonField(allow_blank=False, default=serializers.empty)


class _WithReason(_OneAction):
    body_class = ActionWhyBody

    def pointer_of(self, name: str) -> str:
        """The reason stands at /why."""
        return "/why" if name == "reason" else super().pointer_of(name)


class MeetingActionDrop(_WithReason):
    """Whoever leads the branch takes it back."""

    def perform(self, thing: Action, body: dict[str, Any], expected_version: int) -> Action:
        """Take back."""
        return operations.drop_action(
            action_id=thing.pk, why=body["why"], **self.acting(expected_version)
        )


class MeetingActionReopen(_WithReason):
    """It is to be done after all."""

    def perform(self, thing: Action, body: dict[str, Any], expected_version: int) -> Action:
        """Reopen."""
        return operations.reopen_action(
            action_id=thing.pk, why=body["why"], **self.acting(expected_version)
        )


# The agenda at hand


class ToPassOnShown(serializers.Serializer[Any]):
    """A document to pass on, and how many of the branch do not know it yet."""

    id = serializers.IntegerField(source="document.pk")
    title = serializers.CharField(source="document.title")
    reference = serializers.CharField(source="document.reference")
    level = serializers.IntegerField(source="document.level")
    tell_by = serializers.DateField(source="document.tell_by")
    untold = serializers.IntegerField()


class PriorityShown(serializers.Serializer[Any]):
    """What matters now; of a to-do with its owner and day."""

    text = serializers.CharField()
    who = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)


class ReportShown(serializers.Serializer[Any]):
    """A manager's week beside his name."""

    manager = PersonRef(source="row.manager")
    standing = serializers.ChoiceField(choices=Standing.choices, source="row.standing")
    services = serializers.IntegerField(source="row.services")
    conclusions = serializers.CharField()


class CustomersMonthShown(serializers.Serializer[Any]):
    """A month of the branch's group or personal key customers; revenue in yuan."""

    kind = serializers.CharField()
    customers = serializers.IntegerField()
    revenue = serializers.DecimalField(max_digits=16, decimal_places=2)
    lost = serializers.IntegerField()
    warned = serializers.IntegerField()
    ending = serializers.IntegerField()
    served = serializers.IntegerField()
    services = serializers.IntegerField()
    on_site = serializers.IntegerField()
    complaints = serializers.IntegerField()
    services_before = serializers.IntegerField()


class HandedInShown(serializers.Serializer[Any]):
    """A case or a question handed in for the analysis meeting."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=ContributionKind.choices)
    state = serializers.ChoiceField(choices=ContributionState.choices)
    title = serializers.CharField()
    author = PersonRef()


class AgendaShown(serializers.Serializer[Any]):
    """What a sitting has before it; what does not belong to its kinds is empty.

    Reports and figures are for whoever leads or inspects; a manager sees his own report.
    """

    documents = ToPassOnShown(many=True)
    actions = ActionShown(many=True)
    priorities = PriorityShown(many=True)
    week = serializers.CharField(source="week.key", default=None)
    reports = ReportShown(many=True)
    month = serializers.CharField(source="month.key", default=None)
    figures = CustomersMonthShown(many=True)
    contributions = HandedInShown(many=True)


class MeetingAgenda(ApiView):
    """The agenda at hand of a meeting's sitting."""

    serializer_class = AgendaShown

    def queryset_for(self, actor: Actor) -> QuerySet[Meeting]:
        """Visible meetings."""
        return Meeting.objects.visible_to(actor)

    def get(self, request: Any, **kwargs: Any) -> Any:
        """The agenda."""
        meeting = meeting_for(self.actor, self.kwargs["pk"])
        return self.answer(agenda_for(self.actor, meeting, self.at))


_ACTION: Final = "meeting-actions/<int:pk>/"
urlpatterns: list[URLPattern] = [
    path("meetings/<int:pk>/agenda/", MeetingAgenda.as_view(), name="api-meeting-agenda"),
    path("meeting-actions/", MeetingActionList.as_view(), name="api-meeting-actions"),
    path(_ACTION, MeetingActionDetail.as_view(), name="api-meeting-action"),
    path(f"{_ACTION}close/", MeetingActionClose.as_view(), name="api-meeting-action-close"),
    path(f"{_ACTION}drop/", MeetingActionDrop.as_view(), name="api-meeting-action-drop"),
    path(f"{_ACTION}reopen/", MeetingActionReopen.as_view(), name="api-meeting-action-reopen"),
]

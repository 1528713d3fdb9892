"""Occurrences over the API: listed, laid out, moved, cancelled, combined, handed on."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Body, BranchRef, DayField, IdField, PersonRef
from core.api.filters import IdFilter
from core.api.views import ActionView, ApiView, DetailView, ListView
from meetings.choices import MeetingKind, MeetingState
from meetings.models import Meeting
from meetings.operations import combining, delegations, occurrences
from meetings.permissions import can_see_meetings
from meetings.queries.occurrences import (
    Posts,
    kinds_of,
    meetings_for,
    posts_for,
    standing,
)
from meetings.steps import REASON_AT_MOST
from meetings.words import reason_of


class DelegationShown(serializers.Serializer[Any]):
    """Who holds it instead, by whom, why."""

    delegate = PersonRef()
    given_by = PersonRef()
    given_at = serializers.DateTimeField()
    reason = serializers.CharField()


class MeetingShown(serializers.ModelSerializer[Meeting]):
    """An occurrence. ``kinds`` are the duties its sitting discharges; ``sitting`` is the meeting
    with which it is held together; ``standing`` says "not_held" where its time is over."""

    branch = BranchRef()
    kinds = serializers.SerializerMethodField()
    standing = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    chair = PersonRef(allow_null=True)
    recorder = PersonRef(allow_null=True)
    delegation = serializers.SerializerMethodField()

    class Meta:
        model = Meeting
        fields: tuple[str, ...] = (
            "id",
            "version",
            "kind",
            "kinds",
            "branch",
            "key",
            "planned_on",
            "on",
            "starts_at",
            "ends_at",
            "place",
            "state",
            "standing",
            "reason",
            "sitting",
            "sequence",
            "delegation",
            "chair",
            "recorder",
            "room_at",
            "opened_at",
            "closed_at",
            "level",
            "updated_at",
        )

    def get_kinds(self, meeting: Meeting) -> list[str]:
        """The duties of the sitting, its own first."""
        return list(kinds_of(meeting))

    def get_standing(self, meeting: Meeting) -> str:
        """How it stands now."""
        return standing(meeting, self.context["view"].at)

    def get_reason(self, meeting: Meeting) -> str:
        """Why it is not as planned."""
        return reason_of(meeting)

    @extend_schema_field(DelegationShown(allow_null=True))
    def get_delegation(self, meeting: Meeting) -> Any:
        """The delegation that counts; two queries for all the meetings that are shown."""
        given = self._posts.delegation(meeting)
        return DelegationShown(given).data if given else None

    @cached_property
    def _posts(self) -> Posts:
        shown = self.parent.instance if self.instance is None else self.instance
        return posts_for([shown] if isinstance(shown, Meeting) else list(shown or ()))


class MeetingWhole(MeetingShown):
    """With whoever must attend it, and of whom one must hold it."""

    expected = serializers.SerializerMethodField()
    holders = serializers.SerializerMethodField()

    class Meta(MeetingShown.Meta):
        fields = (*MeetingShown.Meta.fields, "expected", "holders")

    @extend_schema_field(PersonRef(many=True))
    def get_expected(self, meeting: Meeting) -> Any:
        """Whoever must attend."""
        people = posts_for([meeting]).expected(meeting)
        return PersonRef(people, many=True).data

    @extend_schema_field(PersonRef(many=True))
    def get_holders(self, meeting: Meeting) -> Any:
        """Of whom one must hold it; where somebody is delegated, only he may."""
        people = posts_for([meeting]).holders(meeting)
        return PersonRef(people, many=True).data


class MeetingFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By kind, branch, state, key of the period, and by day."""

    kind = django_filters.ChoiceFilter(choices=MeetingKind.choices)
    branch = IdFilter(field_name="branch_id")
    state = django_filters.ChoiceFilter(choices=MeetingState.choices)
    key = django_filters.CharFilter()
    on_from = django_filters.DateFilter(field_name="on", lookup_expr="gte")
    on_to = django_filters.DateFilter(field_name="on", lookup_expr="lte")


class _Meetings(ApiView):
    serializer_class: Any = MeetingShown

    def queryset_for(self, actor: Actor) -> QuerySet[Meeting]:
        """Meetings of the branches the actor sees."""
        found = meetings_for(actor) if can_see_meetings(actor) else Meeting.objects.none()
        return found.select_related("chair", "recorder").prefetch_related("delegations__given_by")


class MeetingList(_Meetings, ListView):
    """Occurrences, the latest first."""

    filterset_class = MeetingFilter
    order = ("-starts_at", "-pk")
    updated_field = "updated_at"

    def has_any(self, actor: Actor) -> bool:
        """Not for those who have nothing to do with them."""
        return can_see_meetings(actor)


class _OneMeeting(_Meetings):
    serializer_class: Any = MeetingWhole


class MeetingDetail(_OneMeeting, DetailView):
    """One occurrence with its people."""


class LaidOut(serializers.Serializer[Any]):
    """How many meetings were made."""

    made = serializers.IntegerField()


class MeetingLayOut(ActionView):
    """Have a branch's meetings of a month appear now."""

    serializer_class: Any = LaidOut
    needs_version = False

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """Of nothing in particular."""
        return Meeting.objects.none()

    def thing(self) -> None:
        """Nothing in particular."""

    def perform(self, thing: None, body: dict[str, Any], expected_version: int) -> dict[str, int]:
        """Lay out."""
        made = occurrences.lay_out_month(
            branch_id=self.kwargs["branch"],
            month=self.kwargs["month"],
            actor=self.actor,
            at=self.at,
        )
        return {"made": made}


class ReasonBody(Body):
    """Why."""

    reason = serializers.CharField(max_length=REASON_AT_MOST)


class MoveBody(ReasonBody):
    """Another day or hour within its day, week or month."""

    on = DayField()
    start = serializers.TimeField()


class JoinBody(Body):
    """The meeting that is held together with it."""

    joined = IdField()


class DelegateBody(ReasonBody):
    """Who holds it instead."""

    delegate = IdField()


class _MeetingAction(_OneMeeting, ActionView):
    pass


class MeetingMove(_MeetingAction):
    """Hold it at another time."""

    body_class = MoveBody

    def perform(self, thing: Meeting, body: dict[str, Any], expected_version: int) -> Meeting:
        """Move."""
        return occurrences.move_meeting(
            meeting_id=thing.pk,
            on=body["on"],
            start=body["start"],
            reason=body["reason"],
            **self.acting(expected_version),
        )


class MeetingCancel(_MeetingAction):
    """Say that it does not take place."""

    body_class = ReasonBody

    def perform(self, thing: Meeting, body: dict[str, Any], expected_version: int) -> Meeting:
        """Cancel."""
        return occurrences.cancel_meeting(
            meeting_id=thing.pk, reason=body["reason"], **self.acting(expected_version)
        )


class MeetingRestore(_MeetingAction):
    """Take the cancellation back."""

    def perform(self, thing: Meeting, body: dict[str, Any], expected_version: int) -> Meeting:
        """Restore."""
        return occurrences.restore_meeting(meeting_id=thing.pk, **self.acting(expected_version))


class MeetingCombine(_MeetingAction):
    """Hold another meeting together with it, at its time."""

    body_class = JoinBody

    def perform(self, thing: Meeting, body: dict[str, Any], expected_version: int) -> Meeting:
        """Combine."""
        return combining.combine_meetings(
            lead_id=thing.pk, joined_id=body["joined"], **self.acting(expected_version)
        )


class MeetingSeparate(_MeetingAction):
    """Hold it on its own again."""

    def perform(self, thing: Meeting, body: dict[str, Any], expected_version: int) -> Meeting:
        """Separate."""
        return combining.separate_meetings(joined_id=thing.pk, **self.acting(expected_version))


class MeetingDelegate(_MeetingAction):
    """Name who holds it instead."""

    body_class = DelegateBody

    def perform(self, thing: Meeting, body: dict[str, Any], expected_version: int) -> Meeting:
        """Delegate."""
        return delegations.delegate_holding(
            meeting_id=thing.pk,
            delegate_id=body["delegate"],
            reason=body["reason"],
            **self.acting(expected_version),
        )


class MeetingDelegateEnd(_MeetingAction):
    """Take the delegation back."""

    def perform(self, thing: Meeting, body: dict[str, Any], expected_version: int) -> Meeting:
        """End it."""
        return delegations.end_delegation(meeting_id=thing.pk, **self.acting(expected_version))


_MEETING = "meetings/<int:pk>/"
urlpatterns: list[URLPattern] = [
    path("meetings/", MeetingList.as_view(), name="api-meetings"),
    path(
        "meetings/<month:month>/<int:branch>/lay-out/",
        MeetingLayOut.as_view(),
        name="api-meetings-lay-out",
    ),
    path(_MEETING, MeetingDetail.as_view(), name="api-meeting"),
    path(f"{_MEETING}move/", MeetingMove.as_view(), name="api-meeting-move"),
    path(f"{_MEETING}cancel/", MeetingCancel.as_view(), name="api-meeting-cancel"),
    path(f"{_MEETING}restore/", MeetingRestore.as_view(), name="api-meeting-restore"),
    path(f"{_MEETING}combine/", MeetingCombine.as_view(), name="api-meeting-combine"),
    path(f"{_MEETING}separate/", MeetingSeparate.as_view(), name="api-meeting-separate"),
    path(f"{_MEETING}delegate/", MeetingDelegate.as_view(), name="api-meeting-delegate"),
    path(f"{_MEETING}delegate/end/", MeetingDelegateEnd.as_view(), name="api-meeting-delegate-end"),
]

"""Notices of absence over the API (M1.2): given, taken back, decided."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import URLPattern, path
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Body, PersonRef
from core.api.filters import IdFilter
from core.api.views import ActionView, ApiView, DetailView, ListView
from meetings.choices import AbsenceKind, AbsenceState
from meetings.models import Absence, Meeting
from meetings.operations import absences as operations
from meetings.permissions import can_see_meetings
from meetings.queries.occurrences import meeting_for
from meetings.queries.rooms import absences_for, is_excused_by
from meetings.steps import REASON_AT_MOST


class AbsenceShown(serializers.ModelSerializer[Absence]):
    """A notice; ``is_excused`` whether it excuses as it stands."""

    person = PersonRef()
    decided_by = PersonRef(allow_null=True)
    is_excused = serializers.SerializerMethodField()

    class Meta:
        model = Absence
        fields = (
            "id",
            "meeting",
            "person",
            "kind",
            "reason",
            "given_at",
            "is_in_time",
            "state",
            "is_excused",
            "decided_at",
            "decided_by",
            "opinion",
            "updated_at",
        )

    def get_is_excused(self, absence: Absence) -> bool:
        """By the rule until it is decided (M1.2)."""
        return is_excused_by(absence)


class AbsenceFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By state, meeting, person, branch, and whether it came in time."""

    state = django_filters.ChoiceFilter(choices=AbsenceState.choices)
    meeting = IdFilter(field_name="meeting_id")
    person = IdFilter(field_name="person_id")
    branch = IdFilter(field_name="meeting__branch_id")
    is_in_time = django_filters.BooleanFilter()


class _Absences(ApiView):
    serializer_class: Any = AbsenceShown

    def queryset_for(self, actor: Actor) -> QuerySet[Absence]:
        """One's own, and those of the branches one leads."""
        return absences_for(actor)


class AbsenceList(_Absences, ListView):
    """Notices, newest first."""

    filterset_class = AbsenceFilter
    order = ("-given_at", "-pk")
    updated_field = "updated_at"

    def has_any(self, actor: Actor) -> bool:
        """Not for those who have nothing to do with meetings."""
        return can_see_meetings(actor)


class AbsenceDetail(_Absences, DetailView):
    """One notice."""


class AbsenceBody(Body):
    """Leave, or out with a customer; and why."""

    kind = serializers.ChoiceField(choices=AbsenceKind.choices, default=AbsenceKind.LEAVE)
    reason = serializers.CharField(max_length=REASON_AT_MOST)


class AbsenceGive(ActionView):
    """Give notice for a meeting that one must attend."""

    serializer_class: Any = AbsenceShown
    body_class = AbsenceBody
    needs_version = False
    done_status = 201

    def queryset_for(self, actor: Actor) -> QuerySet[Absence]:
        """One's own, and those of the branches one leads."""
        return absences_for(actor)

    def thing(self) -> Meeting:
        """The meeting."""
        return meeting_for(self.actor, self.kwargs["pk"])

    def perform(self, thing: Meeting, body: dict[str, Any], expected_version: int) -> Absence:
        """Give it."""
        return operations.give_absence(
            meeting_id=thing.pk,
            kind=body["kind"],
            reason=body["reason"],
            actor=self.actor,
            at=self.at,
        )


class AbsenceWithdraw(_Absences, ActionView):
    """Take one's own back."""

    needs_version = False

    def perform(self, thing: Absence, body: dict[str, Any], expected_version: int) -> Absence:
        """Withdraw."""
        return operations.withdraw_absence(absence_id=thing.pk, actor=self.actor, at=self.at)


class AbsenceDecideBody(Body):
    """Whether it is accepted; refused, why."""

    is_accepted = serializers.BooleanField()
    opinion = serializers.CharField(max_length=REASON_AT_MOST, allow_blank=True, default="")


class AbsenceDecide(_Absences, ActionView):
    """Accept or refuse a notice; a decision can be changed."""

    body_class = AbsenceDecideBody
    needs_version = False

    def perform(self, thing: Absence, body: dict[str, Any], expected_version: int) -> Absence:
        """Decide."""
        return operations.decide_absence(
            absence_id=thing.pk,
            is_accepted=body["is_accepted"],
            opinion=body["opinion"],
            actor=self.actor,
            at=self.at,
        )


urlpatterns: list[URLPattern] = [
    path("absences/", AbsenceList.as_view(), name="api-absences"),
    path("absences/<int:pk>/", AbsenceDetail.as_view(), name="api-absence"),
    path("absences/<int:pk>/withdraw/", AbsenceWithdraw.as_view(), name="api-absence-withdraw"),
    path("absences/<int:pk>/decide/", AbsenceDecide.as_view(), name="api-absence-decide"),
    path("meetings/<int:pk>/absence/", AbsenceGive.as_view(), name="api-absence-give"),
]

"""People, their roles, one-time passwords."""

from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Body, BranchRef, DayField, IdField, PersonRef, ReasonField
from core.api.filters import IdFilter, YesNoFilter
from core.api.views import ActionView, ApiView, ChangingView, CreatingView, DetailView
from core.errors import NotAllowed, NotFound, Refused
from core.periods import local_date
from organization.api.branches import CloseBody
from organization.api.roles import GrantShown
from organization.choices import ADMIN_SCOPE, Gender, Role
from organization.models import Person, RoleGrant
from organization.operations import access, people, roles
from organization.passwords import one_time_ends_at
from organization.permissions import can_grant


class PersonShown(serializers.ModelSerializer[Person]):
    """An employee; the phone is masked. ``roles`` are those in force today."""

    branch = BranchRef()
    reports_to = PersonRef(allow_null=True)
    phone = serializers.CharField(source="phone_masked")
    roles = serializers.SerializerMethodField()

    class Meta:
        model = Person
        fields = (
            "id",
            "version",
            "job_number",
            "name",
            "gender",
            "branch",
            "post",
            "reports_to",
            "phone",
            "email",
            "joined_on",
            "left_on",
            "note",
            "roles",
        )

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(Role.choices)))
    def get_roles(self, person: Person) -> list[str]:
        """The roles, in the order of the regulation."""
        held = {grant.role for grant in person.held}  # type: ignore[attr-defined]
        return [role.value for role in Role if role in held]


class _PersonFields(Body):
    name = serializers.CharField(max_length=60)
    branch = IdField()
    gender = serializers.ChoiceField(choices=Gender.choices, allow_blank=True, default="")
    post = serializers.CharField(max_length=40, allow_blank=True, default="")
    reports_to = IdField(allow_null=True, default=None)
    phone = serializers.CharField(max_length=20, allow_blank=True, default="")
    email = serializers.EmailField(allow_blank=True, default="")
    joined_on = DayField(allow_null=True, default=None)
    note = serializers.CharField(max_length=200, allow_blank=True, default="")


class PersonChange(_PersonFields):
    """What may be changed of an employee."""


class PersonBody(_PersonFields):
    """A new employee."""

    job_number = serializers.CharField(max_length=20)


class PersonFilter(django_filters.FilterSet):  # type: ignore[misc]
    """``q`` finds by name, pinyin, initials, job number and phone tail."""

    q = django_filters.CharFilter(method="search")
    branch = IdFilter(field_name="branch_id")
    job_number = django_filters.CharFilter()
    has_left = YesNoFilter(field_name="left_on", lookup_expr="isnull", exclude=True)

    def search(self, queryset: Any, name: str, value: str) -> Any:
        """Every word must be found."""
        for word in value.lower().split():
            queryset = queryset.filter(search_text__contains=word)
        return queryset


_NAMES = {"branch": "branch_id", "reports_to": "reports_to_id"}


def _for_operation(body: dict[str, Any]) -> dict[str, Any]:
    return {_NAMES.get(name, name): value for name, value in body.items()}


class _People(ApiView):
    serializer_class: Any = PersonShown
    scope = ADMIN_SCOPE

    def queryset_for(self, actor: Actor) -> QuerySet[Person]:
        """Visible people with the roles in force."""
        grants = RoleGrant.objects.in_force_on(local_date(self.at))
        return (
            Person.objects.visible_to(actor)
            .select_related("branch", "reports_to")
            .prefetch_related(Prefetch("grants", queryset=grants, to_attr="held"))
        )

    def pointer_of(self, name: str) -> str:
        """``branch_id`` is ``branch`` here, and so on."""
        return f"/{name.removesuffix('_id')}" if name else ""


class PersonList(_People, CreatingView):
    """People the actor sees, by name; one more."""

    filterset_class = PersonFilter
    body_class = PersonBody
    order = ("sort_key", "pk")

    def create(self, body: dict[str, Any]) -> Person:
        """Add somebody."""
        return people.add_person(**_for_operation(body), actor=self.actor, at=self.at)

    def address_of(self, thing: Person) -> str:
        """Where the person is."""
        return reverse("api-person", args=[thing.pk])


class PersonDetail(_People, ChangingView):
    """One person, and changes."""

    body_class = PersonChange

    def change(self, thing: Person, changes: dict[str, Any], expected_version: int) -> Person:
        """Change the person's values."""
        return people.change_person(
            person_id=thing.pk,
            changes=_for_operation(changes),
            **self.acting(expected_version),
        )


class PersonClose(_People, ActionView):
    """Somebody leaves on a day, the first one off."""

    body_class = CloseBody

    def perform(self, thing: Person, body: dict[str, Any], expected_version: int) -> Person:
        """Close the person."""
        return people.close_person(
            person_id=thing.pk,
            **body,
            **self.acting(expected_version),
        )


class OneTimePassword(serializers.Serializer[Any]):
    """Shown in this answer and never again; good until ``expires_at``."""

    password = serializers.CharField()
    expires_at = serializers.DateTimeField()


class PersonResetPassword(_People, ActionView):
    """Give somebody a one-time password; every session and token of that person ends."""

    serializer_class: Any = OneTimePassword
    needs_version = False
    # The answer holds a password: it is never stored for a repeat.
    is_kept = False

    def perform(self, thing: Person, body: dict[str, Any], expected_version: int) -> dict[str, Any]:
        """Reset it."""
        password = access.reset_password(person_id=thing.pk, actor=self.actor, at=self.at)
        return {"password": password, "expires_at": one_time_ends_at(self.at)}


class GrantFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By person, branch, role, acting or not, in force on a day."""

    person = IdFilter(field_name="person_id")
    branch = IdFilter(field_name="branch_id")
    role = django_filters.ChoiceFilter(choices=Role.choices)
    is_acting = YesNoFilter()
    on = django_filters.DateFilter(method="in_force")

    def in_force(self, queryset: Any, name: str, value: Any) -> Any:
        """Those that hold on the day."""
        return queryset.in_force_on(value)


class GrantBody(Body):
    """A role, where it counts, from when until when (that day excluded)."""

    person = IdField()
    role = serializers.ChoiceField(choices=Role.choices)
    branch = IdField()
    valid_from = DayField()
    valid_to = DayField(allow_null=True, default=None)
    why = ReasonField()


class _Grants(ApiView):
    serializer_class: Any = GrantShown

    def queryset_for(self, actor: Actor) -> QuerySet[RoleGrant]:
        """Roles of people the actor sees, and of branches the actor leads."""
        return RoleGrant.objects.visible_to(actor).select_related("person", "branch")

    def pointer_of(self, name: str) -> str:
        """``person_id`` is ``person`` here, and so on."""
        return f"/{name.removesuffix('_id')}" if name else ""


class GrantList(_Grants, CreatingView):
    """Roles, newest first; one more."""

    scope = ADMIN_SCOPE
    filterset_class = GrantFilter
    body_class = GrantBody
    order = ("-valid_from", "-pk")

    def create(self, body: dict[str, Any]) -> RoleGrant:
        """Grant it; a person who is not there is a fault of the body."""
        if not can_grant(self.actor):
            raise NotAllowed(_("角色由安全管理员授予。"))
        try:
            return roles.grant_role(
                person_id=body.pop("person"),
                branch_id=body.pop("branch"),
                **body,
                actor=self.actor,
                at=self.at,
            )
        except NotFound:
            raise Refused(_("没有这个人。"), field="person") from None

    def address_of(self, thing: RoleGrant) -> str:
        """Where the grant is."""
        return reverse("api-role", args=[thing.pk])


class GrantDetail(_Grants, DetailView):
    """One role of somebody."""


class EndBody(Body):
    """The first day without the role, and why."""

    on = DayField()
    why = ReasonField()


class GrantEnd(_Grants, ActionView):
    """End a role on a day."""

    scope = ADMIN_SCOPE
    body_class = EndBody
    needs_version = False

    def perform(self, thing: RoleGrant, body: dict[str, Any], expected_version: int) -> RoleGrant:
        """End it."""
        return roles.end_role(grant_id=thing.pk, **body, actor=self.actor, at=self.at)


class WhyBody(Body):
    """Why."""

    why = ReasonField()


class ActingEnd(_Grants, ActionView):
    """End an acting appointment today."""

    body_class = WhyBody
    needs_version = False

    def perform(self, thing: RoleGrant, body: dict[str, Any], expected_version: int) -> RoleGrant:
        """End it."""
        return roles.end_acting(grant_id=thing.pk, **body, actor=self.actor, at=self.at)


urlpatterns = [
    path("people/", PersonList.as_view(), name="api-people"),
    path("people/<int:pk>/", PersonDetail.as_view(), name="api-person"),
    path("people/<int:pk>/close/", PersonClose.as_view(), name="api-person-close"),
    path(
        "people/<int:pk>/reset-password/",
        PersonResetPassword.as_view(),
        name="api-password-reset",
    ),
    path("roles/", GrantList.as_view(), name="api-roles"),
    path("roles/<int:pk>/", GrantDetail.as_view(), name="api-role"),
    path("roles/<int:pk>/end/", GrantEnd.as_view(), name="api-role-end"),
    path("roles/<int:pk>/end-acting/", ActingEnd.as_view(), name="api-acting-end"),
]

"""Branches, and who acts as their supervisor."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Body, DayField, IdField, ReasonField
from core.api.filters import YesNoFilter
from core.api.views import ActionView, ApiView, ChangingView, CreatingView
from organization.api.roles import GrantShown
from organization.choices import ADMIN_SCOPE, BranchKind
from organization.models import Branch, RoleGrant
from organization.operations import branches, roles


class BranchShown(serializers.ModelSerializer[Branch]):
    """Head office or a branch."""

    class Meta:
        model = Branch
        fields = (
            "id",
            "version",
            "code",
            "name",
            "kind",
            "address",
            "phone",
            "opened_on",
            "closed_on",
        )


class BranchBody(Body):
    """A new branch."""

    code = serializers.CharField(max_length=20)
    name = serializers.CharField(max_length=60)
    kind = serializers.ChoiceField(choices=BranchKind.choices, default=BranchKind.BRANCH)
    address = serializers.CharField(max_length=200, allow_blank=True, default="")
    phone = serializers.CharField(max_length=40, allow_blank=True, default="")
    opened_on = DayField(allow_null=True, default=None)


class BranchChange(Body):
    """What may be changed of a branch."""

    name = serializers.CharField(max_length=60)
    address = serializers.CharField(max_length=200, allow_blank=True)
    phone = serializers.CharField(max_length=40, allow_blank=True)
    opened_on = DayField(allow_null=True)


class BranchFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By code, by kind, open or closed."""

    code = django_filters.CharFilter()
    kind = django_filters.ChoiceFilter(choices=BranchKind.choices)
    is_open = YesNoFilter(field_name="closed_on", lookup_expr="isnull")


class _Branches(ApiView):
    serializer_class: Any = BranchShown
    scope = ADMIN_SCOPE

    def queryset_for(self, actor: Actor) -> QuerySet[Branch]:
        """Visible branches."""
        return Branch.objects.visible_to(actor)


class BranchList(_Branches, CreatingView):
    """Branches the actor belongs to or may see, by code; one more."""

    filterset_class = BranchFilter
    body_class = BranchBody
    order = ("code", "pk")

    def create(self, body: dict[str, Any]) -> Branch:
        """Add a branch."""
        return branches.add_branch(**body, actor=self.actor, at=self.at)

    def address_of(self, thing: Branch) -> str:
        """Where it is."""
        return reverse("api-branch", args=[thing.pk])


class BranchDetail(_Branches, ChangingView):
    """One branch, and changes to it."""

    body_class = BranchChange

    def change(self, thing: Branch, changes: dict[str, Any], expected_version: int) -> Branch:
        """Change it."""
        return branches.change_branch(
            branch_id=thing.pk,
            changes=changes,
            **self.acting(expected_version),
        )


class CloseBody(Body):
    """From which day on it is closed, and why."""

    on = DayField()
    why = ReasonField()


class BranchClose(_Branches, ActionView):
    """Close a branch on a day."""

    body_class = CloseBody

    def perform(self, thing: Branch, body: dict[str, Any], expected_version: int) -> Branch:
        """Close it."""
        return branches.close_branch(
            branch_id=thing.pk,
            **body,
            **self.acting(expected_version),
        )


class ActingBody(Body):
    """Who acts as supervisor, from the first day to the last, both included."""

    person = IdField()
    first = DayField()
    last = DayField()
    why = ReasonField()


class BranchActing(ActionView):
    """Name who acts as supervisor of the branch (annex 2, 1)."""

    serializer_class: Any = GrantShown
    body_class = ActingBody
    needs_version = False
    done_status = 201

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """Visible branches."""
        return Branch.objects.visible_to(actor)

    def pointer_of(self, name: str) -> str:
        """``person_id`` is ``person`` here."""
        return super().pointer_of(name.removesuffix("_id"))

    def perform(self, thing: Branch, body: dict[str, Any], expected_version: int) -> RoleGrant:
        """Appoint."""
        return roles.appoint_acting(
            person_id=body["person"],
            branch_id=thing.pk,
            first=body["first"],
            last=body["last"],
            why=body["why"],
            actor=self.actor,
            at=self.at,
        )

    def done(self, result: Any) -> Any:
        """The appointment."""
        return self.answer(self.thing_again(result.pk), status=self.done_status)

    def thing_again(self, pk: int) -> RoleGrant:
        """The appointment as it is now."""
        return RoleGrant.objects.select_related("branch", "person").get(pk=pk)


urlpatterns = [
    path("branches/", BranchList.as_view(), name="api-branches"),
    path("branches/<int:pk>/", BranchDetail.as_view(), name="api-branch"),
    path("branches/<int:pk>/close/", BranchClose.as_view(), name="api-branch-close"),
    path("branches/<int:pk>/acting/", BranchActing.as_view(), name="api-branch-acting"),
]

"""Settings by date of effect."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Body, BranchRef, DayField, IdField
from core.api.filters import IdFilter, YesNoFilter
from core.api.views import ActionView, ApiView, CreatingView, DetailView
from organization.choices import ADMIN_SCOPE
from organization.models import BranchSetting
from organization.operations import settings
from organization.settings import KEYS


class SettingShown(serializers.ModelSerializer[BranchSetting]):
    """A setting of a branch (null: of the company) from a day on."""

    branch = BranchRef(allow_null=True)
    value = serializers.JSONField()

    class Meta:
        model = BranchSetting
        fields = ("id", "branch", "key", "value", "valid_from", "set_by_name", "set_at")


class SettingBody(Body):
    """A value from a day on: a time as "17:30", times as a list of such, a number."""

    branch = IdField(allow_null=True)
    key = serializers.ChoiceField(choices=list(KEYS))
    value = serializers.JSONField()
    valid_from = DayField()


class SettingFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By branch, key, of the company alone."""

    branch = IdFilter(field_name="branch_id")
    key = django_filters.ChoiceFilter(choices=[(key, key) for key in KEYS])
    is_company = YesNoFilter(field_name="branch", lookup_expr="isnull")


class _Settings(ApiView):
    serializer_class: Any = SettingShown
    scope = ADMIN_SCOPE

    def queryset_for(self, actor: Actor) -> QuerySet[BranchSetting]:
        """The company's settings, and those of branches the actor sees."""
        return BranchSetting.objects.visible_to(actor).select_related("branch")


class SettingList(_Settings, CreatingView):
    """Settings, the latest day first; one more."""

    filterset_class = SettingFilter
    body_class = SettingBody
    order = ("-valid_from", "-pk")
    updated_field = "set_at"

    def create(self, body: dict[str, Any]) -> BranchSetting:
        """Set it."""
        return settings.set_setting(
            branch_id=body["branch"],
            key=body["key"],
            value=body["value"],
            valid_from=body["valid_from"],
            actor=self.actor,
            at=self.at,
        )

    def address_of(self, thing: BranchSetting) -> str:
        """Where the setting is."""
        return reverse("api-setting", args=[thing.pk])


class SettingDetail(_Settings, DetailView):
    """One setting."""


class Withdrawn(serializers.Serializer[Any]):
    """The id of what was taken back."""

    withdrawn = serializers.IntegerField()


class SettingWithdraw(_Settings, ActionView):
    """Take back a setting that has not begun."""

    serializer_class: Any = Withdrawn
    needs_version = False

    def perform(
        self, thing: BranchSetting, body: dict[str, Any], expected_version: int
    ) -> dict[str, int]:
        """Withdraw it."""
        settings.withdraw_setting(setting_id=thing.pk, actor=self.actor, at=self.at)
        return {"withdrawn": self.kwargs["pk"]}


urlpatterns = [
    path("settings/", SettingList.as_view(), name="api-settings"),
    path("settings/<int:pk>/", SettingDetail.as_view(), name="api-setting"),
    path("settings/<int:pk>/withdraw/", SettingWithdraw.as_view(), name="api-setting-withdraw"),
]

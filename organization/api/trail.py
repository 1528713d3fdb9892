"""The trail, for the auditor."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers

from core.actors import Actor
from core.api.filters import IdFilter, MomentFilter
from core.api.views import ApiView, DetailView, ListView
from core.errors import NotAllowed
from core.models import AuditRow
from organization.permissions import can_audit


class AuditRowShown(serializers.ModelSerializer[AuditRow]):
    """Who did what to what, when, from where; what changed, before and after."""

    before = serializers.DictField()
    after = serializers.DictField()

    class Meta:
        model = AuditRow
        fields = (
            "id",
            "at",
            "actor_id",
            "actor_name",
            "actor_roles",
            "actor_branch_id",
            "door",
            "address",
            "request_id",
            "what",
            "target_type",
            "target_id",
            "target_label",
            "branch_id",
            "before",
            "after",
            "why",
        )


class AuditFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By whom, what, which target, which branch, when."""

    actor = IdFilter(field_name="actor_id")
    what = django_filters.CharFilter()
    target_type = django_filters.CharFilter()
    target_id = django_filters.CharFilter()
    branch = IdFilter(field_name="branch_id")
    since = MomentFilter(field_name="at", lookup_expr="gte")
    until = MomentFilter(field_name="at", lookup_expr="lt")


class _Trail(ApiView):
    serializer_class: Any = AuditRowShown

    def queryset_for(self, actor: Actor) -> QuerySet[AuditRow]:
        """Every row for an auditor; NotAllowed for everybody else."""
        if not can_audit(actor) and actor.person_id is not None:
            raise NotAllowed(_("操作记录只给审计员看。"))
        return AuditRow.objects.all() if can_audit(actor) else AuditRow.objects.none()


class AuditList(_Trail, ListView):
    """The trail, newest first."""

    filterset_class = AuditFilter
    order = ("-pk",)
    updated_field = "at"


class AuditDetail(_Trail, DetailView):
    """One row."""

    def version_of(self, thing: Any) -> int:
        """A row never changes."""
        return 1


urlpatterns = [
    path("audit/", AuditList.as_view(), name="api-audit"),
    path("audit/<int:pk>/", AuditDetail.as_view(), name="api-audit-row"),
]

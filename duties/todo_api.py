"""To-dos over the API (P2.1): list, set, tick, take back."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import Body, BranchRef, DayField, IdField, PersonRef
from core.api.filters import IdFilter, MomentFilter, QueryChoice
from core.api.views import ActionView, ApiView, CreatingView, DetailView
from core.exports import XLSX
from duties import operations_to_dos as operations
from duties.choices import ToDoState
from duties.models import ToDo
from duties.todo_table import DONE, OTHERS, to_dos_workbook


class ToDoShown(serializers.ModelSerializer[ToDo]):
    """Something to do: whose, what, by when, where it comes from."""

    owner = PersonRef()
    branch = BranchRef()
    created_by = PersonRef(allow_null=True)

    class Meta:
        model = ToDo
        fields = (
            "id",
            "owner",
            "branch",
            "title",
            "about",
            "url",
            "due_at",
            "source_type",
            "source_id",
            "state",
            "created_at",
            "created_by",
            "closed_at",
            "updated_at",
        )


class ToDoFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By state, owner, branch, source, and by when they fall due."""

    state = django_filters.ChoiceFilter(choices=ToDoState.choices)
    owner = IdFilter(field_name="owner_id")
    branch = IdFilter(field_name="branch_id")
    source_type = django_filters.CharFilter()
    due_from = MomentFilter(field_name="due_at", lookup_expr="gte")
    due_to = MomentFilter(field_name="due_at", lookup_expr="lte")


class ToDoBody(Body):
    """What somebody shall do by the end of a day's work."""

    owner = IdField()
    title = serializers.CharField(max_length=operations.TITLE_AT_MOST)
    about = serializers.CharField(max_length=operations.ABOUT_AT_MOST, allow_blank=True, default="")
    due_on = DayField()


class _ToDos(ApiView):
    serializer_class: Any = ToDoShown

    def queryset_for(self, actor: Actor) -> QuerySet[ToDo]:
        """One's own, and those of the branches one leads."""
        return ToDo.objects.visible_to(actor).select_related("owner", "branch", "created_by")


class ToDoList(_ToDos, CreatingView):
    """To-dos by deadline; POST sets one."""

    body_class = ToDoBody
    filterset_class = ToDoFilter
    order = ("due_at", "pk")
    updated_field = "updated_at"

    def create(self, body: dict[str, Any]) -> ToDo:
        """Set it."""
        return operations.set_to_do(
            owner_id=body["owner"],
            title=body["title"],
            about=body["about"],
            due_on=body["due_on"],
            actor=self.actor,
            at=self.at,
        )

    def address_of(self, thing: ToDo) -> str:
        """By its id."""
        return reverse("api-todo", args=[thing.pk])


class ToDosWorkbook(_ToDos, DownloadView):
    """One's own that wait as a workbook, or those done, or the led branches' (``show``)."""

    media_types = (XLSX,)
    choices = (
        QueryChoice(
            "show",
            (DONE, OTHERS),
            gettext_lazy("已办的，或本分公司其他人的；不写就是自己要办的"),
        ),
    )

    def outgoing(self) -> Outgoing:
        """As they stand."""
        actor = self.actor
        made = to_dos_workbook(actor, self.at, show="".join(self.asked("show")))
        branch_id = None if actor.branches is None else actor.branch_id
        return Outgoing(
            f"{made.name}.xlsx", made.content, XLSX, rows=made.rows, branch_id=branch_id
        )


class ToDoDetail(_ToDos, DetailView):
    """One to-do."""


class ToDoTick(_ToDos, ActionView):
    """Say that it is done."""

    needs_version = False

    def perform(self, thing: ToDo, body: dict[str, Any], expected_version: int) -> ToDo:
        """Tick."""
        return operations.tick_to_do(to_do_id=thing.pk, actor=self.actor, at=self.at)


class ToDoUntick(_ToDos, ActionView):
    """Take the tick back."""

    needs_version = False

    def perform(self, thing: ToDo, body: dict[str, Any], expected_version: int) -> ToDo:
        """Untick."""
        return operations.untick_to_do(to_do_id=thing.pk, actor=self.actor, at=self.at)


class ToDoDrop(_ToDos, ActionView):
    """Take back what was set by hand."""

    needs_version = False

    def perform(self, thing: ToDo, body: dict[str, Any], expected_version: int) -> ToDo:
        """Drop."""
        return operations.drop_to_do(to_do_id=thing.pk, actor=self.actor, at=self.at)


urlpatterns = [
    path("todos/", ToDoList.as_view(), name="api-todos"),
    path("todos/workbook/", ToDosWorkbook.as_view(), name="api-todos-workbook"),
    path("todos/<int:pk>/", ToDoDetail.as_view(), name="api-todo"),
    path("todos/<int:pk>/tick/", ToDoTick.as_view(), name="api-todo-tick"),
    path("todos/<int:pk>/untick/", ToDoUntick.as_view(), name="api-todo-untick"),
    path("todos/<int:pk>/drop/", ToDoDrop.as_view(), name="api-todo-drop"),
]

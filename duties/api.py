"""Duty periods, working days and notices over the API."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Body, BranchRef, DayField, NoBody, ReasonField
from core.api.filters import IdFilter, MomentFilter, YesNoFilter
from core.api.views import ActionView, ApiView, DetailView, ListView
from core.calendar import DayMark
from core.errors import NotFound, Refused
from core.models import CalendarYear, WorkDay
from duties import operations, todo_api
from duties.choices import NoticeKind
from duties.models import DutyPeriod, Notice

YEARS = range(1990, 2200)


class DutyPeriodShown(serializers.ModelSerializer[DutyPeriod]):
    """What a branch owes for one period, from when and until when."""

    branch = BranchRef()

    class Meta:
        model = DutyPeriod
        fields = ("id", "kind", "branch", "key", "opens_at", "deadline_at", "updated_at")


class DutyPeriodFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By kind, branch, period, and by when they fall due."""

    kind = django_filters.CharFilter()
    branch = IdFilter(field_name="branch_id")
    key = django_filters.CharFilter()
    due_from = MomentFilter(field_name="deadline_at", lookup_expr="gte")
    due_to = MomentFilter(field_name="deadline_at", lookup_expr="lte")


class DutyPeriodList(ListView):
    """Duty periods of the branches the actor sees, by deadline (annexes 2 and 7)."""

    serializer_class = DutyPeriodShown
    filterset_class = DutyPeriodFilter
    order = ("deadline_at", "pk")
    updated_field = "updated_at"

    def queryset_for(self, actor: Actor) -> QuerySet[DutyPeriod]:
        """Visible periods."""
        return DutyPeriod.objects.visible_to(actor).select_related("branch")


# Working days


class CalendarYearShown(serializers.ModelSerializer[CalendarYear]):
    """A year whose working days are known."""

    class Meta:
        model = CalendarYear
        fields = ("year", "version", "source", "loaded_at")


class CalendarYearList(ListView):
    """The years that are loaded."""

    serializer_class = CalendarYearShown
    order = ("year",)

    def queryset_for(self, actor: Actor) -> QuerySet[CalendarYear]:
        """All of them: working days are no secret."""
        return CalendarYear.objects.all()


class WorkDayShown(serializers.ModelSerializer[WorkDay]):
    """A day that departs from Monday to Friday."""

    class Meta:
        model = WorkDay
        fields = ("on", "is_workday", "name", "source")


class YearShown(serializers.Serializer[Any]):
    """A year with its marked days; version 0 when it is not loaded."""

    year = serializers.IntegerField()
    version = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]
    days = WorkDayShown(many=True)


class _OfYear(DetailView):
    """A year is there whether it is loaded or not."""

    serializer_class = YearShown

    def queryset_for(self, actor: Actor) -> QuerySet[CalendarYear]:
        return CalendarYear.objects.all()

    def thing(self) -> dict[str, Any]:
        """The year as it stands."""
        year = self.kwargs["year"]
        if year not in YEARS:
            raise NotFound
        row = CalendarYear.objects.filter(year=year).first()
        return {
            "year": year,
            "version": row.version if row else 0,
            "source": row.source if row else "",
            "days": WorkDay.objects.filter(on__year=year).order_by("on"),
        }

    def version_of(self, thing: dict[str, Any]) -> int:
        """The year's version."""
        version: int = thing["version"]
        return version


class CalendarYearDetail(_OfYear):
    """A year's working days (annex 7)."""


class _YearAction(ActionView, _OfYear):
    http_method_names = ["post"]

    def now_standing(self) -> dict[str, Any]:
        """The year after the change."""
        return self.shown(self.thing())

    def day_in_year(self, body: dict[str, Any]) -> Any:
        """The day of the body, which must lie in the year of the address."""
        if body["on"].year != self.kwargs["year"]:
            raise Refused(_("这一天不在这一年。"), field="on")
        return body["on"]


class MarkBody(Body):
    """A day that is worked, or off."""

    on = DayField()
    is_workday = serializers.BooleanField()
    name = serializers.CharField(max_length=40, allow_blank=True, default="")
    why = ReasonField()


class DayMarkView(_YearAction):
    """Say of a day of the year that it is worked, or off; future deadlines follow."""

    body_class = MarkBody

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> dict[str, Any]:
        """Mark."""
        operations.mark_day(
            on=self.day_in_year(body),
            is_workday=body["is_workday"],
            name=body["name"],
            why=body["why"],
            **self.acting(expected_version),
        )
        return self.now_standing()


class ClearBody(Body):
    """A day whose mark goes."""

    on = DayField()
    why = ReasonField()


class DayClearView(_YearAction):
    """Take a day's mark away; future deadlines follow."""

    body_class = ClearBody

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> dict[str, Any]:
        """Clear."""
        operations.clear_day(
            on=self.day_in_year(body),
            why=body["why"],
            **self.acting(expected_version),
        )
        return self.now_standing()


class DayBody(Body):
    """A day of a published notice."""

    on = DayField()
    is_workday = serializers.BooleanField()
    name = serializers.CharField(max_length=40, allow_blank=True, default="")


class LoadBody(Body):
    """A year's days as published, and where."""

    days = serializers.ListField(child=DayBody(), max_length=800)
    source = serializers.CharField(max_length=120)  # type: ignore[assignment]


class YearLoadView(_YearAction):
    """Take over a year's published days; future deadlines follow."""

    body_class = LoadBody

    def perform(self, thing: Any, body: dict[str, Any], expected_version: int) -> dict[str, Any]:
        """Load."""
        operations.load_year(
            year=thing["year"],
            days=[DayMark(source=body["source"], **day) for day in body["days"]],
            source=body["source"],
            **self.acting(expected_version),
        )
        return self.now_standing()


# Notices


class NoticeShown(serializers.ModelSerializer[Notice]):
    """Something the receiver should know, in the language asked for."""

    title = serializers.CharField(source="heading")
    body = serializers.CharField(source="text")

    class Meta:
        model = Notice
        fields = (
            "id",
            "kind",
            "group",
            "title",
            "body",
            "url",
            "created_at",
            "read_at",
            "updated_at",
        )


class NoticeFilter(django_filters.FilterSet):  # type: ignore[misc]
    """``unread=true`` leaves out what was read."""

    unread = YesNoFilter(field_name="read_at", lookup_expr="isnull")
    kind = django_filters.ChoiceFilter(choices=NoticeKind.choices)
    group = django_filters.CharFilter()


class _Notices(ApiView):
    serializer_class: Any = NoticeShown

    def queryset_for(self, actor: Actor) -> QuerySet[Notice]:
        """The actor's own notices."""
        if actor.person_id is None:
            return Notice.objects.none()
        return Notice.objects.filter(person_id=actor.person_id)


class NoticeList(_Notices, ListView):
    """The own notices, newest first."""

    filterset_class = NoticeFilter
    order = ("-created_at", "-pk")
    updated_field = "updated_at"


class NoticeRead(_Notices, ActionView):
    """Note that a notice was seen."""

    body_class = NoBody
    needs_version = False

    def perform(self, thing: Notice, body: dict[str, Any], expected_version: int) -> Notice:
        """Read it."""
        return operations.mark_read(notice_id=thing.pk, actor=self.actor, at=self.at)


class ReadCount(serializers.Serializer[Any]):
    """How many had not been read."""

    read = serializers.IntegerField()


class NoticesReadBody(Body):
    """One group of notices, or all without it."""

    group = serializers.CharField(max_length=80, default="", allow_blank=True)


class NoticesRead(_Notices, ActionView):
    """Note that a group of notices, or all, were seen."""

    serializer_class = ReadCount
    body_class = NoticesReadBody
    needs_version = False

    def thing(self) -> None:
        """Nothing in particular."""

    def perform(self, thing: None, body: dict[str, Any], expected_version: int) -> dict[str, int]:
        """Read them."""
        if body["group"]:
            count = operations.mark_group_read(group=body["group"], actor=self.actor, at=self.at)
        else:
            count = operations.mark_all_read(actor=self.actor, at=self.at)
        return {"read": count}


urlpatterns = [
    path("duty-periods/", DutyPeriodList.as_view(), name="api-duty-periods"),
    path("calendar/", CalendarYearList.as_view(), name="api-calendar"),
    path("calendar/<int:year>/", CalendarYearDetail.as_view(), name="api-calendar-year"),
    path("calendar/<int:year>/mark/", DayMarkView.as_view(), name="api-calendar-mark"),
    path("calendar/<int:year>/clear/", DayClearView.as_view(), name="api-calendar-clear"),
    path("calendar/<int:year>/load/", YearLoadView.as_view(), name="api-calendar-load"),
    path("notices/", NoticeList.as_view(), name="api-notices"),
    path("notices/read/", NoticesRead.as_view(), name="api-notices-read"),
    path("notices/<int:pk>/read/", NoticeRead.as_view(), name="api-notice-read"),
    *todo_api.urlpatterns,
]

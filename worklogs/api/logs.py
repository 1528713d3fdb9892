"""Service logs over the API (W3): one, many at once, corrected, withdrawn, read.

A log that comes from another system carries its ``external_id``: sent again it changes
nothing, with other content it is a correction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.api.fields import Body, BranchRef, DayField, IdField, MomentField, PersonRef, ReasonField
from core.api.filters import IdFilter, YesNoFilter
from core.api.problems import faults_of
from core.api.views import ActionView, ApiView, CreatingView, DetailView, ListView
from core.errors import NotAllowed, NotFound, Refused
from customers.models import Customer
from worklogs import rules
from worklogs.choices import CampaignResponse, Category, Channel, Initiator, LogSource
from worklogs.models import ServiceLog
from worklogs.operations import logs as operations
from worklogs.operations.logs import LogEntry
from worklogs.permissions import can_see_logs, can_write_log

AT_ONCE = 200


class CustomerRef(serializers.Serializer[Any]):
    """A customer as named in a log."""

    id = serializers.IntegerField(source="pk")
    code = serializers.CharField()
    name = serializers.CharField()


class LogShown(serializers.ModelSerializer[ServiceLog]):
    """A version of a log; ``id`` names the service, ``version`` counts its corrections."""

    id = serializers.IntegerField(source="thread_id")
    version = serializers.IntegerField(source="number")
    manager = PersonRef()
    branch = BranchRef()
    customer = CustomerRef()

    class Meta:
        model = ServiceLog
        fields = (
            "id",
            "version",
            "manager",
            "branch",
            "customer",
            "contact",
            "tier_code",
            "occurred_at",
            "occurred_on",
            "minutes",
            "initiator",
            "channel",
            "category",
            "content",
            "needs",
            "behaviour",
            "response",
            "product",
            "competitors",
            "problems",
            "next_step",
            "next_on",
            "answer_due_at",
            "answered_at",
            "source",
            "external_id",
            "due_at",
            "is_late",
            "recorded_at",
            "superseded_at",
            "is_withdrawn",
            "correction_reason",
            "read_at",
            "read_remark",
            "updated_at",
        )


def _text() -> serializers.CharField:
    return serializers.CharField(max_length=rules.TEXT_AT_MOST, allow_blank=True, default="")


class EntryBody(Body):
    """What somebody says of a service (annex 3.3); the customer by id or by code."""

    customer = IdField(required=False)
    customer_code = serializers.CharField(max_length=30, required=False)
    occurred_at = MomentField()
    initiator = serializers.ChoiceField(choices=Initiator.choices)
    channel = serializers.ChoiceField(choices=Channel.choices)
    category = serializers.ChoiceField(choices=Category.choices)
    content = serializers.CharField(max_length=rules.TEXT_AT_MOST)
    contact = IdField(required=False, allow_null=True)
    minutes = serializers.IntegerField(
        min_value=0, max_value=24 * 60, required=False, allow_null=True
    )
    needs = _text()
    behaviour = _text()
    response = serializers.ChoiceField(
        choices=CampaignResponse.choices, allow_blank=True, default=""
    )
    product = serializers.CharField(max_length=60, allow_blank=True, default="")
    competitors = _text()
    problems = _text()
    next_step = _text()
    next_on = DayField(required=False, allow_null=True)
    answered_at = MomentField(required=False, allow_null=True)
    is_open = serializers.BooleanField(default=False)


class LogBody(EntryBody):
    """A new log, with its number in the system it comes from, if it comes from one."""

    external_id = serializers.CharField(max_length=60, allow_blank=True, default="")


class CorrectionBody(EntryBody):
    """The whole log anew, and why."""

    reason = ReasonField()


def entry_of(body: dict[str, Any]) -> LogEntry:
    """The operation's entry of a body; a code that no customer has stands for none (0)."""
    values = {
        name: value
        for name, value in body.items()
        if name not in ("customer", "customer_code", "contact", "external_id", "reason")
    }
    customer_id = body.get("customer")
    if customer_id is None:
        coded = Customer.objects.filter(code=body.get("customer_code", ""))
        customer_id = coded.values_list("pk", flat=True).first() or 0
    return LogEntry(customer_id=customer_id, contact_id=body.get("contact"), **values)


@contextmanager
def _customer_pointed_at(body: dict[str, Any]) -> Iterator[None]:
    """The operation judges whose customer it is on the service's day; its no is pointed at."""
    try:
        yield
    except NotFound as error:
        field = "customer" if "customer" in body else "customer_code"
        raise Refused(_("没有这位客户，或者不归您看管。"), field=field) from error


class LogFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By whom, for whom, how, what for, when; ``external_id`` finds another system's log."""

    customer = IdFilter(field_name="customer_id")
    manager = IdFilter(field_name="manager_id")
    branch = IdFilter(field_name="branch_id")
    initiator = django_filters.ChoiceFilter(choices=Initiator.choices)
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    category = django_filters.ChoiceFilter(choices=Category.choices)
    is_late = YesNoFilter()
    external_id = django_filters.CharFilter()
    occurred_from = django_filters.DateFilter(field_name="occurred_on", lookup_expr="gte")
    occurred_to = django_filters.DateFilter(field_name="occurred_on", lookup_expr="lte")


class _Logs(ApiView):
    serializer_class: Any = LogShown

    def queryset_for(self, actor: Actor) -> QuerySet[ServiceLog]:
        return ServiceLog.objects.visible_to(actor).select_related("manager", "branch", "customer")

    def version_of(self, thing: ServiceLog) -> int:
        """A log's versions are counted by its number."""
        return thing.number


class LogList(_Logs, CreatingView):
    """The logs that stand, newest service first; with ``updated_since`` also those taken back.

    POST writes one (201), or finds that the external id is known (200).
    """

    body_class = LogBody
    filterset_class = LogFilter
    order = ("-occurred_at", "-pk")
    updated_field = "updated_at"

    def has_any(self, actor: Actor) -> bool:
        """See can_see_logs."""
        return can_see_logs(actor)

    def queryset_for(self, actor: Actor) -> QuerySet[ServiceLog]:
        """Standing logs the actor may see; who asks what changed is told of those taken back."""
        rows: Any = super().queryset_for(actor)
        found: QuerySet[ServiceLog] = (
            rows.newest() if "updated_since" in self.request.query_params else rows.standing()
        )
        return found

    def create(self, body: dict[str, Any]) -> ServiceLog:
        """Write the log."""
        _refuse_who_serves_nobody(self.actor)
        return _recorded(self, body)

    def created(self, thing: ServiceLog) -> Response:
        """The log; 200 when it was there before."""
        response = super().created(thing)
        is_new = thing.number == 1 and thing.recorded_at == self.at
        response.status_code = 201 if is_new else 200
        return response

    def address_of(self, thing: ServiceLog) -> str:
        """By its thread."""
        return reverse("api-log", args=[thing.thread_id])


def _refuse_who_serves_nobody(actor: Actor) -> None:
    if not can_write_log(actor, actor.person_id or 0):
        raise NotAllowed(_("服务日志由客户经理自己写。"))


def _recorded(view: ApiView, body: dict[str, Any]) -> ServiceLog:
    with _customer_pointed_at(body):
        return operations.record_log(
            entry=entry_of(body),
            external_id=body["external_id"],
            source=LogSource.API,
            actor=view.actor,
            at=view.at,
        )


class BulkBody(Body):
    """Many logs."""

    logs = serializers.ListField(child=serializers.DictField(), max_length=AT_ONCE)


class BulkLine(serializers.Serializer[Any]):
    """What became of one log of many."""

    index = serializers.IntegerField()
    status = serializers.IntegerField()
    id = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    errors = serializers.ListField(child=serializers.DictField())  # type: ignore[assignment]


class BulkResult(serializers.Serializer[Any]):
    """What became of each, in the order sent."""

    results = BulkLine(many=True)


class LogBulk(_Logs, ActionView):
    """Up to 200 logs at once: each stands or falls by itself, with the status it would have
    had alone."""

    serializer_class = BulkResult
    body_class = BulkBody
    needs_version = False

    def thing(self) -> None:
        """Nothing in particular."""

    def perform(self, thing: None, body: dict[str, Any], expected_version: int) -> dict[str, Any]:
        """Write them, one after the other."""
        _refuse_who_serves_nobody(self.actor)
        return {"results": [self._line(*pair) for pair in enumerate(body["logs"])]}

    def _line(self, index: int, data: dict[str, Any]) -> dict[str, Any]:
        line: dict[str, Any] = {"index": index, "status": 200, "id": None, "version": None}
        try:
            body = LogBody(data=data)
            body.is_valid(raise_exception=True)
            log = _recorded(self, dict(body.validated_data))
        except (Refused, exceptions.ValidationError) as error:
            faults = [fault.as_dict() for fault in faults_of(error, self)]
            return {**line, "status": 422, "errors": faults}
        except NotAllowed as error:
            return {**line, "status": 403, "errors": [{"detail": str(error)}]}
        if log.number == 1 and log.recorded_at == self.at:
            line["status"] = 201
        return {**line, "id": log.thread_id, "version": log.number, "errors": []}


class _OneLog(_Logs):
    def thing(self) -> ServiceLog:
        """The newest version of the service's log."""
        found: ServiceLog | None = (
            self.get_queryset()
            .filter(thread_id=self.kwargs["thread_id"])
            .order_by("-number")
            .first()
        )
        if found is None:
            raise NotFound
        return found


class LogDetail(_OneLog, DetailView):
    """A service's log as it stands, withdrawn or not."""


class LogVersions(_Logs, ListView):
    """Every version of a log, newest first."""

    order = ("-number", "-pk")

    def queryset_for(self, actor: Actor) -> QuerySet[ServiceLog]:
        """The versions of the thread."""
        return super().queryset_for(actor).filter(thread_id=self.kwargs.get("thread_id"))

    def get(self, request: Request, **kwargs: Any) -> Response:
        """A page; 404 when there is no such log."""
        if not self.get_queryset().exists():
            raise NotFound
        return super().get(request, **kwargs)


class LogCorrect(_OneLog, ActionView):
    """Write a new version of a log (W3); the old one stays."""

    body_class = CorrectionBody

    def perform(self, thing: ServiceLog, body: dict[str, Any], expected_version: int) -> ServiceLog:
        """Correct."""
        with _customer_pointed_at(body):
            return operations.correct_log(
                thread_id=thing.thread_id or thing.pk,
                entry=entry_of(body),
                reason=body["reason"],
                expected_number=expected_version,
                actor=self.actor,
                at=self.at,
            )


class LogWithdraw(_OneLog, ActionView):
    """Take back a log just saved."""

    needs_version = False

    def perform(self, thing: ServiceLog, body: dict[str, Any], expected_version: int) -> ServiceLog:
        """Withdraw."""
        return operations.withdraw_log(
            thread_id=thing.thread_id or thing.pk, actor=self.actor, at=self.at
        )


class ReadBody(Body):
    """The supervisor's remark, if there is one."""

    remark = serializers.CharField(max_length=rules.TEXT_AT_MOST, allow_blank=True, default="")


class LogRead(_OneLog, ActionView):
    """The supervisor has read a log (P1.2)."""

    body_class = ReadBody
    needs_version = False

    def perform(self, thing: ServiceLog, body: dict[str, Any], expected_version: int) -> ServiceLog:
        """Note it."""
        return operations.read_log(
            thread_id=thing.thread_id or thing.pk,
            remark=body["remark"],
            actor=self.actor,
            at=self.at,
        )


urlpatterns = [
    path("logs/", LogList.as_view(), name="api-logs"),
    path("logs/bulk/", LogBulk.as_view(), name="api-logs-bulk"),
    path("logs/<int:thread_id>/", LogDetail.as_view(), name="api-log"),
    path("logs/<int:thread_id>/versions/", LogVersions.as_view(), name="api-log-versions"),
    path("logs/<int:thread_id>/correct/", LogCorrect.as_view(), name="api-log-correct"),
    path("logs/<int:thread_id>/withdraw/", LogWithdraw.as_view(), name="api-log-withdraw"),
    path("logs/<int:thread_id>/read/", LogRead.as_view(), name="api-log-read"),
]

"""Bonus and penalty cases over the API (K3): filed, stated, reviewed, decided, with evidence."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.urls import path, reverse
from rest_framework import serializers

from confidentiality.choices import Level
from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing, stored
from core.api.fields import Body, BranchRef, DayField, IdField, PersonRef
from core.api.filters import IdFilter
from core.api.parsers import FileParser
from core.api.views import ActionView, ApiView, CreatingView, DetailView
from core.errors import NotFound
from core.evidence import Evidence
from kpi.case_forms import CASE_VIEWS
from kpi.case_rules import CAUSES
from kpi.choices import CaseState
from kpi.filing_arrears import bill_seen, file_arrears
from kpi.models import Bill, Case, CaseFile, Complaint
from kpi.operations import cases as operations
from kpi.operations.case_filing import SUBJECT_AT_MOST
from kpi.operations.case_steps import TEXT_AT_MOST
from kpi.permissions import sees_cases
from kpi.queries.cases import cases_for, in_state, with_words


class CaseCustomerRef(serializers.Serializer[Any]):
    """The customer a case is about."""

    id = serializers.IntegerField(source="pk")
    code = serializers.CharField()
    name = serializers.CharField()


class ParticularsShown(serializers.Serializer[Any]):
    """What else tells the event: its own name, why a customer was lost."""

    subject = serializers.CharField(required=False)
    cause = serializers.ChoiceField(choices=[(one, one) for one in CAUSES], required=False)


class CaseShown(serializers.ModelSerializer[Case]):
    """A case as it stands; ``proposed`` and ``points`` are signed."""

    manager = PersonRef()
    branch = BranchRef()
    customer = CaseCustomerRef(allow_null=True)
    raised_by = PersonRef()

    class Meta:
        model = Case
        fields: tuple[str, ...] = (
            "id",
            "version",
            "number",
            "item",
            "option",
            "month",
            "manager",
            "branch",
            "customer",
            "happened_on",
            "proposed",
            "points",
            "is_veto",
            "state",
            "raised_at",
            "raised_by",
            "decided_at",
            "updated_at",
        )


class CaseFileShown(serializers.ModelSerializer[CaseFile]):
    """A file of evidence; its bytes are at ``files/{id}/``."""

    name = serializers.CharField(source="file.name")
    size = serializers.IntegerField(source="file.size")
    sha256 = serializers.CharField(source="file.sha256")
    level = serializers.IntegerField(source="file.level")
    added_by = PersonRef()

    class Meta:
        model = CaseFile
        fields = ("id", "name", "size", "sha256", "level", "added_at", "added_by")


class CaseWhole(CaseShown):
    """With its facts, what was said, its files; ``complaint`` for who may see that one."""

    particulars = ParticularsShown()
    reviewed_by = PersonRef(allow_null=True)
    decided_by = PersonRef(allow_null=True)
    complaint = serializers.SerializerMethodField()
    files = CaseFileShown(many=True)

    class Meta(CaseShown.Meta):
        fields = (
            *CaseShown.Meta.fields,
            "facts",
            "particulars",
            "complaint",
            "statement",
            "stated_at",
            "opinion",
            "reviewed_at",
            "reviewed_by",
            "decision",
            "decided_by",
            "files",
        )

    def get_complaint(self, case: Case) -> int | None:
        """The id of the complaint behind it, null where there is none for this reader."""
        if case.complaint_id is None:
            return None
        actor: Actor = self.context["view"].actor
        seen = Complaint.objects.visible_to(actor).filter(pk=case.complaint_id).exists()
        return case.complaint_id if seen else None


class CaseFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By words, state (or ``open``, ``mine``), month it counts in, item, branch, manager, customer.

    ``mine`` are those that wait for whoever asks.
    """

    q = django_filters.CharFilter(method="search")
    state = django_filters.ChoiceFilter(
        choices=[*(view for view in CASE_VIEWS if view[0]), *CaseState.choices], method="of_state"
    )
    month = django_filters.CharFilter()
    item = django_filters.CharFilter()
    branch = IdFilter(field_name="branch_id")
    manager = IdFilter(field_name="manager_id")
    customer = IdFilter(field_name="customer_id")

    def search(self, queryset: Any, name: str, value: str) -> Any:
        """Every word must be found: number, names, facts."""
        return with_words(queryset, value)

    def of_state(self, queryset: Any, name: str, value: str) -> Any:
        """As the page's list has it."""
        view = self.request.parser_context["view"]
        return in_state(queryset, value, view.actor, view.at)


class PointsField(serializers.DecimalField):
    """Points without a sign: the item says whether they are earned or lost."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, min_value=Decimal(0), **kwargs)


class FileCaseBody(Body):
    """A new case; with a file it is sent as multipart/form-data.

    ``option`` where the system's own records do not tell it, ``points`` only of a range.
    """

    manager = IdField()
    item = serializers.CharField(max_length=12)
    option = serializers.CharField(max_length=40, allow_blank=True, default="")
    happened_on = DayField()
    facts = serializers.CharField(max_length=TEXT_AT_MOST)
    customer = IdField(required=False)
    complaint = IdField(required=False)
    points = PointsField(required=False)
    subject = serializers.CharField(max_length=SUBJECT_AT_MOST, allow_blank=True, default="")
    cause = serializers.ChoiceField(
        choices=[(one, one) for one in CAUSES], allow_blank=True, default=""
    )
    file = serializers.FileField(max_length=200, required=False, allow_empty_file=True)
    level = serializers.ChoiceField(choices=Level.choices, default=Level.INTERNAL.value)


def _evidence(given: Any) -> list[Evidence]:
    return [Evidence(given.name, given.read())] if given else []


class _Cases(ApiView):
    def queryset_for(self, actor: Actor) -> QuerySet[Case]:
        """Visible cases."""
        return cases_for(actor)


class CaseList(_Cases, CreatingView):
    """Cases, newest first; POST files one, as JSON or as a form with a file.

    An event that stands is refused, with the number of the first case.
    """

    serializer_class = CaseShown
    filterset_class = CaseFilter
    body_class = FileCaseBody
    order = ("-raised_at", "-pk")
    updated_field = "updated_at"

    def get_parsers(self) -> list[Any]:
        """JSON, or a form with a file."""
        return [*super().get_parsers(), FileParser()]

    def has_any(self, actor: Actor) -> bool:
        """Not for those who have nothing to do with them."""
        return sees_cases(actor)

    def create(self, body: dict[str, Any]) -> Case:
        """File."""
        return operations.file_case(
            manager_id=body["manager"],
            item=body["item"],
            option=body["option"],
            happened_on=body["happened_on"],
            facts=body["facts"],
            customer_id=body.get("customer"),
            complaint_id=body.get("complaint"),
            points=body.get("points"),
            subject=body["subject"],
            cause=body["cause"],
            files=_evidence(body.get("file")),
            level=int(body["level"]),
            actor=self.actor,
            at=self.at,
        )

    def address_of(self, thing: Case) -> str:
        """By its id."""
        return reverse("api-case", args=[thing.pk])


class CaseArrears(_Cases, ActionView):
    """File what a standing bill suggests, as it stands.

    An event that stands is refused, with the number of the first case.
    """

    serializer_class = CaseShown
    needs_version = False
    done_status = 201

    def thing(self) -> Bill:
        """The bill; NotFound for one the actor does not see."""
        return bill_seen(self.actor, self.kwargs["bill"])

    def perform(self, thing: Bill, body: dict[str, Any], expected_version: int) -> Case:
        """File."""
        return file_arrears(bill_id=thing.pk, actor=self.actor, at=self.at)


class _OneCase(_Cases):
    serializer_class: Any = CaseWhole

    def queryset_for(self, actor: Actor) -> QuerySet[Case]:
        """Visible cases with their files."""
        files = CaseFile.objects.select_related("file", "added_by").order_by("added_at", "pk")
        return (
            super()
            .queryset_for(actor)
            .select_related("reviewed_by", "decided_by")
            .prefetch_related(Prefetch("files", files))
        )


class CaseDetail(_OneCase, DetailView):
    """A case with what was said about it, and its files."""


class _CaseAction(_OneCase, ActionView):
    pass


class CaseStateBody(Body):
    """The manager's statement; with a file it is sent as multipart/form-data."""

    statement = serializers.CharField(max_length=TEXT_AT_MOST)
    file = serializers.FileField(max_length=200, required=False, allow_empty_file=True)


class CaseStatement(_CaseAction):
    """The manager says what he has to say; JSON, or a form with a file."""

    body_class = CaseStateBody

    def get_parsers(self) -> list[Any]:
        """JSON, or a form with a file."""
        return [*super().get_parsers(), FileParser()]

    def perform(self, thing: Case, body: dict[str, Any], expected_version: int) -> Case:
        """State."""
        return operations.state_case(
            case_id=thing.pk,
            statement=body["statement"],
            files=_evidence(body.get("file")),
            **self.acting(expected_version),
        )


class CaseReviewBody(Body):
    """The supervisor's opinion."""

    opinion = serializers.CharField(max_length=TEXT_AT_MOST)


class CaseReview(_CaseAction):
    """The supervisor gives the opinion."""

    body_class = CaseReviewBody

    def perform(self, thing: Case, body: dict[str, Any], expected_version: int) -> Case:
        """Review."""
        return operations.review_case(
            case_id=thing.pk,
            opinion=body["opinion"],
            **self.acting(expected_version),
        )


class CaseDecideBody(Body):
    """Whether it is one, why; ``option`` and ``points`` where they differ from what was filed."""

    is_approved = serializers.BooleanField()
    decision = serializers.CharField(max_length=TEXT_AT_MOST)
    option = serializers.CharField(max_length=40, allow_blank=True, default="")
    points = PointsField(required=False)
    as_correction = serializers.BooleanField(default=False)


class CaseDecide(_CaseAction):
    """The general manager decides: the case counts in the month that is open, or, with
    ``as_correction``, proposes a correction of the locked sheet of the month it happened in."""

    body_class = CaseDecideBody

    def perform(self, thing: Case, body: dict[str, Any], expected_version: int) -> Case:
        """Decide."""
        return operations.decide_case(
            case_id=thing.pk,
            is_approved=body["is_approved"],
            decision=body["decision"],
            option=body["option"],
            points=body.get("points"),
            as_correction=body["as_correction"],
            **self.acting(expected_version),
        )


class CaseWithdrawBody(Body):
    """Why, if there is anything to say."""

    why = serializers.CharField(max_length=TEXT_AT_MOST, allow_blank=True, default="")


class CaseWithdraw(_CaseAction):
    """Whoever filed it takes it back."""

    body_class = CaseWithdrawBody

    def perform(self, thing: Case, body: dict[str, Any], expected_version: int) -> Case:
        """Withdraw."""
        return operations.withdraw_case(
            case_id=thing.pk,
            why=body["why"],
            **self.acting(expected_version),
        )


class CaseAddFileBody(Body):
    """A file and its level of confidentiality (annex 9.1); multipart/form-data."""

    file = serializers.FileField(max_length=200, allow_empty_file=True)
    level = serializers.ChoiceField(choices=Level.choices, default=Level.INTERNAL.value)


class CaseFiles(_CaseAction):
    """One more file as evidence."""

    body_class = CaseAddFileBody

    def get_parsers(self) -> list[Any]:
        """A form with a file."""
        return [*super().get_parsers(), FileParser()]

    def perform(self, thing: Case, body: dict[str, Any], expected_version: int) -> Case:
        """Add."""
        return operations.add_case_files(
            case_id=thing.pk,
            files=_evidence(body["file"]),
            level=int(body["level"]),
            **self.acting(expected_version),
        )


class CaseFileContent(DownloadView):
    """The bytes of a file of evidence."""

    media_types = ("application/octet-stream",)

    def outgoing(self) -> Outgoing:
        """As they were handed in, whatever they are said to be: nothing is opened on arrival."""
        visible = Case.objects.visible_to(self.actor).order_by()
        found = (
            CaseFile.objects.filter(
                pk=self.kwargs["file"], case_id=self.kwargs["pk"], case__in=visible
            )
            .select_related("file")
            .first()
        )
        if found is None:
            raise NotFound
        return replace(stored(found.file, rows=1), content_type="application/octet-stream")


_CASE = "cases/<int:pk>/"
urlpatterns = [
    path("cases/", CaseList.as_view(), name="api-cases"),
    path("cases/arrears/<int:bill>/", CaseArrears.as_view(), name="api-case-arrears"),
    path(_CASE, CaseDetail.as_view(), name="api-case"),
    path(f"{_CASE}state/", CaseStatement.as_view(), name="api-case-state"),
    path(f"{_CASE}review/", CaseReview.as_view(), name="api-case-review"),
    path(f"{_CASE}decide/", CaseDecide.as_view(), name="api-case-decide"),
    path(f"{_CASE}withdraw/", CaseWithdraw.as_view(), name="api-case-withdraw"),
    path(f"{_CASE}files/", CaseFiles.as_view(), name="api-case-file-add"),
    path(f"{_CASE}files/<int:file>/", CaseFileContent.as_view(), name="api-case-file"),
]

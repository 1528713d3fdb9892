"""Complaints over the API (K3.6). An employee's exists for its investigator and the general
manager alone; who complained is in no answer but that of ``open``."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Body, BranchRef, IdField, MomentField, PersonRef, ReasonField
from core.api.filters import IdFilter
from core.api.views import ActionView, ApiView, CreatingView, DetailView
from kpi.api.cases import CaseCustomerRef
from kpi.choices import Complainant, ComplaintState
from kpi.models import Complaint
from kpi.operations import complaints as operations
from kpi.operations.case_steps import TEXT_AT_MOST
from kpi.operations.complaints import NAME_AT_MOST
from kpi.permissions import sees_complaints
from kpi.queries.complaints import complaints_for


class ComplaintShown(serializers.ModelSerializer[Complaint]):
    """A complaint as it stands."""

    manager = PersonRef()
    branch = BranchRef()
    customer = CaseCustomerRef(allow_null=True)
    investigator = PersonRef()

    class Meta:
        model = Complaint
        fields: tuple[str, ...] = (
            "id",
            "version",
            "number",
            "complainant",
            "manager",
            "branch",
            "customer",
            "investigator",
            "received_at",
            "answer_due_at",
            "answered_at",
            "state",
            "is_escalated",
            "raised_at",
            "updated_at",
        )


class ComplaintWhole(ComplaintShown):
    """With its facts, the answer and the finding."""

    raised_by = PersonRef()
    decided_by = PersonRef(allow_null=True)

    class Meta(ComplaintShown.Meta):
        fields = (
            *ComplaintShown.Meta.fields,
            "facts",
            "answer",
            "finding",
            "decided_at",
            "decided_by",
            "raised_by",
        )


class ComplaintFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By state, branch, manager, investigator, who complains."""

    state = django_filters.ChoiceFilter(choices=ComplaintState.choices)
    complainant = django_filters.ChoiceFilter(choices=Complainant.choices)
    branch = IdFilter(field_name="branch_id")
    manager = IdFilter(field_name="manager_id")
    investigator = IdFilter(field_name="investigator_id")


class ComplaintReceiveBody(Body):
    """A complaint as it came in; ``by`` is who complained, kept sealed."""

    complainant = serializers.ChoiceField(
        choices=Complainant.choices, default=Complainant.CUSTOMER.value
    )
    manager = IdField()
    customer = IdField(required=False)
    by = serializers.CharField(max_length=NAME_AT_MOST, allow_blank=True, default="")
    facts = serializers.CharField(max_length=TEXT_AT_MOST)
    received_at = MomentField()
    investigator = IdField()


class _Complaints(ApiView):
    def queryset_for(self, actor: Actor) -> QuerySet[Complaint]:
        """Visible complaints."""
        return complaints_for(actor).select_related("decided_by")


class ComplaintList(_Complaints, CreatingView):
    """Complaints, newest first; POST takes one in."""

    serializer_class = ComplaintShown
    filterset_class = ComplaintFilter
    body_class = ComplaintReceiveBody
    order = ("-received_at", "-pk")
    updated_field = "updated_at"

    def has_any(self, actor: Actor) -> bool:
        """Not for those who have nothing to do with them."""
        return sees_complaints(actor)

    def create(self, body: dict[str, Any]) -> Complaint:
        """Receive."""
        return operations.receive_complaint(
            complainant=body["complainant"],
            manager_id=body["manager"],
            customer_id=body.get("customer"),
            by=body["by"],
            facts=body["facts"],
            received_at=body["received_at"],
            investigator_id=body["investigator"],
            actor=self.actor,
            at=self.at,
        )

    def address_of(self, thing: Complaint) -> str:
        """By its id."""
        return reverse("api-complaint", args=[thing.pk])


class _OneComplaint(_Complaints):
    serializer_class: Any = ComplaintWhole


class ComplaintDetail(_OneComplaint, DetailView):
    """A complaint with its facts, answer and finding."""


class _ComplaintAction(_OneComplaint, ActionView):
    pass


class ComplaintAssignBody(Body):
    """Who investigates from now on."""

    investigator = IdField()


class ComplaintAssign(_ComplaintAction):
    """Somebody else investigates."""

    body_class = ComplaintAssignBody
    # Whoever gave it away may not see it any more.
    is_kept = False

    def perform(self, thing: Complaint, body: dict[str, Any], expected_version: int) -> Complaint:
        """Assign."""
        return operations.assign_investigator(
            complaint_id=thing.pk,
            investigator_id=body["investigator"],
            **self.acting(expected_version),
        )


class ComplaintAnswerBody(Body):
    """What whoever complained was answered."""

    answer = serializers.CharField(max_length=TEXT_AT_MOST)


class ComplaintAnswer(_ComplaintAction):
    """Whoever complained was answered."""

    body_class = ComplaintAnswerBody

    def perform(self, thing: Complaint, body: dict[str, Any], expected_version: int) -> Complaint:
        """Answer."""
        return operations.answer_complaint(
            complaint_id=thing.pk,
            answer=body["answer"],
            **self.acting(expected_version),
        )


class ComplaintFindingBody(Body):
    """Whether the complaint is justified, and what was found."""

    is_upheld = serializers.BooleanField()
    finding = serializers.CharField(max_length=TEXT_AT_MOST)


class ComplaintDecide(_ComplaintAction):
    """The result of the investigation; a justified one is filed at /cases/ (item of K3.6)."""

    body_class = ComplaintFindingBody

    def perform(self, thing: Complaint, body: dict[str, Any], expected_version: int) -> Complaint:
        """Decide."""
        return operations.decide_complaint(
            complaint_id=thing.pk,
            is_upheld=body["is_upheld"],
            finding=body["finding"],
            **self.acting(expected_version),
        )


class ComplaintWhyBody(Body):
    """Why, in a sentence."""

    why = serializers.CharField(max_length=TEXT_AT_MOST)


class ComplaintEscalate(_ComplaintAction):
    """It went up to a regulator."""

    body_class = ComplaintWhyBody

    def perform(self, thing: Complaint, body: dict[str, Any], expected_version: int) -> Complaint:
        """Escalate."""
        return operations.escalate_complaint(
            complaint_id=thing.pk,
            why=body["why"],
            **self.acting(expected_version),
        )


class ComplaintWithdraw(_ComplaintAction):
    """Whoever complained took it back."""

    body_class = ComplaintWhyBody

    def perform(self, thing: Complaint, body: dict[str, Any], expected_version: int) -> Complaint:
        """Withdraw."""
        return operations.withdraw_complaint(
            complaint_id=thing.pk,
            why=body["why"],
            **self.acting(expected_version),
        )


class ComplaintOpenBody(Body):
    """Why the name is looked at; it stands in the audit trail."""

    reason = ReasonField()


class ComplainantName(serializers.Serializer[Any]):
    """Who complained."""

    by = serializers.CharField()


class ComplaintOpen(ActionView):
    """Who complained, for a stated reason; the look is written down."""

    serializer_class = ComplainantName
    body_class = ComplaintOpenBody
    needs_version = False
    is_kept = False

    def queryset_for(self, actor: Actor) -> QuerySet[Complaint]:
        """Visible complaints."""
        return complaints_for(actor)

    def perform(
        self, thing: Complaint, body: dict[str, Any], expected_version: int
    ) -> dict[str, str]:
        """Open."""
        _complaint, name = operations.open_complainant(
            complaint_id=thing.pk, reason=body["reason"], actor=self.actor, at=self.at
        )
        return {"by": name}


_COMPLAINT = "complaints/<int:pk>/"
urlpatterns = [
    path("complaints/", ComplaintList.as_view(), name="api-complaints"),
    path(_COMPLAINT, ComplaintDetail.as_view(), name="api-complaint"),
    path(f"{_COMPLAINT}assign/", ComplaintAssign.as_view(), name="api-complaint-assign"),
    path(f"{_COMPLAINT}answer/", ComplaintAnswer.as_view(), name="api-complaint-answer"),
    path(f"{_COMPLAINT}decide/", ComplaintDecide.as_view(), name="api-complaint-decide"),
    path(f"{_COMPLAINT}escalate/", ComplaintEscalate.as_view(), name="api-complaint-escalate"),
    path(f"{_COMPLAINT}withdraw/", ComplaintWithdraw.as_view(), name="api-complaint-withdraw"),
    path(f"{_COMPLAINT}open/", ComplaintOpen.as_view(), name="api-complaint-open"),
]

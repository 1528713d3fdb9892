"""Cases and questions over the API (A2): handed in, answered, shared, searched."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Body, BranchRef, PersonRef
from core.api.filters import IdFilter, YesNoFilter
from core.api.views import ActionView, ApiView, ChangingView, CreatingView
from core.lists import matching
from meetings.answering import TEXT_AT_MOST
from meetings.choices import ContributionKind, ContributionState
from meetings.models import Contribution
from meetings.operations import contributions as operations
from meetings.operations.contributions import TITLE_AT_MOST
from meetings.permissions import can_see_meetings
from meetings.queries.contributions import contributions_for


class ContributionShown(serializers.ModelSerializer[Contribution]):
    """A case or a question; ``meeting`` is the one that took it up."""

    branch = BranchRef()
    author = PersonRef()
    answered_by = PersonRef(allow_null=True)
    shared_by = PersonRef(allow_null=True)

    class Meta:
        model = Contribution
        fields = (
            "id",
            "version",
            "kind",
            "branch",
            "author",
            "title",
            "text",
            "state",
            "meeting",
            "answer",
            "answered_at",
            "answered_by",
            "shared_at",
            "shared_by",
            "handed_in_at",
            "updated_at",
        )


class ContributionFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By kind, state, branch, author, shared or not, and by any words of it (``q``)."""

    q = django_filters.CharFilter(method="search")
    kind = django_filters.ChoiceFilter(choices=ContributionKind.choices)
    state = django_filters.ChoiceFilter(choices=ContributionState.choices)
    branch = IdFilter(field_name="branch_id")
    author = IdFilter(field_name="author_id")
    is_shared = YesNoFilter(field_name="shared_at", lookup_expr="isnull", exclude=True)

    def search(self, rows: QuerySet[Contribution], name: str, words: str) -> QuerySet[Contribution]:
        """Those in whose title, text, answer or author each word stands."""
        return matching(rows, words, "search_text__contains")


class ContributionBody(Body):
    """A case or a question."""

    kind = serializers.ChoiceField(choices=ContributionKind.choices)
    title = serializers.CharField(max_length=TITLE_AT_MOST)
    text = serializers.CharField(max_length=TEXT_AT_MOST)


class _Contributions(ApiView):
    serializer_class: Any = ContributionShown

    def queryset_for(self, actor: Actor) -> QuerySet[Contribution]:
        """Those of the branch, shared ones, one's own."""
        return contributions_for(actor)


class ContributionList(_Contributions, CreatingView):
    """Cases and questions, the newest first; POST hands one in for the next analysis meeting."""

    filterset_class = ContributionFilter
    body_class = ContributionBody
    order = ("-handed_in_at", "-pk")
    updated_field = "updated_at"

    def has_any(self, actor: Actor) -> bool:
        """Not for those who have nothing to do with meetings."""
        return can_see_meetings(actor)

    def create(self, body: dict[str, Any]) -> Contribution:
        """Hand in."""
        return operations.hand_in(**body, actor=self.actor, at=self.at)

    def address_of(self, thing: Contribution) -> str:
        """By its id."""
        return reverse("api-contribution", args=[thing.pk])


class ContributionDetail(_Contributions, ChangingView):
    """One of them; PATCH mends what one has handed in, until it is answered."""

    body_class = ContributionBody

    def change(
        self, thing: Contribution, changes: dict[str, Any], expected_version: int
    ) -> Contribution:
        """Change."""
        words = {"kind": thing.kind, "title": thing.title, "text": thing.text} | changes
        return operations.change_contribution(
            contribution_id=thing.pk, **words, **self.acting(expected_version)
        )


class _Act(_Contributions, ActionView):
    pass


class ContributionWithdraw(_Act):
    """Taken back by whoever handed it in."""

    def perform(
        self, thing: Contribution, body: dict[str, Any], expected_version: int
    ) -> Contribution:
        """Withdraw."""
        return operations.withdraw_contribution(
            contribution_id=thing.pk, **self.acting(expected_version)
        )


class ContributionAnswerBody(Body):
    """What is answered."""

    answer = serializers.CharField(max_length=TEXT_AT_MOST)


class ContributionAnswer(_Act):
    """Answered outside a meeting, or its answer mended."""

    body_class = ContributionAnswerBody

    def perform(
        self, thing: Contribution, body: dict[str, Any], expected_version: int
    ) -> Contribution:
        """Answer."""
        return operations.answer_contribution(
            contribution_id=thing.pk, answer=body["answer"], **self.acting(expected_version)
        )


class ContributionShare(_Act):
    """Found by every branch from now on."""

    def perform(
        self, thing: Contribution, body: dict[str, Any], expected_version: int
    ) -> Contribution:
        """Share."""
        return operations.share_contribution(
            contribution_id=thing.pk, **self.acting(expected_version)
        )


class ContributionUnshare(_Act):
    """Kept to the branch again."""

    def perform(
        self, thing: Contribution, body: dict[str, Any], expected_version: int
    ) -> Contribution:
        """Keep."""
        return operations.unshare_contribution(
            contribution_id=thing.pk, **self.acting(expected_version)
        )


_LIST = "cases-and-questions/"
_ONE = f"{_LIST}<int:pk>/"
urlpatterns: list[URLPattern] = [
    path(_LIST, ContributionList.as_view(), name="api-contributions"),
    path(_ONE, ContributionDetail.as_view(), name="api-contribution"),
    path(f"{_ONE}withdraw/", ContributionWithdraw.as_view(), name="api-contribution-withdraw"),
    path(f"{_ONE}answer/", ContributionAnswer.as_view(), name="api-contribution-answer"),
    path(f"{_ONE}share/", ContributionShare.as_view(), name="api-contribution-share"),
    path(f"{_ONE}unshare/", ContributionUnshare.as_view(), name="api-contribution-unshare"),
]

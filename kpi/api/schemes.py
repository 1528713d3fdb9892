"""The scheme's versions over the API (K1–K4): drafted, written, proposed, approved, withdrawn.

A version stands at ``schemes/<number>/``; its ``content`` is the JSON of kpi.scheme.parts. What is
wrong in a content is refused with a pointer to the very place (``/content/items/3/weight``).
"""

from typing import Any, Final

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.response import Response

from core.actors import Actor
from core.api.fields import Body, MonthField, PersonRef, ReasonField
from core.api.parsers import FileParser
from core.api.views import ActionView, ApiView, ChangingView, CreatingView, DetailView
from core.errors import NotFound
from kpi.choices import SchemeState
from kpi.models import Scheme
from kpi.operations import schemes as operations
from kpi.permissions import can_keep_schemes
from kpi.queries.schemes import newest_approved, scheme_seen, schemes_for
from kpi.scheme import parsed

NAME_AT_MOST = 80


class SchemeShown(serializers.ModelSerializer[Scheme]):
    """A version without its content."""

    based_on = serializers.IntegerField(source="based_on.number", allow_null=True, default=None)
    drafted_by = PersonRef(allow_null=True)
    approved_by = PersonRef(allow_null=True)

    class Meta:
        model = Scheme
        fields: tuple[str, ...] = (
            "number",
            "version",
            "name",
            "valid_from",
            "state",
            "departs",
            "based_on",
            "why",
            "drafted_at",
            "drafted_by",
            "proposed_at",
            "approved_at",
            "approved_by",
            "digest",
            "updated_at",
        )


class SchemeWhole(SchemeShown):
    """With its content, and the frame in short ("40/20/40/±20")."""

    frame = serializers.SerializerMethodField()
    content = serializers.DictField()

    class Meta(SchemeShown.Meta):
        fields = (*SchemeShown.Meta.fields, "frame", "content")

    def get_frame(self, scheme: Scheme) -> str:
        """The groups' bounds."""
        return parsed(scheme.content).frame


class SchemeFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By state, by month of effect."""

    state = django_filters.ChoiceFilter(choices=SchemeState.choices)
    valid_from = django_filters.CharFilter()


class DraftSchemeBody(Body):
    """A version to begin with: a copy of ``based_on`` (the newest approved unless said)."""

    based_on = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    name = serializers.CharField(max_length=NAME_AT_MOST, allow_blank=True, default="")
    valid_from = MonthField(required=False)
    why = ReasonField()


class ChangeSchemeBody(Body):
    """What of a draft is written anew; ``content`` as a whole."""

    content = serializers.DictField(required=False)
    name = serializers.CharField(max_length=NAME_AT_MOST, required=False)
    valid_from = MonthField(required=False)
    why = serializers.CharField(max_length=200, allow_blank=True, required=False)


class ImportSchemeBody(Body):
    """A JSON or XLSX file as the product hands it out, sent as multipart/form-data."""

    file = serializers.FileField(max_length=200)
    name = serializers.CharField(max_length=NAME_AT_MOST, allow_blank=True, default="")
    valid_from = MonthField(required=False)
    why = ReasonField()


def _visible(actor: Actor) -> QuerySet[Scheme]:
    return schemes_for(actor)


class SchemeList(CreatingView):
    """The versions, newest first: everybody those in force, their keepers all; POST drafts one."""

    serializer_class = SchemeShown
    filterset_class = SchemeFilter
    body_class = DraftSchemeBody
    order = ("-number",)
    updated_field = "updated_at"

    def queryset_for(self, actor: Actor) -> QuerySet[Scheme]:
        """Visible versions."""
        return _visible(actor)

    def create(self, body: dict[str, Any]) -> Scheme:
        """Draft."""
        if (number := body.get("based_on")) is not None and can_keep_schemes(self.actor):
            _of_number(self.actor, number)
        return operations.draft_scheme(**_with_key(body), actor=self.actor, at=self.at)

    def address_of(self, thing: Scheme) -> str:
        """By its number."""
        return reverse("api-scheme", args=[thing.number])


def _of_number(actor: Actor, number: int) -> None:
    """BadParameters-like refusal of a base that there is not, with its place in the body."""
    try:
        scheme_seen(actor, number)
    except NotFound:
        raise serializers.ValidationError({"based_on": [_("没有这一版。")]}) from None


def _with_key(body: dict[str, Any]) -> dict[str, Any]:
    """The body with the month as its key."""
    month = body.pop("valid_from", None)
    return {**body, **({"valid_from": month.key} if month else {})}


class SchemeImport(ActionView):
    """Make a draft of a file; everything that is wrong in it is told with its place."""

    serializer_class = SchemeShown
    body_class = ImportSchemeBody
    needs_version = False
    done_status = 201

    def queryset_for(self, actor: Actor) -> QuerySet[Scheme]:
        """Visible versions."""
        return _visible(actor)

    def get_parsers(self) -> list[Any]:
        """A form with a file."""
        return [FileParser()]

    def thing(self) -> None:
        """There is none yet."""

    def present_state(self) -> None:
        """Nothing is changed that another writer could have changed."""

    def perform(self, thing: None, body: dict[str, Any], expected_version: int) -> Scheme:
        """Import."""
        given = body.pop("file")
        return operations.import_scheme(
            data=given.read(),
            filename=given.name,
            **_with_key(body),
            actor=self.actor,
            at=self.at,
        )

    def done(self, result: Any) -> Response:
        """The new draft and where it is."""
        response = self.answer(self.thing_again(result.pk), status=self.done_status)
        address = reverse("api-scheme", args=[result.number])
        response.headers["Location"] = self.request.build_absolute_uri(address)
        return response


class OfScheme(ApiView):
    """An address of a version."""

    serializer_class: Any = SchemeWhole

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """Visible versions."""
        return _visible(actor)

    def scheme(self) -> Scheme:
        """The version of the address."""
        return scheme_seen(self.actor, self.kwargs["number"])

    def thing(self) -> Any:
        """The version of the address."""
        return self.scheme()


class SchemeDetail(OfScheme, ChangingView):
    """A version with its content; PATCH writes a draft, by whoever drafted it."""

    body_class = ChangeSchemeBody

    def change(self, thing: Scheme, changes: dict[str, Any], expected_version: int) -> Scheme:
        """Change."""
        given = _with_key(changes)
        return operations.change_scheme(
            number=thing.number,
            content=given.get("content", thing.content),
            name=given.get("name", thing.name),
            valid_from=given.get("valid_from", thing.valid_from),
            why=given.get("why", thing.why),
            **self.acting(expected_version),
        )


class _SchemeAction(OfScheme, ActionView):
    serializer_class: Any = SchemeShown

    def done(self, result: Any) -> Response:
        """The version after the act."""
        return self.answer(self.thing())

    def thing_again(self, pk: int) -> Any:
        """The address says which."""
        return self.thing()


class SchemePropose(_SchemeAction):
    """Hand a draft over for approval."""

    def perform(self, thing: Scheme, body: dict[str, Any], expected_version: int) -> Scheme:
        """Propose."""
        return operations.propose_scheme(number=thing.number, **self.acting(expected_version))


class SchemeApprove(_SchemeAction):
    """Put a proposed version into force; never by whoever drafted it."""

    def perform(self, thing: Scheme, body: dict[str, Any], expected_version: int) -> Scheme:
        """Approve."""
        return operations.approve_scheme(number=thing.number, **self.acting(expected_version))


class WithdrawSchemeBody(Body):
    """Why it is put aside."""

    why = ReasonField()


class SchemeWithdraw(_SchemeAction):
    """Put a version aside that is not in force."""

    body_class = WithdrawSchemeBody

    def perform(self, thing: Scheme, body: dict[str, Any], expected_version: int) -> Scheme:
        """Withdraw."""
        return operations.withdraw_scheme(
            number=thing.number,
            why=body["why"],
            **self.acting(expected_version),
        )


class SchemeInForce(OfScheme, DetailView):
    """The approved version with the latest month of effect."""

    def thing(self) -> Scheme:
        """The newest approved."""
        found = newest_approved()
        if found is None:
            raise NotFound
        return found


SCHEME: Final = "schemes/<int:number>/"
urlpatterns = [
    path("schemes/", SchemeList.as_view(), name="api-schemes"),
    path("schemes/import/", SchemeImport.as_view(), name="api-scheme-import"),
    path("schemes/newest/", SchemeInForce.as_view(), name="api-scheme-newest"),
    path(SCHEME, SchemeDetail.as_view(), name="api-scheme"),
    path(f"{SCHEME}propose/", SchemePropose.as_view(), name="api-scheme-propose"),
    path(f"{SCHEME}approve/", SchemeApprove.as_view(), name="api-scheme-approve"),
    path(f"{SCHEME}withdraw/", SchemeWithdraw.as_view(), name="api-scheme-withdraw"),
]

"""The scheme's versions over the API (K1–K4): drafted, looked at, compared, approved, as files.

A version stands at ``schemes/<number>/``; its ``content`` is the JSON of kpi.scheme.parts. What is
wrong in a content is refused with a pointer to the very place (``/content/items/3/weight``).
"""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import Body, MonthField, PersonRef, ReasonField
from core.api.filters import QueryChoice
from core.api.parsers import FileParser
from core.api.problems import BadParameters, Fault
from core.api.views import ActionView, ApiView, ChangingView, CreatingView, DetailView, ListView
from core.errors import NotAllowed, NotFound
from core.exports import XLSX
from kpi.choices import SchemeState
from kpi.models import Rehearsal, Scheme
from kpi.operations import schemes as operations
from kpi.permissions import can_keep_schemes
from kpi.queries.schemes import changes_of, newest_approved, scheme_seen, schemes_for
from kpi.scheme import parsed
from kpi.scheme_looks import Look, look_at, sample_json
from kpi.scheme_texts import sentence
from kpi.views.schemes_read import JSON, file_of

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
            expected_version=expected_version,
            actor=self.actor,
            at=self.at,
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
        return operations.propose_scheme(
            number=thing.number, expected_version=expected_version, actor=self.actor, at=self.at
        )


class SchemeApprove(_SchemeAction):
    """Put a proposed version into force; never by whoever drafted it."""

    def perform(self, thing: Scheme, body: dict[str, Any], expected_version: int) -> Scheme:
        """Approve."""
        return operations.approve_scheme(
            number=thing.number, expected_version=expected_version, actor=self.actor, at=self.at
        )


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
            expected_version=expected_version,
            actor=self.actor,
            at=self.at,
        )


# Looked at


class SchemeFaultShown(serializers.Serializer[Any]):
    """Something that is wrong: its pointer in the body, a code, the words."""

    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class SampleShown(serializers.Serializer[Any]):
    """A month in which ``share`` of everything was reached: its breakdown (kpi.breakdown)."""

    share = serializers.CharField()
    breakdown = serializers.DictField(allow_null=True)
    why_not = serializers.CharField(allow_blank=True)


class SchemeLookShown(serializers.Serializer[Any]):
    """What there is to say of a content: faults, frame, weights, sample scores."""

    faults = SchemeFaultShown(many=True)
    frame = serializers.CharField(allow_blank=True)
    departs = serializers.BooleanField()
    weight = serializers.CharField(allow_null=True)
    samples = SampleShown(many=True)


def look_json(look: Look) -> dict[str, Any]:
    """A look as plain JSON."""
    return {
        "faults": [
            {
                "pointer": f"/content/{fault.path.replace('.', '/')}" if fault.path else "/content",
                "code": fault.code,
                "detail": sentence(fault.code, fault.values),
            }
            for fault in look.faults
        ],
        "frame": look.frame,
        "departs": look.departs,
        "weight": None if look.weight is None else f"{look.weight:f}",
        "samples": [sample_json(sample) for sample in look.samples],
    }


class CheckSchemeBody(Body):
    """A content to be looked at."""

    content = serializers.DictField()


class SchemeCheck(ApiView):
    """Look at a content without writing anything: live checks and sample scores."""

    serializer_class = SchemeLookShown
    body_class = CheckSchemeBody
    scope = "read"
    is_kept: ClassVar[bool] = False

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Look."""
        if not can_keep_schemes(self.actor):
            raise NotAllowed
        return Response(self.shown(look_json(look_at(self.body()["content"]))))


class SchemeSamples(OfScheme, DetailView):
    """A version looked at: its sample scores beside its frame."""

    serializer_class = SchemeLookShown

    def thing(self) -> dict[str, Any]:
        """The look."""
        scheme = self.scheme()
        return {**look_json(look_at(scheme.content)), "version": scheme.version}

    def version_of(self, thing: Any) -> int:
        """The version's own."""
        version: int = thing["version"]
        return version


# Compared


class SchemeChangeShown(serializers.Serializer[Any]):
    """A difference (kpi.scheme.differences): of which part, at which path, from what to what."""

    part = serializers.CharField()
    code = serializers.CharField(allow_blank=True)
    change = serializers.CharField()
    path = serializers.CharField(allow_blank=True)
    old = serializers.JSONField(allow_null=True)
    new = serializers.JSONField(allow_null=True)


class SchemeChangesShown(serializers.Serializer[Any]):
    """What a version changes of another one; null where there is none to compare with."""

    number = serializers.IntegerField()
    against = serializers.IntegerField(allow_null=True)
    changes = SchemeChangeShown(many=True)


class SchemeDifferences(OfScheme, DetailView):
    """What a version changes of the one it was drafted from, or of ``?against=``."""

    serializer_class = SchemeChangesShown
    against: ClassVar[str] = "against"

    def query_parameters(self) -> list[str]:
        """The version to compare with."""
        return [*super().query_parameters(), self.against]

    @extend_schema(
        parameters=[OpenApiParameter("against", int, description=_("和哪一版比，写版本号"))]
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """The differences."""
        return super().get(request, **kwargs)

    def thing(self) -> dict[str, Any]:
        """The differences."""
        scheme = self.scheme()
        base = self._base(scheme)
        return {
            "number": scheme.number,
            "against": base.number if base else None,
            "changes": changes_of(scheme, base) if base else [],
        }

    def _base(self, scheme: Scheme) -> Scheme | None:
        asked = self.request.query_params.get(self.against)
        if asked is None:
            number = scheme.based_on.number if scheme.based_on else None
        elif asked.isascii() and asked.isdecimal() and len(asked) < 10:
            number = int(asked)
        else:
            raise BadParameters(Fault(str(_("写版本号，如 1。")), parameter=self.against))
        if number is None:
            return None
        found = _visible(self.actor).filter(number=number).first()
        if found is None and asked is not None:
            raise BadParameters(Fault(str(_("没有这一版。")), parameter=self.against))
        return found

    def version_of(self, thing: Any) -> int:
        """The tag is the answer's own."""
        return 0


class SchemeFile(OfScheme, DownloadView):
    """A version as a file, XLSX unless asked for as JSON; it can be handed in again."""

    media_types = (XLSX, JSON)
    choices = (QueryChoice("as", ("xlsx", "json"), _("文件的格式，不写就是 xlsx")),)

    def outgoing(self) -> Outgoing:
        """Written."""
        scheme = self.scheme()
        name, content, content_type = file_of(scheme, (self.asked("as") or ["xlsx"])[0])
        return Outgoing(name, content, content_type, rows=len(scheme.content["items"]))


# Rehearsed


class RehearsalShown(serializers.ModelSerializer[Rehearsal]):
    """A rehearsal: when it was asked for and made, and whether the version changed since."""

    scheme = serializers.IntegerField(source="scheme.number")
    asked_by = PersonRef()
    is_stale = serializers.SerializerMethodField()

    class Meta:
        model = Rehearsal
        fields: tuple[str, ...] = (
            "id",
            "scheme",
            "scheme_digest",
            "asked_at",
            "asked_by",
            "made_at",
            "is_stale",
        )

    def get_is_stale(self, rehearsal: Rehearsal) -> bool:
        """Whether the version has another content now."""
        return rehearsal.scheme_digest != rehearsal.scheme.digest


class RehearsalWhole(RehearsalShown):
    """With its report (kpi.rehearsal): month by month who and which points change."""

    report = serializers.DictField()

    class Meta(RehearsalShown.Meta):
        fields = (*RehearsalShown.Meta.fields, "report")


class _Rehearsals(OfScheme):
    serializer_class: Any = RehearsalWhole

    def rehearsals(self) -> QuerySet[Rehearsal]:
        """Those of the address's version, for the keepers of the scheme."""
        if getattr(self, "swagger_fake_view", False):
            return Rehearsal.objects.none()
        scheme = self.scheme()
        if not can_keep_schemes(self.actor):
            raise NotAllowed
        return scheme.rehearsals.select_related("scheme", "asked_by")

    def get_queryset(self) -> QuerySet[Any]:
        """The same."""
        return self.rehearsals()


class RehearsalList(_Rehearsals, ListView):
    """The rehearsals of a version, newest first."""

    serializer_class: Any = RehearsalShown
    order = ("-asked_at", "-pk")


class RehearsalDetail(_Rehearsals, DetailView):
    """A rehearsal with its report; ``made_at`` is null while it is on its way."""

    def thing(self) -> Rehearsal:
        """The one of the address."""
        found = self.rehearsals().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound
        return found

    def version_of(self, thing: Any) -> int:
        """Made or not."""
        return int(thing.made_at is not None)


class SchemeRehearse(_Rehearsals, ActionView):
    """Have the last three closed months recomputed under a version; the worker does it."""

    serializer_class: Any = RehearsalShown
    needs_version = False
    done_status = 200

    def thing(self) -> Scheme:
        """The version of the address."""
        return self.scheme()

    def perform(self, thing: Scheme, body: dict[str, Any], expected_version: int) -> Rehearsal:
        """Ask."""
        return operations.rehearse_scheme(number=thing.number, actor=self.actor, at=self.at)

    def version_of(self, thing: Any) -> int:
        """A rehearsal has none."""
        return 0


class SchemeInForce(OfScheme, DetailView):
    """The approved version with the latest month of effect."""

    def thing(self) -> Scheme:
        """The newest approved."""
        found = newest_approved()
        if found is None:
            raise NotFound
        return found


_ONE = "schemes/<int:number>/"
urlpatterns = [
    path("schemes/", SchemeList.as_view(), name="api-schemes"),
    path("schemes/import/", SchemeImport.as_view(), name="api-scheme-import"),
    path("schemes/check/", SchemeCheck.as_view(), name="api-scheme-check"),
    path("schemes/newest/", SchemeInForce.as_view(), name="api-scheme-newest"),
    path(_ONE, SchemeDetail.as_view(), name="api-scheme"),
    path(f"{_ONE}samples/", SchemeSamples.as_view(), name="api-scheme-samples"),
    path(f"{_ONE}differences/", SchemeDifferences.as_view(), name="api-scheme-differences"),
    path(f"{_ONE}file/", SchemeFile.as_view(), name="api-scheme-file"),
    path(f"{_ONE}propose/", SchemePropose.as_view(), name="api-scheme-propose"),
    path(f"{_ONE}approve/", SchemeApprove.as_view(), name="api-scheme-approve"),
    path(f"{_ONE}withdraw/", SchemeWithdraw.as_view(), name="api-scheme-withdraw"),
    path(f"{_ONE}rehearse/", SchemeRehearse.as_view(), name="api-scheme-rehearse"),
    path(f"{_ONE}rehearsals/", RehearsalList.as_view(), name="api-scheme-rehearsals"),
    path(f"{_ONE}rehearsals/<int:pk>/", RehearsalDetail.as_view(), name="api-scheme-rehearsal"),
]

"""A scheme looked at over the API: live checks, sample scores, differences, files, rehearsals."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.downloads import DownloadView, Outgoing
from core.api.fields import Body, PersonRef
from core.api.filters import QueryChoice
from core.api.problems import BadParameters, Fault
from core.api.views import ActionView, ApiView, DetailView, ListView
from core.errors import NotAllowed, NotFound
from core.exports import XLSX
from kpi.api.schemes import SCHEME, OfScheme
from kpi.models import Rehearsal, Scheme
from kpi.operations import schemes as operations
from kpi.permissions import can_keep_schemes
from kpi.queries.schemes import changes_of, schemes_for
from kpi.rehearsal_table import rehearsal_workbook
from kpi.scheme_looks import Look, look_at, sample_json
from kpi.scheme_texts import sentence
from kpi.views.schemes_read import JSON, file_of

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
        found = schemes_for(self.actor).filter(number=number).first()
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

    def rehearsal(self) -> Rehearsal:
        """The one of the address."""
        found = self.rehearsals().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound
        return found


class RehearsalList(_Rehearsals, ListView):
    """The rehearsals of a version, newest first."""

    serializer_class: Any = RehearsalShown
    order = ("-asked_at", "-pk")


class RehearsalDetail(_Rehearsals, DetailView):
    """A rehearsal with its report; ``made_at`` is null while it is on its way."""

    def thing(self) -> Rehearsal:
        """The one of the address."""
        return self.rehearsal()

    def version_of(self, thing: Any) -> int:
        """Made or not."""
        return int(thing.made_at is not None)


class RehearsalWorkbook(_Rehearsals, DownloadView):
    """A rehearsal's report as a workbook."""

    media_types = (XLSX,)

    def outgoing(self) -> Outgoing:
        """As it was made."""
        made = rehearsal_workbook(self.rehearsal(), self.at)
        return Outgoing(f"{made.name}.xlsx", made.content, XLSX, rows=made.rows)


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


urlpatterns = [
    path("schemes/check/", SchemeCheck.as_view(), name="api-scheme-check"),
    path(f"{SCHEME}samples/", SchemeSamples.as_view(), name="api-scheme-samples"),
    path(f"{SCHEME}differences/", SchemeDifferences.as_view(), name="api-scheme-differences"),
    path(f"{SCHEME}file/", SchemeFile.as_view(), name="api-scheme-file"),
    path(f"{SCHEME}rehearse/", SchemeRehearse.as_view(), name="api-scheme-rehearse"),
    path(f"{SCHEME}rehearsals/", RehearsalList.as_view(), name="api-scheme-rehearsals"),
    path(f"{SCHEME}rehearsals/<int:pk>/", RehearsalDetail.as_view(), name="api-scheme-rehearsal"),
    path(
        f"{SCHEME}rehearsals/<int:pk>/workbook/",
        RehearsalWorkbook.as_view(),
        name="api-scheme-rehearsal-workbook",
    ),
]

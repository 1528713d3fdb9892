"""Issued targets over the API (annex 3.6): versions, acknowledging, the paper, the workbook."""

from typing import Any

from django.urls import path, reverse
from rest_framework import serializers
from rest_framework.response import Response

from core.api.downloads import DownloadView, Outgoing
from core.api.fields import PersonRef
from core.api.views import ActionView, DetailView
from core.exports import XLSX
from kpi.api.targets import OfBranch
from kpi.models import Acknowledgement, TargetVersion
from kpi.operations import targets as operations
from kpi.queries.targets import (
    acknowledged_by,
    issued_version,
    sheet_of,
    target_branch,
)
from kpi.target_papers import target_pdf
from kpi.target_workbooks import target_workbook

PDF = "application/pdf"


class TargetVersionShown(serializers.ModelSerializer[TargetVersion]):
    """A version as it was issued, with its frozen content."""

    issued_by = PersonRef()
    content = serializers.DictField()
    acknowledged = serializers.SerializerMethodField()

    class Meta:
        model = TargetVersion
        fields = (
            "number",
            "digest",
            "why",
            "issued_at",
            "issued_by",
            "content",
            "acknowledged",
        )

    def get_acknowledged(self, version: TargetVersion) -> dict[str, str]:
        """Manager's id → when the version was acknowledged."""
        return {str(each): at.isoformat() for each, at in acknowledged_by(version).items()}


class _Versions(OfBranch):
    serializer_class: Any = TargetVersionShown

    def version(self) -> TargetVersion:
        """The version with the number of the address; managers see the newest only."""
        branch = target_branch(self.actor, self.kwargs["branch_id"])
        return issued_version(sheet_of(branch, self.month), self.kwargs["number"])

    def thing(self) -> Any:
        """As it was issued."""
        return self.version()


class TargetVersionDetail(_Versions, DetailView):
    """What was issued."""


class TargetAcknowledge(_Versions, ActionView):
    """A manager has seen it."""

    needs_version = False

    def perform(
        self, thing: TargetVersion, body: dict[str, Any], expected_version: int
    ) -> Acknowledgement:
        """Acknowledge."""
        return operations.acknowledge_targets(version_id=thing.pk, actor=self.actor, at=self.at)

    def done(self, result: Any) -> Response:
        """The version with who has acknowledged it."""
        return self.answer(self.thing())


class TargetPdf(_Versions, DownloadView):
    """The A4 sheet of a version."""

    media_types = (PDF,)

    def outgoing(self) -> Outgoing:
        """Rendered."""
        version = self.version()
        page = self.request.build_absolute_uri(
            reverse("targets", args=[self.month.key, self.kwargs["branch_id"]])
        )
        return Outgoing(
            f"{version.content['branch']['name']}_{self.month.key}_{version.number}.pdf",
            target_pdf(version, acknowledged_by(version), url=page),
            PDF,
            rows=len(version.content["managers"]),
            branch_id=self.kwargs["branch_id"],
        )


class TargetWorkbook(_Versions, DownloadView):
    """The workbook of a version."""

    media_types = (XLSX,)

    def outgoing(self) -> Outgoing:
        """Written."""
        made = target_workbook(self.version())
        return Outgoing(
            f"{made.name}.xlsx",
            made.content,
            XLSX,
            rows=made.rows,
            branch_id=self.kwargs["branch_id"],
        )


_VERSION = "targets/<month:month>/<int:branch_id>/versions/<int:number>/"
urlpatterns = [
    path(_VERSION, TargetVersionDetail.as_view(), name="api-target-version"),
    path(
        f"{_VERSION}acknowledge/",
        TargetAcknowledge.as_view(),
        name="api-target-acknowledge",
    ),
    path(f"{_VERSION}pdf/", TargetPdf.as_view(), name="api-target-pdf"),
    path(f"{_VERSION}workbook/", TargetWorkbook.as_view(), name="api-target-workbook"),
]

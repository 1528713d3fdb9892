"""A target sheet as files (annex 3.6): the A4 paper and the workbook of one issued version."""

import hashlib
from urllib.parse import quote

from django.http import HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from confidentiality.operations import disclose
from core import clock
from core.exports import hand_out
from core.periods import Month
from core.requests import SignedInRequest, whole_number
from kpi.models import TargetVersion
from kpi.queries.targets import acknowledged_by, issued_version, sheet_of, target_branch
from kpi.target_papers import target_pdf
from kpi.target_workbooks import target_workbook


def _version(request: SignedInRequest, month: Month, branch: int) -> TargetVersion:
    """The version that ``?number=`` names, else the newest."""
    sheet = sheet_of(target_branch(request.actor, branch), month)
    return issued_version(sheet, whole_number(request.GET.get("number")))


@require_safe
def target_paper(request: SignedInRequest, month: Month, branch: int) -> HttpResponse:
    """The A4 sheet, with lines to sign."""
    version = _version(request, month, branch)
    page = request.build_absolute_uri(reverse("targets", args=[month.key, branch]))
    content = target_pdf(version, acknowledged_by(version), url=page)
    name = f"{version.content['branch']['name']}_{month.key}_{version.number}.pdf"
    disclose(
        actor=request.actor,
        at=clock.now(),
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=len(version.content["managers"]),
        file=None,
        level=2,
        branch_id=branch,
    )
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_safe
def target_workbook_page(request: SignedInRequest, month: Month, branch: int) -> HttpResponse:
    """The workbook."""
    made = target_workbook(_version(request, month, branch))
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=branch)


_ONE = "targets/<month:month>/<int:branch>/"
urlpatterns = [
    path(f"{_ONE}paper.pdf", target_paper, name="target-paper"),
    path(f"{_ONE}workbook/", target_workbook_page, name="target-workbook"),
]

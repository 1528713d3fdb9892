"""Corrections after the lock (annex 11.13): a second person decides. Proposed at the sheet."""

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.actors import Acting
from core.errors import NotFound
from core.requests import SignedInRequest
from kpi.models import Correction, ScoreSheet
from kpi.operations import corrections
from kpi.sheet_forms import SettleForm
from kpi.views.sheet import done


@require_POST
def correction_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Approved, the sheet gets its next version; or not."""
    visible = ScoreSheet.objects.visible_to(request.actor).order_by()
    found = Correction.objects.filter(pk=pk, sheet__in=visible).select_related("sheet").first()
    if found is None:
        raise NotFound

    def act(given: dict[str, Any], acting: Acting) -> None:
        corrections.decide_correction(
            correction_id=pk,
            is_approved=given["result"] == "yes",
            decision=given["decision"],
            **acting,
        )

    form = SettleForm(request.POST)
    return done(request, found.sheet, "settle", form, act, _("更正已复核"), line=found.item)


urlpatterns = [
    path("scores/corrections/<int:pk>/decide/", correction_decide, name="correction-decide"),
]

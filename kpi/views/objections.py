"""Objections to a line of a sheet (K4): taken back, answered by the supervisor, decided."""

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.actors import Acting, Actor
from core.errors import NotFound
from core.forms import Versioned
from core.periods import Month
from core.requests import SignedInRequest
from kpi.models import Objection, ScoreSheet
from kpi.operations import objections
from kpi.sheet_forms import DecideForm, ReviewForm
from kpi.views.line_forms import fields_of, line_now, typed_inputs
from kpi.views.sheet import done
from worklogs.views.downloads import archived


def _seen(actor: Actor, pk: int) -> Objection:
    """An objection to a sheet the actor sees."""
    visible = ScoreSheet.objects.visible_to(actor).order_by()
    found = (
        Objection.objects.filter(pk=pk, sheet__in=visible).select_related("sheet", "file").first()
    )
    if found is None:
        raise NotFound
    return found


@require_POST
def objection_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """The manager takes it back."""
    found = _seen(request.actor, pk)

    def act(given: dict[str, Any], acting: Acting) -> None:
        objections.withdraw_objection(objection_id=pk, **acting)

    form = Versioned(request.POST)
    return done(request, found.sheet, "withdraw", form, act, _("已撤回申诉"), line=found.item)


@require_POST
def objection_review(request: SignedInRequest, pk: int) -> HttpResponse:
    """The supervisor gives an opinion."""
    found = _seen(request.actor, pk)

    def act(given: dict[str, Any], acting: Acting) -> None:
        objections.review_objection(
            objection_id=pk,
            opinion=given["opinion"],
            **acting,
        )

    form = ReviewForm(request.POST)
    text = _("意见已写，等总经理决定")
    return done(request, found.sheet, "review", form, act, text, line=found.item)


@require_POST
def objection_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """The general manager decides: upheld with the numbers that are right, or rejected."""
    found = _seen(request.actor, pk)
    line = line_now(found.sheet, found.item)
    form = DecideForm(request.POST, numbers=fields_of(line, Month.parse(found.sheet.month)))

    def act(given: dict[str, Any], acting: Acting) -> None:
        is_upheld = given["decision"] == "upheld"
        objections.decide_objection(
            objection_id=pk,
            is_upheld=is_upheld,
            answer=given["answer"],
            inputs=typed_inputs(line, form) if is_upheld else None,
            **acting,
        )

    text = _("申诉已决定")
    return done(request, found.sheet, "decide", form, act, text, line=found.item)


@require_safe
def objection_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The file that was handed in with it."""
    return archived(request, _seen(request.actor, pk).file, rows=1)


_ONE = "scores/objections/<int:pk>/"
urlpatterns = [
    path(f"{_ONE}withdraw/", objection_withdraw, name="objection-withdraw"),
    path(f"{_ONE}review/", objection_review, name="objection-review"),
    path(f"{_ONE}decide/", objection_decide, name="objection-decide"),
    path(f"{_ONE}file/", objection_file, name="objection-file"),
]

"""What is pressed beside a bulletin: begin, comment, answer, approve, send back, sign, remind."""

from datetime import datetime

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core import clock
from core.errors import NotFound, Refused
from core.pages import toast
from core.parts import ErrorLink
from core.periods import Month
from core.requests import SignedInRequest, whole_number
from reports import permissions
from reports.models import Bulletin
from reports.operations.bulletins import draft_bulletin, draft_supplement, send_back_bulletin
from reports.operations.comments import answer_comment, comment_on_bulletin
from reports.operations.publishing import publish_bulletin
from reports.operations.receipts import remind_signers, sign_for_bulletin
from reports.queries.bulletins import bulletin_for
from reports.views.bulletin_editor import editor
from reports.views.bulletins import reading_page


def _there(pk: int, anchor: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('bulletin', args=[pk])}{anchor}")


def _again(
    request: SignedInRequest, found: Bulletin, refusal: Refused, at: datetime, *names: str
) -> HttpResponse:
    """The page with what was typed and why it was refused."""
    errors = {one.field or names[0]: str(one.message) for one in refusal.problems}
    typed = {name: request.POST.get(name, "") for name in names}
    return reading_page(request, found, at, errors=errors, typed=typed, status=422)


@require_POST
def bulletin_draft(request: SignedInRequest) -> HttpResponse:
    """Begin a month's bulletin."""
    try:
        month = Month.parse(request.POST.get("month", ""))
    except ValueError:
        raise Refused(_("没有这个月。"), field="month") from None
    bulletin = draft_bulletin(month=month, actor=request.actor, at=clock.now())
    toast(request, _("已起草"))
    return _there(bulletin.pk)


@require_POST
def bulletin_comment(request: SignedInRequest, pk: int) -> HttpResponse:
    """A branch's comment, or that it has none."""
    at = clock.now()
    found = bulletin_for(request.actor, pk)
    has_none = "none" in request.POST
    try:
        comment_on_bulletin(
            bulletin_id=pk,
            branch_id=whole_number(request.POST.get("branch")) or 0,
            text=request.POST.get("text", ""),
            has_none=has_none,
            actor=request.actor,
            at=at,
        )
    except Refused as refusal:
        return _again(request, found, refusal, at, "text", "branch")
    toast(request, _("已回复没有意见") if has_none else _("意见已提交"))
    return _there(pk, "#comments")


@require_POST
def bulletin_answer(request: SignedInRequest, pk: int, comment: int) -> HttpResponse:
    """The answer to a comment."""
    at = clock.now()
    found = bulletin_for(request.actor, pk)
    if not found.comments.filter(pk=comment).exists():
        raise NotFound
    try:
        answer_comment(
            comment_id=comment,
            answer=request.POST.get("answer", ""),
            actor=request.actor,
            at=at,
        )
    except Refused as refusal:
        if not permissions.can_write(request.actor):
            raise
        links = [ErrorLink(one.message, f"answer-{comment}") for one in refusal.problems]
        answers = {comment: request.POST.get("answer", "")}
        return editor(request, found, at, links=links, answers=answers, status=422)
    toast(request, _("已答复"))
    return _there(pk, "#comments")


def _version(request: SignedInRequest) -> int:
    return whole_number(request.POST.get("version")) or 0


@require_POST
def bulletin_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    """The second person approves, and it is published."""
    at = clock.now()
    found = bulletin_for(request.actor, pk)
    try:
        bulletin = publish_bulletin(
            bulletin_id=pk, expected_version=_version(request), actor=request.actor, at=at
        )
    except Refused as refusal:
        return _again(request, found, refusal, at, "publish")
    toast(request, _("已发布"), detail=bulletin.document_number)
    return _there(pk)


@require_POST
def bulletin_send_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Back to its writers, with the reason."""
    at = clock.now()
    found = bulletin_for(request.actor, pk)
    try:
        send_back_bulletin(
            bulletin_id=pk,
            why=request.POST.get("why", ""),
            expected_version=_version(request),
            actor=request.actor,
            at=at,
        )
    except Refused as refusal:
        return _again(request, found, refusal, at, "why")
    toast(request, _("已退回"))
    return _there(pk)


@require_POST
def bulletin_sign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sign for it."""
    sign_for_bulletin(bulletin_id=pk, actor=request.actor, at=clock.now())
    toast(request, _("已签收"))
    return _there(pk, "#signing")


@require_POST
def bulletin_remind(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remind those who have not signed."""
    at = clock.now()
    found = bulletin_for(request.actor, pk)
    try:
        chosen = remind_signers(bulletin_id=pk, actor=request.actor, at=at)
    except Refused as refusal:
        return _again(request, found, refusal, at, "remind")
    n = len(chosen)
    toast(request, ngettext("已提醒 %(n)d 人", "已提醒 %(n)d 人", n) % {"n": n})
    return _there(pk, "#signing")


@require_POST
def bulletin_supplement(request: SignedInRequest, pk: int) -> HttpResponse:
    """Begin a supplement to what is published."""
    at = clock.now()
    found = bulletin_for(request.actor, pk)
    try:
        made = draft_supplement(
            bulletin_id=pk,
            why=request.POST.get("why", ""),
            actor=request.actor,
            at=at,
        )
    except Refused as refusal:
        return _again(request, found, refusal, at, "why")
    toast(request, _("已起草补充通报"))
    return _there(made.pk)


_ONE = "bulletins/<int:pk>/"
urlpatterns = [
    path("bulletins/draft/", bulletin_draft, name="bulletin-draft"),
    path(f"{_ONE}comment/", bulletin_comment, name="bulletin-comment"),
    path(f"{_ONE}comments/<int:comment>/answer/", bulletin_answer, name="bulletin-answer"),
    path(f"{_ONE}publish/", bulletin_publish, name="bulletin-publish"),
    path(f"{_ONE}send-back/", bulletin_send_back, name="bulletin-send-back"),
    path(f"{_ONE}sign/", bulletin_sign, name="bulletin-sign"),
    path(f"{_ONE}remind/", bulletin_remind, name="bulletin-remind"),
    path(f"{_ONE}supplement/", bulletin_supplement, name="bulletin-supplement"),
]

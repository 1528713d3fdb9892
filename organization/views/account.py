"""One's own account: who one is here, sessions, tokens, look and language."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_POST

from core import clock, pages
from core.formats import moment
from core.marked_days import filled
from core.parts import Fact
from core.requests import SignedInRequest
from organization.forms import TokenForm
from organization.models import ApiToken
from organization.operations import access
from organization.queries import open_sessions
from organization.views.shared import refusals_on, role_names


@require_GET
def account(request: SignedInRequest) -> HttpResponse:
    """The page."""
    return _page(request, TokenForm(actor=request.actor))


def _page(
    request: SignedInRequest, form: TokenForm, new_token: str = "", status: int = 200
) -> HttpResponse:
    at = clock.now()
    person = request.user
    password_set = moment(person.password_set_at, at) if person.password_set_at else "–"
    facts = [
        Fact(_("工号"), person.job_number),
        Fact(pgettext("一家", "机构"), person.branch.name),
        Fact(_("岗位"), person.post or "–"),
        Fact(_("角色"), role_names(request.actor.roles) or "–"),
        Fact(_("手机"), person.phone_masked or "–"),
        Fact(_("邮箱"), person.email or "–"),
        Fact(_("密码"), filled(_("%(when)s 设定"), when=password_set)),
    ]
    context = {
        "person": person,
        "facts": facts,
        "sessions": open_sessions(person, current=request.session.session_key or "", at=at),
        "tokens": ApiToken.objects.filter(person=person, revoked_at=None),
        "form": form,
        "new_token": new_token,
        "now": at,
    }
    return render(request, "organization/account.html", context, status=status)


@require_POST
def end_session(request: SignedInRequest, sign_in_id: int) -> HttpResponse:
    """End one session."""
    access.end_session(sign_in_id=sign_in_id, actor=request.actor, at=clock.now())
    pages.toast(request, _("那次登录已退出"))
    return HttpResponseRedirect(reverse("account"))


@require_POST
def end_other_sessions(request: SignedInRequest) -> HttpResponse:
    """End all sessions but this one."""
    ended = access.end_other_sessions(
        keep_session=request.session.session_key or "", actor=request.actor, at=clock.now()
    )
    text = ngettext("已退出 %(n)d 处登录", "已退出 %(n)d 处登录", ended) % {"n": ended}
    pages.toast(request, text)
    return HttpResponseRedirect(reverse("account"))


@require_POST
def issue_token(request: SignedInRequest) -> HttpResponse:
    """Make a token; its text is shown in this answer and never again."""
    form = TokenForm(request.POST, actor=request.actor)
    if form.is_valid():
        with refusals_on(form):
            _token, text = access.issue_token(
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                branch_ids=[int(pk) for pk in form.cleaned_data["branch_ids"]],
                days=form.cleaned_data["days"],
                actor=request.actor,
                at=clock.now(),
            )
            return _page(request, TokenForm(actor=request.actor), text)
    return _page(request, form, status=422)


@require_POST
def revoke_token(request: SignedInRequest, token_id: int) -> HttpResponse:
    """Make a token useless."""
    token = access.revoke_token(token_id=token_id, actor=request.actor, at=clock.now())
    pages.toast(request, _("令牌“%(name)s”已作废") % {"name": token.name})
    return HttpResponseRedirect(reverse("account"))

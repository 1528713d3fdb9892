"""In and out, the first password, the language."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core import clock, pages
from core.errors import Refused
from core.periods import local_date
from core.requests import SignedInRequest
from organization import sign_in as ways
from organization.choices import Role
from organization.demonstration import demonstration_sign_ins
from organization.forms import PasswordForm, SignInForm
from organization.middleware import before_first_password
from organization.models import Person
from organization.operations import access
from organization.passwords import rules_told
from organization.queries import actor_of
from organization.views.shared import refusals_on, status_of, way_back

_A_YEAR = 365 * 24 * 3600


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The way in."""
    if getattr(request, "actor", None) is not None:
        return HttpResponseRedirect(way_back(request))
    if request.method != "POST":
        given = {"form": SignInForm(), "tried_as": _tried_as()}
        return render(request, "organization/sign_in.html", given)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return render(request, "organization/sign_in.html", {"form": form}, status=422)
    try:
        person = ways.sign_in(
            request,
            job_number=form.cleaned_data["username"].strip(),
            password=form.cleaned_data["password"],
            door="page",
            at=clock.now(),
        )
    except Refused as refused:
        return ways.failed_page(request, form, refused.message)
    if person is None:
        return ways.failed_page(request, form)
    response = HttpResponseRedirect(way_back(request))
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if language in dict(settings.LANGUAGES):
        # Chosen on the way in, by this person: kept with the account and used up.
        at = clock.now()
        access.choose_language(language=language, actor=actor_of(person, at=at), at=at)
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return response


def _tried_as() -> list[tuple[Role, Person]]:
    """Who can be tried in the demonstration; nobody anywhere else."""
    return demonstration_sign_ins(local_date(clock.now())) if settings.DEMONSTRATION else []


@before_first_password
@require_POST
def sign_out(request: SignedInRequest) -> HttpResponse:
    """The way out."""
    ways.sign_out(request, actor=request.actor, at=clock.now())
    return HttpResponseRedirect(reverse("sign-in"))


@before_first_password
@sensitive_post_parameters("current", "new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: SignedInRequest) -> HttpResponse:
    """A new password: the first one, one that is due, or because somebody wants to."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            ways.renew_session(
                request,
                access.change_password(
                    current=form.cleaned_data["current"],
                    new=form.cleaned_data["new"],
                    keep_session=request.session.session_key or "",
                    actor=request.actor,
                    at=clock.now(),
                ),
            )
            tokens = access.live_tokens_of(request.user, clock.now())
            detail = (
                ngettext(
                    "%(n)d 个接口令牌照旧有效，不放心请作废。",
                    "%(n)d 个接口令牌照旧有效，不放心请作废。",
                    tokens,
                )
                % {"n": tokens}
                if tokens
                else ""
            )
            pages.toast(request, _("密码已修改，其他登录都已退出"), detail=detail)
            is_due = request.must_change_password
            return HttpResponseRedirect("/" if is_due else reverse("account"))
    context = {
        "form": form,
        "rules": rules_told(),
        "is_due": request.must_change_password,
        "is_first": request.user.must_change_password,
        "max_age_days": settings.PASSWORD_MAX_AGE_DAYS,
    }
    return render(request, "organization/password.html", context, status=status_of(form))


@login_not_required
@before_first_password
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Chinese or English: kept with the person, or in a cookie until the person signs in."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(way_back(request))
    if language not in dict(settings.LANGUAGES):
        return response
    actor = getattr(request, "actor", None)
    if actor is not None:
        access.choose_language(language=language, actor=actor, at=clock.now())
        return response
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=_A_YEAR,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response

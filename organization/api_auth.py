"""Who comes in by the API: a token, or a signed-in browser with its CSRF token (C5).

Both set ``request.actor`` and ``request.auth_scopes``. While a password is due every address
but that of the password answers 403 ``password-change-required``.
"""

from datetime import timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from core import clock
from core.actors import Actor
from core.periods import local_date
from organization.models import ApiToken, Person
from organization.operations.access import SCOPE_KEYS, digest_of
from organization.queries import actor_of, is_in_post
from organization.sign_in import address_of

SCHEME: Final = "Bearer"
# A token in steady use is noted no more often than this.
USED_EVERY: Final = timedelta(minutes=1)


class PasswordChangeRequired(PermissionDenied):
    """A new password is due: nothing else is answered."""

    default_detail = _("请先修改密码：POST /api/v1/me/password/。")
    default_code = "password-change-required"


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer bh_…``: known, not expired, not revoked, its person in post."""

    def authenticate(self, request: Request) -> tuple[Person, ApiToken] | None:
        """The person and the token; None without the header, AuthenticationFailed otherwise."""
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        at = clock.now()
        token = None
        if scheme.lower() == SCHEME.lower():
            token = (
                ApiToken.objects.select_related("person")
                .filter(digest=digest_of(text.strip()), revoked_at=None, expires_at__gt=at)
                .first()
            )
        if token is None or not is_in_post(token.person, local_date(at)):
            raise AuthenticationFailed
        actor = actor_of(token.person, at=at)
        if token.branch_ids:
            actor = actor.narrowed_to(frozenset(token.branch_ids))
            if not actor.branches:
                raise AuthenticationFailed
        _let_in(request, actor, token.scopes)
        if token.person.must_change_password:
            _refuse_before_new_password(request)
        if token.used_at is None or at >= token.used_at + USED_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(used_at=at)
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        """What a client must bring: makes the answer a 401."""
        return f'{SCHEME} realm="api"'


class BrowserAuthentication(BaseAuthentication):
    """The session of a signed-in browser (organization.middleware); writes need its CSRF token."""

    def authenticate(self, request: Request) -> tuple[Person, None] | None:
        """The person; None when nobody is signed in."""
        actor = getattr(request._request, "actor", None)
        person = request._request.user
        if actor is None or not isinstance(person, Person):
            return None
        _check_csrf(request)
        _let_in(request, actor, SCOPE_KEYS)
        if request._request.must_change_password:  # type: ignore[attr-defined]
            _refuse_before_new_password(request)
        return person, None


def _let_in(request: Request, actor: Actor, scopes: Any) -> None:
    door = actor.coming_by(
        "api",
        address=address_of(request._request),
        request_id=getattr(request._request, "request_id", ""),
    )
    request.actor = door  # type: ignore[attr-defined]
    request._request.actor = door  # type: ignore[attr-defined]
    request.auth_scopes = frozenset(scopes)  # type: ignore[attr-defined]


def _refuse_before_new_password(request: Request) -> None:
    view = request.parser_context and request.parser_context.get("view")
    if not getattr(view, "stands_before_first_password", False):
        raise PasswordChangeRequired


def _check_csrf(request: Request) -> None:
    check = CSRFCheck(lambda _request: None)  # type: ignore[arg-type]
    check.process_request(request._request)
    if check.process_view(request._request, None, (), {}):  # type: ignore[arg-type]
        raise PermissionDenied(_("请带上 X-CSRFToken。"))

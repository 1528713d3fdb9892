"""Who comes in through the API: a bearer token of a person, narrowed to scopes and branches."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from core import clock
from core.errors import NotAllowed
from core.periods import local_date
from core.sealing import blind
from organization.models import ApiToken
from organization.passwords import must_change
from organization.queries import actor_of, is_in_post
from organization.sign_in import address_of


def token_digest(secret: str) -> str:
    """What is stored of a token: a keyed hash."""
    return blind(f"token:{secret}")


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>`` gives ``request.actor`` and ``request.auth_scopes``."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        """The person and the token; AuthenticationFailed (401) for one that is not valid."""
        kind, _space, secret = get_authorization_header(request).partition(b" ")
        if kind.lower() != b"bearer":
            return None
        at = clock.now()
        token = (
            ApiToken.objects.select_related("person__branch")
            .filter(
                digest=token_digest(secret.decode("latin-1").strip()),
                revoked_at__isnull=True,
                expires_at__gt=at,
            )
            .first()
        )
        if token is None or not is_in_post(token.person, local_date(at)):
            raise AuthenticationFailed
        if must_change(token.person, at):
            raise NotAllowed(_("请先在页面上设置新密码。"))
        ApiToken.objects.filter(pk=token.pk).update(used_at=at)
        actor = actor_of(token.person, at=at)
        if token.branch_ids:
            actor = actor.narrowed_to(frozenset(token.branch_ids))
        request.actor = actor.coming_by(  # type: ignore[attr-defined]
            "api",
            address=address_of(request._request),
            request_id=getattr(request, "request_id", ""),
        )
        request.auth_scopes = frozenset(token.scopes)  # type: ignore[attr-defined]
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"

"""Who comes in: an actor, by a token with the scope that the request needs."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.errors import NotAllowed

READING = ("GET", "HEAD")


class HasScope(BasePermission):
    """The authentication has set ``request.actor`` and ``request.auth_scopes``.

    Reading needs ``read``, everything else ``view.scope`` (``write`` unless said otherwise).
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether a token came along (401 without); raises NotAllowed when its scope lacks.

        Scopes come from an authentication of the API alone: that a page's middleware has set
        an actor is not enough, so that no other site can act through somebody's browser.
        """
        scopes = getattr(request, "auth_scopes", None)
        if scopes is None or getattr(request, "actor", None) is None:
            return False
        needed = scope_needed(request.method or "GET", view)
        if needed not in scopes:
            raise NotAllowed(_("这个令牌没有 %(scope)s 权限。") % {"scope": needed})
        return True


def scope_needed(method: str, view: Any) -> str:
    """The scope that a method of a view asks for."""
    scope: str = view.reading_scope if method in READING else view.scope
    return scope

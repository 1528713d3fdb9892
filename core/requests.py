"""What a view of somebody signed in is given."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, QueryDict

from core.actors import Actor

if TYPE_CHECKING:
    from django.contrib.auth.models import _User


class SignedInRequest(HttpRequest):
    """A request behind the sign-in: who acts, and the id to find the request by.

    ``must_change_password`` is true while a new password is due, which is before any page but
    that of the password.
    """

    actor: Actor
    request_id: str
    must_change_password: bool
    user: "_User"


def with_query(request: HttpRequest, **values: str) -> None:
    """Have the request answered as if its address bore these values too."""
    query = request.GET.copy()
    for key, value in values.items():
        query[key] = value
    request.GET = QueryDict(query.urlencode())

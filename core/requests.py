"""What a view of somebody signed in is given."""

from django.http import HttpRequest

from core.actors import Actor


class SignedInRequest(HttpRequest):
    """A request behind the sign-in: who acts, and the id to find the request by."""

    actor: Actor
    request_id: str

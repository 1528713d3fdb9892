"""What a view of somebody signed in is given, and what its address and its scripts say."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from core.actors import Actor
from core.canonical import check_storable
from core.drafts import NO_WINDOW, Window
from core.errors import Refused

if TYPE_CHECKING:
    from django.contrib.auth.models import _User

_ID_AT_MOST: Final = 2**63 - 1
# How a window calls itself, and what its count of saves may reach.
_WINDOW: Final = re.compile(r"[0-9a-z]{8,32}")
_SAVES_AT_MOST: Final = 2**31 - 1


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


def whole_number(value: object) -> int | None:
    """A number that can be an id or a version, None for what cannot."""
    text = str(value).strip() if value is not None else ""
    if not (text.isascii() and text.isdecimal()) or len(text) > 19:
        return None
    return int(text) if int(text) <= _ID_AT_MOST else None


def json_body(request: HttpRequest) -> dict[str, Any]:
    """The object that a script sent; Refused for anything else."""
    try:
        body = json.loads(request.body)
        check_storable(body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused(_("内容读不懂，请重新打开本页。"))
    return body


@dataclass(frozen=True)
class Autosave:
    """What a script saves: the changed fields, the version they were typed on, which window."""

    fields: dict[str, Any]
    version: int
    window: Window


def autosaved(request: HttpRequest) -> Autosave:
    """What a script saves; Refused where the body is none of this kind."""
    body = json_body(request)
    fields, version = body.get("fields"), whole_number(body.get("version"))
    if not isinstance(fields, dict) or version is None:
        raise Refused(_("内容读不懂，请重新打开本页。"))
    return Autosave({str(name): value for name, value in fields.items()}, version, window_of(body))


def window_of(body: Mapping[str, Any]) -> Window:
    """Which window saves, and its how-manieth save it is; none where it is not well said."""
    key, sequence = str(body.get("window") or ""), whole_number(body.get("sequence"))
    if sequence is None or sequence > _SAVES_AT_MOST or not _WINDOW.fullmatch(key):
        return NO_WINDOW
    return Window(key, sequence)

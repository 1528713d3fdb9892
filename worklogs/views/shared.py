"""What the week's pages share: the bodies of scripts, numbers out of addresses."""

import json
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.canonical import check_storable
from core.errors import Refused

ID_AT_MOST = 2**63 - 1


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


def whole_number(value: object) -> int | None:
    """A number that can be an id or a version, None for what cannot."""
    text = str(value).strip() if value is not None else ""
    if not (text.isascii() and text.isdecimal()) or len(text) > 19:
        return None
    return int(text) if int(text) <= ID_AT_MOST else None


def autosave(request: HttpRequest) -> tuple[dict[str, Any], int]:
    """The changed fields and the version they were typed on: {"fields", "version"}."""
    body = json_body(request)
    fields, version = body.get("fields"), whole_number(body.get("version"))
    if not isinstance(fields, dict) or version is None:
        raise Refused(_("内容读不懂，请重新打开本页。"))
    return fields, version

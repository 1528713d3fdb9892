"""What the pages of targets and results share: bodies of scripts, months, numbers of addresses."""

import json
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core.actors import Actor
from core.canonical import check_storable
from core.errors import NotFound, Refused
from core.parts import Segment
from core.periods import Month
from kpi.queries.targets import led_branch
from organization.choices import BranchKind
from organization.models import Branch

_ID_AT_MOST: Final = 2**63 - 1


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


def autosaved(request: HttpRequest) -> tuple[dict[str, Any], int]:
    """What a script saves: the changed fields, and the version they were typed on."""
    body = json_body(request)
    fields, version = body.get("fields"), whole_number(body.get("version"))
    if not isinstance(fields, dict) or version is None:
        raise Refused(_("内容读不懂，请重新打开本页。"))
    return {str(name): value for name, value in fields.items()}, version


def posted(request: HttpRequest) -> tuple[dict[str, Any], int]:
    """The same of a form that was sent as a whole."""
    fields = {name: request.POST.get(name, "") for name in request.POST}
    return fields, whole_number(request.POST.get("version")) or 0


def whole_number(value: object) -> int | None:
    """A number that can be an id or a version, None for what cannot."""
    text = str(value).strip() if value is not None else ""
    if not (text.isascii() and text.isdecimal()) or len(text) > 19:
        return None
    return int(text) if int(text) <= _ID_AT_MOST else None


def asked_branch(actor: Actor, asked: str | None) -> Branch:
    """The branch that ``?branch=`` names, else the first that the actor leads or may see."""
    if asked is not None:
        return led_branch(actor, whole_number(asked) or 0)
    branches = seen_branches(actor)
    if not branches:
        raise NotFound
    return branches[0]


def seen_branches(actor: Actor) -> list[Branch]:
    """The branches whose targets and results the actor sees as a whole; the own one first."""
    found = Branch.objects.filter(kind=BranchKind.BRANCH)
    if not actor.reads_all:
        found = found.filter(pk__in=actor.led_branches)
    return sorted(found, key=lambda one: one.pk != actor.branch_id)


def branch_segments(branches: list[Branch], current: Branch, url: str) -> list[Segment]:
    """The branches as a choice; none where there is only one."""
    if len(branches) < 2:
        return []
    return [Segment(one.name, f"{url}?branch={one.pk}", one == current) for one in branches]


def neighbours(route: str, month: Month, *rest: object, query: str = "") -> tuple[str, str]:
    """The addresses of the month before and the month after."""
    return (
        reverse(route, args=[month.previous.key, *rest]) + query,
        reverse(route, args=[month.next.key, *rest]) + query,
    )

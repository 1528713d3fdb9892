"""What the pages of targets and results share: branches to choose from, months, forms as sent."""

from django.http import HttpRequest
from django.urls import reverse

from core.actors import Actor
from core.drafts import NO_WINDOW
from core.errors import NotFound
from core.parts import Segment
from core.periods import Month
from core.requests import Autosave, whole_number
from kpi.queries.targets import led_branch
from organization.models import Branch
from organization.queries import branches_seen


def posted(request: HttpRequest) -> Autosave:
    """What a form that was sent as a whole says, like core.requests.autosaved."""
    fields = {name: request.POST.get(name, "") for name in request.POST}
    return Autosave(fields, whole_number(request.POST.get("version")) or 0, NO_WINDOW)


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
    return sorted(branches_seen(actor), key=lambda one: one.pk != actor.branch_id)


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

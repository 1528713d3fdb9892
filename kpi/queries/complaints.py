"""Reads over complaints: which the actor sees, who may investigate, what is due."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from core.actors import Actor
from core.errors import NotFound
from core.lists import matching
from core.parts import Hit
from core.periods import local_date
from kpi.choices import ComplaintState
from kpi.models import Complaint
from organization.choices import LEADERS, Role
from organization.models import Person
from organization.queries import holders_of

# In what a complaint is looked for by words.
_FOUND_BY: Final = (
    "number__icontains",
    "manager__search_text__contains",
    "customer__search_text__contains",
)


def complaints_for(actor: Actor) -> QuerySet[Complaint]:
    """The complaints the actor may see, with what showing them needs."""
    found: QuerySet[Complaint] = Complaint.objects.visible_to(actor)
    return found.select_related("manager", "branch", "customer", "investigator", "raised_by")


def complaint_for(actor: Actor, complaint_id: int) -> Complaint:
    """One complaint; NotFound where there is none for this actor."""
    found = complaints_for(actor).select_related("decided_by").filter(pk=complaint_id).first()
    if found is None:
        raise NotFound
    return found


def investigators(branch_id: int, at: datetime) -> list[Person]:
    """Who may investigate: whoever leads the branch, and the market department."""
    on = local_date(at)
    found = [*holders_of(LEADERS, on, branch_id), *holders_of([Role.MARKET], on)]
    return list({person.pk: person for person in found}.values())


# What was taken back needs no answer.
ANSWERABLE = (ComplaintState.OPEN, ComplaintState.UPHELD, ComplaintState.REJECTED)


@dataclass(frozen=True)
class Asked:
    """What is asked of the list of complaints; "" asks for nothing."""

    words: str = ""
    state: str = ""
    branch: str = ""
    complainant: str = ""


def is_overdue(at: datetime) -> Q:
    """Not answered, and past the moment."""
    return Q(answered_at__isnull=True, answer_due_at__lt=at, state__in=list(ANSWERABLE))


def find_complaints(actor: Actor, asked: Asked, at: datetime) -> QuerySet[Complaint]:
    """The complaints that the filters leave."""
    found = matching(complaints_for(actor), asked.words, *_FOUND_BY, "facts__icontains")
    if asked.state == "overdue":
        found = found.filter(is_overdue(at))
    elif asked.state == "mine":
        found = found.filter(state=ComplaintState.OPEN, investigator_id=actor.person_id or 0)
    elif asked.state:
        found = found.filter(state=asked.state)
    if asked.branch.isdecimal():
        found = found.filter(branch_id=int(asked.branch))
    if asked.complainant:
        found = found.filter(complainant=asked.complainant)
    return found


def state_counts(actor: Actor, at: datetime) -> dict[str, int]:
    """How many are overdue, the actor's to investigate, open, justified, not; one query."""
    return Complaint.objects.visible_to(actor).aggregate(
        overdue=Count("pk", filter=is_overdue(at)),
        mine=Count("pk", filter=Q(state=ComplaintState.OPEN, investigator_id=actor.person_id or 0)),
        open=Count("pk", filter=Q(state=ComplaintState.OPEN)),
        upheld=Count("pk", filter=Q(state=ComplaintState.UPHELD)),
        rejected=Count("pk", filter=Q(state=ComplaintState.REJECTED)),
    )


def search(actor: Actor, words: str, limit: int) -> list[Hit]:
    """Complaints by number, manager and customer, for go-anywhere (config.tables.SEARCHES)."""
    found = matching(complaints_for(actor), words, *_FOUND_BY)
    return [
        Hit(
            f"{complaint.number} {complaint.manager.name}",
            f"{complaint.branch.name} {complaint.get_state_display()}",
            reverse("complaint", args=[complaint.pk]),
        )
        for complaint in found[:limit]
    ]

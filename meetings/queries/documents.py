"""Reads over documents to pass on: which somebody sees, who has been told, what is left to do."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse

from confidentiality.choices import Level
from confidentiality.rules import may_be_handed_out
from core.actors import Actor
from core.errors import NotFound
from core.lists import matching
from core.parts import Hit
from core.periods import local_date
from meetings.choices import MeetingState
from meetings.models import Document, DocumentReader, Meeting
from organization.choices import CROSS_BRANCH
from organization.models import RoleGrant

# In what a document is looked for by words; ``words`` is the gist as far as one may read it.
_FOUND_BY: Final = ("title__icontains", "reference__icontains", "words__icontains")


@dataclass(frozen=True)
class Asked:
    """What is asked of the list of documents; "" asks for nothing."""

    words: str = ""
    state: str = ""
    branch: str = ""


def documents_for(actor: Actor) -> QuerySet[Document]:
    """The documents the actor sees, the newest first.

    Each with ``people`` and ``told`` (how many it must reach and has, of the branches he leads or
    sees), and how it stands to himself: ``is_mine``, ``told_me_at``, ``is_asked`` (see
    ``readers_asked``). One query.
    """
    found: QuerySet[Document] = Document.objects.visible_to(actor)
    followed = DocumentReader.objects.filter(document=OuterRef("pk"))
    if not actor.reads_all:
        followed = followed.filter(branch_id__in=actor.led_branches)
    own = DocumentReader.objects.filter(document=OuterRef("pk"), person_id=actor.person_id or 0)
    return found.select_related("branch", "added_by", "file").annotate(
        people=_number(followed),
        told=_number(followed.filter(told_at__isnull=False)),
        is_mine=Exists(own),
        told_me_at=Subquery(own.values("told_at")[:1]),
        is_asked=Exists(
            readers_asked().filter(document=OuterRef("pk"), person_id=actor.person_id or 0)
        ),
    )


def _number(readers: QuerySet[DocumentReader]) -> Coalesce:
    """How many lines a document's list has of these."""
    counted = readers.order_by().values("document").annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number")), 0)


def with_words(actor: Actor, found: QuerySet[Document], words: str) -> QuerySet[Document]:
    """The documents in whose title, number or gist each word stands; in a gist that the level
    keeps from the actor (``passing_permissions.can_read_words``) nothing is found."""
    levels = [
        level
        for level in Level.values
        if may_be_handed_out(level, is_of_own_branch=True, roles=actor.roles)
    ]
    own = Q(level__in=levels) | Q(added_by_id=actor.person_id or 0)
    own |= Q(branch_id__in=actor.led_branches)
    if actor.has_role(*CROSS_BRANCH):
        own |= Q(branch__isnull=True)
    gist = Case(When(own, then=F("gist")), default=Value(""), output_field=TextField())
    return matching(found.annotate(words=gist), words, *_FOUND_BY) if words.strip() else found


def document_for(actor: Actor, document_id: int) -> Document:
    """One document; NotFound where there is none for this actor."""
    found = documents_for(actor).filter(pk=document_id).first()
    if found is None:
        raise NotFound
    return found


def readers_asked() -> QuerySet[DocumentReader]:
    """Who is asked to read and sign: not told, and the branch has met since it came (M1.1)."""
    met = Meeting.objects.filter(
        branch_id=OuterRef("branch_id"),
        state=MeetingState.HELD,
        closed_at__gte=OuterRef("document__added_at"),
    )
    return DocumentReader.objects.filter(
        Exists(met), told_at__isnull=True, document__withdrawn_at__isnull=True
    )


def readers_for(actor: Actor, document: Document) -> QuerySet[DocumentReader]:
    """Who has been told by when, as far as the actor follows it: of branches he leads, or all.

    Whoever leads nobody sees how he stands himself.
    """
    found = document.readers.select_related("person", "branch", "meeting")
    if actor.reads_all or document.added_by_id == actor.person_id:
        return found
    if actor.led_branches:
        return found.filter(branch_id__in=actor.led_branches)
    return found.filter(person_id=actor.person_id or 0)


def find_readers(
    readers: QuerySet[DocumentReader], *, state: str = "", branch: str = ""
) -> QuerySet[DocumentReader]:
    """The lines of a document's list that the filters leave; ``state`` "told" or "waiting"."""
    if state in ("told", "waiting"):
        readers = readers.filter(told_at__isnull=state == "waiting")
    return readers.filter(branch_id=int(branch)) if branch.isdecimal() else readers


def is_open(today: date, *, overdue: bool) -> Q:
    """Standing, not everybody told; past its day, or not."""
    late = Q(tell_by__lt=today) if overdue else Q(tell_by__gte=today)
    return Q(withdrawn_at__isnull=True, told__lt=F("people")) & late


def _states(today: date) -> dict[str, Q]:
    return {
        "to_sign": Q(is_asked=True),
        "overdue": is_open(today, overdue=True),
        "open": is_open(today, overdue=False),
        "told": Q(withdrawn_at__isnull=True, people__gt=0, told=F("people")),
        "withdrawn": Q(withdrawn_at__isnull=False),
    }


def find_documents(actor: Actor, asked: Asked, at: datetime) -> QuerySet[Document]:
    """The documents that the filters leave; what was withdrawn only where it is asked for."""
    found = with_words(actor, documents_for(actor), asked.words)
    states = _states(local_date(at))
    if asked.state in states:
        found = found.filter(states[asked.state])
    elif not asked.words:
        found = found.filter(withdrawn_at__isnull=True)
    if asked.branch.isdecimal():
        to_branch = DocumentReader.objects.filter(branch_id=int(asked.branch))
        found = found.filter(pk__in=to_branch.values("document_id"))
    return found


def state_counts(actor: Actor, at: datetime) -> dict[str, int]:
    """How many are to sign, overdue, being told, told, withdrawn; one query."""
    # What is counted is not named as what it is counted by.
    states = {f"is_{key}": state for key, state in _states(local_date(at)).items()}
    counts: dict[str, Any] = documents_for(actor).aggregate(
        **{key: Count("pk", filter=state) for key, state in states.items()}
    )
    return {key.removeprefix("is_"): number for key, number in counts.items()}


def roles_by_person(person_ids: Collection[int], on: date) -> dict[int, frozenset[str]]:
    """The roles that people hold on a day; one query."""
    found: dict[int, set[str]] = {}
    held = RoleGrant.objects.in_force_on(on).filter(person_id__in=person_ids)
    for person_id, role in held.values_list("person_id", "role"):
        found.setdefault(person_id, set()).add(role)
    return {person_id: frozenset(roles) for person_id, roles in found.items()}


def search(actor: Actor, words: str, limit: int) -> list[Hit]:
    """Documents by title, number and gist, for go-anywhere (config.tables.SEARCHES)."""
    found = with_words(actor, Document.objects.visible_to(actor), words)
    return [
        Hit(document.title, document.reference, reverse("document", args=[document.pk]))
        for document in found.order_by("-added_at", "-pk")[:limit]
    ]

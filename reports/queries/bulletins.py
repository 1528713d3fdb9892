"""Reads over bulletins: which are seen by whom, who is told, who must sign."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse

from core.actors import Actor
from core.errors import NotFound
from core.lists import matching
from core.parts import Hit
from core.periods import Month, local_date
from duties.month_queries import month_end_of
from organization.choices import LEADERS, Role
from organization.models import Branch, Person
from organization.queries import holders_of, role_holders
from reports import permissions
from reports.choices import BulletinState
from reports.models import BranchComment, Bulletin, Edition, SignFor


def bulletins_for(actor: Actor) -> QuerySet[Bulletin]:
    """The bulletins an actor sees: all for their writers, what is asked or published for others."""
    if permissions.sees_drafts(actor):
        return Bulletin.objects.all()
    seen = Q(state=BulletinState.PUBLISHED) if can_read_bulletins(actor) else Q(pk__in=())
    if actor.led_branches:
        seen |= Q(state__in=(BulletinState.COMMENTING, BulletinState.PROPOSED))
    return Bulletin.objects.filter(seen)


def can_read_bulletins(actor: Actor) -> bool:
    """Whether published bulletins are for this actor: whoever works in or with branches."""
    return actor.reads_all or actor.has_role(Role.MANAGER) or bool(actor.led_branches)


def bulletin_for(actor: Actor, bulletin_id: int) -> Bulletin:
    """A bulletin the actor sees; NotFound otherwise."""
    found = (
        bulletins_for(actor)
        .select_related("drafted_by", "proposed_by", "approved_by")
        .filter(pk=bulletin_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def branches_told(bulletin: Bulletin) -> list[Branch]:
    """The branches the bulletin speaks of, by code; one query."""
    known = [branch["id"] for branch in bulletin.figures["branches"]]
    return list(Branch.objects.filter(pk__in=known).order_by("code"))


def signers(bulletin: Bulletin, at: datetime) -> list[tuple[Branch, Person]]:
    """Who signs for the bulletin: each branch's general manager and deputy and its supervisor.

    Whoever leads two branches signs once, for the first of them.
    """
    held = role_holders(LEADERS, local_date(at))
    found: dict[int, tuple[Branch, Person]] = {}
    for branch in branches_told(bulletin):
        for person in held.get(branch.pk, ()):
            found.setdefault(person.pk, (branch, person))
    return list(found.values())


def approvers(bulletin: Bulletin, at: datetime) -> list[Person]:
    """Who may approve: people of the market department but those who had a hand in it."""
    first = permissions.first_hands(bulletin)
    return [p for p in holders_of([Role.MARKET], local_date(at)) if p.pk not in first]


def comments_of(bulletin: Bulletin, actor: Actor) -> list[BranchComment]:
    """The branches' comments: all for the writers, the own branch's for those who lead it."""
    comments = bulletin.comments.select_related("branch", "said_by", "answered_by")
    if not permissions.sees_drafts(actor):
        comments = comments.filter(branch_id__in=actor.led_branches)
    return list(comments.order_by("branch__code"))


def receipts_of(bulletin: Bulletin, actor: Actor) -> list[SignFor]:
    """The sign-for list: whole for the market department, the own branch's for the others."""
    rows = bulletin.receipts.select_related("branch", "person")
    if not actor.reads_all:
        rows = rows.filter(branch_id__in=actor.branches or ())
    return list(rows.order_by("branch__code", "person__sort_key"))


def editions_of(actor: Actor, bulletin: Bulletin) -> list[Edition]:
    """The editions the actor reads: the company's, and the own branch's (all for the writers)."""
    return list(
        Edition.objects.visible_to(actor)
        .filter(bulletin=bulletin)
        .select_related("branch", "pdf", "xlsx")
        .order_by("branch__code")
    )


# The list


@dataclass(frozen=True)
class Line:
    """A bulletin of the list: how many have signed of those who must, and whether it waits."""

    bulletin: Bulletin
    signers: int
    signed: int
    waits_for_me: bool


def years_of(actor: Actor) -> list[int]:
    """The years of which the actor sees bulletins, the newest first."""
    months = bulletins_for(actor).order_by().values_list("month", flat=True).distinct()
    return sorted({Month.parse(month).year for month in months}, reverse=True)


def bulletin_lines(actor: Actor, year: int) -> list[Line]:
    """The bulletins of a year's months, the newest first, supplements before theirs; two queries.

    Who signs is counted as far as the actor sees it.
    """
    found = list(
        bulletins_for(actor)
        .filter(month__startswith=f"{year:04}-")
        .defer("figures", "texts", "taken")
        .order_by("-month", "-supplement")
    )
    rows = SignFor.objects.filter(bulletin__in=[one.pk for one in found])
    if not actor.reads_all:
        rows = rows.filter(branch_id__in=actor.branches or ())
    receipts: dict[int, list[tuple[int, bool]]] = {}
    for bulletin_id, person_id, signed_at in rows.values_list(
        "bulletin_id", "person_id", "signed_at"
    ):
        receipts.setdefault(bulletin_id, []).append((person_id, signed_at is not None))
    return [
        Line(
            one,
            len(receipts.get(one.pk, ())),
            sum(1 for _person, signed in receipts.get(one.pk, ()) if signed),
            (actor.person_id, False) in receipts.get(one.pk, ()),
        )
        for one in found
    ]


def month_to_draft(actor: Actor, at: datetime) -> Month | None:
    """The month whose figures are frozen and whose bulletin nobody has begun; None for none."""
    if not permissions.can_write(actor):
        return None
    month = Month.containing(local_date(at)).previous
    if at < month_end_of(month).frozen_at:
        month = month.previous
    begun = Bulletin.objects.filter(month=month.key).exists()
    return None if begun else month


@dataclass(frozen=True)
class Newest:
    """What stands of the series: the bulletin published last, and the one that is being written.

    With the company's edition of the first and how many of its signers, of which branches not all.
    """

    published: Bulletin | None
    edition: Edition | None
    signers: int
    signed: int
    unsigned: tuple[str, ...]
    written: Bulletin | None


def newest_bulletins(actor: Actor) -> Newest:
    """The series as it stands for an actor; four queries."""
    seen = bulletins_for(actor)
    published = (
        seen.defer("figures", "texts", "taken")
        .filter(state=BulletinState.PUBLISHED)
        .order_by("-published_at", "-pk")
        .first()
    )
    written = seen.exclude(state=BulletinState.PUBLISHED).order_by("-month", "-supplement").first()
    if published is None:
        return Newest(None, None, 0, 0, (), written)
    receipts = receipts_of(published, actor)
    open_ones = [one for one in receipts if one.signed_at is None]
    return Newest(
        published,
        next((one for one in editions_of(actor, published) if one.branch_id is None), None),
        len(receipts),
        len(receipts) - len(open_ones),
        tuple(dict.fromkeys(one.branch.name for one in open_ones)),
        written,
    )


def supplements_of(actor: Actor, bulletin: Bulletin) -> list[Bulletin]:
    """The other bulletins of its month that the actor sees: the main one and its supplements."""
    others = bulletins_for(actor).filter(month=bulletin.month).exclude(pk=bulletin.pk)
    return list(others.defer("figures", "texts", "taken").order_by("supplement"))


def told_led(actor: Actor, bulletin: Bulletin) -> list[Branch]:
    """The branches whose edition of a draft the actor may look at: led ones, all for writers."""
    branches = branches_told(bulletin)
    if permissions.sees_drafts(actor):
        return branches
    return [branch for branch in branches if branch.pk in actor.led_branches]


# Go-anywhere


def search(actor: Actor, words: str, limit: int) -> list[Hit]:
    """Bulletins by number, title and month, for go-anywhere (config.tables.SEARCHES)."""
    found = matching(
        bulletins_for(actor).defer("figures", "texts", "taken"),
        words,
        "document_number__icontains",
        "title__icontains",
        "month__contains",
    )
    return [
        Hit(
            one.document_number or one.title,
            one.title if one.document_number else str(one.get_state_display()),
            reverse("bulletin", args=[one.pk]),
        )
        for one in found[:limit]
    ]

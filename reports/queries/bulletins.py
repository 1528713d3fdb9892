"""Reads over bulletins: which are seen by whom, who is told, who must sign."""

from datetime import datetime

from django.db.models import Q, QuerySet

from core.actors import Actor
from core.errors import NotFound
from core.periods import Month, local_date
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
    seen = Q(state=BulletinState.PUBLISHED) if _reads(actor) else Q(pk__in=())
    if actor.led_branches:
        seen |= Q(state__in=(BulletinState.COMMENTING, BulletinState.PROPOSED))
    return Bulletin.objects.filter(seen)


def _reads(actor: Actor) -> bool:
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


def bulletin_of(actor: Actor, month: Month, supplement: int = 0) -> Bulletin:
    """The month's bulletin, or one of its supplements, if the actor sees it."""
    found = bulletins_for(actor).filter(month=month.key, supplement=supplement).first()
    if found is None:
        raise NotFound
    return bulletin_for(actor, found.pk)


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
    """Who may approve: people of the market department but those who wrote it."""
    first = {bulletin.drafted_by_id, bulletin.proposed_by_id}
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


def edition_for(actor: Actor, edition_id: int) -> Edition:
    """An edition of a published bulletin that the actor may read."""
    found = (
        Edition.objects.visible_to(actor)
        .filter(pk=edition_id, bulletin__in=bulletins_for(actor).values("pk"))
        .select_related("bulletin", "branch", "pdf", "xlsx")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def editions_of(actor: Actor, bulletin: Bulletin) -> list[Edition]:
    """The editions the actor reads: the company's, and the own branch's (all for the writers)."""
    return list(
        Edition.objects.visible_to(actor)
        .filter(bulletin=bulletin)
        .select_related("branch", "pdf", "xlsx")
        .order_by("branch__code")
    )

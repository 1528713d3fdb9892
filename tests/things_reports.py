"""For the rights matrix: bulletins in each of their states."""

from typing import Any, Final

from core.periods import Month
from organization.models import Branch
from reports.document import as_content
from reports.drafting import document_of
from reports.figures import month_figures
from reports.models import BranchComment, Bulletin, Edition, SignFor
from tests.cast import Cast, at

EVENING: Final = at("2026-11-27 18:30:00")
MISSING: Final = 987_654
# Of a month each; October's is the drafted one.
STATES: Final = {
    "draft": "2026-10",
    "commenting": "2026-09",
    "proposed": "2026-08",
    "published": "2026-07",
}


def make_bulletins(cast: Cast) -> None:
    """One in each state; commented on by both branches, signed for by nobody yet."""
    figures = month_figures(Month(2026, 10), EVENING)
    for state, month in STATES.items():
        bulletin = Bulletin.objects.create(
            month=month,
            state=state,
            title="x",
            figures=figures,
            drafted_at=EVENING,
            comments_until=at("2026-11-30 00:00:00"),
            proposed_by=cast["马骏"] if state == "proposed" else None,
            updated_at=EVENING,
        )
        if state == "commenting":
            _comment(cast, bulletin)
        if state == "published":
            _publish(cast, bulletin)


def _comment(cast: Cast, bulletin: Bulletin) -> None:
    for branch, who in ((cast.east, "赵国梁"), (cast.west, "郑秋实")):
        BranchComment.objects.create(
            bulletin=bulletin, branch=branch, text="x", said_at=EVENING, said_by=cast[who]
        )


def _publish(cast: Cast, bulletin: Bulletin) -> None:
    bulletin.document_number, bulletin.published_at = "x", EVENING
    bulletin.save()
    for number, branch in enumerate((None, cast.east, cast.west)):
        content = as_content(document_of(bulletin, branch))
        Edition.objects.create(
            bulletin=bulletin, branch=branch, content=content, digest="x", code=f"X-{number}"
        )
    for who in ("赵国梁", "钱慧敏", "周建平", "郑秋实"):
        SignFor.objects.create(bulletin=bulletin, branch=cast[who].branch, person=cast[who])


def bulletin_in(state: str) -> dict[str, tuple[Any, ...]]:
    """The address of the bulletin in a state."""
    found = Bulletin.objects.get(month=STATES[state])
    return {"foreign": (found.pk,), "missing": (MISSING,)}


def comment_of(branch: Branch) -> tuple[Any, ...]:
    """The address of what a branch said."""
    comment = BranchComment.objects.get(branch=branch)
    return comment.bulletin_id, comment.pk

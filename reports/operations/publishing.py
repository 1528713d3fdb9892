"""Publishing a bulletin (annex 8): the number, the editions as they stay, who signs for it.

Documents are made and hashed before the transaction; it is guarded by the version they were
made from, and by the number, which is of the year and without a gap.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core import canonical, jobs
from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from core.periods import Month, local_date
from core.unique import is_taken
from duties.month_queries import company_settings
from organization.models import Branch
from reports import bulletin_notices, permissions
from reports.choices import BulletinState
from reports.codes import verification_code
from reports.document import as_content
from reports.drafting import documents_of
from reports.hindrances import before_publishing
from reports.models import Bulletin, Edition, SignFor
from reports.operations.bulletins import check_clear, check_state, current, moved, trail
from reports.queries.bulletins import branches_told, bulletin_for, signers

_ATTEMPTS: Final = 5


@dataclass(frozen=True)
class _Prepared:
    """What publishing writes: the number, and each edition's content."""

    year: int
    number: int
    document_number: str
    contents: list[tuple[Branch | None, dict[str, Any], str]]


def publish_bulletin(
    *, bulletin_id: int, expected_version: int, actor: Actor, at: datetime
) -> Bulletin:
    """Approve and publish, by a second person (annex 11.11): number, editions, sign-for list.

    The number follows the last one of the year without a gap: of two at one instant the second
    takes the next. Refused while score sheets were locked or changed after its figures were
    taken. The files are made by the workers, one job an edition.
    """
    bulletin = bulletin_for(actor, bulletin_id)
    if not permissions.can_publish(actor, bulletin):
        raise NotAllowed(_("由市场部另一人批准：起草、写过、取过数和提请的人不能自己批准。"))
    check_state(bulletin, BulletinState.PROPOSED)
    if bulletin.version != expected_version:
        raise Stale(current(bulletin))
    check_clear(before_publishing(bulletin, at))
    for _attempt in range(_ATTEMPTS):
        prepared = _prepared(bulletin, at)
        try:
            return _publish(bulletin, prepared, actor, at)
        except IntegrityError as error:
            if not is_taken(error):
                raise
    raise Refused(_("刚才有人发布了另一份通报，请再按一次。"))


def _prepared(bulletin: Bulletin, at: datetime) -> _Prepared:
    """The next number, and the documents with it."""
    year = local_date(at).year
    newest = Bulletin.objects.filter(year=year).aggregate(n=Max("number_in_year"))["n"] or 0
    series = company_settings(Month.parse(bulletin.month)).bulletin_series
    number = f"{series}〔{year}〕{newest + 1}号"
    bulletin.document_number, bulletin.published_at = number, at
    places: list[Branch | None] = [None, *branches_told(bulletin)]
    contents = [as_content(document) for document in documents_of(bulletin, places)]
    digests = [canonical.digest(content) for content in contents]
    return _Prepared(year, newest + 1, number, list(zip(places, contents, digests, strict=True)))


@transaction.atomic
def _publish(bulletin: Bulletin, prepared: _Prepared, actor: Actor, at: datetime) -> Bulletin:
    bulletin = moved(
        bulletin,
        bulletin.version,
        at,
        state=BulletinState.PUBLISHED,
        published_at=at,
        approved_by_id=actor.somebody,
        year=prepared.year,
        number_in_year=prepared.number,
        document_number=prepared.document_number,
    )
    editions = Edition.objects.bulk_create(
        [
            Edition(
                bulletin=bulletin,
                branch=branch,
                content=content,
                digest=digest,
                code=verification_code(digest),
            )
            for branch, content, digest in prepared.contents
        ]
    )
    jobs.enqueue_all(
        "reports.render_edition",
        [(str(edition.pk), {"edition": edition.pk}, at) for edition in editions],
        at=at,
    )
    people = signers(bulletin, at)
    SignFor.objects.bulk_create(
        [SignFor(bulletin=bulletin, branch=branch, person=person) for branch, person in people]
    )
    bulletin_notices.tell_published(bulletin, people, at)
    trail(bulletin, "reports.publish_bulletin", actor, at, after={"n": bulletin.document_number})
    return bulletin

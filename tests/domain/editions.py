"""Short ways to a published bulletin with its editions, without the story of how it came about."""

from datetime import datetime
from functools import cache
from typing import Final
from unittest.mock import patch

from core import canonical, jobs
from core.models import Job
from core.periods import Month
from organization.models import Branch, Person
from reports import files_jobs
from reports.codes import verification_code
from reports.document import Document, as_content
from reports.models import Bulletin, Edition, StampedCopy
from reports.operations.files import ask_for_copy, ask_for_month
from reports.papers import Seal, bulletin_pdf
from reports.queries.files import BUNDLE, RENDER
from tests.cast import Cast, at
from tests.domain.bulletin_sample import sample

PUBLISHED: Final = at("2026-11-13 09:00:00")
TAKEN: Final = at("2026-11-13 10:02:31")


def published(cast: Cast, *, rows: int = 3, month: str = "2026-10", number: int = 10) -> Bulletin:
    """October's bulletin as it was published: the company's edition and both branches'."""
    bulletin = Bulletin.objects.create(
        month=month,
        state="published",
        title="关于2026年10月客户经理工作情况的通报",
        year=2026,
        number_in_year=number,
        document_number=f"江通市通报〔2026〕{number}号",
        drafted_at=at("2026-11-05 09:00:00"),
        published_at=PUBLISHED,
        approved_by=cast["韩静"],
        updated_at=PUBLISHED,
    )
    for branch in (None, cast.east, cast.west):
        add_edition(bulletin, branch, sample(rows))
    return bulletin


def add_edition(bulletin: Bulletin, branch: Branch | None, document: Document) -> Edition:
    """An edition whose files are still to be made, and the job for them."""
    content = as_content(document)
    content["branch"] = branch.name if branch else ""
    digest = canonical.digest(content)
    edition = Edition.objects.create(
        bulletin=bulletin,
        branch=branch,
        content=content,
        digest=digest,
        code=verification_code(digest),
    )
    jobs.enqueue_all(
        "reports.render_edition",
        [(str(edition.pk), {"edition": edition.pk}, PUBLISHED)],
        at=PUBLISHED,
    )
    return edition


def rendered(cast: Cast, *, month: str = "2026-10") -> Bulletin:
    """The same with its files made; what is on paper is not what these stories are about."""
    bulletin = published(cast, month=month)
    with patch.object(files_jobs, "bulletin_pdf", _paper_for):
        for job in Job.objects.filter(kind=RENDER):
            jobs.run(job.pk, at=PUBLISHED)
    return bulletin


def _paper_for(document: Document, seal: Seal) -> bytes:
    """A bulletin's paper, set once for all; a comment at its end makes each another file."""
    return _paper() + f"%{seal.code}\n".encode()


@cache
def _paper() -> bytes:
    return bulletin_pdf(sample(1), Seal("7ED7-X53V-JSA5-RR88", "0" * 64, "https://b.example/"))


def copied(cast: Cast, edition: Edition, who: str, kind: str = "pdf") -> StampedCopy:
    """Somebody's copy, made."""
    copy = ask_for_copy(edition_id=edition.pk, kind=kind, actor=cast.actor(who, on=TAKEN), at=TAKEN)
    jobs.run_due(TAKEN)
    copy.refresh_from_db()
    return copy


def bundled(cast: Cast, bulletin: Bulletin, who: str, moment: datetime = TAKEN) -> Job:
    """Somebody's ZIP of the month, made."""
    job = ask_for_month(
        month=Month.parse(bulletin.month), actor=cast.actor(who, on=moment), at=moment
    )
    jobs.run_due(moment)
    job.refresh_from_db()
    return job


def copy_of(edition: Edition, person: Person) -> StampedCopy:
    """A copy that somebody took, with the archived file in place of a stamped one."""
    return StampedCopy.objects.create(
        edition=edition, kind="pdf", person=person, asked_at=TAKEN, file=edition.pdf
    )


def bundle_of(copy: StampedCopy) -> Job:
    """A ZIP's job that is done."""
    return Job.objects.create(
        kind=BUNDLE,
        key=str(copy.pk),
        args={"month": copy.edition.bulletin.month, "copies": [copy.pk]},
        state="done",
        result={"file": copy.file_id, "files": 1},
        run_after=TAKEN,
        created_at=TAKEN,
        owner_id=copy.person_id,
    )

"""Documents to pass on (M1.1, M2.1): added with whom they must reach, told at a meeting, signed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from confidentiality.choices import Level
from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from core.evidence import Evidence, store_evidence
from core.formats import month_day
from core.marked_days import days_marked
from core.models import StoredFile
from core.periods import local_date
from duties.choices import NoticeKind
from duties.notices import notice_to
from duties.operations import notify_all
from meetings.choices import CAME, ToldWay
from meetings.models import Attendee, Document, DocumentReader, Meeting
from meetings.passing_permissions import (
    can_keep_document,
    can_pass_on,
    can_read_document,
    may_read,
)
from meetings.queries.documents import document_for, roles_by_person
from meetings.queries.occurrences import sitting_of
from organization.choices import BRANCH_ROLES, CROSS_BRANCH, Role
from organization.models import Person, RoleGrant
from organization.queries import branches_seen, role_holders

TITLE_AT_MOST: Final = 120
REFERENCE_AT_MOST: Final = 60
GIST_AT_MOST: Final = 2000
# What somebody is asked to tell is asked within a year.
_TELL_WITHIN: Final = timedelta(days=366)


@dataclass(frozen=True)
class Reach:
    """Whom a document must reach: who holds one of the roles in the branches, and people by id.

    Roles are those of annex 1; everybody is of a branch that the actor leads or sees.
    """

    branch_ids: Collection[int] = ()
    roles: Collection[str] = (Role.MANAGER,)
    person_ids: Collection[int] = ()


@transaction.atomic
def add_document(
    *,
    title: str,
    gist: str,
    tell_by: date,
    reach: Reach,
    actor: Actor,
    at: datetime,
    reference: str = "",
    level: int = Level.INTERNAL,
    file: Evidence | None = None,
) -> Document:
    """Add a document to pass on, and write down whom it must reach.

    Head office adds the company's, whoever leads a branch that one's own. There must be something
    to pass on: words, or a file. Whoever calls the meetings there is told.
    """
    if not can_pass_on(actor):
        raise NotAllowed(_("文件由分公司负责人和市场部、集团客户室下发。"))
    words = _words(title, reference, gist)
    if not words["gist"] and file is None:
        raise Refused(_("写明要传达什么，或者附上文件。"), field="gist")
    if level not in Level.values:
        raise Refused(_("选一个密级。"), field="level")
    _check_tell_by(tell_by, at)
    readers = _readers(reach, actor, at)
    if not readers:
        raise Refused(_("没有要传达到的人：选分公司和角色，或者选人。"), field="roles")
    branch_id = None if actor.has_role(*CROSS_BRANCH) else _own_branch(readers, actor)
    document = Document.objects.create(
        **words,
        level=level,
        file=_stored(file, branch_id, level, actor, at),
        tell_by=tell_by,
        branch_id=branch_id,
        added_at=at,
        added_by_id=actor.somebody,
        updated_at=at,
    )
    _write_readers(document, readers)
    _tell_callers(document, set(readers.values()), actor, at)
    _record("add_document", document, actor, at, after=_as_kept(document, len(readers)))
    return document


@transaction.atomic
def change_document(
    *,
    document_id: int,
    title: str,
    gist: str,
    tell_by: date,
    level: int,
    expected_version: int,
    actor: Actor,
    at: datetime,
    reference: str = "",
    file: Evidence | None = None,
    also: Reach | None = None,
    without: Collection[int] = (),
) -> Document:
    """Mend a document: its words and file until somebody has been told, its day and list always.

    ``also`` are further people it must reach, ``without`` (person ids) those it need not reach
    after all; who has been told stays. A level is raised, never lowered (annex 9.2).
    """
    document = _kept(document_id, expected_version, actor)
    words = _words(title, reference, gist)
    is_told = document.readers.filter(told_at__isnull=False).exists()
    differs = file is not None or any(getattr(document, key) != words[key] for key in words)
    if is_told and differs:
        raise Refused(_("已经传达过的文件不能改内容，请撤回后另发一份。"), field="title")
    if not words["gist"] and file is None and document.file_id is None:
        raise Refused(_("写明要传达什么，或者附上文件。"), field="gist")
    if level not in Level.values or level < document.level:
        raise Refused(_("密级只能提高，不能降低。"), field="level")
    if tell_by != document.tell_by:
        _check_tell_by(tell_by, at)
    before = _as_kept(document, document.readers.count())
    stored = _stored(file, document.branch_id, level, actor, at) or document.file
    if stored is not None and stored.level < level:
        StoredFile.objects.filter(pk=stored.pk).update(level=level)
    readers = _readers(also, actor, at) if also else {}
    document = _moved(document, at, **words, level=level, file=stored, tell_by=tell_by)
    document.readers.filter(person_id__in=without, told_at__isnull=True).delete()
    _write_readers(document, readers)
    people = document.readers.count()
    if not people:
        raise Refused(_("至少留一个要传达到的人。"), field="without")
    _tell_callers(document, set(readers.values()), actor, at)
    _record("change_document", document, actor, at, before, _as_kept(document, people))
    return document


@transaction.atomic
def withdraw_document(
    *, document_id: int, why: str, expected_version: int, actor: Actor, at: datetime
) -> Document:
    """Withdraw it: nobody need be told any more; who has been stays on its list."""
    document = _kept(document_id, expected_version, actor)
    why = why.strip()
    if not why:
        raise Refused(_("写一句原因。"), field="why")
    document = _moved(document, at, withdrawn_at=at)
    _record("withdraw_document", document, actor, at, after={"is_withdrawn": True}, why=why)
    return document


@transaction.atomic
def sign_read(*, document_id: int, actor: Actor, at: datetime) -> DocumentReader:
    """Sign that one has read it, whoever was not told at a meeting (M2.1); twice changes nothing.

    What the level keeps from him (annex 9.1) he hears at a meeting.
    """
    document = document_for(actor, document_id)
    reader = document.readers.filter(person_id=actor.somebody).select_related("person").first()
    if reader is None:
        raise NotAllowed(_("您不在这份文件的必达名单里。"))
    if reader.told_at is not None:
        return reader
    if document.withdrawn_at is not None:
        raise Refused(_("这份文件已撤回。"))
    if not can_read_document(actor, document):
        raise NotAllowed(_("按密级，这份文件只在会上传达。"))
    signed = DocumentReader.objects.filter(pk=reader.pk, told_at__isnull=True).update(
        told_at=at, way=ToldWay.READ
    )
    reader.refresh_from_db()
    if signed:
        Document.objects.filter(pk=document.pk).update(updated_at=at)
        _record("sign_read", document, actor, at, after={"person": reader.person.name})
    return reader


def tell_present(meeting: Meeting, at: datetime) -> int:
    """What holding a meeting tells: whoever was there, of all that waited for them (M1.1, M2.1).

    Called in the transaction that ends the meeting, and again in one that amends its sign-in:
    the list then says what the sign-in says. Whoever still waits is asked to read and sign. How
    many were newly told; a fixed number of statements.
    """
    lead = sitting_of(meeting)
    told_at = lead.closed_at or at
    came = set(
        Attendee.objects.filter(meeting=lead, state__in=CAME).values_list("person_id", flat=True)
    )
    if lead.chair_id is not None:
        came.add(lead.chair_id)
    by_it = DocumentReader.objects.filter(meeting=lead, way=ToldWay.MEETING)
    absent = by_it.exclude(person_id__in=came)
    touched = set(absent.values_list("document_id", flat=True))
    if touched:
        absent.update(told_at=None, way="", meeting=None)
    waiting = list(
        DocumentReader.objects.filter(
            branch_id=lead.branch_id,
            told_at__isnull=True,
            document__withdrawn_at__isnull=True,
            document__added_at__lte=told_at,
        ).select_related("document", "person")
    )
    told = [row for row in waiting if row.person_id in came]
    DocumentReader.objects.filter(pk__in=[row.pk for row in told]).update(
        told_at=told_at, way=ToldWay.MEETING, meeting=lead
    )
    touched |= {row.document_id for row in told}
    Document.objects.filter(pk__in=touched).update(updated_at=at)
    _ask_to_read([row for row in waiting if row.person_id not in came], at)
    return len(told)


def _ask_to_read(waiting: list[DocumentReader], at: datetime) -> None:
    """A notice for each: to read it himself, or to be told in person where its level says so
    (annex 9.1); one he has already is not written again."""
    roles = roles_by_person({row.person_id for row in waiting}, local_date(at))
    notify_all(
        [
            notice_to(
                row.person,
                kind=NoticeKind.MEETING,
                group=f"document:{row.document_id}",
                key=f"document:{row.document_id}:read",
                title=partial(
                    _please_read
                    if may_read(row.document, roles.get(row.person_id, ()))
                    else _please_come,
                    row.document,
                ),
                url=reverse("document", args=[row.document_id]),
                at=at,
            )
            for row in waiting
        ]
    )


def _please_read(document: Document) -> str:
    return _("《%(title)s》已在会上传达，请阅后签名（%(day)s前）") % _named(document)


def _please_come(document: Document) -> str:
    return _("《%(title)s》已在会上传达，按密级不发文件，请到会听传达（%(day)s前）") % _named(
        document
    )


def _please_pass_on(document: Document) -> str:
    return _("请在会上传达《%(title)s》（%(day)s前）") % _named(document)


def _named(document: Document) -> dict[str, str]:
    with days_marked(None):
        return {"title": document.title, "day": month_day(document.tell_by)}


def _tell_callers(
    document: Document, branch_ids: Collection[int], actor: Actor, at: datetime
) -> None:
    """Tell whoever calls the meetings of these branches that there is something to pass on."""
    callers = role_holders([Role.SUPERVISOR], local_date(at))
    people = {one.pk: one for branch_id in branch_ids for one in callers.get(branch_id, ())}
    notify_all(
        [
            notice_to(
                person,
                kind=NoticeKind.MEETING,
                group=f"document:{document.pk}",
                key=f"document:{document.pk}:pass-on",
                title=partial(_please_pass_on, document),
                url=reverse("document", args=[document.pk]),
                at=at,
            )
            for person in people.values()
            if person.pk != actor.person_id
        ]
    )


def _kept(document_id: int, expected_version: int, actor: Actor) -> Document:
    """The document, for whoever keeps it, while it stands; NotFound, NotAllowed, Stale."""
    document = document_for(actor, document_id)
    if not can_keep_document(actor, document):
        raise NotAllowed(_("由下发文件的单位改动。"))
    if document.version != expected_version:
        raise Stale(document_state(document))
    if document.withdrawn_at is not None:
        raise Refused(_("这份文件已撤回。"))
    return document


def document_state(document: Document) -> dict[str, Any]:
    """The document as it stands, for whoever came too late."""
    return {"version": document.version, "is_withdrawn": document.withdrawn_at is not None}


def _moved(document: Document, at: datetime, **values: Any) -> Document:
    updated = Document.objects.filter(pk=document.pk, version=document.version).update(
        version=F("version") + 1, updated_at=at, **values
    )
    found = Document.objects.select_related("branch", "added_by", "file").get(pk=document.pk)
    if not updated:
        raise Stale(document_state(found))
    return found


def _words(title: str, reference: str, gist: str) -> dict[str, str]:
    words = {"title": title.strip(), "reference": reference.strip(), "gist": gist.strip()}
    if not words["title"]:
        raise Refused(_("写文件的标题。"), field="title")
    limits = {"title": TITLE_AT_MOST, "reference": REFERENCE_AT_MOST, "gist": GIST_AT_MOST}
    for field, most in limits.items():
        if len(words[field]) > most:
            raise Refused(_("最多 %(n)d 个字。") % {"n": most}, field=field)
    return words


def _check_tell_by(tell_by: date, at: datetime) -> None:
    today = local_date(at)
    if tell_by < today:
        raise Refused(_("期限不能早于今天。"), field="tell_by")
    if tell_by > today + _TELL_WITHIN:
        raise Refused(_("期限最多在一年以内。"), field="tell_by")


def _readers(reach: Reach, actor: Actor, at: datetime) -> dict[int, int]:
    """Person → branch of whom a document must reach; Refused for what the actor does not lead."""
    seen = {branch.pk for branch in branches_seen(actor)}
    if set(reach.branch_ids) - seen:
        raise Refused(_("选您负责的分公司。"), field="branches")
    if set(reach.roles) - set(BRANCH_ROLES):
        raise Refused(_("选分公司的角色。"), field="roles")
    on = local_date(at)
    grants = (
        RoleGrant.objects.in_force_on(on)
        .filter(branch_id__in=seen, role__in=BRANCH_ROLES, person__in=Person.objects.in_post_on(on))
        .values_list("person_id", "branch_id", "role")
        .order_by("branch__code", "pk")
    )
    found: dict[int, int] = {}
    for person_id, branch_id, role in grants:
        is_by_role = branch_id in reach.branch_ids and role in reach.roles
        if is_by_role or person_id in reach.person_ids:
            found.setdefault(person_id, branch_id)
    if set(reach.person_ids) - set(found):
        raise Refused(_("选您负责的分公司在岗的人。"), field="people")
    return found


def _own_branch(readers: Mapping[int, int], actor: Actor) -> int:
    """The branch whose own document it is; one who leads several sends each its own."""
    branch_ids = set(readers.values())
    if len(branch_ids) > 1:
        raise Refused(_("一份文件发给一家分公司，别家另发一份。"), field="branches")
    return branch_ids.pop()


def _write_readers(document: Document, readers: Mapping[int, int]) -> None:
    DocumentReader.objects.bulk_create(
        [
            DocumentReader(document=document, person_id=person_id, branch_id=branch_id)
            for person_id, branch_id in readers.items()
        ],
        ignore_conflicts=True,
        batch_size=500,
    )


def _stored(
    file: Evidence | None, branch_id: int | None, level: int, actor: Actor, at: datetime
) -> StoredFile | None:
    return store_evidence(
        file,
        kind="document",
        branch_id=branch_id,
        actor=actor,
        at=at,
        level=level,
    )


def _as_kept(document: Document, people: int) -> dict[str, Any]:
    """What the trail compares."""
    return {
        "title": document.title,
        "level": document.level,
        "due_on": str(document.tell_by),
        "people": people,
        "files": document.file.sha256[:12] if document.file else "",
    }


def _record(
    what: str,
    document: Document,
    actor: Actor,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str = "",
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=f"meetings.{what}",
        target_type="document",
        target_id=document.pk,
        target_label=document.title,
        branch_id=document.branch_id,
        before=before,
        after=after,
        why=why,
    )

"""The monthly bulletin on its way (B1, M2.3, annex 8): drafted, written, proposed, published.

Figures are frozen when it is drafted. Publishing gives the number, freezes one document for the
company and one for each branch, and leaves the files to the workers. What is published is never
changed: corrections are numbered supplements.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from core import audit, canonical, jobs
from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from core.periods import Month, local_date
from core.unique import unless_taken
from duties.month_queries import company_settings, month_end_of
from organization.models import Branch
from reports import bulletin_notices, permissions
from reports.choices import BulletinState
from reports.codes import verification_code
from reports.document import PARTS, Document, as_content
from reports.drafting import document_of, suggestions
from reports.figures import month_figures
from reports.models import Bulletin, Edition, SignFor
from reports.queries.bulletins import branches_told, bulletin_for, signers

TEXT_AT_MOST: Final = 6000
WORDS_AT_MOST: Final = 200
# Parts whose words are the market department's; the head and the annex have none.
WRITTEN: Final = tuple(part for part in PARTS if part not in ("head", "annex"))


def current(bulletin: Bulletin) -> dict[str, Any]:
    """What whoever came too late is shown."""
    return {
        "version": bulletin.version,
        "state": bulletin.state,
        "title": bulletin.title,
        "texts": bulletin.texts,
        "taken": bulletin.taken,
    }


@transaction.atomic
def draft_bulletin(*, month: Month, actor: Actor, at: datetime) -> Bulletin:
    """Begin the month's bulletin from the frozen figures; once per month.

    Not before the inputs are frozen (annex 2): the figures would still move.
    """
    if not permissions.can_write(actor):
        raise NotAllowed(_("通报由市场部编写。"))
    end = month_end_of(month)
    if at < end.frozen_at:
        raise Refused(_("数据还没有冻结，冻结后才能起草通报。"))
    _check_first(month)
    with unless_taken(lambda: _check_first(month)):
        bulletin = begin_bulletin(month, at=at, drafted_by_id=actor.person_id)
    _trail(bulletin, "reports.draft_bulletin", actor, at, after={"month": month.key})
    return bulletin


def begin_bulletin(month: Month, *, at: datetime, drafted_by_id: int | None) -> Bulletin:
    """The draft's row with its frozen figures; the clock begins one too (annex 2: WD5)."""
    return Bulletin.objects.create(
        month=month.key,
        # The company's record, in its first language whoever drafts.
        title=f"关于{month.year}年{month.number}月客户经理工作情况的通报",
        send_to="各分公司，集团客户室",
        copy_to="公司领导",
        figures=month_figures(month, at),
        drafted_at=at,
        drafted_by_id=drafted_by_id,
        updated_at=at,
    )


def _check_first(month: Month) -> None:
    if Bulletin.objects.filter(month=month.key, supplement=0).exists():
        raise Refused(_("这个月的通报已经起草了。"))


@transaction.atomic
def write_bulletin(
    *,
    bulletin_id: int,
    expected_version: int,
    actor: Actor,
    at: datetime,
    head: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
    taken: Mapping[str, Sequence[str]] | None = None,
) -> Bulletin:
    """Change the head (title, send_to, copy_to), texts by part, or the suggested sentences taken.

    What is not given stays. A suggestion that the figures no longer carry is refused.
    """
    bulletin = _written(actor, bulletin_id, BulletinState.DRAFT, BulletinState.COMMENTING)
    values: dict[str, Any] = _head(head or {})
    for part, text in (texts or {}).items():
        if part not in WRITTEN:
            raise Refused(_("没有这一部分。"), field="texts")
        if len(text) > TEXT_AT_MOST:
            raise Refused(_("最多 %(n)s 个字") % {"n": TEXT_AT_MOST}, field=f"texts.{part}")
    known = suggestions(bulletin.figures)
    for part, keys in (taken or {}).items():
        offered = {one.key for one in known.get(part, ())}
        if not offered.issuperset(keys):
            raise Refused(_("这条建议已没有依据。"), field=f"taken.{part}")
    before = current(bulletin)
    bulletin = _moved(
        bulletin,
        expected_version,
        at,
        texts={**bulletin.texts, **{part: text.strip() for part, text in (texts or {}).items()}},
        taken={**bulletin.taken, **{part: list(keys) for part, keys in (taken or {}).items()}},
        **values,
    )
    _trail(bulletin, "reports.write_bulletin", actor, at, before=before, after=current(bulletin))
    return bulletin


def _head(head: Mapping[str, str]) -> dict[str, str]:
    limits = {"title": 80, "send_to": WORDS_AT_MOST, "copy_to": WORDS_AT_MOST}
    for field, text in head.items():
        if field not in limits:
            raise Refused(_("没有这一项。"), field=field)
        if len(text) > limits[field]:
            raise Refused(_("最多 %(n)s 个字") % {"n": limits[field]}, field=field)
    if "title" in head and not head["title"].strip():
        raise Refused(_("标题不能空。"), field="title")
    return {field: text.strip() for field, text in head.items()}


@transaction.atomic
def ask_for_comments(
    *, bulletin_id: int, expected_version: int, actor: Actor, at: datetime
) -> Bulletin:
    """Show the draft to the branches; they have some working days to say something (annex 8)."""
    bulletin = _written(actor, bulletin_id, BulletinState.DRAFT)
    end = month_end_of(Month.parse(bulletin.month))
    until = max(end.comments_until, bulletin_notices.days_from(at, Month.parse(bulletin.month)))
    bulletin = _moved(
        bulletin, expected_version, at, state=BulletinState.COMMENTING, comments_until=until
    )
    bulletin_notices.tell_branches(bulletin, branches_told(bulletin), at)
    _trail(bulletin, "reports.ask_for_comments", actor, at, after={"until": until.isoformat()})
    return bulletin


@transaction.atomic
def propose_bulletin(
    *, bulletin_id: int, expected_version: int, actor: Actor, at: datetime
) -> Bulletin:
    """Hand the bulletin to the second person; what was commented has been answered."""
    bulletin = _written(actor, bulletin_id, BulletinState.COMMENTING)
    if bulletin.comments.filter(answered_at__isnull=True).exists():
        raise Refused(_("还有分公司的意见没有答复。"))
    bulletin = _moved(
        bulletin,
        expected_version,
        at,
        state=BulletinState.PROPOSED,
        proposed_at=at,
        proposed_by_id=actor.somebody,
    )
    bulletin_notices.tell_approvers(bulletin, actor, at)
    _trail(bulletin, "reports.propose_bulletin", actor, at)
    return bulletin


@transaction.atomic
def send_back_bulletin(
    *, bulletin_id: int, why: str, expected_version: int, actor: Actor, at: datetime
) -> Bulletin:
    """Give it back to its writers, with the reason; the proposer may take it back too."""
    bulletin = _written(actor, bulletin_id, BulletinState.PROPOSED)
    if not why.strip():
        raise Refused(_("写明退回的原因。"), field="why")
    if len(why) > WORDS_AT_MOST:
        raise Refused(_("最多 %(n)s 个字") % {"n": WORDS_AT_MOST}, field="why")
    proposer = bulletin.proposed_by
    bulletin = _moved(
        bulletin,
        expected_version,
        at,
        state=BulletinState.COMMENTING,
        proposed_at=None,
        proposed_by=None,
    )
    if proposer is not None:
        bulletin_notices.tell_sent_back(bulletin, proposer, why.strip(), at)
    _trail(bulletin, "reports.send_back_bulletin", actor, at, why=why.strip())
    return bulletin


@transaction.atomic
def publish_bulletin(
    *, bulletin_id: int, expected_version: int, actor: Actor, at: datetime
) -> Bulletin:
    """Approve and publish, by a second person (annex 11.11): number, editions, sign-for list.

    The number follows the last one of the year without a gap: of two at one instant the second
    takes the next. The files are made by the workers, one job an edition.
    """
    bulletin = bulletin_for(actor, bulletin_id)
    if not permissions.can_publish(actor, bulletin):
        raise NotAllowed(_("由市场部另一人批准：起草和提请的人不能自己批准。"))
    _check_state(bulletin, BulletinState.PROPOSED)
    month = Month.parse(bulletin.month)
    year = local_date(at).year
    series = company_settings(month).bulletin_series
    newest = Bulletin.objects.filter(year=year).aggregate(n=Max("number_in_year"))["n"] or 0
    number = newest + 1
    with unless_taken(_number_taken):
        bulletin = _moved(
            bulletin,
            expected_version,
            at,
            state=BulletinState.PUBLISHED,
            published_at=at,
            approved_by_id=actor.somebody,
            year=year,
            number_in_year=number,
            document_number=f"{series}〔{year}〕{number}号",
        )
    _freeze_editions(bulletin, at)
    people = signers(bulletin, at)
    SignFor.objects.bulk_create(
        [SignFor(bulletin=bulletin, branch=branch, person=person) for branch, person in people]
    )
    bulletin_notices.tell_published(bulletin, people, at)
    _trail(bulletin, "reports.publish_bulletin", actor, at, after={"n": bulletin.document_number})
    return bulletin


def _number_taken() -> None:
    raise Refused(_("刚才有人发布了另一份通报，请再按一次。"))


def _freeze_editions(bulletin: Bulletin, at: datetime) -> None:
    """One document for the company and one for each branch, and a job for the files of each."""
    places: list[Branch | None] = [None, *branches_told(bulletin)]
    documents: list[Document] = [document_of(bulletin, branch) for branch in places]
    contents = [as_content(document) for document in documents]
    editions = Edition.objects.bulk_create(
        [
            Edition(
                bulletin=bulletin,
                branch=branch,
                content=content,
                digest=canonical.digest(content),
                code=verification_code(canonical.digest(content)),
            )
            for branch, content in zip(places, contents, strict=True)
        ]
    )
    jobs.enqueue_all(
        "reports.render_edition",
        [(str(edition.pk), {"edition": edition.pk}, at) for edition in editions],
        at=at,
    )


@transaction.atomic
def draft_supplement(*, bulletin_id: int, why: str, actor: Actor, at: datetime) -> Bulletin:
    """Begin a numbered supplement to a published bulletin: what was decided or found since."""
    main = bulletin_for(actor, bulletin_id)
    if not permissions.can_write(actor):
        raise NotAllowed(_("通报由市场部编写。"))
    if main.state != BulletinState.PUBLISHED or main.supplement:
        raise Refused(_("补充通报跟在已发布的通报之后。"))
    if not why.strip():
        raise Refused(_("写明补充的原因。"), field="why")
    month = Month.parse(main.month)
    newest = Bulletin.objects.filter(month=main.month).aggregate(n=Max("supplement"))["n"] or 0
    with unless_taken(_number_taken):
        bulletin = Bulletin.objects.create(
            month=main.month,
            supplement=newest + 1,
            title=f"{main.title[:70]}（补充{newest + 1}）",
            send_to=main.send_to,
            copy_to=main.copy_to,
            level=main.level,
            figures=month_figures(month, at),
            why=why.strip()[:WORDS_AT_MOST],
            drafted_at=at,
            drafted_by_id=actor.person_id,
            updated_at=at,
        )
    _trail(bulletin, "reports.draft_supplement", actor, at, why=bulletin.why)
    return bulletin


def _written(actor: Actor, bulletin_id: int, *states: BulletinState) -> Bulletin:
    """The bulletin, for those who write it, in one of the states."""
    bulletin = bulletin_for(actor, bulletin_id)
    if not permissions.can_write(actor):
        raise NotAllowed(_("通报由市场部编写。"))
    _check_state(bulletin, *states)
    return bulletin


def _check_state(bulletin: Bulletin, *states: BulletinState) -> None:
    if bulletin.state == BulletinState.PUBLISHED:
        raise Refused(_("已发布的通报不再改动，要更正请发补充通报。"))
    if bulletin.state not in states:
        raise Refused(
            _("通报现在是“%(state)s”，这一步做不了。") % {"state": bulletin.get_state_display()}
        )


def _moved(bulletin: Bulletin, expected_version: int, at: datetime, **values: Any) -> Bulletin:
    """Compare-and-set the bulletin's row."""
    updated = Bulletin.objects.filter(pk=bulletin.pk, version=expected_version).update(
        version=F("version") + 1, updated_at=at, **values
    )
    found = Bulletin.objects.select_related("proposed_by", "drafted_by", "approved_by").get(
        pk=bulletin.pk
    )
    if not updated:
        raise Stale(current(found))
    return found


def _trail(
    bulletin: Bulletin,
    what: str,
    actor: Actor,
    at: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    why: str = "",
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="bulletin",
        target_id=bulletin.pk,
        target_label=bulletin.document_number or bulletin.title,
        before=before,
        after=after or {"state": bulletin.state},
        why=why,
    )

"""The monthly bulletin on its way (B1, M2.3, annex 8): drafted, written, commented, proposed.

Its figures are one cut: of the moment it was drafted, or they were taken anew, which can be done
until it is published. What is published (reports.operations.publishing) is never changed:
corrections are numbered supplements.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from core import audit
from core.actors import CLOCK, Actor
from core.errors import NotAllowed, Problem, Refused, Stale
from core.periods import Month
from core.unique import unless_taken
from duties.month_queries import month_end_of
from reports import bulletin_notices, permissions
from reports.choices import BulletinState
from reports.document import PARTS
from reports.figures import Figures, month_figures
from reports.figures_changed import changed_tables
from reports.hindrances import before_proposing
from reports.models import Bulletin
from reports.queries.bulletins import branches_told, bulletin_for
from reports.suggestions import suggestions

TEXT_AT_MOST: Final = 6000
WORDS_AT_MOST: Final = 200
# Parts whose words are the market department's; the head and the annex have none.
WRITTEN: Final = tuple(part for part in PARTS if part not in ("head", "annex"))


HEAD: Final = ("title", "send_to", "copy_to")


def current(bulletin: Bulletin) -> dict[str, Any]:
    """What whoever came too late is shown."""
    return {
        "version": bulletin.version,
        "state": bulletin.state,
        **{key: getattr(bulletin, key) for key in HEAD},
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
    figures = month_figures(month, at)
    with unless_taken(lambda: _check_first(month)):
        bulletin = _begun(month, figures, drafted_at=at, at=at, drafted_by_id=actor.person_id)
    trail(bulletin, "reports.draft_bulletin", actor, at, after={"month": month.key})
    return bulletin


def keep_draft(
    *, month: Month, figures: Figures, drafted_at: datetime, at: datetime
) -> Bulletin | None:
    """Keep the draft that the clock begins (annex 2: WD5); None where there is one already.

    ``drafted_at`` is the moment it fell due, of which its figures are, ``at`` when it was made.
    """
    if Bulletin.objects.filter(month=month.key, supplement=0).exists():
        return None
    bulletin = _begun(month, figures, drafted_at=drafted_at, at=at, drafted_by_id=None)
    bulletin_notices.tell_writers(bulletin, month_end_of(month).bulletin_due_at, at)
    trail(bulletin, "reports.draft_bulletin", CLOCK, at, after={"month": month.key})
    return bulletin


def _begun(
    month: Month,
    figures: Figures,
    *,
    drafted_at: datetime,
    at: datetime,
    drafted_by_id: int | None,
) -> Bulletin:
    return Bulletin.objects.create(
        month=month.key,
        # The company's record, in its first language whoever drafts.
        title=f"关于{month.year}年{month.number}月客户经理工作情况的通报",
        send_to="各分公司，集团客户室",
        copy_to="公司领导",
        figures=figures,
        drafted_at=drafted_at,
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
    known = suggestions(bulletin.figures) if taken else {}
    for part, keys in (taken or {}).items():
        offered = {one.key for one in known.get(part, ())}
        if not offered.issuperset(keys):
            raise Refused(_("这条建议已没有依据。"), field=f"taken.{part}")
    before = _told(bulletin)
    bulletin = moved(
        bulletin,
        expected_version,
        at,
        texts={**bulletin.texts, **{part: text.strip() for part, text in (texts or {}).items()}},
        taken={**bulletin.taken, **{part: list(keys) for part, keys in (taken or {}).items()}},
        written_by=_hands(bulletin, actor),
        **values,
    )
    after = _told(bulletin)
    changed = [key for key in after if before.get(key) != after[key]]
    trail(
        bulletin,
        "reports.write_bulletin",
        actor,
        at,
        before={key: before.get(key, "") for key in changed},
        after={key: after[key] for key in changed},
    )
    return bulletin


def _hands(bulletin: Bulletin, actor: Actor) -> list[int]:
    """Who has written in it or taken its figures, with this actor."""
    return sorted({*bulletin.written_by, actor.somebody})


def _told(bulletin: Bulletin) -> dict[str, Any]:
    """What a person writes in a bulletin, flat, for the trail."""
    return {
        **{key: getattr(bulletin, key) for key in HEAD},
        **{f"texts.{part}": text for part, text in bulletin.texts.items()},
        **{f"taken.{part}": keys for part, keys in bulletin.taken.items()},
    }


@transaction.atomic
def take_figures(
    *, bulletin_id: int, expected_version: int, actor: Actor, at: datetime
) -> Bulletin:
    """Take the figures anew, as one cut of now, until the bulletin is published.

    What this changes is kept with it (``changed``) and told to the branches that were asked;
    what was proposed must be proposed again. Sentences that were taken and whose rows are gone
    go with them.
    """
    bulletin = _written(
        actor, bulletin_id, BulletinState.DRAFT, BulletinState.COMMENTING, BulletinState.PROPOSED
    )
    figures = month_figures(Month.parse(bulletin.month), at)
    offered = {part: {one.key for one in each} for part, each in suggestions(figures).items()}
    taken = {
        part: [key for key in keys if key in offered.get(part, ())]
        for part, keys in bulletin.taken.items()
    }
    gone = sum(len(keys) for keys in bulletin.taken.values()) - sum(map(len, taken.values()))
    changed = changed_tables(bulletin, figures)
    proposer = bulletin.proposed_by
    values: dict[str, Any] = {"figures": figures, "taken": taken, "changed": changed}
    if bulletin.state == BulletinState.PROPOSED:
        values |= {"state": BulletinState.COMMENTING, "proposed_at": None, "proposed_by": None}
    was_asked = bulletin.state != BulletinState.DRAFT
    bulletin = moved(bulletin, expected_version, at, written_by=_hands(bulletin, actor), **values)
    if was_asked and changed:
        bulletin_notices.tell_changed(bulletin, branches_told(bulletin), at)
    if proposer is not None and proposer.pk != actor.person_id:
        bulletin_notices.tell_taken_anew(bulletin, proposer, at)
    tables = {one["table"]: one["rows"] for one in changed}
    trail(bulletin, "reports.take_figures", actor, at, after={"gone": gone, "changed": tables})
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
    bulletin = moved(
        bulletin, expected_version, at, state=BulletinState.COMMENTING, comments_until=until
    )
    bulletin_notices.tell_branches(bulletin, branches_told(bulletin), at)
    trail(bulletin, "reports.ask_for_comments", actor, at, after={"until": until.isoformat()})
    return bulletin


@transaction.atomic
def propose_bulletin(
    *, bulletin_id: int, expected_version: int, actor: Actor, at: datetime
) -> Bulletin:
    """Hand the bulletin to the second person (annex 11.11).

    Not before every branch has spoken or the time for it has passed, all are answered, and the
    figures are of the sheets as they stand; all that is in the way is said at once.
    """
    bulletin = _written(actor, bulletin_id, BulletinState.COMMENTING)
    check_clear(before_proposing(bulletin, at))
    bulletin = moved(
        bulletin,
        expected_version,
        at,
        state=BulletinState.PROPOSED,
        proposed_at=at,
        proposed_by_id=actor.somebody,
    )
    bulletin_notices.tell_approvers(bulletin, actor, at)
    trail(bulletin, "reports.propose_bulletin", actor, at)
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
    bulletin = moved(
        bulletin,
        expected_version,
        at,
        state=BulletinState.COMMENTING,
        proposed_at=None,
        proposed_by=None,
    )
    if proposer is not None:
        bulletin_notices.tell_sent_back(bulletin, proposer, why.strip(), at)
    trail(bulletin, "reports.send_back_bulletin", actor, at, why=why.strip())
    return bulletin


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
    if len(why) > WORDS_AT_MOST:
        raise Refused(_("最多 %(n)s 个字") % {"n": WORDS_AT_MOST}, field="why")
    open_ones = Bulletin.objects.filter(month=main.month).exclude(state=BulletinState.PUBLISHED)
    if open_ones.exists():
        raise Refused(_("这个月还有一份补充通报没有发布，写到那一份里。"))
    month = Month.parse(main.month)
    newest = Bulletin.objects.filter(month=main.month).aggregate(n=Max("supplement"))["n"] or 0
    figures = month_figures(month, at)
    with unless_taken(_begun_meanwhile):
        bulletin = Bulletin.objects.create(
            month=main.month,
            supplement=newest + 1,
            title=f"{main.title[:70]}（补充{newest + 1}）",
            send_to=main.send_to,
            copy_to=main.copy_to,
            level=main.level,
            figures=figures,
            why=why.strip(),
            drafted_at=at,
            drafted_by_id=actor.person_id,
            updated_at=at,
        )
    trail(bulletin, "reports.draft_supplement", actor, at, why=bulletin.why)
    return bulletin


def _begun_meanwhile() -> None:
    raise Refused(_("刚才有人起草了另一份补充通报，请刷新后再看。"))


def _written(actor: Actor, bulletin_id: int, *states: BulletinState) -> Bulletin:
    """The bulletin, for those who write it, in one of the states."""
    bulletin = bulletin_for(actor, bulletin_id)
    if not permissions.can_write(actor):
        raise NotAllowed(_("通报由市场部编写。"))
    check_state(bulletin, *states)
    return bulletin


def check_state(bulletin: Bulletin, *states: BulletinState) -> None:
    """Refused where the bulletin is in none of the states."""
    if bulletin.state == BulletinState.PUBLISHED:
        raise Refused(_("已发布的通报不再改动，要更正请发补充通报。"))
    if bulletin.state not in states:
        raise Refused(
            _("通报现在是“%(state)s”，这一步做不了。") % {"state": bulletin.get_state_display()}
        )


def check_clear(hindrances: Sequence[str]) -> None:
    """Refused with everything that stands in the way (reports.hindrances)."""
    if hindrances:
        problems = [Problem("", one) for one in hindrances]
        raise Refused("\n".join(hindrances), problems=problems)


def moved(bulletin: Bulletin, expected_version: int, at: datetime, **values: Any) -> Bulletin:
    """The bulletin with other values, by compare-and-set; Stale where it has moved meanwhile."""
    updated = Bulletin.objects.filter(pk=bulletin.pk, version=expected_version).update(
        version=F("version") + 1, updated_at=at, **values
    )
    found = Bulletin.objects.select_related("proposed_by", "drafted_by", "approved_by").get(
        pk=bulletin.pk
    )
    if not updated:
        raise Stale(current(found))
    return found


def trail(
    bulletin: Bulletin,
    what: str,
    by: Actor,
    at: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    why: str = "",
) -> None:
    """The row of the trail."""
    audit.record(
        actor=by,
        at=at,
        what=what,
        target_type="bulletin",
        target_id=bulletin.pk,
        target_label=bulletin.document_number or bulletin.title,
        before=before,
        after=after or {"state": bulletin.state},
        why=why,
    )

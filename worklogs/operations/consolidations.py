"""The company's week (W6): consolidated across branches, numbered, archived."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core import audit, canonical, jobs
from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from core.periods import Week
from worklogs import contents, permissions, rules
from worklogs.models import Consolidation, RollUpVersion


@transaction.atomic
def issue_consolidation(
    *,
    week: Week,
    comment: str,
    expected_number: int,
    actor: Actor,
    at: datetime,
    why_corrected: str = "",
) -> Consolidation:
    """Archive the company's week from the roll-ups that have arrived (W6).

    ``expected_number`` is the number of the newest issue the actor has seen, 0 for none. A
    further issue is a correction: it needs a reason and other content.
    """
    if not permissions.can_see_company(actor) or not permissions.can_consolidate(actor):
        raise NotAllowed(_("全司汇总由集团客户室归档。"))
    if len(comment) > rules.TEXT_AT_MOST:
        raise Refused(_("最多 %(n)s 个字") % {"n": rules.TEXT_AT_MOST}, field="comment")
    newest = Consolidation.objects.filter(week=week.key).aggregate(n=Max("number"))["n"] or 0
    if newest != expected_number:
        raise Stale({"number": newest})
    if newest and not why_corrected.strip():
        raise Refused(_("这周的全司汇总已归档，再发要写更正原因。"), field="why_corrected")
    if not RollUpVersion.objects.filter(rollup__week=week.key).exists():
        raise Refused(_("还没有一家分公司的汇总到达。"))
    content = contents.consolidation_content(week, comment=comment.strip(), cut=at)
    digest = canonical.digest({**content, "cut_at": None})
    if Consolidation.objects.filter(week=week.key, number=newest, digest=digest).exists():
        raise Refused(_("内容与上次归档的一样，没有要更正的。"))
    number = newest + 1
    try:
        with transaction.atomic():
            issue = Consolidation.objects.create(
                week=week.key,
                number=number,
                archive_number=f"QS-{week.key}-{number}",
                content=content,
                digest=digest,
                comment=comment.strip(),
                why_corrected=why_corrected.strip() if number > 1 else "",
                issued_at=at,
                issued_by_id=actor.somebody,
            )
    except IntegrityError:
        raise Stale({"number": number}) from None
    jobs.enqueue(
        kind="worklogs.post_consolidation",
        key=str(issue.pk),
        args={"consolidation": issue.pk},
        at=at,
        owner_id=actor.person_id,
    )
    audit.record(
        actor=actor,
        at=at,
        what="worklogs.issue_consolidation",
        target_type="consolidation",
        target_id=issue.pk,
        target_label=issue.archive_number,
        after={"digest": digest, "missing": content["missing"]},
        why=issue.why_corrected,
    )
    return issue

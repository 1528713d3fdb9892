"""The branch's weekly roll-up (W6): written, sent, received; sent again only as a correction."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from core import audit, canonical, jobs
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.periods import Week, local_date
from duties.choices import NoticeKind
from duties.models import DutyPeriod
from duties.notices import notice_to
from duties.operations import ensure, notify_all
from duties.rules import minutes_late
from organization.models import Branch, Person
from worklogs import contents, permissions, rules
from worklogs.choices import RollUpState, TextPart
from worklogs.models import RollUp, RollUpVersion
from worklogs.queries import branch_for, persons_in_charge


def _branch(actor: Actor, branch_id: int) -> Branch:
    branch = branch_for(actor, branch_id)
    if not permissions.can_roll_up(actor, branch):
        raise NotAllowed(_("周汇总由本分公司主管汇总和发送。"))
    return branch


def _duty(branch: Branch, week: Week, at: datetime) -> DutyPeriod:
    period = ensure(kind="rollup", branch=branch, period=week, at=at)
    if period is None:
        raise Refused(_("这一周没有工作日，不用汇总。"))
    return period


def rollup_of(branch: Branch, week: Week, at: datetime) -> RollUp:
    """The week's roll-up, opened on demand."""
    try:
        with transaction.atomic():
            found, __ = RollUp.objects.get_or_create(
                branch=branch, week=week.key, defaults={"updated_at": at}
            )
    except IntegrityError:
        found = RollUp.objects.get(branch=branch, week=week.key)
    return found


def _current(rollup: RollUp) -> dict[str, Any]:
    return {
        "version": rollup.version,
        "comment": rollup.comment,
        "left_out": rollup.left_out,
        "state": rollup.state,
    }


def _moved_on(rollup: RollUp, expected_version: int, at: datetime, **values: Any) -> RollUp:
    """Compare-and-set the roll-up's row."""
    updated = RollUp.objects.filter(pk=rollup.pk, version=expected_version).update(
        version=F("version") + 1, updated_at=at, **values
    )
    current = RollUp.objects.select_related("branch").get(pk=rollup.pk)
    if not updated:
        raise Stale(_current(current))
    return current


@transaction.atomic
def write_rollup(
    *,
    branch_id: int,
    week: Week,
    comment: str,
    left_out: Collection[str],
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> RollUp:
    """The supervisor's comment, and which written items stay out; ``1`` for a new roll-up."""
    branch = _branch(actor, branch_id)
    if len(comment) > rules.TEXT_AT_MOST:
        raise Refused(_("最多 %(n)s 个字") % {"n": rules.TEXT_AT_MOST}, field="comment")
    wrong = [item for item in left_out if item.partition(":")[2] not in TextPart.values]
    if wrong:
        raise Refused(_("没有这一条。"), field="left_out")
    rollup = rollup_of(branch, week, at)
    before = _current(rollup)
    rollup = _moved_on(
        rollup, expected_version, at, comment=comment.strip(), left_out=sorted(set(left_out))
    )
    _record(actor, at, "worklogs.write_rollup", rollup, before=before, after=_current(rollup))
    return rollup


def _record(
    actor: Actor,
    at: datetime,
    what: str,
    rollup: RollUp,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    why: str = "",
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="rollup",
        target_id=rollup.pk,
        target_label=f"{rollup.branch.name} {rollup.week}",
        branch_id=rollup.branch_id,
        before=before,
        after=after,
        why=why,
    )


@transaction.atomic
def send_rollup(
    *,
    branch_id: int,
    week: Week,
    expected_version: int,
    actor: Actor,
    at: datetime,
    why_corrected: str = "",
) -> RollUpVersion:
    """Freeze the week and send it to the persons in charge (W6).

    Open from the summaries' deadline on; on time or late is the first sending against the
    duty period. Sending again needs a reason and makes a numbered correction; the same
    content again is refused. The worker renders the frozen content and posts the mail.
    """
    branch = _branch(actor, branch_id)
    period = _duty(branch, week, at)
    if not rules.rollup_can_be_sent(at, period.opens_at):
        raise Refused(_("周报截止后才能发送汇总。"))
    receivers = persons_in_charge(branch.pk, local_date(at))
    if not receivers:
        raise Refused(_("集团客户室还没有可收件的负责人，请系统管理员设置。"))
    rollup = rollup_of(branch, week, at)
    if rollup.newest and not why_corrected.strip():
        raise Refused(_("这周的汇总已发送，再发要写更正原因。"), field="why_corrected")
    if rollup.version != expected_version:
        raise Stale(_current(rollup))
    content = contents.rollup_content(
        branch, week, comment=rollup.comment, left_out=rollup.left_out, cut=at
    )
    digest = canonical.digest({**content, "cut_at": None})
    if rollup.newest and rollup.versions.get(number=rollup.newest).digest == digest:
        raise Refused(_("内容与上次发送的一样，没有要更正的。"))
    number = rollup.newest + 1
    rollup = _moved_on(rollup, expected_version, at, state=RollUpState.SENT, newest=number)
    version = RollUpVersion.objects.create(
        rollup=rollup,
        number=number,
        archive_number=f"HZ-{branch.code}-{week.key}-{number}",
        content=content,
        digest=digest,
        why_corrected=why_corrected.strip() if number > 1 else "",
        sent_at=at,
        sent_by_id=actor.somebody,
        deadline_at=period.deadline_at,
        minutes_late=minutes_late(at, period.deadline_at),
    )
    jobs.enqueue(
        kind="worklogs.post_rollup",
        key=str(version.pk),
        args={"version": version.pk},
        at=at,
        owner_id=actor.person_id,
    )
    notify_all(
        [
            notice_to(
                person,
                kind=NoticeKind.ROLLUP,
                group=f"rollup:{week.key}",
                key=f"rollup:{version.pk}",
                title=lambda: (
                    _("%(branch)s第 %(n)d 周汇总已到，请签收")
                    % {"branch": branch.name, "n": week.number}
                ),
                url=reverse("rollup", args=[week.key, branch.pk]),
                at=at,
            )
            for person in receivers
        ]
    )
    _record(
        actor,
        at,
        "worklogs.send_rollup",
        rollup,
        after={
            "archive_number": version.archive_number,
            "digest": digest,
            "minutes_late": version.minutes_late,
        },
        why=version.why_corrected,
    )
    return version


@transaction.atomic
def receive_rollup(*, version_id: int, actor: Actor, at: datetime) -> RollUpVersion:
    """The group-customer office signs for a roll-up (annex 3.4); signing twice changes nothing."""
    version = (
        RollUpVersion.objects.filter(
            pk=version_id, rollup__in=RollUp.objects.visible_to(actor).values("pk")
        )
        .select_related("rollup__branch", "sent_by")
        .first()
    )
    if version is None:
        raise NotFound
    if not permissions.can_receive(actor, version):
        raise NotAllowed(_("汇总由集团客户室签收，自己发的除外。"))
    if version.number != version.rollup.newest:
        raise Refused(_("已有更正后的版本，请签收新的那一份。"))
    updated = RollUpVersion.objects.filter(pk=version.pk, received_at__isnull=True).update(
        received_at=at, received_by_id=actor.somebody
    )
    version.refresh_from_db()
    if updated:
        is_newest = RollUp.objects.filter(pk=version.rollup_id, newest=version.number).update(
            state=RollUpState.RECEIVED, version=F("version") + 1, updated_at=at
        )
        if not is_newest:
            raise Refused(_("已有更正后的版本，请签收新的那一份。"))
        _tell_sender(version, at)
        _record(
            actor,
            at,
            "worklogs.receive_rollup",
            version.rollup,
            after={"received": version.archive_number},
        )
    return version


def _tell_sender(version: RollUpVersion, at: datetime) -> None:
    rollup = version.rollup
    sender = Person.objects.get(pk=version.sent_by_id)
    number = Week.parse(rollup.week).number
    notify_all(
        [
            notice_to(
                sender,
                kind=NoticeKind.ROLLUP,
                group=f"rollup:{rollup.week}",
                key=f"received:{version.pk}",
                title=lambda: _("集团客户室已签收第 %(n)d 周汇总") % {"n": number},
                url=reverse("rollup", args=[rollup.week, rollup.branch_id]),
                at=at,
            )
        ]
    )

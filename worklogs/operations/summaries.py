"""Weekly progress summaries (W4, W5): typed, filed, given back, filed again, read, confirmed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from core import audit, canonical
from core.actors import Actor
from core.drafts import NO_WINDOW, Window, discard_draft, draft_of, save_draft
from core.errors import NotAllowed, NotFound, Problem, Refused, Stale
from core.models import Draft
from core.periods import Week
from duties.choices import NoticeKind
from duties.models import DutyPeriod
from duties.notices import notice_to
from duties.operations import ensure, notify_all
from duties.rules import minutes_late
from organization.models import Branch, Person
from worklogs import figures, permissions
from worklogs.belonging import owed_branch
from worklogs.choices import SummaryState, TextPart
from worklogs.entries import SummaryEntry, draft_key, summary_problems, version_content
from worklogs.models import (
    Summary,
    SummaryReturn,
    SummaryVersion,
)
from worklogs.queries import manager_for, standing_of

WHY_AT_LEAST: Final = 2


def _duty(branch: Branch, week: Week, at: datetime) -> DutyPeriod:
    """The summary's duty period; refuses a week that brings no duty."""
    period = ensure(kind="summary", branch=branch, period=week, at=at)
    if period is None:
        raise Refused(_("这一周没有工作日，不用交周报。"))
    return period


def not_the_filer() -> str:
    """What whoever sees a week and may not fill it in is told."""
    return _("周报由客户经理本人填写，本分公司主管可以代填。")


def _manager(actor: Actor, manager_id: int, week: Week) -> tuple[Person, Branch | None]:
    """Whose week it is, and the branch to which it is owed; None where it is owed to none."""
    manager = manager_for(actor, manager_id, week)
    branch = owed_branch(manager, week)
    if not permissions.can_file_summary(actor, manager, (branch or manager.branch).pk):
        raise NotAllowed(not_the_filer())
    return manager, branch


@transaction.atomic
def save_summary_draft(
    *,
    manager_id: int,
    week: Week,
    body: dict[str, Any],
    expected_version: int,
    actor: Actor,
    at: datetime,
    window: Window = NO_WINDOW,
) -> Draft:
    """Keep what is being typed; Stale when another window saved in between."""
    manager, _branch = _manager(actor, manager_id, week)
    known = set(figures.figures())
    entry = SummaryEntry.from_body(body)
    unknown = (set(entry.declared) - known) | (set(entry.texts) - set(TextPart.values))
    if unknown:
        raise Refused(_("没有这一栏。"), field=min(unknown))
    return save_draft(
        owner_id=manager.pk,
        key=draft_key(week),
        body=entry.body(),
        expected_version=expected_version,
        at=at,
        window=window,
    )


def _guard_draft(owner_id: int, week: Week, expected_version: int) -> None:
    """Refuse when another window has typed on since this one was loaded."""
    draft = draft_of(owner_id, draft_key(week))
    version = draft.version if draft else 0
    if version != expected_version:
        raise Stale(
            {
                "version": version,
                "saved_at": draft.saved_at.isoformat() if draft else "",
                "body": draft.body if draft else {},
            }
        )


def _may_be_filed(summary: Summary | None, at: datetime) -> None:
    """A filed summary is filed again when given back, or before its deadline while unread."""
    if summary is None or summary.state == SummaryState.RETURNED:
        return
    if summary.reviewed_at is not None:
        raise Refused(_("主管已批阅，要改请主管退回。"))
    if at > summary.deadline_at:
        raise Refused(_("周报已交。截止后要改，请主管退回。"))


@transaction.atomic
def submit_summary(
    *,
    manager_id: int,
    week: Week,
    entry: SummaryEntry,
    expected_version: int,
    actor: Actor,
    at: datetime,
    why_filed_for: str = "",
) -> SummaryVersion:
    """File a week's summary (W4, W5); ``expected_version`` is the draft's, 0 for none.

    On time or late is this receipt against the duty period; after a return the first receipt
    keeps deciding. Filing the same content twice gives the same receipt. Somebody else filing
    (代填) says why, and the manager confirms later.
    """
    manager, branch = _manager(actor, manager_id, week)
    period = _duty(branch or manager.branch, week, at)
    if at < period.opens_at:
        raise Refused(_("这一周还没有开始。"))
    if branch is None:
        raise Refused(_("这一周您不在客户经理岗位上，不用交周报。"))
    is_for_other = actor.person_id != manager.pk
    counted = figures.counted([manager.pk], week, period.deadline_at, at)[manager.pk]
    content = version_content(counted, entry)
    digest = canonical.digest(content)
    summary = Summary.objects.filter(manager=manager, week=week.key).first()
    if summary is not None:
        repeated = summary.versions.filter(number=summary.newest, digest=digest).first()
        if repeated and summary.state == SummaryState.SUBMITTED:
            discard_draft(manager.pk, draft_key(week))
            return repeated
    _guard_draft(manager.pk, week, expected_version)
    _may_be_filed(summary, at)
    problems = summary_problems(counted, entry)
    if is_for_other and len(why_filed_for.strip()) < WHY_AT_LEAST:
        problems.append(Problem("why_filed_for", _("写明为什么代填。")))
    if problems:
        raise Refused(
            _("有 %(n)d 处要改，写好的内容都已保存") % {"n": len(problems)}, problems=problems
        )
    summary = _filed(manager, branch, week, period, summary, at)
    version = SummaryVersion.objects.create(
        summary=summary,
        number=summary.newest,
        branch=branch,
        receipt=_receipt(summary, branch),
        submitted_at=at,
        filed_by_id=actor.somebody,
        why_filed_for=why_filed_for.strip() if is_for_other else "",
        log_count=_services(manager.pk, week, period.deadline_at, at),
        digest=digest,
        **content,
    )
    discard_draft(manager.pk, draft_key(week))
    _record(
        actor,
        at,
        "worklogs.submit_summary",
        summary,
        after={"receipt": version.receipt, "digest": digest},
        why=version.why_filed_for,
    )
    if is_for_other:
        _tell_filed_for(summary, actor, at)
    return version


def _receipt(summary: Summary, branch: Branch) -> str:
    """The receipt's number; it keeps the code of the branch that received the first version."""
    first = summary.versions.filter(number=1).select_related("branch").first()
    code = first.branch.code if first else branch.code
    return f"{code}-{summary.week}-{summary.manager.job_number}-{summary.newest}"


def _services(manager_id: int, week: Week, deadline_at: datetime, at: datetime) -> int:
    return figures.week_logs([manager_id], week, deadline_at, at).count()


def _filed(
    manager: Person,
    branch: Branch,
    week: Week,
    period: DutyPeriod,
    summary: Summary | None,
    at: datetime,
) -> Summary:
    """Create the summary's row, or move it on by compare-and-set."""
    if summary is None:
        try:
            with transaction.atomic():
                return Summary.objects.create(
                    manager=manager,
                    branch=branch,
                    week=week.key,
                    state=SummaryState.SUBMITTED,
                    received_at=at,
                    deadline_at=period.deadline_at,
                    minutes_late=minutes_late(at, period.deadline_at),
                    updated_at=at,
                )
        except IntegrityError:
            raise Stale({"version": 1}) from None
    updated = Summary.objects.filter(pk=summary.pk, version=summary.version).update(
        state=SummaryState.SUBMITTED,
        branch=branch,
        newest=F("newest") + 1,
        reviewed_at=None,
        reviewed_by=None,
        opinion="",
        version=F("version") + 1,
        updated_at=at,
    )
    if not updated:
        raise Stale({"version": summary.version})
    return Summary.objects.select_related("manager").get(pk=summary.pk)


def _record(
    actor: Actor,
    at: datetime,
    what: str,
    summary: Summary,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    why: str = "",
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="summary",
        target_id=summary.pk,
        target_label=f"{summary.manager.name} {summary.week}",
        branch_id=summary.branch_id,
        before=before,
        after=after,
        why=why,
    )


def _tell_filed_for(summary: Summary, actor: Actor, at: datetime) -> None:
    number = Week.parse(summary.week).number
    notify_all(
        [
            notice_to(
                summary.manager,
                kind=NoticeKind.CONFIRM,
                group=f"summary:{summary.week}",
                key=f"filed-for:{summary.pk}:{summary.newest}",
                title=lambda: (
                    _("%(name)s 代您交了第 %(n)d 周周报，请确认")
                    % {"name": actor.name, "n": number}
                ),
                url=reverse("summary", args=[summary.week]),
                at=at,
            )
        ]
    )


def _reviewable(actor: Actor, summary_id: int, expected_version: int) -> Summary:
    """The summary a supervisor is about to decide on, unchanged since it was read."""
    summary = (
        Summary.objects.visible_to(actor)
        .select_related("manager", "branch")
        .filter(pk=summary_id)
        .first()
    )
    if summary is None:
        raise NotFound
    if not permissions.can_review_summary(actor, summary, *standing_of(summary)):
        raise NotAllowed(_("周报由本分公司主管批阅，自己的和自己代填的除外。"))
    if summary.version != expected_version:
        raise Stale({"version": summary.version, "state": summary.state})
    return summary


def _decided(summary: Summary, at: datetime, **values: Any) -> Summary:
    updated = Summary.objects.filter(pk=summary.pk, version=summary.version).update(
        version=F("version") + 1, updated_at=at, **values
    )
    if not updated:
        raise Stale({"version": summary.version})
    return Summary.objects.select_related("manager", "branch").get(pk=summary.pk)


@transaction.atomic
def return_summary(
    *,
    summary_id: int,
    remarks: Mapping[str, str],
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Summary:
    """Give a summary back with a remark on each field to be mended; its versions stay."""
    summary = _reviewable(actor, summary_id, expected_version)
    if summary.state == SummaryState.RETURNED:
        raise Refused(_("已经退回过，等对方重交。"))
    known = {f"figure:{key}" for key in figures.figures()}
    known |= {f"text:{part}" for part in TextPart.values}
    kept = {name: text.strip() for name, text in remarks.items() if text.strip()}
    unknown = sorted(set(kept) - known)
    if unknown:
        raise Refused(_("没有这一栏。"), field=unknown[0])
    if not kept:
        raise Refused(_("在要改的那一栏写明原因，再退回。"), field="remarks")
    version = summary.versions.get(number=summary.newest)
    summary = _decided(summary, at, state=SummaryState.RETURNED, reviewed_at=None, reviewed_by=None)
    SummaryReturn.objects.create(
        version=version, remarks=kept, returned_at=at, returned_by_id=actor.somebody
    )
    save_draft_of_version(version, at)
    notify_all(
        [
            notice_to(
                summary.manager,
                kind=NoticeKind.RETURNED,
                group=f"summary:{summary.week}",
                key=f"returned:{summary.pk}:{version.number}",
                title=lambda: (
                    _("第 %(n)d 周周报被退回，%(fields)d 栏要改")
                    % {"n": Week.parse(summary.week).number, "fields": len(kept)}
                ),
                body="\n".join(kept.values()),
                url=reverse("summary", args=[summary.week]),
                at=at,
            )
        ]
    )
    _record(
        actor,
        at,
        "worklogs.return_summary",
        summary,
        before={"state": SummaryState.SUBMITTED.value},
        after={"state": SummaryState.RETURNED.value, "remarks": kept},
    )
    return summary


def save_draft_of_version(version: SummaryVersion, at: datetime) -> None:
    """Lay what was filed before its writer again, so that only the remarks need work."""
    entry = SummaryEntry.of_version(version)
    owner_id = version.summary.manager_id
    key = draft_key(Week.parse(version.summary.week))
    draft = draft_of(owner_id, key)
    save_draft(
        owner_id=owner_id,
        key=key,
        body=entry.body(),
        expected_version=draft.version if draft else 0,
        at=at,
    )


@transaction.atomic
def review_summary(
    *, summary_id: int, opinion: str, expected_version: int, actor: Actor, at: datetime
) -> Summary:
    """The supervisor has read the summary, with an opinion or without (annex 3.4)."""
    summary = _reviewable(actor, summary_id, expected_version)
    if summary.state == SummaryState.RETURNED:
        raise Refused(_("已退回的周报要等重交后再批阅。"))
    before = {"opinion": summary.opinion}
    summary = _decided(
        summary, at, opinion=opinion.strip(), reviewed_at=at, reviewed_by_id=actor.somebody
    )
    _record(
        actor,
        at,
        "worklogs.review_summary",
        summary,
        before=before,
        after={"opinion": summary.opinion, "reviewed": True},
    )
    return summary


@transaction.atomic
def confirm_summary(*, summary_id: int, actor: Actor, at: datetime) -> SummaryVersion:
    """The manager confirms what somebody else filed for him (代填)."""
    summary = Summary.objects.visible_to(actor).filter(pk=summary_id).first()
    if summary is None:
        raise NotFound
    if not permissions.can_confirm_summary(actor, summary):
        raise NotAllowed(_("代填的周报由本人确认。"))
    version = summary.versions.get(number=summary.newest)
    if version.filed_by_id == summary.manager_id:
        raise Refused(_("这一版是本人交的，不用确认。"))
    updated = SummaryVersion.objects.filter(pk=version.pk, confirmed_at__isnull=True).update(
        confirmed_at=at
    )
    version.refresh_from_db()
    if updated:
        Summary.objects.filter(pk=summary.pk).update(updated_at=at)
        _record(
            actor, at, "worklogs.confirm_summary", summary, after={"confirmed": version.receipt}
        )
    return version

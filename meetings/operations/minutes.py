"""Minutes (M2.2, M3.2, A3): typed, submitted by the recorder, approved by the chair, corrected."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from core import canonical
from core.actors import Actor
from core.drafts import NO_WINDOW, Window, discard_draft, draft_of, save_draft
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import Draft, StoredFile
from core.periods import local_date
from duties.choices import NoticeKind
from duties.notices import notice_to
from duties.operations import notify_all
from meetings.answering import answer_from_minutes
from meetings.choices import ActionState, MeetingState, MinutesState, TopicKind
from meetings.following import follow_minutes
from meetings.minutes_entries import MinutesEntry, draft_key
from meetings.minutes_permissions import can_approve_minutes, can_name_recorder, can_record
from meetings.minutes_rules import OPINION_AT_MOST, minutes_number
from meetings.models import Meeting, Minutes, MinutesVersion
from meetings.queries.minutes import (
    attendance_of,
    can_be_minuted,
    due_at,
    is_chair_gone,
    may_change_recorder,
    possible_owners,
    recorders_to_name,
    sitting_for,
)
from meetings.steps import changed, needed_reason, record_step
from meetings.words import sitting_name
from organization.choices import HEADS
from organization.models import Person
from organization.queries import holders_of

# Items whose conclusion answers what was handed in (A2).
_ANSWERS: Final = (TopicKind.CASE, TopicKind.ANSWER)


def minutes_as_plain(minutes: Minutes) -> dict[str, Any]:
    """Minutes as a writer who came too late sees them."""
    return {"version": minutes.version, "state": minutes.state, "latest": minutes.latest}


@transaction.atomic
def name_recorder(
    *, meeting_id: int, recorder_id: int, expected_version: int, actor: Actor, at: datetime
) -> Meeting:
    """Name who writes the minutes of a meeting that was held: somebody who was there, and not the
    chair (annex 3.5); of approved ones only where their recorder has gone, to correct them. What
    was typed so far goes along. ``expected_version`` is the meeting's."""
    lead = sitting_for(actor, meeting_id)
    if not can_name_recorder(actor, lead):
        raise NotAllowed(_("由主持人或分公司负责人指定记录人。"))
    if not can_be_minuted(lead):
        raise Refused(_("会议还没有召开。"))
    minutes = Minutes.objects.filter(meeting=lead).first()
    if not may_change_recorder(lead, minutes, at):
        raise Refused(_("纪要已经提交，不能再换记录人。"))
    if recorder_id == lead.chair_id:
        raise Refused(_("记录人不能是主持人。"), field="recorder")
    if recorder_id not in {person.pk for person in recorders_to_name(lead, at)}:
        raise Refused(_("请选到会的人做记录。"), field="recorder")
    before = {"recorder": lead.recorder.name if lead.recorder else ""}
    former = lead.recorder_id
    lead = changed(lead, expected_version, at, recorder_id=recorder_id)
    draft = draft_of(former, draft_key(lead.pk)) if former else None
    if draft is not None and former != recorder_id:
        discard_draft(draft.owner_id, draft.key)
        own = draft_of(recorder_id, draft.key)
        save_draft(
            owner_id=recorder_id,
            key=draft.key,
            body=draft.body,
            expected_version=own.version if own else 0,
            at=at,
        )
    recorder = Person.objects.get(pk=recorder_id)
    _tell(
        [recorder],
        lead,
        "recorder",
        lambda name: _("请您写%(meeting)s的纪要") % {"meeting": name},
        actor,
        at,
    )
    record_step("name_recorder", lead, before, {"recorder": recorder.name}, actor, at)
    return lead


@transaction.atomic
def save_minutes_draft(
    *,
    meeting_id: int,
    entry: MinutesEntry,
    expected_version: int,
    actor: Actor,
    at: datetime,
    window: Window = NO_WINDOW,
) -> Draft:
    """Keep what the recorder is typing; Stale when another window saved in between."""
    lead = _to_record(actor, meeting_id)
    return save_draft(
        owner_id=actor.somebody,
        key=draft_key(lead.pk),
        body=entry.body(),
        expected_version=expected_version,
        at=at,
        window=window,
    )


@transaction.atomic
def submit_minutes(
    *, meeting_id: int, entry: MinutesEntry, expected_version: int, actor: Actor, at: datetime
) -> MinutesVersion:
    """Hand the minutes to the chair (M2.2, M3.2, A3); ``expected_version`` is the draft's, or 0.

    A higher level counts from now on, a lower one when the chair approves (annex 9.2). In time or
    late is the first receipt against the next working day 17:30, whatever follows.
    Before the chair has decided they can be submitted anew; the same content twice is one
    version. Once approved they are locked: ``correct_minutes``.
    """
    lead = _to_record(actor, meeting_id)
    minutes = Minutes.objects.filter(meeting=lead).first()
    if minutes is not None and _was_approved(minutes):
        if minutes.state == MinutesState.APPROVED:
            raise Refused(_("纪要已归档锁定，要改请走更正。"))
        return _submitted(lead, minutes, entry, expected_version, _why_of(minutes), actor, at)
    return _submitted(lead, minutes, entry, expected_version, "", actor, at)


@transaction.atomic
def correct_minutes(
    *,
    meeting_id: int,
    entry: MinutesEntry,
    why: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> MinutesVersion:
    """Correct approved minutes: a new version with its reason, which the chair approves again.

    Until then the approved one stands. ``expected_version`` is the draft's, 0 for none.
    """
    lead = _to_record(actor, meeting_id)
    minutes = Minutes.objects.filter(meeting=lead).first()
    if minutes is None or minutes.state != MinutesState.APPROVED:
        raise Refused(_("只有归档的纪要才要更正。"))
    why = needed_reason(why)
    return _submitted(lead, minutes, entry, expected_version, why, actor, at)


def not_the_recorder(lead: Meeting) -> str:
    """What whoever sees the minutes and may not write them is told."""
    if lead.recorder is None:
        return _("还没有指定记录人。")
    return _("纪要由记录人%(name)s写。") % {"name": lead.recorder.name}


def _to_record(actor: Actor, meeting_id: int) -> Meeting:
    """The sitting, for its recorder; NotFound, NotAllowed."""
    lead = sitting_for(actor, meeting_id)
    if not can_record(actor, lead):
        raise NotAllowed(not_the_recorder(lead))
    if not can_be_minuted(lead):
        raise Refused(_("会议还没有召开。"))
    return lead


def _was_approved(minutes: Minutes) -> bool:
    return minutes.versions.filter(approved_at__isnull=False).exists()


def _why_of(minutes: Minutes) -> str:
    """Why the correction under way is made."""
    return minutes.versions.values_list("why", flat=True).get(number=minutes.latest)


def _submitted(
    lead: Meeting,
    minutes: Minutes | None,
    entry: MinutesEntry,
    expected_version: int,
    why: str,
    actor: Actor,
    at: datetime,
) -> MinutesVersion:
    due = due_at(lead)
    if lead.state != MeetingState.HELD or due is None:
        raise Refused(_("会议结束后才能提交纪要，写好的已经存着。"))
    owners = {one.pk: one.name for one in possible_owners(lead.branch_id, local_date(at))}
    content = {**entry.content(owners), "attendance": attendance_of(lead)}
    digest = canonical.digest(content)
    if minutes is not None and minutes.state == MinutesState.SUBMITTED:
        repeated = minutes.versions.filter(number=minutes.latest, sha256=digest).first()
        if repeated is not None:
            discard_draft(actor.somebody, draft_key(lead.pk))
            return repeated
    _guard_draft(actor.somebody, lead, expected_version)
    problems = entry.problems(owners, lead.on)
    if problems:
        raise Refused(
            _("有 %(n)d 处要改，写好的内容都已保存") % {"n": len(problems)}, problems=problems
        )
    minutes = _moved_on(lead, minutes, due, actor, at)
    version = MinutesVersion.objects.create(
        minutes=minutes,
        number=minutes.latest,
        content=content,
        sha256=digest,
        why=why,
        submitted_at=at,
        submitted_by_id=actor.somebody,
    )
    if entry.level > lead.level:
        _bear_level(lead, entry.level, at)
    discard_draft(actor.somebody, draft_key(lead.pk))
    approvers = _approvers(lead, at)
    if approvers:
        _tell(
            approvers,
            lead,
            f"submitted:{minutes.latest}",
            lambda name: _("%(meeting)s的纪要待您审批") % {"meeting": name},
            actor,
            at,
            body=why,
        )
    record_step(
        "correct_minutes" if why else "submit_minutes",
        lead,
        {},
        {"number": minutes.latest, "digest": digest},
        actor,
        at,
        why,
    )
    return version


def _approvers(lead: Meeting, at: datetime) -> list[Person]:
    """Who is asked to approve: the chair, or where he has gone the branch's heads."""
    if is_chair_gone(lead, at):
        heads = holders_of(HEADS, local_date(at), lead.branch_id)
        return [person for person in heads if person.pk != lead.recorder_id]
    return [lead.chair] if lead.chair is not None else []


def _bear_level(lead: Meeting, level: int, at: datetime) -> None:
    """Have the meeting bear the level; what was filed of it keeps at least that (C2, annex 9.2)."""
    Meeting.objects.filter(pk=lead.pk).update(level=level, version=F("version") + 1, updated_at=at)
    filed = Q(pk__in=lead.scans.values("file_id")) | Q(pk__in=lead.actions.values("file_id"))
    StoredFile.objects.filter(filed, level__lt=level).update(level=level)


def _guard_draft(owner_id: int, lead: Meeting, expected_version: int) -> None:
    """Refuse when another window has typed on since this one was loaded."""
    draft = draft_of(owner_id, draft_key(lead.pk))
    version = draft.version if draft else 0
    if version != expected_version:
        raise Stale(
            {
                "version": version,
                "saved_at": draft.saved_at.isoformat() if draft else "",
                "body": draft.body if draft else {},
            }
        )


def _moved_on(
    lead: Meeting, minutes: Minutes | None, due: datetime, actor: Actor, at: datetime
) -> Minutes:
    """The minutes' row with a version more: made, or moved on by compare-and-set."""
    if minutes is None:
        try:
            with transaction.atomic():
                return Minutes.objects.create(
                    meeting=lead,
                    number=minutes_number(lead.kind, lead.key, lead.branch.code, lead.on),
                    state=MinutesState.SUBMITTED,
                    due_at=due,
                    received_at=at,
                    submitted_at=at,
                    submitted_by_id=actor.somebody,
                    updated_at=at,
                )
        except IntegrityError:
            raise Stale(minutes_as_plain(Minutes.objects.get(meeting=lead))) from None
    return _decided(
        minutes,
        minutes.version,
        at,
        state=MinutesState.SUBMITTED,
        latest=F("latest") + 1,
        submitted_at=at,
        submitted_by_id=actor.somebody,
        decided_at=None,
        decided_by=None,
        opinion="",
    )


def _decided(minutes: Minutes, expected_version: int, at: datetime, **values: Any) -> Minutes:
    """Change the row by compare-and-set; Stale when somebody was faster."""
    updated = Minutes.objects.filter(
        pk=minutes.pk, version=expected_version, state=minutes.state
    ).update(version=F("version") + 1, updated_at=at, **values)
    again = Minutes.objects.get(pk=minutes.pk)
    if not updated:
        raise Stale(minutes_as_plain(again))
    return again


# The chair


def _to_decide(
    actor: Actor, meeting_id: int, expected_version: int, at: datetime
) -> tuple[Meeting, Minutes, MinutesVersion]:
    """The submitted minutes, for the chair; NotFound, NotAllowed, Refused, Stale."""
    lead = sitting_for(actor, meeting_id)
    minutes = Minutes.objects.filter(meeting=lead).first()
    if not can_approve_minutes(actor, lead, is_chair_gone=is_chair_gone(lead, at)):
        raise NotAllowed(_("纪要由主持人审批，记录人不能审批自己写的。"))
    if minutes is None:
        raise NotFound
    if minutes.version != expected_version:
        raise Stale(minutes_as_plain(minutes))
    if minutes.state != MinutesState.SUBMITTED:
        raise Refused(_("纪要不在待审批。"))
    return lead, minutes, minutes.versions.get(number=minutes.latest)


@transaction.atomic
def return_minutes(
    *, meeting_id: int, opinion: str, expected_version: int, actor: Actor, at: datetime
) -> Minutes:
    """Give them back to the recorder, saying what is to be mended; what was written lies before
    him again. The first receipt keeps deciding between in time and late."""
    lead, minutes, version = _to_decide(actor, meeting_id, expected_version, at)
    opinion = opinion.strip()
    if not opinion:
        raise Refused(_("写明要改什么，再退回。"), field="opinion")
    if len(opinion) > OPINION_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": OPINION_AT_MOST}, field="opinion")
    minutes = _decided(
        minutes,
        expected_version,
        at,
        state=MinutesState.RETURNED,
        decided_at=at,
        decided_by_id=actor.somebody,
        opinion=opinion,
    )
    MinutesVersion.objects.filter(pk=version.pk).update(
        returned_at=at, returned_by_id=actor.somebody, opinion=opinion
    )
    if lead.recorder is not None:
        _lay_before(lead.recorder, lead, version, at)
        _tell(
            [lead.recorder],
            lead,
            f"returned:{minutes.latest}",
            lambda name: _("%(meeting)s的纪要被退回") % {"meeting": name},
            actor,
            at,
            body=opinion,
            kind=NoticeKind.RETURNED,
        )
    record_step(
        "return_minutes",
        lead,
        {"minutes": MinutesState.SUBMITTED.value},
        {"minutes": MinutesState.RETURNED.value, "opinion": opinion},
        actor,
        at,
    )
    return minutes


def _lay_before(recorder: Person, lead: Meeting, version: MinutesVersion, at: datetime) -> None:
    key = draft_key(lead.pk)
    draft = draft_of(recorder.pk, key)
    save_draft(
        owner_id=recorder.pk,
        key=key,
        body=MinutesEntry.of_version(version).body(),
        expected_version=draft.version if draft else 0,
        at=at,
    )


def _check_owners(lead: Meeting, version: MinutesVersion, at: datetime) -> None:
    """Refuse what would give somebody something to do who has left the branch meanwhile."""
    closed = set(lead.actions.exclude(state=ActionState.OPEN).values_list("key", flat=True))
    here = {one.pk for one in possible_owners(lead.branch_id, local_date(at))}
    gone = [
        row["owner_name"]
        for row in version.content["actions"]
        if row["key"] not in closed and row["owner"] not in here
    ]
    if gone:
        names = "、".join(dict.fromkeys(gone))
        raise Refused(_("%(names)s已不在本分公司。请退回，换一个责任人。") % {"names": names})


@transaction.atomic
def approve_minutes(
    *, meeting_id: int, expected_version: int, actor: Actor, at: datetime
) -> Minutes:
    """Approve and lock them; their actions become to-dos of their owners, and what was answered
    in an analysis meeting goes to who asked (annex 3.5, A2). With it a lower level is approved
    (annex 9.2)."""
    lead, minutes, version = _to_decide(actor, meeting_id, expected_version, at)
    _check_owners(lead, version, at)
    minutes = _decided(
        minutes,
        expected_version,
        at,
        state=MinutesState.APPROVED,
        decided_at=at,
        decided_by_id=actor.somebody,
        opinion="",
    )
    MinutesVersion.objects.filter(pk=version.pk).update(
        approved_at=at, approved_by_id=actor.somebody
    )
    before: dict[str, Any] = {"minutes": MinutesState.SUBMITTED.value}
    after: dict[str, Any] = {"minutes": MinutesState.APPROVED.value}
    if version.content["level"] != lead.level:
        before["level"], after["level"] = lead.level, version.content["level"]
        _bear_level(lead, version.content["level"], at)
    made = follow_minutes(lead, version, actor, at)
    answer_from_minutes(answers=_answered(version.content), meeting=lead, actor=actor, at=at)
    if lead.recorder is not None:
        _tell(
            [lead.recorder],
            lead,
            f"approved:{minutes.latest}",
            lambda name: _("%(meeting)s的纪要已归档") % {"meeting": name},
            actor,
            at,
            kind=NoticeKind.CONFIRM,
        )
    record_step("approve_minutes", lead, before, {**after, "actions": made}, actor, at)
    return minutes


def _answered(content: Mapping[str, Any]) -> dict[int, str]:
    """What came of each case and question of the analysis meeting (A2)."""
    return {
        item["contribution"]: item["conclusion"]
        for item in content["items"]
        if item["contribution"] is not None and item["kind"] in _ANSWERS
    }


def _tell(
    people: list[Person],
    lead: Meeting,
    what: str,
    words: Callable[[str], str],
    actor: Actor,
    at: datetime,
    *,
    body: str = "",
    kind: NoticeKind = NoticeKind.MEETING,
) -> None:
    """Tell them, but whoever did it; ``words`` is called with the meeting's name, per language."""
    notify_all(
        [
            notice_to(
                person,
                kind=kind,
                group=f"minutes:{lead.pk}",
                key=f"minutes:{lead.pk}:{what}:{at:%Y%m%d%H%M%S}",
                title=lambda: words(sitting_name(lead)),
                body=body,
                url=reverse("minutes", args=[lead.pk]),
                at=at,
            )
            for person in people
            if person.pk != actor.person_id
        ]
    )

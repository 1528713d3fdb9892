"""Reads for the pages of roll-ups: the list, a content's lines, versions compared, delivery."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

from django.db.models import CharField, DateTimeField, F, IntegerField, OuterRef, Q, Subquery
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import canonical
from core.actors import Actor
from core.choices import JobState, RecipientState
from core.errors import NotFound
from core.lists import Text
from core.models import Job, OutboxMessage
from core.parts import Difference
from core.periods import Week
from duties.models import DutyPeriod, DutyPeriodQuerySet
from worklogs import figures
from worklogs.board_table import standing_chip
from worklogs.choices import Standing, TextPart
from worklogs.contents import RECORD_LANGUAGE, Content
from worklogs.letters import rollup_body, rollup_subject
from worklogs.models import RollUp, RollUpVersion
from worklogs.queries import branch_for

# What may be asked of the list, beside the branch.
STATES: Final[Mapping[str, Q]] = {
    "unsent": Q(sent_at__isnull=True),
    "sent": Q(sent_at__isnull=False, received_at__isnull=True),
    "received": Q(received_at__isnull=False),
    "late": Q(minutes_late__gt=0),
}


def weeks_to_roll_up(actor: Actor, at: datetime) -> DutyPeriodQuerySet:
    """Every branch's week that can be rolled up by now, with where its roll-up stands.

    Each row bears ``sent_at``, ``received_at``, ``archive_number`` and ``newest`` of the newest
    version and ``minutes_late`` of the first; all None where nothing was sent.
    """
    versions = RollUpVersion.objects.filter(
        rollup__branch=OuterRef("branch"), rollup__week=OuterRef("key")
    )
    newest, first = versions.order_by("-number"), versions.order_by("number")
    found = DutyPeriod.objects.filter(kind="rollup", opens_at__lte=at).select_related("branch")
    if not actor.reads_all:
        found = found.filter(branch_id__in=actor.led_branches)
    return found.annotate(
        sent_at=Subquery(newest.values("sent_at")[:1], output_field=DateTimeField()),
        received_at=Subquery(newest.values("received_at")[:1], output_field=DateTimeField()),
        archive_number=Subquery(newest.values("archive_number")[:1], output_field=CharField()),
        newest=Subquery(newest.values("number")[:1], output_field=IntegerField()),
        minutes_late=Subquery(first.values("minutes_late")[:1], output_field=IntegerField()),
        branch_code=F("branch__code"),
    )


def rollup_version(actor: Actor, branch_id: int, week: Week, number: int) -> RollUpVersion:
    """A sent version; NotFound where there is none for this actor."""
    branch_for(actor, branch_id)
    found = (
        RollUpVersion.objects.filter(
            rollup__branch_id=branch_id, rollup__week=week.key, number=number
        )
        .select_related("rollup__branch", "sent_by", "received_by", "file")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def is_changed(content: Content, newest: RollUpVersion) -> bool:
    """Whether the week as it stands would be another content than what was sent last."""
    return canonical.digest({**content, "cut_at": None}) != newest.digest


# A content's lines, in the reader's language: what is frozen is in the record's.


@dataclass(frozen=True)
class PersonLine:
    """A manager in a roll-up."""

    name: str
    job_number: str
    standing: SafeString
    received_at: datetime | None
    filed_by: str
    services: int


@dataclass(frozen=True)
class TotalLine:
    """A figure of all managers together: counted and declared."""

    label: Text
    unit: Text
    system: int
    declared: int

    @property
    def differs(self) -> bool:
        """Whether the managers declare something else than the system."""
        return self.system != self.declared


def person_lines(content: Content) -> list[PersonLine]:
    """The managers of a roll-up, what deviates first."""
    order = {standing.value: place for place, standing in enumerate(Standing)}
    rank = {
        Standing.MISSING: 0, Standing.NOT_DUE: 0, Standing.RETURNED: 1, Standing.LATE: 2,
    }  # fmt: skip
    people = sorted(
        content["people"],
        key=lambda one: (rank.get(Standing(one["standing"]), 3), order[one["standing"]]),
    )
    return [
        PersonLine(
            one["name"],
            one["job_number"],
            standing_chip(one["standing"], one["minutes_late"]),
            datetime.fromisoformat(one["received_at"]) if one["received_at"] else None,
            one["filed_by"],
            one["services"],
        )
        for one in people
    ]


def total_lines(content: Content) -> list[TotalLine]:
    """The totals, each by its label."""
    known = figures.figures()
    return [
        TotalLine(
            known[one["key"]].label if one["key"] in known else one["label"],
            known[one["key"]].unit if one["key"] in known else one["unit"],
            one["system"],
            one["declared"],
        )
        for one in content["totals"]
    ]


# Two versions side by side


def version_differences(old: Content, new: Content) -> list[Difference]:
    """What a correction changed: people's standing, figures, texts, the comment."""
    return [
        *_people_changed(old, new),
        *_totals_changed(old, new),
        *_texts_changed(old, new),
        *_supplement_changed(old, new),
        *(
            [Difference(_("主管意见"), old["comment"], new["comment"])]
            if old["comment"] != new["comment"]
            else []
        ),
    ]


def _standing_word(one: Mapping[str, Any] | None) -> str:
    if one is None:
        return ""
    word = str(Standing(one["standing"]).label)
    return (
        _("%(word)s，第 %(n)d 版") % {"word": word, "n": one["version"]} if one["version"] else word
    )


def _people_changed(old: Content, new: Content) -> list[Difference]:
    before = {one["id"]: one for one in old["people"]}
    after = {one["id"]: one for one in new["people"]}
    return [
        Difference((after.get(key) or before[key])["name"], was, now)
        for key in {**before, **after}
        if (was := _standing_word(before.get(key))) != (now := _standing_word(after.get(key)))
    ]


def _totals_changed(old: Content, new: Content) -> list[Difference]:
    found = []
    for was, now in zip_longest(old["totals"], new["totals"]):
        line = now or was
        figure = figures.figures().get(line["key"])
        label = str(figure.label) if figure else line["label"]
        pairs = [f"{one['system']} / {one['declared']}" if one else "" for one in (was, now)]
        if pairs[0] != pairs[1]:
            found.append(Difference(label, *pairs))
    return found


def _texts_changed(old: Content, new: Content) -> list[Difference]:
    def taken(content: Content) -> dict[str, tuple[str, str]]:
        return {
            item["id"]: (item["author"], item["text"])
            for group in content["texts"]
            for item in group["items"]
            if item["is_in"]
        }

    before, after = taken(old), taken(new)
    return [
        Difference(
            f"{(after.get(key) or before[key])[0]} {TextPart(key.partition(':')[2]).label}",
            before.get(key, ("", ""))[1],
            after.get(key, ("", ""))[1],
        )
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    ]


def _supplement_changed(old: Content, new: Content) -> list[Difference]:
    was, now = (str(one["supplement"]["services"]) for one in (old, new))
    return [Difference(_("补充（交后和截止后的服务）"), was, now)] if was != now else []


# The mail and its way


@dataclass(frozen=True)
class MailShown:
    """A mail as it goes, or went."""

    subject: str
    body: str


def mail_preview(
    rollup: RollUp, content: Content, at: datetime, deadline_at: datetime
) -> MailShown:
    """The mail exactly as it would be sent now."""
    number = rollup.newest + 1
    version = RollUpVersion(
        rollup=rollup,
        number=number,
        archive_number=f"HZ-{rollup.branch.code}-{rollup.week}-{number}",
        content=content,
        digest=canonical.digest({**content, "cut_at": None}),
        sent_at=at,
        deadline_at=deadline_at,
    )
    with override(RECORD_LANGUAGE):
        return MailShown(rollup_subject(version), rollup_body(version))


@dataclass(frozen=True)
class RecipientLine:
    """What became of the mail for one address; ``state`` is a chip's."""

    name: str
    address: str
    state: str
    word: Text
    answer: str
    tried_at: datetime | None


@dataclass(frozen=True)
class Dispatch:
    """How far the worker has come with a sent version.

    ``done`` of ``total`` steps: the workbook archived, then each address tried. ``state`` is
    "running", "done", "failed" or, where there never was such work, "none".
    """

    done: int
    total: int
    state: str
    note: str
    recipients: tuple[RecipientLine, ...]


_CHIPS: Final = {
    RecipientState.WAITING: "waiting",
    RecipientState.SENT: "sent",
    RecipientState.REFUSED: "failed",
}


def dispatch_of(version: RollUpVersion) -> Dispatch:
    """The worker's way with a version: rendered, posted, delivered; three queries."""
    message = (
        OutboxMessage.objects.filter(message_id=version.message_id)
        .prefetch_related("recipients")
        .first()
        if version.message_id
        else None
    )
    recipients = tuple(
        RecipientLine(
            one.name,
            one.address,
            _CHIPS[RecipientState(one.state)],
            RecipientState(one.state).label,
            one.answer,
            one.tried_at,
        )
        for one in (message.recipients.all() if message else ())
    )
    tried = sum(1 for one in recipients if one.tried_at)
    done, total = (1 + tried if version.file_id else 0), 1 + max(1, len(recipients))
    if version.file_id and (tried == len(recipients)):
        return Dispatch(total, total, "done", "", recipients)
    if version.file_id:
        return Dispatch(done, total, "running", _("工作簿已归档，正在发邮件"), recipients)
    job = Job.objects.filter(kind="worklogs.post_rollup", key=str(version.pk)).first()
    if job is None:
        return Dispatch(0, total, "none", "", recipients)
    if job.state == JobState.FAILED:
        return Dispatch(0, total, "failed", _("没有做成，系统管理员已能看到原因"), recipients)
    return Dispatch(0, total, "running", _("正在生成工作簿"), recipients)

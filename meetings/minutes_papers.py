"""Minutes on paper (M2.2, M3.2, A3): the sign-in sheet, and the minutes in the branch's form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from confidentiality.choices import Level
from core.formats import hour
from core.marked_days import days_marked, with_mark
from core.papers import is_one_page, render_pdf
from core.periods import local_date
from core.queries import calendar
from meetings.choices import MeetingKind, Presence, TopicKind
from meetings.minutes_entries import MinutesEntry, hands_of
from meetings.minutes_rules import day_of
from meetings.models import MinutesVersion
from meetings.papers import SignInPaper, sign_in_paper
from meetings.queries.minutes import (
    Written,
    attendance_of,
    counted,
    level_of,
    possible_owners,
)
from meetings.queries.occurrences import kinds_of
from meetings.words import chair_words

TEMPLATE: Final = "papers/minutes.html"
# The clauses of the duties that one sitting discharges.
CLAUSES: Final = {
    MeetingKind.STANDUP: "M1",
    MeetingKind.WEEKLY: "M2",
    MeetingKind.GM: "M3",
    MeetingKind.ANALYSIS: "A1",
}


@dataclass(frozen=True)
class ItemLine:
    """An item of the agenda on paper."""

    number: int
    kind: str
    speaker: str
    discussion: str
    conclusion: str


@dataclass(frozen=True)
class ActionRow:
    """An action on paper."""

    number: int
    content: str
    owner: str
    due: str
    evidence: str


@dataclass(frozen=True)
class Signature:
    """A line to sign: by whom, and name and moment where it was done electronically."""

    label: str
    name: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class MinutesPaper:
    """All that the minutes' part shows; ``note`` says of a correction why it was made."""

    number: str
    version: int
    level: str
    chair: str
    actual: str
    discharges: str
    absent: str
    items: Sequence[ItemLine]
    actions: Sequence[ActionRow]
    signatures: Sequence[Signature]
    is_standing: bool
    note: str
    url: str
    sign_in: SignInPaper


def minutes_paper(
    found: Written, version: MinutesVersion, *, url: str, sign_in_url: str
) -> MinutesPaper:
    """The sheet of one version; the addresses are what the QR codes of its two parts open."""
    lead, content = found.meeting, version.content
    items = [
        ItemLine(
            number,
            str(TopicKind(row["kind"]).label) if row["kind"] in TopicKind.values else "",
            row["speaker"],
            _("：").join(filter(None, (row["topic"], row["discussion"]))),
            row["conclusion"],
        )
        for number, row in enumerate(content["items"], 1)
    ]
    actions = [
        ActionRow(
            number,
            row["content"],
            hands_of(row),
            _day(row["due_on"]),
            row["evidence"],
        )
        for number, row in enumerate(content["actions"], 1)
    ]
    return MinutesPaper(
        number=found.number,
        version=version.number,
        level=str(Level(level_of(lead, version)).label),
        chair=chair_words(lead),
        actual=_actual(found),
        discharges=_("、").join(
            _("%(kind)s（%(clause)s）")
            % {"kind": MeetingKind(kind).label, "clause": CLAUSES[MeetingKind(kind)]}
            for kind in kinds_of(lead)
        ),
        absent=_("；").join(absent_words(version)) or _("无"),
        items=items,
        actions=actions,
        signatures=_signatures(found, version),
        is_standing=version.approved_at is not None,
        note=_("更正：%(why)s") % {"why": version.why} if version.why else "",
        url=url,
        sign_in=sign_in_paper(lead, url=sign_in_url),
    )


def minutes_pdf(found: Written, version: MinutesVersion, *, url: str, sign_in_url: str) -> bytes:
    """Sign-in sheet and minutes as PDF (A4): on one page where closer lines make them fit.

    A second, so never inside a transaction.
    """
    with days_marked(calendar):
        paper = minutes_paper(found, version, url=url, sign_in_url=sign_in_url)
        return render_pdf(
            TEMPLATE,
            {"paper": paper},
            title=_("会议纪要 %(number)s") % {"number": paper.number},
            ways=({}, {"is_tight": True}),
            fits=is_one_page,
        )


def draft_version(found: Written, entry: MinutesEntry) -> MinutesVersion:
    """What is being written as the version it would become; never stored."""
    lead = found.meeting
    owners = possible_owners(lead.branch_id, local_date(found.at))
    content = entry.content({one.pk: one.name for one in owners})
    return MinutesVersion(
        number=found.latest.number + 1 if found.latest else 1,
        content={**content, "attendance": attendance_of(lead)},
    )


def absent_words(version: MinutesVersion) -> list[str]:
    """Who was not there and how: 林婉清（请假，11月8日申请）."""
    found = []
    for row in counted(version.content["attendance"]).away:
        words = [str(Presence(row["state"]).label)]
        if row.get("is_here"):
            words += filter(None, [_("当场"), row["note"]])
        elif row["notice"]:
            words.append(_("%(day)s申请") % {"day": _day(row["notice"])})
        elif row["note"]:
            words.append(row["note"])
        found.append(
            _("%(name)s（%(words)s）") % {"name": row["name"], "words": _("，").join(words)}
        )
    return found


def _day(text: str) -> str:
    on = day_of(text)
    return with_mark(on, date_format(on, _("n月j日")) + "{}") if on else ""


def _actual(found: Written) -> str:
    lead = found.meeting
    if lead.opened_at is None:
        return ""
    ended = hour(lead.closed_at) if lead.closed_at else ""
    return f"{hour(lead.opened_at)}—{ended}"


def _signatures(found: Written, version: MinutesVersion) -> tuple[Signature, ...]:
    """Recorder, chair, approval, day: with name and moment where it was done in the system."""
    lead = found.meeting
    is_submitted = version.submitted_at is not None
    approver = version.approved_by
    return (
        Signature(
            _("记录人"),
            version.submitted_by.name if is_submitted else "",
            version.submitted_at if is_submitted else None,
        ),
        Signature(_("主持人"), lead.chair.name if approver and lead.chair else ""),
        Signature(pgettext("纸", "审批"), approver.name if approver else "", version.approved_at),
        Signature(pgettext("纸", "日期")),
    )

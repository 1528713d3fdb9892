"""What minutes and sign-in show of a branch (M2.3, M3.3, A3, annex 3.8): held, whole, of content.

Three points for a meeting that was missing, one for a record that is not whole, one for each kind
of content that an inspector marked below 3. Two duties discharged in one sitting have one record;
not held, both are missing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from core.periods import Month
from inspections.checks import Check
from inspections.judged import Fault, Judged
from inspections.models import ContentMark
from inspections.rules import is_content_poor
from inspections.sources.summaries import FROZEN_IN
from inspections.words import sentence
from meetings.choices import MINUTED
from meetings.completeness import HINT, INCOMPLETE, MISSING, Lack
from meetings.completeness_words import lacks_text
from meetings.queries.completeness import Duty, duties_of
from organization.former_names import NamesThen, names_at


def judge_records(month: Month, branch_ids: Collection[int], cut: datetime) -> Mapping[int, Judged]:
    """The minuted meetings of the month whose time was over at the cut (M2.3, annex 3.8).

    The statements do not grow with branches and meetings.
    """
    duties = minuted_in(month, branch_ids, cut)
    marks = marks_at({duty.lead.pk for duty in duties}, cut)
    names = names_at(cut)
    counted: dict[int, int] = defaultdict(int)
    faults: dict[int, list[Fault]] = defaultdict(list)
    with override(FROZEN_IN):
        for duty in duties:
            counted[duty.meeting.branch_id] += 1
            if duty.lacks:
                faults[duty.meeting.branch_id].append(_missing(duty, names))
        for sitting in sittings_of(duties):
            faults[sitting.branch_id] += _of_record(sitting)
            faults[sitting.branch_id] += [
                _poor(sitting, mark)
                for mark in marks.get(sitting.lead_id, ())
                if is_content_poor(mark.mark)
            ]
    return {
        branch_id: Judged(number, tuple(faults[branch_id])) for branch_id, number in counted.items()
    }


def minuted_in(month: Month, branch_ids: Collection[int], cut: datetime) -> list[Duty]:
    """The month's duties to meet that need minutes (M2.2, M2.3, M3.2, A3), over at the cut."""
    return [
        duty
        for duty in duties_of(month, branch_ids, cut)
        if duty.is_over and duty.meeting.kind in MINUTED
    ]


@dataclass(frozen=True)
class Sitting:
    """A sitting that discharged at least one of these duties: its record counts once."""

    branch_id: int
    lead_id: int
    kinds: tuple[str, ...]
    duty: Duty

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """What its record lacks, without what only an inspector weighs."""
        return tuple(lack for lack in self.duty.record if lack.weight != HINT)


def sittings_of(duties: Iterable[Duty]) -> list[Sitting]:
    """The sittings of these duties as far as they were discharged, each once."""
    by_lead: dict[int, list[Duty]] = defaultdict(list)
    for duty in duties:
        if not duty.lacks:
            by_lead[duty.lead.pk].append(duty)
    return [
        Sitting(of[0].meeting.branch_id, lead_id, tuple(duty.meeting.kind for duty in of), of[0])
        for lead_id, of in by_lead.items()
    ]


def marks_at(meeting_ids: Collection[int], cut: datetime) -> dict[int, list[ContentMark]]:
    """The marks of contents that stood at the cut, by sitting; one query."""
    stood = Q(replaced_at__isnull=True) | Q(replaced_at__gt=cut)
    found: dict[int, list[ContentMark]] = defaultdict(list)
    rows = ContentMark.objects.filter(stood, marked_at__lte=cut, meeting_id__in=meeting_ids)
    for mark in rows.order_by("meeting_id", "pk"):
        found[mark.meeting_id].append(mark)
    return found


def _fault(kind: str, meeting_id: int, facts: dict[str, str], person_id: int | None) -> Fault:
    """The fault with its Chinese sentence; called with Chinese in force."""
    return Fault(
        kind=kind,
        label=sentence(kind, facts, {}),
        url=reverse("meeting", args=[meeting_id]),
        person_id=person_id,
        facts=facts,
    )


def _missing(duty: Duty, names: NamesThen) -> Fault:
    """A duty that was not discharged: whose it was (annex 11.5), never the managers'."""
    meeting = duty.meeting
    facts = {
        "meeting": meeting.kind,
        "on": meeting.on.isoformat(),
        "lacks": lacks_text(duty.lacks),
    }
    owing = duty.owing[0] if duty.owing else None
    if owing is None:
        return _fault(MISSING, meeting.pk, facts, None)
    named = {"name": names.of(owing).name, "number": owing.job_number}
    return _fault(MISSING, meeting.pk, facts | named, owing.pk)


def _of_record(sitting: Sitting) -> list[Fault]:
    """One fault for a record that is not whole, with everything that it lacks."""
    if not sitting.lacks:
        return []
    facts = {
        "meeting": "+".join(sitting.kinds),
        "on": sitting.duty.lead.on.isoformat(),
        "lacks": lacks_text(sitting.lacks),
    }
    return [_fault(INCOMPLETE, sitting.lead_id, facts, None)]


def _poor(sitting: Sitting, mark: ContentMark) -> Fault:
    facts = {
        "meeting": "+".join(sitting.kinds),
        "on": sitting.duty.lead.on.isoformat(),
        "topic": mark.topic,
        "mark": str(mark.mark),
    }
    return _fault("content", sitting.lead_id, facts, None)


# What the bulletin tells of meetings (annex 8, 4.6)


@dataclass(frozen=True)
class Records:
    """A branch's minuted meetings: owed and held, the records of the sittings and what they lack.

    ``marked`` kinds of content were marked, ``points`` in all, ``poor`` of them below 3.
    """

    owed: int = 0
    held: int = 0
    sittings: int = 0
    in_time: int = 0
    signed: int = 0
    minuted: int = 0
    whole: int = 0
    marked: int = 0
    points: int = 0
    poor: int = 0


_TIMES: Final = frozenset({"late_start", "early_end", "late_end", "not_ended"})
_MINUTES: Final = frozenset({"minutes_missing", "minutes_late", "not_approved", "approved_late"})


def records_counted(
    month: Month, branch_ids: Collection[int], cut: datetime
) -> Mapping[int, Records]:
    """The same as counts, by branch (annex 8, 4.6); a branch that owed none is absent."""
    duties = minuted_in(month, branch_ids, cut)
    marks = marks_at({duty.lead.pk for duty in duties}, cut)
    by_branch: dict[int, list[Duty]] = defaultdict(list)
    for duty in duties:
        by_branch[duty.meeting.branch_id].append(duty)
    return {branch_id: _counted(of, marks) for branch_id, of in by_branch.items()}


def _counted(duties: list[Duty], marks: Mapping[int, list[ContentMark]]) -> Records:
    sittings = sittings_of(duties)
    codes = [{lack.code for lack in sitting.lacks} for sitting in sittings]
    given = [mark.mark for sitting in sittings for mark in marks.get(sitting.lead_id, ())]
    return Records(
        owed=len(duties),
        held=sum(not duty.lacks for duty in duties),
        sittings=len(sittings),
        in_time=sum(not _TIMES & each for each in codes),
        signed=sum("unsigned" not in each for each in codes),
        minuted=sum(not _MINUTES & each for each in codes),
        whole=sum(not each for each in codes),
        marked=len(given),
        points=sum(given),
        poor=sum(map(is_content_poor, given)),
    )


RECORDS: Final = Check("meetings.records", _("会议纪要与签到齐全"), judge_records)

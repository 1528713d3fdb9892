"""When each branch's week is rolled up, sent and received, and the company's archived (W6)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from itertools import count
from random import Random
from typing import Final

from core import bulk, canonical
from core.calendar import Calendar
from core.periods import instant, local, local_date
from desk.demo import week_words as words
from desk.demo.filings import Filing, morning_after
from desk.demo.people import Crew, Member
from desk.demo.services import WorkWeek
from duties.rules import minutes_late
from organization.models import Branch
from organization.settings import DEFAULTS
from worklogs import contents, rules
from worklogs.choices import RollUpState
from worklogs.models import Consolidation, RollUp, RollUpVersion

_ENDS_AT: Final = time(17, 0)


@dataclass(frozen=True, slots=True)
class Sending:
    """One version: when it is sent, with what comment, when it is signed for."""

    sent_at: datetime
    comment: str
    received_at: datetime | None
    why_corrected: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A branch's roll-up of one week; no sending when it is forgotten or still to come."""

    crew: Crew
    sendings: tuple[Sending, ...]
    deadline_at: datetime
    comment: str
    left_out: tuple[str, ...]
    # A comment may stand although nothing has been sent yet.
    is_begun: bool
    begun_at: datetime

    def as_of(self, at: datetime) -> "Plan":
        """The plan without what had not happened yet."""
        return replace(
            self,
            is_begun=self.is_begun and self.begun_at <= at,
            sendings=tuple(
                replace(
                    one,
                    received_at=one.received_at
                    if one.received_at and one.received_at <= at
                    else None,
                )
                for one in self.sendings
                if one.sent_at <= at
            ),
        )


def plan_rollup(
    crew: Crew,
    filings: Sequence[Filing],
    helped: Sequence[str],
    work: WorkWeek,
    rng: Random,
) -> Plan | None:
    """Draw it: sent once the last summary is in, mostly on the next working day.

    ``helped`` are the items ("<manager id>:<part>") of which one may be left out.
    """
    times = rules.rollup_times(work.week, work.calendar, DEFAULTS)
    if times is None:
        return None
    comment = rng.choice(words.ROLLUP_COMMENTS)
    left_out = (rng.choice(helped),) if helped and rng.random() < 0.2 else ()
    begun_at = times.opens_at + timedelta(minutes=rng.randint(5, 14))
    plan = Plan(crew, (), times.deadline_at, comment, left_out, rng.random() < 0.5, begun_at)
    if rng.random() < 0.02:
        return plan
    settled = max((one.settled_at for one in filings if one.settled_at), default=times.opens_at)
    sent_at = max(
        _sent_at(times.opens_at, times.deadline_at, work.calendar, rng),
        settled + timedelta(minutes=rng.randint(15, 60)),
    )
    if sent_at > times.deadline_at:
        comment = words.LATE_COMMENT + comment
    first = Sending(sent_at, comment, _received_at(sent_at, work.calendar, rng))
    again_at = morning_after(sent_at, work.calendar, rng) + timedelta(hours=4)
    if rng.random() < 0.06 and again_at < times.deadline_at:
        second = Sending(
            again_at,
            comment + words.COMMENT_ADDED,
            _received_at(again_at, work.calendar, rng),
            rng.choice(words.WHY_SENT_AGAIN),
        )
        return replace(plan, comment=comment, sendings=(first, second))
    return replace(plan, comment=comment, sendings=(first,))


def _sent_at(
    opens_at: datetime, deadline_at: datetime, calendar: Calendar, rng: Random
) -> datetime:
    habit = rng.random()
    if habit < 0.2:
        return opens_at + timedelta(minutes=rng.randint(15, 100))
    if habit < 0.65:
        return morning_after(opens_at, calendar, rng) + timedelta(minutes=rng.randint(0, 360))
    if habit < 0.85:
        day = calendar.next_working_day(local_date(opens_at), rng.randint(2, 3))
        return instant(day, time(rng.randint(9, 16), rng.randint(0, 59), rng.randint(0, 59)))
    if habit < 0.96:
        return deadline_at - timedelta(minutes=rng.randint(5, 240))
    return deadline_at + timedelta(minutes=rng.randint(5, 180))


def _received_at(sent_at: datetime, calendar: Calendar, rng: Random) -> datetime:
    """Within hours when it comes by five, else on the next working morning."""
    day = local_date(sent_at)
    if calendar.is_workday(day) and local(sent_at).time() < _ENDS_AT:
        return sent_at + timedelta(minutes=rng.randint(15, 180))
    return morning_after(sent_at, calendar, rng)


def consolidated_at(work: WorkWeek, plans: Sequence[Plan], rng: Random) -> datetime | None:
    """When the company's week is archived: on the working day after the roll-ups fell due."""
    sendings = [one for plan in plans for one in plan.sendings]
    deadlines = [plan.deadline_at for plan in plans]
    if not sendings:
        return None
    last = max(deadlines[0], *(one.received_at or one.sent_at for one in sendings))
    return morning_after(last, work.calendar, rng) + timedelta(minutes=rng.randint(30, 240))


_ROLLUP_COLUMNS: Final = (
    "id",
    "branch",
    "week",
    "state",
    "comment",
    "left_out",
    "newest",
    "version",
    "updated_at",
)
_VERSION_COLUMNS: Final = (
    "id",
    "rollup",
    "number",
    "archive_number",
    "content",
    "digest",
    "why_corrected",
    "sent_at",
    "sent_by",
    "deadline_at",
    "minutes_late",
    "received_at",
    "received_by",
)
_ISSUE_COLUMNS: Final = (
    "week",
    "number",
    "archive_number",
    "content",
    "digest",
    "comment",
    "issued_at",
    "issued_by",
)


@dataclass
class RollUpRows:
    """Rows of two tables; ``receiver`` signs for every roll-up."""

    receiver: Member
    rollup_ids: "count[int]" = field(default_factory=lambda: count(1))
    version_ids: "count[int]" = field(default_factory=lambda: count(1))
    rollups: list[tuple[object, ...]] = field(default_factory=list)
    versions: list[tuple[object, ...]] = field(default_factory=list)

    def write(self) -> None:
        """Load what was drawn and begin anew."""
        bulk.load(RollUp, _ROLLUP_COLUMNS, self.rollups)
        bulk.load(RollUpVersion, _VERSION_COLUMNS, self.versions)
        self.rollups.clear()
        self.versions.clear()


def add_rollup(rows: RollUpRows, plan: Plan, branch: Branch, work: WorkWeek) -> None:
    """The rows of one branch's week; its logs and summaries are written already.

    The content is what the sending itself would freeze.
    """
    if not plan.sendings and not plan.is_begun:
        return
    rollup_id = next(rows.rollup_ids)
    state, version = RollUpState.OPEN, 2
    for number, one in enumerate(plan.sendings, start=1):
        content = contents.rollup_content(
            branch, work.week, comment=one.comment, left_out=plan.left_out, cut=one.sent_at
        )
        version += 1 if number == 1 else 2
        state = RollUpState.SENT
        if one.received_at:
            version += 1
            state = RollUpState.RECEIVED
        rows.versions.append(
            (
                next(rows.version_ids),
                rollup_id,
                number,
                f"HZ-{branch.code}-{work.week.key}-{number}",
                content,
                canonical.digest({**content, "cut_at": None}),
                one.why_corrected,
                one.sent_at,
                plan.crew.supervisor.pk,
                plan.deadline_at,
                minutes_late(one.sent_at, plan.deadline_at),
                one.received_at,
                rows.receiver.pk if one.received_at else None,
            )
        )
    moments = [one.received_at or one.sent_at for one in plan.sendings]
    comment = plan.sendings[-1].comment if plan.sendings else plan.comment
    rows.rollups.append(
        (
            rollup_id,
            branch.pk,
            work.week.key,
            state,
            comment,
            list(plan.left_out),
            len(plan.sendings),
            version,
            max(moments, default=plan.begun_at),
        )
    )


def issue(work: WorkWeek, issued_at: datetime, issuer: Member, rng: Random) -> None:
    """Archive the company's week from the roll-ups that are there."""
    comment = rng.choice(words.COMPANY_COMMENTS)
    content = contents.consolidation_content(work.week, comment=comment, cut=issued_at)
    row = (
        work.week.key,
        1,
        f"QS-{work.week.key}-1",
        content,
        canonical.digest({**content, "cut_at": None}),
        comment,
        issued_at,
        issuer.pk,
    )
    bulk.load(Consolidation, _ISSUE_COLUMNS, [row])

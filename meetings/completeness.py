"""What a meeting's record lacks, as a pure rule (M1–M3, A1–A3, annexes 3.5, 3.8, 11.5, 11.6).

A duty is done when it was held by whoever may hold it; its record is complete when it was held in
time, everybody expected signed or was excused, and minutes, approval and signed paper are there.
Every gap has a code, so that the meeting's page, the matrix and the spot-check report say the same.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from duties.rules import minutes_late
from meetings.choices import CONTENT, MINUTED, ScanPart, TopicKind
from meetings.rules import delegate_roles, holding_roles, is_day_over
from organization.settings import BranchSettings

# The duty is not discharged; the record is not whole; the inspector's mark tells the rest.
MISSING, INCOMPLETE, HINT = "missing", "incomplete", "hint"

# What lacks -> how much it weighs, in the order in which it is said.
WEIGHTS: Final[Mapping[str, str]] = {
    "not_held": MISSING,
    "cancelled": MISSING,
    "wrong_person": MISSING,
    "not_ended": INCOMPLETE,
    "late_start": INCOMPLETE,
    "early_end": INCOMPLETE,
    "late_end": INCOMPLETE,
    "unsigned": INCOMPLETE,
    "minutes_missing": INCOMPLETE,
    "minutes_late": INCOMPLETE,
    "no_items": INCOMPLETE,
    "no_conclusion": INCOMPLETE,
    "no_owner": INCOMPLETE,
    "not_approved": INCOMPLETE,
    # In time says annex 3.5; that it weighs like minutes that are late is ours.
    "approved_late": INCOMPLETE,
    "no_scan": INCOMPLETE,
    "unspoken": HINT,
}


@dataclass(frozen=True)
class Lack:
    """One thing that a meeting lacks: its code, how much there is of it, what it is about.

    ``count`` are minutes of what came or ended late or early, else how many there are. ``about``
    are names of people, topics, or codes of papers and kinds of items.
    """

    code: str
    count: int = 0
    about: tuple[str, ...] = ()

    @property
    def weight(self) -> str:
        """``missing``, ``incomplete`` or ``hint``."""
        return WEIGHTS[self.code]


@dataclass(frozen=True)
class Record:
    """The minutes as they stand: when they came, what they say, when they were approved first.

    ``items`` and ``actions`` are rows of a version's content (models.MinutesVersion). By
    ``approval_due_at`` the chair decides on what was submitted last; ``decided_late`` says by how
    many minutes one of his decisions, up to the first approval, came too late, at most.
    """

    received_at: datetime
    items: Sequence[Mapping[str, object]] = ()
    actions: Sequence[Mapping[str, object]] = ()
    approved_at: datetime | None = None
    approval_due_at: datetime | None = None
    decided_late: int = 0


@dataclass(frozen=True)
class Facts:
    """A sitting as plain facts; ``kinds`` are all duties it discharges, its own first.

    ``standing`` is that of queries.occurrences.standing; ``unsigned`` are the names of whoever was
    expected, did not sign and was not excused. ``papers`` are the signed ones whose scan is there.
    """

    kinds: tuple[str, ...]
    standing: str
    starts_at: datetime
    ends_at: datetime
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    unsigned: tuple[str, ...] = ()
    minutes_due_at: datetime | None = None
    record: Record | None = None
    papers: frozenset[str] = field(default=frozenset())

    @property
    def is_minuted(self) -> bool:
        """Whether it needs minutes, sign-in sheet and paper (M2.2, M3.2, A3)."""
        return any(kind in MINUTED for kind in self.kinds)


def may_discharge(
    kind: str,
    kinds: Collection[str],
    roles: Collection[str],
    settings: BranchSettings,
    *,
    is_delegated: bool = False,
) -> bool:
    """Whether somebody with these roles, chairing a sitting, discharges this duty of it.

    Whoever may hold the whole sitting discharges all of its duties; else the one that he may hold:
    chaired by the supervisor only, weekly and analysis meeting count as weekly (annex 11.6).
    Whoever was delegated discharges what can be handed to him (M1.3).
    """
    wanted = set(holding_roles(kinds, settings) | holding_roles((kind,), settings))
    if is_delegated:
        wanted |= delegate_roles((kind,), settings)
    return not wanted.isdisjoint(roles)


def duty_lacks(facts: Facts, *, is_by_right: bool) -> tuple[Lack, ...]:
    """Why a duty was not discharged at all; nothing where it was, or its time is not over.

    A cancellation by the calendar owes nothing (annex 7.2) and is not asked about here; one by
    hand leaves the duty undone.
    """
    if facts.standing in ("not_held", "cancelled"):
        return (Lack(facts.standing),)
    if facts.standing == "held" and not is_by_right:
        return (Lack("wrong_person"),)
    return ()


def record_lacks(facts: Facts, at: datetime) -> tuple[Lack, ...]:
    """What the record of a sitting lacks that took place, as of a moment (A3).

    Who has not signed is missed once it ended, or its day is over. Minutes and scans are asked for
    once the minutes were due (annex 3.5: the next working day 17:30), approval once its own time is
    over, too. Of a stand-up there need be none (annex 2).
    """
    if facts.standing not in ("running", "held"):
        return ()
    found = [*_times(facts, at)]
    if facts.unsigned and (facts.standing == "held" or is_day_over(facts.starts_at, at)):
        found.append(Lack("unsigned", len(facts.unsigned), facts.unsigned))
    if facts.is_minuted and facts.minutes_due_at is not None:
        found += _papers(facts, facts.minutes_due_at, at)
    return tuple(found)


def _times(facts: Facts, at: datetime) -> list[Lack]:
    """Begun late, ended early, by whole minutes; or not ended on its day, or only after it."""
    found = []
    if facts.opened_at is not None and (late := _minutes(facts.opened_at - facts.starts_at)) > 0:
        found.append(Lack("late_start", late))
    if facts.closed_at is not None:
        if (early := _minutes(facts.ends_at - facts.closed_at)) > 0:
            found.append(Lack("early_end", early))
        if is_day_over(facts.starts_at, facts.closed_at):
            found.append(Lack("late_end", _minutes(facts.closed_at - facts.ends_at)))
    elif is_day_over(facts.starts_at, at):
        found.append(Lack("not_ended"))
    return found


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)


def _papers(facts: Facts, due_at: datetime, at: datetime) -> list[Lack]:
    record, is_due = facts.record, at > due_at
    if record is None:
        return [Lack("minutes_missing")] if is_due else []
    found = []
    if late := minutes_late(record.received_at, due_at):
        found.append(Lack("minutes_late", late))
    found += _contents(facts.kinds, record)
    if record.approved_at is None:
        if at > max(due_at, record.approval_due_at or due_at):
            found.append(Lack("not_approved"))
    elif record.decided_late:
        found.append(Lack("approved_late", record.decided_late))
    wanting = tuple(part for part in ScanPart.values if part not in facts.papers)
    if is_due and wanting:
        found.append(Lack("no_scan", len(wanting), wanting))
    return found


def _contents(kinds: Collection[str], record: Record) -> list[Lack]:
    """Items without a conclusion, actions without owner or date, kinds nobody spoke of."""
    if not record.items:
        return [Lack("no_items")]
    found = []
    open_items = tuple(
        str(row.get("topic", "")) for row in record.items if not _has(row, "conclusion")
    )
    if open_items:
        found.append(Lack("no_conclusion", len(open_items), open_items))
    loose = tuple(
        str(row.get("content", ""))
        for row in record.actions
        if not (_has(row, "owner") and _has(row, "due_on"))
    )
    if loose:
        found.append(Lack("no_owner", len(loose), loose))
    spoken = {row.get("kind") for row in record.items}
    silent = tuple(kind.value for kind in content_kinds(kinds) if kind not in spoken)
    if silent:
        found.append(Lack("unspoken", len(silent), silent))
    return found


def _has(row: Mapping[str, object], name: str) -> bool:
    """Whether something stands in the field."""
    return bool(str(row.get(name) or "").strip())


def content_kinds(kinds: Collection[str]) -> tuple[TopicKind, ...]:
    """What must be talked about in a sitting (M3.1, A2), each once; an inspector marks it."""
    return tuple(dict.fromkeys(topic for kind in kinds for topic in CONTENT.get(kind, ())))


def is_whole(lacks: Collection[Lack]) -> bool:
    """Whether nothing is missing in it but, at most, what only an inspector weighs."""
    return all(lack.weight == HINT for lack in lacks)

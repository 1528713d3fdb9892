"""Plans of weeks gone by as rows, exactly as the operations write them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import count
from typing import Any, Final

from django.db.models import Count

from core import bulk, canonical
from core.models import Draft
from core.periods import instant, local_date
from desk.demo.chance import chance
from desk.demo.filings import Filing, entry_of, half_written, mended
from desk.demo.people import Crew, Member
from desk.demo.services import Service, WorkWeek
from duties.rules import minutes_late
from worklogs import figures
from worklogs.choices import SummaryState
from worklogs.entries import SummaryEntry, draft_key, version_content
from worklogs.models import Reminder, Summary, SummaryReturn, SummaryVersion

_SUMMARY_COLUMNS: Final = (
    "id",
    "manager",
    "branch",
    "week",
    "state",
    "newest",
    "received_at",
    "deadline_at",
    "minutes_late",
    "opinion",
    "reviewed_at",
    "reviewed_by",
    "version",
    "updated_at",
)
_VERSION_COLUMNS: Final = (
    "id",
    "summary",
    "number",
    "branch",
    "receipt",
    "submitted_at",
    "filed_by",
    "why_filed_for",
    "confirmed_at",
    "log_count",
    "figures",
    "texts",
    "nothing",
    "digest",
)
_REMINDER_COLUMNS: Final = ("manager", "week", "number", "sent_at", "sent_on", "sent_by")


@dataclass
class SummaryRows:
    """Rows of five tables, in the order in which they are drawn."""

    summary_ids: "count[int]" = field(default_factory=lambda: count(1))
    version_ids: "count[int]" = field(default_factory=lambda: count(1))
    summaries: list[tuple[object, ...]] = field(default_factory=list)
    versions: list[tuple[object, ...]] = field(default_factory=list)
    returns: list[tuple[object, ...]] = field(default_factory=list)
    drafts: list[tuple[object, ...]] = field(default_factory=list)
    reminders: list[tuple[object, ...]] = field(default_factory=list)

    def write(self) -> None:
        """Load what was drawn and begin anew."""
        for model, columns, rows in (
            (Summary, _SUMMARY_COLUMNS, self.summaries),
            (SummaryVersion, _VERSION_COLUMNS, self.versions),
            (SummaryReturn, ("version", "remarks", "returned_at", "returned_by"), self.returns),
            (Draft, ("owner_id", "key", "body", "saved_at"), self.drafts),
            (Reminder, _REMINDER_COLUMNS, self.reminders),
        ):
            bulk.load(model, columns, rows)
            rows.clear()


@dataclass(frozen=True)
class Counts:
    """What the system counts of a week: figures and number of logs by manager."""

    figures: Mapping[int, Mapping[str, int]]
    logs: Mapping[int, int]

    @classmethod
    def of(cls, work: WorkWeek, manager_ids: Sequence[int], cut: datetime) -> "Counts":
        """Two statements for all managers; a plan's logs were there when it was filed, so that
        one cut counts for everybody what each one's own would."""
        if work.deadline_at is None:
            return cls({}, {})
        logs = figures.week_logs(manager_ids, work.week, work.deadline_at, cut)
        return cls(
            figures.counted(manager_ids, work.week, work.deadline_at, cut),
            dict(logs.order_by().values_list("manager_id").annotate(n=Count("pk"))),
        )


def entry_for(
    filing: Filing, services: Sequence[Service], counts: Counts, work: WorkWeek, seed: int
) -> SummaryEntry:
    """What the manager of a plan writes, always the same for the same seed."""
    rng = chance(seed, "entry", filing.manager.job_number, work.week)
    return entry_of(services, counts.figures.get(filing.manager.pk, {}), work, rng)


def add_filing(
    rows: SummaryRows, filing: Filing, entry: SummaryEntry, counts: Counts, work: WorkWeek
) -> None:
    """The rows of one summary with its versions and its return."""
    if filing.filed_at is None or work.deadline_at is None:
        return
    summary_id = next(rows.summary_ids)
    newest = _add_version(rows, summary_id, 1, filing.filed_at, filing, entry, counts, work)
    number, version, state = 1, 1, SummaryState.SUBMITTED
    if filing.returned_at is not None:
        remarks = {filing.returned_field: filing.remark}
        rows.returns.append((newest, remarks, filing.returned_at, filing.crew.supervisor.pk))
        version, state = 2, SummaryState.RETURNED
        if filing.refiled_at is None:
            rows.drafts.append(_draft_again(filing, entry, counts, work))
        else:
            entry = mended(entry, filing.returned_field)
            _add_version(rows, summary_id, 2, filing.refiled_at, filing, entry, counts, work)
            number, version, state = 2, 3, SummaryState.SUBMITTED
    moments = (
        filing.filed_at,
        filing.confirmed_at,
        filing.returned_at,
        filing.refiled_at,
        filing.reviewed_at,
    )
    is_reviewed = filing.reviewed_at is not None and state == SummaryState.SUBMITTED
    rows.summaries.append(
        (
            summary_id,
            filing.manager.pk,
            filing.crew.branch_id,
            work.week.key,
            state,
            number,
            filing.filed_at,
            work.deadline_at,
            minutes_late(filing.filed_at, work.deadline_at),
            filing.opinion if is_reviewed else "",
            filing.reviewed_at if is_reviewed else None,
            filing.reviewer.pk if is_reviewed else None,
            version + is_reviewed,
            max(moment for moment in moments if moment is not None),
        )
    )


def _add_version(
    rows: SummaryRows,
    summary_id: int,
    number: int,
    at: datetime,
    filing: Filing,
    entry: SummaryEntry,
    counts: Counts,
    work: WorkWeek,
) -> int:
    content = version_content(counts.figures[filing.manager.pk], entry)
    pk = next(rows.version_ids)
    rows.versions.append(
        (
            pk,
            summary_id,
            number,
            filing.crew.branch_id,
            f"{filing.crew.code}-{work.week.key}-{filing.manager.job_number}-{number}",
            at,
            filing.filed_by.pk,
            filing.why_filed_for,
            filing.confirmed_at,
            counts.logs.get(filing.manager.pk, 0),
            content["figures"],
            content["texts"],
            content["nothing"],
            canonical.digest(content),
        )
    )
    return pk


def _draft_again(
    filing: Filing, entry: SummaryEntry, counts: Counts, work: WorkWeek
) -> tuple[object, ...]:
    """What was given back lies before its writer again, as the return lays it there."""
    content: dict[str, Any] = version_content(counts.figures[filing.manager.pk], entry)
    again = SummaryEntry(
        declared={
            key: (one["declared"], one["reason"])
            for key, one in content["figures"].items()
            if one["declared"] != one["value"]
        },
        texts=content["texts"],
        nothing=content["nothing"],
    )
    return (filing.manager.pk, draft_key(work.week), again.body(), filing.returned_at)


def add_draft(
    rows: SummaryRows,
    filing: Filing,
    entry: SummaryEntry,
    work: WorkWeek,
    *,
    seed: int,
    at: datetime,
) -> None:
    """Two of three who have not filed yet have begun to write: on Monday, or hours ago."""
    rng = chance(seed, "draft", filing.manager.job_number, work.week)
    begins_at = instant(work.week.monday, time(8, 40))
    if at < begins_at or rng.random() > 2 / 3:
        return
    body = half_written(entry, rng).body()
    saved_at = max(begins_at, at - timedelta(seconds=rng.randint(40, 3 * 3600)))
    rows.drafts.append((filing.manager.pk, draft_key(work.week), body, saved_at))


@dataclass(frozen=True, slots=True)
class Press:
    """A press of the reminder button: when, and whom it reminds."""

    crew: Crew
    pressed_at: datetime
    reminded: tuple[Member, ...]


def press_of(filings: Sequence[Filing], work: WorkWeek, *, seed: int, at: datetime) -> Press | None:
    """One supervisor in three presses the button in the last hour and a half for all unfiled."""
    if work.deadline_at is None or not filings:
        return None
    crew = filings[0].crew
    rng = chance(seed, "reminder", crew.code, work.week)
    pressed_at = work.deadline_at - timedelta(seconds=rng.randint(600, 5400))
    reminded = tuple(
        one.manager for one in filings if one.filed_at is None or one.filed_at > pressed_at
    )
    if rng.random() > 1 / 3 or pressed_at > at or not reminded:
        return None
    return Press(crew, pressed_at, reminded)


def add_press(rows: SummaryRows, press: Press, work: WorkWeek) -> None:
    """One row for each who is reminded."""
    rows.reminders += [
        (
            manager.pk,
            work.week.key,
            1,
            press.pressed_at,
            local_date(press.pressed_at),
            press.crew.supervisor.pk,
        )
        for manager in press.reminded
    ]

"""The last days of the company, played through the operations that people call.

So the demonstration has what only they leave behind: notices, audit rows, jobs.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from core.actors import Actor
from core.drafts import draft_of
from core.jobs import Progress
from core.periods import Week, local_date
from desk.demo.company import Made, PlayedWeek
from desk.demo.filings import Filing, mended
from desk.demo.people import Member
from desk.demo.rollups import Plan
from desk.demo.summaries import Press
from organization.choices import Role
from organization.in_force import settings_of
from organization.models import Branch, Person
from organization.queries import actor_of
from worklogs import jobs, rules
from worklogs.entries import SummaryEntry, draft_key
from worklogs.models import Summary
from worklogs.operations.reminders import remind
from worklogs.operations.rollups import receive_rollup, rollup_of, send_rollup, write_rollup
from worklogs.operations.summaries import (
    confirm_summary,
    return_summary,
    review_summary,
    submit_summary,
)

Event = tuple[datetime, Callable[[datetime], object]]
# The supervisor writes the comment just before the sending.
_BEFORE_SENDING: Final = timedelta(minutes=3)


def play(made: Made, *, at: datetime) -> int:
    """Let everything happen that happened by ``at``, in order; how many events there were."""
    players = _Players()
    office = made.staff.head[Role.GROUP_OFFICE][-1]
    events: list[Event] = []
    for week in made.played:
        events += _clock(week)
        for filing, entry in week.filings:
            events += _filing(filing, entry, week.work.week, players)
        for press in week.presses:
            events += _press(press, week.work.week, players)
        for plan in week.plans:
            events += _rollup(plan.as_of(at), week.work.week, office, players)
    due = sorted((event for event in events if event[0] <= at), key=lambda event: event[0])
    for moment, happen in due:
        happen(moment)
    return len(due)


class _Players:
    """People as they act at a moment, and branches by id."""

    def __init__(self) -> None:
        """Everybody is read once."""
        self._people = Person.objects.in_bulk()
        self.branches = Branch.objects.in_bulk()

    def actor(self, who: Member, at: datetime) -> Actor:
        """The person with the roles of that day, come in by a page."""
        return actor_of(self._people[who.pk], at=at).coming_by("page")


def _clock(week: PlayedWeek) -> Iterator[Event]:
    """What the clock does around the deadline: reminders at quiet minutes, the closing."""
    deadline_at = week.work.deadline_at
    if deadline_at is None:
        return
    key = week.work.week.key
    settings = settings_of(
        next(iter(Branch.objects.values_list("pk", flat=True))), local_date(deadline_at)
    )
    for moment in rules.reminder_moments(deadline_at, settings):
        args = {"week": key, "moment": moment.isoformat()}
        yield moment, partial(_run, jobs.remind_unfiled, args)
    args = {"week": key, "deadline": deadline_at.isoformat()}
    yield rules.closing_at(deadline_at), partial(_run, jobs.close_week, args)


def _run(
    handler: Callable[[dict[str, str], datetime, Progress], Callable[[], object]],
    args: dict[str, str],
    at: datetime,
) -> None:
    handler(args, at, Progress(0, 0, at))()


def _filing(filing: Filing, entry: SummaryEntry, week: Week, players: _Players) -> Iterator[Event]:
    """One summary: filed, given back, filed again, read, confirmed."""
    manager, supervisor = filing.manager, filing.crew.supervisor
    again = mended(entry, filing.returned_field) if filing.returned_at else entry

    def submit(what: SummaryEntry, at: datetime) -> None:
        draft = draft_of(manager.pk, draft_key(week))
        submit_summary(
            manager_id=manager.pk,
            week=week,
            entry=what,
            expected_version=draft.version if draft else 0,
            actor=players.actor(filing.filed_by, at),
            at=at,
            why_filed_for=filing.why_filed_for,
        )

    def give_back(at: datetime) -> None:
        summary = _summary(manager, week)
        return_summary(
            summary_id=summary.pk,
            remarks={filing.returned_field: filing.remark},
            expected_version=summary.version,
            actor=players.actor(supervisor, at),
            at=at,
        )

    def review(at: datetime) -> None:
        summary = _summary(manager, week)
        review_summary(
            summary_id=summary.pk,
            opinion=filing.opinion,
            expected_version=summary.version,
            actor=players.actor(filing.reviewer, at),
            at=at,
        )

    def confirm(at: datetime) -> None:
        summary = _summary(manager, week)
        confirm_summary(summary_id=summary.pk, actor=players.actor(manager, at), at=at)

    steps: Sequence[tuple[datetime | None, Callable[[datetime], None]]] = (
        (filing.filed_at, partial(submit, entry)),
        (filing.returned_at, give_back),
        (filing.refiled_at, partial(submit, again)),
        (filing.reviewed_at, review),
        (filing.confirmed_at, confirm),
    )
    yield from ((at, happen) for at, happen in steps if at is not None)


def _summary(manager: Member, week: Week) -> Summary:
    return Summary.objects.get(manager_id=manager.pk, week=week.key)


def _press(press: Press, week: Week, players: _Players) -> Iterator[Event]:
    def happen(at: datetime) -> None:
        remind(
            branch_id=press.crew.branch_id,
            week=week,
            manager_ids=[manager.pk for manager in press.reminded],
            actor=players.actor(press.crew.supervisor, at),
            at=at,
        )

    yield press.pressed_at, happen


def _rollup(plan: Plan, week: Week, office: Member, players: _Players) -> Iterator[Event]:
    """A branch's roll-up: its comment, its sendings, what the office signs for."""
    branch = players.branches[plan.crew.branch_id]

    def write(comment: str, at: datetime) -> None:
        write_rollup(
            branch_id=branch.pk,
            week=week,
            comment=comment,
            left_out=plan.left_out,
            expected_version=rollup_of(branch, week, at).version,
            actor=players.actor(plan.crew.supervisor, at),
            at=at,
        )

    def send(why_corrected: str, at: datetime) -> None:
        send_rollup(
            branch_id=branch.pk,
            week=week,
            expected_version=rollup_of(branch, week, at).version,
            actor=players.actor(plan.crew.supervisor, at),
            at=at,
            why_corrected=why_corrected,
        )

    def receive(at: datetime) -> None:
        rollup = rollup_of(branch, week, at)
        receive_rollup(
            version_id=rollup.versions.get(number=rollup.newest).pk,
            actor=players.actor(office, at),
            at=at,
        )

    if not plan.sendings and plan.is_begun:
        yield plan.begun_at, partial(write, plan.comment)
    for one in plan.sendings:
        yield one.sent_at - _BEFORE_SENDING, partial(write, one.comment)
        yield one.sent_at, partial(send, one.why_corrected)
        if one.received_at is not None:
            yield one.received_at, receive

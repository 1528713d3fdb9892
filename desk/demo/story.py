"""The last days of the company, played through the operations that people call.

So the demonstration has what only they leave behind: notices, audit rows, jobs.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from core.drafts import draft_of
from core.periods import Week, local_date
from desk.demo.company import Made, PlayedWeek
from desk.demo.filings import Filing, mended
from desk.demo.people import Member
from desk.demo.players import Event, Players, by_clock
from desk.demo.rollups import Plan
from desk.demo.summaries import Press
from organization.choices import Role
from organization.in_force import settings_of
from organization.models import Branch
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

# The supervisor writes the comment just before the sending.
_BEFORE_SENDING: Final = timedelta(minutes=3)


def week_events(made: Made, players: Players, *, at: datetime) -> list[Event]:
    """What happened by ``at`` in the weeks that are left to be played."""
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
    return events


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
        yield by_clock(moment, jobs.remind_unfiled, week=key, moment=moment.isoformat())
    closing_at = rules.closing_at(deadline_at)
    yield by_clock(closing_at, jobs.close_week, week=key, deadline=deadline_at.isoformat())


def _filing(filing: Filing, entry: SummaryEntry, week: Week, players: Players) -> Iterator[Event]:
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


def _press(press: Press, week: Week, players: Players) -> Iterator[Event]:
    def happen(at: datetime) -> None:
        remind(
            branch_id=press.crew.branch_id,
            week=week,
            manager_ids=[manager.pk for manager in press.reminded],
            actor=players.actor(press.crew.supervisor, at),
            at=at,
        )

    yield press.pressed_at, happen


def _rollup(plan: Plan, week: Week, office: Member, players: Players) -> Iterator[Event]:
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

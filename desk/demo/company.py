"""The whole company, set by set: everybody, their customers, the weeks of work (make_company)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Final

from core import audit
from core.actors import CLOCK
from core.calendar import Calendar
from core.periods import Week, local_date
from core.queries import calendar
from customers.models import Contact, Customer
from desk.demo import rollups
from desk.demo.chance import chance
from desk.demo.filings import Filing, plan_filing
from desk.demo.people import Crew, Staff, make_staff
from desk.demo.portfolio import Portfolio, make_portfolios
from desk.demo.services import Service, WorkWeek, load_services, log_rows, services_of
from desk.demo.summaries import (
    Counts,
    Press,
    SummaryRows,
    add_draft,
    add_filing,
    add_press,
    entry_for,
    press_of,
)
from duties.models import DutyPeriod
from duties.operations import WEEKS_AHEAD, ensure_periods
from organization.choices import Role
from organization.models import Branch, Person
from worklogs.choices import TextPart
from worklogs.entries import SummaryEntry
from worklogs.models import (
    Consolidation,
    RollUp,
    ServiceLog,
    Summary,
    SummaryVersion,
)

# Everybody had joined and every customer had come so long before the first week.
_BEFORE: Final = timedelta(days=30)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Scale:
    """How large a company, from what seed; ``at`` is the moment up to which things happened."""

    branches: int
    managers: int
    weeks: int
    seed: int
    at: datetime
    # The branch, by its place, whose last manager joins on a day in the middle of it all.
    newcomer: tuple[int, date] | None = None


@dataclass
class PlayedWeek:
    """A week whose summaries and roll-ups are still to be played (desk.demo.story)."""

    work: WorkWeek
    filings: list[tuple[Filing, SummaryEntry]] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    plans: list[rollups.Plan] = field(default_factory=list)


@dataclass(frozen=True)
class Made:
    """What there is now, and the weeks that are left to be played."""

    staff: Staff
    played: tuple[PlayedWeek, ...]


def weeks_of(scale: Scale, days: Calendar) -> list[WorkWeek]:
    """The closed weeks that are wanted and the present one, with those between that bring no
    duty; none when no week is wanted."""
    if scale.weeks == 0:
        return []
    week = Week.containing(local_date(scale.at))
    found = [WorkWeek.of(week, days)]
    closed = _is_closed(found[0], scale.at)
    while closed < scale.weeks:
        week = week.previous
        found.append(WorkWeek.of(week, days))
        closed += _is_closed(found[-1], scale.at)
    return found[::-1]


def closed_weeks(first: Week, at: datetime, days: Calendar) -> int:
    """How many closed weeks with a duty there are from a week on."""
    week, count_of_them = first, 0
    while week < Week.containing(local_date(at)).next:
        count_of_them += _is_closed(WorkWeek.of(week, days), at)
        week = week.next
    return count_of_them


def _is_closed(work: WorkWeek, at: datetime) -> int:
    return int(work.deadline_at is not None and work.deadline_at < at)


def make_company(scale: Scale, *, say: Say, played: int = 0) -> Made:
    """Fill an empty database; the same rows for the same scale.

    Of the newest ``played`` closed weeks and of the present one the summaries and roll-ups
    are planned and left to the story; logs and drafts are written in any case.
    """
    days = calendar()
    works = weeks_of(scale, days)
    first = works[0].week if works else Week.containing(local_date(scale.at))
    before = first.monday - _BEFORE
    staff = make_staff(
        branches=scale.branches,
        managers=scale.managers,
        seed=scale.seed,
        before=before,
        newcomer=scale.newcomer,
    )
    say(f"{Branch.objects.count()} branches, {Person.objects.count()} people")
    portfolios = make_portfolios(staff, seed=scale.seed, before=before)
    say(f"{Customer.objects.count()} customers, {Contact.objects.count()} contacts")
    ensure_periods(first, Week.containing(local_date(scale.at)).plus(WEEKS_AHEAD))
    made = _Maker(scale, staff, portfolios, _played_from(works, scale.at, played))
    for work in works:
        made.work_through(work)
        say(
            f"{work.week}: {made.logs} logs, {Summary.objects.filter(week=work.week).count()} filed"
        )
    audit.record(
        actor=CLOCK.coming_by("shell"),
        at=scale.at,
        what="desk.make_company",
        target_type="company",
        target_id=scale.seed,
        after={
            model._meta.model_name or "": model._default_manager.count()
            for model in (
                *(Branch, Person, Customer, Contact, DutyPeriod, ServiceLog),
                *(Summary, SummaryVersion, RollUp, Consolidation),
            )
        },
    )
    return Made(staff, tuple(made.played))


def _played_from(works: Sequence[WorkWeek], at: datetime, played: int) -> Week | None:
    """The first week that is played; None when all are written."""
    if not played or not works:
        return None
    closed = [work.week for work in works if _is_closed(work, at)]
    return min([*closed[-played:], works[-1].week])


class _Maker:
    """Works through the weeks in order, one set of rows after the other."""

    def __init__(
        self,
        scale: Scale,
        staff: Staff,
        portfolios: dict[int, Portfolio],
        played_from: Week | None,
    ) -> None:
        """Nothing has been done yet."""
        self._scale = scale
        self._staff = staff
        self._portfolios = portfolios
        self._played_from = played_from
        self._branches = Branch.objects.in_bulk()
        self._log_ids = count(1)
        self._summary_rows = SummaryRows()
        office = staff.head[Role.GROUP_OFFICE]
        self._rollup_rows = rollups.RollUpRows(office[-1])
        self._chief = office[0]
        self.played: list[PlayedWeek] = []
        self.logs = 0

    def work_through(self, work: WorkWeek) -> None:
        """Logs first, then what the managers file of them, then the roll-ups of that."""
        scale = self._scale
        crews = [crew.on(work.week.friday) for crew in self._staff.crews]
        plans = {
            manager.pk: plan_filing(
                crew, manager, work, self._chance("filing", manager.job_number, work)
            )
            for crew in crews
            for manager in crew.managers
        }
        services: dict[int, list[Service]] = {}
        self.logs = load_services(self._log_rows(work, crews, plans, services))
        if work.deadline_at is None:
            return
        counts = Counts.of(work, list(plans), scale.at)
        week = PlayedWeek(work)
        is_played = self._played_from is not None and work.week >= self._played_from
        for crew in crews:
            filings = [plans[manager.pk] for manager in crew.managers]
            entries = [
                entry_for(one, services[one.manager.pk], counts, work, scale.seed)
                for one in filings
            ]
            self._roll_up(week, crew, filings, entries)
            self._file(week, filings, entries, counts, is_played=is_played)
        self._summary_rows.write()
        if is_played:
            self.played.append(week)
        else:
            self._send(week)

    def _chance(self, what: str, whose: str, work: WorkWeek) -> Random:
        return chance(self._scale.seed, what, whose, work.week)

    def _log_rows(
        self,
        work: WorkWeek,
        crews: Sequence[Crew],
        plans: dict[int, Filing],
        services: dict[int, list[Service]],
    ) -> Iterator[tuple[object, ...]]:
        """The rows of all managers' logs; what they are made of is kept for the summaries."""
        for crew in crews:
            for manager in crew.managers:
                done = services_of(
                    self._portfolios[manager.pk],
                    work,
                    filed_at=plans[manager.pk].filed_at,
                    at=self._scale.at,
                    rng=self._chance("services", manager.job_number, work),
                )
                services[manager.pk] = done
                yield from log_rows(done, manager, crew, self._log_ids)

    def _file(
        self,
        week: PlayedWeek,
        filings: Sequence[Filing],
        entries: Sequence[SummaryEntry],
        counts: Counts,
        *,
        is_played: bool,
    ) -> None:
        rows, at, seed = self._summary_rows, self._scale.at, self._scale.seed
        for filing, entry in zip(filings, entries, strict=True):
            known = filing.as_of(at)
            if known.filed_at is None and not _is_closed(week.work, at):
                add_draft(rows, known, entry, week.work, seed=seed, at=at)
            elif is_played:
                week.filings.append((known, entry))
            else:
                add_filing(rows, known, entry, counts, week.work)
        press = press_of(filings, week.work, seed=seed, at=at)
        if press is not None and is_played:
            week.presses.append(press)
        elif press is not None:
            add_press(rows, press, week.work)

    def _roll_up(
        self,
        week: PlayedWeek,
        crew: Crew,
        filings: Sequence[Filing],
        entries: Sequence[SummaryEntry],
    ) -> None:
        helped = [
            f"{filing.manager.pk}:{TextPart.HELP}"
            for filing, entry in zip(filings, entries, strict=True)
            if filing.filed_at and entry.texts.get(TextPart.HELP)
        ]
        rng = self._chance("rollup", crew.code, week.work)
        plan = rollups.plan_rollup(crew, filings, helped, week.work, rng)
        if plan is not None and _is_closed(week.work, self._scale.at):
            week.plans.append(plan)

    def _send(self, week: PlayedWeek) -> None:
        """Write the roll-ups that have been sent, and the company's week once it is archived."""
        at, rows = self._scale.at, self._rollup_rows
        for plan in week.plans:
            rollups.add_rollup(rows, plan.as_of(at), self._branches[plan.crew.branch_id], week.work)
        rows.write()
        rng = self._chance("company", "", week.work)
        issued_at = rollups.consolidated_at(week.work, week.plans, rng)
        if issued_at and issued_at <= at:
            rollups.issue(week.work, issued_at, self._chief, rng)

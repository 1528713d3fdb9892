"""Whoever acts in what is played, and the clock that acts by itself."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from core.actors import Actor
from core.calendar import Calendar
from core.jobs import Effect, Progress
from core.periods import Month, instant, local_date
from desk.demo.chance import chance
from desk.demo.people import Crew, Member, Staff
from duties.month_end import MonthEnd
from organization.choices import Role
from organization.models import Branch, Person, RoleGrant
from organization.queries import actor_of

# Something that happens at a moment.
Event = tuple[datetime, Callable[[datetime], object]]


class Players:
    """People as they act at a moment, and branches by id."""

    def __init__(self) -> None:
        """Everybody is read once, with all roles: nothing that is played changes them."""
        self._people = Person.objects.in_bulk()
        self._grants: dict[int, list[RoleGrant]] = defaultdict(list)
        for grant in RoleGrant.objects.all():
            self._grants[grant.person_id].append(grant)
        self._acting: dict[tuple[int, date], Actor] = {}
        self.branches = Branch.objects.in_bulk()

    def actor(self, who: Member, at: datetime) -> Actor:
        """The person with the roles of that day, come in by a page."""
        on = local_date(at)
        key = (who.pk, on)
        if key not in self._acting:
            held = [
                grant
                for grant in self._grants[who.pk]
                if grant.valid_from <= on and (grant.valid_to is None or on < grant.valid_to)
            ]
            acting = actor_of(self._people[who.pk], at=at, grants=held)
            self._acting[key] = acting.coming_by("page")
        return self._acting[key]


def by_clock(
    moment: datetime,
    handler: Callable[[dict[str, Any], datetime, Progress], Effect],
    /,
    **args: str,
) -> Event:
    """What the worker does at a moment, by the handler that it would call."""

    def happen(at: datetime) -> None:
        handler(args, at, Progress(0, 0, at))()

    return moment, happen


def play(events: Iterable[Event], *, at: datetime) -> int:
    """Let everything happen that happened by ``at``, in order; how many events there were."""
    due = sorted((event for event in events if event[0] <= at), key=lambda event: event[0])
    for moment, happen in due:
        happen(moment)
    return len(due)


class MonthStage:
    """A month to be played: its days, its end, everybody, and where chance comes from."""

    def __init__(
        self,
        month: Month,
        *,
        end: MonthEnd,
        calendar: Calendar,
        staff: Staff,
        players: Players,
        seed: int,
        months_ago: int,
    ) -> None:
        """Nothing is read."""
        self.month = month
        self.end = end
        self.calendar = calendar
        self.staff = staff
        self.players = players
        self.chance = partial(chance, seed, "month", month)
        self.seed = seed
        self.months_ago = months_ago
        self.market, self.second = staff.head[Role.MARKET][:2]

    @property
    def crews(self) -> Iterator[tuple[int, Crew]]:
        """The branches in order, each with its place and whoever is there in the month."""
        return enumerate(crew.on(self.month.last) for crew in self.staff.crews)

    def on(self, day: date, hour: int, minute: int = 0, *, minutes: int = 0) -> datetime:
        """A moment of a day, so many minutes later."""
        return instant(day, time(hour, minute)) + timedelta(minutes=minutes)

    def working_day(self, n: int) -> date:
        """The n-th working day of the month; 0 is the last one before it."""
        before = self.month.first - timedelta(days=1)
        return (
            self.calendar.next_working_day(before, n) if n else self.calendar.on_or_before(before)
        )

    def day_after(self, n: int) -> date:
        """The n-th working day after the month (annex 2: WD n)."""
        return self.calendar.next_working_day(self.month.last, n)

    def about(self, day: int) -> date:
        """The working day on a day of the month, or the last one before it."""
        return self.calendar.on_or_before(self.month.first + timedelta(days=day - 1))

    def share(self, share: float) -> date:
        """The working day at which so much of the month is gone."""
        days = self.calendar.working_days(self.month.first, self.month.last)
        return days[min(int(len(days) * share), len(days) - 1)]


class DaysBefore:
    """Moments of the last working days, counted back from a day that is not among them."""

    def __init__(self, day: date, calendar: Calendar) -> None:
        """Nothing is read."""
        self._day = day
        self._calendar = calendar

    def day(self, n: int) -> date:
        """The n-th working day before."""
        return self._calendar.previous_working_day(self._day, n)

    def at(self, n: int, hour: int, minute: int = 0) -> datetime:
        """A moment of it."""
        return instant(self.day(n), time(hour, minute))

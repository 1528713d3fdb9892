"""Reads over the week: who owes, who filed, what the board shows."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotFound
from core.periods import Week, local_date
from duties.models import DutyPeriod
from duties.rules import DueItem
from organization.in_force import settings_of
from organization.models import Branch, Person, RoleGrant
from worklogs import belonging, rules
from worklogs.choices import STANDING_ORDER, Standing, SummaryState, TextPart
from worklogs.models import Reminder, RollUp, ServiceLog, Summary, SummaryVersion


def period_of(kind: str, branch_id: int, week: Week) -> DutyPeriod | None:
    """The branch's duty period, None where the week brings no duty."""
    return DutyPeriod.objects.filter(kind=kind, branch_id=branch_id, key=week.key).first()


def summary_for(actor: Actor, manager_id: int, week: Week) -> Summary | None:
    """The filed summary, if there is one and the actor may see it.

    The branch that a manager has left is shown what it had received, and not what followed.
    """
    found = (
        Summary.objects.seen_by(actor)
        .select_related("manager", "branch", "reviewed_by")
        .filter(manager_id=manager_id, week=week.key)
        .first()
    )
    if found is None or sees_week(actor, found.manager_id, belonging.branch_of(found)):
        return found
    received = found.versions.filter(branch_id__in=actor.led_branches).order_by("-number")[0]
    if received.number < found.newest:
        found.newest, found.state, found.branch = (
            received.number, SummaryState.SUBMITTED, received.branch,
        )  # fmt: skip
        found.reviewed_at, found.reviewed_by, found.opinion = None, None, ""
    return found


def sees_week(actor: Actor, manager_id: int, branch_id: int) -> bool:
    """Whether the week is the actor's own, or of a branch whose weeks the actor reads."""
    return actor.reads_all or manager_id == actor.person_id or branch_id in actor.led_branches


def manager_for(actor: Actor, manager_id: int, week: Week) -> Person:
    """An account manager whose week the actor may see: the own, of a led branch, or any."""
    found = Person.objects.select_related("branch").filter(pk=manager_id).first()
    if found is None:
        raise NotFound
    branch = belonging.owed_branch(found, week) or found.branch
    is_received = Summary.objects.seen_by(actor).filter(manager_id=manager_id, week=week.key)
    if not (sees_week(actor, found.pk, branch.pk) or is_received.exists()):
        raise NotFound
    return found


def branch_for(actor: Actor, branch_id: int) -> Branch:
    """A branch whose week the actor may see as a whole."""
    found = Branch.objects.filter(pk=branch_id).first()
    if found is None or not (actor.reads_all or found.pk in actor.led_branches):
        raise NotFound
    return found


def newest_version(summary: Summary) -> SummaryVersion:
    """The version that stands."""
    return summary.versions.select_related("filed_by").get(number=summary.newest)


def standing_of(summary: Summary) -> tuple[int, int]:
    """Ids of the branch a summary belongs to and of whoever filed the version that stands."""
    filed_by_id = summary.versions.values_list("filed_by_id", flat=True).get(number=summary.newest)
    return belonging.branch_of(summary), filed_by_id


@dataclass(frozen=True)
class BoardRow:
    """One manager's week on the supervisor's board."""

    manager: Person
    standing: str
    summary: Summary | None
    received_at: datetime | None
    minutes_late: int
    services: int
    by_day: tuple[int, ...]
    parts_written: int
    differing: int
    returned_fields: tuple[str, ...]
    filed_by_id: int | None
    reminded_at: datetime | None
    may_be_reminded: bool
    last_service_on: date | None

    @property
    def is_filed_for(self) -> bool:
        """Whether somebody else filed the version that stands (代填)."""
        return self.filed_by_id not in (None, self.manager.pk)


@dataclass(frozen=True)
class Board:
    """A branch's week: rows with what deviates first, counts by standing, the duty's times."""

    branch: Branch
    week: Week
    period: DutyPeriod | None
    rollup_period: DutyPeriod | None
    rows: tuple[BoardRow, ...]
    counts: dict[str, int]

    @property
    def missing(self) -> tuple[BoardRow, ...]:
        """Who has not filed after the deadline."""
        return tuple(row for row in self.rows if row.standing == Standing.MISSING)

    @property
    def unfiled(self) -> tuple[BoardRow, ...]:
        """Who has not filed yet, before or after the deadline."""
        return tuple(row for row in self.rows if row.summary is None)


def services_by_day(
    manager_ids: Collection[int], week: Week, at: datetime
) -> dict[int, dict[date, int]]:
    """How many services each manager logged on each day of the week (P2.2); one query."""
    found: dict[int, dict[date, int]] = {manager_id: {} for manager_id in manager_ids}
    rows = (
        ServiceLog.objects.counted_at(at)
        .filter(
            manager_id__in=manager_ids,
            occurred_on__gte=week.monday,
            occurred_on__lte=week.sunday,
        )
        .order_by()
        .values_list("manager_id", "occurred_on")
        .annotate(n=Count("pk"))
    )
    for manager_id, on, count in rows:
        found[manager_id][on] = count
    return found


def _written_parts(version: SummaryVersion) -> int:
    return sum(
        1
        for part in TextPart.values
        if version.texts.get(part, "").strip() or part in version.nothing
    )


def _differing(version: SummaryVersion) -> int:
    return sum(1 for one in version.figures.values() if one["value"] != one["declared"])


def board(branch: Branch, week: Week, at: datetime) -> Board:
    """The branch's week as it stands at a moment (P0): what the supervisor watches.

    The same number of queries for any size.
    """
    period = period_of("summary", branch.pk, week)
    rollup_period = period_of("rollup", branch.pk, week)
    deadline_on = local_date(period.deadline_at) if period else week.sunday
    managers = list(belonging.owing_managers([branch.pk], deadline_on))
    ids = [manager.pk for manager in managers]
    summaries = {
        one.manager_id: one for one in Summary.objects.filter(week=week.key, manager_id__in=ids)
    }
    versions = {
        version.summary.manager_id: version
        for version in SummaryVersion.objects.filter(
            summary__in=[one.pk for one in summaries.values()]
        )
        .select_related("summary", "given_back")
        .order_by("number")
    }
    by_day = services_by_day(ids, week, at)
    sent: dict[int, list[datetime]] = {manager_id: [] for manager_id in ids}
    for manager_id, sent_at in (
        Reminder.objects.filter(manager_id__in=ids, week=week.key)
        .order_by("sent_at")
        .values_list("manager_id", "sent_at")
    ):
        sent[manager_id].append(sent_at)
    settings = settings_of(branch.pk, deadline_on)
    rows = [
        _board_row(
            manager,
            summaries.get(manager.pk),
            versions.get(manager.pk),
            by_day[manager.pk],
            sent[manager.pk],
            week,
            period,
            at,
            rules.may_be_reminded(sent[manager.pk], at, settings),
        )
        for manager in managers
    ]
    order = {standing: place for place, standing in enumerate(STANDING_ORDER)}
    rows.sort(key=lambda row: (order[Standing(row.standing)], row.manager.sort_key))
    counts = {standing.value: 0 for standing in STANDING_ORDER}
    for row in rows:
        counts[row.standing] += 1
    return Board(branch, week, period, rollup_period, tuple(rows), counts)


def _board_row(
    manager: Person,
    summary: Summary | None,
    version: SummaryVersion | None,
    by_day: dict[date, int],
    sent: list[datetime],
    week: Week,
    period: DutyPeriod | None,
    at: datetime,
    may_be_reminded: bool,
) -> BoardRow:
    given_back = getattr(version, "given_back", None) if version else None
    is_returned = summary is not None and summary.state == "returned"
    return BoardRow(
        manager=manager,
        standing=rules.standing(
            received_at=summary.received_at if summary else None,
            minutes_late=summary.minutes_late if summary else 0,
            is_returned=is_returned,
            deadline_at=period.deadline_at,
            at=at,
        )
        if period
        else Standing.NOT_DUE,
        summary=summary,
        received_at=version.submitted_at if version else None,
        minutes_late=summary.minutes_late if summary else 0,
        services=sum(by_day.values()),
        by_day=tuple(by_day.get(day, 0) for day in week.days),
        parts_written=_written_parts(version) if version else 0,
        differing=_differing(version) if version else 0,
        returned_fields=tuple(given_back.remarks) if given_back and is_returned else (),
        filed_by_id=version.filed_by_id if version else None,
        reminded_at=sent[-1] if sent else None,
        may_be_reminded=may_be_reminded,
        last_service_on=max(by_day, default=None),
    )


@dataclass(frozen=True)
class BranchWeek:
    """One branch in the company's week: how many filed, and where the roll-up stands."""

    branch: Branch
    owing: int
    on_time: int
    late: int
    returned: int
    missing: int
    not_due: int
    rollup: RollUp | None
    rollup_deadline_at: datetime | None
    rollup_sent_at: datetime | None
    rollup_minutes_late: int
    rollup_received_at: datetime | None


def company_week(week: Week, at: datetime) -> list[BranchWeek]:
    """All branches' week in a fixed number of queries, however many managers there are."""
    branches = list(Branch.objects.open_on(week.monday))
    periods = {
        (period.kind, period.branch_id): period
        for period in DutyPeriod.objects.filter(key=week.key, kind__in=("summary", "rollup"))
    }
    deadline_on = _deadline_on(periods.values(), week)
    owing_all = belonging.owing_managers([branch.pk for branch in branches], deadline_on).order_by()
    owing = dict(owing_all.values_list("owes_to").annotate(n=Count("pk")))  # type: ignore[misc]
    post = belonging.posts_on(deadline_on).filter(person=OuterRef("manager"))
    filed = {
        row["owes_to"]: row
        for row in Summary.objects.filter(week=week.key, manager__in=owing_all.values("pk"))
        .order_by()
        .annotate(owes_to=Subquery(post.values("branch_id")[:1]))
        .values("owes_to")
        .annotate(
            on_time=Count("pk", filter=Q(state="submitted", minutes_late=0)),
            late=Count("pk", filter=Q(state="submitted", minutes_late__gt=0)),
            returned=Count("pk", filter=Q(state="returned")),
        )
    }
    rollups = {
        rollup.branch_id: rollup
        for rollup in RollUp.objects.filter(week=week.key).prefetch_related("versions")
    }
    return [
        _branch_week(
            branch, owing.get(branch.pk, 0), filed.get(branch.pk, {}), rollups, periods, at
        )
        for branch in branches
    ]


def _deadline_on(periods: Iterable[DutyPeriod], week: Week) -> date:
    """The day on which the week's summaries fall due; Friday where no period says so."""
    for period in periods:
        if period.kind == "summary":
            return local_date(period.deadline_at)
    return week.friday


def _branch_week(
    branch: Branch,
    owing: int,
    filed: dict[str, int],
    rollups: dict[int, RollUp],
    periods: dict[tuple[str, int], DutyPeriod],
    at: datetime,
) -> BranchWeek:
    on_time, late, returned = (filed.get(key, 0) for key in ("on_time", "late", "returned"))
    open_ones = max(0, owing - on_time - late - returned)
    period = periods.get(("summary", branch.pk))
    rollup_period = periods.get(("rollup", branch.pk))
    is_closed = period is not None and at > period.deadline_at
    rollup = rollups.get(branch.pk)
    sent = list(rollup.versions.all()) if rollup else []
    newest = sent[-1] if sent else None
    return BranchWeek(
        branch=branch,
        owing=owing if period else 0,
        on_time=on_time,
        late=late,
        returned=returned,
        missing=open_ones if is_closed else 0,
        not_due=0 if is_closed or period is None else open_ones,
        rollup=rollup,
        rollup_deadline_at=rollup_period.deadline_at if rollup_period else None,
        rollup_sent_at=newest.sent_at if newest else None,
        rollup_minutes_late=sent[0].minutes_late if sent else 0,
        rollup_received_at=newest.received_at if newest else None,
    )


def due_items(
    person_ids: Collection[int], first: datetime, last: datetime, at: datetime | None = None
) -> list[DueItem]:
    """Summaries that people still owe with a deadline in the span (config.tables.DUE_SOURCES).

    Owed by those who are account managers on the day of the deadline, whoever asks when.
    """
    done = set(
        Summary.objects.filter(manager_id__in=person_ids)
        .exclude(state=SummaryState.RETURNED)
        .values_list("manager_id", "week")
    )
    posts = RoleGrant.objects.filter(
        person_id__in=person_ids, role="manager", valid_from__lte=local_date(last)
    ).select_related("branch")
    periods = DutyPeriod.objects.filter(
        kind="summary",
        branch_id__in={post.branch_id for post in posts},
        deadline_at__gte=first,
        deadline_at__lte=last,
    )
    return [
        DueItem(
            person_id=post.person_id,
            kind="summary",
            title=_("第 %(n)d 周周报") % {"n": Week.parse(period.key).number},
            context=post.branch.name,
            due_at=period.deadline_at,
            url=reverse("summary", args=[period.key]),
        )
        for period in periods
        for post in posts
        if post.branch_id == period.branch_id
        and _holds(post, local_date(period.deadline_at))
        and (post.person_id, period.key) not in done
    ]


def _holds(post: RoleGrant, on: date) -> bool:
    return post.valid_from <= on and (post.valid_to is None or on < post.valid_to)


def recent_customers(manager_id: int, at: datetime, limit: int) -> list[int]:
    """Ids of the customers somebody served last, newest first, within a quarter."""
    since = at - timedelta(days=92)
    rows = (
        ServiceLog.objects.standing()
        .filter(manager_id=manager_id, occurred_at__gte=since)
        .order_by("-occurred_at")
        .values_list("customer_id", flat=True)[: limit * 8]
    )
    return list(dict.fromkeys(rows))[:limit]


def persons_in_charge(branch_id: int, on: date) -> list[Person]:
    """To whom a branch's roll-up goes (W6): those named in the settings, else the whole office."""
    office = Person.objects.in_post_on(on).with_role(["group_office"], on)
    named = settings_of(branch_id, on).rollup_recipients
    chosen = office.filter(job_number__in=named) if named else office
    return list(chosen.order_by("job_number"))

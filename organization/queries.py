"""Who somebody is at a moment, and reads over people and branches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Case, Count, Prefetch, Q, QuerySet, When
from django.urls import reverse

from core.actors import Actor
from core.parts import Hit
from core.periods import local_date
from organization.choices import CROSS_BRANCH, BranchKind
from organization.models import Branch, BranchSetting, Person, RoleGrant
from organization.rules import browser_name, is_session_over
from organization.setting_texts import LABELS, SettingLabel, text_of
from organization.settings import DEFAULTS, parsed


def is_in_post(person: Person, on: date) -> bool:
    """Whether the person has come and not left by this day; ``left_on`` is the first day off."""
    has_come = person.joined_on is None or person.joined_on <= on
    return has_come and (person.left_on is None or on < person.left_on)


def actor_of(person: Person, *, at: datetime, grants: Iterable[RoleGrant] | None = None) -> Actor:
    """The person as somebody who acts, with the roles in force on the local date of ``at``.

    Somebody who is not in post has no role and sees no branch. One query, or none where the
    person's grants in force that day are known.
    """
    on = local_date(at)
    if not is_in_post(person, on):
        grants = []
    elif grants is None:
        grants = RoleGrant.objects.in_force_on(on).filter(person=person)
    grants = list(grants)
    roles = frozenset(grant.role for grant in grants)
    branches = {grant.branch_id for grant in grants}
    if grants:
        branches.add(person.branch_id)
    return Actor(
        person_id=person.pk,
        name=person.name,
        job_number=person.job_number,
        branch_id=person.branch_id,
        roles=roles,
        branches=None if roles.intersection(CROSS_BRANCH) else frozenset(branches),
        posts=frozenset((grant.role, grant.branch_id) for grant in grants),
    )


def holders_of(roles: Iterable[str], on: date, branch_id: int | None = None) -> list[Person]:
    """People in post who hold one of the roles on this day, of one branch or of all, by name."""
    grants = RoleGrant.objects.in_force_on(on).filter(role__in=list(roles))
    if branch_id is not None:
        grants = grants.filter(branch_id=branch_id)
    return list(Person.objects.in_post_on(on).filter(pk__in=grants.values("person_id")))


def role_holders(roles: Iterable[str], on: date) -> dict[int, list[Person]]:
    """The same for every branch at once: branch id → people, in one query."""
    grants = (
        RoleGrant.objects.in_force_on(on)
        .filter(role__in=list(roles), person__in=Person.objects.in_post_on(on))
        .select_related("person")
        .order_by("person__sort_key", "person_id")
    )
    found: dict[int, dict[int, Person]] = {}
    for grant in grants:
        found.setdefault(grant.branch_id, {})[grant.person_id] = grant.person
    return {branch_id: list(people.values()) for branch_id, people in found.items()}


@dataclass(frozen=True)
class Session:
    """A session as its owner sees it; ``system`` is the browser and its system in words."""

    pk: int
    system: str
    address: str
    started_at: datetime
    seen_at: datetime
    is_current: bool


def open_sessions(person: Person, *, current: str, at: datetime) -> list[Session]:
    """The person's sessions that have not ended, by themselves or otherwise, newest first."""
    return [
        Session(
            pk=one.pk,
            system=browser_name(one.browser),
            address=one.address,
            started_at=one.started_at,
            seen_at=one.seen_at,
            is_current=one.session_key == current,
        )
        for one in person.sign_ins.filter(ended_at=None)
        if not is_session_over(
            one.started_at,
            one.seen_at,
            at,
            idle=timedelta(minutes=settings.SESSION_IDLE_MINUTES),
            longest=timedelta(hours=settings.SESSION_ABSOLUTE_HOURS),
        )
    ]


def find_people(
    actor: Actor, *, on: date, words: str = "", branch_id: str = "", role: str = "", state: str = ""
) -> QuerySet[Person]:
    """People the actor sees, by name, pinyin, number or phone tail; in post unless asked otherwise.

    ``state`` is "" for those in post on the day, "left" for those who have left, "all". Each has
    ``is_here`` (in post on the day) and ``grants_today``; two queries.
    """
    in_force = RoleGrant.objects.in_force_on(on)
    found: QuerySet[Person] = Person.objects.visible_to(actor)
    if state != "all":
        in_post = Person.objects.in_post_on(on)
        found = found.exclude(pk__in=in_post) if state == "left" else found.filter(pk__in=in_post)
    for word in words.lower().split():
        found = found.filter(search_text__contains=word)
    if branch_id.isdecimal():
        found = found.filter(branch_id=int(branch_id))
    if role:
        found = found.filter(pk__in=in_force.filter(role=role).values("person_id"))
    here = Person.objects.in_post_on(on).order_by().values("pk")
    return (
        found.select_related("branch")
        .annotate(is_here=Case(When(pk__in=here, then=True), default=False))
        .prefetch_related(Prefetch("grants", queryset=in_force, to_attr="grants_today"))
    )


def branches_seen(actor: Actor) -> list[Branch]:
    """The branches whose records the actor sees as a whole: those he leads, or all; by code."""
    found = Branch.objects.filter(kind=BranchKind.BRANCH)
    return list(found if actor.reads_all else found.filter(pk__in=actor.led_branches))


def branches_open_in(first: date, last: date) -> list[Branch]:
    """The branches that existed on one of these days, by code; one query."""
    return list(
        Branch.objects.filter(kind=BranchKind.BRANCH)
        .filter(Q(opened_on__isnull=True) | Q(opened_on__lte=last))
        .filter(Q(closed_on__isnull=True) | Q(closed_on__gt=first))
    )


def search(actor: Actor, words: str, limit: int) -> list[Hit]:
    """People and branches that match, for go-anywhere."""
    people: QuerySet[Person] = Person.objects.visible_to(actor).filter(left_on=None)
    branches: QuerySet[Branch] = Branch.objects.visible_to(actor).filter(closed_on=None)
    for word in words.lower().split():
        people = people.filter(search_text__contains=word)
        is_named = Q(name__icontains=word) | Q(code__iexact=word) | Q(sort_key__contains=word)
        branches = branches.filter(is_named)
    found = [
        Hit(branch.name, branch.code, reverse("branch", args=[branch.pk]))
        for branch in branches[:limit]
    ]
    for person in people.select_related("branch")[: limit - len(found)]:
        about = f"{person.branch.name} {person.post}".strip()
        found.append(Hit(person.name, about, reverse("person", args=[person.pk])))
    return found


def grant_state(grant: RoleGrant, on: date) -> str:
    """ "now", "later" or "past"; what ended on the day it was to begin never was."""
    if grant.valid_to is not None and (grant.valid_to <= on or grant.valid_to == grant.valid_from):
        return "past"
    return "now" if grant.valid_from <= on else "later"


def head_counts(on: date) -> dict[int, int]:
    """How many people are in post in each branch; one query."""
    counted = (
        Person.objects.in_post_on(on).order_by().values("branch_id").annotate(people=Count("pk"))
    )
    return {row["branch_id"]: row["people"] for row in counted}


@dataclass(frozen=True)
class SettingLine:
    """A setting on a day: what holds and whose it is, what comes, what was.

    ``origin`` is "branch", "company" or "shipped". ``later`` and ``past`` are rows with their
    value as text, of the branch (or of the company when that is looked at).
    """

    key: str
    label: SettingLabel
    value: str
    origin: str
    since: date | None
    later: list[tuple[BranchSetting, str]]
    past: list[tuple[BranchSetting, str]]


def setting_lines(branch: Branch | None, on: date) -> list[SettingLine]:
    """Every setting of a branch (None: of the company) on a day; one query."""
    rows = list(
        BranchSetting.objects.filter(Q(branch=None) | Q(branch=branch)).order_by("valid_from", "pk")
    )
    return [_setting_line(key, label, rows, branch, on) for key, label in LABELS.items()]


def _setting_line(
    key: str,
    label: SettingLabel,
    rows: list[BranchSetting],
    branch: Branch | None,
    on: date,
) -> SettingLine:
    branch_id = branch.pk if branch else None
    own = [row for row in rows if row.key == key and row.branch_id == branch_id]
    company = [row for row in rows if row.key == key and row.branch_id is None]
    begun = [row for row in own if row.valid_from <= on]
    holding = begun or [row for row in company if row.valid_from <= on]
    newest = holding[-1] if holding else None
    origin = "shipped"
    if newest is not None:
        origin = "company" if newest.branch_id is None else "branch"

    def written(row: BranchSetting) -> tuple[BranchSetting, str]:
        return row, text_of(key, parsed(key, row.value))

    return SettingLine(
        key=key,
        label=label,
        value=written(newest)[1] if newest else text_of(key, getattr(DEFAULTS, key)),
        origin=origin,
        since=newest.valid_from if newest else None,
        later=[written(row) for row in own if row.valid_from > on],
        past=[written(row) for row in reversed(begun[:-1])],
    )

"""What wants an administrator's or the auditor's care: counts, each in one query."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef

from confidentiality.models import Disclosure
from core.choices import JobState, RecipientState
from core.models import AuditRow, AuditSeal, Job, OutboxRecipient
from core.periods import instant, local_date
from organization.choices import Role
from organization.models import ApiToken, Branch, Person, RoleGrant

NAMES: Final = 5
EXPIRES_WITHIN: Final = timedelta(days=14)
LOOKS_BACK: Final = timedelta(days=30)


@dataclass(frozen=True)
class Named:
    """How many there are, and the first few by name."""

    count: int
    names: tuple[str, ...]


def _named(names: Collection[str]) -> Named:
    return Named(len(names), tuple(names)[:NAMES])


def without_mail(on: date) -> Named:
    """People in post with a role and without an address: no mail reaches them."""
    holds = RoleGrant.objects.in_force_on(on).filter(person=OuterRef("pk"))
    people = Person.objects.in_post_on(on).filter(Exists(holds), email="")
    return _named(list(people.values_list("name", flat=True)))


def without_role(on: date) -> Named:
    """People in post who may do nothing yet."""
    holds = RoleGrant.objects.in_force_on(on).filter(person=OuterRef("pk"))
    people = Person.objects.in_post_on(on).filter(~Exists(holds))
    return _named(list(people.values_list("name", flat=True)))


def without_supervisor(on: date) -> Named:
    """Branches whose managers file to nobody (W5)."""
    leads = RoleGrant.objects.in_force_on(on).filter(role=Role.SUPERVISOR, branch=OuterRef("pk"))
    branches = Branch.objects.open_on(on).filter(~Exists(leads))
    return _named(list(branches.values_list("name", flat=True)))


def failed_jobs(at: datetime) -> list[Job]:
    """Jobs that were given up within the month, newest first."""
    return list(
        Job.objects.filter(state=JobState.FAILED, run_after__gt=at - LOOKS_BACK).order_by(
            "-run_after", "-pk"
        )[:20]
    )


def refused_mail(at: datetime) -> list[OutboxRecipient]:
    """Addresses that a mail server refused within the month, newest first."""
    return list(
        OutboxRecipient.objects.filter(state=RecipientState.REFUSED, tried_at__gt=at - LOOKS_BACK)
        .select_related("message")
        .order_by("-tried_at", "-pk")[:20]
    )


def expiring_tokens(at: datetime) -> list[ApiToken]:
    """Tokens in force that end within two weeks."""
    return list(
        ApiToken.objects.filter(
            revoked_at__isnull=True, expires_at__gt=at, expires_at__lte=at + EXPIRES_WITHIN
        )
        .select_related("person")
        .order_by("expires_at")[:20]
    )


@dataclass(frozen=True)
class TrailState:
    """The trail today: rows written, failed sign-ins, and how many rows no seal covers yet."""

    today: int
    failed_sign_ins: int
    unsealed: int
    sealed_at: datetime | None


def trail_state(at: datetime) -> TrailState:
    """How the trail stands; four queries."""
    begin = instant(local_date(at), datetime.min.time())
    today = AuditRow.objects.filter(at__gte=begin)
    seal = AuditSeal.objects.order_by("-last_id").first()
    return TrailState(
        today.count(),
        today.filter(what="organization.sign_in_failed").count(),
        AuditRow.objects.filter(pk__gt=seal.last_id if seal else 0).count(),
        seal.sealed_at if seal else None,
    )


def disclosures_today(at: datetime) -> int:
    """Files and exports that were handed out today (C6)."""
    begin = instant(local_date(at), datetime.min.time())
    return Disclosure.objects.filter(disclosed_at__gte=begin).count()

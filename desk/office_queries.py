"""What waits in the group-customer office (W6): roll-ups to sign for, to come, to archive."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Exists, F, Max, Min, OuterRef

from core.periods import Week
from duties.models import DutyPeriod
from worklogs.models import Consolidation, RollUpVersion

LOOKS_BACK: Final = timedelta(weeks=12)
SHOWN: Final = 50


def to_receive(limit: int = SHOWN) -> list[RollUpVersion]:
    """Newest versions nobody has signed for yet, oldest first."""
    return list(
        RollUpVersion.objects.filter(received_at__isnull=True, number=F("rollup__newest"))
        .select_related("rollup__branch", "sent_by")
        .order_by("sent_at", "pk")[:limit]
    )


@dataclass(frozen=True)
class ToCome:
    """A week whose roll-ups can be sent and have not all arrived."""

    week: Week
    branches: int
    deadline_at: datetime
    is_overdue: bool


def to_come(at: datetime) -> list[ToCome]:
    """Weeks with roll-ups still to come, oldest first; one query."""
    arrived = RollUpVersion.objects.filter(
        rollup__branch=OuterRef("branch"), rollup__week=OuterRef("key")
    )
    rows = (
        DutyPeriod.objects.filter(
            ~Exists(arrived), kind="rollup", opens_at__lte=at, opens_at__gt=at - LOOKS_BACK
        )
        .order_by()
        .values("key")
        .annotate(n=Count("pk"), deadline_at=Min("deadline_at"))
        .order_by("key")
    )
    return [
        ToCome(Week.parse(row["key"]), row["n"], row["deadline_at"], at > row["deadline_at"])
        for row in rows
    ]


@dataclass(frozen=True)
class ToArchive:
    """A week with roll-ups that are in no archived issue yet."""

    week: Week
    arrived: int
    is_correction: bool


def to_archive(at: datetime, still_to_come: Collection[Week]) -> list[ToArchive]:
    """Weeks to archive: all arrived or overdue and not issued, or news since; two queries."""
    since = Week.containing((at - LOOKS_BACK).date()).key
    arrived = (
        RollUpVersion.objects.filter(rollup__week__gte=since)
        .order_by()
        .values("rollup__week")
        .annotate(n=Count("rollup", distinct=True), last=Max("sent_at"))
        .order_by("rollup__week")
    )
    issued = dict(
        Consolidation.objects.filter(week__gte=since)
        .order_by()
        .values_list("week")
        .annotate(last=Max("issued_at"))
    )
    found = []
    for row in arrived:
        week, issued_at = Week.parse(row["rollup__week"]), issued.get(row["rollup__week"])
        if issued_at is None and week not in still_to_come:
            found.append(ToArchive(week, row["n"], is_correction=False))
        elif issued_at is not None and row["last"] > issued_at:
            found.append(ToArchive(week, row["n"], is_correction=True))
    return found

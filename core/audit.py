"""The trail: one row per operation call, in the operation's transaction.

Each row carries an HMAC under a key outside the database. Rows are chained into seals by a
job, never by the writer, so that writers do not wait for each other.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max

from core import jobs
from core.actors import Actor
from core.canonical import canonical_json, digest
from core.models import AuditRow, AuditSeal
from core.sealing import authentication_code

_SIGNED = (
    "at",
    "actor_id",
    "actor_name",
    "actor_roles",
    "actor_branch_id",
    "door",
    "address",
    "request_id",
    "what",
    "target_type",
    "target_id",
    "target_label",
    "branch_id",
    "before",
    "after",
    "why",
)
SEAL_AT_MOST = 5000


def _code_of(row: AuditRow) -> str:
    values = {name: getattr(row, name) for name in _SIGNED}
    values["at"] = row.at.timestamp()
    return authentication_code(canonical_json(values).encode())


def _changed(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what differs, on both sides."""
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return (
        {key: before[key] for key in keys if key in before},
        {key: after[key] for key in keys if key in after},
    )


def record(
    *,
    actor: Actor,
    at: datetime,
    what: str,
    target_type: str,
    target_id: object,
    target_label: str = "",
    branch_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str = "",
) -> AuditRow:
    """Write the row of one operation call.

    ``before`` and ``after`` hold plain JSON values, personal data already masked; only what
    differs is kept. Must be called inside the operation's transaction.
    """
    old, new = _changed(before or {}, after or {})
    row = AuditRow(
        at=at,
        actor_id=actor.person_id,
        actor_name=actor.name,
        actor_roles=",".join(sorted(actor.roles)),
        actor_branch_id=actor.branch_id,
        door=actor.door,
        address=actor.address,
        request_id=actor.request_id,
        what=what,
        target_type=target_type,
        target_id=str(target_id),
        target_label=target_label[:160],
        branch_id=branch_id,
        before=old,
        after=new,
        why=why,
    )
    row.mac = _code_of(row)
    row.save(force_insert=True)
    return row


def forged_rows(rows: Iterable[AuditRow]) -> list[int]:
    """Ids of rows whose content no longer fits their code."""
    return [row.pk for row in rows if row.mac != _code_of(row)]


def broken_seals() -> list[int]:
    """Ids of seals whose rows are missing, changed, or not linked to the seal before."""
    broken = []
    previous = ""
    for seal in AuditSeal.objects.all():
        codes = list(
            AuditRow.objects.filter(pk__range=(seal.first_id, seal.last_id))
            .order_by("pk")
            .values_list("pk", "mac")
        )
        if seal.previous != previous or seal.digest != digest([previous, codes]):
            broken.append(seal.pk)
        previous = seal.digest
    return broken


def plan_sealing(since: datetime, until: datetime) -> None:
    """One sealing job an hour, on the hour."""
    hour = since.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while hour <= until:
        jobs.enqueue(kind="core.seal_audit", key=f"{hour:%Y-%m-%dT%H}", at=hour)
        hour += timedelta(hours=1)


def seal_chain(args: dict[str, Any], at: datetime, progress: jobs.Progress) -> jobs.Effect:
    """Chain the rows written since the last seal; older than a minute, so that none is open."""
    last = AuditSeal.objects.aggregate(last=Max("last_id"))["last"] or 0
    codes = list(
        AuditRow.objects.filter(pk__gt=last, at__lt=at)
        .order_by("pk")
        .values_list("pk", "mac")[:SEAL_AT_MOST]
    )

    def write() -> dict[str, Any]:
        if not codes:
            return {"rows": 0}
        newest = AuditSeal.objects.order_by("-last_id").first()
        previous = newest.digest if newest else ""
        AuditSeal.objects.create(
            first_id=codes[0][0],
            last_id=codes[-1][0],
            rows=len(codes),
            previous=previous,
            digest=digest([previous, codes]),
            sealed_at=at,
        )
        return {"rows": len(codes)}

    return write

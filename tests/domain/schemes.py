"""Short ways to a version of the scheme: drafted, written, proposed, approved."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from kpi.models import Scheme
from kpi.operations.schemes import approve_scheme, change_scheme, draft_scheme, propose_scheme
from organization.models import Person, RoleGrant
from tests.cast import BEGIN, Cast, at
from tests.rules.annex5 import item_in

DRAFTED: Final = at("2026-12-14 09:00:00")
PROPOSED: Final = at("2026-12-14 10:00:00")
APPROVED: Final = at("2026-12-15 09:00:00")
# 2026-12 closes at the first second of January.
LAST_SECOND: Final = at("2026-12-31 23:59:59")
CLOSED: Final = at("2027-01-01 00:00:00")


def with_second(cast: Cast) -> Cast:
    """The cast with a second person in the market department: 苏婉."""
    second = Person.objects.create(
        job_number="100007",
        name="苏婉",
        branch=cast.head,
        post="市场部主管",
        joined_on=BEGIN,
        password_set_at=at("2026-11-02 09:00:00"),
        password="!",
        must_change_password=False,
    )
    RoleGrant.objects.create(person=second, role="market", branch=cast.head, valid_from=BEGIN)
    cast.people["苏婉"] = second
    return cast


def drafted(cast: Cast, who: str = "韩静", moment: datetime = DRAFTED, **more: Any) -> Scheme:
    """A draft from the shipped scheme, for December unless said."""
    values = {"valid_from": "2026-12", "name": "2026 年 12 月起", **more}
    return draft_scheme(actor=cast.actor(who, on=moment), at=moment, **values)


def written(
    cast: Cast,
    scheme: Scheme,
    change: Callable[[dict[str, Any]], object],
    *,
    who: str = "韩静",
    moment: datetime = DRAFTED,
    **more: Any,
) -> Scheme:
    """The draft after a change of its content."""
    value = json.loads(json.dumps(scheme.content))
    change(value)
    values: dict[str, Any] = {
        "number": scheme.number,
        "content": value,
        "name": scheme.name,
        "valid_from": scheme.valid_from,
        "expected_version": scheme.version,
        **more,
    }
    return change_scheme(actor=cast.actor(who, on=moment), at=moment, **values)


def proposed(cast: Cast, scheme: Scheme, who: str = "韩静", moment: datetime = PROPOSED) -> Scheme:
    """The draft handed over."""
    return propose_scheme(
        number=scheme.number,
        expected_version=scheme.version,
        actor=cast.actor(who, on=moment),
        at=moment,
    )


def approved(cast: Cast, scheme: Scheme, who: str = "苏婉", moment: datetime = APPROVED) -> Scheme:
    """The proposed version in force."""
    return approve_scheme(
        number=scheme.number,
        expected_version=scheme.version,
        actor=cast.actor(who, on=moment),
        at=moment,
    )


def heavier_sales(value: dict[str, Any]) -> None:
    """Two points from revenue to sales."""
    item_in(value, "M1")["weight"], item_in(value, "M2")["weight"] = "10", "12"

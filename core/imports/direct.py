"""An import in one go, for the shell and for setting up: read, plan, write, no page between."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core import audit
from core.actors import Actor
from core.imports.columns import Layout, find_layout
from core.imports.plan import Plan, make_plan
from core.imports.tables import table_of
from core.periods import Month
from core.workbooks import open_table


def import_now(
    *,
    table_key: str,
    content: bytes,
    filename: str,
    actor: Actor,
    at: datetime,
    month: Month | None = None,
    is_dry_run: bool = False,
) -> tuple[Plan, Layout]:
    """Do everything that is right in the file, and say what is not.

    Refused when the file cannot be read as this table at all; NotAllowed when the actor may not.
    """
    table = table_of(table_key)
    scope = table.scope(actor, at, month, filename)
    layout = find_layout(open_table(content, filename), table)
    plan = make_plan(table, layout, scope)
    if not is_dry_run:
        with transaction.atomic():
            plan.write()
            audit.record(
                actor=actor,
                at=at,
                what="core.import_now",
                target_type="import",
                target_id=table.key,
                target_label=filename,
                branch_id=actor.branch_id,
                after={**plan.counts, **({"month": month.key} if month else {})},
            )
    return plan, layout

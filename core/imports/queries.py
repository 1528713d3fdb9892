"""Reads over imports: the owner's own runs and their rows, nobody else's."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Case, QuerySet, When

from config import tables
from core.actors import Actor
from core.errors import NotFound
from core.imports.tables import CHANGED, WRONG, Table, table_of
from core.models import ColumnMapping, ImportRow, ImportRun, Job
from core.periods import Month


def importable(actor: Actor) -> list[Table]:
    """The tables into which the actor may import something, in the order they are filled."""
    found = (table_of(key) for key in tables.IMPORT_TABLES)
    return [table for table in found if table.branches(actor) != frozenset()]


def runs_of(actor: Actor) -> QuerySet[ImportRun]:
    """The actor's own imports, newest first: what a file held is not for others to read."""
    return (
        ImportRun.objects.filter(owner_id=actor.person_id or 0, table__in=tables.IMPORT_TABLES)
        .select_related("file")
        .order_by("-pk")
    )


def run_for(actor: Actor, run_id: int) -> ImportRun:
    """One of the actor's own imports; NotFound for anybody else's."""
    run = runs_of(actor).filter(pk=run_id).first()
    if run is None:
        raise NotFound
    return run


def month_of(run: ImportRun) -> Month | None:
    """The month whose numbers the file holds; None for a table that is of no month."""
    return Month.parse(run.month) if run.month else None


def rows_of(run: ImportRun, outcome: str = "") -> QuerySet[ImportRow]:
    """The rows of a preview that are wrong, changed or new; of one outcome when it is named.

    ``rank`` puts what needs somebody first.
    """
    rows = run.rows.annotate(
        rank=Case(When(outcome=WRONG, then=0), When(outcome=CHANGED, then=1), default=2)
    )
    return rows.filter(outcome=outcome) if outcome else rows


def job_of(run: ImportRun) -> Job | None:
    """The newest job at work for the run."""
    return (
        Job.objects.filter(kind__in=("core.import_preview", "core.import_write"), key=job_key(run))
        .order_by("-pk")
        .first()
    )


def job_key(run: ImportRun) -> str:
    """The key of the run's job at its present version."""
    return f"{run.pk}.{run.version}"


def remembered_headers(table_key: str, branch_id: int | None) -> Mapping[str, str]:
    """How the branch's files of this table were headed last time; the company's where it has
    none of its own."""
    saved = {
        mapping.branch_id: mapping.headers
        for mapping in ColumnMapping.objects.filter(
            table=table_key, branch_id__in={branch_id or 0, 0}
        )
    }
    return {**saved.get(0, {}), **saved.get(branch_id or 0, {})}

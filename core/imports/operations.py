"""An import step by step: a file handed in, its columns corrected, written or left.

Reading and writing are jobs; what these operations do is the decision and its trail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core import audit, files, jobs
from core.actors import Actor
from core.choices import ImportState
from core.errors import Refused, Stale
from core.imports.queries import job_key, job_of, month_of, run_for
from core.imports.tables import table_of
from core.models import ColumnMapping, ImportRun
from core.periods import Month
from core.workbooks import Limits

# Lists of customers and of staff are 普通商密 (annex 9.1).
_LEVEL = 3
_NAME_AT_MOST = 200


def start_import(
    *,
    table_key: str,
    filename: str,
    content: bytes,
    actor: Actor,
    at: datetime,
    month: Month | None = None,
) -> ImportRun:
    """Take in a file for a table; a job reads it and makes the preview.

    NotFound for an unknown table, NotAllowed for whoever may import nothing into it, Refused
    for an empty or too big file, and without the ``month`` of a table that needs one; what else
    is wrong with it, the preview says.
    """
    table = table_of(table_key)
    scope = table.scope(actor, at, month)
    limits = Limits()
    if not content:
        raise Refused(_("文件是空的。请选择有内容的 .xlsx 或 CSV 文件。"), field="file")
    if len(content) > limits.file_bytes:
        raise Refused(
            _("文件有 %(n)s MB，最大 %(max)s MB。请分成几个文件上传。")
            % {
                "n": round(len(content) / 1024 / 1024, 1),
                "max": limits.file_bytes // 1024 // 1024,
            },
            field="file",
        )
    files.keep_bytes(content)
    with transaction.atomic():
        file = files.store(
            content=content,
            name=filename[-_NAME_AT_MOST:] or table.key,
            content_type="application/octet-stream",
            kind="import",
            actor=actor,
            at=at,
            branch_id=actor.branch_id,
            level=_LEVEL,
        )
        run = ImportRun.objects.create(
            table=table.key,
            month=scope.month.key if scope.month else "",
            file=file,
            branch_id=actor.branch_id,
            owner_id=actor.person_id or 0,
            owner_name=actor.name,
            started_at=at,
        )
        _enqueue("core.import_preview", run, actor, at)
        _record("core.start_import", run, actor, at, {"file": file.name, "sha256": file.sha256})
    return run


@transaction.atomic
def correct_mapping(
    *,
    run_id: int,
    fields: Mapping[str, str],
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> ImportRun:
    """Say which column is which field; the preview is made anew and the answer remembered.

    ``fields`` maps a column's letter to a field key, "" to leave it out; columns that are not
    named stay as they are. Refused for a letter or field that there is not, and for a field
    given twice.
    """
    run = run_for(actor, run_id)
    table = table_of(run.table)
    table.scope(actor, at, month_of(run))
    chosen = {column["letter"]: column["field"] for column in run.mapping}
    if unknown := sorted(set(fields) - set(chosen)):
        raise Refused(
            _("文件里没有 %(letter)s 列。") % {"letter": unknown[0]}, field=f"column-{unknown[0]}"
        )
    chosen.update(fields)
    known = {field.key: field.label for field in table.fields}
    taken: dict[str, str] = {}
    for letter, key in chosen.items():
        if key and key not in known:
            raise Refused(_("没有这一项。"), field=f"column-{letter}")
        if key and key in taken:
            raise Refused(
                _("%(a)s 列和 %(b)s 列都对应“%(field)s”，请只留一列。")
                % {"a": taken[key], "b": letter, "field": known[key]},
                field=f"column-{letter}",
            )
        if key:
            taken[key] = letter
    run = _advance(run, (ImportState.PREVIEW,), ImportState.READING, expected_version)
    headers = {column["name"]: chosen[column["letter"]] for column in run.mapping}
    ColumnMapping.objects.update_or_create(
        table=run.table,
        branch_id=run.branch_id or 0,
        defaults={"headers": headers, "saved_at": at},
    )
    _enqueue("core.import_preview", run, actor, at)
    _record("core.correct_mapping", run, actor, at, {"columns": headers})
    return run


@transaction.atomic
def switch_table(
    *, run_id: int, table_key: str, expected_version: int, actor: Actor, at: datetime
) -> ImportRun:
    """Take the file for another table; the preview is made anew.

    NotFound for an unknown table, NotAllowed for whoever may import nothing into it.
    """
    run = run_for(actor, run_id)
    scope = table_of(table_key).scope(actor, at, month_of(run))
    before = run.table
    if table_key == before:
        raise Refused(_("已经是这张表了。"), field="table")
    run = _advance(
        run, (ImportState.PREVIEW, ImportState.FAILED), ImportState.READING, expected_version
    )
    run.table, run.mapping, run.counts, run.better_table = table_key, [], {}, ""
    run.sheet, run.header_row = "", 0
    run.month = scope.month.key if scope.month else ""
    run.save(
        update_fields=[
            "table",
            "month",
            "mapping",
            "counts",
            "better_table",
            "sheet",
            "header_row",
        ]
    )
    run.rows.all().delete()
    _enqueue("core.import_preview", run, actor, at)
    _record("core.switch_table", run, actor, at, {"table": table_key, "was": before})
    return run


@transaction.atomic
def write_import(*, run_id: int, expected_version: int, actor: Actor, at: datetime) -> ImportRun:
    """Write what the preview says: its new and changed rows; a job does it.

    Refused when there is nothing to write. The job finds out whether the stored data changed
    since, and then comes back to the preview instead of writing something else.
    """
    run = run_for(actor, run_id)
    table_of(run.table).scope(actor, at, month_of(run))
    if run.state == ImportState.PREVIEW and not (
        run.counts.get("new") or run.counts.get("changed")
    ):
        raise Refused(_("没有要写入的行：都是不变或有误的。"))
    run = _advance(run, (ImportState.PREVIEW,), ImportState.WRITING, expected_version)
    _enqueue("core.import_write", run, actor, at)
    _record("core.write_import", run, actor, at, {"counts": run.counts})
    return run


@transaction.atomic
def discard_import(*, run_id: int, expected_version: int, actor: Actor, at: datetime) -> ImportRun:
    """Leave the file: what is at work stops, and the preview is thrown away."""
    run = run_for(actor, run_id)
    if (job := job_of(run)) is not None:
        jobs.cancel(job.pk, owner_id=actor.person_id)
    run = _advance(
        run,
        (ImportState.READING, ImportState.PREVIEW, ImportState.FAILED),
        ImportState.DISCARDED,
        expected_version,
    )
    run.rows.all().delete()
    _record("core.discard_import", run, actor, at, {})
    return run


def _advance(
    run: ImportRun, states: tuple[ImportState, ...], to: ImportState, expected_version: int
) -> ImportRun:
    """Move the run on by compare-and-set; Stale with its present state when it has moved."""
    updated = ImportRun.objects.filter(
        pk=run.pk, state__in=states, version=expected_version
    ).update(state=to, version=F("version") + 1, message="", in_other_languages={})
    current = ImportRun.objects.select_related("file").get(pk=run.pk)
    if not updated:
        raise Stale({"state": current.state, "version": current.version})
    return current


def _enqueue(kind: str, run: ImportRun, actor: Actor, at: datetime) -> None:
    jobs.enqueue(
        kind=kind,
        key=job_key(run),
        at=at,
        args={
            "run": run.pk,
            "version": run.version,
            "actor": actor_as_json(actor),
        },
        owner_id=actor.person_id,
    )


def actor_as_json(actor: Actor) -> dict[str, Any]:
    """Who asked, as the job needs it: the rights are those of the moment of asking."""
    values = asdict(actor)
    values["roles"] = sorted(actor.roles)
    values["posts"] = sorted([list(post) for post in actor.posts])
    values["branches"] = None if actor.branches is None else sorted(actor.branches)
    return values


def _record(
    what: str, run: ImportRun, actor: Actor, at: datetime, after: Mapping[str, Any]
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="import",
        target_id=run.pk,
        target_label=run.file.name,
        branch_id=run.branch_id,
        after={"state": run.state, **after},
    )

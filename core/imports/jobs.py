"""What the worker does for an import: read the file and make the preview, write the rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.choices import ImportState
from core.errors import NotAllowed, Refused
from core.files import content_of
from core.imports.columns import Layout, find_layout
from core.imports.plan import Plan, make_plan
from core.imports.queries import month_of, remembered_headers
from core.imports.tables import UNCHANGED, table_of
from core.jobs import Effect, Progress
from core.models import ImportRow, ImportRun
from core.workbooks import open_table

_BATCH = 500


def preview(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Read the file, plan its rows, keep what the page shows (JOBS core.import_preview)."""
    with translation.override(args["language"]):
        run = ImportRun.objects.select_related("file").get(pk=args["run"])
        found = _planned(run, args, at, progress)
    if isinstance(found, str):
        return _failing(run, args, found)
    return _showing(run, args, *found)


def write(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Write what was previewed (JOBS core.import_write), if it would still do the same."""
    with translation.override(args["language"]):
        run = ImportRun.objects.select_related("file").get(pk=args["run"])
        found = _planned(run, args, at, progress)
        if isinstance(found, str):
            return _failing(run, args, found)
        plan, layout = found
        if plan.digest != run.counts.get("digest"):
            changed = _("资料在预览之后有变化，请再核对一次。")
            return _showing(run, args, plan, layout, message=changed)
    return _writing(run, args, plan, at)


def _planned(
    run: ImportRun, args: dict[str, Any], at: datetime, progress: Progress
) -> tuple[Plan, Layout] | str:
    """The plan and the layout, or the sentence that says why there is none."""
    actor = actor_from_json(args["actor"])
    table = table_of(run.table)
    try:
        scope = table.scope(actor, at, month_of(run))
        layout = find_layout(
            open_table(content_of(run.file), run.file.name),
            table,
            remembered=remembered_headers(run.table, run.branch_id),
        )
        return make_plan(table, layout, scope, step=progress.report), layout
    except Refused as refused:
        return str(refused.message)
    except NotAllowed:
        return _("您不能导入这张表。")


def actor_from_json(values: dict[str, Any]) -> Actor:
    """The actor that ``operations.actor_as_json`` wrote down."""
    branches = values["branches"]
    return Actor(
        **{
            **values,
            "roles": frozenset(values["roles"]),
            "posts": frozenset((role, branch) for role, branch in values["posts"]),
            "branches": None if branches is None else frozenset(branches),
        }
    )


def _move(run: ImportRun, args: dict[str, Any], **values: Any) -> bool:
    """Change the run if it still is where the job found it."""
    return bool(
        ImportRun.objects.filter(
            pk=run.pk,
            version=args["version"],
            state__in=(ImportState.READING, ImportState.WRITING),
        ).update(**values)
    )


def _failing(run: ImportRun, args: dict[str, Any], message: str) -> Effect:
    def effect() -> dict[str, Any]:
        _move(run, args, state=ImportState.FAILED, message=message)
        return {"state": ImportState.FAILED}

    return effect


def _showing(
    run: ImportRun, args: dict[str, Any], plan: Plan, layout: Layout, message: str = ""
) -> Effect:
    rows = [
        ImportRow(
            run=run,
            number=each.row.number,
            outcome=each.outcome,
            code=each.code,
            name=each.name,
            differences=[
                {"label": d.label, "before": d.before, "after": d.after} for d in each.differences
            ],
            reason=each.reason,
        )
        for each in plan.rows
        if each.outcome != UNCHANGED
    ]

    def effect() -> dict[str, Any]:
        is_current = _move(
            run,
            args,
            state=ImportState.PREVIEW,
            sheet=layout.sheet.name[:80],
            header_row=layout.header_row,
            mapping=_mapping_as_json(layout),
            counts={**plan.counts, "rows": len(plan.rows), "digest": plan.digest},
            message=message,
            version=F("version") + 1,
        )
        if is_current:
            run.rows.all().delete()
            ImportRow.objects.bulk_create(rows, batch_size=_BATCH)
        return {"state": ImportState.PREVIEW}

    return effect


def _mapping_as_json(layout: Layout) -> list[dict[str, Any]]:
    return [
        {
            "letter": column.letter,
            "header": column.header,
            "name": column.name,
            "field": column.field,
            "guessed": column.is_guessed,
            "remembered": column.is_remembered,
            "sample": column.sample,
        }
        for column in layout.columns
    ]


def _writing(run: ImportRun, args: dict[str, Any], plan: Plan, at: datetime) -> Effect:
    def effect() -> dict[str, Any]:
        if not _move(run, args, state=ImportState.WRITTEN, written_at=at, version=F("version") + 1):
            return {}
        plan.write()
        audit.record(
            actor=plan.scope.actor,
            at=at,
            what="core.import_rows",
            target_type="import",
            target_id=run.pk,
            target_label=run.file.name,
            branch_id=run.branch_id,
            after=dict(plan.counts),
        )
        return {"state": ImportState.WRITTEN, **plan.counts}

    return effect

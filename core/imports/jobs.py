"""What the worker does for an import: read the file and make the preview, write the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.actors import Actor
from core.choices import ImportState
from core.errors import NotAllowed, Refused, Text
from core.files import content_of
from core.imports.columns import Layout, find_layout
from core.imports.fitting import better_table
from core.imports.plan import Plan, PlannedRow, Step, make_plan
from core.imports.queries import month_of, remembered_headers
from core.imports.tables import UNCHANGED, WRONG, table_of
from core.imports.texts import FIRST, OTHERS
from core.jobs import Effect, Progress
from core.models import ImportRow, ImportRun
from core.workbooks import Book, open_table

_BATCH = 500


@dataclass(frozen=True, slots=True)
class _Read:
    """The file as one language tells it: plan and layout, or why there is none."""

    plan: Plan | None = None
    layout: Layout | None = None
    message: str = ""


Readings = dict[str, _Read]


def preview(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Read the file, plan its rows, keep what the page shows (JOBS core.import_preview)."""
    run = ImportRun.objects.select_related("file").get(pk=args["run"])
    found = _read(run, args, at, (FIRST, *OTHERS), progress.report)
    if found[FIRST].plan is None:
        return _failing(run, args, found)
    return _showing(run, args, found)


def write(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Write what was previewed (JOBS core.import_write), if it would still do the same."""
    run = ImportRun.objects.select_related("file").get(pk=args["run"])
    plan = _read(run, args, at, (FIRST,), progress.report)[FIRST].plan
    if plan is not None and plan.digest == run.counts.get("digest"):
        return _writing(run, args, plan, at)
    found = _read(run, args, at, (FIRST, *OTHERS), progress.report)
    if found[FIRST].plan is None:
        return _failing(run, args, found)
    changed = gettext_lazy("资料在预览之后有变化，请再核对一次。")
    return _showing(run, args, found, message=changed)


def _read(
    run: ImportRun, args: dict[str, Any], at: datetime, languages: Sequence[str], step: Step
) -> Readings:
    """The file by language; only the first one tells of its progress."""
    actor = actor_from_json(args["actor"])
    table = table_of(run.table)
    book: Book | None = None
    found: Readings = {}
    for language in languages:
        with translation.override(language):
            try:
                scope = table.scope(actor, at, month_of(run), run.file.name)
                book = book or open_table(content_of(run.file), run.file.name)
                remembered = remembered_headers(run.table, run.branch_id)
                layout = find_layout(book, table, remembered=remembered)
                plan = make_plan(table, layout, scope, step=step)
                found[language] = _Read(plan, layout)
            except Refused as refused:
                found[language] = _Read(message=str(refused.message))
            except NotAllowed:
                found[language] = _Read(message=_("您不能导入这张表。"))
        step = _in_silence
    return found


def _in_silence(_done: int, _total: int) -> None:
    """No progress."""


def _better(run: ImportRun, args: dict[str, Any]) -> str:
    """The key of the table that the file seems to be meant for; "" for no other one."""
    better = better_table(
        content_of(run.file),
        run.file.name,
        table_of(run.table),
        actor_from_json(args["actor"]),
        has_month=bool(run.month),
    )
    return better.key if better else ""


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


def _failing(run: ImportRun, args: dict[str, Any], found: Readings) -> Effect:
    better = _better(run, args)

    def effect() -> dict[str, Any]:
        _move(
            run,
            args,
            state=ImportState.FAILED,
            message=found[FIRST].message,
            in_other_languages={one: {"message": found[one].message} for one in OTHERS},
            better_table=better,
        )
        return {"state": ImportState.FAILED}

    return effect


def _in_each(message: Text) -> dict[str, str]:
    """The sentence in every language."""
    said = {}
    for language in (FIRST, *OTHERS):
        with translation.override(language):
            said[language] = str(message)
    return said


def _told(each: PlannedRow) -> dict[str, Any]:
    return {
        "differences": [
            {"label": d.label, "before": d.before, "after": d.after} for d in each.differences
        ],
        "reason": each.reason,
    }


def _others(found: Readings) -> dict[int, dict[str, Any]]:
    """By row number what the row says in each other language."""
    told: dict[int, dict[str, Any]] = {}
    for language in OTHERS:
        plan = found[language].plan
        for each in plan.rows if plan else ():
            if each.outcome != UNCHANGED:
                told.setdefault(each.row.number, {})[language] = _told(each)
    return told


def _showing(run: ImportRun, args: dict[str, Any], found: Readings, message: Text = "") -> Effect:
    plan, layout = found[FIRST].plan, found[FIRST].layout
    assert plan is not None  # noqa: S101 - the callers have looked
    assert layout is not None  # noqa: S101
    told = _others(found)
    messages = _in_each(message)
    is_all_wrong = plan.counts[WRONG] == len(plan.rows)
    better = _better(run, args) if is_all_wrong else ""
    rows = [
        ImportRow(
            run=run,
            number=each.row.number,
            outcome=each.outcome,
            code=each.code,
            name=each.name,
            in_other_languages=told.get(each.row.number, {}),
            **_told(each),
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
            message=messages[FIRST],
            in_other_languages={one: {"message": messages[one]} for one in OTHERS},
            better_table=better,
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

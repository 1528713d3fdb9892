"""The import's pages: hand in a file, see what it would change, mend its columns, write it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import tables as config_tables
from core import clock, formats
from core.chips import chip
from core.choices import ImportState, JobState
from core.errors import NotAllowed, Refused
from core.files import content_of
from core.imports import operations, queries
from core.imports.fitting import hint_of
from core.imports.forms import UploadForm
from core.imports.tables import CHANGED, NEW, UNCHANGED, WRONG, table_of
from core.imports.texts import differences_of, message_of, reason_of
from core.lists import Column, RowLinks, keyset_page, work_table
from core.models import ImportRow, ImportRun, Job
from core.pages import toast
from core.parts import Difference, MappedColumn, Progress, Segment, Tally
from core.requests import SignedInRequest
from core.workbooks import REASON_HEADERS, mark_wrong_rows

_OUTCOMES: Final = (WRONG, CHANGED, NEW)
_AT_WORK: Final = (ImportState.READING, ImportState.WRITING)
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_STATES: Final[Mapping[str, str]] = {
    ImportState.READING: "running",
    ImportState.PREVIEW: "waiting",
    ImportState.WRITING: "running",
    ImportState.WRITTEN: "done",
    ImportState.DISCARDED: "stopped",
    ImportState.FAILED: "failed",
}

ROW_COLUMNS: Final[Sequence[Column[ImportRow]]] = (
    Column("outcome", gettext_lazy("结果"), lambda row: row.outcome, lambda row: chip(row.outcome)),
    Column("number", gettext_lazy("行号"), lambda row: row.number, is_number=True),
    Column("code", gettext_lazy("编码"), lambda row: row.code),
    Column(
        "name",
        gettext_lazy("名称"),
        lambda row: row.name,
        lambda row: format_html("<b>{}</b>", row.name),
    ),
    Column(
        "differences",
        gettext_lazy("内容与差异"),
        lambda row: "; ".join(_in_words(each) for each in differences_of(row)),
        lambda row: _differences(row),
    ),
    Column(
        "reason",
        gettext_lazy("说明"),
        reason_of,
        lambda row: row.reason and format_html('<span class="miss">{}</span>', reason_of(row)),
    ),
)
RUN_COLUMNS: Final[Sequence[Column[ImportRun]]] = (
    Column(
        "file",
        gettext_lazy("文件"),
        lambda run: run.file.name,
        lambda run: format_html(
            '<a href="{}">{}</a>', reverse("import", args=[run.pk]), run.file.name
        ),
    ),
    Column("table", gettext_lazy("导入到"), lambda run: table_of(run.table).label),
    Column(
        "state",
        gettext_lazy("状态"),
        lambda run: ImportState(run.state).label,
        lambda run: chip(_STATES[run.state], ImportState(run.state).label),
    ),
    Column(
        "written",
        gettext_lazy("写入"),
        lambda run: (
            run.counts.get(NEW, 0) + run.counts.get(CHANGED, 0)
            if run.state == ImportState.WRITTEN
            else None
        ),
        is_number=True,
    ),
    Column("wrong", gettext_lazy("有误"), lambda run: run.counts.get(WRONG, ""), is_number=True),
    Column("at", gettext_lazy("时间"), lambda run: formats.moment(run.started_at)),
)


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: SignedInRequest) -> HttpResponse:
    """Hand in a file; the actor's earlier ones below."""
    tables = queries.importable(request.actor)
    if not tables:
        raise NotAllowed(_("导入由主管、总经理、市场部和系统管理员来做。"))
    if request.method != "POST":
        asked = {
            "table": request.GET.get("table", "groups"),
            "month": request.GET.get("month", ""),
        }
        return _imports_page(request, UploadForm(tables=tables, initial=asked))
    form = UploadForm(request.POST, request.FILES, tables=tables)
    if not form.is_valid():
        return _imports_page(request, form, status=422)
    given = form.cleaned_data["file"]
    try:
        run = operations.start_import(
            table_key=form.cleaned_data["table"],
            month=form.cleaned_data["month"],
            filename=given.name,
            content=given.read(),
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refused:
        field = "month" if refused.field == "month" else "file"
        form.add_error(field, str(refused.message))
        return _imports_page(request, form, status=422)
    return HttpResponseRedirect(reverse("import", args=[run.pk]))


def _imports_page(request: SignedInRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    page = keyset_page(
        queries.runs_of(request.actor), order=("-pk",), cursor=request.GET.get("cursor", "")
    )
    table = work_table(
        request,
        page,
        RUN_COLUMNS,
        RowLinks(key=lambda run: run.pk),
        key="imports",
        caption=_("我的导入"),
    )
    return render(request, "imports/list.html", {"form": form, "table": table}, status=status)


@require_GET
def run(request: SignedInRequest, run_id: int) -> HttpResponse:
    """A file on its way: its progress, its preview, or what became of it."""
    run = queries.run_for(request.actor, run_id)
    table = table_of(run.table)
    context: dict[str, Any] = {
        "run": run,
        "label": table.label,
        "title": _title(run),
        "message": message_of(run),
        "hint": hint_of(run.better_table, run.table),
        "better": table_of(run.better_table).label if run.better_table else "",
        "is_preview": run.state == ImportState.PREVIEW,
        "is_written": run.state == ImportState.WRITTEN,
        "may_switch": run.state in (ImportState.PREVIEW, ImportState.FAILED),
        "may_retry": run.state in (ImportState.FAILED, ImportState.DISCARDED),
        "again_url": f"{reverse('imports')}?table={run.table}&month={run.month}",
    }
    if run.state in _AT_WORK:
        context["progress"] = _progress(run, queries.job_of(run))
    elif run.state in (ImportState.PREVIEW, ImportState.WRITTEN):
        context |= _preview(request, run)
    return render(request, "imports/run.html", context)


def _preview(request: SignedInRequest, run: ImportRun) -> dict[str, Any]:
    asked = request.GET.get("outcome", "")
    outcome = asked if asked in _OUTCOMES else ""
    page = keyset_page(
        queries.rows_of(run, outcome),
        order=("rank", "number"),
        cursor=request.GET.get("cursor", ""),
    )
    counts = run.counts
    here = reverse("import", args=[run.pk])
    shown = sum(counts.get(each, 0) for each in _OUTCOMES)
    columns = _mapped_columns(run)
    return {
        "columns": columns,
        "guessed": [each.letter for each in columns if each.state == "guessed"],
        "mapped": sum(1 for each in columns if each.value),
        "skipped": sum(1 for each in columns if not each.value),
        "is_remembered": any(column.get("remembered") for column in run.mapping),
        "tallies": [
            *(
                Tally(each, counts.get(each, 0), f"{here}?outcome={each}", "", each == outcome)
                for each in _OUTCOMES
            ),
            Tally(UNCHANGED, counts.get(UNCHANGED, 0)),
        ],
        "segments": [
            Segment(_("全部"), here, not outcome, shown),
            Segment(_("有误"), f"{here}?outcome={WRONG}", outcome == WRONG),
            Segment(_("变更"), f"{here}?outcome={CHANGED}", outcome == CHANGED),
            Segment(_("新增"), f"{here}?outcome={NEW}", outcome == NEW),
        ],
        "table": work_table(
            request,
            page,
            ROW_COLUMNS,
            RowLinks(key=lambda row: row.number),
            key="import-rows",
            caption=_("导入的行"),
        ),
        "shown": shown,
        "here": len(page.rows),
        "to_write": counts.get(NEW, 0) + counts.get(CHANGED, 0),
        "wrong": counts.get(WRONG, 0),
        "unchanged": counts.get(UNCHANGED, 0),
    }


def _title(run: ImportRun) -> str:
    label = table_of(run.table).label
    counts = run.counts
    to_write, wrong = counts.get(NEW, 0) + counts.get(CHANGED, 0), counts.get(WRONG, 0)
    if run.state == ImportState.PREVIEW:
        will = ngettext("%(n)s 行将写入", "%(n)s 行将写入", to_write) % {"n": f"{to_write:,}"}
        bad = ngettext("%(n)s 行有误", "%(n)s 行有误", wrong) % {"n": f"{wrong:,}"}
        return _("导入预览：%(will)s，%(bad)s") % {"will": will, "bad": bad}
    if run.state == ImportState.WRITTEN:
        return ngettext("已写入 %(n)s 行", "已写入 %(n)s 行", to_write) % {"n": f"{to_write:,}"}
    titles = {
        ImportState.READING: _("正在读取%(table)s"),
        ImportState.WRITING: _("正在写入%(table)s"),
        ImportState.FAILED: _("这个文件没有导入"),
        ImportState.DISCARDED: _("已放弃，没有写入"),
    }
    return titles[ImportState(run.state)] % {"table": label}


def _progress(run: ImportRun, job: Job | None) -> Progress:
    done, total = (job.progress_done, job.progress_total) if job else (0, 0)
    is_broken = job is not None and job.state in (JobState.FAILED, JobState.DROPPED)
    note = (
        _("出了故障，没有做完。请放弃后重新上传。")
        if is_broken
        else _("%(done)s / %(total)s 行") % {"done": f"{done:,}", "total": f"{total:,}"}
        if total
        else _("等待开始")
    )
    return Progress(
        label=_title(run),
        done=done,
        total=total or 1,
        url=reverse("import-progress", args=[run.pk]),
        stop_url=reverse("import-discard", args=[run.pk])
        if run.state == ImportState.READING
        else "",
        note=note,
        state="failed" if is_broken else "running",
    )


def _mapped_columns(run: ImportRun) -> list[MappedColumn]:
    table = table_of(run.table)
    options = [("", _("不导入")), *((field.key, field.label) for field in table.fields)]
    return [
        MappedColumn(
            letter=column["letter"],
            header=column["header"],
            sample=column["sample"],
            name=f"column-{column['letter']}",
            value=column["field"],
            options=options,
            state="guessed" if column["guessed"] else "" if column["field"] else "skipped",
        )
        for column in run.mapping
    ]


def _in_words(each: Mapping[str, str]) -> str:
    if not each["label"]:
        return each["after"]
    return f"{each['label']} {each['before']} → {each['after']}"


def _differences(row: ImportRow) -> SafeString:
    """What changes, field by field; of a wrong row what stands in the cell."""
    if row.outcome == CHANGED:
        items = [
            Difference(each["label"], each["before"], each["after"]) for each in differences_of(row)
        ]
        return SafeString(
            "".join(render_to_string("components/diff.html", {"item": item}) for item in items)
        )
    parts = [
        (each["label"], each["after"]) if each["label"] else (each["after"], "")
        for each in differences_of(row)
    ]
    return format_html_join(" ", "<span>{} <b>{}</b></span>", parts)


@require_GET
def progress(request: SignedInRequest, run_id: int) -> JsonResponse:
    """How far the work is, for the script of the progress bar."""
    run = queries.run_for(request.actor, run_id)
    here = reverse("import", args=[run.pk])
    if run.state not in _AT_WORK:
        return JsonResponse({"state": "done", "done": 1, "total": 1, "result_url": here})
    bar = _progress(run, queries.job_of(run))
    return JsonResponse(
        {"state": "running", "done": bar.done, "total": bar.total, "note": str(bar.note)}
    )


@require_POST
def correct(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Say which column is which; the preview is made anew."""
    fields = {
        name.removeprefix("column-"): value
        for name, value in request.POST.items()
        if name.startswith("column-") and isinstance(value, str)
    }
    operations.correct_mapping(
        run_id=run_id,
        fields=fields,
        expected_version=_version(request),
        actor=request.actor,
        at=clock.now(),
    )
    return _back_to(run_id)


@require_POST
def switch(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Take the file for another table; the preview is made anew."""
    operations.switch_table(
        run_id=run_id,
        table_key=request.POST.get("table", ""),
        expected_version=_version(request),
        actor=request.actor,
        at=clock.now(),
    )
    return _back_to(run_id)


@require_POST
def write(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Write the rows of the preview."""
    operations.write_import(
        run_id=run_id, expected_version=_version(request), actor=request.actor, at=clock.now()
    )
    return _back_to(run_id)


@require_POST
def discard(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Leave the file, or stop what is at work."""
    is_asked_by_script = request.headers.get("Accept", "").startswith("application/json")
    version = (
        queries.run_for(request.actor, run_id).version if is_asked_by_script else _version(request)
    )
    operations.discard_import(
        run_id=run_id, expected_version=version, actor=request.actor, at=clock.now()
    )
    if is_asked_by_script:
        return JsonResponse({"state": "stopped"})
    toast(request, _("已放弃这次导入，没有写入。"))
    return HttpResponseRedirect(reverse("imports"))


def _version(request: SignedInRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() else -1


def _back_to(run_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("import", args=[run_id]), status=303)


@require_GET
def marked_file(request: SignedInRequest, run_id: int) -> HttpResponse:
    """The user's own file with a reason in red beside each wrong row."""
    run = queries.run_for(request.actor, run_id)
    name, content = marked(run)
    import_string(config_tables.DISCLOSE)(
        actor=request.actor,
        at=clock.now(),
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=int(run.counts.get("rows", 0)),
        file=run.file,
        level=run.file.level,
        branch_id=run.file.branch_id,
    )
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def marked(run: ImportRun) -> tuple[str, bytes]:
    """(name, bytes) of the run's file with its reasons; Refused when it was never read."""
    if not run.header_row:
        raise Refused(_("这个文件还没有读完。"))
    reasons = {row.number: reason_of(row) for row in queries.rows_of(run, WRONG)}
    return mark_wrong_rows(
        content_of(run.file),
        run.file.name,
        reasons,
        sheet_name=run.sheet,
        header_row=run.header_row,
        header=REASON_HEADERS[0 if formats.is_chinese() else 1],
    )

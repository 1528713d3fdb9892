"""The weekly summary being written (W4, W5): the form, its draft, its submission."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import NotFound, Problem, Refused, Stale
from core.parts import Difference, ErrorLink, FormPart
from core.periods import Week
from core.requests import SignedInRequest, autosaved, whole_number
from worklogs import figures
from worklogs.choices import TextPart
from worklogs.entries import SummaryEntry, summary_problems
from worklogs.forms import SummaryForm, summary_entry, summary_values
from worklogs.operations.summaries import save_summary_draft, submit_summary
from worklogs.summary_queries import ManagersWeek, managers_week, texts_from_logs
from worklogs.views.summary_ways import address_of, entry_of, home_of, parent_of


def open_remarks(found: ManagersWeek, entry: SummaryEntry) -> list[str]:
    """The fields with a remark of whoever gave the week back that still say what they said."""
    if found.given_back is None or found.newest is None or not found.is_open:
        return []
    before = summary_values(SummaryEntry.of_version(found.newest), found.counted())
    now = summary_values(entry, found.counted())

    def is_untouched(field: str) -> bool:
        kind, __, key = field.partition(":")
        names = (f"t_{key}", f"n_{key}") if kind == "text" else (f"f_{key}", f"r_{key}")
        return all(before.get(name) == now.get(name) for name in names)

    return [field for field in found.given_back.remarks if is_untouched(field)]


def _remarked(part: FormPart, remarks: list[str], kind: str) -> FormPart:
    """The part as given back while a remark in it is not attended to; an error says more."""
    count = sum(1 for field in remarks if field.startswith(f"{kind}:"))
    if not count or part.state == "wrong":
        return part
    return replace(part, state="returned", note=_("%(n)d 栏有批注") % {"n": count})


def form_parts(
    counted: Mapping[str, int],
    entry: SummaryEntry,
    problems: list[Problem],
    is_checked: bool,
    remarks: list[str],
) -> list[FormPart]:
    """The form's parts in the rail: what differs, what is written, what remains, what was
    given back and is not mended yet."""
    wrong_figures = [one for one in problems if not one.field.startswith("text:")]
    wrong_texts = [one for one in problems if one.field.startswith("text:")]
    written = len(TextPart.values) - len(wrong_texts)
    if wrong_figures:
        state = "wrong" if is_checked else "draft"
        figures_part = FormPart(
            _("一 数据"), state, _("%(n)d 处要改") % {"n": len(wrong_figures)}, "part-figures"
        )
    else:
        differing = len(entry.declared)
        note = _("%(n)d 处不同，已写原因") % {"n": differing} if differing else _("与系统一致")
        figures_part = FormPart(_("一 数据"), "done", note, "part-figures")
    if wrong_texts and is_checked:
        note = _("%(n)d 处要改") % {"n": len(wrong_texts)}
        texts_part = FormPart(_("二 文字"), "wrong", note, "part-texts")
    else:
        state = "draft" if wrong_texts else "done"
        texts_part = FormPart(
            _("二 文字"), state, f"{written}/{len(TextPart.values)}", "part-texts"
        )
    return [_remarked(figures_part, remarks, "figure"), _remarked(texts_part, remarks, "text")]


def written_parts(entry: SummaryEntry) -> int:
    """How many parts hold a text, or say that there is nothing."""
    return sum(
        1 for part in TextPart.values if entry.texts.get(part, "").strip() or part in entry.nothing
    )


@dataclass(frozen=True)
class _Text:
    """A written part of the form: its fields, what logs can fill, the reader's remark."""

    text: Any
    none: Any
    url: str
    count: int
    remark: str


def form_page(
    request: SignedInRequest,
    found: ManagersWeek,
    entry: SummaryEntry,
    *,
    form: SummaryForm | None = None,
    links: list[ErrorLink] | None = None,
    elsewhere: list[Difference] | None = None,
    version: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form: ``form`` is the one that must be mended, ``elsewhere`` what another window says."""
    counted = form.counted if form else found.counted()
    is_for_other = request.actor.person_id != found.manager.pk
    if form is None:
        begin = summary_values(entry, counted)
        begin["version"] = found.draft.version if found.draft else 0
        form = SummaryForm(counted, initial=begin, is_for_other=is_for_other)
    remarks = found.given_back.remarks if found.given_back and found.is_open else {}
    from_logs = texts_from_logs(found)
    problems = summary_problems(counted, entry)
    urls = {key: address_of(found, "summary-figure", key) for key in counted}
    order = {name: place for place, name in enumerate(form.fields)}
    context = {
        "found": found,
        "form": form,
        "links": links or [],
        "elsewhere": elsewhere,
        "version": version if version is not None else (found.draft.version if found.draft else 0),
        "lines": form.lines(
            urls,
            {name.partition(":")[2]: text for name, text in remarks.items() if "figure:" in name},
        ),
        "texts": [
            _Text(
                form[f"t_{part.value}"],
                form[f"n_{part.value}"] if f"n_{part.value}" in form.fields else None,
                address_of(found, "summary-import", part.value) if part in from_logs else "",
                len(from_logs.get(part, ())),
                remarks.get(f"text:{part.value}", ""),
            )
            for part in TextPart
        ],
        "computed": [form[f"c_{key}"] for key in counted],
        "remarks": remarks,
        "given_back": found.given_back if remarks else None,
        "remarked": [
            ErrorLink(_field_label(field), form[_field_in_form(field)].id_for_label)
            for field in sorted(remarks, key=lambda one: order.get(_field_in_form(one), 0))
            if _field_in_form(field) in form.fields
        ],
        "parts": form_parts(counted, entry, problems, bool(links), open_remarks(found, entry)),
        "written": written_parts(entry),
        "total": len(TextPart.values),
        "draft_url": address_of(found, "summary-draft"),
        "submit_url": address_of(found, "summary-submit"),
        "print_url": f"{address_of(found, 'summary-print')}?draft=1",
        "is_for_other": is_for_other,
        "at": found.at,
        "parent_url": parent_of(request.actor, found),
        "is_again": found.summary is not None and not found.is_open,
    }
    return render(request, "worklogs/summary_form.html", context, status=status)


@require_http_methods(["PATCH"])
def summary_draft(request: SignedInRequest, week: Week, manager: int) -> JsonResponse:
    """Keep what is being typed: only the changed fields come, the rest of the draft stays."""
    at = clock.now()
    found = managers_week(request.actor, manager, week, at)
    sent = autosaved(request)
    counted = found.counted()
    before = summary_values(entry_of(found), counted)
    known = {**before, **{name: value for name, value in sent.fields.items() if name in before}}
    entry = summary_entry(known, counted)
    try:
        draft = save_summary_draft(
            manager_id=manager,
            week=week,
            body=entry.body(),
            expected_version=sent.version,
            actor=request.actor,
            at=at,
            window=sent.window,
        )
    except Stale as stale:
        body = stale.current.get("body", {})
        current = {
            "version": stale.current["version"],
            "saved_at": stale.current["saved_at"],
            "fields": summary_values(SummaryEntry.from_body(body), counted),
        }
        return JsonResponse({"current": current}, status=409)
    problems = summary_problems(counted, entry)
    parts = form_parts(counted, entry, problems, False, open_remarks(found, entry))
    rail = render_to_string("components/rail_parts.html", {"parts": parts})
    return JsonResponse(
        {
            "version": draft.version,
            "saved_at": draft.saved_at.isoformat(),
            "rail": rail,
            "written": f"{written_parts(entry)}/{len(TextPart.values)}",
        }
    )


@require_POST
def summary_submit(request: SignedInRequest, week: Week, manager: int) -> HttpResponse:
    """File it; with gaps nothing is lost: what was typed is kept as the draft, the gaps named."""
    at = clock.now()
    found = managers_week(request.actor, manager, week, at)
    is_for_other = request.actor.person_id != manager
    form = SummaryForm(found.counted(), request.POST, is_for_other=is_for_other)
    entry = form.entry()
    version = whole_number(request.POST.get("version"))
    try:
        _file(request, found, form, entry, -1 if version is None else version)
    except Refused as refused:
        links = form.add_problems(refused.problems)
        kept = _keep(request, found, form, entry, version)
        return form_page(request, found, entry, form=form, links=links, version=kept, status=422)
    except Stale as stale:
        if "body" in stale.current:
            return _stale_page(request, found, entry, form, stale.current)
    return HttpResponseRedirect(home_of(request.actor, found))


def _file(
    request: SignedInRequest,
    found: ManagersWeek,
    form: SummaryForm,
    entry: SummaryEntry,
    version: int,
) -> None:
    """File what was typed; Stale when somebody has typed something else meanwhile.

    The form's own autosave may have overtaken the button: a newer draft that says the very
    same is this window's.
    """
    try:
        submit_summary(
            manager_id=found.manager.pk,
            week=found.week,
            entry=entry,
            expected_version=version,
            actor=request.actor,
            at=found.at,
            why_filed_for=request.POST.get("why_filed_for", ""),
        )
    except Stale as stale:
        if version == stale.current["version"] or not _says_the_same(stale, form, entry):
            raise
        _file(request, found, form, entry, int(stale.current["version"]))


def _says_the_same(stale: Stale, form: SummaryForm, entry: SummaryEntry) -> bool:
    body = stale.current.get("body")
    if body is None:
        return False
    theirs = SummaryEntry.from_body(body)
    return summary_values(theirs, form.counted) == summary_values(entry, form.counted)


def _keep(
    request: SignedInRequest,
    found: ManagersWeek,
    form: SummaryForm,
    entry: SummaryEntry,
    version: int | None,
) -> int:
    """Save as the draft what could not be filed; the draft's version that stands then."""
    if version is None:
        return found.draft.version if found.draft else 0
    try:
        draft = save_summary_draft(
            manager_id=found.manager.pk,
            week=found.week,
            body=entry.body(),
            expected_version=version,
            actor=request.actor,
            at=found.at,
        )
    except Refused:
        return version
    except Stale as stale:
        return int(stale.current["version"]) if _says_the_same(stale, form, entry) else version
    return draft.version


def _stale_page(
    request: SignedInRequest,
    found: ManagersWeek,
    entry: SummaryEntry,
    form: SummaryForm,
    current: Mapping[str, Any],
) -> HttpResponse:
    """Another window typed on: both sides are shown, what was typed here stays in the form."""
    theirs = summary_values(SummaryEntry.from_body(current["body"]), form.counted)
    mine = summary_values(entry, form.counted)
    elsewhere = [
        Difference(_field_name(name), _said(theirs[name]), _said(mine[name]))
        for name in mine
        if not name.startswith("c_") and mine[name] != theirs[name]
    ]
    return form_page(
        request,
        found,
        entry,
        form=form,
        elsewhere=elsewhere,
        version=int(current["version"]),
        status=409,
    )


def _field_in_form(field: str) -> str:
    kind, __, key = field.partition(":")
    return f"t_{key}" if kind == "text" else f"f_{key}"


def _field_label(field: str) -> str:
    return _field_name(_field_in_form(field))


def _field_name(name: str) -> str:
    kind, __, key = name.partition("_")
    if kind in ("t", "n"):
        return str(TextPart(key).label)
    return str(figures.figures()[key].label)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return _("本周无") if value else "–"
    return str(value)


@require_safe
def summary_import(request: SignedInRequest, week: Week, manager: int, part: str) -> JsonResponse:
    """What the week's logs say for a part: {"text"}."""
    found = managers_week(request.actor, manager, week, clock.now())
    lines = texts_from_logs(found).get(part)
    if lines is None:
        raise NotFound
    return JsonResponse({"text": "\n".join(lines)})

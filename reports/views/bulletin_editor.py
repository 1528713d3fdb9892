"""Where the market department writes a bulletin: parts, suggested sentences, autosave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from core.drafts import save_in_turn
from core.errors import Refused, Stale
from core.pages import toast
from core.parts import Difference, ErrorLink, FormPart
from core.periods import local_date
from core.requests import SignedInRequest, autosaved, whole_number
from duties.month_queries import month_end_of
from reports.bulletin_notices import day_of_end
from reports.bulletin_shown import SectionShown, document_shown, shortened
from reports.choices import BulletinState
from reports.document import Link
from reports.drafting import HEADINGS, document_of
from reports.hindrances import before_proposing
from reports.masking import Masking
from reports.models import Bulletin
from reports.operations.bulletins import (
    HEAD,
    TEXT_AT_MOST,
    WRITTEN,
    ask_for_comments,
    propose_bulletin,
    take_figures,
    write_bulletin,
)
from reports.queries.bulletin_due import publish_by
from reports.queries.bulletins import approvers, branches_told, bulletin_for, comments_of
from reports.suggestions import suggestions
from reports.texts import bulletin_name, changed_words

TEXT, TAKE = "texts.", "take."
ROWS_AT_MOST = 30
# Parts that only a person can fill.
_PEOPLES = ("good", "next_month")


@dataclass(frozen=True)
class Offered:
    """A suggested sentence on the page: its box, whether it is taken, the rows it stands on."""

    name: str
    text: str
    is_taken: bool
    rows: tuple[Link, ...]


@dataclass(frozen=True)
class PartWritten:
    """A part on the page: what is printed of itself, what is offered, what is written."""

    key: str
    section: SectionShown
    offered: tuple[Offered, ...]
    is_written: bool
    text: str
    named: str
    error: str

    @property
    def name(self) -> str:
        """The name of its text."""
        return f"{TEXT}{self.key}"


@dataclass(frozen=True)
class Typed:
    """What stands in the form: the head, texts by part, keys of sentences by part."""

    head: dict[str, str]
    texts: dict[str, str]
    taken: dict[str, list[str]]


def editor(
    request: SignedInRequest,
    found: Bulletin,
    at: datetime,
    *,
    typed: Typed | None = None,
    links: list[ErrorLink] | None = None,
    stale: list[Difference] | None = None,
    answers: dict[int, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The editor; ``typed`` is what was refused, ``stale`` what stands now beside it."""
    written = typed or _stored(found)
    parts = _parts(found, written, errors or {}, local_date(at))
    comments = comments_of(found, request.actor)
    said = {one.branch_id for one in comments}
    context = {
        "bulletin": found,
        "headline": _headline(found, sum(1 for one in comments if one.answered_at is None)),
        "name": bulletin_name(found),
        "head": typed.head if typed else {key: getattr(found, key) for key in HEAD},
        "parts": parts,
        **_rail(found, written),
        "hindrances": before_proposing(found, at) if found.state != BulletinState.DRAFT else [],
        "no_approver": not approvers(found, at),
        "changed": changed_words(found),
        "due_at": publish_by(found, month_end_of) - timedelta(seconds=1),
        "is_draft": found.state == BulletinState.DRAFT,
        "comments": comments,
        "silent": [one for one in branches_told(found) if one.pk not in said],
        "comments_until": day_of_end(found.comments_until) if found.comments_until else "",
        "is_over": found.comments_until is not None and at >= found.comments_until,
        "text_at_most": TEXT_AT_MOST,
        "links": links or [],
        "stale": stale or [],
        "answers": answers or {},
        "cut_at": datetime.fromisoformat(found.figures["cut_at"]),
        "at": at,
    }
    return render(request, "reports/bulletin_editor.html", context, status=status)


def _headline(found: Bulletin, unanswered: int) -> str:
    values = {"month": bulletin_name(found), "n": unanswered}
    if found.state == BulletinState.DRAFT:
        return _("%(month)s通报：草稿") % values
    if unanswered:
        return _("%(month)s通报：%(n)d 条意见待答复") % values
    return _("%(month)s通报：征求意见中") % values


def _stored(found: Bulletin) -> Typed:
    return Typed({key: getattr(found, key) for key in HEAD}, found.texts, found.taken)


def _parts(found: Bulletin, typed: Typed, errors: Mapping[str, str], on: date) -> list[PartWritten]:
    """The parts with what the figures fill in; the texts stand in their fields, not above them."""
    bare = Bulletin(**{**_kept(found), "texts": {}, "taken": {}})
    shown = document_shown(document_of(bare, None, on))
    offered = suggestions(found.figures)
    masking = Masking(found.figures["people"])
    known = {section.key: section for section in shown.sections}
    if shown.annex is not None:
        known["annex"] = shown.annex
    parts = []
    for key in HEADINGS:
        section = known.get(key) or SectionShown(key, HEADINGS[key], (), (), ())
        text = typed.texts.get(key, "")
        parts.append(
            PartWritten(
                key=key,
                section=shortened(section, ROWS_AT_MOST),
                offered=tuple(
                    Offered(
                        f"{TAKE}{key}.{one.key}",
                        one.text,
                        one.key in typed.taken.get(key, ()),
                        one.rows,
                    )
                    for one in offered.get(key, ())
                ),
                is_written=key in WRITTEN,
                text=text,
                named="、".join(masking.named_in(text)),
                error=errors.get(f"{TEXT}{key}", ""),
            )
        )
    return parts


def _kept(found: Bulletin) -> dict[str, Any]:
    """The fields a document is made of."""
    names = ("month", "supplement", "title", "send_to", "copy_to", "level", "figures", "why",
             "document_number", "comments_until", "published_at")  # fmt: skip
    return {name: getattr(found, name) for name in names}


def _rail(found: Bulletin, typed: Typed) -> dict[str, Any]:
    """Each part and how far it is; the names of those in which something could be said and is not.

    Whether it is said by a suggested sentence or by a person's: a table alone says nothing.
    """
    rail: list[FormPart] = []
    offered = suggestions(found.figures)
    for key, heading in HEADINGS.items():
        keys = [one.key for one in offered.get(key, ())]
        taken = sum(1 for one in keys if one in typed.taken.get(key, ()))
        is_wanted = bool(keys) or key in _PEOPLES
        is_lacking = is_wanted and not (taken or typed.texts.get(key, "").strip())
        rail.append(
            FormPart(
                heading or _("标题与主送"),
                "lacking" if is_lacking else "confirmed",
                f"{taken}/{len(keys)}" if keys else "",
                f"part-{key}",
            )
        )
    unsaid = _("、").join(str(one.label) for one in rail if one.state == "lacking")
    return {"rail": rail, "unsaid": unsaid}


def parts_said(found: Bulletin) -> tuple[int, int]:
    """Of how many parts everything is said that could be, and how many there are."""
    rail: list[FormPart] = _rail(found, _stored(found))["rail"]
    return sum(1 for one in rail if one.state == "confirmed"), len(rail)


# Writing


@require_http_methods(["PATCH"])
def bulletin_write(request: SignedInRequest, pk: int) -> HttpResponse:
    """What is typed and tapped, as it is; Stale gives what stands now, field by field."""
    at = clock.now()
    sent = autosaved(request)
    fields = sent.fields
    found = bulletin_for(request.actor, pk)
    taken = {part: list(keys) for part, keys in found.taken.items()}
    touched: set[str] = set()
    for name, is_on in fields.items():
        if not name.startswith(TAKE):
            continue
        part, _dot, key = name.removeprefix(TAKE).partition(".")
        touched.add(part)
        keys = taken.setdefault(part, [])
        if is_on and key not in keys:
            keys.append(key)
        elif not is_on and key in keys:
            keys.remove(key)
    try:
        save_in_turn(
            owner_id=request.actor.somebody,
            thing=f"bulletin:{pk}",
            expected_version=sent.version,
            at=at,
            window=sent.window,
            save=lambda version: (
                write_bulletin(
                    bulletin_id=pk,
                    expected_version=version,
                    head={name: str(fields[name]) for name in HEAD if name in fields},
                    texts={
                        name.removeprefix(TEXT): str(text)
                        for name, text in fields.items()
                        if name.startswith(TEXT)
                    },
                    taken={part: taken[part] for part in touched},
                    actor=request.actor,
                    at=at,
                ).version
            ),
        )
    except Stale as stale:
        raise Stale(_as_fields(stale.current, found, at)) from stale
    written = bulletin_for(request.actor, pk)
    rail = render_to_string("reports/bulletin_rail.html", _rail(written, _stored(written)), request)
    answer = {"version": str(written.version), "saved_at": at.isoformat(), "rail": rail}
    return JsonResponse(answer)


def _as_fields(standing: Mapping[str, Any], found: Bulletin, at: datetime) -> dict[str, Any]:
    """What stands now, by the form's names."""
    offered = suggestions(found.figures)
    return {
        "version": str(standing["version"]),
        "saved_at": at.isoformat(),
        "fields": {
            **{name: standing[name] for name in HEAD},
            **{f"{TEXT}{part}": standing["texts"].get(part, "") for part in WRITTEN},
            **{
                f"{TAKE}{part}.{one.key}": one.key in standing["taken"].get(part, ())
                for part, each in offered.items()
                for one in each
            },
        },
    }


def _typed(request: SignedInRequest, found: Bulletin) -> Typed:
    """The form as it was sent."""
    return Typed(
        {name: request.POST.get(name, getattr(found, name)) for name in HEAD},
        {part: request.POST.get(f"{TEXT}{part}", found.texts.get(part, "")) for part in WRITTEN},
        {
            part: [one.key for one in each if f"{TAKE}{part}.{one.key}" in request.POST]
            for part, each in suggestions(found.figures).items()
        },
    )


def _is_changed(found: Bulletin, typed: Typed) -> bool:
    return (
        any(getattr(found, name) != text.strip() for name, text in typed.head.items())
        or any(found.texts.get(part, "") != text.strip() for part, text in typed.texts.items())
        or any(
            sorted(found.taken.get(part, ())) != sorted(keys) for part, keys in typed.taken.items()
        )
    )


def _written(request: SignedInRequest, found: Bulletin, typed: Typed, at: datetime) -> int:
    """Keep what stands in the form; its version after."""
    version = whole_number(request.POST.get("version")) or 0
    if not _is_changed(found, typed):
        return version
    return write_bulletin(
        bulletin_id=found.pk,
        expected_version=version,
        head=typed.head,
        texts=typed.texts,
        taken=typed.taken,
        actor=request.actor,
        at=at,
    ).version


def _moved_on(request: SignedInRequest, pk: int, operation: Any, done: str) -> HttpResponse:
    """Keep the form and go on; what was typed stays on the page where that cannot be."""
    at = clock.now()
    found = bulletin_for(request.actor, pk)
    typed = _typed(request, found)
    try:
        with transaction.atomic():
            version = _written(request, found, typed, at)
            operation(bulletin_id=pk, expected_version=version, actor=request.actor, at=at)
    except Refused as refusal:
        links = [ErrorLink(one.message, _anchor(one.field)) for one in refusal.problems]
        errors = {one.field: str(one.message) for one in refusal.problems}
        return editor(request, found, at, typed=typed, links=links, errors=errors, status=422)
    except Stale as stale:
        found = bulletin_for(request.actor, pk)
        return editor(
            request, found, at, typed=typed, stale=_beside(stale.current, typed), status=409
        )
    toast(request, done)
    return HttpResponseRedirect(reverse("bulletin", args=[pk]))


def _anchor(field: str) -> str:
    return f"field-{field.replace('.', '-')}" if field in HEAD or field.startswith(TEXT) else ""


def _beside(standing: Mapping[str, Any], typed: Typed) -> list[Difference]:
    """What was typed here and what stands now, where they differ."""
    labels = {"title": _("标题"), "send_to": _("主送"), "copy_to": _("抄送")}
    found = [
        Difference(labels[name], typed.head[name], standing[name])
        for name in HEAD
        if typed.head[name].strip() != standing[name]
    ]
    found += [
        Difference(HEADINGS[part], typed.texts.get(part, ""), standing["texts"].get(part, ""))
        for part in WRITTEN
        if typed.texts.get(part, "").strip() != standing["texts"].get(part, "")
    ]
    return found


@require_POST
def bulletin_ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what stands in the form to the branches."""
    return _moved_on(request, pk, ask_for_comments, _("已征求各分公司意见"))


@require_POST
def bulletin_propose(request: SignedInRequest, pk: int) -> HttpResponse:
    """Hand what stands in the form to the second person."""
    return _moved_on(request, pk, propose_bulletin, _("已提请批准"))


@require_POST
def bulletin_figures(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the figures anew; the form is kept. Beside what is proposed there is no form."""
    at = clock.now()
    found = bulletin_for(request.actor, pk)
    if found.state != BulletinState.PROPOSED:
        return _moved_on(request, pk, take_figures, _("已重新取数"))
    take_figures(
        bulletin_id=pk,
        expected_version=whole_number(request.POST.get("version")) or 0,
        actor=request.actor,
        at=at,
    )
    toast(request, _("已重新取数，请再提请批准"))
    return HttpResponseRedirect(reverse("bulletin", args=[pk]))


_ONE = "bulletins/<int:pk>/"
urlpatterns = [
    path(f"{_ONE}write/", bulletin_write, name="bulletin-write"),
    path(f"{_ONE}figures/", bulletin_figures, name="bulletin-figures"),
    path(f"{_ONE}ask/", bulletin_ask, name="bulletin-ask"),
    path(f"{_ONE}propose/", bulletin_propose, name="bulletin-propose"),
]

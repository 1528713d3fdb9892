"""The minutes being written (M2.2, M3.2, A3): the form, its draft, its submission."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from confidentiality.choices import Level
from core import clock
from core.errors import Problem, Refused, Stale
from core.forms import ANY
from core.pages import toast
from core.parts import Difference, ErrorLink, FormPart
from core.periods import local_date
from core.requests import SignedInRequest, autosaved, whole_number
from meetings.choices import TopicKind
from meetings.minutes_entries import (
    ACTION_FIELDS,
    HELPERS,
    ITEM_FIELDS,
    KEEP,
    LEVELS,
    MinutesEntry,
)
from meetings.minutes_rules import (
    CONTENT_AT_MOST,
    EVIDENCE_AT_MOST,
    SPEAKER_AT_MOST,
    TEXT_AT_MOST,
    TOPIC_AT_MOST,
    ActionLine,
    Item,
    written,
)
from meetings.operations.minutes import correct_minutes, save_minutes_draft, submit_minutes
from meetings.queries.agendas import open_actions_for
from meetings.queries.minutes import (
    Written,
    entry_of,
    lacking_kinds,
    possible_owners,
    written_of,
)
from meetings.words import sitting_name
from organization.models import Person

LABELS: Final[dict[str, str | Promise]] = {
    "kind": gettext_lazy("类型"),
    "topic": gettext_lazy("议题"),
    "speaker": gettext_lazy("发言人"),
    "discussion": gettext_lazy("讨论要点"),
    "conclusion": gettext_lazy("结论"),
    "content": gettext_lazy("要办什么"),
    "owner": gettext_lazy("责任人"),
    "due_on": gettext_lazy("期限"),
    "evidence": gettext_lazy("完成凭证"),
    HELPERS: gettext_lazy("协办"),
    KEEP: gettext_lazy("保留这一行"),
}
_AT_MOST: Final = {
    "topic": TOPIC_AT_MOST,
    "speaker": SPEAKER_AT_MOST,
    "discussion": TEXT_AT_MOST,
    "conclusion": TEXT_AT_MOST,
    "content": CONTENT_AT_MOST,
    "evidence": EVIDENCE_AT_MOST,
}
# The key of the row that new ones are copied from; no row can have it.
_BLANK: Final = "__key__"


@dataclass(frozen=True)
class Box:
    """A field of a row on the page."""

    name: str
    label: str | Promise
    value: Any
    error: str
    at_most: int

    @property
    def id(self) -> str:
        """The control's id, which a link of the error summary leads to."""
        return anchor_of(self.name)


@dataclass(frozen=True)
class RowShown:
    """A row of the form: its boxes by field; of an action who may help, and who does."""

    key: str
    is_kept: bool
    boxes: Mapping[str, Box]
    helpers: Sequence[Box] = ()
    helping: str = ""


def anchor_of(field: str) -> str:
    """``items.k1.topic`` stands at ``f-items-k1-topic``; a whole part at its section."""
    if field in ("items", "actions"):
        return f"part-{field}"
    return f"f-{field.replace('.', '-')}"


def form_page(
    request: SignedInRequest,
    found: Written,
    entry: MinutesEntry,
    *,
    version: int | None = None,
    problems: Sequence[Problem] = (),
    elsewhere: Sequence[Difference] | None = None,
    why: str = "",
    status: int = 200,
) -> HttpResponse:
    """The form: ``problems`` are what must be mended, ``elsewhere`` what another window says."""
    lead = found.meeting
    owners = possible_owners(lead.branch_id, local_date(found.at))
    errors = {one.field: str(one.message) for one in problems}
    is_correction = found.minutes is not None and found.minutes.state == "approved"
    standing = found.draft.version if found.draft else 0
    context = {
        "found": found,
        "lead": lead,
        "name": sitting_name(lead),
        "items": [_shown("items", ITEM_FIELDS, row, errors) for row in entry.items],
        "actions": [_action_shown(row, errors, owners) for row in entry.actions],
        "blank_item": _shown("items", ITEM_FIELDS, Item(_BLANK), {}),
        "blank_action": _action_shown(ActionLine(_BLANK), {}, owners),
        "kinds": [ANY, *TopicKind.choices],
        "owners": [ANY, *((str(one.pk), one.name) for one in owners)],
        "speakers": [_("各客户经理"), *(one.name for one in owners)],
        "levels": [(str(level.value), level.label) for level in LEVELS],
        "level": str(entry.level),
        "version": standing if version is None else version,
        "links": [ErrorLink(one.message, anchor_of(one.field)) for one in problems],
        "elsewhere": elsewhere,
        "parts": form_parts(found, entry, owners, is_checked=bool(problems)),
        "open_actions": [
            one
            for one in open_actions_for(request.actor, lead.branch_id)
            if one.meeting_id != lead.pk
        ],
        "is_correction": is_correction,
        "why": why,
        "why_error": errors.get("reason", ""),
        "submit_url": reverse(
            "minutes-correct" if is_correction else "minutes-submit", args=[lead.pk]
        ),
        "draft_url": reverse("minutes-draft", args=[lead.pk]),
        "at": found.at,
    }
    return render(request, "meetings/minutes_form.html", context, status=status)


def _shown(
    part: str, names: Sequence[str], row: Item | ActionLine, errors: Mapping[str, str]
) -> RowShown:
    boxes = {}
    for name in names:
        value = getattr(row, name)
        field = f"{part}.{row.key}.{name}"
        boxes[name] = Box(
            field,
            LABELS[name],
            "" if value is None else str(value),
            errors.get(field, ""),
            _AT_MOST.get(name, 0),
        )
    keep = f"{part}.{row.key}.{KEEP}"
    boxes[KEEP] = Box(keep, LABELS[KEEP], row.is_kept, "", 0)
    return RowShown(row.key, row.is_kept, boxes)


def _action_shown(row: ActionLine, errors: Mapping[str, str], people: Sequence[Person]) -> RowShown:
    """The row with a box for each of the branch who may help, and for who does already."""
    at = f"actions.{row.key}.{HELPERS}"
    names = {one.pk: one.name for one in people}
    gone = Person.objects.filter(pk__in=set(row.helpers) - set(names))
    names |= {one.pk: one.name for one in gone}
    boxes = [Box(f"{at}.{pk}", name, pk in row.helpers, "", 0) for pk, name in names.items()]
    shown = _shown("actions", ACTION_FIELDS, row, errors)
    summed = Box(at, LABELS[HELPERS], "", errors.get(at, ""), 0)
    return replace(
        shown,
        boxes={**shown.boxes, HELPERS: summed},
        helpers=boxes,
        helping=_("、").join(names[pk] for pk in row.helpers if pk in names),
    )


def form_parts(
    found: Written, entry: MinutesEntry, owners: Sequence[Person], *, is_checked: bool
) -> list[FormPart]:
    """The parts in the rail: what is written, what remains, what is not talked about yet."""
    problems = entry.problems({one.pk for one in owners}, found.meeting.on)
    parts = []
    for key, label, rows in (
        ("items", _("一 议题"), len(written(entry.items))),
        ("actions", _("二 行动项"), len(written(entry.actions))),
    ):
        wrong = sum(1 for one in problems if one.field.split(".")[0] == key)
        if wrong:
            note = _("%(n)d 处要改") if is_checked else _("还差 %(n)d 处")
            state = "wrong" if is_checked else "draft"
            parts.append(FormPart(label, state, note % {"n": wrong}, f"part-{key}"))
        else:
            state = "done" if rows else "not_due"
            parts.append(
                FormPart(label, state, _("%(n)d 项") % {"n": rows} if rows else _("无"),
                         f"part-{key}")
            )  # fmt: skip
    if lacking := lacking_kinds(found.meeting, entry):
        words = _("、").join(str(TopicKind(kind).label) for kind in lacking)
        parts.append(FormPart(_("制度要求还要谈"), "check", words, "part-items"))
    return parts


# The draft


@require_http_methods(["PATCH", "POST"])
def minutes_draft(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep what is being typed: only the changed fields come, the rest of the draft stays.

    POST is the form without its script: it keeps all of it and adds a row.
    """
    at = clock.now()
    found = written_of(request.actor, pk, at)
    if request.method == "POST":
        return _row_added(request, found)
    sent = autosaved(request)
    entry = entry_of(found).with_fields(sent.fields)
    try:
        draft = save_minutes_draft(
            meeting_id=pk,
            entry=entry,
            expected_version=sent.version,
            actor=request.actor,
            at=at,
            window=sent.window,
        )
    except Stale as stale:
        theirs = MinutesEntry.from_body(stale.current["body"])
        current = {
            "version": stale.current["version"],
            "saved_at": stale.current["saved_at"],
            "fields": theirs.values(),
            "rows": _rows(theirs),
        }
        return JsonResponse({"current": current}, status=409)
    owners = possible_owners(found.meeting.branch_id, local_date(at))
    parts = form_parts(found, entry, owners, is_checked=False)
    return JsonResponse(
        {
            "version": draft.version,
            "saved_at": draft.saved_at.isoformat(),
            "rail": render_to_string("components/rail_parts.html", {"parts": parts}),
            "rows": _rows(entry),
        }
    )


def _rows(entry: MinutesEntry) -> list[str]:
    """The rows that stand, for a page to see whether it lacks one."""
    return [
        *(f"items.{row.key}" for row in entry.items),
        *(f"actions.{row.key}" for row in entry.actions),
    ]


def _row_added(request: SignedInRequest, found: Written) -> HttpResponse:
    entry = typed(request, found)
    part = request.POST.get("do", "")
    if part in ("items", "actions"):
        taken = {*(row.key for row in entry.items), *(row.key for row in entry.actions)}
        key = next(name for n in range(len(taken) + 1) if (name := f"r{n}") not in taken)
        entry = entry.with_fields({f"{part}.{key}.{KEEP}": True})
    try:
        save_minutes_draft(
            meeting_id=found.meeting.pk,
            entry=entry,
            expected_version=whole_number(request.POST.get("version")) or 0,
            actor=request.actor,
            at=found.at,
        )
    except Stale as stale:
        return _stale_page(request, found, entry, stale.current)
    address = reverse("minutes", args=[found.meeting.pk])
    return HttpResponseRedirect(f"{address}?edit=1#part-{part}")


def typed(request: HttpRequest, found: Written) -> MinutesEntry:
    """What stands in the form, on the draft: rows that this window does not know stay.

    A box that is not ticked is not sent: a row that was sent without it is taken out.
    """
    given: dict[str, Any] = {name: request.POST.get(name, "") for name in request.POST}
    sent = {name.rpartition(".")[0] for name in given if name.count(".") == 2}
    kept = {f"{row}.{KEEP}": f"{row}.{KEEP}" in given for row in sent}
    alone: dict[str, Any] = {f"{row}.{HELPERS}": [] for row in sent}
    return entry_of(found).with_fields({**alone, **given, **kept})


# The submission


@require_POST
def minutes_submit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Hand them to the chair; with gaps nothing is lost: what was typed is kept as the draft."""
    return _submit(request, pk, is_correction=False)


@require_POST
def minutes_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    """Hand a corrected version to the chair."""
    return _submit(request, pk, is_correction=True)


def _submit(request: SignedInRequest, pk: int, *, is_correction: bool) -> HttpResponse:
    found = written_of(request.actor, pk, clock.now())
    entry = typed(request, found)
    version = whole_number(request.POST.get("version")) or 0
    why = request.POST.get("why", "") if is_correction else None
    try:
        _hand_in(request, found, entry, version, why)
    except Refused as refused:
        kept = _keep(request, found, entry, version)
        return form_page(
            request,
            found,
            entry,
            version=kept,
            problems=refused.problems,
            why=why or "",
            status=422,
        )
    except Stale as stale:
        if "body" not in stale.current:
            return HttpResponseRedirect(reverse("minutes", args=[pk]))
        return _stale_page(request, found, entry, stale.current, why=why or "")
    toast(request, _("纪要已提交，等主持人审批"))
    return HttpResponseRedirect(reverse("minutes", args=[found.meeting.pk]))


def _hand_in(
    request: SignedInRequest, found: Written, entry: MinutesEntry, version: int, why: str | None
) -> None:
    """Submit; a newer draft that says the very same is this window's own autosave."""
    acting: dict[str, Any] = {
        "meeting_id": found.meeting.pk,
        "entry": entry,
        "expected_version": version,
        "actor": request.actor,
        "at": found.at,
    }
    try:
        if why is None:
            submit_minutes(**acting)
        else:
            correct_minutes(why=why, **acting)
    except Stale as stale:
        if version == stale.current["version"] or not _says_the_same(stale, entry):
            raise
        _hand_in(request, found, entry, int(stale.current["version"]), why)


def _says_the_same(stale: Stale, entry: MinutesEntry) -> bool:
    body = stale.current.get("body")
    return body is not None and MinutesEntry.from_body(body).values() == entry.values()


def _keep(request: SignedInRequest, found: Written, entry: MinutesEntry, version: int) -> int:
    """Save as the draft what could not be submitted; the draft's version that stands then."""
    try:
        draft = save_minutes_draft(
            meeting_id=found.meeting.pk,
            entry=entry,
            expected_version=version,
            actor=request.actor,
            at=found.at,
        )
    except Refused:
        return version
    except Stale as stale:
        return int(stale.current["version"]) if _says_the_same(stale, entry) else version
    return draft.version


def _stale_page(
    request: SignedInRequest,
    found: Written,
    entry: MinutesEntry,
    current: Mapping[str, Any],
    *,
    why: str = "",
) -> HttpResponse:
    """Another window typed on: both sides are shown, what was typed here stays in the form."""
    theirs = MinutesEntry.from_body(current["body"])
    return form_page(
        request,
        found,
        entry,
        version=int(current["version"]),
        elsewhere=entry_differences(theirs, entry),
        why=why,
        status=409,
    )


def entry_differences(older: MinutesEntry, newer: MinutesEntry) -> list[Difference]:
    """What differs between two, field by field, in words."""
    before, after = _told(older), _told(newer)
    places = {
        f"{part}.{row.key}": (part, place)
        for part, rows in (("items", newer.items), ("actions", newer.actions))
        for place, row in enumerate((one for one in rows if one.is_kept), 1)
    }
    found = []
    for name in {**after, **before}:
        old, new = before.get(name, ""), after.get(name, "")
        if (old or "") == (new or ""):
            continue
        found.append(Difference(_name_of(name, places), _said(name, old), _said(name, new)))
    return found


def _told(entry: MinutesEntry) -> dict[str, Any]:
    """The values of its fields, the helpers of an action as one."""
    people = {pk for row in entry.actions for pk in row.helpers}
    names = dict(Person.objects.filter(pk__in=people).values_list("pk", "name"))
    found = {name: value for name, value in entry.values().items() if f".{HELPERS}." not in name}
    for row in entry.actions:
        if row.helpers:
            said = _("、").join(names.get(pk, "") for pk in row.helpers)
            found[f"actions.{row.key}.{HELPERS}"] = said
    return found


def _name_of(name: str, places: Mapping[str, tuple[str, int]]) -> str:
    row, _dot, field = name.rpartition(".")
    if not row:
        return _("密级")
    part, place = places.get(row, (row.partition(".")[0], 0))
    label = _("议题") if part == "items" else _("行动项")
    return f"{label} {place or '–'} {LABELS[field]}"


def _said(name: str, value: Any) -> str:
    field = name.rpartition(".")[2]
    if isinstance(value, bool):
        return "✓" if value else "–"
    if field == "kind" and value in TopicKind.values:
        return str(TopicKind(value).label)
    if field == "owner" and value:
        person = Person.objects.filter(pk=whole_number(value) or 0).first()
        return person.name if person else str(value)
    if field == "level" and value:
        return str(Level(int(value)).label)
    return str(value)


_MINUTES: Final = "meetings/<int:pk>/minutes/"
urlpatterns: list[URLPattern] = [
    path(f"{_MINUTES}draft/", minutes_draft, name="minutes-draft"),
    path(f"{_MINUTES}submit/", minutes_submit, name="minutes-submit"),
    path(f"{_MINUTES}correct/", minutes_correct, name="minutes-correct"),
]

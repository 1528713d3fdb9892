"""The editor of a draft: what is typed is kept at once, looked at, and saved when it is right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import Refused, Stale
from core.pages import toast, wants_json
from core.parts import Difference
from core.periods import Month, local_date
from core.requests import SignedInRequest, json_body, window_of
from duties.month_queries import company_settings
from kpi.models import Scheme
from kpi.operations.schemes import change_scheme, propose_scheme, rehearse_scheme
from kpi.scheme_desk import (
    Desk,
    cleared,
    desk_of,
    draft_to_edit,
    fresh_copy,
    kept,
    own_values,
    seen_as,
    seen_version,
)
from kpi.scheme_editing import (
    OWN,
    ROWS_AT_MOST,
    Working,
    added,
    applied,
    built,
    fields_of,
    moved,
    put_back,
    without,
)
from kpi.scheme_places import place_of
from kpi.views.schemes_boxes import Drawing, ItemView
from kpi.views.schemes_rail import FaultLine, Seen, fault_line, seen
from kpi.views.schemes_words import told_differences

_OPEN_AT_MOST: Final = 12


@require_http_methods(["GET", "HEAD", "POST"])
def scheme_edit(request: SignedInRequest, number: int) -> HttpResponse:
    """The form; a button of it keeps what was typed and does what it says."""
    scheme = draft_to_edit(request.actor, number)
    desk = desk_of(scheme, request.actor.somebody)
    if request.method != "POST":
        return _page(request, desk)
    do, _colon, what = (request.POST.get("do") or request.GET.get("do") or "save").partition(":")
    if do == "restore":
        return _restored(request, desk)
    typed = typed_fields(request)
    try:
        seen_as(desk, request.POST.get("version", ""))
        working = applied(desk.working, typed)
        return _DOINGS.get(do, _save)(request, desk, working, what)
    except Stale:
        return _stale_page(request, desk_of(scheme, request.actor.somebody), typed)


@require_http_methods(["PATCH"])
def scheme_autosave(request: SignedInRequest, number: int) -> HttpResponse:
    """Keep the fields that changed; the answer says what follows: faults, sums, samples, words."""
    scheme = draft_to_edit(request.actor, number)
    desk = desk_of(scheme, request.actor.somebody)
    body = json_body(request)
    fields = body.get("fields")
    if not isinstance(fields, dict):
        raise Refused(_("内容读不懂，请重新打开本页。"))
    desk = kept(
        desk,
        applied(desk.working, fields),
        clock.now(),
        expected_version=seen_version(desk, str(body.get("version", ""))),
        window=window_of(body),
    )
    return JsonResponse(_answer(request, desk))


def typed_fields(request: HttpRequest) -> dict[str, Any]:
    """The form's fields; a box that is not ticked is named beside ("c")."""
    typed: dict[str, Any] = {name: request.POST.get(name, "") for name in request.POST}
    return typed | {name: name in request.POST for name in request.POST.getlist("c")}


def label_set_now() -> str:
    """The company's label set today."""
    return company_settings(Month.containing(local_date(clock.now()))).label_set


# The page


def _page(
    request: SignedInRequest,
    desk: Desk,
    *,
    links: Sequence[FaultLine] = (),
    elsewhere: Sequence[Difference] = (),
    opened: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    label_set = label_set_now()
    found = seen(desk, label_set)
    asked = [*request.GET.getlist("item"), *request.POST.getlist("open"), *opened]
    drawing = Drawing(
        desk.working, found.errors, found.faults_of, label_set, frozenset(asked[:_OPEN_AT_MOST])
    )
    sums = {line.key: line.text for line in found.sums}
    groups = [replace(one, sum=sums.get(one.key, "")) for one in drawing.groups()]
    context = {
        "scheme": desk.scheme,
        "desk": desk,
        "seen": found,
        "head": drawing.head(),
        "group_rows": drawing.rows("groups"),
        "groups": groups,
        "bands": drawing.rows("bands"),
        "consequences": drawing.rows("consequences"),
        "links": links,
        "elsewhere": elsewhere,
        "outdated": _outdated(desk, label_set),
        "edit_url": _here(desk.scheme),
        "autosave_url": reverse("scheme-autosave", args=[desk.scheme.number]),
    }
    return render(request, "kpi/scheme_edit.html", context, status=status)


def _here(scheme: Scheme) -> str:
    return reverse("scheme-edit", args=[scheme.number])


def _outdated(desk: Desk, label_set: str) -> list[Difference]:
    """What the version says otherwise, when it was changed by another way."""
    if not desk.is_outdated:
        return []
    return told_differences(built(desk.working), desk.scheme.content, label_set)


def _answer(request: SignedInRequest, desk: Desk) -> dict[str, Any]:
    """What the script shows after a save."""
    label_set = label_set_now()
    found = seen(desk, label_set)
    texts = {"title": found.title}
    texts |= {f"sum:{line.key}": line.text for line in found.sums}
    views = _views(desk, found)
    for view in views:
        texts[f"told:{view.key}"] = view.told
        texts[f"try:{view.key}"] = view.result
    return {
        "version": desk.token,
        "saved_at": (desk.saved_at or desk.scheme.updated_at).isoformat(),
        "shape": found.shape,
        "texts": texts,
        "errors": dict(found.errors),
        "faults": dict(found.faults_of),
        "tries": {view.key: view.tried_keys for view in views},
        "rail": render_to_string("kpi/scheme_rail.html", {"seen": found, "desk": desk}, request),
    }


def _views(desk: Desk, found: Seen) -> list[ItemView]:
    drawing = Drawing(desk.working, label_set=found.label_set)
    return [view for group in drawing.groups() for view in group.items]


def _stale_page(request: SignedInRequest, desk: Desk, typed: Mapping[str, Any]) -> HttpResponse:
    """The form with what was typed, on what stands now; what differs is said beside."""
    now = fields_of(desk.working)
    mine = applied(desk.working, typed)
    label_set = label_set_now()
    found = seen(Desk(desk.scheme, desk.owner_id, mine, desk.version, desk.saved_at), label_set)
    differing = [
        Difference(_label(mine, name), str(now[name]), str(value))
        for name, value in fields_of(mine).items()
        if name in now and now[name] != value
    ]
    return _page(request, found.desk, elsewhere=differing, status=409)


def _label(working: Working, name: str) -> str:
    where, _dot, rest = name.partition(".")
    key, _dot, inner = rest.partition(".")
    row = working.found(key) if where == "r" else None
    code = str(row[1].get("code", "")) if row else ""
    return f"{code} {inner or rest}".strip()


# What its buttons do


def _back(
    desk: Desk, anchor: str = "", opened: Sequence[str] = (), also: str = ""
) -> HttpResponseRedirect:
    """The form again, the same items open, at a place."""
    keys = dict.fromkeys([*opened, *([also] if also else [])])
    query = "&".join(f"item={key}" for key in keys if key.isdecimal())
    where = f"?{query}" if query else ""
    return HttpResponseRedirect(f"{_here(desk.scheme)}{where}{f'#{anchor}' if anchor else ''}")


def _keep(request: SignedInRequest, desk: Desk, working: Working, what: str) -> HttpResponse:
    kept(desk, working, clock.now())
    return _back(desk, what, request.POST.getlist("open"))


def _open(request: SignedInRequest, desk: Desk, working: Working, what: str) -> HttpResponse:
    """Open an item, and lead to its field."""
    key, _slash, anchor = what.partition("/")
    kept(desk, working, clock.now())
    return _back(desk, anchor or f"row-{key}", request.POST.getlist("open"), key)


def _add(request: SignedInRequest, desk: Desk, working: Working, what: str) -> HttpResponse:
    """One more row: ``list/key of the row above``."""
    path, _slash, above = what.partition("/")
    made, key = added(working, path, above)
    if not key:
        raise Refused(_("放不下了，最多 %(n)d 行。") % {"n": ROWS_AT_MOST})
    kept(desk, made, clock.now())
    is_item = path == "items"
    anchor = f"f-r.{key}.code" if path != "formula.rows" else f"f-r.{key}.from"
    return _back(desk, anchor, request.POST.getlist("open"), key if is_item else "")


def _remove(request: SignedInRequest, desk: Desk, working: Working, what: str) -> HttpResponse:
    """Without a row; the toast brings it back."""
    found = working.found(what)
    made = without(working, what)
    kept(desk, made, clock.now())
    if found is not None:
        path, row, _rows, above = found
        toast(
            request,
            _("已去掉一行"),
            detail=str(row.get("code", "")),
            undo_url=f"{_here(desk.scheme)}?do=restore",
        )
        anchor = f"row-{above['#']}" if above else f"part-{path}"
        return _back(desk, anchor, request.POST.getlist("open"))
    return _back(desk, "", request.POST.getlist("open"))


def _restored(request: SignedInRequest, desk: Desk) -> HttpResponse:
    """The row that was taken away last, where it stood."""
    key = str(desk.working.removed.get("row", {}).get("#", ""))
    desk = kept(desk, put_back(desk.working), clock.now())
    if wants_json(request):
        return HttpResponse(status=204)
    return _back(desk, f"row-{key}" if key else "")


def _move(by: int) -> Callable[[SignedInRequest, Desk, Working, str], HttpResponse]:
    def move(request: SignedInRequest, desk: Desk, working: Working, what: str) -> HttpResponse:
        kept(desk, moved(working, what, by), clock.now())
        return _back(desk, f"row-{what}", request.POST.getlist("open"))

    return move


def _discard(request: SignedInRequest, desk: Desk, working: Working, what: str) -> HttpResponse:
    """Back to the version as it was saved."""
    kept(desk, fresh_copy(desk.scheme, desk.working.next_key), clock.now())
    toast(request, _("已回到上次保存的样子"))
    return _back(desk)


def _mine(request: SignedInRequest, desk: Desk, working: Working, what: str) -> HttpResponse:
    """What stands here is to replace what was changed by another way."""
    working.base = desk.scheme.version
    kept(desk, working, clock.now())
    return _back(desk)


def _save(request: SignedInRequest, desk: Desk, working: Working, what: str) -> HttpResponse:
    """Into the version, if it is right."""

    def save(desk: Desk, at: datetime) -> str:
        toast(request, _("方案已保存"))
        return reverse("scheme", args=[desk.scheme.number])

    return _through(request, desk, working, save)


def _rehearse(request: SignedInRequest, desk: Desk, working: Working, what: str) -> HttpResponse:
    """Save, and try it on the last months."""

    def begin(desk: Desk, at: datetime) -> str:
        rehearse_scheme(number=desk.scheme.number, actor=request.actor, at=at)
        return reverse("scheme-rehearsal", args=[desk.scheme.number])

    return _through(request, desk, working, begin)


def _propose(request: SignedInRequest, desk: Desk, working: Working, what: str) -> HttpResponse:
    """Save, and hand over for approval."""

    def hand_over(desk: Desk, at: datetime) -> str:
        propose_scheme(
            number=desk.scheme.number,
            expected_version=desk.scheme.version,
            actor=request.actor,
            at=at,
        )
        cleared(desk.scheme, desk.owner_id)
        toast(request, _("已提交，等另一个人批准"))
        return reverse("scheme", args=[desk.scheme.number])

    return _through(request, desk, working, hand_over)


def _through(
    request: SignedInRequest,
    desk: Desk,
    working: Working,
    then: Callable[[Desk, datetime], str],
) -> HttpResponse:
    """Keep what was typed, save it into the version, and go on; or say what is wrong with it."""
    at = clock.now()
    desk = kept(desk, working, at)
    if desk.is_outdated:
        return _page(request, desk, status=409)
    try:
        with transaction.atomic():
            return HttpResponseRedirect(then(saved(desk, request, at), at))
    except Refused as refused:
        return _page(request, desk, links=refusals(working, refused), status=422)
    except Stale:
        return _page(request, desk_of(_again(desk.scheme), desk.owner_id), status=409)


def _again(scheme: Scheme) -> Scheme:
    return Scheme.objects.get(pk=scheme.pk)


def saved(desk: Desk, request: SignedInRequest, at: datetime) -> Desk:
    """The desk with its working copy in the version; nothing is written where nothing changed."""
    if not desk.is_changed:
        return desk
    scheme = change_scheme(
        number=desk.scheme.number,
        content=built(desk.working),
        **own_values(desk.working),
        expected_version=desk.working.base,
        actor=request.actor,
        at=at,
    )
    desk.working.base = scheme.version
    return kept(Desk(scheme, desk.owner_id, desk.working, desk.version), desk.working, at)


def refusals(working: Working, refused: Refused) -> list[FaultLine]:
    """What the operation refused, each leading to its field."""
    found = []
    for problem in refused.problems:
        first, _dot, rest = problem.field.partition(".")
        if first == "content":
            found.append(fault_line(working, place_of(working, rest), str(problem.message)))
        else:
            anchor = f"f-h.{problem.field}" if problem.field in OWN else ""
            found.append(FaultLine(str(problem.message), anchor))
    return found


_DOINGS: Final[Mapping[str, Callable[[SignedInRequest, Desk, Working, str], HttpResponse]]] = {
    "keep": _keep,
    "open": _open,
    "add": _add,
    "remove": _remove,
    "up": _move(-1),
    "down": _move(1),
    "discard": _discard,
    "mine": _mine,
    "save": _save,
    "rehearse": _rehearse,
    "propose": _propose,
}

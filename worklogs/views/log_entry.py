"""Writing a service log (W3): new, as a draft, again as a correction."""

from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.drafts import discard_draft, draft_of, save_draft
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.formats import clock as clock_time
from core.models import Draft
from core.pages import toast
from core.parts import Choice, Difference
from core.requests import SignedInRequest, autosaved, whole_number
from worklogs import permissions
from worklogs.choices import CampaignResponse, Category, Channel, Initiator
from worklogs.forms import CorrectionForm, LogForm, blank_log, log_values, typed
from worklogs.log_queries import (
    chosen_customer,
    differences,
    found_choices,
    recent_choices,
)
from worklogs.models import ServiceLog
from worklogs.operations.logs import correct_log, log_for, record_log

DRAFT: Final = "log:new"
CATEGORIES_SHOWN: Final = 7


def _may_write(request: SignedInRequest) -> int:
    """The manager who writes; NotAllowed for everybody else (W3)."""
    person_id = request.actor.somebody
    if not permissions.can_write_log(request.actor, person_id):
        raise NotAllowed(_("服务日志由客户经理自己写。"))
    return person_id


def _grids() -> dict[str, Any]:
    """The choices that are tapped."""
    return {
        "initiators": [Choice(*choice) for choice in Initiator.choices],
        "channels": [Choice(*choice) for choice in Channel.choices],
        "categories": [Choice(*choice) for choice in Category.choices],
        "categories_shown": CATEGORIES_SHOWN,
        "responses": [
            Choice("", _("没有提到")),
            *(Choice(*one) for one in CampaignResponse.choices),
        ],
    }


def _page(
    request: SignedInRequest,
    form: LogForm,
    at: datetime,
    *,
    status: int = 200,
    draft: Draft | None = None,
    **more: Any,
) -> HttpResponse:
    customer_id = whole_number(form["customer"].value())
    chosen = chosen_customer(request.actor, customer_id, at) if customer_id else None
    words = request.GET.get("q", "").strip()
    actor = request.actor
    context = {
        "form": form,
        "at": at,
        "chosen": chosen,
        "contact": _contact_id(form, chosen),
        "customers": found_choices(actor, words, at)
        if words
        else recent_choices(actor.somebody, at),
        "words": words,
        "draft": draft,
        "local_draft": f"log-{actor.somebody}",
        **_grids(),
        **more,
    }
    return render(request, "worklogs/log_form.html", context, status=status)


def _contact_id(form: LogForm, chosen: Any) -> int | None:
    """Whom the log names: what was chosen, else the customer's key person."""
    if chosen is None:
        return None
    given = whole_number(form["contact"].value())
    if given is not None or form.is_bound or "contact" in (form.initial or {}):
        return given
    return chosen.key_contact.pk if chosen.key_contact else None


@require_http_methods(["GET", "HEAD", "POST"])
def log_new(request: SignedInRequest) -> HttpResponse:
    """A service, recorded in a minute; saved, it leads home with its undo."""
    person_id = _may_write(request)
    at = clock.now()
    if request.method == "POST":
        return _saved(request, person_id, at)
    draft = draft_of(person_id, DRAFT)
    initial: dict[str, Any] = blank_log(at)
    if draft:
        initial |= typed(LogForm, draft.body)
    if (wanted := whole_number(request.GET.get("customer"))) is not None:
        initial["customer"] = wanted
        initial.pop("contact", None)
    return _page(request, LogForm(initial=initial), at, draft=draft)


def _saved(request: SignedInRequest, person_id: int, at: datetime) -> HttpResponse:
    if request.POST.get("action") == "discard":
        discard_draft(person_id, DRAFT)
        toast(request, _("草稿已清空"), clears=f"log-{person_id}")
        return HttpResponseRedirect(reverse("log-new"))
    form = LogForm(request.POST)
    if form.is_valid():
        try:
            log = record_log(entry=form.entry(), actor=request.actor, at=at)
        except Refused as refused:
            form.add_problems(refused.problems)
        except NotFound:
            form.add_error("customer", _("选一家客户。"))
        else:
            discard_draft(person_id, DRAFT)
            toast(
                request,
                _("已记，迟填") if log.is_late else _("已记，按时"),
                detail=f"{log.customer.name} {clock_time(at)}",
                undo_url=reverse("log-undo", args=[log.thread_id]),
                clears=f"log-{person_id}",
            )
            return HttpResponseRedirect(reverse("home"))
    return _page(request, form, at, status=422, draft=draft_of(person_id, DRAFT))


@require_http_methods(["PATCH"])
def log_draft(request: SignedInRequest) -> JsonResponse:
    """What is being typed, kept until it is saved as a log."""
    person_id = _may_write(request)
    sent = autosaved(request)
    at = clock.now()
    before = draft_of(person_id, DRAFT)
    body = {**(before.body if before else {}), **typed(LogForm, sent.fields)}
    try:
        draft = save_draft(
            owner_id=person_id,
            key=DRAFT,
            body=body,
            expected_version=sent.version,
            at=at,
            window=sent.window,
        )
    except Stale as stale:
        return JsonResponse({"current": stale.current}, status=409)
    return JsonResponse({"version": draft.version, "saved_at": draft.saved_at.isoformat()})


@require_safe
def log_customers(request: SignedInRequest) -> HttpResponse:
    """The grid of customers under the search: recents, or what ``?q=`` finds."""
    person_id = _may_write(request)
    words = request.GET.get("q", "").strip()[:80]
    at = clock.now()
    customers = found_choices(request.actor, words, at) if words else recent_choices(person_id, at)
    return render(request, "worklogs/log_customers.html", {"customers": customers, "words": words})


@require_safe
def log_customer(request: SignedInRequest) -> HttpResponse:
    """The customer that was tapped, with its contact."""
    _may_write(request)
    customer_id = whole_number(request.GET.get("customer"))
    chosen = chosen_customer(request.actor, customer_id, clock.now()) if customer_id else None
    if chosen is None:
        raise NotFound
    contact = chosen.key_contact.pk if chosen.key_contact else None
    return render(request, "worklogs/log_customer.html", {"chosen": chosen, "contact": contact})


@require_http_methods(["GET", "HEAD", "POST"])
def log_correct(request: SignedInRequest, thread: int) -> HttpResponse:
    """A log written again, with the reason; the version before stays."""
    log = log_for(request.actor, thread)
    if not permissions.can_write_log(request.actor, log.manager_id):
        raise NotAllowed(_("日志由写它的客户经理更正。"))
    at = clock.now()
    if request.method != "POST":
        return _page(request, CorrectionForm(initial=log_values(log)), at, log=log)
    form = CorrectionForm(request.POST)
    elsewhere: list[Difference] = []
    if form.is_valid():
        try:
            newer = correct_log(
                thread_id=thread,
                entry=form.entry(),
                reason=form.cleaned_data["reason"],
                expected_number=form.cleaned_data["number"],
                actor=request.actor,
                at=at,
            )
        except Refused as refused:
            form.add_problems(refused.problems)
        except NotFound:
            form.add_error("customer", _("选一家客户。"))
        except Stale:
            elsewhere = _since(log, form.cleaned_data["number"])
            form = CorrectionForm({**request.POST.dict(), "number": str(log.number)})
            return _page(request, form, at, log=log, status=409, elsewhere=elsewhere, is_stale=True)
        else:
            toast(request, _("已更正为第 %(n)d 版") % {"n": newer.number})
            return HttpResponseRedirect(reverse("log", args=[thread]))
    return _page(request, form, at, log=log, status=422)


def _since(log: ServiceLog, number: int) -> list[Difference]:
    """What changed elsewhere since the version that was being corrected."""
    seen = ServiceLog.objects.filter(thread_id=log.thread_id, number=number).first()
    return differences(seen, log) if seen else []

"""Documents to pass on (M1.1, M2.1): the list, one with who has been told by when, a new one."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from confidentiality.choices import Level
from core import clock
from core.actions import Again, action_context, perform, status_of
from core.actors import Acting, Actor
from core.errors import NotAllowed, Refused
from core.exports import list_workbook
from core.formats import moment, short_day
from core.forms import add_problems
from core.lists import RowLinks, keyset_page, tallies_of, work_table
from core.pages import toast
from core.parts import Fact, Tally
from core.periods import local_date
from core.requests import SignedInRequest
from meetings.models import Document, DocumentReader
from meetings.operations import documents as operations
from meetings.passing_forms import (
    DocumentChangeForm,
    DocumentFilter,
    DocumentForm,
    ReaderFilter,
    WithdrawForm,
)
from meetings.passing_permissions import (
    can_keep_document,
    can_pass_on,
    can_read_document,
    can_read_words,
)
from meetings.passing_table import document_chip, document_columns, issuer, reader_columns
from meetings.permissions import can_see_meetings
from meetings.queries.documents import (
    Asked,
    document_for,
    find_documents,
    find_readers,
    readers_for,
    state_counts,
)
from organization.choices import BRANCH_ROLES
from organization.models import Branch, Person
from organization.queries import branches_seen, holders_of
from worklogs.views.downloads import archived

KEY: Final = "documents"
READERS: Final = "document-readers"
ORDER: Final = ("-added_at", "-pk")
READERS_ORDER: Final = ("branch__code", "person__sort_key", "pk")
# What the form offers as the day: a week is one weekly meeting.
_A_WEEK: Final = timedelta(days=7)


def guard(actor: Actor) -> None:
    """Administrators and auditors have nothing to do with meetings."""
    if not can_see_meetings(actor):
        raise NotAllowed(_("文件传达是分公司、市场部和集团客户室的事。"))


@require_safe
def documents(request: SignedInRequest) -> HttpResponse:
    """Documents as far as the reader sees them, the newest first."""
    actor, at = request.actor, clock.now()
    guard(actor)
    form = DocumentFilter(request.GET, branches_seen(actor))
    given = form.asked()
    counts = state_counts(actor, at)
    table = work_table(
        request,
        keyset_page(
            find_documents(actor, _asked(given), at),
            order=ORDER,
            cursor=request.GET.get("cursor", ""),
        ),
        document_columns(actor, at),
        RowLinks[Document](
            key=lambda row: row.pk, url=lambda row: reverse("document", args=[row.pk])
        ),
        key=KEY,
        caption=pgettext("列表", "文件传达"),
    )
    context = {
        "table": table,
        "form": form,
        "headline": _headline(counts),
        "tallies": _tallies(request, counts),
        "is_filtered": bool(given),
        "may_add": can_pass_on(actor),
        "at": at,
    }
    return render(request, "meetings/documents.html", context)


def _asked(given: dict[str, str]) -> Asked:
    return Asked(
        words=given.get("q", ""), state=given.get("state", ""), branch=given.get("branch", "")
    )


def _headline(counts: dict[str, int]) -> str:
    if n := counts["to_sign"]:
        return ngettext("%(n)d 份文件等您阅签", "%(n)d 份文件等您阅签", n) % {"n": n}
    if n := counts["overdue"]:
        return ngettext("%(n)d 份文件逾期未传达完", "%(n)d 份文件逾期未传达完", n) % {"n": n}
    if n := counts["open"]:
        return ngettext("%(n)d 份文件在传达", "%(n)d 份文件在传达", n) % {"n": n}
    return _("没有要传达的文件")


def _tallies(request: SignedInRequest, counts: dict[str, int]) -> list[Tally]:
    kinds = (
        ("to_sign", "unsigned", _("等我阅签")),
        ("overdue", "overdue", _("逾期未传达完")),
        ("open", "running", _("传达中")),
        ("told", "confirmed", _("已传达完")),
        ("withdrawn", "stopped", _("已撤回")),
    )
    return tallies_of(request, counts, kinds)


# One


@require_safe
def document(request: SignedInRequest, pk: int) -> HttpResponse:
    """One document; in the list's panel when the list asks."""
    return _page(request, document_for(request.actor, pk), clock.now())


def _page(
    request: SignedInRequest, document: Document, at: datetime, again: Again | None = None
) -> HttpResponse:
    actor = request.actor
    own = document.readers.filter(person_id=actor.somebody).select_related("meeting").first()
    may_read = can_read_document(actor, document)
    may_keep = can_keep_document(actor, document) and document.withdrawn_at is None
    acts: dict[str, forms.Form] = {}
    if may_keep:
        acts["withdraw"] = WithdrawForm(initial={"version": document.version})
    context = {
        "document": document,
        "chip": document_chip(document, at),
        "facts": _facts(document, own),
        "own": own,
        "may_read": may_read,
        "may_read_words": can_read_words(actor, document),
        "may_sign": bool(own and own.told_at is None and may_read and not document.withdrawn_at),
        "may_change": may_keep,
        "waits": document.withdrawn_at is None and own is not None and own.told_at is None,
        "at": at,
        **_readers(request, document, at),
        **action_context(request, acts, again, list_url=reverse("documents")),
    }
    return render(request, "meetings/document.html", context, status=status_of(again))


def _facts(document: Document, own: DocumentReader | None) -> list[Fact]:
    told_at = own.told_at if own else None
    found = [
        (_("传达期限"), short_day(document.tell_by)),
        (_("您知悉"), moment(told_at) if told_at else ""),
        (_("文号"), document.reference),
        (_("密级"), str(Level(document.level).label)),
        (_("下发"), issuer(document)),
        (_("下发人"), document.added_by.name),
        (_("下发时间"), moment(document.added_at)),
        (_("撤回"), moment(document.withdrawn_at) if document.withdrawn_at else ""),
    ]
    return [Fact(label, value) for label, value in found if value]


def _branches_of(actor: Actor, document: Document) -> list[Branch]:
    """The branches in the document's list that the actor follows."""
    reached = set(document.readers.order_by().values_list("branch_id", flat=True).distinct())
    return [branch for branch in branches_seen(actor) if branch.pk in reached]


def _readers(request: SignedInRequest, document: Document, at: datetime) -> dict[str, Any]:
    """Who has been told by when: for those who follow others; nothing for whoever does not."""
    actor = request.actor
    row: Any = document
    if not row.people:
        return {"readers": None}
    form = ReaderFilter(request.GET, _branches_of(actor, document))
    given = form.asked()
    found = find_readers(
        readers_for(actor, document), state=given.get("state", ""), branch=given.get("branch", "")
    )
    counts = {"told": row.told, "waiting": row.people - row.told}
    return {
        "reader_form": form,
        "reader_tallies": tallies_of(
            request,
            counts,
            (
                ("waiting", "waiting", _("还没有传达到")),
                ("told", "confirmed", _("已传达到")),
            ),
        ),
        "readers": work_table(
            request,
            keyset_page(found, order=READERS_ORDER, cursor=request.GET.get("cursor", "")),
            reader_columns(document, at),
            RowLinks[DocumentReader](key=lambda one: one.pk),
            key=READERS,
            caption=_("谁在什么时候知悉"),
            exports=((_("导出 XLSX"), reverse("document-readers", args=[document.pk])),),
        ),
    }


@require_safe
def document_readers(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who has been told by when, as a workbook: the columns and filters of the page."""
    actor, at = request.actor, clock.now()
    found = document_for(actor, pk)
    given = ReaderFilter(request.GET, _branches_of(actor, found)).asked()
    rows = find_readers(
        readers_for(actor, found), state=given.get("state", ""), branch=given.get("branch", "")
    )
    name = _("%(title)s 传达名单") % {"title": found.title}
    return list_workbook(
        request, rows.order_by(*READERS_ORDER), reader_columns(found, at), key=READERS, name=name
    )


@require_safe
def document_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """Its file, by the gate: the level decides (annex 9.1)."""
    return archived(request, document_for(request.actor, pk).file, rows=1)


# A new one, and one anew


def _people_offered(branches: Sequence[Branch], at: datetime) -> list[Person]:
    """The people of the one branch; of many they are not offered by name."""
    if len(branches) != 1:
        return []
    return holders_of(BRANCH_ROLES, local_date(at), branches[0].pk)


@require_http_methods(["GET", "HEAD", "POST"])
def document_new(request: SignedInRequest) -> HttpResponse:
    """What is to be told, to whom, by when."""
    actor, at = request.actor, clock.now()
    if not can_pass_on(actor):
        raise NotAllowed(_("文件由分公司负责人和市场部、集团客户室下发。"))
    branches = branches_seen(actor)
    form = DocumentForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        branches=branches,
        people=_people_offered(branches, at),
        initial={"tell_by": local_date(at) + _A_WEEK},
    )
    if request.method == "POST" and form.is_valid():
        try:
            added = operations.add_document(**form.words(), reach=form.reach(), actor=actor, at=at)
        except Refused as refused:
            add_problems(form, refused)
        else:
            toast(request, _("已下发"), detail=added.title)
            return HttpResponseRedirect(reverse("document", args=[added.pk]))
    context = {"form": form, "list_url": reverse("documents")}
    status = 422 if form.is_bound else 200
    return render(request, "meetings/document_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def document_change(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same anew: the words until somebody has been told, the day and the list always."""
    actor, at = request.actor, clock.now()
    found = document_for(actor, pk)
    if not can_keep_document(actor, found):
        raise NotAllowed(_("由下发文件的单位改动。"))
    if request.method != "POST":
        return _change_page(request, found, _change_form(request, found, at))

    def act(given: dict[str, Any], acting: Acting) -> Document:
        reach = form.reach()
        return operations.change_document(
            document_id=pk,
            **form.words(),
            also=reach if reach.roles or reach.person_ids else None,
            without=given.get("without", []),
            **acting,
        )

    form = _change_form(request, found, at)
    return perform(
        request,
        "change",
        form,
        act,
        at=at,
        find=lambda: document_for(actor, pk),
        show=lambda now, again: _change_page(request, now, form, again),
        meanwhile=_meanwhile,
        done=_done(request, _("已保存")),
    )


def _change_form(request: SignedInRequest, found: Document, at: datetime) -> DocumentChangeForm:
    branches = branches_seen(request.actor)
    waiting = readers_for(request.actor, found).filter(told_at__isnull=True)
    return DocumentChangeForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        document=found,
        branches=branches,
        people=_people_offered(branches, at),
        waiting=list(waiting.order_by(*READERS_ORDER)),
        is_told=found.readers.filter(told_at__isnull=False).exists(),
        initial={
            "version": found.version,
            "title": found.title,
            "reference": found.reference,
            "gist": found.gist,
            "level": found.level,
            "tell_by": found.tell_by,
        },
    )


def _change_page(
    request: SignedInRequest,
    found: Document,
    form: DocumentChangeForm,
    again: Again | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "document": found,
        "note": again.note if again else "",
        "list_url": reverse("document", args=[found.pk]),
    }
    return render(request, "meetings/document_form.html", context, status=status_of(again))


def _meanwhile(now: Document) -> str:
    return _("别处刚动过《%(title)s》。您写的都在，看过后再提交。") % {"title": now.title}


def _done(request: SignedInRequest, said: str) -> Callable[[Document], HttpResponse]:
    def done(changed: Document) -> HttpResponse:
        toast(request, said, detail=changed.title)
        return HttpResponseRedirect(reverse("document", args=[changed.pk]))

    return done


# What can be done


@require_POST
def document_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Nobody need be told any more."""
    at = clock.now()
    return perform(
        request,
        "withdraw",
        WithdrawForm(request.POST),
        lambda given, acting: operations.withdraw_document(
            document_id=pk, why=given["why"], **acting
        ),
        at=at,
        find=lambda: document_for(request.actor, pk),
        show=lambda now, again: _page(request, now, at, again),
        meanwhile=_meanwhile,
        done=_done(request, _("已撤回")),
    )


@require_POST
def document_sign(request: SignedInRequest, pk: int) -> HttpResponse:
    """One has read it."""
    at = clock.now()
    found = document_for(request.actor, pk)
    try:
        operations.sign_read(document_id=pk, actor=request.actor, at=at)
    except Refused as refused:
        toast(request, str(refused.message))
    else:
        toast(request, _("已阅签"), detail=found.title)
    return HttpResponseRedirect(reverse("document", args=[pk]))


_DOCUMENT = "documents/<int:pk>/"
urlpatterns: list[URLPattern] = [
    path("documents/", documents, name="documents"),
    path("documents/new/", document_new, name="document-new"),
    path(_DOCUMENT, document, name="document"),
    path(f"{_DOCUMENT}change/", document_change, name="document-change"),
    path(f"{_DOCUMENT}withdraw/", document_withdraw, name="document-withdraw"),
    path(f"{_DOCUMENT}sign/", document_sign, name="document-sign"),
    path(f"{_DOCUMENT}file/", document_file, name="document-file"),
    path(f"{_DOCUMENT}readers/", document_readers, name="document-readers"),
]

"""Cases and questions for the analysis meeting (A2): handed in, answered, found again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.actions import Again, action_context, perform, status_of
from core.actors import Acting
from core.errors import NotAllowed, Refused
from core.exports import list_workbook
from core.formats import moment
from core.forms import Versioned, add_problems
from core.lists import RowLinks, keyset_page, tallies_of, work_table
from core.pages import toast
from core.parts import Fact, Tally
from core.requests import SignedInRequest
from meetings.choices import ContributionState
from meetings.models import Contribution
from meetings.operations import contributions as operations
from meetings.passing_forms import (
    AnswerForm,
    ContributionChangeForm,
    ContributionFilter,
    ContributionForm,
)
from meetings.passing_permissions import (
    branch_to_hand_in,
    can_answer,
    can_change_contribution,
    can_share,
)
from meetings.passing_table import contribution_chip, contribution_columns
from meetings.permissions import can_see_meetings
from meetings.queries.contributions import (
    Asked,
    contribution_for,
    find_contributions,
    next_analysis,
    state_counts,
)
from organization.queries import branches_seen

KEY: Final = "contributions"
ORDER: Final = ("-handed_in_at", "-pk")


def _guard(request: SignedInRequest) -> None:
    if not can_see_meetings(request.actor):
        raise NotAllowed(_("案例和问题由分公司、市场部和集团客户室的人查看。"))


@require_safe
def contributions(request: SignedInRequest) -> HttpResponse:
    """Cases and questions of the branch, and what others share; searched by any of their words."""
    _guard(request)
    actor, at = request.actor, clock.now()
    form = ContributionFilter(request.GET, branches_seen(actor))
    given = form.asked()
    counts = state_counts(actor)
    table = work_table(
        request,
        keyset_page(
            find_contributions(actor, _asked(given)),
            order=ORDER,
            cursor=request.GET.get("cursor", ""),
        ),
        contribution_columns(at),
        RowLinks[Contribution](
            key=lambda row: row.pk, url=lambda row: reverse("contribution", args=[row.pk])
        ),
        key=KEY,
        caption=_("案例与问题"),
        exports=((_("导出 XLSX"), reverse("contributions-export")),),
    )
    context = {
        "table": table,
        "form": form,
        "headline": _headline(counts),
        "tallies": _tallies(request, counts),
        "is_filtered": bool(given),
        "may_hand_in": branch_to_hand_in(actor) is not None,
        "at": at,
    }
    return render(request, "meetings/contributions.html", context)


@require_safe
def contributions_export(request: SignedInRequest) -> HttpResponse:
    """The list as a workbook: the columns and filters of the page."""
    _guard(request)
    actor = request.actor
    form = ContributionFilter(request.GET, branches_seen(actor))
    rows = find_contributions(actor, _asked(form.asked()))
    return list_workbook(
        request,
        rows.order_by(*ORDER),
        contribution_columns(clock.now()),
        key=KEY,
        name=_("案例与问题"),
    )


def _asked(given: dict[str, str]) -> Asked:
    return Asked(
        words=given.get("q", ""),
        state=given.get("state", ""),
        kind=given.get("kind", ""),
        branch=given.get("branch", ""),
    )


def _headline(counts: dict[str, int]) -> str:
    if n := counts["open"]:
        return ngettext("%(n)d 个案例和问题待答复", "%(n)d 个案例和问题待答复", n) % {"n": n}
    if n := counts["answered"]:
        return ngettext("%(n)d 个案例和问题已答复", "%(n)d 个案例和问题已答复", n) % {"n": n}
    return _("还没有案例和问题")


def _tallies(request: SignedInRequest, counts: dict[str, int]) -> list[Tally]:
    kinds = (
        ("open", "waiting", _("待答复")),
        ("answered", "confirmed", _("已答复")),
        ("shared", "new", _("各分公司共享")),
        ("mine", "active", _("我提的")),
        ("withdrawn", "stopped", _("已撤回")),
    )
    return tallies_of(request, counts, kinds)


# One


@require_safe
def contribution(request: SignedInRequest, pk: int) -> HttpResponse:
    """One of them with its answer; in the list's panel when the list asks."""
    return _page(request, contribution_for(request.actor, pk), clock.now())


def _page(
    request: SignedInRequest, found: Contribution, at: datetime, again: Again | None = None
) -> HttpResponse:
    is_open = found.state == ContributionState.OPEN
    context = {
        "contribution": found,
        "chip": contribution_chip(found),
        "facts": _facts(request, found),
        "coming": next_analysis(found.branch_id, at) if is_open else None,
        "is_open": is_open,
        "at": at,
        **action_context(request, _forms(request, found), again, list_url=reverse("contributions")),
    }
    return render(request, "meetings/contribution.html", context, status=status_of(again))


def _facts(request: SignedInRequest, found: Contribution) -> list[Fact]:
    held = found.meeting
    sees_meeting = held is not None and request.actor.sees_branch(held.branch_id)
    rows = [
        (_("种类"), found.get_kind_display(), ""),
        (_("提交人"), f"{found.author.name} {found.author.post}".strip(), ""),
        (_("分公司"), found.branch.name, ""),
        (_("提交时间"), moment(found.handed_in_at), ""),
        (_("答复人"), found.answered_by.name if found.answered_by else "", ""),
        (_("答复时间"), moment(found.answered_at) if found.answered_at else "", ""),
        (
            _("哪场会议"),
            f"{held.get_kind_display()} {held.key}" if held else "",
            reverse("meeting", args=[held.pk]) if held and sees_meeting else "",
        ),
        (
            _("共享"),
            _("%(who)s，%(when)s") % {"who": found.shared_by.name, "when": moment(found.shared_at)}
            if found.shared_at and found.shared_by
            else "",
            "",
        ),
    ]
    return [Fact(label, value, url) for label, value, url in rows if value]


def _forms(request: SignedInRequest, found: Contribution) -> dict[str, forms.Form]:
    """What the reader can do to it as it stands, by name."""
    actor, begin = request.actor, {"version": found.version}
    acts: dict[str, forms.Form] = {}
    if found.state != ContributionState.WITHDRAWN and can_answer(actor, found):
        acts["answer"] = AnswerForm(initial={**begin, "answer": found.answer})
    if can_change_contribution(actor, found):
        words = {"kind": found.kind, "title": found.title, "text": found.text}
        acts["change"] = ContributionChangeForm(initial={**begin, **words})
        acts["withdraw"] = Versioned(initial=begin)
    if found.state == ContributionState.ANSWERED and can_share(actor, found):
        acts["unshare" if found.shared_at else "share"] = Versioned(initial=begin)
    return acts


@require_http_methods(["GET", "HEAD", "POST"])
def contribution_new(request: SignedInRequest) -> HttpResponse:
    """A case or a question for the branch's next analysis meeting."""
    actor, at = request.actor, clock.now()
    branch_id = branch_to_hand_in(actor)
    if branch_id is None:
        raise NotAllowed(_("案例和问题由分公司的人提交。"))
    form = ContributionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = operations.hand_in(
                kind=given["kind"], title=given["title"], text=given["text"], actor=actor, at=at
            )
        except Refused as refused:
            add_problems(form, refused)
        else:
            toast(request, _("已提交"), detail=made.title)
            return HttpResponseRedirect(reverse("contribution", args=[made.pk]))
    context = {
        "form": form,
        "coming": next_analysis(branch_id, at),
        "list_url": reverse("contributions"),
        "at": at,
    }
    status = 422 if form.is_bound else 200
    return render(request, "meetings/contribution_form.html", context, status=status)


# What can be done


def _act(
    request: SignedInRequest,
    pk: int,
    name: str,
    form: forms.Form,
    said: str,
    act: Callable[[dict[str, Any], Acting], Contribution],
) -> HttpResponse:
    """Do what a form asks; see core.actions."""
    at = clock.now()

    def done(changed: Contribution) -> HttpResponse:
        toast(request, said, detail=changed.title)
        return HttpResponseRedirect(reverse("contribution", args=[changed.pk]))

    def meanwhile(now: Contribution) -> str:
        return _("别处刚动过，现在是“%(state)s”。您写的都在，看过后再提交。") % {
            "state": now.get_state_display()
        }

    return perform(
        request,
        name,
        form,
        act,
        at=at,
        find=lambda: contribution_for(request.actor, pk),
        show=lambda now, again: _page(request, now, at, again),
        meanwhile=meanwhile,
        done=done,
    )


@require_POST
def contribution_change(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was handed in, anew."""

    def act(given: dict[str, Any], acting: Acting) -> Contribution:
        return operations.change_contribution(
            contribution_id=pk,
            kind=given["kind"],
            title=given["title"],
            text=given["text"],
            **acting,
        )

    return _act(request, pk, "change", ContributionChangeForm(request.POST), _("已保存"), act)


@require_POST
def contribution_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Taken back."""

    def act(given: dict[str, Any], acting: Acting) -> Contribution:
        return operations.withdraw_contribution(contribution_id=pk, **acting)

    return _act(request, pk, "withdraw", Versioned(request.POST), _("已撤回"), act)


@require_POST
def contribution_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Answered, or its answer mended."""

    def act(given: dict[str, Any], acting: Acting) -> Contribution:
        return operations.answer_contribution(contribution_id=pk, answer=given["answer"], **acting)

    return _act(request, pk, "answer", AnswerForm(request.POST), _("已答复"), act)


@require_POST
def contribution_share(request: SignedInRequest, pk: int) -> HttpResponse:
    """Found by every branch from now on."""

    def act(given: dict[str, Any], acting: Acting) -> Contribution:
        return operations.share_contribution(contribution_id=pk, **acting)

    return _act(request, pk, "share", Versioned(request.POST), _("各分公司都能查到了"), act)


@require_POST
def contribution_unshare(request: SignedInRequest, pk: int) -> HttpResponse:
    """Kept to the branch again."""

    def act(given: dict[str, Any], acting: Acting) -> Contribution:
        return operations.unshare_contribution(contribution_id=pk, **acting)

    return _act(request, pk, "unshare", Versioned(request.POST), _("只在本分公司查得到了"), act)


_LIST = "cases-and-questions/"
_ONE = f"{_LIST}<int:pk>/"
urlpatterns: list[URLPattern] = [
    path(_LIST, contributions, name="contributions"),
    path(f"{_LIST}workbook/", contributions_export, name="contributions-export"),
    path(f"{_LIST}new/", contribution_new, name="contribution-new"),
    path(_ONE, contribution, name="contribution"),
    path(f"{_ONE}change/", contribution_change, name="contribution-change"),
    path(f"{_ONE}withdraw/", contribution_withdraw, name="contribution-withdraw"),
    path(f"{_ONE}answer/", contribution_answer, name="contribution-answer"),
    path(f"{_ONE}share/", contribution_share, name="contribution-share"),
    path(f"{_ONE}unshare/", contribution_unshare, name="contribution-unshare"),
]

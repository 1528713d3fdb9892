"""The list of branches and a branch's page: values, who leads, who acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock, pages
from core.actors import Actor
from core.chips import chip
from core.errors import NotAllowed, NotFound
from core.lists import Column, KeysetPage, RowLinks, keyset_page, work_table
from core.parts import Fact
from core.periods import local_date
from core.requests import SignedInRequest
from organization import permissions
from organization.choices import HEADS, Role
from organization.forms import ActingForm, BranchForm, CloseForm
from organization.models import Branch, Person
from organization.operations import branches as operations
from organization.operations import roles
from organization.queries import grant_state, head_counts, holders_of, role_holders
from organization.views.people import FORM
from organization.views.shared import refusals_on, status_of


@dataclass(frozen=True)
class BranchRow:
    """A line of the list: the branch and who works there on this day."""

    branch: Branch
    heads: str
    supervisors: str
    people: int


COLUMNS: Final[Sequence[Column[BranchRow]]] = (
    Column("name", pgettext_lazy("一家", "机构"), lambda row: row.branch.name),
    Column("code", gettext_lazy("编码"), lambda row: row.branch.code),
    Column("heads", gettext_lazy("总经理、副总经理"), lambda row: row.heads),
    Column("supervisors", gettext_lazy("主管"), lambda row: row.supervisors),
    Column("people", gettext_lazy("在岗人数"), lambda row: row.people, is_number=True),
    Column("phone", gettext_lazy("电话"), lambda row: row.branch.phone, is_shown=False),
    Column("address", gettext_lazy("地址"), lambda row: row.branch.address, is_shown=False),
    Column("opened_on", gettext_lazy("成立"), lambda row: row.branch.opened_on, is_shown=False),
    Column(
        "state",
        gettext_lazy("状态"),
        lambda row: _("停用") if row.branch.closed_on else _("在用"),
        cell=lambda row: chip("closed" if row.branch.closed_on else "active"),
    ),
)


@require_GET
def branches(request: SignedInRequest) -> HttpResponse:
    """Head office and branches."""
    on = local_date(clock.now())
    asked = request.GET
    found = Branch.objects.visible_to(request.actor)
    if asked.get("state") != "all":
        found = found.filter(closed_on=None)
    page = keyset_page(found, order=("code", "pk"), cursor=asked.get("cursor", ""))
    heads, supervisors = role_holders(HEADS, on), role_holders([Role.SUPERVISOR], on)
    counts = head_counts(on)
    rows = [
        BranchRow(
            branch,
            _names(heads.get(branch.pk, [])),
            _names(supervisors.get(branch.pk, [])),
            counts.get(branch.pk, 0),
        )
        for branch in page.rows
    ]
    table = work_table(
        request,
        KeysetPage(rows, page.after, page.before),
        COLUMNS,
        RowLinks(
            key=lambda row: row.branch.pk,
            url=lambda row: reverse("branch", args=[row.branch.pk]),
        ),
        key="branches",
        caption=_("机构"),
    )
    context = {
        "table": table,
        "shows_closed": asked.get("state") == "all",
        "can_keep": permissions.can_keep_people(request.actor),
    }
    return render(request, "organization/branches.html", context)


def _names(people: Sequence[Person]) -> str:
    return _("、").join(person.name for person in people)


def _branch_for(actor: Actor, branch_id: int) -> Branch:
    branch = Branch.objects.visible_to(actor).filter(pk=branch_id).first()
    if branch is None:
        raise NotFound
    return branch


@require_GET
def branch(request: SignedInRequest, branch_id: int) -> HttpResponse:
    """One branch; in the list's panel when the list asks."""
    return _branch_page(request, _branch_for(request.actor, branch_id))


def _branch_page(
    request: SignedInRequest, branch: Branch, form: ActingForm | None = None, status: int = 200
) -> HttpResponse:
    actor, on = request.actor, local_date(clock.now())
    can_appoint = permissions.can_appoint(actor, branch.pk)
    if can_appoint and form is None:
        form = _acting_form(actor, branch, on)
    acting = branch.grants.filter(is_acting=True).select_related("person", "branch")
    context = {
        "branch": branch,
        "facts": _facts(branch, on),
        "grants": [
            (grant, grant_state(grant, on)) for grant in acting.order_by("-valid_from", "-pk")[:20]
        ],
        "form": form,
        "can_appoint": can_appoint,
        "can_keep": permissions.can_keep_people(actor),
        "list_url": reverse("branches"),
        "people_url": f"{reverse('people')}?branch={branch.pk}",
    }
    return render(request, "organization/branch.html", context, status=status)


def _facts(branch: Branch, on: date) -> list[Fact]:
    facts = [
        Fact(_("编码"), branch.code),
        Fact(_("总经理"), _names(holders_of([Role.GM], on, branch.pk)) or "–"),
        Fact(_("副总经理"), _names(holders_of([Role.DEPUTY], on, branch.pk)) or "–"),
        Fact(_("主管"), _names(holders_of([Role.SUPERVISOR], on, branch.pk)) or "–"),
        Fact(_("电话"), branch.phone or "–"),
        Fact(_("地址"), branch.address or "–"),
        Fact(_("成立"), str(branch.opened_on or "–")),
    ]
    if branch.closed_on:
        facts.append(Fact(_("停用"), str(branch.closed_on)))
    return facts


def _acting_form(actor: Actor, branch: Branch, on: date, data: Any = None) -> ActingForm:
    people = [
        person
        for person in Person.objects.visible_to(actor).in_post_on(on).filter(branch=branch)
        if person.pk != actor.person_id
    ]
    return ActingForm(data, people=people, initial={"first": on, "last": on})


@require_http_methods(FORM)
def new_branch(request: SignedInRequest) -> HttpResponse:
    """One more branch."""
    if not permissions.can_keep_people(request.actor):
        raise NotAllowed(_("机构由系统管理员维护。"))
    initial = {"opened_on": local_date(clock.now())}
    form = BranchForm(request.POST or None, is_new=True, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = {key: value for key, value in form.cleaned_data.items() if key != "version"}
        with refusals_on(form):
            made = operations.add_branch(**values, actor=request.actor, at=clock.now())
            pages.toast(request, _("已添加%(name)s") % {"name": made.name})
            return HttpResponseRedirect(reverse("branch", args=[made.pk]))
    context = {"form": form, "parent_url": reverse("branches")}
    return render(request, "organization/branch_form.html", context, status=status_of(form))


@require_http_methods(FORM)
def change_branch(request: SignedInRequest, branch_id: int) -> HttpResponse:
    """Other values for a branch."""
    branch = _branch_for(request.actor, branch_id)
    if not permissions.can_keep_people(request.actor):
        raise NotAllowed(_("机构由系统管理员维护。"))
    initial = {name: getattr(branch, name) for name in (*operations.CHANGEABLE, "version")}
    form = BranchForm(request.POST or None, is_new=False, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = {key: value for key, value in form.cleaned_data.items() if key != "version"}
        with refusals_on(form):
            operations.change_branch(
                branch_id=branch_id,
                changes=values,
                expected_version=form.cleaned_data["version"] or 0,
                actor=request.actor,
                at=clock.now(),
            )
            pages.toast(request, _("已保存"))
            return HttpResponseRedirect(reverse("branch", args=[branch_id]))
    context = {"form": form, "branch": branch, "parent_url": reverse("branch", args=[branch_id])}
    return render(request, "organization/branch_form.html", context, status=status_of(form))


@require_http_methods(FORM)
def close_branch(request: SignedInRequest, branch_id: int) -> HttpResponse:
    """A branch ends on a day."""
    branch = _branch_for(request.actor, branch_id)
    if not permissions.can_keep_people(request.actor):
        raise NotAllowed(_("机构由系统管理员维护。"))
    initial = {"on": local_date(clock.now()), "version": branch.version}
    form = CloseForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            operations.close_branch(
                branch_id=branch_id,
                on=form.cleaned_data["on"],
                why=form.cleaned_data["why"],
                expected_version=form.cleaned_data["version"],
                actor=request.actor,
                at=clock.now(),
            )
            pages.toast(request, _("%(name)s已停用") % {"name": branch.name})
            return HttpResponseRedirect(reverse("branch", args=[branch_id]))
    context = {
        "form": form,
        "branch": branch,
        "parent_url": reverse("branch", args=[branch_id]),
        "held": [] if form.is_bound else operations.still_kept(branch, local_date(clock.now())),
    }
    return render(request, "organization/close.html", context, status=status_of(form))


@require_POST
def appoint_acting(request: SignedInRequest, branch_id: int) -> HttpResponse:
    """Somebody acts as supervisor for a time."""
    branch = _branch_for(request.actor, branch_id)
    at = clock.now()
    if not permissions.can_appoint(request.actor, branch_id):
        raise NotAllowed(_("代理主管由本分公司主管或总经理指定。"))
    form = _acting_form(request.actor, branch, local_date(at), request.POST)
    if form.is_valid():
        with refusals_on(form):
            grant = roles.appoint_acting(
                branch_id=branch_id, **form.cleaned_data, actor=request.actor, at=at
            )
            pages.toast(request, _("已指定%(name)s代理主管") % {"name": grant.person.name})
            return HttpResponseRedirect(reverse("branch", args=[branch_id]))
    return _branch_page(request, branch, form, status=422)


@require_POST
def end_acting(request: SignedInRequest, grant_id: int) -> HttpResponse:
    """The supervisor is back."""
    grant = roles.end_acting(grant_id=grant_id, actor=request.actor, at=clock.now())
    pages.toast(request, _("代理已结束"))
    return HttpResponseRedirect(reverse("branch", args=[grant.branch_id]))

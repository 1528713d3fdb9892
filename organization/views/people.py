"""The list of people and a person's page: values, roles by date, one-time password, leaving."""

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock, pages
from core.actors import Actor
from core.chips import chip
from core.errors import NotAllowed, NotFound
from core.exports import list_workbook
from core.lists import Column, RowLinks, keyset_page, work_table
from core.parts import Fact
from core.periods import local_date
from core.requests import SignedInRequest
from organization import permissions
from organization.choices import Role
from organization.forms import CloseForm, GrantForm, PersonForm
from organization.models import Branch, Person
from organization.operations import access, roles
from organization.operations import people as operations
from organization.queries import find_people, grant_state, is_in_post
from organization.views.shared import refusals_on, role_names, status_of

READ: Final = ["GET", "HEAD"]
FORM: Final = [*READ, "POST"]


def _roles(person: Any) -> str:
    return role_names(grant.role for grant in person.grants_today)


COLUMNS: Final[Sequence[Column[Any]]] = (
    Column("name", gettext_lazy("姓名"), lambda person: person.name, sort="name"),
    Column("job_number", gettext_lazy("工号"), lambda person: person.job_number),
    Column("branch", pgettext_lazy("一家", "机构"), lambda person: person.branch.name),
    Column("post", gettext_lazy("岗位"), lambda person: person.post),
    Column("roles", gettext_lazy("角色"), _roles),
    Column("phone", gettext_lazy("手机"), lambda person: person.phone_masked, is_shown=False),
    Column("email", gettext_lazy("邮箱"), lambda person: person.email, is_shown=False),
    Column("joined_on", gettext_lazy("入职"), lambda person: person.joined_on, is_shown=False),
    Column(
        "state",
        gettext_lazy("状态"),
        lambda person: _("在岗") if person.is_here else _("离岗"),
        cell=lambda person: (
            chip("active", _("在岗")) if person.is_here else chip("closed", _("离岗"))
        ),
    ),
)


@require_GET
def people(request: SignedInRequest) -> HttpResponse:
    """Who works where as what; by pinyin too."""
    return render(request, "organization/people.html", _list_context(request))


@require_GET
def people_export(request: SignedInRequest) -> HttpResponse:
    """The list as a workbook: the columns and filters of the page."""
    rows, order = _asked(request)
    return list_workbook(request, rows.order_by(*order), COLUMNS, key="people", name=_("人员"))


def _asked(request: SignedInRequest) -> tuple[QuerySet[Person], Sequence[str]]:
    """The people that the filters leave, and their order."""
    asked = request.GET
    found = find_people(
        request.actor,
        on=local_date(clock.now()),
        words=asked.get("q", ""),
        branch_id=asked.get("branch", ""),
        role=asked.get("role", ""),
        state=asked.get("state", ""),
    )
    return found, ("-sort_key", "-pk") if asked.get("sort") == "-name" else ("sort_key", "pk")


def _list_context(request: SignedInRequest) -> dict[str, Any]:
    asked = request.GET
    rows, order = _asked(request)
    table = work_table(
        request,
        keyset_page(rows, order=order, cursor=asked.get("cursor", "")),
        COLUMNS,
        RowLinks(
            key=lambda person: person.pk,
            url=lambda person: reverse("person", args=[person.pk]),
        ),
        key="people",
        caption=_("人员"),
        exports=((_("导出 XLSX"), reverse("people-export")),),
    )
    return {
        "table": table,
        "asked": asked,
        "branches": Branch.objects.visible_to(request.actor).filter(closed_on=None),
        "roles": Role.choices,
        "can_keep": permissions.can_keep_people(request.actor),
        "is_filtered": any(asked.get(name) for name in ("q", "branch", "role", "state")),
    }


def _person_for(actor: Actor, person_id: int) -> Person:
    person = (
        Person.objects.visible_to(actor)
        .select_related("branch", "reports_to")
        .filter(pk=person_id)
        .first()
    )
    if person is None:
        raise NotFound
    return person


@require_GET
def person(request: SignedInRequest, person_id: int) -> HttpResponse:
    """One person; in the list's panel when the list asks."""
    return _person_page(request, _person_for(request.actor, person_id))


def _person_page(
    request: SignedInRequest,
    person: Person,
    *,
    grant_form: GrantForm | None = None,
    one_time: str = "",
    status: int = 200,
) -> HttpResponse:
    at = clock.now()
    actor, on = request.actor, local_date(at)
    grants = list(person.grants.select_related("branch").order_by("-valid_from", "-pk"))
    can_grant = permissions.can_grant(actor) and person.pk != actor.person_id
    if can_grant and grant_form is None:
        initial = {"branch_id": person.branch_id, "valid_from": on}
        grant_form = GrantForm(actor=actor, initial=initial)
    context = {
        "person": person,
        "facts": _facts(person),
        "grants": [(grant, grant_state(grant, on)) for grant in grants],
        "grant_form": grant_form,
        "can_grant": can_grant,
        "can_keep": permissions.can_keep_people(actor),
        "can_reset": permissions.can_reset_password(actor, person) and is_in_post(person, on),
        "is_active": is_in_post(person, on),
        "one_time": one_time,
        "one_time_hours": settings.ONE_TIME_PASSWORD_HOURS,
        "now": at,
        "list_url": reverse("people"),
    }
    return render(request, "organization/person.html", context, status=status)


def _facts(person: Person) -> list[Fact]:
    above = person.reports_to
    facts = [
        Fact(_("工号"), person.job_number),
        Fact(pgettext("一家", "机构"), person.branch.name),
        Fact(_("岗位"), person.post or "–"),
        Fact(
            _("汇报给"),
            above.name if above else "–",
            url=reverse("person", args=[above.pk]) if above else "",
        ),
        Fact(_("手机"), person.phone_masked or "–"),
        Fact(_("邮箱"), person.email or "–"),
        Fact(_("入职"), str(person.joined_on or "–")),
    ]
    if person.left_on:
        facts.append(Fact(_("离岗"), str(person.left_on)))
    return facts


@require_http_methods(FORM)
def new_person(request: SignedInRequest) -> HttpResponse:
    """One more employee."""
    if not permissions.can_keep_people(request.actor):
        raise NotAllowed(_("人员由系统管理员维护。"))
    form = PersonForm(
        request.POST or None,
        actor=request.actor,
        is_new=True,
        initial={"joined_on": local_date(clock.now())},
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            made = operations.add_person(**form.values(), actor=request.actor, at=clock.now())
            pages.toast(request, _("已添加%(name)s") % {"name": made.name})
            return HttpResponseRedirect(reverse("person", args=[made.pk]))
    context = {"form": form, "parent_url": reverse("people")}
    return render(request, "organization/person_form.html", context, status=status_of(form))


@require_http_methods(FORM)
def change_person(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Other values for somebody."""
    person = operations.person_for(request.actor, person_id)
    above = person.reports_to
    initial = {
        **{name: getattr(person, name) for name in operations.CHANGEABLE if name != "phone"},
        "phone": person.phone_masked,
        "reports_to": above.job_number if above else "",
        "version": person.version,
    }
    form = PersonForm(request.POST or None, actor=request.actor, is_new=False, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            operations.change_person(
                person_id=person_id,
                changes=form.values(),
                expected_version=form.cleaned_data["version"] or 0,
                actor=request.actor,
                at=clock.now(),
            )
            pages.toast(request, _("已保存"))
            return HttpResponseRedirect(reverse("person", args=[person_id]))
    context = {
        "form": form,
        "person": person,
        "parent_url": reverse("person", args=[person_id]),
    }
    return render(request, "organization/person_form.html", context, status=status_of(form))


@require_http_methods(FORM)
def close_person(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Somebody leaves: what is still held stands on the page before anything is asked."""
    person = operations.person_for(request.actor, person_id)
    today = local_date(clock.now())
    initial = {"on": today, "version": person.version}
    form = CloseForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            operations.close_person(
                person_id=person_id,
                on=form.cleaned_data["on"],
                why=form.cleaned_data["why"],
                expected_version=form.cleaned_data["version"],
                actor=request.actor,
                at=clock.now(),
            )
            pages.toast(request, _("%(name)s已停用") % {"name": person.name})
            return HttpResponseRedirect(reverse("person", args=[person_id]))
    context = {
        "form": form,
        "person": person,
        "held": operations.still_held(person_id, today),
        "parent_url": reverse("person", args=[person_id]),
    }
    return render(request, "organization/close.html", context, status=status_of(form))


@require_POST
def grant_role(request: SignedInRequest, person_id: int) -> HttpResponse:
    """A role by date of effect."""
    person = _person_for(request.actor, person_id)
    if not permissions.can_grant(request.actor):
        raise NotAllowed(_("角色由安全管理员授予。"))
    form = GrantForm(request.POST, actor=request.actor)
    if form.is_valid():
        with refusals_on(form):
            roles.grant_role(
                person_id=person_id, **form.cleaned_data, actor=request.actor, at=clock.now()
            )
            pages.toast(request, _("已授予"))
            return HttpResponseRedirect(reverse("person", args=[person_id]))
    return _person_page(request, person, grant_form=form, status=422)


@require_POST
def end_role(request: SignedInRequest, grant_id: int) -> HttpResponse:
    """A role ends today."""
    at = clock.now()
    grant = roles.end_role(grant_id=grant_id, on=local_date(at), actor=request.actor, at=at)
    pages.toast(request, _("角色已结束"))
    return HttpResponseRedirect(reverse("person", args=[grant.person_id]))


@require_POST
def reset_password(request: SignedInRequest, person_id: int) -> HttpResponse:
    """A one-time password, shown in this answer and never again."""
    password = access.reset_password(person_id=person_id, actor=request.actor, at=clock.now())
    return _person_page(request, _person_for(request.actor, person_id), one_time=password)

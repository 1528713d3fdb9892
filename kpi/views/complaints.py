"""The list of complaints (K3.6), and a new one. An employee's is on no list but the investigator's
and the general manager's."""

from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.exports import list_workbook
from core.forms import add_problems
from core.lists import RowLinks, keyset_page, tallies_of, work_table
from core.pages import toast
from core.panels import is_for_panel, page_under
from core.parts import Tally
from core.periods import local, local_date
from core.requests import SignedInRequest, whole_number
from kpi.case_forms import ComplaintFilter, ReceiveForm
from kpi.case_table import complaint_columns
from kpi.choices import Complainant
from kpi.models import Complaint
from kpi.operations.complaints import receive_complaint
from kpi.permissions import (
    can_file_case,
    can_receive_complaint,
    receives_complaints,
    sees_complaints,
)
from kpi.queries.cases import post_of
from kpi.queries.complaints import Asked, find_complaints, investigators, state_counts
from kpi.views.case_new import customers_of
from kpi.views.cases import areas
from organization.choices import Role
from organization.models import Branch, Person
from organization.queries import branches_seen, holders_of

KEY: Final = "complaints"
ORDER: Final = ("-received_at", "-pk")


def guard(actor: Actor) -> None:
    """Managers and administrators have nothing to do with complaints."""
    if not sees_complaints(actor):
        raise NotAllowed(_("投诉由主管、总经理和市场部处理。"))


@require_safe
def complaints(request: SignedInRequest) -> HttpResponse:
    """Complaints as far as the reader sees them, newest first."""
    actor, at = request.actor, clock.now()
    guard(actor)
    form = ComplaintFilter(request.GET, branches_seen(actor))
    given = form.asked()
    counts = state_counts(actor, at)
    table = work_table(
        request,
        keyset_page(
            find_complaints(actor, _asked(given), at),
            order=ORDER,
            cursor=request.GET.get("cursor", ""),
        ),
        complaint_columns(at),
        RowLinks[Complaint](
            key=lambda row: row.pk, url=lambda row: reverse("complaint", args=[row.pk])
        ),
        key=KEY,
        caption=pgettext("列表", "投诉"),
        exports=((_("导出 XLSX"), reverse("complaints-export")),),
    )
    context = {
        "table": table,
        "form": form,
        "headline": _headline(counts),
        "tallies": _tallies(request, counts),
        "views": areas(request, actor, "complaints"),
        "is_filtered": bool(given),
        "has_more": set(given) - {"q"},
        "may_receive": receives_complaints(actor),
        "at": at,
    }
    return render(request, "kpi/complaints.html", context)


@require_safe
def complaints_export(request: SignedInRequest) -> HttpResponse:
    """The list as a workbook: the columns and filters of the page."""
    actor, at = request.actor, clock.now()
    guard(actor)
    form = ComplaintFilter(request.GET, branches_seen(actor))
    rows = find_complaints(actor, _asked(form.asked()), at)
    return list_workbook(
        request,
        rows.order_by(*ORDER),
        complaint_columns(at),
        key=KEY,
        name=pgettext("列表", "投诉"),
    )


def _asked(given: dict[str, str]) -> Asked:
    return Asked(
        words=given.get("q", ""), state=given.get("state", ""), branch=given.get("branch", "")
    )


def _headline(counts: dict[str, int]) -> str:
    if counts["overdue"]:
        n = counts["overdue"]
        return ngettext("%(n)d 件投诉逾期未答复", "%(n)d 件投诉逾期未答复", n) % {"n": n}
    if counts["open"]:
        n = counts["open"]
        return ngettext("%(n)d 件投诉在调查", "%(n)d 件投诉在调查", n) % {"n": n}
    return _("没有在调查的投诉")


def _tallies(request: SignedInRequest, counts: dict[str, int]) -> list[Tally]:
    kinds = (
        ("overdue", "overdue", _("逾期未答复")),
        ("mine", "check", _("我调查的")),
        ("open", "running", _("调查中")),
        ("upheld", "check", _("有理")),
        ("rejected", "done", _("无理")),
    )
    return tallies_of(request, counts, kinds)


# A new one


@require_http_methods(["GET", "HEAD", "POST"])
def complaint_new(request: SignedInRequest) -> HttpResponse:
    """About whom first, then what was said."""
    actor, at = request.actor, clock.now()
    if not receives_complaints(actor):
        raise NotAllowed(_("投诉由主管、总经理和市场部受理。"))
    context: dict[str, Any] = {
        "is_panel": is_for_panel(request),
        "list_url": page_under(request, reverse("complaints")),
    }
    asked = request.GET.get("manager")
    if asked is None:
        context |= _steps(request, at)
        status = 422 if request.method == "POST" else 200
        return render(request, "kpi/complaint_new.html", context, status=status)
    manager, branch = _manager(actor, whole_number(asked) or 0, at)
    form = _form(request, manager, branch, at)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            complaint = receive_complaint(
                complainant=given["complainant"],
                manager_id=manager.pk,
                customer_id=given["customer"],
                by=given["by"],
                facts=given["facts"],
                received_at=form.received_at(),
                investigator_id=given["investigator"],
                actor=actor,
                at=at,
            )
        except Refused as refused:
            add_problems(form, refused)
        else:
            toast(request, _("已受理"), detail=complaint.number)
            return HttpResponseRedirect(reverse("complaints"))
    context |= {
        "form": form,
        "manager": manager,
        "action": f"{reverse('complaint-new')}?manager={manager.pk}",
        "back_url": f"{reverse('complaint-new')}?branch={branch.pk}",
        "takes_employees": can_receive_complaint(actor, branch.pk, Complainant.EMPLOYEE),
    }
    return render(request, "kpi/complaint_new.html", context, status=422 if form.is_bound else 200)


def _manager(actor: Actor, manager_id: int, at: datetime) -> tuple[Person, Branch]:
    post = post_of(manager_id, at)
    if (
        post is None
        or post.person_id == actor.person_id
        or not can_receive_complaint(actor, post.branch_id, Complainant.CUSTOMER)
    ):
        raise NotFound
    return post.person, post.branch


def _form(request: SignedInRequest, manager: Person, branch: Branch, at: datetime) -> ReceiveForm:
    people = [one for one in investigators(branch.pk, at) if one.pk != manager.pk]
    supervisor = next(
        (one for one in holders_of([Role.SUPERVISOR], local_date(at), branch.pk)
         if one.pk != manager.pk),
        None,
    )  # fmt: skip
    return ReceiveForm(
        request.POST if request.method == "POST" else None,
        customers=customers_of(request.actor, manager.pk, local_date(at)),
        people=people,
        takes_employees=can_receive_complaint(request.actor, branch.pk, Complainant.EMPLOYEE),
        initial={
            "received_on": local_date(at),
            "received_time": local(at).time(),
            "investigator": supervisor.pk if supervisor else "",
        },
    )


def _steps(request: SignedInRequest, at: datetime) -> dict[str, Any]:
    """The branch, then the manager."""
    actor, url = request.actor, reverse("complaint-new")
    branches = [one for one in branches_seen(actor) if can_file_case(actor, one.pk)]
    asked = request.GET.get("branch")
    branch = next((one for one in branches if one.pk == whole_number(asked)), None)
    if asked is not None and branch is None:
        raise NotFound
    if branch is None and len(branches) == 1:
        branch = branches[0]
    if branch is None:
        return {"branches": [(one, f"{url}?branch={one.pk}") for one in branches]}
    people = holders_of([Role.MANAGER], local_date(at), branch.pk)
    return {
        "people": [(one, f"{url}?manager={one.pk}") for one in people if one.pk != actor.person_id]
    }


urlpatterns = [
    path("complaints/", complaints, name="complaints"),
    path("complaints/workbook/", complaints_export, name="complaints-export"),
    path("complaints/new/", complaint_new, name="complaint-new"),
]

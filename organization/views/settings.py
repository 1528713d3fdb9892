"""Settings by date of effect: what holds today and from where, what comes, what was."""

from datetime import date
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core import clock, pages
from core.errors import NotAllowed, NotFound
from core.periods import local_date
from core.requests import SignedInRequest
from organization import permissions
from organization.forms import SettingForm
from organization.models import Branch, BranchSetting
from organization.operations import settings as operations
from organization.queries import setting_lines
from organization.setting_texts import value_in
from organization.views.people import FORM
from organization.views.shared import refusals_on, status_of


@require_http_methods(FORM)
def company_settings(request: SignedInRequest) -> HttpResponse:
    """What holds for every branch that has nothing of its own."""
    return _settings(request, None)


@require_http_methods(FORM)
def branch_settings(request: SignedInRequest, branch_id: int) -> HttpResponse:
    """What holds for one branch."""
    branch = Branch.objects.visible_to(request.actor).filter(pk=branch_id).first()
    if branch is None:
        raise NotFound
    return _settings(request, branch)


def _settings(request: SignedInRequest, branch: Branch | None) -> HttpResponse:
    at = clock.now()
    on = local_date(at)
    can_set = permissions.can_set_settings(request.actor)
    form = SettingForm(request.POST or None, initial={"valid_from": on})
    if request.method == "POST":
        if not can_set:
            raise NotAllowed(_("设置由系统管理员维护。"))
        if form.is_valid():
            key = form.cleaned_data["key"]
            with refusals_on(form):
                operations.set_setting(
                    branch_id=branch.pk if branch else None,
                    key=key,
                    value=value_in(key, form.cleaned_data["value"]),
                    valid_from=form.cleaned_data["valid_from"],
                    actor=request.actor,
                    at=at,
                )
                pages.toast(request, _("已保存，到期生效"))
                return HttpResponseRedirect(_address_of(branch))
    return _page(request, branch, form, on, can_set)


def _address_of(branch: Branch | None) -> str:
    return reverse("branch-settings", args=[branch.pk]) if branch else reverse("settings")


def _page(
    request: SignedInRequest, branch: Branch | None, form: SettingForm, on: date, can_set: bool
) -> HttpResponse:
    context: dict[str, Any] = {
        "branch": branch,
        "lines": setting_lines(branch, on),
        "form": form,
        "can_set": can_set,
        "on": on,
        "branches": Branch.objects.visible_to(request.actor).open_on(on),
        "parent_url": reverse("branch", args=[branch.pk]) if branch else reverse("branches"),
    }
    return render(request, "organization/settings.html", context, status=status_of(form))


@require_POST
def withdraw(request: SignedInRequest, setting_id: int) -> HttpResponse:
    """Take back what has not begun."""
    setting = BranchSetting.objects.select_related("branch").filter(pk=setting_id).first()
    operations.withdraw_setting(setting_id=setting_id, actor=request.actor, at=clock.now())
    pages.toast(request, _("已撤回"))
    return HttpResponseRedirect(_address_of(setting.branch if setting else None))

"""Service logs (W3): the list, a log with its versions, undo, the supervisor's reading."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.actors import Actor
from core.errors import NotAllowed
from core.exports import list_workbook
from core.formats import moment
from core.lists import RowLinks, keyset_page, work_table
from core.pages import toast, wants_json
from core.panels import is_for_panel, page_under
from core.parts import Fact, Tally
from core.periods import local_date
from core.requests import SignedInRequest
from customers.models import Customer
from customers.queries import customer_for
from organization.forms import day_field
from organization.in_force import settings_of
from organization.models import Person
from worklogs import permissions, rules
from worklogs.belonging import owing_managers
from worklogs.choices import Category, Channel, Initiator
from worklogs.lists import log_columns
from worklogs.log_queries import ONLY, LogCounts, LogFilter, log_counts, log_versions, logs_found
from worklogs.models import ServiceLog
from worklogs.operations.logs import (
    LogEntry,
    correct_log,
    correctable_since,
    first_recorded_at,
    log_for,
    read_log,
    withdraw_log,
)
from worklogs.views import log_entry

ORDER: Final = ("-occurred_at", "-pk")
TIMELINE_SIZE: Final = 20


class LogFilterForm(forms.Form):
    """What is asked of the list; kept in the address."""

    q = forms.CharField(label=pgettext_lazy("一户", "客户"), required=False, max_length=80)
    first = day_field(gettext_lazy("从"), required=False)
    last = day_field(gettext_lazy("到"), required=False)
    initiator = forms.ChoiceField(
        label=gettext_lazy("谁发起"), required=False, choices=[("", "—"), *Initiator.choices]
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("方式"), required=False, choices=[("", "—"), *Channel.choices]
    )
    category = forms.ChoiceField(
        label=gettext_lazy("类别"), required=False, choices=[("", "—"), *Category.choices]
    )
    only = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in ("", *ONLY)],
        widget=forms.HiddenInput,
    )

    def __init__(self, data: Any, managers: list[tuple[int, str]]) -> None:
        """``managers`` can be chosen by those who see more than their own."""
        super().__init__(data)
        if managers:
            choices = [("", "—"), *managers]
            self.fields["manager"] = forms.TypedChoiceField(
                label=_("客户经理"),
                required=False,
                coerce=int,
                empty_value=None,
                choices=choices,
            )

    def asked(self) -> LogFilter:
        """The filter; a field that cannot be read asks for nothing."""
        self.is_valid()
        given = self.cleaned_data
        return LogFilter(
            words=given.get("q", ""),
            first=given.get("first"),
            last=given.get("last"),
            manager_id=given.get("manager"),
            initiator=given.get("initiator", ""),
            channel=given.get("channel", ""),
            category=given.get("category", ""),
            only=given.get("only", ""),
        )


def _managers(request: SignedInRequest, at: datetime) -> list[tuple[int, str]]:
    """The managers whose logs a leader reads, by name; NotAllowed for who reads no logs at all."""
    if not permissions.can_see_logs(request.actor):
        raise NotAllowed(
            _("服务日志由客户经理、主管、总经理和市场部看。需要的话，请安全管理员给您授予角色。")
        )
    led = request.actor.led_branches
    if not led:
        return []
    return [(person.pk, person.name) for person in owing_managers(led, local_date(at))]


@require_safe
def logs(request: SignedInRequest) -> HttpResponse:
    """Service logs, newest first, as far as the reader sees them."""
    at = clock.now()
    actor = request.actor
    managers = _managers(request, at)
    form = LogFilterForm(request.GET, managers)
    asked = form.asked()
    rows = logs_found(actor, asked)
    page = keyset_page(rows, order=ORDER, cursor=request.GET.get("cursor", ""))
    counts = log_counts(logs_found(actor, replace(asked, only="")))
    links = RowLinks[ServiceLog](
        key=lambda log: log.thread_id, url=lambda log: reverse("log", args=[log.thread_id])
    )
    context = {
        "form": form,
        "is_filtered": asked != LogFilter(),
        "has_more": any((asked.first, asked.last, asked.initiator, asked.channel, asked.category)),
        "counts": counts,
        "tallies": _tallies(request, counts, asked.only, bool(managers)),
        "is_leader": bool(managers),
        "table": work_table(
            request,
            page,
            log_columns(bool(managers), actor.reads_all),
            links,
            key="logs",
            caption=_("服务日志"),
            exports=((_("导出 XLSX"), reverse("logs-export")),),
        ),
        "may_write": permissions.can_write_log(actor, actor.somebody),
    }
    return render(request, "worklogs/logs.html", context)


@require_safe
def logs_export(request: SignedInRequest) -> HttpResponse:
    """The list as a workbook: the columns and filters of the page."""
    actor = request.actor
    managers = _managers(request, clock.now())
    asked = LogFilterForm(request.GET, managers).asked()
    return list_workbook(
        request,
        logs_found(actor, asked).order_by(*ORDER),
        log_columns(bool(managers), actor.reads_all),
        key="logs",
        name=_("服务日志"),
    )


def _tallies(
    request: SignedInRequest, counts: LogCounts, only: str, is_leader: bool
) -> list[Tally]:
    """What deviates, each a filter; pressed again it is taken off."""

    def url(name: str) -> str:
        query = request.GET.copy()
        query.pop("cursor", None)
        query["only"] = "" if name == only else name
        return f"?{query.urlencode()}"

    found = [
        Tally("waiting", counts.open, url("open"), _("待答复"), only == "open"),
        Tally("late", counts.late, url("late"), _("迟填"), only == "late"),
    ]
    if is_leader:
        found.insert(0, Tally("waiting", counts.unread, url("unread"), _("未阅"), only == "unread"))
    return found


def _facts(actor: Actor, log: ServiceLog) -> list[Fact]:
    """A log's short answers; the customer's page only for who sees it."""
    sees_customer = Customer.objects.visible_to(actor).filter(pk=log.customer_id).exists()
    customer_url = reverse("customer", args=[log.customer_id]) if sees_customer else ""
    contact = f"{log.contact.name} {log.contact.post}".strip() if log.contact else ""
    found = [
        (pgettext("一户", "客户"), log.customer.name, customer_url),
        (_("联系人"), contact, ""),
        (_("服务时间"), moment(log.occurred_at), ""),
        (_("时长"), _("%(n)d 分钟") % {"n": log.minutes} if log.minutes else "", ""),
        (_("发起、方式"), f"{log.get_initiator_display()} {log.get_channel_display()}", ""),
        (_("类别"), log.get_category_display(), ""),
        (_("营销方案响应"), f"{log.get_response_display()} {log.product}".strip(), ""),
        (_("客户经理"), log.manager.name, ""),
        (_("填写时间"), moment(first_recorded_at(log)), ""),
        (_("更正时间"), moment(log.recorded_at) if log.number > 1 else "", ""),
    ]
    if log.initiator == Initiator.PASSIVE and log.answer_due_at:
        found.append((_("答复时限"), moment(log.answer_due_at), ""))
        found.append((_("答复时间"), moment(log.answered_at) if log.answered_at else "", ""))
    return [Fact(label, value, url) for label, value, url in found if value]


def _texts(log: ServiceLog) -> list[tuple[str, str]]:
    """A log's written parts, those that were written."""
    found = [
        (_("内容"), log.content),
        (_("客户需求"), log.needs),
        (_("存在问题"), log.problems),
        (_("消费行为、动态"), log.behaviour),
        (_("竞争对手"), log.competitors),
        (_("后续事项"), log.next_step),
    ]
    return [(label, text) for label, text in found if text]


class RemarkForm(forms.Form):
    """The supervisor's word on a log; reading it without a word is enough."""

    remark = forms.CharField(
        label=gettext_lazy("批语"),
        required=False,
        max_length=rules.TEXT_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _log_page(
    request: SignedInRequest, thread: int, at: datetime, remark: RemarkForm | None = None
) -> HttpResponse:
    actor = request.actor
    log = log_for(actor, thread)
    is_own = permissions.can_write_log(actor, log.manager_id)
    stands = log.superseded_at is None
    is_open = stands and log.initiator == Initiator.PASSIVE and log.answered_at is None
    context = {
        "log": log,
        "facts": _facts(actor, log),
        "texts": _texts(log),
        "versions": log_versions(thread),
        "at": at,
        "is_open": is_open,
        "is_overdue": is_open and log.answer_due_at is not None and log.answer_due_at < at,
        "may_correct": is_own
        and stands
        and rules.log_can_be_corrected(
            correctable_since(log), local_date(at), settings_of(log.branch_id, local_date(at))
        ),
        "may_undo": is_own
        and stands
        and log.number == 1
        and rules.can_be_undone(log.recorded_at, at),
        "may_read": stands and permissions.can_read_remark(actor, log),
        "remark": remark or RemarkForm(initial={"remark": log.read_remark}),
        "reader": Person.objects.filter(pk=log.read_by_id).first() if log.read_by_id else None,
        "is_panel": is_for_panel(request),
        "list_url": page_under(request, reverse("logs")),
    }
    return render(request, "worklogs/log.html", context, status=422 if remark else 200)


@require_safe
def log(request: SignedInRequest, thread: int) -> HttpResponse:
    """A service's log: what was done, by when, its versions, the supervisor's remark."""
    return _log_page(request, thread, clock.now())


@require_safe
def log_timeline(request: SignedInRequest, customer: int) -> HttpResponse:
    """The services of one customer, newest first: a part of the customer's page."""
    found = customer_for(request.actor, customer)
    rows = logs_found(request.actor, LogFilter(customer_id=found.pk))
    page = keyset_page(rows, order=ORDER, cursor=request.GET.get("cursor", ""), size=TIMELINE_SIZE)
    context = {"customer": found, "page": page, "at": clock.now()}
    return render(request, "worklogs/log_timeline.html", context)


@require_POST
def log_read(request: SignedInRequest, thread: int) -> HttpResponse:
    """The supervisor has read it, with a remark or without."""
    at = clock.now()
    form = RemarkForm(request.POST)
    if not form.is_valid():
        return _log_page(request, thread, at, form)
    read_log(thread_id=thread, remark=form.cleaned_data["remark"], actor=request.actor, at=at)
    if is_for_panel(request):
        return _log_page(request, thread, at)
    toast(request, _("已阅"))
    return HttpResponseRedirect(reverse("log", args=[thread]))


@require_POST
def log_undo(request: SignedInRequest, thread: int) -> HttpResponse:
    """Take back a log just saved."""
    withdrawn = withdraw_log(thread_id=thread, actor=request.actor, at=clock.now())
    toast(request, _("已撤销"), detail=withdrawn.customer.name)
    url = reverse("home")
    return JsonResponse({"url": url}) if wants_json(request) else HttpResponseRedirect(url)


@require_POST
def log_answer(request: SignedInRequest, thread: int) -> HttpResponse:
    """The customer has been answered now: a correction that says only that."""
    at = clock.now()
    log = log_for(request.actor, thread)
    entry = LogEntry(
        customer_id=log.customer_id,
        contact_id=log.contact_id,
        occurred_at=log.occurred_at,
        minutes=log.minutes,
        initiator=log.initiator,
        channel=log.channel,
        category=log.category,
        content=log.content,
        needs=log.needs,
        behaviour=log.behaviour,
        response=log.response,
        product=log.product,
        competitors=log.competitors,
        problems=log.problems,
        next_step=log.next_step,
        next_on=log.next_on,
        answered_at=at,
    )
    correct_log(
        thread_id=thread,
        entry=entry,
        reason=_("已答复客户"),
        expected_number=log.number,
        actor=request.actor,
        at=at,
    )
    toast(request, _("已答复"), detail=log.customer.name)
    return HttpResponseRedirect(page_under(request, reverse("home")))


urlpatterns = [
    path("logs/", logs, name="logs"),
    path("logs/export.xlsx", logs_export, name="logs-export"),
    path("logs/new/", log_entry.log_new, name="log-new"),
    path("logs/new/draft/", log_entry.log_draft, name="log-draft"),
    path("logs/new/customers/", log_entry.log_customers, name="log-customers"),
    path("logs/new/customer/", log_entry.log_customer, name="log-customer"),
    path("logs/of/<int:customer>/", log_timeline, name="log-timeline"),
    path("logs/<int:thread>/", log, name="log"),
    path("logs/<int:thread>/correct/", log_entry.log_correct, name="log-correct"),
    path("logs/<int:thread>/answer/", log_answer, name="log-answer"),
    path("logs/<int:thread>/undo/", log_undo, name="log-undo"),
    path("logs/<int:thread>/read/", log_read, name="log-read"),
]

"""To-dos in the browser: what is to be done by when, ticked off in place (P2.1)."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.actors import Actor
from core.chips import chip
from core.errors import NotFound, Refused
from core.exports import hand_out
from core.formats import hour, month_day, short_day
from core.lists import Column, RowLinks, keyset_page, work_table
from core.marked_days import filled
from core.pages import toast
from core.parts import AgendaItem, Segment
from core.periods import local_date
from core.requests import SignedInRequest
from duties.choices import ToDoState
from duties.due_queries import due_line, owed_items
from duties.models import ToDo
from duties.operations_to_dos import BY_HAND, drop_to_do, set_to_do, tick_to_do, untick_to_do
from duties.rules import DueItem
from duties.todo_queries import (
    closed_to_dos,
    counts_of,
    led_to_dos,
    open_to_dos,
    settable_owners,
)
from duties.todo_table import DONE, OTHERS, state_text, to_dos_workbook

OPEN: Final = ""
STATES: Final = {
    ToDoState.OPEN: "waiting",
    ToDoState.DONE: "done",
    ToDoState.DROPPED: "stopped",
}


class ToDoForm(forms.Form):
    """What somebody shall do, and by when."""

    owner = forms.TypedChoiceField(label=gettext_lazy("谁来办"), coerce=int)
    title = forms.CharField(label=gettext_lazy("办什么"), max_length=160)
    due_on = forms.DateField(
        label=gettext_lazy("期限"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"data-date": ""}),
    )
    about = forms.CharField(label=gettext_lazy("说明"), max_length=240, required=False)

    def offer(self, request: SignedInRequest, at: datetime) -> None:
        """The people that the reader may choose."""
        people = settable_owners(request.actor, at)
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            (one.pk, _("自己") if one.pk == request.actor.person_id else one.name) for one in people
        ]


def agenda_item(to_do: ToDo, at: datetime) -> AgendaItem:
    """A to-do as a line of a day; ticked off in place."""
    is_over = to_do.state == ToDoState.OPEN and to_do.due_at < at
    is_today = local_date(to_do.due_at) == local_date(at)
    about: list[str] = [to_do.about] if to_do.about else []
    if to_do.created_by is not None and to_do.created_by_id != to_do.owner_id:
        about.append(_("%(name)s布置") % {"name": to_do.created_by.name})
    if is_over:
        about.append(filled(_("期限 %(when)s"), when=month_day(to_do.due_at)))
    return AgendaItem(
        to_do.title,
        about,
        when=_("逾期") if is_over else hour(to_do.due_at) if is_today else month_day(to_do.due_at),
        state="overdue" if is_over else "",
        url="" if to_do.source_type == BY_HAND else to_do.url,
        tick_url=reverse("todo-tick", args=[to_do.pk]),
        is_done=to_do.state == ToDoState.DONE,
    )


def columns(at: datetime) -> Sequence[Column[ToDo]]:
    """The list of the others' to-dos, as they stand at a moment."""
    return (
        Column("what", gettext_lazy("待办"), lambda one: one.title),
        Column("owner", gettext_lazy("谁来办"), lambda one: one.owner.name),
        Column(
            "due",
            gettext_lazy("期限"),
            lambda one: one.due_at,
            lambda one: short_day(local_date(one.due_at)),
        ),
        Column(
            "state",
            gettext_lazy("状态"),
            lambda one: state_text(ToDoState(one.state), one.due_at, at),
            lambda one: chip(*_state(one, at)),
        ),
        Column(
            "by",
            gettext_lazy("布置人"),
            lambda one: one.created_by.name if one.created_by else "",
        ),
        Column("about", gettext_lazy("说明"), lambda one: one.about),
    )


def _state(to_do: ToDo, at: datetime) -> tuple[str, str]:
    """The chip of a to-do and its word; what is open past its time is overdue."""
    state = ToDoState(to_do.state)
    is_over = state == ToDoState.OPEN and to_do.due_at < at
    return "overdue" if is_over else STATES[state], state_text(state, to_do.due_at, at)


@require_safe
def todos(request: SignedInRequest) -> HttpResponse:
    """One's own to-dos, those done, and for who leads those of the others."""
    return _page(request, None)


def _page(request: SignedInRequest, form: ToDoForm | None, status: int = 200) -> HttpResponse:
    at = clock.now()
    actor = request.actor
    asked = request.GET.get("show", OPEN)
    view = asked if asked in (DONE, OTHERS) else OPEN
    if view == OTHERS and not actor.led_branches:
        raise NotFound
    own = open_to_dos(actor.somebody)
    owed = owed_items(actor.somebody, at)
    if form is None:
        form = ToDoForm(initial={"owner": actor.person_id, "due_on": local_date(at).isoformat()})
    form.offer(request, at)
    here = reverse("todos")
    views = [
        Segment(_("待办"), here, view == OPEN, len(own) + len(owed)),
        Segment(_("已办"), f"{here}?show={DONE}", view == DONE),
    ]
    if actor.led_branches:
        views.append(Segment(_("本分公司"), f"{here}?show={OTHERS}", view == OTHERS))
    context = {
        "title": _headline([*own, *owed], at),
        "views": views,
        "view": view,
        "export_url": reverse("todos-workbook") + (f"?show={view}" if view else ""),
        "agenda": _agenda(actor, view, own, owed, at),
        "form": form,
        "is_adding": form.is_bound or "new" in request.GET,
        "table": _others(request, at) if view == OTHERS else None,
    }
    return render(request, "duties/todos.html", context, status=status)


@require_safe
def todos_export(request: SignedInRequest) -> HttpResponse:
    """What the page lists as a workbook."""
    actor = request.actor
    made = to_dos_workbook(actor, clock.now(), show=request.GET.get("show", OPEN))
    branch_id = None if actor.branches is None else actor.branch_id
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=branch_id)


def _agenda(
    actor: Actor, view: str, own: list[ToDo], owed: list[DueItem], at: datetime
) -> list[AgendaItem]:
    """What is asked for: to-dos with what rules imply among them by deadline, or those done."""
    if view == DONE:
        return [agenda_item(one, at) for one in closed_to_dos(actor.somebody)]
    if view == OTHERS:
        return []
    lines = [(one.due_at, agenda_item(one, at)) for one in own]
    lines += [(one.due_at, due_line(one, at)) for one in owed]
    return [line for _due_at, line in sorted(lines, key=itemgetter(0))]


def _others(request: SignedInRequest, at: datetime) -> object:
    rows = led_to_dos(request.actor).filter(state=ToDoState.OPEN)
    page = keyset_page(rows, order=("due_at", "pk"), cursor=request.GET.get("cursor", ""))
    return work_table(
        request,
        page,
        columns(at),
        RowLinks(
            key=lambda one: one.pk,
            url=lambda one: "",
            action=lambda one: _drop_button(request, one),
        ),
        key="todos",
        caption=_("本分公司的待办"),
    )


def _drop_button(request: SignedInRequest, to_do: ToDo) -> str:
    if to_do.source_type != BY_HAND or to_do.created_by_id != request.actor.person_id:
        return ""
    return format_html(
        '<button class="btn btn-text" form="todo-drop" formaction="{}">{}</button>',
        reverse("todo-drop", args=[to_do.pk]),
        _("取消"),
    )


def _headline(own: Sequence[ToDo | DueItem], at: datetime) -> str:
    overdue, due = counts_of(own, at)
    if overdue:
        return _("%(n)d 件待办已逾期") % {"n": overdue}
    if due:
        return _("今天还有 %(n)d 件待办") % {"n": due}
    if own:
        return _("今天没有到期的待办")
    return _("没有待办")


@require_POST
def todo_new(request: SignedInRequest) -> HttpResponse:
    """Set something to do; what was typed stays when it cannot be."""
    at = clock.now()
    form = ToDoForm(request.POST)
    form.offer(request, at)
    if form.is_valid():
        given = form.cleaned_data
        try:
            to_do = set_to_do(
                owner_id=given["owner"],
                title=given["title"],
                about=given["about"],
                due_on=given["due_on"],
                actor=request.actor,
                at=at,
            )
        except Refused as refused:
            for problem in refused.problems:
                form.add_error(problem.field or None, str(problem.message))
        else:
            own = to_do.owner_id == request.actor.person_id
            toast(request, _("已记下待办") if own else _("已布置给%(n)s") % {"n": to_do.owner.name})
            return HttpResponseRedirect(reverse("todos") + ("" if own else f"?show={OTHERS}"))
    return _page(request, form, status=422)


@require_POST
def todo_tick(request: SignedInRequest, to_do_id: int) -> HttpResponse:
    """Tick it off and go back to where it was ticked."""
    at = clock.now()
    to_do = tick_to_do(to_do_id=to_do_id, actor=request.actor, at=at)
    toast(
        request, _("已办结"), detail=to_do.title, undo_url=reverse("todo-untick", args=[to_do_id])
    )
    return HttpResponseRedirect(_back(request))


@require_POST
def todo_untick(request: SignedInRequest, to_do_id: int) -> HttpResponse:
    """Undo of the tick."""
    untick_to_do(to_do_id=to_do_id, actor=request.actor, at=clock.now())
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"url": reverse("todos")})
    return HttpResponseRedirect(_back(request))


@require_POST
def todo_drop(request: SignedInRequest, to_do_id: int) -> HttpResponse:
    """Take it back."""
    dropped = drop_to_do(to_do_id=to_do_id, actor=request.actor, at=clock.now())
    toast(request, _("已取消待办"), detail=dropped.title)
    return HttpResponseRedirect(f"{reverse('todos')}?show={OTHERS}")


def _back(request: SignedInRequest) -> str:
    """The page of ours on which it was ticked, else the list."""
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return came_from if came_from and is_ours else reverse("todos")


urlpatterns = [
    path("todos/", todos, name="todos"),
    path("todos/workbook/", todos_export, name="todos-workbook"),
    path("todos/new/", todo_new, name="todo-new"),
    path("todos/<int:to_do_id>/tick/", todo_tick, name="todo-tick"),
    path("todos/<int:to_do_id>/untick/", todo_untick, name="todo-untick"),
    path("todos/<int:to_do_id>/drop/", todo_drop, name="todo-drop"),
]

"""A new case, step by step in one place: about whom, what, then what that item needs."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import clock
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.formats import month_name, signed
from core.forms import add_problems
from core.pages import toast
from core.panels import is_for_panel, page_under
from core.parts import Choice
from core.periods import Month, local_date
from core.requests import SignedInRequest, whole_number
from customers.models import Customer
from kpi import case_rules as rules
from kpi.case_forms import FileCaseForm
from kpi.case_rules import CaseFault, Kind
from kpi.labels import label_set_of, name_of
from kpi.models import Case
from kpi.operations.case_filing import AlreadyFiled
from kpi.operations.cases import file_case
from kpi.permissions import can_file_case, can_propose_bonus, files_cases, sees_complaints
from kpi.queries.cases import items_of, open_month, post_of, scheme_of_month
from kpi.scheme import Item, SchemeContent
from organization.choices import Role
from organization.models import Branch, Person
from organization.queries import branches_seen, holders_of

# A customer whom the manager gave away within this many months may still have been the event's.
_HELD_WITHIN_MONTHS = 12


@dataclass(frozen=True)
class Offered:
    """An item to choose: its address, what it is called, what it earns or costs."""

    url: str
    name: str
    about: str


@dataclass(frozen=True)
class About:
    """What has been chosen so far."""

    branch: Branch | None
    manager: Person | None
    item: Item | None


@require_http_methods(["GET", "HEAD", "POST"])
def case_new(request: SignedInRequest) -> HttpResponse:
    """About whom and what first, both in the address; then the form."""
    actor, at = request.actor, clock.now()
    if not files_cases(actor):
        raise NotAllowed(_("加减分由客户经理、主管、总经理和市场部申报。"))
    month = Month.containing(local_date(at))
    content = scheme_of_month(month, at)
    about = _about(request, content, at)
    context: dict[str, Any] = {
        "about": about,
        "is_panel": is_for_panel(request),
        "list_url": page_under(request, reverse("cases")),
        "has_scheme": content is not None,
        "month": month,
    }
    if content is None or about.manager is None or about.item is None:
        status = 422 if request.method == "POST" else 200
        context |= _steps(request, about, content, month, at)
        return render(request, "kpi/case_new.html", context, status=status)
    form = _form(request, about.manager, about.item, month, local_date(at))
    first: AlreadyFiled | None = None
    if request.method == "POST" and form.is_valid():
        try:
            case = _filed(form, about.manager, about.item, actor, at)
        except AlreadyFiled as already:
            first = already
            form.add_error(None, str(already.message))
        except Refused as refused:
            add_problems(form, refused)
        else:
            toast(request, _("已申报"), detail=case.number)
            return HttpResponseRedirect(reverse("case", args=[case.pk]))
    label_set = label_set_of(month)
    context |= {
        "form": form,
        "name": name_of(about.item.names, label_set),
        "note": name_of(about.item.note, label_set) if about.item.note else "",
        "source": name_of(about.item.source, label_set) if about.item.source else "",
        "options": _options(about.item, label_set, knows=form.knows_option),
        "first": first,
        "frozen_note": _frozen_note(form, at),
        "action": f"{reverse('case-new')}?manager={about.manager.pk}&item={about.item.code}",
        "back_url": f"{reverse('case-new')}?manager={about.manager.pk}",
    }
    return render(request, "kpi/case_new.html", context, status=422 if form.is_bound else 200)


def _filed(form: FileCaseForm, manager: Person, item: Item, actor: Actor, at: datetime) -> Case:
    return file_case(manager_id=manager.pk, item=item.code, actor=actor, at=at, **form.values())


def _about(request: SignedInRequest, content: SchemeContent | None, at: datetime) -> About:
    """What the address names; NotFound for what is out of reach."""
    actor = request.actor
    item = None
    if content is not None and (code := request.GET.get("item", "")):
        item = next((one for one in items_of(content) if one.code == code), None)
        if item is None:
            raise NotFound
    asked = request.GET.get("manager")
    if asked is not None:
        manager, branch = _manager(actor, whole_number(asked) or 0, at)
        return About(branch, manager, _allowed(actor, branch, item))
    chosen = _branch(actor, request.GET.get("branch"))
    if chosen is None and not (actor.reads_all or actor.led_branches):
        manager, branch = _manager(actor, actor.somebody, at)
        return About(branch, manager, _allowed(actor, branch, item))
    return About(chosen, None, item)


def _manager(actor: Actor, manager_id: int, at: datetime) -> tuple[Person, Branch]:
    """An account manager within the actor's reach, with the branch."""
    post = post_of(manager_id, at)
    if post is None or not (
        can_file_case(actor, post.branch_id) or can_propose_bonus(actor, manager_id)
    ):
        raise NotFound
    return post.person, post.branch


def _allowed(actor: Actor, branch: Branch, item: Item | None) -> Item | None:
    """A manager proposes a bonus alone; a justified complaint is filed from the complaint."""
    if item is None or rules.kind_of(item) == Kind.COMPLAINT:
        return None
    is_open = rules.is_bonus(item) or can_file_case(actor, branch.pk)
    return item if is_open else None


def _branch(actor: Actor, asked: str | None) -> Branch | None:
    """The branch that the address names, or the only one the actor leads."""
    branches = [one for one in branches_seen(actor) if can_file_case(actor, one.pk)]
    if asked is None:
        return branches[0] if len(branches) == 1 else None
    found = next((one for one in branches if one.pk == whole_number(asked)), None)
    if found is None:
        raise NotFound
    return found


# The steps before the form


def _steps(
    request: SignedInRequest,
    about: About,
    content: SchemeContent | None,
    month: Month,
    at: datetime,
) -> dict[str, Any]:
    """What there is to choose next: a branch, a manager, an item."""
    actor = request.actor
    url = reverse("case-new")
    if about.manager is not None and about.branch is not None:
        bonus, penalty = _offered(actor, about.manager, about.branch, content, month)
        return {
            "bonus": bonus,
            "penalty": penalty,
            "complaints_url": reverse("complaints") if sees_complaints(actor) else "",
            "back_url": f"{url}?branch={about.branch.pk}" if penalty else "",
        }
    if about.branch is not None:
        item = f"&item={about.item.code}" if about.item else ""
        people = holders_of([Role.MANAGER], local_date(at), about.branch.pk)
        return {"people": [(one, f"{url}?manager={one.pk}{item}") for one in people]}
    return {
        "branches": [
            (one, f"{url}?branch={one.pk}")
            for one in branches_seen(actor)
            if can_file_case(actor, one.pk)
        ]
    }


def _offered(
    actor: Actor, manager: Person, branch: Branch, content: SchemeContent | None, month: Month
) -> tuple[list[Offered], list[Offered]]:
    """The items that can be filed about a manager: bonuses, penalties."""
    label_set = label_set_of(month)
    bonus: list[Offered] = []
    penalty: list[Offered] = []
    for item in items_of(content) if content else []:
        if _allowed(actor, branch, item) is None:
            continue
        one = Offered(
            f"{reverse('case-new')}?manager={manager.pk}&item={item.code}",
            name_of(item.names, label_set),
            _span(item),
        )
        (bonus if rules.is_bonus(item) else penalty).append(one)
    return bonus, penalty


def _span(item: Item) -> str:
    """What an item earns or costs: "+2 到 +3 分"."""
    if rules.kind_of(item) == Kind.VETO:
        return _("一票否决")
    sizes = [
        rules.signed_size(item, option[name])
        for option in item.options
        for name in ("points", "least", "most")
        if option.get(name) is not None
    ]
    if not sizes:
        return ""
    low, high = min(sizes, key=abs), max(sizes, key=abs)
    if low == high:
        return _("%(n)s 分") % {"n": signed(low)}
    return _("%(low)s 到 %(high)s 分") % {"low": signed(low), "high": signed(high)}


# The form


def _form(
    request: SignedInRequest, manager: Person, item: Item, month: Month, today: date
) -> FileCaseForm:
    label_set = label_set_of(month)
    return FileCaseForm(
        request.POST or None if request.method == "POST" else None,
        request.FILES or None if request.method == "POST" else None,
        item=item,
        options=[
            (str(option["code"]), name_of(option["names"], label_set)) for option in item.options
        ],
        customers=customers_of(request.actor, manager.pk, today)
        if rules.kind_of(item) in rules.OF_CUSTOMERS
        else [],
        initial={"happened_on": today},
    )


def customers_of(actor: Actor, manager_id: int, on: date) -> list[Customer]:
    """The customers a manager looks after, or did within a year, by name; one query."""
    since = rules.months_after(on, -_HELD_WITHIN_MONTHS)
    held = Q(manager_id=manager_id) | Q(
        pk__in=Customer.objects.filter(
            assignments__manager_id=manager_id, assignments__valid_to__gt=since
        )
        .order_by()
        .values("pk")
    )
    return list(Customer.objects.visible_to(actor).filter(held))


def _options(item: Item, label_set: str, *, knows: bool) -> list[Choice]:
    """The options with their points, as they are chosen."""
    found = [Choice("", _("按系统记录"), _("等级、账单里有的就不用选"))] if knows else []
    for option in item.options:
        code = str(option["code"])
        found.append(Choice(code, name_of(option["names"], label_set), option_points(item, code)))
    return found


def option_points(item: Item, code: str) -> str:
    """What an option is worth: its points, its range, or the veto."""
    if rules.kind_of(item) == Kind.VETO:
        return _("一票否决")
    option = rules.option_in(item, code)
    if rules.is_range(item, code):
        least, most = (rules.signed_size(item, option[name]) for name in ("least", "most"))
        return _("%(low)s 到 %(high)s 分") % {"low": signed(least), "high": signed(most)}
    try:
        return _("%(n)s 分") % {"n": signed(rules.points_for(item, code))}
    except CaseFault:
        return ""


def _frozen_note(form: forms.Form, at: datetime) -> str:
    """Where the month it happened in is closed: in which month it will count."""
    on = getattr(form, "cleaned_data", {}).get("happened_on") if form.is_bound else None
    if on is None:
        return ""
    happened = Month.containing(on)
    counts_in = open_month(happened, at)
    if counts_in == happened:
        return ""
    return _("%(happened)s已定稿，会计入%(month)s。") % {
        "happened": month_name(happened),
        "month": month_name(counts_in),
    }


urlpatterns = [path("cases/new/", case_new, name="case-new")]

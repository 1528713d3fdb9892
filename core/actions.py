"""The frame of a page of a thing with a state, on which several things can be done.

Such a page shows where the thing stands, a small form for each thing its reader can do now, and
its way so far (``core.parts.Step``, the tag ``steps``). Its module holds four plain functions:

- the page itself, ``_page(request, thing, at, again=None)``: it collects the forms by name and
  gives its template ``action_context(request, forms, again, …)`` besides its own; the template
  shows each form with ``{% act forms.confirm url %}…{% endact %}``;
- ``_act(request, pk, name, form, said, act)``, which calls ``perform`` with the page and the query
  of this kind of thing;
- and a view for each action: it hands ``_act`` the form as posted and a lambda that calls the
  operation with what was given and with ``acting``.

Lists of such things take their parts from ``core.lists`` (``tallies_of``, ``own_address``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.forms import Form
from django.http import HttpResponse

from core.actors import Acting
from core.errors import Refused, Stale
from core.forms import add_problems, retake
from core.panels import is_for_panel, page_under
from core.requests import SignedInRequest

Thing = TypeVar("Thing")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Again:
    """Why a page is shown again: the form ``name``, as typed, did not come off.

    ``note`` stands above the page; ``status`` is 422 for what is wrong, 409 where somebody else
    was faster.
    """

    name: str
    form: Form
    note: str = ""
    status: int = 422


def perform(
    request: SignedInRequest,
    name: str,
    form: Form,
    act: Callable[[dict[str, Any], Acting], Result],
    *,
    at: datetime,
    find: Callable[[], Thing],
    show: Callable[[Thing, Again], HttpResponse],
    meanwhile: Callable[[Thing], str],
    done: Callable[[Result], HttpResponse],
) -> HttpResponse:
    """Do what a form asks; what is wrong stands beside its field, nothing typed is lost.

    ``act(given, acting)`` calls the operation with the form's values and with who acts when on
    which version. ``find`` reads the thing anew (NotFound for whom it does not exist), ``show``
    is the page with the form once more, ``meanwhile`` the sentence above it when somebody else
    has changed the thing: the form then bears the new version, so that sending it again is done
    knowingly. ``done`` answers what came off.
    """
    thing = find()
    if not form.is_valid():
        return show(thing, Again(name, form))
    version = form.cleaned_data.get("version", 0)
    try:
        result = act(
            form.cleaned_data, Acting(expected_version=version, actor=request.actor, at=at)
        )
    except Refused as refused:
        add_problems(form, refused)
        return show(find(), Again(name, form))
    except Stale as stale:
        retake(form, stale)
        now = find()
        return show(now, Again(name, form, meanwhile(now), 409))
    return done(result)


def action_context(
    request: SignedInRequest, forms: Mapping[str, Form], again: Again | None, *, list_url: str
) -> dict[str, Any]:
    """What the template of such a page is given besides its own.

    ``forms`` by name, the one that did not come off as it was typed (where it can still be done),
    the ``note`` above the page, whether the panel asks, and the list under it.
    """
    return {
        "forms": with_again(forms, again),
        "note": again.note if again else "",
        "is_panel": is_for_panel(request),
        "list_url": page_under(request, list_url),
    }


def with_again(forms: Mapping[str, Form], again: Again | None) -> dict[str, Form]:
    """The forms by name, the one that did not come off as it was typed where it still stands."""
    shown = dict(forms)
    if again is not None and again.name in shown:
        shown[again.name] = again.form
    return shown


def status_of(again: Again | None) -> int:
    """The status of the page: 200 unless it is shown again."""
    return again.status if again else 200

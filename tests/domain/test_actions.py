"""The common frame of pages on which several things can be done (core.actions)."""

from datetime import timedelta

import pytest
from django import forms
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory

from core.actions import Again, perform, with_again
from core.actors import Acting
from core.errors import Refused, Stale
from core.forms import Versioned
from core.lists import matching, own_address, tallies_of
from core.parts import Tally
from core.requests import SignedInRequest
from organization.models import Person
from tests.cast import NOON, Cast


class WordForm(Versioned):
    """A word, which the operation calls a name."""

    word = forms.CharField()

    def place_of(self, field: str) -> str:
        """The operation's name is our word."""
        return {"name": "word"}.get(field, field)


def asked(cast: Cast, address: str = "/") -> SignedInRequest:
    request: SignedInRequest = RequestFactory().get(address)  # type: ignore[assignment]
    request.actor = cast.actor("林晓岚")
    return request


def tried(cast: Cast, typed: dict[str, str], refusal: Exception | None = None) -> object:
    """What came of a form: who acted, or the page again."""

    def act(given: dict[str, str], acting: Acting) -> tuple[str, Acting]:
        if refusal is not None:
            raise refusal
        return given["word"], acting

    came: list[object] = []

    def show(thing: str, again: Again) -> HttpResponse:
        came.append((thing, again))
        return HttpResponse(status=again.status)

    def done(result: object) -> HttpResponse:
        came.append(result)
        return HttpResponse()

    perform(
        asked(cast),
        "say",
        WordForm(typed),
        act,
        at=NOON,
        find=lambda: "会议",
        show=show,
        meanwhile=lambda thing: f"{thing}已改",
        done=done,
    )
    return came[0]


def again_of(came: object) -> Again:
    assert isinstance(came, tuple)
    thing, again = came
    assert thing == "会议"
    assert isinstance(again, Again)
    return again


def test_what_comes_off_is_told_who_acts_when_on_which_version(cast: Cast) -> None:
    acting = {"expected_version": 3, "actor": cast.actor("林晓岚"), "at": NOON}
    assert tried(cast, {"version": "3", "word": "好"}) == ("好", acting)


def test_what_is_refused_stands_beside_its_field_as_typed(cast: Cast) -> None:
    again = again_of(tried(cast, {"version": "3", "word": "坏"}, Refused("太短", field="name")))
    assert (again.status, again.note) == (422, "")
    assert dict(again.form.errors) == {"word": ["太短"]}
    assert again.form["word"].value() == "坏"
    lacking = again_of(tried(cast, {"version": "3"}))
    assert (lacking.status, list(lacking.form.errors)) == (422, ["word"])


def test_where_somebody_was_faster_the_form_bears_the_new_version(cast: Cast) -> None:
    again = again_of(tried(cast, {"version": "3", "word": "好"}, Stale({"version": 4})))
    assert (again.status, again.note) == (409, "会议已改")
    assert (again.form["version"].value(), again.form["word"].value()) == ("4", "好")
    assert again.form.is_valid()
    fresh = WordForm()
    assert with_again({"say": fresh}, again) == {"say": again.form}
    assert with_again({"other": fresh}, again) == {"other": fresh}


def test_a_folded_form_stands_open_when_it_comes_back() -> None:
    page = Template('{% act form "/say/" fold="说" %}{% field form.word %}{% endact %}')
    first = page.render(Context({"form": WordForm(initial={"version": 3})}))
    assert '<details class="fold act-fold turns">' in first
    assert 'name="version" value="3"' in first
    back = page.render(Context({"form": WordForm({"version": "3"})}))
    assert '<details class="fold act-fold turns" open>' in back


@pytest.mark.parametrize(("seconds", "is_over"), [(-1, False), (0, False), (1, True)])
def test_what_is_awaited_is_overdue_after_its_second(seconds: int, is_over: bool) -> None:
    page = Template('{% awaited "确认" by now %}')
    shown = page.render(Context({"by": NOON, "now": NOON + timedelta(seconds=seconds)}))
    assert ("今天 12:00 已过" in shown, "data-deadline" in shown) == (is_over, not is_over)


def test_a_tally_filters_its_list_from_the_first_page_and_lifts_the_filter(cast: Cast) -> None:
    request = asked(cast, "/findings/?branch=2&state=late&cursor=x")
    kinds = (("late", "overdue", "逾期"), ("open", "running", "进行中"), ("none", "done", "没有"))
    assert tallies_of(request, {"late": 2, "open": 1, "none": 0}, kinds) == [
        Tally("overdue", 2, "?branch=2", "逾期", is_current=True),
        Tally("running", 1, "?branch=2&state=open", "进行中", is_current=False),
    ]
    assert own_address(request, cursor="y") == "?branch=2&state=late&cursor=y"


def test_every_word_must_be_found_by_one_of_the_lookups(cast: Cast) -> None:
    def names(words: str) -> list[str]:
        found = matching(
            Person.objects.all(), words, "search_text__contains", "job_number__icontains"
        )
        return [one.name for one in found]

    number = cast["林晓岚"].job_number
    assert names("LXL") == names(f"LinXiaoLan {number}") == ["林晓岚"]
    assert names(f"林晓岚 {cast['陈嘉怡'].job_number}") == []

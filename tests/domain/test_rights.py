"""The rights matrix (config/rights.py): every route, as everybody, on own and foreign things."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config.rights import METHODS, RIGHTS, ROLES, WITHOUT_RIGHTS, Reach, Right, reaches
from organization.models import Person
from tests.cast import make_cast
from tests.conftest import StoryClock
from tests.rights_bodies import BODIES
from tests.things import EVENING, VISITORS, World, make_world

# One id for every request, so that two answers can be compared byte for byte.
REQUEST_ID: Final = "0000-rights-matrix"
PLACES: Final = {
    "own": ("own",),
    "branch": ("own", "branch"),
    "others": ("branch", "foreign"),
    "all": ("own", "branch", "foreign"),
}


def routes() -> Iterator[tuple[str, str]]:
    """Name and pattern of every address there is."""

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            address = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, address)
            else:
                yield pattern.name or "", address

    return walk(get_resolver().url_patterns, "")


def test_every_route_stands_in_the_matrix_and_nothing_else() -> None:
    names = [name for name, _address in routes()]
    assert [address for name, address in routes() if not name] == []
    assert sorted(set(names) - set(RIGHTS) - WITHOUT_RIGHTS) == []
    assert sorted(set(RIGHTS) - set(names)) == []


def test_the_words_of_the_matrix_are_known() -> None:
    for right in RIGHTS.values():
        for words in right.methods().values():
            found = reaches(words)
            assert set(found) <= {*ROLES, "anybody"}
            assert {reach.how_far for reach in found.values()} <= set(PLACES)


@pytest.fixture(scope="module")
def whole_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The closed week, made once: every request is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world(make_cast())
        transaction.set_rollback(True)


@pytest.fixture
def world(whole_world: World, db: None, clock: StoryClock) -> World:
    """The week, closed; the clock stands behind it."""
    clock.moment = EVENING
    return whole_world


@dataclass(frozen=True)
class Visit:
    """One request of somebody to something."""

    role: str
    method: str
    place: str
    address: str


def ask(browser: Client, method: str, address: str, body: Any) -> Any:
    """One request with everything rolled back; a script's answers are JSON under /api/."""
    is_api = address.startswith("/api/")
    content = json.dumps(body).encode() if is_api else body
    more = {"content_type": "application/json"} if is_api or method in ("put", "patch") else {}
    client = Client(raise_request_exception=False)
    client.cookies = browser.cookies.copy()
    headers = {"X-Request-ID": REQUEST_ID, "If-Match": "*"}
    with transaction.atomic():
        answer = getattr(client, method)(
            address, **({} if method == "get" else {"data": content}), headers=headers, **more
        )
        answer.body = b"".join(answer) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer


def verdict(right: Right, reach: Reach | None, place: str) -> str:
    """What the matrix says: "through", "refused", "hidden" (404)."""
    if place == "missing":
        is_refused = right.asks_role_first and reach is None
        return "refused" if is_refused else "hidden"
    if reach is None:
        return "hidden" if right.thing and not right.asks_role_first else "refused"
    if place not in PLACES[reach.how_far]:
        return "refused" if reach.how_far == "others" else "hidden"
    return "refused" if reach.is_refused else "through"


def outcome(answer: Any) -> str:
    """What the answer says."""
    if answer.status_code in (403, 404):
        return {403: "refused", 404: "hidden"}[answer.status_code]
    is_sent_away = answer.status_code == 302 and answer["Location"].startswith("/sign-in/")
    if is_sent_away or answer.status_code in (401, 405) or answer.status_code >= 500:
        return f"{answer.status_code}"
    return "through"


@pytest.mark.parametrize("name", sorted(set(RIGHTS)))
def test_a_route_lets_through_whom_the_matrix_names(
    name: str, world: World, browser_of: Callable[[Person], Client]
) -> None:
    right = RIGHTS[name]
    wrong = []
    for role, person_name in VISITORS.items():
        visitor = world.cast[person_name]
        browser = browser_of(visitor)
        places = world.of(right.thing, visitor)
        for method, words in right.methods().items():
            hidden: dict[str, Any] = {}
            reach = reaches(words).get(role)
            for place, arguments in places.items():
                address = reverse(name, args=arguments)
                body = BODIES.get((name, method), lambda _cast, _visitor: {})(world.cast, visitor)
                answer = ask(browser, method, address, body)
                expected, found = verdict(right, reach, place), outcome(answer)
                if expected != found:
                    wrong.append((role, method, place, expected, found, answer.status_code))
                if found == "hidden":
                    hidden[place] = (answer.status_code, dict(answer.headers), answer.body)
            wrong += [
                (role, method, place, "not as if it did not exist")
                for place, told in hidden.items()
                if "missing" in hidden and told != hidden["missing"]
            ]
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("name", sorted(set(RIGHTS)))
def test_without_a_sign_in_only_what_is_open_answers(name: str, world: World) -> None:
    right = RIGHTS[name]
    wrong = []
    for method, words in right.methods().items():
        for arguments in world.of(right.thing, world.cast["林晓岚"]).values():
            answer = ask(Client(), method, reverse(name, args=arguments), {})
            expected = "through" if "anybody" in reaches(words) else ("302", "401")
            if outcome(answer) not in expected and outcome(answer) != expected:
                wrong.append((method, arguments, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("name", sorted(set(RIGHTS)))
def test_a_method_that_is_not_named_is_not_answered(
    name: str, world: World, browser_of: Callable[[Person], Client]
) -> None:
    right = RIGHTS[name]
    visitor = world.cast["韩静"]
    browser = browser_of(visitor)
    arguments = world.of(right.thing, visitor)["foreign"]
    others = [method for method in METHODS if method not in right.methods()]
    found = {
        method: ask(browser, method, reverse(name, args=arguments), {}).status_code
        for method in others
    }
    assert {method: status for method, status in found.items() if status != 405} == {}


@pytest.mark.parametrize("name", sorted(name for name in RIGHTS if name.startswith("api-")))
def test_a_reading_token_changes_nothing(name: str, world: World) -> None:
    from organization.operations.access import issue_token

    right = RIGHTS[name]
    cast = world.cast
    wrong = []
    for person in ("林晓岚", "周建平", "孙岚", "马骏", "宋琪"):
        _token, text = issue_token(
            name="x", scopes=["read"], days=1, actor=cast.actor(person), at=EVENING
        )
        for method in right.methods():
            arguments = next(iter(world.of(right.thing, cast[person]).values()))
            if method == "get":
                continue
            client = Client(headers={"Authorization": f"Bearer {text}"})
            with transaction.atomic():
                answer = getattr(client, method)(
                    reverse(name, args=arguments), data=b"{}", content_type="application/json"
                )
                transaction.set_rollback(True)
            if answer.status_code != 403:
                wrong.append((person, method, answer.status_code))
    assert wrong == []

"""The rights matrix (config/rights.py): every route, as everybody, on own and foreign things."""

import html
import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config.doors import DOORS
from config.rights import METHODS, RIGHTS, ROLES, WITHOUT_RIGHTS, Reach, Right, reaches
from organization.operations.access import issue_token
from tests.cast import make_cast
from tests.conftest import StoryClock
from tests.kept import begin_with
from tests.rights_bodies import body_of
from tests.things import EVENING, VISITORS, World, make_world

# One id for every request, so that two answers can be compared byte for byte.
REQUEST_ID: Final = "0000-rights-matrix"
# Writes that a token for reading may do.
READING_IS_ENOUGH: Final = frozenset({"api-score-what-if", "api-scheme-check"})
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
def whole_world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The closed week, made once: every request is rolled back."""
    folder = override_settings(FILES_DIR=tmp_path_factory.mktemp("files"))
    with django_db_blocker.unblock():
        begin_with(())
        with transaction.atomic(), folder:
            yield make_world(make_cast())
            transaction.set_rollback(True)


@pytest.fixture
def world(whole_world: World, db: None, clock: StoryClock) -> World:
    """The week, closed; the clock stands behind it."""
    clock.moment = EVENING
    return whole_world


def address_of(name: str, arguments: tuple[Any, ...]) -> str:
    """The address; a dict at the end of the arguments is its query."""
    if arguments and isinstance(arguments[-1], dict):
        return f"{reverse(name, args=arguments[:-1])}?{urlencode(arguments[-1])}"
    return reverse(name, args=arguments)


def ask(browser: Client, method: str, address: str, body: Any = None) -> Any:
    """One request with everything rolled back: forms to pages, JSON to the API and to PATCH."""
    browser.raise_request_exception = False
    cookies: Any = browser.cookies.copy()
    given: dict[str, Any] = {"headers": {"X-Request-ID": REQUEST_ID, "If-Match": "*"}}
    if method != "get":
        is_form = method == "post" and not address.startswith("/api/")
        if is_form or "file" in (body or {}):
            given["data"] = body or {}
        else:
            given |= {"data": json.dumps(body or {}), "content_type": "application/json"}
    with transaction.atomic():
        answer = getattr(browser, method)(address, **given)
        browser.cookies = cookies
        answer.actor = getattr(answer.wsgi_request, "actor", None)
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
    """What the answer says; a redirect to the sign-in with a way back is "302"."""
    status = answer.status_code
    if status in (403, 404):
        return {403: "refused", 404: "hidden"}[status]
    is_sent_away = status == 302 and answer["Location"].startswith("/sign-in/?next=")
    is_sent_away |= status == 302 and answer["Location"] == "/sign-in/" and not answer.actor
    return str(status) if is_sent_away or status in (401, 405) or status >= 500 else "through"


@pytest.mark.parametrize("name", sorted(set(RIGHTS)))
def test_a_route_lets_through_whom_the_matrix_names(name: str, world: World) -> None:
    right = RIGHTS[name]
    wrong: list[tuple[Any, ...]] = []
    for role, person_name in VISITORS.items():
        visitor, browser = world.cast[person_name], world.browsers[person_name]
        for method, words in right.methods().items():
            hidden: dict[str, Any] = {}
            reach = reaches(words).get(role)
            for place, arguments in world.of(right.thing, visitor).items():
                body = body_of(name, method, world.cast, visitor, arguments)
                answer = ask(browser, method, address_of(name, arguments), body)
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
    nobody = Client()
    for method, words in right.methods().items():
        for arguments in world.of(right.thing, world.cast["林晓岚"]).values():
            found = outcome(ask(nobody, method, address_of(name, arguments)))
            expected = "401" if name.startswith("api-") else "302"
            if found != ("through" if "anybody" in reaches(words) else expected):
                wrong.append((method, arguments, found))
    assert wrong == []


@pytest.mark.parametrize("name", sorted(set(RIGHTS)))
def test_a_method_that_is_not_named_is_not_answered(name: str, world: World) -> None:
    right = RIGHTS[name]
    visitor, browser = world.cast["韩静"], world.browsers["韩静"]
    address = address_of(name, world.of(right.thing, visitor)["foreign"])
    others = [method for method in METHODS if method not in right.methods()]
    found = {method: ask(browser, method, address).status_code for method in others}
    assert {method: status for method, status in found.items() if status != 405} == {}


READING = ("林晓岚", "周建平", "马骏")


@pytest.mark.parametrize("name", sorted(name for name in RIGHTS if name.startswith("api-")))
def test_a_reading_token_changes_nothing(name: str, world: World) -> None:
    right = RIGHTS[name]
    wrong = []
    for person in READING:
        actor = world.cast.actor(person, on=EVENING)
        _token, text = issue_token(name="x", scopes=["read"], days=1, actor=actor, at=EVENING)
        arguments = next(iter(world.of(right.thing, world.cast[person]).values()))
        client = Client(headers={"Authorization": f"Bearer {text}"})
        for method in right.methods():
            if method != "get" and name not in READING_IS_ENOUGH:
                answer = getattr(client, method)(
                    address_of(name, arguments), data=b"{}", content_type="application/json"
                )
                wrong += [(person, method, answer.status_code)] * (answer.status_code != 403)
    assert wrong == []


# What only 城西分公司 has: its customers, their contacts, its people.
FOREIGN = ("西岭水泥", "唐晓", "石磊", "吴志远", "郑秋实", "城西")
CUSTOMERS = ("西岭水泥", "东方纺织", "城东人民医院", "明珠酒店", "华立机械", "黄建国", "刘美玲")
SEARCHES: tuple[dict[str, str], ...] = (
    {},
    {"q": "xi"},
    {"q": "wuzhiyuan"},
    {"q": "G0005"},
    {"limit": "200"},
)
LISTS = sorted(name for name, right in RIGHTS.items() if right.get and not right.thing)


def readable(body: bytes) -> str:
    """What an answer says: JSON with its escapes, a workbook by its sheets, else as it is."""
    if body.startswith(b"PK"):
        with ZipFile(BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    text = html.unescape(body.decode(errors="replace"))
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("roles", "secrets"),
    [
        (("manager", "supervisor", "gm"), FOREIGN),
        (("confidentiality", "sysadmin", "secadmin", "auditor"), CUSTOMERS),
    ],
    ids=["another branch", "customers"],
)
def test_no_list_and_no_search_tells_what_is_not_for_the_reader(
    name: str, roles: tuple[str, ...], secrets: tuple[str, ...], world: World
) -> None:
    told = []
    for role in roles:
        if role == "auditor" and "audit" in name:
            continue  # the trail names what was changed; that is the auditor's to read
        for query in SEARCHES:
            address = f"{reverse(name)}?{urlencode(query)}"
            text = readable(ask(world.browsers[VISITORS[role]], "get", address).body)
            told += [(role, query, secret) for secret in secrets if secret in text]
    assert told == []


def test_whoever_may_is_told(world: World) -> None:
    for name in ("api-customers", "customers", "customers-export"):
        body = ask(world.browsers["韩静"], "get", f"{reverse(name)}?q=xiling").body
        assert "西岭水泥" in readable(body)


def test_both_doors_of_an_operation_let_the_same_people_through() -> None:
    """Where page and API hold the same kind of thing, a write reaches as far by either."""

    def writes(route: str) -> dict[str, Reach]:
        methods = RIGHTS[route].methods().items()
        return {
            who: reach
            for method, words in methods
            if method != "get"
            for who, reach in reaches(words).items()
        }

    same = [
        (page, api)
        for page, api in DOORS.values()
        if RIGHTS[page].thing
        and RIGHTS[page].thing == RIGHTS[api].thing
        and not RIGHTS[page].asks_role_first
    ]
    assert [pair for pair in same if writes(pair[0]) != writes(pair[1])] == []
    assert ("summary-submit", "api-summary-submit") in same

"""Every address at once: another branch's thing is like none, and lists cost what they cost."""

from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.api.description import description
from tests.api.conftest import ApiOf
from tests.api.story import NOW, play
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.many import (
    imports,
    issues,
    logs,
    notices,
    past_of_a_customer,
    sessions_and_tokens,
    settings,
    to_dos,
    weeks_filed,
)

# Names no thing of a branch: the same for everybody, or one's own.
OPEN = ("calendar", "check-items", "drafts")
NOBODYS = 987_654_321


@pytest.fixture
def rows(cast: Cast, clock: StoryClock) -> dict[str, Any]:
    """The story's things, by the first word of their address."""
    clock.moment = NOW
    return play(cast)


def read_addresses() -> list[str]:
    """Every address that can be read."""
    return sorted(path for path, methods in description()["paths"].items() if "get" in methods)


def filled(path: str, rows: dict[str, Any], **other: Any) -> str:
    """The address with the story's values, some of them replaced."""
    first = path.removeprefix("/api/v1/").split("/")[0]
    values = {**rows, "id": rows.get(first, NOBODYS), **other}
    return path.removeprefix("/api/v1/").format(**values)


# What of an address is a thing of a branch; the rest (week, number, figure) is no secret.
THINGS = ("id", "customer_id", "person_id", "thread_id", "manager_id", "branch_id", "run_id")


def test_another_branchs_thing_is_like_none(api_of: ApiOf, rows: dict[str, Any]) -> None:
    """The west's supervisor asks for the east's things, and for things that are not there."""
    client = api_of("郑秋实")
    same = {"X_Request_ID": "00000000-story", "Accept": "*/*"}
    seen = []
    for path in read_addresses():
        things = [name for name in THINGS if f"{{{name}}}" in path]
        if not things or path.split("/")[3] in OPEN:
            continue
        foreign = client.get(filled(path, rows), **same)
        none = client.get(filled(path, rows, **dict.fromkeys(things, NOBODYS)), **same)
        assert foreign.status_code in (403, 404), path
        assert (foreign.status_code, foreign.content) == (none.status_code, none.content), path
        seen.append(path)
    assert len(seen) > 25


MADE = (
    imports,
    issues,
    logs,
    notices,
    past_of_a_customer,
    sessions_and_tokens,
    settings,
    to_dos,
    weeks_filed,
)
# Between them they may read every list.
READERS = ("韩静", "周建平", "林晓岚", "许衡")
# Lists of which one row and all rows are compared; of other things the story has but one.
WITH_MANY_ROWS = {
    "audit",
    "branches",
    "consolidations",
    "customers",
    "customers/{customer_id}/assignments",
    "customers/{customer_id}/contacts",
    "customers/{customer_id}/tiers",
    "duty-periods",
    "files",
    "imports",
    "logs",
    "notices",
    "people",
    "roles",
    "rollups",
    "sessions",
    "settings",
    "summaries",
    "tokens",
    "todos",
}
# What belongs to one thing of which the story has none.
NOT_IN_THE_STORY = {
    "/api/v1/bulletins/{id}/comments/",
    "/api/v1/bulletins/{id}/receipts/",
    "/api/v1/documents/{id}/readers/",
    "/api/v1/meetings/{id}/minutes/versions/",
    "/api/v1/meetings/{id}/scans/",
    "/api/v1/scores/{month}/{manager_id}/versions/",
}


def test_every_list_costs_the_same_for_one_row_and_for_fifty(
    api_of: ApiOf, cast: Cast, rows: dict[str, Any]
) -> None:
    for make in MADE:
        make(cast, range(1, 3))
    clients = {name: api_of(name) for name in READERS}
    for client in clients.values():
        client.get("me/")  # a token's first request begins its count of requests
    lists = [
        path
        for path in read_addresses()
        if "limit" in [one["name"] for one in description()["paths"][path]["get"]["parameters"]]
    ]
    unread, many_rows = set(lists), set()
    for path, (name, client) in product(lists, clients.items()):
        address = filled(path, rows)
        with CaptureQueriesContext(connection) as one:
            answer = client.get(f"{address}?limit=1")
        if answer.status_code != 200:
            continue
        unread.discard(path)
        if answer.json()["next"]:
            many_rows.add(path)
            with CaptureQueriesContext(connection) as many:
                client.get(f"{address}?limit=50")
            assert len(one) == len(many), (path, name)
    assert unread == NOT_IN_THE_STORY
    assert {path.removeprefix("/api/v1/").removesuffix("/") for path in many_rows} >= WITH_MANY_ROWS

"""Every address at once: another branch's thing is like none, and lists cost what they cost."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.api.description import description
from tests.api.conftest import ApiOf
from tests.api.story import NOW, play
from tests.cast import Cast
from tests.conftest import StoryClock

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


def test_every_list_costs_the_same_for_one_row_and_for_fifty(
    api_of: ApiOf, cast: Cast, rows: dict[str, Any]
) -> None:
    """For the market department, which sees most."""
    client = api_of("韩静")
    lists = [
        path
        for path in read_addresses()
        if "limit" in [one["name"] for one in description()["paths"][path]["get"]["parameters"]]
    ]
    assert len(lists) > 20
    for path in lists:
        address = filled(path, rows)
        if client.get(f"{address}?limit=1").status_code != 200:
            continue
        with CaptureQueriesContext(connection) as one:
            client.get(f"{address}?limit=1")
        with CaptureQueriesContext(connection) as many:
            client.get(f"{address}?limit=50")
        assert len(one) == len(many), path

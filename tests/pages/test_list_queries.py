"""A list's page costs the same number of queries for one row as for fifty."""

from collections.abc import Callable
from typing import Final

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organization.models import Person
from tests.cast import Cast
from tests.many import (
    MANY,
    Make,
    imports,
    issues,
    notices,
    sessions_and_tokens,
    to_dos,
    weeks_filed,
)

# Address, reader, how rows are made, what stands on the page as often as there are rows.
LISTS: Final[tuple[tuple[str, str, Make, str], ...]] = (
    ("/weeks/", "林晓岚", weeks_filed, "<tr"),
    ("/weeks/", "周建平", weeks_filed, "<tr"),
    ("/weeks/", "韩静", weeks_filed, "<tr"),
    ("/notices/", "林晓岚", notices, "提醒"),
    ("/notices/?show=all", "林晓岚", notices, "提醒"),
    ("/import/", "周建平", imports, ".csv"),
    ("/me/", "林晓岚", sessions_and_tokens, "报表"),
    ("/company/archive/", "孙岚", issues, "QS-"),
    ("/todos/", "林晓岚", to_dos, "事"),
    ("/todos/?show=done", "林晓岚", to_dos, "事"),
    ("/todos/?show=others", "周建平", to_dos, "事"),
)


@pytest.mark.parametrize(("address", "who", "make", "mark"), LISTS, ids=[one[0] for one in LISTS])
def test_a_list_costs_the_same_for_one_row_and_fifty(
    cast: Cast,
    browser_of: Callable[[Person], Client],
    address: str,
    who: str,
    make: Make,
    mark: str,
) -> None:
    browser = browser_of(cast[who])

    def asked() -> tuple[int, int]:
        """How many queries, and how many rows."""
        with CaptureQueriesContext(connection) as queries:
            page = browser.get(address)
        assert page.status_code == 200
        return len(queries), page.content.decode().count(mark)

    make(cast, range(1))
    asked()
    few, one = asked()
    make(cast, range(1, MANY))
    many, fifty = asked()
    assert few == many
    assert fifty >= MANY > one

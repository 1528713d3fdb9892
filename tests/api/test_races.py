"""Two at once: what a key prevents, with a control that shows what happens without it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from organization.operations.access import issue_token
from tests.api.conftest import Api
from tests.api.test_logs import a_log
from tests.cast import make_cast
from tests.conftest import StoryClock
from worklogs.models import ServiceLog


def at_once(token: str, **headers: str) -> list[Any]:
    """The same log from two threads that wait for each other."""
    barrier = Barrier(2)

    def press(_number: int) -> Any:
        try:
            barrier.wait(timeout=10)
            return Api(token).post("logs/", a_log(), **headers)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(press, range(2)))


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_the_same_key_twice_at_once_writes_once(clock: StoryClock) -> None:
    cast = make_cast()
    _token, text = issue_token(
        name="x", scopes=["write"], days=1, actor=cast.actor("林晓岚"), at=clock.moment
    )
    keyed = at_once(text, Idempotency_Key="one")
    assert sorted(one.status_code for one in keyed) in ([201, 201], [201, 409])
    assert ServiceLog.objects.count() == 1
    assert Api(text).post("logs/", a_log(), Idempotency_Key="one").status_code == 201
    assert ServiceLog.objects.count() == 1
    assert [one.status_code for one in at_once(text)] == [201, 201]
    assert ServiceLog.objects.count() == 3

"""Rate limits and failures are counted one by one, however many come at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.test import Client, RequestFactory

from core.api.throttles import used_up
from core.counting import CountingCache, counted
from organization import sign_in
from tests.cast import NOON, make_cast

pytestmark = pytest.mark.usefixtures("forgetful")
THREADS = 8
EACH = 5


@pytest.fixture
def forgetful(db: None) -> Iterator[None]:
    """Counts are no model's rows: what was committed is not emptied by itself."""
    cache.clear()
    yield
    cache.clear()


def at_once(task: Any) -> None:
    """Everybody does it EACH times, beginning together."""
    start = threading.Barrier(THREADS)

    def run() -> None:
        try:
            start.wait(timeout=10)
            for _turn in range(EACH):
                task()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_forty_requests_at_once_are_forty() -> None:
    at_once(lambda: used_up("token:1", 600, NOON))
    assert used_up("token:1", 600, NOON).used == THREADS * EACH + 1


@pytest.mark.django_db(transaction=True)
def test_forty_failures_at_once_are_forty() -> None:
    request = RequestFactory().post("/sign-in/", REMOTE_ADDR="192.0.2.9")
    at_once(lambda: sign_in._count_failure(request, "200004"))
    keys = sign_in._failure_keys(request, "200004")
    assert [cache.get(key) for key in keys] == [THREADS * EACH] * 2


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_control_the_frames_own_counting_loses_some(monkeypatch: pytest.MonkeyPatch) -> None:
    both_have_read = threading.Barrier(2)
    real = DatabaseCache.get

    def slow(self: Any, key: str, default: Any = None, version: int | None = None) -> Any:
        found = real(self, key, default, version)
        both_have_read.wait(timeout=10)
        return found

    cache.add("x", 1, timeout=60)
    monkeypatch.setattr(CountingCache, "incr", DatabaseCache.incr)
    monkeypatch.setattr(CountingCache, "get", slow)

    def press() -> None:
        cache.incr("x")
        connection.close()

    threads = [threading.Thread(target=press) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    monkeypatch.undo()
    assert cache.get("x") == 2


@pytest.mark.django_db
def test_counting_leaves_the_end_where_it_was() -> None:
    def ends() -> datetime:
        with connection.cursor() as cursor:
            cursor.execute("SELECT expires FROM core_cache WHERE cache_key LIKE '%:y'")
            return datetime.fromisoformat(str(cursor.fetchone()[0]))

    assert counted("y", 1800) == 1
    before = ends()
    assert (counted("y", 60), counted("y", 60)) == (2, 3)
    assert ends() == before


@pytest.mark.django_db
def test_what_was_never_counted_is_not_raised() -> None:
    with pytest.raises(ValueError, match="z"):
        cache.incr("z")


@pytest.mark.parametrize(
    "backend",
    [
        {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        {"BACKEND": "core.counting.CountingCache", "LOCATION": "core_cache"},
    ],
)
@pytest.mark.django_db
def test_it_counts_in_any_cache(settings: Any, backend: dict[str, str]) -> None:
    settings.CACHES = {"default": backend}
    assert [counted("w", 60) for _turn in range(3)] == [1, 2, 3]


@pytest.mark.pg
@pytest.mark.django_db
def test_it_counts_in_redis(settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": settings.REDIS_URL,
        }
    }
    cache.delete("w")
    assert [counted("w", 60) for _turn in range(3)] == [1, 2, 3]
    cache.delete("w")


@pytest.mark.django_db(transaction=True)
def test_of_ten_requests_at_once_only_as_many_as_are_allowed_get_through(
    settings: Any, clock: Any
) -> None:
    from organization.operations.access import issue_token

    settings.API_REQUESTS_A_MINUTE = 10
    cast = make_cast()
    _token, text = issue_token(
        name="x", scopes=["read"], days=1, actor=cast.actor("林晓岚"), at=NOON
    )
    answers: list[int] = []

    def ask() -> None:
        answer = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {text}"})
        answers.append(answer.status_code)

    at_once(ask)
    assert set(answers) == {200, 429}
    assert (answers.count(200), answers.count(429)) == (10, THREADS * EACH - 10)

"""How the API answers, whatever the resource: told with customers."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from core.models import AuditRow, IdempotencyKey
from customers.models import Customer
from tests.api.conftest import Api, ApiOf
from tests.cast import Cast
from tests.conftest import StoryClock

TEXTILE = "东方纺织集团"


def pointers(problem: dict) -> list[str]:
    return [error["pointer"] for error in problem["errors"]]


# Problems


def test_without_a_token_401_says_how(cast: Cast) -> None:
    answer = Api().get("customers/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json() == {
        "type": "urn:bihuan:problem:unauthenticated",
        "title": "未认证",
        "status": 401,
        "detail": "请带上有效的令牌：Authorization: Bearer …",
        "instance": answer["X-Request-ID"],
        "errors": [],
    }


def test_problems_speak_the_language_asked_for(api_of: ApiOf) -> None:
    assert api_of("林晓岚").get("customers/0/").json()["title"] == "没有找到"
    assert api_of("林晓岚", language="en").get("customers/0/").json()["title"] == "Not found"


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/customers", "/api/", "/api/v2/x/"])
def test_unknown_addresses_are_problems_too(api_of: ApiOf, path: str) -> None:
    client = api_of("林晓岚")
    answer = client.client.get(path, headers=client.headers)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_method_format_and_type(api_of: ApiOf) -> None:
    client = api_of("林晓岚")
    assert client.ask("DELETE", "customers/").status_code == 405
    assert client.get("customers/", Accept="text/csv").status_code == 406
    one = client.get("customers/").json()["items"][0]["id"]
    answer = client.ask(
        "PATCH", f"customers/{one}/", "a=1", If_Match="*", Content_Type="text/plain"
    )
    assert answer.status_code == 415


@pytest.mark.parametrize("body", ["{", '{"note": "a\\u0000"}', '{"note": "\\ud800"}', "[" * 5000])
def test_what_is_no_json_is_malformed(api_of: ApiOf, cast: Cast, body: str) -> None:
    client = api_of("林晓岚")
    answer = client.patch(f"customers/{cast.customer(TEXTILE).pk}/", body, If_Match='"1.a"')
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:bihuan:problem:malformed")


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100)
def test_a_body_beyond_the_limit_is_not_read(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("林晓岚")
    path = f"customers/{cast.customer(TEXTILE).pk}/"
    assert client.patch(path, {"note": "一" * 9}, If_Match="*").status_code == 200
    answer = client.patch(path, {"note": "一" * 90}, If_Match="*")
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:bihuan:problem:too-large")


def test_other_methods_are_not_known(api_of: ApiOf) -> None:
    for method in ("OPTIONS", "TRACE", "PUT"):
        answer = api_of("林晓岚").ask(method, "customers/")
        assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert api_of("林晓岚").ask("HEAD", "customers/").status_code == 200


def test_unknown_and_read_only_fields_are_refused(api_of: ApiOf, cast: Cast) -> None:
    textile = cast.customer(TEXTILE)
    answer = api_of("林晓岚").patch(
        f"customers/{textile.pk}/",
        {"note": "好", "code": "X", "colour": "red", "monthly_revenue": "a lot"},
        If_Match='"1.a"',
    )
    assert answer.status_code == 422
    assert sorted(pointers(answer.json())) == ["/code", "/colour", "/monthly_revenue"]
    textile.refresh_from_db()
    assert (textile.note, textile.version) == ("", 1)


def test_a_fault_shows_nothing_of_itself(api_of: ApiOf, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("SELECT secret FROM somewhere")

    monkeypatch.setattr("customers.api.CustomerList.queryset_for", broken)
    answer = api_of("林晓岚").get("customers/")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:bihuan:problem:fault")
    assert "secret" not in answer.content.decode()


def test_a_foreign_customer_is_like_none(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("周建平")
    same = {"X_Request_ID": "00000000-story"}
    foreign = client.get(f"customers/{cast.customer('西岭水泥').pk}/", **same)
    none = client.get("customers/99999999/", **same)
    assert (foreign.status_code, foreign.content) == (404, none.content)


# Scopes and limits


def test_a_reading_token_does_not_write(api_of: ApiOf, cast: Cast) -> None:
    path = f"customers/{cast.customer(TEXTILE).pk}/"
    client = api_of("林晓岚", "read")
    assert client.get(path).status_code == 200
    answer = client.patch(path, {"note": "好"}, If_Match='"1.a"')
    assert (answer.status_code, answer.json()["detail"]) == (403, "这个令牌没有 write 权限。")


def test_a_token_narrowed_to_a_branch_sees_that_branch(api_of: ApiOf, cast: Cast) -> None:
    wide, narrow = api_of("韩静"), api_of("韩静", branch_ids=[cast.west.pk])
    assert len(wide.get("customers/").json()["items"]) == 8
    assert {one["branch"]["name"] for one in narrow.get("customers/").json()["items"]} == {
        "城西分公司"
    }


@override_settings(API_REQUESTS_A_MINUTE=2)
def test_the_third_request_of_a_minute_waits(api_of: ApiOf, clock: StoryClock) -> None:
    clock.set("2026-11-27 12:00:40")
    client = api_of("林晓岚")
    first, second, third = (client.get("customers/") for _ in range(3))
    assert [first[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")] == [
        "2",
        "1",
        "20",
    ]
    assert (second.status_code, second["RateLimit-Remaining"]) == (200, "0")
    assert (third.status_code, third["Retry-After"]) == (429, "20")
    assert third.json()["type"] == "urn:bihuan:problem:too-many-requests"
    clock.set("2026-11-27 12:01:00")
    assert client.get("customers/").status_code == 200


# Tags


def test_the_tag_is_version_and_hash_of_the_bytes(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("林晓岚")
    path = f"customers/{cast.customer(TEXTILE).pk}/"
    answer = client.get(path)
    assert answer["ETag"] == f'"1.{hashlib.sha256(answer.content).hexdigest()[:16]}"'
    for tag in (answer["ETag"], f"W/{answer['ETag']}", f'"x", {answer["ETag"]}'):
        again = client.get(path, If_None_Match=tag)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
    assert client.get(path, If_None_Match='"1.0"').status_code == 200


def test_a_change_needs_the_version_and_nothing_but_it(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("林晓岚")
    path = f"customers/{cast.customer(TEXTILE).pk}/"
    without = client.patch(path, {"note": "一"})
    assert (without.status_code, without.json()["type"]) == (
        428,
        "urn:bihuan:problem:precondition-required",
    )
    changed = client.patch(path, {"note": "一"}, If_Match='W/"1.other-bytes"')
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = client.patch(path, {"note": "二"}, If_Match='"1.other-bytes"')
    assert stale.status_code == 412
    assert stale.json()["current"] == client.get(path).json()
    assert client.patch(path, {"note": "二"}, If_Match='"nonsense"').status_code == 412
    assert client.patch(path, {"note": "二"}, If_Match="nonsense").status_code == 422
    several = client.patch(path, {"note": "二"}, If_Match='"1.a", "2.b"')
    assert (several.status_code, several.json()["note"]) == (200, "二")


# Lists


def test_pages_follow_each_other_without_gap(api_of: ApiOf) -> None:
    client = api_of("韩静")
    whole = [one["id"] for one in client.get("customers/?limit=200").json()["items"]]
    paged, path = [], "customers/?limit=3"
    while path:
        answer = client.get(path)
        page = answer.json()
        paged += [one["id"] for one in page["items"]]
        path = (page["next"] or "").removeprefix("http://testserver/api/v1/")
        assert ("Link" in answer) == bool(page["next"])
    assert paged == whole
    assert len(whole) == 8


def test_a_new_row_does_not_shift_the_next_page(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("韩静")
    first = client.get("customers/?limit=4").json()
    seen = {one["id"] for one in first["items"]}
    row = cast.customer(TEXTILE)
    row.pk, row.code, row.sort_key = None, "G9999", ""
    row.save(force_insert=True)
    second = client.get(first["next"].removeprefix("http://testserver/api/v1/")).json()
    assert seen.isdisjoint(one["id"] for one in second["items"])
    assert len(second["items"]) == 4


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("cursor=abc", "cursor"),
        ("cursor=WyJ4IiwieSJd", "cursor"),
        ("updated_since=yesterday", "updated_since"),
        ("updated_since=2026-11-27T17:30:00", "updated_since"),
        ("fields=id,password", "fields"),
        ("colour=red", "colour"),
        ("kind=other", "kind"),
        ("q=%00", "q"),
        ("manager=1.5", "manager"),
        ("manager=99999999999999999999", "manager"),
    ],
)
def test_a_parameter_that_is_not_understood_is_refused(
    api_of: ApiOf, query: str, parameter: str
) -> None:
    answer = api_of("林晓岚").get(f"customers/?{query}")
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


def test_filters_fields_and_what_changed_since(
    api_of: ApiOf, cast: Cast, clock: StoryClock
) -> None:
    client = api_of("林晓岚")
    found = client.get("customers/?q=dffz&fields=id,name").json()
    assert found == {
        "items": [{"id": cast.customer(TEXTILE).pk, "name": TEXTILE}],
        "next": None,
    }
    client.patch(f"customers/{cast.customer(TEXTILE).pk}/", {"note": "好"}, If_Match="*")
    since = clock.moment.isoformat().replace("+", "%2B")
    changed = client.get(f"customers/?updated_since={since}&fields=name").json()["items"]
    assert changed == [{"name": TEXTILE}]
    clock.advance(seconds=1)
    later = clock.moment.isoformat().replace("+", "%2B")
    assert client.get(f"customers/?updated_since={later}").json()["items"] == []


def test_a_list_costs_the_same_for_one_row_and_for_many(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("韩静")
    client.get("customers/?limit=1")
    with CaptureQueriesContext(connection) as one:
        client.get("customers/?limit=1")
    with CaptureQueriesContext(connection) as many:
        client.get("customers/?limit=50")
    assert len(one) == len(many)


# Repeats


def assigned(client: Api, cast: Cast, key: str, manager: str = "陈嘉怡", reason: str = "") -> Any:
    return client.post(
        f"customers/{cast.customer(TEXTILE).pk}/assign/",
        {"manager": cast[manager].pk, "valid_from": "2026-11-27", "reason": reason},
        If_Match='"1.a"',
        Idempotency_Key=key,
    )


def test_a_repeated_request_is_done_once_and_answered_alike(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("周建平")
    first, second = assigned(client, cast, "k-1"), assigned(client, cast, "k-1")
    assert first.status_code == 200
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second["ETag"] == first["ETag"]
    assert AuditRow.objects.filter(what="customers.assign_manager").count() == 1
    other = assigned(client, cast, "k-1", reason="另一句")
    assert (other.status_code, other.json()["errors"][0]["header"]) == (422, "Idempotency-Key")
    without = assigned(client, cast, "k-2")
    assert without.status_code == 412


def test_a_request_still_at_work_answers_409_until_given_up(
    api_of: ApiOf, cast: Cast, clock: StoryClock
) -> None:
    client = api_of("周建平")
    assigned(client, cast, "k-1")
    Customer.objects.update(version=1)
    IdempotencyKey.objects.update(status=0, headers={}, body="")
    assert assigned(client, cast, "k-1").status_code == 409
    clock.advance(seconds=59)
    assert assigned(client, cast, "k-1").status_code == 409
    clock.advance(seconds=1)
    assert assigned(client, cast, "k-1").status_code == 200


def test_done_but_not_answered_is_answered_and_not_done_again(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("周建平")
    first = assigned(client, cast, "k-1")
    done = {"done": [cast.customer(TEXTILE).pk, None]}
    IdempotencyKey.objects.update(status=0, headers=done, body="")
    second = assigned(client, cast, "k-1")
    assert (second.status_code, second.json()) == (200, first.json())
    assert AuditRow.objects.filter(what="customers.assign_manager").count() == 1


def test_a_refused_request_leaves_its_key_free(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("周建平")
    refused = assigned(client, cast, "k-1", manager="吴志远")
    assert (refused.status_code, pointers(refused.json())) == (422, ["/manager"])
    assert assigned(client, cast, "k-1").status_code == 200


def test_keys_are_forgotten_after_two_days(api_of: ApiOf, cast: Cast, clock: StoryClock) -> None:
    client = api_of("周建平")
    assigned(client, cast, "k-1")
    clock.moment += timedelta(hours=48, seconds=1)
    assert assigned(client, cast, "k-1").status_code == 412

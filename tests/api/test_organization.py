"""Branches, people, roles, settings and ways in by the API alone."""

from typing import Any

from django.test import Client

from core.models import AuditRow, IdempotencyKey
from organization.models import ApiToken, Person, SignIn
from organization.operations.access import digest_of, issue_token
from tests.api.conftest import Api, ApiOf
from tests.cast import NOON, PASSWORD, Cast
from tests.conftest import StoryClock


def pointers(response: Any) -> list[str]:
    return [one["pointer"] for one in response.json()["errors"]]


def test_the_system_administrator_adds_changes_and_closes(api_of: ApiOf, cast: Cast) -> None:
    ma = api_of("马骏", "read", "admin")
    made = ma.post("branches/", {"code": "CB", "name": "城北分公司"})
    path = f"branches/{made.json()['id']}/"
    assert (made.status_code, made["Location"]) == (201, f"http://testserver/api/v1/{path}")
    changed = ma.patch(path, {"phone": "0571-1"}, If_Match=made["ETag"])
    assert (changed.status_code, changed.json()["phone"]) == (200, "0571-1")
    assert ma.patch(path, {"phone": "2"}, If_Match=made["ETag"]).status_code == 412
    person = ma.post(
        "people/", {"job_number": "400001", "name": "单雄信", "branch": made.json()["id"]}
    )
    assert (person.status_code, person.json()["roles"]) == (201, [])
    closed = ma.post(
        f"people/{person.json()['id']}/close/", {"on": "2026-11-27"}, If_Match=person["ETag"]
    )
    assert (closed.status_code, closed.json()["left_on"]) == (200, "2026-11-27")
    assert ma.get("people/?q=sxx").json()["items"][0]["name"] == "单雄信"
    whats = list(
        AuditRow.objects.exclude(what="organization.issue_token").values_list("what", "door")
    )
    assert sorted(whats) == sorted(
        (f"organization.{what}", "api")
        for what in ("add_branch", "change_branch", "add_person", "close_person")
    )


def test_refusals_point_at_the_fields_of_the_body(api_of: ApiOf, cast: Cast) -> None:
    ma = api_of("马骏", "read", "admin")
    answer = ma.post("people/", {"job_number": "200004", "name": "甲", "branch": 987_654})
    assert (answer.status_code, sorted(pointers(answer))) == (422, ["/branch", "/job_number"])
    lin = cast["林晓岚"].pk
    given = {"person": lin, "role": "market", "branch": cast.east.pk, "valid_from": "2026-11-01"}
    refused = api_of("宋琪", "admin").post("roles/", given)
    assert pointers(refused) == ["/branch", "/valid_from"]


def test_roles_are_granted_shown_by_day_and_ended(api_of: ApiOf, cast: Cast) -> None:
    song = api_of("宋琪", "read", "admin")
    lin = cast["林晓岚"].pk
    given = {"person": lin, "role": "gm", "branch": cast.east.pk, "valid_from": "2026-11-28"}
    made = song.post("roles/", given)
    assert made.status_code == 201
    on = song.get(f"roles/?person={lin}&on=2026-11-28").json()["items"]
    assert [one["role"] for one in on] == ["gm", "manager"]
    before = song.get(f"roles/?person={lin}&on=2026-11-27").json()["items"]
    assert [one["role"] for one in before] == ["manager"]
    ended = song.post(f"roles/{made.json()['id']}/end/", {"on": "2026-11-27"})
    assert (ended.status_code, ended.json()["valid_to"]) == (200, "2026-11-28")


def test_a_supervisor_appoints_and_ends_who_acts(api_of: ApiOf, cast: Cast) -> None:
    zhou = api_of("周建平")
    given = {"person": cast["林晓岚"].pk, "first": "2026-11-27", "last": "2026-11-30"}
    made = zhou.post(f"branches/{cast.east.pk}/acting/", given, Idempotency_Key="once")
    again = zhou.post(f"branches/{cast.east.pk}/acting/", given, Idempotency_Key="once")
    assert (made.status_code, made.json()) == (201, again.json())
    assert zhou.post(f"roles/{made.json()['id']}/end-acting/").status_code == 200
    foreign = zhou.post(f"branches/{cast.west.pk}/acting/", given)
    missing = zhou.post("branches/987654/acting/", given)
    assert foreign.status_code == missing.status_code == 404


def test_settings_are_set_listed_and_withdrawn(api_of: ApiOf, cast: Cast) -> None:
    ma = api_of("马骏", "read", "admin")
    given = {
        "branch": cast.east.pk,
        "key": "summary_due",
        "value": "17:00",
        "valid_from": "2026-11-28",
    }
    made = ma.post("settings/", given)
    assert (made.status_code, made.json()["value"]) == (201, "17:00")
    seen = {
        name: len(api_of(name).get("settings/").json()["items"]) for name in ("周建平", "郑秋实")
    }
    assert seen == {"周建平": 1, "郑秋实": 0}
    assert ma.post(f"settings/{made.json()['id']}/withdraw/").json() == {
        "withdrawn": made.json()["id"]
    }
    assert ma.get("settings/").json()["items"] == []


def test_administrators_work_needs_the_scope_of_administration(api_of: ApiOf, cast: Cast) -> None:
    answer = api_of("马骏", "read", "write").post("branches/", {"code": "X", "name": "新"})
    assert answer.status_code == 403


# Ways in


def test_me_says_who_the_token_is(api_of: ApiOf, cast: Cast) -> None:
    answer = api_of("周建平", "read").get("me/").json()
    assert (answer["name"], answer["roles"], answer["scopes"]) == (
        "周建平",
        ["supervisor"],
        ["read"],
    )


def test_a_token_is_shown_once_and_stored_as_a_keyed_hash(api_of: ApiOf, cast: Cast) -> None:
    lin = api_of("林晓岚", "read", "write")
    given = {"name": "同步", "scopes": ["read"], "days": 7}
    answer = lin.post("tokens/issue/", given, Idempotency_Key="k")
    text = answer.json()["token"]
    assert (answer.status_code, text[:3]) == (201, "bh_")
    assert ApiToken.objects.get(name="同步").digest == digest_of(text)
    assert "token" not in lin.get("tokens/").json()["items"][0]
    assert not IdempotencyKey.objects.exists()
    assert Api(text).get("me/").json()["name"] == "林晓岚"


def test_a_token_makes_none_greater_than_itself(api_of: ApiOf, cast: Cast) -> None:
    narrow = api_of("韩静", "read", "write", branch_ids=[cast.west.pk])
    given: dict[str, Any] = {"name": "x", "scopes": ["read", "import"], "days": 365}
    assert sorted(pointers(narrow.post("tokens/issue/", given))) == [
        "/branches",
        "/days",
        "/scopes",
    ]
    given = {"name": "x", "scopes": ["read"], "days": 30, "branches": [cast.west.pk]}
    assert narrow.post("tokens/issue/", given).status_code == 201


def test_a_token_ends_to_the_second_and_when_revoked(
    api_of: ApiOf, cast: Cast, clock: StoryClock
) -> None:
    client = api_of("林晓岚", "read", "write")
    clock.advance(days=30, seconds=-1)
    assert client.get("me/").status_code == 200
    clock.advance(seconds=1)
    late = client.get("me/")
    assert (late.status_code, late["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    second = api_of("林晓岚", "read", "write")
    token = ApiToken.objects.filter(person=cast["林晓岚"]).latest("pk")
    assert second.post(f"tokens/{token.pk}/revoke/").status_code == 200
    assert second.get("me/").status_code == 401


def test_a_token_ends_with_its_person(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("林晓岚")
    Person.objects.filter(job_number="200004").update(left_on="2026-11-27")
    assert client.get("me/").status_code == 401


def test_a_token_in_use_is_noted_once_a_minute(
    api_of: ApiOf, cast: Cast, clock: StoryClock
) -> None:
    client = api_of("林晓岚")
    seen = []
    for seconds in (0, 59, 1):
        clock.advance(seconds=seconds)
        client.get("me/")
        seen.append(ApiToken.objects.get(person=cast["林晓岚"]).used_at)
    assert seen[0] == seen[1] != seen[2]


def test_somebody_elses_token_and_session_do_not_exist(api_of: ApiOf, cast: Cast) -> None:
    theirs, _text = issue_token(
        name="x",
        scopes=["read"],
        days=1,
        actor=cast.actor("陈嘉怡"),
        at=NOON,
    )
    lin = api_of("林晓岚")
    assert lin.post(f"tokens/{theirs.pk}/revoke/").status_code == 404
    assert api_of("宋琪").post(f"tokens/{theirs.pk}/revoke/").status_code == 200


def test_until_the_first_password_is_changed_every_address_answers_so(
    api_of: ApiOf, cast: Cast
) -> None:
    lin = cast["林晓岚"]
    lin.set_password(PASSWORD)
    lin.must_change_password = True
    lin.save()
    client = api_of("林晓岚")
    for path in ("me/", "customers/", "people/", "tokens/"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:bihuan:problem:password-change-required"
    weak = client.post("me/password/", {"current": PASSWORD, "new": "short"})
    assert (weak.status_code, set(pointers(weak))) == (422, {"/new"})
    given = {"current": PASSWORD, "new": "Quiet-River-2026"}
    assert client.post("me/password/", given).status_code == 200
    assert client.get("me/").status_code == 200


def test_a_browser_speaks_with_its_session_and_csrf_token(cast: Cast, browser_of: Any) -> None:
    lin = cast["林晓岚"]
    client = Client(enforce_csrf_checks=True)
    client.cookies = browser_of(lin).cookies
    assert client.get("/api/v1/me/").json()["name"] == "林晓岚"
    body = {"language": "en"}
    refused = client.post("/api/v1/me/language/", body, content_type="application/json")
    assert refused.status_code == 403
    token = client.get("/me/").context["csrf_token"]
    done = client.post(
        "/api/v1/me/language/",
        body,
        content_type="application/json",
        headers={"X-CSRFToken": str(token)},
    )
    assert (done.status_code, done.json()["language"]) == (200, "en")
    assert AuditRow.objects.get(what="organization.choose_language").door == "api"


def test_a_new_password_by_the_session_keeps_it_and_ends_the_others(
    cast: Cast, browser_of: Any
) -> None:
    lin = cast["林晓岚"]
    lin.set_password(PASSWORD)
    lin.save()
    here, there = browser_of(lin), browser_of(lin)
    given = {"current": PASSWORD, "new": "Quiet-River-2026"}
    done = here.post("/api/v1/me/password/", given, content_type="application/json")
    assert done.status_code == 200
    assert (here.get("/api/v1/me/").status_code, there.get("/api/v1/me/").status_code) == (200, 401)


def test_sessions_are_listed_and_ended(api_of: ApiOf, cast: Cast, browser_of: Any) -> None:
    browser = browser_of(cast["林晓岚"])
    client = api_of("林晓岚")
    (session,) = client.get("sessions/").json()["items"]
    assert client.post(f"sessions/{session['id']}/end/").status_code == 200
    assert browser.get("/me/").status_code == 302
    browser_of(cast["林晓岚"])
    assert client.post("sessions/end-others/").json() == {"ended": 1}
    assert not SignIn.objects.filter(ended_at=None).exists()


def test_the_trail_is_the_auditors_alone(api_of: ApiOf, cast: Cast) -> None:
    rows = api_of("许衡").get("audit/?what=organization.issue_token").json()["items"]
    assert [row["actor_name"] for row in rows] == ["许衡"]
    for name in ("马骏", "宋琪", "韩静", "赵国梁", "林晓岚"):
        assert api_of(name).get("audit/").status_code == 403
        assert api_of(name).get(f"audit/{rows[0]['id']}/").status_code == 403


def test_a_reset_password_is_shown_once(api_of: ApiOf, cast: Cast) -> None:
    song = api_of("宋琪", "admin")
    answer = song.post(f"people/{cast['林晓岚'].pk}/reset-password/", Idempotency_Key="k")
    assert cast["林晓岚"].check_password(answer.json()["password"]) is False
    lin = Person.objects.get(pk=cast["林晓岚"].pk)
    assert (lin.check_password(answer.json()["password"]), lin.must_change_password) == (True, True)
    assert not IdempotencyKey.objects.exists()
    assert api_of("马骏", "admin").post(f"people/{lin.pk}/reset-password/").status_code == 403

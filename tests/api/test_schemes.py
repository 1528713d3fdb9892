"""The scheme over the API: drafted, looked at, changed by its tag, compared, approved, as files."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from confidentiality.models import Disclosure
from core import jobs
from core.workbooks import open_table
from kpi.models import Scheme
from kpi.queries.schemes import newest_approved
from organization.models import Person
from tests.api.conftest import ApiOf
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.schemes import drafted, heavier_sales, proposed, with_second, written
from tests.domain.scores import computed, month_of_work
from tests.rules.annex5 import content, item_in

pytestmark = pytest.mark.django_db
ANY = {"If_Match": "*"}


@pytest.fixture
def story(cast: Cast, clock: StoryClock) -> Cast:
    """Monday, 14 December 2026; the market department has a second person."""
    clock.set("2026-12-14 10:00:00")
    return with_second(cast)


def pointers(answer: Any) -> list[str]:
    """Where the answer says something is wrong."""
    return [error["pointer"] for error in answer.json()["errors"]]


def test_everybody_reads_what_is_in_force_and_its_keepers_the_rest(
    story: Cast, api_of: ApiOf
) -> None:
    drafted(story)
    numbers = [one["number"] for one in api_of("韩静").get("schemes/").json()["items"]]
    assert numbers == [2, 1]
    reader = api_of("林晓岚")
    assert [one["number"] for one in reader.get("schemes/").json()["items"]] == [1]
    assert reader.get("schemes/2/").status_code == 404
    shown = reader.get("schemes/1/").json()
    assert (shown["frame"], shown["departs"], shown["content"]) == (
        "40/20/40/±20",
        False,
        content(),
    )
    assert reader.get("schemes/newest/").json()["number"] == 1


def test_a_draft_is_made_changed_proposed_and_approved_by_a_second(
    story: Cast, api_of: ApiOf
) -> None:
    first, second = api_of("韩静"), api_of("苏婉")
    made = first.post("schemes/", {"name": "新版", "valid_from": "2026-12", "why": "调整"})
    assert (made.status_code, made["Location"].endswith("/api/v1/schemes/2/")) == (201, True)
    tag = first.get("schemes/2/")["ETag"]
    value = content()
    heavier_sales(value)
    assert first.patch("schemes/2/", {"content": value}).status_code == 428
    changed = first.patch("schemes/2/", {"content": value}, If_Match=tag)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = first.patch("schemes/2/", {"name": "x"}, If_Match=tag)
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)
    assert second.patch("schemes/2/", {"name": "x"}, **ANY).status_code == 403
    tag = changed["ETag"]
    assert first.post("schemes/2/propose/", If_Match=tag).json()["state"] == "proposed"
    assert first.post("schemes/2/approve/", **ANY).status_code == 403
    assert second.post("schemes/2/approve/", If_Match=tag).status_code == 412
    done = second.post("schemes/2/approve/", **ANY)
    assert (done.status_code, done.json()["approved_by"]["name"]) == (200, "苏婉")
    newest = newest_approved()
    assert newest is not None
    assert newest.number == 2
    assert second.post("schemes/2/withdraw/", {"why": "x"}, **ANY).status_code == 422


def test_faults_are_told_at_their_very_places(story: Cast, api_of: ApiOf) -> None:
    drafted(story)
    value = content()
    item_in(value, "M1")["weight"] = "13"
    item_in(value, "P4")["formula"]["pass_mark"] = "101"
    answer = api_of("韩静").patch("schemes/2/", {"content": value}, **ANY)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert sorted(pointers(answer)) == [
        "/content/groups/0/maximum",
        "/content/items",
        "/content/items/19/formula/pass_mark",
    ]
    answer = api_of("韩静").patch("schemes/2/", {"valid_from": "2026-11"}, **ANY)
    assert pointers(answer) == ["/valid_from"]
    answer = api_of("韩静").patch("schemes/2/", {"content": {"items": 5}}, **ANY)
    assert "/content/items" in pointers(answer)
    assert api_of("韩静").patch("schemes/2/", {"digest": "x"}, **ANY).status_code == 422
    answer = api_of("韩静").post("schemes/", {"based_on": 9})
    assert (answer.status_code, pointers(answer)) == (422, ["/based_on"])
    assert api_of("林晓岚").post("schemes/", {}).status_code == 403


def test_a_content_is_looked_at_without_writing_anything(story: Cast, api_of: ApiOf) -> None:
    value = content()
    item_in(value, "M1")["weight"] = "13"
    answer = api_of("韩静", "read").post("schemes/check/", {"content": value})
    assert answer.status_code == 200
    look = answer.json()
    assert [fault["pointer"] for fault in look["faults"]] == [
        "/content/items",
        "/content/groups/0/maximum",
    ]
    assert (look["frame"], look["departs"], look["weight"]) == ("40/20/40/±20", True, "101")
    assert look["samples"][1]["breakdown"]["total"] == "80.40"
    look = api_of("韩静").post("schemes/check/", {"content": {}}).json()
    assert (look["weight"], look["samples"]) == (None, [])
    assert {fault["code"] for fault in look["faults"]} == {"missing"}
    assert api_of("林晓岚").post("schemes/check/", {"content": {}}).status_code == 403
    assert Scheme.objects.count() == 1


def test_sample_scores_stand_beside_a_version(story: Cast, api_of: ApiOf) -> None:
    answer = api_of("林晓岚").get("schemes/1/samples/")
    shown = answer.json()
    assert [(one["share"], one["breakdown"]["total"]) for one in shown["samples"]] == [
        ("1", "100.00"),
        ("0.9", "79.50"),
        ("0.75", "64.75"),
        ("0.6", "52.00"),
    ]
    assert (
        api_of("林晓岚").get("schemes/1/samples/", If_None_Match=answer["ETag"]).status_code == 304
    )


def test_two_versions_are_compared(story: Cast, api_of: ApiOf) -> None:
    written(story, drafted(story), heavier_sales)
    shown = api_of("韩静").get("schemes/2/differences/").json()
    assert (shown["number"], shown["against"]) == (2, 1)
    assert [(one["code"], one["path"], one["old"], one["new"]) for one in shown["changes"]] == [
        ("M1", "weight", "12", "10"),
        ("M2", "weight", "10", "12"),
    ]
    backwards = api_of("韩静").get("schemes/1/differences/?against=2").json()
    assert [one["old"] for one in backwards["changes"]] == ["10", "12"]
    assert api_of("韩静").get("schemes/1/differences/").json()["against"] is None
    for wrong in ("9", "x", "-1"):
        assert api_of("韩静").get(f"schemes/1/differences/?against={wrong}").status_code == 422
    assert api_of("林晓岚").get("schemes/1/differences/?against=2").status_code == 422


def test_a_version_is_a_file_in_two_forms_and_comes_back(story: Cast, api_of: ApiOf) -> None:
    client = api_of("韩静")
    whole = client.get("schemes/1/file/")
    assert whole.status_code == 200
    assert len(open_table(whole.content, "x.xlsx").sheets) == 8
    part = client.get("schemes/1/file/", Range="bytes=0-9")
    assert (part.status_code, part.content) == (206, whole.content[:10])
    assert client.get("schemes/1/file/", If_None_Match=whole["ETag"]).status_code == 304
    plain = client.get("schemes/1/file/?as=json")
    assert json.loads(plain.content) == content()
    assert client.get("schemes/1/file/?as=pdf").status_code == 422
    assert Disclosure.objects.filter(door="api").count() == 3
    for name, data in (("x.xlsx", whole.content), ("x.json", plain.content)):
        answer = client.client.post(
            "/api/v1/schemes/import/",
            {"file": SimpleUploadedFile(name, data), "valid_from": "2026-12"},
            headers=client.headers,
        )
        assert answer.status_code == 201, answer.content
        made = Scheme.objects.get(number=answer.json()["number"])
        assert (made.content, made.state) == (content(), "draft")
    spoilt = content()
    item_in(spoilt, "M4")["formula"]["loss"] = "0"
    answer = client.client.post(
        "/api/v1/schemes/import/",
        {"file": SimpleUploadedFile("x.json", json.dumps(spoilt).encode())},
        headers=client.headers,
    )
    assert (answer.status_code, pointers(answer)) == (422, ["/content/items/3/formula/loss"])


def test_the_same_import_twice_is_one_draft(story: Cast, api_of: ApiOf) -> None:
    client = api_of("韩静")
    for _again in range(2):
        answer = client.client.post(
            "/api/v1/schemes/import/",
            {"file": SimpleUploadedFile("x.json", json.dumps(content()).encode())},
            headers={**client.headers, "Idempotency-Key": "one"},
        )
        assert (answer.status_code, answer.json()["number"]) == (201, 2)
    assert Scheme.objects.count() == 2


def test_a_rehearsal_is_asked_for_and_read(
    story: Cast, api_of: ApiOf, browser_of: Callable[[Person], Client], clock: StoryClock
) -> None:
    month_of_work(story)
    computed()
    draft = written(story, drafted(story), lambda v: item_in(v, "S1")["formula"].update(size="1"))
    client = api_of("韩静")
    asked = client.post("schemes/2/rehearse/")
    assert (asked.status_code, asked.json()["made_at"]) == (200, None)
    number = asked.json()["id"]
    jobs.run_due(clock.now())
    shown = client.get(f"schemes/2/rehearsals/{number}/").json()
    (line,) = shown["report"]["months"][0]["lines"]
    assert (line["manager"]["name"], line["before"]["total"], line["after"]["total"]) == (
        "林晓岚",
        "91.88",
        "90.88",
    )
    assert shown["is_stale"] is False
    book = client.get(f"schemes/2/rehearsals/{number}/workbook/").content
    page = browser_of(story["韩静"]).get("/schemes/2/rehearsal/workbook/")
    assert book == page.content
    assert Disclosure.objects.count() == 2
    written(story, Scheme.objects.get(pk=draft.pk), heavier_sales)
    (row,) = client.get("schemes/2/rehearsals/").json()["items"]
    assert (row["id"], row["is_stale"]) == (number, True)
    assert client.get("schemes/2/rehearsals/999/").status_code == 404
    assert api_of("林晓岚").get("schemes/1/rehearsals/").status_code == 403
    assert client.post("schemes/1/rehearse/").status_code == 422


def test_a_proposed_version_is_withdrawn_with_a_reason(story: Cast, api_of: ApiOf) -> None:
    waiting = proposed(story, drafted(story))
    second = api_of("苏婉")
    answer = second.post("schemes/2/withdraw/", {"why": ""}, **ANY)
    assert (answer.status_code, pointers(answer)) == (422, ["/why"])
    answer = second.post("schemes/2/withdraw/", {"why": "再议"}, If_Match=f'"{waiting.version}.x"')
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")

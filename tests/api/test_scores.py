"""November's score sheets by the API alone: read, asked, objected to, decided, signed, locked."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from django.test import Client

from core.jobs import run_due, tick
from core.workbooks import open_table
from kpi.models import Consequence
from organization.models import Person
from tests.api.conftest import Api, ApiOf
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.scores import computed, marked, month_of_work, sheet_of

MONTH: Final = "2026-11"
RIGHT: Final = {"met": "4", "total": "4"}


@pytest.fixture
def path(cast: Cast, clock: StoryClock) -> str:
    """Where 林晓岚's sheet stands; it is Friday, 4 December."""
    month_of_work(cast)
    computed()
    clock.set("2026-12-04 09:00:00")
    return f"scores/{MONTH}/{cast['林晓岚'].pk}/"


def acted(client: Api, path: str, what: str, body: Any = None) -> Any:
    """An act upon the thing of an address, with the tag it has now."""
    tag = client.get(path)["ETag"]
    return client.post(f"{path}{what}/", body, If_Match=tag)


def test_a_sheet_is_read_line_by_line_with_its_rows(api_of: ApiOf, cast: Cast, path: str) -> None:
    client = api_of("林晓岚")
    (listed,) = client.get(f"scores/?month={MONTH}&state=computed").json()["items"]
    assert (listed["manager"]["name"], listed["total"], listed["band"]) == (
        "林晓岚",
        "91.88",
        "excellent",
    )
    assert "content" not in listed
    sheet = client.get(path).json()
    assert [(one["code"], one["score"]) for one in sheet["content"]["groups"]] == [
        ("M", "36.00"),
        ("S", "19.00"),
        ("P", "33.88"),
        ("BD", "3.00"),
    ]
    assert [one["state"] for one in client.get(f"{path}lines/P3c/rows/").json()["rows"]] == [
        "on_time",
        "late",
        "on_time",
        "on_time",
    ]
    assert client.get(f"{path}lines/Z9/rows/").status_code == 404
    (version,) = client.get(f"{path}versions/").json()["items"]
    assert (version["number"], version["digest"]) == (1, sheet["digest"])
    assert client.get(f"{path}versions/1/").json()["content"] == sheet["content"]
    assert client.get(f"{path}versions/2/").status_code == 404
    assert api_of("何俊峰").get(path).status_code == 404
    assert len(api_of("韩静").get(f"scores/?month={MONTH}").json()["items"]) == 4
    assert len(api_of("郑秋实").get(f"scores/?month={MONTH}").json()["items"]) == 1


def test_what_if_is_asked_and_nothing_is_kept(api_of: ApiOf, path: str) -> None:
    client = api_of("林晓岚", "read")
    asked = client.post(f"{path}what-if/", {"inputs": {"P3c": RIGHT}})
    assert (asked.status_code, asked.json()["total"]) == (200, "92.88")
    assert client.get(path).json()["total"] == "91.88"
    wrong = client.post(f"{path}what-if/", {"inputs": {"P3c": {"met": "5", "total": "4"}}})
    assert wrong.status_code == 422
    assert client.post(f"{path}what-if/", {"inputs": {}}).status_code == 422


def test_objected_to_answered_decided_signed_and_locked(
    api_of: ApiOf, cast: Cast, path: str, clock: StoryClock
) -> None:
    manager, supervisor, head = api_of("林晓岚"), api_of("周建平"), api_of("赵国梁")
    first_tag = manager.get(path)["ETag"]
    assert manager.post(f"{path}object/", {"item": "P3c", "text": "断网"}).status_code == 428
    assert acted(manager, path, "object", {"item": "P3c", "text": "断网"}).status_code == 200
    stale = manager.post(f"{path}confirm/", If_Match=first_tag)
    assert (stale.status_code, stale.json()["current"]["state"]) == (412, "objected")
    assert acted(manager, path, "confirm").json()["state"] == "objected"

    (objection,) = supervisor.get(f"objections/?month={MONTH}&state=open").json()["items"]
    there = f"objections/{objection['id']}/"
    assert acted(head, there, "decide", {"is_upheld": True, "answer": "按时计"}).status_code == 422
    assert acted(supervisor, there, "review", {"opinion": "属实"}).json()["state"] == "reviewed"
    decided = acted(head, there, "decide", {"is_upheld": True, "answer": "按时计", "inputs": RIGHT})
    assert (decided.status_code, decided.json()["state"]) == (200, "upheld")
    sheet = manager.get(path).json()
    assert (sheet["total"], sheet["newest"], sheet["state"]) == ("92.88", 2, "confirmed")

    branch = f"scores/{MONTH}/branches/{cast.east.pk}/"
    assert acted(supervisor, path, "supervise", {"opinion": "好"}).json()["state"] == "supervised"
    assert acted(head, path, "approve").json()["state"] == "approved"
    assert acted(head, branch, "lock").status_code == 422
    for name in ("陈嘉怡", "何俊峰"):
        other = f"scores/{MONTH}/{cast[name].pk}/"
        acted(api_of(name), other, "confirm")
        acted(supervisor, other, "supervise")
        acted(head, other, "approve")
    assert head.get(branch).json()["states"]["approved"] == 3
    assert acted(head, branch, "lock").json()["states"]["locked"] == 3

    clock.set("2026-12-14 09:00:00")
    proposed = acted(
        head, path, "correct", {"item": "P4", "inputs": {"mark": "98"}, "why": "漏判一题"}
    )
    assert (proposed.status_code, proposed.json()["state"]) == (200, "proposed")
    correction = f"corrections/{proposed.json()['id']}/"
    body = {"is_approved": True, "decision": "已核对"}
    assert acted(head, correction, "decide", body).status_code == 403
    market = api_of("韩静")
    assert acted(market, correction, "decide", body).json()["state"] == "approved"
    assert manager.get(path).json()["total"] == "94.08"
    assert [one["number"] for one in manager.get(f"{path}versions/").json()["items"]] == [3, 2, 1]


def test_a_file_comes_with_an_objection(api_of: ApiOf, cast: Cast, path: str) -> None:
    client = api_of("林晓岚")
    boundary = "x-x-x"
    form = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="item"\r\n\r\nP3c\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="text"\r\n\r\n断网有记录\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        f"Content-Type: text/plain\r\n\r\n17:20\r\n--{boundary}--\r\n"
    ).encode()
    answer = client.ask(
        "POST",
        f"{path}object/",
        form,
        If_Match=client.get(path)["ETag"],
        **{"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    assert answer.status_code == 200
    (objection,) = client.get("objections/").json()["items"]
    content = api_of("周建平").get(f"files/{objection['file']}/content/")
    assert content.content.strip() == b"17:20"


def test_marks_are_written_cell_by_cell(api_of: ApiOf, cast: Cast, clock: StoryClock) -> None:
    clock.set("2026-11-27 12:00:00")
    me, other = cast["林晓岚"].pk, cast["吴志远"].pk
    cells = [
        {"manager": me, "item": "P2c", "question": "opening", "value": "4"},
        {"manager": me, "item": "P2c", "question": "wording", "value": "6"},
        {"manager": other, "item": "P2c", "question": "opening", "value": "4"},
    ]
    client = api_of("周建平")
    written = client.post(f"marks/{MONTH}/record/", {"cells": cells})
    assert [one["state"] for one in written.json()["cells"]] == ["saved", "refused", "refused"]
    again = client.post(f"marks/{MONTH}/record/", {"cells": cells[:1]})
    assert (again.json()["cells"][0]["state"], again.json()["cells"][0]["standing"]["value"]) == (
        "conflict",
        "4.00",
    )
    (mark,) = client.get(f"marks/{MONTH}/").json()["items"]
    assert (mark["manager"]["name"], mark["value"]) == ("林晓岚", "4.00")
    assert api_of("何俊峰").get(f"marks/{MONTH}/").json()["items"] == []
    clock.set("2026-12-02 12:00:01")
    assert client.post(f"marks/{MONTH}/record/", {"cells": cells[:1]}).status_code == 422


def test_the_present_month_says_what_can_still_be_won(
    api_of: ApiOf, cast: Cast, clock: StoryClock
) -> None:
    clock.set("2026-11-27 12:00:00")
    marked(cast, "林晓岚", "P4", "88")
    me = f"scores/next/{cast['林晓岚'].pk}/"
    found = api_of("林晓岚").get(me).json()
    assert (found["month"], found["is_rated"]) == (MONTH, False)
    assert {one["label"] for one in found["duties"]} == {"第 48 周周报", "今天的服务日志"}
    assert api_of("何俊峰").get(me).status_code == 404
    assert api_of("周建平").get(me).status_code == 200


def test_proposals_are_decided_by_a_head(
    api_of: ApiOf,
    cast: Cast,
    path: str,
    clock: StoryClock,
    browser_of: Callable[[Person], Client],
) -> None:
    clock.set("2026-12-14 09:00:00")
    for moment in (at("2026-12-11 23:59:00"), clock.moment):
        tick(moment)
    run_due(clock.moment)
    sheet = sheet_of(cast, "林晓岚")
    proposal = Consequence.objects.create(
        manager=cast["林晓岚"],
        branch=sheet.branch,
        month=MONTH,
        kind="talk",
        grounds=[["2026-11", "50.00"]],
        proposed_at=clock.moment,
    )
    there = f"consequences/{proposal.pk}/"
    assert api_of("林晓岚").get(there).status_code == 404
    body = {"is_accepted": True, "decision": "下周面谈"}
    assert api_of("周建平").post(f"{there}decide/", body).status_code == 403
    head = api_of("赵国梁")
    assert head.post(f"{there}decide/", body).json()["state"] == "accepted"
    assert head.post(f"{there}decide/", body).status_code == 422
    assert api_of("林晓岚").get(there).status_code == 200
    book = "consequences/workbook/"
    made = head.get(f"{book}?show=decided").content
    rows = [list(row) for row in open_table(made, "x.xlsx").sheets[0].rows]
    assert rows[-1][2:8] == [
        "林晓岚",
        "2026年11月",
        "约谈并制定改进计划",
        "2026年11月 50.00",
        "采纳",
        "下周面谈",
    ]
    boss = browser_of(cast["赵国梁"])
    assert made == boss.get(f"/scores/{book}?show=decided").content
    assert f'href="/scores/{book}?show=decided"' in (
        boss.get("/scores/consequences/?show=decided").content.decode()
    )
    assert api_of("周建平").get(f"{book}?show=x").status_code == 422

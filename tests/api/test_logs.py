"""Service logs by the API: one, many, from another system, corrected, withdrawn, read."""

from typing import Any

from core.models import AuditRow
from tests.api.conftest import ApiOf
from tests.cast import Cast
from tests.conftest import StoryClock
from worklogs.models import ServiceLog


def a_log(**more: Any) -> dict[str, Any]:
    return {
        "customer_code": "G0001",
        "occurred_at": "2026-11-27T10:00:00+08:00",
        "initiator": "active",
        "channel": "phone",
        "category": "routine",
        "content": "电话回访，客户对专线满意。",
        **more,
    }


def test_a_log_is_written_and_found(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("林晓岚")
    written = client.post("logs/", a_log())
    assert written.status_code == 201
    log = written.json()
    assert (log["customer"]["name"], log["source"], log["is_late"], log["version"]) == (
        "东方纺织集团",
        "api",
        False,
        1,
    )
    assert written["Location"] == f"http://testserver/api/v1/logs/{log['id']}/"
    assert client.get(f"logs/{log['id']}/").json() == log
    assert [one["id"] for one in client.get("logs/?channel=phone").json()["items"]] == [log["id"]]
    assert client.get("logs/?channel=sms").json()["items"] == []
    assert api_of("陈嘉怡").get(f"logs/{log['id']}/").status_code == 404
    assert api_of("周建平").get(f"logs/{log['id']}/").status_code == 200
    audit = AuditRow.objects.get(what="worklogs.record_log")
    assert (audit.door, audit.request_id) == ("api", written["X-Request-ID"])


def test_what_the_operation_refuses_is_pointed_at(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("林晓岚")
    early = client.post("logs/", a_log(occurred_at="2026-11-28T10:00:00+08:00", content="啊"))
    assert early.status_code == 422
    assert [one["pointer"] for one in early.json()["errors"]] == ["/content", "/occurred_at"]
    foreign = client.post("logs/", a_log(customer_code="G0005"))
    unknown = client.post("logs/", a_log(customer_code="G7777"))
    assert foreign.json()["errors"] == unknown.json()["errors"]
    assert foreign.json()["errors"][0]["pointer"] == "/customer_code"
    naive = client.post("logs/", a_log(occurred_at="2026-11-27T10:00:00"))
    assert naive.json()["errors"] == [
        {"pointer": "/occurred_at", "detail": "写上时区，如 +08:00 或 Z。"}
    ]
    assert api_of("周建平").post("logs/", a_log()).status_code == 403


def test_another_systems_log_is_never_doubled(api_of: ApiOf, cast: Cast, clock: StoryClock) -> None:
    client = api_of("林晓岚")
    first = client.post("logs/", a_log(external_id="KH-1"))
    clock.advance(minutes=1)
    again = client.post("logs/", a_log(external_id="KH-1"))
    other = client.post("logs/", a_log(external_id="KH-1", content="改成上门解释。"))
    assert [one.status_code for one in (first, again, other)] == [201, 200, 200]
    assert again.json() == first.json()
    assert (other.json()["id"], other.json()["version"]) == (first.json()["id"], 2)
    assert [one["version"] for one in client.get("logs/?external_id=KH-1").json()["items"]] == [2]


def test_many_at_once_each_for_itself(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("林晓岚")
    client.post("logs/", a_log(external_id="KH-1"))
    sent = {
        "logs": [
            a_log(external_id="KH-1"),
            a_log(external_id="KH-2"),
            a_log(external_id="KH-3", channel="pigeon", colour="red"),
            a_log(external_id="KH-4", customer_code="G0005"),
        ]
    }
    answer = client.post("logs/bulk/", sent, Idempotency_Key="many-1")
    results = answer.json()["results"]
    # At the story's second, what was written and what is repeated look alike: both are new.
    assert [one["status"] for one in results] == [201, 201, 422, 422]
    assert [one.get("pointer") for one in results[2]["errors"]] == ["/channel", "/colour"]
    assert [one.get("pointer") for one in results[3]["errors"]] == ["/customer_code"]
    assert client.post("logs/bulk/", sent, Idempotency_Key="many-1").json() == answer.json()
    assert ServiceLog.objects.count() == 2


def test_correct_withdraw_read(api_of: ApiOf, cast: Cast, clock: StoryClock) -> None:
    client, boss = api_of("林晓岚"), api_of("周建平")
    log = client.post("logs/", a_log())
    path = f"logs/{log.json()['id']}/"
    corrected = client.post(
        f"{path}correct/", a_log(channel="on_site", reason="记错了"), If_Match=log["ETag"]
    )
    assert (corrected.status_code, corrected.json()["version"]) == (200, 2)
    stale = client.post(f"{path}correct/", a_log(reason="再改"), If_Match=log["ETag"])
    assert (stale.status_code, stale.json()["current"]) == (412, corrected.json())
    assert [one["version"] for one in client.get(f"{path}versions/").json()["items"]] == [2, 1]
    read = boss.post(f"{path}read/", {"remark": "写得清楚"})
    assert (read.status_code, read.json()["read_remark"]) == (200, "写得清楚")
    assert client.post(f"{path}read/", {"remark": "自夸"}).status_code == 403
    late = client.post(f"{path}withdraw/")
    assert (late.status_code, late.json()["detail"]) == (422, "保存已过 10 分钟，请改用更正。")
    other = client.post("logs/", a_log(content="另一笔服务"))
    gone = client.post(f"logs/{other.json()['id']}/withdraw/")
    assert (gone.status_code, gone.json()["is_withdrawn"]) == (200, True)
    assert len(client.get("logs/").json()["items"]) == 1

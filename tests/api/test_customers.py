"""Customers by the API: masked, revealed for a reason, given to another manager."""

from core.models import AuditRow, IdempotencyKey
from tests.api.conftest import ApiOf
from tests.cast import Cast

TEXTILE = "东方纺织集团"


def test_contacts_are_masked_until_revealed(api_of: ApiOf, cast: Cast) -> None:
    client = api_of("林晓岚")
    path = f"customers/{cast.customer(TEXTILE).pk}/contacts/"
    (contact,) = client.get(path).json()["items"]
    assert (contact["name"], contact["phone"]) == ("冯立新", "138****1207")
    reveal = f"contacts/{contact['id']}/reveal/"
    assert client.post(reveal, {"reason": ""}).status_code == 422
    revealed = client.post(reveal, {"reason": "约拜访"}, Idempotency_Key="once")
    assert (revealed.status_code, revealed.json()["phone"]) == (200, "13800001207")
    row = AuditRow.objects.get(what="customers.reveal_contact")
    assert (row.why, row.after) == ("约拜访", {"phone": "138****1207"})
    assert not IdempotencyKey.objects.exists()
    assert api_of("陈嘉怡").get(path).status_code == 404
    assert api_of("陈嘉怡").post(reveal, {"reason": "好奇"}).status_code == 404


def test_the_supervisor_assigns_and_sets_the_tier(api_of: ApiOf, cast: Cast) -> None:
    boss, manager = api_of("周建平"), api_of("林晓岚")
    path = f"customers/{cast.customer(TEXTILE).pk}/"
    body = {"manager": cast["陈嘉怡"].pk, "valid_from": "2026-11-27", "reason": "换片区"}
    tag = boss.get(path)["ETag"]
    assert manager.post(f"{path}assign/", body, If_Match=tag).status_code == 403
    assert boss.post(f"{path}assign/", body).status_code == 428
    given = boss.post(f"{path}assign/", body, If_Match=tag)
    assert (given.status_code, given.json()["manager"]["name"]) == (200, "陈嘉怡")
    assert manager.get(path).status_code == 404
    lowered = boss.post(
        f"{path}tier/", {"tier": "B", "valid_from": "2026-11-27"}, If_Match=given["ETag"]
    )
    assert (lowered.status_code, lowered.json()["tier"]["code"]) == (200, "B")
    wrong = boss.post(
        f"{path}tier/", {"tier": "gold", "valid_from": "2026-11-27"}, If_Match=lowered["ETag"]
    )
    assert [one["pointer"] for one in wrong.json()["errors"]] == ["/tier"]
    earlier = boss.post(
        f"{path}tier/", {"tier": "C", "valid_from": "2026-11-26"}, If_Match=lowered["ETag"]
    )
    assert [one["pointer"] for one in earlier.json()["errors"]] == ["/valid_from"]
    history = boss.get(f"{path}assignments/").json()["items"]
    assert [(one["manager"]["name"], one["valid_to"]) for one in history] == [
        ("陈嘉怡", None),
        ("林晓岚", "2026-11-27"),
    ]
    assert [one["tier"]["code"] for one in boss.get(f"{path}tiers/").json()["items"]] == ["B", "A"]
    assert len(boss.get("tiers/").json()["items"]) == 6

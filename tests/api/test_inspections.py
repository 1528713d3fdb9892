"""Spot checks, findings and the inspection sheet over the API (P3, P3.5, annex 3.8)."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core import jobs
from core.models import StoredFile
from inspections.models import CheckItem, Finding
from reports.models import SpotCheck
from tests.api.conftest import ApiOf
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.month import file_all, make_november

pytestmark = pytest.mark.django_db


@pytest.fixture
def november(cast: Cast, clock: StoryClock) -> Cast:
    """何俊峰 has not filed the last week of November; it is 1 December, 09:00."""
    make_november(cast)
    file_all(cast, but=[("何俊峰", 48)])
    clock.set("2026-12-01 09:00:00")
    return cast


def raise_body(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "branch": cast.east.pk,
        "title": "例会没有签到表",
        "facts": "11 月 23 日",
        "owner": cast["周建平"].pk,
        "item": "minutes",
        **more,
    }


def test_a_finding_from_its_raising_to_its_end(november: Cast, api_of: ApiOf) -> None:
    market, branch = api_of("韩静"), api_of("周建平")
    answer = market.post("findings/", raise_body(november), Idempotency_Key="one")
    assert answer.status_code == 201
    again = market.post("findings/", raise_body(november), Idempotency_Key="one")
    assert again.json() == answer.json()
    made = answer.json()
    assert (made["number"], made["state"], made["clause"], made["due_on"]) == (
        "WT-2026-0001",
        "open",
        "M2.3",
        "2026-12-08",
    )
    here = f"findings/{made['id']}/"
    assert branch.post(f"{here}confirm/").status_code == 428
    tag = branch.get(here).headers["ETag"]
    done = branch.post(f"{here}confirm/", If_Match=tag)
    assert (done.status_code, done.json()["state"]) == (200, "confirmed")
    assert branch.post(f"{here}answer/", {"text": "x"}, If_Match=tag).status_code == 412
    answered = branch.client.post(
        f"/api/v1/{here}answer/",
        {"text": "已补", "file": _file()},
        headers={**branch.headers, "If-Match": done.headers["ETag"]},
    )
    assert answered.status_code == 200, answered.content
    file = answered.json()["steps"][-1]["file"]
    assert StoredFile.objects.get(pk=file).name == "签到表.pdf"
    assert market.get(f"files/{file}/content/", Accept="*/*").content == b"%PDF-1.7 x"
    closed = market.post(f"{here}recheck/", {"is_closed": True}, If_Match=answered.headers["ETag"])
    assert closed.json()["state"] == "closed"
    assert [step["kind"] for step in closed.json()["steps"]] == [
        "raised",
        "confirmed",
        "answered",
        "closed",
    ]


def _file() -> Any:
    return SimpleUploadedFile("签到表.pdf", b"%PDF-1.7 x", "application/pdf")


def test_an_objection_and_a_postponement(november: Cast, api_of: ApiOf) -> None:
    market, branch = api_of("韩静"), api_of("赵国梁")
    pk = market.post("findings/", raise_body(november)).json()["id"]
    here = f"findings/{pk}/"
    nothing = branch.post(f"{here}object/", If_Match="*")
    assert (nothing.status_code, nothing.json()["errors"][0]["pointer"]) == (422, "/text")
    assert branch.post(f"{here}object/", {"text": "有的"}, If_Match="*").status_code == 200
    decided = market.post(
        f"{here}decide/", {"is_upheld": False, "text": "没有"}, If_Match="*"
    ).json()
    assert (decided["state"], decided["due_on"]) == ("confirmed", "2026-12-08")
    carried = market.post(
        f"{here}carry/", {"due_on": "2026-12-31", "text": "等设备"}, If_Match="*"
    ).json()
    assert (carried["state"], carried["due_on"]) == ("carried", "2026-12-31")
    assert branch.post(f"{here}carry/", {"due_on": "2026-12-31"}, If_Match="*").status_code == 403


def test_findings_are_listed_and_filtered(november: Cast, api_of: ApiOf) -> None:
    market = api_of("韩静")
    market.post("findings/", raise_body(november))
    market.post("findings/", raise_body(november, branch=november.west.pk,
                                        owner=november["郑秋实"].pk))  # fmt: skip
    assert len(market.get("findings/").json()["items"]) == 2
    assert len(market.get(f"findings/?branch={november.west.pk}").json()["items"]) == 1
    assert market.get("findings/?state=closed").json()["items"] == []
    assert len(api_of("周建平").get("findings/").json()["items"]) == 1
    assert api_of("许衡").get("findings/").status_code == 403
    assert api_of("周建平").post("findings/", raise_body(november)).status_code == 403


def test_the_overview_and_the_reports_that_were_kept(
    november: Cast, api_of: ApiOf, clock: StoryClock
) -> None:
    market, branch = api_of("韩静"), api_of("周建平")
    whole = market.get("overview/2026-11/").json()
    assert (whole["phase"], whole["kept"]) == ("now", [])
    east = next(one for one in whole["branches"] if one["content"]["branch"]["code"] == "CD")
    assert east["content"]["score"] == "96.00"
    jobs.tick(at("2026-12-02 12:00:00"))
    jobs.run_due(at("2026-12-02 12:00:00"))
    clock.set("2026-12-02 13:00:00")
    whole = market.get("overview/2026-11/").json()
    assert (whole["phase"], whole["kept"]) == ("frozen", ["provisional", "frozen"])
    kept = SpotCheck.objects.get(branch=november.east, phase="frozen")
    own = branch.get(f"spot-checks/2026-11/{november.east.pk}/").json()
    assert (own["content"], own["digest"]) == (kept.content, kept.digest)
    assert branch.get(f"spot-checks/2026-11/{november.west.pk}/").status_code == 404
    assert branch.get("overview/2026-11/").status_code == 404
    listed = branch.get("spot-checks/?phase=frozen").json()["items"]
    assert [(one["month"], one["rank"], one["score"]) for one in listed] == [
        ("2026-11", 2, "96.00")
    ]
    assert market.get("overview/2026-11/?phase=never").status_code == 422
    book = market.get("overview/2026-11/workbook/", Accept="*/*")
    assert (book.status_code, book.content[:2]) == (200, b"PK")
    again = market.post("overview/2026-11/again/", {"phase": "frozen"})
    assert again.status_code == 422


def test_a_line_of_a_report_becomes_a_finding_once(november: Cast, api_of: ApiOf) -> None:
    market = api_of("韩静")
    here = f"spot-checks/2026-11/{november.east.pk}/items/punctual/raise/"
    made = market.post(here)
    assert made.status_code == 201
    assert made.json()["facts"] == "何俊峰 第 48 周周报未交"
    assert market.post(here).json()["id"] == made.json()["id"]
    assert Finding.objects.count() == 1
    assert api_of("周建平").post(here).status_code == 403


def test_the_sheet_is_changed_dropped_and_withdrawn(november: Cast, api_of: ApiOf) -> None:
    market = api_of("韩静")
    body = {
        "code": "punctual",
        "valid_from": "2027-01",
        "names": {"zh-hans": "周报及时"},
        "points": "10.00",
        "taking": "per_fault",
        "faults": {"missing": "2.00"},
        "rank": 8,
        "judged_by": "summaries.punctuality",
    }
    made = market.post("check-items/", body)
    assert (made.status_code, made.json()["faults"]) == (201, {"missing": "2.00"})
    wrong = market.post("check-items/", {**body, "valid_from": "2026-12"})
    assert wrong.json()["errors"][0]["pointer"] == "/valid_from"
    pk = CheckItem.objects.get(code="notice").pk
    dropped = market.post(f"check-items/{pk}/drop/", {"valid_from": "2027-01"})
    assert dropped.json()["is_dropped"] is True
    gone = market.post(f"check-items/{dropped.json()['id']}/withdraw/")
    assert gone.json() == {"withdrawn": dropped.json()["id"]}
    assert len(api_of("周建平").get("check-items/").json()["items"]) == 9
    assert api_of("周建平").post("check-items/", body).status_code == 403

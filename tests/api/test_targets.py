"""A month's targets over the API (T1–T4): required, prepared, issued, acknowledged, reached."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.workbooks import open_table
from kpi.models import Bill
from organization.models import Person
from tests.api.conftest import ApiOf
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.targets import imported

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning(clock: StoryClock) -> None:
    clock.set("2026-12-02 09:00:00")


def answered(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def test_from_the_companys_requirement_to_the_managers_result(cast: Cast, api_of: ApiOf) -> None:
    market, boss = api_of("韩静"), api_of("周建平")
    head, own = api_of("赵国梁"), api_of("林晓岚")
    east, me = cast.east.pk, cast["林晓岚"].pk

    grid = market.get("requirements/2026-12/")
    cells = [{"row": east, "indicator": "M1", "value": "90.00"}]
    told = answered(market.patch("requirements/2026-12/", {"cells": cells}, If_Match=grid["ETag"]))
    assert [(cell["branch"]["id"], cell["value"]) for cell in told["cells"]] == [(east, "90.00")]
    again = market.patch("requirements/2026-12/", {"cells": cells}, If_Match=grid["ETag"])
    assert again.status_code == 412

    here = f"targets/2026-12/{east}/"
    desk = boss.get(here)
    assert answered(desk)["lines"][0]["required"] == "90.00"
    body = {
        "priorities": "专线提速",
        "lines": [{"indicator": "M1", "value": "90.00", "method": "customers"}],
    }
    desk = boss.patch(here, body, If_Match=desk["ETag"])
    assert [part["value"] for part in answered(desk)["lines"][0]["parts"]] == [
        "30.00",
        "15.00",
        "45.00",
    ]
    assert desk.json()["bars"] == ["items"]
    work = {"managers": [me], "what": "走访重点集团", "quantity": 5, "due_on": "2026-12-18"}
    added = boss.post(f"{here}work-items/", work, If_Match=desk["ETag"])
    item = answered(added)["items"][0]
    assert boss.post(f"{here}issue/", {}, If_Match=added["ETag"]).status_code == 403
    issued = answered(head.post(f"{here}issue/", {}, If_Match=added["ETag"]))
    assert (issued["state"], issued["newest"]) == ("issued", 1)

    version = answered(own.get(f"{here}versions/1/"))
    assert version["content"]["priorities"] == "专线提速"
    done = answered(own.post(f"{here}versions/1/acknowledge/"))
    assert list(done["acknowledged"]) == [str(me)]
    assert own.get(here).status_code == 404
    assert own.get(f"{here}versions/1/pdf/").content[:5] == b"%PDF-"
    assert own.get(f"{here}versions/1/workbook/").content[:2] == b"PK"

    to_do = answered(own.get("todos/?state=open"))["items"][0]
    assert (to_do["title"], to_do["source_id"]) == ("走访重点集团 5", item["id"])
    one = own.get(f"work-items/{item['id']}/")
    reported = answered(
        own.post(f"work-items/{item['id']}/report/", {"done": 5}, If_Match=one["ETag"])
    )
    assert reported["done"] == 5
    assert answered(own.get(f"todos/{to_do['id']}/"))["state"] == "done"

    results = f"results/2026-12/{east}/"
    cells = [{"row": me, "indicator": "M1", "value": "12.00"}]
    grid = boss.patch(results, {"cells": cells}, If_Match=boss.get(results)["ETag"])
    assert answered(grid)["results"][0]["recorded_by"]["name"] == "周建平"
    seen = market.get(results)
    checked = answered(market.post(f"{results}check/", If_Match=seen["ETag"]))
    assert checked["results"][0]["checked_by"]["name"] == "韩静"
    progress = answered(own.get(f"targets/2026-12/of/{me}/"))["progress"]
    assert [(one["indicator"], one["actual"], one["target"]) for one in progress] == [
        ("M1", "12.00", "45.00")
    ]
    company = answered(market.get("targets/2026-12/"))
    assert [(one["branch"]["name"], one["is_issued"]) for one in company["branches"]] == [
        ("城西分公司", False),
        ("城东分公司", True),
    ]


def test_wrong_numbers_are_refused_with_their_place(cast: Cast, api_of: ApiOf) -> None:
    boss = api_of("周建平")
    here = f"targets/2026-12/{cast.east.pk}/"
    tag = boss.get(here)["ETag"]
    body = {"lines": [{"indicator": "M2", "value": "1.50"}]}
    problem = answered(boss.patch(here, body, If_Match=tag), 422)
    assert problem["errors"][0]["pointer"] == "/lines"
    missing = {"lines": [{"value": "1.00"}]}
    assert boss.patch(here, missing, If_Match=tag).status_code == 422
    results = f"results/2026-12/{cast.east.pk}/"
    tag = boss.get(results)["ETag"]
    for cell in ({"row": 1}, {"row": cast["吴志远"].pk, "indicator": "M1", "value": "1"}):
        assert boss.patch(results, {"cells": [cell]}, If_Match=tag).status_code == 422


def test_indicators_and_work_items(cast: Cast, api_of: ApiOf) -> None:
    market, boss = api_of("韩静"), api_of("周建平")
    labels = {"telecom": {"zh-hans": "宽带新增", "en": "New lines"}}
    made = market.post("indicators/", {"code": "M6", "labels": labels, "unit": "户"})
    url = f"indicators/{answered(made, 201)['id']}/"
    changed = market.patch(url, {"unit": "条"}, If_Match=made["ETag"])
    assert answered(changed)["unit"] == "条"
    closed = market.post(f"{url}close/", If_Match=changed["ETag"])
    assert answered(closed)["is_closed"]
    assert not answered(market.post(f"{url}reopen/", If_Match=closed["ETag"]))["is_closed"]

    here = f"targets/2026-12/{cast.east.pk}/"
    work = {"managers": [cast["林晓岚"].pk], "what": "走访", "due_on": "2026-12-18"}
    item = answered(boss.post(f"{here}work-items/", work, If_Match=boss.get(here)["ETag"]))[
        "items"
    ][0]
    one = boss.get(f"work-items/{item['id']}/")
    again = boss.patch(f"work-items/{item['id']}/", {"quantity": 3}, If_Match=one["ETag"])
    assert answered(again)["quantity"] == 3
    stale = boss.patch(f"work-items/{item['id']}/", {"quantity": 4}, If_Match=one["ETag"])
    assert stale.status_code == 412
    removed = boss.post(f"work-items/{item['id']}/remove/", If_Match=again["ETag"])
    assert answered(removed) == {"removed": item["id"]}
    assert answered(boss.get("work-items/"))["items"] == []


def test_bills_are_listed_for_those_who_hold_them(cast: Cast, api_of: ApiOf) -> None:
    text = "账期,集团编码,应收,实收,欠费,账龄\n202612,G0001,100,50,50,40\n202612,G0005,9,9,0,0\n"
    imported(cast, "billing", text.encode("gbk"))
    assert Bill.objects.count() == 2
    own = answered(api_of("林晓岚").get("bills/2026-12/"))["items"]
    assert [(one["customer"], one["arrears"], one["arrears_days"]) for one in own] == [
        ("G0001", "50.00", 40)
    ]
    late = answered(api_of("韩静").get("bills/2026-12/?arrears_days_over=30"))["items"]
    assert [one["customer"] for one in late] == ["G0001"]


def test_to_dos_are_set_and_taken_back(
    cast: Cast, api_of: ApiOf, browser_of: Callable[[Person], Client]
) -> None:
    boss, own = api_of("周建平"), api_of("林晓岚")
    body = {"owner": cast["林晓岚"].pk, "title": "带合同去医院", "due_on": "2026-12-04"}
    made = answered(boss.post("todos/", body), 201)
    assert answered(own.post(f"todos/{made['id']}/tick/"))["state"] == "done"
    assert answered(own.post(f"todos/{made['id']}/untick/"))["state"] == "open"
    book = own.get("todos/workbook/").content
    assert book == browser_of(cast["林晓岚"]).get("/todos/workbook/").content
    rows = [list(row) for row in open_table(book, "x.xlsx").sheets[0].rows]
    (row,) = [row for row in rows if row[0] == "带合同去医院"]
    assert (row[1], row[3], row[4]) == ("林晓岚", "待办", "周建平")
    led = open_table(boss.get("todos/workbook/?show=others").content, "x.xlsx").sheets[0].rows
    assert [row[1] for row in led if row[0] == "带合同去医院"] == ["林晓岚"]
    assert own.get("todos/workbook/?show=others").status_code == 404
    assert own.post(f"todos/{made['id']}/drop/").status_code == 403
    assert answered(boss.post(f"todos/{made['id']}/drop/"))["state"] == "dropped"

"""The bulletin by the API alone (B1, annex 8): the same way as by the pages."""

from typing import Any

import pytest

from tests.api.conftest import Api, ApiOf
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.bulletins import asked, checked_november, drafted, raised, whole_way

DAYS = ("2026-12-07 08:30:00", "2026-12-11 09:00:00", "2026-12-14 10:00:00")


@pytest.fixture(autouse=True)
def november(cast: Cast, clock: StoryClock) -> Cast:
    """WD5 of December; a finding stands."""
    checked_november(cast)
    raised(cast)
    clock.set(DAYS[0])
    return cast


def act(client: Api, pk: int, step: str, **body: Any) -> Any:
    """An act upon the bulletin as it stands."""
    tag = client.get(f"bulletins/{pk}/")["ETag"]
    return client.post(f"bulletins/{pk}/{step}/", body, If_Match=tag)


def test_the_whole_way(api_of: ApiOf, cast: Cast, clock: StoryClock) -> None:
    writer, second = api_of("韩静"), api_of("苏婉")
    made = writer.post("bulletins/", {"month": "2026-11"})
    assert made.status_code == 201
    pk = made.json()["id"]
    assert made["Location"].endswith(f"/api/v1/bulletins/{pk}/")

    whole = writer.get(f"bulletins/{pk}/")
    offered = {(one["part"], one["key"]) for one in whole.json()["suggestions"]}
    assert ("good", "clean") in offered
    assert [one for one in whole.json()["suggestions"] if not one["rows"]] == []
    written = writer.patch(
        f"bulletins/{pk}/",
        {"texts": {"good": "城西做得好"}, "taken": {"good": ["clean"]}},
        If_Match=whole["ETag"],
    )
    good = next(part for part in written.json()["document"]["parts"] if part["key"] == "good")
    assert [one["text"] for one in good["paragraphs"]] == [
        "城西分公司本月所查项目没有扣分。",
        "城西做得好",
    ]
    assert act(writer, pk, "figures").status_code == 200
    assert act(writer, pk, "ask").json()["comments_until"] == "2026-12-11T00:00:00+08:00"

    leader = api_of("周建平")
    east = leader.get(f"bulletins/{pk}/preview/{cast.east.pk}/").json()
    assert (east["branch"]["code"], east["document"]["branch"]) == ("CD", "城东分公司")
    assert leader.get(f"bulletins/{pk}/preview/{cast.west.pk}/").status_code == 404
    said = leader.post(f"bulletins/{pk}/comments/", {"branch": cast.east.pk, "text": "表4有误"})
    assert said.status_code == 201
    assert api_of("郑秋实").get(f"bulletins/{pk}/comments/").json()["items"] == []
    comment = said.json()["id"]
    waits = "征求意见到 12月10日（周四） 为止，还有 1 个分公司没有提。"
    hinders = ["还有 1 条分公司的意见没有答复。", waits]
    assert writer.get(f"bulletins/{pk}/").json()["hinders"] == hinders
    assert leader.get(f"bulletins/{pk}/").json()["hinders"] == []
    refused = act(writer, pk, "propose")
    assert [one["detail"] for one in refused.json()["errors"]] == hinders
    answer = writer.post(f"bulletins/{pk}/comments/{comment}/answer/", {"answer": "已改"})
    assert (answer.status_code, answer.json()["answer"]) == (200, "已改")

    clock.set(DAYS[1])
    assert act(writer, pk, "propose").json()["state"] == "proposed"
    assert act(writer, pk, "publish").status_code == 403
    back = act(second, pk, "send-back", why="")
    assert (back.status_code, back.json()["errors"][0]["pointer"]) == (422, "/why")
    clock.set(DAYS[2])
    done = act(second, pk, "publish").json()
    assert (done["state"], done["document_number"]) == ("published", "市通报〔2026〕1号")
    assert (done["texts"], done["suggestions"]) == ({"good": "城西做得好"}, [])

    assert leader.post(f"bulletins/{pk}/sign/").json()["signed_at"] == "2026-12-14T10:00:00+08:00"
    reminded = writer.post(f"bulletins/{pk}/remind/").json()["reminded"]
    assert reminded == sorted(cast[who].pk for who in ("赵国梁", "钱慧敏", "郑秋实"))
    rows = writer.get(f"bulletins/{pk}/receipts/?is_signed=false").json()["items"]
    assert sorted(one["person"]["name"] for one in rows) == sorted(["赵国梁", "钱慧敏", "郑秋实"])
    more = writer.post(f"bulletins/{pk}/supplements/", {"why": "申诉改分"})
    assert (more.status_code, more.json()["supplement"], more.json()["why"]) == (
        201,
        1,
        "申诉改分",
    )


def test_a_stale_writer_is_told_what_stands(api_of: ApiOf, cast: Cast) -> None:
    bulletin = drafted(cast)
    writer = api_of("韩静")
    path = f"bulletins/{bulletin.pk}/"
    tag = writer.get(path)["ETag"]
    assert writer.patch(path, {"title": "一"}).status_code == 428
    assert writer.patch(path, {"title": "一"}, If_Match=tag).status_code == 200
    late = writer.patch(path, {"title": "二"}, If_Match=tag)
    assert (late.status_code, late.json()["current"]["title"]) == (412, "一")


def test_what_is_wrong_is_said_where_it_stands(api_of: ApiOf, cast: Cast) -> None:
    bulletin = drafted(cast)
    writer = api_of("韩静")
    path = f"bulletins/{bulletin.pk}/"
    for body, pointer in (
        ({"taken": {"good": ["best"]}}, "/taken/good"),
        ({"title": " "}, "/title"),
        ({"state": "published"}, "/state"),
    ):
        answer = writer.patch(path, body, If_Match=writer.get(path)["ETag"])
        assert answer.status_code in (400, 422)
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


def test_only_its_writers_read_a_draft(api_of: ApiOf, cast: Cast) -> None:
    bulletin = drafted(cast)
    for who in ("孙岚", "赵国梁", "林晓岚"):
        assert api_of(who).get(f"bulletins/{bulletin.pk}/").status_code == 404
        assert api_of(who).get("bulletins/").json()["items"] == []
    # Who works neither in nor with branches has no list of them at all.
    assert api_of("马骏").get(f"bulletins/{bulletin.pk}/").status_code == 404
    assert api_of("马骏").get("bulletins/").status_code == 403
    asked(cast, bulletin)
    shown = api_of("赵国梁").get(f"bulletins/{bulletin.pk}/").json()
    assert (shown["state"], shown["texts"], shown["suggestions"]) == ("commenting", {}, [])


def test_found_by_month_year_and_state(api_of: ApiOf, cast: Cast, clock: StoryClock) -> None:
    whole_way(cast)
    clock.set(DAYS[2])
    manager = api_of("林晓岚")

    def found(query: str) -> int:
        return len(manager.get(f"bulletins/?{query}").json()["items"])

    assert found("month=2026-11&state=published&year=2026") == 1
    assert (found("year=2025"), found("state=draft"), found("month=2026-10")) == (0, 0, 0)
    assert found("updated_since=2026-12-14T10:00:01%2B08:00") == 0


def test_a_narrowed_token_reads_as_its_branch(api_of: ApiOf, cast: Cast) -> None:
    bulletin = drafted(cast)
    narrow = api_of("韩静", branch_ids=[cast.west.pk])
    assert narrow.get(f"bulletins/{bulletin.pk}/").status_code == 404
    assert narrow.post("bulletins/", {"month": "2026-10"}).status_code == 403

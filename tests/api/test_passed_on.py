"""Documents passed on, cases and questions by the API alone (M1.1, M2.1, A2)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meetings.choices import Presence
from meetings.operations.documents import tell_present
from tests.api.conftest import ApiOf
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.minuted import ENDED, held

DOCUMENT = {
    "title": "集团专线资费调整",
    "reference": "市场〔2026〕41号",
    "gist": "老客户续约按新资费。",
    "tell_by": "2026-11-27",
}


@pytest.fixture(autouse=True)
def friday_before(clock: StoryClock) -> None:
    """It is added on the Friday before the weekly meeting."""
    clock.set("2026-11-20 16:00:00")


def test_a_document_is_added_told_and_signed(api_of: ApiOf, cast: Cast, clock: StoryClock) -> None:
    boss = api_of("周建平")
    added = boss.post("documents/", {**DOCUMENT, "branches": [cast.east.pk]})
    assert added.status_code == 201, added.content
    path = f"documents/{added.json()['id']}/"
    assert added["Location"].endswith(f"/api/v1/{path}")
    assert (added.json()["people"], added.json()["told"]) == (3, 0)
    clock.set("2026-11-23 09:00:00")
    tell_present(held(cast, "weekly", presence={"陈嘉怡": Presence.ABSENT}), ENDED)
    reader = api_of("陈嘉怡")
    assert [one["id"] for one in reader.get("documents/?is_asked=true").json()["items"]] == [
        added.json()["id"]
    ]
    assert reader.post(f"{path}sign/").json()["told_me_at"] == "2026-11-23T09:00:00+08:00"
    assert len(boss.get("documents/?q=专线 41号").json()["items"]) == 1
    assert boss.get("documents/?q=专线 42号").json()["items"] == []
    rows = boss.get(f"{path}readers/?is_told=true").json()["items"]
    assert [(row["person"]["name"], row["way"]) for row in rows] == [
        ("陈嘉怡", "read"),
        ("何俊峰", "meeting"),
        ("林晓岚", "meeting"),
    ]
    own = reader.get(f"{path}readers/").json()["items"]
    assert [row["person"]["name"] for row in own] == ["陈嘉怡"]


def test_a_document_changes_on_the_version_that_was_seen(api_of: ApiOf, cast: Cast) -> None:
    boss = api_of("周建平")
    added = boss.post("documents/", {**DOCUMENT, "branches": [cast.east.pk]})
    path = f"documents/{added.json()['id']}/"
    assert boss.patch(path, {"tell_by": "2026-11-30"}).status_code == 428
    tag = boss.get(path)["ETag"]
    more = {"branches": [cast.east.pk], "roles": ["gm"], "without": [cast["何俊峰"].pk]}
    changed = boss.patch(path, {"tell_by": "2026-11-30", **more}, If_Match=tag)
    assert (changed.status_code, changed.json()["tell_by"]) == (200, "2026-11-30")
    names = [one["person"]["name"] for one in boss.get(f"{path}readers/").json()["items"]]
    assert sorted(names) == sorted(["陈嘉怡", "林晓岚", "赵国梁"])
    assert boss.patch(path, {"title": "x"}, If_Match=tag).status_code == 412
    tag = boss.get(path)["ETag"]
    gone = boss.post(f"{path}withdraw/", {"why": "发重了"}, If_Match=tag)
    assert gone.json()["withdrawn_at"] == "2026-11-20T16:00:00+08:00"
    assert api_of("吴志远").get(path).status_code == 404


def test_a_secret_file_goes_to_whom_its_level_permits(api_of: ApiOf, cast: Cast) -> None:
    boss = api_of("赵国梁")
    form = {
        **DOCUMENT,
        "level": "3",
        "branches": [str(cast.east.pk)],
        "roles": ["manager", "supervisor"],
        "file": SimpleUploadedFile("营销案.pdf", b"%PDF-1.7 x", "application/pdf"),
    }
    added = Client().post("/api/v1/documents/", form, headers=boss.headers)
    assert added.status_code == 201, added.content
    path = f"documents/{added.json()['id']}/"
    assert (added.json()["people"], added.json()["file_name"]) == (4, "营销案.pdf")
    assert api_of("周建平").get(f"{path}file/").content == b"%PDF-1.7 x"
    assert api_of("林晓岚").get(f"{path}file/").status_code == 403
    assert api_of("林晓岚").post(f"{path}sign/").status_code == 403
    gists = [api_of(name).get(path).json()["gist"] for name in ("周建平", "林晓岚")]
    assert gists == [DOCUMENT["gist"], ""]
    found = [
        len(api_of(name).get("documents/?q=老客户").json()["items"])
        for name in ("周建平", "林晓岚")
    ]
    assert found == [1, 0]


def test_a_question_is_handed_in_answered_shared_and_found(api_of: ApiOf, cast: Cast) -> None:
    author, boss, west = api_of("林晓岚"), api_of("赵国梁"), api_of("吴志远")
    made = author.post(
        "cases-and-questions/", {"kind": "question", "title": "提前解约", "text": "还有八个月"}
    )
    assert made.status_code == 201, made.content
    path = f"cases-and-questions/{made.json()['id']}/"
    mended = author.patch(path, {"text": "还有七个月"}, If_Match=made["ETag"])
    assert mended.json()["text"] == "还有七个月"
    answered = boss.post(f"{path}answer/", {"answer": "先面谈"}, If_Match=mended["ETag"])
    assert (answered.json()["state"], answered.json()["answered_by"]["name"]) == (
        "answered",
        "赵国梁",
    )
    assert author.patch(path, {"text": "x"}, If_Match=answered["ETag"]).status_code == 422
    assert west.get("cases-and-questions/?q=面谈").json()["items"] == []
    shared = boss.post(f"{path}share/", If_Match=answered["ETag"])
    assert shared.status_code == 200
    (found,) = west.get("cases-and-questions/?q=面谈").json()["items"]
    assert found["title"] == "提前解约"
    assert boss.post(f"{path}unshare/", If_Match=shared["ETag"]).status_code == 200
    assert west.get(path).status_code == 404


def test_what_one_has_handed_in_is_taken_back(api_of: ApiOf) -> None:
    author = api_of("林晓岚")
    made = author.post("cases-and-questions/", {"kind": "case", "title": "x", "text": "x"})
    path = f"cases-and-questions/{made.json()['id']}/"
    colleague = api_of("陈嘉怡")
    assert colleague.post(f"{path}withdraw/", If_Match=made["ETag"]).status_code == 403
    gone = author.post(f"{path}withdraw/", If_Match=made["ETag"])
    assert gone.json()["state"] == "withdrawn"
    more = {"kind": "case", "title": "x", "text": "x"}
    assert api_of("韩静").post("cases-and-questions/", more).status_code == 403

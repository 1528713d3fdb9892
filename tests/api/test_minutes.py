"""Minutes over the API: drafted, submitted, returned, approved, corrected; actions and scans."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from confidentiality.models import Disclosure
from meetings.models import Attendee, Meeting, Minutes
from tests.api.conftest import Api, ApiOf
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.minuted import arranged, held
from tests.domain.test_minutes import approved, entry, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(cast: Cast, clock: StoryClock) -> Meeting:
    """Monday's weekly meeting; it is Tuesday noon."""
    made = held(cast, "weekly")
    clock.set("2026-11-24 12:00:00")
    return made


def body(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "level": 2,
        "items": [{"key": "i1", "kind": "report", "topic": "拜访计划", "conclusion": "本周内补访"}],
        "actions": [
            {"key": "a1", "content": "补访三户", "owner": cast["陈嘉怡"].pk, "due_on": "2026-11-27"}
        ],
        **more,
    }


def test_from_the_draft_to_the_approved_version(
    cast: Cast, meeting: Meeting, api_of: ApiOf, clock: StoryClock
) -> None:
    lin, boss = api_of("林晓岚"), api_of("周建平")
    here = f"meetings/{meeting.pk}/minutes/"
    nothing = lin.get(here).json()
    assert (nothing["state"], nothing["due_at"], nothing["is_needed"], nothing["latest"]) == (
        "",
        "2026-11-24T17:30:00+08:00",
        True,
        None,
    )
    draft = lin.get(f"{here}draft/")
    assert draft.json()["version"] == 0
    assert boss.get(f"{here}draft/").status_code == 403
    kept = lin.put(f"{here}draft/", body(cast), If_Match=draft.headers["ETag"])
    assert (kept.status_code, kept.json()["version"]) == (200, 1)
    late = lin.put(f"{here}draft/", body(cast), If_Match=draft.headers["ETag"])
    assert late.status_code == 412
    assert lin.post(f"{here}submit/").status_code == 428
    clock.set("2026-11-24 17:30:00")
    done = lin.post(f"{here}submit/", If_Match=kept.headers["ETag"])
    assert (done.status_code, done.json()["state"], done.json()["minutes_late"]) == (
        200,
        "submitted",
        0,
    )
    assert done.json()["number"] == "HY-20261123-CD-W48"
    tag = done.headers["ETag"]
    assert lin.post(f"{here}approve/", If_Match=tag).status_code == 403
    back = boss.post(f"{here}return/", {"opinion": "写明哪三户"}, If_Match=tag)
    assert back.json()["state"] == "returned"
    again = lin.get(f"{here}draft/")
    assert again.json()["body"]["items"][0]["topic"] == "拜访计划"
    lin.post(f"{here}submit/", body(cast), If_Match=again.headers["ETag"])
    now = boss.get(here)
    approved_now = boss.post(f"{here}approve/", If_Match=now.headers["ETag"])
    assert (approved_now.json()["state"], approved_now.json()["standing"]) == ("approved", 2)
    versions = boss.get(f"{here}versions/").json()["items"]
    assert [(one["number"], one["opinion"]) for one in versions] == [(2, ""), (1, "写明哪三户")]
    assert boss.get(f"{here}versions/1/").json()["returned_by"]["name"] == "周建平"
    pdf = boss.get(f"{here}versions/2/pdf/", Accept="application/pdf")
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")


def test_what_is_missing_is_pointed_at(cast: Cast, meeting: Meeting, api_of: ApiOf) -> None:
    lin = api_of("林晓岚")
    here = f"meetings/{meeting.pk}/minutes/"
    tag = lin.get(f"{here}draft/").headers["ETag"]
    lacking = body(cast, actions=[{"content": "补访三户"}])
    lacking["items"].append({"kind": "case", "topic": "挽留"})
    answer = lin.post(f"{here}submit/", lacking, If_Match=tag)
    assert answer.status_code == 422
    assert sorted(one["pointer"] for one in answer.json()["errors"]) == [
        "/actions/0/due_on",
        "/actions/0/owner",
        "/items/1/conclusion",
    ]
    unknown = lin.post(f"{here}submit/", {**body(cast), "x": 1}, If_Match=tag)
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/x")
    assert not Minutes.objects.exists()


def test_a_correction_needs_its_reason(cast: Cast, meeting: Meeting, api_of: ApiOf) -> None:
    submitted(cast, meeting)
    approved(cast, meeting)
    lin = api_of("林晓岚")
    here = f"meetings/{meeting.pk}/minutes/"
    tag = lin.get(f"{here}draft/").headers["ETag"]
    assert lin.post(f"{here}submit/", body(cast), If_Match=tag).status_code == 422
    lacking = lin.post(f"{here}correct/", body(cast), If_Match=tag)
    assert (lacking.status_code, lacking.json()["errors"][0]["pointer"]) == (422, "/why")
    done = lin.post(f"{here}correct/", body(cast, why="责任人记错"), If_Match=tag)
    assert (done.status_code, done.json()["state"], done.json()["latest"]["why"]) == (
        200,
        "submitted",
        "责任人记错",
    )
    assert done.json()["standing"] == 1


def test_another_recorder(cast: Cast, meeting: Meeting, api_of: ApiOf) -> None:
    boss = api_of("周建平")
    tag = boss.get(f"meetings/{meeting.pk}/").headers["ETag"]
    here = f"meetings/{meeting.pk}/minutes/recorder/"
    chair = boss.post(here, {"recorder": cast["周建平"].pk}, If_Match=tag)
    assert (chair.status_code, chair.json()["errors"][0]["pointer"]) == (422, "/recorder")
    done = boss.post(here, {"recorder": cast["陈嘉怡"].pk}, If_Match=tag)
    assert (done.status_code, done.json()["recorder"]["name"]) == (200, "陈嘉怡")


# Actions, the agenda


@pytest.fixture
def minuted(cast: Cast, meeting: Meeting) -> Meeting:
    submitted(cast, meeting)
    approved(cast, meeting)
    return meeting


def found(api: Api, query: str = "") -> list[str]:
    return [one["content"] for one in api.get(f"meeting-actions/{query}").json()["items"]]


def test_actions_are_listed_closed_and_opened_again(
    cast: Cast, minuted: Meeting, api_of: ApiOf
) -> None:
    chen, boss = api_of("陈嘉怡"), api_of("周建平")
    assert found(chen) == ["三户改期客户补访", "A 类客户续签摸底表"]
    assert found(chen, f"?owner={cast['陈嘉怡'].pk}") == ["A 类客户续签摸底表"]
    assert found(api_of("吴志远")) == []
    assert api_of("马骏").get("meeting-actions/").status_code == 403
    [one] = [
        each
        for each in chen.get("meeting-actions/").json()["items"]
        if each["owner"]["name"] == "陈嘉怡"
    ]
    here = f"meeting-actions/{one['id']}/"
    tag = chen.get(here).headers["ETag"]
    assert chen.post(f"{here}drop/", {"why": "x"}, If_Match=tag).status_code == 403
    done = chen.post(f"{here}close/", {"result": "已摸底 12 户"}, If_Match=tag)
    assert (done.status_code, done.json()["state"]) == (200, "done")
    stale = boss.post(f"{here}reopen/", {"why": "漏了"}, If_Match=tag)
    assert stale.status_code == 412
    again = boss.post(f"{here}reopen/", {"why": "漏了"}, If_Match=done.headers["ETag"])
    assert again.json()["state"] == "open"
    assert found(chen, "?state=done") == []


def test_the_agenda_at_hand(cast: Cast, minuted: Meeting, api_of: ApiOf) -> None:
    coming = arranged(cast, "standup", "2026-11-25")
    agenda = api_of("何俊峰").get(f"meetings/{coming.pk}/agenda/").json()
    assert [one["content"] for one in agenda["actions"]] == [
        "三户改期客户补访",
        "A 类客户续签摸底表",
    ]
    assert (agenda["week"], agenda["reports"], agenda["month"]) == (None, [], None)
    session = arranged(cast, "gm", "2026-12")
    head = api_of("赵国梁").get(f"meetings/{session.pk}/agenda/").json()
    assert (head["month"], [one["kind"] for one in head["figures"]]) == (
        "2026-12",
        ["group", "person"],
    )
    assert api_of("何俊峰").get(f"meetings/{session.pk}/agenda/").json()["figures"] == []
    assert api_of("郑秋实").get(f"meetings/{coming.pk}/agenda/").status_code == 404


# Scans


def test_a_scan_is_filed_and_taken_out(cast: Cast, minuted: Meeting, api_of: ApiOf) -> None:
    lin = api_of("林晓岚")
    here = f"meetings/{minuted.pk}/scans/"

    def file(api: Api, name: str) -> Any:
        given = {"part": "sign_in", "file": SimpleUploadedFile(name, b"%PDF-1.7")}
        return api.client.post(f"/api/v1/{here}", given, headers=api.headers)

    assert file(api_of("陈嘉怡"), "x.pdf").status_code == 403
    assert file(lin, "x.txt").status_code == 422
    made = file(lin, "x.pdf")
    assert (made.status_code, made.json()["part"]) == (201, "sign_in")
    assert [one["id"] for one in lin.get(here).json()["items"]] == [made.json()["id"]]
    gone = lin.post(f"{here}{made.json()['id']}/remove/")
    assert gone.status_code == 200
    assert gone.json()["removed_at"] is not None
    assert lin.get(here).json()["items"] == []


def test_secret_minutes_are_for_a_named_group(cast: Cast, meeting: Meeting, api_of: ApiOf) -> None:
    Attendee.objects.filter(meeting=meeting, person=cast["何俊峰"]).delete()
    submitted(cast, meeting, entry(cast, level=3))
    here = f"meetings/{meeting.pk}/minutes/"
    outsider = api_of("何俊峰")
    shown = outsider.get(here).json()
    assert (shown["level"], shown["is_readable"], shown["latest"]) == (3, False, None)
    assert outsider.get(f"{here}versions/").json()["items"] == []
    assert outsider.get(f"{here}versions/1/").status_code == 403
    pdf = outsider.get(f"{here}versions/1/pdf/", Accept="application/pdf")
    assert pdf.status_code == 403
    assert not Disclosure.objects.exists()
    present = api_of("陈嘉怡")
    assert present.get(here).json()["latest"]["content"]["level"] == 3
    assert len(present.get(f"{here}versions/").json()["items"]) == 1
    assert present.get(f"{here}versions/1/").json()["number"] == 1
    assert [one.door for one in Disclosure.objects.all()] == ["api"] * 3
    # The paper is its recorder's and chair's; others of the group read it here.
    assert present.get(f"{here}versions/1/pdf/", Accept="application/pdf").status_code == 403


def test_helpers_of_an_action(cast: Cast, meeting: Meeting, api_of: ApiOf) -> None:
    lin, ho = api_of("林晓岚"), cast["何俊峰"].pk
    here = f"meetings/{meeting.pk}/minutes/"
    [row] = body(cast)["actions"]
    draft = lin.get(f"{here}draft/")
    sent = body(cast, actions=[{**row, "helpers": [ho]}])
    done = lin.post(f"{here}submit/", sent, If_Match=draft.headers["ETag"])
    assert done.json()["latest"]["content"]["actions"][0]["helper_names"] == ["何俊峰"]
    approved(cast, meeting, "2026-11-24 12:00:00")
    [action] = api_of("何俊峰").get(f"meeting-actions/?helper={ho}").json()["items"]
    assert (action["owner"]["name"], [one["name"] for one in action["helpers"]]) == (
        "陈嘉怡",
        ["何俊峰"],
    )

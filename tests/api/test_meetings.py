"""Meetings and calendar addresses over the API: the same operations as the pages'."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from meetings.models import Meeting
from meetings.operations.occurrences import ensure_meetings
from tests.api.conftest import ApiOf
from tests.cast import NOON, Cast
from tests.conftest import StoryClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def ahead(cast: Cast, clock: StoryClock) -> Cast:
    """Friday noon; December is laid out."""
    ensure_meetings(date(2026, 11, 27), date(2026, 12, 31), at=NOON)
    return cast


def meeting_of(cast: Cast, kind: str, key: str) -> Meeting:
    return Meeting.objects.get(kind=kind, key=key, branch=cast.east)


def acted(api: Any, meeting: Meeting, what: str, body: Any = None) -> Any:
    """An act on the meeting as it now stands."""
    here = f"meetings/{meeting.pk}/"
    return api.post(f"{here}{what}/", body or {}, If_Match=api.get(here).headers["ETag"])


def test_a_list_by_kind_branch_and_day(ahead: Cast, api_of: ApiOf) -> None:
    market = api_of("韩静")
    found = market.get(
        f"meetings/?kind=weekly&branch={ahead.west.pk}&on_from=2026-12-01&on_to=2026-12-14"
    ).json()["items"]
    assert [(one["key"], one["branch"]["code"], one["standing"]) for one in found] == [
        ("2026-W51", "CX", "planned"),
        ("2026-W50", "CX", "planned"),
    ]
    own = api_of("林晓岚").get("meetings/?kind=weekly").json()["items"]
    assert {one["branch"]["code"] for one in own} == {"CD"}
    assert api_of("马骏").get("meetings/").status_code == 403


def test_one_meeting_with_its_people(ahead: Cast, api_of: ApiOf) -> None:
    meeting = meeting_of(ahead, "standup", "2026-11-27")
    shown = api_of("林晓岚").get(f"meetings/{meeting.pk}/").json()
    assert (shown["kinds"], shown["standing"], shown["planned_on"]) == (
        ["standup"], "not_held", "2026-11-27",
    )  # fmt: skip
    assert [one["name"] for one in shown["expected"]] == ["陈嘉怡", "何俊峰", "林晓岚"]
    assert [one["name"] for one in shown["holders"]] == ["周建平"]
    assert api_of("吴志远").get(f"meetings/{meeting.pk}/").status_code == 404


def test_arranged_from_delegation_to_cancellation(ahead: Cast, api_of: ApiOf) -> None:
    head = api_of("赵国梁")
    weekly, analysis = (
        meeting_of(ahead, "weekly", "2026-W52"),
        meeting_of(ahead, "analysis", "2026-12"),
    )
    handed = acted(head, weekly, "delegate", {"delegate": ahead["钱慧敏"].pk, "reason": "开会"})
    assert handed.json()["delegation"]["delegate"]["name"] == "钱慧敏"
    assert acted(head, weekly, "delegate/end").json()["delegation"] is None
    joined = acted(head, weekly, "combine", {"joined": analysis.pk})
    assert (joined.status_code, joined.json()["kinds"]) == (200, ["weekly", "analysis"])
    moved = acted(
        head, weekly, "move", {"on": "2026-12-22", "start": "10:00", "reason": "省公司来人"}
    )
    assert (moved.json()["starts_at"], moved.json()["planned_on"], moved.json()["sequence"]) == (
        "2026-12-22T10:00:00+08:00", "2026-12-21", 2,
    )  # fmt: skip
    assert acted(head, analysis, "separate").json()["sitting"] is None
    off = acted(head, weekly, "cancel", {"reason": "放假"})
    assert (off.json()["state"], off.json()["reason"]) == ("cancelled", "放假")
    assert acted(head, weekly, "restore").json()["state"] == "planned"


def test_what_is_refused_says_where(ahead: Cast, api_of: ApiOf) -> None:
    supervisor = api_of("周建平")
    weekly = meeting_of(ahead, "weekly", "2026-W49")
    answer = acted(
        supervisor, weekly, "move", {"on": "2026-12-07", "start": "09:00", "reason": "x"}
    )
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/on"]
    here = f"meetings/{weekly.pk}/cancel/"
    assert supervisor.post(here, {"reason": "x"}).status_code == 428
    assert supervisor.post(here, {"reason": "x"}, If_Match='"7.0"').status_code == 412
    assert acted(api_of("林晓岚"), weekly, "cancel", {"reason": "x"}).status_code == 403


def test_a_month_is_laid_out(cast: Cast, clock: StoryClock, api_of: ApiOf) -> None:
    answer = api_of("周建平").post(f"meetings/2027-03/{cast.east.pk}/lay-out/")
    assert answer.json() == {"made": Meeting.objects.filter(branch=cast.east).count()}
    assert api_of("周建平").post(f"meetings/2027-03/{cast.west.pk}/lay-out/").status_code == 404


def test_a_calendar_address_from_making_to_revoking(ahead: Cast, api_of: ApiOf) -> None:
    manager = api_of("林晓岚")
    assert manager.get("calendar-feed/").json()["items"] == []
    made = manager.post("calendar-feed/make/")
    assert made.status_code == 201
    address = made.json()["url"]
    assert Client().get(address).status_code == 200
    assert [set(one) for one in manager.get("calendar-feed/").json()["items"]] == [
        {"id", "made_at", "read_at"}
    ]
    assert manager.post("calendar-feed/end/").json() == {"ended": True}
    assert Client().get(address).status_code == 404
    assert api_of("马骏").post("calendar-feed/make/").status_code == 403

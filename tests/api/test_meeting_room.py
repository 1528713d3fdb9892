"""A meeting held over the API: opened, signed by code, called over, ended, excused (M1-M3)."""

from typing import Any

import pytest

from core.periods import local
from meetings.models import Meeting, RefusedSignIn
from meetings.sign_in_codes import is_number_shown
from tests.api.conftest import ApiOf
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.meetings_at import TUESDAY, meetings_made, opened, scanned, standup

pytestmark = pytest.mark.django_db
DEVICE = "this very phone"


@pytest.fixture
def meeting(cast: Cast, clock: StoryClock) -> Meeting:
    """Tuesday's stand-up; it is 08:20."""
    meetings_made(cast)
    clock.set(f"{TUESDAY} 08:20:00")
    return standup(cast)


def states(room: Any) -> dict[str, str]:
    return {seat["person"]["name"]: seat["state"] for seat in room["seats"]}


def test_a_standup_from_its_opening_to_its_end(
    cast: Cast, meeting: Meeting, api_of: ApiOf, clock: StoryClock
) -> None:
    boss, lin, chen = api_of("周建平"), api_of("林晓岚"), api_of("陈嘉怡")
    here = f"meetings/{meeting.pk}/room/"
    room = boss.get(here)
    assert (room.json()["standing"], states(room.json())) == (
        "planned",
        dict.fromkeys(("陈嘉怡", "何俊峰", "林晓岚"), "open"),
    )
    assert boss.post(f"{here}open/").status_code == 428
    assert lin.post(f"{here}open/", If_Match=room.headers["ETag"]).status_code == 403
    open_now = boss.post(f"{here}open/", If_Match=room.headers["ETag"])
    assert (open_now.status_code, open_now.json()["room_at"]) == (200, "2026-12-01T08:20:00+08:00")
    assert boss.post(f"{here}begin/", If_Match=room.headers["ETag"]).status_code == 412
    code = boss.get(f"{here}code/").json()
    assert code["expires_at"] == "2026-12-01T08:21:00+08:00"
    assert code["url"].endswith(f"/s/{code['code']}/")
    assert lin.get(f"{here}code/").status_code == 403
    clock.set(f"{TUESDAY} 08:21:00")
    assert [(one["shown_from"][14:19], len(one["number"])) for one in code["numbers"]] == [
        *(("20:00", 2), ("20:10", 2), ("20:20", 2), ("20:30", 2), ("20:40", 2), ("20:50", 2)),
        ("21:00", 2),
    ]
    scan = {"code": code["code"], "device": DEVICE}
    without = lin.post("meetings/sign-in/", scan)
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/number")
    signed = lin.post("meetings/sign-in/", {**scan, "number": code["numbers"][-1]["number"]})
    assert (signed.status_code, signed.json()["state"], signed.json()["way"]) == (
        200,
        "present",
        "code",
    )
    clock.set(f"{TUESDAY} 08:21:01")
    refused = chen.post(
        "meetings/sign-in/",
        {**scan, "device": "another phone", "number": code["numbers"][-1]["number"]},
        Idempotency_Key="one",
    )
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/code")
    clock.set(f"{TUESDAY} 08:31:00")
    begun = boss.post(f"{here}begin/", If_Match=open_now.headers["ETag"])
    assert (begun.json()["chair"]["name"], begun.json()["refused"][0]["why"]) == (
        "周建平",
        "expired",
    )
    assert chen.get(here).json()["refused"] == []
    tap = {"person": cast["陈嘉怡"].pk, "seen": "open", "state": "late"}
    excused = boss.post(f"{here}presence/", {**tap, "state": "excused"})
    assert excused.json()["errors"][0]["pointer"] == "/note"
    assert states(boss.post(f"{here}presence/", tap).json())["陈嘉怡"] == "late"
    stale = boss.post(f"{here}presence/", {**tap, "state": "absent"})
    assert stale.status_code == 412
    clock.set(f"{TUESDAY} 08:50:00")
    tag = begun.headers["ETag"]
    miscounted = boss.post(f"{here}end/", {"head_count": 1}, If_Match=tag)
    assert (miscounted.status_code, miscounted.json()["errors"][0]["pointer"]) == (
        422,
        "/count_why",
    )
    done = boss.post(f"{here}end/", {"head_count": 1, "count_why": "陈嘉怡去接客户"}, If_Match=tag)
    assert (done.json()["head_count"], done.json()["count_why"]) == (1, "陈嘉怡去接客户")
    assert (done.json()["standing"], states(done.json())) == (
        "held",
        {"林晓岚": "present", "陈嘉怡": "late", "何俊峰": "absent"},
    )
    amend = {"person": cast["何俊峰"].pk, "seen": "absent", "state": "present"}
    assert boss.post(f"{here}presence/", amend).json()["errors"][0]["pointer"] == "/why"
    mended = boss.post(f"{here}presence/", {**amend, "why": "漏点"}).json()
    assert [
        (one["before"], one["after"], one["why"], one["by"]["name"])
        for seat in mended["seats"]
        for one in seat["changes"]
    ] == [("absent", "present", "漏点", "周建平")]


def test_a_refusal_stays_for_the_holder_whatever_is_answered(
    cast: Cast, meeting: Meeting, api_of: ApiOf
) -> None:
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    foreign = api_of("吴志远")
    code = api_of("周建平").get(f"meetings/{meeting.pk}/room/code/").json()
    scan = {"code": code["code"], "number": code["numbers"][0]["number"], "device": DEVICE}
    assert foreign.get(f"meetings/{meeting.pk}/room/").status_code == 404
    answer = foreign.post("meetings/sign-in/", scan)
    assert (answer.status_code, "每日晨会" in answer.content.decode()) == (422, False)
    assert [(one.person.name, one.why) for one in RefusedSignIn.objects.all()] == [
        ("吴志远", "stranger")
    ]


def test_a_wrong_number_over_the_api_is_said_beside_its_field(
    cast: Cast, meeting: Meeting, api_of: ApiOf
) -> None:
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    code = api_of("周建平").get(f"meetings/{meeting.pk}/room/code/").json()
    numbers = (f"{n:02d}" for n in range(100))
    now = at(f"{TUESDAY} 08:20:00")
    wrong = next(text for text in numbers if not is_number_shown(meeting.pk, text, now))
    scan = {"code": code["code"], "number": wrong, "device": DEVICE}
    lin = api_of("林晓岚")
    for field in ("/number", "/code"):
        answer = lin.post("meetings/sign-in/", scan)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, field)
    assert [one.why for one in RefusedSignIn.objects.order_by("pk")] == ["number", "spent"]


def test_notices_are_given_decided_and_taken_back(
    cast: Cast, meeting: Meeting, api_of: ApiOf
) -> None:
    boss, lin = api_of("周建平"), api_of("林晓岚")
    given = lin.post(
        f"meetings/{meeting.pk}/absence/", {"reason": "孩子发烧"}, Idempotency_Key="one"
    )
    again = lin.post(
        f"meetings/{meeting.pk}/absence/", {"reason": "孩子发烧"}, Idempotency_Key="one"
    )
    assert (given.status_code, again.json()) == (201, given.json())
    made = given.json()
    assert (made["is_in_time"], made["is_excused"], made["state"]) == (False, False, "given")
    here = f"absences/{made['id']}/"
    assert lin.post(f"{here}decide/", {"is_accepted": True}).status_code == 403
    refused = boss.post(f"{here}decide/", {"is_accepted": False})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/opinion")
    accepted = boss.post(f"{here}decide/", {"is_accepted": True}).json()
    assert (accepted["is_excused"], accepted["decided_by"]["name"]) == (True, "周建平")
    assert [one["id"] for one in boss.get("absences/?is_in_time=false").json()["items"]] == [
        made["id"]
    ]
    assert api_of("陈嘉怡").get("absences/").json()["items"] == []
    assert api_of("郑秋实").get(here).status_code == 404
    assert lin.post(f"{here}withdraw/").json()["state"] == "withdrawn"


def test_the_sheet_is_handed_out_and_written_down(
    cast: Cast, meeting: Meeting, api_of: ApiOf
) -> None:
    when = f"{TUESDAY} 08:25:00"
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    signed = scanned(cast, meeting, "林晓岚", when, when)
    assert f"{local(signed.arrived_at):%H:%M}" == "08:25"
    answer = api_of("林晓岚").get(f"meetings/{meeting.pk}/sign-in.pdf")
    assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
    assert api_of("吴志远").get(f"meetings/{meeting.pk}/sign-in.pdf").status_code == 404


def test_why_a_meeting_was_not_held_is_said_over_the_api(
    cast: Cast, meeting: Meeting, api_of: ApiOf, clock: StoryClock
) -> None:
    clock.moment = at(f"{TUESDAY} 09:00:00")
    boss = api_of("周建平")
    here = f"meetings/{meeting.pk}/room/"
    tag = boss.get(here).headers["ETag"]
    said = boss.post(f"{here}not-held/", {"reason": "全员演练"}, If_Match=tag).json()
    assert (said["standing"], said["reason"]) == ("not_held", "全员演练")

"""Pages of meetings: a branch's month, one meeting and what is arranged on it, the address."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from core.periods import Month
from meetings.models import Absence, Delegation, Meeting
from meetings.operations.occurrences import ensure_meetings, move_meeting
from meetings.queries.months import occurrences_of
from organization.models import Person
from tests.cast import NOON, Cast
from tests.conftest import StoryClock

Browser = Callable[[Person], Client]


@pytest.fixture
def ahead(cast: Cast, clock: StoryClock) -> Cast:
    """Friday noon, 27 November; a month back and one ahead is laid out."""
    ensure_meetings(date(2026, 11, 1), date(2026, 12, 31), at=NOON)
    return cast


def meeting_of(cast: Cast, kind: str, key: str) -> Meeting:
    return Meeting.objects.get(kind=kind, key=key, branch=cast.east)


def lines_of(answer: Any) -> dict[str, list[str]]:
    """What a month shows, day by day."""
    return {
        f"{box.on:%m-%d}{box.mark}": [
            " ".join(filter(None, (line.hour, str(line.name), str(line.word), line.note)))
            for line in box.lines
        ]
        for box in answer.context["days"]
    }


def test_the_month_shows_how_each_meeting_stands(ahead: Cast, browser_of: Browser) -> None:
    Meeting.objects.filter(branch=ahead.east, on__lt=date(2026, 11, 26)).update(state="held")
    answer = browser_of(ahead["林晓岚"]).get("/meetings/")
    lines = lines_of(answer)
    assert [lines[day] for day in ("11-17", "11-26", "11-27", "11-28", "11-30")] == [
        ["08:30 晨会 不齐 缺 1 项", "15:00 沟通会 不齐 缺 1 项"],
        ["08:30 晨会 没有召开"],
        ["08:30 晨会 没有召开"],
        [],
        ["08:30 例会 待召开"],
    ]
    assert answer.context["headline"] == "2 场会议没有召开"
    assert answer.context["coming_name"] == "每周例会"
    assert f"/meetings/attendance/2026-11/{ahead.east.pk}/" in answer.content.decode()


def test_the_headline_tells_of_what_is_held_but_not_whole(ahead: Cast, browser_of: Browser) -> None:
    Meeting.objects.filter(on__lte=date(2026, 11, 27)).update(state="held")
    answer = browser_of(ahead["周建平"]).get("/meetings/")
    whole = sum(len(box.lines) for box in answer.context["days"] if box.on.day <= 27)
    assert answer.context["headline"] == f"{whole} 场会议还不齐"


def test_holidays_and_make_up_days_bear_their_marks(
    cast: Cast, clock: StoryClock, browser_of: Browser
) -> None:
    clock.set("2026-09-18 12:00:00")
    answer = browser_of(cast["周建平"]).get(f"/meetings/2026-10/{cast.east.pk}/")
    lines = lines_of(answer)
    assert [day for day in lines if day.endswith(("休", "班"))] == [
        *(f"10-0{n}休" for n in range(1, 8)),
        "10-10班",
    ]
    assert (lines["10-08"], lines["10-10班"]) == (["08:30 例会 待召开"], ["08:30 晨会 待召开"])
    assert 'class="mark makeup"' in answer.content.decode()


def test_a_moved_meeting_stands_on_both_of_its_days(ahead: Cast, browser_of: Browser) -> None:
    meeting = meeting_of(ahead, "weekly", "2026-W49")
    move_meeting(
        meeting_id=meeting.pk, on=date(2026, 12, 2), start=time(10, 0), reason="省公司来人",
        expected_version=1, actor=ahead.actor("周建平"), at=NOON,
    )  # fmt: skip
    browser = browser_of(ahead["周建平"])
    november = lines_of(browser.get(f"/meetings/2026-11/{ahead.east.pk}/"))
    december = lines_of(browser.get(f"/meetings/2026-12/{ahead.east.pk}/"))
    assert november["11-30"] == ["08:30 晨会 待召开", "例会 已改期 → 12-02 10:00"]
    assert december["12-02"] == ["08:30 晨会 已取消", "10:00 例会 待召开 原定 11-30"]


def test_what_only_the_rule_knows_yet_is_laid_out_on_demand(
    cast: Cast, clock: StoryClock, browser_of: Browser
) -> None:
    browser = browser_of(cast["周建平"])
    address = f"/meetings/2027-03/{cast.east.pk}/"
    before = browser.get(address)
    assert [line.url for box in before.context["days"] for line in box.lines if line.url] == []
    assert before.context["may_lay_out"] is True
    assert browser.post(f"{address}lay-out/").status_code == 302
    after = browser.get(address)
    assert lines_of(after) == lines_of(before)
    assert after.context["may_lay_out"] is False
    assert all(line.url for box in after.context["days"] for line in box.lines)


def test_the_market_department_chooses_a_branch_and_a_manager_does_not(
    ahead: Cast, browser_of: Browser
) -> None:
    market = browser_of(ahead["韩静"])
    answer = market.get(f"/meetings/?branch={ahead.west.pk}&month=2026-12")
    assert answer.context["branch"] == ahead.west
    assert [branch.code for branch in answer.context["branches"]] == ["CD", "CX"]
    manager = browser_of(ahead["林晓岚"])
    assert manager.get(f"/meetings/?branch={ahead.west.pk}").status_code == 404
    assert manager.get("/meetings/?month=2026-13").status_code == 404
    assert browser_of(ahead["马骏"]).get("/meetings/").status_code == 403


def test_a_month_takes_a_fixed_number_of_queries(ahead: Cast) -> None:
    found = []
    for _half in range(2):
        with CaptureQueriesContext(connection) as queries:
            rows = occurrences_of(ahead.east, Month(2026, 12), NOON)
        found.append((len(rows), len(queries)))
        Meeting.objects.filter(on__day__gt=10).delete()
    assert found == [(25, 7), (25, 7)]  # what has no row any more the rule says


def test_a_meetings_page_names_its_people_and_its_holder(ahead: Cast, browser_of: Browser) -> None:
    meeting = meeting_of(ahead, "gm", "2026-12")
    answer = browser_of(ahead["林晓岚"]).get(f"/meetings/{meeting.pk}/")
    facts = {str(fact.label): str(fact.value) for fact in answer.context["facts"]}
    assert (facts["时间"], facts["可主持"]) == ("15:00–16:30", "钱慧敏、赵国梁")
    assert [person.name for person, _chip, _note in answer.context["people"]] == [
        "陈嘉怡", "何俊峰", "林晓岚", "周建平",
    ]  # fmt: skip
    assert answer.context["forms"] == {}


@pytest.mark.parametrize(
    ("who", "kind", "key", "names"),
    [
        ("周建平", "standup", "2026-12-01", {"delegate", "move", "cancel"}),
        ("赵国梁", "weekly", "2026-W52", {"delegate", "move", "combine", "cancel"}),
        ("周建平", "weekly", "2026-W52", {"delegate", "move", "cancel"}),
        ("赵国梁", "gm", "2026-12", {"delegate", "move", "combine", "cancel"}),
        ("周建平", "gm", "2026-12", set()),
        ("韩静", "gm", "2026-12", set()),
        ("赵国梁", "standup", "2026-11-27", set()),
    ],
)
def test_a_reader_is_offered_what_he_may_arrange(
    ahead: Cast, browser_of: Browser, who: str, kind: str, key: str, names: set[str]
) -> None:
    meeting = meeting_of(ahead, kind, key)
    assert set(browser_of(ahead[who]).get(f"/meetings/{meeting.pk}/").context["forms"]) == names


@pytest.mark.parametrize(
    ("who", "state", "words"),
    [
        ("林晓岚", "planned", ["会议室", "请假", "签到表"]),
        ("周建平", "planned", ["会议室!", "签到表"]),
        ("韩静", "planned", ["会议室", "签到表"]),
        ("周建平", "running", ["会议室!", "签到表"]),
        ("林晓岚", "held", ["会议室", "纪要", "签到表"]),
        ("林晓岚", "cancelled", []),
    ],
)
def test_a_meeting_leads_into_its_room_to_a_notice_and_to_paper(
    ahead: Cast, browser_of: Browser, who: str, state: str, words: list[str]
) -> None:
    """What is to be done first is marked: the holder goes into the room."""
    meeting = meeting_of(ahead, "standup", "2026-12-01")
    Meeting.objects.filter(pk=meeting.pk).update(state=state)
    ways = browser_of(ahead[who]).get(f"/meetings/{meeting.pk}/").context["ways"]
    assert [f"{way.label}{'!' if way.is_primary else ''}" for way in ways] == words


def test_a_meeting_says_what_it_lacks_once_it_is_over(ahead: Cast, browser_of: Browser) -> None:
    """Friday's stand-up was not held: that is the supervisor's (annex 11.5); Tuesday's is to
    come."""
    browser = browser_of(ahead["林晓岚"])

    def lacks(key: str) -> list[str]:
        meeting = meeting_of(ahead, "standup", key)
        found = browser.get(f"/meetings/{meeting.pk}/").context["lacks"]
        return [strip_tags(lack) for lack in found]

    assert lacks("2026-11-27") == ["没有召开（周建平）"]
    assert lacks("2026-12-01") == []


def test_a_known_notice_stands_beside_its_name(ahead: Cast, browser_of: Browser) -> None:
    meeting = meeting_of(ahead, "standup", "2026-12-01")
    Absence.objects.create(
        meeting=meeting, person=ahead["林晓岚"], reason="看病", given_at=NOON,
        is_in_time=True, state="given", updated_at=NOON,
    )  # fmt: skip
    people = browser_of(ahead["周建平"]).get(f"/meetings/{meeting.pk}/").context["people"]
    assert [(person.name, "请假" in chip, note) for person, chip, note in people] == [
        ("陈嘉怡", False, ""),
        ("何俊峰", False, ""),
        ("林晓岚", True, "看病"),
    ]


def test_arranged_by_the_page_from_delegation_to_cancellation(
    ahead: Cast, browser_of: Browser
) -> None:
    browser = browser_of(ahead["赵国梁"])
    meeting = meeting_of(ahead, "weekly", "2026-W52")
    here = f"/meetings/{meeting.pk}/"

    def posted(what: str, **values: Any) -> int:
        version = Meeting.objects.get(pk=meeting.pk).version
        return browser.post(f"{here}{what}/", {"version": version, **values}).status_code

    analysis = meeting_of(ahead, "analysis", "2026-12")
    assert posted("delegate", delegate=ahead["钱慧敏"].pk, reason="开会") == 302
    assert Delegation.objects.get(ended_at=None).delegate == ahead["钱慧敏"]
    assert "委托钱慧敏主持" in browser.get("/meetings/?month=2026-12").content.decode()
    assert posted("delegate/end") == 302
    assert posted("combine", joined=analysis.pk) == 302
    assert posted("move", on="2026-12-22", start="10:00", reason="省公司来人") == 302
    analysis.refresh_from_db()
    assert (analysis.sitting_id, f"{analysis.on}") == (meeting.pk, "2026-12-22")
    assert f"/meetings/{analysis.pk}/separate/" in browser.get(here).content.decode()
    shown = browser.get(f"/meetings/{analysis.pk}/")
    assert "与每周例会合并召开" in shown.content.decode()
    apart = browser.post(f"/meetings/{analysis.pk}/separate/", {"version": analysis.version})
    assert apart.status_code == 302
    assert posted("cancel", reason="放假") == 302
    assert posted("restore") == 302
    assert Meeting.objects.get(pk=meeting.pk).state == "planned"


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    ahead: Cast, browser_of: Browser
) -> None:
    meeting = meeting_of(ahead, "weekly", "2026-W49")
    browser = browser_of(ahead["周建平"])
    move = {"on": "2026-12-07", "start": "09:00", "reason": "省公司来人"}
    wrong = browser.post(f"/meetings/{meeting.pk}/move/", {"version": 1, **move})
    assert wrong.status_code == 422
    form = wrong.context["forms"]["move"]
    assert form.errors == {"on": ["例会只能在同一周里改期。"]}
    assert form["reason"].value() == "省公司来人"
    Meeting.objects.filter(pk=meeting.pk).update(version=2)
    stale = browser.post(
        f"/meetings/{meeting.pk}/move/", {"version": 1, **move, "on": "2026-12-02"}
    )
    assert stale.status_code == 409
    assert stale.context["forms"]["move"]["version"].value() == "2"


def test_the_address_is_shown_once_and_revoked(ahead: Cast, browser_of: Browser) -> None:
    browser = browser_of(ahead["林晓岚"])
    assert "还没有地址" in browser.get("/calendar-feed/").content.decode()
    made = browser.post("/calendar-feed/")
    address = made.context["new_address"]
    assert address in made.content.decode()
    assert address not in browser.get("/calendar-feed/").content.decode()
    assert Client().get(address).status_code == 200
    assert browser.post("/calendar-feed/end/").status_code == 302
    assert Client().get(address).status_code == 404


def test_the_days_before_today_are_marked_in_this_month_only(
    ahead: Cast, browser_of: Browser
) -> None:
    browser = browser_of(ahead["周建平"])
    here, branch = browser.get("/meetings/"), ahead.east.pk
    days = here.context["days"]
    assert [box.is_past for box in days] == [box.on < NOON.date() for box in days]
    later = browser.get(f"/meetings/2026-12/{branch}/").context["days"]
    assert not any(box.is_past for box in later)

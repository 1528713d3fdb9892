"""Pages of the room: the wall screen, the phone that scans, notices of absence, the sheet."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from itertools import combinations
from typing import Any

import pdfplumber
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from confidentiality.models import Disclosure
from meetings.models import Absence, Attendee, Meeting, RefusedSignIn
from meetings.papers import sign_in_paper, sign_in_pdf
from meetings.sign_in_codes import code_for, is_number_shown, screen_number
from organization.models import Person
from tests.cast import PASSWORD, Cast, at
from tests.conftest import StoryClock
from tests.domain.meetings_at import (
    TUESDAY,
    begun,
    called,
    ended,
    meetings_made,
    opened,
    scanned,
    sheet,
    standup,
    the,
)
from tests.domain.test_absences import given

Browser = Callable[[Person], Client]


@pytest.fixture
def meeting(cast: Cast, clock: StoryClock) -> Meeting:
    """Tuesday's stand-up; it is 08:25."""
    meetings_made(cast)
    clock.set(f"{TUESDAY} 08:25:00")
    return standup(cast)


def words_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:400]
    return " ".join(unescape(re.sub("<[^>]+>", " ", answer.content.decode())).split())


def room_of(browser: Client, meeting: Meeting) -> str:
    return words_of(browser.get(f"/meetings/{meeting.pk}/room/"))


# The wall screen


def test_a_standup_is_held_from_the_screen(
    cast: Cast, meeting: Meeting, browser_of: Browser, clock: StoryClock
) -> None:
    boss, here = browser_of(cast["周建平"]), f"/meetings/{meeting.pk}/room/"
    assert "应到 3 人" in room_of(boss, meeting)
    assert boss.post(f"{here}open/", {"version": 1}).headers["Location"] == here
    page = room_of(boss, meeting)
    assert "0 人已报，3 人未签" in page
    shown = screen_number(meeting.pk, at(f"{TUESDAY} 08:25:00")).number
    assert f"手机扫码 填这个数 {shown} 60 秒换码" in page
    lin = cast["林晓岚"].pk
    boss.post(f"{here}presence/", {"person": lin, "seen": "open", "state": "present"})
    assert "1 人已报，2 人未签" in room_of(boss, meeting)
    clock.set(f"{TUESDAY} 08:31:00")
    boss.post(f"{here}begin/", {"version": 2, "recorder": lin})
    assert "主持 周建平，记录 林晓岚" in room_of(boss, meeting)
    clock.set(f"{TUESDAY} 08:50:00")
    end = {"version": 3, "recorder": lin}
    page = words_of(boss.post(f"{here}end/", {**end, "head_count": 2}), 422)
    assert "清点 2 人，签到 1 人。对一遍名单，或者写明为什么不一致。" in page
    assert "为什么和签到不一致" in page
    assert "为什么和签到不一致" not in words_of(boss.post(f"{here}end/", end), 422)
    boss.post(f"{here}end/", {**end, "head_count": 2, "count_why": "何俊峰没带手机"})
    page = room_of(boss, meeting)
    assert "实到 1 人，2 人缺席" in page
    assert "清点 2 人，和签到不一致：何俊峰没带手机" in page
    assert "08:31–08:50 召开" in page
    assert (standup(cast).state, standup(cast).recorder_id) == ("held", lin)


def test_a_tap_gets_its_one_tile_back(cast: Cast, meeting: Meeting, browser_of: Browser) -> None:
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    boss = browser_of(cast["周建平"])
    tap = {"person": cast["林晓岚"].pk, "seen": "open", "state": "trip", "note": "江南精密"}

    def tapped(**more: Any) -> Any:
        return boss.post(
            f"/meetings/{meeting.pk}/room/presence/",
            {**tap, **more},
            headers={"HX-Request": "true"},
        )

    asked = tapped(note="")
    assert 'name="note"' in asked.content.decode()
    assert "没有事先请假，写明原因。" in words_of(asked, 422)
    answer = tapped()
    assert answer.content.decode().count("<li") == 1
    assert words_of(answer).startswith("林晓岚 外出 江南精密 改")
    assert "刚刚已变，请看过再改。" in words_of(tapped(state="absent"), 409)
    assert sheet(meeting)["林晓岚"] == "trip"


def test_a_tap_on_another_branchs_meeting_finds_nothing_whatever_it_says(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    stranger = browser_of(cast["郑秋实"])
    paths = [f"/meetings/{pk}/room/presence/" for pk in (meeting.pk, 987_654)]
    assert [stranger.post(path, {}).status_code for path in paths] == [404, 404]


def test_amending_without_a_reason_says_so_on_the_tile_and_keeps_the_note(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    when = f"{TUESDAY} 08:25:00"
    scanned(cast, meeting, "林晓岚", when, when)
    answer = browser_of(cast["周建平"]).post(
        f"/meetings/{meeting.pk}/room/presence/",
        {"person": cast["林晓岚"].pk, "seen": "present", "state": "absent", "note": "去了厕所"},
        headers={"HX-Request": "true"},
    )
    assert "写一句更改的原因。" in words_of(answer, 422)
    assert 'value="去了厕所"' in answer.content.decode()
    assert '<details class="tile-edit" open>' in answer.content.decode()


def test_what_changes_is_asked_for_alone(cast: Cast, meeting: Meeting, browser_of: Browser) -> None:
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    boss = browser_of(cast["周建平"])

    def stamps() -> dict[str, str]:
        body = boss.get(f"/meetings/{meeting.pk}/room/?live").content.decode()
        assert "room-side" not in body
        return dict(re.findall(r'id="([\w-]+)" data-live data-stamp="([^"]*)"', body))

    before = stamps()
    when = f"{TUESDAY} 08:25:00"
    scanned(cast, meeting, "林晓岚", when, when)
    after = stamps()
    assert {key for key in before if before[key] != after[key]} == {
        "room-count",
        "room-unsigned",
        f"tile-{cast['林晓岚'].pk}",
    }


def test_whoever_does_not_hold_it_reads_it_without_code_and_buttons(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    scanned(cast, meeting, "陈嘉怡", f"{TUESDAY} 08:20:00", f"{TUESDAY} 08:22:00")
    for name in ("林晓岚", "赵国梁", "韩静"):
        answer = browser_of(cast[name]).get(f"/meetings/{meeting.pk}/room/")
        assert "0 人已报，3 人未签" in words_of(answer)
        for sign in ("mark-btn", "room-code", "扫码没有签上", '<form method="post" action="/m'):
            assert sign not in answer.content.decode()
        code = browser_of(cast[name]).get(f"/meetings/{meeting.pk}/room/code/")
        assert code.status_code == 403
    assert "扫码没有签上 陈嘉怡 码已过期 08:22" in room_of(browser_of(cast["周建平"]), meeting)


def test_a_code_turned_away_is_forgotten_once_its_owner_is_in(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    scanned(cast, meeting, "陈嘉怡", f"{TUESDAY} 08:20:00", f"{TUESDAY} 08:22:00")
    called(cast, meeting, "陈嘉怡", "present", f"{TUESDAY} 08:23:00")
    assert "扫码没有签上" not in room_of(browser_of(cast["周建平"]), meeting)


def test_before_its_hour_a_room_says_from_when_it_opens(
    cast: Cast, meeting: Meeting, browser_of: Browser, clock: StoryClock
) -> None:
    clock.set("2026-11-30 12:00:00")
    answer = browser_of(cast["周建平"]).get(f"/meetings/{meeting.pk}/room/")
    assert "12月1日（周二）07:30 起可以打开签到" in words_of(answer)
    assert "room/open/" not in answer.content.decode()


def test_a_late_notice_stands_on_the_tile_until_it_is_decided(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    given(cast, meeting, when=at(f"{TUESDAY} 08:00:00"), reason="孩子发烧")
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    assert "林晓岚 未签 当天才请假：孩子发烧" in room_of(browser_of(cast["周建平"]), meeting)


def test_a_meeting_not_held_asks_whose_it_was_for_the_reason(
    cast: Cast, meeting: Meeting, browser_of: Browser, clock: StoryClock
) -> None:
    clock.set(f"{TUESDAY} 09:00:00")
    here = f"/meetings/{meeting.pk}/room/"
    boss = browser_of(cast["周建平"])
    assert "说明原因" in words_of(boss.get(here))
    assert "说明原因" not in words_of(browser_of(cast["林晓岚"]).get(here))
    assert boss.post(f"{here}not-held/", {"version": 1, "reason": " "}).status_code == 422
    boss.post(f"{here}not-held/", {"version": 1, "reason": "全员演练"})
    assert "原因 全员演练" in words_of(boss.get(here))


def test_an_end_without_a_recorder_comes_back_with_what_is_wrong(
    cast: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    meetings_made(cast)
    clock.set("2026-11-30 09:00:00")
    weekly = begun(
        cast,
        opened(cast, the(cast, "weekly", "2026-W49"), "2026-11-30 08:20:00"),
        "2026-11-30 08:30:00",
    )
    here = f"/meetings/{weekly.pk}/room/"
    boss = browser_of(cast["周建平"])
    nobody = boss.post(f"{here}end/", {"version": weekly.version, "head_count": 0})
    assert "请指定记录人" in words_of(nobody, 422)
    end = {"version": 1, "recorder": cast["林晓岚"].pk, "head_count": 1}
    stale = boss.post(f"{here}end/", end)
    assert "记录人还没有签到" in words_of(stale, 422)
    called(cast, weekly, "林晓岚", "present", "2026-11-30 08:31:00")
    stale = boss.post(f"{here}end/", end)
    assert "别处刚动过这场会议" in words_of(stale, 409)


def test_the_room_of_a_joined_meeting_is_its_sittings(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    joined = the(cast, "analysis", "2026-12")
    Meeting.objects.filter(pk=joined.pk).update(sitting=meeting)
    answer = browser_of(cast["周建平"]).get(f"/meetings/{joined.pk}/room/")
    assert answer.headers["Location"] == f"/meetings/{meeting.pk}/room/"


def test_a_room_takes_a_fixed_number_of_statements(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    boss = browser_of(cast["周建平"])

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            boss.get(f"/meetings/{meeting.pk}/room/?live")
        return len(queries)

    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    few = statements()
    when = f"{TUESDAY} 08:25:00"
    for name in ("林晓岚", "陈嘉怡", "何俊峰"):
        scanned(cast, meeting, name, when, when)
    for name in ("林晓岚", "陈嘉怡"):
        called(cast, meeting, name, "absent", when, why="x")
    # What was amended is read with who amended it.
    assert statements() <= few + 1


# The phone


def code_at(meeting: Meeting, when: str) -> str:
    return code_for(meeting.pk, at(f"{TUESDAY} {when}"))


def number_at(meeting: Meeting, when: str) -> dict[str, str]:
    """What the phone sends: the number on the screen at a moment."""
    return {"number": screen_number(meeting.pk, at(f"{TUESDAY} {when}")).number}


def test_the_number_on_the_screen_signs_in_and_the_phone_shows_when(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    phone, here = browser_of(cast["林晓岚"]), f"/s/{code_at(meeting, '08:24:30')}/"
    page = words_of(phone.get(here))
    assert "每日晨会" in page
    assert "林晓岚 会议室屏幕上的两位数 本人签到" in page
    assert not Attendee.objects.exclude(state="open").exists()
    assert "填屏幕上的两位数。" in words_of(phone.post(here, {"number": "7"}), 422)
    assert not RefusedSignIn.objects.exists()
    assert phone.post(here, number_at(meeting, "08:25:00")).headers["Location"] == here
    assert "已签到 已到 08:25:00" in words_of(phone.get(here))
    assert sheet(meeting)["林晓岚"] == "present"


def test_a_wrong_number_comes_back_once_and_the_second_time_asks_for_another_scan(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    phone, here = browser_of(cast["林晓岚"]), f"/s/{code_at(meeting, '08:24:30')}/"
    moment = at(f"{TUESDAY} 08:25:00")
    numbers = (f"{n:02d}" for n in range(100))
    wrong = next(text for text in numbers if not is_number_shown(meeting.pk, text, moment))
    phone.get(here)
    again = phone.post(here, {"number": wrong})
    assert "和会议室屏幕上的数不一样。" in words_of(again, 422)
    assert 'name="number"' in again.content.decode()
    assert f'value="{wrong}"' not in again.content.decode()
    spent = phone.post(here, {"number": wrong})
    assert "数两次都不对。等会议室的屏幕换码，再扫一次。" in words_of(spent, 422)
    assert 'name="number"' not in spent.content.decode()
    assert "扫码没有签上 林晓岚 屏幕上的数两次不对" in room_of(browser_of(cast["周建平"]), meeting)


def test_whoever_must_sign_in_to_the_system_first_came_when_the_code_was_scanned(
    cast: Cast, meeting: Meeting, clock: StoryClock
) -> None:
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    lin = cast["林晓岚"]
    lin.set_password(PASSWORD)
    lin.save()
    phone, here = Client(), f"/s/{code_at(meeting, '08:24:30')}/"
    first = phone.get(here)
    assert first.headers["Location"] == f"/sign-in/?next={here.replace('/', '%2F')}"
    clock.set(f"{TUESDAY} 08:27:00")
    signed_in = phone.post(
        first.headers["Location"],
        {"username": lin.job_number, "password": PASSWORD, "next": here},
    )
    assert signed_in.headers["Location"] == here
    assert "本人签到" in words_of(phone.get(here))
    assert phone.post(here, number_at(meeting, "08:27:00")).status_code == 302
    row = Attendee.objects.get(person=lin)
    assert (row.state, row.arrived_at) == ("present", at(f"{TUESDAY} 08:25:00"))


def test_a_code_opened_too_late_is_not_kept(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    phone, here = browser_of(cast["林晓岚"]), f"/s/{code_at(meeting, '08:23:59')}/"
    phone.get(here)
    answer = phone.post(here, number_at(meeting, "08:25:00"))
    assert "这个码已过期。请看会议室的屏幕，扫现在的码。" in words_of(answer, 422)
    assert [one.why for one in RefusedSignIn.objects.all()] == ["expired"]


def test_one_phone_signs_for_one_person(cast: Cast, meeting: Meeting, browser_of: Browser) -> None:
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    here = f"/s/{code_at(meeting, '08:24:30')}/"
    first, second = browser_of(cast["林晓岚"]), browser_of(cast["陈嘉怡"])
    number = number_at(meeting, "08:25:00")
    first.get(here)
    first.post(here, number)
    second.cookies["device"] = first.cookies["device"].value
    assert "这部手机已替别人签到。" in words_of(second.post(here, number), 422)
    assert sheet(meeting) == {"林晓岚": "present", "陈嘉怡": "open", "何俊峰": "open"}


def test_a_forwarded_code_tells_a_stranger_nothing(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    phone, here = browser_of(cast["吴志远"]), f"/s/{code_at(meeting, '08:24:30')}/"
    number = number_at(meeting, "08:25:00")
    for page in (words_of(phone.get(here)), words_of(phone.post(here, number), 422)):
        assert "每日晨会" not in page
        assert "城东" not in page
    assert "这不是会议的签到码。" in words_of(phone.post("/s/hello/", number), 422)


# Notices of absence


def test_a_manager_gives_notice_and_the_supervisor_accepts_with_one_tap(
    cast: Cast, meeting: Meeting, browser_of: Browser, clock: StoryClock
) -> None:
    clock.set("2026-11-30 23:59:59")
    lin, boss = browser_of(cast["林晓岚"]), browser_of(cast["周建平"])
    here = f"/meetings/{meeting.pk}/absence/"
    assert "还来得及请假" in words_of(lin.get(here))
    assert lin.post(here, {"kind": "leave", "reason": ""}).status_code == 422
    assert lin.post(here, {"kind": "leave", "reason": "培训"}).headers["Location"] == "/absences/"
    assert "林晓岚 请假：培训" in words_of(lin.get("/absences/"))
    assert "1 人按时请了假，不否定就算" in words_of(boss.get("/absences/"))
    absence = Absence.objects.get()
    boss.post(f"/absences/{absence.pk}/decide/", {"decision": "accepted"})
    page = words_of(boss.get("/absences/"))
    assert "没有待批的假" in page
    assert "准假" in page
    clock.set(f"{TUESDAY} 00:00:00")
    chen = browser_of(cast["陈嘉怡"])
    assert "过了请假的时间，要主管准" in words_of(chen.get(here))
    chen.post(here, {"kind": "leave", "reason": "发烧"})
    assert "1 张假单等主管批" in words_of(chen.get("/absences/"))
    page = words_of(boss.get("/absences/"))
    assert "1 张假单待批" in page
    assert "提得晚了" in page


def test_one_in_time_waits_for_nobody_once_the_meeting_is_over(
    cast: Cast, meeting: Meeting, browser_of: Browser, clock: StoryClock
) -> None:
    given(cast, meeting)
    given(cast, meeting, "陈嘉怡", when=at(f"{TUESDAY} 08:00:00"))
    boss = browser_of(cast["周建平"])
    assert [line["absence"].person.name for line in boss.get("/absences/").context["waiting"]] == [
        "陈嘉怡",
        "林晓岚",
    ]
    clock.set(f"{TUESDAY} 08:30:00")
    page = boss.get("/absences/")
    assert [line["absence"].person.name for line in page.context["waiting"]] == ["陈嘉怡"]
    assert [
        (line["absence"].person.name, line["form"] is None) for line in page.context["rows"]
    ] == [("林晓岚", True)]


def test_refusing_without_a_reason_comes_back_beside_its_field(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    absence = given(cast, meeting, when=at(f"{TUESDAY} 08:00:00"))
    boss, here = browser_of(cast["周建平"]), f"/absences/{absence.pk}/decide/"
    answer = boss.post(here, {"decision": "refused", "opinion": ""})
    assert "不准假时写明理由。" in words_of(answer, 422)
    boss.post(here, {"decision": "refused", "opinion": "上周已经三次"})
    assert "周建平：上周已经三次" in words_of(browser_of(cast["林晓岚"]).get("/absences/"))


def test_one_takes_ones_own_notice_back(cast: Cast, meeting: Meeting, browser_of: Browser) -> None:
    absence = given(cast, meeting)
    lin = browser_of(cast["林晓岚"])
    assert "撤回" in words_of(lin.get("/absences/"))
    lin.post(f"/absences/{absence.pk}/withdraw/")
    assert "已撤回" in words_of(lin.get("/absences/"))


def test_the_list_takes_a_fixed_number_of_statements(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    boss = browser_of(cast["周建平"])

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            boss.get("/absences/")
        return len(queries)

    given(cast, meeting)
    few = statements()
    given(cast, meeting, "陈嘉怡")
    given(cast, the(cast, "gm", "2026-12"), "陈嘉怡")
    assert statements() == few


# The sheet


def text_of(content: bytes) -> str:
    with pdfplumber.open(BytesIO(content)) as document:
        assert len(document.pages) == 1
        return "".join((document.pages[0].extract_text() or "").split())


def test_a_blank_sheet_has_names_and_known_excuses(cast: Cast, meeting: Meeting) -> None:
    given(cast, meeting)
    paper = sign_in_paper(meeting, url="https://example.com/")
    assert [(one.number, one.name, one.signed, one.time, one.remark) for one, _other in paper.rows][
        :4
    ] == [
        (1, "陈嘉怡", "", "", ""),
        (2, "何俊峰", "", "", ""),
        (3, "林晓岚", "", "", "请假"),
        (4, "", "", "", ""),
    ]
    assert (paper.number, paper.when, paper.place) == (
        "HY-20261201-CD-D",
        "2026年12月1日（周二） 08:30—08:50",
        "城东分公司 会议室",
    )
    assert (paper.expected, paper.came, paper.others, paper.recorder) == (3, "", ["请假 1 人"], "")


def test_long_facts_of_a_sheet_stand_below_each_other(cast: Cast, meeting: Meeting) -> None:
    weekly, analysis = the(cast, "weekly", "2026-W49"), the(cast, "analysis", "2026-12")
    Meeting.objects.filter(pk=analysis.pk).update(sitting=weekly)
    Meeting.objects.filter(pk=weekly.pk).update(place="城东分公司三楼第二会议室")
    content = sign_in_pdf(the(cast, "weekly", "2026-W49"), url="https://example.com/")[1]
    with pdfplumber.open(BytesIO(content)) as document:
        words = document.pages[0].extract_words(use_text_flow=True, y_tolerance=0.1)
    written = "".join(word["text"] for word in words)
    assert "每周例会＋分析会" in written
    assert "地点：城东分公司三楼第二会议室" in written
    over = [
        (one["text"], other["text"])
        for one, other in combinations(words, 2)
        if abs(one["top"] - other["top"]) < 2
        and min(one["x1"], other["x1"]) - max(one["x0"], other["x0"]) > 1
    ]
    assert over == []


def test_a_filled_sheet_says_who_came_when_and_how(
    cast: Cast, meeting: Meeting, browser_of: Browser, clock: StoryClock
) -> None:
    given(cast, meeting)
    running = begun(cast, opened(cast, meeting, f"{TUESDAY} 08:20:00"), f"{TUESDAY} 08:30:00")
    when = f"{TUESDAY} 08:34:00"
    scanned(cast, running, "陈嘉怡", when, when)
    ended(cast, running, f"{TUESDAY} 08:50:00")
    paper = sign_in_paper(standup(cast), url="https://example.com/")
    assert [(one.name, one.signed, one.time, one.remark) for one, _other in paper.rows][:3] == [
        ("陈嘉怡", "本人扫码", "08:34", "迟到"),
        ("何俊峰", "", "", "缺席"),
        ("林晓岚", "", "", "请假"),
    ]
    assert (paper.came, paper.others, paper.chair) == (
        "1",
        ["请假 1 人", "迟到 1 人", "缺席 1 人"],
        "周建平",
    )
    answer = browser_of(cast["林晓岚"]).get(f"/meetings/{meeting.pk}/sign-in.pdf")
    text = text_of(answer.content)
    assert "会议签到表" in text
    assert "1陈嘉怡本人扫码08:34迟到" in text
    assert "会议HY-20261201-CD-D" in text
    handed = Disclosure.objects.get()
    assert (handed.name, handed.rows) == ("会议签到表 HY-20261201-CD-D.pdf", 3)
    blank = browser_of(cast["林晓岚"]).get(f"/meetings/{meeting.pk}/sign-in.pdf?blank")
    assert "本人扫码" not in text_of(blank.content)


def test_forty_people_stand_on_one_page(cast: Cast, meeting: Meeting) -> None:
    opened(cast, meeting, f"{TUESDAY} 08:20:00")
    people = Person.objects.bulk_create(
        Person(job_number=f"22{n:04d}", name=f"经理{n:02d}", branch=cast.east, sort_key=f"z{n:02d}")
        for n in range(37)
    )
    Attendee.objects.bulk_create(Attendee(meeting=meeting, person=one) for one in people)
    _name, content, rows = sign_in_pdf(standup(cast), url="https://example.com/")
    text = text_of(content)
    assert (rows, "20经理16" in text, "40经理36" in text) == (40, True, True)


def test_the_months_page_leads_to_the_notices(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    for name in ("林晓岚", "周建平"):
        assert 'href="/absences/"' in browser_of(cast[name]).get("/meetings/").content.decode()

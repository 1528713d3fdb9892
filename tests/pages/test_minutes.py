"""Pages of minutes: written with autosave, gaps summed up, two windows, decided; actions, scans."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from confidentiality.models import Disclosure
from core.drafts import draft_of
from core.models import Draft
from meetings.minutes_entries import draft_key
from meetings.models import Action, Attendee, Meeting, Minutes, MinutesVersion, Scan
from organization.models import Person
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.minuted import arranged, held
from tests.domain.test_minutes import approved, entry, submitted

Browser = Callable[[Person], Client]
ITEM = {
    "items.i1.keep": "1",
    "items.i1.kind": "report",
    "items.i1.topic": "第 47 周拜访计划",
    "items.i1.speaker": "各客户经理",
    "items.i1.discussion": "3 户改期",
    "items.i1.conclusion": "本周内补访",
}


@pytest.fixture
def meeting(cast: Cast, clock: StoryClock) -> Meeting:
    """Monday's weekly meeting, held by 周建平, to be written by 林晓岚; it is Tuesday noon."""
    made = held(cast, "weekly")
    clock.set("2026-11-24 12:00:00")
    return made


def saved(browser: Client, meeting: Meeting, version: int, **fields: Any) -> Any:
    names = {name.replace("__", "."): value for name, value in fields.items()}
    return browser.patch(
        f"/meetings/{meeting.pk}/minutes/draft/",
        json.dumps({"version": version, "fields": names}),
        content_type="application/json",
    )


def handed_in(
    browser: Client, meeting: Meeting, fields: dict[str, str], *, version: int = 0
) -> Any:
    return browser.post(
        f"/meetings/{meeting.pk}/minutes/submit/", {"version": version, "level": "2", **fields}
    )


def test_the_recorder_finds_the_form_the_others_that_it_is_being_written(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    address = f"/meetings/{meeting.pk}/minutes/"
    form = browser_of(cast["林晓岚"]).get(address)
    kinds = [row.boxes["kind"].value for row in form.context["items"]]
    assert kinds == ["report", "information"]
    assert "距截止 今天 17:30" in form.content.decode()
    others = browser_of(cast["陈嘉怡"]).get(address).content.decode()
    assert "等林晓岚写纪要" in others
    assert browser_of(cast["郑秋实"]).get(address).status_code == 404


def test_what_is_typed_is_kept_and_the_rail_says_what_remains(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    browser = browser_of(cast["林晓岚"])
    answer = saved(browser, meeting, 0, items__k1__topic="新的一行", items__k1__keep=True)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert answer.json()["rows"] == ["items.report", "items.information", "items.k1"]
    assert "还差 2 处" in answer.json()["rail"]
    draft = draft_of(cast["林晓岚"].pk, draft_key(meeting.pk))
    assert draft is not None
    assert [row["topic"] for row in draft.body["items"]] == ["", "", "新的一行"]
    answer = saved(browser, meeting, 1, items__k1__keep=False)
    assert "至少" not in answer.json()["rail"]
    back = saved(browser, meeting, 2, items__k1__keep=True)
    assert back.json()["version"] == 3
    assert browser.get(f"/meetings/{meeting.pk}/minutes/").context["items"][2].is_kept


def test_a_second_window_is_told_what_the_first_has_typed(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    browser = browser_of(cast["林晓岚"])
    saved(browser, meeting, 0, items__report__topic="第一窗")
    answer = saved(browser, meeting, 0, items__report__topic="第二窗")
    assert answer.status_code == 409
    assert answer.json()["current"]["version"] == 1
    assert answer.json()["current"]["fields"]["items.report.topic"] == "第一窗"
    second = {
        "items.report.keep": "1",
        "items.report.kind": "report",
        "items.report.topic": "第二窗",
        "items.report.conclusion": "补访",
    }
    stale = handed_in(browser, meeting, second)
    assert stale.status_code == 409
    assert [(str(one.label), one.old, one.new) for one in stale.context["elsewhere"]] == [
        ("议题 1 议题", "第一窗", "第二窗"),
        ("议题 1 结论", "", "补访"),
    ]
    assert 'value="第二窗"' in stale.content.decode()
    again = handed_in(browser, meeting, second, version=stale.context["version"])
    assert again.status_code == 302
    assert MinutesVersion.objects.get().content["items"][0]["topic"] == "第二窗"


def test_gaps_are_summed_up_on_top_and_nothing_typed_is_lost(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    browser = browser_of(cast["林晓岚"])
    lacking = {
        **ITEM,
        "items.i1.conclusion": "",
        "actions.a1.keep": "1",
        "actions.a1.content": "补访三户",
    }
    answer = handed_in(browser, meeting, lacking)
    assert answer.status_code == 422
    assert [(str(one.message), one.anchor) for one in answer.context["links"]] == [
        ("议题 3：写一句结论", "f-items-i1-conclusion"),
        ("行动项 1：选责任人", "f-actions-a1-owner"),
        ("行动项 1：填完成期限", "f-actions-a1-due_on"),
    ]
    page = answer.content.decode()
    assert 'id="f-items-i1-conclusion"' in page
    assert "3 户改期" in page
    assert Draft.objects.get().body["actions"][0]["content"] == "补访三户"


def test_a_row_whose_box_is_not_ticked_is_taken_out(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    without = {name: value for name, value in ITEM.items() if name != "items.i1.keep"}
    second = {name.replace("i1", "i2"): value for name, value in ITEM.items()}
    answer = handed_in(browser_of(cast["林晓岚"]), meeting, {**without, **second})
    assert answer.status_code == 302
    version = MinutesVersion.objects.get()
    assert [item["key"] for item in version.content["items"]] == ["i2"]


def test_without_the_script_a_button_adds_a_row(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    browser = browser_of(cast["林晓岚"])
    answer = browser.post(
        f"/meetings/{meeting.pk}/minutes/draft/",
        {"version": 0, "do": "actions", "level": "2", **ITEM},
    )
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/meetings/{meeting.pk}/minutes/?edit=1#part-actions",
    )
    form = browser.get(f"/meetings/{meeting.pk}/minutes/?edit=1")
    assert len(form.context["actions"]) == 1
    assert form.context["items"][2].boxes["topic"].value == "第 47 周拜访计划"


def test_the_chair_returns_and_approves_on_the_page(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    submitted(cast, meeting)
    chair = browser_of(cast["周建平"])
    page = chair.get(f"/meetings/{meeting.pk}/minutes/")
    assert set(page.context["forms"]) == {"approve", "return"}
    empty = chair.post(f"/meetings/{meeting.pk}/minutes/return/", {"version": 1, "opinion": ""})
    assert empty.status_code == 422
    back = chair.post(
        f"/meetings/{meeting.pk}/minutes/return/", {"version": 1, "opinion": "写明哪三户"}
    )
    assert back.status_code == 302
    form = browser_of(cast["林晓岚"]).get(f"/meetings/{meeting.pk}/minutes/").content.decode()
    assert "写明哪三户" in form
    submitted(cast, meeting, moment="2026-11-24 13:00:00", version=1)
    stale = chair.post(f"/meetings/{meeting.pk}/minutes/approve/", {"version": 1})
    assert stale.status_code == 409
    done = chair.post(f"/meetings/{meeting.pk}/minutes/approve/", {"version": 3})
    assert done.status_code == 302
    assert Minutes.objects.get().state == "approved"
    page = chair.get(f"/meetings/{meeting.pk}/minutes/")
    assert page.context["forms"] == {}
    assert "已归档" in page.content.decode()


def test_a_correction_asks_why_and_its_version_shows_the_difference(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    submitted(cast, meeting)
    approved(cast, meeting)
    browser = browser_of(cast["林晓岚"])
    address = f"/meetings/{meeting.pk}/minutes/"
    form = browser.get(f"{address}?edit=1")
    assert form.context["is_correction"]
    typed = {
        "items.i1.keep": "1",
        "items.i1.conclusion": "12 月 5 日前完成摸底",
        "version": 0,
        "level": "2",
    }
    assert browser.post(f"{address}correct/", {**typed, "why": ""}).status_code == 422
    version = draft_of(cast["林晓岚"].pk, draft_key(meeting.pk))
    assert version is not None
    done = browser.post(
        f"{address}correct/", {**typed, "version": version.version, "why": "日期记错"}
    )
    assert done.status_code == 302
    page = browser_of(cast["周建平"]).get(f"{address}2/")
    assert [(str(one.label), one.old, one.new) for one in page.context["differences"]] == [
        ("议题 1 结论", "12 月 10 日前完成摸底", "12 月 5 日前完成摸底")
    ]
    assert "日期记错" in page.content.decode()
    standing = browser_of(cast["陈嘉怡"]).get(address).content.decode()
    assert "现在有效的是第 1 版" in standing


def test_helpers_are_chosen_on_the_form_and_stand_beside_the_owner(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    browser = browser_of(cast["林晓岚"])
    chen, ho = cast["陈嘉怡"].pk, cast["何俊峰"].pk
    action = {
        "actions.a1.keep": "1",
        "actions.a1.content": "三户补访",
        "actions.a1.owner": str(chen),
        "actions.a1.due_on": "2026-11-30",
    }
    saved(browser, meeting, 0, **{f"actions__a1__helpers__{ho}": True, "actions__a1__keep": True})
    form = browser.get(f"/meetings/{meeting.pk}/minutes/")
    [row] = form.context["actions"]
    assert row.helping == "何俊峰"
    assert [box.label for box in row.helpers if box.value] == ["何俊峰"]
    # Sent as a whole, a box that is not ticked is none.
    handed_in(browser, meeting, {**ITEM, **action}, version=1)
    assert MinutesVersion.objects.get().content["actions"][0]["helpers"] == []
    both = {**ITEM, **action, f"actions.a1.helpers.{ho}": "1"}
    handed_in(browser, meeting, both)
    approved(cast, meeting)
    page = browser_of(cast["何俊峰"]).get(f"/meetings/{meeting.pk}/minutes/")
    assert [one.owner for one in page.context["actions"]] == ["陈嘉怡、何俊峰"]
    difference = browser.get(f"/meetings/{meeting.pk}/minutes/2/").context["differences"]
    assert [(str(one.label), one.old, one.new) for one in difference] == [
        ("行动项 1 协办", "", "何俊峰")
    ]
    made = Action.objects.get()
    shown = browser_of(cast["何俊峰"]).get(f"/meeting-actions/{made.pk}/")
    assert shown.context["forms"] == {}
    assert ("协办", "何俊峰") in [(one.label, one.value) for one in shown.context["facts"]]


def test_the_page_of_minutes_says_what_the_meeting_still_lacks(
    cast: Cast, meeting: Meeting, browser_of: Browser, clock: StoryClock
) -> None:
    submitted(cast, meeting)
    clock.set("2026-11-24 18:00:00")
    browser = browser_of(cast["周建平"])
    here = browser.get(f"/meetings/{meeting.pk}/minutes/")
    assert here.context["lacks"]
    assert here.context["lacks"] == browser.get(f"/meetings/{meeting.pk}/").context["lacks"]
    assert "还缺什么" in here.content.decode()
    assert "密级：内部" in here.content.decode()


def test_secret_minutes_are_shown_to_a_named_group_and_that_is_written_down(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    Attendee.objects.filter(meeting=meeting, person=cast["何俊峰"]).delete()
    submitted(cast, meeting, entry(cast, level=3))
    approved(cast, meeting)
    address = f"/meetings/{meeting.pk}/minutes/"
    page = browser_of(cast["陈嘉怡"]).get(address)
    assert "密级：普通商密" in page.content.decode()
    assert "逐条讲解" in page.content.decode()
    assert Disclosure.objects.values_list("person__name", "name", "level").get() == (
        "陈嘉怡",
        "HY-20261123-CD-W48",
        3,
    )
    outsider = browser_of(cast["何俊峰"])
    hidden = outsider.get(address).content.decode()
    assert "这份纪要的密级是普通商密" in hidden
    assert "逐条讲解" not in hidden
    for address_of in ("minutes/1/", "minutes.pdf"):
        assert outsider.get(f"/meetings/{meeting.pk}/{address_of}").status_code == 403
    action = Action.objects.get(owner=cast["陈嘉怡"])
    assert outsider.get(f"/meeting-actions/{action.pk}/").status_code == 404
    assert Disclosure.objects.count() == 1


def test_a_lower_level_is_said_to_wait_for_the_approval(
    cast: Cast, meeting: Meeting, browser_of: Browser
) -> None:
    submitted(cast, meeting, entry(cast, level=3))
    submitted(cast, meeting)
    page = browser_of(cast["周建平"]).get(f"/meetings/{meeting.pk}/minutes/").content.decode()
    assert "密级：普通商密（批准后改为内部）" in page


def test_late_minutes_and_overdue_ones_say_so(
    cast: Cast, meeting: Meeting, browser_of: Browser, clock: StoryClock
) -> None:
    address = f"/meetings/{meeting.pk}/minutes/"
    clock.set("2026-11-24 17:30:01")
    assert "纪要逾期" in browser_of(cast["陈嘉怡"]).get(address).content.decode()
    submitted(cast, meeting, moment="2026-11-24 17:30:01")
    assert "待审批，迟交" in browser_of(cast["陈嘉怡"]).get(address).content.decode()


def test_a_standup_gets_a_recorder_when_somebody_wants_notes(
    cast: Cast, clock: StoryClock, browser_of: Browser
) -> None:
    meeting = held(cast, "standup")
    Meeting.objects.filter(pk=meeting.pk).update(recorder=None)
    chair = browser_of(cast["周建平"])
    page = chair.get(f"/meetings/{meeting.pk}/minutes/")
    assert "这次会议没有纪要" in page.content.decode()
    done = chair.post(
        f"/meetings/{meeting.pk}/minutes/recorder/",
        {"version": 4, "recorder": cast["陈嘉怡"].pk},
    )
    assert done.status_code == 302
    assert Meeting.objects.get(pk=meeting.pk).recorder == cast["陈嘉怡"]


# Actions


@pytest.fixture
def minuted(cast: Cast, meeting: Meeting) -> Meeting:
    submitted(cast, meeting)
    approved(cast, meeting)
    return meeting


def test_the_list_begins_with_what_is_open(
    cast: Cast, minuted: Meeting, browser_of: Browser, clock: StoryClock
) -> None:
    Action.objects.filter(owner=cast["陈嘉怡"]).update(state="done")
    clock.set("2026-11-28 09:00:00")
    page = browser_of(cast["何俊峰"]).get("/meeting-actions/")
    assert page.context["headline"] == "1 个行动项未结，1 个逾期"
    assert "三户改期客户补访" in page.content.decode()
    assert "A 类客户续签摸底表" not in page.content.decode()
    done = browser_of(cast["何俊峰"]).get("/meeting-actions/?state=done").content.decode()
    assert "A 类客户续签摸底表" in done
    assert browser_of(cast["马骏"]).get("/meeting-actions/").status_code == 403


def test_an_action_is_closed_with_its_proof_and_opened_again(
    cast: Cast, minuted: Meeting, browser_of: Browser
) -> None:
    action = Action.objects.get(owner=cast["陈嘉怡"])
    address = f"/meeting-actions/{action.pk}/"
    owner = browser_of(cast["陈嘉怡"])
    assert set(owner.get(address).context["forms"]) == {"close"}
    done = owner.post(
        f"{address}close/",
        {
            "version": 1,
            "result": "已摸底 12 户",
            "file": SimpleUploadedFile("摸底表.pdf", b"%PDF-1.7"),
        },
    )
    assert done.status_code == 302
    file = owner.get(f"{address}file/")
    assert (file.status_code, file.content) == (200, b"%PDF-1.7")
    leader = browser_of(cast["周建平"])
    assert set(leader.get(address).context["forms"]) == {"reopen"}
    leader.post(f"{address}reopen/", {"version": 2, "reason": "漏了两户"})
    leader.post(f"{address}drop/", {"version": 3, "reason": "合同已续签"})
    action.refresh_from_db()
    assert (action.state, action.result) == ("dropped", "合同已续签")
    assert browser_of(cast["郑秋实"]).get(address).status_code == 404


# Scans


def test_the_code_on_the_paper_leads_to_the_scan_of_that_part(
    cast: Cast, minuted: Meeting, browser_of: Browser
) -> None:
    address = f"/meetings/{minuted.pk}/scans/"
    recorder = browser_of(cast["林晓岚"])
    form = recorder.get(f"{address}add/?part=minutes")
    assert form.context["form"]["part"].value() == "minutes"
    assert "HY-20261123-CD-W48" in form.content.decode()
    wrong = recorder.post(
        f"{address}add/", {"part": "minutes", "file": SimpleUploadedFile("x.txt", b"x")}
    )
    assert wrong.status_code == 422
    done = recorder.post(
        f"{address}add/", {"part": "minutes", "file": SimpleUploadedFile("x.pdf", b"%PDF-1.7")}
    )
    assert (done.status_code, done["Location"]) == (302, f"/meetings/{minuted.pk}/minutes/")
    scan = Scan.objects.get()
    assert recorder.get(f"{address}{scan.pk}/").content == b"%PDF-1.7"
    assert browser_of(cast["陈嘉怡"]).get(f"{address}add/").status_code == 403
    assert browser_of(cast["郑秋实"]).get(f"{address}{scan.pk}/").status_code == 404
    recorder.post(f"{address}{scan.pk}/remove/")
    assert recorder.get(f"{address}{scan.pk}/").status_code == 404


def test_a_meetings_page_lists_what_it_has_before_it(
    cast: Cast, minuted: Meeting, browser_of: Browser
) -> None:
    coming = arranged(cast, "standup", "2026-11-25")
    page = browser_of(cast["何俊峰"]).get(f"/meetings/{coming.pk}/")
    [part] = page.context["agenda"]
    assert [point.what for point in part.points] == ["三户改期客户补访", "A 类客户续签摸底表"]
    over = browser_of(cast["何俊峰"]).get(f"/meetings/{minuted.pk}/")
    assert over.context["agenda"] == []

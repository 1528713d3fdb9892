"""The roll-up in the browser (W6): written, previewed, sent, delivered, signed for, corrected."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from confidentiality.models import Disclosure
from core import files, jobs
from core.drafts import draft_of
from core.models import Job, OutboxMessage
from core.periods import Week
from duties.operations import ensure_periods
from organization.models import Person
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.week import TEXTS, WEEK, filed, logged, sent
from worklogs.models import RollUp, RollUpVersion

pytestmark = pytest.mark.django_db
Browser = Callable[[Person], Client]


@pytest.fixture
def monday(cast: Cast, clock: StoryClock) -> Cast:
    """Monday 09:00 after the week: 林晓岚 filed, 陈嘉怡 late, 何俊峰 not at all."""
    ensure_periods(WEEK, WEEK)
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-23 10:00:00")
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-28 10:00:00")
    filed(cast, "林晓岚", "2026-11-27 17:14:26", declared={"active": ("3", "漏记一次")})
    filed(cast, "陈嘉怡", "2026-11-27 17:38:20")
    clock.set("2026-11-30 09:00:00")
    return cast


def url_of(cast: Cast, more: str = "") -> str:
    return f"/rollups/{WEEK.key}/{cast.east.pk}/{more}"


def text_of(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return response.content.decode()


def save(client: Client, cast: Cast, version: int, **fields: Any) -> tuple[int, dict[str, Any]]:
    answer = client.patch(
        url_of(cast, "write/"),
        json.dumps({"version": str(version), "fields": fields}),
        content_type="application/json",
        headers={"accept": "application/json"},
    )
    return answer.status_code, answer.json()


def items_of(cast: Cast, part: str = "needs") -> list[str]:
    return [f"{cast[who].pk}:{part}" for who in ("林晓岚", "陈嘉怡")]


def form(cast: Cast, version: int = 1, **more: Any) -> dict[str, Any]:
    """The form as a browser sends it with every item ticked."""
    known = [f"{cast[who].pk}:{part}" for who in ("林晓岚", "陈嘉怡") for part in TEXTS]
    ticked = {f"in:{key}": "1" for key in known}
    return {"version": version, "comment": "", "known": known, **ticked, **more}


def work(moment: str) -> None:
    """The worker does everything that is due."""
    jobs.run_due(at(moment))


def test_the_page_shows_the_week(monday: Cast, browser_of: Browser) -> None:
    page = text_of(browser_of(monday["周建平"]), url_of(monday))
    assert "<h1>第 48 周汇总：还有 1 人未交</h1>" in page
    assert "应交 3，按时 1，迟交 1，退回 0，未交 1" in page
    assert TEXTS["needs"] in page
    assert "补充（交后和截止后的服务）" in page
    assert "孙岚" in page


def test_what_is_typed_is_saved_as_typed(monday: Cast, browser_of: Browser) -> None:
    client = browser_of(monday["周建平"])
    lin, chen = items_of(monday)
    assert save(client, monday, 1, comment="再抓一抓", **{f"in:{lin}": False}) == (
        200,
        {"version": "2", "saved_at": "2026-11-30T01:00:00+00:00"},
    )
    assert save(client, monday, 2, **{f"in:{chen}": False, f"in:{lin}": True})[0] == 200
    rollup = RollUp.objects.get()
    assert (rollup.comment, rollup.left_out, rollup.version) == ("再抓一抓", [chen], 3)


def test_another_window_was_faster(monday: Cast, browser_of: Browser) -> None:
    client = browser_of(monday["周建平"])
    lin, chen = items_of(monday)
    save(client, monday, 1, comment="第一个窗口", **{f"in:{lin}": False})
    status, body = save(client, monday, 1, comment="第二个窗口")
    assert status == 409
    assert body["current"]["version"] == "2"
    fields = body["current"]["fields"]
    assert (fields["comment"], fields[f"in:{lin}"], fields[f"in:{chen}"]) == (
        "第一个窗口",
        False,
        True,
    )
    page = client.post(url_of(monday, "send/"), form(monday, comment="第二个窗口"))
    assert page.status_code == 409
    body_text = page.content.decode()
    assert ("第二个窗口" in body_text, "第一个窗口" in body_text) == (True, True)
    assert not RollUpVersion.objects.exists()
    again = client.post(url_of(monday, "send/"), form(monday, version=2, comment="第二个窗口"))
    assert again.status_code == 302
    assert RollUpVersion.objects.get().content["comment"] == "第二个窗口"


def test_the_reason_of_a_correction_is_kept_while_typed(monday: Cast, browser_of: Browser) -> None:
    client = browser_of(monday["周建平"])
    status, body = save(client, monday, 1, why_corrected="何俊峰补")
    assert (status, body["version"]) == (200, "1")
    key = f"rollup:{WEEK.key}:{monday.east.pk}"
    draft = draft_of(monday["周建平"].pk, key)
    assert draft is not None
    assert draft.body == {"why": "何俊峰补"}


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "[]",
        '{"version": "x", "fields": {}}',
        '{"fields": 3}',
        "{}",
        pytest.param("[" * 100_000, id="deep"),
        '{"version": "1", "fields": {"comment": "\\u0000"}}',
        '{"version": "1", "fields": {"comment": "\\ud800"}}',
    ],
)
def test_a_body_that_cannot_be_read(monday: Cast, browser_of: Browser, body: str) -> None:
    answer = browser_of(monday["周建平"]).patch(
        url_of(monday, "write/"),
        body,
        content_type="application/json",
        headers={"accept": "application/json"},
    )
    assert answer.status_code == 422


def test_too_long_a_comment_is_said_at_its_field(monday: Cast, browser_of: Browser) -> None:
    status, body = save(browser_of(monday["周建平"]), monday, 1, comment="长" * 4001)
    assert (status, body) == (422, {"errors": {"comment": ["最多 4000 个字"]}})


def test_the_mail_is_the_one_that_is_sent(monday: Cast, browser_of: Browser) -> None:
    client = browser_of(monday["周建平"])
    preview = client.get(url_of(monday, "mail/")).context
    assert preview["receivers"] == [("孙岚", "100002@example.com")]
    client.post(url_of(monday, "send/"), form(monday))
    work("2026-11-30 09:00:05")
    message = OutboxMessage.objects.get()
    assert (preview["mail"].subject, preview["mail"].body) == (message.subject, message.body)
    file = RollUpVersion.objects.get().file
    assert file is not None
    assert preview["attached"] == file.name
    then = client.get(f"{url_of(monday, 'mail/')}?number=1").context["mail"]
    assert (then.subject, then.body) == (message.subject, message.body)


def test_what_was_typed_stands_in_the_mail_as_text(monday: Cast, browser_of: Browser) -> None:
    client = browser_of(monday["周建平"])
    save(client, monday, 1, comment="<form action=/x><b>好")
    page = client.get(url_of(monday, "mail/")).content.decode()
    assert "&lt;form action=/x&gt;&lt;b&gt;好" in page
    assert "<form action=/x>" not in page


def test_sending_leads_to_the_receipt(monday: Cast, browser_of: Browser) -> None:
    client = browser_of(monday["周建平"])
    lin, _chen = items_of(monday)
    ticked = form(monday, comment="盯专线")
    del ticked[f"in:{lin}"]
    answer = client.post(url_of(monday, "send/"), ticked)
    assert answer.url == url_of(monday, "versions/1/")  # type: ignore[attr-defined]
    version = RollUpVersion.objects.get()
    assert version.content["comment"] == "盯专线"
    assert version.rollup.left_out == [lin]
    page = text_of(client, url_of(monday, "versions/1/"))
    assert ("09:00:00" in page, version.digest in page, version.archive_number in page) == (
        True,
        True,
        True,
    )
    assert "已发，按时" in page
    assert "正在生成工作簿" in page
    assert "未列入" in page


def test_the_progress_follows_the_worker(monday: Cast, browser_of: Browser) -> None:
    client = browser_of(monday["周建平"])
    sent(monday, "2026-11-30 09:00:00")
    progress = url_of(monday, "versions/1/progress/")
    assert client.get(progress).json() == {
        "state": "running",
        "done": 0,
        "total": 2,
        "note": "正在生成工作簿",
    }
    job = Job.objects.get(kind="worklogs.post_rollup")
    assert jobs.run(job.pk, at=at("2026-11-30 09:00:01")) == "done"
    assert client.get(progress).json()["done"] == 1
    work("2026-11-30 09:00:05")
    assert client.get(progress).json()["state"] == "done"
    page = text_of(client, url_of(monday, "versions/1/"))
    version = RollUpVersion.objects.get()
    assert version.file is not None
    assert (version.file.sha256 in page, "100002@example.com" in page) == (True, True)
    assert version.message_id.strip("<>") in page
    assert "已发" in page


def test_the_workbook_leaves_by_the_gate(monday: Cast, browser_of: Browser) -> None:
    client = browser_of(monday["孙岚"])
    sent(monday, "2026-11-30 09:00:00")
    workbook = url_of(monday, "versions/1/workbook/")
    text_of(client, workbook, 404)  # not yet made
    work("2026-11-30 09:00:05")
    answer = client.get(workbook)
    version = RollUpVersion.objects.get()
    assert version.file is not None
    assert answer.content == files.content_of(version.file)
    assert answer["Content-Disposition"].startswith("attachment;")
    disclosure = Disclosure.objects.get()
    assert (disclosure.person, disclosure.rows, disclosure.sha256) == (
        monday["孙岚"],
        3,
        version.file.sha256,
    )


def test_too_early_nothing_typed_is_lost(
    monday: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    clock.set("2026-11-27 17:29:59")
    client = browser_of(monday["周建平"])
    answer = client.post(url_of(monday, "send/"), form(monday, comment="写好的意见"))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert ("周报截止后才能发送汇总。" in page, "写好的意见" in page) == (True, True)
    clock.set("2026-11-27 17:30:00")
    assert client.post(url_of(monday, "send/"), form(monday)).status_code == 302


def test_again_only_with_a_reason_said_at_its_field(monday: Cast, browser_of: Browser) -> None:
    client = browser_of(monday["周建平"])
    sent(monday, "2026-11-30 09:00:00")
    filed(monday, "何俊峰", "2026-11-30 09:20:00")
    page = text_of(client, url_of(monday))
    assert "内容已与发送的不同，可以发更正。" in page
    answer = client.post(url_of(monday, "send/"), form(monday, version=2))
    assert answer.status_code == 422
    body = answer.content.decode()
    assert 'href="#why"' in body
    assert "再发要写更正原因" in body
    data = form(monday, version=2, why_corrected="何俊峰补交")
    assert client.post(url_of(monday, "send/"), data).status_code == 302
    page = text_of(client, f"{url_of(monday, 'versions/2/')}?against=1")
    assert "何俊峰补交" in page
    assert "未交</del>" in page
    assert "已有更正后的版本" in text_of(client, url_of(monday, "versions/1/"))


def test_the_office_signs_in_place(monday: Cast, browser_of: Browser, clock: StoryClock) -> None:
    sent(monday, "2026-11-30 09:00:00")
    client = browser_of(monday["孙岚"])
    page = client.get(url_of(monday), follow=True)
    assert page.redirect_chain == [(url_of(monday, "versions/1/"), 302)]
    assert 'form="receive"' in page.content.decode()
    clock.set("2026-11-30 09:31:00")
    answer = client.post(url_of(monday, "receive/"), {"number": "1"})
    assert answer.status_code == 302
    assert RollUpVersion.objects.get().received_at == at("2026-11-30 09:31:00")
    assert "孙岚 今天 09:31" in text_of(client, url_of(monday, "versions/1/"))


def test_an_old_version_is_not_signed_for(monday: Cast, browser_of: Browser) -> None:
    sent(monday, "2026-11-30 09:00:00")
    filed(monday, "何俊峰", "2026-11-30 09:20:00")
    sent(monday, "2026-11-30 09:30:00", why="何俊峰补交")
    client = browser_of(monday["孙岚"])
    answer = client.post(url_of(monday, "receive/"), {"number": "1"})
    assert answer.status_code == 422
    assert "已有更正后的版本，请签收新的那一份。" in answer.content.decode()
    assert client.post(url_of(monday, "receive/"), {"number": "x"}).status_code == 404


def test_who_may_what(monday: Cast, browser_of: Browser) -> None:
    for who, status in (("赵国梁", 403), ("孙岚", 403), ("林晓岚", 404), ("马骏", 404)):
        client = browser_of(monday[who])
        assert client.post(url_of(monday, "send/"), form(monday)).status_code == status
        assert save(client, monday, 1, comment="x")[0] == status
    assert browser_of(monday["周建平"]).post(
        url_of(monday, "receive/"), {"number": "1"}
    ).status_code in (403, 404)
    assert not RollUp.objects.exists()


def test_a_foreign_branch_answers_like_none(monday: Cast, browser_of: Browser) -> None:
    sent(monday, "2026-11-30 09:00:00")
    client = browser_of(monday["郑秋实"])
    for more in ("", "mail/", "versions/1/", "versions/1/workbook/", "versions/1/progress/"):
        foreign = text_of(client, url_of(monday, more), 404)
        assert foreign == text_of(client, f"/rollups/{WEEK.key}/99999/{more}", 404)


def test_no_roll_up_for_a_week_without_a_working_day(monday: Cast, browser_of: Browser) -> None:
    url = reverse("rollup", args=["2026-W08", monday.east.pk])
    assert "这一周没有工作日" in text_of(browser_of(monday["周建平"]), url)


def test_the_list_says_where_each_week_stands(monday: Cast, browser_of: Browser) -> None:
    ensure_periods(WEEK.previous, WEEK)
    sent(monday, "2026-11-30 09:00:00")
    page = text_of(browser_of(monday["周建平"]), "/rollups/")
    assert ("2026年第48周" in page, "HZ-CD-2026-W48-1" in page, "逾期未发" in page) == (
        True,
        True,
        True,
    )
    assert "城西分公司" not in page
    unsent = text_of(browser_of(monday["孙岚"]), "/rollups/?state=unsent")
    rows = unsent.split("<tbody")[1].split("</tbody>")[0]
    assert ("城西分公司" in rows, "HZ-CD-2026-W48-1" in rows) == (True, False)
    only_west = text_of(browser_of(monday["孙岚"]), f"/rollups/?branch={monday.west.pk}")
    assert "HZ-CD" not in only_west
    text_of(browser_of(monday["林晓岚"]), "/rollups/", 404)


def test_the_list_costs_as_much_for_one_week_as_for_fifty(
    monday: Cast, browser_of: Browser
) -> None:
    client = browser_of(monday["周建平"])
    text_of(client, "/rollups/")
    with CaptureQueriesContext(connection) as few:
        text_of(client, "/rollups/")
    ensure_periods(Week(2025, 48), WEEK)
    with CaptureQueriesContext(connection) as many:
        page = text_of(client, "/rollups/")
    assert page.count("<tr role=") == 51
    assert len(many) == len(few)

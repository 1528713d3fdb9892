"""The pages of the weekly summary (W4, W5): typed, filed, given back, compared, filed for."""

import json
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from confidentiality.models import Disclosure
from core.periods import Week
from duties.operations import ensure
from organization.models import Person
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.week import TEXTS, WEEK, filed, logged
from worklogs.models import Summary, SummaryVersion
from worklogs.operations.summaries import return_summary

Browsers = Callable[[Person], Client]
OWN = f"/weeks/{WEEK}/"


def of(cast: Cast, name: str, way: str = "") -> str:
    """A page of somebody's week."""
    return f"/weeks/{WEEK}/of/{cast[name].pk}/{way}"


def patch(client: Client, url: str, version: int, **fields: Any) -> Any:
    """What the autosave script sends."""
    return client.patch(
        url,
        json.dumps({"version": version, "fields": fields}),
        content_type="application/json",
        headers={"Accept": "application/json"},
    )


def typed(page: Any, **more: Any) -> dict[str, Any]:
    """What the form of a page sends when the texts are written."""
    form = page.context["form"]
    given = {name: form[name].value() for name in form.fields}
    given = {name: value for name, value in given.items() if value not in (None, False)}
    return {
        **given,
        "version": page.context["version"],
        **{f"t_{part}": text for part, text in TEXTS.items()},
        **more,
    }


def a_week(cast: Cast) -> None:
    """Four services of 林晓岚, one of them passive, with something to report."""
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-23 09:00:00", channel="on_site",
           product="云桌面", response="accepted", needs="按月结算")  # fmt: skip
    logged(cast, "林晓岚", "城东人民医院", "2026-11-24 10:00:00", initiator="passive",
           category="fault", problems="专线抖动")  # fmt: skip
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-25 09:00:00", needs="分机构对账")
    logged(cast, "林晓岚", "黄建国", "2026-11-27 09:00:00", competitors="友商半价")


def test_the_form_has_each_figure_with_its_rows(cast: Cast, browser_of: Browsers) -> None:
    a_week(cast)
    browser = browser_of(cast["林晓岚"])
    page = browser.get(OWN)
    shown = {line.key: line.computed for line in page.context["lines"]}
    assert (shown["active"], shown["passive"], shown["on_site_a"]) == ("3", "1", "1")
    for line in page.context["lines"]:
        rows = browser.get(line.computed_url).context["rows"]
        assert str(len(rows)) == line.computed, line.key
    panel = browser.get(
        of(cast, "林晓岚", "figures/active/"), headers={"HX-Request": "true", "HX-Target": "panel"}
    ).content.decode()
    assert "<html" not in panel
    assert panel.count('class="what"') == 3
    assert browser.get(of(cast, "林晓岚", "figures/nonsense/")).status_code == 404


def test_texts_are_brought_in_from_the_weeks_logs(cast: Cast, browser_of: Browsers) -> None:
    a_week(cast)
    browser = browser_of(cast["林晓岚"])
    page = browser.get(OWN)
    counts = {one.text.name: one.count for one in page.context["texts"]}
    assert (counts["t_needs"], counts["t_response"], counts["t_conclusions"]) == (2, 1, 0)
    brought = browser.get(of(cast, "林晓岚", "import/needs/")).json()
    assert brought == {"text": "东方纺织集团：按月结算\n东方纺织集团：分机构对账"}
    offered = browser.get(of(cast, "林晓岚", "import/response/")).json()
    assert offered == {"text": "东方纺织集团：云桌面，接受"}
    assert browser.get(of(cast, "林晓岚", "import/conclusions/")).status_code == 404


def test_what_is_typed_is_saved_and_a_second_window_is_told(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    a_week(cast)
    clock.set("2026-11-27 17:12:03")
    browser = browser_of(cast["林晓岚"])
    url = of(cast, "林晓岚", "draft/")
    first = patch(browser, url, 0, t_needs="按月结算", f_active="4")
    assert first.json()["version"] == 1
    assert first.json()["saved_at"] == "2026-11-27T09:12:03+00:00"
    assert first.json()["written"] == "1/8"
    assert "1 处要改" in first.json()["rail"]
    second = patch(browser, url, 1, r_active="漏记一笔", n_help=True)
    assert (second.json()["version"], second.json()["written"]) == (2, "2/8")
    stale = patch(browser, url, 1, t_needs="另一窗口写的")
    current = stale.json()["current"]
    assert stale.status_code == 409
    assert (current["version"], current["fields"]["t_needs"]) == (2, "按月结算")
    page = browser.get(OWN)
    form = page.context["form"]
    assert [form[name].value() for name in ("t_needs", "f_active", "r_active", "n_help")] == [
        "按月结算",
        "4",
        "漏记一笔",
        True,
    ]
    assert "已保存 17:12:03" in page.content.decode()


def test_a_figure_that_was_left_alone_follows_the_logs(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    a_week(cast)
    browser = browser_of(cast["林晓岚"])
    given = typed(browser.get(OWN))
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-27 11:00:00")
    assert browser.post(of(cast, "林晓岚", "submit/"), given).status_code == 302
    figure = SummaryVersion.objects.get().figures["active"]
    assert figure == {"value": "4", "declared": "4", "reason": ""}


def test_gaps_are_named_on_top_and_beside_and_nothing_is_lost(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    a_week(cast)
    browser = browser_of(cast["林晓岚"])
    page = browser.get(OWN)
    given = typed(page, f_active="11", t_conclusions="", t_suggestions="", t_needs="写好的")
    answer = browser.post(of(cast, "林晓岚", "submit/"), given)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert [(link.message, link.anchor) for link in answer.context["links"]] == [
        ("主动服务：申报 11，系统 3，写明原因或改回 3", "id_r_active"),
        ("结论：写一句本周的判断", "id_t_conclusions"),
        ("建议：写一条，或选“本周无”", "id_t_suggestions"),
    ]
    assert "<span>写一句本周的判断</span>" in text
    assert "<span>申报 11，系统 3，写明原因或改回 3</span>" in text
    assert [(part.state, part.note) for part in answer.context["parts"]] == [
        ("wrong", "1 处要改"),
        ("wrong", "2 处要改"),
    ]
    again = browser.get(OWN).context["form"]
    assert [again[name].value() for name in ("t_needs", "f_active")] == ["写好的", "11"]
    mended = {
        **given,
        "version": answer.context["version"],
        "r_active": "纸质单",
        "t_conclusions": "稳定性",
        "n_suggestions": "on",
    }
    assert browser.post(of(cast, "林晓岚", "submit/"), mended)["Location"] == OWN


def test_a_number_that_is_none_is_told_beside_its_figure(cast: Cast, browser_of: Browsers) -> None:
    browser = browser_of(cast["林晓岚"])
    given = typed(browser.get(OWN), f_active="很多")
    answer = browser.post(of(cast, "林晓岚", "submit/"), given)
    assert [(link.message, link.anchor) for link in answer.context["links"]] == [
        ("主动服务：填一个不小于 0 的整数", "id_f_active")
    ]
    assert answer.context["form"]["r_active"].errors == ["填一个不小于 0 的整数"]


def test_the_receipt_has_number_instant_and_what_comes_next(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    a_week(cast)
    clock.set("2026-11-27 17:00:00")
    browser = browser_of(cast["林晓岚"])
    given = typed(browser.get(OWN))
    clock.set("2026-11-27 17:14:26")
    page = browser.post(of(cast, "林晓岚", "submit/"), given, follow=True)
    text = page.content.decode()
    assert "17:14:26" in text
    assert "早于截止 15 分 34 秒" in text
    assert [fact.value for fact in page.context["facts"]][:3] == [
        f"CD-{WEEK}-200004-1",
        "第 1 版",
        "周建平",
    ]
    assert "改了再交" in text
    clock.set("2026-11-27 17:30:01")
    assert "改了再交" not in browser.get(OWN).content.decode()


def test_late_is_accepted_and_marked_with_its_minutes(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    for moment, name, expected in (
        ("2026-11-27 17:30:00", "林晓岚", "已交，按时"),
        ("2026-11-27 17:30:01", "陈嘉怡", "已交，迟交 1 分"),
    ):
        clock.set("2026-11-27 17:00:00")
        browser = browser_of(cast[name])
        given = typed(browser.get(OWN))
        clock.set(moment)
        page = browser.post(of(cast, name, "submit/"), given, follow=True)
        assert expected in page.content.decode(), name


def test_a_stale_submission_shows_both_sides_and_keeps_what_was_typed(
    cast: Cast, browser_of: Browsers
) -> None:
    browser = browser_of(cast["林晓岚"])
    given = typed(browser.get(OWN), t_needs="这里写的")
    patch(browser, of(cast, "林晓岚", "draft/"), 0, t_needs="那边写的", n_help=True)
    answer = browser.post(of(cast, "林晓岚", "submit/"), given)
    text = answer.content.decode()
    assert answer.status_code == 409
    differences = {one.label: (one.old, one.new) for one in answer.context["elsewhere"]}
    assert differences["主动服务需求"] == ("那边写的", "这里写的")
    assert "这里写的</textarea>" in text
    again = {**given, "version": answer.context["version"]}
    assert browser.post(of(cast, "林晓岚", "submit/"), again).status_code == 302
    assert SummaryVersion.objects.get().texts["needs"] == "这里写的"


def test_the_forms_own_autosave_that_overtakes_the_button_is_no_other_window(
    cast: Cast, browser_of: Browsers
) -> None:
    browser = browser_of(cast["林晓岚"])
    given = typed(browser.get(OWN), t_conclusions="")
    texts = {name: given[name] for name in given if name.startswith("t_")}
    patch(browser, of(cast, "林晓岚", "draft/"), 0, **texts)
    gaps = browser.post(of(cast, "林晓岚", "submit/"), given)
    assert [link.anchor for link in gaps.context["links"]] == ["id_t_conclusions"]
    assert gaps.context["version"] == 1
    given |= {"t_conclusions": "一行\r\n两行", "version": 1}
    patch(browser, of(cast, "林晓岚", "draft/"), 1, t_conclusions="一行\n两行")
    assert browser.post(of(cast, "林晓岚", "submit/"), given)["Location"] == OWN


def test_given_back_it_carries_the_remarks_on_the_very_fields(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    a_week(cast)
    filed(cast, "林晓岚", "2026-11-27 16:00:00")
    clock.set("2026-11-27 17:02:00")
    supervisor = browser_of(cast["周建平"])
    reading = supervisor.get(of(cast, "林晓岚"))
    version = reading.context["filed"].version
    url = of(cast, "林晓岚", "return/")
    empty = supervisor.post(url, {"version": version})
    assert empty.status_code == 422
    assert "在要改的那一栏写明原因" in empty.content.decode()
    remarks = {"version": version, "figure:active": "少了两笔", "text:conclusions": "写具体"}
    stale = supervisor.post(url, {**remarks, "version": 99})
    assert stale.status_code == 409
    assert stale.context["form"]["figure:active"].value() == "少了两笔"
    assert supervisor.post(url, remarks)["Location"] == of(cast, "林晓岚")
    page = browser_of(cast["林晓岚"]).get(OWN)
    assert {line.key: line.remark for line in page.context["lines"] if line.remark} == {
        "active": "少了两笔"
    }
    assert {one.text.name: one.remark for one in page.context["texts"] if one.remark} == {
        "t_conclusions": "写具体"
    }
    given = typed(page, t_conclusions="具体了")
    assert browser_of(cast["林晓岚"]).post(of(cast, "林晓岚", "submit/"), given).status_code == 302
    versions = supervisor.get(of(cast, "林晓岚", "versions/"))
    assert [(one.label, one.old, one.new) for one in versions.context["differences"]] == [
        ("结论", TEXTS["conclusions"], "具体了")
    ]
    assert "少了两笔" in versions.content.decode()
    assert supervisor.get(of(cast, "林晓岚", "versions/?a=9&b=2")).status_code == 404


def test_the_supervisor_reads_with_an_opinion(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    filed(cast, "林晓岚", "2026-11-27 11:00:00")
    url = of(cast, "林晓岚", "review/")
    browser = browser_of(cast["周建平"])
    stale = browser.post(url, {"version": 7, "opinion": "很好"})
    assert stale.status_code == 409
    assert "很好</textarea>" in stale.content.decode()
    assert browser.post(url, {"version": 1, "opinion": "很好"}).status_code == 302
    assert Summary.objects.get().opinion == "很好"
    assert browser_of(cast["林晓岚"]).post(url, {"version": 2}).status_code == 403
    assert browser_of(cast["郑秋实"]).post(url, {"version": 2}).status_code == 404
    assert "很好" in browser_of(cast["林晓岚"]).get(OWN).content.decode()


def test_filed_for_somebody_shows_both_names_and_waits_for_a_yes(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    supervisor = browser_of(cast["周建平"])
    page = supervisor.get(of(cast, "陈嘉怡", "?fill=1"))
    given = typed(page)
    refused = supervisor.post(of(cast, "陈嘉怡", "submit/"), given)
    assert [(link.message, link.anchor) for link in refused.context["links"]] == [
        ("写明为什么代填。", "id_why_filed_for")
    ]
    given |= {"version": refused.context["version"], "why_filed_for": "住院"}
    assert supervisor.post(of(cast, "陈嘉怡", "submit/"), given)["Location"] == of(cast, "陈嘉怡")
    own = browser_of(cast["陈嘉怡"])
    page_text = own.get(OWN).content.decode()
    assert "周建平 代 陈嘉怡：住院" in page_text
    assert "看过后请确认" in page_text
    told = own.get("/logs/").content.decode()
    assert "周建平 代您交了第 48 周周报，请确认" in told
    assert browser_of(cast["周建平"]).post(of(cast, "陈嘉怡", "confirm/")).status_code == 403
    assert own.post(of(cast, "陈嘉怡", "confirm/"))["Location"] == OWN
    assert "请确认" not in own.get(OWN).content.decode()
    assert browser_of(cast["赵国梁"]).get(of(cast, "何俊峰", "?fill=1")).status_code == 200
    assert not browser_of(cast["赵国梁"]).get(of(cast, "何俊峰", "?fill=1")).context.get("form")


def test_the_paper_is_a_pdf_whose_going_out_is_written_down(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    version = filed(cast, "林晓岚", "2026-11-27 11:00:00")
    browser = browser_of(cast["林晓岚"])
    answer = browser.get(of(cast, "林晓岚", "paper.pdf"))
    assert answer.content[:5] == b"%PDF-"
    assert Disclosure.objects.get().name == f"{version.receipt}.pdf"
    sheet = browser.get(of(cast, "林晓岚", "print/"))
    assert sheet["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in sheet["Content-Security-Policy"]
    assert version.receipt in sheet.content.decode()
    assert browser.get(OWN)["X-Frame-Options"] == "DENY"
    draft = browser_of(cast["陈嘉怡"]).get(of(cast, "陈嘉怡", "print/?draft=1"))
    assert "草稿" in draft.content.decode()
    assert Disclosure.objects.count() == 1


def test_a_foreign_week_is_not_there(cast: Cast, browser_of: Browsers) -> None:
    filed(cast, "吴志远", "2026-11-27 11:00:00")
    browser = browser_of(cast["周建平"])
    pages = ("", "versions/", "print/", "paper.pdf", "figures/active/", "import/needs/")
    for way in pages:
        there = browser.get(of(cast, "吴志远", way))
        nowhere = browser.get(f"/weeks/{WEEK}/of/987654/{way}")
        assert there.status_code == 404, way
        assert there.content == nowhere.content
    for way in ("submit/", "return/", "review/", "confirm/"):
        assert browser.post(of(cast, "吴志远", way)).status_code == 404, way
    assert patch(browser, of(cast, "吴志远", "draft/"), 0, t_needs="x").status_code == 404
    other = browser_of(cast["林晓岚"])
    assert other.get(of(cast, "陈嘉怡")).status_code == 404


def test_a_week_that_does_not_exist_is_no_address(cast: Cast, browser_of: Browsers) -> None:
    browser = browser_of(cast["林晓岚"])
    assert browser.get("/weeks/2026-W53/").status_code == 200
    assert browser.get("/weeks/2025-W53/").status_code == 404
    for far in ("0001-W01", "1948-W52", "2200-W01", "9999-W52"):
        assert browser.get(f"/weeks/{far}/").status_code == 404
    assert browser.get("/weeks/2199-W52/").status_code == 200
    assert browser.get("/weeks/2026-W08/").status_code == 200
    assert "这一周不用交周报" in browser.get("/weeks/2026-W08/").content.decode()


def test_own_weeks_stand_in_a_list_with_their_states(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    for number in (45, 46, 47, 48):
        ensure(kind="summary", branch=cast.east, period=Week(2026, number))
    filed(cast, "林晓岚", "2026-11-06 16:40:00", week=Week(2026, 45))
    filed(cast, "林晓岚", "2026-11-13 17:38:20", week=Week(2026, 46))
    back = filed(cast, "林晓岚", "2026-11-20 16:00:00", week=Week(2026, 47)).summary
    return_summary(
        summary_id=back.pk,
        remarks={"text:needs": "写具体"},
        expected_version=back.version,
        actor=cast.actor("周建平"),
        at=at("2026-11-20 17:00:00"),
    )
    browser = browser_of(cast["林晓岚"])
    page = browser.get("/weeks/")
    states = [
        next(cell.content for cell in row.cells if cell.label == "状态")
        for row in page.context["table"].rows
    ]
    words = ["未交，还没到期", "退回", "迟交 9 分", "已交，按时"]
    assert [word in state for word, state in zip(words, states, strict=True)] == [True] * 4
    with CaptureQueriesContext(connection) as four:
        browser.get("/weeks/")
    for number in range(1, 45):
        ensure(kind="summary", branch=cast.east, period=Week(2026, number))
    with CaptureQueriesContext(connection) as many:
        browser.get("/weeks/")
    assert len(many) == len(four)
    assert [row.head for row in browser_of(cast["韩静"]).get("/weeks/").context["table"].rows] == [
        "林晓岚"
    ] * 3

"""The frame, home and go-anywhere: what each role finds, and nothing that is not there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import CalendarYear
from core.periods import Week
from duties.operations import ensure
from meetings.operations.delegations import delegate_holding
from organization.models import Person, RoleGrant
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.meetings_at import begun, ended, meetings_made, opened, standup
from tests.domain.week import WEEK, filed, logged
from worklogs.operations.summaries import return_summary

Browsers = Callable[[Person], Client]


def test_the_managers_day(cast: Cast, clock: StoryClock, browser_of: Browsers) -> None:
    ensure(kind="summary", branch=cast.east, period=WEEK)
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-26 10:00:00")
    logged(cast, "林晓岚", "城东人民医院", "2026-11-27 10:00:00", initiator="passive", is_open=True)
    logged(
        cast,
        "林晓岚",
        "黄建国",
        "2026-11-25 10:00:00",
        next_step="送方案",
        next_on=clock.moment.date(),
    )
    clock.set("2026-11-27 15:12:00")
    page = browser_of(cast["林晓岚"]).get("/")
    due = page.context["due"]
    assert (due.week, due.state, due.gaps_text) == (WEEK, "draft", "8 项")
    assert [item.what for item in page.context["agenda"]] == ["答复 城东人民医院", "送方案"]
    assert page.context["overdue"] == 1
    assert [cell.note for cell in page.context["week_days"]] == ["", "", "1", "1", "1", "", ""]
    assert [cell.mark for cell in page.context["week_days"]][5:] == ["休", "休"]
    assert (page.context["total"], page.context["active"], page.context["passive"]) == (3, 2, 1)
    filed(cast, "林晓岚", "2026-11-27 16:00:00")
    clock.set("2026-11-27 16:00:01")
    assert browser_of(cast["林晓岚"]).get("/").context["due"].state == "on_time"


def standups_on(page: Any, key: str) -> list[tuple[Any, ...]]:
    """The lines of stand-ups on somebody's day: when, about, where to."""
    return [
        (item.when, item.about, item.url) for item in page.context[key] if item.what == "每日晨会"
    ]


def test_todays_meetings_stand_on_the_day_with_the_way_in(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    meetings_made(cast)
    clock.set("2026-12-01 08:25:00")
    meeting = standup(cast)
    room, page = f"/meetings/{meeting.pk}/room/", f"/meetings/{meeting.pk}/"
    manager, supervisor = browser_of(cast["林晓岚"]), browser_of(cast["周建平"])
    assert standups_on(manager.get("/"), "agenda") == [("08:30", ["会议室"], page)]
    assert standups_on(supervisor.get("/"), "due") == [("08:30", ["会议室", "您主持"], room)]
    assert standups_on(browser_of(cast["赵国梁"]).get("/"), "agenda") == []
    opened(cast, meeting, "2026-12-01 08:25:00")
    scan = "请扫会议室屏幕上的码签到"
    assert standups_on(manager.get("/"), "agenda") == [("08:30", ["会议室", scan], page)]
    begun(cast, standup(cast), "2026-12-01 08:30:00")
    clock.set("2026-12-01 08:55:00")
    assert standups_on(supervisor.get("/"), "due") == [("进行中", ["会议室", "您主持"], room)]
    ended(cast, standup(cast), "2026-12-01 08:56:00")
    assert standups_on(manager.get("/"), "agenda") == []
    assert standups_on(supervisor.get("/"), "due") == []


def test_a_meeting_handed_on_is_the_delegates(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    meetings_made(cast)
    clock.set("2026-11-30 17:00:00")
    meeting = standup(cast)
    delegate_holding(
        meeting_id=meeting.pk,
        delegate_id=cast["林晓岚"].pk,
        reason="到市公司开会",
        expected_version=meeting.version,
        actor=cast.actor("周建平", on=clock.moment),
        at=clock.moment,
    )
    clock.set("2026-12-01 08:25:00")
    line = ("08:30", ["会议室", "您主持"], f"/meetings/{meeting.pk}/room/")
    assert standups_on(browser_of(cast["林晓岚"]).get("/"), "agenda") == [line]
    assert standups_on(browser_of(cast["周建平"]).get("/"), "due") == []


@pytest.mark.parametrize(
    "url", ["/meetings/", "/meeting-actions/", "/absences/", "/documents/", "/cases-and-questions/"]
)
def test_everything_of_meetings_belongs_to_one_way(
    cast: Cast, browser_of: Browsers, url: str
) -> None:
    page = browser_of(cast["林晓岚"]).get(url)
    assert [item.key for item in page.context["shell"].nav if item.current] == ["meetings"]
    assert [item.key for item in page.context["shell"].tabs if item.current] == ["more"]


def test_a_week_that_was_missed_waits_in_the_days_list(cast: Cast, browser_of: Browsers) -> None:
    for number in (47, 48):
        ensure(kind="summary", branch=cast.east, period=Week(2026, number))
    browser = browser_of(cast["林晓岚"])
    page = browser.get("/")
    assert page.context["due"].week == WEEK
    assert [(item.what, item.url) for item in page.context["agenda"]] == [
        ("补第 47 周周报", "/weeks/2026-W47/")
    ]
    assert browser.get("/waiting/").json() == {"summaries": 2, "todos": 2}


def test_a_summary_given_back_says_how_much_is_to_mend(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    ensure(kind="summary", branch=cast.east, period=WEEK)
    summary = filed(cast, "林晓岚", "2026-11-27 11:00:00").summary
    return_summary(
        summary_id=summary.pk,
        remarks={"text:needs": "写具体", "figure:active": "核对"},
        expected_version=summary.version,
        actor=cast.actor("周建平"),
        at=at("2026-11-27 11:30:00"),
    )
    due = browser_of(cast["林晓岚"]).get("/").context["due"]
    assert (due.state, due.remarks) == ("returned", 2)


def test_home_costs_the_same_for_one_log_and_fifty(cast: Cast, browser_of: Browsers) -> None:
    ensure(kind="summary", branch=cast.east, period=WEEK)
    browser = browser_of(cast["林晓岚"])
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-26 09:00:00")
    browser.get("/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/")
    for minute in range(50):
        moment = f"2026-11-26 10:{minute:02d}:00"
        logged(cast, "林晓岚", "东方纺织集团", moment, initiator="passive", is_open=True)
    with CaptureQueriesContext(connection) as fifty:
        browser.get("/")
    assert len(fifty) == len(one)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("/customers/", "客户由客户经理、主管、总经理和市场部看。"),
        ("/customers/export.xlsx", "客户由客户经理、主管、总经理和市场部看。"),
        ("/logs/", "服务日志由客户经理、主管、总经理和市场部看。"),
        ("/logs/export.xlsx", "服务日志由客户经理、主管、总经理和市场部看。"),
    ],
)
def test_without_a_role_a_list_is_refused_and_says_who_can_help(
    cast: Cast, browser_of: Browsers, url: str, why: str
) -> None:
    RoleGrant.objects.filter(person=cast["何俊峰"]).delete()
    answer = browser_of(cast["何俊峰"]).get(url)
    assert answer.status_code == 403
    assert f"{why}需要的话，请安全管理员给您授予角色。" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        (
            "林晓岚",
            [
                "home",
                "summaries",
                "customers",
                "sheets",
                "logs",
                "meetings",
                "cases",
                "targets-now",
                "todos",
                "bulletins",
            ],
        ),
        (
            "周建平",
            [
                "board-now",
                "rollups",
                "logs",
                "customers",
                "meetings",
                "sheets",
                "cases",
                "targets-now",
                "todos",
                "findings",
                "spot-check-now",
                "bulletins",
                "imports",
            ],
        ),
        (
            "赵国梁",
            [
                "home",
                "board-now",
                "rollups",
                "logs",
                "customers",
                "meetings",
                "sheets",
                "cases",
                "targets-now",
                "todos",
                "findings",
                "spot-check-now",
                "bulletins",
                "imports",
            ],
        ),
        (
            "韩静",
            [
                "company-now",
                "overview-now",
                "duty-matrix-now",
                "sheets",
                "cases",
                "targets-now",
                "todos",
                "schemes",
                "findings",
                "bulletins",
                "rollups",
                "logs",
                "customers",
                "meetings",
                "imports",
            ],
        ),
        (
            "孙岚",
            [
                "home",
                "company-now",
                "rollups",
                "logs",
                "customers",
                "overview-now",
                "sheets",
                "cases",
                "targets-now",
                "findings",
                "bulletins",
            ],
        ),
        ("马骏", ["home", "people", "branches", "calendar", "settings", "imports"]),
        ("许衡", ["home", "audit"]),
    ],
)
def test_each_role_has_its_ways(
    cast: Cast, browser_of: Browsers, name: str, ways: list[str]
) -> None:
    page = browser_of(cast[name]).get("/me/")
    assert [item.key for item in page.context["shell"].nav] == ways
    shell = page.context["shell"]
    tabs, more = [item.key for item in shell.tabs], [item.key for item in shell.more]
    assert [key for key in tabs if key != "more"] + more == [*ways, "account"]
    assert (len(tabs), tabs[-1]) == ((5, "more") if more else (len(ways) + 1, "account"))
    assert [item.key for item in shell.tabs if item.current] == [tabs[-1]]


def test_more_leads_to_all_that_the_phone_has_no_room_for(cast: Cast, browser_of: Browsers) -> None:
    page = browser_of(cast["马骏"]).get("/more/")
    assert [item.url for item in page.context["shell"].more] == ["/settings/", "/import/", "/me/"]
    for url in ("/settings/", "/import/", "/me/"):
        assert f'<li><a href="{url}">' in page.content.decode()
    assert [item.key for item in page.context["shell"].tabs if item.current] == ["more"]


def test_the_supervisors_day_is_the_board_and_stands_once_in_the_navigation(
    cast: Cast, browser_of: Browsers
) -> None:
    browser = browser_of(cast["周建平"])
    for url in ("/", "/board/2026-W48/"):
        nav = browser.get(url).context["shell"].nav
        assert [str(item.label) for item in nav if item.current] == ["本周看板"]


def test_only_who_can_mend_the_calendar_is_told(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    CalendarYear.objects.exclude(year=2026).delete()
    told = browser_of(cast["马骏"]).get("/me/").context["shell"].banners
    assert [banner.text for banner in told] == ["2027 年节假日未载入，截止按周一至周五算"]
    assert told[0].url == "/calendar/?year=2027"
    assert browser_of(cast["林晓岚"]).get("/me/").context["shell"].banners == []


def test_a_year_that_is_missing_is_put_away_until_it_begins(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    CalendarYear.objects.exclude(year=2026).delete()
    clock.set("2026-12-31 23:59:59")
    browser = browser_of(cast["马骏"])
    page = browser.get("/me/?of=27").content.decode()
    assert '<input type="hidden" name="next" value="/me/?of=27">' in page
    key = browser.get("/me/").context["shell"].banners[0].key
    answer = browser.post("/put-away/", {"key": key, "next": "/me/?of=27"})
    assert (answer.status_code, answer["Location"]) == (302, "/me/?of=27")
    assert browser.get("/me/").context["shell"].banners == []
    assert len(browser_of(cast["马骏"]).get("/me/").context["shell"].banners) == 1
    clock.set("2027-01-01 00:00:00")
    assert [one.text for one in browser.get("/me/").context["shell"].banners] == [
        "2027 年节假日未载入，截止按周一至周五算"
    ]


def test_a_banner_that_is_put_away_leads_to_no_foreign_page(
    cast: Cast, browser_of: Browsers
) -> None:
    answer = browser_of(cast["马骏"]).post(
        "/put-away/", {"key": "x", "next": "https://elsewhere.example/"}
    )
    assert answer["Location"] == "/"


def test_go_anywhere_finds_customers_people_and_pages_by_pinyin(
    cast: Cast, browser_of: Browsers
) -> None:
    browser = browser_of(cast["林晓岚"])

    def found(words: str) -> list[tuple[str, str]]:
        return [(hit["title"], hit["url"]) for hit in browser.get(f"/go/?q={words}").json()]

    customer = cast.customer("东方纺织集团")
    assert found("dffz") == [("东方纺织集团", f"/customers/{customer.pk}/")]
    assert found("zhoubao") == [("周报", "/weeks/")]
    assert found("") == [
        ("今天", "/"),
        ("周报", "/weeks/"),
        ("客户", "/customers/"),
        ("得分", "/scores/"),
        ("服务日志", "/logs/"),
        ("会议", "/meetings/"),
        ("加减分", "/cases/"),
        ("目标", "/targets/"),
        ("待办", "/todos/"),
        ("工作通报", "/bulletins/"),
    ]
    assert found("xlsn") == []


def test_without_a_role_the_page_says_what_next(cast: Cast, browser_of: Browsers) -> None:
    RoleGrant.objects.filter(person=cast["何俊峰"]).delete()
    assert "您还没有角色" in browser_of(cast["何俊峰"]).get("/").content.decode()

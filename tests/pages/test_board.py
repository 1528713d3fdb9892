"""The supervisor's board in the browser: the finding, filters, reminders, review in place."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from duties.operations import ensure_periods
from organization.models import Person, RoleGrant
from tests.cast import BEGIN, Cast
from tests.conftest import StoryClock
from tests.domain.week import TEXTS, WEEK, filed, logged
from worklogs.models import Reminder, Summary, SummaryReturn

pytestmark = pytest.mark.django_db
Browser = Callable[[Person], Client]
BOARD = f"/board/{WEEK.key}/"


@pytest.fixture
def friday(cast: Cast, clock: StoryClock) -> Cast:
    """Friday 17:46: 林晓岚 filed with a figure of her own, 陈嘉怡 late, 何俊峰 not at all."""
    ensure_periods(WEEK, WEEK)
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-23 10:00:00")
    logged(cast, "何俊峰", "华立机械厂", "2026-11-24 10:00:00")
    filed(cast, "林晓岚", "2026-11-27 17:14:26", declared={"active": ("3", "漏记一次")})
    filed(cast, "陈嘉怡", "2026-11-27 17:38:20")
    clock.set("2026-11-27 17:46:00")
    return cast


def text_of(client: Client, url: str, status: int = 200, **headers: str) -> str:
    response = client.get(url, headers=headers)
    assert response.status_code == status
    return response.content.decode()


def test_the_headline_is_the_finding(friday: Cast, browser_of: Browser) -> None:
    page = text_of(browser_of(friday["周建平"]), BOARD)
    assert "<h1>第 48 周周报：还有 1 人未交</h1>" in page
    assert "已过截止 16 分" in page
    assert "提醒未交 1 人" in page
    assert "迟交 9 分" in page
    assert "申报不同 1" in page
    assert "周二后没有日志" in page
    assert "今天还可提醒 3 次" in page
    assert "17:14:26" in page


def test_home_of_the_supervisor_is_the_board(friday: Cast, browser_of: Browser) -> None:
    assert "<h1>第 48 周周报：还有 1 人未交</h1>" in text_of(browser_of(friday["周建平"]), "/")


def test_last_weeks_roll_up_that_is_still_owed_stands_there(
    friday: Cast, browser_of: Browser
) -> None:
    ensure_periods(WEEK.previous, WEEK.previous)
    page = text_of(browser_of(friday["周建平"]), BOARD)
    assert "第 47 周汇总</a>" in page
    assert "未发送，今天 18:00 截止" in page


def test_a_tally_filters_the_list(friday: Cast, browser_of: Browser) -> None:
    page = text_of(browser_of(friday["周建平"]), f"{BOARD}?state=late")
    rows = page.split("<tbody")[1].split("</tbody>")[0]
    assert ("陈嘉怡" in rows, "林晓岚" in rows, "何俊峰" in rows) == (True, False, False)


def test_who_leads_nothing_has_no_board(friday: Cast, browser_of: Browser) -> None:
    for who in ("林晓岚", "马骏", "许衡"):
        text_of(browser_of(friday[who]), BOARD, 404)


def test_a_foreign_branch_answers_like_none(friday: Cast, browser_of: Browser) -> None:
    client = browser_of(friday["郑秋实"])
    foreign = text_of(client, f"{BOARD}?branch={friday.east.pk}", 404)
    assert foreign == text_of(client, f"{BOARD}?branch=99999", 404)
    assert "还有 1 人未交" in text_of(client, BOARD)  # her own


def test_the_market_department_looks_at_any_branch(friday: Cast, browser_of: Browser) -> None:
    page = text_of(browser_of(friday["韩静"]), f"{BOARD}?branch={friday.east.pk}")
    assert "还有 1 人未交" in page
    assert "提醒未交" not in page


def test_the_button_reminds_all_the_missing(friday: Cast, browser_of: Browser) -> None:
    client = browser_of(friday["周建平"])
    answer = client.post(f"{BOARD}remind/", {"branch": friday.east.pk})
    assert answer.status_code == 302
    assert list(Reminder.objects.values_list("manager__name", flat=True)) == ["何俊峰"]
    page = text_of(client, BOARD)
    assert "都提醒过了" in page
    assert "上次提醒 17:46" in page
    assert "今天还可提醒 2 次" in page


def test_too_soon_is_said_above_the_board(friday: Cast, browser_of: Browser) -> None:
    client = browser_of(friday["周建平"])
    client.post(f"{BOARD}remind/", {"branch": friday.east.pk})
    answer = client.post(f"{BOARD}remind/", {"manager": friday["何俊峰"].pk})
    assert answer.status_code == 422
    assert "没有要提醒的人：已交，或刚提醒过。" in answer.content.decode()


def test_others_may_not_remind(friday: Cast, browser_of: Browser) -> None:
    data = {"branch": str(friday.east.pk)}
    assert browser_of(friday["赵国梁"]).post(f"{BOARD}remind/", data).status_code == 403
    assert browser_of(friday["郑秋实"]).post(f"{BOARD}remind/", data).status_code == 404
    assert not Reminder.objects.exists()


def panel(client: Client, person: Person) -> str:
    return text_of(client, f"{BOARD}?of={person.pk}", hx_request="true", hx_target="panel")


def test_a_summary_opens_in_place(friday: Cast, browser_of: Browser) -> None:
    page = panel(browser_of(friday["周建平"]), friday["林晓岚"])
    assert "<html" not in page
    assert TEXTS["needs"] in page
    assert "漏记一次" in page
    assert "系统 1" in page


def test_somebody_of_another_branch_is_not_on_the_board(friday: Cast, browser_of: Browser) -> None:
    client = browser_of(friday["周建平"])
    text_of(client, f"{BOARD}?of={friday['吴志远'].pk}", 404)
    url = f"{BOARD}of/{friday['吴志远'].pk}/"
    assert client.post(url, {"action": "review"}).status_code == 404


def decide(client: Client, person: Person, **data: str) -> tuple[int, str]:
    answer = client.post(f"{BOARD}of/{person.pk}/", data)
    return answer.status_code, answer.content.decode()


def test_reviewing_in_place(friday: Cast, browser_of: Browser) -> None:
    client = browser_of(friday["周建平"])
    status, _ = decide(client, friday["林晓岚"], action="review", version="1", opinion="看过")
    assert status == 302
    summary = Summary.objects.get(manager=friday["林晓岚"])
    assert (summary.opinion, summary.reviewed_by) == ("看过", friday["周建平"])
    assert "已批阅" in text_of(client, BOARD)


def test_giving_back_with_remarks_on_the_fields(friday: Cast, browser_of: Browser) -> None:
    client = browser_of(friday["周建平"])
    typed = {"remark:text:help": "找谁", "remark:figure:active": "哪三次"}
    status, _ = decide(client, friday["林晓岚"], action="return", version="1", **typed)
    assert status == 302
    assert SummaryReturn.objects.get().remarks == {"text:help": "找谁", "figure:active": "哪三次"}
    page = text_of(client, BOARD)
    assert "主动服务、需协调事项" in page or "需协调事项、主动服务" in page
    assert "哪三次" in panel(client, friday["林晓岚"])


def test_what_was_typed_stays_when_it_is_refused(friday: Cast, browser_of: Browser) -> None:
    client = browser_of(friday["周建平"])
    typed = {"remark:text:help": "找谁", "opinion": "总体不错"}
    status, page = decide(client, friday["林晓岚"], action="review", version="1", **typed)
    assert status == 422
    assert "写了批注：按“退回”发出，或清空批注再批阅。" in page
    assert ("找谁" in page, "总体不错" in page) == (True, True)
    status, page = decide(client, friday["林晓岚"], action="return", version="1", opinion="无批注")
    assert status == 422
    assert ("在要改的那一栏写明原因，再退回。" in page, "无批注" in page) == (True, True)
    assert not SummaryReturn.objects.exists()


def test_somebody_else_was_faster(friday: Cast, browser_of: Browser) -> None:
    client = browser_of(friday["周建平"])
    decide(client, friday["林晓岚"], action="review", version="1", opinion="第一个窗口")
    status, page = decide(client, friday["林晓岚"], action="review", version="1", opinion="第二个")
    assert status == 409
    assert ("刚被别人改过" in page, "第二个" in page) == (True, True)
    assert 'name="version" value="2"' in page


def test_fifty_managers_cost_as_many_queries_as_three(friday: Cast, browser_of: Browser) -> None:
    client = browser_of(friday["周建平"])
    text_of(client, BOARD)
    with CaptureQueriesContext(connection) as few:
        text_of(client, BOARD)
    people = Person.objects.bulk_create(
        Person(
            job_number=f"29{n:04d}",
            name=f"员工{n}",
            branch=friday.east,
            joined_on=BEGIN,
            sort_key=f"{n:04d}",
        )
        for n in range(50)
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(person=person, role="manager", branch=friday.east, valid_from=BEGIN)
        for person in people
    )
    with CaptureQueriesContext(connection) as many:
        page = text_of(client, BOARD)
    assert "员工49" in page
    assert len(many) == len(few)

"""What waits for whom is the same on the home page, in the list and beside the navigation."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from duties.models import Notice
from kpi.operations.objections import object_to_line
from kpi.operations.sheets import confirm_sheet
from kpi.queries.sheet_waiting import waiting_count
from organization.models import Person, RoleGrant
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.schemes import drafted, proposed, with_second
from tests.domain.scores import reached, sheet_of
from tests.domain.week import WEEK, logged

pytestmark = pytest.mark.django_db
Browsers = Callable[[Person], Client]
DECEMBER_4 = at("2026-12-04 09:00:00")


def lines(items: Any) -> list[tuple[str, str]]:
    return [(str(item.what), str(item.when)) for item in items]


def badges(browser: Client) -> dict[str, int]:
    found: dict[str, int] = browser.get("/waiting/").json()
    return found


def objected(cast: Cast) -> None:
    sheet = sheet_of(cast, "林晓岚")
    object_to_line(
        sheet_id=sheet.pk,
        item="P3c",
        text="断网有记录",
        expected_version=sheet.version,
        actor=cast.actor("林晓岚", on=DECEMBER_4),
        at=DECEMBER_4,
    )


def confirmed(cast: Cast, who: str) -> None:
    sheet = sheet_of(cast, who)
    confirm_sheet(
        sheet_id=sheet.pk,
        expected_version=sheet.version,
        actor=cast.actor(who, on=DECEMBER_4),
        at=DECEMBER_4,
    )


def test_an_objection_stands_on_the_supervisors_day_a_week_before_it_is_due(
    scored_november: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    objected(scored_november)
    clock.set("2026-12-04 10:00:00")
    browser = browser_of(scored_november["周建平"])
    page = browser.get("/")
    assert ("对申诉出意见 1 条", "12-11") in lines(page.context["due"])
    assert badges(browser)["sheets"] == 1
    assert badges(browser)["todos"] >= 1


def test_the_head_signs_where_there_is_no_other_supervisor(
    scored_november: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    """周建平 has left: sheets that are confirmed, and objections, wait for 赵国梁 at once."""
    objected(scored_november)
    confirmed(scored_november, "陈嘉怡")
    head = scored_november["赵国梁"]
    clock.set("2026-12-04 10:00:00")
    page = browser_of(head).get("/")
    assert not [what for what, _when in lines(page.context["agenda"]) if "考核表" in what]
    RoleGrant.objects.filter(role="supervisor", branch=scored_november.east).delete()
    page = browser_of(head).get("/")
    agenda = lines(page.context["agenda"])
    assert ("审批考核表 1 张", "12-11") in agenda
    assert ("决定申诉 1 条", "12-11") in agenda
    actor = scored_november.actor("赵国梁", on=DECEMBER_4)
    assert waiting_count(actor, DECEMBER_4) == 2


def test_sheets_whose_time_to_confirm_is_over_wait_for_the_supervisor(
    scored_november: Cast,
) -> None:
    actor = scored_november.actor("周建平", on=DECEMBER_4)
    assert waiting_count(actor, at("2026-12-10 23:59:59")) == 0
    assert waiting_count(actor, at("2026-12-11 00:00:00")) == 3
    assert waiting_count(actor, at("2026-12-12 00:00:00")) == 0


def test_the_second_market_person_is_told_what_to_check_and_approve(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    """韩静 typed the results and drafted a scheme; 苏婉 is the second person."""
    second = with_second(cast)["苏婉"]
    reached(cast, "林晓岚", "M2", "150", recorded_at=at("2026-11-20 10:00:00"))
    drawn, handed_over = at("2026-11-26 09:00:00"), at("2026-11-26 10:00:00")
    draft = proposed(cast, drafted(cast, moment=drawn), moment=handed_over)
    clock.set("2026-11-26 11:00:00")
    browser = browser_of(second)
    page = browser.get("/todos/")
    assert lines(page.context["agenda"]) == [
        (f"批准考核方案第 {draft.number} 版", "11-30"),
        ("复核结果 1 个", "12-02"),
    ]
    assert badges(browser) == {"todos": 2, "targets-now": 1, "schemes": 1}
    assert Notice.objects.get(person=second).title == f"考核方案第 {draft.number} 版等您批准"
    assert lines(browser_of(cast["韩静"]).get("/todos/").context["agenda"]) == []


def test_home_and_list_hold_the_same_by_deadline(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    logged(cast, "林晓岚", "城东人民医院", "2026-11-23 10:00:00", initiator="passive", is_open=True)
    logged(
        cast,
        "林晓岚",
        "黄建国",
        "2026-11-25 10:00:00",
        next_step="送方案",
        next_on=WEEK.friday,
    )
    clock.set("2026-11-27 15:12:00")
    browser = browser_of(cast["林晓岚"])
    home, listed = browser.get("/"), browser.get("/todos/")
    wanted = [("答复 城东人民医院", "逾期"), ("送方案", "今天")]
    assert lines(home.context["agenda"]) == wanted
    assert lines(listed.context["agenda"]) == wanted
    assert home.context["agenda"][0].tick_url
    assert badges(browser)["todos"] == 2

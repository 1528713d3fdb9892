"""The month's table of sheets: its ways, what its headline says, points out of what they can be."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from kpi.papers import score_paper
from organization.models import Person
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.scores import LOCKS, OBJECTIONS_UNTIL, ticked

pytestmark = pytest.mark.django_db
Browsers = Callable[[Person], Client]


def shown(client: Client, url: str = "/scores/") -> Any:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer


def test_the_button_leads_to_the_grid_of_marks(
    scored_november: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-12-04 10:00:00")
    supervisor = browser_of(scored_november["周建平"])
    grid = f"/marks/2026-11/?branch={scored_november.east.pk}"
    assert f'<a class="btn" href="{grid}">' in shown(supervisor).content.decode()
    assert supervisor.get(grid).status_code == 200


def test_once_the_time_to_confirm_is_over_the_headline_says_what_can_be_done(
    scored_november: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-12-10 23:59:59")
    supervisor = browser_of(scored_november["周建平"])
    assert shown(supervisor).context["title"] == "2026年11月考核表：3 张待确认"
    clock.moment = OBJECTIONS_UNTIL
    assert shown(supervisor).context["title"] == "2026年11月考核表：3 张超期未确认，可审核"


def test_points_stand_before_what_they_are_out_of(
    scored_november: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-12-04 10:00:00")
    page = shown(browser_of(scored_november["周建平"])).content.decode()
    for points in ("36.00 <small>/ 40</small>", "+3.00 <small>(±20)</small>"):
        assert points in page
    assert "营销指标 / 40" not in page


def test_the_way_tells_the_day_of_the_lock_as_its_history_does(
    scored_november: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.moment = LOCKS
    ticked(LOCKS)
    clock.set("2026-12-14 09:00:00")
    page = shown(
        browser_of(scored_november["林晓岚"]), f"/scores/2026-11/{scored_november['林晓岚'].pk}/"
    )
    assert str(page.context["miles"][-1].text) == "已锁定 12月12日"
    assert ("锁定", "12月12日（周六）00:00") in [
        (str(step.label), text) for step, _state, text in page.context["steps"]
    ]


def test_a_result_that_nobody_checked_bears_a_mark_on_sheet_list_and_paper(
    scored_november: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    """M2 and S1 of 林晓岚 were typed by 韩静 and never checked; they count all the same."""
    clock.set("2026-12-04 10:00:00")
    supervisor = browser_of(scored_november["周建平"])
    assert shown(supervisor).content.decode().count("结果未复核") == 1
    sheet = shown(supervisor, f"/scores/2026-11/{scored_november['林晓岚'].pk}/")
    marked = [line.code for group in sheet.context["groups"] for line in group.lines if line.mark]
    assert marked == ["M2", "S1"]
    paper = score_paper(sheet.context["view"], url="https://bihuan.example.com/")
    said = "M2、S1 的结果到数据截止时没有经第二人复核，按录入的数计。"
    assert said in paper.notes
    bands = next(note for note in paper.notes if note.startswith("等次"))
    assert bands.startswith("等次：90 分起优秀，")
    assert "60 分以下不合格；" in bands

"""What the week's pages say of what is not due, given back, taken twice, filed early."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.parts import Tally, shares
from duties.operations import ensure_periods
from organization.models import Person
from tests.cast import DEADLINE, Cast, at
from tests.conftest import StoryClock
from tests.domain.week import TEXTS, WEEK, acting, entry, filed, logged, sent
from tests.pages.test_summaries import OWN, of, patch, typed
from worklogs.contents import supplement
from worklogs.models import Summary
from worklogs.operations.logs import correct_log
from worklogs.operations.summaries import return_summary

pytestmark = pytest.mark.django_db
Browsers = Callable[[Person], Client]
BOARD = f"/board/{WEEK.key}/"


def test_who_is_not_due_has_a_share_of_the_bar_and_who_is_on_leave_none() -> None:
    bar = shares([Tally("filed", 3), Tally("not_due", 6), Tally("leave", 2)])
    assert [(one.state, one.width) for one in bar] == [("not_due", 66.0), ("filed", 33.0)]


@pytest.mark.parametrize(
    ("second", "state", "words"),
    [
        ("17:29:59", "waiting", "2 份还没交"),
        ("17:30:00", "waiting", "2 份还没交"),
        ("17:30:01", "missing", "2 份未交"),
    ],
)
def test_nothing_is_missing_before_the_deadline(
    cast: Cast, clock: StoryClock, browser_of: Browsers, second: str, state: str, words: str
) -> None:
    ensure_periods(WEEK, WEEK)
    filed(cast, "林晓岚", "2026-11-27 10:00:00")
    clock.set(f"2026-11-27 {second}")
    browser = browser_of(cast["周建平"])
    step = browser.get(BOARD).context["rollup_steps"][0]
    assert (step.state, step.label) == (state, words)
    parts = browser.get(f"/rollups/{WEEK.key}/{cast.east.pk}/").context["parts"]
    assert parts[0].state == ("lacking" if state == "missing" else "waiting")


def _given_back(cast: Cast) -> None:
    filed(cast, "林晓岚", "2026-11-27 10:00:00")
    moment = at("2026-11-27 11:00:00")
    return_summary(
        summary_id=Summary.objects.get().pk,
        remarks={"figure:active": "核对", "text:needs": "写清哪家", "text:help": "要谁"},
        expected_version=1,
        actor=acting(cast, "周建平", moment),
        at=moment,
    )


def test_a_form_given_back_says_where_and_leads_there(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    _given_back(cast)
    browser = browser_of(cast["林晓岚"])
    page = browser.get(OWN)

    def rail(answer: Any) -> list[tuple[str, str]]:
        return [(part.state, str(part.note)) for part in answer.context["parts"]]

    assert rail(page) == [("returned", "1 栏有批注"), ("returned", "2 栏有批注")]
    assert [link.anchor for link in page.context["remarked"]] == [
        "id_f_active",
        "id_t_needs",
        "id_t_help",
    ]
    assert 'href="#id_t_needs"' in page.content.decode()
    saved = patch(browser, of(cast, "林晓岚", "draft/"), 1, t_needs="东方纺织要按月结算")
    assert "1 栏有批注" in saved.json()["rail"]
    assert "2 栏有批注" not in saved.json()["rail"]
    assert rail(browser.get(OWN)) == [("returned", "1 栏有批注"), ("returned", "1 栏有批注")]


def test_a_text_under_its_nothing_is_shown_and_warned_of(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    browser = browser_of(cast["林晓岚"])
    browser.get(OWN)
    patch(browser, of(cast, "林晓岚", "draft/"), 0, t_needs="按月结算", n_needs=True, n_help=True)
    text = browser.get(OWN).content.decode()
    assert text.count("写了内容，又选了“本周无”：留一个，否则不能提交。</p>") == 1
    assert text.count("text-part is-none") == 1  # the one without a text
    given = typed(browser.get(OWN), n_needs="on")
    refused = browser.post(of(cast, "林晓岚", "submit/"), given)
    assert refused.status_code == 422
    assert "有 2 处要改" in refused.content.decode()


def test_a_correction_without_a_change_is_no_first_choice(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    ensure_periods(WEEK, WEEK)
    filed(cast, "林晓岚", "2026-11-27 10:00:00")
    sent(cast, "2026-11-27 17:40:00")
    clock.set("2026-11-27 17:50:00")
    browser, url = browser_of(cast["周建平"]), f"/rollups/{WEEK.key}/{cast.east.pk}/"
    text = browser.get(url).content.decode()
    assert "内容与发送的一样，没有要更正的。" in text
    assert '<button class="btn" type="submit">' in text
    filed(cast, "陈嘉怡", "2026-11-27 17:45:00")
    assert '<button class="btn btn-primary" type="submit">' in browser.get(url).content.decode()


def test_services_after_an_early_filing_are_a_supplement(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-24 10:00:00")
    counted = logged(cast, "林晓岚", "黄建国", "2026-11-25 10:00:00")
    filed(cast, "林晓岚", "2026-11-25 10:00:00")
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-26 10:00:00")
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-28 10:00:00")
    logged(cast, "陈嘉怡", "明珠酒店", "2026-11-26 10:00:00")  # not filed: the figures wait
    moment = at("2026-11-26 12:00:00")
    correct_log(
        thread_id=counted.pk,
        entry=entry(cast, "黄建国", "2026-11-25 09:30:00"),
        reason="时间记错",
        expected_number=1,
        actor=acting(cast, "林晓岚", moment),
        at=moment,
    )
    found = supplement(cast.east.pk, WEEK, DEADLINE, at("2026-11-28 12:00:00"))
    assert found == {
        "services": 2,
        "active": 2,
        "passive": 0,
        "people": [{"name": "林晓岚", "services": 2}],
    }
    # Filed again before the deadline it is counted, and only Saturday's is left.
    again = {**TEXTS, "help": "补上周四"}
    filed(cast, "林晓岚", "2026-11-27 10:00:00", texts=again)
    assert supplement(cast.east.pk, WEEK, DEADLINE, at("2026-11-28 12:00:00"))["services"] == 1
    receipt = browser_of(cast["林晓岚"]).get(OWN).content.decode()
    assert "交后几天、截止之后和周末的服务照常记，自动列为补充，不用重交，不算迟" in receipt


def test_a_corrected_log_shows_both_its_times(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    log = logged(cast, "林晓岚", "黄建国", "2026-11-25 10:00:00", recorded="2026-11-25 10:05:00")
    moment = at("2026-11-26 12:00:00")
    correct_log(
        thread_id=log.pk,
        entry=entry(cast, "黄建国", "2026-11-25 09:30:00"),
        reason="时间记错",
        expected_number=1,
        actor=acting(cast, "林晓岚", moment),
        at=moment,
    )
    page = browser_of(cast["周建平"]).get(f"/logs/{log.pk}/")
    facts = {str(fact.label): str(fact.value) for fact in page.context["facts"]}
    assert "10:05" in facts["填写时间"]
    assert "12:00" in facts["更正时间"]


def test_a_refused_form_says_that_it_holds_what_was_typed_last(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    browser = browser_of(cast["林晓岚"])
    assert "data-draft-posted" not in browser.get("/logs/new/").content.decode()
    refused = browser.post("/logs/new/", {"content": "谈续签"})
    assert refused.status_code == 422
    assert "data-draft-posted" in refused.content.decode()

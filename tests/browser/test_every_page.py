"""Every page of the week, by role: no accessibility fault, nothing cut off, nothing complained of.

Phone in light and Chinese, desk in dark and English: between them every branch of the style is
drawn once.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page

from core.periods import Month
from duties.operations import ensure_periods
from inspections.operations.findings import raise_finding
from kpi.computing import computed_sheets, scheme_for
from kpi.history import Suggested
from kpi.operations.consequences import keep_proposals
from kpi.operations.sheets import keep_sheets
from meetings.models import Meeting
from meetings.operations.occurrences import ensure_meetings
from meetings.sign_in_codes import code_for
from organization.models import Person
from tests.browser.conftest import RunningClock, axe_violations
from tests.cast import FRIDAY, Cast, at, make_cast
from tests.domain.meetings_at import begun, opened, scanned
from tests.domain.schemes import drafted
from tests.domain.test_absences import given
from tests.domain.week import WEEK, acting, filed, logged, sent
from worklogs.operations.consolidations import issue_consolidation
from worklogs.operations.summaries import return_summary

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Jade-Bridge-27"

PAGES = {
    "林晓岚": (
        "/",
        "/logs/",
        "/logs/new/",
        "/logs/{log}/",
        "/weeks/",
        "/weeks/2026-W48/",
        "/todos/?new=1",
        "/targets/2026-11/of/{lin}/",
        "/marks/2026-11/of/{lin}/",
        "/scores/2026-10/{lin}/",
        "/scores/2026-10/{lin}/?line=P3c",
        "/scores/2026-11/{lin}/?line=P2b",
        "/meetings/{meeting}/",
        "/meetings/{meeting}/absence/",
        "/s/{code}/",
        "/calendar-feed/",
    ),
    "陈嘉怡": ("/weeks/2026-W48/", "/customers/", "/customers/{customer}/", "/me/", "/notices/"),
    "周建平": (
        "/board/2026-W48/",
        "/rollups/",
        "/rollups/2026-W48/{east}/",
        "/import/",
        "/findings/",
        "/findings/{finding}/",
        "/results/2026-11/",
        "/scores/?month=2026-10",
        "/scores/?month=2026-11",
        "/marks/2026-11/",
        "/marks/2026-10/",
        "/meetings/",
        "/meetings/2027-03/{east}/",
        "/meetings/{meeting}/",
        "/meetings/{meeting}/room/",
        "/meetings/{held}/room/",
        "/absences/",
    ),
    "赵国梁": (
        "/",
        "/rollups/2026-W48/{east}/versions/1/",
        "/spot-checks/2026-11/{east}/",
        "/targets/2026-11/{east}/",
        "/targets/2026-11/{east}/work-items/",
        "/scores/2026-10/{lin}/?line=P4",
        "/scores/consequences/",
    ),
    "韩静": (
        "/company/2026-W48/",
        "/logs/",
        "/overview/2026-11/",
        "/overview/2026-11/?of={east}&item=punctual",
        "/findings/new/?branch={east}",
        "/check-items/?item=punctual",
        "/targets/2026-11/",
        "/requirements/2026-11/",
        "/indicators/",
        "/indicators/new/",
        "/bills/2026-11/",
        "/schemes/",
        "/schemes/1/",
        "/schemes/new/",
        "/schemes/import/",
        "/meetings/2026-12/{east}/",
        "/schemes/{draft}/edit/?item=13",
        "/schemes/{draft}/differences/",
        "/schemes/{draft}/rehearsal/",
        "/scores/?month=2026-10",
        "/scores/?month=2026-10&view=branches",
        "/marks/2026-11/?branch={east}&item=P4",
    ),
    "孙岚": ("/", "/company/2026-W48/issues/1/"),
    "马骏": ("/people/", "/branches/", "/branches/{east}/", "/calendar/", "/settings/"),
    "宋琪": ("/people/{lin}/",),
    "许衡": ("/audit/",),
}


def a_week(cast: Cast) -> dict[str, int | str]:
    """A filed summary, one given back, a roll-up sent, the company's week archived."""
    ensure_periods(WEEK, WEEK)
    log = logged(cast, "林晓岚", "东方纺织集团", "2026-11-24 10:00:00")
    logged(cast, "陈嘉怡", "明珠酒店", "2026-11-25 10:00:00", initiator="passive")
    filed(cast, "林晓岚", "2026-11-27 16:00:00")
    version = filed(cast, "陈嘉怡", "2026-11-27 17:38:00")
    moment = at("2026-11-27 17:40:00")
    return_summary(
        summary_id=version.summary_id,
        remarks={"text:help": "找谁"},
        expected_version=1,
        actor=acting(cast, "周建平", moment),
        at=moment,
    )
    sent(cast, "2026-11-27 17:45:00")
    moment = at("2026-11-27 17:50:00")
    issue_consolidation(
        week=WEEK,
        comment="",
        expected_number=0,
        actor=acting(cast, "孙岚", moment),
        at=moment,
    )
    finding = raise_finding(
        branch_id=cast.east.pk,
        month=Month(2026, 11),
        title="例会没有签到表",
        facts="11 月 23 日例会没有签到表。",
        owner_id=cast["周建平"].pk,
        actor=acting(cast, "韩静", moment),
        at=moment,
    )
    scored(cast)
    ensure_meetings(FRIDAY, FRIDAY + timedelta(days=30), at=moment)
    meeting = Meeting.objects.get(branch=cast.east, kind="standup", key="2026-12-01")
    held = Meeting.objects.get(branch=cast.east, kind="standup", key="2026-11-27")
    given(cast, held, "何俊峰", at("2026-11-27 08:00:00"))
    held = opened(cast, held, "2026-11-27 08:20:00")
    scanned(cast, held, "陈嘉怡", "2026-11-27 08:20:00", "2026-11-27 08:21:00")
    scanned(cast, held, "林晓岚", "2026-11-27 08:20:00", "2026-11-27 08:21:01")
    begun(cast, held, "2026-11-27 08:31:00")
    Person.objects.update(password=make_password(PASSWORD))
    return {
        "log": log.pk,
        "finding": finding.pk,
        "meeting": meeting.pk,
        "held": held.pk,
        "code": code_for(held.pk, moment),
        "east": cast.east.pk,
        "lin": cast["林晓岚"].pk,
        "customer": cast.customer("明珠酒店").pk,
        "draft": drafted(cast, moment=moment).number,
    }


def scored(cast: Cast) -> None:
    """October's sheets, and a proposal that waits for the general manager."""
    october, moment = Month(2026, 10), at("2026-11-03 12:00:00")
    scheme = scheme_for(october, moment)
    assert scheme is not None
    sheets = list(computed_sheets(scheme, october, moment))
    keep_sheets(month=october, scheme=scheme, computed=sheets, cut=moment, at=moment)
    proposal = Suggested(cast["陈嘉怡"].pk, cast.east.pk, "talk", [("2026-10", "55.00")])
    keep_proposals(month=october, suggested=[proposal], at=moment)


def listen(page: Page, said: list[str]) -> None:
    """Note what the page's console says and what its scripts throw."""
    page.on("console", lambda one: said.append(one.text))
    page.on("pageerror", lambda one: said.append(str(one)))


@pytest.mark.parametrize(
    ("width", "scheme", "language"), [(360, "light", "zh-hans"), (1440, "dark", "en")]
)
def test_every_page_is_sound(
    width: int, scheme: str, language: str, page_of: Callable[..., Page], story: RunningClock
) -> None:
    cast = make_cast()
    ids = a_week(cast)
    Person.objects.update(language=language)
    story.put("2026-11-27 18:00:00")
    faults = []
    for name, addresses in PAGES.items():
        page = page_of(width=width, scheme=scheme)
        said: list[str] = []
        listen(page, said)
        page.goto("/sign-in/")
        page.locator("input[name=username]").fill(cast[name].job_number)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("form[data-main] button").click()
        page.wait_for_url("**/")
        for address in addresses:
            where = address.format(**ids)
            answer = page.goto(where)
            assert answer is not None
            assert answer.status == 200, where
            spoken = page.locator("html").get_attribute("lang") or ""
            assert spoken.lower() == language, where
            faults += [(name, where, one) for one in axe_violations(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                faults.append((name, where, f"scrolls sideways: {wide}"))
        faults += [(name, "console", one) for one in said]
        page.context.close()
    assert faults == []

"""Every page of the week, by role: no accessibility fault, nothing cut off, nothing complained of.

Which pages, and by whom, stands in tests/browser/pages.py.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

import pytest
from django.conf import settings
from playwright.sync_api import Page

from core.imports.operations import start_import
from core.jobs import run_due
from core.models import AuditRow, ImportRun
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
from tests.api.acts import CSV
from tests.browser.conftest import WIDTHS, RunningClock, axe_violations
from tests.browser.pages import NOBODY, ONCE, PAGES, PAPERS, route_of
from tests.cast import FRIDAY, Cast, at, make_cast
from tests.conftest import signed_in
from tests.domain.meetings_at import begun, opened, scanned
from tests.domain.schemes import drafted
from tests.domain.test_absences import given
from tests.domain.week import WEEK, acting, filed, logged, sent
from worklogs.operations.consolidations import issue_consolidation
from worklogs.operations.summaries import return_summary

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Each width with each scheme and language once.
WAYS: Final = (
    (360, "light", "zh-hans"),
    (1440, "dark", "en"),
    (360, "dark", "en"),
    (1440, "light", "zh-hans"),
)
SESSION: Final = str(settings.SESSION_COOKIE_NAME)


def visits() -> list[tuple[tuple[int, str, str], str, str]]:
    """Way, reader and address of every visit, by way.

    A reader visits on the phone and at the desk, in the other scheme and language there, and the
    next reader the other way round. A page that others are like, that another reader has seen,
    or of which another line is open, is visited on one of the two.
    """
    seen = set(ONCE)
    found = []
    for place, (name, addresses) in enumerate(PAGES.items()):
        pair = WAYS[2:] if place % 2 else WAYS[:2]
        for number, address in enumerate(addresses):
            route = route_of(address)
            ways = [pair[number % 2]] if route in seen else pair
            seen.add(route)
            found += [(way, name, address) for way in ways]
    return sorted(found, key=lambda visit: WAYS.index(visit[0]))


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
    start_import(
        table_key="groups",
        filename="集团.csv",
        content=CSV,
        actor=acting(cast, "周建平", moment),
        at=moment,
    )
    run_due(moment)
    return {
        "log": log.pk,
        "finding": finding.pk,
        "meeting": meeting.pk,
        "held": held.pk,
        "code": code_for(held.pk, moment),
        "east": cast.east.pk,
        "lin": cast["林晓岚"].pk,
        "he": cast["何俊峰"].pk,
        "run": ImportRun.objects.get().pk,
        "row": AuditRow.objects.filter(what="worklogs.return_summary").get().pk,
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


def let_in(page: Page, person: Person, url: str, moment: datetime) -> None:
    """Sign the person in without the form; the first week's story goes by the form."""
    value = signed_in(person, moment).cookies[SESSION].value
    page.context.add_cookies([{"name": SESSION, "value": value, "url": url}])


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_sound(
    width: int, page_of: Callable[..., Page], story: RunningClock, live_server: Any
) -> None:
    cast = make_cast()
    ids = a_week(cast)
    moment = story.put("2026-11-27 18:00:00")
    Person.objects.filter(pk=cast["钱慧敏"].pk).update(must_change_password=True)
    faults = []
    mine = [visit for visit in visits() if visit[0][0] == width]
    for ((_width, scheme, language), name), group in groupby(mine, key=lambda one: one[:2]):
        Person.objects.update(language=language)
        page = page_of(width=width, scheme=scheme, language=language[:2])
        said: list[str] = []
        listen(page, said)
        if name != NOBODY:
            let_in(page, cast[name], live_server.url, moment)
        for _way, _name, address in group:
            where = address.format(**ids)
            answer = page.goto(where)
            assert answer is not None
            assert answer.status == 200, where
            spoken = page.locator("html").get_attribute("lang") or ""
            assert spoken.lower() == language, where
            faults += [(name, where, one) for one in axe_violations(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width and route_of(address) not in PAPERS:
                faults.append((name, where, f"scrolls sideways: {wide}"))
        faults += [(name, "console", one) for one in said]
        page.context.close()
    assert faults == []

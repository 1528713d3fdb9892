"""From the company's requirement to the bulletin that everybody has signed for, in a browser.

November of a small company: targets asked, given out and acknowledged, results and marks typed;
at the month's end reports, sheets and the bulletin's draft come by the clock, people object,
decide, correct, write and publish; what is downloaded says what the page says, cell by cell.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import month_reports, month_sheets, month_targets
from tests.browser.conftest import RunningClock
from tests.browser.month_company import Scene, Seats, make_small_company

# Many people at many pages: a busy machine takes its time.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),
]


def test_the_month_closes(
    page_of: Callable[..., Page],
    live_server: Any,
    worker: Callable[[], None],
    story: RunningClock,
    tmp_path: Path,
) -> None:
    story.put("2026-10-30 15:00:00")
    scene = Scene(make_small_company(), Seats(page_of, story, live_server.url), story, worker)
    # October's last day to November's last.
    month_targets.ask(scene)
    month_targets.give_out(scene)
    month_targets.issue(scene)
    month_targets.mark(scene)
    month_targets.work(scene)
    month_reports.look_before_the_end(scene)
    # The first to the tenth working day of December.
    month_targets.record(scene)
    month_reports.find(scene)
    late = month_sheets.score(scene)
    month_sheets.decide(scene, late)
    month_reports.draft(scene)
    month_sheets.sign(scene)
    month_sheets.lock(scene)
    month_sheets.correct(scene)
    month_reports.publish(scene)
    # Afterwards.
    read, paper = month_reports.take_away(scene, tmp_path)
    month_reports.verify(page_of(), scene.seats, read, paper)

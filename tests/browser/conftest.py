"""A real browser before the real application, on the story's own clock.

The server runs beside the story in one process, so that both read the same clock; a worker
does the jobs in a thread, as ``manage.py work`` would.
"""

import os
import shutil
import threading
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from core import clock as real_clock
from core import jobs
from core.choices import JobState
from core.models import Job
from tests.cast import at

# The browser's driver runs an event loop in this thread; the database is used outside of it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = "/usr/bin/chromium"
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (360, 1440)
PATIENCE = 30_000  # milliseconds until a busy machine has drawn what a story waits for
expect.set_options(timeout=PATIENCE)
# Begun first, so that none of them is left alone at the end; each worker takes two to begin with.
LONG = (
    *("test_the_month_closes.py", "test_the_first_week.py"),
    *("test_cases.py", "test_every_page.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest stories first."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONG)))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium, without a sandbox (root in a container), without going anywhere."""
    return {
        "executable_path": shutil.which("chromium") or CHROMIUM,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


class RunningClock:
    """Runs on from where it was put, so that a countdown counts."""

    def __init__(self) -> None:
        self.put("2026-11-27 15:00:00")

    def put(self, text: str) -> datetime:
        """Stand at this moment of Shanghai's clock and run on from there."""
        self._offset = at(text) - datetime.now(UTC)  # noqa: TID251 - the story's own clock
        return at(text)

    def now(self) -> datetime:
        """What core.clock answers meanwhile."""
        return (datetime.now(UTC) + self._offset).replace(microsecond=0)  # noqa: TID251


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch) -> RunningClock:
    """The story's clock; begins on Friday, 27 November 2026, 15:00."""
    running = RunningClock()
    monkeypatch.setattr(real_clock, "now", running.now)
    return running


@pytest.fixture
def worker(transactional_db: None, story: RunningClock) -> Generator[Callable[[], None]]:
    """A worker in a thread; calling it ticks the clock once and waits for what is due."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.2):
            jobs.run_due(story.now())
        connection.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()

    def tick() -> None:
        jobs.tick(story.now())
        moment = story.now() + timedelta(seconds=1)
        at_work = Job.objects.filter(state=JobState.RUNNING)
        while jobs.due_jobs(moment) or at_work.exists():
            stop.wait(0.1)

    yield tick
    stop.set()
    thread.join(timeout=10)


@pytest.fixture
def page_of(
    browser: Browser, live_server: Any, story: RunningClock
) -> Generator[Callable[..., Page]]:
    """Open a browser of its own: ``page_of(width=360, scheme="dark", language="en")``."""
    contexts = []

    def opened(width: int = 1440, scheme: str = "light", language: str = "zh-CN") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800 if width < 500 else 900},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=language,
            timezone_id="Asia/Shanghai",
            has_touch=width < 500,
            accept_downloads=True,
            base_url=live_server.url,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def axe_violations(page: Page) -> list[str]:
    """What the automatic accessibility check finds on the page: "rule: target" each."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{one['id']}: {one['nodes'][0]['target']}" for one in found]

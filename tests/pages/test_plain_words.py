"""Words of the field stand first; what only a machine or an examiner needs folds away."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.template import Context, Template
from django.test import Client

from core.parts import Fact, checksum
from core.periods import Week
from duties.operations import ensure
from duties.views import source_in_words
from organization.models import Person
from organization.setting_texts import LABELS
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.week import filed

Browsers = Callable[[Person], Client]
# A checksum that the template itself writes out, with or without a filter.
WRITTEN_OUT = re.compile(r"\{\{[^}]*\.(digest|sha256)\b")


def test_a_checksum_folds_away_and_says_what_it_is_for() -> None:
    shown = Template("{% facts items %}").render(
        Context({"items": [checksum("内容校验码", "9f3c"), Fact("回执号", "HB-1")]})
    )
    plain, _fold, folded = shown.partition("<details")
    assert "回执号" in plain
    assert "9f3c" not in plain
    assert "<code>9f3c</code>" in folded
    assert "SHA-256 校验码：内容改一个字，这串码就不同，用来核对是不是原件。" in folded


def test_the_receipt_of_a_summary_is_in_plain_words(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    ensure(kind="summary", branch=cast.east, period=Week(2026, 48))
    version = filed(cast, "林晓岚", "2026-11-27 16:00:00")
    clock.set("2026-11-27 16:00:01")
    page = browser_of(cast["林晓岚"]).get("/weeks/2026-W48/").content.decode()
    plain, _fold, folded = page.partition('<details class="fold proofs">')
    assert version.receipt in plain
    assert "SHA-256" not in plain
    assert version.digest in folded


def test_settings_name_their_clause_under_the_value(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    page = browser_of(cast["马骏"]).get("/settings/").content.decode()
    assert "出厂值" not in page
    assert page.count("系统默认") == len(LABELS)
    assert '系统默认<span class="dot"></span>依据制度 W5 条' in page


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("chinesecalendar", "程序内置的放假安排"),
        ("holiday-json", "放假通知文件"),
        ("2027年放假安排.xlsx", "2027年放假安排.xlsx"),
    ],
)
def test_a_calendar_names_its_source_in_words(source: str, words: str) -> None:
    assert source_in_words(source) == words


def texts(*endings: str) -> list[Path]:
    """Every file of our apps, and of the common templates, that can say something to somebody."""
    root = Path(settings.BASE_DIR)
    ours = [Path(one.path) for one in apps.get_app_configs() if root in Path(one.path).parents]
    return [
        path
        for folder in (*(one for one in ours if ".venv" not in one.parts), root / "templates")
        for path in sorted(folder.rglob("*.*"))
        if path.suffix in endings and "demo" not in path.parts
    ]


def test_every_app_is_looked_through() -> None:
    folders = {path.relative_to(settings.BASE_DIR).parts[0] for path in texts(".py", ".html")}
    assert folders >= {"core", "organization", "worklogs", "inspections", "kpi", "reports", "desk"}


def test_everybody_is_addressed_alike() -> None:
    found = [path for path in texts(".py", ".html", ".json") if "你" in path.read_text("utf-8")]
    assert [path.name for path in found] == []


def test_nothing_is_called_as_it_left_the_works() -> None:
    found = [path for path in texts(".py", ".html") if "出厂" in path.read_text("utf-8")]
    assert [path.name for path in found] == []


def test_no_page_writes_out_a_checksum() -> None:
    """They fold away (core.parts.checksum); papers bear theirs, for they are checked by it."""
    found = [
        path
        for path in texts(".html")
        if "papers" not in path.parts and WRITTEN_OUT.search(path.read_text("utf-8"))
    ]
    assert [path.name for path in found] == []

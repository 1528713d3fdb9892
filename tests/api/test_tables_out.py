"""The board and the company's matrix as workbooks over the API: the page's bytes."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from confidentiality.models import Disclosure
from core.workbooks import open_table
from duties.operations import ensure_periods
from organization.models import Person
from tests.api.conftest import ApiOf
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.scores import marked
from tests.domain.week import WEEK, filed, sent

pytestmark = pytest.mark.django_db
Browser = Callable[[Person], Client]


@pytest.fixture
def monday(cast: Cast, clock: StoryClock) -> Cast:
    """Monday: 城东 has rolled up with one late and one missing, 城西 not."""
    ensure_periods(WEEK, WEEK)
    filed(cast, "林晓岚", "2026-11-27 17:14:26")
    filed(cast, "陈嘉怡", "2026-11-27 17:38:20")
    sent(cast, "2026-11-30 09:00:00")
    clock.set("2026-11-30 10:00:00")
    return cast


def test_the_same_bytes_come_out_of_the_api(
    monday: Cast, browser_of: Browser, api_of: ApiOf
) -> None:
    boss, market = api_of("周建平", "read"), api_of("韩静", "read")
    board, company = f"boards/{WEEK.key}/{monday.east.pk}/workbook/", f"company/{WEEK.key}/matrix/"
    query = "?state=late&columns=name,job_number"
    page = f"/board/{WEEK.key}/workbook/?state=late&columns=name&columns=job_number"
    assert boss.get(board + query).content == browser_of(monday["周建平"]).get(page).content
    query = "?only=unsent&view=deviating"
    page = f"/company/{WEEK.key}/matrix/{query}"
    assert market.get(company + query).content == browser_of(monday["韩静"]).get(page).content
    assert Disclosure.objects.filter(door="api").count() == 2
    for path in (f"{board}?state=lost", f"{board}?columns=name,salary", f"{company}?only=x"):
        client = market if path.startswith("company") else boss
        assert client.get(path).status_code == 422
    assert boss.get(company).status_code == 404


def test_reports_requirements_and_targets_come_out_of_both_doors(
    monday: Cast, browser_of: Browser, api_of: ApiOf
) -> None:
    market, reader = api_of("韩静", "read"), browser_of(monday["韩静"])
    report = f"spot-checks/2026-11/{monday.east.pk}/workbook/"
    for path in (
        report,
        "indicators/workbook/",
        "requirements/2026-12/workbook/",
        "targets/2026-11/company-workbook/",
    ):
        assert market.get(path).content == reader.get(f"/{path}").content
    assert Disclosure.objects.filter(door="api").count() == 4
    assert api_of("周建平", "read").get(report).status_code == 200
    assert api_of("周建平", "read").get("requirements/2026-12/workbook/").status_code == 403


def test_the_grid_of_marks_comes_out_of_both_doors(
    monday: Cast, browser_of: Browser, api_of: ApiOf
) -> None:
    marked(monday, "林晓岚", "P4", "88")
    boss = browser_of(monday["周建平"])
    path = f"marks/2026-11/branches/{monday.east.pk}/workbook/"
    assert f'href="/{path}"' in boss.get("/marks/2026-11/").content.decode()
    book = api_of("周建平", "read").get(path)
    assert book.content == boss.get(f"/{path}").content
    rows = [list(row) for row in open_table(book.content, "x.xlsx").sheets[0].rows]
    head = next(row for row in rows if row[0] == "工号")
    own = next(row for row in rows if row[1] == "林晓岚")
    (place,) = (n for n, text in enumerate(head) if str(text).startswith("业务知识考试成绩"))
    assert (Decimal(str(own[place])), own[-1]) == (Decimal(88), "韩静 11-25")
    assert api_of("林晓岚", "read").get(path).status_code == 404

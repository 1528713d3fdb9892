"""The company's week (W6): consolidated across branches, numbered, archived unchanged."""

import pytest

from core import canonical, files, jobs
from core.errors import NotAllowed, Refused, Stale
from core.models import Job
from core.workbooks import open_table
from duties.operations import ensure_periods
from tests.cast import Cast, at
from tests.domain.week import TEXTS, WEEK, acting, filed, logged, sent
from worklogs.models import Consolidation
from worklogs.operations.consolidations import issue_consolidation

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(cast: Cast) -> Cast:
    """East has rolled up, west has filed and not rolled up yet."""
    ensure_periods(WEEK, WEEK)
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-23 10:00:00")
    logged(cast, "吴志远", "西岭水泥", "2026-11-23 11:00:00")
    filed(cast, "林晓岚", "2026-11-27 17:00:00")
    filed(cast, "吴志远", "2026-11-27 17:00:00")
    sent(cast, "2026-11-30 09:00:00")
    return cast


def issued(
    cast: Cast, moment: str, *, seen: int = 0, why: str = "", who: str = "孙岚"
) -> Consolidation:
    return issue_consolidation(
        week=WEEK,
        comment="专线问题集中",
        expected_number=seen,
        actor=acting(cast, who, at(moment)),
        at=at(moment),
        why_corrected=why,
    )


def test_one_company_page_from_what_has_arrived(company: Cast) -> None:
    issue = issued(company, "2026-12-01 09:00:00")
    content = issue.content
    assert [(one["name"], one["archive_number"]) for one in content["branches"]] == [
        ("城东分公司", "HZ-CD-2026-W48-1"),
        ("城西分公司", ""),
    ]
    assert content["missing"] == ["城西分公司"]
    totals = {one["key"]: one["declared"] for one in content["totals"]}
    assert totals["active"] == 1
    needs = next(group for group in content["texts"] if group["part"] == "needs")
    assert needs["items"] == [{"branch": "城东分公司", "author": "林晓岚", "text": TEXTS["needs"]}]
    assert issue.archive_number == "QS-2026-W48-1"


def test_a_later_roll_up_goes_into_a_numbered_correction(company: Cast) -> None:
    first = issued(company, "2026-12-01 09:00:00")
    frozen = canonical.canonical_json(first.content)
    sent(company, "2026-12-01 10:00:00", who="郑秋实")
    with pytest.raises(Refused):
        issued(company, "2026-12-01 10:05:00", seen=1)
    second = issued(company, "2026-12-01 10:10:00", seen=1, why="城西补报")
    assert (second.number, second.content["missing"]) == (2, [])
    assert {one["key"]: one["declared"] for one in second.content["totals"]}["active"] == 2
    first.refresh_from_db()
    assert canonical.canonical_json(first.content) == frozen


def test_the_same_again_is_no_correction(company: Cast) -> None:
    issued(company, "2026-12-01 09:00:00")
    with pytest.raises(Refused):
        issued(company, "2026-12-01 09:10:00", seen=1, why="再看一遍")


def test_two_who_archive_at_once_are_told(company: Cast) -> None:
    issued(company, "2026-12-01 09:00:00")
    with pytest.raises(Stale):
        issued(company, "2026-12-01 09:00:00")
    assert Consolidation.objects.count() == 1


def test_only_the_office_archives_and_only_when_something_arrived(
    company: Cast, cast: Cast
) -> None:
    for who in ("韩静", "周建平", "赵国梁", "马骏", "许衡"):
        with pytest.raises(NotAllowed):
            issued(company, "2026-12-01 09:00:00", who=who)


def test_nothing_has_arrived(cast: Cast) -> None:
    with pytest.raises(Refused):
        issued(cast, "2026-12-01 09:00:00")


def test_the_workbook_is_archived_by_the_worker(company: Cast) -> None:
    issue = issued(company, "2026-12-01 09:00:00")
    job = Job.objects.get(kind="worklogs.post_consolidation")
    assert jobs.run(job.pk, at=at("2026-12-01 09:00:01")) == "done"
    issue.refresh_from_db()
    assert issue.file is not None
    book = open_table(files.content_of(issue.file), issue.file.name)
    cells = {cell for sheet in book.sheets for row in sheet.rows for cell in row}
    assert {"城东分公司", "城西分公司", TEXTS["needs"]} <= cells

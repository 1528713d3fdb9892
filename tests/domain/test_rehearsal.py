"""A draft of the scheme tried on the last closed months."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import jobs
from core.errors import Refused
from kpi.computing import computed_sheets
from kpi.models import Rehearsal, Scheme, ScoreSheet, SheetVersion
from kpi.operations.schemes import (
    rehearse_scheme,
)
from kpi.queries.schemes import (
    newest_rehearsal,
)
from kpi.rehearsal import closed_months, rehearsed_month
from kpi.scheme import parsed
from tests.cast import Cast
from tests.domain.schemes import CLOSED, DRAFTED, drafted, heavier_sales, with_second, written
from tests.domain.scores import FROZEN, NOVEMBER, computed, month_of_work, sheet_of
from tests.rules.annex5 import item_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(cast: Cast) -> Cast:
    """The cast with a second person in the market department."""
    return with_second(cast)


def rehearsed(cast: Cast, scheme: Scheme) -> Rehearsal:
    """The report, made by the worker."""
    rehearsal = rehearse_scheme(
        number=scheme.number, actor=cast.actor("韩静", on=DRAFTED), at=DRAFTED
    )
    jobs.run_due(DRAFTED)
    rehearsal.refresh_from_db()
    return rehearsal


def test_a_rehearsal_says_who_and_which_points_change_and_stores_nothing_else(story: Cast) -> None:
    month_of_work(story)
    computed()
    before = {version.pk: version.digest for version in SheetVersion.objects.all()}
    sheets = list(ScoreSheet.objects.order_by("pk").values())

    def stricter(value: dict[str, Any]) -> None:
        # One whole point is lost per point below the target, not per two.
        item_in(value, "S1")["formula"]["size"] = "1"

    draft = written(story, drafted(story), stricter)
    rehearsal = rehearsed(story, draft)
    (month,) = rehearsal.report["months"]
    assert (month["month"], month["people"], month["changed"]) == ("2026-11", 4, 1)
    (line,) = month["lines"]
    assert line["manager"]["name"] == "林晓岚"
    was, now = Decimal(line["before"]["total"]), Decimal(line["after"]["total"])
    assert now == was - 1
    assert [(i["code"], i["before"], i["after"]) for i in line["items"]] == [
        ("S1", "19.00", "18.00")
    ]
    assert line["items"][0]["inputs_after"]["actual"] == "88.00"
    assert line["groups"] == [{"code": "S", "before": "19.00", "after": "18.00"}]
    assert rehearsal.made_at == DRAFTED
    assert newest_rehearsal(draft) == rehearsal
    assert {version.pk: version.digest for version in SheetVersion.objects.all()} == before
    assert list(ScoreSheet.objects.order_by("pk").values()) == sheets


def test_the_same_scheme_changes_nobody(story: Cast) -> None:
    month_of_work(story)
    computed()
    report = rehearsed(story, drafted(story)).report
    assert [(one["changed"], one["recounted"]) for one in report["months"]] == [(0, [])]


def test_a_rehearsed_month_equals_the_month_scored_under_that_version(story: Cast) -> None:
    month_of_work(story)
    computed()
    draft = written(story, drafted(story), heavier_sales)
    lines = rehearsed(story, draft).report["months"][0]["lines"]
    after = {sheet.manager_id: sheet.total for sheet in ScoreSheet.objects.all()}
    after |= {line["manager"]["id"]: as_decimal(line["after"]["total"]) for line in lines}
    scored = {
        one.member.manager_id: one.breakdown.total
        for one in computed_sheets(draft, NOVEMBER, FROZEN)
    }
    assert after == scored
    assert len(scored) == 4


def as_decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def test_what_the_draft_counts_anew_is_asked_of_its_metric_at_the_same_cut(story: Cast) -> None:
    month_of_work(story)
    computed()

    def logs_twice(value: dict[str, Any]) -> None:
        # The plan's punctuality has no source yet: the logs' stands in.
        item_in(value, "P3a")["metric"] = "logs.in_time"

    draft = written(story, drafted(story), logs_twice)
    month = rehearsed(story, draft).report["months"][0]
    assert month["recounted"] == ["P3a"]
    line = next(one for one in month["lines"] if one["manager"]["name"] == "林晓岚")
    item = next(one for one in line["items"] if one["code"] == "P3a")
    assert (item["before"], item["inputs_after"]) == (None, {"met": "2", "total": "3"})


def test_the_statements_of_a_rehearsal_do_not_grow_with_the_managers(story: Cast) -> None:
    month_of_work(story)
    computed()

    def logs_twice(value: dict[str, Any]) -> None:
        item_in(value, "P3a")["metric"] = "logs.in_time"

    scheme = parsed(written(story, drafted(story), logs_twice).content)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            rehearsed_month(scheme, NOVEMBER)
        return len(captured)

    of_four = statements()
    ScoreSheet.objects.exclude(manager=story["林晓岚"]).delete()
    assert statements() == of_four


def test_asked_twice_a_rehearsal_is_made_once_and_a_changed_draft_outdates_it(story: Cast) -> None:
    draft = drafted(story)
    actor = story.actor("韩静", on=DRAFTED)
    first = rehearse_scheme(number=draft.number, actor=actor, at=DRAFTED)
    assert rehearse_scheme(number=draft.number, actor=actor, at=DRAFTED) == first
    changed = written(story, draft, heavier_sales)
    jobs.run_due(DRAFTED)
    first.refresh_from_db()
    assert first.report == {"months": [], "is_outdated": True}
    assert newest_rehearsal(changed) is None


def test_what_is_in_force_is_not_rehearsed(story: Cast) -> None:
    with pytest.raises(Refused):
        rehearse_scheme(number=1, actor=story.actor("韩静", on=DRAFTED), at=DRAFTED)


def test_the_last_three_months_with_sheets_that_have_ended_are_rehearsed(story: Cast) -> None:
    month_of_work(story)
    computed()
    sheet = sheet_of(story, "林晓岚")
    for month in ("2026-10", "2026-09", "2026-08", "2026-12"):
        sheet.pk, sheet.month = None, month
        sheet.save(force_insert=True)
    assert [month.key for month in closed_months(DRAFTED)] == ["2026-09", "2026-10", "2026-11"]
    assert [month.key for month in closed_months(CLOSED)] == ["2026-10", "2026-11", "2026-12"]

"""Corrections and proposals wait in the lists of those who decide them, and cost the same."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kpi.models import Consequence, Correction, ScoreSheet
from kpi.operations.corrections import decide_correction
from kpi.queries.decision_due import due_items
from organization.models import Person
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.test_consequences import locked

Browser = Callable[[Person], Client]
MONDAY: Final = at("2026-12-14 10:00:00")
SPAN: Final = (at("2026-12-01 00:00:00"), at("2026-12-31 00:00:00"))
# Two working days on, at close of business.
DUE: Final = at("2026-12-16 18:00:00")
MONTHS: Final = range(1, 13)


def correction_of(sheet: ScoreSheet, by: Person, *, item: str = "P4") -> Correction:
    """A correction of a locked sheet that waits for a second person."""
    return Correction.objects.create(
        sheet=sheet,
        item=item,
        inputs={"mark": "98"},
        why="考卷漏判一题",
        proposed_at=MONDAY,
        proposed_by=by,
    )


def proposal(cast: Cast, who: str, month: str = "2026-11", kind: str = "talk") -> Consequence:
    """What the bands suggest for somebody."""
    return Consequence.objects.create(
        manager=cast[who],
        branch=cast[who].branch,
        month=month,
        kind=kind,
        grounds=[[month, "55.00"]],
        proposed_at=MONDAY,
    )


def owed(cast: Cast) -> set[tuple[str, str, str, datetime, str]]:
    """Who owes what, in what context, by when, where."""
    names = {person.pk: name for name, person in cast.people.items()}
    return {
        (names[one.person_id], one.title, one.context, one.due_at, one.url)
        for one in due_items(list(names), *SPAN)
    }


def test_corrections_wait_for_a_second_person(cast: Cast) -> None:
    sheet = locked(cast, "林晓岚", "2026-11", "91.88", "excellent")
    correction = correction_of(sheet, cast["赵国梁"])
    line = (
        "复核更正：林晓岚 P4",
        "城东分公司 2026年11月",
        DUE,
        f"/scores/2026-11/{cast['林晓岚'].pk}/?line=P4",
    )
    assert owed(cast) == {("钱慧敏", *line), ("韩静", *line)}
    decide_correction(
        correction_id=correction.pk,
        is_approved=False,
        decision="考卷无误",
        expected_version=sheet.version,
        actor=cast.actor("韩静", on=MONDAY),
        at=MONDAY,
    )
    assert owed(cast) == set()


def test_proposals_wait_for_the_heads_of_their_branch(cast: Cast) -> None:
    proposal(cast, "林晓岚")
    proposal(cast, "何俊峰")
    proposal(cast, "何俊峰", kind="support")
    proposal(cast, "钱慧敏")
    proposal(cast, "吴志远")
    Consequence.objects.filter(kind="support").update(state="dismissed")
    where = ("城东分公司 2026年11月", DUE, "/scores/consequences/")
    assert owed(cast) == {
        ("赵国梁", "决定考核建议 3 条", *where),
        ("钱慧敏", "决定考核建议 2 条", *where),
    }


def test_what_is_due_outside_the_span_is_not_told(cast: Cast) -> None:
    proposal(cast, "林晓岚")
    head = [cast["赵国梁"].pk]
    assert len(due_items(head, DUE, DUE)) == 1
    assert due_items(head, SPAN[0], at("2026-12-16 17:59:59")) == []
    assert due_items(head, at("2026-12-16 18:00:01"), SPAN[1]) == []


@pytest.mark.parametrize(
    ("who", "told"),
    [("赵国梁", {"复核更正：林晓岚 P4", "决定考核建议 1 条"}), ("韩静", {"复核更正：林晓岚 P4"})],
)
def test_home_and_to_dos_lead_there_at_the_same_cost_for_many(
    cast: Cast, browser_of: Browser, clock: StoryClock, who: str, told: set[str]
) -> None:
    clock.set("2026-12-14 11:00:00")
    proposal(cast, "林晓岚")
    browser = browser_of(cast[who])
    costs = []
    for months in (["2026-11"], [f"{year}-{n:02d}" for year in range(2022, 2026) for n in MONTHS]):
        for month in months:
            sheet = locked(cast, "林晓岚", month, "91.88", "excellent")
            correction_of(sheet, cast["周建平"])
        for url in ("/", "/todos/"):
            browser.get(url)
            with CaptureQueriesContext(connection) as asked:
                page = browser.get(url)
            costs.append(len(asked))
            lines = page.context["due" if url == "/" and who == "韩静" else "agenda"]
            assert told <= {one.what for one in lines}
            assert all(one.url for one in lines if one.what in told)
            assert f"/scores/2026-11/{cast['林晓岚'].pk}/?line=P4" in page.content.decode()
    assert costs[:2] == costs[2:]

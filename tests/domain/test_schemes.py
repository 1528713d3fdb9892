"""The scheme's versions: shipped, drafted, proposed, approved by a second person, withdrawn."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.utils.translation import override

from core.canonical import digest
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow
from kpi.labels import scheme_name
from kpi.models import Scheme
from kpi.operations.schemes import (
    draft_scheme,
    withdraw_scheme,
)
from kpi.queries.schemes import (
    changes_of,
    newest_approved,
    scheme_faults,
    scheme_seen,
    schemes_for,
)
from kpi.scheme import Difference, parsed
from kpi.scheme_words import told
from tests.cast import Cast
from tests.domain.schemes import (
    APPROVED,
    CLOSED,
    DRAFTED,
    LAST_SECOND,
    PROPOSED,
    approved,
    drafted,
    heavier_sales,
    proposed,
    with_second,
    written,
)
from tests.rules import annex5
from tests.rules.annex5 import SHIPPED, item_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(cast: Cast) -> Cast:
    """The cast with a second person in the market department."""
    return with_second(cast)


# --- the shipped one -------------------------------------------------------------------------


def test_an_empty_company_has_annex_5_in_force() -> None:
    shipped = newest_approved()
    assert shipped is not None
    assert (shipped.number, shipped.valid_from, shipped.departs) == (1, "2000-01", False)
    assert shipped.content == json.loads(SHIPPED.read_text())
    assert shipped.digest == digest(shipped.content)
    assert scheme_faults(parsed(shipped.content)) == []
    assert shipped.drafted_by is None


# --- from draft to force ---------------------------------------------------------------------


def test_a_version_is_drafted_changed_proposed_and_approved_by_a_second_person(story: Cast) -> None:
    draft = drafted(story, why="加大产品销售")
    assert (draft.number, draft.state, draft.based_on) == (2, "draft", newest_approved())
    assert changes_of(draft) == []

    draft = written(story, draft, heavier_sales)
    assert changes_of(draft) == [
        Difference("items", "M1", "changed", "weight", "12", "10"),
        Difference("items", "M2", "changed", "weight", "10", "12"),
    ]
    assert draft.digest == digest(draft.content)
    waiting = proposed(story, draft)
    assert (waiting.state, waiting.proposed_at) == ("proposed", PROPOSED)
    in_force = approved(story, waiting)
    assert (in_force.state, in_force.approved_by, in_force.approved_at) == (
        "approved",
        story["苏婉"],
        APPROVED,
    )
    assert newest_approved() == in_force
    assert [row.what for row in AuditRow.objects.order_by("pk")] == [
        "kpi.draft_scheme",
        "kpi.change_scheme",
        "kpi.propose_scheme",
        "kpi.approve_scheme",
    ]


def test_whoever_drafted_it_does_not_approve_it(story: Cast) -> None:
    waiting = proposed(story, drafted(story))
    with pytest.raises(NotAllowed):
        approved(story, waiting, who="韩静")
    assert approved(story, waiting, who="苏婉").state == "approved"


def test_nobody_changes_what_somebody_else_drafted_so_that_the_second_stays_a_second(
    story: Cast,
) -> None:
    draft = drafted(story)
    with pytest.raises(NotAllowed):
        written(story, draft, heavier_sales, who="苏婉")
    with pytest.raises(NotAllowed):
        proposed(story, draft, who="苏婉")
    own = drafted(story, who="苏婉", based_on=draft.number)
    assert (own.number, own.based_on) == (3, draft)


@pytest.mark.parametrize("who", ["林晓岚", "周建平", "赵国梁", "孙岚", "马骏", "许衡"])
def test_only_the_market_department_keeps_the_scheme(story: Cast, who: str) -> None:
    draft = drafted(story)
    for act in (
        lambda: drafted(story, who=who),
        lambda: written(story, draft, heavier_sales, who=who),
        lambda: proposed(story, draft, who=who),
        lambda: approved(story, draft, who=who),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert list(schemes_for(story.actor(who))) == [newest_approved()]
    with pytest.raises(NotFound):
        scheme_seen(story.actor(who), draft.number)


def test_the_market_department_sees_every_version(story: Cast) -> None:
    draft = drafted(story)
    assert [one.number for one in schemes_for(story.actor("苏婉"))] == [2, 1]
    assert scheme_seen(story.actor("苏婉"), 2) == draft


def test_the_second_who_saves_is_told_what_is_there_now(story: Cast) -> None:
    draft = drafted(story)
    written(story, draft, heavier_sales)
    with pytest.raises(Stale) as stale:
        written(story, draft, lambda value: None)
    assert stale.value.current["version"] == 2
    assert stale.value.current["state"] == "draft"


def test_faults_are_refused_each_with_its_place(story: Cast) -> None:
    draft = drafted(story)

    def spoil(value: dict[str, Any]) -> None:
        item_in(value, "M1")["weight"] = "13"
        item_in(value, "P4")["formula"]["pass_mark"] = "sixty"

    with pytest.raises(Refused) as refused:
        written(story, draft, spoil)
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["content.items.19.formula.pass_mark"]

    def overweight(value: dict[str, Any]) -> None:
        item_in(value, "M1")["weight"] = "13"

    with pytest.raises(Refused) as refused:
        written(story, draft, overweight)
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["content.items", "content.groups.0.maximum"]


def test_a_metric_must_be_able_to_feed_the_formula(story: Cast) -> None:
    def unfit(value: dict[str, Any]) -> None:
        item_in(value, "P3c")["metric"] = "marks"

    with pytest.raises(Refused) as refused:
        written(story, drafted(story), unfit)
    assert [problem.field for problem in refused.value.problems] == ["content.items.17.metric"]


def test_another_frame_is_kept_and_marked(story: Cast) -> None:
    def narrow(value: dict[str, Any]) -> None:
        value["groups"][3]["maximum"] = "10"

    assert written(story, drafted(story), narrow).departs


MONTHS = [
    ("2026-12", LAST_SECOND, True),
    ("2026-12", CLOSED, False),
    ("2027-01", CLOSED, True),
    ("2026-11", DRAFTED, False),
    ("2026-13", DRAFTED, False),
    ("soon", DRAFTED, False),
]


@pytest.mark.parametrize(("month", "moment", "is_open"), MONTHS)
def test_a_version_holds_from_a_month_that_has_not_closed(
    story: Cast, month: str, moment: datetime, is_open: bool
) -> None:
    if is_open:
        assert drafted(story, moment=moment, valid_from=month).valid_from == month
        return
    with pytest.raises(Refused) as refused:
        drafted(story, moment=moment, valid_from=month)
    assert refused.value.field == "valid_from"


def test_unless_said_a_draft_is_for_the_month_after(story: Cast) -> None:
    actor = story.actor("韩静", on=DRAFTED)
    assert draft_scheme(actor=actor, at=DRAFTED).valid_from == "2027-01"


def test_what_waited_until_its_month_closed_is_no_longer_approved(story: Cast) -> None:
    waiting = proposed(story, drafted(story))
    with pytest.raises(Refused) as refused:
        approved(story, waiting, moment=CLOSED)
    assert refused.value.field == "valid_from"
    assert approved(story, waiting, moment=LAST_SECOND).state == "approved"


def test_a_version_is_withdrawn_with_a_reason_and_can_be_taken_up_again(story: Cast) -> None:
    waiting = proposed(story, drafted(story))
    actor = story.actor("苏婉", on=APPROVED)

    def withdraw(why: str, moment: datetime = APPROVED) -> Scheme:
        return withdraw_scheme(
            number=waiting.number,
            why=why,
            expected_version=waiting.version,
            actor=actor,
            at=moment,
        )

    with pytest.raises(Refused) as refused:
        withdraw("  ")
    assert refused.value.field == "why"
    gone = withdraw("权重再议")
    assert (gone.state, gone.why) == ("withdrawn", "权重再议")
    with pytest.raises(Refused):
        withdraw("再撤一次")
    again = drafted(story, who="苏婉", based_on=gone.number)
    assert (again.state, again.content) == ("draft", gone.content)


def test_what_is_in_force_is_neither_changed_nor_withdrawn(story: Cast) -> None:
    in_force = approved(story, proposed(story, drafted(story)))
    with pytest.raises(Refused):
        written(story, in_force, heavier_sales)
    with pytest.raises(Refused):
        proposed(story, in_force)
    with pytest.raises(Refused):
        approved(story, in_force)


def test_units_and_a_schemes_own_name_are_said_in_english() -> None:
    named = Scheme(name="客户经理考核办法", content=annex5.content())
    with override("en"):
        measured = [told(item, "telecom") for item in annex5.ANNEX5.items if item.unit == "分"]
        assert measured
        assert [text for text in measured if "分" in text] == []
        assert scheme_name(named) == "Account managers' assessment"
        assert scheme_name(Scheme(name="一个", content={})) == "一个"
    assert scheme_name(named) == "客户经理考核办法"

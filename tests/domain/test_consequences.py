"""What bands suggest after the lock (annex 5): proposed to the heads, decided by a person."""

from datetime import datetime
from decimal import Decimal
from typing import Final

import pytest

from core.errors import NotAllowed, NotFound, Refused
from core.models import AuditRow, Job
from core.periods import Month
from duties.models import Notice
from kpi.computing import scheme_for
from kpi.history import means_of, suggested
from kpi.models import Consequence, ScoreSheet
from kpi.operations.consequences import decide_consequence
from kpi.scheme import SchemeContent, parsed
from tests.cast import Cast, at
from tests.domain.scores import LOCKS, NOVEMBER, computed, ticked

LATER: Final = at("2026-12-14 10:00:00")


def locked(cast: Cast, who: str, month: str, total: str, band: str = "") -> ScoreSheet:
    """Somebody's locked sheet of a month; no total: not rated."""
    scheme = scheme_for(NOVEMBER, LATER)
    assert scheme is not None
    return ScoreSheet.objects.create(
        manager=cast[who],
        branch=cast[who].branch,
        month=month,
        scheme=scheme,
        state="locked",
        total=Decimal(total) if total else None,
        band=band,
        cut_at=LATER,
        computed_at=LATER,
        updated_at=LATER,
    )


def scheme() -> SchemeContent:
    """Annex 5."""
    found = scheme_for(NOVEMBER, LATER)
    assert found is not None
    return parsed(found.content)


def found(month: str) -> set[tuple[int, str, tuple[tuple[str, str], ...]]]:
    """What is suggested after a month: whom, what, why."""
    return {
        (one.manager_id, one.kind, tuple(one.grounds))
        for one in suggested(Month.parse(month), scheme())
    }


def test_two_unqualified_months_in_a_row_suggest_a_talk(cast: Cast) -> None:
    me = cast["林晓岚"].pk
    locked(cast, "林晓岚", "2026-10", "55.00", "unqualified")
    assert (me, "talk") not in {one[:2] for one in found("2026-10")}
    locked(cast, "林晓岚", "2026-11", "59.99", "unqualified")
    assert (me, "talk", (("2026-10", "55.00"), ("2026-11", "59.99"))) in found("2026-11")


def test_a_month_without_a_rating_or_a_sheet_breaks_the_run(cast: Cast) -> None:
    locked(cast, "林晓岚", "2026-08", "55.00", "unqualified")
    locked(cast, "林晓岚", "2026-09", "", "")
    locked(cast, "林晓岚", "2026-10", "55.00", "unqualified")
    locked(cast, "陈嘉怡", "2026-08", "55.00", "unqualified")
    locked(cast, "陈嘉怡", "2026-10", "55.00", "unqualified")
    assert "talk" not in {kind for _who, kind, _grounds in found("2026-10")}


def test_an_unqualified_quarter_suggests_training(cast: Cast) -> None:
    for month, total in (("2026-10", "50.00"), ("2026-11", "60.00"), ("2026-12", "69.98")):
        locked(cast, "林晓岚", month, total, "qualified" if total != "50.00" else "unqualified")
    # (50 + 60 + 69.98) ÷ 3 = 59.99.
    me = cast["林晓岚"].pk
    assert (me, "training", (("2026-Q4", "59.99"),)) in found("2026-12")
    assert "training" not in {kind for _who, kind, _grounds in found("2026-11")}


def test_the_lowest_tenth_is_put_on_the_support_list(cast: Cast) -> None:
    for who, total in (("林晓岚", "92.00"), ("陈嘉怡", "85.00"), ("何俊峰", "81.00")):
        locked(cast, who, "2026-11", total, "good")
    locked(cast, "吴志远", "2026-11", "", "")
    assert found("2026-11") == {(cast["何俊峰"].pk, "support", (("2026-11", "81.00"),))}


def test_quarter_and_year_are_means_of_what_was_rated(cast: Cast) -> None:
    for month, total in (("2026-01", "80.00"), ("2026-10", "90.00"), ("2026-11", "89.99")):
        locked(cast, "林晓岚", month, total, "good")
    locked(cast, "林晓岚", "2026-12", "", "")
    quarter, year = means_of(cast["林晓岚"].pk, Month(2026, 12), scheme())
    # 89.995 is 90.00 before it is compared (annex 11.9); the year: (80 + 90) ÷ 2.
    assert (quarter.key, quarter.score, quarter.band) == (
        "2026-Q4",
        Decimal("90.00"),
        "excellent",
    )
    assert (year.key, year.score, year.band) == ("2026", Decimal("85.00"), "good")


def proposed(cast: Cast) -> Consequence:
    """何俊峰 is proposed for a talk by the job that follows the lock of November."""
    locked(cast, "何俊峰", "2026-10", "55.00", "unqualified")
    computed()
    ScoreSheet.objects.filter(month="2026-11", manager=cast["何俊峰"]).update(
        total=Decimal("58.00"), band="unqualified"
    )
    ticked(at("2026-12-12 09:00:00"))
    return Consequence.objects.get(manager=cast["何俊峰"], kind="talk")


def test_the_job_after_the_lock_proposes_to_the_heads(cast: Cast) -> None:
    proposal = proposed(cast)
    assert (proposal.state, proposal.grounds, proposal.proposed_at) == (
        "open",
        [["2026-10", "55.00"], ["2026-11", "58.00"]],
        LOCKS,
    )
    told = Notice.objects.filter(key="consequences:2026-11")
    assert {one.person.name for one in told} == {"赵国梁", "钱慧敏"}
    job = Job.objects.get(kind="kpi.propose_consequences")
    job.state = "waiting"
    job.save()
    ticked(at("2026-12-13 09:00:00"))
    assert Consequence.objects.filter(manager=cast["何俊峰"], kind="talk").count() == 1


def decided(cast: Cast, proposal: Consequence, by: str, *, moment: datetime = LATER) -> Consequence:
    """Somebody takes the proposal up."""
    return decide_consequence(
        consequence_id=proposal.pk,
        is_accepted=True,
        decision="下周面谈并写改进计划",
        actor=cast.actor(by, on=moment),
        at=moment,
    )


def test_a_head_decides_and_nothing_happens_by_itself(cast: Cast) -> None:
    proposal = proposed(cast)
    for who, error in (
        ("周建平", NotAllowed),
        ("韩静", NotAllowed),
        ("何俊峰", NotFound),
        ("郑秋实", NotFound),
    ):
        with pytest.raises(error):
            decided(cast, proposal, who)
    result = decided(cast, proposal, "赵国梁")
    assert (result.state, result.decision, result.decided_by_id) == (
        "accepted",
        "下周面谈并写改进计划",
        cast["赵国梁"].pk,
    )
    with pytest.raises(Refused, match="已决定过"):
        decided(cast, proposal, "钱慧敏")
    row = AuditRow.objects.get(what="kpi.decide_consequence")
    assert (row.after, row.why) == (
        {"state": "accepted", "kind": "talk"},
        "下周面谈并写改进计划",
    )

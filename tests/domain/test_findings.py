"""Findings (P3.5, annex 10: 8.2): raised at once, confirmed in time, put right, checked again."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import jobs
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.evidence import Evidence
from core.files import content_of
from core.models import AuditRow, Job
from core.periods import Month
from duties.models import Notice
from inspections.models import Finding, FindingStep
from inspections.operations import findings as operations
from inspections.queries import (
    Asked,
    due_items,
    find_findings,
    search,
    waiting_count,
)
from organization.models import Person, RoleGrant
from reports.raising import raise_of_line
from tests.cast import BEGIN, Cast, at
from tests.domain.month import NOVEMBER, file_all, make_november
from tests.domain.week import acting

pytestmark = pytest.mark.django_db
FRIDAY_TEN = "2026-11-27 10:00:00"
# Three working days on, at close of business; five working days on.
RESPOND_BY = at("2026-12-02 18:00:00")
DUE_ON = date(2026, 12, 4)


@pytest.fixture
def november(cast: Cast) -> Cast:
    return make_november(cast)


def raised(cast: Cast, moment: str = FRIDAY_TEN, *, who: str = "韩静", **more: Any) -> Finding:
    """The market department raises a finding in east."""
    values: dict[str, Any] = {
        "branch_id": cast.east.pk,
        "month": NOVEMBER,
        "title": "例会没有签到表",
        "facts": "11 月 23 日例会没有签到表。",
        "owner_id": cast["周建平"].pk,
        **more,
    }
    return operations.raise_finding(**values, actor=acting(cast, who, at(moment)), at=at(moment))


def confirm(cast: Cast, finding: Finding, moment: str, who: str = "周建平") -> Finding:
    return operations.confirm_finding(
        finding_id=finding.pk,
        text="",
        expected_version=finding.version,
        actor=acting(cast, who, at(moment)),
        at=at(moment),
    )


def object_to(cast: Cast, finding: Finding, moment: str, who: str = "赵国梁") -> Finding:
    return operations.object_to_finding(
        finding_id=finding.pk,
        text="签到表在档案柜里",
        expected_version=finding.version,
        actor=acting(cast, who, at(moment)),
        at=at(moment),
    )


def decide(cast: Cast, finding: Finding, moment: str, *, is_upheld: bool) -> Finding:
    return operations.decide_objection(
        finding_id=finding.pk,
        is_upheld=is_upheld,
        text="看过原件",
        expected_version=finding.version,
        actor=acting(cast, "韩静", at(moment)),
        at=at(moment),
    )


def answer(
    cast: Cast,
    finding: Finding,
    moment: str,
    who: str = "周建平",
    evidence: Evidence | None = None,
) -> Finding:
    return operations.answer_finding(
        finding_id=finding.pk,
        text="已补签到表，今后由记录人当场收",
        evidence=evidence,
        expected_version=finding.version,
        actor=acting(cast, who, at(moment)),
        at=at(moment),
    )


def recheck(
    cast: Cast, finding: Finding, moment: str, *, is_closed: bool, who: str = "韩静", **more: Any
) -> Finding:
    return operations.recheck_finding(
        finding_id=finding.pk,
        is_closed=is_closed,
        text="还差 11 月 30 日的",
        expected_version=finding.version,
        actor=acting(cast, who, at(moment)),
        at=at(moment),
        **more,
    )


def steps(finding: Finding) -> list[tuple[str, str]]:
    return [
        (step.kind, step.by.name if step.by else "") for step in finding.steps.select_related("by")
    ]


# From a fact to the end


def test_from_the_fact_to_the_closed_finding(cast: Cast) -> None:
    finding = raised(cast)
    assert (finding.number, finding.state, finding.source) == ("WT-2026-0001", "open", "hand")
    assert (finding.respond_by, finding.due_on) == (RESPOND_BY, DUE_ON)
    finding = confirm(cast, finding, "2026-11-30 09:00:00")
    scan = Evidence("签到表.pdf", b"%PDF-1.7 x")
    finding = answer(cast, finding, "2026-12-01 09:00:00", evidence=scan)
    finding = recheck(cast, finding, "2026-12-02 09:00:00", is_closed=True)
    assert (finding.state, finding.closed_at) == ("closed", at("2026-12-02 09:00:00"))
    assert steps(finding) == [
        ("raised", "韩静"),
        ("confirmed", "周建平"),
        ("answered", "周建平"),
        ("closed", "韩静"),
    ]
    file = finding.steps.get(kind="answered").file
    assert file is not None
    assert (content_of(file), file.content_type) == (scan.content, "application/pdf")
    assert (file.branch_id, file.kind) == (cast.east.pk, "finding")
    whats = AuditRow.objects.filter(target_type="finding").order_by("pk")
    assert list(whats.values_list("what", flat=True)) == [
        "inspections.raise_finding",
        "inspections.confirm_finding",
        "inspections.answer_finding",
        "inspections.recheck_finding",
    ]


def test_numbers_run_through_the_year(cast: Cast) -> None:
    numbers = [raised(cast, title=f"问题 {n}").number for n in range(3)]
    numbers.append(raised(cast, "2027-01-04 09:00:00").number)
    assert numbers == ["WT-2026-0001", "WT-2026-0002", "WT-2026-0003", "WT-2027-0001"]
    Finding.objects.filter(number="WT-2026-0003").update(number="WT-2026-10000")
    assert raised(cast).number == "WT-2026-10001"


def test_each_step_tells_those_whose_turn_it_is(cast: Cast) -> None:
    finding = raised(cast, owner_id=cast["何俊峰"].pk)
    told = Notice.objects.filter(group=f"finding:{finding.pk}")
    everybody = told.order_by("person__job_number").values_list("person__name", flat=True)
    assert list(everybody) == ["赵国梁", "钱慧敏", "周建平", "何俊峰"]
    assert told.get(person=cast["周建平"]).title == (
        "WT-2026-0001 请在 12月2日（周三）18:00 前确认：例会没有签到表"
    )
    finding = confirm(cast, finding, "2026-11-30 09:00:00")
    assert told.get(person=cast["韩静"]).title == "城东分公司确认了 WT-2026-0001"


# Three working days


@pytest.mark.parametrize(
    ("moment", "is_late"),
    [
        ("2026-12-02 17:59:59", False),
        ("2026-12-02 18:00:00", False),
        ("2026-12-02 18:00:01", True),
    ],
)
def test_a_late_confirmation_is_taken_and_marked(cast: Cast, moment: str, is_late: bool) -> None:
    finding = confirm(cast, raised(cast), moment)
    assert finding.state == "confirmed"
    row = AuditRow.objects.get(what="inspections.confirm_finding")
    assert row.after["is_late"] is is_late
    title = Notice.objects.get(person=cast["韩静"]).title
    assert title == f"城东分公司{'逾期' if is_late else ''}确认了 WT-2026-0001"


def test_an_objection_is_taken_until_the_last_second(cast: Cast) -> None:
    first, second = raised(cast), raised(cast)
    assert object_to(cast, first, "2026-12-02 18:00:00").state == "objected"
    with pytest.raises(Refused, match="异议期已过"):
        object_to(cast, second, "2026-12-02 18:00:01")


def test_a_holiday_and_a_make_up_day_move_the_end(cast: Cast) -> None:
    # 1 October to 7 October 2026 are off, Saturday 10 October is worked.
    finding = raised(cast, "2026-09-30 10:00:00", month=Month(2026, 9))
    assert (finding.respond_by, finding.due_on) == (at("2026-10-10 18:00:00"), date(2026, 10, 13))


# Objections


def test_an_upheld_objection_drops_the_finding(cast: Cast) -> None:
    finding = object_to(cast, raised(cast), "2026-11-30 09:00:00")
    finding = decide(cast, finding, "2026-12-01 09:00:00", is_upheld=True)
    assert (finding.state, finding.closed_at) == ("dropped", at("2026-12-01 09:00:00"))
    with pytest.raises(Refused):
        answer(cast, finding, "2026-12-01 10:00:00")


def test_an_overruled_one_gives_the_days_again(cast: Cast) -> None:
    finding = object_to(cast, raised(cast), "2026-11-30 09:00:00")
    finding = decide(cast, finding, "2026-12-03 09:00:00", is_upheld=False)
    assert (finding.state, finding.due_on) == ("confirmed", date(2026, 12, 10))


def test_what_is_not_right_yet_is_opened_again_with_a_new_day(cast: Cast) -> None:
    finding = confirm(cast, raised(cast), "2026-11-30 09:00:00")
    finding = answer(cast, finding, "2026-12-01 09:00:00")
    finding = recheck(cast, finding, "2026-12-02 09:00:00", is_closed=False)
    assert (finding.state, finding.due_on) == ("confirmed", date(2026, 12, 9))
    finding = answer(cast, finding, "2026-12-03 09:00:00")
    day = date(2026, 12, 18)
    finding = recheck(cast, finding, "2026-12-04 09:00:00", is_closed=False, due_on=day)
    assert finding.due_on == day
    finding = answer(cast, finding, "2026-12-07 09:00:00")
    assert recheck(cast, finding, "2026-12-08 09:00:00", is_closed=True).state == "closed"


# Who may


@pytest.mark.parametrize("who", ["周建平", "赵国梁", "孙岚", "林晓岚", "马骏", "许衡"])
def test_only_the_market_department_raises(cast: Cast, who: str) -> None:
    with pytest.raises((NotAllowed, NotFound)):
        raised(cast, who=who)


def test_an_inspector_is_never_of_the_inspected_branch(cast: Cast) -> None:
    """Annex 11.11: 韩静 has gone to east, or leads it for a while."""
    finding = confirm(cast, raised(cast), "2026-11-30 09:00:00")
    finding = answer(cast, finding, "2026-12-01 09:00:00")
    Person.objects.filter(pk=cast["韩静"].pk).update(branch=cast.east)
    moved = acting(cast.__class__(cast.head, cast.east, cast.west, {
        "韩静": Person.objects.get(pk=cast["韩静"].pk)
    }), "韩静", at("2026-12-02 09:00:00"))  # fmt: skip
    for act in (
        lambda: operations.recheck_finding(
            finding_id=finding.pk, is_closed=True, text="", expected_version=finding.version,
            actor=moved, at=at("2026-12-02 09:00:00"),
        ),
        lambda: operations.raise_finding(
            branch_id=cast.east.pk, month=NOVEMBER, title="x", facts="x",
            owner_id=cast["周建平"].pk, actor=moved, at=at("2026-12-02 09:00:00"),
        ),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            act()
    Person.objects.filter(pk=cast["韩静"].pk).update(branch=cast.head)
    RoleGrant.objects.create(person=cast["韩静"], role="deputy", branch=cast.east, valid_from=BEGIN)
    with pytest.raises(NotAllowed):
        recheck(cast, finding, "2026-12-02 09:00:00", is_closed=True)


def test_the_branch_confirms_and_nobody_else(cast: Cast) -> None:
    finding = raised(cast, owner_id=cast["何俊峰"].pk)
    for who in ("郑秋实", "林晓岚", "马骏"):
        with pytest.raises(NotFound):
            confirm(cast, finding, "2026-11-30 09:00:00", who)
    for who in ("何俊峰", "韩静", "孙岚"):
        with pytest.raises(NotAllowed):
            confirm(cast, finding, "2026-11-30 09:00:00", who)
    assert confirm(cast, finding, "2026-11-30 09:00:00", "钱慧敏").state == "confirmed"


def test_who_is_responsible_answers_too(cast: Cast) -> None:
    finding = confirm(cast, raised(cast, owner_id=cast["何俊峰"].pk), "2026-11-30 09:00:00")
    with pytest.raises(NotFound):
        answer(cast, finding, "2026-12-01 09:00:00", "林晓岚")
    assert answer(cast, finding, "2026-12-01 09:00:00", "何俊峰").state == "answered"


def test_who_is_responsible_belongs_to_the_branch(cast: Cast) -> None:
    for who in ("吴志远", "韩静"):
        with pytest.raises(Refused, match="责任人"):
            raised(cast, owner_id=cast[who].pk)


def test_what_cannot_be_evidence_is_refused(cast: Cast) -> None:
    finding = confirm(cast, raised(cast), "2026-11-30 09:00:00")
    for bad in (Evidence("页面.html", b"<script>"), Evidence("空.pdf", b"")):
        with pytest.raises(Refused):
            answer(cast, finding, "2026-12-01 09:00:00", evidence=bad)
    assert finding.steps.count() == 2


def test_two_at_once_the_second_is_told(cast: Cast) -> None:
    finding = raised(cast)
    confirm(cast, finding, "2026-11-30 09:00:00")
    with pytest.raises((Stale, Refused)):
        object_to(cast, finding, "2026-11-30 09:00:00")
    fresh = Finding.objects.get(pk=finding.pk)
    fresh.version -= 1
    with pytest.raises(Stale):
        answer(cast, fresh, "2026-11-30 10:00:00")


# A line of a report


def test_one_press_makes_a_finding_of_a_line_with_its_facts(november: Cast) -> None:
    file_all(november, but=[("何俊峰", 47), ("何俊峰", 48)])
    moment = at("2026-12-01 09:00:00")
    market = acting(november, "韩静", moment)
    given = {"month": NOVEMBER, "branch_id": november.east.pk, "item": "punctual"}
    finding = raise_of_line(**given, actor=market, at=moment)  # type: ignore[arg-type]
    assert (finding.title, finding.source) == ("2026年11月计划与周报及时：缺 2", "report")
    assert finding.facts == "何俊峰 第 47 周周报未交\n何俊峰 第 48 周周报未交"
    assert (finding.deduction, finding.clause) == (Decimal("2.00"), "W5")
    assert (finding.owner, finding.due_on) == (november["何俊峰"], date(2026, 12, 8))
    assert [row["url"] for row in finding.rows] == [
        f"/spot-checks/2026-11/{november.east.pk}/#item-punctual",
        f"/weeks/2026-W47/of/{november['何俊峰'].pk}/",
        f"/weeks/2026-W48/of/{november['何俊峰'].pk}/",
    ]
    assert raise_of_line(**given, actor=market, at=moment) == finding  # type: ignore[arg-type]
    assert Finding.objects.count() == 1


def test_a_line_of_several_people_is_the_supervisors(november: Cast) -> None:
    file_all(november, but=[("何俊峰", 47), ("陈嘉怡", 48)])
    moment = at("2026-12-01 09:00:00")
    finding = raise_of_line(
        month=NOVEMBER,
        branch_id=november.east.pk,
        item="punctual",
        actor=acting(november, "韩静", moment),
        at=moment,
    )
    assert finding.owner == november["周建平"]


def test_a_line_without_a_deviation_is_no_finding(november: Cast) -> None:
    file_all(november)
    moment = at("2026-12-01 09:00:00")
    for item, error in (("punctual", Refused), ("nothing", NotFound)):
        with pytest.raises(error):
            raise_of_line(
                month=NOVEMBER,
                branch_id=november.east.pk,
                item=item,
                actor=acting(november, "韩静", moment),
                at=moment,
            )


# The month's end


def run_month_end(moment: str) -> None:
    jobs.tick(at("2026-11-30 23:00:00"))
    jobs.tick(at(moment))
    jobs.run_due(at(moment))


def three(cast: Cast) -> dict[str, Finding]:
    """One to confirm, one to put right, one that is closed."""
    closed = answer(cast, confirm(cast, raised(cast), "2026-11-27 11:00:00"), "2026-11-27 12:00:00")
    return {
        "open": raised(cast),
        "to rectify": confirm(cast, raised(cast), "2026-11-27 11:00:00"),
        "closed": recheck(cast, closed, "2026-11-27 13:00:00", is_closed=True),
    }


def states(found: dict[str, Finding]) -> dict[str, tuple[str, int]]:
    return {
        name: (
            Finding.objects.get(pk=one.pk).state,
            one.steps.filter(kind="carried", at=at("2026-12-01 00:00:00"), by=None).count(),
        )
        for name, one in found.items()
    }


CARRIED = {"open": ("open", 1), "to rectify": ("carried", 1), "closed": ("closed", 0)}


def test_at_the_months_end_what_is_open_is_carried_over(cast: Cast) -> None:
    found = three(cast)
    run_month_end("2026-11-30 23:59:59")
    assert states(found)["to rectify"] == ("confirmed", 0)
    run_month_end("2026-12-01 00:00:00")
    assert states(found) == CARRIED
    run_month_end("2026-12-01 09:00:00")
    assert states(found) == CARRIED
    told = Notice.objects.filter(group="findings:2026-11", person=cast["周建平"])
    assert list(told.values_list("title", "body")) == [
        ("2 个问题转入下月", "WT-2026-0002\nWT-2026-0003")
    ]
    assert AuditRow.objects.filter(what="inspections.carry_over").count() == 1


def test_days_late_it_leaves_the_same(cast: Cast) -> None:
    found = three(cast)
    confirm(cast, found["open"], "2026-12-01 09:00:00")
    raised(cast, "2026-12-01 09:30:00")
    run_month_end("2026-12-03 09:00:00")
    assert states(found) == {**CARRIED, "open": ("confirmed", 1)}
    assert FindingStep.objects.filter(kind="carried").count() == 2


def test_what_moved_on_meanwhile_stays_where_it_is(cast: Cast) -> None:
    found = three(cast)
    answered = answer(cast, found["to rectify"], "2026-12-01 09:00:00")
    recheck(cast, answered, "2026-12-01 10:00:00", is_closed=False)
    run_month_end("2026-12-03 09:00:00")
    assert states(found)["to rectify"] == ("confirmed", 1)


def test_what_was_carried_over_is_answered_and_closed(cast: Cast) -> None:
    found = three(cast)
    run_month_end("2026-12-01 00:00:00")
    finding = answer(cast, Finding.objects.get(pk=found["to rectify"].pk), "2026-12-01 09:00:00")
    assert recheck(cast, finding, "2026-12-02 09:00:00", is_closed=True).state == "closed"


def test_by_hand_with_a_reason_and_a_new_day(cast: Cast) -> None:
    finding = confirm(cast, raised(cast), "2026-11-30 09:00:00")
    values = {"finding_id": finding.pk, "expected_version": finding.version}
    market = {"actor": acting(cast, "韩静", at("2026-12-04 09:00:00")),
              "at": at("2026-12-04 09:00:00")}  # fmt: skip
    day = date(2026, 12, 31)
    for wrong in ({"text": "", "due_on": day}, {"text": "等设备", "due_on": date(2026, 12, 3)}):
        with pytest.raises(Refused):
            operations.carry_over(**values, **wrong, **market)  # type: ignore[arg-type]
    carried = operations.carry_over(text="等设备", due_on=day, **values, **market)  # type: ignore[arg-type]
    assert (carried.state, carried.due_on) == ("carried", day)


def test_carrying_costs_the_same_for_many(cast: Cast) -> None:
    def statements() -> int:
        job = Job.objects.get(kind="inspections.carry_findings")
        Job.objects.filter(pk=job.pk).update(state="waiting", attempt=0)
        FindingStep.objects.filter(kind="carried").delete()
        Finding.objects.filter(state="carried").update(state="confirmed")
        Notice.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            jobs.run(job.pk, at=at("2026-12-01 00:01:00"))
        return len(captured)

    three(cast)
    run_month_end("2026-12-01 00:00:00")
    few = statements()
    for n in range(12):
        raised(cast, title=f"又一个 {n}")
    assert statements() == few


# What waits, what falls due, what is found


def test_what_waits_for_whom(cast: Cast) -> None:
    def waiting() -> dict[str, int]:
        names = ("韩静", "周建平", "赵国梁", "何俊峰", "郑秋实")
        return {who: waiting_count(cast.actor(who)) for who in names}

    finding = raised(cast, owner_id=cast["何俊峰"].pk)
    assert waiting() == {"韩静": 0, "周建平": 1, "赵国梁": 1, "何俊峰": 0, "郑秋实": 0}
    finding = confirm(cast, finding, "2026-11-30 09:00:00")
    assert waiting() == {"韩静": 0, "周建平": 1, "赵国梁": 1, "何俊峰": 1, "郑秋实": 0}
    answer(cast, finding, "2026-12-01 09:00:00")
    assert waiting() == {"韩静": 1, "周建平": 0, "赵国梁": 0, "何俊峰": 0, "郑秋实": 0}


def test_what_a_finding_implies_falls_due(cast: Cast) -> None:
    people = [cast[who].pk for who in ("周建平", "何俊峰", "郑秋实")]
    first, last = at("2026-11-27 00:00:00"), at("2026-12-31 00:00:00")
    finding = raised(cast, owner_id=cast["何俊峰"].pk)
    found = [(item.person_id, item.title, item.due_at) for item in due_items(people, first, last)]
    assert found == [(cast["周建平"].pk, "确认问题：例会没有签到表", RESPOND_BY)]
    confirm(cast, finding, "2026-11-30 09:00:00")
    found = [(item.person_id, item.title, item.due_at) for item in due_items(people, first, last)]
    assert found == [(cast["何俊峰"].pk, "整改：例会没有签到表", at("2026-12-04 18:00:00"))]
    assert due_items(people, first, at("2026-12-04 17:59:59")) == []


def test_go_anywhere_finds_findings_one_may_see(cast: Cast) -> None:
    finding = raised(cast, owner_id=cast["何俊峰"].pk)
    for who, words in (("韩静", "WT-2026-0001"), ("周建平", "签到"), ("何俊峰", "hejunfeng")):
        hits = search(cast.actor(who), words, 5)
        assert [hit.url for hit in hits] == [f"/findings/{finding.pk}/"]
    for who in ("郑秋实", "吴志远", "马骏", "许衡"):
        assert search(cast.actor(who), "签到", 5) == []


def test_the_list_is_filtered_by_what_is_asked(cast: Cast) -> None:
    moment = at("2026-12-03 09:00:00")
    first = raised(cast)
    second = confirm(cast, raised(cast, title="另一件"), "2026-11-30 09:00:00")

    def found(**asked: str) -> list[int]:
        rows = find_findings(cast.actor("韩静"), Asked(**asked), moment)
        return sorted(row.pk for row in rows)

    assert found() == [first.pk, second.pk]
    assert found(state="overdue") == [first.pk]
    assert found(state="confirmed") == [second.pk]
    assert found(state="branch") == [first.pk, second.pk]
    assert found(state="market") == []
    assert found(words="另一件") == [second.pk]
    assert found(month="2026-10") == []
    assert found(branch=str(cast.west.pk)) == []


def test_a_finding_keeps_its_days_when_its_month_has_gone(cast: Cast) -> None:
    finding = raised(cast, due_on=date(2026, 12, 15))
    assert finding.due_on == date(2026, 12, 15)
    with pytest.raises(Refused):
        raised(cast, due_on=date(2026, 11, 26))

"""Bonus and penalty cases (K3, annex 3.13): filed, stated, reviewed, decided, counted once."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import NotAllowed, NotFound, Refused, Stale
from core.evidence import Evidence
from core.files import content_of
from core.models import AuditRow
from core.periods import Month
from customers.models import Customer
from duties.models import Notice
from kpi.choices import CaseState
from kpi.computing import provisional
from kpi.models import Case, Correction, ScoreSheet
from kpi.operations import cases as operations
from kpi.operations.case_filing import AlreadyFiled
from kpi.operations.corrections import decide_correction
from kpi.queries.case_due import due_items
from kpi.queries.case_proof import suggested_arrears
from kpi.queries.cases import Asked, acts_of, find_cases, search, state_counts
from kpi.sources.cases import METRIC, compute
from organization.models import RoleGrant
from tests.cast import BEGIN, Cast, at
from tests.domain.cases import (
    CERTIFICATE,
    DECIDED,
    FILED,
    REVIEWED,
    STATED,
    billed,
    case_decided,
    case_filed,
    case_reviewed,
    case_stated,
    case_through,
    lost,
)
from tests.domain.scores import FROZEN, computed, lines_of, month_of_work, ticked, version_of
from tests.domain.test_two_at_once import both, both_look_first
from tests.domain.week import acting, logged

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)
DECEMBER = Month(2026, 12)
# After the lock of November.
LATE = at("2026-12-14 10:00:00")


def counted(
    cast: Cast,
    item: str,
    *,
    who: str = "林晓岚",
    month: Month = NOVEMBER,
    cut: datetime = FROZEN,
) -> Any:
    """What the metric counts of somebody at the month's freeze, or at another cut."""
    return compute(month, [cast[who].pk], cut, [item])[item][cast[who].pk]


# From the facts to the points


def test_from_the_facts_to_the_points(cast: Cast) -> None:
    case = case_filed(cast)
    assert (case.number, case.state, case.month) == ("JF-2026-0001", "filed", "2026-11")
    assert (case.proposed, case.points) == (Decimal("2.00"), None)
    case = case_stated(cast, case)
    case = case_reviewed(cast, case)
    case = case_decided(cast, case)
    assert (case.state, case.points, case.is_veto) == ("approved", Decimal("2.00"), False)
    assert (case.statement, case.opinion, case.decision) == (
        "情况属实。",
        "核对过，同意。",
        "按方案认定。",
    )
    assert [case.stated_at, case.reviewed_at, case.decided_at] == [STATED, REVIEWED, DECIDED]
    assert counted(cast, "B2") == {
        "cases": [
            {
                "option": "city",
                "points": "2.00",
                "label": "JF-2026-0001",
                "event": f"manager:{cast['林晓岚'].pk}:金牌客户经理竞赛",
            }
        ]
    }
    whats = AuditRow.objects.filter(target_type="case").order_by("pk")
    assert [(row.what, row.after["state"]) for row in whats] == [
        ("kpi.file_case", "filed"),
        ("kpi.state_case", "stated"),
        ("kpi.review_case", "reviewed"),
        ("kpi.decide_case", "approved"),
    ]


def test_each_step_tells_whoever_comes_next(cast: Cast) -> None:
    case = case_filed(cast, by="韩静")
    told = Notice.objects.filter(group=f"case:{case.pk}").order_by("pk")
    case = case_stated(cast, case)
    case = case_reviewed(cast, case)
    case_decided(cast, case)
    assert [(one.person.name, one.title) for one in told] == [
        ("林晓岚", "JF-2026-0001 有一项竞赛获奖申报，请在 12月1日（周二）18:00 前说明"),
        ("周建平", "JF-2026-0001 等您出意见：林晓岚"),
        ("赵国梁", "JF-2026-0001 等您决定：林晓岚"),
        ("林晓岚", "JF-2026-0001 已认定：+2.00 分，计入2026年11月"),
        ("韩静", "JF-2026-0001 已认定：+2.00 分，计入2026年11月"),
    ]


def test_a_case_that_is_not_one_counts_nothing_and_can_be_filed_again(cast: Cast) -> None:
    case = case_reviewed(cast, case_stated(cast, case_filed(cast)))
    case = case_decided(cast, case, is_approved=False)
    assert (case.state, case.points) == ("rejected", None)
    assert counted(cast, "B2") == {"cases": []}
    assert case_filed(cast).number == "JF-2026-0002"


def test_numbers_run_through_the_year(cast: Cast) -> None:
    first = [case_filed(cast, subject=f"第 {n} 次竞赛").number for n in (1, 2)]
    january = at("2027-01-05 10:00:00")
    first.append(case_filed(cast, subject="新年竞赛", moment=january).number)
    assert first == ["JF-2026-0001", "JF-2026-0002", "JF-2027-0001"]


# Who files


@pytest.mark.parametrize("by", ["周建平", "赵国梁", "钱慧敏", "韩静"])
def test_leaders_and_the_market_department_file(cast: Cast, by: str) -> None:
    case = case_filed(cast, "D4", by=by, option="local", subject="城东晚报")
    assert (case.raised_by.name, case.proposed) == (by, Decimal("-10.00"))


@pytest.mark.parametrize("by", ["孙岚", "马骏", "宋琪", "许衡", "沈默", "陈嘉怡"])
def test_others_file_nothing_about_anybody(cast: Cast, by: str) -> None:
    with pytest.raises(NotAllowed):
        case_filed(cast, by=by)


def test_another_branchs_manager_is_not_there(cast: Cast) -> None:
    for by in ("周建平", "赵国梁"):
        with pytest.raises(Refused) as refused:
            case_filed(cast, who="吴志远", by=by)
        assert refused.value.field == "manager"
    assert case_filed(cast, who="吴志远", by="韩静").branch == cast.west


def test_a_manager_proposes_the_own_bonus_and_no_penalty(cast: Cast) -> None:
    case = case_filed(cast, by="林晓岚")
    assert (case.state, case.stated_at) == ("stated", FILED)
    assert Notice.objects.get(group=f"case:{case.pk}").person == cast["周建平"]
    with pytest.raises(NotAllowed, match="扣分"):
        case_filed(cast, "D4", by="林晓岚", option="local", subject="城东晚报")
    with pytest.raises(NotAllowed):
        case_filed(cast, who="陈嘉怡", by="林晓岚")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"item": "M1"}, "item"),
        ({"item": "X9"}, "item"),
        ({"option": "world"}, "option"),
        ({"option": ""}, "option"),
        ({"subject": " "}, "subject"),
        ({"subject": "《》"}, "subject"),
        ({"subject": "字" * 121}, "subject"),
        ({"facts": " "}, "facts"),
        ({"points": Decimal(3)}, "points"),
        ({"happened_on": date(2026, 11, 28)}, "happened_on"),
        ({"item": "B1", "subject": "", "option": ""}, "customer"),
        ({"item": "D3", "subject": "", "option": ""}, "complaint"),
    ],
)
def test_what_makes_no_case_is_refused_beside_its_field(
    cast: Cast, wrong: dict[str, Any], field: str
) -> None:
    item = wrong.pop("item", "B2")
    with pytest.raises(Refused) as refused:
        case_filed(cast, item, **wrong)
    assert refused.value.problems[0].field == field
    assert not Case.objects.exists()
    assert not AuditRow.objects.filter(what="kpi.file_case").exists()


# Heard before judged


def test_the_supervisor_waits_for_the_statement_or_its_days(cast: Cast) -> None:
    case = case_filed(cast, by="韩静")
    due = at("2026-12-01 18:00:00")
    for early in (STATED, due):
        with pytest.raises(Refused, match="等本人说明"):
            case_reviewed(cast, case, moment=early)
    case = case_reviewed(cast, case, moment=due + timedelta(seconds=1))
    assert (case.state, case.stated_at) == ("reviewed", None)
    case = case_stated(cast, case, moment=due + timedelta(minutes=1))
    assert (case.state, case.statement) == ("reviewed", "情况属实。")


def test_the_general_manager_waits_for_the_opinion_or_its_days(cast: Cast) -> None:
    case = case_stated(cast, case_filed(cast, by="韩静"))
    due = at("2026-12-02 12:00:00")  # the freeze comes before two working days are over
    for early in (DECIDED, due):
        with pytest.raises(Refused, match="等主管出意见"):
            case_decided(cast, case, moment=early)
    assert case_decided(cast, case, moment=due + timedelta(seconds=1)).state == "approved"


def test_a_supervisor_who_filed_it_has_said_his_opinion(cast: Cast) -> None:
    case = case_stated(cast, case_filed(cast, by="周建平"))
    assert case_decided(cast, case).state == "approved"


def test_only_the_manager_states_and_once(cast: Cast) -> None:
    case = case_filed(cast)
    for who, error in (("周建平", NotAllowed), ("韩静", NotAllowed), ("陈嘉怡", NotFound)):
        with pytest.raises(error):
            case_stated(cast, case, who)
    case = case_stated(cast, case)
    with pytest.raises(Refused, match="说明已写过"):
        case_stated(cast, case)


def test_a_supervisor_gives_no_opinion_on_himself(cast: Cast) -> None:
    """何俊峰 stands in as supervisor; the case is about him."""
    RoleGrant.objects.create(
        person=cast["何俊峰"], role="supervisor", branch=cast.east, valid_from=BEGIN
    )
    case = case_stated(cast, case_filed(cast, who="何俊峰", by="韩静"))
    for who in ("何俊峰", "赵国梁", "韩静"):
        with pytest.raises(NotAllowed):
            case_reviewed(cast, case, who)
    assert case_reviewed(cast, case, "周建平").reviewed_by == cast["周建平"]


# Who decides


def test_the_general_manager_decides_and_nobody_else(cast: Cast) -> None:
    case = case_reviewed(cast, case_stated(cast, case_filed(cast, by="韩静")))
    for who in ("钱慧敏", "周建平", "韩静", "孙岚", "林晓岚"):
        with pytest.raises(NotAllowed):
            case_decided(cast, case, who)
    for who in ("郑秋实", "陈嘉怡", "马骏"):
        with pytest.raises(NotFound):
            case_decided(cast, case, who)
    assert case_decided(cast, case).decided_by == cast["赵国梁"]


@pytest.mark.parametrize("who", ["钱慧敏", "韩静"])
def test_what_the_general_manager_filed_another_decides(cast: Cast, who: str) -> None:
    case = case_reviewed(cast, case_stated(cast, case_filed(cast, by="赵国梁")))
    told = Notice.objects.filter(group=f"case:{case.pk}", title__contains="等您决定")
    assert {one.person.name for one in told} == {"钱慧敏", "韩静"}
    with pytest.raises(NotAllowed):
        case_decided(cast, case, "赵国梁")
    assert case_decided(cast, case, who).decided_by == cast[who]


def test_whoever_gave_the_opinion_does_not_decide(cast: Cast) -> None:
    """赵国梁 stands in as supervisor and gives the opinion."""
    RoleGrant.objects.create(
        person=cast["赵国梁"], role="supervisor", branch=cast.east, valid_from=BEGIN
    )
    case = case_reviewed(cast, case_stated(cast, case_filed(cast, by="韩静")), "赵国梁")
    with pytest.raises(NotAllowed):
        case_decided(cast, case, "赵国梁")
    assert case_decided(cast, case, "钱慧敏").state == "approved"


def test_without_a_general_manager_the_market_department_decides(cast: Cast) -> None:
    """West has a supervisor alone, who filed it."""
    case = case_stated(cast, case_filed(cast, who="吴志远", by="郑秋实"))
    with pytest.raises(NotAllowed):
        case_decided(cast, case, "郑秋实")
    assert case_decided(cast, case, "韩静").state == "approved"


def test_who_can_do_what_is_what_the_page_offers(cast: Cast) -> None:
    case = case_filed(cast, by="韩静")
    offered = {
        who: acts_of(acting(cast, who, FILED), case, FILED)
        for who in ("林晓岚", "周建平", "赵国梁", "钱慧敏", "韩静", "孙岚")
    }
    assert offered == {
        "林晓岚": {"state"},
        "周建平": {"review"},
        "赵国梁": {"decide"},
        "钱慧敏": set(),
        "韩静": {"withdraw"},
        "孙岚": set(),
    }


# Points


def test_the_decision_may_name_another_option(cast: Cast) -> None:
    case = case_reviewed(cast, case_stated(cast, case_filed(cast, by="韩静")))
    with pytest.raises(Refused) as refused:
        case_decided(cast, case, option="city", points=Decimal(3))
    assert refused.value.field == "points"
    case = case_decided(cast, case, option="province")
    assert (case.option, case.points) == ("province", Decimal("4.00"))
    assert case.count_key.endswith("|province")


def test_the_items_cap_is_the_schemes(cast: Cast) -> None:
    for n, option in enumerate(("province", "nation")):
        case_through(cast, case_filed(cast, option=option, subject=f"第 {n} 次竞赛"))
    month_of_work(cast)
    computed()
    line = lines_of(version_of(cast, "林晓岚"))["B2"]
    assert (len(line["inputs"]["cases"]), line["score"]) == (2, "8.00")


def test_a_veto_caps_the_grade_on_the_sheet(cast: Cast) -> None:
    month_of_work(cast)
    case = case_filed(cast, "V", option="leak", subject="客户名单外传的处理决定", by="韩静")
    assert case.proposed == 0
    case = case_decided(cast, case_reviewed(cast, case_stated(cast, case)))
    assert (case.is_veto, case.points) == (True, Decimal("0.00"))
    computed()
    version = version_of(cast, "林晓岚")
    sheet = ScoreSheet.objects.get(manager=cast["林晓岚"])
    assert (version.content["is_vetoed"], sheet.band, sheet.total) == (
        True,
        "unqualified",
        Decimal("91.88"),
    )
    (row,) = METRIC.rows(NOVEMBER, cast["林晓岚"].pk, FROZEN, "V")
    assert (row.label, row.state_text) == (case.number, "一票否决")


# Counted once


def test_the_same_event_is_refused_with_a_way_to_the_first(cast: Cast) -> None:
    first = case_filed(cast)
    for by, subject in (("韩静", "《金牌客户经理》竞赛"), ("林晓岚", "金牌客户经理 竞赛")):
        with pytest.raises(AlreadyFiled, match="JF-2026-0001") as refused:
            case_filed(cast, by=by, subject=subject, happened_on=date(2026, 11, 21))
        assert refused.value.case_id == first.pk
    assert Case.objects.count() == 1


def test_of_a_contest_only_the_highest_counts(cast: Cast) -> None:
    city = case_filed(cast)
    with pytest.raises(AlreadyFiled):  # the first is not decided yet
        case_filed(cast, option="province")
    case_through(cast, city)
    with pytest.raises(AlreadyFiled):
        case_filed(cast, option="branch")
    province = case_through(cast, case_filed(cast, option="province"))
    assert province.points == Decimal("4.00")
    month_of_work(cast)
    computed()
    assert lines_of(version_of(cast, "林晓岚"))["B2"]["score"] == "4.00"


def test_a_higher_prize_in_a_later_month_earns_the_rest(cast: Cast) -> None:
    case_through(cast, case_filed(cast))
    later = at("2026-12-15 10:00:00")
    province = case_filed(cast, option="province", happened_on=date(2026, 12, 10), moment=later)
    province = case_stated(cast, province, moment=later)
    province = case_decided(cast, province, moment=later)
    assert (province.proposed, province.points, province.month) == (
        Decimal("4.00"),
        Decimal("2.00"),
        "2026-12",
    )


def test_what_was_taken_back_can_be_filed_again(cast: Cast) -> None:
    case = case_filed(cast)
    withdraw = partial(
        operations.withdraw_case, case_id=case.pk, why="填错了人", expected_version=1, at=STATED
    )
    with pytest.raises(NotAllowed):
        withdraw(actor=acting(cast, "赵国梁", STATED))
    assert withdraw(actor=acting(cast, "周建平", STATED)).state == "withdrawn"
    assert case_filed(cast).number == "JF-2026-0002"
    with pytest.raises(Stale):
        withdraw(actor=acting(cast, "周建平", STATED))


# K3.1: a customer kept


def kept(cast: Cast, **more: Any) -> Case:
    """东方纺织 stays; the retention was talked about unless said otherwise."""
    values = {"happened_on": date(2026, 8, 27), "customer": "东方纺织集团", **more}
    return case_filed(cast, "B1", facts="客户续签专线三年。", **values)


def test_a_customer_kept_needs_a_recorded_warning(cast: Cast) -> None:
    with pytest.raises(Refused, match="没有预警记录"):
        kept(cast)
    logged(cast, "林晓岚", "东方纺织集团", "2026-08-28 10:00:00", category="retention")
    with pytest.raises(Refused, match="没有预警记录"):  # it was talked about afterwards
        kept(cast)
    logged(cast, "林晓岚", "东方纺织集团", "2026-08-20 10:00:00", category="retention")
    case = kept(cast)
    assert (case.option, case.proposed) == ("A", Decimal("3.00"))


def test_a_mark_in_the_customers_file_is_a_warning_too(cast: Cast) -> None:
    from customers.operations import change_customer

    moment = at("2026-08-18 10:00:00")
    change_customer(
        customer_id=cast.customer("东方纺织集团").pk,
        changes={"state": "warned"},
        expected_version=1,
        actor=acting(cast, "林晓岚", moment),
        at=moment,
    )
    assert kept(cast).option == "A"


def test_a_customer_kept_is_paid_for_after_three_months(cast: Cast) -> None:
    logged(cast, "林晓岚", "东方纺织集团", "2026-08-25 10:00:00", category="retention")
    case = case_stated(cast, kept(cast, happened_on=date(2026, 9, 1), by="韩静"))
    case = case_reviewed(cast, case)
    last = at("2026-11-30 23:59:59")
    with pytest.raises(Refused, match="满 3 个月"):
        case_decided(cast, case, moment=last)
    of_case = Customer.objects.filter(code="G0001")
    of_case.update(state="lost")
    with pytest.raises(Refused, match="不是在网"):
        case_decided(cast, case, moment=last + timedelta(seconds=1))
    of_case.update(state="active")
    case = case_decided(cast, case, moment=last + timedelta(seconds=1))
    assert (case.points, case.month) == (Decimal("3.00"), "2026-11")


def test_a_customer_is_kept_once_in_three_months(cast: Cast) -> None:
    logged(cast, "林晓岚", "东方纺织集团", "2026-08-20 10:00:00", category="retention")
    kept(cast)
    with pytest.raises(AlreadyFiled):
        kept(cast, happened_on=date(2026, 11, 26))
    assert kept(cast, happened_on=date(2026, 11, 27)).number == "JF-2026-0002"


def test_the_customer_must_be_the_managers(cast: Cast) -> None:
    logged(cast, "林晓岚", "东方纺织集团", "2026-08-20 10:00:00", category="retention")
    for wrong in ({"who": "陈嘉怡"}, {"customer": "西岭水泥"}):
        with pytest.raises(Refused) as refused:
            kept(cast, **wrong)
        assert refused.value.field == "customer"


# K3.3: won over


def test_a_customer_won_is_paid_for_after_the_first_bill(cast: Cast) -> None:
    case = case_filed(cast, "B3", customer="城东人民医院", facts="从对手转网。", by="韩静")
    assert (case.option, case.proposed) == ("B", Decimal("2.00"))
    case = case_reviewed(cast, case_stated(cast, case))
    billed(cast, "城东人民医院", "2026-10")
    with pytest.raises(Refused, match="首次出账"):
        case_decided(cast, case)
    billed(cast, "城东人民医院", "2026-11", recorded=DECIDED)
    assert case_decided(cast, case).points == Decimal("2.00")


# K3.4: arrears


def test_arrears_are_suggested_from_the_bills_and_filed_once(cast: Cast) -> None:
    billed(cast, "东方纺织集团", "2026-11", days=65)
    billed(cast, "明珠酒店", "2026-11", days=31)
    billed(cast, "华立机械厂", "2026-11", days=30)
    billed(cast, "西岭水泥", "2026-11", days=95)

    def suggested() -> list[tuple[str, int]]:
        found = suggested_arrears({cast.east.pk}, ["D1"], FILED)
        return [(one.bill.customer.name, one.band) for one in found]

    assert suggested() == [("东方纺织集团", 60), ("明珠酒店", 30)]
    assert len(suggested_arrears(None, ["D1"], FILED)) == 3
    case = case_filed(cast, "D1", customer="东方纺织集团", files=(), by="韩静")
    assert (case.option, case.proposed) == ("over60", Decimal("-2.00"))
    assert suggested() == [("明珠酒店", 30)]
    case = case_through(cast, case)
    assert (case.points, counted(cast, "D1")["cases"][0]["points"]) == (Decimal("-2.00"), "-2.00")
    with pytest.raises(AlreadyFiled):
        case_filed(cast, "D1", customer="东方纺织集团", happened_on=date(2026, 11, 3))
    billed(cast, "东方纺织集团", "2026-12", days=95)
    december = case_filed(
        cast,
        "D1",
        customer="东方纺织集团",
        happened_on=date(2026, 12, 31),
        moment=at("2027-01-04 10:00:00"),
    )
    assert (december.option, december.month) == ("over90", "2026-12")


def test_arrears_go_by_the_bill(cast: Cast) -> None:
    billed(cast, "东方纺织集团", "2026-11", days=65)
    with pytest.raises(Refused, match="超过 60 天") as refused:
        case_filed(cast, "D1", customer="东方纺织集团", option="over30")
    assert refused.value.field == "option"
    billed(cast, "城东人民医院", "2026-11")
    with pytest.raises(Refused, match="没有要计的欠费"):
        case_filed(cast, "D1", customer="城东人民医院", option="over30")


def test_arrears_without_a_bill_need_a_file(cast: Cast) -> None:
    case = case_filed(cast, "D1", customer="东方纺织集团", option="over30", files=(), by="韩静")
    case = case_reviewed(cast, case_stated(cast, case))
    with pytest.raises(Refused, match="证明材料"):
        case_decided(cast, case)
    case = operations.add_case_files(
        case_id=case.pk,
        files=[Evidence("催缴函.pdf", b"%PDF-1.7 x")],
        expected_version=case.version,
        actor=acting(cast, "韩静", REVIEWED),
        at=REVIEWED,
    )
    assert case_decided(cast, case).points == Decimal("-1.00")


# K3.5: a customer lost


def test_a_customer_lost_costs_by_the_tier(cast: Cast) -> None:
    with pytest.raises(Refused, match="还没有标为流失"):
        case_filed(cast, "D2", customer="东方纺织集团", cause="competitor", files=())
    lost(cast, "东方纺织集团")
    case = case_filed(cast, "D2", customer="东方纺织集团", cause="competitor", files=(), by="韩静")
    assert (case.option, case.proposed, case.particulars) == (
        "A",
        Decimal("-5.00"),
        {"cause": "competitor"},
    )
    assert case_through(cast, case).points == Decimal("-5.00")
    with pytest.raises(AlreadyFiled):
        case_filed(
            cast,
            "D2",
            customer="东方纺织集团",
            cause="price",
            happened_on=date(2026, 11, 25),
        )


@pytest.mark.parametrize("cause", ["closure", "relocation", "", "weather"])
def test_closure_and_relocation_are_no_loss(cast: Cast, cause: str) -> None:
    lost(cast, "明珠酒店")
    with pytest.raises(Refused) as refused:
        case_filed(cast, "D2", "陈嘉怡", customer="明珠酒店", cause=cause, files=())
    assert refused.value.field == "cause"


# K3.7: the media


def test_an_exposure_counts_once_a_manager(cast: Cast) -> None:
    case = case_filed(cast, "D4", option="national", subject="央视《财经》：强行搭售", by="韩静")
    assert case_through(cast, case).points == Decimal("-20.00")
    with pytest.raises(AlreadyFiled):
        case_filed(cast, "D4", option="local", subject="央视“财经”： 强行搭售")
    other = case_filed(cast, "D4", "陈嘉怡", option="national", subject="央视《财经》：强行搭售")
    assert other.number == "JF-2026-0002"


# The month it counts in


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-12-02 11:59:59", "2026-11"),
        ("2026-12-02 12:00:00", "2026-11"),
        ("2026-12-02 12:00:01", "2026-12"),
    ],
)
def test_after_the_freeze_a_decision_counts_in_the_open_month(
    cast: Cast, moment: str, month: str
) -> None:
    case = case_reviewed(cast, case_stated(cast, case_filed(cast, by="韩静")))
    case = case_decided(cast, case, moment=at(moment))
    assert case.month == month
    assert bool(counted(cast, "B2")["cases"]) is (month == "2026-11")
    manager_id = cast["林晓岚"].pk
    december = compute(DECEMBER, [manager_id], at("2027-01-05 12:00:00"), ["B2"])
    found = december["B2"][manager_id]
    assert found is not None
    assert bool(found["cases"]) is (month == "2026-12")


def test_what_is_filed_late_goes_to_the_open_month_at_once(cast: Cast) -> None:
    case = case_filed(cast, happened_on=date(2026, 9, 10))
    assert case.month == "2026-11"
    old = case_filed(cast, subject="去年竞赛", happened_on=date(2025, 11, 27))
    assert old.month == "2026-11"


@pytest.mark.parametrize("day", [date(2025, 11, 26), date(1900, 1, 1)])
def test_what_lies_more_than_a_year_back_is_not_filed(cast: Cast, day: date) -> None:
    with pytest.raises(Refused, match="一年以前的事不再申报，最早 2025-11-27") as raised:
        case_filed(cast, happened_on=day)
    assert raised.value.field == "happened_on"
    assert not Case.objects.exists()


def case_for_correction(cast: Cast) -> tuple[Case, Correction]:
    """The case is decided after the lock; 赵国梁 wants November's sheet to be right."""
    month_of_work(cast)
    case = case_reviewed(cast, case_stated(cast, case_filed(cast, by="韩静")))
    computed()
    early = at("2026-12-09 10:00:00")
    with pytest.raises(Refused, match="还没有锁定"):
        case_decided(cast, case, moment=early, as_correction=True)
    ticked(at("2026-12-11 23:00:00"), at("2026-12-12 00:00:00"))
    case = case_decided(cast, case, moment=LATE, as_correction=True)
    return case, Correction.objects.get()


def correction_decided(cast: Cast, correction: Correction, *, is_approved: bool) -> None:
    """钱慧敏 is the second person."""
    sheet = ScoreSheet.objects.get(manager=cast["林晓岚"])
    decide_correction(
        correction_id=correction.pk,
        is_approved=is_approved,
        decision="同意" if is_approved else "证据不足",
        expected_version=sheet.version,
        actor=acting(cast, "钱慧敏", LATE),
        at=LATE,
    )


def test_a_closed_month_is_changed_by_a_correction_alone(cast: Cast) -> None:
    """Until the second person approves it, the case counts nowhere, and says so."""
    case, correction = case_for_correction(cast)
    assert (case.state, case.month, case.points) == ("correcting", "2026-11", Decimal("2.00"))
    assert (correction.item, correction.inputs["cases"][0]["label"]) == ("B2", case.number)
    assert counted(cast, "B2", cut=LATE) == {"cases": []}
    assert provisional(cast["林晓岚"].pk, DECEMBER, LATE).inputs["B2"] == {"cases": []}  # type: ignore[union-attr]
    said = Notice.objects.filter(person=cast["林晓岚"], kind="case").latest("pk")
    assert said.title == f"{case.number} 的认定等第二人复核；2026年11月考核表更正后才计入"
    before = version_of(cast, "林晓岚")
    correction_decided(cast, correction, is_approved=True)
    after = version_of(cast, "林晓岚")
    assert (before.content["total"], after.content["total"]) == ("91.88", "93.88")
    case.refresh_from_db()
    assert (case.state, case.points) == ("approved", Decimal("2.00"))
    assert AuditRow.objects.filter(what="kpi.settle_case", target_id=str(case.pk)).count() == 1


def test_a_case_whose_correction_is_turned_down_is_open_again(cast: Cast) -> None:
    case, correction = case_for_correction(cast)
    with pytest.raises(Refused, match="这项申报已结束"):
        case_decided(cast, case, moment=LATE)
    correction_decided(cast, correction, is_approved=False)
    case.refresh_from_db()
    assert (case.state, case.points, case.decided_at) == ("reviewed", None, None)
    assert counted(cast, "B2", cut=LATE) == {"cases": []}
    said = Notice.objects.filter(person=cast["林晓岚"], kind="case").latest("pk")
    assert said.title == f"{case.number} 的更正未通过，没有计入2026年11月，可以重新决定"
    case = case_decided(cast, case, moment=LATE)
    assert (case.state, case.month) == ("approved", "2026-12")


def test_without_a_sheet_there_is_nothing_to_correct(cast: Cast) -> None:
    case = case_reviewed(cast, case_stated(cast, case_filed(cast, by="韩静")))
    with pytest.raises(Refused, match="没有他的考核表"):
        case_decided(cast, case, moment=at("2026-12-14 10:00:00"), as_correction=True)


# Evidence


def test_evidence_is_kept_with_its_level(cast: Cast) -> None:
    case = case_filed(cast, files=[CERTIFICATE, Evidence("报道.txt", "晚报".encode())], level=3)
    files = [one.file for one in case.files.order_by("pk")]
    assert [(one.name, one.level, one.kind, one.branch_id) for one in files] == [
        ("奖状.png", 3, "case", cast.east.pk),
        ("报道.txt", 3, "case", cast.east.pk),
    ]
    assert content_of(files[0]) == CERTIFICATE.content


@pytest.mark.parametrize(
    "bad",
    [
        Evidence("页面.html", b"<script>"),
        Evidence("空.pdf", b""),
        Evidence("假的.png", b"<script>alert(1)</script>"),
        Evidence("程序.pdf", b"MZ\x90\x00"),
        Evidence("坏的.xlsx", b"PK\x03\x04 nothing"),
        Evidence("二进制.txt", b"a\x00b"),
    ],
)
def test_evidence_is_what_its_name_says(cast: Cast, bad: Evidence) -> None:
    with pytest.raises(Refused) as refused:
        case_filed(cast, files=[bad])
    assert refused.value.field == "file"


def test_nothing_is_added_once_it_is_decided(cast: Cast) -> None:
    case = case_through(cast, case_filed(cast))
    with pytest.raises(Refused, match="已结束"):
        operations.add_case_files(
            case_id=case.pk,
            files=[CERTIFICATE],
            expected_version=case.version,
            actor=acting(cast, "周建平", DECIDED),
            at=DECIDED,
        )


# Two at once


def test_of_two_decisions_the_second_is_told(cast: Cast) -> None:
    case = case_reviewed(cast, case_stated(cast, case_filed(cast, by="赵国梁")))
    case_decided(cast, case, "钱慧敏")
    with pytest.raises(Stale) as stale:
        case_decided(cast, case, "韩静", is_approved=False)
    assert stale.value.current["state"] == "approved"


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_one_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.cast import make_cast

    cast = make_cast()
    case = case_reviewed(cast, case_stated(cast, case_filed(cast, by="韩静")))
    both_look_first(monkeypatch, operations, "_check_open")
    failures = both(lambda: case_decided(cast, case))
    assert [type(one) for one in failures] == [Stale]
    assert AuditRow.objects.filter(what="kpi.decide_case").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_event_filed_twice_at_one_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    from kpi.operations import case_filing
    from tests.cast import make_cast

    cast = make_cast()
    both_look_first(monkeypatch, case_filing, "check_alone")
    failures = both(lambda: case_filed(cast))
    assert [type(one) for one in failures] == [AlreadyFiled]
    assert Case.objects.count() == 1


# Due, lists, search


def due(cast: Cast, first: datetime = FILED) -> list[tuple[str, str, str]]:
    """Who owes what by when, in the four weeks that follow."""
    people = {person.pk: person.name for person in cast.people.values()}
    items = due_items(list(people), first, first + timedelta(days=28))
    return [(people[one.person_id], one.title, f"{one.due_at:%m-%d %H:%M}") for one in items]


def test_every_step_is_due_of_whoever_comes_next(cast: Cast) -> None:
    case = case_filed(cast, by="韩静")
    assert due(cast) == [("林晓岚", "说明加减分申报", "12-01 10:00")]
    case = case_stated(cast, case)
    assert due(cast) == [("周建平", "对加减分出意见：林晓岚", "12-02 04:00")]
    case = case_reviewed(cast, case)
    assert due(cast) == [("赵国梁", "决定加减分：林晓岚", "12-02 04:00")]
    case_decided(cast, case)
    assert due(cast) == []


def test_what_the_general_manager_filed_is_due_of_the_others(cast: Cast) -> None:
    case_reviewed(cast, case_stated(cast, case_filed(cast, by="赵国梁")))
    assert {who for who, _title, _at in due(cast)} == {"钱慧敏", "韩静"}


def test_lists_show_what_waits_for_the_reader(cast: Cast) -> None:
    case = case_filed(cast, by="韩静")
    own = case_filed(cast, by="林晓岚", subject="另一次竞赛")

    def mine(who: str, moment: datetime = FILED) -> list[Case]:
        return list(find_cases(acting(cast, who, moment), Asked(state="mine"), moment))

    assert (mine("林晓岚"), mine("周建平"), mine("赵国梁"), mine("韩静")) == ([case], [own], [], [])
    own = case_reviewed(cast, own)
    assert mine("赵国梁") == [own]
    counts = state_counts(acting(cast, "赵国梁", FILED), FILED)
    assert counts == {"mine": 1, "open": 2, "approved": 0, "rejected": 0}
    assert state_counts(acting(cast, "郑秋实", FILED), FILED)["open"] == 0
    filed = case_reviewed(
        cast, case_stated(cast, case_filed(cast, by="赵国梁", subject="第三次竞赛"))
    )
    assert mine("钱慧敏") == [filed] == mine("韩静")


def test_filters_leave_what_is_asked_for(cast: Cast) -> None:
    first = case_filed(cast)
    second = case_filed(cast, "D4", "陈嘉怡", option="local", subject="城东晚报", facts="上了晚报")
    actor = acting(cast, "韩静", FILED)

    def found(**asked: str) -> list[Case]:
        return list(find_cases(actor, Asked(**asked), FILED).order_by("pk"))

    assert found(words="lxl") == [first]
    assert found(words="晚报") == [second]
    assert found(item="D4") == [second]
    assert found(month="2026-11") == [first, second]
    assert found(state="open") == [first, second]
    assert found(state="approved") == []
    assert found(branch=str(cast.west.pk)) == []


def test_search_finds_what_one_may_see(cast: Cast) -> None:
    case = case_filed(cast)
    hits = {
        who: [hit.title for hit in search(acting(cast, who, FILED), "JF-2026", 5)]
        for who in ("林晓岚", "陈嘉怡", "周建平", "郑秋实", "韩静", "马骏")
    }
    seen = [f"{case.number} 林晓岚"]
    assert hits == {
        "林晓岚": seen,
        "陈嘉怡": [],
        "周建平": seen,
        "郑秋实": [],
        "韩静": seen,
        "马骏": [],
    }


def test_counting_takes_as_many_statements_for_fifty_cases_as_for_one(cast: Cast) -> None:
    def statements() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as counting:
            compute(NOVEMBER, [person.pk for person in cast.people.values()], FROZEN, ["B2"])
        with CaptureQueriesContext(connection) as owing:
            due_items([person.pk for person in cast.people.values()], FILED, FROZEN)
        return len(counting), len(owing)

    case_through(cast, case_filed(cast, subject="竞赛"))
    case_filed(cast, subject="竞赛 0", by="韩静")
    one = statements()
    for n in range(1, 26):
        case_filed(cast, subject=f"竞赛 {n}", by="韩静")
    Case.objects.filter(pk__in=Case.objects.order_by("-pk").values("pk")[:12]).update(
        state=CaseState.APPROVED, points=Decimal(1), decided_at=DECIDED
    )
    assert statements() == one

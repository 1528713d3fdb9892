"""Services of other days (W3, annex 6): of customers given away or lost, long past, taken back."""

from datetime import date, timedelta

import pytest

from core.errors import NotFound, Refused
from core.periods import local_date
from customers.models import Customer
from customers.operations import assign_manager, change_customer
from organization.models import BranchSetting
from tests.cast import NOON, Cast, at
from tests.domain.week import acting, entry, logged
from worklogs.log_queries import chosen_customer, found_choices
from worklogs.models import ServiceLog
from worklogs.operations.logs import correct_log, read_log, record_log, withdraw_log

pytestmark = pytest.mark.django_db

FIRM = "东方纺织集团"


def given_away(cast: Cast, on: str) -> None:
    """林晓岚 hands 东方纺织集团 over to 何俊峰."""
    assign_manager(
        customer_id=cast.customer(FIRM).pk,
        manager_id=cast["何俊峰"].pk,
        valid_from=date.fromisoformat(on),
        reason="调整片区",
        expected_version=1,
        actor=acting(cast, "周建平", NOON),
        at=NOON,
    )


def test_whoever_served_before_the_handover_still_logs_it(cast: Cast) -> None:
    given_away(cast, "2026-11-26")
    evening = "2026-11-27 18:00:00"
    log = logged(cast, "林晓岚", FIRM, "2026-11-25 23:59:59", recorded=evening)
    assert (log.manager, log.branch, log.is_late) == (cast["林晓岚"], cast.east, True)
    with pytest.raises(Refused) as refused:
        logged(cast, "林晓岚", FIRM, "2026-11-26 00:00:00", recorded=evening)
    assert [(one.field, str(one.message)) for one in refused.value.problems] == [
        ("occurred_at", "这家客户 2026-11-26 起不由您看管，只能补记看管期间的服务。")
    ]
    with pytest.raises(NotFound):  # never his
        logged(cast, "陈嘉怡", FIRM, "2026-11-25 10:00:00", recorded=evening)
    assert logged(cast, "何俊峰", FIRM, "2026-11-26 10:00:00", recorded=evening).number == 1


def test_a_correction_moves_no_service_into_anothers_days(cast: Cast) -> None:
    log = logged(cast, "林晓岚", FIRM, "2026-11-25 10:00:00")
    given_away(cast, "2026-11-26")

    def correct(occurred: str, number: int) -> ServiceLog:
        return correct_log(
            thread_id=log.thread_id or 0,
            entry=entry(cast, FIRM, occurred),
            reason="记错时间",
            expected_number=number,
            actor=acting(cast, "林晓岚", NOON),
            at=NOON,
        )

    assert correct("2026-11-24 10:00:00", 1).number == 2
    with pytest.raises(Refused):
        correct("2026-11-26 10:00:00", 2)


def test_the_form_finds_what_was_given_away_lately(cast: Cast) -> None:
    given_away(cast, "2026-11-26")
    lin, firm = acting(cast, "林晓岚", NOON), cast.customer(FIRM)
    assert [(one.label, one.note) for one in found_choices(lin, "东方", NOON)] == [
        (FIRM, "已移交，可补记移交前的服务")
    ]
    last = at("2026-12-26 12:00:00")
    assert chosen_customer(lin, firm.pk, last) is not None
    assert chosen_customer(lin, firm.pk, last + timedelta(days=1)) is None
    assert chosen_customer(acting(cast, "陈嘉怡", NOON), firm.pk, NOON) is None


def test_of_a_lost_customer_only_what_was_before(cast: Cast) -> None:
    lost_at = at("2026-11-25 15:00:00")
    change_customer(
        customer_id=cast.customer(FIRM).pk,
        changes={"state": "lost"},
        expected_version=1,
        actor=acting(cast, "林晓岚", lost_at),
        at=lost_at,
    )
    assert Customer.objects.get(name=FIRM).state_since == date(2026, 11, 25)
    noon = "2026-11-27 12:00:00"
    for day in ("24", "25"):
        assert logged(cast, "林晓岚", FIRM, f"2026-11-{day} 10:00:00", recorded=noon).pk
    with pytest.raises(Refused) as refused:
        logged(cast, "林晓岚", FIRM, "2026-11-26 00:00:00", recorded=noon)
    assert str(refused.value.message) == "这家客户 2026-11-25 已流失，只能补记当天和以前的服务。"
    assert refused.value.problems[0].field == "occurred_at"
    change_customer(
        customer_id=cast.customer(FIRM).pk,
        changes={"state": "regained", "note": "回来了"},
        expected_version=2,
        actor=acting(cast, "林晓岚", NOON),
        at=NOON,
    )
    assert Customer.objects.get(name=FIRM).state_since == local_date(NOON)
    assert logged(cast, "林晓岚", FIRM, "2026-11-26 10:00:00", recorded=noon).pk


def test_other_changes_leave_the_day_of_the_state_alone(cast: Cast) -> None:
    change_customer(
        customer_id=cast.customer(FIRM).pk,
        changes={"state": "active", "note": "新办公楼"},
        expected_version=1,
        actor=acting(cast, "林晓岚", NOON),
        at=NOON,
    )
    assert Customer.objects.get(name=FIRM).state_since is None


def _limit(cast: Cast, key: str, days: int, on: date) -> None:
    BranchSetting.objects.create(
        branch=cast.east, key=key, value=days, valid_from=on, set_at=NOON, set_by_name="马骏"
    )


def test_a_service_is_logged_within_so_many_days(cast: Cast) -> None:
    assert logged(cast, "林晓岚", FIRM, "2026-10-27 00:00:00", recorded="2026-11-27 12:00:00").pk
    with pytest.raises(Refused) as refused:
        logged(cast, "林晓岚", FIRM, "2026-10-26 23:59:59", recorded="2026-11-27 12:00:00")
    assert str(refused.value.message) == "服务日期最多早 31 天，更早的请主管安排导入。"
    assert refused.value.problems[0].field == "occurred_at"
    _limit(cast, "log_within_days", 5, date(2026, 11, 28))
    assert logged(cast, "林晓岚", FIRM, "2026-11-20 10:00:00", recorded="2026-11-27 23:59:59").pk
    with pytest.raises(Refused):
        logged(cast, "林晓岚", FIRM, "2026-11-22 10:00:00", recorded="2026-11-28 00:00:00")


def test_a_log_over_the_api_without_a_number_is_of_the_same_days(cast: Cast) -> None:
    lin = acting(cast, "林晓岚", NOON)

    def told(day: str) -> ServiceLog:
        one = entry(cast, FIRM, f"{day} 10:00:00")
        return record_log(entry=one, source="api", actor=lin, at=NOON)

    log = told("2026-10-27")
    with pytest.raises(Refused, match="最多早 31 天"):
        told("2026-10-26")
    with pytest.raises(Refused, match="最多早 31 天"):  # nor by way of a correction
        correct_log(
            thread_id=log.pk,
            entry=entry(cast, FIRM, "2026-10-26 10:00:00"),
            reason="记错日期",
            expected_number=1,
            actor=lin,
            at=NOON,
        )
    late = at("2026-12-12 12:00:00")
    with pytest.raises(Refused, match="服务已过 45 天"):  # counted from the service, as when typed
        correct_log(
            thread_id=log.pk,
            entry=entry(cast, FIRM, "2026-10-27 10:00:00", content="改一改内容"),
            reason="补充",
            expected_number=1,
            actor=acting(cast, "林晓岚", late),
            at=late,
        )


def test_what_another_system_tells_may_be_older_and_is_corrected_from_its_coming(
    cast: Cast,
) -> None:
    came = at("2026-11-27 12:00:00")

    def tell(content: str, moment: str) -> ServiceLog:
        return record_log(
            entry=entry(cast, FIRM, "2026-01-05 10:00:00", content=content),
            external_id="K-7",
            source="api",
            actor=acting(cast, "林晓岚", at(moment)),
            at=at(moment),
        )

    assert tell("年初走访", "2026-11-27 12:00:00").recorded_at == came
    assert tell("年初走访，谈续签", "2027-01-11 23:59:59").number == 2  # 45 days after it came
    with pytest.raises(Refused, match="导入已过 45 天"):
        tell("年初走访，又改", "2027-01-12 00:00:00")


def test_the_limit_of_corrections_is_a_setting(cast: Cast) -> None:
    log = logged(cast, "林晓岚", FIRM, "2026-11-20 10:00:00")
    _limit(cast, "log_correct_within_days", 6, date(2026, 11, 1))

    def correct(moment: str, number: int) -> ServiceLog:
        return correct_log(
            thread_id=log.thread_id or 0,
            entry=entry(cast, FIRM, "2026-11-20 10:00:00", content=f"第 {number} 次更正"),
            reason="补充",
            expected_number=number,
            actor=acting(cast, "林晓岚", at(moment)),
            at=at(moment),
        )

    assert correct("2026-11-26 23:59:59", 1).number == 2
    with pytest.raises(Refused, match="服务已过 6 天"):
        correct("2026-11-27 00:00:00", 2)


def test_what_was_taken_back_is_not_read(cast: Cast) -> None:
    log = logged(cast, "林晓岚", FIRM, "2026-11-27 15:12:00")
    moment = at("2026-11-27 15:14:00")
    withdraw_log(thread_id=log.pk, actor=acting(cast, "林晓岚", moment), at=moment)
    with pytest.raises(Refused, match="已撤销，不用批阅"):
        read_log(thread_id=log.pk, remark="好", actor=acting(cast, "周建平", moment), at=moment)
    assert ServiceLog.objects.get().read_at is None

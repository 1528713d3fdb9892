"""Service logs (W3): written once, corrected as versions, taken back, read by the supervisor."""

from datetime import timedelta

import pytest

from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow
from customers.operations import assign_manager
from tests.cast import Cast, at
from tests.domain.week import acting, entry, logged
from worklogs.models import ServiceLog
from worklogs.operations.logs import correct_log, read_log, record_log, withdraw_log

pytestmark = pytest.mark.django_db


def test_a_call_is_logged_with_everything_the_rules_add(cast: Cast) -> None:
    log = logged(
        cast, "林晓岚", "东方纺织集团", "2026-11-27 15:12:00", recorded="2026-11-27 15:14:02"
    )
    assert (log.thread_id, log.number, log.is_late, log.tier_code) == (log.pk, 1, False, "A")
    assert log.due_at == at("2026-11-28 00:00:00")
    assert (log.branch, log.manager, log.answer_due_at) == (cast.east, cast["林晓岚"], None)
    row = AuditRow.objects.get()
    assert (row.what, row.actor_name, row.target_label) == (
        "worklogs.record_log",
        "林晓岚",
        "东方纺织集团",
    )


@pytest.mark.parametrize(
    ("recorded", "is_late"), [("2026-11-27 23:59:59", False), ("2026-11-28 00:00:00", True)]
)
def test_the_same_working_day_to_the_second(cast: Cast, recorded: str, is_late: bool) -> None:
    log = logged(cast, "林晓岚", "东方纺织集团", "2026-11-27 09:00:00", recorded=recorded)
    assert log.is_late is is_late


def test_a_question_is_answered_as_it_is_logged_unless_it_stays_open(cast: Cast) -> None:
    asked = "2026-11-27 09:00:00"
    answered = logged(
        cast, "林晓岚", "城东人民医院", asked, recorded="2026-11-27 09:20:00", initiator="passive"
    )
    assert (answered.answer_due_at, answered.answered_at) == (
        at("2026-11-27 11:00:00"),
        at(asked),
    )
    waiting = logged(
        cast, "林晓岚", "城东人民医院", asked, initiator="passive", is_open=True, category="fault"
    )
    assert waiting.answered_at is None


def test_what_is_wrong_is_said_all_at_once_and_nothing_is_written(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        logged(
            cast,
            "林晓岚",
            "东方纺织集团",
            "2026-11-27 16:00:00",
            recorded="2026-11-27 15:00:00",
            channel="pigeon",
            content=" ",
        )
    assert [problem.field for problem in refused.value.problems] == [
        "channel",
        "content",
        "occurred_at",
    ]
    assert not ServiceLog.objects.exists()


def test_nobody_logs_for_a_customer_he_does_not_look_after(cast: Cast) -> None:
    with pytest.raises(NotFound):
        logged(cast, "林晓岚", "明珠酒店", "2026-11-27 09:00:00")
    with pytest.raises(NotAllowed):
        logged(cast, "周建平", "明珠酒店", "2026-11-27 09:00:00")


def test_a_correction_is_a_version_and_keeps_the_first_receipt(cast: Cast) -> None:
    log = logged(cast, "林晓岚", "东方纺织集团", "2026-11-26 09:00:00")
    moment = at("2026-11-27 10:00:00")
    newer = correct_log(
        thread_id=log.pk,
        entry=entry(cast, "东方纺织集团", "2026-11-26 09:00:00", channel="on_site"),
        reason="方式记错",
        expected_number=1,
        actor=acting(cast, "林晓岚", moment),
        at=moment,
    )
    log.refresh_from_db()
    assert (newer.number, newer.channel, newer.is_late) == (2, "on_site", False)
    assert (log.superseded_at, log.channel) == (moment, "phone")
    assert list(ServiceLog.objects.standing()) == [newer]
    assert list(ServiceLog.objects.counted_at(moment - timedelta(seconds=1))) == [log]
    with pytest.raises(Stale) as stale:
        correct_log(
            thread_id=log.pk,
            entry=entry(cast, "东方纺织集团", "2026-11-26 09:00:00"),
            reason="又一次",
            expected_number=1,
            actor=acting(cast, "林晓岚", moment),
            at=moment,
        )
    assert stale.value.current["number"] == 2


def test_a_log_is_corrected_by_its_writer_only(cast: Cast) -> None:
    log = logged(cast, "林晓岚", "东方纺织集团", "2026-11-27 09:00:00")
    moment = at("2026-11-27 10:00:00")
    for who, answer in (("周建平", NotAllowed), ("陈嘉怡", NotFound), ("吴志远", NotFound)):
        with pytest.raises(answer):
            correct_log(
                thread_id=log.pk,
                entry=entry(cast, "东方纺织集团", "2026-11-27 09:00:00"),
                reason="改一改",
                expected_number=1,
                actor=acting(cast, who, moment),
                at=moment,
            )


def test_the_writer_corrects_also_when_another_has_the_customer_by_now(cast: Cast) -> None:
    log = logged(cast, "林晓岚", "东方纺织集团", "2026-11-24 09:00:00")
    moment = at("2026-11-25 09:00:00")
    assign_manager(
        customer_id=log.customer_id,
        manager_id=cast["何俊峰"].pk,
        valid_from=moment.date(),
        reason="换片区",
        expected_version=1,
        actor=acting(cast, "周建平", moment),
        at=moment,
    )
    newer = correct_log(
        thread_id=log.pk,
        entry=entry(cast, "东方纺织集团", "2026-11-24 09:30:00"),
        reason="时间记错",
        expected_number=1,
        actor=acting(cast, "林晓岚", moment),
        at=moment,
    )
    assert (newer.number, newer.customer_id) == (2, log.customer_id)
    with pytest.raises(Refused):
        logged(cast, "林晓岚", "东方纺织集团", "2026-11-25 10:00:00")


def test_undo_works_ten_minutes_and_twice_is_once(cast: Cast) -> None:
    log = logged(cast, "林晓岚", "东方纺织集团", "2026-11-27 09:00:00")
    late = at("2026-11-27 09:10:01")
    with pytest.raises(Refused):
        withdraw_log(thread_id=log.pk, actor=acting(cast, "林晓岚", late), at=late)
    soon = at("2026-11-27 09:10:00")
    for _ in range(2):
        withdraw_log(thread_id=log.pk, actor=acting(cast, "林晓岚", soon), at=soon)
    assert not ServiceLog.objects.standing().exists()
    assert AuditRow.objects.filter(what="worklogs.withdraw_log").count() == 1


def test_the_same_external_id_is_one_log(cast: Cast) -> None:
    moment = at("2026-11-27 10:00:00")
    linx = acting(cast, "林晓岚", moment)
    first = entry(cast, "东方纺织集团", "2026-11-27 09:00:00")
    other = entry(cast, "东方纺织集团", "2026-11-27 09:00:00", content="来源系统改了内容。")
    made = [
        record_log(entry=one, actor=linx, at=moment, external_id="CRM-7", source="api")
        for one in (first, first, other, other)
    ]
    assert [log.number for log in made] == [1, 1, 2, 2]
    assert len({log.thread_id for log in made}) == 1
    assert ServiceLog.objects.standing().get().content == "来源系统改了内容。"


def test_another_systems_correction_comes_within_the_same_days(cast: Cast) -> None:
    served = "2026-10-13 09:00:00"
    first = entry(cast, "东方纺织集团", served)
    other = entry(cast, "东方纺织集团", served, content="来源系统改了内容。")
    for moment, one in ((at("2026-10-13 10:00:00"), first), (at("2026-11-28 10:00:00"), first)):
        record_log(entry=one, actor=acting(cast, "林晓岚", moment), at=moment, external_id="CRM-7")
    with pytest.raises(Refused):
        record_log(
            entry=other, actor=acting(cast, "林晓岚", moment), at=moment, external_id="CRM-7"
        )
    assert ServiceLog.objects.get().content == first.content


def test_the_supervisor_reads_and_remarks(cast: Cast) -> None:
    log = logged(cast, "林晓岚", "东方纺织集团", "2026-11-27 09:00:00")
    moment = at("2026-11-27 16:00:00")
    read = read_log(
        thread_id=log.pk, remark="说清楚报价", actor=acting(cast, "周建平", moment), at=moment
    )
    assert (read.read_by, read.read_remark) == (cast["周建平"], "说清楚报价")
    with pytest.raises(NotFound):
        read_log(thread_id=log.pk, remark="", actor=acting(cast, "郑秋实", moment), at=moment)
    with pytest.raises(NotAllowed):
        read_log(thread_id=log.pk, remark="", actor=acting(cast, "赵国梁", moment), at=moment)

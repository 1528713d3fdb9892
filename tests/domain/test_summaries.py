"""Weekly summaries (W4, W5): typed, filed to the second, given back, filed again, compared."""

import pytest

from core.drafts import draft_of
from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow
from core.periods import Week
from duties.models import Notice
from organization.models import RoleGrant
from tests.cast import FRIDAY, Cast, at
from tests.domain.week import TEXTS, WEEK, acting, filed, logged
from worklogs import figures
from worklogs.entries import SummaryEntry, draft_key
from worklogs.models import Reminder, Summary, SummaryVersion
from worklogs.operations.reminders import remind
from worklogs.operations.summaries import (
    confirm_summary,
    return_summary,
    review_summary,
    save_summary_draft,
    submit_summary,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("moment", "late"),
    [("17:29:59", 0), ("17:30:00", 0), ("17:30:01", 1), ("17:38:20", 9)],
)
def test_friday_to_the_second(cast: Cast, moment: str, late: int) -> None:
    version = filed(cast, "林晓岚", f"2026-11-27 {moment}")
    summary = Summary.objects.get()
    assert (summary.minutes_late, summary.received_at) == (late, at(f"2026-11-27 {moment}"))
    assert version.receipt == "CD-2026-W48-200004-1"


def test_the_figures_are_the_logs(cast: Cast) -> None:
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-23 10:00:00", channel="on_site")
    logged(cast, "林晓岚", "城东人民医院", "2026-11-24 10:00:00", channel="on_site")
    logged(cast, "林晓岚", "黄建国", "2026-11-25 10:00:00", channel="on_site")
    logged(cast, "林晓岚", "黄建国", "2026-11-25 11:00:00", initiator="passive")
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-22 10:00:00")  # last week's Sunday
    logged(
        cast,
        "林晓岚",
        "东方纺织集团",
        "2026-11-26 10:00:00",
        recorded="2026-11-27 08:00:00",
        category="complaint",
        initiator="passive",
        is_open=True,
    )
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-27 17:30:01")  # a supplement
    version = filed(cast, "林晓岚", "2026-11-27 17:35:00")
    assert {key: one["value"] for key, one in version.figures.items()} == {
        "on_site_a": "1",
        "on_site_b": "1",
        "on_site_c": "0",
        "on_site_persons": "1",
        "calls": "2",
        "active": "3",
        "passive": "2",
        "answered_in_time": "1",
        "complaints": "1",
        "late_logs": "1",
    }
    assert version.log_count == 5
    rows = figures.rows_counted(
        "passive", cast["林晓岚"].pk, WEEK, at("2026-11-27 17:30:00"), version.submitted_at
    )
    assert rows.count() == 2


def test_gaps_are_named_and_nothing_is_filed(cast: Cast) -> None:
    texts = {**TEXTS, "conclusions": "", "suggestions": ""}
    with pytest.raises(Refused) as refused:
        filed(cast, "林晓岚", "2026-11-27 17:13:41", texts=texts, declared={"active": ("11", "")})
    assert [(one.field, str(one.message)) for one in refused.value.problems] == [
        ("reason:active", "主动服务：申报 11，系统 0，写明原因或改回 0"),
        ("text:conclusions", "结论：写一句本周的判断"),
        ("text:suggestions", "建议：写一条，或选“本周无”"),
    ]
    assert not Summary.objects.exists()


def test_a_second_window_is_told_and_loses_nothing(cast: Cast) -> None:
    moment = at("2026-11-27 17:12:03")
    linx = acting(cast, "林晓岚", moment)

    def save(text: str, version: int) -> int:
        return save_summary_draft(
            manager_id=cast["林晓岚"].pk,
            week=WEEK,
            body={"texts": {"needs": text}},
            expected_version=version,
            actor=linx,
            at=moment,
        ).version

    assert save("甲窗口", 0) == 1
    assert save("甲窗口，继续", 1) == 2
    with pytest.raises(Stale) as stale:
        save("乙窗口", 1)
    assert stale.value.current["body"]["texts"] == {"needs": "甲窗口，继续"}
    with pytest.raises(Stale):
        filed(cast, "林晓岚", "2026-11-27 17:14:00", version=1)
    filed(cast, "林晓岚", "2026-11-27 17:14:26", version=2)
    assert draft_of(cast["林晓岚"].pk, draft_key(WEEK)) is None


def test_pressing_twice_gives_one_receipt(cast: Cast) -> None:
    receipts = {filed(cast, "林晓岚", f"2026-11-27 17:14:2{n}").receipt for n in (6, 7)}
    assert receipts == {"CD-2026-W48-200004-1"}
    assert AuditRow.objects.filter(what="worklogs.submit_summary").count() == 1


def test_given_back_with_reasons_on_the_fields_and_filed_again(cast: Cast) -> None:
    filed(cast, "林晓岚", "2026-11-27 16:00:00")
    summary = Summary.objects.get()
    back = at("2026-11-27 17:02:11")
    return_summary(
        summary_id=summary.pk,
        remarks={"text:conclusions": "说清楚是哪一家", "text:help": " "},
        expected_version=1,
        actor=acting(cast, "周建平", back),
        at=back,
    )
    draft = draft_of(cast["林晓岚"].pk, draft_key(WEEK))
    assert draft is not None
    assert draft.body["texts"] == TEXTS
    notice = Notice.objects.get(person=cast["林晓岚"])
    assert notice.title == "第 48 周周报被退回，1 栏要改"
    again = {**TEXTS, "conclusions": "城东医院的专线要换光路"}
    version = filed(cast, "林晓岚", "2026-11-27 18:10:00", texts=again, version=draft.version)
    summary.refresh_from_db()
    assert (version.number, summary.state, summary.minutes_late) == (2, "submitted", 0)
    first = SummaryVersion.objects.get(number=1)
    assert first.given_back.remarks == {"text:conclusions": "说清楚是哪一家"}
    assert (first.texts["conclusions"], version.texts["conclusions"]) == (
        TEXTS["conclusions"],
        "城东医院的专线要换光路",
    )


def test_two_supervisors_do_not_decide_over_each_other(cast: Cast) -> None:
    filed(cast, "林晓岚", "2026-11-27 16:00:00")
    summary = Summary.objects.get()
    moment = at("2026-11-27 16:30:00")
    zhou = acting(cast, "周建平", moment)
    review_summary(summary_id=summary.pk, opinion="实在", expected_version=1, actor=zhou, at=moment)
    with pytest.raises(Stale):
        return_summary(
            summary_id=summary.pk,
            remarks={"text:help": "再写"},
            expected_version=1,
            actor=zhou,
            at=moment,
        )


def test_who_may_decide(cast: Cast) -> None:
    filed(cast, "林晓岚", "2026-11-27 16:00:00")
    summary = Summary.objects.get()
    moment = at("2026-11-27 16:30:00")
    answers = {
        "林晓岚": NotAllowed,
        "赵国梁": NotAllowed,
        "韩静": NotAllowed,
        "陈嘉怡": NotFound,
        "郑秋实": NotFound,
        "许衡": NotFound,
        "马骏": NotFound,
    }
    for who, answer in answers.items():
        with pytest.raises(answer):
            review_summary(
                summary_id=summary.pk,
                opinion="",
                expected_version=1,
                actor=acting(cast, who, moment),
                at=moment,
            )


def test_filed_for_somebody_who_cannot(cast: Cast) -> None:
    moment = at("2026-11-27 17:00:00")

    def file_for(why: str, who: str = "周建平") -> SummaryVersion:
        return submit_summary(
            manager_id=cast["林晓岚"].pk,
            week=WEEK,
            entry=SummaryEntry(texts=TEXTS),
            expected_version=0,
            actor=acting(cast, who, moment),
            at=moment,
            why_filed_for=why,
        )

    with pytest.raises(NotFound):
        file_for("同事住院", "陈嘉怡")
    with pytest.raises(Refused):
        file_for("")
    version = file_for("住院，口述")
    assert (version.filed_by, version.summary.manager) == (cast["周建平"], cast["林晓岚"])
    assert Notice.objects.get().title == "周建平 代您交了第 48 周周报，请确认"
    later = at("2026-11-30 09:00:00")
    with pytest.raises(NotAllowed):
        confirm_summary(
            summary_id=version.summary_id, actor=acting(cast, "周建平", later), at=later
        )
    confirmed = confirm_summary(
        summary_id=version.summary_id, actor=acting(cast, "林晓岚", later), at=later
    )
    assert confirmed.confirmed_at == later


def test_no_summary_for_a_week_without_a_working_day(cast: Cast) -> None:
    with pytest.raises(Refused):
        filed(cast, "林晓岚", "2026-02-20 12:00:00", week=Week(2026, 8))


def test_after_the_deadline_a_change_needs_the_supervisor(cast: Cast) -> None:
    filed(cast, "林晓岚", "2026-11-27 17:00:00")
    better = {**TEXTS, "help": "请网络部支援"}
    assert filed(cast, "林晓岚", "2026-11-27 17:30:00", texts=better).number == 2
    with pytest.raises(Refused):
        filed(cast, "林晓岚", "2026-11-27 17:30:01", texts={**better, "needs": "又想起一条"})


def test_the_reminder_button_has_a_limit(cast: Cast) -> None:
    filed(cast, "林晓岚", "2026-11-27 16:00:00")
    people = [cast[name].pk for name in ("林晓岚", "陈嘉怡", "何俊峰", "吴志远")]

    def press(moment: str) -> list[int]:
        return remind(
            branch_id=cast.east.pk,
            week=WEEK,
            manager_ids=people,
            actor=acting(cast, "周建平", at(moment)),
            at=at(moment),
        )

    assert set(press("2026-11-27 16:30:00")) == {cast["陈嘉怡"].pk, cast["何俊峰"].pk}
    with pytest.raises(Refused):
        press("2026-11-27 17:29:59")
    assert len(press("2026-11-27 17:30:00")) == 2
    assert Reminder.objects.count() == 4
    assert set(Notice.objects.values_list("title", flat=True)) == {"周建平 提醒您交第 48 周周报"}


def _filed_for(cast: Cast, who: str, moment: str, **more: object) -> SummaryVersion:
    """周建平 files the week for one of his managers."""
    values: dict[str, object] = {
        "why_filed_for": "住院",
        "entry": SummaryEntry(texts=TEXTS),
        **more,
    }
    return submit_summary(
        manager_id=cast[who].pk,
        week=WEEK,
        expected_version=0,
        actor=acting(cast, "周建平", at(moment)),
        at=at(moment),
        **values,  # type: ignore[arg-type]
    )


def test_what_is_missing_in_one_filed_for_somebody_is_told_in_one_round(cast: Cast) -> None:
    texts = SummaryEntry(texts={**TEXTS, "conclusions": ""})
    with pytest.raises(Refused) as refused:
        _filed_for(cast, "林晓岚", "2026-11-27 17:00:00", why_filed_for=" ", entry=texts)
    assert [one.field for one in refused.value.problems] == ["text:conclusions", "why_filed_for"]
    assert str(refused.value.message) == "有 2 处要改，写好的内容都已保存"


def test_who_filed_for_somebody_does_not_decide_on_it(cast: Cast) -> None:
    """Annex 11.11: another supervisor does, or the general manager or the deputy."""
    version = _filed_for(cast, "林晓岚", "2026-11-27 17:00:00")
    moment = at("2026-11-27 17:20:00")

    def review(who: str, expected: int = 1) -> Summary:
        return review_summary(
            summary_id=version.summary_id,
            opinion="同意",
            expected_version=expected,
            actor=acting(cast, who, moment),
            at=moment,
        )

    with pytest.raises(NotAllowed, match="自己代填的除外"):
        review("周建平")
    with pytest.raises(NotAllowed):
        return_summary(
            summary_id=version.summary_id,
            remarks={"text:help": "再写"},
            expected_version=1,
            actor=acting(cast, "周建平", moment),
            at=moment,
        )
    for who, answer in {"林晓岚": NotAllowed, "韩静": NotAllowed, "郑秋实": NotFound}.items():
        with pytest.raises(answer):
            review(who)
    assert review("赵国梁").reviewed_by == cast["赵国梁"]
    assert review("钱慧敏", 2).reviewed_by == cast["钱慧敏"]
    RoleGrant.objects.create(
        person=cast["郑秋实"],
        role="supervisor",
        branch=cast.east,
        valid_from=FRIDAY,
        is_acting=True,
    )
    assert review("郑秋实", 3).reviewed_by == cast["郑秋实"]


def test_filed_again_by_the_manager_it_is_the_supervisors_again(cast: Cast) -> None:
    first = _filed_for(cast, "林晓岚", "2026-11-27 16:00:00")
    better = {**TEXTS, "help": "我自己补一条"}
    filed(cast, "林晓岚", "2026-11-27 17:00:00", texts=better)
    moment = at("2026-11-27 17:20:00")
    arguments = {"summary_id": first.summary_id, "opinion": "", "expected_version": 2, "at": moment}
    with pytest.raises(NotAllowed):
        review_summary(**arguments, actor=acting(cast, "赵国梁", moment))  # type: ignore[arg-type]
    reviewed = review_summary(**arguments, actor=acting(cast, "周建平", moment))  # type: ignore[arg-type]
    assert reviewed.reviewed_by == cast["周建平"]

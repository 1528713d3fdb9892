"""The agenda at hand: what is to be passed on, what is open, what each meeting speaks of."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Refused
from core.periods import Month, Week
from customers.models import Customer
from duties.operations import ensure_periods
from duties.operations_to_dos import set_to_do
from meetings.minutes_entries import MinutesEntry
from meetings.minutes_rules import Item
from meetings.models import Action, Contribution, Document, DocumentReader
from meetings.operations.combining import combine_meetings
from meetings.operations.minutes import return_minutes, submit_minutes
from meetings.queries.agendas import Agenda, CustomersMonth, agenda_for, agenda_of
from meetings.views.room_agenda import agenda_lines, agenda_parts
from tests.cast import NOON, Cast, at
from tests.domain.meetings_at import acting
from tests.domain.minuted import arranged, held
from tests.domain.week import filed, logged

MORNING = at("2026-11-24 08:20:00")


def action(cast: Cast, content: str, owner: str, due: date, *, state: str = "open") -> Action:
    return Action.objects.create(
        meeting=arranged(cast, "weekly"),
        key=content[:12],
        branch=cast.east,
        content=content,
        owner=cast[owner],
        due_on=due,
        state=state,
        updated_at=NOON,
    )


def document(cast: Cast, title: str, *told: str, **more: Any) -> Document:
    made = Document.objects.create(
        title=title,
        tell_by=date(2026, 11, 30),
        branch=cast.east,
        added_at=NOON,
        added_by=cast["周建平"],
        updated_at=NOON,
        **more,
    )
    DocumentReader.objects.bulk_create(
        DocumentReader(
            document=made,
            person=cast[name],
            branch=cast.east,
            told_at=NOON if name in told else None,
        )
        for name in ("林晓岚", "陈嘉怡", "何俊峰")
    )
    return made


def contribution(cast: Cast, title: str, author: str, **more: object) -> Contribution:
    return Contribution.objects.create(
        kind="case",
        branch=cast[author].branch,
        author=cast[author],
        title=title,
        text="经过",
        handed_in_at=NOON,
        updated_at=NOON,
        **more,
    )


def test_open_actions_come_back_until_they_are_closed(cast: Cast) -> None:
    action(cast, "补签合同", "陈嘉怡", date(2026, 11, 26))
    action(cast, "A 类客户续签摸底", "林晓岚", date(2026, 11, 24))
    action(cast, "已经做完", "林晓岚", date(2026, 11, 24), state="done")
    agenda = agenda_of(arranged(cast, "standup"), MORNING)
    assert [(one.content, one.owner.name) for one in agenda.actions] == [
        ("A 类客户续签摸底", "林晓岚"),
        ("补签合同", "陈嘉怡"),
    ]
    assert (agenda.reports, agenda.figures, agenda.contributions) == ((), (), ())


def test_documents_stay_on_it_until_everybody_of_the_branch_was_told(cast: Cast) -> None:
    document(cast, "年末续签通知", "林晓岚")
    document(cast, "人人都知道了", "林晓岚", "陈嘉怡", "何俊峰")
    withdrawn = document(cast, "撤回的通知")
    Document.objects.filter(pk=withdrawn.pk).update(withdrawn_at=NOON)
    agenda = agenda_of(arranged(cast, "standup"), MORNING)
    assert [(one.document.title, one.untold) for one in agenda.documents] == [("年末续签通知", 2)]


def test_a_secret_document_is_on_the_agenda_of_those_it_must_reach(cast: Cast) -> None:
    secret = document(cast, "续签底价", level=4, gist="不低于九折")
    secret.readers.filter(person=cast["何俊峰"]).delete()
    meeting = arranged(cast, "standup")

    def read(name: str) -> list[tuple[str, str]]:
        agenda = agenda_for(cast.actor(name, on=MORNING), meeting, MORNING)
        return [(one.document.title, one.gist) for one in agenda.documents]

    assert read("何俊峰") == []
    assert read("林晓岚") == [("续签底价", "")]
    assert read("赵国梁") == [("续签底价", "不低于九折")]


def test_the_rooms_screen_names_a_secret_document_by_its_level_alone(cast: Cast) -> None:
    document(cast, "续签底价", level=4, gist="不低于九折")
    document(cast, "年末通知", gist="十二月起")
    boss = cast.actor("周建平", on=MORNING)
    agenda = agenda_for(boss, arranged(cast, "standup"), MORNING)
    assert [one.text for one in agenda_lines(agenda)] == ["核心商密文件 等 2 项"]
    [part] = agenda_parts(agenda, MORNING, in_room=True)
    assert [(one.what, one.about) for one in part.points] == [
        ("核心商密文件", "11月30日（周一）前传达"),
        ("年末通知", "十二月起，11月30日（周一）前传达"),
    ]
    [part] = agenda_parts(agenda, MORNING)
    assert [one.what for one in part.points] == ["续签底价", "年末通知"]


def test_what_the_chair_gave_back_concludes_no_priorities(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    items = [Item("a1", "priority", "重点", conclusion="先收欠费")]
    version = submit_minutes(
        meeting_id=meeting.pk,
        entry=MinutesEntry(items=tuple(items)),
        expected_version=0,
        **acting(cast, "林晓岚", at("2026-11-23 10:00:00")),
    )
    standup = arranged(cast, "standup")
    assert [one.text for one in agenda_of(standup, MORNING).priorities] == ["先收欠费"]
    return_minutes(
        meeting_id=meeting.pk,
        opinion="写错了",
        expected_version=version.minutes.version,
        **acting(cast, "周建平", at("2026-11-23 10:30:00")),
    )
    assert agenda_of(standup, MORNING).priorities == ()


def test_priorities_are_what_a_leader_set_somebody_to_do_by_that_day(cast: Cast) -> None:
    leader = cast.actor("周建平", on=at("2026-11-23 09:00:00"))
    for owner, title, due in (
        ("林晓岚", "今天走访东方纺织", date(2026, 11, 24)),
        ("陈嘉怡", "下周的事", date(2026, 11, 30)),
        ("周建平", "主管自己的事", date(2026, 11, 24)),
    ):
        set_to_do(
            owner_id=cast[owner].pk,
            title=title,
            due_on=due,
            actor=leader,
            at=at("2026-11-23 09:00:00"),
        )
    agenda = agenda_of(arranged(cast, "standup"), MORNING)
    assert [(one.text, one.who, one.due_on) for one in agenda.priorities] == [
        ("今天走访东方纺织", "林晓岚", date(2026, 11, 24))
    ]


def weekly_agenda(cast: Cast) -> Agenda:
    ensure_periods(Week(2026, 47), Week(2026, 49), branches=[cast.east], at=NOON)
    filed(cast, "林晓岚", "2026-11-27 17:00:00")
    filed(cast, "陈嘉怡", "2026-11-27 17:42:00")
    return agenda_of(arranged(cast, "weekly", "2026-W49"), at("2026-11-30 08:20:00"))


def test_the_weekly_meeting_has_each_managers_summary_beside_the_name(cast: Cast) -> None:
    agenda = weekly_agenda(cast)
    assert agenda.week == Week(2026, 48)
    assert [(one.row.manager.name, one.row.standing) for one in agenda.reports] == [
        ("陈嘉怡", "late"),
        ("何俊峰", "missing"),
        ("林晓岚", "on_time"),
    ]
    assert [one.conclusions for one in agenda.reports] == [
        "conclusions：一句实在话",
        "",
        "conclusions：一句实在话",
    ]


def test_a_manager_reads_beforehand_only_his_own_report(cast: Cast) -> None:
    weekly_agenda(cast)
    meeting = arranged(cast, "weekly", "2026-W49")

    def readable(name: str) -> list[str]:
        moment = at("2026-11-30 08:20:00")
        agenda = agenda_for(cast.actor(name, on=moment), meeting, moment)
        return [one.row.manager.name for one in agenda.reports]

    assert readable("林晓岚") == ["林晓岚"]
    assert readable("周建平") == ["陈嘉怡", "何俊峰", "林晓岚"]
    assert readable("韩静") == ["陈嘉怡", "何俊峰", "林晓岚"]


def test_the_gm_session_has_the_months_figures_of_group_and_key_customers(cast: Cast) -> None:
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-10 10:00", channel="on_site")
    logged(cast, "林晓岚", "东方纺织集团", "2026-11-11 10:00", category="complaint")
    logged(cast, "陈嘉怡", "刘美玲", "2026-11-12 10:00")
    logged(cast, "林晓岚", "城东人民医院", "2026-10-22 10:00")
    logged(cast, "吴志远", "西岭水泥", "2026-11-12 10:00")
    Customer.objects.filter(name="华立机械厂").update(state="lost", state_since=date(2026, 11, 9))
    Customer.objects.filter(name="明珠酒店").update(contract_ends_on=date(2026, 12, 31))
    meeting = arranged(cast, "gm")
    agenda = agenda_of(meeting, at("2026-11-17 14:50:00"))
    assert agenda.month == Month(2026, 11)
    assert agenda.figures == (
        CustomersMonth(
            "group",
            customers=3,
            revenue=Decimal("3600.00"),
            lost=1,
            ending=1,
            served=1,
            services=2,
            on_site=1,
            complaints=1,
            services_before=1,
        ),
        CustomersMonth("person", customers=2, revenue=Decimal("2400.00"), served=1, services=1),
    )
    manager = cast.actor("林晓岚", on=at("2026-11-17 14:50:00"))
    assert agenda_for(manager, meeting, at("2026-11-17 14:50:00")).figures == ()


def test_the_analysis_meeting_has_what_was_handed_in_for_it(cast: Cast) -> None:
    meeting = arranged(cast, "analysis")
    contribution(cast, "挽留东方纺织", "林晓岚", meeting=meeting)
    contribution(cast, "下一次再说", "陈嘉怡", meeting=arranged(cast, "analysis", "2026-12"))
    contribution(cast, "没有指定哪一次", "何俊峰")
    contribution(cast, "以前答过的", "何俊峰", state="answered")
    contribution(cast, "撤回的", "何俊峰", meeting=meeting, state="withdrawn")
    contribution(cast, "城西的", "吴志远")
    agenda = agenda_of(meeting, at("2026-11-25 14:50:00"))
    assert [one.title for one in agenda.contributions] == ["挽留东方纺织", "没有指定哪一次"]


def test_one_sitting_for_two_duties_has_the_matter_of_both(cast: Cast) -> None:
    weekly = arranged(cast, "weekly", "2026-W49")
    analysis = arranged(cast, "analysis", "2026-12")
    contribution(cast, "挽留东方纺织", "林晓岚", meeting=analysis)
    head = cast.actor("赵国梁")
    with pytest.raises(Refused, match="不在同一周"):
        combine_meetings(
            lead_id=weekly.pk,
            joined_id=analysis.pk,
            expected_version=weekly.version,
            actor=head,
            at=NOON,
        )
    december = arranged(cast, "weekly", "2026-W51")
    combine_meetings(
        lead_id=december.pk,
        joined_id=analysis.pk,
        expected_version=december.version,
        actor=head,
        at=NOON,
    )
    ensure_periods(Week(2026, 50), Week(2026, 51), branches=[cast.east], at=NOON)
    agenda = agenda_of(arranged(cast, "analysis", "2026-12"), at("2026-12-14 08:20:00"))
    assert [one.title for one in agenda.contributions] == ["挽留东方纺织"]
    assert agenda.week == Week(2026, 50)
    assert len(agenda.reports) == 3


def test_the_agenda_takes_as_many_queries_for_ten_actions_as_for_one(cast: Cast) -> None:
    weekly_agenda(cast)
    meeting = arranged(cast, "weekly", "2026-W49")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as taken:
            agenda = agenda_of(meeting, at("2026-11-30 08:20:00"))
            assert not agenda.is_empty
        return len(taken)

    action(cast, "一件事", "林晓岚", date(2026, 11, 26))
    document(cast, "一份文件")
    few = queries()
    for number in range(9):
        action(cast, f"第 {number} 件", "陈嘉怡", date(2026, 11, 26))
        document(cast, f"第 {number} 份文件")
    assert queries() == few


def test_what_is_overdue_comes_first_after_the_priorities_and_five_actions_are_enough(
    cast: Cast,
) -> None:
    for n in range(6):
        action(cast, f"第{n}件", "林晓岚", date(2026, 11, 23 + n))
    set_to_do(
        owner_id=cast["何俊峰"].pk,
        title="补齐回访",
        due_on=date(2026, 11, 23),
        **acting(cast, "周建平", at("2026-11-23 08:00:00")),
    )
    first, actions = agenda_parts(agenda_of(arranged(cast, "standup"), MORNING), MORNING)
    assert (first.title, actions.title) == ("今天的重点", "没有了结的事")
    assert [point.what for point in actions.points] == [f"第{n}件" for n in range(5)]
    assert ["逾期" in point.chip for point in actions.points] == [True, *[False] * 4]
    assert all(point.url for point in actions.points)
    assert (actions.more, actions.more_url) == (1, "/meeting-actions/")

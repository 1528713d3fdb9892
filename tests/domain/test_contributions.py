"""Cases and questions for the analysis meeting (A2): handed in, answered, found again, shared."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow
from duties.models import Notice
from meetings.answering import answer_from_minutes
from meetings.choices import ContributionState
from meetings.models import Contribution
from meetings.operations.contributions import (
    answer_contribution,
    change_contribution,
    hand_in,
    share_contribution,
    unshare_contribution,
    withdraw_contribution,
)
from meetings.operations.occurrences import ensure_meetings
from meetings.queries.agendas import agenda_of
from meetings.queries.contributions import (
    Asked,
    contributions_for,
    find_contributions,
    next_analysis,
    search,
)
from organization.models import RoleGrant
from tests.cast import BEGIN, NOON, Cast, at
from tests.domain.minuted import arranged, held

LATER = at("2026-11-27 15:00:00")


def asked(
    cast: Cast,
    who: str = "林晓岚",
    *,
    kind: str = "question",
    title: str = "客户要求提前解约怎么办",
) -> Contribution:
    return hand_in(
        kind=kind,
        title=title,
        text="合同还有八个月，对方换了分管领导。",
        actor=cast.actor(who),
        at=NOON,
    )


def answer(
    cast: Cast,
    one: Contribution,
    who: str = "赵国梁",
    *,
    version: int = 1,
    words: str = "先约分管领导面谈，再按 ETF 条款折算。",
) -> Contribution:
    return answer_contribution(
        contribution_id=one.pk,
        answer=words,
        expected_version=version,
        actor=cast.actor(who),
        at=LATER,
    )


def titles(cast: Cast, who: str, words: str) -> list[str]:
    return [hit.title for hit in search(cast.actor(who), words, 5)]


# Handed in


def test_what_is_handed_in_stands_on_the_next_analysis_meetings_agenda(cast: Cast) -> None:
    one = asked(cast)
    assert (one.branch, one.author, one.state) == (cast.east, cast["林晓岚"], "open")
    ensure_meetings(date(2026, 11, 27), date(2026, 12, 31), branches=[cast.east], at=NOON)
    meeting = next_analysis(cast.east.pk, NOON)
    assert meeting is not None
    assert (meeting.kind, meeting.key) == ("analysis", "2026-12")
    assert agenda_of(meeting, NOON).contributions == (one,)


def test_what_no_meeting_answered_comes_back_on_the_next(cast: Cast) -> None:
    one = asked(cast)
    november = held(cast, "analysis", chair="赵国梁")
    answer_from_minutes(answers={}, meeting=november, actor=cast.actor("赵国梁"), at=LATER)
    december = arranged(cast, "analysis", "2026-12")
    assert agenda_of(december, LATER).contributions == (one,)
    answer_from_minutes(
        answers={one.pk: "先面谈。"}, meeting=november, actor=cast.actor("赵国梁"), at=LATER
    )
    assert agenda_of(december, LATER).contributions == ()
    assert agenda_of(november, LATER).contributions == (one,)


def test_head_office_hands_nothing_in_and_an_acting_supervisor_where_he_acts(cast: Cast) -> None:
    for name in ("韩静", "马骏", "许衡"):
        with pytest.raises(NotAllowed):
            asked(cast, name)
    assert asked(cast, "周建平").branch == cast.east
    RoleGrant.objects.create(
        person=cast["韩静"], role="supervisor", branch=cast.west, valid_from=BEGIN, is_acting=True
    )
    assert asked(cast, "韩静").branch == cast.west


@pytest.mark.parametrize(
    ("kind", "title", "text", "field"),
    [
        ("story", "x", "x", "kind"),
        ("case", " ", "x", "title"),
        ("case", "x" * 121, "x", "title"),
        ("case", "x", "", "text"),
        ("case", "x", "x" * 4001, "text"),
    ],
)
def test_what_says_nothing_or_too_much_is_not_taken(
    cast: Cast, kind: str, title: str, text: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        hand_in(kind=kind, title=title, text=text, actor=cast.actor("林晓岚"), at=NOON)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_whoever_handed_it_in_changes_it_until_it_is_answered(cast: Cast) -> None:
    one = asked(cast)

    def change(who: str, version: int) -> Contribution:
        return change_contribution(
            contribution_id=one.pk,
            kind="case",
            title="提前解约",
            text="新写的",
            expected_version=version,
            actor=cast.actor(who),
            at=LATER,
        )

    with pytest.raises(NotAllowed):
        change("陈嘉怡", 1)
    with pytest.raises(NotFound):
        change("吴志远", 1)
    assert change("林晓岚", 1).kind == "case"
    assert titles(cast, "林晓岚", "新写的") == ["提前解约"]
    with pytest.raises(Stale):
        change("林晓岚", 1)
    answer(cast, one, version=2)
    with pytest.raises(Refused):
        change("林晓岚", 3)


def test_what_is_taken_back_is_found_no_more(cast: Cast) -> None:
    one = asked(cast)
    withdraw_contribution(
        contribution_id=one.pk, expected_version=1, actor=cast.actor("林晓岚"), at=LATER
    )
    assert titles(cast, "陈嘉怡", "解约") == []
    assert list(find_contributions(cast.actor("林晓岚"), Asked())) == []
    assert list(find_contributions(cast.actor("林晓岚"), Asked(state="withdrawn"))) == [one]
    with pytest.raises(Refused):
        answer(cast, one, version=2)


# Answered


def test_an_answer_is_found_by_its_words_in_the_whole_branch(cast: Cast) -> None:
    one = answer(cast, asked(cast))
    assert (one.state, one.answered_by, one.answered_at) == ("answered", cast["赵国梁"], LATER)
    for name in ("陈嘉怡", "周建平", "韩静"):
        assert titles(cast, name, "etf 面谈") == ["客户要求提前解约怎么办"]
    assert titles(cast, "吴志远", "etf 面谈") == []
    assert titles(cast, "陈嘉怡", "etf 没有的话") == []
    notice = Notice.objects.get(person=cast["林晓岚"])
    assert notice.title == "您提的“客户要求提前解约怎么办”已答复"


def test_whoever_leads_the_branch_answers_and_nobody_else(cast: Cast) -> None:
    one = asked(cast)
    for name in ("陈嘉怡", "韩静"):
        with pytest.raises(NotAllowed):
            answer(cast, one, name)
    with pytest.raises(NotFound):
        answer(cast, one, "郑秋实")
    assert answer(cast, one, "周建平").state == ContributionState.ANSWERED
    assert answer(cast, one, "钱慧敏", version=2).answered_by == cast["钱慧敏"]


def test_minutes_answer_several_and_name_their_meeting(cast: Cast) -> None:
    first, second, blank = asked(cast), asked(cast, "陈嘉怡", title="月租"), asked(cast, title="空")
    west = asked(cast, "吴志远", title="城西的")
    meeting = held(cast, "analysis", chair="赵国梁")
    answers = {first.pk: "一", second.pk: "二", blank.pk: " ", west.pk: "三"}
    done = answer_from_minutes(
        answers=answers, meeting=meeting, actor=cast.actor("赵国梁"), at=LATER
    )
    assert [(one.pk, one.answer, one.meeting) for one in done] == [
        (first.pk, "一", meeting),
        (second.pk, "二", meeting),
    ]
    states = dict(Contribution.objects.values_list("pk", "state"))
    assert (states[blank.pk], states[west.pk]) == ("open", "open")
    assert AuditRow.objects.filter(what="meetings.answer_contribution").count() == 2
    answer_from_minutes(
        answers={first.pk: "更正"}, meeting=meeting, actor=cast.actor("赵国梁"), at=LATER
    )
    first.refresh_from_db()
    assert first.answer == "更正"


# Shared


def share(cast: Cast, one: Contribution, who: str = "赵国梁", *, version: int = 2) -> Contribution:
    return share_contribution(
        contribution_id=one.pk, expected_version=version, actor=cast.actor(who), at=LATER
    )


def test_the_general_manager_shares_an_answer_with_every_branch(cast: Cast) -> None:
    one = asked(cast)
    with pytest.raises(Refused):
        share(cast, one, version=1)
    answer(cast, one)
    for name in ("周建平", "钱慧敏", "林晓岚", "韩静"):
        with pytest.raises(NotAllowed):
            share(cast, one, name)
    assert titles(cast, "吴志远", "面谈") == []
    share(cast, one)
    assert titles(cast, "吴志远", "面谈") == ["客户要求提前解约怎么办"]
    assert list(find_contributions(cast.actor("吴志远"), Asked(state="shared"))) == [one]
    with pytest.raises(NotAllowed):
        answer(cast, one, "郑秋实", version=3)
    unshare_contribution(
        contribution_id=one.pk, expected_version=3, actor=cast.actor("赵国梁"), at=LATER
    )
    assert titles(cast, "吴志远", "面谈") == []


def test_another_answer_than_the_one_shared_is_kept_to_the_branch_and_told(cast: Cast) -> None:
    one = share(cast, answer(cast, asked(cast)))
    same = answer(cast, one, "周建平", version=3)
    assert same.shared_by == cast["赵国梁"]
    assert answer(cast, same, version=4, words="面谈前先报我").shared_at is not None
    mended = answer(cast, same, "周建平", version=5, words="底价写错了")
    assert (mended.shared_at, mended.shared_by) == (None, None)
    assert titles(cast, "吴志远", "底价") == []
    notices = Notice.objects.filter(person=cast["赵国梁"])
    assert [notice.title for notice in notices] == [
        "“客户要求提前解约怎么办”的答复改了，不再共享，请看过再决定"
    ]


def test_administrators_and_auditors_see_none_shared_or_not(cast: Cast) -> None:
    share(cast, answer(cast, asked(cast)))
    for name in ("马骏", "宋琪", "许衡"):
        assert list(contributions_for(cast.actor(name))) == []


def test_searching_takes_one_query_for_one_and_fifty(cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert search(cast.actor("陈嘉怡"), "解约", 50)
        return len(found)

    asked(cast)
    once = queries()
    for n in range(49):
        asked(cast, title=f"解约 {n}")
    assert queries() == once


@pytest.mark.pg
def test_words_inside_a_case_are_found_by_the_index(cast: Cast) -> None:
    asked(cast)
    with connection.cursor() as cursor:
        # What a planner may do instead while there are few rows.
        for other in ("seqscan", "indexscan", "indexonlyscan"):
            cursor.execute(f"SET LOCAL enable_{other} = off")
        plan = find_contributions(cast.actor("韩静"), Asked(words="提前解约")).order_by().explain()
    assert "meetings_contribution_search" in plan

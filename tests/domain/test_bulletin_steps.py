"""A bulletin on its way (annex 8): written, commented on, approved by a second person."""

from datetime import timedelta
from typing import Any

import pytest

from core.errors import NotAllowed, NotFound, Refused, Stale
from core.models import AuditRow
from duties.models import Notice
from reports.choices import BulletinState
from reports.models import Bulletin, Edition
from reports.operations.bulletins import (
    propose_bulletin,
    send_back_bulletin,
)
from reports.operations.comments import answer_comment, comment_on_bulletin
from reports.operations.publishing import publish_bulletin
from reports.queries.bulletins import bulletins_for
from tests.cast import Cast, at
from tests.domain.bulletins import (
    ASKED,
    COMMENTS_UNTIL,
    PROPOSED,
    PUBLISHED,
    agreed,
    asked,
    drafted,
    han,
    proposed,
    published,
    wrote,
)

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def november(checked: Cast) -> Cast:
    return checked


# Writing


def test_two_windows_do_not_overwrite_each_other(november: Cast) -> None:
    bulletin = drafted(november)
    wrote(november, bulletin, texts={"good": "一"})
    with pytest.raises(Stale) as stale:
        wrote(november, bulletin, texts={"good": "二"})
    assert (stale.value.current["version"], stale.value.current["texts"]) == (2, {"good": "一"})


def test_the_trail_tells_what_was_changed_alone(november: Cast) -> None:
    bulletin = wrote(november, drafted(november), texts={"good": "一"})
    wrote(november, bulletin, head={"copy_to": ""}, taken={"good": ["clean"]})
    row = AuditRow.objects.filter(what="reports.write_bulletin").latest("id")
    assert row.before == {"copy_to": "公司领导", "taken.good": ""}
    assert row.after == {"copy_to": "", "taken.good": ["clean"]}


def test_what_is_too_long_is_said_at_its_field(november: Cast) -> None:
    bulletin = drafted(november)
    for more, field in (
        ({"head": {"title": "题" * 81}}, "title"),
        ({"head": {"title": " "}}, "title"),
        ({"texts": {"good": "字" * 6001}}, "texts.good"),
    ):
        with pytest.raises(Refused) as refused:
            wrote(november, bulletin, **more)
        assert refused.value.field == field


# Comments


def test_a_branch_speaks_until_the_last_second(november: Cast) -> None:
    bulletin = asked(november, drafted(november))
    assert bulletin.comments_until == COMMENTS_UNTIL
    last = COMMENTS_UNTIL - SECOND

    def say(who: str, moment: Any, text: str = "表4有误") -> Any:
        return comment_on_bulletin(
            bulletin_id=bulletin.pk,
            branch_id=november[who].branch_id or 0,
            text=text,
            actor=november.actor(who, on=moment),
            at=moment,
        )

    with pytest.raises(Refused, match="时间已过"):
        say("郑秋实", COMMENTS_UNTIL)
    with pytest.raises(Refused) as refused:
        say("郑秋实", last, " ")
    assert refused.value.field == "text"
    assert say("郑秋实", last).answered_at is None
    with pytest.raises(Refused, match="已经提过"):
        say("郑秋实", last)
    with pytest.raises(NotFound):
        say("林晓岚", last)
    with pytest.raises(NotFound):
        comment_on_bulletin(
            bulletin_id=bulletin.pk,
            branch_id=november.west.pk,
            text="x",
            actor=november.actor("周建平", on=last),
            at=last,
        )


def test_branches_are_asked_by_a_notice(november: Cast) -> None:
    asked(november, drafted(november))
    told = Notice.objects.filter(key__startswith="comment:").order_by("person__job_number")
    assert [one.person.name for one in told] == ["赵国梁", "钱慧敏", "周建平", "郑秋实"]
    assert {one.title for one in told} == {
        "2026年11月通报草稿征求意见，请在 12月10日（周四）前提出"
    }


def test_not_proposed_before_all_have_spoken_and_are_answered(november: Cast) -> None:
    bulletin = asked(november, drafted(november))
    early = at("2026-12-08 09:00:00")
    with pytest.raises(Refused, match="还有 2 个分公司没有提"):
        proposed(november, bulletin, early)
    agreed(november, bulletin, "周建平")
    with pytest.raises(Refused, match="还有 1 个分公司没有提"):
        proposed(november, bulletin, COMMENTS_UNTIL - SECOND)
    comment = comment_on_bulletin(
        bulletin_id=bulletin.pk,
        branch_id=november.west.pk,
        text="周汇总第46周已邮件报送",
        actor=november.actor("郑秋实", on=early),
        at=early,
    )
    with pytest.raises(Refused, match="没有答复"):
        proposed(november, bulletin, early)
    with pytest.raises(NotAllowed):
        answer_comment(
            comment_id=comment.pk,
            answer="x",
            actor=november.actor("郑秋实", on=early),
            at=early,
        )
    answered = answer_comment(
        comment_id=comment.pk, answer="已核实，写入说明", actor=han(november, early), at=early
    )
    assert (answered.answer, answered.answered_by) == ("已核实，写入说明", november["韩静"])
    with pytest.raises(Refused, match="已经答复"):
        answer_comment(comment_id=comment.pk, answer="再", actor=han(november, early), at=early)
    assert proposed(november, bulletin, early).state == BulletinState.PROPOSED


def test_silence_ends_with_the_time(november: Cast) -> None:
    bulletin = asked(november, drafted(november))
    assert proposed(november, bulletin, COMMENTS_UNTIL).state == BulletinState.PROPOSED


def test_whoever_leads_sees_it_from_then_on(november: Cast) -> None:
    bulletin = drafted(november)
    leader, manager = (november.actor(who, on=ASKED) for who in ("周建平", "林晓岚"))
    assert not bulletins_for(leader).exists()
    asked(november, bulletin)
    assert (bulletins_for(leader).exists(), bulletins_for(manager).exists()) == (True, False)


# Approval


def test_a_second_person_approves(november: Cast) -> None:
    bulletin = proposed(november, asked(november, drafted(november)))
    told = Notice.objects.filter(key__startswith="approve:")
    assert [(one.person.name, one.title) for one in told] == [
        ("苏婉", "韩静 提请批准2026年11月通报")
    ]
    with pytest.raises(NotAllowed, match="另一人批准"):
        publish_bulletin(
            bulletin_id=bulletin.pk,
            expected_version=bulletin.version,
            actor=han(november, PUBLISHED),
            at=PUBLISHED,
        )
    assert published(november, bulletin).approved_by == november["苏婉"]


def test_whoever_drafted_does_not_approve_what_another_proposed(november: Cast) -> None:
    bulletin = asked(november, drafted(november))
    bulletin = propose_bulletin(
        bulletin_id=bulletin.pk,
        expected_version=bulletin.version,
        actor=november.actor("苏婉", on=PROPOSED),
        at=PROPOSED,
    )
    for who in ("韩静", "苏婉"):
        with pytest.raises(NotAllowed):
            publish_bulletin(
                bulletin_id=bulletin.pk,
                expected_version=bulletin.version,
                actor=november.actor(who, on=PUBLISHED),
                at=PUBLISHED,
            )


def test_sent_back_with_a_reason(november: Cast) -> None:
    bulletin = proposed(november, asked(november, drafted(november)))

    def send_back(why: str) -> Bulletin:
        return send_back_bulletin(
            bulletin_id=bulletin.pk,
            why=why,
            expected_version=bulletin.version,
            actor=november.actor("苏婉", on=PUBLISHED),
            at=PUBLISHED,
        )

    with pytest.raises(Refused) as refused:
        send_back(" ")
    assert refused.value.field == "why"
    assert send_back("第九部分太空").state == BulletinState.COMMENTING
    notice = Notice.objects.get(key__startswith="sent-back:")
    assert (notice.person.name, notice.title) == (
        "韩静",
        "2026年11月通报被退回：第九部分太空",
    )


def test_a_changed_bulletin_is_not_published_unseen(november: Cast) -> None:
    bulletin = proposed(november, asked(november, drafted(november)))
    with pytest.raises(Stale):
        publish_bulletin(
            bulletin_id=bulletin.pk,
            expected_version=bulletin.version - 1,
            actor=november.actor("苏婉", on=PUBLISHED),
            at=PUBLISHED,
        )
    assert not Edition.objects.exists()

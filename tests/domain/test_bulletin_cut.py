"""A bulletin's figures are one cut, and its second person had no hand in it (annex 8, 11.11)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from core.actors import Actor
from core.errors import NotAllowed, Refused
from core.models import AuditRow
from core.periods import SHANGHAI
from duties.models import Notice
from inspections.operations.findings import confirm_finding
from organization.models import Person, RoleGrant
from reports.document import from_content
from reports.drafting import document_of
from reports.figures_changed import changed_tables
from reports.hindrances import before_proposing, before_publishing
from reports.models import Bulletin, Edition
from reports.operations.bulletins import (
    ask_for_comments,
    draft_supplement,
    propose_bulletin,
    take_figures,
    write_bulletin,
)
from reports.operations.comments import comment_on_bulletin
from reports.operations.publishing import publish_bulletin
from reports.queries.bulletin_due import due_items
from tests.cast import BEGIN, Cast, at
from tests.conftest import StoryClock
from tests.domain.bulletins import (
    ASKED,
    COMMENTS_UNTIL,
    DRAFTED,
    PUBLISHED,
    agreed,
    asked,
    drafted,
    proposed,
    published,
    raised,
    rows_of,
    run_until,
    texts_of,
    whole_way,
    wrote,
)
from tests.domain.schemes import with_second
from tests.domain.scores import LOCKS, SHEETS, sheet_of

pytestmark = pytest.mark.django_db
Browser = Callable[[Person], Client]
SECOND = timedelta(seconds=1)


@pytest.fixture
def november(checked: Cast) -> Cast:
    return checked


@pytest.fixture
def scored(scored_november: Cast) -> Cast:
    """The sheets are computed, and lock with the ninth working day."""
    return with_second(scored_november)


def third(cast: Cast) -> Cast:
    """The market department has a third person: 沈括."""
    person = Person.objects.create(
        job_number="100008", name="沈括", branch=cast.head, post="市场部职员", joined_on=BEGIN
    )
    RoleGrant.objects.create(person=person, role="market", branch=cast.head, valid_from=BEGIN)
    cast.people["沈括"] = person
    return cast


def took(cast: Cast, bulletin: Bulletin, moment: datetime, who: str = "韩静") -> Bulletin:
    return take_figures(
        bulletin_id=bulletin.pk,
        expected_version=bulletin.version,
        actor=cast.actor(who, on=moment),
        at=moment,
    )


# One cut


def test_the_text_and_the_side_say_the_same_cut(
    november: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    bulletin = asked(november, drafted(november))
    clock.set("2026-12-08 09:00:00")
    page = browser_of(november["周建平"]).get(f"/bulletins/{bulletin.pk}/").content.decode()
    assert "数据截至12月7日08:30，" in texts_of(document_of(bulletin, None), "head")[0]
    assert "12月7日" in page.split("数据截至")[-1][:80]
    assert "冻结" not in page


def test_figures_are_taken_anew_until_it_is_published(november: Cast) -> None:
    bulletin = drafted(november)
    moments = [ASKED, at("2026-12-08 09:00:00"), PUBLISHED]
    bulletin = took(november, bulletin, moments[0])
    bulletin = took(november, asked(november, bulletin), moments[1])
    bulletin = took(november, proposed(november, bulletin), moments[2])
    assert (bulletin.state, bulletin.proposed_by, bulletin.drafted_at) == (
        "commenting",
        None,
        DRAFTED,
    )
    with pytest.raises(Refused, match="这一步做不了"):
        published(november, bulletin)
    bulletin = published(november, proposed(november, bulletin, PUBLISHED))
    assert bulletin.figures["cut_at"] == "2026-12-14T02:00:00+00:00"
    with pytest.raises(Refused, match="不再改动"):
        took(november, bulletin, PUBLISHED)


def test_what_it_changes_is_kept_and_told_to_who_was_asked(november: Cast) -> None:
    bulletin = asked(november, drafted(november))
    assert took(november, bulletin, ASKED).changed == []
    assert not Notice.objects.filter(key__startswith="figures:").exists()
    raised(november, "2026-12-08 09:00:00")
    bulletin.refresh_from_db()
    bulletin = took(november, bulletin, at("2026-12-08 10:00:00"))
    assert bulletin.changed == [
        {"table": "表5 11月检查发现的问题", "rows": 2},
        {"table": "表6 整改要求", "rows": 1},
    ]
    told = Notice.objects.filter(key__startswith="figures:").order_by("person__job_number")
    assert [one.person.name for one in told] == ["赵国梁", "钱慧敏", "周建平", "郑秋实"]
    assert {(one.title, one.body) for one in told} == {
        ("2026年11月通报草稿重新取数，2 张表有变", "表5 11月检查发现的问题 2 行、表6 整改要求 1 行")
    }
    row = AuditRow.objects.filter(what="reports.take_figures").latest("id")
    assert row.after["changed"] == {"表5 11月检查发现的问题": 2, "表6 整改要求": 1}


def test_running_numbers_and_the_order_change_nothing(november: Cast) -> None:
    raised(november)
    bulletin = drafted(november)
    figures = {**bulletin.figures, "problems": bulletin.figures["problems"][::-1]}
    assert changed_tables(bulletin, figures) == []


def test_the_proposer_is_told_when_another_takes_the_figures(november: Cast) -> None:
    bulletin = proposed(third(november), asked(november, drafted(november)))
    took(november, bulletin, PUBLISHED, "沈括")
    notice = Notice.objects.get(key__startswith="propose-again:")
    assert (notice.person.name, notice.title) == (
        "韩静",
        "2026年11月通报重新取数，请再提请批准",
    )


@pytest.mark.parametrize(("seconds", "is_refused"), [(-1, False), (0, True)])
def test_not_published_with_sheets_from_before_the_lock(
    scored: Cast, seconds: int, is_refused: bool
) -> None:
    moment = LOCKS + seconds * SECOND
    bulletin = proposed(scored, asked(scored, drafted(scored)), COMMENTS_UNTIL)
    if is_refused:
        with pytest.raises(Refused) as refused:
            published(scored, bulletin, moment)
        said = "考核表在取数（12月7日（周一）08:30）之后锁定了，请退回，重新取数后再提请批准。"
        assert str(refused.value) == said
        bulletin = proposed(scored, took(scored, bulletin, moment), moment)
    document = document_of(published(scored, bulletin, moment), None)
    [table] = document.part("assessment").tables
    note = "考核表尚未锁定；锁定后有变动的，以补充通报为准。"
    assert table.note == ("" if is_refused else note)


def test_not_published_with_other_points_than_the_sheets_have(scored: Cast) -> None:
    bulletin = proposed(scored, asked(scored, drafted(scored)), COMMENTS_UNTIL)
    version = sheet_of(scored, "林晓岚").versions.get()
    version.pk, version.number = None, 2
    version.made_at = COMMENTS_UNTIL
    version.content = {**version.content, "total": "92.00"}
    version.save()
    assert before_publishing(bulletin, COMMENTS_UNTIL - SECOND) == []
    with pytest.raises(Refused, match="之后有 1 张考核表变了，请退回"):
        published(scored, bulletin, COMMENTS_UNTIL)
    bulletin = took(scored, bulletin, COMMENTS_UNTIL)
    rows = rows_of(document_of(bulletin, None), "annex", "sheets")
    assert [row[3] for row in rows if row[3]] == ["92.00"]
    bulletin = published(scored, proposed(scored, bulletin, COMMENTS_UNTIL), COMMENTS_UNTIL)
    assert bulletin.published_at == COMMENTS_UNTIL


# Days that have passed


@pytest.mark.parametrize(
    ("moment", "followed", "how"),
    [
        ("2026-12-11 00:00:00", "WT-2026-0001 逾期", "逾期，系统复核"),
        ("2026-12-10 23:59:59", "WT-2026-0001", "系统复核"),
    ],
)
def test_a_day_that_has_passed_by_the_publication_says_so(
    november: Cast, moment: str, followed: str, how: str
) -> None:
    finding = raised(november)
    confirmed = at("2026-12-04 09:00:00")
    confirm_finding(
        finding_id=finding.pk,
        text="属实",
        expected_version=finding.version,
        actor=november.actor("周建平", on=confirmed),
        at=confirmed,
    )
    bulletin = asked(november, drafted(november))
    for who in ("周建平", "郑秋实"):
        agreed(november, bulletin, who)
    bulletin = proposed(november, bulletin, ASKED)
    before = document_of(bulletin, None, at(moment).astimezone(SHANGHAI).date())
    published(november, bulletin, at(moment))
    done = from_content(Edition.objects.get(branch=None).content)
    for document in (before, done):
        rows = rows_of(document, "problems", "problems")
        assert [(row[6], row[7]) for row in rows] == [(followed, "2026-12-10")] * 2
        [row] = rows_of(document, "rectify", "rectify")
        assert (row[4], row[5]) == ("2026-12-10", how)


def test_a_supplement_does_not_repeat_problems_that_were_only_put_right(november: Cast) -> None:
    finding = raised(november)
    bulletin = whole_way(november)
    later = at("2026-12-15 09:00:00")
    confirm_finding(
        finding_id=finding.pk,
        text="属实",
        expected_version=finding.version,
        actor=november.actor("周建平", on=later),
        at=later,
    )
    supplement = draft_supplement(
        bulletin_id=bulletin.pk, why="说明", actor=november.actor("韩静", on=later), at=later
    )
    document = document_of(supplement, None)
    assert [part.key for part in document.parts if part.tables] == []


# What still hinders a step


def test_all_that_is_in_the_way_is_said_at_once(
    scored: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    moment = SHEETS - timedelta(minutes=1)
    bulletin = asked(scored, drafted(scored, moment), moment)
    later = at("2026-12-07 10:00:00")
    comment_on_bulletin(
        bulletin_id=bulletin.pk,
        branch_id=scored.east.pk,
        text="表4有误",
        actor=scored.actor("周建平", on=later),
        at=later,
    )
    wanted = [
        "还有 1 条分公司的意见没有答复。",
        "征求意见到 12月10日（周四） 为止，还有 1 个分公司没有提。",
        "考核表在取数（12月3日（周四）08:29）之后算出，请重新取数。",
    ]
    assert before_proposing(bulletin, later) == wanted
    with pytest.raises(Refused) as refused:
        proposed(scored, bulletin, later)
    assert [one.message for one in refused.value.problems] == wanted
    clock.moment = later
    page = browser_of(scored["韩静"]).get(f"/bulletins/{bulletin.pk}/").content.decode()
    before = page.split('id="before"')[1].split("</div>")[0]
    assert [one in before for one in wanted] == [True, True, True]
    assert "没有可以批准的人" not in before


def test_the_second_person_reads_before_pressing_what_is_in_the_way(
    scored: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    bulletin = proposed(scored, asked(scored, drafted(scored)), COMMENTS_UNTIL)
    url = f"/bulletins/{bulletin.pk}/"
    clock.moment = LOCKS
    second, first = browser_of(scored["苏婉"]), browser_of(scored["韩静"])
    page = second.get(url).content.decode()
    assert ("之后锁定了，请退回" in page, "批准并发布" in page) == (True, False)
    answer = second.post(f"{url}publish/", {"version": bulletin.version})
    assert (answer.status_code, "之后锁定了" in answer.content.decode()) == (422, True)
    assert "重新取数" in first.get(url).content.decode()
    first.post(f"{url}figures/", {"version": bulletin.version})
    bulletin.refresh_from_db()
    assert (bulletin.state, bulletin.texts) == ("commenting", {})
    first.post(f"{url}propose/", {"version": bulletin.version})
    assert "批准并发布" in second.get(url).content.decode()


def test_parts_without_a_word_are_named_though_they_have_tables(
    november: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    clock.moment = DRAFTED
    bulletin = drafted(november)
    client = browser_of(november["韩静"])
    page = client.get(f"/bulletins/{bulletin.pk}/").content.decode()
    rail = page.split("data-rail>")[1].split("</div>")[0]
    assert "还没有话的部分：总体情况、分项结果、亮点、存在问题、考核应用、下月重点。" in rail
    answer = client.patch(
        f"/bulletins/{bulletin.pk}/write/",
        {"version": "1", "fields": {"texts.problems": "略"}},
        content_type="application/json",
        headers={"accept": "application/json"},
    )
    assert "还没有话的部分：总体情况、分项结果、亮点、考核应用、下月重点。" in answer.json()["rail"]


# Hands


def test_whoever_wrote_or_took_figures_does_not_approve(november: Cast) -> None:
    """The clock drafts, 韩静 writes all of it, 苏婉 takes figures and proposes: 沈括 approves."""
    third(november)
    run_until(DRAFTED)
    bulletin = wrote(november, Bulletin.objects.get(), texts={"good": "城西做得好"})
    assert (bulletin.drafted_by, bulletin.written_by) == (None, [november["韩静"].pk])
    bulletin = asked(november, took(november, bulletin, ASKED, "苏婉"))
    for who in ("周建平", "郑秋实"):
        agreed(november, bulletin, who)
    bulletin = propose_bulletin(
        bulletin_id=bulletin.pk,
        expected_version=bulletin.version,
        actor=november.actor("苏婉", on=ASKED),
        at=ASKED,
    )
    assert [one.person.name for one in Notice.objects.filter(key__startswith="approve:")] == [
        "沈括"
    ]
    market = [november[who].pk for who in ("韩静", "苏婉", "沈括")]
    due = due_items(market, ASKED, PUBLISHED + timedelta(days=2))
    assert [one.person_id for one in due] == [november["沈括"].pk]

    def publish(who: str) -> Bulletin:
        return publish_bulletin(
            bulletin_id=bulletin.pk,
            expected_version=bulletin.version,
            actor=november.actor(who, on=ASKED),
            at=ASKED,
        )

    for who in ("韩静", "苏婉"):
        with pytest.raises(NotAllowed, match="写过、取过数"):
            publish(who)
    assert publish("沈括").approved_by == november["沈括"]


def test_whoever_only_took_its_figures_does_not_approve(november: Cast) -> None:
    run_until(DRAFTED)
    third(november)
    bulletin = took(november, Bulletin.objects.get(), ASKED, "沈括")
    bulletin = proposed(november, asked(november, bulletin), COMMENTS_UNTIL)
    with pytest.raises(NotAllowed):
        publish_bulletin(
            bulletin_id=bulletin.pk,
            expected_version=bulletin.version,
            actor=november.actor("沈括", on=COMMENTS_UNTIL),
            at=COMMENTS_UNTIL,
        )
    assert published(november, bulletin, COMMENTS_UNTIL).approved_by == november["苏婉"]


def test_without_a_second_person_the_writers_are_told_so(
    november: Cast, browser_of: Browser, clock: StoryClock
) -> None:
    run_until(DRAFTED)
    bulletin = Bulletin.objects.get()
    actors: list[Actor] = [november.actor(who, on=ASKED) for who in ("韩静", "苏婉")]
    for actor in actors:
        bulletin = write_bulletin(
            bulletin_id=bulletin.pk,
            expected_version=bulletin.version,
            texts={"good": actor.name},
            actor=actor,
            at=ASKED,
        )
    ask_for_comments(
        bulletin_id=bulletin.pk, expected_version=bulletin.version, actor=actors[0], at=ASKED
    )
    clock.moment = COMMENTS_UNTIL
    page = browser_of(november["韩静"]).get(f"/bulletins/{bulletin.pk}/").content.decode()
    assert "没有可以批准的人" in page

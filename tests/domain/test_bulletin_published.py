"""A published bulletin (annex 8): numbered, frozen, signed for, supplemented."""

import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from core import canonical
from core.errors import NotAllowed, Refused
from core.models import AuditRow, Job, OutboxMessage
from core.periods import Month
from duties.models import Notice
from duties.month_queries import month_end_of
from organization.models import BranchSetting, RoleGrant
from reports.document import from_content
from reports.drafting import document_of
from reports.models import Bulletin, Edition, SignFor
from reports.operations import publishing
from reports.operations.bulletins import (
    ask_for_comments,
    draft_bulletin,
    draft_supplement,
    propose_bulletin,
    send_back_bulletin,
    take_figures,
    write_bulletin,
)
from reports.operations.publishing import publish_bulletin
from reports.operations.receipts import remind_signers, sign_for_bulletin
from reports.queries.bulletin_due import due_items, publish_by
from reports.queries.bulletins import bulletins_for, editions_of, search
from tests.cast import BEGIN, Cast, at, make_cast
from tests.domain.bulletins import (
    ASKED,
    COMMENTS_UNTIL,
    DRAFTED,
    DUE,
    NOVEMBER,
    PROPOSED,
    PUBLISHED,
    agreed,
    asked,
    checked_november,
    drafted,
    han,
    proposed,
    published,
    raised,
    texts_of,
    whole_way,
)

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def november(checked: Cast) -> Cast:
    return checked


# Published


def test_publishing_numbers_freezes_and_tells(november: Cast) -> None:
    bulletin = whole_way(november)
    assert (bulletin.document_number, bulletin.published_at) == ("市通报〔2026〕1号", PUBLISHED)
    editions = list(bulletin.editions.order_by("branch__code"))
    assert {one.branch.name if one.branch else "" for one in editions} == {
        "",
        "城东分公司",
        "城西分公司",
    }
    for one in editions:
        assert one.digest == canonical.digest(one.content)
        assert one.content["document_number"] == "市通报〔2026〕1号"
        assert one.content["published_on"] == "2026-12-14"
    assert Job.objects.filter(kind="reports.render_edition").count() == 3
    assert [one.person.name for one in bulletin.receipts.order_by("person__job_number")] == [
        "赵国梁",
        "钱慧敏",
        "周建平",
        "郑秋实",
    ]
    told = Notice.objects.filter(key=f"published:{bulletin.pk}")
    assert {one.title for one in told} == {"市通报〔2026〕1号已发布，请签收"}


def test_what_is_published_is_never_changed(november: Cast) -> None:
    bulletin = whole_way(november)
    before = canonical.digest([one.content for one in bulletin.editions.order_by("pk")])
    values: dict[str, Any] = {
        "bulletin_id": bulletin.pk,
        "expected_version": bulletin.version,
        "actor": han(november, PUBLISHED),
        "at": PUBLISHED,
    }
    for change in (
        lambda: write_bulletin(**values, texts={"good": "x"}),
        lambda: take_figures(**values),
        lambda: ask_for_comments(**values),
        lambda: propose_bulletin(**values),
        lambda: send_back_bulletin(**values, why="x"),
        lambda: publish_bulletin(**{**values, "actor": november.actor("苏婉", on=PUBLISHED)}),
    ):
        with pytest.raises(Refused, match="不再改动"):
            change()
    raised(november, "2026-12-14 11:00:00")
    after = canonical.digest([one.content for one in bulletin.editions.order_by("pk")])
    assert after == before


def test_numbers_of_a_year_have_no_gap(november: Cast) -> None:
    first = whole_way(november)
    december = at("2027-01-05 12:00:00")
    second = draft_bulletin(month=Month(2026, 12), actor=han(november, december), at=december)
    third = draft_supplement(
        bulletin_id=first.pk, why="申诉改分", actor=han(november, december), at=december
    )
    numbers = []
    for bulletin in (third, second):
        bulletin = asked(november, bulletin, december)
        moment = at("2027-01-20 10:00:00")
        bulletin = published(november, proposed(november, bulletin, moment), moment)
        numbers.append(bulletin.document_number)
    assert (first.document_number, numbers) == (
        "市通报〔2026〕1号",
        ["市通报〔2027〕1号", "市通报〔2027〕2号"],
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.pg  # SQLite has one writer at a time
def test_of_two_published_at_one_instant_the_second_takes_the_next_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cast = checked_november(make_cast())
    october = at("2026-12-02 12:00:00")
    bulletins = [
        proposed(cast, asked(cast, each))
        for each in (
            drafted(cast),
            draft_bulletin(month=Month(2026, 10), actor=han(cast, october), at=october),
        )
    ]
    meeting = threading.Barrier(2)
    real = publishing._prepared

    def prepared(*args: Any) -> Any:
        found = real(*args)
        with suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=3)
        return found

    monkeypatch.setattr(publishing, "_prepared", prepared)
    failures: list[Exception] = []

    def publish(bulletin: Bulletin) -> None:
        try:
            published(cast, bulletin)
        except Exception as error:  # told below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish, args=(one,)) for one in bulletins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    numbers = sorted(Bulletin.objects.values_list("document_number", flat=True))
    assert numbers == ["市通报〔2026〕1号", "市通报〔2026〕2号"]
    assert {one.content["document_number"] for one in Edition.objects.all()} == set(numbers)


# Supplements


def test_a_supplement_tells_what_changed(november: Cast) -> None:
    bulletin = whole_way(november)
    raised(november, "2026-12-14 11:00:00")
    moment = at("2026-12-15 09:00:00")
    with pytest.raises(Refused, match="补充的原因"):
        draft_supplement(bulletin_id=bulletin.pk, why=" ", actor=han(november, moment), at=moment)
    supplement = draft_supplement(
        bulletin_id=bulletin.pk,
        why="通报发布后就陈嘉怡的周报立项一个",
        actor=han(november, moment),
        at=moment,
    )
    assert (supplement.supplement, supplement.title) == (
        1,
        "关于2026年11月客户经理工作情况的通报（补充1）",
    )
    document = document_of(supplement, None)
    assert texts_of(document, "head") == [
        (
            "市通报〔2026〕1号《关于2026年11月客户经理工作情况的通报》发布后，有下列补充："
            "通报发布后就工号200005的周报立项一个"
        )
    ]
    assert {part.key: [table.key for table in part.tables] for part in document.parts[1:]} == {
        "problems": ["problems"],
        "rectify": ["rectify"],
    }
    with pytest.raises(Refused, match="还有一份补充通报没有发布"):
        draft_supplement(
            bulletin_id=bulletin.pk, why="再来", actor=han(november, moment), at=moment
        )


@pytest.mark.parametrize(
    ("drafted_at", "month"),
    [
        ("2026-12-14 23:59:59", "2026-11"),
        ("2026-12-15 00:00:00", "2026-12"),
        ("2027-01-14 23:59:59", "2026-12"),
        ("2027-01-15 00:00:00", "2027-01"),
    ],
)
def test_a_supplement_is_published_with_the_next_bulletin(
    november: Cast, drafted_at: str, month: str
) -> None:
    bulletin = drafted(november)
    bulletin.drafted_at = at(drafted_at)
    usual = month_end_of(NOVEMBER).bulletin_due_at
    assert (usual, publish_by(bulletin, month_end_of)) == (at("2026-12-15 00:00:00"), usual)
    bulletin.supplement = 1
    due_at = publish_by(bulletin, month_end_of)
    assert due_at == month_end_of(Month.parse(month)).bulletin_due_at


def test_only_a_published_bulletin_has_supplements(november: Cast) -> None:
    bulletin = drafted(november)
    with pytest.raises(Refused, match="跟在已发布"):
        draft_supplement(bulletin_id=bulletin.pk, why="x", actor=han(november), at=ASKED)


# Signing


def test_signed_for_once(november: Cast) -> None:
    bulletin = whole_way(november)
    moment = at("2026-12-14 11:00:00")

    def sign(who: str, when: Any) -> SignFor:
        return sign_for_bulletin(
            bulletin_id=bulletin.pk, actor=november.actor(who, on=when), at=when
        )

    assert sign("周建平", moment).signed_at == moment
    assert sign("周建平", moment + SECOND).signed_at == moment
    assert AuditRow.objects.filter(what="reports.sign_for_bulletin").count() == 1
    for who in ("林晓岚", "韩静"):
        with pytest.raises(NotAllowed):
            sign(who, moment)


def test_whoever_leads_two_branches_signs_once(november: Cast) -> None:
    RoleGrant.objects.create(
        person=november["周建平"], role="supervisor", branch=november.west, valid_from=BEGIN
    )
    bulletin = whole_way(november)
    assert bulletin.receipts.filter(person=november["周建平"]).count() == 1


def test_reminders_have_a_pause_and_a_limit(november: Cast) -> None:
    bulletin = whole_way(november)
    first = at("2026-12-14 11:00:00")
    sign_for_bulletin(bulletin_id=bulletin.pk, actor=november.actor("周建平", on=first), at=first)

    def remind(moment: Any) -> list[str]:
        chosen = remind_signers(bulletin_id=bulletin.pk, actor=han(november, moment), at=moment)
        return sorted(one.person.name for one in chosen)

    assert remind(first) == sorted(["赵国梁", "钱慧敏", "郑秋实"])
    assert OutboxMessage.objects.filter(subject__contains="市通报〔2026〕1号").count() == 3
    with pytest.raises(Refused, match="刚提醒过"):
        remind(first + timedelta(minutes=59, seconds=59))
    assert len(remind(first + timedelta(minutes=60))) == 3
    assert len(remind(first + timedelta(minutes=120))) == 3
    with pytest.raises(Refused, match="今天已经提醒过 3 次"):
        remind(first + timedelta(minutes=180))
    assert len(remind(at("2026-12-15 09:00:00"))) == 3


def test_editions_are_read_by_whom_they_are_for(november: Cast) -> None:
    bulletin = whole_way(november)
    seen = {
        who: [
            one.branch.name if one.branch else "全司"
            for one in editions_of(november.actor(who, on=PUBLISHED), bulletin)
        ]
        for who in ("韩静", "林晓岚", "郑秋实", "马骏")
    }
    assert {who: sorted(names) for who, names in seen.items()} == {
        "韩静": ["全司", "城东分公司", "城西分公司"],
        "林晓岚": ["全司", "城东分公司"],
        "郑秋实": ["全司", "城西分公司"],
        "马骏": ["全司"],
    }
    assert not bulletins_for(november.actor("马骏", on=PUBLISHED)).exists()


# What it asks of whom, and when


def due(cast: Cast, moment: Any) -> list[tuple[str, str, Any]]:
    people = {person.pk: name for name, person in cast.people.items()}
    found = due_items(list(people), moment, moment + timedelta(days=30))
    return [
        (people[one.person_id], one.title, one.due_at) for one in found if one.kind == "bulletin"
    ]


def test_what_falls_due_step_by_step(november: Cast) -> None:
    bulletin = drafted(november)
    assert due(november, DRAFTED) == [
        ("韩静", "编写2026年11月通报", DUE),
        ("苏婉", "编写2026年11月通报", DUE),
    ]
    bulletin = asked(november, bulletin)
    agreed(november, bulletin, "周建平")
    assert due(november, ASKED) == [
        ("郑秋实", "对2026年11月通报草稿提意见", COMMENTS_UNTIL),
        ("韩静", "提请批准2026年11月通报", DUE),
        ("苏婉", "提请批准2026年11月通报", DUE),
    ]
    bulletin = proposed(november, bulletin)
    assert due(november, PROPOSED) == [("苏婉", "批准2026年11月通报", DUE)]
    published(november, bulletin)
    by = at("2026-12-17 18:00:00")
    assert sorted(due(november, PUBLISHED)) == sorted(
        (who, "签收市通报〔2026〕1号", by) for who in ("赵国梁", "钱慧敏", "周建平", "郑秋实")
    )


# The company's own words


def test_issuer_and_series_are_settings(november: Cast) -> None:
    for key, value in (
        ("bulletin_issuer", "江海通信公司市场部文件"),
        ("bulletin_series", "江通市通报"),
    ):
        BranchSetting.objects.create(key=key, value=value, valid_from=BEGIN, set_at=ASKED)
    document = from_content(whole_way(november).editions.get(branch=None).content)
    assert (document.issuer, document.signed_by, document.document_number) == (
        "江海通信公司市场部文件",
        "江海通信公司市场部",
        "江通市通报〔2026〕1号",
    )
    assert (document.level, document.term) == ("内部", "1年")


# Go-anywhere


def test_found_by_number_by_whom_it_is_for(november: Cast) -> None:
    whole_way(november)

    def hits(who: str, words: str) -> list[str]:
        return [one.title for one in search(november.actor(who, on=PUBLISHED), words, 5)]

    assert hits("林晓岚", "市通报 1号") == ["市通报〔2026〕1号"]
    assert hits("林晓岚", "2026-11") == ["市通报〔2026〕1号"]
    assert (hits("马骏", "通报"), hits("林晓岚", "采购")) == ([], [])

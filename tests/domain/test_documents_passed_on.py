"""Documents to pass on (M1.1, M2.1): added for people, told at a meeting, or read and signed."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import NotAllowed, NotFound, Refused, Stale
from core.evidence import Evidence
from core.models import AuditRow, StoredFile
from core.periods import local
from duties.models import Notice
from meetings.choices import MeetingState, Presence, ToldWay
from meetings.models import Attendee, Document, DocumentReader, Meeting
from meetings.operations.documents import (
    Reach,
    add_document,
    change_document,
    sign_read,
    tell_present,
    withdraw_document,
)
from meetings.passing_table import document_standing
from meetings.queries.documents import (
    Asked,
    documents_for,
    find_documents,
    search,
    state_counts,
)
from meetings.queries.due import due_items
from tests.cast import NOON, Cast, at
from tests.domain.minuted import ENDED, held

FRIDAY = date(2026, 11, 27)
ADDED = at("2026-11-20 16:00:00")
PDF = Evidence("营销案.pdf", b"%PDF-1.7 ...")


def added(
    cast: Cast,
    who: str = "周建平",
    *,
    title: str = "集团专线资费调整",
    reach: Reach | None = None,
    level: int = 2,
    file: Evidence | None = None,
    tell_by: date = FRIDAY,
) -> Document:
    """A document of 城东 for its managers, added on the Friday before the weekly meeting."""
    return add_document(
        title=title,
        reference="市场〔2026〕41号",
        gist="老客户续约按新资费，12 月 1 日起。",
        tell_by=tell_by,
        level=level,
        file=file,
        reach=reach or Reach([cast.east.pk]),
        actor=cast.actor(who, on=ADDED),
        at=ADDED,
    )


def told(document: Document) -> dict[str, tuple[str, str]]:
    """By name: how somebody was told, and at which meeting."""
    rows = document.readers.select_related("person", "meeting")
    return {row.person.name: (row.way, row.meeting.key if row.meeting else "") for row in rows}


def titles(person: str, cast: Cast) -> list[str]:
    return [notice.title for notice in Notice.objects.filter(person=cast[person]).order_by("pk")]


# Added


def test_whom_it_must_reach_is_written_down_when_it_is_added(cast: Cast) -> None:
    document = added(cast, file=PDF)
    assert told(document) == {"何俊峰": ("", ""), "林晓岚": ("", ""), "陈嘉怡": ("", "")}
    assert document.branch == cast.east
    file = document.file
    assert file is not None
    assert (file.kind, file.level, file.branch_id) == ("document", 2, cast.east.pk)
    row = AuditRow.objects.get(what="meetings.add_document")
    assert (row.target_label, row.after["people"]) == ("集团专线资费调整", 3)


def test_the_companys_document_reaches_branches_by_role_and_people_by_name(cast: Cast) -> None:
    reach = Reach([cast.west.pk], ["manager", "supervisor"], [cast["林晓岚"].pk])
    document = added(cast, "韩静", reach=reach)
    assert set(told(document)) == {"吴志远", "郑秋实", "林晓岚"}
    assert document.branch is None
    assert titles("郑秋实", cast) == ["请在会上传达《集团专线资费调整》（11-27前）"]
    assert titles("周建平", cast) == ["请在会上传达《集团专线资费调整》（11-27前）"]


def test_a_supervisor_passes_on_to_the_own_branch_alone(cast: Cast) -> None:
    with pytest.raises(Refused, match="选您负责的分公司"):
        added(cast, reach=Reach([cast.west.pk]))
    with pytest.raises(Refused, match="在岗的人"):
        added(cast, reach=Reach(person_ids=[cast["吴志远"].pk]))
    with pytest.raises(NotAllowed):
        added(cast, "林晓岚")
    with pytest.raises(NotAllowed):
        added(cast, "许衡")
    with pytest.raises(Refused, match="没有要传达到的人"):
        added(cast, reach=Reach([cast.east.pk], []))


@pytest.mark.parametrize(
    ("tell_by", "is_taken"),
    [
        (date(2026, 11, 19), False),
        (date(2026, 11, 20), True),
        (date(2027, 11, 21), True),
        (date(2027, 11, 22), False),
    ],
)
def test_it_is_to_be_told_from_today_within_a_year(
    cast: Cast, tell_by: date, is_taken: bool
) -> None:
    if is_taken:
        assert added(cast, tell_by=tell_by).tell_by == tell_by
    else:
        with pytest.raises(Refused):
            added(cast, tell_by=tell_by)


# Told at a meeting


def test_holding_the_meeting_tells_who_was_there(cast: Cast) -> None:
    reach = Reach([cast.east.pk], ["manager", "supervisor"])
    document = added(cast, reach=reach)
    meeting = held(cast, "weekly", presence={"陈嘉怡": Presence.EXCUSED, "何俊峰": Presence.LATE})
    assert tell_present(meeting, ENDED) == 3
    assert told(document) == {
        "林晓岚": ("meeting", "2026-W48"),
        "何俊峰": ("meeting", "2026-W48"),
        "周建平": ("meeting", "2026-W48"),
        "陈嘉怡": ("", ""),
    }
    reader = document.readers.get(person=cast["林晓岚"])
    assert reader.told_at == meeting.closed_at
    document.refresh_from_db()
    assert document.updated_at == ENDED


def test_who_was_not_there_is_asked_to_read_once(cast: Cast) -> None:
    added(cast)
    meeting = held(cast, "weekly", presence={"陈嘉怡": Presence.ABSENT})
    tell_present(meeting, ENDED)
    assert tell_present(meeting, ENDED) == 0
    assert titles("陈嘉怡", cast) == ["《集团专线资费调整》已在会上传达，请阅后签名（11-27前）"]
    assert titles("林晓岚", cast) == []


def test_a_sign_in_amended_after_the_end_amends_who_was_told(cast: Cast) -> None:
    document = added(cast)
    meeting = held(cast, "weekly", presence={"陈嘉怡": Presence.ABSENT})
    tell_present(meeting, ENDED)
    Attendee.objects.filter(person=cast["陈嘉怡"]).update(state=Presence.PRESENT)
    Attendee.objects.filter(person=cast["林晓岚"]).update(state=Presence.ABSENT)
    later = at("2026-11-23 11:00:00")
    assert tell_present(meeting, later) == 1
    assert told(document) == {
        "陈嘉怡": ("meeting", "2026-W48"),
        "何俊峰": ("meeting", "2026-W48"),
        "林晓岚": ("", ""),
    }
    assert document.readers.get(person=cast["陈嘉怡"]).told_at == meeting.closed_at


def test_a_meeting_tells_what_had_come_by_its_end_and_stands(cast: Cast) -> None:
    meeting = held(cast, "weekly")
    closed_at = meeting.closed_at
    assert closed_at is not None
    before, late, gone = added(cast), added(cast, title="后到的"), added(cast, title="撤回的")
    other = added(cast, "郑秋实", reach=Reach([cast.west.pk]), title="城西的")
    Document.objects.filter(pk=before.pk).update(added_at=closed_at)
    Document.objects.filter(pk=late.pk).update(added_at=at("2026-11-23 08:58:01"))
    Document.objects.filter(pk=gone.pk).update(withdrawn_at=ADDED)
    assert tell_present(meeting, ENDED) == 3
    ways = {way for document in (late, gone, other) for way, _key in told(document).values()}
    assert (ways, {way for way, _key in told(before).values()}) == ({""}, {ToldWay.MEETING})


def test_a_secret_is_told_at_meetings_and_not_sent_to_managers_to_read(cast: Cast) -> None:
    reach = Reach([cast.east.pk], ["manager", "gm"])
    document = added(cast, "赵国梁", level=3, file=PDF, reach=reach)
    tell_present(held(cast, "weekly", presence={"陈嘉怡": Presence.ABSENT}), ENDED)
    assert titles("陈嘉怡", cast) == [
        "《集团专线资费调整》已在会上传达，按密级不发文件，请到会听传达（11-27前）"
    ]
    assert due(cast, "陈嘉怡") == [
        (cast["陈嘉怡"].pk, "到会听传达《集团专线资费调整》", "11-27 18:00")
    ]
    seen = documents_for(cast.actor("陈嘉怡", on=NOON)).get()
    assert document_standing(seen, FRIDAY) == ("waiting", "等会上传达")
    assert titles("赵国梁", cast) == ["《集团专线资费调整》已在会上传达，请阅后签名（11-27前）"]
    with pytest.raises(NotAllowed, match="只在会上传达"):
        sign_read(document_id=document.pk, actor=cast.actor("陈嘉怡"), at=NOON)
    assert sign_read(document_id=document.pk, actor=cast.actor("赵国梁"), at=NOON).way == "read"
    tell_present(held(cast, "standup"), ENDED)
    assert due(cast, "陈嘉怡") == []


# Read and signed


def test_who_was_absent_reads_and_signs_once(cast: Cast) -> None:
    document = added(cast)
    tell_present(held(cast, "weekly", presence={"陈嘉怡": Presence.ABSENT}), ENDED)
    signed = sign_read(document_id=document.pk, actor=cast.actor("陈嘉怡"), at=NOON)
    assert (signed.way, signed.told_at, signed.meeting) == (ToldWay.READ, NOON, None)
    again = sign_read(
        document_id=document.pk, actor=cast.actor("陈嘉怡"), at=at("2026-11-27 13:00:00")
    )
    assert again.told_at == NOON
    of_meeting = sign_read(document_id=document.pk, actor=cast.actor("林晓岚"), at=NOON)
    assert of_meeting.way == ToldWay.MEETING
    assert AuditRow.objects.filter(what="meetings.sign_read").count() == 1


def test_only_whom_it_must_reach_signs(cast: Cast) -> None:
    document = added(cast)
    with pytest.raises(NotAllowed):
        sign_read(document_id=document.pk, actor=cast.actor("赵国梁"), at=NOON)
    with pytest.raises(NotFound):
        sign_read(document_id=document.pk, actor=cast.actor("吴志远"), at=NOON)


# Changed, withdrawn


def change(cast: Cast, document: Document, who: str = "周建平", **values: Any) -> Document:
    given: dict[str, Any] = {
        "title": document.title,
        "reference": document.reference,
        "gist": document.gist,
        "tell_by": document.tell_by,
        "level": document.level,
        "expected_version": document.version,
    }
    return change_document(
        document_id=document.pk, **(given | values), actor=cast.actor(who), at=NOON
    )


def test_people_are_added_to_the_list_and_taken_off_until_they_are_told(cast: Cast) -> None:
    document = added(cast)
    tell_present(held(cast, "weekly", presence={"陈嘉怡": Presence.ABSENT}), ENDED)
    gone = [cast["陈嘉怡"].pk, cast["林晓岚"].pk]
    changed = change(cast, document, also=Reach([cast.east.pk], ["gm"]), without=gone)
    assert set(told(document)) == {"何俊峰", "林晓岚", "赵国梁"}
    assert changed.version == 2
    row = AuditRow.objects.get(what="meetings.change_document")
    assert (row.before, row.after) == ({}, {})  # three people before and after


def test_what_has_been_told_keeps_its_words(cast: Cast) -> None:
    document = added(cast)
    change(cast, document, title="集团专线资费调整（更正）")
    document.refresh_from_db()
    tell_present(held(cast, "weekly"), ENDED)
    with pytest.raises(Refused, match="不能改内容"):
        change(cast, document, gist="另一回事")
    with pytest.raises(Refused, match="不能改内容"):
        change(cast, document, file=PDF)
    assert change(cast, document, tell_by=date(2026, 11, 30)).tell_by == date(2026, 11, 30)


def test_a_level_is_raised_with_its_file_and_never_lowered(cast: Cast) -> None:
    document = change(cast, added(cast, file=PDF), level=3)
    assert (document.level, StoredFile.objects.get().level) == (3, 3)
    with pytest.raises(Refused, match="不能降低"):
        change(cast, document, level=2)


def test_who_keeps_a_document_changes_it_and_on_its_newest_version(cast: Cast) -> None:
    document = added(cast)
    with pytest.raises(NotAllowed):
        change(cast, document, "林晓岚")
    with pytest.raises(NotAllowed):
        change(cast, document, "韩静")
    with pytest.raises(NotFound):
        change(cast, document, "郑秋实")
    change(cast, document, "赵国梁")
    with pytest.raises(Stale):
        change(cast, document)


def test_a_withdrawn_document_need_not_be_told(cast: Cast) -> None:
    document = added(cast)
    withdraw_document(
        document_id=document.pk,
        why="发重了",
        expected_version=1,
        actor=cast.actor("周建平"),
        at=NOON,
    )
    with pytest.raises(Refused, match="已撤回"):
        sign_read(document_id=document.pk, actor=cast.actor("林晓岚"), at=NOON)
    assert AuditRow.objects.get(what="meetings.withdraw_document").why == "发重了"


# Seen


def test_a_branch_sees_its_documents_a_secret_those_named_and_who_leads_them(cast: Cast) -> None:
    plain = added(cast)
    secret = added(cast, level=3, reach=Reach(person_ids=[cast["林晓岚"].pk]), title="客户名单")

    def seen(name: str) -> set[Document]:
        return set(documents_for(cast.actor(name)))

    assert seen("林晓岚") == seen("周建平") == seen("赵国梁") == seen("韩静") == {plain, secret}
    assert seen("陈嘉怡") == {plain}
    assert seen("吴志远") == seen("马骏") == seen("许衡") == set()
    assert [hit.title for hit in search(cast.actor("林晓岚"), "客户名单", 5)] == ["客户名单"]
    assert search(cast.actor("陈嘉怡"), "客户名单", 5) == []


def test_in_a_gist_kept_from_the_reader_nothing_is_found(cast: Cast) -> None:
    added(cast, "赵国梁", level=4, title="续签底价")
    found = {
        name: [
            hit.title for word in ("底价", "新资费") for hit in search(cast.actor(name), word, 9)
        ]
        for name in ("林晓岚", "赵国梁", "周建平")
    }
    assert found == {"林晓岚": ["续签底价"], "赵国梁": ["续签底价"] * 2, "周建平": ["续签底价"] * 2}


def test_the_counts_are_those_of_the_branches_one_leads(cast: Cast) -> None:
    document = added(cast, "韩静", reach=Reach([cast.east.pk, cast.west.pk]))
    tell_present(held(cast, "weekly", presence={"陈嘉怡": Presence.ABSENT}), ENDED)

    def counts(name: str) -> tuple[int, int]:
        found = documents_for(cast.actor(name)).get(pk=document.pk)
        return found.told, found.people  # type: ignore[attr-defined]

    assert counts("韩静") == (2, 4)
    assert counts("周建平") == (2, 3)
    assert counts("郑秋实") == (0, 1)
    assert counts("林晓岚") == (0, 0)


def test_who_is_to_sign_finds_it_under_that(cast: Cast) -> None:
    document = added(cast)

    def to_sign(name: str) -> list[Document]:
        return list(find_documents(cast.actor(name), Asked(state="to_sign"), NOON))

    assert to_sign("陈嘉怡") == []
    tell_present(held(cast, "weekly", presence={"陈嘉怡": Presence.ABSENT}), ENDED)
    assert (to_sign("陈嘉怡"), to_sign("林晓岚")) == ([document], [])
    assert Meeting.objects.get(state=MeetingState.HELD).told.count() == 2
    assert DocumentReader.objects.filter(told_at__isnull=True).count() == 1


def test_the_list_counts_what_is_left_to_do(cast: Cast) -> None:
    added(cast)
    added(cast, title="城东旧的", tell_by=date(2026, 11, 20))
    gone = added(cast, title="撤回的")
    withdraw_document(
        document_id=gone.pk, why="x", expected_version=1, actor=cast.actor("周建平"), at=NOON
    )
    counts = {"to_sign": 0, "overdue": 1, "open": 1, "told": 0, "withdrawn": 1}
    assert state_counts(cast.actor("周建平"), NOON) == counts
    tell_present(held(cast, "weekly", presence={"陈嘉怡": Presence.ABSENT}), ENDED)
    assert state_counts(cast.actor("陈嘉怡"), NOON)["to_sign"] == 2
    tell_present(held(cast, "standup"), ENDED)
    left = {"to_sign": 0, "overdue": 0, "open": 0, "told": 2, "withdrawn": 1}
    assert state_counts(cast.actor("周建平"), NOON) == left


# To do


def due(cast: Cast, *names: str) -> list[tuple[int, str, str]]:
    found = due_items(
        [cast[name].pk for name in names], at("2026-11-01 00:00:00"), at("2026-12-31 00:00:00")
    )
    return [(one.person_id, one.title, f"{local(one.due_at):%m-%d %H:%M}") for one in found]


def test_the_caller_passes_it_on_and_who_was_absent_reads_it(cast: Cast) -> None:
    added(cast)
    assert due(cast, "周建平", "陈嘉怡", "郑秋实") == [
        (cast["周建平"].pk, "在会上传达《集团专线资费调整》", "11-27 18:00")
    ]
    tell_present(held(cast, "weekly", presence={"陈嘉怡": Presence.ABSENT}), ENDED)
    assert due(cast, "周建平", "陈嘉怡", "林晓岚") == [
        (cast["陈嘉怡"].pk, "阅《集团专线资费调整》并签名", "11-27 18:00")
    ]


def test_telling_and_what_is_due_take_the_same_queries_for_one_and_fifty(cast: Cast) -> None:
    def queries(meeting: Meeting) -> tuple[int, int, int]:
        with CaptureQueriesContext(connection) as telling:
            tell_present(meeting, ENDED)
        with CaptureQueriesContext(connection) as owing:
            assert due_items([cast["陈嘉怡"].pk], NOON, at("2026-11-28 00:00:00"))
        with CaptureQueriesContext(connection) as listing:
            assert list(find_documents(cast.actor("周建平"), Asked(), NOON))
        return len(telling), len(owing), len(listing)

    added(cast)
    absent = {"陈嘉怡": Presence.ABSENT}
    once = queries(held(cast, "weekly", presence=absent))
    for n in range(49):
        added(cast, title=f"文件 {n}")
    assert queries(held(cast, "standup", presence=absent)) == once

"""The calendar as rows: seeded, read in one query, edited, loaded from files."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.calendar import (
    LIBRARY_SOURCE,
    NotYetPublished,
    days_from_chinesecalendar,
    days_from_holiday_json,
    years_in_chinesecalendar,
)
from core.errors import NotAllowed, Refused, Stale
from core.models import AuditRow, CalendarYear, WorkDay
from core.periods import Week
from core.queries import calendar, calendars_kept
from core.workbooks import ColumnSpec, SheetSpec, write_workbook
from duties import operations
from duties.calendar_files import read_calendar_file
from duties.models import DutyPeriod
from duties.queries import years_wanting
from organization.models import Person
from tests.cast import Cast, at

HOLIDAYS = Path(__file__).parents[1] / "data" / "holidays"
WEEK_40 = Week(2026, 40)  # 28 September to 4 October: due on Wednesday 30, before the holiday


def holiday_file(year: int) -> object:
    return json.loads((HOLIDAYS / f"{year}.json").read_text("utf-8"))


def deadline_of(kind: str, week: Week, branch: str = "CD") -> str:
    period = DutyPeriod.objects.get(kind=kind, key=week.key, branch__code=branch)
    return f"{period.deadline_at.astimezone(at('2026-01-01').tzinfo):%m-%d %H:%M}"


@pytest.mark.django_db
def test_a_new_database_knows_every_year_of_the_package_in_one_query() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        known = calendar()
    assert len(queries) == 1
    assert known.years == frozenset(years_in_chinesecalendar())
    assert dict(known.days) == {
        day.on: day for day in days_from_chinesecalendar(years_in_chinesecalendar())
    }


@pytest.mark.django_db
def test_a_span_of_years_reads_only_these() -> None:
    known = calendar(2025, 2026)
    assert known.years == {2025, 2026}
    assert {on.year for on in known.days} == {2025, 2026}
    assert known.mark(date(2026, 10, 10)) == "班"
    assert calendar(2030).years == frozenset()


def test_whoever_keeps_calendars_reads_each_span_once() -> None:
    with calendars_kept(), CaptureQueriesContext(connection) as queries:
        assert calendar(2026, 2027) is calendar(2026, 2027)
        assert calendar(2026, 2026) is not calendar(2026, 2027)
    assert len(queries) == 2
    with CaptureQueriesContext(connection) as queries:
        calendar(2026, 2027)
    assert len(queries) == 1


def test_an_edit_moves_future_deadlines_only(cast: Cast) -> None:
    """Wednesday 23 September: Friday 25 becomes a working day after all, in the story."""
    operations.ensure_periods(Week(2026, 38), Week(2026, 40))
    assert deadline_of("summary", Week(2026, 38)) == "09-18 17:30"
    assert deadline_of("summary", Week(2026, 39)) == "09-24 17:30"
    assert deadline_of("rollup", Week(2026, 38)) == "09-24 18:00"

    edited_at = at("2026-09-23 10:00:00")
    operations.mark_day(
        on=date(2026, 9, 25), is_workday=True, name="", why="公司安排", expected_version=1,
        actor=cast.actor("马骏", on=edited_at), at=edited_at,
    )  # fmt: skip
    operations.mark_day(
        on=date(2026, 9, 18), is_workday=False, name="", why="补记", expected_version=2,
        actor=cast.actor("马骏", on=edited_at), at=edited_at,
    )  # fmt: skip
    assert deadline_of("summary", Week(2026, 38)) == "09-18 17:30"  # it has passed
    assert deadline_of("summary", Week(2026, 39)) == "09-25 17:30"
    assert deadline_of("rollup", Week(2026, 38)) == "09-25 18:00"


@pytest.mark.parametrize(
    ("moment", "deadline"),
    [
        ("2026-09-24 17:29:59", "09-25 17:30"),
        ("2026-09-24 17:30:00", "09-24 17:30"),
        ("2026-09-24 17:30:01", "09-24 17:30"),
    ],
)
def test_a_deadline_that_has_come_does_not_move(cast: Cast, moment: str, deadline: str) -> None:
    operations.ensure_periods(Week(2026, 39), Week(2026, 39))
    operations.mark_day(
        on=date(2026, 9, 25), is_workday=True, name="", why="", expected_version=1,
        actor=cast.actor("马骏"), at=at(moment),
    )  # fmt: skip
    assert deadline_of("summary", Week(2026, 39)) == deadline


def test_a_deadline_never_moves_into_the_past(cast: Cast) -> None:
    """Friday noon: Friday is declared off, but nobody can have filed by Thursday any more."""
    operations.ensure_periods(Week(2026, 48), Week(2026, 48))
    operations.mark_day(
        on=date(2026, 11, 27), is_workday=False, name="", why="", expected_version=1,
        actor=cast.actor("马骏"), at=at("2026-11-27 12:00:00"),
    )  # fmt: skip
    assert deadline_of("summary", Week(2026, 48)) == "11-27 17:30"
    assert deadline_of("rollup", Week(2026, 48)) == "12-04 18:00"


def test_a_week_without_working_days_loses_its_duties(cast: Cast) -> None:
    operations.ensure_periods(Week(2026, 49), Week(2026, 49))
    assert DutyPeriod.objects.filter(key="2026-W49").count() == 6
    days = Week(2026, 49).days
    assert DutyPeriod.objects.filter(key__in=[str(day) for day in days]).count() == 8
    for version, on in enumerate(Week(2026, 49).days[:5], 1):
        operations.mark_day(
            on=on, is_workday=False, name="停工", why="", expected_version=version,
            actor=cast.actor("马骏"), at=at("2026-11-27 12:00:00"),
        )  # fmt: skip
    assert not DutyPeriod.objects.filter(key="2026-W49").exists()
    assert not DutyPeriod.objects.filter(key__in=[str(day) for day in days]).exists()
    operations.ensure_periods(Week(2026, 49), Week(2026, 49))
    assert not DutyPeriod.objects.filter(key="2026-W49").exists()


def test_a_mark_taken_away_leaves_a_plain_week_and_a_trace(cast: Cast) -> None:
    actor, moment = cast.actor("马骏"), at("2026-11-27 12:00:00")
    operations.clear_day(
        on=date(2026, 10, 10), why="误录", expected_version=1, actor=actor, at=moment
    )
    assert calendar().mark(date(2026, 10, 10)) == ""
    row = AuditRow.objects.get(what="calendar.clear_day")
    assert (row.before, row.after, row.why) == ({"day": "班 国庆节"}, {}, "误录")
    with pytest.raises(Refused):
        operations.clear_day(
            on=date(2026, 10, 10), why="", expected_version=2, actor=actor, at=moment
        )
    assert CalendarYear.objects.get(year=2026).version == 2


def test_only_the_system_administrator_edits_and_nobody_over_another(cast: Cast) -> None:
    moment = at("2026-11-27 12:00:00")
    for name in ("林晓岚", "周建平", "赵国梁", "韩静", "宋琪"):
        with pytest.raises(NotAllowed):
            operations.mark_day(
                on=date(2026, 12, 5), is_workday=True, name="", why="", expected_version=1,
                actor=cast.actor(name), at=moment,
            )  # fmt: skip
    with pytest.raises(Stale) as stale:
        operations.mark_day(
            on=date(2026, 12, 5), is_workday=True, name="", why="", expected_version=7,
            actor=cast.actor("马骏"), at=moment,
        )  # fmt: skip
    assert stale.value.current["version"] == 1
    assert stale.value.current["days"]["2026-10-10"] == "班 国庆节"


def test_the_same_notice_as_a_file_changes_nothing_but_who_says_so(cast: Cast) -> None:
    before = calendar(2026, 2026)
    days = days_from_holiday_json(holiday_file(2026))
    assert not isinstance(days, NotYetPublished)
    counts = operations.load_year(
        year=2026, days=days, source="2026.json", expected_version=1,
        actor=cast.actor("马骏"), at=at("2026-11-27 12:00:00"),
    )  # fmt: skip
    after = calendar(2026, 2026)
    assert [on for on in before.days if before.is_workday(on) != after.is_workday(on)] == []
    assert set(after.days) - set(before.days) == set()
    assert counts["new"] == 0
    assert counts["removed"] == 0
    assert AuditRow.objects.filter(what="calendar.load_year").count() == 1


def test_a_year_is_missed_until_it_is_loaded(cast: Cast) -> None:
    actor = cast.actor("马骏")
    assert years_wanting(at("2026-10-31 23:59:59")) == []
    assert years_wanting(at("2026-11-01 00:00:00")) == [2027]
    assert isinstance(days_from_holiday_json(holiday_file(2027)), NotYetPublished)
    with pytest.raises(Refused):
        operations.load_year(
            year=2027, days=[], source="2027.json", expected_version=0,
            actor=actor, at=at("2026-11-27 12:00:00"),
        )  # fmt: skip
    # Published at last, with New Year's days that begin in the old year.
    published = {
        "year": 2027,
        "days": [
            {"name": "元旦", "date": "2026-12-31", "isOffDay": True},
            {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
            {"name": "元旦", "date": "2027-01-03", "isOffDay": False},
        ],
    }
    days = days_from_holiday_json(published)
    assert not isinstance(days, NotYetPublished)
    operations.ensure_periods(Week(2026, 53), Week(2026, 53))
    assert deadline_of("summary", Week(2026, 53)) == "01-01 17:30"
    counts = operations.load_year(
        year=2027, days=days, source="2027.json", expected_version=0,
        actor=actor, at=at("2026-11-27 12:00:00"),
    )  # fmt: skip
    assert counts == {"new": 3, "changed": 0, "removed": 0, "unchanged": 0}
    assert deadline_of("summary", Week(2026, 53)) == "12-30 17:30"
    assert years_wanting(at("2026-11-27 12:00:00")) == []
    assert CalendarYear.objects.get(year=2026).source == LIBRARY_SOURCE
    assert WorkDay.objects.filter(on__year=2026, name="国庆节").count() == 9


def test_a_file_leaves_hand_made_days_unless_it_names_them(cast: Cast) -> None:
    actor, moment = cast.actor("马骏"), at("2026-11-27 12:00:00")
    for version, on in enumerate((date(2026, 12, 24), date(2026, 1, 4)), 1):
        operations.mark_day(
            on=on, is_workday=False, name="司庆", why="", expected_version=version,
            actor=actor, at=moment,
        )  # fmt: skip
    days = days_from_holiday_json(holiday_file(2026))
    assert not isinstance(days, NotYetPublished)
    operations.load_year(
        year=2026, days=days, source="2026.json", expected_version=3, actor=actor, at=moment
    )
    known = calendar(2026, 2026)
    assert known.name(date(2026, 12, 24)) == "司庆"
    assert known.mark(date(2026, 1, 4)) == "班"


def table_of(*rows: tuple[date | str | None, ...]) -> bytes:
    columns = [ColumnSpec("日期", "date"), ColumnSpec("类型"), ColumnSpec("名称")]
    return write_workbook(
        [SheetSpec("放假", columns, rows, heading=("公司 2027 年放假安排", "办公室"))]
    )


def test_a_year_is_read_from_json_and_from_a_table_alike() -> None:
    rows = (
        (date(2026, 12, 31), "休", "元旦"),
        (date(2027, 1, 1), "放假", "元旦"),
        (date(2027, 1, 3), "班", "元旦"),
    )
    published = {
        "year": 2027,
        "days": [
            {"name": name, "date": str(on), "isOffDay": kind != "班"} for on, kind, name in rows
        ],
    }
    table = read_calendar_file(table_of(*rows), "放假.xlsx")
    notice = read_calendar_file(json.dumps(published).encode(), "2027.json")
    csv = "日期,类型,名称\n2026/12/31,休,元旦\n2027年1月1日,休,元旦\n2027.1.3,班,元旦\n"
    plain = read_calendar_file(csv.encode("gb18030"), "放假.csv")
    facts = [(day.on, day.is_workday, day.name) for day in table.days]
    assert facts == [(on, kind == "班", name) for on, kind, name in rows]
    for other in (notice, plain):
        assert other.year == table.year == 2027
        assert [(day.on, day.is_workday, day.name) for day in other.days] == facts
    assert read_calendar_file((HOLIDAYS / "2027.json").read_bytes(), "2027.json").days == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"year": 2027}', "days"),
        (b'{"year": ', "JSON"),
        (table_of((date(2027, 1, 1), "也许", "")), "第 4 行"),
        (table_of((None, "休", "元旦")), "第 4 行"),
        (table_of(), "没有日期"),
        (b"\xe5\x90\x8d,1\n", "表头"),
        (b"", "空"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused_with_the_place(content: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        read_calendar_file(content, "x")


def test_an_administrator_loads_a_year_on_the_page(
    cast: Cast, browser_of: Callable[[Person], Client]
) -> None:
    browser = browser_of(cast["马骏"])
    assert "2027 年的放假安排还没有载入" in browser.get("/calendar/?year=2027").content.decode()
    not_yet = SimpleUploadedFile("2027.json", (HOLIDAYS / "2027.json").read_bytes())
    answer = browser.post("/calendar/load/", {"year": "2027", "file": not_yet})
    assert answer.status_code == 422
    assert "尚未公布" in answer.content.decode()
    table = SimpleUploadedFile("2027.xlsx", table_of((date(2027, 1, 1), "休", "元旦")))
    answer = browser.post("/calendar/load/", {"year": "2027", "file": table})
    assert (answer.status_code, answer["Location"]) == (302, "/calendar/?year=2027")
    assert calendar(2027, 2027).name(date(2027, 1, 1)) == "元旦"
    assert browser.post("/calendar/load/", {"year": "2027"}).status_code == 422
    answer = browser_of(cast["林晓岚"]).post("/calendar/load/", {"year": "2027"})
    assert answer.status_code == 403

"""A person's calendar: validated by the icalendar package, and shut when it is revoked."""

import re
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils.translation import override
from icalendar import Calendar

from core.errors import NotAllowed, Refused
from core.models import AuditRow
from core.periods import SHANGHAI
from meetings.choices import MeetingKind
from meetings.feed import CONTENT_TYPE, calendar_file
from meetings.models import CalendarFeed, Meeting
from meetings.operations.combining import combine_meetings
from meetings.operations.delegations import delegate_holding
from meetings.operations.feeds import end_feed, make_feed
from meetings.operations.occurrences import cancel_meeting, ensure_meetings, move_meeting
from meetings.queries.feeds import meetings_of_person
from organization.models import Person
from tests.cast import NOON, Cast, at
from tests.conftest import StoryClock

WEEKLY = "weekly-2026-W49-{}@bihuan"


@pytest.fixture
def ahead(cast: Cast, clock: StoryClock) -> Cast:
    """Friday noon; everything of December is laid out."""
    ensure_meetings(date(2026, 11, 27), date(2026, 12, 31), at=NOON)
    return cast


def meeting_of(cast: Cast, kind: str, key: str) -> Meeting:
    return Meeting.objects.get(kind=kind, key=key, branch=cast.east)


def events_of(cast: Cast, name: str) -> dict[str, Any]:
    """What the package reads of somebody's calendar, by UID; it must not find a fault."""
    person = cast[name]
    content = calendar_file(person, meetings_of_person(person, NOON))
    assert content == calendar_file(person, meetings_of_person(person, NOON))
    calendar = Calendar.from_ical(content)
    assert isinstance(calendar, Calendar)
    assert [part.errors for part in calendar.walk() if part.errors] == []
    assert (str(calendar["version"]), str(calendar["method"])) == ("2.0", "PUBLISH")
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    assert all(line.endswith(b"\r\n") and len(line) <= 77 for line in content.splitlines(True))
    events = list(calendar.walk("VEVENT"))
    found = {str(event["uid"]): event for event in events}
    assert len(found) == len(events)
    for event in events:
        assert event["dtstart"].params["tzid"] == "Asia/Shanghai"
        assert event.decoded("dtstart") < event.decoded("dtend")
    return found


# What RFC 5545 asks of the bytes, read by hand: whoever writes them does not judge them.
PROPERTY = re.compile(
    r"(?P<name>[A-Z0-9-]+)(?P<params>(?:;[A-Z0-9-]+=(?:\"[^\"]*\"|[^\";:,]+))*):(?P<value>.*)",
    re.DOTALL,
)
UTC_MOMENT = re.compile(r"[0-9]{8}T[0-9]{6}Z")
LOCAL_MOMENT = re.compile(r"[0-9]{8}T[0-9]{6}")
UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[,;]")


def properties_of(content: bytes) -> list[tuple[str, str, str]]:
    """Every property as name, parameters and value (RFC 5545, 3.1): lines end with CRLF, none has
    more than 75 octets, each piece of a folded one is text by itself."""
    assert content.endswith(b"\r\n")
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(len(line) for line in lines) <= 75
    unfolded: list[str] = []
    for line in lines:
        text = line.decode("utf-8")
        if text[0] == " ":
            unfolded[-1] += text[1:]
        else:
            unfolded.append(text)
    found = []
    for text in unfolded:
        read = PROPERTY.fullmatch(text)
        assert read is not None, text
        found.append((read["name"], read["params"], read["value"]))
    return found


def components_of(content: bytes) -> list[tuple[str, dict[str, tuple[str, str]]]]:
    """The components with their properties, which the feed has once each; well nested."""
    open_: list[tuple[str, dict[str, tuple[str, str]]]] = []
    found = []
    for name, params, value in properties_of(content):
        if name == "BEGIN":
            open_.append((value, {}))
        elif name == "END":
            closed = open_.pop()
            assert closed[0] == value
            found.append(closed)
        else:
            assert name not in open_[-1][1], f"{name} twice"
            open_[-1][1][name] = (params, value)
    assert not open_
    return found


def test_the_bytes_keep_to_rfc_5545(ahead: Cast) -> None:
    meeting = meeting_of(ahead, "weekly", "2026-W49")
    Meeting.objects.filter(pk=meeting.pk).update(place="三楼，东侧; 大会议室, 靠窗" * 3)
    person = ahead["林晓岚"]
    components = components_of(calendar_file(person, meetings_of_person(person, NOON)))
    [calendar] = [given for name, given in components if name == "VCALENDAR"]
    assert calendar["VERSION"] == ("", "2.0")
    assert calendar["PRODID"][1]
    zones = {given["TZID"][1] for name, given in components if name == "VTIMEZONE"}
    offsets = [given for name, given in components if name in ("STANDARD", "DAYLIGHT")]
    assert all({"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"} <= set(given) for given in offsets)
    events = [given for name, given in components if name == "VEVENT"]
    assert len(events) == len({given["UID"][1] for given in events}) > 20
    for given in events:
        assert UTC_MOMENT.fullmatch(given["DTSTAMP"][1])
        assert given["SEQUENCE"][1].isdecimal()
        assert given["STATUS"][1] in ("CONFIRMED", "CANCELLED")
        for name in ("DTSTART", "DTEND"):
            params, value = given[name]
            assert params.removeprefix(";TZID=").strip('"') in zones
            assert LOCAL_MOMENT.fullmatch(value)
        assert given["DTSTART"][1] < given["DTEND"][1]
        for name in {"SUMMARY", "LOCATION", "DESCRIPTION"} & set(given):
            assert not UNESCAPED.search(given[name][1])


def told(event: Any) -> tuple[str, int, str, str]:
    begins = event.decoded("dtstart").astimezone(SHANGHAI)
    summary, status = str(event["summary"]), str(event["status"])
    return f"{begins:%m-%d %H:%M}", int(event["sequence"]), status, summary


def test_a_manager_sees_the_series_of_the_branch(ahead: Cast) -> None:
    events = events_of(ahead, "林晓岚")
    assert sorted(events) == sorted(
        f"{meeting.kind}-{meeting.key}-{ahead.east.pk}@bihuan"
        for meeting in Meeting.objects.filter(branch=ahead.east)
    )
    weekly = events[WEEKLY.format(ahead.east.pk)]
    assert told(weekly) == ("11-30 08:30", 0, "CONFIRMED", "每周例会 · 城东分公司")
    assert str(weekly["location"]) == "会议室"
    assert weekly.decoded("dtstart").utcoffset() == ZoneInfo("Asia/Shanghai").utcoffset(
        weekly.decoded("dtstart").replace(tzinfo=None)
    )


def test_everybody_sees_what_concerns_him_and_no_more(ahead: Cast) -> None:
    def kinds(name: str) -> set[str]:
        return {uid.split("-")[0] for uid in events_of(ahead, name)}

    everything = {"standup", "weekly", "gm", "analysis"}
    assert kinds("林晓岚") == kinds("周建平") == everything
    assert kinds("赵国梁") == {"gm", "analysis"}
    assert kinds("韩静") == set()
    assert not set(events_of(ahead, "吴志远")) & set(events_of(ahead, "林晓岚"))


def test_a_move_keeps_the_uid_and_raises_the_sequence(ahead: Cast) -> None:
    weekly: Any = None
    for place, (day, start) in enumerate(((1, time(10, 0)), (2, time(9, 0))), 1):
        meeting = meeting_of(ahead, "weekly", "2026-W49")
        move_meeting(
            meeting_id=meeting.pk,
            on=date(2026, 12, day),
            start=start,
            reason="拜访东方纺织集团",
            expected_version=meeting.version,
            actor=ahead.actor("周建平"),
            at=NOON,
        )
        weekly = events_of(ahead, "林晓岚")[WEEKLY.format(ahead.east.pk)]
        assert told(weekly) == (
            f"12-0{day} {start:%H:%M}", place, "CONFIRMED", "每周例会 · 城东分公司",
        )  # fmt: skip
    assert str(weekly["description"]) == "原定 2026-11-30"


def test_a_weekly_meeting_that_is_moved_changes_places_with_the_stand_up(ahead: Cast) -> None:
    """On the day to which it was moved it replaces the stand-up; the day it left has one again."""
    east = ahead.east.pk
    tuesday, monday = (f"standup-2026-{day}-{east}@bihuan" for day in ("12-01", "11-30"))
    weekly = meeting_of(ahead, "weekly", "2026-W49")
    move_meeting(
        meeting_id=weekly.pk,
        on=date(2026, 12, 1),
        start=time(8, 30),
        reason="周一有检查",
        expected_version=weekly.version,
        actor=ahead.actor("周建平"),
        at=NOON,
    )
    events = events_of(ahead, "林晓岚")
    assert told(events[WEEKLY.format(east)])[0] == "12-01 08:30"
    assert told(events[monday])[:3] == ("11-30 08:30", 0, "CONFIRMED")
    assert told(events[tuesday])[:3] == ("12-01 08:30", 1, "CANCELLED")


def test_a_cancelled_meeting_stays_and_says_so(ahead: Cast) -> None:
    meeting = meeting_of(ahead, "standup", "2026-12-01")
    cancel_meeting(
        meeting_id=meeting.pk,
        reason="全员去东方纺织集团",
        expected_version=meeting.version,
        actor=ahead.actor("周建平"),
        at=NOON,
    )
    event = events_of(ahead, "林晓岚")[f"standup-2026-12-01-{ahead.east.pk}@bihuan"]
    assert told(event) == (
        "12-01 08:30", meeting.sequence + 1, "CANCELLED", "每日晨会 · 城东分公司",
    )  # fmt: skip


def test_two_duties_in_one_sitting_are_one_entry(ahead: Cast) -> None:
    lead = meeting_of(ahead, "weekly", "2026-W52")
    joined = meeting_of(ahead, "analysis", "2026-12")
    combine_meetings(
        lead_id=lead.pk,
        joined_id=joined.pk,
        expected_version=1,
        actor=ahead.actor("赵国梁"),
        at=NOON,
    )
    events = events_of(ahead, "林晓岚")
    east = ahead.east.pk
    assert told(events[f"weekly-2026-W52-{east}@bihuan"]) == (
        "12-21 08:30", 1, "CONFIRMED", "每周例会＋分析会 · 城东分公司",
    )  # fmt: skip
    assert told(events[f"analysis-2026-12-{east}@bihuan"])[1:3] == (1, "CANCELLED")


def test_a_delegate_sees_what_he_is_to_hold(ahead: Cast) -> None:
    meeting = meeting_of(ahead, "standup", "2026-12-01")
    delegate_holding(
        meeting_id=meeting.pk,
        delegate_id=ahead["钱慧敏"].pk,
        reason="去省公司",
        expected_version=1,
        actor=ahead.actor("周建平"),
        at=NOON,
    )
    assert f"standup-2026-12-01-{ahead.east.pk}@bihuan" in events_of(ahead, "钱慧敏")


def test_no_customer_and_no_reason_stands_in_it(ahead: Cast) -> None:
    test_a_move_keeps_the_uid_and_raises_the_sequence(ahead)
    test_a_cancelled_meeting_stays_and_says_so(ahead)
    person = ahead["林晓岚"]
    content = calendar_file(person, meetings_of_person(person, NOON)).decode()
    text = content.replace("\r\n ", "")
    assert [name for name in ahead.customers if name in text] == []


def test_a_line_break_in_a_name_or_place_of_old_begins_no_property(ahead: Cast) -> None:
    Meeting.objects.filter(branch=ahead.east).update(place="二楼\rX-EVIL:1\r\nATTENDEE:x")
    Person.objects.filter(pk=ahead["林晓岚"].pk).update(name="林\r\nX-NAME:1\rZ:1")
    ahead["林晓岚"].refresh_from_db()
    events = events_of(ahead, "林晓岚").values()
    assert {str(event["location"]) for event in events} == {"二楼 X-EVIL:1 ATTENDEE:x"}
    assert not any("attendee" in event or "x-evil" in event for event in events)


def test_it_speaks_its_readers_language(ahead: Cast) -> None:
    person = ahead["林晓岚"]
    person.language = "en"
    person.save()
    weekly = events_of(ahead, "林晓岚")[WEEKLY.format(ahead.east.pk)]
    with override("en"):
        assert str(weekly["summary"]) == f"{MeetingKind.WEEKLY.label} · 城东分公司"


# The address


def fetched(secret: str) -> Any:
    """What a calendar client, which signs in nowhere, is answered."""
    return Client().get(f"/calendar-feed/{secret}.ics")


def test_an_address_opens_until_it_is_changed_or_revoked(ahead: Cast, clock: StoryClock) -> None:
    actor = ahead.actor("林晓岚")
    feed, secret = make_feed(actor=actor, at=NOON)
    answer = fetched(secret)
    assert (answer.status_code, answer["Content-Type"]) == (200, CONTENT_TYPE)
    assert len(Calendar.from_ical(answer.content).walk("VEVENT")) == len(
        meetings_of_person(ahead["林晓岚"], NOON)
    )
    feed.refresh_from_db()
    assert feed.read_at == NOON
    assert secret not in feed.key_hash
    _feed, other = make_feed(actor=actor, at=NOON)
    assert (fetched(secret).status_code, fetched(other).status_code) == (404, 200)
    end_feed(actor=actor, at=NOON)
    assert fetched(other).status_code == 404
    assert CalendarFeed.objects.filter(ended_at=None).count() == 0
    assert list(
        AuditRow.objects.filter(what__contains="_feed")
        .order_by("pk")
        .values_list("what", flat=True)
    ) == ["meetings.make_feed", "meetings.make_feed", "meetings.end_feed"]
    with pytest.raises(Refused):
        end_feed(actor=actor, at=NOON)


def test_what_is_revoked_is_answered_like_what_never_was(ahead: Cast, clock: StoryClock) -> None:
    actor = ahead.actor("林晓岚")
    _feed, secret = make_feed(actor=actor, at=NOON)
    end_feed(actor=actor, at=NOON)
    revoked, unknown = fetched(secret), fetched("x" * len(secret))
    assert (revoked.status_code, unknown.status_code) == (404, 404)
    assert revoked.content == unknown.content


def test_who_has_left_has_no_calendar_any_more(ahead: Cast, clock: StoryClock) -> None:
    _feed, secret = make_feed(actor=ahead.actor("林晓岚"), at=NOON)
    person = ahead["林晓岚"]
    person.left_on = date(2026, 11, 28)
    person.save()
    assert fetched(secret).status_code == 200
    clock.set("2026-11-28 00:00:00")
    assert fetched(secret).status_code == 404


def test_who_attends_nothing_makes_no_address(ahead: Cast) -> None:
    with pytest.raises(NotAllowed):
        make_feed(actor=ahead.actor("马骏"), at=NOON)


def test_a_client_that_fetches_often_is_noted_once_a_quarter(
    ahead: Cast, clock: StoryClock
) -> None:
    feed, secret = make_feed(actor=ahead.actor("林晓岚"), at=NOON)
    for moment, noted in (
        ("2026-11-27 12:00:00", "2026-11-27 12:00:00"),
        ("2026-11-27 12:14:59", "2026-11-27 12:00:00"),
        ("2026-11-27 12:15:00", "2026-11-27 12:15:00"),
    ):
        clock.set(moment)
        fetched(secret)
        feed.refresh_from_db()
        assert feed.read_at == at(noted)

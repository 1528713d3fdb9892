"""Signing in by the code on the screen: sixty seconds, once, only those expected (annex 3.5)."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from core.errors import Refused
from core.models import AuditRow
from meetings.attendance_rules import is_late
from meetings.models import Attendee, AttendeeChange, Meeting, RefusedSignIn
from meetings.operations import sign_ins
from meetings.operations.sign_ins import sign_in_by_code
from meetings.queries.rooms import code_of_room
from meetings.sign_in_codes import (
    code_for,
    is_number_shown,
    numbers_of_a_code,
    read_code,
    screen_number,
)
from organization.models import Person
from tests.cast import Cast, at, make_cast
from tests.domain.meetings_at import (
    TUESDAY,
    acting,
    begun,
    called,
    ended,
    meetings_made,
    opened,
    scanned,
    sheet,
    standup,
)
from tests.domain.test_thirty_across_the_deadline import in_threads, thirty
from tests.domain.test_two_at_once import both, both_look_first

MADE = f"{TUESDAY} 08:25:00"


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    """Tuesday's stand-up with its sign-in open."""
    meetings_made(cast)
    return opened(cast, standup(cast), f"{TUESDAY} 08:20:00")


def refusals() -> list[tuple[str, str]]:
    return [
        (one.person.name, one.why)
        for one in RefusedSignIn.objects.select_related("person").order_by("pk")
    ]


# The code


def test_a_code_says_its_meeting_and_its_moment_and_cannot_be_made_up(
    cast: Cast, meeting: Meeting
) -> None:
    code = code_of_room(cast.actor("周建平"), meeting.pk, at(MADE))
    said = read_code(code)
    assert said is not None
    assert (said.meeting_id, said.made_at, said.is_ours) == (meeting.pk, at(MADE), True)
    later = code_for(meeting.pk, at(MADE) + timedelta(seconds=60))
    assert later != code
    forged = f"{later.rpartition('-')[0]}-{code.rpartition('-')[2]}"
    assert getattr(read_code(forged), "is_ours", None) is False
    for junk in ("", "x", "1-2", "1-zzzzzzzzzzzz-0123456789abcdef", f"{code}0", "中-1-0"):
        assert read_code(junk) is None


@pytest.mark.parametrize(
    ("when", "outcome"),
    [
        (f"{TUESDAY} 08:24:59", "expired"),
        (f"{TUESDAY} 08:25:00", "present"),
        (f"{TUESDAY} 08:26:00", "present"),
        (f"{TUESDAY} 08:26:01", "expired"),
    ],
)
def test_a_code_counts_up_to_its_sixtieth_second(
    cast: Cast, meeting: Meeting, when: str, outcome: str
) -> None:
    signed = scanned(cast, meeting, "林晓岚", MADE, when)
    said = signed.state if isinstance(signed, Attendee) else signed.why
    assert (said, sheet(meeting)["林晓岚"]) == (
        outcome,
        "present" if outcome == "present" else "open",
    )


def test_an_expired_one_is_shown_to_the_holder_once_a_minute(cast: Cast, meeting: Meeting) -> None:
    for when in ("08:27:00", "08:27:30", "08:28:01"):
        scanned(cast, meeting, "林晓岚", MADE, f"{TUESDAY} {when}")
    assert refusals() == [("林晓岚", "expired"), ("林晓岚", "expired")]
    assert AuditRow.objects.filter(what="meetings.refuse_sign_in").count() == 2


def test_a_forwarded_code_is_no_use_to_whoever_is_not_expected(
    cast: Cast, meeting: Meeting
) -> None:
    for who in ("吴志远", "赵国梁", "韩静"):
        scanned(cast, meeting, who, MADE, MADE)
    assert refusals() == [("吴志远", "stranger"), ("赵国梁", "stranger"), ("韩静", "stranger")]
    assert set(sheet(meeting).values()) == {"open"}


def test_a_made_up_code_is_shown_and_one_of_no_meeting_is_refused(
    cast: Cast, meeting: Meeting
) -> None:
    real = code_for(meeting.pk, at(MADE))
    made_up = real[:-1] + ("0" if real[-1] != "0" else "1")
    shown: dict[str, Any] = {
        "number": screen_number(meeting.pk, at(MADE)).number,
        "device": "phone of 林",
        **acting(cast, "林晓岚", at(MADE)),
    }
    signed = sign_in_by_code(code=made_up, **shown)
    assert isinstance(signed, RefusedSignIn)
    assert refusals() == [("林晓岚", "wrong")]
    for code in ("hello", code_for(987_654, at(MADE))):
        with pytest.raises(Refused, match="这不是会议的签到码"):
            sign_in_by_code(code=code, **shown)


def test_whoever_had_to_sign_in_first_came_when_the_phone_opened_the_code(
    cast: Cast, meeting: Meeting
) -> None:
    came = at(f"{TUESDAY} 08:26:00")
    asked: dict[str, Any] = {"scanned_at": came, "asked_password": True}
    signed = scanned(cast, meeting, "林晓岚", MADE, f"{TUESDAY} 08:31:00", **asked)
    assert (signed.state, signed.arrived_at, signed.recorded_at) == (
        "present",
        came,
        at(f"{TUESDAY} 08:31:00"),
    )
    late = scanned(cast, meeting, "陈嘉怡", MADE, f"{TUESDAY} 08:31:01", **asked)
    assert late.why == "expired"


def test_whoever_was_asked_for_no_password_came_when_the_number_was_given(
    cast: Cast, meeting: Meeting
) -> None:
    opened_at = at(f"{TUESDAY} 08:26:00")
    given_at = f"{TUESDAY} 08:27:00"
    signed = scanned(cast, meeting, "林晓岚", MADE, given_at, scanned_at=opened_at)
    assert (signed.state, signed.arrived_at) == ("present", at(given_at))
    late = scanned(cast, meeting, "陈嘉怡", MADE, f"{TUESDAY} 08:27:01", scanned_at=opened_at)
    assert late.why == "expired"


# The number beside the code


def another(meeting: Meeting, when: str) -> str:
    """A number that does not stand on the screen."""
    numbers = (f"{n:02d}" for n in range(100))
    return next(text for text in numbers if not is_number_shown(meeting.pk, text, at(when)))


def test_the_screen_shows_another_number_every_ten_seconds(cast: Cast, meeting: Meeting) -> None:
    shown = numbers_of_a_code(meeting.pk, at(f"{TUESDAY} 08:25:07"))
    assert [f"{one.shown_from.astimezone(at(MADE).tzinfo):%M:%S}" for one in shown] == [
        *("25:00", "25:10", "25:20", "25:30", "25:40", "25:50", "26:00")
    ]
    assert all(re.fullmatch("[0-9]{2}", one.number) for one in shown)
    assert len({screen_number(meeting.pk, one.shown_from).number for one in shown}) > 1
    assert shown[0] == screen_number(meeting.pk, at(f"{TUESDAY} 08:25:09"))


@pytest.mark.parametrize(("seconds", "is_shown"), [(0, True), (19, True), (20, False)])
def test_a_number_counts_while_it_stands_there_or_just_has(seconds: int, is_shown: bool) -> None:
    turn = at(MADE)
    # A meeting whose number of that turn does not come back in the next ones.
    meeting_id = next(
        n
        for n in range(1, 500)
        if screen_number(n, turn).number
        not in {screen_number(n, turn + timedelta(seconds=10 * m)).number for m in (1, 2)}
    )
    number = screen_number(meeting_id, turn).number
    assert is_number_shown(meeting_id, number, turn + timedelta(seconds=seconds)) is is_shown
    assert not is_number_shown(meeting_id, "", turn)


def test_a_forwarded_picture_is_worth_nothing_without_the_number_of_now(
    cast: Cast, meeting: Meeting
) -> None:
    when = f"{TUESDAY} 08:25:30"
    refused = scanned(cast, meeting, "林晓岚", MADE, when, number=another(meeting, when))
    assert refused.why == "number"
    assert sheet(meeting)["林晓岚"] == "open"
    signed = scanned(cast, meeting, "林晓岚", MADE, when)
    assert signed.state == "present"
    again = scanned(cast, meeting, "林晓岚", MADE, when, number=another(meeting, when))
    assert again.pk == signed.pk
    assert refusals() == [("林晓岚", "number")]


def test_after_a_second_wrong_number_it_takes_the_next_code(cast: Cast, meeting: Meeting) -> None:
    for when in ("08:25:20", "08:25:25"):
        moment = f"{TUESDAY} {when}"
        scanned(cast, meeting, "林晓岚", MADE, moment, number=another(meeting, moment))
    right = scanned(cast, meeting, "林晓岚", MADE, f"{TUESDAY} 08:25:40")
    assert (right.why, sheet(meeting)["林晓岚"]) == ("spent", "open")
    assert refusals() == [("林晓岚", "number"), ("林晓岚", "spent")]
    assert AuditRow.objects.filter(what="meetings.refuse_sign_in").count() == 2
    other = scanned(cast, meeting, "陈嘉怡", MADE, f"{TUESDAY} 08:25:40")
    assert other.state == "present"
    fresh = f"{TUESDAY} 08:26:00"
    assert scanned(cast, meeting, "林晓岚", fresh, fresh).state == "present"


def test_every_wrong_number_is_counted_on_whichever_code(cast: Cast, meeting: Meeting) -> None:
    for when in ("08:25:50", "08:26:00"):
        moment = f"{TUESDAY} {when}"
        scanned(cast, meeting, "林晓岚", moment, moment, number=another(meeting, moment))
    assert refusals() == [("林晓岚", "number"), ("林晓岚", "number")]


# Once, one phone each


def test_one_person_signs_once_whatever_is_scanned_again(cast: Cast, meeting: Meeting) -> None:
    first = scanned(cast, meeting, "林晓岚", MADE, MADE)
    again = scanned(cast, meeting, "林晓岚", MADE, f"{TUESDAY} 08:40:00", device="another one")
    assert (again.pk, again.arrived_at, again.device) == (first.pk, at(MADE), first.device)
    assert AuditRow.objects.filter(what="meetings.sign_in_by_code").count() == 1
    assert refusals() == []


def test_one_phone_signs_for_one_person(cast: Cast, meeting: Meeting) -> None:
    scanned(cast, meeting, "林晓岚", MADE, MADE, device="one phone for two")
    borrowed = scanned(cast, meeting, "陈嘉怡", MADE, MADE, device="one phone for two")
    assert borrowed.why == "borrowed"
    assert sheet(meeting) == {"林晓岚": "present", "陈嘉怡": "open", "何俊峰": "open"}
    with pytest.raises(Refused, match="没有说明是哪一部手机"):
        scanned(cast, meeting, "陈嘉怡", MADE, MADE, device="")


def test_a_sign_in_taken_back_frees_the_phone_and_coming_after_it_is_an_amendment(
    cast: Cast, meeting: Meeting
) -> None:
    phone = {"device": "phone of 陈嘉怡"}
    scanned(cast, meeting, "林晓岚", MADE, f"{TUESDAY} 08:25:20", **phone)
    called(cast, meeting, "林晓岚", "absent", f"{TUESDAY} 08:25:30", why="陈嘉怡的手机")
    assert scanned(cast, meeting, "陈嘉怡", MADE, f"{TUESDAY} 08:25:40").state == "present"
    assert scanned(cast, meeting, "林晓岚", MADE, f"{TUESDAY} 08:25:50", **phone).why == "borrowed"
    assert scanned(cast, meeting, "林晓岚", MADE, f"{TUESDAY} 08:25:55").state == "present"
    kept = AttendeeChange.objects.filter(attendee__person=cast["林晓岚"])
    assert [(one.before, one.after, one.by.name) for one in kept] == [
        ("present", "absent", "周建平"),
        ("absent", "present", "林晓岚"),
    ]


def test_a_made_up_code_tells_another_branch_nothing_and_learns_nothing(
    cast: Cast, meeting: Meeting
) -> None:
    shown = {"number": "00", "device": "phone of 吴", **acting(cast, "吴志远", at(MADE))}
    for real in (code_for(meeting.pk, at(MADE)), code_for(987_654, at(MADE))):
        with pytest.raises(Refused, match="这不是会议的签到码"):
            sign_in_by_code(code=f"{real.rpartition('-')[0]}-{'0' * 16}", **shown)
    assert (refusals(), AuditRow.objects.filter(what="meetings.refuse_sign_in").count()) == ([], 0)


def test_a_fault_of_the_database_is_not_taken_for_a_borrowed_phone(
    cast: Cast, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_args: Any, **_more: Any) -> None:
        raise IntegrityError("a foreign key")

    monkeypatch.setattr(sign_ins, "settled", breaks)
    with pytest.raises(IntegrityError):
        scanned(cast, meeting, "林晓岚", MADE, MADE)


def test_what_is_kept_of_a_phone_does_not_tell_which_it_is(cast: Cast, meeting: Meeting) -> None:
    signed = scanned(cast, meeting, "林晓岚", MADE, MADE)
    assert "林晓岚" not in signed.device
    assert len(signed.device) == 64


# Late, excused, over


@pytest.mark.parametrize(
    ("begins", "comes", "state"),
    [
        ("08:28:00", "08:30:00", "present"),
        ("08:28:00", "08:30:01", "late"),
        ("08:31:00", "08:31:00", "present"),
        ("08:31:00", "08:31:01", "late"),
    ],
)
def test_late_is_after_the_time_arranged_and_after_it_really_began(
    cast: Cast, meeting: Meeting, begins: str, comes: str, state: str
) -> None:
    begun(cast, meeting, f"{TUESDAY} {begins}")
    when = f"{TUESDAY} {comes}"
    assert scanned(cast, meeting, "林晓岚", when, when).state == state


def test_before_it_has_begun_nobody_is_late(cast: Cast, meeting: Meeting) -> None:
    when = f"{TUESDAY} 08:35:00"
    assert scanned(cast, meeting, "林晓岚", when, when).state == "present"


def test_who_was_marked_away_and_comes_has_come_and_both_states_stay(
    cast: Cast, meeting: Meeting
) -> None:
    called(cast, meeting, "林晓岚", "absent", MADE)
    scanned(cast, meeting, "林晓岚", MADE, MADE)
    change = AttendeeChange.objects.get()
    assert (change.before, change.after, change.by) == ("absent", "present", cast["林晓岚"])
    assert sheet(meeting)["林晓岚"] == "present"


def test_outside_an_open_room_no_code_counts(cast: Cast, meeting: Meeting) -> None:
    meetings_made(cast)
    later = Meeting.objects.get(kind="standup", key="2026-12-02", branch=cast.east)
    assert scanned(cast, later, "林晓岚", MADE, MADE).why == "closed"
    with pytest.raises(Refused, match="签到没有打开"):
        code_of_room(cast.actor("周建平"), later.pk, at(MADE))
    running = begun(cast, meeting, f"{TUESDAY} 08:30:00")
    ended(cast, running, f"{TUESDAY} 08:50:00")
    when = f"{TUESDAY} 08:50:10"
    assert scanned(cast, meeting, "林晓岚", when, when).why == "closed"
    assert refusals() == [("林晓岚", "closed"), ("林晓岚", "closed")]


def test_a_meeting_that_nobody_ends_takes_no_code_after_its_day(
    cast: Cast, meeting: Meeting
) -> None:
    begun(cast, meeting, f"{TUESDAY} 08:30:00")
    last, next_day = f"{TUESDAY} 23:59:59", "2026-12-02 00:00:00"
    assert scanned(cast, meeting, "林晓岚", last, last).state == "late"
    assert scanned(cast, meeting, "陈嘉怡", last, next_day).why == "closed"
    with pytest.raises(Refused, match="签到没有打开"):
        code_of_room(cast.actor("周建平", on=at(next_day)), meeting.pk, at(next_day))


def test_who_signs_while_it_is_ended_is_either_in_or_turned_away(
    cast: Cast, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end comes between the look and the writing: the compare-and-set sees it."""
    running = begun(cast, meeting, f"{TUESDAY} 08:30:00")

    def and_ends(*args: Any) -> bool:
        ended(cast, running, f"{TUESDAY} 08:50:00")
        return is_late(*args)

    monkeypatch.setattr(sign_ins, "is_late", and_ends)
    when = f"{TUESDAY} 08:50:00"
    assert scanned(cast, meeting, "林晓岚", when, when).why == "closed"
    assert sheet(meeting)["林晓岚"] == "absent"


def test_the_trail_tells_who_signed_in(cast: Cast, meeting: Meeting) -> None:
    scanned(cast, meeting, "林晓岚", MADE, MADE)
    row = AuditRow.objects.get(what="meetings.sign_in_by_code")
    assert (row.actor_name, row.before, row.after) == (
        "林晓岚",
        {"presence": "open"},
        {"presence": "present"},
    )
    assert row.target_label == "城东分公司 每日晨会 2026-12-01 林晓岚的签到"


# Thirty at once


def _open_for_thirty() -> tuple[Cast, Meeting, list[Person]]:
    cast = make_cast()
    people = thirty(cast)
    meetings_made(cast)
    return cast, opened(cast, standup(cast), f"{TUESDAY} 08:20:00"), people


def _all_at_once(
    cast: Cast, meeting: Meeting, people: list[Person], sign: Callable[[Person], object]
) -> list[Exception]:
    tasks: list[Callable[[], None]] = [
        lambda person=person: sign(person)  # type: ignore[misc]
        for person in people
    ]
    return in_threads(tasks)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_thirty_who_sign_in_at_once_are_all_in() -> None:
    cast, meeting, people = _open_for_thirty()
    cast.people |= {person.name: person for person in people}
    assert (
        _all_at_once(
            cast, meeting, people, lambda person: scanned(cast, meeting, person.name, MADE, MADE)
        )
        == []
    )
    states = sheet(meeting)
    assert [states.pop(person.name) for person in people] == ["present"] * 30
    assert set(states.values()) == {"open"}
    assert AuditRow.objects.filter(what="meetings.sign_in_by_code").count() == 30
    assert refusals() == []


@pytest.mark.pg
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_control_a_sheet_written_back_as_a_whole_would_lose_them() -> None:
    """The guard is one compare-and-set for each person; without it the fault bites."""
    cast, meeting, people = _open_for_thirty()
    all_have_read = threading.Barrier(len(people))

    def over_the_whole_sheet(person: Person) -> None:
        rows = list(Attendee.objects.filter(meeting=meeting).order_by("pk"))
        all_have_read.wait()
        for row in rows:
            if row.person_id == person.pk:
                row.state, row.arrived_at = "present", at(MADE)
        Attendee.objects.bulk_update(rows, ["state", "arrived_at"])

    assert _all_at_once(cast, meeting, people, over_the_whole_sheet) == []
    assert list(sheet(meeting).values()).count("present") == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_on_one_phone_at_once_are_one() -> None:
    cast, meeting, _people = _open_for_thirty()

    def sign(name: str) -> None:
        scanned(cast, meeting, name, MADE, MADE, device="one phone for two")

    assert in_threads([lambda: sign("林晓岚"), lambda: sign("陈嘉怡")]) == []
    assert sorted(sheet(meeting)[name] for name in ("林晓岚", "陈嘉怡")) == ["open", "present"]
    assert [why for _who, why in refusals()] == ["borrowed"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_person_tapping_ten_times_at_once_has_signed_once() -> None:
    cast, meeting, _people = _open_for_thirty()
    failures = in_threads([lambda: scanned(cast, meeting, "林晓岚", MADE, MADE)] * 10)
    assert failures == []
    assert AuditRow.objects.filter(what="meetings.sign_in_by_code").count() == 1
    assert refusals() == []
    assert Attendee.objects.get(state="present").arrived_at == at(MADE)


@pytest.mark.django_db(transaction=True)
def test_one_stranger_tapping_twice_at_once_is_one_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    cast, meeting, _people = _open_for_thirty()
    both_look_first(monkeypatch, sign_ins, "_known")
    assert both(lambda: scanned(cast, meeting, "赵国梁", MADE, f"{TUESDAY} 08:25:20")) == []
    assert refusals() == [("赵国梁", "stranger")]

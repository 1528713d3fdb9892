"""Meetings as a branch sets them: words both ways, bounds, the weekday of the weekly meeting."""

from datetime import date, time

import pytest
from django.utils import translation

from core.calendar import PLAIN_CALENDAR, Calendar, DayMark
from core.periods import Week
from organization.setting_texts import LABELS, text_of, value_in
from organization.settings import DEFAULTS, KEYS, parsed, plain


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("key", sorted(KEYS))
def test_what_a_page_shows_is_read_back_as_the_same_value(key: str, language: str) -> None:
    value = getattr(DEFAULTS, key)
    with translation.override(language):
        shown = text_of(key, value)
        assert parsed(key, value_in(key, shown)) == value
        assert parsed(key, plain(value)) == value
    assert key in LABELS


def test_who_attends_is_written_in_words_or_codes() -> None:
    for text in ("客户经理主管、总经理", "客户经理主管 总经理", "supervisor, gm"):
        assert parsed("gm_attendees", value_in("gm_attendees", text)) == ("supervisor", "gm")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("weekly_meeting_day", 0),
        ("weekly_meeting_day", 8),
        ("gm_day", 24),
        ("standup_minutes", 4),
        ("standup_holders", []),
        ("standup_holders", ["manager"]),
        ("standup_attendees", ["market"]),
        ("standup_attendees", "manager"),
        ("leave_cutoff", "sometime"),
        ("other_combinations", ["weekly+weekly"]),
        ("meeting_place", "二楼\r\nX:1"),
        ("meeting_place", "二楼\rX"),
    ],
)
def test_what_a_meeting_cannot_be_is_refused(key: str, value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        parsed(key, value)


def test_the_edges_of_a_meeting_are_taken() -> None:
    assert [parsed("weekly_meeting_day", n) for n in (1, 7)] == [1, 7]
    assert [parsed("gm_day", n) for n in (1, 23)] == [1, 23]
    assert parsed("minutes_due", "17:30") == time(17, 30)
    assert parsed("other_combinations", []) == ()


def test_another_weekday_moves_forward_in_its_week_and_back_where_none_is_left() -> None:
    week = Week(2026, 48)
    off = {
        date(2026, 11, 25): DayMark(date(2026, 11, 25), False, "停电", "test"),
        date(2026, 11, 27): DayMark(date(2026, 11, 27), False, "停电", "test"),
    }
    calendar = Calendar(off, frozenset({2026}))
    assert PLAIN_CALENDAR.weekly_meeting_on(week, 3) == date(2026, 11, 25)
    assert calendar.weekly_meeting_on(week, 3) == date(2026, 11, 26)
    assert calendar.weekly_meeting_on(week, 5) == date(2026, 11, 26)
    assert calendar.weekly_meeting_on(week, 7) == date(2026, 11, 26)

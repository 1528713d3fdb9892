"""Pure rules: kinds of characters, when a session is over, names of browsers, settings as text."""

from datetime import UTC, datetime, time, timedelta

import pytest

from organization.rules import browser_name, is_session_over, kinds_of_characters
from organization.setting_texts import LABELS, text_of, value_in
from organization.settings import DEFAULTS, KEYS, parsed, plain

BEGUN = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [("", 0), ("abc", 1), ("abcD", 2), ("abcD1", 3), ("abcD1-", 4), ("汉字", 1), ("汉字a1", 3)],
)
def test_kinds_of_characters(text: str, kinds: int) -> None:
    assert kinds_of_characters(text) == kinds


@pytest.mark.parametrize(
    ("seen", "now", "is_over"),
    [
        (0, 1799, False),
        (0, 1800, True),
        (43_199 - 60, 43_199, False),
        (43_199, 43_200, True),
    ],
)
def test_a_session_is_over_by_idling_or_by_age_to_the_second(
    seen: int, now: int, is_over: bool
) -> None:
    over = is_session_over(
        BEGUN,
        BEGUN + timedelta(seconds=seen),
        BEGUN + timedelta(seconds=now),
        idle=timedelta(minutes=30),
        longest=timedelta(hours=12),
    )
    assert over is is_over


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/130.0 Safari/537",
            "Chrome · Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537 Edg/130.0", "Edge · Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/116.0 MicroMessenger/8.0", "WeChat · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604", "Safari · iPhone"),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_named_in_two_words(agent: str, name: str) -> None:
    assert browser_name(agent) == name


def test_every_setting_has_a_label_with_an_example_that_is_read_as_shipped() -> None:
    assert tuple(LABELS) == KEYS
    for key in KEYS:
        shipped = getattr(DEFAULTS, key)
        assert parsed(key, value_in(key, text_of(key, shipped))) == shipped
        assert parsed(key, plain(shipped)) == shipped


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("summary_due", "17：00", time(17)),
        ("reminder_times", "9:40，15:10、17:07".replace("9:40", "09:40"), (
            time(9, 40), time(15, 10), time(17, 7),
        )),
        ("work_hours", "08:00–12:00 13:00-17:00", ((time(8), time(12)), (time(13), time(17)))),
        ("rollup_recipients", "100002, 100003", ("100002", "100003")),
        ("rollup_recipients", "", ()),
        ("rollup_lag_weeks", "0", 0),
    ],
)  # fmt: skip
def test_values_are_read_as_people_write_them(key: str, text: str, value: object) -> None:
    assert parsed(key, value_in(key, text)) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [("summary_due", "半夜"), ("summary_due", ""), ("rollup_lag_weeks", "x"), ("work_hours", "8")],
)
def test_what_is_no_value_is_not_read(key: str, text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        parsed(key, value_in(key, text))

"""休 and 班 beside every day that a page shows: National Day 2026, and the Saturday made up for."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import format_html
from django.utils.translation import override

from core import formats
from core.calendar import Calendar, DayMark
from core.marked_days import days_marked, filled
from core.models import WorkDay
from duties.letters import letters_for
from duties.models import Notice
from organization.models import Person
from tests.cast import Cast, at
from tests.conftest import StoryClock
from tests.domain.week import logged

Browsers = Callable[[Person], Client]

HOLIDAY, MAKE_UP = date(2026, 10, 1), date(2026, 10, 10)
KNOWN = Calendar(
    {
        HOLIDAY: DayMark(HOLIDAY, False, '国庆"节'),
        MAKE_UP: DayMark(MAKE_UP, True, "国庆节"),
    },
    frozenset({2026}),
)
REST = '<span class="mark rest" title="国庆&quot;节">休</span>'
WORK = '<span class="mark makeup" title="国庆节">班</span>'


def shown(written: str, **given: object) -> str:
    """What a template makes of the day."""
    return Template(written).render(Context(given))


def test_a_day_bears_its_mark_in_words_and_in_colour() -> None:
    with days_marked(lambda: KNOWN):
        assert formats.day(HOLIDAY) == "2026年10月1日（周四 休）第40周"
        assert formats.short_day(MAKE_UP) == "10月10日（周六 班）"
        assert formats.moment(at("2026-10-01 17:30:00")) == "10月1日（周四 休）17:30"
        assert formats.exact_moment(at("2026-10-01 17:30:01")) == "10月1日（周四 休） 17:30:01"
        assert formats.plain_day(HOLIDAY) == "2026-10-01 休"
        assert formats.month_day(MAKE_UP) == "10-10 班"
        assert formats.weekday(HOLIDAY) == "周四 休"
        assert shown("{{ on|short_day }}", on=HOLIDAY) == f"10月1日（周四 {REST}）"
        assert shown("{{ on|day }}", on=MAKE_UP) == f"2026年10月10日（周六 {WORK}）第41周"
        assert shown("{{ at|moment:now }}", at=at("2026-10-01 09:00:00"), now=at("2027-01-04")) == (
            f"2026-10-01 {REST} 09:00"
        )
        assert format_html("<b>{}</b>", formats.month_day(HOLIDAY)) == f"<b>10-01 {REST}</b>"


def test_a_plain_saturday_bears_none() -> None:
    with days_marked(lambda: KNOWN):
        assert formats.short_day(date(2026, 11, 28)) == "11月28日（周六）"


def test_english_says_it_in_brackets_and_names_the_holiday() -> None:
    with override("en"), days_marked(lambda: KNOWN):
        assert formats.short_day(HOLIDAY) == "Thu 1 Oct (off)"
        assert formats.day(MAKE_UP) == "Sat 10 Oct 2026 (on), week 41"
        assert shown("{{ on|short_day }}", on=MAKE_UP) == (
            'Sat 10 Oct <span class="mark makeup" title="国庆节">on</span>'
        )


def test_a_sentence_keeps_the_colour_and_escapes_the_rest() -> None:
    with days_marked(lambda: KNOWN):
        said = filled("%(who)s %(when)s", who="<b>", when=formats.month_day(HOLIDAY))
        assert said == "<b> 10-01 休"
        assert shown("{{ said }}", said=said) == f"&lt;b&gt; 10-01 {REST}"
        with_tag = "{% blocktranslate with when=at|moment %}{{ when }} 截止{% endblocktranslate %}"
        assert shown("{% load i18n %}" + with_tag, at=at("2026-10-01 17:30:00")) == (
            f"10月1日（周四 {REST}）17:30 截止"
        )
    assert shown("{{ said }}", said=filled("%(who)s", who="<b>")) == "&lt;b&gt;"


def test_off_the_page_days_stay_plain() -> None:
    assert formats.short_day(HOLIDAY) == "10月1日（周四）"
    with days_marked(lambda: KNOWN):
        with days_marked(None):
            assert formats.short_day(HOLIDAY) == "10月1日（周四）"
        assert formats.short_day(HOLIDAY) == "10月1日（周四 休）"


def test_the_calendar_is_read_once_and_only_if_a_day_is_shown() -> None:
    read: list[int] = []

    def load() -> Calendar:
        read.append(1)
        return KNOWN

    with days_marked(load):
        assert formats.hour(at("2026-10-01 17:30:00")) == "17:30"
        assert read == []
        for _time in range(50):
            formats.short_day(HOLIDAY)
        assert read == [1]


@pytest.mark.parametrize("how_many", [1, 50])
def test_a_list_asks_for_the_calendar_once(
    cast: Cast, clock: StoryClock, browser_of: Browsers, how_many: int
) -> None:
    for minute in range(how_many):
        logged(cast, "林晓岚", "东方纺织集团", f"2026-10-01 10:{minute:02d}:00")
    clock.set("2026-10-10 11:00:00")
    browser = browser_of(cast["林晓岚"])
    with CaptureQueriesContext(connection) as queries:
        page = browser.get("/logs/?first=2026-10-01&last=2026-10-01").content.decode()
    asked = [one for one in queries if f'"{WorkDay._meta.db_table}"' in one["sql"]]
    assert len(asked) == 1
    assert (
        page.count('10月1日（周四 <span class="mark rest" title="国庆节">休</span>）') == how_many
    )


def test_the_audit_trail_marks_its_days(
    cast: Cast, clock: StoryClock, browser_of: Browsers
) -> None:
    clock.set("2026-10-10 11:00:00")
    logged(cast, "林晓岚", "东方纺织集团", "2026-10-10 11:00:00")
    page = browser_of(cast["许衡"]).get("/audit/").content.decode()
    assert '10月10日（周六 <span class="mark makeup" title="国庆节">班</span>） 11:00:00' in page


def test_a_letter_written_while_a_page_is_made_is_the_same_as_any(cast: Cast) -> None:
    when: datetime = at("2026-10-01 09:00:00")
    notice = Notice(person=cast["林晓岚"], title="第 40 周周报已退回", created_at=when)
    plain = letters_for([notice], kind="duties.digest", at=when)
    with days_marked(lambda: KNOWN):
        assert letters_for([notice], kind="duties.digest", at=when) == plain


def test_a_page_reads_the_days_of_the_same_years_once(
    cast: Cast, browser_of: Callable[[Person], Client]
) -> None:
    browser = browser_of(cast["林晓岚"])
    with CaptureQueriesContext(connection) as queries:
        browser.get("/")
    read = [one["sql"] for one in queries if 'FROM "core_workday"' in one["sql"]]
    assert len(read) > 0
    assert len(read) == len(set(read))

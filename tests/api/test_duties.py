"""Working days, duty periods and notices by the API."""

from core.models import WorkDay
from core.periods import Week
from duties.models import DutyPeriod, Notice
from duties.operations import ensure_periods
from tests.api.conftest import ApiOf
from tests.cast import Cast, at
from tests.conftest import StoryClock

WEEK = Week.parse("2026-W48")


def a_notice(cast: Cast, name: str, key: str, group: str = "summary:2026-W48") -> Notice:
    return Notice.objects.create(
        person=cast[name],
        kind="reminder",
        group=group,
        title="第 48 周周报",
        key=key,
        created_at=at("2026-11-27 09:40:00"),
        updated_at=at("2026-11-27 09:40:00"),
    )


def test_the_administrator_marks_a_day_and_deadlines_follow(
    api_of: ApiOf, cast: Cast, clock: StoryClock
) -> None:
    clock.set("2026-11-25 12:00:00")
    ensure_periods(WEEK, WEEK)
    client = api_of("马骏")
    year = client.get("calendar/2026/")
    assert (year.status_code, year.json()["year"]) == (200, 2026)
    body = {"on": "2026-11-27", "is_workday": False, "name": "停电", "why": "检修"}
    marked = client.post("calendar/2026/mark/", body, If_Match=year["ETag"])
    assert marked.status_code == 200
    assert {"on": "2026-11-27", "is_workday": False, "name": "停电", "source": "by-hand"} in (
        marked.json()["days"]
    )
    assert DutyPeriod.objects.get(kind="summary", branch=cast.east, key=WEEK.key).deadline_at == at(
        "2026-11-26 17:30:00"
    )
    again = client.post("calendar/2026/clear/", {"on": "2026-11-27"}, If_Match=year["ETag"])
    assert (again.status_code, again.json()["current"]["days"]) == (412, marked.json()["days"])
    cleared = client.post("calendar/2026/clear/", {"on": "2026-11-27"}, If_Match=marked["ETag"])
    assert cleared.status_code == 200
    assert not WorkDay.objects.filter(on="2026-11-27").exists()


def test_a_year_is_loaded_once_it_is_published(api_of: ApiOf) -> None:
    client = api_of("马骏")
    year = client.get("calendar/2031/")
    assert (year.json()["version"], year.json()["days"]) == (0, [])
    day = {"on": "2031-01-01", "is_workday": False, "name": "元旦"}
    loaded = client.post(
        "calendar/2031/load/", {"days": [day], "source": "通知"}, If_Match=year["ETag"]
    )
    assert (loaded.status_code, loaded.json()["days"]) == (200, [{**day, "source": "通知"}])
    assert loaded["ETag"].startswith('"1.')
    empty = client.post("calendar/2032/load/", {"days": [], "source": "通知"}, If_Match='"0.a"')
    assert empty.json()["detail"] == "2032 年的放假安排尚未公布，文件里没有日期。"
    wrong = client.post(
        "calendar/2032/load/",
        {"days": [{"on": "2032-13-01", "is_workday": 1, "colour": 2}], "source": "x"},
        If_Match='"0.a"',
    )
    assert [one["pointer"] for one in wrong.json()["errors"]] == [
        "/days/0/on",
        "/days/0/colour",
    ]


def test_nobody_else_touches_the_calendar(api_of: ApiOf) -> None:
    body = {"on": "2026-11-27", "is_workday": False}
    for name in ("林晓岚", "赵国梁", "韩静", "许衡"):
        client = api_of(name)
        tag = client.get("calendar/2026/")["ETag"]
        assert client.post("calendar/2026/mark/", body, If_Match=tag).status_code == 403
    assert api_of("马骏").get("calendar/99999999999/").status_code == 404


def test_duty_periods_of_the_own_branch(api_of: ApiOf, cast: Cast) -> None:
    ensure_periods(WEEK, WEEK)
    periods = api_of("林晓岚").get("duty-periods/?kind=summary").json()["items"]
    assert [
        (one["branch"]["code"], one["key"], one["opens_at"], one["deadline_at"]) for one in periods
    ] == [("CD", "2026-W48", "2026-11-23T00:00:00+08:00", "2026-11-27T17:30:00+08:00")]
    due = "due_from=2026-11-27T17:30:00%2B08:00&due_to=2026-11-27T17:30:00%2B08:00"
    both = api_of("韩静").get(f"duty-periods/?{due}").json()["items"]
    assert sorted(one["branch"]["code"] for one in both) == ["CD", "CX"]


def test_notices_are_the_receivers_alone(api_of: ApiOf, cast: Cast, clock: StoryClock) -> None:
    mine, other = a_notice(cast, "林晓岚", "a"), a_notice(cast, "陈嘉怡", "b")
    a_notice(cast, "林晓岚", "c")
    a_notice(cast, "林晓岚", "d", group="rollup:2026-W48")
    client = api_of("林晓岚")
    assert len(client.get("notices/?unread=true").json()["items"]) == 3
    read = client.post(f"notices/{mine.pk}/read/")
    assert (read.status_code, read.json()["read_at"]) == (200, clock.moment.isoformat())
    assert client.post(f"notices/{other.pk}/read/").status_code == 404
    assert client.post("notices/read/", {"group": "summary:2026-W48"}).json() == {"read": 1}
    assert client.post("notices/read/").json() == {"read": 1}
    assert client.get("notices/?unread=true").json()["items"] == []
    assert Notice.objects.get(pk=other.pk).read_at is None

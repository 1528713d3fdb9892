"""What changed since a moment: roll-ups, summaries, logs, notices, periods, to the second."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from urllib.parse import quote

import pytest

from core.periods import Week
from duties.models import DutyPeriod, Notice
from duties.notices import notice_to
from duties.operations import (
    ensure,
    ensure_periods,
    mark_all_read,
    mark_day,
    mark_read,
    notice_answered,
    notify_all,
)
from duties.schedule import plan_periods
from tests.api.conftest import ApiOf
from tests.cast import Cast, at
from tests.domain.week import WEEK, acting, entry, filed, logged, sent
from worklogs.models import RollUp, Summary
from worklogs.operations.logs import correct_log, read_log, withdraw_log
from worklogs.operations.rollups import receive_rollup, write_rollup
from worklogs.operations.summaries import confirm_summary, return_summary, review_summary

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def seen(api_of: ApiOf, path: str, since: datetime, who: str = "韩静") -> int:
    """How many rows a reader of all branches gets."""
    joint = "&" if "?" in path else "?"
    moment = quote(since.isoformat())
    answer = api_of(who).get(f"{path}{joint}updated_since={moment}")
    assert answer.status_code == 200, answer.content
    return len(answer.json()["items"])


def around(api_of: ApiOf, path: str, moment: datetime) -> tuple[int, int, int]:
    """One second before, at, one second after the change."""
    return (
        seen(api_of, path, moment - SECOND),
        seen(api_of, path, moment),
        seen(api_of, path, moment + SECOND),
    )


def test_a_summary_changes_with_each_step(cast: Cast, api_of: ApiOf) -> None:
    version = filed(cast, "林晓岚", "2026-11-26 10:00:00")
    assert around(api_of, "summaries/", at("2026-11-26 10:00:00")) == (1, 1, 0)
    moment = at("2026-11-26 11:00:00")
    boss = acting(cast, "周建平", moment)
    pk = version.summary_id
    review_summary(summary_id=pk, opinion="好", expected_version=1, actor=boss, at=moment)
    assert around(api_of, "summaries/", moment) == (1, 1, 0)
    moment = at("2026-11-26 12:00:00")
    return_summary(
        summary_id=pk,
        remarks={"text:help": "写清"},
        expected_version=2,
        actor=boss,
        at=moment,
    )
    assert around(api_of, "summaries/", moment) == (1, 1, 0)
    filed(cast, "林晓岚", "2026-11-26 13:00:00", version=1)
    assert around(api_of, "summaries/", at("2026-11-26 13:00:00")) == (1, 1, 0)
    version.summary.versions.update(filed_by=cast["周建平"])
    moment = at("2026-11-26 14:00:00")
    confirm_summary(summary_id=pk, actor=acting(cast, "林晓岚", moment), at=moment)
    assert around(api_of, "summaries/", moment) == (1, 1, 0)
    assert Summary.objects.get().updated_at == moment


def test_a_rollup_changes_when_written_sent_and_received(cast: Cast, api_of: ApiOf) -> None:
    ensure_periods(WEEK, WEEK)
    moment = at("2026-11-27 17:31:00")
    write_rollup(
        branch_id=cast.east.pk,
        week=WEEK,
        comment="本周平稳",
        left_out=[],
        expected_version=1,
        actor=acting(cast, "周建平", moment),
        at=moment,
    )
    assert around(api_of, "rollups/", moment) == (1, 1, 0)
    version = sent(cast, "2026-11-27 17:40:00")
    assert around(api_of, "rollups/", at("2026-11-27 17:40:00")) == (1, 1, 0)
    moment = at("2026-11-30 09:00:00")
    receive_rollup(version_id=version.pk, actor=acting(cast, "孙岚", moment), at=moment)
    assert around(api_of, "rollups/", moment) == (1, 1, 0)
    assert RollUp.objects.get().updated_at == moment


def test_a_log_changes_when_it_is_written_corrected_read_and_taken_back(
    cast: Cast, api_of: ApiOf
) -> None:
    log = logged(cast, "林晓岚", "东方纺织集团", "2026-11-26 10:00:00")
    assert around(api_of, "logs/", at("2026-11-26 10:00:00")) == (1, 1, 0)
    moment = at("2026-11-26 10:05:00")
    correct_log(
        thread_id=log.pk,
        entry=entry(cast, "东方纺织集团", "2026-11-26 10:00:00", channel="sms"),
        reason="方式记错",
        expected_number=1,
        actor=acting(cast, "林晓岚", moment),
        at=moment,
    )
    assert around(api_of, "logs/", moment) == (1, 1, 0)
    moment = at("2026-11-26 11:00:00")
    read_log(thread_id=log.pk, remark="好", actor=acting(cast, "周建平", moment), at=moment)
    assert around(api_of, "logs/", moment) == (1, 1, 0)
    other = logged(cast, "林晓岚", "东方纺织集团", "2026-11-26 12:00:00")
    moment = at("2026-11-26 12:05:00")
    withdraw_log(thread_id=other.pk, actor=acting(cast, "林晓岚", moment), at=moment)
    assert around(api_of, "logs/", moment) == (1, 1, 0)
    told = api_of("林晓岚").get(f"logs/?updated_since={quote(moment.isoformat())}").json()
    assert [(one["id"], one["is_withdrawn"]) for one in told["items"]] == [(other.pk, True)]
    assert [one["id"] for one in api_of("林晓岚").get("logs/").json()["items"]] == [log.pk]


def test_a_notice_changes_when_it_is_read(cast: Cast, api_of: ApiOf) -> None:
    written = at("2026-11-27 09:40:00")
    lin = cast["林晓岚"]
    notify_all(
        [
            notice_to(lin, kind="reminder", group="g", key=key, title=str, url="/", at=written)
            for key in "abc"
        ]
    )

    def told(moment: datetime) -> list[str]:
        path = f"notices/?updated_since={quote(moment.isoformat())}"
        return [one["updated_at"] for one in api_of("林晓岚").get(path).json()["items"]]

    assert (len(told(written)), told(written + SECOND)) == (3, [])
    moments = [at(f"2026-11-27 10:0{minute}:00") for minute in range(3)]
    first = Notice.objects.earliest("pk")
    actor = acting(cast, "林晓岚", written)
    mark_read(notice_id=first.pk, actor=actor, at=moments[0])
    notice_answered(person_id=lin.pk, key="b", at=moments[1])
    mark_all_read(actor=actor, at=moments[2])
    assert told(moments[0]) == [moment.isoformat() for moment in moments]


def test_a_period_changes_when_it_is_made_and_moved(cast: Cast, api_of: ApiOf) -> None:
    path = f"duty-periods/?kind=summary&branch={cast.east.pk}"
    moment = at("2026-11-23 08:00:00")
    ensure(kind="summary", branch=cast.east, period=WEEK, at=moment)
    assert around(api_of, path, moment) == (1, 1, 0)
    moment = at("2026-11-24 09:00:00")
    mark_day(
        on=date(2026, 11, 27),
        is_workday=False,
        name="停电",
        why="检修",
        expected_version=1,
        actor=acting(cast, "马骏", moment),
        at=moment,
    )
    period = DutyPeriod.objects.get(kind="summary", branch=cast.east)
    assert period.deadline_at == at("2026-11-26 17:30:00")
    assert around(api_of, path, moment) == (1, 1, 0)


def test_the_clock_makes_the_same_rows_whenever_it_runs(cast: Cast) -> None:
    def made(*moments: str) -> dict[str, datetime]:
        DutyPeriod.objects.all().delete()
        for since, until in pairwise(moments):
            plan_periods(at(since), at(until))
        rows = DutyPeriod.objects.filter(kind="summary", branch=cast.east)
        return dict(rows.values_list("key", "updated_at"))

    late = made("2026-11-26 17:00:00", "2026-11-30 09:00:00")
    minutely = made(
        "2026-11-26 17:00:00", "2026-11-27 12:00:00", "2026-11-29 23:59:00",
        "2026-11-30 00:00:00", "2026-11-30 09:00:00",
    )  # fmt: skip
    assert late == minutely
    assert late[Week(2026, 50).key] == at("2026-11-26 17:00:00")
    assert late[Week(2026, 51).key] == at("2026-11-30 00:00:00")

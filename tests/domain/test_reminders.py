"""The reminder button: several presses at one instant remind once, and the others are told."""

import threading
from datetime import datetime

import pytest
from django.db import connection

from core.errors import Refused
from core.models import AuditRow
from duties.models import Notice
from duties.operations import ensure_periods
from tests.cast import Cast, at, make_cast
from tests.domain.week import WEEK, acting
from worklogs import rules
from worklogs.models import Reminder
from worklogs.operations.reminders import remind

MOMENT = at("2026-11-27 16:00:00")


def press(cast: Cast, moment: datetime = MOMENT) -> list[int]:
    """周建平 presses the button for everybody of the eastern branch."""
    return remind(
        branch_id=cast.east.pk,
        week=WEEK,
        manager_ids=[cast[name].pk for name in ("林晓岚", "陈嘉怡", "何俊峰")],
        actor=acting(cast, "周建平", moment),
        at=moment,
    )


@pytest.mark.django_db
def test_a_press_between_another_ones_look_and_its_writing_wins(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = rules.may_be_reminded
    between: list[list[int]] = []

    def looked(*args: object) -> bool:
        answer = plain(*args)  # type: ignore[arg-type]
        if not between:
            between.append([])
            between[0] += press(cast)
        return answer

    monkeypatch.setattr(rules, "may_be_reminded", looked)
    with pytest.raises(Refused, match="刚提醒过"):
        press(cast)
    assert between[0] == [cast[name].pk for name in ("陈嘉怡", "何俊峰", "林晓岚")]


@pytest.mark.django_db
def test_the_next_press_after_the_pause_gets_the_next_number(cast: Cast) -> None:
    assert len(press(cast)) == 3
    with pytest.raises(Refused):
        press(cast, at("2026-11-27 16:59:59"))
    assert len(press(cast, at("2026-11-27 17:00:00"))) == 3
    numbers = Reminder.objects.filter(manager=cast["林晓岚"]).order_by("number")
    assert [one.number for one in numbers] == [1, 2]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_three_presses_at_one_instant_remind_once() -> None:
    cast = make_cast()
    ensure_periods(WEEK, WEEK)
    reminded: list[list[int]] = []
    refused: list[str] = []
    start = threading.Barrier(3)

    def run() -> None:
        try:
            start.wait()
            reminded.append(press(cast))
        except Refused as refusal:
            refused.append(str(refusal.message))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(one) for one in reminded] == [3]
    assert refused == ["没有要提醒的人：已交，或刚提醒过。"] * 2
    assert Reminder.objects.count() == Notice.objects.filter(kind="reminder").count() == 3
    assert AuditRow.objects.filter(what="worklogs.remind").count() == 1

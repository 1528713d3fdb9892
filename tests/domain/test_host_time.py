"""The host's time zone, and the database session's, change nothing: everything is Shanghai's."""

import json
import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from duties.operations import ensure_periods
from tests.cast import make_cast
from tests.domain.databases import environment_of
from tests.domain.test_duties import ANNEX_7
from tests.domain.week import WEEK, filed

# A day and an hour from each other, on both sides of Shanghai.
HOST, SESSION = "America/Los_Angeles", "Pacific/Kiritimati"
ELSEWHERE = """
import django, json
django.setup()
from tests.domain.test_host_time import told
print(json.dumps(told()))
"""


def told() -> list[list[Any]]:
    """Annex 7's duties by the command, and what is filed around Friday 17:30; all undone."""
    out = StringIO()
    with transaction.atomic():
        make_cast()
        span = ("--from", "2025-12-31", "--to", "2026-10-16", "--branch", "CD")
        call_command("duties", *span, stdout=out)
        transaction.set_rollback(True)
    duties = [json.loads(line) for line in out.getvalue().splitlines()]
    return [duties, [_judged(second) for second in ("17:29:59", "17:30:00", "17:30:01")]]


def _judged(second: str) -> list[Any]:
    with transaction.atomic():
        cast = make_cast()
        ensure_periods(WEEK, WEEK)
        version = filed(cast, "林晓岚", f"2026-11-27 {second}")
        version.refresh_from_db()
        summary = version.summary
        transaction.set_rollback(True)
    moments = [at.isoformat() for at in (version.submitted_at, summary.deadline_at)]
    return [summary.minutes_late, summary.week, version.receipt, *moments]


@pytest.mark.slow
def test_a_host_and_a_session_in_other_time_zones_say_and_judge_the_same(own: str) -> None:
    here = told()
    connection.close()
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        env=environment_of(own, TZ=HOST, PGTZ=SESSION),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == here
    duties, judged = here
    due = {(line["kind"], line["deadline_at"]) for line in duties}
    for _monday, summary, rollup in ANNEX_7:
        if summary is not None:
            assert ("summary", f"{summary}T17:30:00+08:00") in due
            assert ("rollup", f"{rollup}T18:00:00+08:00") in due
    assert [late for late, *_rest in judged] == [0, 0, 1]
    assert {deadline for *_rest, deadline in judged} == {"2026-11-27T09:30:00+00:00"}

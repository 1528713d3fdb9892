"""Kinds of jobs that only stories know. Results are drafts: one row for each effect that stood."""

import os
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from core.jobs import Effect, Later, Progress
from core.models import Draft

RESULT: Final = "result:"


def results() -> int:
    """How many results stand."""
    return Draft.objects.filter(key__startswith=RESULT).count()


def _write_result() -> dict[str, Any]:
    Draft.objects.create(
        owner_id=1, key=f"{RESULT}{uuid.uuid4()}", saved_at=datetime(2026, 11, 27, tzinfo=UTC)
    )
    return {"results": results()}


def _wait(args: dict[str, Any]) -> None:
    """Say by which process it is done, and go on when the story says so."""
    started, go_on = Path(args["started"]), Path(args["go_on"])
    started.write_text(str(os.getpid()))
    end = time.monotonic() + 30
    while not go_on.exists() and time.monotonic() < end:
        time.sleep(0.02)


def count(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """One result."""
    return _write_result


def slow(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """One result after a wait, written as a job should: in the effect."""
    _wait(args)
    return _write_result


def careless(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """What no job should do: the result is written before the effect, in its own transaction."""
    _write_result()
    _wait(args)
    return dict


def broken(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Fails in the effect, after having written."""

    def write() -> dict[str, Any]:
        _write_result()
        raise ValueError("broken in the middle")

    return write


def later(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Puts itself off by an hour until the given moment."""
    if progress.looked_at < datetime.fromisoformat(args["until"]):
        raise Later(progress.looked_at + timedelta(hours=1))
    return _write_result

"""The import's jobs, held in the middle of their effect until the story says go on."""

import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from core.imports import jobs as real
from core.jobs import Effect, Progress

Handler = Callable[[dict[str, Any], datetime, Progress], Effect]


def _hold() -> None:
    folder = Path(os.environ["STORY_FOLDER"])
    (folder / "started").write_text(str(os.getpid()))
    while not (folder / "go-on").exists():
        time.sleep(0.02)


def _held(handler: Handler) -> Handler:
    def held(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
        effect = handler(args, at, progress)

        def held_effect() -> dict[str, Any]:
            result = effect()
            _hold()
            return result

        return held_effect

    return held


preview = _held(real.preview)
write = _held(real.write)


def careless_write(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """For the control: it writes before its effect, in a transaction of its own."""
    effect = real.write(args, at, progress)
    with transaction.atomic():
        result = effect()
    _hold()
    return lambda: result

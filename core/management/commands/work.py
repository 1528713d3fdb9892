"""``manage.py work``: the worker without a broker. Looks every second, ticks every minute."""

import logging
import signal
import threading
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from core import clock, jobs

logger = logging.getLogger(__name__)

LOOK_EVERY: Final = 1.0
TICK_EVERY: Final = timedelta(minutes=1)
# After a fault (a database that restarts) it waits longer and longer, at most so many seconds.
PAUSE_AT_MOST: Final = 30.0


class Worker:
    """The loop: what is due now, and the clock's jobs once a minute, until told to stop."""

    def __init__(self) -> None:
        """Nothing is known of the last tick: the first look ticks."""
        self.stopping = threading.Event()
        self._ticked_at: datetime | None = None

    def stop(self, *_signal: object) -> None:
        """End after the present job."""
        self.stopping.set()

    def run(self) -> None:
        """Look until stopped; a fault is logged and looked at again, never the end."""
        pause = LOOK_EVERY
        while not self.stopping.is_set():
            try:
                self.look(clock.now())
                pause = LOOK_EVERY
            except Exception:
                logger.exception("the worker goes on after a fault")
                pause = min(PAUSE_AT_MOST, pause * 2)
            finally:
                close_old_connections()
            self.stopping.wait(pause)

    def look(self, at: datetime) -> None:
        """Tick when a minute has passed, then do the due jobs one by one."""
        if self._ticked_at is None or at - self._ticked_at >= TICK_EVERY:
            jobs.tick(at)
            self._ticked_at = at
        for job_id in jobs.due_jobs(at):
            if self.stopping.is_set():
                return
            jobs.run(job_id, at=clock.now())


class Command(BaseCommand):
    """Runs the loop in the foreground."""

    help = "Do the jobs of this database until SIGTERM or SIGINT; ends after the present job."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work."""
        worker = Worker()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, worker.stop)
        worker.run()

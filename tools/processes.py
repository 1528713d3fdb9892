"""Start processes in a group of their own and end the whole group, whatever ends us."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

# Waits for the end of its input, which comes when the one who holds the other end is gone,
# however it went. Then ends the group $2 with the signal $1, at last by force, and removes $3.
_WATCH = """
read -r _
kill -s "$1" -- "-$2" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 -- "-$2" 2>/dev/null || break; sleep 0.5; done
kill -s KILL -- "-$2" 2>/dev/null
[ -z "$3" ] || rm -rf "$3"
"""


class Group:
    """A process with all its descendants, ended by `stop` or by our own end."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        output: IO[Any] | int | None = None,
        ending: signal.Signals = signal.SIGTERM,
        folder: Path | None = None,
    ) -> None:
        """Start `command`; `folder` is removed if we are killed before we can do it ourselves."""
        self.ending = ending
        self.process = subprocess.Popen(
            [str(part) for part in command],
            env=None if env is None else dict(env),
            cwd=cwd,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            start_new_session=True,
        )
        watch = [_WATCH, "watch", ending.name.removeprefix("SIG"), str(self.process.pid)]
        self._watcher = subprocess.Popen(
            ["/bin/sh", "-c", *watch, str(folder or "")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def running(self) -> bool:
        """Say whether the first process of the group still runs."""
        return self.process.poll() is None

    def wait(self, seconds: float | None = None) -> int:
        """Wait for the first process of the group and return its exit code."""
        return self.process.wait(seconds)

    def stop(self, patience: float = 15) -> int:
        """End the group politely, then by force, and return the first process's exit code."""
        self._signal(self.ending)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self.process.wait()
        self._signal(signal.SIGKILL)  # descendants that outlived the first process
        self._let_watcher_go()
        return self.process.returncode

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def _let_watcher_go(self) -> None:
        self._watcher.kill()
        self._watcher.wait()
        if self._watcher.stdin is not None:
            self._watcher.stdin.close()


def end_on_signal() -> None:
    """Turn the polite signals into an ordinary exit, so that everything open is closed."""

    def leave(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)

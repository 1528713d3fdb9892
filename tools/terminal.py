"""What the tools say, where the tree is that they work on, and whom Ctrl-C reaches."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"


def say(line: str) -> None:
    """Print one line at once, so that it stands in order with what children print."""
    print(line, flush=True)


def give_up(line: str) -> SystemExit:
    """Make the exit that ends the command with one clear line."""
    return SystemExit(f"{Path(sys.argv[0]).stem}: {line}")


@contextlib.contextmanager
def own_foreground() -> Iterator[None]:
    """Meanwhile Ctrl-C reaches us and what we start, and not the make that waits for us.

    Else make would die of it, however well we end. Nothing is done without a terminal, or when
    it is somebody else's.
    """
    terminal, before = 0, os.getpgrp()
    if not os.isatty(terminal) or os.tcgetpgrp(terminal) != before or before == os.getpid():
        yield
        return
    for number in (signal.SIGTTOU, signal.SIGTSTP):  # nobody would wake us: make does not look
        signal.signal(number, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.tcsetpgrp(terminal, before)

"""`make run`: one command starts web and work, one signal ends both with all they started."""

import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.services import free_port, listens
from tools.terminal import ROOT

PATIENCE = 180.0  # the first start loads the demonstration company

pytestmark = pytest.mark.slow


@dataclass
class Running:
    """A running `make run`: what it printed and where it answers."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def said(self) -> str:
        """Return all it printed so far."""
        return self.log.read_text("utf-8", errors="replace")

    def answers(self) -> bool:
        """Say whether the web server answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/livez", timeout=5) as page:
                return bool(page.status == 200)
        except OSError:
            return False


@contextmanager
def running(var: Path, log: Path) -> Iterator[Running]:
    """Start it on a folder and a port of our own, and wait for its last line."""
    port = free_port()
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.bootstrap", "run"],
            cwd=ROOT,
            env={**clean, "VAR_DIR": str(var), "PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    one = Running(process, port, log)
    try:
        wait_for(lambda: f"http://127.0.0.1:{port}" in one.said(), one)
        yield one
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def wait_for(condition: Callable[[], bool], one: Running) -> None:
    """Wait for a condition while it runs."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert one.process.poll() is None, one.said()
        assert time.monotonic() < end, one.said()
        time.sleep(0.1)


def descendants(pid: int) -> set[int]:
    """Return the processes below one, as /proc has them."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(stat.parent.name)] = int(fields[1])
    found: set[int] = set()
    while more := {child for child, parent in parents.items() if parent in found | {pid}} - found:
        found |= more
    return found


def command_of(pid: int) -> str:
    """Return the command line of a process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def all_gone(pids: set[int]) -> bool:
    """Wait a moment for processes to be gone."""
    end = time.monotonic() + 20
    while left := {pid for pid in pids if command_of(pid)}:
        if time.monotonic() > end:
            raise AssertionError([command_of(pid) for pid in left])
        time.sleep(0.1)
    return True


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one installation, used by one start after the other."""
    return tmp_path_factory.mktemp("var")


def children(one: Running, part: str) -> list[int]:
    """Return the processes below it whose command holds a text."""
    return [pid for pid in sorted(descendants(one.process.pid)) if part in command_of(pid)]


def sign_ins(one: Running) -> list[str]:
    """Return the lines that follow the address."""
    after = one.said().partition(f"\nhttp://127.0.0.1:{one.port}\n")[2]
    return [line for line in after.splitlines() if line.strip()]


def test_it_starts_both_and_one_signal_ends_all(var: Path, tmp_path: Path) -> None:
    with running(var, tmp_path / "log") as one:
        assert one.answers()
        wait_for(lambda: len(sign_ins(one)) > 5, one)
        assert children(one, "manage.py work")
        assert len(children(one, "gunicorn")) > 1, "the server and its worker"
        below = descendants(one.process.pid)
        one.process.send_signal(signal.SIGINT)
        assert one.process.wait(60) == 0
        assert all_gone(below)
        assert "Traceback" not in one.said()
    assert not listens(one.port)


def test_a_second_start_takes_seconds_and_a_child_that_dies_comes_back(
    var: Path, tmp_path: Path
) -> None:
    begin = time.monotonic()
    with running(var, tmp_path / "log") as one:
        assert time.monotonic() - begin < 30
        for name, part in {"work": "manage.py work", "web": "gunicorn"}.items():
            os.kill(children(one, part)[0], signal.SIGKILL)
            returns(one, name, part)
        wait_for(one.answers, one)


def test_ctrl_c_at_a_terminal_ends_make_well(var: Path) -> None:
    ours, theirs = pty.openpty()
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    port = free_port()
    process = subprocess.Popen(
        ["make", "run", f"PYTHON={sys.executable}"],
        cwd=ROOT,
        env={**clean, "VAR_DIR": str(var), "PORT": str(port)},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    begin = time.monotonic()
    said = os.read(ours, 4096)
    assert said.startswith(b"looking at what is set up")
    assert time.monotonic() - begin < 2, "it says at once what it does"
    while b"100005" not in said:  # the last of those who can sign in
        said += os.read(ours, 4096)
    below = descendants(process.pid)
    os.write(ours, b"\x03")
    with suppress(OSError):  # which a terminal says when nobody holds it any more
        while more := os.read(ours, 4096):
            said += more
    assert process.wait(60) == 0
    assert said.endswith(b"\r\nended\r\n")
    assert b"Error" not in said
    assert b"Interrupt" not in said
    assert all_gone(below)
    os.close(ours)


def returns(one: Running, name: str, part: str) -> None:
    """Wait until a child is said to have ended, and runs again."""
    wait_for(lambda: f"{name} ended with -9; starting it again in 1 s" in one.said(), one)
    wait_for(lambda: bool(children(one, part)), one)


def test_nothing_is_left_when_it_is_killed(var: Path, tmp_path: Path) -> None:
    with running(var, tmp_path / "log") as one:
        below = descendants(one.process.pid)
        assert below
        one.process.kill()
        one.process.wait()
        assert all_gone(below)

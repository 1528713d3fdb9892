"""Set up and start the application on a machine that has Python 3.11, git and make.

`env` makes the environment, `run` makes it and starts web server and worker. Each step is
skipped when it is done already, so that a second start takes seconds. The other commands are
single steps, for the image and for daily work. Only the standard library is used here: this
runs before anything is installed.
"""

import argparse
import base64
import contextlib
import fcntl
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path

from tools import debian, frontend
from tools.processes import Group, end_on_signal
from tools.terminal import PYTHON, ROOT, give_up, own_foreground, say

VENV = ROOT / ".venv"
VAR = Path(os.environ.get("VAR_DIR", ROOT / "var"))
RUNTIME_LOCKS = ("requirements.txt",)
DEVELOPMENT_LOCKS = ("requirements.txt", "requirements-dev.txt")
SECRETS = ("secret_key", "field_key", "blind_key", "audit_key")
PASSWORDS = ("database_owner_password", "database_password")
INTERRUPTED = 128 + signal.SIGINT
THREADS = 8  # of the one web process: SQLite has one writer, so more processes gain nothing


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line asks for, in its order."""
    commands: dict[str, Callable[[], object]] = {
        "env": partial(make_environment, development=False),
        "development": partial(make_environment, development=True),
        "run": run,
        "packages": partial(debian.demand, debian.RUNNING),
        "libraries": install_libraries,
        "assets": frontend.build,
        "translations": compile_translations,
        "secrets": make_production_secrets,
    }
    parser = argparse.ArgumentParser(prog="bootstrap", description=__doc__)
    parser.add_argument("commands", nargs="+", choices=commands)
    os.chdir(ROOT)
    end_on_signal()
    for name in parser.parse_args(arguments).commands:
        commands[name]()


# The environment


def make_environment(*, development: bool) -> None:
    """Bring everything that running, or also checking, needs; what is there is left alone."""
    with alone():
        make_venv()
        install_locked(DEVELOPMENT_LOCKS if development else RUNTIME_LOCKS)
        debian.ensure(debian.DEVELOPMENT if development else debian.RUNNING)
        frontend.bring(python_packages(), pip)
        compile_translations()
        make_secrets(VAR / "secrets", SECRETS, mode=0o600)
        for folder in ("files", "mail", "static"):
            (VAR / folder).mkdir(exist_ok=True)


def install_libraries() -> None:
    """Make .venv with what running needs, and nothing else."""
    make_venv()
    install_locked(RUNTIME_LOCKS)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one set-up at a time work on this tree; another one waits."""
    folder = ROOT / "build"
    folder.mkdir(exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_venv() -> None:
    """Make .venv, unless one with a Python that starts is there."""
    if works([PYTHON, "-c", ""]):
        return
    if sys.version_info < (3, 11):  # noqa: UP036 - said to whoever starts this with an older one
        raise give_up(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
    shutil.rmtree(VENV, ignore_errors=True)
    if not importlib.util.find_spec("ensurepip") and debian.may_install():
        debian.install(["python3-venv"])
    importlib.invalidate_caches()
    with_pip = [] if importlib.util.find_spec("ensurepip") else ["--without-pip"]
    if with_pip and not importlib.util.find_spec("pip"):
        raise give_up("this Python has neither ensurepip nor pip: install python3-venv first")
    say("making .venv")
    if subprocess.run([sys.executable, "-m", "venv", *with_pip, VENV]).returncode:
        raise give_up("the virtual environment could not be made")


def install_locked(locks: Sequence[str]) -> None:
    """Install exactly what the locks name, each file checked against its hash."""
    missing = [lock for lock in locks if not installed(lock)]
    if not missing:
        return
    say("installing the Python packages")
    # The locks are complete, so nothing is to be resolved.
    options = ["-qq", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    files = [part for lock in missing for part in ("-r", lock)]
    if subprocess.run([*pip(), "install", *options, *files], cwd=ROOT).returncode:
        raise give_up("the Python packages could not be installed")
    for lock in missing:
        stamp_of(lock).write_text(fingerprint(lock))


def installed(lock: str) -> bool:
    """Say whether the environment holds what the lock names now."""
    stamp = stamp_of(lock)
    return stamp.is_file() and stamp.read_text() == fingerprint(lock)


def stamp_of(lock: str) -> Path:
    """Return the file that remembers which state of a lock was installed."""
    return VENV / f".stamp-{Path(lock).stem}"


def fingerprint(lock: str) -> str:
    """Return a digest of a lock."""
    return sha256((ROOT / lock).read_bytes()).hexdigest()


def pip() -> list[str]:
    """Return the command of the environment's own pip, or of ours working on it."""
    if works([PYTHON, "-m", "pip", "--version"]):
        return [str(PYTHON), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", str(PYTHON)]


def python_packages() -> Path:
    """Return the folder in which the environment keeps its packages."""
    return next(VENV.glob("lib/python3*/site-packages"))


def works(command: Sequence[str | Path]) -> bool:
    """Say whether a command can be started and ends well."""
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def compile_translations() -> None:
    """Compile the texts that changed, with Babel: a fresh machine has no gettext."""
    for source in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if compiled.is_file() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        language = source.parent.parent.name
        command = ["compile", "-l", language, "-i", str(source), "-o", str(compiled)]
        done = subprocess.run(
            [PYTHON, "-m", "babel.messages.frontend", *command], capture_output=True, text=True
        )
        if done.returncode:
            raise give_up(f"{source.relative_to(ROOT)} cannot be compiled: {done.stderr.strip()}")


def make_secrets(folder: Path, names: Sequence[str], *, mode: int) -> None:
    """Draw the secrets once, in a folder that nobody else can enter."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in names:
        drawn = base64.urlsafe_b64encode(secrets.token_bytes(32))
        write_new(folder / name, drawn + b"\n", mode=mode)


def make_production_secrets() -> None:
    """Draw what docker-compose.yml hands to the containers.

    There the files are read by users that this machine does not know, so that the folder alone
    keeps others out. The password of the mail server is for somebody to fill in.
    """
    folder = ROOT / "secrets"
    make_secrets(folder, SECRETS + PASSWORDS, mode=0o444)
    write_new(folder / "mail_password", b"", mode=0o644)


def write_new(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file that is not there yet."""
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        os.fchmod(handle, mode)  # whatever our umask says
        with os.fdopen(handle, "wb") as file:
            file.write(content)


# Running


def run() -> None:
    """Start the application and keep it up until we are told to end; Ctrl-C is a good end."""
    with own_foreground():
        try:
            start_and_keep_up()
        except SystemExit as ending:
            if ending.code != INTERRUPTED:
                raise
            say("\nended")


def start_and_keep_up() -> None:
    """Set up what is missing, start both processes, and look after them."""
    say("looking at what is set up")
    make_environment(development=False)
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
    if answers(f"{address}/livez"):
        raise give_up(f"something answers at {address} already; choose another PORT")
    environment = {**os.environ, "MODE": "embedded", "PYTHONUNBUFFERED": "1"}
    environment.setdefault("BASE_URL", address)
    environment.setdefault("DEMONSTRATION", "1")
    say("bringing the database up to date")
    manage(environment, "migrate", "--verbosity", "0", "--skip-checks")
    manage(environment, "load_demo", "--if-empty")
    say("starting the web server and the worker")
    web: list[str | Path] = [PYTHON, "-m", "gunicorn", "config.wsgi", "--bind", f"{host}:{port}"]
    web += ["--threads", str(THREADS), "--log-level", "warning", "--no-control-socket"]
    web += ["--graceful-timeout", "10", "--logger-class", "config.request_log.RequestLogger"]
    with keep_up(
        Child("web", web, environment),
        Child("work", [PYTHON, "manage.py", "work"], environment),
    ) as children:
        wait_for(address, children)
        say(f"\n{address}")
        manage(environment, "sign_ins")
        while True:
            look_after(children)


def manage(environment: dict[str, str], *command: str) -> None:
    """Run one command of the application to its end."""
    if subprocess.run([PYTHON, "manage.py", *command], env=environment).returncode:
        raise give_up(f"manage.py {command[0]} failed")


class Child:
    """One of the two processes, started again after it ended, each time a little later."""

    LONGEST_PAUSE = 30.0
    LONG_ENOUGH = 60.0  # a process that ran this long was well: begin with a short pause again

    def __init__(self, name: str, command: Sequence[str | Path], env: dict[str, str]) -> None:
        """Start the process for the first time."""
        self.name, self.command, self.env = name, command, env
        self.pause = 1.0
        self.start_at: float | None = None
        self.start()

    def start(self) -> None:
        """Start the process now."""
        self.start_at = None
        self.started_at = time.monotonic()
        self.group = Group(self.command, env=self.env, cwd=ROOT)

    def look_after(self) -> None:
        """Notice an end, or start again when the pause is over."""
        now = time.monotonic()
        if self.start_at is not None:
            if now >= self.start_at:
                self.start()
        elif not self.group.running():
            code = self.group.stop()  # what it left behind
            if now - self.started_at > self.LONG_ENOUGH:
                self.pause = 1.0
            say(f"{self.name} ended with {code}; starting it again in {self.pause:.0f} s")
            self.start_at = now + self.pause
            self.pause = min(self.pause * 2, self.LONGEST_PAUSE)


@contextlib.contextmanager
def keep_up(*children: Child) -> Iterator[Sequence[Child]]:
    """End all children at the end, however it comes."""
    try:
        yield children
    finally:
        for child in children:
            child.group.stop()


def look_after(children: Sequence[Child]) -> None:
    """Look once at each child."""
    for child in children:
        child.look_after()
    time.sleep(0.5)


def wait_for(address: str, children: Sequence[Child], seconds: float = 90) -> None:
    """Wait until the web server answers."""
    end = time.monotonic() + seconds
    while not answers(f"{address}/livez"):
        if time.monotonic() > end:
            raise give_up(f"nothing answers at {address} after {seconds:.0f} s")
        look_after(children)


def answers(address: str) -> bool:
    """Say whether anything at all answers there."""
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


if __name__ == "__main__":
    main()

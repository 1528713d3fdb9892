"""A private PostgreSQL and a private Redis on free ports of this machine, for the checks.

    with postgres() as database_url, redis() as redis_url:
        ...

Both keep their data in a temporary folder and end with the block, and also when whoever
started them is killed.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.processes import Group

HOST = "127.0.0.1"
ROLE = "bihuan"
PATIENCE = 60.0

# Nothing here has to outlive a power cut, so nothing waits for a disk.
POSTGRES_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "autovacuum_naptime": "10s",
    "log_min_messages": "fatal",
    "timezone": "UTC",
}


class Unavailable(Exception):
    """A service cannot be had on this machine; says which and why."""


@contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL server in C.UTF-8 and give its DATABASE_URL, a database included."""
    programs = postgres_programs()
    user = unprivileged_user("postgres") if os.geteuid() == 0 else None
    with private_folder(user) as folder:
        password = secrets.token_urlsafe(24)
        make_cluster(programs, folder, user, password)
        port = free_port()
        settings = [f"--{name}={value}" for name, value in POSTGRES_SETTINGS.items()]
        place: list[str | Path] = ["-D", folder / "data", "-h", HOST, "-p", str(port), "-k", folder]
        with running("PostgreSQL", [programs / "postgres", *place, *settings], folder, user) as log:
            known = {**os.environ, "PGPASSWORD": password}
            login: list[str | Path] = ["-h", HOST, "-p", str(port), "-U", ROLE]
            ready = [programs / "pg_isready", "-q", *login, "-d", "postgres"]
            wait_until(lambda: succeeds(ready, known), "PostgreSQL", log)
            subprocess.run([programs / "createdb", *login, ROLE], env=known, check=True)
            yield f"postgres://{ROLE}:{password}@{HOST}:{port}/{ROLE}"


@contextmanager
def redis() -> Iterator[str]:
    """Run a Redis server without persistence and give its REDIS_URL."""
    program = shutil.which("redis-server")
    if program is None:
        raise Unavailable("there is no redis-server (Debian package redis-server)")
    with private_folder(None) as folder:
        port = free_port()
        command: list[str | Path] = [program, "--bind", HOST, "--port", str(port), "--dir", folder]
        command += ["--save", "", "--appendonly", "no", "--daemonize", "no"]
        with running("Redis", command, folder, None) as log:
            wait_until(lambda: listens(port), "Redis", log)
            yield f"redis://{HOST}:{port}/0"


def postgres_programs() -> Path:
    """Find the folder of the newest PostgreSQL server's programs."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parent.parent.name.split(".")[0]),
    )
    on_path = shutil.which("initdb")
    if not debian and on_path is None:
        raise Unavailable("there is no PostgreSQL server (Debian package postgresql)")
    return debian[-1].parent if debian else Path(str(on_path)).resolve().parent


def unprivileged_user(name: str) -> str:
    """Check that the user exists under whom the server runs: it refuses to run as root."""
    try:
        return pwd.getpwnam(name).pw_name
    except KeyError:
        raise Unavailable(f"PostgreSQL does not run as root and there is no user {name}") from None


def make_cluster(programs: Path, folder: Path, user: str | None, password: str) -> None:
    """Make the empty cluster. In plain C, Chinese would have no trigrams."""
    secret = folder / "password"
    secret.write_text(password)
    if user is not None:
        shutil.chown(secret, user)
    options = ["--locale=C.UTF-8", "--encoding=UTF8", "--auth=scram-sha-256", "--no-sync"]
    done = subprocess.run(
        [programs / "initdb", "-D", folder / "data", "-U", ROLE, f"--pwfile={secret}", *options],
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    secret.unlink()
    if done.returncode:
        raise Unavailable(f"PostgreSQL's initdb failed: {done.stdout.strip()}")


@contextmanager
def private_folder(user: str | None) -> Iterator[Path]:
    """Give a temporary folder that belongs to `user` and goes away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="bihuan-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(
    name: str, command: list[str | Path], folder: Path, user: str | None
) -> Iterator[Callable[[], str]]:
    """Run a server for the length of the block; gives a way to see how it ended too early."""
    path = folder / "log"
    with path.open("wb") as log:
        # SIGINT is PostgreSQL's fast shutdown; Redis takes it as it takes SIGTERM.
        group = Group(
            command, cwd=folder, user=user, output=log, ending=signal.SIGINT, folder=folder
        )

    def failure() -> str:
        if group.running():
            return ""
        return f"{name} ended at its start: {path.read_text(errors='replace').strip()}"

    try:
        yield failure
    finally:
        group.stop()


def wait_until(condition: Callable[[], bool], name: str, failure: Callable[[], str]) -> None:
    """Wait for a server to be ready, or say how it failed."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if ended := failure():
            raise Unavailable(ended)
        if time.monotonic() > end:
            raise Unavailable(f"{name} was not ready after {PATIENCE:.0f} s")
        time.sleep(0.05)


def free_port() -> int:
    """Find a port of the loopback address that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Say whether somebody listens at the port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def succeeds(command: list[str | Path], env: dict[str, str]) -> bool:
    """Say whether a command ends well."""
    return subprocess.run(command, env=env, capture_output=True).returncode == 0

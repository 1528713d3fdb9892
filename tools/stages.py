"""The checks as named stages: `check` for daily work, `test` for everything.

Every stage runs, whatever the one before it said; stages that use one core run beside each
other. What a failed stage printed is shown as it was; of pytest's stages the closing line is
shown in any case. A table of seconds ends the run, and the exit code says whether all passed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tools.processes import Group, end_on_signal
from tools.services import Unavailable, postgres, redis
from tools.terminal import ROOT, say

BIN = Path(sys.executable).parent
LOGS = ROOT / "build" / "stages"

# Stages of their own; what is left under tests/ are the domain tests.
RULES = "tests/rules"
RIGHTS = "tests/rights"
BROWSER = "tests/browser"
API = "tests/api_fuzz"
DEPLOY = "tests/deploy"
# The same operations by their doors, page and API, and what leaves by them: on PostgreSQL only.
DOORS = ("tests/pages", "tests/api")
DOMAIN = ("tests", *(f"--ignore={folder}" for folder in (RULES, RIGHTS, BROWSER, API, DEPLOY)))

Variables = dict[str, str]


class Surroundings:
    """What the stages share: the private services and databases, made when first needed."""

    def __init__(self, stack: ExitStack) -> None:
        """Keep what is started open until the stack closes."""
        self._stack = stack
        self._services: Variables | None = None
        self._copies: dict[str, Variables] = {}
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bihuan-")))

    def on_services(self) -> Variables:
        """Return the environment with the private PostgreSQL and Redis."""
        if self._services is None:
            self._services = {
                "DATABASE_URL": self._stack.enter_context(postgres()),
                "REDIS_URL": self._stack.enter_context(redis()),
            }
        return self._copied(self._services)

    def on_sqlite(self) -> Variables:
        """Return the environment with a SQLite file and no broker."""
        return self._copied(self.on_nothing())

    def on_nothing(self) -> Variables:
        """Return the environment for what needs no tables: a SQLite file that is not there."""
        return {"DATABASE_URL": f"sqlite:///{self.folder}/bihuan.sqlite3", "REDIS_URL": ""}

    def _copied(self, services: Variables) -> Variables:
        """Migrate the database once; every test database begins as a copy of it."""
        url = services["DATABASE_URL"]
        if url not in self._copies:
            environment = {**clean_environment(), **services}
            command: list[str | Path] = [BIN / "python", "manage.py", "migrate", "--verbosity=0"]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            if done.returncode:
                raise Unavailable(f"the migrations fail:\n{done.stdout}{done.stderr}")
            self._copies[url] = {**services, "TESTS_COPY_DATABASE": "1"}
        return self._copies[url]


Environment = Callable[[Surroundings], Variables]
Command = Sequence[str | Path]


@dataclass(frozen=True)
class Stage:
    """A name and the commands behind it, all of which must end well, and the cores they use."""

    name: str
    commands: Callable[[], Sequence[Command]]
    environment: Environment = Surroundings.on_nothing
    cores: int = 1


@dataclass(frozen=True)
class Result:
    """How one stage went."""

    name: str
    passed: bool
    seconds: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the stages that the command line names and exit with their verdict."""
    parser = argparse.ArgumentParser(prog="stages", description=__doc__)
    parser.add_argument("run", choices=("check", "test", "fix"))
    parser.add_argument("only", nargs="*", help="names of stages, when not all of them")
    options = parser.parse_args(arguments)
    os.chdir(ROOT)
    end_on_signal()
    if options.run == "fix":
        raise SystemExit(subprocess.run(templates(format_them=True)).returncode)
    stages = chosen(STAGES if options.run == "test" else STAGES[:DAILY], options.only)
    raise SystemExit(0 if run_all(stages) else 1)


def chosen(stages: Sequence[Stage], names: Sequence[str]) -> Sequence[Stage]:
    """Pick the named stages, or all."""
    unknown = set(names) - {stage.name for stage in stages}
    if unknown:
        raise SystemExit(f"stages: there is no stage {', '.join(sorted(unknown))}")
    return [stage for stage in stages if not names or stage.name in names]


# The stages


def templates(*, format_them: bool = False) -> Command:
    """Return the command that checks, or sets right, the shape of the templates."""
    pages = [path for folder in template_folders() for path in sorted(folder.rglob("*.html"))]
    djade: list[str | Path] = [BIN / "djade", "--target-version", "5.2"]
    check = [] if format_them else ["--check"]
    return [*djade, *check, *pages] if pages else ["true"]


def template_folders() -> list[Path]:
    """Return every folder of templates in the tree."""
    return [path for path in (ROOT / "templates", *ROOT.glob("*/templates")) if path.is_dir()]


def formatted() -> Sequence[Command]:
    """Python and templates have the one shape."""
    return [[BIN / "ruff", "format", "--check", "."], templates()]


def linted() -> Sequence[Command]:
    """Python and templates are free of known mistakes."""
    folders = template_folders()
    pages: list[Command] = [[BIN / "djlint", "--lint", "--quiet", *folders]] if folders else []
    return [[BIN / "ruff", "check", "."], *pages]


def typed() -> Sequence[Command]:
    """Types agree, strictly."""
    return [[BIN / "mypy"]]


def imported() -> Sequence[Command]:
    """Each app imports only what stands below it."""
    return [[BIN / "lint-imports", "--no-cache"]]


def migrated() -> Sequence[Command]:
    """The migrations say what the models say."""
    manage: Command = [BIN / "python", "manage.py"]
    return [[*manage, "check"], [*manage, "makemigrations", "--check", "--dry-run"]]


def tested(*arguments: str) -> Sequence[Command]:
    """Pytest passes."""
    return [[BIN / "python", "-m", "pytest", "--durations=10", *arguments]]


CORES = 2
two_at_a_time = (f"--numprocesses={CORES}", "--dist=loadgroup")
# A browser and the story before it wait for each other.
three_at_a_time = (f"--numprocesses={CORES + 1}", "--dist=loadgroup", "--timeout=600")
# The tests of the regulation's table once more, each without the function that it watches.
without = ("-p", "tests.without")
without_doors = (*DOMAIN, *(f"--ignore={folder}" for folder in DOORS))

STAGES = (
    Stage("format", formatted),
    Stage("types", typed),
    Stage("lint", linted),
    Stage("imports", imported),
    Stage("migrations", migrated),
    Stage("rules", partial(tested, *without, RULES)),
    Stage(
        "postgres",
        partial(tested, *without, *DOMAIN, *two_at_a_time, "-m", "not embedded"),
        Surroundings.on_services,
        CORES,
    ),
    Stage(
        "sqlite",
        partial(tested, *without_doors, *two_at_a_time, "-m", "not pg and not once"),
        Surroundings.on_sqlite,
        CORES,
    ),
    Stage("rights", partial(tested, RIGHTS, *two_at_a_time), Surroundings.on_sqlite, CORES),
    Stage("browser", partial(tested, BROWSER, *three_at_a_time), Surroundings.on_services, CORES),
    Stage("deploy", partial(tested, DEPLOY), Surroundings.on_services),
    Stage("api", partial(tested, API), Surroundings.on_services),
)
DAILY = 6  # the first so many stages are `make check`


# Running them

# A stage on its way: nothing as long as it runs, and then how it went.
Course = Generator[Result | None]


def run_all(stages: Sequence[Stage]) -> bool:
    """Run every stage, print the table, and say whether all passed."""
    LOGS.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    with ExitStack() as stack:
        results = side_by_side(stages, Surroundings(stack))
    for line in table(results, time.monotonic() - begin):
        say(line)
    return all(result.passed for result in results)


def side_by_side(stages: Sequence[Stage], surroundings: Surroundings) -> list[Result]:
    """Begin the stages in their order, each as soon as its cores are free; their results."""
    waiting, running, results = list(stages), dict[Stage, Course](), dict[Stage, Result]()
    try:
        while waiting or running:
            used = sum(stage.cores for stage in running)
            if waiting and (not running or used + waiting[0].cores <= CORES):
                stage = waiting.pop(0)
                running[stage] = run_stage(stage, surroundings)
            for stage, course in list(running.items()):
                if result := next(course):
                    results[stage] = result
                    del running[stage]
            time.sleep(0.05)
    finally:
        for course in running.values():
            course.close()
    return [results[stage] for stage in stages]


def run_stage(stage: Stage, surroundings: Surroundings) -> Course:
    """Run the commands of one stage, each in the same environment; at last give its result."""
    say(f"{stage.name} …")
    begin = time.monotonic()
    log = LOGS / f"{stage.name}.log"
    passed = False
    try:
        environment = {**clean_environment(), **stage.environment(surroundings)}
        with log.open("wb") as output:
            for command in stage.commands():
                output.write(f"$ {' '.join(short(part) for part in command)}\n".encode())
                output.flush()
                code = yield from run_command(command, environment, output.fileno())
                passed = code == 0
                if not passed:
                    break
    except Unavailable as reason:
        log.write_text(f"{reason}\n")
    result = Result(stage.name, passed, time.monotonic() - begin)
    show(result, log)
    yield result


def run_command(
    command: Command, environment: Variables, output: int
) -> Generator[None, None, int]:
    """Run one command with all its descendants ending with it; its exit code."""
    with group_of(command, environment, output) as group:
        while group.running():
            yield
        return group.wait()


@contextmanager
def group_of(command: Command, environment: Variables, output: int) -> Iterator[Group]:
    """Start a command in a group of its own that ends with the block."""
    group = Group(command, env=environment, cwd=ROOT, output=output)
    try:
        yield group
    finally:
        group.stop()


def clean_environment() -> Variables:
    """Return our environment without what would turn the checks into something else."""
    settings = ("CLOCK_OFFSET", "BASE_URL", "EMAIL_URL", "ALLOWED_HOSTS", "DEBUG", "VAR_DIR")
    slowing = ("PYTHONDONTWRITEBYTECODE",)  # every process would compile all of it again
    kept = {name: value for name, value in os.environ.items() if name not in settings + slowing}
    return {**kept, "MODE": "test", "PYTHONUNBUFFERED": "1"}


def short(part: str | Path) -> str:
    """Write a part of a command as it is written in the tree."""
    return str(part).removeprefix(f"{ROOT}/")


def show(result: Result, log: Path) -> None:
    """Print what a failed stage printed, or pytest's closing line of a passed one."""
    text = log.read_text("utf-8", errors="replace").rstrip()
    if not result.passed:
        say(text)
    elif " -m pytest " in text.split("\n", 1)[0]:
        say(text.rsplit("\n", 1)[-1])
    say(f"{result.name}: {verdict(result)} in {result.seconds:.1f} s\n")


def verdict(result: Result) -> str:
    """Say in a word how a stage went."""
    return "passed" if result.passed else "FAILED"


def table(results: Sequence[Result], seconds: float) -> list[str]:
    """Lay the results out, one stage a line, and how long the whole run took."""
    lines = [f"  {one.name:<12}{one.seconds:>8.1f} s  {verdict(one)}" for one in results]
    failed = sum(not result.passed for result in results)
    return [*lines, f"  {'all':<12}{seconds:>8.1f} s  {f'{failed} failed' if failed else 'passed'}"]


if __name__ == "__main__":
    main()

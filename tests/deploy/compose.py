"""docker-compose.yml read as Docker would, and its services run here as plain processes."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.processes import Group
from tools.terminal import ROOT

FILE = ROOT / "docker-compose.yml"
PATIENCE = 60.0

_VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})")


@dataclass(frozen=True)
class Service:
    """What the file says of one service, variables filled in."""

    name: str
    environment: dict[str, str]
    command: list[str]
    check: list[str]
    ours: bool = True


def read(variables: Mapping[str, str]) -> dict[str, Service]:
    """Read the file with the given variables of the shell that starts it."""
    document = yaml.safe_load(FILE.read_text("utf-8"))
    return {
        name: Service(
            name=name,
            environment={
                key: filled(value, variables) for key, value in body.get("environment", {}).items()
            },
            command=[filled(part, variables) for part in body.get("command", [])],
            check=health_check(body.get("healthcheck"), variables),
            ours="build" in body,
        )
        for name, body in document["services"].items()
    }


def filled(text: str, variables: Mapping[str, str]) -> str:
    """Put the variables in; `$$` is a dollar, `:-` gives a default, `:?` demands a value."""

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if name is None:
            return "$"
        if variables.get(name):
            return variables[name]
        if kind == "?":
            raise KeyError(f"{name}: {rest}")
        return rest or ""

    return _VARIABLE.sub(value, text)


def health_check(check: Any, variables: Mapping[str, str]) -> list[str]:
    """Return the health check as a command of its own."""
    if check is None:
        return []
    kind, *parts = [filled(part, variables) for part in check["test"]]
    return ["/bin/sh", "-c", *parts] if kind == "CMD-SHELL" else parts


class Host:
    """Stands for Docker: the names and folders of the containers become those of this machine."""

    def __init__(self, places: Mapping[str, str]) -> None:
        """Take what each text of the file becomes here."""
        self.places = places

    def here(self, text: str) -> str:
        """Write a text of the file as it holds on this machine."""
        for there, here in self.places.items():
            text = text.replace(there, here)
        return text

    def environment(self, service: Service) -> dict[str, str]:
        """Return the variables of a service, and of ours only what finds its programs."""
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        own = {name: self.here(value) for name, value in service.environment.items()}
        return {"PATH": path, "VAR_DIR": self.here("/var/lib/bihuan"), **own}

    def run(self, service: Service, command: list[str], seconds: float = 120) -> tuple[int, str]:
        """Run a command as in the container of `service` to its end."""
        done = subprocess.run(
            [self.here(part) for part in command],
            env=self.environment(service),
            cwd=ROOT,
            timeout=seconds,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    def healthy(self, service: Service) -> bool:
        """Ask the service's health check once."""
        return self.run(service, service.check)[0] == 0

    @contextmanager
    def up(self, service: Service, log: Path) -> Iterator[Group]:
        """Run a service for the length of the block."""
        with log.open("wb") as output:
            group = Group(
                [self.here(part) for part in service.command],
                env=self.environment(service),
                cwd=ROOT if service.ours else log.parent,
                output=output.fileno(),
            )
        try:
            yield group
        finally:
            group.stop()

    def becomes_healthy(self, service: Service, group: Group, log: Path) -> None:
        """Wait until the health check is content, as Docker does."""
        end = time.monotonic() + PATIENCE
        while not self.healthy(service):
            said = log.read_text("utf-8", errors="replace")
            assert group.running(), f"{service.name} ended at its start:\n{said}"
            assert time.monotonic() < end, f"{service.name} never became healthy:\n{said}"
            time.sleep(0.3)

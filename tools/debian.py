"""The Debian packages that Python's and npm's packages cannot bring, and what each is for."""

import ctypes.util
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.terminal import give_up, say

_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))


@dataclass(frozen=True)
class Need:
    """One thing to have: how it is recognised, which packages bring it, what fails without."""

    packages: tuple[str, ...]
    present: Callable[[], bool]
    without: str


def library(*names: str) -> Callable[[], bool]:
    """Recognise shared libraries by name."""
    return lambda: all(ctypes.util.find_library(name) for name in names)


def program(*names: str) -> Callable[[], bool]:
    """Recognise one of several programs on the path."""
    return lambda: any(shutil.which(name) for name in names)


def font(pattern: str) -> Callable[[], bool]:
    """Recognise a font by the name of its file."""
    return lambda: any(next(folder.rglob(pattern), None) for folder in _FONT_FOLDERS)


def postgres_server() -> bool:
    """Recognise a PostgreSQL server, which Debian keeps off the path."""
    return any(Path("/usr/lib/postgresql").glob("*/bin/postgres")) or program("postgres")()


RUNNING = (
    Need(
        ("libpango-1.0-0", "libpangoft2-1.0-0"),
        library("pango-1.0", "pangoft2-1.0"),
        "no form or report can be made as PDF",
    ),
    Need(("libharfbuzz-subset0",), library("harfbuzz-subset"), "PDF files are large and slow"),
    Need(("fonts-noto-cjk",), font("NotoSansCJK*"), "PDF files show boxes instead of Chinese"),
    Need(("fonts-liberation",), font("Liberation*"), "PDF files show Latin text in another font"),
)
DEVELOPMENT = (
    *RUNNING,
    Need(("chromium",), program("chromium"), "the browser tests cannot run"),
    Need(("postgresql",), postgres_server, "the tests on PostgreSQL cannot run"),
    Need(("redis-server",), program("redis-server"), "the tests of the workers cannot run"),
    Need(
        ("libreoffice-calc-nogui",),
        program("soffice", "libreoffice"),
        "the tests that open our workbooks with another program cannot run",
    ),
    Need(("gettext",), program("xgettext"), "new texts cannot be found for translation"),
    Need(("poppler-utils",), program("pdftotext"), "the tests that read our PDF files cannot run"),
)


def ensure(needs: Sequence[Need]) -> list[Need]:
    """Install what is missing where we may; say in one line what then still is and what fails.

    Returns what is still missing: most of the application works without.
    """
    missing = [need for need in needs if not need.present()]
    if missing and may_install():
        install([package for need in missing for package in need.packages])
        missing = [need for need in missing if not need.present()]
    if missing:
        named = [f"{' '.join(need.packages)} ({need.without})" for need in missing]
        say(f"missing: {'; '.join(named)}")
    return missing


def demand(needs: Sequence[Need]) -> None:
    """Install what is missing, or give up: for an image, which is to be whole or not at all."""
    if ensure(needs):
        raise give_up("the Debian packages could not be installed")


def may_install() -> bool:
    """Say whether this is a Debian on which we are root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: Sequence[str]) -> bool:
    """Install packages, waiting for whoever else is installing, and say whether it worked."""
    say(f"installing {' '.join(packages)}")
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=400", "-qq"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(
            [*apt, *step], env=quiet, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode:
            say(done.stdout.strip())
            return False
    return True

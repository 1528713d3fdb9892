"""Say by the exit code whether what runs in a container is well; for health checks.

Each argument is an address that must answer with 200, or the name of a file that must have
been written within the last minutes, as beat writes its schedule with every tick.
"""

import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

LONGEST_SILENCE = 180.0


def main(arguments: Sequence[str]) -> int:
    """Return 0 when everything named is well."""
    return 0 if all(well(argument) for argument in arguments) else 1


def well(thing: str) -> bool:
    """Judge one address or file."""
    return answers(thing) if thing.startswith("http") else fresh(Path(thing))


def answers(address: str) -> bool:
    """Say whether the address answers with 200."""
    try:
        with urllib.request.urlopen(address, timeout=8) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def fresh(path: Path) -> bool:
    """Say whether the file, under whatever ending its database gives it, is a young one."""
    written = [file.stat().st_mtime for file in path.parent.glob(f"{path.name}*")]
    return bool(written) and time.time() - max(written) < LONGEST_SILENCE


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

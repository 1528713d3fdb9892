"""What the tools say, and where the tree is that they work on."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"


def say(line: str) -> None:
    """Print one line at once, so that it stands in order with what children print."""
    print(line, flush=True)


def give_up(line: str) -> SystemExit:
    """Make the exit that ends the command with one clear line."""
    return SystemExit(f"{Path(sys.argv[0]).stem}: {line}")

"""How long a company's weeks take to make, to close and to read, in seconds and statements.

    python -m benchmarks.week --branches 200 --managers 20 --weeks 2

Starts a PostgreSQL of its own, fills it, measures, prints a table in Markdown.
"""

import argparse
import os
from importlib import import_module

import django

from tools.services import postgres
from tools.terminal import say


def main() -> None:
    """Measure the company that the command line asks for."""
    parser = argparse.ArgumentParser(prog="benchmarks.week", description=__doc__)
    parser.add_argument("--branches", type=int, default=200)
    parser.add_argument("--managers", type=int, default=20)
    parser.add_argument("--weeks", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with postgres() as database_url:
        os.environ.update(
            DATABASE_URL=database_url,
            REDIS_URL="",
            MODE="test",
        )
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        # Models can be imported only now.
        measures = import_module("benchmarks.measures")
        for line in measures.table(vars(options)):
            say(line)


if __name__ == "__main__":
    main()

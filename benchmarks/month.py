"""How long a company's month takes to score, to read and to lock, in seconds and statements.

    python -m benchmarks.month --branches 200 --managers 20

Starts a PostgreSQL of its own, fills it with two weeks of work, targets, results and marks for
every manager, measures, prints a table in Markdown.
"""

import argparse
import os
from importlib import import_module

import django

from tools.services import postgres
from tools.terminal import say


def main() -> None:
    """Measure the company that the command line asks for."""
    parser = argparse.ArgumentParser(prog="benchmarks.month", description=__doc__)
    parser.add_argument("--branches", type=int, default=200)
    parser.add_argument("--managers", type=int, default=20)
    parser.add_argument("--weeks", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with postgres() as database_url:
        os.environ.update(DATABASE_URL=database_url, REDIS_URL="", MODE="test")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        # Models can be imported only now.
        measures = import_module("benchmarks.month_measures")
        for line in measures.table(vars(options)):
            say(line)


if __name__ == "__main__":
    main()

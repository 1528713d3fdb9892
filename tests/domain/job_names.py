"""The stories' kinds of jobs by name: for settings, which may import nothing of ours."""

from typing import Final

KINDS: Final = {
    name: f"tests.domain.job_kinds.{name.partition('.')[2]}"
    for name in ("test.count", "test.slow", "test.careless", "test.broken", "test.later")
}

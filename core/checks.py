"""What ``manage.py check --deploy`` refuses."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def clock_stands_still(**_options: Any) -> list[CheckMessage]:
    """A moved clock is for stories only: deadlines would be judged by a wrong time."""
    if not settings.CLOCK_OFFSET:
        return []
    return [
        Error(
            f"CLOCK_OFFSET is {settings.CLOCK_OFFSET}: the clock is moved.",
            hint="Take CLOCK_OFFSET out of the environment.",
            id="core.E001",
        )
    ]

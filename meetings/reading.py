"""Secret minutes on a page or over the API: read by the named group only, and written down (C2)."""

from datetime import datetime

from confidentiality.choices import Level
from confidentiality.operations import disclose
from core.actors import Actor
from meetings.models import Meeting, MinutesVersion
from meetings.queries.minutes import level_of


def note_reading(
    lead: Meeting, version: MinutesVersion, *, number: str, actor: Actor, at: datetime
) -> None:
    """Write down that the actor is shown what this version says, where it is above internal.

    Whoever calls has found that it is for the actor to read: ``Written.is_readable``,
    ``version_for``.
    """
    level = level_of(lead, version)
    if level <= Level.INTERNAL:
        return
    disclose(
        actor=actor,
        at=at,
        name=number,
        sha256=version.sha256,
        rows=len(version.content["items"]),
        level=level,
        branch_id=lead.branch_id,
        is_named=True,
    )

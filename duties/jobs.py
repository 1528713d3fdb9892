"""Work of the clock: notices told once more, by mail."""

from datetime import datetime
from typing import Any

from core import jobs
from core.outbox import post_all
from duties.letters import letters_for
from duties.models import Notice
from duties.queries import unmailed

MARKED_AT_ONCE = 5000


def mail_digests(args: dict[str, Any], at: datetime, progress: jobs.Progress) -> jobs.Effect:
    """One mail to each person of the branches for all notices neither read nor mailed yet.

    A fixed number of statements, however many people (one more for each 5,000 notices).
    """
    notices = unmailed(at, args["branches"])
    letters = letters_for(notices, kind="digest", at=at)
    ids = [notice.pk for notice in notices]

    def write() -> dict[str, Any]:
        for start in range(0, len(ids), MARKED_AT_ONCE):
            batch = ids[start : start + MARKED_AT_ONCE]
            Notice.objects.filter(pk__in=batch, mailed_at__isnull=True).update(mailed_at=at)
        return {"letters": post_all(letters, at=at)}

    return write

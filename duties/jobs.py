"""Work of the clock: notices told once more, by mail."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from core import jobs
from core.formats import short_day
from core.outbox import Addressee, Letter, post_all
from duties.models import Notice
from duties.queries import unmailed

MARKED_AT_ONCE = 5000


def mail_digests(args: dict[str, Any], at: datetime, progress: jobs.Progress) -> jobs.Effect:
    """One mail to each person of the branches for all notices neither read nor mailed yet."""
    notices = unmailed(at, args["branches"])
    letters = digests(notices, at)

    def write() -> dict[str, Any]:
        return {"letters": post_digests(letters, notices, at=at)}

    return write


def digests(notices: Iterable[Notice], at: datetime) -> list[Letter]:
    """A letter to each person, in the person's language; notices come sorted by person."""
    return [
        _digest(list(own), at)
        for _person_id, own in groupby(notices, key=lambda notice: notice.person_id)
    ]


def post_digests(letters: Sequence[Letter], notices: Sequence[Notice], *, at: datetime) -> int:
    """Post the letters and note that these notices were told; in the caller's transaction."""
    ids = [notice.pk for notice in notices]
    for start in range(0, len(ids), MARKED_AT_ONCE):
        batch = ids[start : start + MARKED_AT_ONCE]
        Notice.objects.filter(pk__in=batch, mailed_at__isnull=True).update(mailed_at=at)
    return post_all(letters, at=at)


def _digest(notices: Sequence[Notice], at: datetime) -> Letter:
    person = notices[0].person
    with override(person.language):
        if len(notices) == 1:
            subject = notices[0].title
        else:
            subject = ngettext(
                "%(title)s 等 %(n)s 条通知", "%(title)s 等 %(n)s 条通知", len(notices)
            ) % {"title": notices[0].title, "n": len(notices)}
        body = _("%(name)s，您好：\n\n%(notices)s\n\n闭环 %(day)s\n%(url)s\n") % {
            "name": person.name,
            "notices": "\n\n".join(_paragraph(notice) for notice in notices),
            "day": short_day(at),
            "url": settings.BASE_URL,
        }
    return Letter(
        kind="digest",
        key=f"{person.pk}:{at:%Y-%m-%dT%H:%MZ}",
        language=person.language,
        subject=subject,
        body=body,
        addressees=(Addressee(person.email, person.name, person.pk),),
        not_before=at,
        branch_id=person.branch_id,
    )


def _paragraph(notice: Notice) -> str:
    link = f"{settings.BASE_URL}{notice.url}" if notice.url else ""
    return "\n".join(line for line in (f"· {notice.title}", notice.body, link) if line)

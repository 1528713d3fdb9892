"""Notices as letters: one to each person, in the person's language."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from core.formats import short_day
from core.marked_days import days_marked
from core.outbox import Addressee, Letter
from duties.models import Notice


def letters_for(notices: Iterable[Notice], *, kind: str, at: datetime) -> list[Letter]:
    """A letter to each person with an address; notices come sorted by person.

    ``kind`` and ``at`` make the letter one of its kind: the same posted again is no second one.
    """
    by_person = groupby(notices, key=lambda notice: notice.person_id)
    return [
        _letter(own, kind, at)
        for own in (list(group) for _person_id, group in by_person)
        if own[0].person.email
    ]


def _letter(notices: Sequence[Notice], kind: str, at: datetime) -> Letter:
    person = notices[0].person
    with override(person.language), days_marked(None):
        if len(notices) == 1:
            subject = notices[0].heading
        else:
            subject = ngettext(
                "%(title)s 等 %(n)s 条通知", "%(title)s 等 %(n)s 条通知", len(notices)
            ) % {"title": notices[0].heading, "n": len(notices)}
        body = _("%(name)s，您好：\n\n%(notices)s\n\n闭环 %(day)s\n%(url)s\n") % {
            "name": person.name,
            "notices": "\n\n".join(_paragraph(notice) for notice in notices),
            "day": short_day(at),
            "url": settings.BASE_URL,
        }
    return Letter(
        kind=kind,
        key=f"{kind}:{person.pk}:{at:%Y-%m-%dT%H:%MZ}",
        language=person.language,
        subject=subject,
        body=body,
        addressees=(Addressee(person.email, person.name, person.pk),),
        not_before=at,
        branch_id=person.branch_id,
    )


def _paragraph(notice: Notice) -> str:
    link = f"{settings.BASE_URL}{notice.url}" if notice.url else ""
    return "\n".join(line for line in (f"· {notice.heading}", notice.text, link) if line)

"""A notice for one person, written in every language: it is read in the one spoken then."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils.translation import override

from duties.models import Notice
from organization.models import Person

_TITLE_AT_MOST: Final = 200


def notice_to(
    person: Person,
    *,
    kind: str,
    group: str,
    key: str,
    title: Callable[[], str],
    url: str,
    at: datetime,
    body: str | Callable[[], str] = "",
) -> Notice:
    """The notice, not yet written (duties.operations.notify_all does).

    ``title`` is called with each language in force, the receiver's and the others; so is ``body``
    where it is not what somebody wrote.
    """

    def said(language: str) -> dict[str, str]:
        with override(language):
            return {
                "title": title()[:_TITLE_AT_MOST],
                "body": body if isinstance(body, str) else body(),
            }

    return Notice(
        person=person,
        kind=kind,
        group=group,
        key=key,
        **said(person.language),
        in_other_languages={
            code: said(code) for code, _name in settings.LANGUAGES if code != person.language
        },
        url=url,
        created_at=at,
        updated_at=at,
    )

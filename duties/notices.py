"""A notice for one person, written in that person's language."""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import override

from duties.models import Notice
from organization.models import Person


def notice_to(
    person: Person,
    *,
    kind: str,
    group: str,
    key: str,
    title: Callable[[], str],
    url: str,
    at: datetime,
    body: str = "",
) -> Notice:
    """The notice, not yet written (duties.operations.notify_all does); ``title`` is called
    with the receiver's language in force."""
    with override(person.language):
        return Notice(
            person=person,
            kind=kind,
            group=group,
            key=key,
            title=title()[:200],
            body=body,
            url=url,
            created_at=at,
        )

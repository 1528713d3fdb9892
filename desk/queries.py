"""Reads over all apps for the desk: what is open, what waits, pages by name."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F
from django.utils.module_loading import import_string

from config import tables
from core.actors import Actor
from core.names import firm_keys, search_text
from core.parts import Hit
from desk.ways import address, ways_of
from duties.models import DutyPeriod
from worklogs.belonging import owed_periods
from worklogs.choices import SummaryState
from worklogs.models import Summary, SummaryVersion

HITS_AT_MOST: Final = 12
# What was missed longer ago than this is the board's to show, not the day's.
LOOKS_BACK: Final = timedelta(weeks=4)


def open_summaries(actor: Actor, at: datetime) -> list[DutyPeriod]:
    """Weeks whose summary can be filed and is not, or was given back, oldest first.

    Only weeks at whose deadline the actor was an account manager; one query.
    """
    if actor.person_id is None:
        return []
    done = (
        Summary.objects.filter(manager_id=actor.person_id)
        .exclude(state=SummaryState.RETURNED)
        .values("week")
    )
    return list(
        owed_periods(actor.person_id)
        .filter(opens_at__lte=at, deadline_at__gte=at - LOOKS_BACK)
        .exclude(key__in=done)
    )


def unconfirmed_weeks(actor: Actor) -> list[tuple[str, str]]:
    """Weeks that somebody else filed for the actor and that wait for a yes: (week, name)."""
    rows = (
        SummaryVersion.objects.filter(
            summary__manager_id=actor.person_id,
            number=F("summary__newest"),
            confirmed_at__isnull=True,
        )
        .exclude(filed_by_id=F("summary__manager_id"))
        .order_by("summary__week")
        .values_list("summary__week", "filed_by__name")
    )
    return list(rows)


def search_pages(actor: Actor, words: str, limit: int) -> list[Hit]:
    """Pages by name, pinyin or initials (config.tables.SEARCHES); all of them for no words."""
    found = []
    for way in ways_of(actor):
        label = str(way.label)
        text = search_text(label, firm_keys(label))
        if all(word in text for word in words.lower().split()):
            found.append(Hit(label, "", address(way.route)))
    return found[:limit]


def search_everywhere(actor: Actor, words: str) -> list[dict[str, str]]:
    """Hits of every search of config.tables.SEARCHES, as the palette shows them.

    Without words the pages alone: nobody wants the first twelve customers by name.
    """
    searches: Sequence[str] = tables.SEARCHES if words else ("desk.queries.search_pages",)
    found: list[dict[str, str]] = []
    for path in searches:
        search: Any = import_string(path)
        icon = _ICONS.get(path.partition(".")[0], "arrow-right")
        found += [
            {"title": hit.title, "context": hit.context, "url": hit.url, "icon": icon}
            for hit in search(actor, words, HITS_AT_MOST)
        ]
    return found


_ICONS: Final = {
    "customers": "building",
    "organization": "user",
    "inspections": "alert-triangle",
}

"""Where the pages of a manager's week stand, and with what they begin."""

from typing import Final

from django.urls import NoReverseMatch, reverse

from core.actors import Actor
from worklogs.choices import Standing
from worklogs.entries import SummaryEntry
from worklogs.summary_queries import ManagersWeek

# What the board says of a week, as its chip shows it.
CHIPS: Final = {
    Standing.ON_TIME.value: "on_time",
    Standing.LATE.value: "late",
    Standing.RETURNED.value: "returned",
    Standing.MISSING.value: "missing",
    Standing.NOT_DUE.value: "draft",
}


def address_of(found: ManagersWeek, route: str = "summary-of", *more: object) -> str:
    """A page of this manager's week."""
    return reverse(route, args=[found.week, found.manager.pk, *more])


def home_of(actor: Actor, found: ManagersWeek) -> str:
    """Where the form and the receipt stand for this reader."""
    if actor.person_id == found.manager.pk:
        return reverse("summary", args=[found.week])
    return address_of(found)


def parent_of(actor: Actor, found: ManagersWeek) -> str:
    """The way back: the own weeks, or the branch's board."""
    if actor.person_id != found.manager.pk:
        try:
            return reverse("board", args=[found.week])
        except NoReverseMatch:
            pass
    return reverse("summaries")


def entry_of(found: ManagersWeek) -> SummaryEntry:
    """What the form begins with: the draft, else what was filed."""
    if found.draft is not None:
        return SummaryEntry.from_body(found.draft.body)
    return SummaryEntry() if found.newest is None else SummaryEntry.of_version(found.newest)

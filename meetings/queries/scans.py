"""Scans of a meeting's signed papers."""

from core.actors import Actor
from core.errors import NotFound
from meetings.models import Meeting, Scan
from meetings.queries.minutes import sitting_for


def scans_of(lead: Meeting) -> list[Scan]:
    """What is filed and was not taken out again, oldest first."""
    return list(lead.scans.filter(removed_at__isnull=True).select_related("file", "added_by"))


def scan_for(actor: Actor, meeting_id: int, scan_id: int) -> Scan:
    """One of them; NotFound for whom it does not exist."""
    lead = sitting_for(actor, meeting_id)
    found = next((one for one in scans_of(lead) if one.pk == scan_id), None)
    if found is None:
        raise NotFound
    return found

"""Scans of a meeting's signed papers."""

from core.actors import Actor
from core.errors import NotAllowed, NotFound
from meetings.minutes_permissions import can_read_minutes
from meetings.models import Meeting, Scan
from meetings.queries.minutes import not_to_be_read, sitting_for


def scans_of(lead: Meeting) -> list[Scan]:
    """What is filed and was not taken out again, oldest first."""
    return list(lead.scans.filter(removed_at__isnull=True).select_related("file", "added_by"))


def scan_for(actor: Actor, meeting_id: int, scan_id: int) -> Scan:
    """One of them; NotFound for whom it does not exist, NotAllowed above what he may read."""
    lead = sitting_for(actor, meeting_id)
    found = next((one for one in scans_of(lead) if one.pk == scan_id), None)
    if found is None:
        raise NotFound
    if not can_read_minutes(actor, lead, found.file.level):
        raise NotAllowed(not_to_be_read())
    return found

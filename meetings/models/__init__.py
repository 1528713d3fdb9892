"""Meetings: occurrences, attendance, minutes, what is passed on, calendar feeds."""

from meetings.models.attendance import Absence, Attendee, AttendeeChange, RefusedSignIn
from meetings.models.feeds import CalendarFeed
from meetings.models.minutes import Action, Minutes, MinutesVersion, Scan
from meetings.models.occurrences import Delegation, Meeting
from meetings.models.passed_on import Contribution, Document, DocumentReader

__all__ = [
    "Absence",
    "Action",
    "Attendee",
    "AttendeeChange",
    "CalendarFeed",
    "Contribution",
    "Delegation",
    "Document",
    "DocumentReader",
    "Meeting",
    "Minutes",
    "MinutesVersion",
    "RefusedSignIn",
    "Scan",
]

"""The supervisor's day: the board of the present week."""

from django.http import HttpResponse

from core import clock
from core.periods import Week, local_date
from core.requests import SignedInRequest
from desk.meeting_lines import meeting_lines
from duties.due_queries import due_agenda
from worklogs.views.board import board_page


def home(request: SignedInRequest) -> HttpResponse:
    """Who has filed and who has not; beside it today's meetings and what the
    month wants."""
    at = clock.now()
    due = [*meeting_lines(request.actor, at), *due_agenda(request.actor.somebody, at)]
    return board_page(request, Week.containing(local_date(at)), at, due=due)
